"""After how many months does one series of amounts follow another, as far as that can be told?

What two series share by the calendar or by growth says nothing about a lag: month-of-year means and
a straight trend are taken out first. The lag is told only where the best correlation is beyond what
the best of so many lags reaches by chance, on as many independent months as the series have.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

LEAST_PAIRS = 36
ALPHA = 0.05
YEAR = 12
# A lag is named when those that fit about as well lie within so many months of each other.
NARROW = 6


@dataclass(frozen=True, slots=True)
class Lag:
    """How a later series follows an earlier one.

    `best` has the highest correlation; `first` to `last` are the lags that cannot be told from it.
    `said` is short (too few months), none (no lag can be told), wide (told, but not closely) or
    told. `pairs` counts the months behind the best.
    """

    said: str
    pairs: int
    best: int | None = None
    correlation: float | None = None
    first: int | None = None
    last: int | None = None


def tell_lag(earlier: np.ndarray, later: np.ndarray, longest: int, step: int = 1) -> Lag:
    """Return after how many months the later series follows; both by month, NaN where unknown.

    Needs: at least 36 pairs at the longest lag, else nothing is told.
    """
    lags = range(0, longest + 1, step)
    pairs = [_paired(earlier, later, lag) for lag in lags]
    counts = [int(one.shape[1]) for one in pairs]
    if step > 1 or min(counts, default=0) < LEAST_PAIRS:
        return Lag("short", min(counts, default=0))
    before, after = without_calendar(earlier), without_calendar(later)
    found = [_correlation(_paired(before, after, lag)) for lag in lags]
    if any(math.isnan(r) for r, _ in found):
        return Lag("none", min(counts))  # a series that never moves
    best = max(range(len(found)), key=lambda at: found[at][0])
    r, free = found[best]
    # one-sided: money that comes later cannot follow by being less; the best of all lags was taken
    limit = NormalDist().inv_cdf(1 - ALPHA / len(found))
    if r <= 0 or free <= 3 or math.atanh(min(r, 1 - 1e-12)) * math.sqrt(free - 3) <= limit:
        return Lag("none", counts[best])
    like = [lag for lag, one in zip(lags, found, strict=True) if _is_like(one, (r, free))]
    first, last = min(like), max(like)
    said = "told" if last - first <= NARROW else "wide"
    return Lag(said, counts[best], lags[best], r, first, last)


def without_calendar(values: np.ndarray) -> np.ndarray:
    """Return what is left of a monthly series without its month-of-year means and its trend.

    >>> months = np.arange(48.0)
    >>> bool(np.allclose(without_calendar(5 + 2 * months + (months % 12 == 1)), 0))
    True
    """
    months = np.arange(len(values))
    known = ~np.isnan(values)
    columns = [np.ones(len(values)), months.astype(float)]
    columns += [(months % YEAR == place).astype(float) for place in range(1, YEAR)]
    design = np.stack(columns, axis=1)
    fitted, *_ = np.linalg.lstsq(design[known], values[known], rcond=None)
    left = values - design @ fitted
    scale = np.nanmax(np.abs(values)) if known.any() else 0.0
    return np.where(np.abs(left) < 1e-9 * scale, 0.0, left)


def _paired(earlier: np.ndarray, later: np.ndarray, lag: int) -> np.ndarray:
    """Return the months in which both are known, the earlier one so many months before."""
    both = np.stack([earlier[: len(earlier) - lag], later[lag:]])
    return both[:, ~np.isnan(both).any(axis=0)]


def _correlation(both: np.ndarray) -> tuple[float, float]:
    """Return the correlation of two series, and how many independent months stand behind it.

    A series that drags on has fewer: n ÷ (1 + 2 Σ r₁(j) r₂(j)) by Bartlett, never more than n.
    """
    x, y = (one - one.mean() for one in both)
    size = math.sqrt(float((x**2).sum() * (y**2).sum()))
    if size == 0:
        return math.nan, 0.0
    count = both.shape[1]
    reach = min(YEAR, count // 4)
    drag = sum(_with_itself(x, j) * _with_itself(y, j) for j in range(1, reach + 1))
    return float((x * y).sum()) / size, count / max(1.0, 1 + 2 * drag)


def _with_itself(x: np.ndarray, lag: int) -> float:
    """Return the correlation of a series with itself so many months before."""
    return float((x[lag:] * x[:-lag]).sum() / (x**2).sum())


def _is_like(one: tuple[float, float], best: tuple[float, float]) -> bool:
    """Return whether a lag's correlation cannot be told from the best one's."""
    if one[1] <= 3:
        return True
    apart = math.atanh(min(best[0], 1 - 1e-12)) - math.atanh(
        max(min(one[0], 1 - 1e-12), -1 + 1e-12)
    )
    return apart <= NormalDist().inv_cdf(1 - ALPHA / 2) * math.sqrt(
        1 / (one[1] - 3) + 1 / (best[1] - 3)
    )
