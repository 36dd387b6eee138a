"""What do changes of units do to the figures: whose move, and is every total conserved?"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from data.definition_types import Catalog
from data.unit_changes import Change
from data.unit_changes_check import Checked, Months
from data.unit_changes_draft import catalog_of
from metrics.cube import build_cube
from metrics.figures import compute_figures

# Totals are sums of shares: equal but for the last digits.
CLOSE = 1e-9


@dataclass(frozen=True, slots=True)
class Moved:
    """One change with the facts that it is about: those filed before it took effect."""

    change: Change
    facts: int
    first: dt.date | None
    last: dt.date | None


@dataclass(frozen=True, slots=True)
class UnitEffect:
    """Facts behind each change, and how many totals of the whole were compared and differ.

    `affected` are the units of the changed tree whose sums are no longer what they were.
    """

    moved: tuple[Moved, ...]
    totals: int
    unequal: int
    affected: tuple[str, ...]


def read_effect(
    catalog: Catalog, checked: Checked, facts: pl.DataFrame, filed: Months
) -> UnitEffect:
    """Return the effect of changes on the facts.

    Needs: FACTS. Compared are the summed measures of the whole bureau, month by month, on the
    units of now before and after the changes.
    """
    after = catalog_of(catalog, checked.draft)
    summed = [c for c, m in catalog.measures.items() if m.roll == "sum"]
    kept = facts.filter(pl.col("measure").is_in(summed))
    moved = tuple(_moved(change, filed) for change in checked.changes)
    if kept.is_empty():
        return UnitEffect(moved, 0, 0, ())
    used = kept["measure"].unique(maintain_order=True).to_list()
    periods = kept["period"].unique().sort().to_list()
    units = [u for u in checked.draft.units if u in {unit.code for unit in catalog.units}]
    one = _sums(catalog, kept, used, units, periods)
    two = _sums(after, kept, used, units, periods)
    differs = _differ(one, two)
    root = [catalog.bureau.root]
    at_root = _differ(*(frame.filter(pl.col("unit").is_in(root)) for frame in (one, two)))
    affected = set(differs["unit"].to_list())
    known = one.filter(pl.col("unit").is_in(root) & pl.col("value").is_not_null()).height
    return UnitEffect(moved, known, at_root.height, tuple(u for u in units if u in affected))


def _sums(
    catalog: Catalog,
    facts: pl.DataFrame,
    measures: Sequence[str],
    units: Sequence[str],
    periods: Sequence[dt.date],
) -> pl.DataFrame:
    """Return the monthly sums of units, null where a unit is part of no tree any more."""
    cube = build_cube(facts, catalog)
    return compute_figures(cube, measures, units, periods, "month").select(
        "indicator", "unit", "period", "value"
    )


def _differ(one: pl.DataFrame, two: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of which the two values are not the same."""
    other = two["value"].alias("other")
    close = (pl.col("value") - pl.col("other")).abs() <= CLOSE * pl.max_horizontal(
        pl.col("value").abs(), 1.0
    )
    both = pl.col("value").is_null() & pl.col("other").is_null()
    return one.with_columns(other).filter(~(close.fill_null(value=False) | both))


def _moved(change: Change, filed: Months) -> Moved:
    """Return the facts that the unit of a change had filed before it."""
    before = {m: n for m, n in filed.get(change.unit, {}).items() if m < change.date}
    if change.kind in ("open", "rename"):
        before = {}
    first, last = (min(before), max(before)) if before else (None, None)
    return Moved(change, sum(before.values()), first, last)
