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
from metrics.chance import (
    ALPHA,
    Z95,
    count_range,
    normal_tail,
    share_against,
    two_counts,
    two_shares,
    wilson,
)
from metrics.cube import Cube
from metrics.history import History, has_months, history_at, open_history
from metrics.matched import Matched
from metrics.plan import Plan
from metrics.rollup import Rolled
from metrics.signal import LEAST_POINTS, SIGNALS, signal_chance

SMALL_COUNT = 10.0  # a monthly mean below this is read by the exact test
FULL = 100.0
SMALL_SHARE = 30.0  # so is a share of fewer cases a month
WHOLE = 1e-9  # how far from a whole number a number of cases may be
KINDS = (*SIGNALS, "against_base")
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
    """Readings with the range they were read against: arrays [indicator, unit, period].

    `chance` is how likely such a figure is if nothing changed, `signal` indexes KINDS, `run`
    counts the points in a row on one side of the mean, `mean` is the middle of the range.
    """

    lower: np.ndarray
    upper: np.ndarray
    reading: np.ndarray
    chance: np.ndarray
    signal: np.ndarray
    side: np.ndarray
    run: np.ndarray
    mean: np.ndarray


@dataclass(frozen=True, slots=True)
class Cell:
    """The reading of one figure."""

    lower: float = math.nan
    upper: float = math.nan
    reading: int = NONE
    chance: float = math.nan
    signal: int = 0
    side: int = 0
    run: int = 0
    mean: float = math.nan


def blank_read(shape: tuple[int, ...]) -> Read:
    """Return readings that say nothing."""
    blanks = (getattr(Cell(), name) for name in Cell.__slots__)
    return Read(*(np.full(shape, blank) for blank in blanks))


def silence(read: Read, where: np.ndarray | None) -> None:
    """Take back what was read where structure bars it (unit × period).

    That a history is too short remains said.
    """
    if where is None:
        return
    barred = (where != 0) & (read.reading != SHORT)
    for name in Cell.__slots__:
        getattr(read, name)[barred] = getattr(Cell(), name)


def _put(read: Read, cell: tuple[int, ...], found: Cell) -> None:
    """Write the reading of one figure into the arrays."""
    for name in Cell.__slots__:
        getattr(read, name)[cell] = getattr(found, name)


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
    rolled: Rolled,
    matched: Matched,
    months: np.ndarray,
) -> Read:
    """Return the readings of comparisons with an earlier window of so many months."""
    read = blank_read(rolled.value.shape)
    opened = open_history(cube, plans, units, asked) if has_months(plans) and len(asked) else None
    for period, month in enumerate(asked.tolist()):
        history = history_at(opened, month) if opened else None
        for place, plan in enumerate(plans):
            for row in range(len(units)):
                cell = (place, row, period)
                if not math.isnan(rolled.value[cell]):
                    found = _read_cell(plan, matched, cell, history, window, int(months[period]))
                    _put(read, cell, found)
    return read


def _read_cell(
    plan: Plan,
    matched: Matched,
    cell: tuple[int, int, int],
    history: History | None,
    window: str,
    months: int,
) -> Cell:
    """Return the reading of one change: by its history, else by a test of the two sides."""
    item, row = plan.indicator, cell[:2]
    if history is not None and window == "month" and not _is_small(plan, history, row):
        return read_month(item, history, row)
    now, then = matched.current.value[cell], matched.base.value[cell]
    if math.isnan(now) or math.isnan(then):
        is_short = history is not None and history.limits.points[row] < LEAST_POINTS
        return Cell(reading=SHORT if is_short else NONE)
    tested = _test(
        plan,
        matched.current.numerator[cell],
        matched.current.denominator[cell],
        matched.base.numerator[cell],
        matched.base.denominator[cell],
    )
    spread = _window_spread(history, row, plan.shape, months) if window != "month" else None
    if tested is None and spread is None:
        is_short = history is not None and window != "month"
        return Cell(reading=SHORT if is_short else NONE)
    lower, upper, chance = tested or (then, then, 0.0)
    if spread is not None:
        half = Z95 * spread
        lower, upper = min(lower, then - half), max(upper, then + half)
        chance = max(chance, normal_tail(abs(now - then) / spread) if spread else chance)
    side = int(np.sign(now - then))
    word = word_of(side, item.direction) if chance < ALPHA else UNSURE
    signal = KINDS.index("against_base") if word != UNSURE else 0
    return Cell(max(lower, 0.0), upper, word, chance, signal, side if signal else 0, 0, then)


