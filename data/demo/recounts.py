"""Which figures of the demonstration were counted under an earlier definition, and again later?

Until March 2024 face-to-face dissuasions counted alerts with a visit; since then they count visits.
Most districts worked their last twelve months out again under the new definition, two did not.
"""

import datetime as dt
from pathlib import Path

import polars as pl

from data.access import OPERATOR
from data.catalog import Catalog
from data.demo.history import write_flat
from data.returns.flat import read_flat
from data.store.database import Store
from data.store.record import import_facts, lock
from data.store.source import Source

MEASURE = "fraud_dissuade_visits"
VERSION, STARTS, SINCE = 2, dt.date(2024, 4, 1), dt.date(2023, 4, 1)
NOT_RECOUNTED = ("yz03", "yz07")
VISITED = 0.64  # alerts with a visit, of all visits
APPROVED = dt.datetime(2024, 5, 20, 2, 30, tzinfo=dt.UTC)
LOCKED = dt.datetime(2024, 5, 25, 8, 0, tzinfo=dt.UTC)


def as_counted_then(facts: pl.DataFrame) -> pl.DataFrame:
    """Return the facts with the dissuasions of the first definition as they were counted then."""
    is_old = (pl.col("measure") == MEASURE) & (pl.col("period") < STARTS)
    alerts = (pl.col("value") * VISITED).round(0)
    return facts.with_columns(pl.when(is_old).then(alerts).otherwise("value").alias("value"))


def recounted(facts: pl.DataFrame) -> pl.DataFrame:
    """Return the dissuasions that were counted again under the new definition."""
    district = pl.col("unit").str.slice(0, len(NOT_RECOUNTED[0]))
    return facts.filter(
        pl.col("measure") == MEASURE,
        pl.col("period").is_between(SINCE, STARTS, closed="left"),
        ~district.is_in(NOT_RECOUNTED),
    )


def import_recounts(store: Store, catalog: Catalog, facts: pl.DataFrame, folder: Path) -> int:
    """Import the back-casts, lock their months again, and return how many are new."""
    form = catalog.forms[catalog.measures[MEASURE].form]
    path = write_flat(recounted(facts), folder / f"{form.code}_back-cast.csv")
    found = read_flat(path, form, catalog)
    again = found.facts.with_columns(definition=pl.lit(VERSION, pl.Int64))
    scope = again.select("measure", "unit", "period", "definition")
    source = Source.of_path(path)
    report = import_facts(
        store, OPERATOR, again, form, source, APPROVED, scope, definitions=catalog.digest
    )
    path.unlink()
    for period in again["period"].unique().sort():
        lock(store, OPERATOR, period, LOCKED)
    return report.new
