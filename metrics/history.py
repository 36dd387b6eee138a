"""What does an indicator's own monthly history say about a month?

The usual range of a month is set by whole years before its own (the bureau's year), so that it
stays the same all year: by the year before, and by up to two more as long as their level is the
same. Series with seasons are held against what is usual for each month (`metrics.seasonal_base`).
January and February, which a moving festival disturbs and which are never read alone, set no range
there and are no points. With too few points in the year before, the last 24 months serve. Where a
month is partial, the whole history is summed over the leaves that the month has. Months under
another definition, before a unit's borders changed, or before the bureau let the series start
again, are left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from metrics.chance import Z95
from metrics.cube import Cube
from metrics.events import latest_start
from metrics.leafwise import Batch, Leafwise
from metrics.plan import Plan
from metrics.rolls import make_roll
from metrics.rollup import finish, roll_sides, version_range
from metrics.seasonal_base import (
    LEAST_YEARS,
    MOST_YEARS,
    YEAR,
    Season,
    festival_months,
    festival_shares,
    find_season,
)
from metrics.signal import LEAST_POINTS, Limits, Points, mean_of
from metrics.skew import base_limits, either, judge_points
from metrics.spans import Spans
from metrics.structure import crossings
from metrics.windows import open_window

BACK = YEAR * MOST_YEARS + YEAR - 1  # months of history that are opened
FALLBACK = 24  # months that set the limits where the year before is not complete
BASE_YEARS = 3  # whole years that set the limits at most
KEPT, KEPT_VALUES = 6, 20_000  # opened histories that a cube keeps, and how large ones
FULL = 100.0


@dataclass(frozen=True)
class History:
    """The months up to one period: values and denominators [indicator, unit, month].

    `level` are the limits of a month like the year, `usual` those of each month in the figures'
    own scale. The base [indicator, unit] is `since` a month, `until` before another one, and has
    `enough` points or not. `points` are what the months are; those of the festival are none. `told`
    are the months as they set limits: like the year, as the other years say of them.
    """

    months: np.ndarray
    value: np.ndarray
    denominator: np.ndarray
    level: Limits
    usual: Limits
    season: Season | None
    since: np.ndarray
    until: np.ndarray
    enough: np.ndarray
    mean_denominator: np.ndarray
    points: Points
    told: np.ndarray

    @cached_property
    def now(self) -> Limits:
        """The usual range of the last month."""
        parts = (getattr(self.usual, name)[..., -1] for name in Limits.__slots__)
        return Limits(*parts)

    @cached_property
    def reach(self) -> tuple[np.ndarray, np.ndarray]:
        """The smallest and the largest figure of each series."""
        return np.fmin.reduce(self.value, axis=-1), np.fmax.reduce(self.value, axis=-1)


@dataclass(frozen=True, slots=True)
class Opened:
    """All months of history of a batch, opened once for several periods; `found` keeps the last."""

    batch: Batch
    leafwise: Leafwise
    spans: Spans
    units: tuple[str, ...]
    value: np.ndarray
    denominator: np.ndarray
    found: dict[int, History]


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
    """Return the months before and up to the asked ones, as far back as seasons need.

    What a page has just asked of a few series is kept for its next question.
    """
    months = np.arange(asked.min() - max(back, BACK), asked.max() + 1)
    kept = cube.memo.setdefault("histories", {})
    key = (*(plan.indicator.code for plan in plans), *units, int(months[0]), int(months[-1]))
    if key in kept:
        return kept[key]
    batch, (leafwise,), (spans,) = open_window(cube, plans, months, "month")
    value, denominator = _figures(batch, leafwise, spans, units, None)
    opened = Opened(batch, leafwise, spans, tuple(units), value, denominator, {})
    if value.size <= KEPT_VALUES:
        for old in list(kept)[: max(0, len(kept) - KEPT + 1)]:
            kept.pop(old, None)
        kept[key] = opened
    return opened


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
    found = opened.found.get(month)
    if found is None:
        found = _history_at(opened, month)
        opened.found.clear()  # of one month at a time: a page asks for the same again
        if opened.value.size <= KEPT_VALUES:
            opened.found[month] = found
    return found


def _history_at(opened: Opened, month: int) -> History:
    last = month - int(opened.spans.asked[0])
    value, denominator = opened.value, opened.denominator
    leafwise = opened.leafwise
    incomplete = leafwise.due[:, :, last] & ~leafwise.complete[:, :, last]
    if incomplete.any():
        keep = np.broadcast_to(~incomplete[:, :, None], leafwise.due.shape)
        value, denominator = _figures(opened.batch, leafwise, opened.spans, opened.units, keep)
    value = _one_structure(opened, _one_definition(opened, value, last), month)
    value = _since_restart(opened, value, month)
    part = slice(0, last + 1)
    return _read_months(
        opened, opened.spans.asked[part], value[..., part], denominator[..., part], month
    )


def _read_months(
    opened: Opened, months: np.ndarray, value: np.ndarray, denominator: np.ndarray, month: int
) -> History:
    """Return the history of months that can be compared, the last being the one asked."""
    cube = opened.batch.cube
    new_year = year_start(cube, month)
    moved = festival_months(cube.catalog.calendar, months)
    least = least_points(cube)
    season = _season(opened, months, value, new_year, moved)
    adjusted = value if season is None else season.adjusted(value)
    told = value if season is None else season.adjusted(value, is_base=True)
    told, points = (np.where(moved, np.nan, part) for part in (told, adjusted))
    level, since, until = _level(told, points, months, new_year, least)
    in_base = (months >= since[..., None]) & (months < until[..., None])
    level, marks = judge_points(opened.batch.plans, level, told, points, in_base)
    enough = (level.points >= least) & ~np.isnan(level.sigma)
    return History(
        months,
        value,
        denominator,
        level,
        _usual(opened.batch.plans, level, season, value),
        season,
        since,
        until,
        enough,
        mean_of(np.where(in_base, denominator, np.nan)),
        marks,
        told,
    )


def year_start(cube: Cube, month: int) -> int:
    """Return the first month of the bureau's year that a month lies in."""
    return month - (month - (cube.catalog.bureau.year_start - 1)) % YEAR


