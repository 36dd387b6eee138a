"""What does an indicator's own monthly history say about a month?

The usual range of a month is set by the twelve months of the year before its own (the bureau's
year), so that it stays the same all year; with fewer points there, by the last 24 months. Where a
month is partial, the whole history is summed over the leaves that the month has. Months under
another definition, and those before a unit's borders changed, are left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from metrics.cube import Cube
from metrics.leafwise import Batch, Leafwise
from metrics.plan import Plan
from metrics.rolls import make_roll
from metrics.rollup import finish, roll_sides, version_range
from metrics.signal import LEAST_POINTS, Limits, mark_points, xmr_limits
from metrics.spans import Spans
from metrics.structure import crossings
from metrics.windows import open_window

BACK = 36  # months of history that are opened
FALLBACK = 24  # months that set the limits where the year before is not complete


@dataclass(frozen=True, slots=True)
class History:
    """The months up to one period: values and denominators [indicator, unit, month]."""

    months: np.ndarray
    value: np.ndarray
    denominator: np.ndarray
    limits: Limits
    mean_denominator: np.ndarray
    signal: np.ndarray
    side: np.ndarray
    run: np.ndarray


@dataclass(frozen=True, slots=True)
class Opened:
    """All months of history of a batch, opened once for several periods."""

    batch: Batch
    leafwise: Leafwise
    spans: Spans
    units: tuple[str, ...]
    value: np.ndarray
    denominator: np.ndarray


def has_months(plans: Sequence[Plan]) -> bool:
    """Return whether the indicators move from month to month: an input is filed monthly."""
    return any(i.span == 1 and i.over_time != "none" for i in plans[0].inputs)


def open_history(
    cube: Cube,
    plans: Sequence[Plan],
    units: Sequence[str],
    asked: np.ndarray,
    back: int = BACK,
) -> Opened:
    """Return the months before and up to the asked ones, at least three years back."""
    months = np.arange(asked.min() - max(back, BACK), asked.max() + 1)
    batch, (leafwise,), (spans,) = open_window(cube, plans, months, "month")
    value, denominator = _figures(batch, leafwise, spans, units, None)
    return Opened(batch, leafwise, spans, tuple(units), value, denominator)


def _figures(
    batch: Batch,
    leafwise: Leafwise,
    spans: Spans,
    units: Sequence[str],
    keep: np.ndarray | None,
) -> tuple[np.ndarray, np.ndarray]:
    """Return value and denominator by unit and month on the leaves kept."""
    totals, there = roll_sides(batch, leafwise, spans, units, keep)
    _, denominator, value = finish(batch, totals, there, spans)
    return value, denominator


def history_at(opened: Opened, month: int) -> History:
    """Return the history that ends with a month, its limits, and what its last point is."""
    last = month - int(opened.spans.asked[0])
    value, denominator = opened.value, opened.denominator
    leafwise = opened.leafwise
    incomplete = leafwise.due[:, :, last] & ~leafwise.complete[:, :, last]
    if incomplete.any():
        keep = np.broadcast_to(~incomplete[:, :, None], leafwise.due.shape)
        value, denominator = _figures(opened.batch, leafwise, opened.spans, opened.units, keep)
    value = _one_structure(opened, _one_definition(opened, value, last), month)
    part = slice(0, last + 1)
    months, value, denominator = opened.spans.asked[part], value[..., part], denominator[..., part]
    baseline = _baseline(opened.batch.cube, months, month)
    limits, mean_denominator = _limits(value, denominator, baseline)
    points = mark_points(value, limits)
    return History(
        months, value, denominator, limits, mean_denominator,
        points.signal[..., -1], points.side[..., -1], points.run[..., -1],
    )  # fmt: skip


def _one_definition(opened: Opened, value: np.ndarray, last: int) -> np.ndarray:
    """Return the values without the months that were filed under another definition."""
    leafwise, batch = opened.leafwise, opened.batch
    if not leafwise.versions:
        return value
    roll = make_roll(batch.cube, opened.units, all(s.item.own for s in batch.sources))
    value = value.copy()
    for low, high in version_range(leafwise, roll, None):
        value[(low != low[..., last, None]) | (high != low[..., last, None])] = np.nan
    return value


def _one_structure(opened: Opened, value: np.ndarray, month: int) -> np.ndarray:
    """Return the values without the months before anything last crossed a unit's border."""
    found = crossings(opened.batch.cube)
    crossed = {at: found[unit] for at, unit in enumerate(opened.units) if unit in found}
    if not crossed:
        return value
    value, first = value.copy(), int(opened.spans.asked[0])
    for at, changes in crossed.items():
        last = max((change.month for change in changes if change.month <= month), default=first)
        value[:, at, : max(0, last - first)] = np.nan
    return value


def _baseline(cube: Cube, months: np.ndarray, month: int) -> np.ndarray:
    """Return which months of the history are the year before the month's own."""
    new_year = month - (month - (cube.catalog.bureau.year_start - 1)) % 12
    return (months >= new_year - 12) & (months < new_year)


def _limits(
    value: np.ndarray, denominator: np.ndarray, baseline: np.ndarray
) -> tuple[Limits, np.ndarray]:
    """Return the limits and mean denominators: of the year before, else of the last months."""
    year, recent = value[..., baseline], value[..., -FALLBACK:]
    is_full = (~np.isnan(year)).sum(axis=-1) >= LEAST_POINTS
    first, second = xmr_limits(year), xmr_limits(recent)
    fields = ("mean", "lower", "upper", "sigma", "points")
    picked = {f: np.where(is_full, getattr(first, f), getattr(second, f)) for f in fields}
    low = np.where(np.nan_to_num(value, nan=0.0).min(axis=-1) >= 0, 0.0, -np.inf)
    picked["lower"] = np.maximum(picked["lower"], low)
    parts = [denominator[..., baseline], denominator[..., -FALLBACK:]]
    means = [xmr_limits(part).mean for part in parts]
    return Limits(**picked), np.where(is_full, means[0], means[1])
