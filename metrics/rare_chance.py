"""How likely are so few or so many cases in some months, given those of the months before?

Everything is exact up to the dispersion: of two Poisson counts given their sum (Przyborowski and
Wilenski 1940) the one is Binomial with the share of its days; of two negative binomial counts with
one variance ratio φ it is Pólya's urn (Johnson, Kemp and Kotz 2005, section 6.2); the cases of a
share are hypergeometric (Fisher 1935), widened by √φ where shares vary more (Laney 2002).
"""

import math
from collections.abc import Callable
from statistics import NormalDist

import numpy as np

from metrics.chance import log_factorials

#: Above so many cases the normal distribution stands in.
MANY = 5000
#: So many numbers are held at once while chances are summed.
CELLS = 4_000_000
#: Less than this over chance alone is chance alone: nothing hangs on it but digits.
SLIGHT = 1e-3
LOGS = log_factorials(MANY)
#: No tail is taken to be smaller when it is widened.
LEAST = 1e-300
Both = tuple[np.ndarray, np.ndarray]
#: From seen, days, cases and days before, and φ to the chances of so few or fewer, so many or more.
Tails = Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray], Both]


def count_tails(
    seen: np.ndarray, days: np.ndarray, base: np.ndarray, base_days: np.ndarray, excess: np.ndarray
) -> Both:
    """Return both tails of a count in some days, given the cases of the days before.

    >>> low, high = count_tails(*(np.array([x]) for x in (0.0, 6.0, 10.0, 30.0, 1.0)))
    >>> round(float(low[0]), 4) == round((30 / 36) ** 10, 4), float(high[0])
    (True, 1.0)
    """
    whole = days + base_days
    share = np.divide(days, whole, out=np.full(len(days), 0.5), where=(days > 0) & (base_days > 0))
    return urn_tails(seen, seen + base, share, excess)


