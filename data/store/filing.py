"""How does a unit's return travel from its file to the approved record?

checked (queries wait for an explanation) → submitted → approved, or returned with a reason. Who may
act is decided by `data.access`; each step is one transaction with its entry in the log.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
import sqlalchemy as sa

from data.access import Viewer, may_file, may_review, may_speak_of
from data.parse import nearest
from data.said import RefusedError
from data.schema import FINDINGS
from data.store import audit, snapshot
from data.store.database import Store, StoreError, bump_version
from data.store.facts import KEY, LOADED, loaded, month_of, number_of
from data.store.filed import find, is_open_query, read_cells, read_findings
from data.store.loading import (
    append_facts,
    content_hash,
    find_change,
    next_id,
    receipt_number,
    whole_scope,
)
from data.store.source import SHORTEST_ANSWER, Checked
from data.store.tables import ANSWERS, CELLS, FINDINGS_TABLE, SUBMISSIONS

STATES = ("checked", "submitted", "returned", "approved", "replaced")
PENDING = ("checked", "submitted")


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the filing unit is given: `is_repeat` when this very content had been received."""

    number: str
    state: str
    form: str
    unit: str
    period: dt.date
    version: int
    facts: int
    unanswered: int
    sha256: str
    submitted_by: str
    submitted_at: dt.datetime
    is_repeat: bool = False


def submit(
    store: Store,
    viewer: Viewer,
    checked: Checked,
    at: dt.datetime | None = None,
    definitions: str = "",
) -> Receipt:
    """File a checked return and return its receipt; the same content again files nothing."""
    return submit_all(store, viewer, [checked], at, definitions)[0]


def submit_all(
    store: Store,
    viewer: Viewer,
    returns: Sequence[Checked],
    at: dt.datetime | None = None,
    definitions: str = "",
) -> list[Receipt]:
    """File the checked returns of one workbook, all or none, and return their receipts."""
    for checked in returns:
        _require_filer(viewer, checked)
        blocking = checked.findings.filter(pl.col("severity") == "mandatory").height
        if blocking:
            raise RefusedError(key="store.refused.mandatory", count=blocking)
    with store.write() as connection:
        moment = at or dt.datetime.now(dt.UTC)
        return [_submit(connection, viewer, checked, moment, definitions) for checked in returns]


def _submit(
    connection: sa.Connection,
    viewer: Viewer,
    checked: Checked,
    moment: dt.datetime,
    definitions: str,
) -> Receipt:
    content = content_hash(loaded(checked.facts))
    open_queries = checked.findings.filter(is_open_query()).height
    earlier = _earlier(connection, checked)
    if earlier and earlier[0].content == content and earlier[0].state != "returned":
        waiting = read_findings(connection, earlier[0].id).filter(is_open_query()).height
        # The same numbers again may bring explanations that were missing the first time.
        if earlier[0].state != "checked" or open_queries >= waiting:
            return _receipt(earlier[0], waiting, is_repeat=True)
    for row in earlier:
        if row.state in PENDING:
            _set(connection, row.id, state="replaced")
    number = next_id(connection)
    row = _insert(connection, viewer, checked, number, content, moment, definitions, earlier)
    _insert_parts(connection, checked, number)
    audit.append(
        connection,
        viewer,
        "submit",
        row["receipt"],
        moment,
        form=row["form"],
        unit=row["unit"],
        period=row["period"],
        sha256=row["sha256"],
        content=content,
        state=row["state"],
        rows=row["facts"],
    )
    return _receipt(connection.execute(_by_id(number)).one(), open_queries)


