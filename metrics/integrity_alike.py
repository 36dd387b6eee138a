"""Are a unit's figures of one month those of another unit beside it?

Each unit is held against all of its level under the same parent, and the one most like it counts,
at the chance of the pair times how many were compared. No two counts agree more often than the
likeliest value of a Poisson count at the lower of their levels comes up; where units of the bureau
agree more often on a measure, as on tasks set for all, that is taken as the chance instead.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from data.definition_types import Question
from metrics.integrity_block import TELLING, Block, frame_of, share_row
from metrics.integrity_chance import counts_at_least, poisson_mode
from metrics.integrity_repeats import LEAST_MEAN, REACH, planes_of

#: Before the code of the other unit, among the parts of a test.
OTHER = "unit:"


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Two units each of one group [measure, pair, month]: where both agree, and how likely."""

    left: np.ndarray
    right: np.ndarray
    equal: np.ndarray
    chance: np.ndarray


def alike_tests(block: Block, question: Question) -> pl.DataFrame:
    """Return the tests of figures like those beside them: a row a form of a unit and month."""
    codes, values = planes_of(block, question)
    level = _levels(values)
    recent = slice(-question.months, None)
    groups = [_pairs(values[..., recent], level[..., recent], rows) for rows in _beside(block)]
    groups = _as_often_as_seen(groups)
    forms = [block.catalog.measures[code].form for code in codes]
    found: list[dict] = []
    for form in dict.fromkeys(forms):
        rows = [at for at, name in enumerate(forms) if name == form]
        parts = [_Pairs(g.left, g.right, g.equal[rows], g.chance[rows]) for g in groups]
        everything = tuple(
            sum(int(x.sum()) for x in each)
            for each in ([~np.isnan(g.chance) for g in parts], [g.equal for g in parts])
        )
        names = tuple(codes[at] for at in rows)
        for part in parts:
            found += _tests(block, question, form, names, part, everything)
    return frame_of(found)


def _beside(block: Block) -> list[np.ndarray]:
    """Return the places of the leaves of one level under one parent, where there are several."""
    tree = block.cube.tree
    groups: dict[tuple[str | None, str], list[int]] = {}
    for leaf, at in block.cube.leaf_index.items():
        groups.setdefault((tree.parent(leaf), tree.unit(leaf).level), []).append(at)
    return [np.array(rows) for rows in groups.values() if len(rows) > 1]


def _levels(values: np.ndarray) -> np.ndarray:
    """Return the mean of all other months for each cell, NaN where they are too few."""
    there = ~np.isnan(values)
    number = there.sum(axis=-1, keepdims=True) - there
    total = np.nansum(values, axis=-1, keepdims=True) - np.nan_to_num(values)
    return np.where(there & (number >= 3), total / np.maximum(number, 1), np.nan)


def _pairs(values: np.ndarray, level: np.ndarray, rows: np.ndarray) -> _Pairs:
    """Return the pairs of one group."""
    one, other = np.triu_indices(len(rows), 1)
    left, right = rows[one], rows[other]
    lower = np.minimum(level[:, left], level[:, right])
    chance = poisson_mode(np.where(lower >= LEAST_MEAN, lower, np.nan))
    equal = ~np.isnan(chance) & (values[:, left] == values[:, right])
    return _Pairs(left, right, equal, chance)


def _as_often_as_seen(groups: Sequence[_Pairs]) -> list[_Pairs]:
    """Return the pairs with the chances raised to what the whole bureau shows of a measure."""
    if not groups:
        return []
    expected = sum(np.nansum(group.chance, axis=(1, 2)) for group in groups)
    seen = sum(group.equal.sum(axis=(1, 2)) for group in groups)
    factor = np.maximum(1.0, np.where(expected > 1, seen / np.maximum(expected, 1e-9), 1.0))
    return [
        _Pairs(g.left, g.right, g.equal, np.clip(g.chance * factor[:, None, None], 0.0, 0.95))
        for g in groups
    ]


def _tests(
    block: Block,
    question: Question,
    form: str,
    codes: tuple[str, ...],
    pairs: _Pairs,
    everything: Sequence[int],
) -> Iterator[dict]:
    """Yield the tests of one form in one group: of each unit and month the pair most alike."""
    known = ~np.isnan(pairs.chance)
    n, hits = known.sum(axis=0), pairs.equal.sum(axis=0)
    rate = np.nansum(pairs.chance, axis=0) / np.maximum(n, 1)
    enough = n >= question.least
    share = np.where(enough, hits / np.maximum(n, 1) - rate, -1.0)
    best = np.where(known, pairs.chance, 1.0).prod(axis=0)
    for leaf in np.unique([pairs.left, pairs.right]):
        mine = np.flatnonzero((pairs.left == leaf) | (pairs.right == leaf))
        tried = enough[mine].sum(axis=0)
        top = mine[share[mine].argmax(axis=0)]
        for place in np.flatnonzero(tried):
            at = int(top[place])
            if best[at, place] * tried[place] >= REACH:
                continue
            tail = 1.0
            if share[at, place] >= question.effect:
                tail = float(counts_at_least(pairs.chance[:, at, place], hits[at, place]))
            month, p = block.period(int(place), question.months), min(1.0, tail * int(tried[place]))
            counts = (int(n[at, place]), int(hits[at, place]), everything[0], everything[1])
            subject, expected = (block.leaves[leaf], form), float(rate[at, place])
            row = share_row(question, subject, (month, month), counts, expected, p)
            if p < TELLING:
                other = pairs.right[at] if pairs.left[at] == leaf else pairs.left[at]
                same = [codes[cell] for cell in np.flatnonzero(pairs.equal[:, at, place])]
                row |= {"months": [month], "parts": [f"{OTHER}{block.leaves[other]}", *same]}
            yield row
