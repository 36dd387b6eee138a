"""What has been filed, in which state, and what does it say?"""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import sqlalchemy as sa

from data.access import Viewer, may_confirm, may_review, may_see
from data.schema import FINDINGS
from data.store import audit
from data.store.acts import hands, open_confirmations
from data.store.database import Store, StoreError, read_meta
from data.store.deadlines import extended_days
from data.store.facts import LOADED, month_of, number_of
from data.store.stages import WAITING, step_of
from data.store.tables import (
    ANSWERS,
    CELLS,
    CONFIRMATIONS,
    FINDINGS_TABLE,
    STEPS_TABLE,
    SUBMISSIONS,
)

MOMENTS = ("submitted_at", "ready_at", "reviewed_at", "vintage")
_PLACE: dict[str, Any] = {"unit": pl.String, "measure": pl.String, "period": pl.Int64}
_DECIDED = dict.fromkeys(
    ("level", "unit", "decision", "decided_by", "decided_at", "reason"), pl.String
)


def submissions(store: Store, viewer: Viewer, period: dt.date | None = None) -> pl.DataFrame:
    """Return the submissions within the viewer's sight, newest first.

    Rows: one file. `unanswered` counts its queries without an explanation; `steps` are the levels
    that have accepted it, `waits_for` is the one whose turn it is, `unconfirmed` the units that
    have yet to confirm their rows. `late` is whether it was ready after its day (extensions
    counted), null of a correction and where no day is known. `may_review` is whether the viewer
    may take the next step, `may_confirm` lists the units for which they may confirm.
    """
    query = sa.select(SUBMISSIONS).order_by(SUBMISSIONS.c.id.desc())
    if period is not None:
        number = number_of(period)
        query = query.where(SUBMISSIONS.c.first_period <= number, SUBMISSIONS.c.period >= number)
    with store.read() as connection:
        rows = [dict(row) for row in connection.execute(query).mappings()]
        shared = typed_for(connection, viewer)
        rows = [row for row in rows if may_see(viewer, row["unit"]) or row["id"] in shared]
        _describe(connection, viewer, rows, ZoneInfo(read_meta(connection, "timezone")))
    return pl.DataFrame(rows, schema=_submission_schema(), orient="row")


def _describe(
    connection: sa.Connection, viewer: Viewer, rows: list[dict[str, Any]], zone: ZoneInfo
) -> None:
    """Add to rows of submissions what follows from other tables, and make dates of numbers."""
    waiting = {
        row["id"]: read_findings(connection, row["id"]).filter(is_open_query()).height
        for row in rows
        if row["state"] == "checked"
    }
    returns = [row["id"] for row in rows if row["kind"] == "return"]
    accepted = accepted_levels(connection, returns)
    asked = open_confirmations(connection, returns)
    people = hands(connection, returns)
    given = extended_days(connection)
    for row in rows:
        number = row["id"]
        units = list(asked.get(number, ())) if row["state"] == "confirming" else []
        is_other = viewer.name != row["submitted_by"]
        is_fresh = is_other and viewer.name not in people.get(number, {})
        row["unanswered"] = waiting.get(number, 0)
        row["steps"] = accepted.get(number, [])
        row["unconfirmed"] = units
        row["may_confirm"] = [unit for unit in units if is_other and may_confirm(viewer, unit)]
        row["may_review"] = (
            step_of(row["state"], "accept") is not None
            and is_fresh
            and may_review(viewer, row["unit"], row["waits_for"])
        )
        until = given.get((row["form"], row["unit"], row["period"]))
        row["due"] = _later(row["due"], until)
        for name in ("period", "first_period"):
            row[name] = month_of(row[name])
        for name in MOMENTS:
            row[name] = audit.parse_timestamp(row[name]) if row[name] else None
        came = (row["ready_at"] or row["submitted_at"]).astimezone(zone).date()
        is_correction = row["why"] is not None
        row["late"] = None if row["due"] is None or is_correction else came > row["due"]


def _later(due: str | None, until: str | None) -> dt.date | None:
    days = [dt.date.fromisoformat(day) for day in (due, until) if day]
    return max(days) if due else None