def answer(
    store: Store,
    viewer: Viewer,
    submission: int | str,
    cell: str,
    explanation: str,
    at: dt.datetime | None = None,
) -> Receipt:
    """Explain the queries at a cell; the last explanation submits the return."""
    words = explanation.strip()
    with store.write() as connection:
        moment = at or dt.datetime.now(dt.UTC)
        row = find(connection, viewer, submission)
        if not may_file(viewer, row.unit):
            raise RefusedError(key="store.refused.file", user=viewer.name, unit=row.unit)
        if len(words) < SHORTEST_ANSWER:
            raise StoreError(key="store.error.short_answer", least=SHORTEST_ANSWER)
        if row.state not in PENDING:
            raise StoreError(key=f"store.error.state.{row.state}", receipt=row.receipt)
        findings = read_findings(connection, row.id)
        queries = findings.filter(pl.col("severity") == "query")
        sheet, _, place = cell.rpartition("!")
        here = queries.filter(pl.col("cell").str.to_uppercase() == place.strip().upper())
        if sheet:
            here = here.filter(pl.col("sheet") == sheet.strip("'"))
        if not here.height:
            hint = nearest(place, queries["cell"].drop_nulls())
            raise StoreError(key="store.error.no_query", cell=cell, hint=hint)
        for found in here.select("sheet", "cell").unique().iter_rows(named=True):
            connection.execute(
                sa.insert(ANSWERS).values(
                    submission=row.id,
                    **found,
                    answer=words,
                    answered_by=viewer.name,
                    answered_at=audit.timestamp(moment),
                )
            )
        unanswered = read_findings(connection, row.id).filter(is_open_query()).height
        if not unanswered and row.state == "checked":
            _set(connection, row.id, state="submitted")
        audit.append(connection, viewer, "answer", row.receipt, moment, cell=cell, answer=words)
        return _receipt(connection.execute(_by_id(row.id)).one(), unanswered)


def review(
    store: Store,
    viewer: Viewer,
    submission: int | str,
    accept: bool,
    reason: str = "",
    at: dt.datetime | None = None,
) -> Receipt:
    """Accept a return, which makes its figures count, or send it back with a reason."""
    with store.write() as connection:
        moment = at or dt.datetime.now(dt.UTC)
        row = find(connection, viewer, submission)
        if viewer.name == row.submitted_by:
            own = {"user": viewer.name, "receipt": row.receipt}
            raise RefusedError(key="store.refused.own_return", **own)
        if not may_review(viewer, row.unit, row.submitted_by):
            raise RefusedError(key="store.refused.review", user=viewer.name, unit=row.unit)
        if row.state != "submitted":
            raise StoreError(key=f"store.error.state.{row.state}", receipt=row.receipt)
        if not accept and not reason.strip():
            raise StoreError(key="store.error.no_reason")
        decided = {
            "reviewer": viewer.name,
            "reviewed_at": audit.timestamp(moment),
            "reason": reason.strip() or None,
        }
        if accept:
            version, rows = _approve(store, connection, viewer, row, moment, decided)
        else:
            _set(connection, row.id, state="returned", **decided)
            audit.append(
                connection, viewer, "return", row.receipt, moment, reason=decided["reason"]
            )
        receipt = _receipt(connection.execute(_by_id(row.id)).one(), 0)
    if accept:
        snapshot.extend(store, version, rows)
    return receipt


def _require_filer(viewer: Viewer, checked: Checked) -> None:
    if not may_file(viewer, checked.unit):
        raise RefusedError(key="store.refused.file", user=viewer.name, unit=checked.unit)
    units = checked.facts["unit"].unique()
    if not may_speak_of(viewer, units):
        strange = next(unit for unit in units.sort() if not may_speak_of(viewer, [unit]))
        raise RefusedError(key="store.refused.file", user=viewer.name, unit=strange)


def _earlier(connection: sa.Connection, checked: Checked) -> list[Any]:
    """Return earlier submissions of the same return, the latest that still counts first."""
    query = (
        sa.select(SUBMISSIONS)
        .where(
            SUBMISSIONS.c.kind == "return",
            SUBMISSIONS.c.form == checked.form.code,
            SUBMISSIONS.c.unit == checked.unit,
            SUBMISSIONS.c.period == number_of(checked.period),
            SUBMISSIONS.c.state != "replaced",
        )
        .order_by(SUBMISSIONS.c.id.desc())
    )
    return list(connection.execute(query))


