"""How likely is a difference by chance alone?

Exact tests on whole numbers, written out with log factorials so that no statistics library has to
be loaded for a page. All p-values are two-sided: the sum over all outcomes that are no likelier
than the one seen.
"""

import math
from functools import lru_cache

import numpy as np

SLACK = 1e-7  # relative slack in "no likelier", as R's binom.test takes it
LARGE = 200_000  # above this many cases the normal approximation stands in
ALPHA = 0.05
Z95 = 1.959963984540054


def log_factorials(largest: int) -> np.ndarray:
    """Return ln k! for k from 0 to the largest.

    >>> round(float(np.exp(log_factorials(5)[5])))
    120
    """
    return _log_factorials(1 << largest.bit_length())[: largest + 1]


@lru_cache(maxsize=32)
def _log_factorials(count: int) -> np.ndarray:
    """Return ln k! for k below a count; tables of few lengths are kept."""
    return np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, count)))])


def two_counts(first: float, second: float, exposure: float = 1.0, against: float = 1.0) -> float:
    """Return the p-value of two counts having one rate, given their sum.

    Given N = a + b, a ~ Binomial(N, p) with p = exposure_a / (exposure_a + exposure_b).
    Source: domain notes 9.3; Przyborowski and Wilenski 1940.

    >>> round(two_counts(3, 12), 4)
    0.0352
    """
    a, b = round(first), round(second)
    n, share = a + b, exposure / (exposure + against)
    if n == 0:
        return 1.0
    if n > LARGE:
        z = (abs(a - n * share) - 0.5) / math.sqrt(n * share * (1 - share))
        return min(1.0, normal_tail(z))
    return _two_sided(binomial(n, share), a)


def binomial(n: int, share: float) -> np.ndarray:
    """Return the probabilities of 0..n successes.

    >>> binomial(2, 0.5).round(2).tolist()
    [0.25, 0.5, 0.25]
    """
    k = np.arange(n + 1)
    if share <= 0 or share >= 1:
        return (k == (n if share >= 1 else 0)).astype(float)
    logs = log_factorials(n)
    return np.exp(
        logs[n] - logs[k] - logs[n - k] + k * math.log(share) + (n - k) * math.log1p(-share)
    )


def share_against(successes: float, n: float, share: float) -> float:
    """Return the p-value of a share against a fixed one (a target, a median).

    >>> round(share_against(23, 80, 0.5), 5)
    0.00018
    """
    return _two_sided(binomial(round(n), share), round(successes))


def two_shares(a: float, n: float, b: float, m: float) -> float:
    """Return the p-value of two shares a/n and b/m being one (Fisher's exact test).

    >>> round(two_shares(4, 8, 5, 9), 3)
    1.0
    >>> round(two_shares(1, 10, 8, 10), 4)
    0.0055
    """
    a, n, b, m = round(a), round(n), round(b), round(m)
    hits, total = a + b, n + m
    if total > LARGE:
        pooled = hits / total
        spread = math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
        return normal_tail(abs(a / n - b / m) / spread) if spread else 1.0
    low = max(0, hits - m)
    k = np.arange(low, min(hits, n) + 1)
    logs = log_factorials(total)
    ways = logs[n] - logs[k] - logs[n - k] + logs[m] - logs[hits - k] - logs[m - hits + k]
    chances = np.exp(ways - (logs[total] - logs[hits] - logs[total - hits]))
    return _two_sided(chances, a - low)


def normal_tail(z: float) -> float:
    """Return the two-sided tail of the standard normal.

    >>> round(normal_tail(1.96), 3)
    0.05
    """
    return math.erfc(max(z, 0.0) / math.sqrt(2))


def student_tail(t: float, freedom: int) -> float:
    """Return the two-sided tail of Student's t with whole degrees of freedom.

    Source: Abramowitz and Stegun 26.7.3 and 26.7.4.

    >>> round(student_tail(2.365, 7), 3)
    0.05
    """
    angle = math.atan(abs(t) / math.sqrt(freedom))
    cos, sin = math.cos(angle), math.sin(angle)
    if freedom % 2:
        terms, term = 0.0, cos
        for k in range(1, freedom - 1, 2):
            terms += term
            term *= cos * cos * (k + 1) / (k + 2)
        inside = 2 / math.pi * (angle + sin * terms)
    else:
        terms, term = 0.0, 1.0
        for k in range(0, freedom, 2):
            terms += term
            term *= cos * cos * (k + 1) / (k + 2)
        inside = sin * terms
    return max(0.0, 1.0 - inside)


@lru_cache(maxsize=1000)
def student_quantile(freedom: int, chance: float = 0.05) -> float:
    """Return the value that Student's t exceeds on both sides together with such a chance.

    >>> round(student_quantile(7), 3)
    2.365
    """
    low, high = 0.0, 1000.0
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if student_tail(middle, freedom) > chance else (low, middle)
    return (low + high) / 2


def count_range(base: float, exposure: float = 1.0, against: float = 1.0) -> tuple[int, int]:
    """Return the counts that the two-count test does not tell apart from a base count.

    >>> count_range(3)
    (0, 11)
    """
    middle = base * exposure / against
    return (
        _edge(math.floor(middle), -1, lambda k: two_counts(k, base, exposure, against)),
        _edge(math.ceil(middle), 1, lambda k: two_counts(k, base, exposure, against)),
    )


def share_range(n: float, base: float, base_n: float) -> tuple[int, int]:
    """Return the cases among n that the test of two shares does not tell apart from a base's.

    >>> share_range(10, 8, 10)
    (3, 10)
    """
    middle = n * base / base_n

    def chance(cases: int) -> float:
        return two_shares(cases, n, base, base_n) if cases <= n else 0.0

    return _edge(math.floor(middle), -1, chance), _edge(math.ceil(middle), 1, chance)


def wilson(successes: float, n: float) -> tuple[float, float]:
    """Return the 95 % interval of a share. Source: Wilson 1927.

    >>> [round(edge, 3) for edge in wilson(61, 108)]
    [0.471, 0.654]
    """
    share, z2 = successes / n, Z95 * Z95
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z95 / (1 + z2 / n) * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return middle - half, middle + half


def _two_sided(chances: np.ndarray, seen: int) -> float:
    """Return the sum of the chances of all outcomes no likelier than the one seen."""
    limit = chances[seen] * (1 + SLACK)
    return float(min(1.0, chances[chances <= limit].sum()))


def _edge(start: int, step: int, chance) -> int:
    """Return the farthest count from a start, in one direction, that is not significant.

    Where the start itself is significant, a single case among very few, it is the one before.
    """
    jump, edge = 1, max(start, 0)
    if chance(edge) < ALPHA:
        return edge - step
    while edge + step * jump >= 0 and chance(edge + step * jump) >= ALPHA:
        edge += step * jump
        jump *= 2
    while jump >= 1:
        if edge + step * jump >= 0 and chance(edge + step * jump) >= ALPHA:
            edge += step * jump
        else:
            jump //= 2
    return edge