def least_points(cube: Cube) -> int:
    """Return how many points set limits: those of a year, less the months of a moving festival."""
    return LEAST_POINTS - int(festival_months(cube.catalog.calendar, np.arange(YEAR)).sum())


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


def _since_restart(opened: Opened, value: np.ndarray, month: int) -> np.ndarray:
    """Return the values without the months before the series was last said to start again."""
    start = latest_start(opened.batch.cube, opened.batch.plans, opened.units, month)
    if start is None:
        return value
    return np.where(opened.spans.asked < start[..., None], np.nan, value)


def _season(
    opened: Opened, months: np.ndarray, value: np.ndarray, new_year: int, moved: np.ndarray
) -> Season | None:
    """Return the seasons of the series, unless the bureau wants none."""
    cube, plans = opened.batch.cube, opened.batch.plans
    if not cube.catalog.bureau.seasons or new_year - int(months[0]) < LEAST_YEARS * YEAR:
        return None
    key = ("festival shares", int(months[0]), len(months))
    if key not in cube.memo:
        cube.memo[key] = festival_shares(cube.catalog.calendar, months)
    by_factor = plans[0].shape == "sum"
    return find_season(value, months, new_year, moved, cube.memo[key], by_factor)


def _level(
    told: np.ndarray, points: np.ndarray, months: np.ndarray, new_year: int, least: int
) -> tuple[Limits, np.ndarray, np.ndarray]:
    """Return the limits, the first month of the base, and that after its last one.

    The base is the year before and older years like it: a year joins while its mean is no farther
    from theirs than chance takes two means. A year of which half is missing does not count; where
    there are too few points so, the last months serve.
    """
    in_base = [(months >= new_year - YEAR * k) & (months < new_year) for k in range(BASE_YEARS + 1)]
    found = base_limits(told[..., in_base[1]])
    joins = found.points >= least / 2
    since = np.full(joins.shape, new_year - YEAR)
    for k in range(2, BASE_YEARS + 1):
        older = told[..., in_base[k] & ~in_base[k - 1]]
        if older.shape[-1] < YEAR:
            break
        count, wider = (~np.isnan(older)).sum(axis=-1), base_limits(told[..., in_base[k]])
        error = wider.sigma * np.sqrt(1 / np.maximum(1, count) + 1 / np.maximum(1, found.points))
        is_like = np.abs(mean_of(older) - found.mean) <= Z95 * error
        joins = joins & (count >= least / 2) & is_like
        found = either(joins, wider, found)
        since = np.where(joins, new_year - YEAR * k, since)
    is_full = found.points >= least
    since = np.where(is_full, since, int(months[-1]) - FALLBACK + 1)
    until = np.where(is_full, new_year, int(months[-1]) + 1)
    if not is_full.all():
        found = either(is_full, found, base_limits(points[..., -FALLBACK:]))
    return found, since, until


def _usual(
    plans: Sequence[Plan], level: Limits, season: Season | None, value: np.ndarray
) -> Limits:
    """Return the limits of each month on the scale of the figures.

    What is never negative has no room below nought, a share of cases none above all of them.
    """
    at = level.column()
    times, plus = (1.0, 0.0) if season is None else (season.times, season.plus)
    mean, lower, upper = (edge * times + plus for edge in (at.mean, at.lower, at.upper))
    known = np.nan_to_num(value)
    floor = np.where(known.min(axis=-1, initial=0.0) >= 0, 0.0, -np.inf)[..., None]
    whole = [FULL if plan.indicator.value_type == "percent" else np.inf for plan in plans]
    roof = np.array(whole)[:, None, None]
    roof = np.where(known.max(axis=-1, initial=0.0)[..., None] <= roof, roof, np.inf)
    parts = (mean, np.maximum(lower, floor), np.minimum(upper, roof), at.sigma * times, at.points)
    return Limits(*(np.broadcast_to(part, value.shape) for part in parts))
