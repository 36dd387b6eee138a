"""How did a series come to where it is? Its last months with limits and marks, for small pictures.

The reading of the last month comes from `metrics.series.read_series`; a track adds the months
before it, by the same history and limits, for many series at once.
"""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from data.periods import from_number, has_festival, month_number
from data.schema import READING
from metrics.cube import Cube
from metrics.history import FALLBACK, History, Opened, has_months, history_at, open_history
from metrics.plan import Plan
from metrics.reading import NONE, SMALL_COUNT, SMALL_SHARE, UNSURE, is_counted, is_share, word_of
from metrics.signal import LEAST_POINTS, Points, mark_points
from metrics.windows import group_plans


@dataclass(frozen=True, slots=True)
class Track:
    """One series, oldest month first; None is a month without a figure.

    Where `limited` is false a point has no limits; `old` points were filed under another
    definition. `is_small` series have no limits of their own: they are read by exact tests.
    """

    indicator: str
    unit: str
    periods: tuple[dt.date, ...]
    values: tuple[float | None, ...]
    lower: float | None
    centre: float | None
    upper: float | None
    limited: tuple[bool, ...]
    readings: tuple[str, ...]
    old: tuple[bool, ...]
    is_small: bool


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
        points = mark_points(history.value, history.limits)
        start = _first_limited(cube, history, month)
        for place, plan in enumerate(plans):
            for row, unit in enumerate(units):
                cell = (place, row)
                found[plan.indicator.code, unit] = _track(
                    plan, unit, opened, history, points, cell, int(start[cell]), months
                )
    return found


def _first_limited(cube: Cube, history: History, month: int) -> np.ndarray:
    """Return the first month that the limits of each series speak of: their baseline's."""
    new_year = month - (month - (cube.catalog.bureau.year_start - 1)) % 12
    baseline = (history.months >= new_year - 12) & (history.months < new_year)
    full = (~np.isnan(history.value[..., baseline])).sum(axis=-1) >= LEAST_POINTS
    return np.where(full, new_year - 12, month - FALLBACK + 1)


def _track(
    plan: Plan,
    unit: str,
    opened: Opened,
    history: History,
    points: Points,
    cell: tuple[int, int],
    start: int,
    months: int,
) -> Track:
    """Return one series of a batch."""
    part = slice(-months, None)
    numbers, values = history.months[part], history.value[cell][part]
    raw = opened.value[cell][-len(history.months) :][part]
    old = np.isnan(values) & ~np.isnan(raw)
    limits = history.limits
    enough = bool(limits.points[cell] >= LEAST_POINTS)
    limited = (numbers >= start) & ~old & enough
    small = is_small(plan, history, cell)
    judged = (
        limited
        & ~festive_months(opened.batch.cube, numbers)
        & bool(limits.sigma[cell] > 0)
        & (not small)
        & ~np.isnan(values)
    )
    signals, sides = points.signal[cell][part].tolist(), points.side[cell][part].tolist()
    direction = plan.indicator.direction
    readings = tuple(
        READING[NONE if not ok else word_of(side, direction) if signal else UNSURE]
        for ok, signal, side in zip(judged.tolist(), signals, sides, strict=True)
    )
    edges = (limits.lower[cell], limits.mean[cell], limits.upper[cell])
    lower, centre, upper = (_number(edge) if enough else None for edge in edges)
    return Track(
        plan.indicator.code,
        unit,
        tuple(from_number(number) for number in numbers.tolist()),
        tuple(_number(value) for value in np.where(old, raw, values).tolist()),
        lower,
        centre,
        upper,
        tuple(limited.tolist()),
        readings,
        tuple(old.tolist()),
        small,
    )


def festive_months(cube: Cube, numbers: np.ndarray) -> np.ndarray:
    """Return which months a moving festival disturbs, so that none is read by itself."""
    return (numbers % 12 <= 1) & has_festival(cube.catalog.calendar)


def is_small(plan: Plan, history: History, cell: tuple[int, ...]) -> bool:
    """Return whether a series is too small for limits of its own."""
    if is_counted(plan):
        return bool(history.limits.mean[cell] < SMALL_COUNT)
    return is_share(plan) and bool(history.mean_denominator[cell] < SMALL_SHARE)


def _number(value: float) -> float | None:
    """Return a number, or None for NaN."""
    return None if math.isnan(value) else float(value)
