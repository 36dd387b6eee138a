"""Which figures are integrity questions asked of, and in which shape do tests come back?

The figures as the leaves filed them, measure × leaf × month, NaN where nothing is approved: blank
is not zero. Only months under the newest definition of a measure are kept.
"""

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from data.definition_types import Catalog, Question
from data.periods import from_number, month_number
from metrics.chance import wilson
from metrics.cube import Cube, cover

#: One test. `observed` and `expected` are in the question's own measure (a share, a ratio), `base`
#: is what all other units together show; `effect` is how far the observed lies from the expected,
#: `lower` and `upper` its 95 % interval. `months` and `parts` (measures, indicators, or how) say
#: where it was seen; they are filled where it may come to be asked.
COLUMNS: dict[str, Any] = {
    "question": pl.String,
    "unit": pl.String,
    "measure": pl.String,
    "first": pl.Date,
    "last": pl.Date,
    "n": pl.Int64,
    "hits": pl.Float64,
    "observed": pl.Float64,
    "expected": pl.Float64,
    "base": pl.Float64,
    "effect": pl.Float64,
    "lower": pl.Float64,
    "upper": pl.Float64,
    "p": pl.Float64,
    "months": pl.List(pl.Date),
    "parts": pl.List(pl.String),
}
TESTS = pl.Schema(COLUMNS)
#: Tests less likely than this by chance say where they were seen.
TELLING = 1e-3
_SUM = re.compile(r"\s*(\w+)\s*==\s*(\w+(?:\s*\+\s*\w+)+)\s*")


@dataclass(frozen=True)
class Block:
    """The figures that are looked at: `planes` by measure, the leaves, and the last month."""

    catalog: Catalog
    cube: Cube
    last: int

    @cached_property
    def leaves(self) -> tuple[str, ...]:
        """Return the filing units in the order of the arrays."""
        return self.cube.leaves

    @cached_property
    def groups(self) -> list[tuple[str, str, np.ndarray]]:
        """Return each unit with its level and the places of its leaves; leaves first."""
        tree, place = self.cube.tree, self.cube.leaf_index
        found = [(leaf, tree.unit(leaf).level, np.array([at])) for leaf, at in place.items()]
        for code in tree.codes:
            if tree.is_leaf(code):
                continue
            rows = [place[leaf] for leaf in tree.leaves(code) if leaf in place]
            if len(rows) > 1:
                found.append((code, tree.unit(code).level, np.array(rows)))
        return found

    def of(self, codes: Sequence[str], months: int) -> np.ndarray:
        """Return the values [measure, leaf, month] of the last so many months."""
        start = self.last - months + 1
        cube = cover(self.cube, start, self.last)
        part = slice(start - cube.first, self.last + 1 - cube.first)
        planes = [cube.index.get(code, len(cube.values) - 1) for code in codes]
        values = cube.values[planes, :, part] / cube.divisor[planes, None, None]
        version = cube.version[planes, :, part]
        newest = np.where(np.isnan(values), 0, version).max(axis=(1, 2), initial=0)
        return np.where(version == newest[:, None, None], values, np.nan)

    def period(self, place: int, months: int) -> dt.date:
        """Return the month at a place of so many months."""
        return from_number(self.last - months + 1 + place)

    def periods(self, places: Iterable[int], months: int) -> list[dt.date]:
        """Return the months at some places of so many months."""
        return [self.period(int(place), months) for place in places]

    def known(self, question: Question) -> tuple[str, ...]:
        """Return the measures of a question of which anything was filed."""
        return tuple(code for code in question.measures if code in self.cube.index)


def open_block(cube: Cube, through: dt.date | None = None) -> Block:
    """Return the figures as they were filed, up to a month (the last one by default)."""
    filed = cube.base or cube
    last = month_number(min(through or filed.last_period, filed.last_period))
    return Block(filed.catalog, filed, last)


def totals_of(catalog: Catalog) -> frozenset[str]:
    """Return the measures that a rule makes the sum of others: they add nothing of their own.

    A total repeats, or is steady, where its parts are.
    """
    found = set()
    for rule in catalog.rules:
        for clause in rule.clauses:
            match = _SUM.fullmatch(clause)
            if match and match[1] in catalog.measures:
                found.add(match[1])
    return frozenset(found)


def echoes(values: np.ndarray) -> np.ndarray:
    """Return where a measure says the same as an earlier one of the list [measure, leaf].

    Two names for one series (all thefts are all property crimes here) are one piece of evidence.
    """
    found = np.zeros(values.shape[:2], dtype=bool)
    there = ~np.isnan(values) & (values != 0)
    for at in range(1, len(values)):
        both = there[at][None] & there[:at]
        same = both & (values[:at] == values[at][None])
        pairs = both.sum(axis=-1)
        found[at] = ((pairs > 0) & (2 * same.sum(axis=-1) > pairs)).any(axis=0)
    return found


def share_row(
    question: Question,
    subject: tuple[str, str],
    span: tuple[dt.date, dt.date],
    counts: tuple[int, int, int, int],
    expected: float,
    p: float,
) -> dict[str, Any]:
    """Return the test of a share: so many hits of n, beside what was expected and what others show.

    `subject` is unit and measure, `span` the first and last month, `counts` the cells and hits of
    the unit and of all units together.
    """
    n, hits, all_n, all_hits = counts
    low, high = wilson(hits, n)
    return {
        "question": question.code,
        "unit": subject[0],
        "measure": subject[1],
        "first": span[0],
        "last": span[1],
        "n": n,
        "hits": float(hits),
        "observed": hits / n,
        "expected": expected,
        "base": (all_hits - hits) / (all_n - n) if all_n > n else None,
        "effect": hits / n - expected,
        "lower": low - expected,
        "upper": high - expected,
        "p": p,
    }


def frame_of(rows: list[dict]) -> pl.DataFrame:
    """Return tests as a frame."""
    return pl.DataFrame(rows, schema=TESTS, orient="row") if rows else pl.DataFrame(schema=TESTS)
