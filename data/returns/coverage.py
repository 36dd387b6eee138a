"""Who has filed how much of what is owed, in time or not, and whom does one call?

Coverage counts cells: a cell is filled when its figure is approved, or when it stands in a return
that is on its way. What is approved and what waits are told apart, and nothing else counts, so
that no more than what is owed can ever be filled.
"""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from data.access import Viewer, may_see
from data.definition_types import Catalog, Person
from data.returns.quality import outcomes, owed_over
from data.store.database import Store
from data.store.filed import filed_cells, submissions
from data.store.snapshot import read_facts
from data.units import Tree

COVERAGE: dict[str, Any] = {
    "unit": pl.String,
    "form": pl.String,
    "period": pl.Date,
    "due": pl.Date,
    "owed": pl.Int64,
    "approved": pl.Int64,
    "waiting": pl.Int64,
    "filled": pl.Int64,
    "state": pl.String,
    "receipt": pl.String,
    "on_time": pl.Boolean,
    "late_days": pl.Int64,
}
KEY = ["unit", "form", "period"]
#: Somebody has still to act before the unit's figures are on their way.
MISSING = ("due", "overdue", "partial", "checked", "confirming", "returned")


def coverage(
    store: Store,
    viewer: Viewer,
    catalog: Catalog,
    tree: Tree,
    first: dt.date,
    last: dt.date | None = None,
    today: dt.date | None = None,
) -> pl.DataFrame:
    """Return how much of each form that a unit owes for the months from first to last is in.

    Rows: one form of one filing unit within the viewer's sight in one month. `owed` are its cells,
    `approved` and `waiting` those that are in, `filled` both together; `state` is that of the
    latest return that holds its cells, else approved (imported), partial, due or overdue.
    `on_time` is whether it came by the `due` day (extensions counted) as `data.returns.outcomes`
    has it, null where it did not come and the day is not over, or where the figures were imported;
    `late_days` counts from that day to the day on which it came, or to today.
    """
    last = last or first
    today = today or dt.datetime.now(ZoneInfo(store.timezone)).date()
    owed = owed_over(catalog, tree, viewer, first, last)
    if owed.is_empty():
        return pl.DataFrame(schema=COVERAGE)
    cells = filed_cells(store, first, last)
    counted = _counted(store, viewer, owed, cells)
    latest = _latest(store, viewer, owed, cells)
    fates = outcomes(store, viewer, catalog, tree, first, last, today)
    rows = counted.join(latest, on=KEY, how="left", maintain_order="left")
    rows = rows.join(fates, on=KEY, how="left", maintain_order="left", suffix="_of_first")
    judged = _judged(rows, today)
    return judged.select(pl.col(name).cast(kind) for name, kind in COVERAGE.items())


