"""What does it cost to let nobody pin a small count: cells lost by level and window, and time?

    python -m benchmarks.disclosure_cost [MEASURE ...]

For each measure of flag S of the demonstration bureau, or of KPI_STORE: the cells released, those
that are small (all that a naive table would hide), those hidden to protect them, and how long one
edition takes.
"""

import os
import sys
import time
from collections import Counter

from benchmarks.demo import demo_url
from data.access import OPERATOR
from data.catalog import load_catalog
from data.store.database import open_store
from data.store.snapshot import read_facts
from data.units import tree
from metrics.cube import build_cube
from metrics.releases import SMALL_COUNTS, release_table
from metrics.ties import told_by

KEPT, NAIVE, ALL = "kept", "small", "hidden"


def cost_of(cube, code: str) -> tuple[list[tuple[str, str, int, int, int]], float, int]:
    """Return rows of level, span in filings, cells, small, hidden; the seconds; the unmarked."""
    table = release_table(cube, code)
    start = time.process_time()
    pattern = table.pattern
    took = time.process_time() - start
    cells: Counter = Counter()
    for (unit, (first, last)), value in pattern.values.items():
        key = (cube.tree.level(unit), last - first + 1)
        cells[key, KEPT] += 1
        cells[key, NAIVE] += 0 < value < cube.catalog.bureau.small_cell
        cells[key, ALL] += (unit, (first, last)) in pattern.hidden
    keys = sorted({key for key, _ in cells})
    rows = [
        (level, str(span), cells[(level, span), KEPT], cells[(level, span), NAIVE],
         cells[(level, span), ALL])
        for level, span in keys
    ]  # fmt: skip
    return rows, took, len(pattern.unmarked)


def main() -> None:
    """Print the cost of each measure."""
    catalog = load_catalog()
    flagged = [code for code, item in catalog.measures.items() if SMALL_COUNTS in item.flags]
    codes = sys.argv[1:] or flagged
    store = open_store(os.environ.get("KPI_STORE") or demo_url())
    facts = read_facts(store, OPERATOR, told_by(catalog, codes))
    cube = build_cube(facts, catalog, tree(catalog))
    for code in codes:
        rows, took, unmarked = cost_of(cube, code)
        print(f"{code}: {took:.1f} s of processor time, {unmarked} numbers held unmarked only")
        print("| level | filings | cells | small | hidden | besides |\n|---|---|---|---|---|---|")
        for level, span, kept, small, hidden in rows:
            print(f"| {level} | {span} | {kept} | {small} | {hidden} | {hidden - small} |")


if __name__ == "__main__":
    main()
