"""How sure is a survey's mean, and may two of them be told apart?

Everything starts from what a provider files for a unit: n answers of N invited, their mean and
their standard deviation. Answers themselves are never taken in. Sources: domain notes 8; Cochran,
Sampling Techniques (1977), sections 2.6 and 2.8, for the correction and the interval; Welch 1947;
Holm 1979.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from metrics.chance import ALPHA

PUBLISH, CAUTION, LEVEL_ONLY, QUERY = "publish", "caution", "level_only", "query"
ERROR, UNKNOWN = "over_invited", "unknown"
PUBLISH_FROM, CAUTION_FROM = 0.60, 0.40
COMPULSION_ABOVE, COMPULSION_INVITED = 0.98, 50
NORMAL_95 = 1.96
# Two means of everybody have no sampling error: what they must differ by to be two numbers at all.
SAME = 1e-9


@dataclass(frozen=True, slots=True)
class Sample:
    """The answers of one group: how many, of how many invited (None: not known), mean and SD."""

    n: float
    invited: float | None
    mean: float
    sd: float

    @property
    def is_census(self) -> bool:
        """Return whether everybody answered: no sampling error is left, others may be."""
        return self.invited is not None and self.n == self.invited

    @property
    def correction(self) -> float:
        """Return the finite-population correction: the root of (N - n)/(N - 1).

        It holds if those who answered are like a random part of those invited; it says nothing
        about those who did not answer. Without N there is none, which makes the interval wider;
        with more answers than invited there is no sense in any.

        >>> Sample(25, 25, 60.0, 10.0).correction, Sample(25, None, 60.0, 10.0).correction
        (0.0, 1.0)
        """
        if self.invited is None:
            return 1.0
        if self.n > self.invited:
            return math.nan
        return math.sqrt((self.invited - self.n) / (self.invited - 1)) if self.invited > 1 else 0.0

    @property
    def error(self) -> float:
        """Return the standard error of the mean; one answer has none.

        >>> round(Sample(n=25, invited=101, mean=60.0, sd=10.0).error, 4)
        1.7436
        """
        return self.sd / math.sqrt(self.n) * self.correction if self.n >= 2 else math.nan

    @property
    def margin(self) -> float:
        """Return half the width of the 95 % interval, t(n - 1) times the error.

        >>> round(Sample(n=25, invited=101, mean=60.0, sd=10.0).margin, 4)
        3.5985
        """
        return quantile_t(self.n - 1) * self.error if self.n >= 2 else math.nan


@cache
def quantile_t(freedom: float) -> float:
    """Return the 97.5 % point of Student's t.

    >>> round(quantile_t(24), 4)
    2.0639
    """
    from scipy.special import stdtrit  # takes a moment to load, and most pages have no survey

    return float(stdtrit(freedom, 0.975))


def pool_samples(samples: Iterable[Sample]) -> Sample | None:
    """Return the sample of several groups taken together; None without an answer.

    M = sum(n m) / sum(n); SD squared = (sum((n - 1) s^2) + sum(n (m - M)^2)) / (sum(n) - 1).
    How many were invited is known only where it is known of each group.

    >>> pooled = pool_samples([Sample(10, 20, 60.0, 5.0), Sample(30, 40, 80.0, 10.0)])
    >>> pooled.n, pooled.invited, pooled.mean, round(pooled.sd, 4)
    (40, 60, 75.0, 12.532)
    """
    known = [sample for sample in samples if sample.n > 0]
    n = sum(sample.n for sample in known)
    if not n:
        return None
    mean = sum(sample.n * sample.mean for sample in known) / n
    # One answer has no spread of its own, and none is needed of it.
    within = sum((sample.n - 1) * sample.sd**2 for sample in known if sample.n != 1)
    between = sum(sample.n * (sample.mean - mean) ** 2 for sample in known)
    sd = math.sqrt((within + between) / (n - 1)) if n > 1 else math.nan
    counts = [sample.invited for sample in known if sample.invited is not None]
    return Sample(n, sum(counts) if len(counts) == len(known) else None, mean, sd)


def rest_of(whole: Sample, part: Sample) -> Sample | None:
    """Return the sample of a whole without one of its parts: `pool_samples` turned round.

    >>> whole = pool_samples([Sample(10, 20, 60.0, 5.0), Sample(30, 40, 80.0, 10.0)])
    >>> rest = rest_of(whole, Sample(10, 20, 60.0, 5.0))
    >>> rest.n, rest.invited, round(rest.mean, 9), round(rest.sd, 9)
    (30, 40, 80.0, 10.0)
    """
    n = whole.n - part.n
    if n < 2:
        return None
    mean = (whole.n * whole.mean - part.n * part.mean) / n
    squares = (
        (whole.n - 1) * whole.sd**2
        - (part.n - 1) * part.sd**2
        - part.n * (part.mean - whole.mean) ** 2
        - n * (mean - whole.mean) ** 2
    )
    left = None
    if whole.invited is not None and part.invited is not None:
        left = whole.invited - part.invited
    return Sample(n, left, mean, math.sqrt(max(squares, 0.0) / (n - 1)))


def can_tell_apart(first: Sample, second: Sample) -> bool:
    """Return whether two means differ by more than 1.96 standard errors of their difference.

    >>> can_tell_apart(Sample(100, 200, 70.0, 10.0), Sample(100, 200, 68.0, 10.0))
    True
    >>> can_tell_apart(Sample(100, 200, 70.0, 10.0), Sample(100, 200, 68.5, 10.0))
    False
    """
    error = math.hypot(first.error, second.error)
    difference = abs(first.mean - second.mean)
    return not math.isnan(error) and difference > max(NORMAL_95 * error, SAME)


def chance_apart(first: Sample, second: Sample) -> float:
    """Return how likely two means would differ by so much, or more, if they were one.

    By Student's t with Welch's degrees of freedom: a dozen answers are few for the normal.

    >>> round(chance_apart(Sample(100, 200, 70.0, 10.0), Sample(100, 200, 68.0, 10.0)), 4)
    0.0474
    """
    squares = first.error**2, second.error**2
    total = sum(squares)
    difference = abs(first.mean - second.mean)
    if math.isnan(total):
        return math.nan
    if difference <= SAME:
        return 1.0
    if not total:
        return 0.0
    from scipy.special import stdtr

    parts = zip(squares, (first.n - 1, second.n - 1), strict=True)
    freedom = total**2 / sum(square**2 / less_one for square, less_one in parts)
    return float(2 * stdtr(freedom, -difference / math.sqrt(total)))


def told_together(chances: Mapping[str, float]) -> set[str]:
    """Return which of several comparisons can be told, all of them taken together (Holm).

    However many units are compared, a unit that does not differ is called different in at most one
    of twenty such tables.

    >>> sorted(told_together({"a": 0.001, "b": 0.02, "c": 0.04, "d": 0.9}))
    ['a']
    """
    known = sorted((chance, name) for name, chance in chances.items() if not math.isnan(chance))
    told: set[str] = set()
    for place, (chance, name) in enumerate(known):
        if chance >= ALPHA / (len(known) - place):
            break
        told.add(name)
    return told


def judge_response(n: float, invited: float | None) -> str:
    """Return how far a response rate carries: publish, caution, level_only, or a question.

    Nearly everybody answering is no better news than few: above 98 % of 50 or more invited it is
    asked whether answering was free. More answers than invited is an error in the data.

    >>> [judge_response(n, 100) for n in (60, 59, 40, 39, 99, 101)]
    ['publish', 'caution', 'caution', 'level_only', 'query', 'over_invited']
    >>> judge_response(49, 49), judge_response(30, None)
    ('publish', 'unknown')
    """
    if invited is not None and n > invited:
        return ERROR
    if not invited:
        return UNKNOWN
    return judge_rate(n / invited, invited)


def judge_rate(rate: float, invited: float | None = None) -> str:
    """Return how far a response rate carries that is printed without its two counts.

    >>> [judge_rate(rate) for rate in (0.65, 0.5, 0.3, 1.01)]
    ['publish', 'caution', 'level_only', 'over_invited']
    >>> judge_rate(0.99), judge_rate(0.99, invited=49)
    ('query', 'publish')
    """
    if rate > 1:
        return ERROR
    if rate > COMPULSION_ABOVE and (invited is None or invited >= COMPULSION_INVITED):
        return QUERY
    if rate >= PUBLISH_FROM:
        return PUBLISH
    return CAUTION if rate >= CAUTION_FROM else LEVEL_ONLY


def may_compare(band: str) -> bool:
    """Return whether means of such a response may be set against others.

    Where it is not known how many were invited nothing speaks against it, and the uncorrected
    interval is the wider one.

    >>> may_compare(judge_response(45, 100)), may_compare(judge_response(35, 100))
    (True, False)
    """
    return band in (PUBLISH, CAUTION, UNKNOWN)
