"""Which editions has the demonstration bureau published?

One a month, the day after the month was locked. What is frozen is worked out by the caller, who
knows how figures are computed; here stands when, under which name and with which words.
"""

import datetime as dt
from dataclasses import dataclass

from data.demo.history import locked_at
from data.periods import add_months

FIRST, LAST = dt.date(2024, 4, 1), dt.date(2024, 9, 1)
NOTES = {
    dt.date(2024, 4, 1): "首个固定版本。",
    dt.date(2024, 7, 1): "上半年数据随本版复核,部分站所补录了迟登案件。",
    dt.date(2024, 9, 1): "供第三季度考核使用。",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """One edition to be made, as known at the end of a day."""

    name: str
    period: dt.date
    day: dt.date
    note: str


def plans() -> list[Plan]:
    """Return the editions of the demonstration, the oldest first.

    >>> [plan.name for plan in plans()][:2]
    ['2024-04', '2024-05']
    """
    found, period = [], FIRST
    while period <= LAST:
        day = locked_at(period).date() + dt.timedelta(days=1)
        found.append(Plan(f"{period:%Y-%m}", period, day, NOTES.get(period, "")))
        period = add_months(period, 1)
    return found
