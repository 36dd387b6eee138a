"""What does a return change, cell by cell, against the approved figures that it meets?"""

import polars as pl

from data.access import Viewer
from data.store.audit import parse_timestamp
from data.store.database import Store
from data.store.facts import KEY, LOADED
from data.store.filed import find, in_sight, read_cells
from data.store.loading import find_change
from data.store.snapshot import stored_rows


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
    known = before.select(*KEY, before="value")
    found = change.join(known, on=KEY, how="left", maintain_order="left")
    return found.select(
        "sheet", "cell", "unit", "measure", "before", after="value",
        change=pl.col("value") - pl.col("before"),
    ).sort("sheet", "unit", "measure", nulls_last=True)  # fmt: skip
