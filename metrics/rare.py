"""Is a month of few cases unusual, or the last months taken together, a long quiet time included?

An XmR chart supposes values that sway about their mean in a bell; counts of a few a month do not,
and a month without a case says nothing by itself. So the last 1, 2, 3 … months are held, all their
cases together, against up to 36 months before them: given the cases of both, the share that fell
into the last ones is Binomial with the share of the days, exactly, whatever the rate (Przyborowski
and Wilenski 1940; as limits for cases still to come: Nelson 1970). Counts that vary more than
chance, and shares of few: `metrics.rare_chance`. Months without a case are the same test with
nothing in the last months: with N cases in E days before, x quiet days have the chance
(E / (E + x))^N; the g chart (Kaminsky and others 1992, Benneyan 2001) asks the same case by case,
for which the day of each would have to be known. How often it is wrong: docs/reading-benchmark.md.
"""

from dataclasses import dataclass

import numpy as np

from metrics.rare_chance import Both, count_tails, dispersion, share_tails

#: One month stands out beyond three standard errors; this is both tails of a normal there.
MONTH_LEVEL = 0.0027
#: Several months together are given a little more room: few decide each time, and they overlap.
TOGETHER_LEVEL = 0.005
#: Months that are taken together; the quiet months up to the last are a window of their own.
WINDOWS = (1, 2, 3, 4, 6, 9, 12)
#: So many months with figures must stand before the window.
LEAST_BEFORE = 12
#: Months before a window that set the usual rate, at most.
BEFORE = 36


@dataclass(frozen=True, slots=True)
class Rare:
    """How series of few cases stand in their last month: arrays by series.

    `lower`, `mean` and `upper` are what the last month alone may hold; `months` were taken
    together (1: the last alone), in which `seen` cases stand against `expected`. `side` is +1 for
    more and −1 for fewer than usual, 0 without a signal; `chance` is that of the months told of,
    both tails. `excess` is the variance over that of chance alone (φ); `before` counts the months
    with figures that set the rate: under LEAST_BEFORE nothing is said, and all else is NaN or 0.
    """

    lower: np.ndarray
    mean: np.ndarray
    upper: np.ndarray
    side: np.ndarray
    months: np.ndarray
    seen: np.ndarray
    expected: np.ndarray
    chance: np.ndarray
    excess: np.ndarray
    before: np.ndarray


def read_rare(cases: np.ndarray, exposure: np.ndarray, is_share: bool = False) -> Rare:
    """Return how the last month of each series stands, alone and with the months before it.

    Needs: `cases` [series, month], NaN without a figure; `exposure` the same or one row: the days
    of the months, or days times how busy the season is. Of shares it is what the cases are of.

    >>> quiet = np.array([[2.0, 1.0, 3.0, 2.0] * 6 + [0.0] * 5])
    >>> found = read_rare(quiet, np.ones(29))
    >>> int(found.side[0]), int(found.months[0]), round(float(found.expected[0]), 1)
    (-1, 5, 10.0)
    """
    there = ~np.isnan(cases + exposure)
    counts = np.where(there, np.rint(np.nan_to_num(cases)), 0.0)
    days = np.where(there, np.nan_to_num(np.broadcast_to(exposure, cases.shape)), 0.0)
    days = np.rint(days) if is_share else days
    squares = np.divide(counts**2, days, out=np.zeros(counts.shape), where=days > 0)
    parts = [_before_each(part) for part in (counts, days, squares, there)]
    sums = _Sums(parts[0], parts[1], parts[2], parts[3], is_share)
    alone = best = _window(sums, np.ones(len(cases), dtype=int))
    widths = [np.full(len(cases), width) for width in WINDOWS[1:]]
    for width in (*widths, np.minimum(_quiet_months(counts, there), BEFORE)):
        best = _choose(best, _window(sums, np.clip(width, 1, cases.shape[1])))
    enough = (alone.before >= LEAST_BEFORE) & there[:, -1] & (alone.days > 0)
    is_real = best.is_real & enough
    told = _pick(is_real, best, alone)
    lower, upper = month_limits(alone, is_share)
    known = (lower, alone.expected, upper, told.seen, told.expected, told.chance, told.excess)
    low, mean, high, seen, expected, chance, excess = (
        np.where(enough, part, np.nan) for part in known
    )
    side = np.where(is_real, np.where(told.low < told.high, -1, 1), 0)
    months = np.where(enough, told.months, 0).astype(int)
    before = alone.before.astype(int)
    return Rare(low, mean, high, side, months, seen, expected, chance, excess, before)


@dataclass(frozen=True, slots=True)
class _Sums:
    """Sums of the months before each: cases, days, cases² ÷ days, and months with figures."""

    cases: np.ndarray
    days: np.ndarray
    squares: np.ndarray
    there: np.ndarray
    is_share: bool


@dataclass(frozen=True, slots=True)
class Window:
    """The last months of each series against those before: sums, φ, both tails, and the verdict."""

    months: np.ndarray
    seen: np.ndarray
    days: np.ndarray
    base: np.ndarray
    base_days: np.ndarray
    before: np.ndarray
    excess: np.ndarray
    low: np.ndarray
    high: np.ndarray
    is_real: np.ndarray

    @property
    def expected(self) -> np.ndarray:
        """The cases of as many usual days."""
        there = self.base_days > 0
        blank = np.full(len(self.base), np.nan)
        return np.divide(self.base * self.days, self.base_days, out=blank, where=there)

    @property
    def chance(self) -> np.ndarray:
        """The chance of something as unlikely on either side."""
        return np.minimum(1.0, 2 * np.minimum(self.low, self.high))


