"""How much of what a unit owes does a return fill: cells and units, before and after it?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from data.definition_types import Catalog
from data.returns.due import cells_owed, sheets_of
from data.units import Tree

Pairs = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Gain:
    """Cells filled of the cells owed, and units with all of theirs filled, for some forms."""

    unit: str
    cells_before: int
    cells_after: int
    cells_due: int
    units_before: int
    units_after: int
    units_due: int


def read_gain(
    facts: pl.DataFrame,
    filed: pl.DataFrame,
    catalog: Catalog,
    tree: Tree,
    forms: Sequence[str],
    unit: str,
    period: dt.date,
) -> Gain:
    """Return what a return adds to the coverage of its forms in a unit and all below it.

    Needs: facts (unit, measure, period, value as approved, of everything below the unit) and filed
    (the same of the return).
    """
    owed = owed_pairs(catalog, tree, forms, unit, period)
    known = _pairs(facts, period) & owed
    after = known | (_pairs(filed, period) & owed)
    return Gain(
        unit,
        *(len(known), len(after), len(owed)),
        *(_whole(owed, known), _whole(owed, after), len({leaf for leaf, _ in owed})),
    )


def owed_pairs(
    catalog: Catalog, tree: Tree, forms: Sequence[str], unit: str, period: dt.date
) -> Pairs:
    """Return the cells of some forms that a unit and all below it owe, as (unit, measure)."""
    found: set[tuple[str, str]] = set()
    for code in forms:
        sheets = sheets_of(catalog, tree, catalog.forms[code], unit, period)
        found |= cells_owed(sheets)
    return frozenset(found)


def _pairs(facts: pl.DataFrame, period: dt.date) -> Pairs:
    here = facts.filter(pl.col("period") == period, pl.col("value").is_not_null())
    return frozenset(here.select("unit", "measure").rows())


def _whole(owed: Pairs, filled: Pairs) -> int:
    """Return how many units have every cell that they owe.

    >>> _whole(frozenset({("a", "x"), ("a", "y"), ("b", "x")}), frozenset({("a", "x"), ("b", "x")}))
    1
    """
    missing = {leaf for leaf, _ in owed - filled}
    return len({leaf for leaf, _ in owed} - missing)
