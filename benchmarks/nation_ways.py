"""The nation's questions, each asked in a process of its own: `python -m benchmarks.nation_ways W`.

The question of `month` and `year`: one share of all 43,219 units of all five levels, from the
Parquet files on disk, for a month or for twelve. Definitions and tree are loaded before the clock
starts, as a server has them; DuckDB and pandas get the tree as a ready table of unit and leaf.
"""

import datetime as dt
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.nation import LEVELS, month_table, units, write_definitions
from benchmarks.nation_store import BASE, FOLDER, MONTHS, TOP, definitions, nation_store
from benchmarks.timing import load, peak_mb, report
from data.access import OPERATOR
from data.catalog import load_catalog
from data.store.snapshot import read_values, refresh
from data.units import tree
from metrics.cube import build_cube
from metrics.figures import compute_figures
from metrics.windows import months_needed

SHARE = "share_03"
TIMES = 3
ANSWER = FOLDER / "answer"


def clocked(work: Callable[[], object]) -> dict[str, float]:
    """Return the first and the best time of a few runs, and the processor time of the best."""
    runs = []
    for _ in range(TIMES):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        runs.append((time.perf_counter() - wall, time.process_time() - cpu))
    wall, cpu = min(runs)
    return {"first": runs[0][0], "seconds": wall, "cpu": cpu}


def ours(periods: list[dt.date], asked: list[str] | None = None) -> Callable[[], pl.DataFrame]:
    """Return our way to the answer: facts, cube, figures."""
    catalog, store = load_catalog(definitions()), nation_store()
    hierarchy = tree(catalog)
    hierarchy.leaves()
    codes = asked or list(hierarchy.codes)

    def work() -> pl.DataFrame:
        months = months_needed(catalog, [SHARE], periods, "month")
        facts = read_values(store, OPERATOR, [TOP, BASE], months=months)
        cube = build_cube(facts, catalog, hierarchy)
        return compute_figures(cube, [SHARE], codes, periods, "month")

    return work


def members() -> pl.DataFrame:
    """Return each unit with each of its leaves."""
    every = units()
    below = every.select("unit", "parent")
    leaf = every.filter(level=LEVELS[-1]).select("unit", leaf="unit")
    found = [leaf]
    for _ in LEVELS[1:]:
        leaf = leaf.join(below, on="unit").select(pl.col("parent").alias("unit"), "leaf")
        found.append(leaf)
    return pl.concat(found)


def files() -> list[str]:
    """Return the snapshot's files that hold current figures."""
    store = nation_store()
    return [str(store.snapshot / part[0]) for part in refresh(store)["current"]]


SQL = """
select m.unit, f.period,
    sum(value) filter (measure = $top) * 100 / nullif(sum(value) filter (measure = $base), 0) share
from read_parquet($files) f join members m on f.unit = m.leaf
where measure in ($top, $base) and period between $first and $last
group by m.unit, f.period
"""


def duckdb_way(periods: list[dt.date]) -> Callable[[], pl.DataFrame]:
    """Return the way of SQL over the same files."""
    import duckdb

    link = duckdb.connect()
    link.register("given", members().to_arrow())
    link.execute("create table members as select * from given")
    given = {"top": TOP, "base": BASE, "files": files(), "first": periods[0], "last": periods[-1]}
    return lambda: pl.from_arrow(link.execute(SQL, given).to_arrow_table())


def pandas_way(periods: list[dt.date]) -> Callable[[], pl.DataFrame]:
    """Return the way of pandas over the same files."""
    import pandas as pd

    table, paths = members().to_pandas(), files()
    columns = ["measure", "unit", "period", "value"]
    wanted = [
        ("measure", "in", [TOP, BASE]),
        ("period", ">=", periods[0]),
        ("period", "<=", periods[-1]),
    ]

    def work() -> pl.DataFrame:
        facts = pd.read_parquet(paths, columns=columns, filters=wanted)
        wide = facts.pivot_table(index=["unit", "period"], columns="measure", values="value")
        rows = table.merge(wide.reset_index(), left_on="leaf", right_on="unit")
        sums = rows.groupby(["unit_x", "period"])[[TOP, BASE]].sum()
        share = (sums[TOP] * 100 / sums[BASE].where(sums[BASE] != 0)).rename("share")
        return pl.from_pandas(share.reset_index().rename(columns={"unit_x": "unit"}))

    return work


