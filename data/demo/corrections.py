"""Which figures of the demonstration's past were filed too low or too high at first?

Cases registered late, thefts sorted anew, repeat calls counted twice: some stations correct a month
before it is locked, some after. Each correction is a flat table with its own day of approval, so
that the record knows both figures; in the end it holds what was generated.
"""

import datetime as dt
from pathlib import Path
from zlib import crc32

import polars as pl

from data.access import OPERATOR
from data.catalog import Catalog
from data.demo.history import FIRST_MONTHLY, by, following, locked_at, write_flat
from data.periods import add_months
from data.returns.flat import read_flat
from data.store.database import Store
from data.store.record import import_facts, lock
from data.store.source import Source

# Measure → of how many stations in a thousand a month is corrected, and which way it was off:
# cases come to light late, so their first figure is too low; the others may err either way.
WRONG_AT_FIRST = {"crim_recorded": (90, -1), "calls_theft": (60, 0), "dis_repeat_calls": (70, 1)}
# One correction in so many comes only after the month was locked.
LATE = 4
BEFORE_LOCK, AFTER_LOCK = 17, 20


def first_filed(facts: pl.DataFrame) -> pl.DataFrame:
    """Return the facts as they were filed at first."""
    slips = slips_of(facts)
    joined = facts.join(slips, on=["measure", "unit", "period"], how="left", maintain_order="left")
    first = pl.coalesce(pl.col("first"), pl.col("value"))
    return joined.with_columns(value=first).select(facts.columns)


def slips_of(facts: pl.DataFrame) -> pl.DataFrame:
    """Return the cells that were wrong at first.

    Rows: measure, unit, period, the `first` figure, and whether its correction came `late`.
    """
    cells = facts.filter(
        pl.col("measure").is_in(list(WRONG_AT_FIRST)) & (pl.col("period") >= FIRST_MONTHLY)
    )
    rows = []
    for measure, unit, period, value in cells.select(
        "measure", "unit", "period", "value"
    ).iter_rows():
        share, way = WRONG_AT_FIRST[measure]
        draw = crc32(f"{measure} {unit} {period}".encode())
        if draw % 1000 >= share:
            continue
        step = 1 + draw // 1000 % 3
        sign = way or (1 if draw // 7 % 2 else -1)
        first = max(0.0, value + sign * step)
        if first != value:
            rows.append((measure, unit, period, first, draw // 11 % LATE == 0))
    schema = {"measure": pl.String, "unit": pl.String, "period": pl.Date, "first": pl.Float64}
    return pl.DataFrame(rows, schema={**schema, "late": pl.Boolean}, orient="row")


def import_corrections(store: Store, catalog: Catalog, facts: pl.DataFrame, folder: Path) -> int:
    """Import what the stations corrected, month by month, and lock again what had been locked.

    Needs: the facts as generated, of the months that came in as flat tables.
    """
    key = ["measure", "unit", "period"]
    right = facts.join(slips_of(facts), on=key).with_columns(
        form=pl.col("measure").replace_strict({c: m.form for c, m in catalog.measures.items()})
    )
    stored = 0
    for period, month in by(right, "period"):
        for late, rows in by(month, "late"):
            moment = _moment(period, late)
            for code, part in by(rows, "form"):
                path = write_flat(
                    part.select(*key, "value"), folder / f"{code}_{period:%Y-%m}_订正.csv"
                )
                table = read_flat(path, catalog.forms[code], catalog)
                source = Source.of_path(path)
                stored += import_facts(
                    store, OPERATOR, table.facts, catalog.forms[code], source, moment,
                    definitions=catalog.digest,
                ).revised  # fmt: skip
                path.unlink()
            if late:
                lock(store, OPERATOR, period, moment + dt.timedelta(hours=2))
    return stored


def _moment(period: dt.date, late: bool) -> dt.datetime:
    """Return when a correction was approved: before its month is locked, or a month after."""
    if late:
        return following(add_months(period, 1), AFTER_LOCK, 2, 30)
    return min(following(period, BEFORE_LOCK, 2, 30), locked_at(period))
