"""How does what is counted of returns become figures of the record, with a month's lock or without?

With the lock it becomes final like every other figure of the month, has a vintage, and enters
editions, scores and passports; until then pages count it as it stands (`data.returns.quality`).
"""

import datetime as dt
from zoneinfo import ZoneInfo

import polars as pl

from data.access import OPERATOR, Viewer
from data.definition_types import Catalog
from data.definition_versions import version_at
from data.returns.outcomes import COUNTS, counts
from data.returns.quality import outcomes, tree_of
from data.store.counting import Count, record_counts
from data.store.database import Store
from data.store.facts import LOADED
from data.store.record import lock
from data.units import Tree


def lock_month(
    store: Store,
    viewer: Viewer,
    catalog: Catalog,
    tree: Tree,
    period: dt.date,
    at: dt.datetime | None = None,
) -> int:
    """Make a month final, what is counted of its returns with it; return how many it concerns."""
    count = _count(store, catalog, tree, period, at)
    return lock(store, viewer, period, at, count=count, definitions=catalog.digest)


def record_month(
    store: Store,
    viewer: Viewer,
    catalog: Catalog,
    tree: Tree,
    period: dt.date,
    at: dt.datetime | None = None,
) -> int:
    """Write what is counted of a month's returns into the record without locking the month.

    Returns how many figures that changed.
    """
    count = _count(store, catalog, tree, period, at)
    return record_counts(store, viewer, period, count, catalog.digest, at)


def _count(
    store: Store, catalog: Catalog, tree: Tree, period: dt.date, at: dt.datetime | None
) -> Count:
    """Return what counts a month's returns at a moment, as facts for the record."""

    def count(moment: dt.datetime) -> pl.DataFrame:
        day = moment.astimezone(ZoneInfo(store.timezone)).date()
        day = day if at else catalog.bureau.today or day
        found = outcomes(store, OPERATOR, catalog, tree, period, today=day)
        return as_facts(found, catalog, tree_of(catalog, tree, period))

    return count


def as_facts(found: pl.DataFrame, catalog: Catalog, tree: Tree) -> pl.DataFrame:
    """Return what is counted as facts: a row a unit, month and measure that the bureau defines.

    The forms that were counted stand in `cell`, so that a figure names the returns behind it.

    Needs: OUTCOMES.
    """
    rows = [pl.DataFrame(schema=LOADED)]
    numbers = counts(found)
    for code, mark in COUNTS.items():
        measure = catalog.measures.get(code)
        if measure is None:
            continue
        marked = found.filter(pl.col("is_due") & pl.col(mark).fill_null(False)).sort("form")
        forms = marked.group_by("unit", "period").agg(cell=pl.col("form").str.join(" "))
        facts = numbers.join(forms, on=["unit", "period"], how="left", maintain_order="left")
        versions = [version_at(measure.versions, month) for month in facts["period"]]
        facts = facts.with_columns(
            measure=pl.lit(code),
            definition=pl.Series(versions, dtype=pl.Int64),
            value=pl.col(code),
            sheet=pl.lit(None),
        )
        if measure.value_of:
            levels = [tree.level(unit) for unit in facts["unit"]]
            facts = facts.filter(pl.Series(levels, dtype=pl.String).is_in(list(measure.value_of)))
        rows.append(facts.select(pl.col(name).cast(kind) for name, kind in LOADED.items()))
    return pl.concat(rows)
