"""From which file, by whom and through whose hands did each stored value come?"""

import datetime as dt
from collections.abc import Iterable
from typing import Any

import polars as pl
import sqlalchemy as sa

from data.access import Viewer
from data.store.database import Store
from data.store.snapshot import read_history
from data.store.tables import SUBMISSIONS

SOURCE = ("file", "form", "version", "submitted_by", "submitted_at", "reviewer", "sha256", "kind")


def read_lineage(
    store: Store,
    viewer: Viewer,
    measures: Iterable[str],
    as_of: dt.date | dt.datetime | None = None,
) -> pl.DataFrame:
    """Return every vintage of the measures' cells with where it came from, oldest first.

    Rows: one stored value of one unit and month; a null value withdraws the cell, a null cell is a
    zero that the file implied. `submission` is the receipt.
    """
    rows = read_history(store, viewer, measures, as_of)
    receipts = rows["submission"].unique().to_list()
    columns = [SUBMISSIONS.c.receipt, *(SUBMISSIONS.c[name] for name in SOURCE)]
    with store.read() as connection:
        found = [
            tuple(row)
            for row in connection.execute(sa.select(*columns).where(_is_in(receipts))).all()
        ]
    kinds: dict[str, Any] = {"submission": pl.String, **dict.fromkeys(SOURCE, pl.String)}
    sources = pl.DataFrame(found, schema=kinds | {"version": pl.Int64}, orient="row")
    return rows.join(sources, on="submission", how="left", maintain_order="left")


def _is_in(receipts: list[str]) -> sa.ColumnElement[bool]:
    # Many thousand receipts are cheaper to read whole than to name one by one.
    return SUBMISSIONS.c.receipt.in_(receipts) if len(receipts) < 900 else sa.true()
