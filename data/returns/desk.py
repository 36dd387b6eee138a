"""Which returns does a unit owe for a month, when, and how far is each of them?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from data.access import Viewer, may_file
from data.definition_types import Catalog, Form
from data.returns.due import cells_owed, due_date, forms_due
from data.store.asked import filed_by
from data.store.database import Store
from data.store.record import extensions, submissions
from data.units import Tree

#: The states of a form, from what asks for action to what is done with.
STATES = (
    *("returned", "to_confirm", "overdue", "due", "partial", "checked"),
    *("confirming", "submitted", "reviewed", "approved"),
)
OPEN = frozenset({"returned", "to_confirm", "overdue", "due", "partial", "checked"})


@dataclass(frozen=True, slots=True)
class Owed:
    """A form that a unit owes for a month: its cells, and how many have an approved figure."""

    form: Form
    cells: int
    known: int


@dataclass(frozen=True, slots=True)
class Duty:
    """A form that is owed: its day (extensions counted), the days left (negative when late).

    `cells` are owed, `known` have an approved figure; `submission` is the latest one, if any: the
    unit's own, or one in which another unit typed its rows and asks it to confirm them.
    """

    form: Form
    due: dt.date
    days_left: int
    state: str
    cells: int
    known: int
    submission: Mapping[str, Any] | None

    @property
    def is_open(self) -> bool:
        """Whether the unit still has to do something."""
        return self.state in OPEN


def filing_unit(viewer: Viewer, unit: str, catalog: Catalog) -> str | None:
    """Return whose return the viewer files when looking at a unit; None for a mere reader."""
    if may_file(viewer, unit):
        return unit
    own = viewer.unit or catalog.bureau.root
    return own if may_file(viewer, own) else None


def owed_forms(
    catalog: Catalog, tree: Tree, facts: pl.DataFrame, unit: str, period: dt.date
) -> list[Owed]:
    """Return the forms that a unit owes for a month, in the order of the definitions.

    Needs: facts (FACTS as approved, of the month at least). Only an approval changes what comes
    back, so that it can be kept.
    """
    here = facts.filter(pl.col("period") == period, pl.col("value").is_not_null())
    approved = set(here.select("unit", "measure").rows())
    found = []
    for form, sheets in forms_due(catalog, tree, unit, period):
        cells = cells_owed(sheets)
        found.append(Owed(form, len(cells), len(cells & approved)))
    return found


def duties(
    store: Store,
    viewer: Viewer,
    owed: Sequence[Owed],
    unit: str,
    period: dt.date,
    today: dt.date,
) -> list[Duty]:
    """Return how far each form is that a unit owes for a month."""
    filed = submissions(store, viewer, period).filter(
        pl.col("unit").eq(unit) | pl.col("unconfirmed").list.contains(unit),
        pl.col("kind") == "return",
        pl.col("state") != "replaced",
    )
    rows = filed.reverse().rows(named=True)
    return _duties(owed, rows, extensions(store, viewer, period), unit, period, today)


def year_duties(
    store: Store,
    viewer: Viewer,
    owed: Mapping[dt.date, Sequence[Owed]],
    unit: str,
    today: dt.date,
) -> dict[dt.date, list[Duty]]:
    """Return how far each form of some months is, so that what was forgotten is seen.

    The record is read once for all months; `submission` tells number, form, state and day only.
    """
    filed = filed_by(store, viewer, unit, min(owed), max(owed)).rows(named=True)
    given = extensions(store, viewer)
    return {
        month: _duties(
            forms, [row for row in filed if row["period"] == month], given, unit, month, today
        )
        for month, forms in owed.items()
    }


def _duties(
    owed: Sequence[Owed],
    rows: Sequence[Mapping[str, Any]],
    given: pl.DataFrame,
    unit: str,
    period: dt.date,
    today: dt.date,
) -> list[Duty]:
    """Return the forms of a month with their days and states; of several rows the last counts."""
    latest = {row["form"]: row for row in rows}
    mine = given.filter(unit=unit, period=period)
    until = dict(mine.group_by("form").agg(pl.col("until").max()).iter_rows())
    found = []
    for part in owed:
        due = max(due_date(part.form, period), until.get(part.form.code, dt.date.min))
        left = (due - today).days
        row = latest.get(part.form.code)
        state = _state(row, unit, part.known, part.cells, left)
        found.append(Duty(part.form, due, left, state, part.cells, part.known, row))
    return found


def _state(row: Mapping[str, Any] | None, unit: str, known: int, owed: int, days_left: int) -> str:
    """Return how far a form is: what was filed last decides, then what is approved."""
    if row is not None and unit in row["unconfirmed"]:
        return "to_confirm"
    if row is not None and row["state"] != "approved":
        return str(row["state"])
    if known >= owed or row is not None:
        return "approved"
    if known:
        return "partial"
    return "overdue" if days_left < 0 else "due"