def accepted_levels(connection: sa.Connection, numbers: list[int]) -> dict[int, list[str]]:
    """Return the levels that have accepted each submission, in the order of time."""
    query = sa.select(STEPS_TABLE.c.submission, STEPS_TABLE.c.level).where(
        STEPS_TABLE.c.decision == "accept"
    )
    if numbers:
        query = query.where(STEPS_TABLE.c.submission.between(min(numbers), max(numbers)))
    found: dict[int, list[str]] = {}
    for number, level in connection.execute(query.order_by(STEPS_TABLE.c.id)):
        found.setdefault(number, []).append(level)
    return found


def typed_for(connection: sa.Connection, viewer: Viewer, submission: int | None = None) -> set[int]:
    """Return the submissions, all or one, in which others typed rows of units within sight."""
    seen = viewer.sees()
    if seen is None:
        return set()
    query = sa.select(CONFIRMATIONS.c.submission, CONFIRMATIONS.c.unit).distinct()
    if submission is not None:
        query = query.where(CONFIRMATIONS.c.submission == submission)
    return {number for number, unit in connection.execute(query) if unit in seen}


def findings_of(store: Store, viewer: Viewer, submission: int | str) -> pl.DataFrame:
    """Return FINDINGS of a submission with the explanations given so far."""
    with store.read() as connection:
        row = find(connection, viewer, submission)
        return in_sight(viewer, row, read_findings(connection, row.id))


def question_counts(store: Store, viewer: Viewer, period: dt.date) -> dict[int, int]:
    """Return how many questions the checks raised about each return of a month that has any."""
    number = number_of(period)
    query = (
        sa.select(SUBMISSIONS.c.id, SUBMISSIONS.c.unit, sa.func.count())
        .join(FINDINGS_TABLE, FINDINGS_TABLE.c.submission == SUBMISSIONS.c.id)
        .where(FINDINGS_TABLE.c.severity == "query", SUBMISSIONS.c.period == number)
        .group_by(SUBMISSIONS.c.id, SUBMISSIONS.c.unit)
    )
    with store.read() as connection:
        rows = connection.execute(query).all()
    return {row[0]: row[2] for row in rows if may_see(viewer, row[1])}


def cells_of(store: Store, viewer: Viewer, submission: int | str) -> pl.DataFrame:
    """Return what a return says, cell by cell, whether or not it has been accepted.

    Rows: LOADED, with what was `written` in the cell where that is not just the number, and the
    `filer` who has to confirm it because somebody else typed it.
    """
    with store.read() as connection:
        row = find(connection, viewer, submission)
        facts = in_sight(viewer, row, read_cells(connection, row.id, ("written", "filer")))
    return facts.filter(pl.col("value").is_not_null())


def in_sight(viewer: Viewer, row: sa.Row, rows: pl.DataFrame) -> pl.DataFrame:
    """Return of a return that others filed no rows but those within sight."""
    seen = viewer.sees()
    if seen is None or row.unit in seen:
        return rows
    return rows.filter(pl.col("unit").is_in(list(seen)))


def steps_of(store: Store, viewer: Viewer, submission: int | str) -> pl.DataFrame:
    """Return who decided about a return, in the order of time.

    Rows: one decision (accept, return, confirmed, refused) at a review `level`, or of the `unit`
    whose rows were typed for it.
    """
    with store.read() as connection:
        row = find(connection, viewer, submission)
        number = row.id
        steps = connection.execute(
            sa.select(STEPS_TABLE).where(STEPS_TABLE.c.submission == number)
        ).mappings()
        units = connection.execute(
            sa.select(CONFIRMATIONS).where(
                CONFIRMATIONS.c.submission == number, CONFIRMATIONS.c.decision != "asked"
            )
        ).mappings()
        rows = [{"level": "", "unit": "", **entry} for entry in [*units, *steps]]
    frame = pl.DataFrame(rows, schema=_DECIDED, orient="row").sort(
        "decided_at", maintain_order=True
    )
    if not may_see(viewer, row.unit):  # of a return that others filed: of other units nothing
        frame = frame.filter(pl.col("unit").is_in(["", *(viewer.sees() or ())]))
    moment = pl.col("decided_at").str.to_datetime("%Y-%m-%dT%H:%M:%S%.fZ", time_zone="UTC")
    return frame.select("level", "unit", "decision", by="decided_by", at=moment, reason="reason")


