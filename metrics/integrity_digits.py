"""Are figures round more often than counting makes them?

Only counts that vary enough for their last digit to fall anywhere are looked at: then a fifth ends
in 0 or 5, a tenth in 0, a hundredth in 00. A figure that stands still is one figure, not one a
month. All measures of a unit are pooled, and all units of a measure.
"""

from collections.abc import Iterator

import numpy as np
import polars as pl

from data.definition_types import Question
from metrics.integrity_block import TELLING, Block, echoes, frame_of, share_row
from metrics.integrity_chance import at_least

#: Step, least spread from month to month, least mean. With a spread of half the step or more the
#: digits of a bell-shaped count are even to a few parts in a hundred of their share.
STEPS = ((5, 3.0, 10.0), (10, 6.0, 40.0), (100, 60.0, 400.0))
EVERYTHING = "all"


def heaping_tests(block: Block, question: Question) -> pl.DataFrame:
    """Return the tests of last digits: a row a unit, and a row a measure over all units."""
    codes = block.known(question)
    if not codes:
        return frame_of([])
    values = block.of(codes, question.months)
    cells = [_counted(values, step, spread, mean) for step, spread, mean in STEPS]
    root = block.cube.tree.root
    found: list[dict] = []
    for unit, _, rows in block.groups:
        pick: tuple = (slice(None), rows)
        found += _test(block, question, codes, cells, pick, unit, EVERYTHING)
    for at, code in enumerate(codes):
        pick = (np.array([at]), slice(None))
        found += _test(block, question, (code,), cells, pick, root, code)
    return frame_of(found)


def _counted(
    values: np.ndarray, step: int, spread: float, mean: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return which cells are looked at for a step, and which of them are multiples of it."""
    there = ~np.isnan(values) & (values > 0) & (values == np.floor(values))
    number = np.maximum(there.sum(axis=-1), 1)
    average = np.where(there, values, 0).sum(axis=-1) / number
    change = np.diff(np.where(there, values, np.nan), axis=-1)
    moves = np.maximum((~np.isnan(change)).sum(axis=-1), 1)
    deviation = np.sqrt(np.nansum(change * change, axis=-1) / (2 * moves))
    fits = (average >= mean) & (deviation >= spread) & (number >= 3) & ~echoes(values)
    cells = there & fits[..., None] & ~_still(values)
    return cells, cells & (np.nan_to_num(values) % step == 0)


def _still(values: np.ndarray) -> np.ndarray:
    """Return where a figure is that of the month before: a number kept says nothing again."""
    before = np.full_like(values, np.nan)
    before[..., 1:] = values[..., :-1]
    return values == before


def _test(
    block: Block,
    question: Question,
    codes: tuple[str, ...],
    cells: list[tuple[np.ndarray, np.ndarray]],
    pick: tuple,
    unit: str,
    measure: str,
) -> Iterator[dict]:
    """Yield the test of a unit or measure: the step that is most out of the ordinary, times all."""
    tried = []
    for (step, _, _), (looked, round_) in zip(STEPS, cells, strict=True):
        n, hits = int(looked[pick].sum()), int(round_[pick].sum())
        if n >= question.least:
            tried.append((at_least(n, 1 / step, hits), step, n, hits, looked, round_))
    if not tried:
        return
    p, step, n, hits, looked, round_ = min(tried, key=lambda one: one[0])
    months = np.flatnonzero(looked[pick].any(axis=(0, 1)))
    first, last = block.periods(months[[0, -1]], question.months)
    counts = (n, hits, int(looked.sum()), int(round_.sum()))
    p = min(1.0, p * len(STEPS))
    row = share_row(question, (unit, measure), (first, last), counts, 1 / step, p)
    if p < TELLING:
        seen = round_[pick]
        places = np.flatnonzero(seen.any(axis=(0, 1)))
        excess = seen.sum(axis=(1, 2)) - looked[pick].sum(axis=(1, 2)) / step
        top = [codes[at] for at in np.argsort(-excess)[:5] if excess[at] > 0]
        row |= {"months": block.periods(places, question.months), "parts": [f"x{step}", *top]}
    yield row