def read_month(item: Indicator, history: History, row: tuple[int, ...]) -> Cell:
    """Return the reading of the last month of a series by its XmR chart."""
    limits = history.limits
    if limits.points[row] < LEAST_POINTS:
        return Cell(reading=SHORT)
    lower, upper, mean = (float(x[row]) for x in (limits.lower, limits.upper, limits.mean))
    if item.value_type == "percent" and np.nanmax(history.value[row]) <= FULL:
        upper = min(upper, FULL)  # a share of cases has no room above
    signal, run = int(history.signal[row]), int(history.run[row])
    chance = signal_chance(
        float(history.value[row][-1]), mean, float(limits.sigma[row]), int(limits.points[row]),
        run if SIGNALS[signal] in ("outside", "shift") else 0,
    )  # fmt: skip
    if limits.sigma[row] == 0 or signal == 0:
        return Cell(lower, upper, UNSURE, chance, 0, 0, run, mean)
    side = int(history.side[row])
    word = word_of(side, item.direction)
    return Cell(lower, upper, word, chance, signal, side, run, mean)


def is_counted(plan: Plan) -> bool:
    """Return whether the figure is a plain number of cases or people."""
    return plan.shape == "sum" and plan.indicator.value_type in COUNTED


def is_share(plan: Plan) -> bool:
    """Return whether the figure is a percentage of one count in another."""
    return plan.shape == "ratio" and plan.indicator.value_type == "percent"


def _is_small(plan: Plan, history: History, row: tuple[int, ...]) -> bool:
    """Return whether a series is too small for limits of its own."""
    if is_counted(plan):
        return bool(history.limits.mean[row] < SMALL_COUNT)
    if is_share(plan):
        return bool(history.mean_denominator[row] < SMALL_SHARE)
    return False


def _test(plan: Plan, a: float, n: float, b: float, m: float) -> tuple[float, float, float] | None:
    """Return usual range and chance of a/n against b/m by an exact test; None without one."""
    scale = plan.indicator.scale
    if a < 0 or b < 0:
        return None
    if is_counted(plan):
        return *exact_range(b), exact_counts(a, b)
    if not is_share(plan) or not n > 0 or not m > 0:
        return None
    if any(abs(x - round(x)) > WHOLE for x in (a, n, b, m)):
        return None  # hours or money: not a number of cases
    if a > n or b > m:  # clearances may exceed the cases of the period: two counts at two rates
        least, most = exact_range(b, n, m)
        return least / n * scale, most / n * scale, exact_counts(a, b, n, m)
    pooled = (a + b) / (n + m)
    half = Z95 * math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    lower, upper = max(0.0, b / m - half), min(1.0, b / m + half)
    return lower * scale, upper * scale, exact_shares(a, n, b, m)


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
    read = blank_read(rolled.value.shape)
    for place, plan in enumerate(plans):
        if not is_share(plan):
            continue
        item = plan.indicator
        for row, period in np.argwhere(~np.isnan(rolled.value[place]) & ~np.isnan(base[place])):
            cell = (place, row, period)
            k, n = rolled.numerator[cell], rolled.denominator[cell]
            if k > n or abs(k - round(k)) > WHOLE or abs(n - round(n)) > WHOLE:
                continue
            lower, upper = (edge * item.scale for edge in wilson(k, n))
            share = min(1.0, max(0.0, base[cell] / item.scale))
            chance, side = share_against(k, n, share), int(np.sign(rolled.value[cell] - base[cell]))
            word = word_of(side, item.direction) if chance < ALPHA else UNSURE
            _put(read, cell, Cell(lower, upper, word, chance))
    return read
