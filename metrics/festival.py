"""How much of a moving festival falls in each month, and which months does that set apart?

The festival disturbs the days around it: some before its first day, the holiday itself, and some
after. From monthly figures nothing can be said of single days; what can be known of each month is
the share of these three stretches of days that falls into it.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from data.definition_types import Calendar
from data.periods import has_festival
from data.said import SpokenError

STRETCHES = ("before", "during", "after")
FESTIVAL_MONTHS = (1, 2, 3)
REGRESSORS = pl.Schema(
    {
        "year": pl.Int64,
        "month": pl.Int64,
        "spring_festival_date": pl.Date,
        **{f"share_{name}": pl.Float64 for name in STRETCHES},
        **{f"centred_{name}": pl.Float64 for name in STRETCHES},
    }
)


class UnknownYearError(SpokenError):
    """The calendar does not say when the festival of a year is: unknown, never guessed."""


@dataclass(frozen=True, slots=True)
class Disturbed:
    """How many days of the festival's stretches fall into one month, of how many in all."""

    days: tuple[int, int, int]
    lengths: tuple[int, int, int]

    @property
    def shares(self) -> tuple[float, ...]:
        """The share of each stretch that falls into the month."""
        return tuple(
            days / length if length else 0.0
            for days, length in zip(self.days, self.lengths, strict=True)
        )

    @property
    def total(self) -> int:
        """All days of the month that the festival disturbs."""
        return sum(self.days)


def disturbed(calendar: Calendar, period: dt.date) -> Disturbed:
    """Return the days of a month that the year's festival disturbs; refuse an unknown year."""
    if not has_festival(calendar):
        return Disturbed((0, 0, 0), _lengths(calendar))
    if period.year not in calendar.festival_days:
        known = sorted(calendar.festival_days)
        listed = f"{known[0]}–{known[-1]}" if known else "–"
        raise UnknownYearError(key="festival.error.unknown_year", year=period.year, listed=listed)
    first = calendar.festival_days[period.year]
    before, during, after = _lengths(calendar)
    starts = (-before, 0, during)
    days = tuple(
        sum(_month_of(first, start + n) == (period.year, period.month) for n in range(length))
        for start, length in zip(starts, (before, during, after), strict=True)
    )
    return Disturbed((days[0], days[1], days[2]), (before, during, after))


def _lengths(calendar: Calendar) -> tuple[int, int, int]:
    """Return how many days there are before, during and after; `after` counts from day one."""
    during = calendar.festival_during
    return calendar.festival_before, during, calendar.festival_after - during + 1


def _month_of(first: dt.date, days: int) -> tuple[int, int]:
    """Return year and month of the day so many days after another."""
    day = first + dt.timedelta(days=days)
    return day.year, day.month


def regressors(
    calendar: Calendar, first: int | None = None, last: int | None = None
) -> pl.DataFrame:
    """Return REGRESSORS: the shares of each year's January to March, plain and centred.

    Rows: one month. Centred shares have the mean of the same month over the years given (all that
    are listed, without years) taken away, so that an average festival leaves a series as it is.
    Source: the three-window regressors that X-13ARIMA-SEATS users make with genhol.
    """
    listed = sorted(calendar.festival_days) if has_festival(calendar) else []
    if not listed:
        return pl.DataFrame(schema=REGRESSORS)
    years = range(listed[0] if first is None else first, (listed[-1] if last is None else last) + 1)
    rows = []
    for year in years:
        for month in FESTIVAL_MONTHS:
            shares = disturbed(calendar, dt.date(year, month, 1)).shares
            rows.append((year, month, calendar.festival_days[year], *shares))
    names = list(REGRESSORS)[: 3 + len(STRETCHES)]
    frame = pl.DataFrame(rows, schema={name: REGRESSORS[name] for name in names}, orient="row")
    return frame.with_columns(
        (pl.col(f"share_{name}") - pl.col(f"share_{name}").mean().over("month")).alias(
            f"centred_{name}"
        )
        for name in STRETCHES
    )


def differs(calendar: Calendar, period: dt.date, base: dt.date) -> bool:
    """Return whether the festival disturbs a month otherwise than the month it is held against.

    Months other than January to March are never disturbed. Refuses an unknown year.
    """
    if not has_festival(calendar) or period.month not in FESTIVAL_MONTHS:
        return False
    return disturbed(calendar, period).days != disturbed(calendar, base).days


def working_days(calendar: Calendar, months: Sequence[dt.date]) -> int | None:
    """Return the official working days of some months; None where a year is not announced yet."""
    found = [calendar.working_days.get(month) for month in months]
    return None if None in found else sum(days for days in found if days is not None)
