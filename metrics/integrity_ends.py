"""Does more fall into the last month of a quarter than in the other units?

Each whole quarter is divided between its last month and the two others; the unit's share stands
against that of all other units of its level, so that seasons and holidays are no question.
"""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl

from data.definition_types import Question
from data.periods import from_number
from metrics.chance import wilson
from metrics.integrity_block import TELLING, Block, echoes, frame_of
from metrics.integrity_chance import at_least, robust_spread

QUARTER = 3
FEWEST_UNITS, FEWEST_QUARTERS = 3, 4


def surge_tests(block: Block, question: Question) -> pl.DataFrame:
    """Return the tests of quarter ends: a row a measure of a unit."""
    codes = block.known(question)
    if not codes:
        return frame_of([])
    months, lead = _span(block, question.months)
    values = block.of(codes, question.months)
    values[echoes(values)] = np.nan
    quarters = values[..., lead : lead + months].reshape(*values.shape[:2], -1, QUARTER)
    levels = dict.fromkeys(level for _, level, _ in block.groups)
    found: list[dict] = []
    for at, code in enumerate(codes):
        whole = ~np.isnan(quarters[at]).any(axis=-1)
        ends = np.where(whole, quarters[at, ..., -1], 0.0)
        totals = np.where(whole, quarters[at].sum(axis=-1), 0.0)
        for level in levels:
            members = [(unit, rows) for unit, of, rows in block.groups if of == level]
            members = [(unit, rows) for unit, rows in members if totals[rows].sum() > 0]
            if len(members) >= FEWEST_UNITS:
                last, sums = (_stacked(x, members) for x in (ends, totals))
                units = tuple(unit for unit, _ in members)
                found += _tests(block, question, code, units, last, sums, lead)
    return frame_of(found)


def _stacked(values: np.ndarray, members: list[tuple[str, np.ndarray]]) -> np.ndarray:
    """Return the sums of each unit by quarter."""
    return np.stack([values[rows].sum(axis=0) for _, rows in members])


def _span(block: Block, months: int) -> tuple[int, int]:
    """Return how many months are whole quarters, and how many stand before the first of them."""
    first = block.last - months + 1
    lead = (1 - from_number(first).month) % QUARTER
    return (months - lead) // QUARTER * QUARTER, lead


def _tests(
    block: Block,
    question: Question,
    code: str,
    units: tuple[str, ...],
    ends: np.ndarray,
    totals: np.ndarray,
    lead: int,
) -> Iterator[dict]:
    """Yield the test of one measure for each unit of a level."""
    mine, all_mine = ends.sum(axis=1), totals.sum(axis=1)
    rest, all_rest = mine.sum() - mine, all_mine.sum() - all_mine
    known = (all_mine > 0) & (all_rest > 0) & (rest > 0) & (rest < all_rest)
    share = np.where(known, rest / np.maximum(all_rest, 1), 0.5)
    own = mine / np.maximum(all_mine, 1)
    expected = totals * own[:, None]
    spread = expected * (1 - own[:, None])
    used = spread > 0.5
    freedom = max(int(used.sum()) - int(used.any(axis=1).sum()), 1)
    squares = (ends - expected) ** 2 / np.where(used, spread, 1.0)
    noise = max(1.0, float(squares[used].sum()) / freedom)
    variance = (
        noise * share * (1 - share) * (1 / np.maximum(all_mine, 1) + 1 / np.maximum(all_rest, 1))
    )
    wide = robust_spread(((own - share) / np.sqrt(variance))[known].tolist()) ** 2
    for at in np.flatnonzero(known & (all_mine >= question.least)):
        quarters = np.flatnonzero(totals[at] > 0)
        if len(quarters) < FEWEST_QUARTERS:
            continue
        shrink = noise * wide * (1 + all_mine[at] / all_rest[at])
        n, hits = float(all_mine[at]), float(mine[at])
        low, high = wilson(hits / shrink, n / shrink)
        usual = _times(float(share[at]))
        places = [lead + QUARTER * int(quarter) + QUARTER - 1 for quarter in quarters]
        row: dict[str, Any] = {
            "question": question.code,
            "unit": units[at],
            "measure": code,
            "first": block.period(lead + QUARTER * int(quarters[0]), question.months),
            "last": block.period(places[-1], question.months),
            "n": round(n),
            "hits": hits,
            "observed": _times(hits / n),
            "expected": usual,
            "base": usual,
            "effect": _times(hits / n) / usual - 1,
            "lower": _times(low) / usual - 1,
            "upper": _times(high) / usual - 1,
            "p": at_least(n / shrink, float(share[at]), hits / shrink),
        }
        if row["p"] < TELLING:
            row |= {"months": block.periods(places, question.months), "parts": [code]}
        yield row


def _times(share: float) -> float:
    """Return how many times an ordinary month of the quarter its last month is.

    >>> _times(0.5), round(_times(1 / 3), 9)
    (2.0, 1.0)
    """
    share = min(share, 1 - 1e-9)
    found = 2 * share / (1 - share)
    return found if math.isfinite(found) else 0.0
