"""Which day and hour does the bureau have? The demonstration's day, or the clock's."""

import datetime as dt
from zoneinfo import ZoneInfo

from ui import load


def today() -> dt.date:
    """Return the day that the bureau has: the demonstration's, or the clock's."""
    return load.catalog().bureau.today or dt.datetime.now(_zone()).date()


def now() -> dt.datetime:
    """Return the moment of an act: on the bureau's day at the hour of the clock."""
    return dt.datetime.combine(today(), dt.datetime.now(_zone()).time(), _zone())


def moment(when: dt.datetime | None) -> str:
    """Return a moment in the bureau's time zone; empty for none."""
    return when.astimezone(_zone()).strftime("%Y-%m-%d %H:%M") if when else ""


def _zone() -> ZoneInfo:
    return ZoneInfo(load.catalog().bureau.timezone)
