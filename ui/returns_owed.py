"""What does the record say of a unit's months: owed, filed, asked? Kept until somebody acts.

A page of a large district is run again at each key stroke; the record is not read each time.
"""

import datetime as dt
from collections import Counter
from typing import Any

import polars as pl

from data.returns.desk import Duty, Owed, duties, owed_forms, year_duties
from data.store.asked import asked_before, filed_by
from data.store.locking import is_locked
from data.store.record import extensions, lock_entries, submissions
from data.store.snapshot import read_facts
from ui import load
from ui.clock import today
from ui.scope import Scope

#: A question that a unit was asked before: its rule, unit and measure.
Asked = tuple[str, str, str]


@load.cached
def _owed(person: str, unit: str, period: dt.date) -> tuple[Owed, ...]:
    facts = read_facts(load.store(), load.viewer(person), months=(period, period))
    return tuple(owed_forms(load.catalog(), load.tree(), facts, unit, period))


def duties_of(scope: Scope, unit: str) -> list[Duty]:
    """Return what a unit owes in the month in scope."""
    return _duties(scope.person, unit, scope.period, today())


@load.until_act
def _duties(person: str, unit: str, period: dt.date, day: dt.date) -> list[Duty]:
    owed = _owed(person, unit, period)
    return duties(load.store(), load.viewer(person), owed, unit, period, day)


def duties_by_month(scope: Scope, unit: str, months: list[dt.date]) -> dict[dt.date, list[Duty]]:
    """Return what a unit owes in each of some months."""
    return _by_month(scope.person, unit, tuple(months), today())


@load.until_act
def _by_month(
    person: str, unit: str, months: tuple[dt.date, ...], day: dt.date
) -> dict[dt.date, list[Duty]]:
    owed = {month: _owed(person, unit, month) for month in months}
    return year_duties(load.store(), load.viewer(person), owed, unit, day)


@load.until_act
def returns_of(person: str, period: dt.date) -> list[dict[str, Any]]:
    """Return what was filed for a month within a person's sight, the newest first."""
    rows = submissions(load.store(), load.viewer(person), period)
    return rows.filter(pl.col("kind") == "return").rows(named=True)


@load.until_act
def more_time(person: str, unit: str, period: dt.date) -> dict[str, str]:
    """Return the reason for which each form of a unit was last given more time."""
    given = extensions(load.store(), load.viewer(person), period)
    mine = given.filter(pl.col("unit") == unit).reverse()
    return dict(mine.select("form", "reason").iter_rows())


@load.until_act
def locked_forms(forms: tuple[str, ...], unit: str, period: dt.date) -> list[str]:
    """Return the forms of which the month is locked: they take no return of a unit any more."""
    entries = lock_entries(load.store(), period)
    return [code for code in forms if is_locked(entries, code, unit)]


@load.until_act
def asked_of(
    person: str, unit: str, first: dt.date, last: dt.date
) -> dict[Asked, tuple[dt.date, str]]:
    """Return what a unit was asked in some months: when for the last time, and what it answered."""
    rows = asked_before(load.store(), load.viewer(person), unit, first, last)
    rows = rows.filter(pl.col("severity") != "info").sort("period", maintain_order=True)
    return {
        (row["rule"], row["unit"] or "", row["measure"] or ""): (row["period"], row["answer"] or "")
        for row in rows.iter_rows(named=True)
    }


@load.until_act
def questions_then(person: str, unit: str, month: dt.date) -> dict[str, int]:
    """Return how many questions each return raised that a unit filed for a month."""
    store, viewer = load.store(), load.viewer(person)
    filed = filed_by(store, viewer, unit, month, month)["form"].unique().to_list()
    rows = asked_before(store, viewer, unit, month, month).filter(severity="query")
    counts = Counter(rows["form"].to_list())
    return {form: counts[form] for form in filed}
