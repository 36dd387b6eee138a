"""What does a unit owe for a month, and how much of it is approved? Kept until an approval."""

import datetime as dt

from data.returns.desk import Duty, Owed, duties, owed_forms, year_duties
from data.store.snapshot import read_facts
from ui import load
from ui.clock import today
from ui.scope import Scope


@load.cached
def _owed(person: str, unit: str, period: dt.date) -> tuple[Owed, ...]:
    facts = read_facts(load.store(), load.viewer(person), months=(period, period))
    return tuple(owed_forms(load.catalog(), load.tree(), facts, unit, period))


def duties_of(scope: Scope, unit: str) -> list[Duty]:
    """Return what a unit owes in the month in scope."""
    owed = _owed(scope.person, unit, scope.period)
    viewer = load.viewer(scope.person)
    return duties(load.store(), viewer, owed, unit, scope.period, today())


def duties_by_month(scope: Scope, unit: str, months: list[dt.date]) -> dict[dt.date, list[Duty]]:
    """Return what a unit owes in each of some months."""
    owed = {month: _owed(scope.person, unit, month) for month in months}
    return year_duties(load.store(), load.viewer(scope.person), owed, unit, today())
