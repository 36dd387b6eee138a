"""Which points of a series tell of a real change, and how surprising are they?

The one engine of control charts, for a series that a user brings and for hundreds of the bureau's
own at once. XmR charts by the NHS "Making Data Count" rules: limits at mean ± 2.66 × mean moving
range, points outside them, shifts and trends of seven, two of three beyond two thirds. Arrays are
[series, month]; NaN is a month without a figure, and no point: it ends no run or trend, and no
moving range reaches across it. (Points that a user brings have no months between them: those
without a figure are left out first, as if they were not there.)
"""

import math
from dataclasses import dataclass

import numpy as np

from metrics.chance import student_tail

LEAST_POINTS = 12
RUN = 7
MOVING_RANGE_TO_LIMIT = 2.66
MOVING_RANGE_SCREEN = 3.267
MOVING_RANGE_TO_SIGMA = 1.128
LIMIT_TO_SIGMA = MOVING_RANGE_TO_LIMIT * MOVING_RANGE_TO_SIGMA  # so many σ is a limit off the mean
FREEDOM_PER_RANGE = 0.62  # degrees of freedom that a mean moving range of two points carries
SIGNALS = ("none", "outside", "trend", "two_of_three", "shift")


@dataclass(frozen=True, slots=True)
class Limits:
    """The usual range of each series: arrays by series, NaN where it cannot be told."""

    mean: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    sigma: np.ndarray
    points: np.ndarray

    def column(self) -> "Limits":
        """Return the limits shaped to stand beside months."""
        return Limits(*(part[..., None] for part in (
            self.mean, self.lower, self.upper, self.sigma, self.points
        )))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Points:
    """What each point of a series is: flags by rule, and the one that names it.

    `near` points lie within the limits beyond two thirds of the way to one. `signal` indexes
    SIGNALS; `side` is +1 above or rising, −1 below or falling, 0 common cause; `run` counts the
    points in a row on one side up to and with this one.
    """

    outside: np.ndarray
    near: np.ndarray
    trend: np.ndarray
    two_of_three: np.ndarray
    shift: np.ndarray
    signal: np.ndarray
    side: np.ndarray
    run: np.ndarray


