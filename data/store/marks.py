"""Has anything been filed, explained, confirmed, decided or extended for a month since one looked?

The version of the store changes with every approval, whatever it concerns. A mark of a month stays
while nothing of that month was filed, decided or imported: who keeps what was made of a month's
returns keeps it by this.
"""

import datetime as dt
from typing import Any

import sqlalchemy as sa

from data.periods import months_between
from data.store.database import Store
from data.store.facts import month_of, number_of
from data.store.tables import ANSWERS, CONFIRMATIONS, EXTENSIONS, SUBMISSIONS

Mark = tuple[tuple[Any, ...], ...]


def filing_marks(store: Store, first: dt.date, last: dt.date) -> dict[dt.date, Mark]:
    """Return a mark of each month from first to last; equal marks say that nothing happened.

    Months of which nothing was ever filed have no mark.
    """
    found: dict[dt.date, list[tuple[Any, ...]]] = {}
    within = (number_of(first), number_of(last))
    with store.read() as connection:
        for query in _queries(within):
            for period, *rest in connection.execute(query):
                found.setdefault(month_of(period), []).append(tuple(rest))
        for start, end, *rest in connection.execute(_imports(within)):
            for month in months_between(max(first, month_of(start)), min(last, month_of(end))):
                found.setdefault(month, []).append((start, end, *rest))
    return {period: tuple(entries) for period, entries in found.items()}


def _imports(within: tuple[int, int]) -> sa.Select:
    """Return what else brought approved figures: imported files, which may span many months."""
    at = SUBMISSIONS.c
    return (
        sa.select(at.first_period, at.period, sa.func.count(), sa.func.max(at.id))
        .where(at.kind != "return", at.vintage.is_not(None))
        .where(at.period >= within[0], at.first_period <= within[1])
        .group_by(at.first_period, at.period)
        .order_by(at.first_period, at.period)
    )


def _queries(within: tuple[int, int]) -> list[sa.Select]:
    """Return what is asked of each table that grows while a month is filed."""
    at = SUBMISSIONS.c
    is_return = (at.kind == "return", at.period.between(*within))
    latest = [sa.func.max(at[name]) for name in ("id", "ready_at", "reviewed_at")]
    filed = (
        sa.select(at.period, at.state, sa.func.count(), *latest)
        .where(*is_return)
        .group_by(at.period, at.state)
        .order_by(at.period, at.state)
    )
    more = [
        sa.select(at.period, sa.literal(table.name), sa.func.count())
        .select_from(sa.join(table, SUBMISSIONS, at.id == table.c.submission))
        .where(*is_return)
        .group_by(at.period)
        for table in (CONFIRMATIONS, ANSWERS)
    ]
    given = (
        sa.select(EXTENSIONS.c.period, sa.literal(EXTENSIONS.name), sa.func.count())
        .where(EXTENSIONS.c.period.between(*within))
        .group_by(EXTENSIONS.c.period)
    )
    return [filed, *more, given]