def _counted(store: Store, viewer: Viewer, owed: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
    """Return how many owed cells of each form are approved, and how many are on their way."""
    key = ["of", "measure", "period"]
    months = (owed["period"].min(), owed["period"].max())
    facts = read_facts(store, viewer, owed["measure"].unique(), months=months)  # type: ignore[arg-type]
    approved = facts.select(of="unit", measure="measure", period="period").unique()
    waiting = cells.filter("is_waiting").select(of="unit", measure="measure", period="period")
    marked = owed.join(
        approved.with_columns(is_in=pl.lit(True)), on=key, how="left", maintain_order="left"
    ).join(
        waiting.unique().with_columns(is_near=pl.lit(True)),
        on=key,
        how="left",
        maintain_order="left",
    )
    is_in = pl.col("is_in").fill_null(False)
    is_near = pl.col("is_near").fill_null(False) & ~is_in
    return marked.group_by(KEY, maintain_order=True).agg(
        owed=pl.len(), approved=is_in.sum(), waiting=is_near.sum(), filled=(is_in | is_near).sum()
    )


def _latest(store: Store, viewer: Viewer, owed: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
    """Return the latest return that holds cells a unit owes.

    A unit that has nothing to confirm in a return that waits for others has done its part.
    """
    first, last = owed["period"].min(), owed["period"].max()
    alone: Any = first if first == last else None
    filed = submissions(store, viewer, alone).filter(pl.col("kind") == "return")
    filed = filed.select("id", "receipt", "unconfirmed", "state")
    spoken = cells.select("id", "measure", "period", of="unit")
    pairs = owed.join(spoken, on=["of", "measure", "period"]).select("id", *KEY).unique()
    rows = pairs.join(filed, on="id").sort("id")
    is_done = (pl.col("state") == "confirming") & ~pl.col("unconfirmed").list.contains(
        pl.col("unit")
    )
    state = pl.when(is_done).then(pl.lit("submitted")).otherwise("state")
    return (
        rows.with_columns(filed_state=state)
        .group_by(KEY, maintain_order=True)
        .agg(pl.col("filed_state").last(), pl.col("receipt").last())
    )


def _judged(rows: pl.DataFrame, today: dt.date) -> pl.DataFrame:
    """Return the rows with their state, and how late they are."""
    is_over = pl.col("due") < today
    nothing = (
        pl.when(pl.col("approved") >= pl.col("owed"))
        .then(pl.lit("approved"))
        .when(pl.col("approved") > 0)
        .then(pl.lit("partial"))
        .when(is_over)
        .then(pl.lit("overdue"))
        .otherwise(pl.lit("due"))
    )
    state = pl.coalesce("filed_state", nothing)
    until = pl.coalesce("came", pl.when("is_imported").then(None).otherwise(pl.lit(today)))
    late = (until - pl.col("due")).dt.total_days().clip(lower_bound=0).fill_null(0)
    missed = pl.when(state == "overdue").then(False)
    return rows.with_columns(state=state, on_time=pl.coalesce("on_time", missed), late_days=late)


def chase(
    store: Store,
    viewer: Viewer,
    catalog: Catalog,
    tree: Tree,
    period: dt.date,
    today: dt.date | None = None,
    lang: str = "zh",
) -> pl.DataFrame:
    """Return what is missing for a month and whom to call about it, the latest first.

    Rows: one form of one unit; `person` is a statistician of the unit, or of the nearest one above
    it that has one. Nobody is named but the bureau's own people within the viewer's sight.
    """
    rows = coverage(store, viewer, catalog, tree, period, today=today)
    return to_call(rows, viewer, catalog, tree, lang)


def to_call(
    rows: pl.DataFrame, viewer: Viewer, catalog: Catalog, tree: Tree, lang: str = "zh"
) -> pl.DataFrame:
    """Return the chase list of COVERAGE rows; nobody outside the viewer's sight is named."""
    rows = rows.filter(pl.col("state").is_in(MISSING))
    found = {unit: person_to_call(catalog, tree, unit) for unit in rows["unit"].unique()}
    seen = {
        unit: person
        for unit, person in found.items()
        if person is not None and may_see(viewer, person.unit)
    }
    named = [seen[unit].name.get(lang) if unit in seen else "" for unit in rows["unit"]]
    users = [seen[unit].user if unit in seen else "" for unit in rows["unit"]]
    rows = rows.with_columns(
        pl.Series("person", named, dtype=pl.String), pl.Series("user", users, dtype=pl.String)
    )
    rows = rows.sort("late_days", "due", descending=[True, False], maintain_order=True)
    wanted = ["unit", "form", "period", "due", "late_days", "state", "filled", "owed"]
    return rows.select(*wanted, "person", "user", "receipt")


def person_to_call(catalog: Catalog, tree: Tree, unit: str) -> Person | None:
    """Return who files for a unit: its statistician, else that of the nearest unit above."""
    for code in (unit, *tree.ancestors(unit)):
        homes = {code, tree.own(code)}
        for person in catalog.bureau.people:
            if person.role == "statistician" and person.unit in homes:
                return person
    return None
