"""What does a rule see of a return: its own values, and what the record knows of earlier months?

Everything stands in blocks of measures × units, so that a rule over time is arithmetic between
blocks of different months.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from data.checks.past import Pair, Recall

#: What a return says of one unit and measure, as the rules read it.
VALUES = pl.Schema(
    {
        "unit": pl.String,
        "measure": pl.String,
        "value": pl.Float64,
        "decimals": pl.Float64,
        "reported_ytd": pl.Float64,
        "reported_same_period": pl.Float64,
    }
)
#: Parts of a cell that a return holds beside its value.
PRINTED = ("decimals", "reported_ytd", "reported_same_period")
#: What is said of the whole return where nobody says anything: in order, and not of the future.
_UNSAID = {"unit_known": 1.0, "parent_matches": 1.0, "form_current": 1.0}
#: A unit without an opening date has been open for longer than any rule looks back.
_ALWAYS = 9999


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """The tree as the rules need it: children and own-level unit of each parent, opening dates."""

    children: Mapping[str, tuple[str, ...]]
    own: Mapping[str, str]
    opened: Mapping[str, dt.date | None]


@dataclass(frozen=True, slots=True)
class Seen:
    """What rules may read of the units that they judge, in one month.

    `table` is pairs × `known` units, of which the judged ones are the first; `printed` has what
    stands beside the values, measures × judged units, its last row blank.
    """

    period: dt.date
    units: tuple[str, ...]
    known: Mapping[str, int]
    pairs: Mapping[Pair, int]
    table: np.ndarray
    measures: Mapping[str, int]
    printed: Mapping[str, np.ndarray]
    hierarchy: Hierarchy
    of_return: Mapping[str, Mapping[str, float]]

    def look(self, measures: tuple[str, ...], lag: int, part: str) -> np.ndarray:
        """Return measures × judged units some months back, or one of the parts beside a value."""
        if part in PRINTED:
            rows = [self.measures.get(measure, -1) if lag == 0 else -1 for measure in measures]
            return self.printed[part][rows]
        whole = self.table[[self.pairs[measure, lag] for measure in measures]]
        if part == "":
            return whole[:, : len(self.units)]
        if part == "children":
            below = self.hierarchy.children
            sums = [_children_sum(unit, whole, self.known, below) for unit in self.units]
        else:
            own = [self.known.get(self.hierarchy.own.get(unit, "")) for unit in self.units]
            blank = np.full(len(measures), np.nan)
            sums = [blank if place is None else whole[:, place] for place in own]
        return np.array(sums).reshape(len(self.units), len(measures)).T

    def months_open(self) -> np.ndarray:
        """Return how many months, this one included, each judged unit has been open."""
        opened = (self.hierarchy.opened.get(unit) for unit in self.units)
        return np.array([_months_open(day, self.period) for day in opened], dtype=float)

    def said(self, name: str) -> np.ndarray:
        """Return what is said of the whole return of each judged unit, 1 or 0, or a number."""
        default = _UNSAID.get(name, 0.0)
        said = [self.of_return.get(unit, {}).get(name, default) for unit in self.units]
        return np.array(said, dtype=float)


def see(
    values: pl.DataFrame,
    recall: Recall,
    period: dt.date,
    units: Sequence[str],
    pairs: Collection[Pair],
    hierarchy: Hierarchy,
    of_return: Mapping[str, Mapping[str, float]] | None = None,
) -> Seen:
    """Return what the rules read of a return for the units that they judge, in the order given.

    Needs: values (VALUES) of the return. A measure that the return asks for hides the record's
    value of that month, even where it is blank.
    """
    below = {child for unit in units for child in _under(unit, hierarchy.children)}
    known = list(dict.fromkeys([*units, *sorted(below)]))
    ordered = sorted(pairs, key=lambda pair: (pair[1], pair[0]))
    table = recall(period, ordered, known)
    measures = list(dict.fromkeys(values["measure"]))
    here = values.with_columns(pl.col("unit").cast(pl.Enum(known), strict=False))
    here = here.filter(pl.col("unit").is_not_null())
    unit = here["unit"].to_physical().to_numpy()
    measure = here["measure"].cast(pl.Enum(measures)).to_physical().to_numpy()
    place = {pair: number for number, pair in enumerate(ordered)}
    row = np.array([place.get((code, 0), -1) for code in measures], dtype=int)[measure]
    table[row[row >= 0], unit[row >= 0]] = here["value"].to_numpy()[row >= 0]
    is_judged = unit < len(units)
    printed = {}
    for part in PRINTED:
        printed[part] = np.full((len(measures) + 1, len(units)), np.nan)
        beside = here[part].to_numpy()[is_judged]
        printed[part][measure[is_judged], unit[is_judged]] = beside
    return Seen(
        period,
        tuple(units),
        {unit: number for number, unit in enumerate(known)},
        place,
        table,
        {code: number for number, code in enumerate(measures)},
        printed,
        hierarchy,
        of_return or {},
    )


def _months_open(opened: dt.date | None, period: dt.date) -> int:
    """Return how many months, this one included, a unit has been open.

    >>> _months_open(dt.date(2024, 9, 1), dt.date(2024, 10, 1))
    2
    """
    if opened is None:
        return _ALWAYS
    return (period.year - opened.year) * 12 + period.month - opened.month + 1


def _under(unit: str, children: Mapping[str, tuple[str, ...]]) -> Iterable[str]:
    for child in children.get(unit, ()):
        yield child
        yield from _under(child, children)


def _children_sum(
    unit: str,
    whole: np.ndarray,
    place: Mapping[str, int],
    children: Mapping[str, tuple[str, ...]],
) -> np.ndarray:
    """Return the sum of what the children reported, by measure; NaN where none did.

    A child that says nothing itself stands for the sum of its own children.
    """
    total, is_known = np.zeros(len(whole)), np.zeros(len(whole), dtype=bool)
    for child in children.get(unit, ()):
        value = whole[:, place[child]]
        if child in children and np.isnan(value).any():
            below = _children_sum(child, whole, place, children)
            value = np.where(np.isnan(value), below, value)
        known = ~np.isnan(value)
        total = total + np.where(known, value, 0.0)
        is_known |= known
    return np.where(is_known, total, np.nan)
