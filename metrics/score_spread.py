"""What is the standard deviation behind a score at most, as an interval needs it?

Pooled over the leaves like the figure itself, except that a leaf which filed a mean and no
deviation is not left out, which would make the whole too sure: it enters with the greatest
deviation that answers on that scale with that mean can have.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from metrics.cube import Cube
from metrics.plan import Plan, make_plan, widest_plan
from metrics.rollup import Rolled, roll_figures, shared_in
from metrics.windows import open_window

NEAR = 1e-6


@dataclass(frozen=True, slots=True)
class Spread:
    """Standard deviations [unit, period]: NaN where there is no saying how great one may be.

    `is_shared` where the figure holds a part of what another unit filed.
    """

    value: np.ndarray
    is_shared: np.ndarray


def widest_spreads(
    cube: Cube, code: str, units: Sequence[str], asked: np.ndarray, window: str
) -> Spread:
    """Return the pooled deviations of a measure that holds a score's, as they are at most.

    Args:
        cube: Facts of the score, its n and its deviation.
        code: The measure that holds the deviation.
        units: Units.
        asked: Month numbers.
        window: Window that ends with each month.
    """
    mean = cube.catalog.measures[code].roll_by[1]
    spread, is_shared = _roll(cube, widest_plan(cube.catalog, code), units, asked, window)
    score, _ = _roll(cube, make_plan(cube.catalog, mean), units, asked, window)
    # Answers without a deviation on a scale without ends: of the whole nothing can be said.
    is_whole = np.abs(spread.denominator[0] + 1 - score.denominator[0]) < NEAR
    return Spread(np.where(is_whole, spread.value[0], np.nan), is_shared)


def _roll(
    cube: Cube, plan: Plan, units: Sequence[str], asked: np.ndarray, window: str
) -> tuple[Rolled, np.ndarray]:
    """Return the figures of a plan, and which of them hold a part of another unit's."""
    batch, (leafwise,), (spans,) = open_window(cube, [plan], asked, window)
    return roll_figures(batch, leafwise, spans, units), shared_in(batch, leafwise, units)[0]
