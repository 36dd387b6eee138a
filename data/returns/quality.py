"""How well are returns filed: in time, passed at once, changed later, and what was asked of them?

What counts as what stands in `data.returns.outcomes`; here it is read from the record, as it stands
now, and counted for units and months. How it enters the record: `data.returns.recording`.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from data.access import OPERATOR, Viewer
from data.definition_types import Catalog
from data.periods import months_between
from data.returns.due import due_date, owed_cells
from data.returns.outcomes import CELLS, COUNTS, FILES, KEY, OUTCOMES, VINTAGES, Filed, counts
from data.returns.outcomes import outcomes as outcomes_of
from data.store.database import Store
from data.store.deadlines import extended_days
from data.store.facts import number_of
from data.store.histories import (
    all_returns,
    cells_over,
    changes_over,
    filed_months,
    findings_over,
    returns_over,
    submission_numbers,
)
from data.store.snapshot import stored_rows
from data.units import Tree, tree_at

__all__ = [
    "changes_over",
    "counted",
    "filed_months",
    "findings_over",
    "outcomes",
    "owed_over",
    "returns_over",
]
COUNTED: dict[str, Any] = {"unit": pl.String, "period": pl.Date, **dict.fromkeys(COUNTS, pl.Int64)}


def counted(
    store: Store,
    viewer: Viewer,
    catalog: Catalog,
    tree: Tree,
    first: dt.date,
    last: dt.date | None = None,
    today: dt.date | None = None,
) -> pl.DataFrame:
    """Return how many returns were due, in time, passed at once and revised, as it stands now.

    Rows: one unit that owes returns in one month, within the viewer's sight; null where it cannot
    be known because figures were imported, or where none is due yet.
    """
    found = counts(outcomes(store, viewer, catalog, tree, first, last, today))
    return found.select(pl.col(name).cast(kind) for name, kind in COUNTED.items())


def outcomes(
    store: Store,
    viewer: Viewer,
    catalog: Catalog,
    tree: Tree,
    first: dt.date,
    last: dt.date | None = None,
    today: dt.date | None = None,
) -> pl.DataFrame:
    """Return OUTCOMES: how each return that is owed for the months from first to last stands now.

    Rows: one form of one filing unit in one month, within the viewer's sight. Who owed what follows
    the units of that month, those that were closed since among them.
    """
    last = last or first
    today = today or dt.datetime.now(ZoneInfo(store.timezone)).date()
    owed = owed_over(catalog, tree, viewer, first, last)
    if owed.is_empty():
        return pl.DataFrame(schema=OUTCOMES)
    days = _due_days(store, catalog, tree, owed.select(KEY).unique(maintain_order=True))
    return outcomes_of(owed, days, _filed(store, owed, first, last), today)


def owed_over(
    catalog: Catalog, tree: Tree, viewer: Viewer, first: dt.date, last: dt.date
) -> pl.DataFrame:
    """Return every cell that units within sight owe for the months from first to last.

    Who owes what follows the units of each month; it is worked out once for a tree.
    """
    owed = pl.concat([_owed(catalog, tree, month) for month in months_between(first, last)])
    seen = viewer.sees()
    return owed if seen is None else owed.filter(pl.col("unit").is_in(list(seen)))


def _due_days(store: Store, catalog: Catalog, tree: Tree, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the day on which each form of each unit is due.

    More time given to a unit is given to all units below it: what a district types for its stations
    comes with the district's return.

    Needs: unit, form, period, each once.
    """
    with store.read() as connection:
        given = extended_days(connection)
    days = []
    for unit, form, period in rows.select(KEY).iter_rows():
        chain = (unit, *tree_of(catalog, tree, period).ancestors(unit)) if given else ()
        more = [given[key] for at in chain if (key := (form, at, number_of(period))) in given]
        days.append(max([due_date(catalog.forms[form], period), *map(dt.date.fromisoformat, more)]))
    return rows.select(*KEY, due=pl.Series(days, dtype=pl.Date))


def _owed(catalog: Catalog, tree: Tree, month: dt.date) -> pl.DataFrame:
    """Return every cell that any unit owes for a month; worked out once."""
    key = ("owed", month)
    if key not in tree.memo:
        units = tree_of(catalog, tree, month)
        tree.memo[key] = owed_cells(catalog, units, OPERATOR, month, month)
    return tree.memo[key]


def tree_of(catalog: Catalog, tree: Tree, month: dt.date) -> Tree:
    """Return the units as they were in a month; worked out once."""
    key = ("tree", month)
    if key not in tree.memo:
        tree.memo[key] = tree_at(catalog, month)
    return tree.memo[key]


def _filed(store: Store, owed: pl.DataFrame, first: dt.date, last: dt.date) -> Filed:
    """Return what was filed and approved of the figures that are owed."""
    files = all_returns(store, first, last)
    zone = store.timezone
    ready = pl.col("ready_at").dt.convert_time_zone(zone).dt.date()
    told = files.with_columns(id="submission", filer="unit", ready=ready)
    cells = cells_over(store, first, last)
    return Filed(
        told.select(pl.col(name).cast(kind) for name, kind in FILES.items()),
        cells.select(pl.col(name).cast(kind) for name, kind in CELLS.items()),
        _vintages(store, owed["measure"].unique(), first, last),
        set(files.filter(~pl.col("corrected"))["period"]),
    )


def _vintages(store: Store, measures: Iterable[str], first: dt.date, last: dt.date) -> pl.DataFrame:
    """Return every vintage of the approved figures, and the submission that brought it."""
    rows = stored_rows(
        store, None, measures, every=True, months=(number_of(first), number_of(last))
    )
    number = pl.col("submission").replace_strict(
        submission_numbers(store), default=None, return_dtype=pl.Int64
    )
    rows = rows.select("measure", "definition", "period", of="unit", submission=number)
    return rows.select(pl.col(name).cast(kind) for name, kind in VINTAGES.items())
