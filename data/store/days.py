"""On which days did the approved record change, and since when is a month final?"""

import datetime as dt
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from data.store.audit import parse_timestamp, timestamp
from data.store.database import Store
from data.store.facts import month_of
from data.store.snapshot import end_of_day
from data.store.tables import LOCKS, SUBMISSIONS, is_whole_lock


def approval_days(store: Store) -> list[dt.date]:
    """Return the days on which figures were approved, in the record's time zone, newest first."""
    query = sa.select(SUBMISSIONS.c.vintage).where(SUBMISSIONS.c.vintage.is_not(None)).distinct()
    zone = ZoneInfo(store.timezone)
    with store.read() as connection:
        written = connection.execute(query).scalars().all()
    return sorted({parse_timestamp(text).astimezone(zone).date() for text in written}, reverse=True)


def first_locks(
    store: Store, as_of: dt.date | dt.datetime | None = None
) -> dict[dt.date, dt.datetime]:
    """Return when each month was first locked, as known at the end of a day.

    A month that is revised may be locked again; what came after its first lock is a revision of
    what had been called final.
    """
    query = sa.select(LOCKS.c.period, sa.func.min(LOCKS.c.locked_at)).where(is_whole_lock())
    query = query.group_by(LOCKS.c.period)
    if as_of is not None:
        query = query.where(LOCKS.c.locked_at < timestamp(end_of_day(as_of, store.timezone)))
    with store.read() as connection:
        rows = connection.execute(query).all()
    return {month_of(row[0]): parse_timestamp(row[1]) for row in rows}
