"""What does each leaf bring to the mean, or the spread, of scores that many people gave?

A leaf brings n, n·m and (n − 1)·s² + n·m². One answer has no spread of its own, and none is needed
of it. Where the deviation of several answers was not filed the leaf is left out of a `spread`; a
`widest` one takes the greatest that answers on that scale with that mean can have, so that an
interval made of it is never too narrow.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from metrics.cube import Cube
from metrics.plan import Plan

Parts = Mapping[str, np.ndarray]
ONE = 1.0


def mean_totals(parts: Parts) -> dict[str, np.ndarray]:
    """Return n·x and n of a mean."""
    return {"num": parts["weight"] * parts["value"], "den": parts["weight"]}


def spread_totals(
    cube: Cube, plans: Sequence[Plan], parts: Parts, has: Parts
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Return the sums that a spread is pooled from, with the variance `once`, and what is there.

    Args:
        cube: The facts; its catalogue has the range of each score.
        plans: The spreads, all of one shape.
        parts: Value (the deviation), weight and mean [plan, leaf, month], in their units.
        has: Which of them were filed.
    """
    n, mean = parts["weight"], parts["mean"]
    filed = has["weight"] & has["mean"]
    lacking = filed & ~has["value"]
    spread = np.where(has["value"], parts["value"], 0.0)
    found = filed & (has["value"] | (n == ONE))
    if plans[0].shape == "widest" and lacking.any():
        low, high = _ranges(cube, plans)
        square = widest_square(n, mean, low, high)
        is_bound = lacking & (n > ONE) & ~np.isnan(square)
        spread = np.where(is_bound, np.sqrt(np.where(is_bound, square, 0.0)), spread)
        found |= is_bound
    totals = {"square": np.maximum(n - 1, 0) * spread**2 + n * mean**2, "num": n * mean, "den": n}
    return totals | {"once": spread**2}, found


def widest_square(n: np.ndarray, mean: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Return the greatest variance (with n − 1) of n answers between two ends with a given mean.

    (high − m)·(m − low) if all answers stood at the ends (Bhatia and Davis, 2000), × n ÷ (n − 1).

    >>> one = np.ones(1)
    >>> widest_square(11 * one, 60 * one, 0 * one, 100 * one).tolist()
    [2640.0]
    """
    square = np.maximum((high - mean) * (mean - low), 0.0)
    return square * n / np.where(n > ONE, n - 1, np.nan)


def _ranges(cube: Cube, plans: Sequence[Plan]) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of the scale of each plan's score; NaN where it has none."""
    ends = []
    for plan in plans:
        (code,) = (item.measure for item in plan.inputs if item.role == "mean")
        measure = cube.catalog.measures[code]
        known = (measure.minimum, measure.maximum)
        ends.append([np.nan if end is None else end for end in known])
    low, high = np.array(ends, dtype=float).T
    return low[:, None, None], high[:, None, None]
