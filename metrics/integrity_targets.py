"""Do figures land just past their target more often than just short of it?

Of a rate each month's count that just reaches the target is known: the two counts from it on stand
against the two below. Which side is likelier follows from the unit's own rate; where that speaks
for the lower side, even chances are taken.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from data.definition_types import Indicator, Question
from metrics.integrity_block import TELLING, Block, frame_of, share_row
from metrics.integrity_chance import counts_at_least
from metrics.standards import target_in_force

WIDTH = 2
EVERYTHING = "all"


@dataclass(frozen=True, slots=True)
class _Near:
    """The months of one indicator that lie near its target [leaf, month]: side and chance."""

    code: str
    above: np.ndarray
    chance: np.ndarray


def bunching_tests(block: Block, question: Question) -> pl.DataFrame:
    """Return the tests of targets: a row an indicator over all units, a row a unit over all."""
    near = [_near(block, question, item) for item in _asked(block, question)]
    if not near:
        return frame_of([])
    root = block.cube.tree.root
    every = np.arange(len(block.leaves))
    found: list[dict] = []
    for one in near:
        found += _test(block, question, [one], every, root, one.code)
    for unit, _, rows in block.groups:
        found += _test(block, question, near, rows, unit, EVERYTHING)
    return frame_of(found)


def _asked(block: Block, question: Question) -> list[Indicator]:
    """Return the rates with a target of their own whose parts may be looked at."""
    allowed = set(block.known(question))
    return [
        item
        for item in block.catalog.indicators.values()
        if item.kind == "ratio"
        and item.direction
        and item.frequency == "M"
        and {*item.numerator, *item.denominator} <= allowed
        and any(target.value is not None for target in item.targets)
    ]


def _near(block: Block, question: Question, item: Indicator) -> _Near:
    """Return on which side of the target each month near it lies, and how likely the good one."""
    upper, lower = (
        block.of(part, question.months).sum(axis=0) for part in (item.numerator, item.denominator)
    )
    above = np.zeros(upper.shape, dtype=bool)
    chance = np.full(upper.shape, np.nan)
    whole = (upper == np.floor(upper)) & (lower == np.floor(lower)) & (upper <= lower)
    rate = np.nansum(np.where(whole, upper, 0), axis=1) / np.maximum(
        np.nansum(np.where(whole, lower, 0), axis=1), 1
    )
    for place in range(question.months):
        month = block.last - question.months + 1 + place
        target = target_in_force(item, month, "month")
        if target is None or target.value is None:
            continue
        for leaf in np.flatnonzero(whole[:, place]):
            met, total = int(upper[leaf, place]), int(lower[leaf, place])
            found = _side(met, total, target.value / item.scale, item.direction, rate[leaf])
            if found:
                above[leaf, place], chance[leaf, place] = found
    return _Near(item.code, above, chance)


def _side(
    met: int, total: int, target: float, direction: int, rate: float
) -> tuple[bool, float] | None:
    """Return whether a count lies on the good side, and the chance of that; None if not near.

    Where the target lies so close to none or all that the window would hold these, nothing is said.

    >>> _side(90, 100, 0.9, 1, 0.9)[0], _side(89, 100, 0.9, 1, 0.9)[0], _side(95, 100, 0.9, 1, 0.9)
    (True, False, None)
    >>> _side(10, 10, 0.98, 1, 0.9)
    """
    if direction > 0:
        edge = math.ceil(target * total - 1e-9)
        good, bad = range(edge, edge + WIDTH), range(edge - WIDTH, edge)
    else:
        edge = math.floor(target * total + 1e-9)
        good, bad = range(edge - WIDTH + 1, edge + 1), range(edge + 1, edge + WIDTH + 1)
    low, high = min(good[0], bad[0]), max(good[-1], bad[-1])
    if met not in (*good, *bad) or low <= 0 or high >= total:
        return None
    share = min(max(rate, 1e-6), 1 - 1e-6)
    weight = {k: _mass(k, total, share) for k in (*good, *bad)}
    top = max(weight.values())
    sides = [sum(math.exp(weight[k] - top) for k in side) for side in (good, bad)]
    return met in good, max(0.5, sides[0] / sum(sides))


def _mass(k: int, n: int, share: float) -> float:
    """Return the logarithm of a binomial chance."""
    ways = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
    return ways + k * math.log(share) + (n - k) * math.log1p(-share)


def _test(
    block: Block,
    question: Question,
    near: list[_Near],
    rows: np.ndarray,
    unit: str,
    measure: str,
) -> Iterator[dict]:
    """Yield the test of one indicator or unit."""
    chance = np.stack([one.chance[rows] for one in near])
    above = np.stack([one.above[rows] for one in near]) & ~np.isnan(chance)
    n, hits = int((~np.isnan(chance)).sum()), int(above.sum())
    if n < question.least:
        return
    everything = sum(int((~np.isnan(one.chance)).sum()) for one in near)
    seen = sum(int(one.above.sum()) for one in near)
    places = np.flatnonzero((~np.isnan(chance)).any(axis=(0, 1)))
    first, last = block.periods(places[[0, -1]], question.months)
    p = float(counts_at_least(chance[~np.isnan(chance)], np.array(hits)))
    counts, expected = (n, hits, everything, seen), float(np.nanmean(chance))
    row = share_row(question, (unit, measure), (first, last), counts, expected, p)
    if p < TELLING:
        hit = np.flatnonzero(above.any(axis=(0, 1)))
        order = np.argsort(-above.sum(axis=(1, 2)))
        parts = [near[at].code for at in order[:5] if above[at].any()]
        row |= {"months": block.periods(hit, question.months), "parts": parts}
    yield row
