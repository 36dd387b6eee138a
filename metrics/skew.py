"""On which scale do the months of a series stand evenly about what is usual?

Money does not sway in a bell: one large loss lifts the mean of a station's year, most months lie
below it, and the next large loss lies beyond any limit drawn as far above as below. So limits of
money are drawn on its cube root, on which sums of skewed amounts are all but even (Wilson and
Hilferty 1931), and stand on the scale of the figures farther above the mean than below; where a
figure hardly varies they are the same. And of any series a run on one side of the mean counts only
as far as it is beyond the median as well, which one large month does not move: of that alone it is
known how seldom chance goes on (`metrics.signal.run_chance`). How often each is wrong:
docs/reading-benchmark.md.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from metrics.plan import Plan
from metrics.signal import (
    LIMIT_TO_SIGMA,
    Limits,
    Points,
    mark_points,
    mean_of,
    median_of,
    xmr_limits,
)

#: A figure is not another one for being computed in another order.
SLACK = 1e-9
#: One in so many months of a base may stand out without being a part of what is usual.
OUT_OF = 6


def base_limits(base: np.ndarray) -> Limits:
    """Return the limits that a base sets: about the mean of the months that do not stand out of it.

    Up to a sixth of the months may stand out, farther from the median than a limit is wide: what
    sets a usual range is what is usual. Moving ranges are screened, unless none but equal months
    would be left: limits on their mean would call every other.

    >>> limits = base_limits(np.array([10.0, 9, 11, 10, 9, 500, 11, 10, 9, 11, 10, 10]))
    >>> float(limits.mean), bool(limits.lower < 9 < limits.upper)
    (10.0, True)
    >>> limits = base_limits(np.array([5.0, 5, 5, 5, 5, 5, 5, 5, 5, 4, 5, 5]))
    >>> bool(limits.lower < 5 < limits.upper)
    True
    """
    found = xmr_limits(base)
    still = found.sigma == 0
    if still.any():
        found = either(still, xmr_limits(base, screen=False), found)
    half = found.upper - found.mean
    stands_out = np.abs(base - median_of(base)[..., None]) > half[..., None] * (1 + SLACK)
    few = stands_out.sum(axis=-1) * OUT_OF <= found.points
    mean = mean_of(np.where(stands_out & few[..., None], np.nan, base))
    return replace(found, mean=mean, lower=mean - half, upper=mean + half)


def either(condition: np.ndarray, one: Limits, other: Limits) -> Limits:
    """Return one set of limits where a condition holds, else the other."""
    names = Limits.__slots__
    return Limits(*(np.where(condition, getattr(one, n), getattr(other, n)) for n in names))


def judge_points(
    plans: Sequence[Plan], level: Limits, told: np.ndarray, points: np.ndarray, in_base: np.ndarray
) -> tuple[Limits, Points]:
    """Return the limits of series on the scale of their figures, and what each point is.

    Needs: the limits of the plain scale; arrays [indicator, unit, month] of the months as they set
    limits, as they are judged, and of which of them are the base. Money that is ever below nought
    stays on its own scale.
    """
    base = np.where(in_base, told, np.nan)
    is_money = np.array([plan.indicator.value_type == "money" for plan in plans])[:, None]
    on_root = is_money & (np.nan_to_num(base).min(axis=-1, initial=0.0) >= 0)
    if not on_root.any():
        return level, mark_points(points, level, SLACK, _middle(points, in_base))
    root = _root_limits(np.cbrt(base))
    judged = either(on_root, replace(root, mean=np.cbrt(level.mean)), level)
    spread = np.maximum(level.sigma, _deviation(base))  # a screened range hides what makes a sum
    is_wide = root.upper > root.lower  # of no width, they lie on the mean to its last digit
    lower, upper = (np.where(is_wide, edge**3, level.mean) for edge in (root.lower, root.upper))
    shown = replace(level, lower=lower, upper=upper, sigma=spread)
    placed = np.where(on_root[..., None], np.cbrt(points), points)
    marks = mark_points(placed, judged, SLACK, _middle(placed, in_base))
    return either(on_root, shown, level), marks


def _root_limits(base: np.ndarray) -> Limits:
    """Return limits of roots; by their deviation where the ranges leave many of them outside.

    Months without a loss stand together: the ranges between them are nought, and the next such
    month would be unusual though every third of the base is one.
    """
    found = base_limits(base)
    low, high = found.lower[..., None], found.upper[..., None]
    out = ((base < low) | (base > high)).sum(axis=-1)
    half = np.maximum(found.upper - found.mean, LIMIT_TO_SIGMA * _deviation(base))
    mean = mean_of(base)
    wide = replace(found, mean=mean, lower=mean - half, upper=mean + half)
    return either(out * OUT_OF > found.points, wide, found)


def pooled_spread(
    months: np.ndarray, parts: Sequence[np.ndarray]
) -> tuple[float, float, int] | None:
    """Return mean, standard deviation about the mean of each part, and degrees of freedom.

    Needs: the months of one series, and which of them each part holds. None where a month is below
    nought, which has no root to be told by, or where too few are left.

    >>> months = np.array([1.0, 3.0, np.nan, 5.0, 9.0])
    >>> parts = months < 4, months > 4
    >>> mean, spread, freedom = pooled_spread(months, parts)
    >>> mean, round(spread**2, 9), freedom  # (1 + 1 + 4 + 4) ÷ 2
    (4.5, 5.0, 2)
    """
    known = [part[~np.isnan(part)] for part in (months[where] for where in parts)]
    every = np.concatenate(known)
    freedom = len(every) - sum(1 for part in known if len(part))
    if freedom < 1 or every.min() < 0:
        return None
    square = sum(float(((part - part.mean()) ** 2).sum()) for part in known if len(part))
    return float(every.mean()), math.sqrt(square / freedom), freedom


def _deviation(base: np.ndarray) -> np.ndarray:
    """Return standard deviations, all months counted."""
    count = (~np.isnan(base)).sum(axis=-1)
    square = mean_of((base - mean_of(base)[..., None]) ** 2)
    return np.sqrt(square * count / np.maximum(1, count - 1))


def _middle(points: np.ndarray, in_base: np.ndarray) -> np.ndarray:
    return median_of(np.where(in_base, points, np.nan))
