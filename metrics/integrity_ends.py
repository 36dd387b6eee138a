"""Does more fall into the last month of a quarter, or from December into January, than elsewhere?

Each whole quarter is divided between its last month and the two others, each turn of the year
between December and January; the unit's share stands against that of all other units of its level,
so that seasons and holidays are no question.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from data.definition_types import Question
from metrics.chance import wilson
from metrics.integrity_block import TELLING, Block, echoes, frame_of
from metrics.integrity_chance import at_least, robust_spread

QUARTER, TURN = 3, 2
FEWEST_UNITS, FEWEST_QUARTERS, FEWEST_TURNS = 3, 4, 2


@dataclass(frozen=True, slots=True)
class _Spans:
    """Spans of so many months, the places of their last months, and the fewest that tell."""

    lasts: list[int]
    length: int
    fewest: int


def surge_tests(block: Block, question: Question) -> pl.DataFrame:
    """Return the tests of quarter ends: a row a measure of a unit."""
    return _span_tests(block, question, QUARTER, 0, FEWEST_QUARTERS)


def turn_tests(block: Block, question: Question) -> pl.DataFrame:
    """Return the tests of turns of the year, January beside December: a row a measure of a unit."""
    return _span_tests(block, question, TURN, 1, FEWEST_TURNS)


def _span_tests(
    block: Block, question: Question, length: int, month: int, fewest: int
) -> pl.DataFrame:
    """Return the tests of spans that end with a month of the year (0: with each third)."""
    codes = block.known(question)
    if not codes:
        return frame_of([])
    values = block.of(codes, question.months)
    values[echoes(values)] = np.nan
    lasts = _lasts(block, question.months, length, month)
    if len(lasts) < fewest:
        return frame_of([])
    spans = np.stack([values[..., at - length + 1 : at + 1] for at in lasts], axis=2)
    levels = dict.fromkeys(level for _, level, _ in block.groups)
    found: list[dict] = []
    for at, code in enumerate(codes):
        whole = ~np.isnan(spans[at]).any(axis=-1)
        ends = np.where(whole, spans[at, ..., -1], 0.0)
        totals = np.where(whole, spans[at].sum(axis=-1), 0.0)
        for level in levels:
            members = [(unit, rows) for unit, of, rows in block.groups if of == level]
            members = [(unit, rows) for unit, rows in members if totals[rows].sum() > 0]
            if len(members) >= FEWEST_UNITS:
                last, sums = (_stacked(x, members) for x in (ends, totals))
                units = tuple(unit for unit, _ in members)
                places = _Spans(lasts, length, fewest)
                found += _tests(block, question, code, units, last, sums, places)
    return frame_of(found)


def _stacked(values: np.ndarray, members: list[tuple[str, np.ndarray]]) -> np.ndarray:
    """Return the sums of each unit by span."""
    return np.stack([values[rows].sum(axis=0) for _, rows in members])


def _lasts(block: Block, months: int, length: int, month: int) -> list[int]:
    """Return the places of the months that end a whole span."""
    named = [block.period(at, months).month for at in range(months)]
    is_last = [one == month if month else one % QUARTER == 0 for one in named]
    return [at for at in range(length - 1, months) if is_last[at]]


def _tests(
    block: Block,
    question: Question,
    code: str,
    units: tuple[str, ...],
    ends: np.ndarray,
    totals: np.ndarray,
    spans: _Spans,
) -> Iterator[dict]:
    """Yield the test of one measure for each unit of a level."""
    mine, all_mine = ends.sum(axis=1), totals.sum(axis=1)
    rest, all_rest = mine.sum() - mine, all_mine.sum() - all_mine
    known = (all_mine > 0) & (all_rest > 0) & (rest > 0) & (rest < all_rest)
    share = np.where(known, rest / np.maximum(all_rest, 1), 0.5)
    highest = np.maximum(share, _without_one(mine, all_mine))
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
        places = [spans.lasts[seen] for seen in np.flatnonzero(totals[at] > 0)]
        if len(places) < spans.fewest:
            continue
        shrink = noise * wide * (1 + all_mine[at] / all_rest[at])
        n, hits = float(all_mine[at]), float(mine[at])
        low, high = wilson(hits / shrink, n / shrink)
        usual = _times(float(share[at]), spans.length)
        row: dict[str, Any] = {
            "question": question.code,
            "unit": units[at],
            "measure": code,
            "first": block.period(places[0] - spans.length + 1, question.months),
            "last": block.period(places[-1], question.months),
            "n": round(n),
            "hits": hits,
            "observed": _times(hits / n, spans.length),
            "expected": usual,
            "base": usual,
            "effect": _times(hits / n, spans.length) / usual - 1,
            "lower": _times(low, spans.length) / usual - 1,
            "upper": _times(high, spans.length) / usual - 1,
            "p": at_least(n / shrink, float(highest[at]), hits / shrink),
        }
        if row["p"] < TELLING:
            row |= {"months": block.periods(places, question.months), "parts": [code]}
        yield row


def _without_one(ends: np.ndarray, totals: np.ndarray) -> np.ndarray:
    """Return for each unit the share of all others but one, whichever of them makes it highest.

    Where few units stand beside each other, one that holds cases back lowers the share of the
    rest: no other is asked for what is that one's doing.

    >>> _without_one(np.array([50.0, 50.0, 10.0]), np.array([100.0, 100.0, 100.0])).tolist()
    [0.5, 0.5, 0.5]
    """
    last, whole = (x.sum() - x[:, None] - x[None, :] for x in (ends, totals))
    np.fill_diagonal(whole, 0.0)  # a unit beside itself is no other
    return np.divide(last, whole, out=np.zeros(last.shape), where=whole > 0).max(axis=1)


def _times(share: float, length: int) -> float:
    """Return how many times an ordinary month of the span its last month is.

    >>> _times(0.5, 3), round(_times(1 / 3, 3), 9), _times(0.5, 2)
    (2.0, 1.0, 1.0)
    """
    share = min(share, 1 - 1e-9)
    found = (length - 1) * share / (1 - share)
    return found if math.isfinite(found) else 0.0
