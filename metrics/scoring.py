"""How many of 100 points does a value earn under each scoring method?

Every method takes an array of values (units, or draws of units) and gives an array of the same
shape between its floor and its cap. A missing value (NaN) stays missing; it never becomes nought.
The six methods and their formulas are those of the schemes' definition files.
"""

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from data.parse import nearest

Array = NDArray[np.float64]
METHODS = ("goal_ratio", "efficacy", "bands", "pass_line", "deduction", "rank")
COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "==": operator.eq,
}
NUMBER = r"-?\d+(?:\.\d+)?"
BAND = re.compile(rf"(?:(?P<low>{NUMBER})(?P<left><=?))?x(?:(?P<op>[<>]=?)(?P<edge>{NUMBER}))?")


def score_values(
    method: str, values: Array, params: Mapping[str, Any], direction: int, target: Any = None
) -> Array:
    """Return the score (0 to 100 or the item's cap) of each value under a method.

    Args:
        method: One of the six methods.
        values: Values of the item; NaN is missing.
        params: The item's parameters (thresholds, bands, cap).
        direction: +1 where more is better, -1 where less is.
        target: For goal_ratio, the resolved target: a number or an array; else `params["target"]`.

    >>> score_values("efficacy", np.array([5.81]), {"good": 12, "bad": 6}, 1).round(2).tolist()
    [58.73]
    """
    values = np.asarray(values, dtype=float)
    if method == "goal_ratio":
        target = params["target"] if target is None else target
        return goal_ratio(values, target, direction, params.get("cap", 100))
    if method == "efficacy":
        limits = (params.get("floor", 0), params.get("cap", 100))
        return efficacy(values, params["good"], params["bad"], *limits)
    if method == "bands":
        return banded(values, params["bands"])
    if method == "pass_line":
        is_met = COMPARE[params.get("op", ">=")](values, params["line"])
        return _keep_missing(values, np.where(is_met, 100.0, params["line_score"]))
    if method == "deduction":
        return _keep_missing(values, np.clip(100 - params["per_unit"] * values, 0, 100))
    if method == "rank":
        return rank_points(values, direction)
    msg = f"unknown method '{method}'{nearest(method, METHODS)}; allowed: {', '.join(METHODS)}"
    raise ValueError(msg)


def goal_ratio(values: Array, target: Any, direction: int, cap: float = 100) -> Array:
    """Return 100 x / target, or 100 target / x where less is better, at most the cap.

    A target that is missing or nought makes the item missing; a value of nought where less is
    better earns the cap.

    >>> goal_ratio(np.array([72.0, 90.0]), 80, 1).tolist()
    [90.0, 100.0]
    >>> goal_ratio(np.array([8.0, 0.0]), 6, -1).tolist()
    [75.0, 100.0]
    """
    target = np.broadcast_to(np.asarray(target, dtype=float), values.shape)
    usable = np.where(target > 0, target, np.nan)
    if direction < 0:
        with np.errstate(divide="ignore"):
            ratio = np.where(values > 0, 100 * usable / np.where(values > 0, values, 1), np.inf)
        ratio = np.where(np.isnan(usable), np.nan, ratio)
    else:
        ratio = 100 * values / usable
    return _keep_missing(values, np.clip(ratio, 0, cap))


def efficacy(values: Array, good: float, bad: float, floor: float = 0, cap: float = 100) -> Array:
    """Return 60 + 40 (x - bad) / (good - bad), clipped; good and bad may be in either order.

    >>> efficacy(np.array([0.0, 30.0]), good=-10, bad=10, floor=40).tolist()
    [80.0, 40.0]
    """
    return np.clip(60 + 40 * (values - bad) / (good - bad), floor, cap)


def banded(values: Array, bands: list) -> Array:
    """Return the points of the band each value falls into; outside all bands it is missing.

    >>> banded(np.array([-15, -5, 16]), [["x<=-15", 100], ["-15<x<=15", 80], ["x>15", 60]]).tolist()
    [100.0, 80.0, 60.0]
    """
    score = np.full(values.shape, np.nan)
    for condition, points in reversed(bands):
        low, low_in, high, high_in = band_edges(condition)
        above = values >= low if low_in else values > low
        below = values <= high if high_in else values < high
        score[above & below] = points
    return score


def band_edges(condition: str) -> tuple[float, bool, float, bool]:
    """Return low edge, whether it belongs, high edge, whether it belongs.

    >>> band_edges("-15<x<=-5")
    (-15.0, False, -5.0, True)
    >>> band_edges("x>20")
    (20.0, False, inf, False)
    """
    found = BAND.fullmatch(re.sub(r"\s", "", condition).replace("−", "-"))
    if not found or (found["low"] is None and found["op"] is None):
        msg = f"cannot read the band '{condition}': write it like 'x<=-5', '-5<x<=5' or 'x>5'"
        raise ValueError(msg)
    low, low_in, high, high_in = -np.inf, False, np.inf, False
    if found["low"] is not None:
        low, low_in = float(found["low"]), found["left"] == "<="
    if found["op"] in ("<", "<="):
        high, high_in = float(found["edge"]), found["op"] == "<="
    elif found["op"]:
        low, low_in = float(found["edge"]), found["op"] == ">="
    return float(low), low_in, float(high), high_in


def rank_points(values: Array, direction: int) -> Array:
    """Return 100 - 40 (rank - 1) / (n - 1) along the first axis; ties share the mean rank.

    >>> rank_points(np.array([9.0, 7.0, 7.0, 1.0, np.nan]), direction=1).round(2).tolist()
    [100.0, 80.0, 80.0, 60.0, nan]
    """
    known = (~np.isnan(values)).sum(axis=0)
    ranks = stats.rankdata(-direction * values, axis=0, nan_policy="omit")
    steps = np.where(known > 1, known - 1, np.nan)
    return _keep_missing(values, 100 - 40 * (ranks - 1) / steps)


def redistribute(weights: Array, dimensions: list[str], is_missing: NDArray[np.bool_]) -> Array:
    """Return each unit's weights (unit by item) after the missing ones are shared out.

    Within a dimension pro rata first; a dimension wholly missing goes over all that is left.

    >>> missing = np.array([[True, False, False], [True, True, False]])
    >>> redistribute(np.array([20.0, 30.0, 50.0]), ["a", "a", "b"], missing).tolist()
    [[0.0, 50.0, 50.0], [0.0, 0.0, 100.0]]
    """
    open_weights = np.where(is_missing, 0.0, np.broadcast_to(weights, is_missing.shape))
    shared = np.zeros_like(open_weights)
    names = np.array(dimensions)
    for name in dict.fromkeys(dimensions):
        inside = names == name
        left = open_weights[:, inside].sum(axis=1, keepdims=True)
        scale = np.divide(weights[inside].sum(), left, out=np.zeros_like(left), where=left > 0)
        shared[:, inside] = open_weights[:, inside] * scale
    total = shared.sum(axis=1, keepdims=True)
    scale = np.divide(weights.sum(), total, out=np.zeros_like(total), where=total > 0)
    return shared * scale


def _keep_missing(values: Array, scores: Array) -> Array:
    """Return the scores with missing where the value is missing."""
    return np.where(np.isnan(values), np.nan, scores)
