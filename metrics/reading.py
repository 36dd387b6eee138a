"""Is a change real: better, worse, up, down, or not to be told from chance?

A month is read against the series' own history (XmR). Small counts, small shares and longer
windows are read by exact tests of the two sides; longer windows of large numbers must also differ
by more than the monthly variation of the series explains. `lower` and `upper` are the range in
which the reading would be `not_significant`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from data.definition_types import Indicator
from data.schema import READING
from metrics.chance import ALPHA, share_against, wilson
from metrics.change_tests import COUNTED as COUNTED
from metrics.change_tests import (
    WHOLE,
    Outcome,
    Side,
    Variation,
    both_tests,
    days_of,
    exact_count_range,
    is_counted,
    is_flow,
    is_share,
)
from metrics.cube import Cube
from metrics.events import parted
from metrics.history import BASE_YEARS, YEAR, History, has_months, history_at, open_history
from metrics.matched import Matched
from metrics.matched import Side as MatchedSide
from metrics.plan import Plan
from metrics.rare import LEAST_BEFORE, Rare, read_rare
from metrics.rare_months import few_cases
from metrics.rollup import Rolled
from metrics.signal import FREEDOM_PER_RANGE, LIMIT_TO_SIGMA, SIGNALS, signal_chance
from metrics.skew import pooled_spread
from metrics.spans import Spans
from metrics.structure import months_asked

SMALL_COUNT = 10.0  # a monthly mean below this is read as rare
FULL = 100.0
SMALL_SHARE = 30.0  # so is a share of fewer cases a month
KINDS = (*SIGNALS, "against_base", "together")
NONE, BETTER, WORSE, UP, DOWN, UNSURE, SHORT = (
    READING.index(word)
    for word in ("none", "better", "worse", "up", "down", "not_significant", "short_history")
)


@dataclass(frozen=True, slots=True)
class Read:
    """Readings with the range they were read against: arrays [indicator, unit, period].

    `chance` is how likely such a figure is if nothing changed, `signal` indexes KINDS, `run`
    counts the points in a row on one side of the mean, `mean` is the middle of the range. Of a
    control chart `points` months from `since` on and before `until` (numbers) set the range.
    """

    lower: np.ndarray
    upper: np.ndarray
    reading: np.ndarray
    chance: np.ndarray
    signal: np.ndarray
    side: np.ndarray
    run: np.ndarray
    mean: np.ndarray
    since: np.ndarray
    until: np.ndarray
    points: np.ndarray


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual for a month of few cases: see `_usual`; `side` +1 or −1 is a signal."""

    lower: float
    upper: float
    low: float
    high: float
    mean: float
    side: int
    months: int
    chance: float


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
    since: int = 0
    until: int = 0
    points: int = 0


def blank_read(shape: tuple[int, ...]) -> Read:
    """Return readings that say nothing."""
    blanks = (getattr(Cell(), name) for name in Cell.__slots__)
    return Read(*(np.full(shape, blank) for blank in blanks))


def silence(read: Read, where: np.ndarray | None, window: str = "") -> None:
    """Take back what was read where structure bars it (unit × period).

    That the history of a month is too short remains said.
    """
    if where is None:
        return
    barred = (where != 0) & ((read.reading != SHORT) | (window != "month"))
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
    rolled: Rolled,
    matched: Matched,
    now: Spans,
    base: Spans,
) -> Read:
    """Return the readings of comparisons of windows with earlier ones: by history where it can."""
    read = blank_read(rolled.value.shape)
    opened = None
    if has_months(plans) and len(now.asked):
        opened = open_history(cube, plans, units, now.asked)
    apart = parted(cube, plans, units, now, base)
    lengths = [(days_of(spans), spans.months) for spans in (now, base)]
    for period, month in enumerate(now.asked.tolist()):
        history = history_at(opened, month) if opened else None
        by_month = now.window == "month" or months_asked(plans[0])[0]
        rare = _read_rare(cube, plans, history) if history is not None and by_month else {}
        for place, row in np.argwhere(~np.isnan(rolled.value[..., period])).tolist():
            plan, cell = plans[place], (place, row, period)
            if history is not None and by_month and not is_small(plan, history, (place, row)):
                found = read_month(plan.indicator, history, (place, row))
            else:
                sides = [
                    _side(part, cell, days[period], months[period])
                    for part, (days, months) in zip(
                        (matched.current, matched.base), lengths, strict=True
                    )
                ]
                is_apart = apart is not None and bool(apart[cell])
                few = rare.get((place, row))
                found = _read_sides(
                    cube, plan, sides, history, (place, row), is_apart, by_month, few
                )
            _put(read, cell, found)
    return read


