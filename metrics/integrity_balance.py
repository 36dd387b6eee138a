"""Has the balance of two counts moved in one unit, while it has not in the others?

The last months stand against the year before, and the unit against all others of its level
together: what moves everywhere (a season, a new classification) is no question to one unit.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from data.definition_types import Question
from metrics.chance import Z95
from metrics.integrity_block import TELLING, Block, frame_of
from metrics.integrity_chance import odds_at_least, one_sided, robust_spread

#: How far the total may have moved beside the others', in a logarithm, and still be steady.
STEADY = 0.1
FEWEST_UNITS = 3
HALF = 0.5


@dataclass(frozen=True, slots=True)
class _Counts:
    """What falls and what rises, before and lately, of some units; `noise` is over chance alone."""

    units: tuple[str, ...]
    falls: np.ndarray
    rises: np.ndarray
    noise: float

    def change(self, at: np.ndarray | int) -> float:
        """Return how the ratio of what falls to what rises has changed, as a logarithm."""
        (a0, a1), (b0, b1) = self.falls[at], self.rises[at]
        return math.log((a1 + HALF) * (b0 + HALF) / ((a0 + HALF) * (b1 + HALF)))

    def variance(self, at: np.ndarray | int) -> float:
        """Return the variance of that change."""
        parts = np.concatenate([self.falls[at], self.rises[at]])
        return self.noise * float((1 / (parts + HALF)).sum())


def balance_tests(block: Block, question: Question) -> pl.DataFrame:
    """Return the tests of a balance: a row a unit with enough on both sides."""
    falls, rises = (
        _sum(block.of(codes, question.months)) for codes in (question.falls, question.rises)
    )
    known = ~np.isnan(falls) & ~np.isnan(rises)
    falls, rises = np.where(known, falls, 0.0), np.where(known, rises, 0.0)
    found: list[dict] = []
    for level in dict.fromkeys(level for _, level, _ in block.groups):
        members = [(unit, rows) for unit, of, rows in block.groups if of == level]
        members = [(unit, rows) for unit, rows in members if (falls + rises)[rows].sum() > 0]
        if len(members) < FEWEST_UNITS:
            continue
        down, up = (np.stack([x[rows].sum(axis=0) for _, rows in members]) for x in (falls, rises))
        counts = _counts(tuple(unit for unit, _ in members), down, up, question.recent)
        found += _tests(block, question, counts)
    return frame_of(found)


def _sum(values: np.ndarray) -> np.ndarray:
    return values.sum(axis=0)


def _counts(units: tuple[str, ...], falls: np.ndarray, rises: np.ndarray, recent: int) -> _Counts:
    """Return the counts before and lately, with the noise of the months before."""
    down, up = (
        np.stack([x[:, :-recent].sum(axis=1), x[:, -recent:].sum(axis=1)], axis=1)
        for x in (falls, rises)
    )
    both = falls[:, :-recent] + rises[:, :-recent]
    total = both.sum(axis=1, keepdims=True)
    share = falls[:, :-recent].sum(axis=1, keepdims=True) / np.maximum(total, 1)
    expected = both * share
    spread = expected * (1 - share)
    used = spread > HALF
    squares = (falls[:, :-recent] - expected) ** 2 / np.where(used, spread, 1.0)
    freedom = max(int(used.sum()) - int(used.any(axis=1).sum()), 1)
    noise = float(squares[used].sum()) / freedom if used.any() else 1.0
    return _Counts(units, down, up, max(1.0, noise))


def _tests(block: Block, question: Question, counts: _Counts) -> Iterator[dict]:
    """Yield the test of each unit against all others of its level."""
    size = len(counts.units)
    rest = [_rest(counts, at) for at in range(size)]
    scores = []
    for at in range(size):
        gap = counts.change(at) - rest[at].change(0)
        scores.append(gap / math.sqrt(counts.variance(at) + rest[at].variance(0)))
    wide = robust_spread(scores) ** 2
    for at, unit in enumerate(counts.units):
        mine = float((counts.falls[at] + counts.rises[at]).sum())
        if mine < question.least or min(counts.falls[at].sum(), counts.rises[at].sum()) < 5:
            continue
        gap = counts.change(at) - rest[at].change(0)
        variance = wide * (counts.variance(at) + rest[at].variance(0))
        # Counts are made smaller until chance alone is as wide as what the units show.
        shrink = variance * counts.noise / counts.variance(at)
        (a0, a1), (b0, b1) = counts.falls[at] / shrink, counts.rises[at] / shrink
        p = odds_at_least(b1, a1 + b1, b0, a0 + b0, math.exp(-rest[at].change(0)))
        p = max(p, one_sided(-gap / math.sqrt(variance)))
        is_asked = question.kind != "shift" or _is_steady(counts, rest[at], at)
        half = Z95 * math.sqrt(variance)
        row: dict[str, Any] = {
            "question": question.code,
            "unit": unit,
            "measure": question.falls[0],
            "first": block.period(0, question.months),
            "last": block.period(question.months - 1, question.months),
            "n": round(mine),
            "hits": float(counts.falls[at][1]),
            "observed": math.exp(counts.change(at)),
            "expected": math.exp(rest[at].change(0)),
            "base": math.exp(rest[at].change(0)),
            "effect": 1 - math.exp(gap),
            "lower": 1 - math.exp(gap + half),
            "upper": 1 - math.exp(gap - half),
            "p": p if is_asked else 1.0,
        }
        if row["p"] < TELLING:
            lately = range(question.months - question.recent, question.months)
            row |= {"months": block.periods(lately, question.months), "parts": [*question.measures]}
        yield row


def _rest(counts: _Counts, at: int) -> _Counts:
    """Return all units but one, together."""
    down, up = ((x.sum(axis=0) - x[at])[None, :] for x in (counts.falls, counts.rises))
    return _Counts(("rest",), down, up, counts.noise)


def _is_steady(counts: _Counts, rest: _Counts, at: int) -> bool:
    """Return whether a unit's total has moved as the others' has."""
    (mine0, mine1), (other0, other1) = (
        part.falls[place] + part.rises[place] for part, place in ((counts, at), (rest, 0))
    )
    if min(mine0, mine1, other0, other1) <= 0:
        return False
    gap = math.log(mine1 / mine0) - math.log(other1 / other0)
    # A small total moves by chance alone: it is steady as long as chance explains its move.
    chance = 2 * math.sqrt(1 / mine0 + 1 / mine1)
    return abs(gap) <= max(STEADY, min(chance, 3 * STEADY))
