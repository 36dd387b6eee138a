"""How likely is a pattern by chance: exactly where numbers are small, and over many tests?"""

import math
from collections.abc import Sequence

import numpy as np

from metrics.chance import Z95, log_factorials, normal_tail

# Beyond so many trials the normal tail stands in for the exact one.
EXACT = 20_000


def at_least(n: float, share: float, hits: float) -> float:
    """Return the chance of so many successes or more in n trials.

    Fractions, as overdispersion leaves them, are rounded against the question being put.

    >>> round(at_least(20, 0.2, 10), 6)
    0.002595
    """
    n, hits = math.ceil(n - 1e-9), math.floor(hits + 1e-9)
    if hits <= 0 or share >= 1:
        return 1.0
    if hits > n or share <= 0:
        return 0.0
    if n > EXACT:
        z = (hits - 0.5 - n * share) / math.sqrt(n * share * (1 - share))
        return one_sided(z)
    k = np.arange(hits, n + 1)
    logs = log_factorials(n)
    terms = logs[n] - logs[k] - logs[n - k] + k * math.log(share) + (n - k) * math.log1p(-share)
    return float(min(1.0, np.exp(terms).sum()))


def one_sided(z: float) -> float:
    """Return the chance of a standard normal above z.

    >>> round(one_sided(1.6449), 3), round(one_sided(-1.6449), 3)
    (0.05, 0.95)
    """
    return normal_tail(z) / 2 if z >= 0 else 1 - normal_tail(-z) / 2


def counts_at_least(chances: np.ndarray, hits: np.ndarray) -> np.ndarray:
    """Return the chance of so many hits or more among trials with chances of their own.

    `chances` [trial, ...] are NaN where there is no trial; `hits` [...] counts the trials that hit.

    >>> float(counts_at_least(np.array([0.5, 0.5, np.nan]), np.array(2)))
    0.25
    """
    chance = np.nan_to_num(chances, nan=0.0)
    most = int(hits.max(initial=0))
    # state[k]: exactly k hits so far; the last one gathers everything from `most` on.
    state = np.zeros((most + 1, *chance.shape[1:]))
    state[0] = 1.0
    for p in chance:
        up = state * p
        state -= up
        state[1:] += up[:-1]
        state[most] += up[most]
    tails = np.cumsum(state[::-1], axis=0)[::-1]
    found = np.take_along_axis(tails, np.asarray(hits)[None], axis=0)[0]
    return np.clip(found, 0.0, 1.0)


def odds_at_least(a: float, n: float, b: float, m: float, odds: float = 1.0) -> float:
    """Return the chance of a or more of the first n, given a + b in all, at an odds ratio.

    The conditional test of two shares a / n and b / m; `odds` is what the ratio of their odds is
    where nothing is out of the ordinary. Fractions are rounded against the question being put.

    >>> round(odds_at_least(8, 10, 1, 10), 5)
    0.00274
    """
    a, b = math.floor(a + 1e-9), math.ceil(b - 1e-9)
    n, m = max(a, round(n)), max(b, round(m))
    hits, total = a + b, n + m
    low, high = max(0, hits - m), min(hits, n)
    if a <= low:
        return 1.0
    k = np.arange(low, high + 1)
    logs = log_factorials(total)
    terms = -logs[k] - logs[n - k] - logs[hits - k] - logs[m - hits + k] + k * math.log(odds)
    weights = np.exp(terms - terms.max())
    return float(min(1.0, weights[a - low :].sum() / weights.sum()))


def spread_at_most(square: float, freedom: int) -> float:
    """Return the chance of a chi-square this small or smaller; the degrees of freedom are even.

    >>> round(spread_at_most(2.0, 2), 5), round(spread_at_most(7.962, 16), 3)
    (0.63212, 0.05)
    """
    half = square / 2
    if half > freedom:  # well above the mean: summed from the other side
        term, upper = math.exp(-half), 0.0
        for k in range(freedom // 2):
            upper += term
            term *= half / (k + 1)
        return 1.0 - upper
    # The lower tail as a series of its own, so that small chances keep their digits.
    start = freedom // 2
    term = math.exp(-half + start * math.log(half) - math.lgamma(start + 1)) if half > 0 else 0.0
    total, k = 0.0, start
    while term > total * 1e-16 and term > 0:
        total += term
        k += 1
        term *= half / k
    return min(1.0, total)


def poisson_mode(mean: np.ndarray) -> np.ndarray:
    """Return the chance of the likeliest count at each mean: no two counts agree more often.

    >>> poisson_mode(np.array([1.0, 10.0])).round(4).tolist()
    [0.3679, 0.1251]
    """
    safe = np.nan_to_num(np.maximum(mean, 1e-9), nan=1e-9)
    mode = np.floor(safe)
    logs = log_factorials(int(mode.max(initial=0)) + 1)
    chance = np.exp(mode * np.log(safe) - safe - logs[mode.astype(np.int64)])
    return np.where(np.isnan(mean), np.nan, chance)


def false_discovery(p: np.ndarray, method: str = "by") -> np.ndarray:
    """Return the q-value of each test of a run: the share of false ones if it is still put.

    Benjamini and Hochberg 1995; `by` is Benjamini and Yekutieli 2001, for tests that depend on each
    other in whatever way.

    >>> false_discovery(np.array([0.01, 0.02, 0.03, 0.5]), "bh").round(3).tolist()
    [0.04, 0.04, 0.04, 0.5]
    >>> false_discovery(np.array([0.01, 0.02, 0.03, 0.5])).round(4).tolist()
    [0.0833, 0.0833, 0.0833, 1.0]
    """
    size = len(p)
    if not size:
        return p
    order = np.argsort(p)
    rank = np.arange(1, size + 1)
    price = float((1 / rank).sum()) if method == "by" else 1.0
    raised = p[order] * size * price / rank
    best = np.minimum.accumulate(raised[::-1])[::-1]
    q = np.empty(size)
    q[order] = np.minimum(best, 1.0)
    return q


def spread_interval(square: float, freedom: int) -> tuple[float, float]:
    """Return the 95 % interval of a variance ratio square / freedom (Wilson and Hilferty 1931).

    >>> [round(edge, 2) for edge in spread_interval(16.0, 16)]
    [0.55, 2.32]
    """
    part = 2 / (9 * freedom)
    edges = [(1 - part + sign * Z95 * math.sqrt(part)) ** 3 for sign in (1, -1)]
    low, high = (square / (freedom * edge) for edge in edges)
    return low, high


def robust_spread(values: Sequence[float]) -> float:
    """Return the spread of standardised differences by their median deviation, at least 1.

    >>> robust_spread([-4.0, -1.0, 0.0, 1.0, 4.0]) > 1, robust_spread([0.1, -0.1, 0.0])
    (True, 1.0)
    """
    known = np.asarray([value for value in values if np.isfinite(value)])
    if len(known) < 5:
        return 1.0
    deviation = float(np.median(np.abs(known - np.median(known))))
    return max(1.0, deviation / 0.6745)
