"""Which months does a period, a window or a comparison mean?

A period is the first day of a month; a window is named by its **last** month. Quarters, halves and
years run from the bureau's year start (January in China, April in London).
"""

import datetime as dt
import re

import polars as pl

from data.definition_types import Calendar
from data.parse import nearest
from data.schema import COMPARATOR, WINDOW

SPAN = {"M": 1, "Q": 3, "H": 6, "A": 12}
BLOCK = {"month": 1, "quarter": 3, "half": 6, "ytd": 12, "year": 12}
NO_FESTIVAL = ("", "none")
PERIOD_TEXT = re.compile(r"(\d{4})-(\d{1,2})(?:-\d{1,2})?")


def parse_period(text: str) -> dt.date:
    """Return the first day of a month written as `2024-10`.

    >>> parse_period("2024-10")
    datetime.date(2024, 10, 1)
    """
    found = PERIOD_TEXT.fullmatch(str(text).strip())
    if not found or not 1 <= int(found[2]) <= 12:
        msg = f"period '{text}': expected a month as YYYY-MM, for example 2024-10"
        raise ValueError(msg)
    return dt.date(int(found[1]), int(found[2]), 1)


def format_period(period: dt.date) -> str:
    """Return a month as `2024-10`.

    >>> format_period(dt.date(2024, 10, 1))
    '2024-10'
    """
    return f"{period:%Y-%m}"


def month_number(period: dt.date) -> int:
    """Return months since year 0, so that months can be added and subtracted.

    >>> month_number(dt.date(2024, 10, 1)) - month_number(dt.date(2023, 12, 1))
    10
    """
    return period.year * 12 + period.month - 1


def from_number(number: int) -> dt.date:
    """Return the first day of the month with a number of `month_number`.

    >>> from_number(month_number(dt.date(2024, 10, 1)))
    datetime.date(2024, 10, 1)
    """
    return dt.date(number // 12, number % 12 + 1, 1)


def add_months(period: dt.date, months: int) -> dt.date:
    """Return the month some months later (or earlier, if negative).

    >>> add_months(dt.date(2024, 1, 1), -1)
    datetime.date(2023, 12, 1)
    """
    return from_number(month_number(period) + months)


def months_between(first: dt.date, last: dt.date) -> list[dt.date]:
    """Return every month from the first to the last, both included.

    >>> len(months_between(dt.date(2023, 12, 1), dt.date(2024, 1, 1)))
    2
    """
    return [from_number(number) for number in range(month_number(first), month_number(last) + 1)]


def months_into(period: dt.date, length: int, year_start: int) -> int:
    """Return which month of its block of `length` months a period is, from 1.

    >>> months_into(dt.date(2024, 3, 1), 12, year_start=4)
    12
    """
    return (period.month - year_start) % 12 % length + 1


def window_length(window: str, period: dt.date, year_start: int = 1) -> int:
    """Return how many months a window has at a period; 0 if there is no such window.

    >>> window_length("quarter", dt.date(2024, 5, 1)), window_length("jan_feb", dt.date(2024, 5, 1))
    (2, 0)
    """
    if window in BLOCK:
        return months_into(period, BLOCK[window], year_start)
    if window == "rolling12":
        return 12
    if window == "jan_feb":
        return 2 if period.month == 2 else 0
    if window == "wave":
        return 1
    msg = f"unknown window '{window}'{nearest(window, WINDOW)}; allowed: {', '.join(WINDOW)}"
    raise ValueError(msg)


def window_months(window: str, period: dt.date, year_start: int = 1) -> list[dt.date]:
    """Return the months of a window that ends at a period: quarter, half and year to date.

    >>> [format_period(month) for month in window_months("quarter", dt.date(2024, 5, 1))]
    ['2024-04', '2024-05']
    >>> format_period(window_months("year", dt.date(2024, 3, 1), year_start=4)[0])
    '2023-04'
    """
    length = window_length(window, period, year_start)
    return months_between(add_months(period, 1 - length), period)


def base_period(
    period: dt.date, comparator: str, window: str, year_start: int = 1
) -> dt.date | None:
    """Return the period (last month) of the window that a comparison is made with.

    The previous window of a quarter to date has the same number of elapsed months. None where the
    comparison does not exist, as mom for a year.

    >>> base_period(dt.date(2024, 5, 1), "mom", "quarter")
    datetime.date(2024, 2, 1)
    """
    if comparator == "yoy":
        return add_months(period, -12)
    if comparator == "two_year":
        return add_months(period, -24)
    if comparator == "mom":
        return (
            add_months(period, -BLOCK[window]) if window in ("month", "quarter", "half") else None
        )
    if comparator in COMPARATOR:
        return period
    hint = nearest(comparator, COMPARATOR)
    msg = f"unknown comparator '{comparator}'{hint}; allowed: {', '.join(COMPARATOR)}"
    raise ValueError(msg)


def month_is_due(frequency: str, period: dt.date, year_start: int = 1) -> bool:
    """Return whether a fact of this frequency sits in the month: the last of its span.

    >>> month_is_due("Q", dt.date(2024, 9, 1)), month_is_due("Q", dt.date(2024, 10, 1))
    (True, False)
    """
    length = SPAN[frequency]
    return months_into(period, length, year_start) == length


def span_end(frequency: str, period: dt.date, year_start: int = 1) -> dt.date:
    """Return the last month of the latest span that is complete at a period.

    >>> span_end("Q", dt.date(2024, 8, 1))
    datetime.date(2024, 6, 1)
    """
    length = SPAN[frequency]
    into = months_into(period, length, year_start)
    return period if into == length else add_months(period, -into)


def has_festival(calendar: Calendar) -> bool:
    """Return whether the calendar has a festival that moves between January and February."""
    return calendar.festival not in NO_FESTIVAL


def is_festival_split(
    window: str, period: dt.date, calendar: Calendar, year_start: int = 1
) -> bool:
    """Return whether a window holds exactly one of January and February of one year.

    The festival falls in either month, so such a window is not comparable with another year's.
    """
    if not has_festival(calendar):
        return False
    months = [month for month in window_months(window, period, year_start) if month.month in (1, 2)]
    return len(months) % 2 == 1


def festival_window(window: str, period: dt.date, calendar: Calendar) -> str:
    """Return the window that the default view shows: February becomes January–February.

    January keeps its month window, whose comparisons are withheld: it shows levels only.
    """
    is_joined = window == "month" and period.month == 2 and has_festival(calendar)
    return "jan_feb" if is_joined else window


def is_spring_mom_withheld(period: dt.date, base: dt.date, window: str, year_start: int) -> bool:
    """Return whether a previous-window comparison is disturbed by the festival.

    Not given within January–March, nor when the earlier window holds only one of January and
    February (a quarter to date in April).
    """
    if period.month <= 3:
        return True
    months = window_months(window, base, year_start)
    return sum(month.month in (1, 2) for month in months) == 1


def month_index(period: pl.Expr) -> pl.Expr:
    """Return the month number of a date column, as `month_number` counts.

    >>> pl.select(month_index(pl.lit(dt.date(2024, 10, 1)))).item() == 2024 * 12 + 9
    True
    """
    return period.dt.year().cast(pl.Int64) * 12 + period.dt.month().cast(pl.Int64) - 1
