"""One collection workbook of 126 stations to its full verdict, with the worker warm.

All stations hang under one district, which files every measure that stations owe in December: 110.
"""

import datetime as dt
import gc
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import polars as pl

from benchmarks.timing import cpu_of, load, percentiles, report, resident_mb
from data.catalog import load_catalog
from data.checks.run import check_return
from data.checks.worker import Worker
from data.definition_types import Catalog, Parent
from data.demo.generate import generate_facts
from data.periods import add_months
from data.returns.read import read_workbook
from data.returns.template import write_template
from data.units import tree as tree_of

PERIOD = dt.date(2023, 12, 1)  # all forms of the year are due
DISTRICT = "yz01"
TIMES = 7


def main() -> None:
    """Write the workbook, check it several times, report where the time goes."""
    plain = load_catalog()
    facts = generate_facts(plain)
    catalog = one_district(plain)
    tree = tree_of(catalog)
    forms = [code for code, form in catalog.forms.items() if "station" in form.filers]
    leaves = pl.col("unit").is_in(tree.leaves(DISTRICT))
    past = pl.col("period").is_between(add_months(PERIOD, -24), PERIOD, closed="left")
    history = facts.filter(leaves & past)
    owed = [code for code, measure in catalog.measures.items() if "station" in measure.filers]
    stations = pl.col("unit").is_in(tree.at_level("station"))
    month = facts.filter(stations & pl.col("measure").is_in(owed) & (pl.col("period") == PERIOD))
    worker = Worker()
    start = time.perf_counter()
    worker.start()
    worker.wait()
    ready = time.perf_counter() - start
    path = Path(tempfile.mkdtemp()) / "return.xlsx"
    write_template(catalog, tree, forms, DISTRICT, PERIOD, path, history, month)
    # As the server does at its start: what is there for good is not looked through again.
    gc.collect()
    gc.freeze()
    reads, whole = [], []
    spent = 0.0
    try:
        for turn in range(TIMES):
            if turn == 1:
                spent = time.process_time() + cpu_of(worker.pid)
            start = time.perf_counter()
            reading = read_workbook(path, catalog, tree)
            read = time.perf_counter()
            checked = check_return(reading, catalog, tree, history, worker)
            if turn:  # the first one still warms the worker's suites
                reads.append((read - start) * 1000)
                whole.append((time.perf_counter() - start) * 1000)
        spent = (time.process_time() + cpu_of(worker.pid) - spent) * 1000 / (TIMES - 1)
        memory = resident_mb(worker.pid)
    finally:
        worker.stop()
    report(
        stations=month["unit"].n_unique(),
        measures=month["measure"].n_unique(),
        cells=checked.facts.height,
        findings=checked.findings.height,
        is_complete=checked.is_complete,
        worker_ready=ready,
        reading=percentiles(reads),
        verdict=percentiles(whole) | {"cpu": spent},
        worker_memory=memory,
        load=load(),
    )


def one_district(catalog: Catalog) -> Catalog:
    """Return the bureau with every station under one district."""
    level = {unit.code: unit.level for unit in catalog.units}
    parents = [
        Parent(p.unit, DISTRICT, p.start, p.end) if level[p.unit] == "station" else p
        for p in catalog.parents
    ]
    return replace(catalog, parents=tuple(parents), digest=f"{catalog.digest}-one-district")


if __name__ == "__main__":
    main()