def share_tails(
    seen: np.ndarray, days: np.ndarray, base: np.ndarray, base_days: np.ndarray, excess: np.ndarray
) -> Both:
    """Return both tails of the cases among `days`, given those among `base_days` before.

    >>> low, high = share_tails(*(np.array([x]) for x in (1.0, 10.0, 8.0, 10.0, 1.0)))
    >>> low.round(5)  # (C(10,0)·C(10,9) + C(10,1)·C(10,8)) ÷ C(20,9)
    array([0.00274])
    """
    low, high = np.ones(len(seen)), np.ones(len(seen))
    asked = (days > 0) & (base_days > 0) & (seen <= days) & (base <= base_days)
    many = asked & (days + base_days > MANY)
    few = np.flatnonzero(asked & ~many)
    most = int(np.minimum(seen + base, days)[few].max(initial=0)) + 1
    for part in np.array_split(few, 1 + few.size * most // CELLS):
        if part.size:
            low[part], high[part] = _share_few(*(x[part] for x in (seen, days, base, base_days)))
    if many.any():
        low[many], high[many] = _share_many(*(x[many] for x in (seen, days, base, base_days)))
    wide = asked & (excess > 1)
    return _widened(low, excess, wide), _widened(high, excess, wide)


def _share_few(seen: np.ndarray, of: np.ndarray, base: np.ndarray, base_of: np.ndarray) -> Both:
    """Return both tails of shares, hypergeometric given all hits of both sides.

    The outcomes of all shares stand one after the other; `of_each` copies a number to its own.
    """
    at, of, base, base_of = (np.rint(x).astype(np.int64) for x in (seen, of, base, base_of))
    hits, total = at + base, of + base_of
    least = np.maximum(0, hits - base_of)
    sizes = np.minimum(hits, of) - least + 1
    first = np.cumsum(sizes) - sizes

    def of_each(numbers: np.ndarray) -> np.ndarray:
        return np.repeat(numbers, sizes)

    k = np.arange(sizes.sum()) + of_each(least - first)
    ways = of_each(LOGS[of]) - LOGS[k] - LOGS[of_each(of) - k]
    ways = (
        ways + of_each(LOGS[base_of]) - LOGS[of_each(hits) - k] - LOGS[of_each(base_of - hits) + k]
    )
    chances = np.exp(ways - of_each(LOGS[total] - LOGS[hits] - LOGS[total - hits]))
    below, above = k <= of_each(at), k >= of_each(at)
    tails = [np.add.reduceat(np.where(side, chances, 0.0), first) for side in (below, above)]
    return np.minimum(1.0, tails[0]), np.minimum(1.0, tails[1])


def _share_many(seen: np.ndarray, of: np.ndarray, base: np.ndarray, base_of: np.ndarray) -> Both:
    """Return both tails of shares of many by the normal distribution, half a case off."""
    at, of, base, base_of = (np.rint(x) for x in (seen, of, base, base_of))
    total = of + base_of
    share = (at + base) / total
    spread = np.sqrt(share * (1 - share) * of * base_of / (total - 1))
    is_spread = spread > 0
    spread = np.where(is_spread, spread, 1.0)
    distance, half = (at - of * share) / spread, 0.5 / spread
    low, high = _tails(-distance - half), _tails(distance - half)
    return np.where(is_spread, low, 1.0), np.where(is_spread, high, 1.0)


def _widened(tail: np.ndarray, excess: np.ndarray, where: np.ndarray) -> np.ndarray:
    """Return tails with their distance from the middle, in standard errors, divided by √φ."""
    out, normal = tail.copy(), NormalDist()
    for place in np.flatnonzero(where & (tail < 0.5)).tolist():
        distance = -normal.inv_cdf(max(LEAST, float(tail[place])))
        out[place] = _tail(distance / math.sqrt(float(excess[place])))
    return out


def _tails(distances: np.ndarray) -> np.ndarray:
    """Return the upper tail of the standard normal at each distance."""
    return np.array([_tail(each) for each in distances.tolist()])


def _tail(distance: float) -> float:
    """Return the upper tail of the standard normal."""
    return 0.5 * math.erfc(distance / math.sqrt(2))


def dispersion(
    cases: np.ndarray,
    days: np.ndarray,
    squares: np.ndarray,
    months: np.ndarray,
    is_share: bool = False,
) -> np.ndarray:
    """Return by how much figures vary more than chance alone lets them: Pearson's φ, at least 1.

    Needs: sums over months of cases, of days, of cases² ÷ days, and how many months they are.
    Source: McCullagh and Nelder 1989, section 6.2.4; never below 1, chance is always there.

    >>> sums = (8.0, 4.0, 32.0, 4.0)  # 4, 0, 4, 0 in months of one day: Σ(y − 2)² ÷ 2 ÷ 3
    >>> dispersion(*(np.array([x]) for x in sums)).round(3)
    array([2.667])
    """
    over = np.divide(squares * days, cases, out=np.zeros(len(cases)), where=cases > 0) - cases
    if is_share:
        room = 1 - np.divide(cases, days, out=np.zeros(len(cases)), where=days > 0)
        over = np.divide(over, room, out=np.zeros(len(cases)), where=room > 0)
    spread = np.divide(over, months - 1, out=np.ones(len(cases)), where=months > 1)
    return np.maximum(1.0, spread)


def urn_tails(seen: np.ndarray, total: np.ndarray, share: np.ndarray, excess: np.ndarray) -> Both:
    """Return the chances of so few or fewer, and of so many or more, of a total of cases.

    With excess 1 the tails of Binomial(total, share); with more, of Pólya's urn whose variance is
    that much larger than Poisson's for the counts before their sum was known.

    >>> low, high = urn_tails(*(np.array([x]) for x in (3.0, 15.0, 0.5, 1.0)))
    >>> (low * 2**15).round(6), high.round(4)
    (array([576.]), array([0.9963]))
    """
    low, high = np.ones(len(seen)), np.ones(len(seen))
    many = total > MANY
    few = np.flatnonzero((total > 0) & ~many)
    for part in np.array_split(few, 1 + few.size * int(seen[few].max(initial=0)) // CELLS):
        if part.size:
            low[part], high[part] = _few_tails(*(x[part] for x in (seen, total, share, excess)))
    if many.any():
        low[many], high[many] = _many_tails(*(x[many] for x in (seen, total, share, excess)))
    return low, high


def _few_tails(seen: np.ndarray, total: np.ndarray, share: np.ndarray, excess: np.ndarray) -> Both:
    """Return both tails, summed outcome by outcome from none up to what was seen."""
    n, rest = total[:, None], 1 - share[:, None]
    draw = np.where(excess > 1 + SLIGHT, (excess - 1) / total, 0.0)[:, None]
    k = np.arange(int(seen.max()))
    steps = np.log(np.maximum(n - k, 1) / (k + 1) * (share[:, None] + k * draw))
    steps -= np.log(rest + np.maximum(n - k - 1, 0) * draw)
    none = np.array([_none(*numbers) for numbers in zip(total, share, draw[:, 0], strict=True)])
    logs = none[:, None] + np.concatenate([np.zeros_like(n), np.cumsum(steps, axis=1)], axis=1)
    chances = np.exp(np.minimum(logs, 0.0))  # beyond its own cases a row of fewer means nothing
    here = np.take_along_axis(chances, seen.astype(int)[:, None], axis=1)[:, 0]
    low = np.where(np.arange(len(k) + 1) <= seen[:, None], chances, 0.0).sum(axis=1)
    return np.minimum(low, 1.0), np.clip(1 - low + here, here, 1.0)


def _none(total: float, share: float, draw: float) -> float:
    """Return the logarithm of the chance that none of a total falls to a side."""
    if draw == 0:
        return total * math.log1p(-share)
    mine, all_of = (1 - share) / draw, 1 / draw
    return (
        math.lgamma(mine + total) - math.lgamma(mine)
        - math.lgamma(all_of + total) + math.lgamma(all_of)
    )  # fmt: skip


def _many_tails(seen: np.ndarray, total: np.ndarray, share: np.ndarray, excess: np.ndarray) -> Both:
    """Return both tails by the normal distribution with the urn's variance, half a case off."""
    draw = (excess - 1) / total
    spread = np.sqrt(total * share * (1 - share) * (1 + total * draw) / (1 + draw))
    distance = (seen - total * share) / spread
    half = 0.5 / spread
    return _tails(-distance - half), _tails(distance - half)
