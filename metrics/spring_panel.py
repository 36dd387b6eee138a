"""What does the Indicator page say of a month that the festival disturbs?

January cannot be compared alone; with February the two stand together; March has the whole quarter.
Beside what is reported stand the views that take the festival into account.
"""

import datetime as dt
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import polars as pl

from data.definition_types import Calendar
from data.periods import has_festival
from metrics.compare import compare_figures
from metrics.cube import Cube
from metrics.festival import FESTIVAL_MONTHS, STRETCHES, differs, disturbed
from metrics.spring_views import ViewError, festival_view

Hide = Callable[[pl.DataFrame], pl.DataFrame]
# Month → the rows of its panel: view (reported: no view) and window.
ROWS = {
    1: (("reported", "month"), ("working_days", "month"), ("aligned", "month")),
    2: (
        ("reported", "jan_feb"), ("two_year", "month"), ("working_days", "jan_feb"),
        ("aligned", "month"),
    ),
    3: (
        ("reported", "month"), ("reported", "quarter"), ("working_days", "month"),
        ("aligned", "month"),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Look:
    """One way to look at a month: its CHANGES row, and half the interval of an aligned change."""

    view: str
    window: str
    row: dict[str, Any]
    half: float | None
    said: tuple[str, ...]


def looks(
    cube: Cube, code: str, unit: str, period: dt.date, basis: str, hide: Hide
) -> tuple[Look, ...]:
    """Return the looks at an indicator in January, February or March; those that exist for it."""
    if not has_festival(cube.catalog.calendar) or period.month not in FESTIVAL_MONTHS:
        return ()
    found = []
    for view, window in ROWS[period.month]:
        name = "two_year" if view == "two_year" else "yoy"
        asked = ([code], [unit], [period], window)
        half: float | None = None
        said: tuple[str, ...] = ()
        try:
            if view == "reported":
                frame = compare_figures(cube, *asked, (name,), basis, readings=False)
                said = _marks(cube.catalog.calendar, period, window)
            else:
                seen = festival_view(cube, *asked, view, (name,), basis)
                frame, said = seen.frame, tuple(key for key, _ in seen.said)
                half = seen.half.get((code, unit, period, name))
        except ViewError:
            continue  # not for this kind of indicator
        row = hide(frame).to_dicts()[0]
        found.append(Look(view, window, row, None if row["suppressed"] else half, said))
    return tuple(found)


def _marks(calendar: Calendar, period: dt.date, window: str) -> tuple[str, ...]:
    """Return what marks a month that holds other days of the festival than a year before."""
    base = period.replace(year=period.year - 1)
    if window != "month" or base.year not in calendar.festival_days:
        return ()
    return ("festival.said.differs",) if differs(calendar, period, base) else ()


def festival_days(calendar: Calendar, year: int, years: int = 5) -> pl.DataFrame:
    """Return when the festival was, this year and before, on a common calendar.

    Rows: a stretch of a year: `start` and `end` count months from 1, `said` names the days. Years
    that the calendar does not list are left out.
    """
    rows = []
    lengths = disturbed(calendar, dt.date(min(calendar.festival_days), 1, 1)).lengths
    starts = (-lengths[0], 0, lengths[1])
    for shown in range(year, year - years, -1):
        if shown not in calendar.festival_days:
            continue
        first = calendar.festival_days[shown]
        for name, start, length in zip(STRETCHES, starts, lengths, strict=True):
            begins, ends = first + dt.timedelta(start), first + dt.timedelta(start + length)
            last = ends - dt.timedelta(1)
            said = f"{begins:%m-%d} – {last:%m-%d}"
            rows.append((shown, name, _place(begins), _place(ends), said))
    schema = {"year": pl.Int64, "stretch": pl.String, "start": pl.Float64, "end": pl.Float64}
    return pl.DataFrame(rows, schema={**schema, "said": pl.String}, orient="row")


def _place(day: dt.date) -> float:
    """Return a day's place in a calendar of months: 2.5 is the middle of February.

    >>> _place(dt.date(2024, 1, 1)), _place(dt.date(2024, 2, 15))
    (1.0, 2.4827586206896552)
    """
    return day.month + (day.day - 1) / monthrange(day.year, day.month)[1]
