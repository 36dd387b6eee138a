"""How did a series come to where it is? Its last months with limits and marks, for small pictures.

The reading of the last month comes from `metrics.series.read_series`; a track adds the months
before it, by the same history and limits, for many series at once.
"""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from data.periods import from_number, month_number
from data.schema import READING
from metrics.cube import Cube
from metrics.history import History, Opened, has_months, history_at, open_history
from metrics.plan import Plan
from metrics.reading import NONE, UNSURE, is_small, word_of
from metrics.seasonal_base import festival_months
from metrics.windows import group_plans


@dataclass(frozen=True, slots=True)
class Track:
    """One series, oldest month first; None is a month without a figure.

    `band` holds the lower limit, the centre and the upper limit of each month, None where a point
    has none; `old` points were filed under another definition. `is_small` series have no limits of
    their own: they are read by exact tests.
    """

    indicator: str
    unit: str
    periods: tuple[dt.date, ...]
    values: tuple[float | None, ...]
    band: tuple[tuple[float, float, float] | None, ...]
    readings: tuple[str, ...]
    old: tuple[bool, ...]
    is_small: bool

    @property
    def limits(self) -> tuple[float, float, float] | None:
        """The usual range of the last month."""
        return self.band[-1]


def read_tracks(
    cube: Cube,
    indicators: Sequence[str],
    units: Sequence[str],
    period: dt.date,
    months: int = 24,
) -> dict[tuple[str, str], Track]:
    """Return the tracks up to a month by indicator and unit; figures without months have none."""
    found: dict[tuple[str, str], Track] = {}
    month = month_number(period)
    for plans in group_plans(cube, indicators):
        if plans[0].comparator or not has_months(plans):
            continue
        opened = open_history(cube, plans, units, np.array([month]))
        history = history_at(opened, month)
        for place, plan in enumerate(plans):
            for row, unit in enumerate(units):
                found[plan.indicator.code, unit] = _track(
                    plan, unit, opened, history, (place, row), months
                )
    return found


def _track(
    plan: Plan,
    unit: str,
    opened: Opened,
    history: History,
    cell: tuple[int, int],
    months: int,
) -> Track:
    """Return one series of a batch."""
    part = slice(-months, None)
    numbers, values = history.months[part], history.value[cell][part]
    raw = opened.value[cell][-len(history.months) :][part]
    old = np.isnan(values) & ~np.isnan(raw)
    limited = (numbers >= history.since[cell]) & ~old & bool(history.enough[cell])
    small = is_small(plan, history, cell)
    festive = festival_months(opened.batch.cube.catalog.calendar, numbers)
    judged = limited & ~festive & (not small) & ~np.isnan(values)
    points = history.points
    signals, sides = points.signal[cell][part].tolist(), points.side[cell][part].tolist()
    direction = plan.indicator.direction
    readings = tuple(
        READING[NONE if not ok else word_of(side, direction) if signal else UNSURE]
        for ok, signal, side in zip(judged.tolist(), signals, sides, strict=True)
    )
    usual = (history.usual.lower, history.usual.mean, history.usual.upper)
    edges = [edge[cell][part].tolist() for edge in usual]
    band = tuple(
        edge if ok else None
        for ok, edge in zip(limited.tolist(), zip(*edges, strict=True), strict=True)
    )
    return Track(
        plan.indicator.code,
        unit,
        tuple(from_number(number) for number in numbers.tolist()),
        tuple(_number(value) for value in np.where(old, raw, values).tolist()),
        band,
        readings,
        tuple(old.tolist()),
        small,
    )


def _number(value: float) -> float | None:
    """Return a number, or None for NaN."""
    return None if math.isnan(value) else float(value)
