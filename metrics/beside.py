"""What does a return say beside earlier figures, and does each figure lie where it usually does?

For a reviewer who asks whether a figure can be right: the words are above and below, never better
or worse, and nothing here is a judgement on the unit.
"""

import datetime as dt

import polars as pl

from data.definition_types import Catalog
from data.returns.compared import KEY, compare_return
from data.units import Tree
from metrics.cube import build_cube
from metrics.series import read_series

RANGE = {
    "unit": pl.String,
    "measure": pl.String,
    "lower": pl.Float64,
    "upper": pl.Float64,
    "chance": pl.Float64,
}


def read_beside(
    cells: pl.DataFrame, facts: pl.DataFrame, catalog: Catalog, tree: Tree, period: dt.date
) -> pl.DataFrame:
    """Return the figures of a return (rows of `compare_return`) with their usual range.

    `lower` and `upper` come from the unit's own history, `side` is +1 above it, −1 below it, 0
    within, null where the history is too short; `chance` is how likely the figure is if nothing
    has changed.
    """
    rows = compare_return(cells, facts, catalog, period)
    known = usual_range(cells, facts, catalog, tree, period)
    rows = rows.join(known, on=KEY, how="left", maintain_order="left")
    is_known = pl.col("lower").is_not_null() & pl.col("upper").is_not_null()
    side = (
        pl.when(is_known & (pl.col("value") > pl.col("upper")))
        .then(1)
        .when(is_known & (pl.col("value") < pl.col("lower")))
        .then(-1)
        .when(is_known)
        .then(0)
    )
    return rows.with_columns(side=side.cast(pl.Int64))


def usual_range(
    cells: pl.DataFrame, facts: pl.DataFrame, catalog: Catalog, tree: Tree, period: dt.date
) -> pl.DataFrame:
    """Return the range in which each figure of a return is expected by the unit's own history.

    Needs: cells and facts as `compare_return`. What the return says stands in the place of what is
    approved for the month; later months are left out.
    """
    units = cells["unit"].unique(maintain_order=True).to_list()
    codes = cells["measure"].unique(maintain_order=True).to_list()
    codes = [code for code in codes if code in catalog.indicators]
    if not units or not codes:
        return pl.DataFrame(schema=RANGE)
    key = ["measure", "unit", "period"]
    mine = facts.filter(
        pl.col("unit").is_in(units), pl.col("measure").is_in(codes), pl.col("period") <= period
    )
    filed = cells.filter(pl.col("period") == period, pl.col("measure").is_in(codes))
    filed = filed.select([name for name in mine.columns if name in filed.columns])
    after = pl.concat([mine.join(filed, on=key, how="anti"), filed], how="diagonal")
    found = read_series(build_cube(after, catalog, tree, period), codes, units, period)
    return found.select("unit", "lower", "upper", "chance", measure="indicator").select(*RANGE)


def most_unusual(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with those outside their range first, then those that moved furthest.

    Needs: rows of `read_beside`.
    """
    is_out = (pl.col("side").fill_null(0) != 0).cast(pl.Int8)
    # A jump counts by its own size: 4 to 12 is more than 400 to 412.
    moved = (pl.col("since_before").abs() / (pl.col("before").abs() + 1).sqrt()).fill_null(0.0)
    is_new = pl.col("record").is_not_null() & (pl.col("record") != pl.col("value"))
    return rows.sort(is_new.cast(pl.Int8), is_out, moved, descending=True, maintain_order=True)