def gathered(values: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """Return the figures of each series moved together to the front, and where each came from.

    The second is None where no figure is missing.

    >>> gathered(np.array([5.0, np.nan, 7.0]))[0].tolist()
    [5.0, 7.0, nan]
    """
    missing = np.isnan(values)
    if not missing.any():
        return values, None
    order = np.argsort(missing, axis=-1, kind="stable")
    return np.take_along_axis(values, order, axis=-1), order


def moving_ranges(values: np.ndarray, screen: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """Return the moving ranges from month to month, and which of them count.

    Across a month without a figure there is none: what moved in two months is not what moves in
    one. Those of 3.267 times their mean or more are screened out once; where all are nought, none.
    """
    ranges = np.abs(np.diff(values, axis=-1))
    kept = ~np.isnan(ranges)
    if screen:
        mean = mean_of(ranges)[..., None]
        kept &= (ranges < MOVING_RANGE_SCREEN * mean) | (mean == 0)
    return ranges, kept


def xmr_limits(baseline: np.ndarray, screen: bool = True) -> Limits:
    """Return the limits that the points of a baseline set; the mean is of all points.

    Where all points are equal the limits lie on them, so that any other one is outside. Source:
    NHSRplotthedots, ptd_spc_standard.

    >>> limits = xmr_limits(np.array([[10.0, 12.0, 11.0, 13.0]]))
    >>> limits.mean[0], round(float(limits.upper[0]), 4)
    (np.float64(11.5), 15.9333)
    """
    points = (~np.isnan(baseline)).sum(axis=-1)
    mean = mean_of(baseline)
    ranges, kept = moving_ranges(baseline, screen)
    spread = mean_of(np.where(kept, ranges, np.nan))
    half = MOVING_RANGE_TO_LIMIT * spread
    return Limits(mean, mean - half, mean + half, spread / MOVING_RANGE_TO_SIGMA, points)


def mean_of(values: np.ndarray) -> np.ndarray:
    """Return means over the last axis, NaN left out; NaN where there is nothing.

    Summed twice in long numbers, so that the mean of equal figures is that figure: a point on the
    mean is on neither side of it.
    """
    there = ~np.isnan(values)
    count = there.sum(axis=-1)
    some = np.maximum(count, 1)
    wide = np.where(there, values, 0.0).astype(np.longdouble)
    mean = wide.sum(axis=-1) / some
    mean += np.where(there, wide - mean[..., None], 0.0).sum(axis=-1) / some
    return np.where(count > 0, mean, np.nan).astype(float)


def median_of(values: np.ndarray, axis: int = -1) -> np.ndarray:
    """Return medians over an axis, NaN left out; NaN where there is nothing.

    >>> median_of(np.array([3.0, np.nan, 1.0, 10.0]))
    array(3.)
    """
    count = (~np.isnan(values)).sum(axis=axis, keepdims=True)
    ordered = np.sort(values, axis=axis)  # NaN last
    low, high = np.maximum(count - 1, 0) // 2, np.minimum(count // 2, np.maximum(count - 1, 0))
    pair = [np.take_along_axis(ordered, at, axis=axis) for at in (low, high)]
    return np.asarray(((pair[0] + pair[1]) / 2).squeeze(axis))


def mark_points(
    values: np.ndarray, limits: Limits, slack: float = 0.0, middle: np.ndarray | None = None
) -> Points:
    """Return the special causes among the points of series with the given limits.

    A label is the first that applies of outside, trend, two of three, shift. `slack` is the part
    of a figure by which it may be off for having been computed: less is no difference. With a
    `middle` of each series a run counts only what is beyond that, too.
    """
    packed, order = gathered(values)
    at = limits.column()
    off = slack * np.abs(at.mean)
    near_low = at.mean - (at.mean - at.lower) * 2 / 3
    near_high = at.mean + (at.upper - at.mean) * 2 / 3
    outside = (packed > at.upper + off) | (packed < at.lower - off)
    away = packed - at.mean
    side = np.nan_to_num(np.where(np.abs(away) > off, np.sign(away), 0.0))
    near = ~outside & ((packed > near_high + off) | (packed < near_low - off))
    run = _run(side if middle is None else _beyond(packed, side, middle[..., None], off))
    shift = _stretch(run >= RUN, RUN)
    moved = np.diff(packed, axis=-1, prepend=np.nan)
    step = np.nan_to_num(np.where(np.abs(moved) > off, np.sign(moved), 0.0))
    trend = _stretch(_run(step) >= RUN - 1, RUN)
    two_of_three = near & _two_of_three(near, side)
    signal = np.select([outside, trend, two_of_three, shift], [1, 2, 3, 4], 0)
    following = np.concatenate([step[..., 1:], step[..., -1:]], axis=-1)
    direction = np.where(_stretch_end(trend, step), step, following)
    where = np.where(signal == 2, direction, side)
    side_told = np.where(signal > 0, where, 0).astype(int)
    found = (outside, near, trend, two_of_three, shift, signal, side_told, run)
    return Points(*found) if order is None else Points(*(_scattered(x, order) for x in found))


def _beyond(
    values: np.ndarray, side: np.ndarray, middle: np.ndarray, off: np.ndarray
) -> np.ndarray:
    """Return sides of the mean, nought where a value is not on that side of the middle as well."""
    away = (values - middle) * side
    return np.where(np.nan_to_num(away) > off, side, 0.0)


def _scattered(packed: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Return what was found of gathered figures at the months that they came from."""
    found = np.empty_like(packed)
    np.put_along_axis(found, order, packed, axis=-1)
    return found


def _run(signs: np.ndarray) -> np.ndarray:
    """Return how many equal signs in a row end at each place; zero breaks a run.

    >>> _run(np.array([1, 1, 0, -1, -1, -1])).tolist()
    [1, 2, 0, 1, 2, 3]
    """
    place = np.arange(signs.shape[-1])
    turns = np.ones(signs.shape, dtype=bool)
    turns[..., 1:] = signs[..., 1:] != signs[..., :-1]
    since = np.maximum.accumulate(np.where(turns, place, 0), axis=-1)
    return np.where(signs == 0, 0, place - since + 1)


def _stretch(ends: np.ndarray, length: int) -> np.ndarray:
    """Return every place of the stretches of a length that end where marked."""
    marked = ends.copy()
    for back in range(1, length):
        marked[..., :-back] |= ends[..., back:]
    return marked


def _stretch_end(trend: np.ndarray, step: np.ndarray) -> np.ndarray:
    """Return where a trend has no following step of its own: its last point."""
    following = np.concatenate([trend[..., 1:], np.zeros_like(trend[..., :1])], axis=-1)
    turns = np.concatenate([step[..., 1:], step[..., -1:]], axis=-1)
    return trend & (~following | (turns == 0))


def _two_of_three(near: np.ndarray, side: np.ndarray) -> np.ndarray:
    """Return the places in windows of three on one side of which two or more are near a limit."""
    found = np.zeros(near.shape, dtype=bool)
    if near.shape[-1] < 3:
        return found
    first, second, third = side[..., :-2], side[..., 1:-1], side[..., 2:]
    same = (first == second) & (second == third) & (first != 0)
    count = near[..., :-2].astype(int) + near[..., 1:-1] + near[..., 2:]
    hit = same & (count >= 2)
    for shift in range(3):
        found[..., shift : near.shape[-1] - 2 + shift] |= hit
    return found


def signal_chance(value: float, mean: float, sigma: float, points: int, run: int = 0) -> float:
    """Return how likely such a point is if nothing has changed (sorts "what really changed").

    The two-sided Student tail of its distance from the mean, widened for how few points set the
    limits (0.62 degrees of freedom per moving range). With a run, also the chance that so many
    new points all lie on one side of the middle of the baseline; the smaller of the two.

    >>> round(signal_chance(20.0, 11.0, 2.0, 12), 4)
    0.0035
    """
    chance = 1.0
    if sigma > 0 and points > 1:
        distance = abs(value - mean) / (sigma * math.sqrt(1 + 1 / points))
        chance = student_tail(distance, max(1, round(FREEDOM_PER_RANGE * (points - 1))))
    return min(chance, run_chance(run, points)) if run >= RUN else chance


def run_chance(run: int, baseline: int) -> float:
    """Return the chance that `run` new points lie all above, or all below, half the baseline.

    Exchangeable points: C(m, k) / C(m + r, k) with k = m / 2, both sides.

    >>> round(run_chance(7, 12), 4)
    0.0681
    """
    half = baseline // 2
    return min(1.0, 2 * math.comb(baseline, half) / math.comb(baseline + run, half))


def assurance(limits_lower: float, limits_upper: float, target: float, direction: int) -> str:
    """Return whether a process can be relied on to meet its target: pass, fail, hit_and_miss.

    Empty for a neutral indicator. The target must lie strictly outside the limits.

    >>> assurance(91.0, 97.0, 98.0, 1)
    'fail'
    """
    if direction == 0 or any(math.isnan(x) for x in (limits_lower, limits_upper, target)):
        return ""
    if target > limits_upper:
        return "fail" if direction > 0 else "pass"
    if target < limits_lower:
        return "pass" if direction > 0 else "fail"
    return "hit_and_miss"
