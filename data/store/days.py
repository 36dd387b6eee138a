"""On which days did the approved record change, so that figures as of a day make sense?"""

import datetime as dt
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from data.store.audit import parse_timestamp
from data.store.database import Store
from data.store.tables import SUBMISSIONS


def approval_days(store: Store) -> list[dt.date]:
    """Return the days on which figures were approved, in the record's time zone, newest first."""
    query = sa.select(SUBMISSIONS.c.vintage).where(SUBMISSIONS.c.vintage.is_not(None)).distinct()
    zone = ZoneInfo(store.timezone)
    with store.read() as connection:
        written = connection.execute(query).scalars().all()
    return sorted({parse_timestamp(text).astimezone(zone).date() for text in written}, reverse=True)