def confirmations(store: Store, viewer: Viewer, submission: int | str) -> pl.DataFrame:
    """Return whose rows somebody else typed, and what they said of them.

    Rows: one unit; `decision` is asked, confirmed or refused, the last one counts; `cells` is how
    many figures of the return it concerns.
    """
    with store.read() as connection:
        row = find(connection, viewer, submission)
        query = sa.select(CONFIRMATIONS).where(CONFIRMATIONS.c.submission == row.id)
        found = {entry["unit"]: dict(entry) for entry in connection.execute(query).mappings()}
        cells = read_cells(connection, row.id, ("filer",)).filter(pl.col("value").is_not_null())
    frame = pl.DataFrame(list(found.values()), schema=_DECIDED | {"submission": pl.Int64})
    counts = cells.group_by(unit="filer").agg(cells=pl.len().cast(pl.Int64))
    frame = in_sight(viewer, row, frame.join(counts, on="unit", how="left", maintain_order="left"))
    moment = pl.col("decided_at").str.to_datetime("%Y-%m-%dT%H:%M:%S%.fZ", time_zone="UTC")
    return frame.select(
        "unit", "decision", "cells", by="decided_by", at=moment, reason="reason"
    ).sort("unit")


def filed_cells(store: Store, first: dt.date, last: dt.date) -> pl.DataFrame:
    """Return the cells of all returns of the months from first to last but replaced ones.

    Rows: `id` of the submission, unit, measure and period of a figure, whoever sees it, and
    `is_waiting`: out of the filer's hands and not decided.
    """
    query = (
        sa.select(SUBMISSIONS.c.id, SUBMISSIONS.c.state, *(CELLS.c[name] for name in _PLACE))
        .join(SUBMISSIONS, SUBMISSIONS.c.id == CELLS.c.submission)
        .where(
            SUBMISSIONS.c.state != "replaced",
            SUBMISSIONS.c.period.between(number_of(first), number_of(last)),
            CELLS.c.value.is_not(None),
        )
    )
    kinds: dict[str, Any] = {"id": pl.Int64, "state": pl.String, **_PLACE}
    with store.read() as connection:
        rows = [tuple(row) for row in connection.execute(query)]
    frame = pl.DataFrame(rows, schema=kinds, orient="row")
    month = pl.date(pl.col("period") // 100, pl.col("period") % 100, 1)
    is_waiting = pl.col("state").is_in(WAITING)
    return frame.select("id", "unit", "measure", period=month, is_waiting=is_waiting)


def is_open_query() -> pl.Expr:
    """Return whether a finding is a query that nobody has explained."""
    return (pl.col("severity") == "query") & (pl.col("answer").fill_null("").str.len_chars() == 0)


def find(connection: sa.Connection, viewer: Viewer, submission: int | str) -> sa.Row:
    """Return a submission by its number or receipt; one out of sight does not exist.

    In sight are also those in which others typed rows of units within sight.
    """
    written = str(submission).strip()
    by_receipt = SUBMISSIONS.c.receipt == written.upper()
    same = SUBMISSIONS.c.id == int(written) if written.isdecimal() else by_receipt
    row = connection.execute(sa.select(SUBMISSIONS).where(same)).first()
    is_seen = row is not None and (
        may_see(viewer, row.unit) or row.id in typed_for(connection, viewer, row.id)
    )
    if row is None or not is_seen:
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


def read_cells(
    connection: sa.Connection, number: int, beside: tuple[str, ...] = ()
) -> pl.DataFrame:
    """Return what a return says; a null value stands for a cell that it leaves blank.

    `beside` names columns wanted besides LOADED: written, filer.
    """
    schema: dict[str, Any] = {**LOADED, **dict.fromkeys(beside, pl.String)}
    columns = [CELLS.c[name] for name in schema]
    query = sa.select(*columns).where(CELLS.c.submission == number).order_by(CELLS.c.id)
    rows = [dict(row) for row in connection.execute(query).mappings()]
    for row in rows:
        row["period"] = month_of(row["period"])
    return pl.DataFrame(rows, schema=schema, orient="row")


def _submission_schema() -> dict[str, Any]:
    kinds: dict[str, Any] = {
        column.name: pl.Int64 if isinstance(column.type, sa.Integer) else pl.String
        for column in SUBMISSIONS.columns
    }
    words = pl.List(pl.String)
    dates = dict.fromkeys(("period", "first_period", "due"), pl.Date)
    moments = dict.fromkeys(MOMENTS, pl.Datetime("us", "UTC"))
    derived = {"unanswered": pl.Int64, "steps": words, "unconfirmed": words, "may_confirm": words}
    return kinds | dates | moments | derived | {"may_review": pl.Boolean, "late": pl.Boolean}