def _side(part: MatchedSide, cell: tuple[int, ...], days: float, months: float) -> Side:
    """Return one side of a comparison of one figure."""
    above, below = float(part.numerator[cell]), float(part.denominator[cell])
    return Side(above, below, float(part.value[cell]), float(days), float(months))


def _read_sides(
    cube: Cube,
    plan: Plan,
    sides: Sequence[Side],
    history: History | None,
    row: tuple[int, int],
    is_apart: bool,
    by_month: bool,
    usual: Usual | None,
) -> Cell:
    """Return the reading of one change by tests of its two sides, and by what is usual."""
    now, base = sides
    is_short = history is not None and not history.enough[row]
    can_test = not (math.isnan(now.value) or math.isnan(base.value) or is_apart)
    if usual is not None and history is not None:
        tested = both_tests(cube.catalog, plan, now, base, None) if can_test else None
        return _read_few(plan.indicator, float(history.value[row][-1]), usual, tested)
    is_large = history is not None and not is_small(plan, history, row)
    if not can_test or (is_short and is_large):  # how much its months vary is not known
        return Cell(reading=SHORT if is_short else NONE)
    variation = None if history is None or by_month else variation_of(plan, history, row)
    tested = both_tests(cube.catalog, plan, now, base, variation)
    if tested is None:
        return Cell(reading=SHORT if history is not None and not by_month else NONE)
    side = int(np.sign(now.value - base.value))
    word = word_of(side, plan.indicator.direction) if tested.chance < ALPHA else UNSURE
    signal = KINDS.index("against_base") if word != UNSURE else 0
    lower, upper = _within(plan.indicator, tested.lower, tested.upper, (now.value, base.value))
    return Cell(lower, upper, word, tested.chance, signal, side if signal else 0, 0, base.value)


def _within(
    item: Indicator, lower: float, upper: float, seen: Sequence[float]
) -> tuple[float, float]:
    """Return a range without what cannot be: below nought, or a share of cases above all."""
    if min(seen) >= 0:
        lower = max(lower, 0.0)
    if item.value_type == "percent" and max(seen) <= FULL:
        upper = min(upper, FULL)
    return lower, upper


def variation_of(plan: Plan, history: History, row: tuple[int, int]) -> Variation | None:
    """Return how the months of a series vary, None where that is not known.

    Of money this year counts and the last ones, each about its own mean, whether or not they set
    the usual range: a year without a large loss would take the next one for a change.
    """
    level = history.level
    if not history.enough[row]:
        return None
    if plan.indicator.value_type == "money" and is_flow(plan):
        years = (history.months - history.until[row]) // YEAR  # 0 and on: this year
        pooled = pooled_spread(history.told[row], [years == n for n in range(-BASE_YEARS, 1)])
        if pooled is not None:
            return Variation(*pooled, on_root=True)
    freedom = max(1, round(FREEDOM_PER_RANGE * (int(level.points[row]) - 1)))
    return Variation(float(level.mean[row]), float(level.sigma[row]), freedom)