def trailing(values: np.ndarray) -> np.ndarray:
    """Return for each month of a series those up to it, as far back as anything looks.

    >>> trailing(np.array([5.0, 7.0]))[:, -2:].tolist()
    [[nan, 5.0], [5.0, 7.0]]
    """
    padded = np.concatenate([np.full(2 * BEFORE, np.nan), values])
    return np.lib.stride_tricks.sliding_window_view(padded, 2 * BEFORE + 1)


def _before_each(values: np.ndarray) -> np.ndarray:
    """Return running sums with a zero in front: [series, month + 1]."""
    return np.concatenate([np.zeros((len(values), 1)), np.cumsum(values, axis=1)], axis=1)


def _window(sums: _Sums, width: np.ndarray) -> Window:
    """Return the last `width` months of each series against at most BEFORE months before them."""
    row, last = np.arange(len(width)), sums.cases.shape[1] - 1
    cut = last - width
    first = np.maximum(0, cut - BEFORE)

    def split(part: np.ndarray) -> Both:
        return part[row, last] - part[row, cut], part[row, cut] - part[row, first]

    (seen, base), (days, base_days) = split(sums.cases), split(sums.days)
    months, before = split(sums.there)
    excess = dispersion(base, base_days, split(sums.squares)[1], before, sums.is_share)
    tails = share_tails if sums.is_share else count_tails
    low, high = tails(seen, days, base, base_days, excess)
    level = np.where(width == 1, MONTH_LEVEL, TOGETHER_LEVEL)
    is_real = (before >= LEAST_BEFORE) & (2 * np.minimum(low, high) <= level)
    for place in np.flatnonzero(is_real & (width > 1)).tolist():
        is_real[place] = not _has_turned(sums, place, int(cut[place]), high[place] < low[place])
    return Window(months, seen, days, base, base_days, before, excess, low, high, is_real)


def _has_turned(sums: _Sums, row: int, cut: int, is_more: bool) -> bool:
    """Return whether the last month by itself is a signal back, beside the others of its window.

    Eleven months far above those before and a twelfth without a case are no rise in the twelfth.
    """

    def split(part: np.ndarray) -> Both:
        return part[row, -1:] - part[row, -2], part[row, -2:-1] - part[row, cut]

    (seen, others), (days, other_days) = split(sums.cases), split(sums.days)
    if other_days[0] <= 0:
        return False
    squares, there = split(sums.squares)[1], split(sums.there)[1]
    excess = dispersion(others, other_days, squares, there, sums.is_share)
    tails = share_tails if sums.is_share else count_tails
    low, high = tails(seen, days, others, other_days, excess)
    return bool(2 * (low if is_more else high)[0] <= MONTH_LEVEL)


def _choose(one: Window, other: Window) -> Window:
    """Return of each series the window that is real, and of two that are the less likely one."""
    better = other.is_real & (~one.is_real | (other.chance < one.chance))
    return _pick(better, other, one)


def _pick(where: np.ndarray, one: Window, other: Window) -> Window:
    """Return one window where a condition holds, else the other."""
    names = Window.__slots__
    return Window(*(np.where(where, getattr(one, n), getattr(other, n)) for n in names))


def _quiet_months(counts: np.ndarray, there: np.ndarray) -> np.ndarray:
    """Return how many months up to the last are without a case; one without a figure is passed."""
    busy = (counts > 0) & there
    return np.where(busy.any(axis=1), np.argmax(busy[:, ::-1], axis=1), counts.shape[1])


def month_limits(alone: Window, is_share: bool) -> Both:
    """Return the fewest and the most cases of the last month that are still usual by themselves.

    A lower limit of 0 says that no single month can be too quiet to be usual.
    """
    tails = share_tails if is_share else count_tails

    def is_usual(count: np.ndarray, upper: bool) -> np.ndarray:
        found = tails(count, alone.days, alone.base, alone.base_days, alone.excess)
        return 2 * found[upper] > MONTH_LEVEL

    middle = np.floor(np.nan_to_num(alone.expected))
    low, high = np.full(len(middle), -1.0), middle.copy()
    while (high - low > 1).any():  # the first usual count lies above low, at high or below
        half = np.floor((low + high) / 2)
        usual = is_usual(np.maximum(half, 0), upper=False)
        moves = high - low > 1
        high = np.where(usual & moves, half, high)
        low = np.where(~usual & moves, half, low)
    most = np.where(is_share, alone.days, np.inf)
    over = np.minimum(2 * middle + 10, most + 1)
    while (more := is_usual(np.minimum(over, most), upper=True) & (over <= most)).any():
        over = np.where(more, np.minimum(2 * over, most + 1), over)
    usual_still = middle
    while (over - usual_still > 1).any():
        half = np.floor((usual_still + over) / 2)
        usual = is_usual(half, upper=True)
        moves = over - usual_still > 1
        usual_still = np.where(usual & moves, half, usual_still)
        over = np.where(~usual & moves, half, over)
    return high, usual_still
