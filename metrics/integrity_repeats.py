"""Do figures repeat more often than counts do?

No count agrees with an earlier one more often than the likeliest value of a Poisson count at its
level comes up; where a measure repeats more often in the whole bureau, or a unit in its other
months, that is taken as the chance instead.
"""

from collections.abc import Iterator

import numpy as np
import polars as pl

from data.definition_types import Question
from metrics.integrity_block import TELLING, Block, echoes, frame_of, share_row, totals_of
from metrics.integrity_chance import counts_at_least, poisson_mode

#: A month may be copied from the one before, or from the same month of the year before.
LAGS = (1, 12)
#: Below this level two months agree too often to tell anything.
LEAST_MEAN = 3.0
#: Tests that could not come to less than this even if everything agreed are not made.
REACH = 1e-4
YEAR = 12


def planes_of(block: Block, question: Question) -> tuple[tuple[str, ...], np.ndarray]:
    """Return the measures that say something of their own, with a year more than is asked about."""
    totals = totals_of(block.catalog)
    codes = tuple(code for code in block.known(question) if code not in totals)
    values = block.of(codes, question.months + YEAR)
    values[echoes(values)] = np.nan
    return codes, values


def _chances(values: np.ndarray, lag: int) -> tuple[np.ndarray, np.ndarray]:
    """Return where a cell equals that of a lag before, and how likely this was by chance.

    NaN where a month is missing or the level too low.
    """
    before = np.full_like(values, np.nan)
    before[..., lag:] = values[..., :-lag]
    there = ~np.isnan(values)
    number = there.sum(axis=-1, keepdims=True) - 2
    total = np.nansum(values, axis=-1, keepdims=True)
    others = (total - np.nan_to_num(values) - np.nan_to_num(before)) / np.maximum(number, 1)
    level = np.minimum(others, before)
    counts = there & ~np.isnan(before) & (number > 3) & (level >= LEAST_MEAN)
    chance = poisson_mode(np.where(counts, level, np.nan))
    equal = counts & (values == before)
    chance = _as_often_as_seen(chance, equal)
    return equal, chance


def _as_often_as_seen(chance: np.ndarray, equal: np.ndarray) -> np.ndarray:
    """Return the chances raised to what the measure, and the unit's other months, show."""
    known = ~np.isnan(chance)
    expected = np.nansum(chance, axis=(1, 2))
    factor = equal.sum(axis=(1, 2)) / np.maximum(expected, 1e-9)
    raised = chance * np.maximum(1.0, np.where(expected > 1, factor, 1.0))[:, None, None]
    pairs = known.sum(axis=-1, keepdims=True) - 1
    own = (equal.sum(axis=-1, keepdims=True) - equal) / np.maximum(pairs, 1)
    own = np.where(pairs >= 6, own, 0.0)
    return np.where(known, np.clip(np.fmax(raised, own), 0.0, 0.95), np.nan)


def copied_month_tests(block: Block, question: Question) -> pl.DataFrame:
    """Return the tests of whole months: a row a form of a unit and month, for each lag."""
    codes, values = planes_of(block, question)
    forms = [block.catalog.measures[code].form for code in codes]
    found: list[dict] = []
    for lag in LAGS:
        equal, chance = _chances(values, lag)
        recent = slice(-question.months, None)
        for form in dict.fromkeys(forms):
            rows = [at for at, name in enumerate(forms) if name == form]
            part = (equal[rows][..., recent], chance[rows][..., recent])
            names = tuple(codes[at] for at in rows)
            found += _months(block, question, form, names, lag, *part)
    return frame_of(found)


def _months(
    block: Block,
    question: Question,
    form: str,
    codes: tuple[str, ...],
    lag: int,
    equal: np.ndarray,
    chance: np.ndarray,
) -> Iterator[dict]:
    """Yield the tests of one form: enough cells, few enough of them likely to agree by chance."""
    known = ~np.isnan(chance)
    n, hits = known.sum(axis=0), equal.sum(axis=0)
    best = np.where(known, chance, 1.0).prod(axis=0)
    tail = counts_at_least(chance, hits)
    rate = np.nansum(chance, axis=0) / np.maximum(n, 1)
    everything = int(n.sum()), int(hits.sum())
    for leaf, place in zip(*np.nonzero((n >= question.least) & (best < REACH)), strict=True):
        month, p = block.period(place, question.months), float(tail[leaf, place])
        counts = (int(n[leaf, place]), int(hits[leaf, place]), *everything)
        subject = (block.leaves[leaf], form)
        row = share_row(question, subject, (month, month), counts, float(rate[leaf, place]), p)
        if p < TELLING:
            same = [codes[at] for at in np.flatnonzero(equal[:, leaf, place])]
            row |= {"months": [month], "parts": [f"lag{lag}", *same]}
        yield row


def copied_series_tests(block: Block, question: Question) -> pl.DataFrame:
    """Return the tests of single series: how many of a unit's months equal the month before."""
    codes, values = planes_of(block, question)
    equal, chance = _chances(values[..., -question.months :], 1)
    # Here the unit's own habit is what is asked about, so that it is no measure of chance.
    known = ~np.isnan(chance)
    level = _level(values[..., -question.months :])
    plain = np.where(known, poisson_mode(np.where(known, level, np.nan)), np.nan)
    factor = equal.sum(axis=(1, 2)) / np.maximum(np.nansum(plain, axis=(1, 2)), 1e-9)
    wide = known.any(axis=-1).sum(axis=-1) >= 5
    plain *= np.maximum(1.0, np.where(wide, factor, 1.0))[:, None, None]
    plain = np.where(known, np.clip(plain, 0.0, 0.95), np.nan)
    tail = counts_at_least(np.moveaxis(plain, -1, 0), equal.sum(axis=-1))
    n, hits = known.sum(axis=-1), equal.sum(axis=-1)
    best = np.where(known, plain, 1.0).prod(axis=-1)
    found = []
    for at, leaf in zip(*np.nonzero((n >= question.least) & (best < REACH)), strict=True):
        counts = (int(n[at, leaf]), int(hits[at, leaf]), int(n[at].sum()), int(hits[at].sum()))
        places = np.flatnonzero(known[at, leaf])
        first, last = block.periods(places[[0, -1]], question.months)
        expected, p = float(np.nanmean(plain[at, leaf])), float(tail[at, leaf])
        subject = (block.leaves[leaf], codes[at])
        row = share_row(question, subject, (first, last), counts, expected, p)
        if p < TELLING:
            same = np.flatnonzero(equal[at, leaf])
            row |= {"months": block.periods(same, question.months), "parts": [codes[at]]}
        found.append(row)
    return frame_of(found)


def _level(values: np.ndarray) -> np.ndarray:
    """Return the level of each month: the lower of its own month's before and of all others."""
    before = np.full_like(values, np.nan)
    before[..., 1:] = values[..., :-1]
    number = (~np.isnan(values)).sum(axis=-1, keepdims=True) - 2
    total = np.nansum(values, axis=-1, keepdims=True)
    others = (total - np.nan_to_num(values) - np.nan_to_num(before)) / np.maximum(number, 1)
    return np.minimum(others, before)
