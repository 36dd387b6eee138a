"""What does a return change, cell by cell: of approved figures, and of what was filed before it?"""

from collections.abc import Sequence

import polars as pl

from data.access import Viewer
from data.store.audit import parse_timestamp
from data.store.database import Store
from data.store.facts import KEY, LOADED
from data.store.filed import find, in_sight, read_cells
from data.store.filing import change_of, current_rows
from data.store.loading import find_change
from data.store.snapshot import stored_rows
from data.store.source import Checked

CELL = ["unit", "measure", "period"]
DIFFERENCE = pl.Schema(
    {
        "sheet": pl.String,
        "cell": pl.String,
        "unit": pl.String,
        "measure": pl.String,
        "before": pl.Float64,
        "after": pl.Float64,
        "change": pl.Float64,
    }
)


def differences(store: Store, viewer: Viewer, submission: int | str) -> pl.DataFrame:
    """Return the cells in which a return differs from what was approved before it.

    Rows: one cell; `before` is null where nothing was approved, `after` where the return withdraws
    a figure, `change` where either is missing. Of a return that still waits it is what its
    approval would change today; of a decided one, what it did or would have changed then.
    """
    with store.read() as connection:
        row = find(connection, viewer, submission)
        cells = in_sight(viewer, row, read_cells(connection, row.id))
    until = row.vintage or (row.reviewed_at if row.state == "returned" else None)
    months = (row.first_period, row.period)
    units = frozenset(cells["unit"].unique())
    wanted = (store, units, cells["measure"].unique())
    rows = stored_rows(*wanted, every=True, months=months)
    rows = rows.filter(pl.col("submission") != row.receipt)
    if until is not None:
        own = stored_rows(*wanted, every=True, months=months).filter(submission=row.receipt)
        rows = rows.filter(pl.col("vintage") <= parse_timestamp(until))
        if own.height:
            rows = rows.filter(pl.col("id") < own["id"].min())
    before = rows.sort("vintage", "id").unique(KEY, keep="last", maintain_order=True)
    facts = cells.filter(pl.col("value").is_not_null()).select(LOADED.names())
    scope = cells.select("measure", "unit", "period") if row.replaces == "scope" else None
    change = find_change(before, facts, scope).rows
    return _beside(change, before)


def differences_between(
    store: Store, viewer: Viewer, earlier: int | str, later: int | str
) -> pl.DataFrame:
    """Return the cells in which two files of the same return differ.

    Rows: as `differences`; `before` is null for a cell that the earlier file left blank, `after`
    for one that the later file leaves blank.
    """
    with store.read() as connection:
        old, new = (find(connection, viewer, number) for number in (earlier, later))
        before, after = (
            in_sight(viewer, row, read_cells(connection, row.id)).filter(
                pl.col("value").is_not_null()
            )
            for row in (old, new)
        )
    known = before.select(*CELL, before="value", was_at="cell", was_on="sheet")
    found = after.join(known, on=CELL, how="full", coalesce=True, maintain_order="left_right")
    found = found.with_columns(
        sheet=pl.coalesce("sheet", "was_on"), cell=pl.coalesce("cell", "was_at")
    )
    return _rows(found.filter(~pl.col("before").eq_missing(pl.col("value"))))


def would_change(store: Store, returns: Sequence[Checked]) -> pl.DataFrame:
    """Return which approved figures a workbook would change if it were filed and approved now.

    Rows: as `differences`, with the `form` in front; figures that are new do not count.
    """
    current, found = current_rows(store, returns), []
    for checked in returns:
        rows = _beside(change_of(checked, current).rows, current)
        rows = rows.filter(pl.col("before").is_not_null())
        found.append(rows.select(pl.lit(checked.form.code).alias("form"), *DIFFERENCE))
    return pl.concat([pl.DataFrame(schema={"form": pl.String, **DIFFERENCE}), *found])


def _beside(change: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """Return changed rows beside what they change."""
    known = before.select(*KEY, before="value")
    return _rows(change.join(known, on=KEY, how="left", maintain_order="left"))


def _rows(found: pl.DataFrame) -> pl.DataFrame:
    change = pl.col("value") - pl.col("before")
    rows = found.select("sheet", "cell", "unit", "measure", "before", after="value", change=change)
    return rows.cast(DIFFERENCE).sort("sheet", "unit", "measure", nulls_last=True)