def read_file(kind: str) -> dict[str, float]:
    """Return what it takes to read and check a month's file."""
    from data.returns.flat import read_flat

    catalog = load_catalog(definitions())
    path = FOLDER / f"{MONTHS[-1]:%Y-%m}.{kind}"
    table = month_table(MONTHS[-1])
    table.write_csv(path) if kind == "csv" else table.write_parquet(path)
    wall, cpu = time.perf_counter(), time.process_time()
    found = read_flat(path, catalog.forms["monthly"], catalog)
    spent = {"seconds": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    return spent | {"rows": found.facts.height, "findings": found.findings.height}


def import_month(database: str) -> dict[str, float]:
    """Return what it takes to bring a month, as read, into an empty record and its snapshot."""
    from benchmarks.nation import month_facts
    from data.store.database import open_store
    from data.store.loading import import_facts
    from data.store.source import Source

    catalog = load_catalog(definitions())
    facts = month_facts(MONTHS[-1])

    def into(url: str) -> dict[str, float]:
        store = open_store(url)
        store.init("Asia/Shanghai")
        wall, cpu = time.perf_counter(), time.process_time()
        import_facts(store, OPERATOR, facts, catalog.forms["monthly"], Source("month", "", 0))
        return {"seconds": time.perf_counter() - wall, "cpu": time.process_time() - cpu}

    with tempfile.TemporaryDirectory() as folder:
        if database == "sqlite":
            return into(f"sqlite:///{folder}/record.db") | {"rows": facts.height}
        from tests import postgres

        os.environ["KPI_SNAPSHOT"] = f"{folder}/snapshot"
        with postgres.running() as server, server.database() as url:
            return into(url) | {"rows": facts.height}


def answered(name: str, periods: list[dt.date]) -> dict[str, float]:
    """Measure one way and leave its answer for the comparison."""
    way = {"ours": ours, "duckdb": duckdb_way, "pandas": pandas_way}[name](periods)
    start = peak_mb()
    times = clocked(way)
    found = way()
    value = "value" if "value" in found.columns else "share"
    plain = found.select("unit", pl.col("period").cast(pl.Date), share=pl.col(value))
    ANSWER.mkdir(exist_ok=True)
    plain.drop_nulls().sort("unit", "period").write_parquet(
        ANSWER / f"{name}-{len(periods)}.parquet"
    )
    return times | {"start": start}


def kept(name: str, periods: int) -> Path:
    """Return where a way's answer is left."""
    return ANSWER / f"{name}-{periods}.parquet"


def check(periods: int) -> int:
    """Raise unless the three answers are the same; return how many figures each holds."""
    first, *others = (
        pl.read_parquet(ANSWER / f"{name}-{periods}.parquet")
        for name in ("ours", "duckdb", "pandas")
    )
    for other in others:
        if not first.select("unit", "period").equals(other.select("unit", "period")):
            msg = "the answers are not about the same units and months"
            raise ValueError(msg)
        np.testing.assert_allclose(first["share"], other["share"], rtol=1e-9)
    return first.height


def main() -> None:
    """Measure what the command line names."""
    what, *more = sys.argv[1:]
    before = load()
    if what in ("ours", "duckdb", "pandas"):
        found = answered(what, MONTHS[-int(more[0]) :])
    elif what == "page":
        top = [code for code, level in units().select("unit", "level").rows()
               if level in LEVELS[:2]]  # fmt: skip
        found = clocked(ours(MONTHS, top))
    elif what == "read":
        found = read_file(more[0])
    elif what == "import":
        found = import_month(more[0])
    else:
        wall = time.perf_counter()
        load_catalog(write_definitions(Path(tempfile.mkdtemp()) / "definitions"))
        found = {"seconds": time.perf_counter() - wall}
    report(**found, peak=peak_mb(), load=before)


if __name__ == "__main__":
    main()
