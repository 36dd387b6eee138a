"""Which published figures of the real sources come out equal, and why do the others not?

`python -m benchmarks.real_data FOLDER` imports every source under the folder of original files
through the reader, the record and the figures of the command line, compares each published table
cell by cell and rewrites docs/real-data.md. Sources may be named after the folder to run a few.
"""

import importlib
import json
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from benchmarks.real.outcome import Outcome

ROOT = Path(__file__).resolve().parent.parent
HERE = Path(__file__).resolve().parent / "real"
# Where each source's original files lie in the folder of all of them.
FOLDERS = {
    "csps": "csps_wellbeing",
    "india": "india_property_recovered",
    "kazakhstan": "kz_regional_returns",
    "london": "mps_london",
    "rio": "isp_rj_municipality",
    "south_africa": "saps_station",
    "taiwan": "taiwan_npa",
}
HEAD = """# Real data

Written by `python -m benchmarks.real_data FOLDER`; do not edit. Each source stands under
`data/examples/NAME` with its definitions, a small extract and its licence; nothing but these
definitions is particular to it. `FOLDER` holds the original files, which are not part of this
repository. Every table that the source publishes, or that was worked out from its files by other
means, is compared cell by cell with what `kpi figures` gives.

*Rows in*: rows or cells read from the files. *Findings*: what the reader and the rules had to say.
*Checked*, *equal*: published figures compared, and those that agree to their last printed digit.

| source | table | rows in | findings | checked | equal | not equal, and why |
|---|---|---:|---:|---:|---:|---|
"""


def main() -> int:
    """Run the sources named (all by default) and rewrite the page."""
    if len(sys.argv) < 2 or not Path(sys.argv[1]).is_dir():
        print("usage: python -m benchmarks.real_data FOLDER [SOURCE …]", file=sys.stderr)
        return 2
    folder = Path(sys.argv[1]).resolve()
    wanted = sys.argv[2:] or sources()
    kept = ROOT / "var" / "real_data.json"
    found = json.loads(kept.read_text()) if kept.exists() else {}
    for name in wanted:
        began = time.perf_counter()
        outcomes = run(name, folder)
        seconds = time.perf_counter() - began
        print(f"{name}: {seconds:.1f} s", file=sys.stderr, flush=True)
        found[name] = {"seconds": seconds, "outcomes": [asdict(item) for item in outcomes]}
    kept.parent.mkdir(exist_ok=True)
    kept.write_text(json.dumps(found, indent=1, ensure_ascii=False), encoding="utf-8")
    text = write_page({name: found[name] for name in sources() if name in found})
    (ROOT / "docs" / "real-data.md").write_text(text, encoding="utf-8")
    print(text)
    return 0


def sources() -> list[str]:
    """Return the sources there are: one module each."""
    names = (path.stem for path in HERE.glob("*.py"))
    return sorted(name for name in names if name not in ("__init__", "outcome", "command"))


def run(name: str, folder: Path) -> list[Outcome]:
    """Return what came of one source, worked in a folder that is thrown away."""
    module = importlib.import_module(f"benchmarks.real.{name}")
    with tempfile.TemporaryDirectory() as work:
        return module.run(folder / FOLDERS[name], Path(work) / name)


def write_page(found: dict[str, dict]) -> str:
    """Return the page: a row a table, a total, and how long each source took."""
    rows, total = [], [0, 0]
    for part in found.values():
        for item in map(_outcome, part["outcomes"]):
            rows.append(_row(item))
            total = [total[0] + item.checked, total[1] + item.equal]
    rows.append(f"| **all** | | | | **{total[0]:,}** | **{total[1]:,}** | |\n")
    times = ", ".join(f"{name} {part['seconds']:.0f} s" for name, part in found.items())
    closing = f"\nTime of one run, import and comparison together: {times}.\n"
    return HEAD + "".join(rows) + closing


def _outcome(entry: dict) -> Outcome:
    return Outcome(**entry)


def _row(item: Outcome) -> str:
    """Return one table's row of the page.

    >>> print(_row(Outcome("kz", "units", 6, 0, 10, 9, {"typed wrong at source": 1})), end="")
    | kz | units | 6 | 0 | 10 | 9 | 1: typed wrong at source |
    """
    why = "; ".join(f"{count:,}: {reason}" for reason, count in item.reasons.items())
    figures = (item.rows_in, item.findings, item.checked, item.equal)
    shown = " | ".join(f"{figure:,}" for figure in figures)
    return f"| {item.source} | {item.what} | {shown} | {why or '–'} |\n"


if __name__ == "__main__":
    sys.exit(main())
