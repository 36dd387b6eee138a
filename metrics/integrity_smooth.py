"""Does a count vary less than counts do?

The months of a series are taken by threes. Given its sum, each three is spread as if drawn by lot;
trends and seasons only add to that. A measure that is steadier in the whole bureau, as planned work
is, is held against its own steadiness.
"""

import math
from typing import Any

import numpy as np
import polars as pl

from data.definition_types import Question
from metrics.integrity_block import TELLING, Block, echoes, frame_of
from metrics.integrity_chance import spread_at_most, spread_interval

THREE = 3
#: Sums of squares of three whole numbers with a given sum lie on a grid; half a step of it.
HALF_STEP = math.sqrt(3) / math.pi
LEAST_MEAN = 5.0


def smooth_tests(block: Block, question: Question) -> pl.DataFrame:
    """Return the tests of spread: a row a measure of a unit."""
    codes = block.known(question)
    if not codes:
        return frame_of([])
    months = question.months - question.months % THREE
    values = block.of(codes, months)
    values[echoes(values)] = np.nan
    whole = np.isnan(values) | (values == np.floor(values))
    values[~whole.all(axis=-1)] = np.nan
    threes = values.reshape(*values.shape[:2], -1, THREE)
    total = threes.sum(axis=-1)
    used = ~np.isnan(total) & (total >= THREE * LEAST_MEAN)
    squares = ((threes - total[..., None] / THREE) ** 2).sum(axis=-1)
    parts = np.where(used, THREE * (squares + HALF_STEP) / np.where(used, total, 1.0), 0.0)
    square, blocks = parts.sum(axis=-1), used.sum(axis=-1)
    found = []
    for at, code in enumerate(codes):
        ratios = square[at] / np.maximum(2 * blocks[at], 1)
        asked = np.flatnonzero(THREE * blocks[at] >= question.least)
        # What is usual is what half of the units show; a few cannot hide each other.
        usual = float(np.median(ratios[asked])) if len(asked) >= 5 else 1.0
        normal = min(1.0, usual)
        for leaf in asked:
            freedom = 2 * int(blocks[at, leaf])
            scaled = float(square[at, leaf]) / normal
            ratio = scaled / freedom
            low, high = spread_interval(scaled, freedom)
            places = np.flatnonzero(used[at, leaf])
            first, last = THREE * places[0], THREE * places[-1] + 2
            row: dict[str, Any] = {
                "question": question.code,
                "unit": block.leaves[leaf],
                "measure": code,
                "first": block.period(first, months),
                "last": block.period(last, months),
                "n": THREE * len(places),
                "hits": float(len(places)),
                "observed": float(ratios[leaf]),
                "expected": normal,
                "base": usual,
                "effect": 1 - ratio,
                "lower": 1 - high,
                "upper": 1 - low,
                "p": spread_at_most(scaled, freedom),
            }
            if row["p"] < TELLING:
                seen = [THREE * int(place) + step for place in places for step in range(THREE)]
                row |= {"months": block.periods(seen, months), "parts": [code]}
            found.append(row)
    return frame_of(found)
