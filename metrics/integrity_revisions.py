"""Do a unit's revisions go its own way more often than those of the others?

What is counted are acts, not cells: all that a unit revised at one time is one act, in its favour
or against it by the sum of its relative changes. The first figure of a cell and its completion are
no revision.
"""

from collections.abc import Iterator

import polars as pl

from data.definition_types import Question
from data.periods import add_months, from_number
from metrics.integrity_block import TELLING, Block, frame_of, share_row
from metrics.integrity_chance import at_least

EVERYTHING = "all"
CELL = ["measure", "definition", "unit", "period"]


def revision_tests(block: Block, question: Question, history: pl.DataFrame | None) -> pl.DataFrame:
    """Return the tests of revisions: a row a unit.

    Needs: `history` with every vintage of the cells (measure, definition, unit, period, value,
    vintage), oldest first.
    """
    if history is None or history.is_empty():
        return frame_of([])
    acts = revision_acts(block, question, history)
    found: list[dict] = []
    by_leaf = {key[0]: rows for key, rows in acts.partition_by("unit", as_dict=True).items()}
    for unit, _, places in block.groups:
        mine = [by_leaf[leaf] for at in places if (leaf := block.leaves[at]) in by_leaf]
        if mine:
            found += _test(question, unit, pl.concat(mine), acts)
    return frame_of(found)


def revision_acts(block: Block, question: Question, history: pl.DataFrame) -> pl.DataFrame:
    """Return what each unit revised at one time, and whether that was in its favour.

    Rows: one unit and vintage; `gain` is the sum of the relative changes in the direction that is
    good, `cells` how many figures changed, `measures` which, `months` of which months.
    """
    directions = {
        code: block.catalog.measures[code].direction
        for code in question.measures
        if block.catalog.measures[code].direction
    }
    last = from_number(block.last)
    start = add_months(last, 1 - question.months)
    rows = history.filter(
        pl.col("measure").is_in(list(directions)),
        pl.col("period").is_between(start, last),
        pl.col("value").is_not_null(),
    ).sort(*CELL, "vintage", maintain_order=True)
    before = pl.col("value").shift(1).over(CELL)
    rows = rows.with_columns(before=before).filter(pl.col("before") != pl.col("value"))
    way = pl.col("measure").replace_strict(directions, default=0, return_dtype=pl.Int64)
    scale = pl.max_horizontal(pl.col("before").abs(), pl.col("value").abs())
    gain = way * (pl.col("value") - pl.col("before")) / scale
    acts = (
        rows.with_columns(gain=gain)
        .group_by("unit", "vintage")
        .agg(
            pl.col("gain").sum(),
            cells=pl.len(),
            measures=pl.col("measure").unique().sort(),
            months=pl.col("period").unique().sort(),
        )
    )
    return acts.filter(pl.col("gain").abs() > 1e-9).sort("unit", "vintage")


def _test(question: Question, unit: str, mine: pl.DataFrame, acts: pl.DataFrame) -> Iterator[dict]:
    """Yield the sign test of one unit against even chances, or what the others show if more."""
    n, hits = mine.height, int((mine["gain"] > 0).sum())
    if n < question.least:
        return
    all_n, all_hits = acts.height, int((acts["gain"] > 0).sum())
    others = (all_hits - hits) / (all_n - n) if all_n > n else 0.0
    expected = min(max(0.5, others), 0.99)
    months = mine["months"].explode().sort().to_list()
    span, p = (months[0], months[-1]), at_least(n, expected, hits)
    row = share_row(question, (unit, EVERYTHING), span, (n, hits, all_n, all_hits), expected, p)
    if p < TELLING:
        good = mine.filter(pl.col("gain") > 0)
        often = good["measures"].explode().value_counts(sort=True)["measures"].head(5)
        row |= {
            "months": good["months"].explode().unique().sort().to_list(),
            "parts": often.to_list(),
        }
    yield row