def read_month(item: Indicator, history: History, row: tuple[int, ...]) -> Cell:
    """Return the reading of the last month of a series by its XmR chart."""
    if not history.enough[row]:
        return Cell(reading=SHORT)
    now, points = history.now, history.points
    mean, sigma = float(now.mean[row]), float(now.sigma[row])
    seen = [float(edge[row]) for edge in history.reach]
    lower, upper = _within(item, float(now.lower[row]), float(now.upper[row]), seen)
    signal, run = int(points.signal[row][-1]), int(points.run[row][-1])
    value = float(history.value[row][-1])
    edge = lower if value < mean else upper  # of what is skewed, the one lies farther off
    chance = signal_chance(
        value, mean, max(sigma, abs(edge - mean) / LIMIT_TO_SIGMA), int(now.points[row]),
        run if SIGNALS[signal] in ("outside", "shift") else 0,
    )  # fmt: skip
    base = (int(history.since[row]), int(history.until[row]), int(now.points[row]))
    if signal == 0:
        return Cell(lower, upper, UNSURE, chance, 0, 0, run, mean, *base)
    side = int(points.side[row][-1])
    word = word_of(side, item.direction)
    return Cell(lower, upper, word, chance, signal, side, run, mean, *base)


def _read_rare(cube: Cube, plans: Sequence[Plan], history: History) -> dict[tuple[int, int], Usual]:
    """Return how the last month of series of few cases stands in its history, where that can tell.

    Months are held against those before them, alone and together (`metrics.rare`).
    """
    found: dict[tuple[int, int], Usual] = {}
    for place, plan in enumerate(plans):
        rows = [r for r in range(history.enough.shape[1]) if is_small(plan, history, (place, r))]
        if not rows or not (is_share(plan) or is_flow(plan)):
            continue
        few = few_cases(cube.catalog.calendar, plan, place, history, rows)
        rare = read_rare(few.cases, few.exposure, few.is_share)
        for at, row in enumerate(rows):
            if rare.before[at] >= LEAST_BEFORE and not math.isnan(rare.mean[at]):
                found[place, row] = _usual(rare, at, float(few.per_case[at, -1]))
    return found


def _usual(rare: Rare, at: int, per_case: float) -> Usual:
    """Return what is usual for the last month of one series of few cases.

    `lower` and `upper` hold all but one month in 370, `near` all but one in 20.
    """
    mean, phi = float(rare.mean[at]), max(1.0, float(rare.excess[at]))
    # As far as the months before tell their mean: an exact range, wider where they vary more.
    months = int(rare.before[at])
    near = exact_count_range(mean * months / phi, 1.0, float(months))
    edges = (float(rare.lower[at]), float(rare.upper[at]), near[0] * phi, near[1] * phi, mean)
    lower, upper, low, high, mean = (edge * per_case for edge in edges)
    return Usual(
        lower, upper, low, high, mean,
        int(rare.side[at]), int(rare.months[at]), float(rare.chance[at]),
    )  # fmt: skip


def _read_few(item: Indicator, value: float, usual: Usual, tested: Outcome | None) -> Cell:
    """Return the reading of a month of few cases: by its history, alone or with months before it.

    Short of that, a change is real where the month is unusual at one in twenty and the test of
    both sides says so too.
    """
    if usual.side:
        signal = KINDS.index("outside" if usual.months == 1 else "together")
        word = word_of(usual.side, item.direction)
        return Cell(
            usual.lower, usual.upper, word, usual.chance, signal, usual.side, usual.months,
            usual.mean,
        )  # fmt: skip
    if tested is None:
        return Cell(usual.lower, usual.upper, UNSURE, usual.chance, mean=usual.mean)
    lower = max(usual.lower, min(usual.low, tested.lower))
    upper = min(usual.upper, max(usual.high, tested.upper))
    side = int(value > upper) - int(value < lower)
    signal = KINDS.index("against_base") if side else 0
    chance = max(usual.chance, tested.chance)
    return Cell(lower, upper, word_of(side, item.direction), chance, signal, side, 0, usual.mean)


def is_small(plan: Plan, history: History, row: tuple[int, ...]) -> bool:
    """Return whether a series is too small for limits of its own."""
    if is_counted(plan):
        return bool(history.level.mean[row] < SMALL_COUNT)
    return is_share(plan) and bool(history.mean_denominator[row] < SMALL_SHARE)


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
