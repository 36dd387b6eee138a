"""What has been filed, in which state, and what does it say?"""

import datetime as dt
from typing import Any

import polars as pl
import sqlalchemy as sa

from data.access import Viewer, may_see
from data.schema import FINDINGS
from data.store import audit
from data.store.database import Store, StoreError
from data.store.facts import LOADED, month_of, number_of
from data.store.tables import ANSWERS, CELLS, FINDINGS_TABLE, SUBMISSIONS


def submissions(store: Store, viewer: Viewer, period: dt.date | None = None) -> pl.DataFrame:
    """Return the submissions within the viewer's sight, newest first.

    Rows: one file; `unanswered` counts its queries without an explanation.
    """
    query = sa.select(SUBMISSIONS).order_by(SUBMISSIONS.c.id.desc())
    if period is not None:
        number = number_of(period)
        query = query.where(SUBMISSIONS.c.first_period <= number, SUBMISSIONS.c.period >= number)
    seen = viewer.sees()
    with store.read() as connection:
        rows = [dict(row) for row in connection.execute(query).mappings()]
        rows = [row for row in rows if seen is None or row["unit"] in seen]
        pending = {row["id"] for row in rows if row["state"] == "checked"}
        waiting = {
            number: read_findings(connection, number).filter(is_open_query()).height
            for number in pending
        }
    for row in rows:
        row["unanswered"] = waiting.get(row["id"], 0)
        for name in ("period", "first_period"):
            row[name] = month_of(row[name])
        for name in ("submitted_at", "reviewed_at", "vintage"):
            row[name] = audit.parse_timestamp(row[name]) if row[name] else None
    return pl.DataFrame(rows, schema=_submission_schema(), orient="row")


def findings_of(store: Store, viewer: Viewer, submission: int | str) -> pl.DataFrame:
    """Return FINDINGS of a submission with the explanations given so far."""
    with store.read() as connection:
        return read_findings(connection, find(connection, viewer, submission).id)


def cells_of(store: Store, viewer: Viewer, submission: int | str) -> pl.DataFrame:
    """Return what a return says, cell by cell, whether or not it has been accepted."""
    with store.read() as connection:
        facts = read_cells(connection, find(connection, viewer, submission).id)
    return facts.filter(pl.col("value").is_not_null())


def is_open_query() -> pl.Expr:
    """Return whether a finding is a query that nobody has explained."""
    return (pl.col("severity") == "query") & (pl.col("answer").fill_null("").str.len_chars() == 0)


def find(connection: sa.Connection, viewer: Viewer, submission: int | str) -> sa.Row:
    """Return a submission by its number or receipt; one out of sight does not exist."""
    written = str(submission).strip()
    by_receipt = SUBMISSIONS.c.receipt == written.upper()
    same = SUBMISSIONS.c.id == int(written) if written.isdecimal() else by_receipt
    row = connection.execute(sa.select(SUBMISSIONS).where(same)).first()
    if row is None or not may_see(viewer, row.unit):
        raise StoreError(key="store.error.no_submission", submission=written)
    return row


def read_findings(connection: sa.Connection, number: int) -> pl.DataFrame:
    """Return FINDINGS of a submission, each with its latest explanation."""
    columns = [FINDINGS_TABLE.c[name] for name in FINDINGS]
    query = sa.select(*columns).where(FINDINGS_TABLE.c.submission == number)
    rows = [dict(row) for row in connection.execute(query.order_by(FINDINGS_TABLE.c.id)).mappings()]
    given = sa.select(ANSWERS).where(ANSWERS.c.submission == number).order_by(ANSWERS.c.id)
    answers = {(row.sheet, row.cell): row.answer for row in connection.execute(given)}
    for row in rows:
        row["period"] = month_of(row["period"]) if row["period"] else None
        row["answer"] = answers.get((row["sheet"], row["cell"]), row["answer"])
    return pl.DataFrame(rows, schema=FINDINGS, orient="row")


def read_cells(connection: sa.Connection, number: int) -> pl.DataFrame:
    """Return what a return says; a null value stands for a cell that it leaves blank."""
    columns = [CELLS.c[name] for name in LOADED]
    query = sa.select(*columns).where(CELLS.c.submission == number).order_by(CELLS.c.id)
    rows = [dict(row) for row in connection.execute(query).mappings()]
    for row in rows:
        row["period"] = month_of(row["period"])
    return pl.DataFrame(rows, schema=LOADED, orient="row")


def _submission_schema() -> dict[str, Any]:
    kinds: dict[str, Any] = {
        column.name: pl.Int64 if isinstance(column.type, sa.Integer) else pl.String
        for column in SUBMISSIONS.columns
    }
    moment = pl.Datetime("us", "UTC")
    dates = {"period": pl.Date, "first_period": pl.Date}
    moments = dict.fromkeys(("submitted_at", "reviewed_at", "vintage"), moment)
    return kinds | dates | moments | {"unanswered": pl.Int64}
