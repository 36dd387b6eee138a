"""Is a change real: better, worse, up, down, or not to be told from chance?

A month is read against the series' own history (XmR). Small counts, small shares and longer
windows are read by exact tests of the two sides; longer windows of large numbers must also differ
by more than the monthly variation of the series explains. `lower` and `upper` are the range in
which the reading would be `not_significant`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from data.definition_types import Indicator
from data.schema import READING
from metrics.chance import ALPHA, Z95, count_range, share_against, two_counts, two_shares, wilson
from metrics.cube import Cube
from metrics.history import History, has_months, history_at, open_history
from metrics.matched import Matched
from metrics.plan import Plan
from metrics.rollup import Rolled
from metrics.signal import LEAST_POINTS

SMALL_COUNT = 10.0  # a monthly mean below this is read by the exact test
FULL = 100.0
SMALL_SHARE = 30.0  # so is a share of fewer cases a month
COUNTED = ("count", "person")
NONE, BETTER, WORSE, UP, DOWN, UNSURE, SHORT = (
    READING.index(word)
    for word in ("none", "better", "worse", "up", "down", "not_significant", "short_history")
)
exact_counts = lru_cache(maxsize=20_000)(two_counts)
exact_shares = lru_cache(maxsize=20_000)(two_shares)
exact_range = lru_cache(maxsize=20_000)(count_range)


@dataclass(frozen=True, slots=True)
class Read:
    """Readings with the range they were read against: arrays [indicator, unit, period]."""

    lower: np.ndarray
    upper: np.ndarray
    reading: np.ndarray


def word_of(side: float, direction: int) -> int:
    """Return the reading of a real change upwards (+1) or downwards (−1).

    >>> READING[word_of(-1, -1)], READING[word_of(-1, 0)]
    ('better', 'down')
    """
    if side == 0:
        return UNSURE
    if direction == 0:
        return UP if side > 0 else DOWN
    return BETTER if side * direction > 0 else WORSE


def read_changes(
    cube: Cube,
    plans: Sequence[Plan],
    units: Sequence[str],
    asked: np.ndarray,
    window: str,
    matched: Matched,
    months: np.ndarray,
) -> Read:
    """Return the readings of comparisons with an earlier window."""
    shape = matched.current.value.shape
    read = Read(np.full(shape, np.nan), np.full(shape, np.nan), np.full(shape, NONE))
    monthly = has_months(plans)
    opened = open_history(cube, plans, units, asked) if monthly and len(asked) else None
    for period, month in enumerate(asked.tolist()):
        history = history_at(opened, month) if opened else None
        for place, plan in enumerate(plans):
            for row in range(len(units)):
                cell = (place, row, period)
                if math.isnan(matched.current.value[cell]):
                    continue
                lower, upper, word = _read_cell(
                    plan.indicator, plan.shape, matched, cell, history, window, int(months[period])
                )
                read.lower[cell], read.upper[cell], read.reading[cell] = lower, upper, word
    return read


def _read_cell(
    item: Indicator,
    shape: str,
    matched: Matched,
    cell: tuple[int, int, int],
    history: History | None,
    window: str,
    months: int,
) -> tuple[float, float, int]:
    """Return lower, upper and reading of one change."""
    row = cell[:2]
    if history is not None and window == "month" and not _is_small(item, shape, history, row):
        return read_month(item, history, row)
    now, then = matched.current.value[cell], matched.base.value[cell]
    if math.isnan(then):
        return math.nan, math.nan, NONE
    parts = (
        matched.current.numerator[cell],
        matched.current.denominator[cell],
        matched.base.numerator[cell],
        matched.base.denominator[cell],
    )
    tested = _test(item, shape, *parts)
    side = float(np.sign(now - then))
    spread = _window_spread(history, row, shape, months) if window != "month" else None
    if tested is None and spread is None:
        is_short = history is not None and window != "month"
        return math.nan, math.nan, SHORT if is_short else NONE
    lower, upper, is_real = tested or (-math.inf, math.inf, True)
    if spread is not None:
        is_real = is_real and abs(now - then) > Z95 * spread
        lower, upper = min(lower, then - Z95 * spread), max(upper, then + Z95 * spread)
        if tested is None:
            lower, upper = then - Z95 * spread, then + Z95 * spread
    return max(lower, 0.0), upper, word_of(side, item.direction) if is_real else UNSURE


def read_month(item: Indicator, history: History, row: tuple[int, ...]) -> tuple[float, float, int]:
    """Return lower, upper and reading of the last month of a series by its XmR chart."""
    limits = history.limits
    if limits.points[row] < LEAST_POINTS:
        return math.nan, math.nan, SHORT
    lower, upper = float(limits.lower[row]), float(limits.upper[row])
    if item.value_type == "percent" and np.nanmax(history.value[row]) <= FULL:
        upper = min(upper, FULL)  # a share of cases has no room above
    if limits.sigma[row] == 0 or history.signal[row] == 0:
        return lower, upper, UNSURE
    return lower, upper, word_of(float(history.side[row]), item.direction)


def is_counted(item: Indicator, shape: str) -> bool:
    """Return whether the figure is a plain number of cases or people."""
    return shape == "sum" and item.value_type in COUNTED


def is_share(item: Indicator, shape: str) -> bool:
    """Return whether the figure is a percentage of one count in another."""
    return shape == "ratio" and item.value_type == "percent"


def _is_small(item: Indicator, shape: str, history: History, row: tuple[int, ...]) -> bool:
    """Return whether a series is too small for limits of its own."""
    if is_counted(item, shape):
        return bool(history.limits.mean[row] < SMALL_COUNT)
    if is_share(item, shape):
        return bool(history.mean_denominator[row] < SMALL_SHARE)
    return False


def _test(
    item: Indicator, shape: str, a: float, n: float, b: float, m: float
) -> tuple[float, float, bool] | None:
    """Return the usual range and whether the sides differ, by an exact test; None without one."""
    if is_counted(item, shape):
        lower, upper = exact_range(b)
        return lower, upper, exact_counts(a, b) < ALPHA
    if not is_share(item, shape) or not n > 0 or not m > 0:
        return None
    if any(abs(x - round(x)) > 1e-9 for x in (a, n, b, m)):
        return None  # hours or money: not a number of cases
    if a > n or b > m:  # clearances may exceed the cases of the period: two counts at two rates
        lower, upper = exact_range(b, n, m)
        return lower / n * item.scale, upper / n * item.scale, exact_counts(a, b, n, m) < ALPHA
    pooled = (a + b) / (n + m)
    half = Z95 * math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    lower, upper = max(0.0, b / m - half), min(1.0, b / m + half)
    return lower * item.scale, upper * item.scale, exact_shares(a, n, b, m) < ALPHA


def _window_spread(
    history: History | None, row: tuple[int, ...], shape: str, months: int
) -> float | None:
    """Return the standard error of a difference of two windows, from the monthly variation.

    A sum over k months varies by σ√k, a rate by σ/√k.
    """
    if history is None or history.limits.points[row] < LEAST_POINTS:
        return None
    sigma = float(history.limits.sigma[row])
    return sigma * (math.sqrt(2 * months) if shape == "sum" else math.sqrt(2 / months))


def read_against(plans: Sequence[Plan], rolled: Rolled, base: np.ndarray) -> Read:
    """Return the readings of shares against a fixed value: a target or the median of a group.

    The range is the 95 % interval of the share (Wilson); the test is exact.
    """
    shape = rolled.value.shape
    read = Read(np.full(shape, np.nan), np.full(shape, np.nan), np.full(shape, NONE))
    for place, plan in enumerate(plans):
        if not is_share(plan.indicator, plan.shape):
            continue
        item = plan.indicator
        for row, period in np.argwhere(~np.isnan(rolled.value[place]) & ~np.isnan(base[place])):
            cell = (place, row, period)
            k, n = rolled.numerator[cell], rolled.denominator[cell]
            if k > n or abs(k - round(k)) > 1e-9 or abs(n - round(n)) > 1e-9:
                continue
            lower, upper = wilson(k, n)
            read.lower[cell], read.upper[cell] = lower * item.scale, upper * item.scale
            share = base[cell] / item.scale
            is_real = 0 <= share <= 1 and share_against(k, n, share) < ALPHA
            side = float(np.sign(rolled.value[cell] - base[cell]))
            read.reading[cell] = word_of(side, item.direction) if is_real else UNSURE
    return read
