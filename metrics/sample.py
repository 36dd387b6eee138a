"""How sure is a survey's mean, and may two of them be told apart?

Everything starts from what a provider files for a unit: n answers of N invited, their mean and
their standard deviation. Answers themselves are never taken in.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from scipy import stats

PUBLISH, CAUTION, LEVEL_ONLY, QUERY = "publish", "caution", "level_only", "query"
PUBLISH_FROM, CAUTION_FROM = 0.60, 0.40
COMPULSION_ABOVE, COMPULSION_INVITED = 0.98, 50
NORMAL_95 = 1.96


@dataclass(frozen=True, slots=True)
class Sample:
    """The answers of one group: how many, of how many invited, their mean and SD."""

    n: float
    invited: float
    mean: float
    sd: float

    @property
    def error(self) -> float:
        """Return the standard error with the finite-population correction.

        The correction holds if those who answered are like a random part of those invited; it
        says nothing about those who did not answer.

        >>> round(Sample(n=25, invited=101, mean=60.0, sd=10.0).error, 4)
        1.7436
        """
        if self.n < 2:
            return math.nan
        invited = max(self.invited, self.n)
        left_out = (invited - self.n) / (invited - 1) if invited > 1 else 0.0
        return self.sd / math.sqrt(self.n) * math.sqrt(left_out)

    @property
    def margin(self) -> float:
        """Return half the width of the 95 % interval, t(n - 1) times the error.

        >>> round(Sample(n=25, invited=101, mean=60.0, sd=10.0).margin, 4)
        3.5985
        """
        return quantile_t(int(self.n) - 1) * self.error if self.n >= 2 else math.nan


@cache
def quantile_t(freedom: int) -> float:
    """Return the 97.5 % point of Student's t.

    >>> round(quantile_t(24), 4)
    2.0639
    """
    return float(stats.t.ppf(0.975, freedom))


def pool_samples(samples: Iterable[Sample]) -> Sample | None:
    """Return the sample of several groups taken together; None without an answer.

    M = sum(n m) / sum(n); SD squared = (sum((n - 1) s^2) + sum(n (m - M)^2)) / (sum(n) - 1).

    >>> pooled = pool_samples([Sample(10, 20, 60.0, 5.0), Sample(30, 40, 80.0, 10.0)])
    >>> pooled.n, pooled.invited, pooled.mean, round(pooled.sd, 4)
    (40, 60, 75.0, 12.532)
    """
    known = [sample for sample in samples if sample.n > 0]
    n = sum(sample.n for sample in known)
    if not n:
        return None
    mean = sum(sample.n * sample.mean for sample in known) / n
    within = sum((sample.n - 1) * sample.sd**2 for sample in known)
    between = sum(sample.n * (sample.mean - mean) ** 2 for sample in known)
    sd = math.sqrt((within + between) / (n - 1)) if n > 1 else math.nan
    return Sample(n, sum(sample.invited for sample in known), mean, sd)


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
    return Sample(n, whole.invited - part.invited, mean, math.sqrt(max(squares, 0.0) / (n - 1)))


def can_tell_apart(first: Sample, second: Sample) -> bool:
    """Return whether two means differ by more than 1.96 standard errors of their difference.

    >>> can_tell_apart(Sample(100, 200, 70.0, 10.0), Sample(100, 200, 68.0, 10.0))
    True
    >>> can_tell_apart(Sample(100, 200, 70.0, 10.0), Sample(100, 200, 68.5, 10.0))
    False
    """
    error = math.hypot(first.error, second.error)
    return not math.isnan(error) and abs(first.mean - second.mean) > NORMAL_95 * error


def judge_response(n: float, invited: float) -> str:
    """Return how far a response rate carries: publish, caution, level_only, or query.

    Nearly everybody answering is no better news than few: above 98 % of 50 or more invited it is
    asked whether answering was free.

    >>> [judge_response(n, 100) for n in (60, 59, 40, 39, 99)]
    ['publish', 'caution', 'caution', 'level_only', 'query']
    >>> judge_response(49, 49)
    'publish'
    """
    if not invited or invited <= 0:
        return LEVEL_ONLY
    rate = n / invited
    if rate > COMPULSION_ABOVE and invited >= COMPULSION_INVITED:
        return QUERY
    if rate >= PUBLISH_FROM:
        return PUBLISH
    return CAUTION if rate >= CAUTION_FROM else LEVEL_ONLY


def may_compare(n: float, invited: float) -> bool:
    """Return whether a group's mean may be set against another's.

    >>> may_compare(45, 100), may_compare(35, 100)
    (True, False)
    """
    return judge_response(n, invited) in (PUBLISH, CAUTION)
