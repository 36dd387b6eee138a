"""Small tools of the benchmarks: the best of several runs, percentiles, peak memory, load."""

import argparse
import json
import os
import sys
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


def simulate(
    about: str | None,
    measure: Callable[[int, int], dict[str, Any]],
    drawn: str,
    usual: int,
    quick: int,
    arguments: list[str] | None = None,
) -> int:
    """Run a simulation as its options say, and print what was found as one line of JSON.

    Args:
        about: The docstring of the part.
        measure: What draws so many of each kind, by a seed.
        drawn: What is drawn, which names the option.
        usual: How many of each kind without an option.
        quick: How many with `--quick`.
        arguments: Words of the command line.
    """
    parser = argparse.ArgumentParser(description=(about or "").partition("\n")[0])
    parser.add_argument(f"--{drawn}", dest="count", type=int, default=usual, help="of each kind")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help=f"{quick} of each kind")
    options = parser.parse_args(arguments)
    began = time.perf_counter()
    found = measure(quick if options.quick else options.count, options.seed)
    sys.stderr.write(f"{time.perf_counter() - began:.0f} s\n")
    sys.stdout.write(json.dumps(found) + "\n")
    return 0
