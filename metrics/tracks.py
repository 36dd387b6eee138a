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
    band: tuple[tuple[float, ...] | None, ...]
    readings: tuple[str, ...]
    old: tuple[bool, ...]
    is_small: bool

    @property
    def limits(self) -> tuple[float, ...] | None:
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
        batch = _cut(opened, history, months)
        for place, plan in enumerate(plans):
            for row, unit in enumerate(units):
                small = is_small(plan, history, (place, row))
                found[plan.indicator.code, unit] = _track(plan, unit, batch, (place, row), small)
    return found


@dataclass(frozen=True, slots=True)
class _Months:
    """The last months of a batch, as lists [indicator][unit][month]."""

    periods: tuple[dt.date, ...]
    values: list
    old: list
    limited: list
    edges: list
    judged: list
    signal: list
    side: list


def _cut(opened: Opened, history: History, months: int) -> _Months:
    """Return what the tracks of a batch are made of."""
    part = slice(-months, None)
    numbers, values = history.months[part], history.value[..., part]
    raw = opened.value[..., : len(history.months)][..., part]
    blank = np.isnan(values)
    old = blank & ~np.isnan(raw)
    limited = (numbers >= history.since[..., None]) & ~old & history.enough[..., None]
    festive = festival_months(opened.batch.cube.catalog.calendar, numbers)
    usual, points = history.usual, history.points
    edges = np.stack([edge[..., part] for edge in (usual.lower, usual.mean, usual.upper)], axis=-1)
    return _Months(
        tuple(from_number(number) for number in numbers.tolist()),
        np.where(old, raw, values).tolist(),
        old.tolist(),
        limited.tolist(),
        edges.tolist(),
        (limited & ~festive & ~blank).tolist(),
        points.signal[..., part].tolist(),
        points.side[..., part].tolist(),
    )


def _track(plan: Plan, unit: str, batch: _Months, cell: tuple[int, int], small: bool) -> Track:
    """Return one series of a batch."""

    def of(part: list) -> list:
        return part[cell[0]][cell[1]]

    way, marked = plan.indicator.direction, zip(of(batch.signal), of(batch.side), strict=True)
    readings = tuple(
        READING[NONE if small or not ok else word_of(side, way) if signal else UNSURE]
        for ok, (signal, side) in zip(of(batch.judged), marked, strict=True)
    )
    band = tuple(
        tuple(edges) if ok else None
        for ok, edges in zip(of(batch.limited), of(batch.edges), strict=True)
    )
    values = tuple(_number(value) for value in of(batch.values))
    return Track(
        plan.indicator.code, unit, batch.periods, values, band, readings,
        tuple(of(batch.old)), small,
    )  # fmt: skip


def _number(value: float) -> float | None:
    """Return a number, or None for NaN."""
    return None if math.isnan(value) else value
