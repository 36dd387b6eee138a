"""Which limit names no unit of a chart by chance, and how far do units differ beyond chance?

A leader reads a whole chart, so the chart is what may be wrong: of units without any difference
one is named, whoever it is, on at most about one chart in twenty (Šidák 1967). The spread between
units is the one that makes their distances, each over its own chance and the spread together, as
large as those of a bell (Paule and Mandel 1982, with the outer tenths drawn in, as large as they
are in a bell with its own tenths drawn in). The spread that is published for funnels, DerSimonian
and Laird's of distances drawn in, is a third too small even for large units of one size, and less
than half where sizes differ: it stays in `kpi analyse funnel`. docs/reading-benchmark.md measures
both.
"""

from statistics import NormalDist

import numpy as np

from metrics.funnel_limits import Spread

#: Part of all charts of equal units that may name one of them.
CHART = 0.05
#: Part of the units that is drawn in at each end, so that no single one sets the spread.
TRIM = 0.1
#: Halvings of the range in which the spread is looked for.
STEPS = 30
#: Of fewer units than these none can be named where they differ: each is a part of the level.
FEW = 5


def tail_of(units: int) -> float:
    """Return the chance at each side with which one of so many units may be named.

    >>> [round(tail_of(units), 5) for units in (1, 9, 126)]
    [0.025, 0.00284, 0.0002]
    """
    return (1 - (1 - CHART) ** (1 / units)) / 2


def limit_of(units: int) -> float:
    """Return how many standard errors off its level one of so many units is named.

    >>> [round(limit_of(units), 2) for units in (1, 3, 9, 20, 126)]
    [1.96, 2.39, 2.77, 3.02, 3.54]
    """
    return NormalDist().inv_cdf(1 - tail_of(units))


def spread_of(apart: np.ndarray, variance: np.ndarray, target: float) -> Spread:
    """Return how far units differ: φ is 1 where it is by chance alone, τ² then nought.

    Given their distances from the level and the variance that chance gives each, both on a scale
    of even spread.

    >>> spread = spread_of(np.array([-2.0, -1.0, 0.0, 1.0, 2.0]), np.full(5, 0.1), 0.5)
    >>> round(spread.phi, 1), round(spread.tau2, 2), spread.kept
    (26.2, 1.61, 5)
    """
    units = len(apart)
    phi = _mean_square(apart, variance)
    if phi <= 1:
        return Spread(target, phi, 0.0, units)
    low, high = 0.0, float((apart**2).max()) * units / (units - 1) / _kept()
    for _ in range(STEPS):
        middle = (low + high) / 2
        is_more = _mean_square(apart, variance + middle) > 1
        low, high = (middle, high) if is_more else (low, middle)
    return Spread(target, phi, high * _certain(units), units)


def _certain(units: int) -> float:
    """Return by how much τ² is widened, as it stands on so many units only.

    So that, where chance hardly matters, one in twenty charts of units that lie in a bell names
    one. Of few units a farthest one is a good part of its own spread, and needs less.

    >>> [round(_certain(units), 2) for units in (3, 5, 9, 20, 126)]
    [0.64, 0.64, 1.14, 1.17, 1.04]
    """
    units = max(units, FEW)
    return 1 + 5 / units - 34 / units**2


def _mean_square(apart: np.ndarray, variance: np.ndarray) -> float:
    """Return the mean square of distances over their errors, drawn in: of a bell about 1."""
    z, last = apart / np.sqrt(variance), len(apart) - 1
    edges = np.interp([TRIM * last, (1 - TRIM) * last], np.arange(last + 1), np.sort(z))
    return float((np.clip(z, *edges) ** 2).sum() / last / _kept())


def _kept() -> float:
    """Return the variance that a bell of variance 1 keeps with its outer parts drawn in.

    >>> round(_kept(), 4)
    0.6787
    """
    bell = NormalDist()
    edge = bell.inv_cdf(1 - TRIM)
    return 1 - 2 * TRIM + 2 * TRIM * edge**2 - 2 * edge * bell.pdf(edge)
