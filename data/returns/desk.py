"""Which returns does a unit owe for a month, when, and how far is each of them?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from data.access import Viewer, may_file
from data.definition_types import Catalog, Form
from data.returns.due import Sheet, due_date, forms_due
from data.store.asked import filed_by
from data.store.database import Store
from data.store.record import extensions, submissions
from data.units import Tree

#: The states of a form, from what asks for action to what is done with.
STATES = (
    *("returned", "to_confirm", "overdue", "due", "partial", "checked"),
    *("confirming", "submitted", "reviewed", "approved"),
)
Forms = Sequence[tuple[Form, Sequence[Sheet]]]
OPEN = frozenset({"returned", "to_confirm", "overdue", "due", "partial", "checked"})


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


def duties(
    store: Store,
    viewer: Viewer,
    catalog: Catalog,
    tree: Tree,
    facts: pl.DataFrame,
    unit: str,
    period: dt.date,
    today: dt.date,
) -> list[Duty]:
    """Return the forms that a unit owes for a month, in the order of the definitions.

    Needs: facts (FACTS as approved, as far as the viewer sees).
    """
    filed = submissions(store, viewer, period).filter(
        pl.col("unit").eq(unit) | pl.col("unconfirmed").list.contains(unit),
        pl.col("kind") == "return",
        pl.col("state") != "replaced",
    )
    rows = filed.reverse().rows(named=True)
    given = extensions(store, viewer, period)
    forms = forms_due(catalog, tree, unit, period)
    approved = _approved(facts, [period])[period]
    return _duties(forms, rows, given, approved, unit, period, today)


def year_duties(
    store: Store,
    viewer: Viewer,
    catalog: Catalog,
    tree: Tree,
    facts: pl.DataFrame,
    unit: str,
    months: Sequence[dt.date],
    today: dt.date,
    forms_of: Callable[[str, dt.date], Forms] | None = None,
) -> dict[dt.date, list[Duty]]:
    """Return what a unit owes for each of some months, so that what was forgotten is seen.

    Needs: facts (FACTS as approved). The record is read once for all months; `submission` tells
    number, form, state and day only. `forms_of` may know by heart what a unit owes for a month.
    """
    filed = filed_by(store, viewer, unit, min(months), max(months)).rows(named=True)
    given = extensions(store, viewer)
    approved = _approved(facts, months)
    return {
        month: _duties(
            forms_of(unit, month) if forms_of else forms_due(catalog, tree, unit, month),
            [row for row in filed if row["period"] == month],
            given,
            approved[month],
            unit,
            month,
            today,
        )
        for month in months
    }


def _approved(
    facts: pl.DataFrame, months: Sequence[dt.date]
) -> dict[dt.date, set[tuple[str, str]]]:
    """Return the cells (unit, measure) that have an approved figure, by month."""
    found: dict[dt.date, set[tuple[str, str]]] = {month: set() for month in months}
    here = facts.filter(pl.col("period").is_in(list(months)), pl.col("value").is_not_null())
    for period, unit, measure in here.select("period", "unit", "measure").iter_rows():
        found[period].add((unit, measure))
    return found


def _duties(
    forms: Forms,
    rows: Sequence[Mapping[str, Any]],
    given: pl.DataFrame,
    approved: set[tuple[str, str]],
    unit: str,
    period: dt.date,
    today: dt.date,
) -> list[Duty]:
    """Return the forms of a month with their days and states; of several rows the last counts."""
    latest = {row["form"]: row for row in rows}
    mine = given.filter(unit=unit, period=period)
    until = dict(mine.group_by("form").agg(pl.col("until").max()).iter_rows())
    found = []
    for form, sheets in forms:
        owed = frozenset[tuple[str, str]]().union(*(sheet.required for sheet in sheets))
        owed = owed or frozenset().union(*(sheet.expected for sheet in sheets))
        known = len(owed & approved)
        due = max(due_date(form, period), until.get(form.code, dt.date.min))
        left = (due - today).days
        row = latest.get(form.code)
        state = _state(row, unit, known, len(owed), left)
        found.append(Duty(form, due, left, state, len(owed), known, row))
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
