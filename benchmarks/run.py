"""Measure every claim on this machine and rewrite docs/benchmarks.md: `make bench`.

The parts `reading` and `units` are no matter of speed: they write docs/reading-benchmark.md.
Seconds belong to a machine; ratios travel. Each part runs in a process of its own, so that the peak
memory is its own.
"""

import json
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from benchmarks.report import write_report
from benchmarks.report_reading import reading_page

ROOT = Path(__file__).resolve().parent.parent
#: How often what is said is wrong: of changes, and of units beside each other.
HONEST = ("reading", "units")
PARTS = ("city", "page", "snapshot", "workbook", "server", "upload", "nation", *HONEST)
LIBRARIES = ("polars", "numpy", "pandas", "duckdb", "streamlit")


def main() -> int:
    """Run the parts named on the command line (all by default) and write the report."""
    wanted = sys.argv[1:] or list(PARTS)
    kept = ROOT / "var" / "benchmarks.json"
    found = json.loads(kept.read_text()) if kept.exists() and sys.argv[1:] else {}
    for part in wanted:
        print(f"{part} …", file=sys.stderr, flush=True)
        found[part] = measure(part)
    found["machine"] = machine()
    kept.parent.mkdir(exist_ok=True)
    kept.write_text(json.dumps(found, indent=1))
    if set(HONEST) <= found.keys():
        _write("reading-benchmark.md", reading_page(*(found[part] for part in HONEST)))
    if set(wanted) - set(HONEST):
        _write("benchmarks.md", write_report(found))
    return 0


def _write(name: str, page: str) -> None:
    """Write a page of the docs, and print it."""
    (ROOT / "docs" / name).write_text(page, encoding="utf-8")
    print(page)


def measure(part: str) -> dict:
    """Return what one part measures, run in a fresh process."""
    command = [sys.executable, "-m", f"benchmarks.{part}_part"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"benchmark '{part}' failed:\n{done.stderr[-4000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def machine() -> dict:
    """Return what the figures were measured on."""
    cpu = Path("/proc/cpuinfo")
    names = [line for line in cpu.read_text().splitlines() if "model name" in line]
    return {
        "cpu": names[0].split(":")[1].strip() if names else platform.processor(),
        "cores": len(names),
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in LIBRARIES},
    }


if __name__ == "__main__":
    sys.exit(main())
