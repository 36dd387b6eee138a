"""How do the figures that the product counts itself enter the record?

As a submission of kind `system` that nobody filed and nobody judged: what was counted of a month,
with an entry in the log. Only what is counted differently than the record has it is written, so
counting twice leaves one trace.
"""

import datetime as dt
from collections.abc import Callable
from typing import Any

import polars as pl
import sqlalchemy as sa

from data.access import Viewer, may_count
from data.periods import format_period
from data.said import RefusedError
from data.store import audit, snapshot
from data.store.database import Store, bump_version
from data.store.facts import KEY, loaded, number_of
from data.store.loading import append_facts, content_hash, find_change, next_id, receipt_number
from data.store.tables import SUBMISSIONS
from data.store.vouched import registration_hash

#: The kind of such a submission, and the word in place of its file and form.
SYSTEM = "system"
#: Gives what is counted of a month at a moment: facts as a reader hands them over (LOADED).
Count = Callable[[dt.datetime], pl.DataFrame]


def record_counts(
    store: Store,
    viewer: Viewer,
    period: dt.date,
    count: Count,
    definitions: str = "",
    at: dt.datetime | None = None,
) -> int:
    """Write what is counted of a month into the record, and return how many figures that changed.

    Locking a month does so by itself; this is for months that nobody locks.
    """
    if not may_count(viewer):
        raise RefusedError(key="store.refused.count", user=viewer.name)
    with store.write() as connection:
        moment = at or dt.datetime.now(dt.UTC)
        # Nobody else can write now: what is counted is what stands in the record.
        rows = write_counts(store, connection, viewer, period, count(moment), definitions, moment)
        version = bump_version(connection) if rows is not None else 0
    if rows is None:
        return 0
    snapshot.extend(store, version, rows)
    return rows.height


def write_counts(
    store: Store,
    connection: sa.Connection,
    viewer: Viewer,
    period: dt.date,
    counted: pl.DataFrame,
    definitions: str,
    moment: dt.datetime,
) -> pl.DataFrame | None:
    """Write what is counted of a month, inside the caller's transaction.

    Returns the rows as the snapshot keeps them, None where the record says all of it already. A
    figure that was counted before and is not any more is withdrawn; imported ones are left alone.
    """
    facts = loaded(counted.filter(pl.col("value").is_not_null()))
    number = number_of(period)
    known = _counted_before(connection, number)
    current = snapshot.stored_rows(store, None, None, months=(number, number))
    own = current.filter(pl.col("submission").is_in(known)).select(KEY)
    change = find_change(current, facts, own)
    if not change.rows.height:
        return None
    # The latest count holds, even where an import was dated after it.
    vintage = max([moment, *current.join(change.rows, on=KEY, how="semi")["vintage"]])
    row = _row(viewer, number, next_id(connection), content_hash(facts), moment, vintage)
    row |= {"version": len(known) + 1, "definitions": definitions}
    row |= {"facts": facts.height, "changed": change.rows.height}
    receipt = row["receipt"]
    rows, entry = append_facts(connection, change.rows, row["id"], receipt, vintage)
    connection.execute(sa.insert(SUBMISSIONS).values(**row))
    said = {name: row[name] for name in ("file", "sha256", "form", "vintage")}
    said |= {"period": format_period(period), "revised": change.revised}
    said |= {"registered": registration_hash(row)}
    audit.append(connection, viewer, "count", receipt, moment, **entry, **said)
    return rows


def _counted_before(connection: sa.Connection, number: int) -> list[str]:
    """Return the receipts of what was counted of a month before."""
    query = sa.select(SUBMISSIONS.c.receipt).where(
        SUBMISSIONS.c.kind == SYSTEM, SUBMISSIONS.c.period == number
    )
    return list(connection.execute(query).scalars())


def _row(
    viewer: Viewer,
    month: int,
    number: int,
    content: str,
    moment: dt.datetime,
    vintage: dt.datetime,
) -> dict[str, Any]:
    """Return the submission's row: counted by the product, let into the record by the viewer."""
    stamp = audit.timestamp(moment)
    return {
        "id": number,
        "receipt": receipt_number(number, moment),
        "kind": SYSTEM,
        "form": SYSTEM,
        "form_version": 1,
        "unit": "",
        "period": month,
        "first_period": month,
        "file": SYSTEM,
        "sha256": content,
        "size": 0,
        "content": content,
        "state": "approved",
        "submitted_by": viewer.name,
        "submitted_at": stamp,
        "reviewer": viewer.name,
        "reviewed_at": stamp,
        "vintage": audit.timestamp(vintage),
        "replaces": "cells",
    }