def _insert(
    connection: sa.Connection,
    viewer: Viewer,
    checked: Checked,
    number: int,
    content: str,
    moment: dt.datetime,
    definitions: str,
    earlier: list[Any],
) -> dict[str, Any]:
    is_open = checked.findings.filter(is_open_query()).height > 0
    judged = [row.version for row in earlier if row.state not in PENDING]
    row = {
        "id": number,
        "receipt": receipt_number(number, moment),
        "kind": "return",
        "form": checked.form.code,
        "form_version": checked.form.version,
        "unit": checked.unit,
        "period": number_of(checked.period),
        "first_period": number_of(checked.period),
        "version": 1 + max(judged, default=0),
        "file": checked.source.name,
        "sha256": checked.source.sha256,
        "size": checked.source.size,
        "content": content,
        "state": "checked" if is_open else "submitted",
        "submitted_by": viewer.name,
        "submitted_at": audit.timestamp(moment),
        "replaces": checked.form.file_replaces,
        "facts": checked.facts.height,
        "definitions": definitions,
    }
    connection.execute(sa.insert(SUBMISSIONS).values(**row))
    return row


def _insert_parts(connection: sa.Connection, checked: Checked, number: int) -> None:
    """Keep the cells and findings; what a form's file leaves blank is kept as blank."""
    facts = loaded(checked.facts)
    if checked.form.file_replaces == "scope":
        key = ["measure", "unit", "period"]
        blank = whole_scope(checked.form, facts).join(facts, on=key, how="anti")
        blank = blank.with_columns(definition=pl.lit(0, pl.Int64))
        facts = pl.concat([facts, blank], how="diagonal").select(LOADED.names())
    rows = [
        {**row, "period": number_of(row["period"]), "submission": number}
        for row in facts.iter_rows(named=True)
    ]
    if rows:
        connection.execute(sa.insert(CELLS), rows)
    found = [
        {**row, "period": number_of(row["period"]) if row["period"] else None, "submission": number}
        for row in checked.findings.select(FINDINGS.names()).iter_rows(named=True)
    ]
    if found:
        connection.execute(sa.insert(FINDINGS_TABLE), found)


def _approve(
    store: Store,
    connection: sa.Connection,
    viewer: Viewer,
    row: Any,
    moment: dt.datetime,
    decided: dict[str, Any],
) -> tuple[int, pl.DataFrame]:
    """Write what the return changes to the facts, as approved at this moment."""
    cells = read_cells(connection, row.id)
    facts = cells.filter(pl.col("value").is_not_null())
    units = frozenset(cells["unit"].unique())
    months = (row.first_period, row.period)
    current = snapshot.stored_rows(store, units, cells["measure"].unique(), months=months)
    scope = cells.select("measure", "unit", "period") if row.replaces == "scope" else None
    change = find_change(current, facts, scope)
    # The latest approval counts, even where an import was dated after it.
    moment = max([moment, *current.join(change.rows, on=KEY, how="semi")["vintage"]])
    _set(
        connection,
        row.id,
        state="approved",
        vintage=audit.timestamp(moment),
        changed=change.rows.height,
        **decided,
    )
    rows, entry = append_facts(connection, change.rows, row.id, row.receipt, moment)
    audit.append(connection, viewer, "accept", row.receipt, moment, **entry, revised=change.revised)
    return bump_version(connection), rows


def _by_id(number: int) -> sa.Select:
    return sa.select(SUBMISSIONS).where(SUBMISSIONS.c.id == number)


def _set(connection: sa.Connection, number: int, **values: Any) -> None:
    connection.execute(sa.update(SUBMISSIONS).where(SUBMISSIONS.c.id == number).values(**values))


def _receipt(row: Any, unanswered: int, is_repeat: bool = False) -> Receipt:
    return Receipt(
        number=row.receipt,
        state=row.state,
        form=row.form,
        unit=row.unit,
        period=month_of(row.period),
        version=row.version,
        facts=row.facts,
        unanswered=unanswered,
        sha256=row.sha256,
        submitted_by=row.submitted_by,
        submitted_at=audit.parse_timestamp(row.submitted_at),
        is_repeat=is_repeat,
    )
