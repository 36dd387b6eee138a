"""Which figures raise a question about how they came about? Questions, never accusations.

All tests of all questions over all units are one family: a question is put where its share of false
ones, over that whole family, stays under the bureau's level, and the effect is large enough to
matter. A test whose effect is too small counts with a chance of 1, so that the level still holds.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from data.definition_types import Question
from data.units import Tree
from metrics.cube import Cube
from metrics.integrity_alike import alike_tests
from metrics.integrity_balance import balance_tests
from metrics.integrity_block import COLUMNS, TESTS, Block, open_block
from metrics.integrity_chance import false_discovery
from metrics.integrity_digits import heaping_tests
from metrics.integrity_ends import surge_tests, turn_tests
from metrics.integrity_repeats import copied_month_tests, copied_series_tests
from metrics.integrity_revisions import revision_tests
from metrics.integrity_smooth import smooth_tests
from metrics.integrity_targets import bunching_tests

#: TESTS of what is asked, with its key, its q and the last month that speaks for it.
ASKED = pl.Schema({"key": pl.String, **COLUMNS, "q": pl.Float64, "evidence": pl.Date})
Kind = Callable[[Block, Question], pl.DataFrame]
KINDS: dict[str, Kind] = {
    "heaping": heaping_tests,
    "copied_month": copied_month_tests,
    "copied_series": copied_series_tests,
    "copied_unit": alike_tests,
    "bunching": bunching_tests,
    "shift": balance_tests,
    "ratio": balance_tests,
    "surge": surge_tests,
    "turn": turn_tests,
    "smooth": smooth_tests,
}
#: A month's own questions keep their month; the others are about a pattern that goes on.
OF_A_MONTH = ("copied_month", "copied_unit")


@dataclass(frozen=True)
class Run:
    """What one run asked: the questions, how many tests it took, and by which rule they were put.

    `tests` counts the tests of each question; `last` is the last month looked at.
    """

    asked: pl.DataFrame
    tests: dict[str, int]
    level: float
    method: str
    last: dt.date

    @property
    def family(self) -> int:
        """How many tests the level is kept over."""
        return sum(self.tests.values())


def ask(cube: Cube, history: pl.DataFrame | None = None, through: dt.date | None = None) -> Run:
    """Return the questions that the figures raise up to a month, the least likely first.

    Needs: the cube of the whole bureau, so that every unit is held against all others; `history`
    with every vintage for the question about revisions.
    """
    block = open_block(cube, through)
    integrity = block.catalog.integrity
    every = all_tests(block, history)
    asked = put(every, integrity.method, integrity.level)
    asked = _with_keys(_nearest(asked, block.cube.tree))
    tests = dict.fromkeys((question.code for question in integrity.questions), 0)
    tests |= dict(every.group_by("question").len().rows())
    return Run(asked, tests, integrity.level, integrity.method, _month(block))


def all_tests(block: Block, history: pl.DataFrame | None = None) -> pl.DataFrame:
    """Return every test of a run; where the effect is too small to matter, its chance is 1."""
    found = []
    with np.errstate(invalid="ignore", divide="ignore"):
        for question in block.catalog.integrity.questions:
            rows = _tests(block, question, history)
            matters = pl.col("effect") >= question.effect
            found.append(rows.with_columns(p=pl.when(matters).then("p").otherwise(1.0)))
    return pl.concat(found) if found else pl.DataFrame(schema=TESTS)


def put(every: pl.DataFrame, method: str, level: float) -> pl.DataFrame:
    """Return the tests that come to be asked at a level of false questions, with their q."""
    q = false_discovery(every["p"].to_numpy(), method)
    return every.with_columns(q=pl.Series(q, dtype=pl.Float64)).filter(pl.col("q") <= level)


def _month(block: Block) -> dt.date:
    return block.period(0, 1)


def _tests(block: Block, question: Question, history: pl.DataFrame | None) -> pl.DataFrame:
    if question.kind == "revisions":
        return revision_tests(block, question, history)
    return KINDS[question.kind](block, question)


def _nearest(asked: pl.DataFrame, tree: Tree) -> pl.DataFrame:
    """Return the questions without those of a unit that one below it is asked as well.

    What a station's figures show also shows in the district's sum; it is asked where it arose.
    """
    seen = set(asked.select("question", "measure", "unit").rows())
    above = {
        (question, measure, parent)
        for question, measure, unit in seen
        for parent in tree.ancestors(unit)
        if parent != unit
    }
    place = pl.Series([key in above for key in asked.select("question", "measure", "unit").rows()])
    return asked.filter(~place) if asked.height else asked


def _with_keys(asked: pl.DataFrame) -> pl.DataFrame:
    """Return the questions with a key that stays the same as long as what speaks for them does."""
    evidence = pl.coalesce(pl.col("months").list.max(), pl.col("last"))
    rows = asked.with_columns(evidence=evidence)
    parts = [pl.col("question"), pl.col("unit"), pl.col("measure")]
    key = pl.format("{}:{}:{}:{}", *parts, pl.col("evidence").dt.strftime("%Y-%m"))
    rows = rows.with_columns(key=key).sort("q", "p", "key")
    return rows.select(pl.col(name).cast(kind) for name, kind in ASKED.items())
