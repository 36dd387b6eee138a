"""Small tools of the benchmarks: the best of several runs, percentiles, peak memory, load."""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def best(run: Callable[[], Any], times: int = 3) -> dict[str, float]:
    """Return the shortest wall time and the processor time of that run, in seconds."""
    runs = []
    for _ in range(times):
        wall, cpu = time.perf_counter(), time.process_time()
        run()
        runs.append((time.perf_counter() - wall, time.process_time() - cpu))
    wall, cpu = min(runs)
    return {"seconds": wall, "cpu": cpu}


def spread(run: Callable[[], Any], times: int = 60) -> dict[str, float]:
    """Return median and 95th percentile of many runs, and their mean processor time, in ms."""
    walls, cpu = [], time.process_time()
    for _ in range(times):
        start = time.perf_counter()
        run()
        walls.append((time.perf_counter() - start) * 1000)
    spent = (time.process_time() - cpu) * 1000 / times
    return percentiles(walls) | {"cpu": spent}


def percentiles(values: list[float]) -> dict[str, float]:
    """Return median and 95th percentile.

    >>> percentiles([1.0, 2.0, 3.0])
    {'p50': 2.0, 'p95': 3.0}
    """
    ordered = sorted(values)
    return {"p50": ordered[len(ordered) // 2], "p95": ordered[int(len(ordered) * 0.95)]}


def peak_mb() -> float:
    """Return the peak memory of this process in MB (not that of the one which started it)."""
    return _status(os.getpid(), "VmHWM")


def load() -> float:
    """Return how many processes want to run, one-minute mean: over the cores, figures suffer."""
    return os.getloadavg()[0]


def report(**found: Any) -> None:
    """Print what was measured, for `benchmarks.run`."""
    print(json.dumps(found))


def cpu_of(pid: int) -> float:
    """Return the processor seconds that a running process has used, its threads together."""
    with Path(f"/proc/{pid}/stat").open() as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mb(pid: int) -> float:
    """Return the memory of a running process in MB."""
    return _status(pid, "VmRSS")


def _status(pid: int, field: str) -> float:
    """Return a memory field of a process in MB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(field)).split()[1]) / 1024
