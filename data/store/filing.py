"""How does a unit's return come in: filed, its questions explained, later corrected?

Which acts a state allows is in `data.store.stages`, who may act in `data.access`; how it is
confirmed and judged afterwards in `data.store.judging`. Each act is one transaction with its entry
in the log.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl
import sqlalchemy as sa

from data.access import Viewer, may_file, may_speak_of
from data.parse import nearest
from data.said import RefusedError
from data.schema import FINDINGS
from data.store import audit, snapshot
from data.store.acts import (
    Receipt,
    moved,
    open_confirmations,
    receipt_of,
    require_step,
    set_row,
)
from data.store.confirming import ask_units
from data.store.database import Store, StoreError
from data.store.facts import LOADED, loaded, number_of
from data.store.filed import find, is_open_query, read_findings
from data.store.loading import (
    Change,
    content_hash,
    find_change,
    next_id,
    receipt_number,
    whole_scope,
)
from data.store.locking import require_open
from data.store.plain_words import kept_words
from data.store.source import SHORTEST_ANSWER, Checked
from data.store.stages import PENDING, filed_state
from data.store.tables import ANSWERS, CELLS, FINDINGS_TABLE, SUBMISSIONS
from data.store.vouched import kept_hashes

#: What the record keeps of a cell besides what it says.
BESIDE = {"written": pl.String, "filer": pl.String}


@dataclass(frozen=True, slots=True)
class _Act:
    """What the returns of one workbook have in common: by whom, when, by which definitions, why."""

    connection: sa.Connection
    viewer: Viewer
    moment: dt.datetime
    definitions: str
    why: str


def submit(
    store: Store,
    viewer: Viewer,
    checked: Checked,
    at: dt.datetime | None = None,
    definitions: str = "",
    reason: str = "",
) -> Receipt:
    """File a checked return and return its receipt; the same content again files nothing."""
    return submit_all(store, viewer, [checked], at, definitions, reason)[0]


def submit_all(
    store: Store,
    viewer: Viewer,
    returns: Sequence[Checked],
    at: dt.datetime | None = None,
    definitions: str = "",
    reason: str = "",
) -> list[Receipt]:
    """File the checked returns of one workbook, all or none, and return their receipts.

    A return that changes approved figures is a correction, and takes a reason.
    """
    for checked in returns:
        _require_filer(viewer, checked)
        blocking = checked.findings.filter(pl.col("severity") == "mandatory").height
        if blocking:
            raise RefusedError(key="store.refused.mandatory", count=blocking)
        _require_plain(checked.findings)
    why = kept_words(reason)
    with store.write() as connection:
        moment = at or dt.datetime.now(dt.UTC)
        current = current_rows(store, returns)
        act = _Act(connection, viewer, moment, definitions, why)
        return [_submit(act, checked, current) for checked in returns]


def _submit(act: _Act, checked: Checked, current: pl.DataFrame) -> Receipt:
    connection = act.connection
    content = content_hash(loaded(checked.facts))
    open_queries = checked.findings.filter(is_open_query()).height
    earlier = _earlier(connection, checked)
    if earlier and earlier[0].content == content and earlier[0].state != "returned":
        waiting = read_findings(connection, earlier[0].id).filter(is_open_query()).height
        # The same numbers again may bring explanations that were missing the first time.
        if earlier[0].state != "checked" or open_queries >= waiting:
            return receipt_of(connection, earlier[0].id, waiting, is_repeat=True)
    units = {checked.unit, *checked.facts["unit"].unique()}
    require_open(connection, checked.form.code, sorted(units), number_of(checked.period))
    is_correction = _is_correction(checked, current, earlier)
    if is_correction and not act.why:
        said = {"form": checked.form.code, "unit": checked.unit}
        raise StoreError(key="store.error.no_correction_reason", **said)
    # A reason given for what corrects nothing excuses no lateness: it is not kept.
    act = act if is_correction else replace(act, why="")
    for row in earlier:
        if row.state in PENDING:
            set_row(connection, row.id, state="replaced", waits_for=None)
    number = next_id(connection)
    row = _insert(act, checked, number, content, earlier)
    _insert_parts(connection, checked, number)
    asked = ask_units(connection, act.viewer, checked, number, act.moment, current)
    stored = connection.execute(_by_id(number)).one()
    state = filed_state(open_queries, asked)
    set_row(connection, number, **moved(stored, state, act.moment))
    audit.append(
        connection,
        act.viewer,
        "submit",
        row["receipt"],
        act.moment,
        form=row["form"],
        unit=row["unit"],
        period=row["period"],
        version=row["version"],
        sha256=row["sha256"],
        content=content,
        state=state,
        rows=row["facts"],
        **kept_hashes(connection, row),
        **({"reason": act.why} if act.why else {}),
    )
    return receipt_of(connection, number, open_queries)


def corrected_forms(store: Store, returns: Sequence[Checked]) -> list[str]:
    """Return which forms of a workbook change approved figures: to file them takes a reason."""
    current, found = current_rows(store, returns), []
    with store.read() as connection:
        for checked in returns:
            earlier = _earlier(connection, checked)
            content = content_hash(loaded(checked.facts))
            is_known = any(row.content == content for row in earlier[:1] if row.state != "returned")
            if not is_known and _is_correction(checked, current, earlier):
                found.append(checked.form.code)
    return found


def _is_correction(checked: Checked, current: pl.DataFrame, earlier: list[Any]) -> bool:
    """Return whether a return comes after an approved one, or changes figures that others filed."""
    change = change_of(checked, current)
    is_later = any(row.state == "approved" for row in earlier)
    return is_later or change.revised > 0 or change.withdrawn > 0


def answer(
    store: Store,
    viewer: Viewer,
    submission: int | str,
    cell: str,
    explanation: str,
    at: dt.datetime | None = None,
) -> Receipt:
    """Explain the queries at a cell; the last explanation submits the return."""
    words = kept_words(explanation)
    with store.write() as connection:
        moment = at or dt.datetime.now(dt.UTC)
        row = find(connection, viewer, submission)
        if not may_file(viewer, row.unit):
            raise RefusedError(key="store.refused.file", user=viewer.name, unit=row.unit)
        if len(words) < SHORTEST_ANSWER:
            raise StoreError(key="store.error.short_answer", least=SHORTEST_ANSWER)
        require_step(row, "answer")
        require_open(connection, row.form, [row.unit], row.period)
        for found in _asked_at(read_findings(connection, row.id), cell):
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
            waiting = open_confirmations(connection, [row.id]).get(row.id, {})
            set_row(connection, row.id, **moved(row, filed_state(0, len(waiting)), moment))
        audit.append(connection, viewer, "answer", row.receipt, moment, cell=cell, answer=words)
        return receipt_of(connection, row.id, unanswered)


def _asked_at(findings: pl.DataFrame, cell: str) -> list[dict[str, Any]]:
    """Return sheet and cell of the queries at a cell; where none is, the nearest is named."""
    queries = findings.filter(pl.col("severity") == "query")
    sheet, _, place = cell.rpartition("!")
    here = queries.filter(pl.col("cell").str.to_uppercase() == place.strip().upper())
    if sheet:
        here = here.filter(pl.col("sheet") == sheet.strip("'"))
    if not here.height:
        hint = nearest(place, queries["cell"].drop_nulls())
        raise StoreError(key="store.error.no_query", cell=cell, hint=hint)
    return here.select("sheet", "cell").unique(maintain_order=True).to_dicts()


def _require_plain(findings: pl.DataFrame) -> None:
    """Refuse explanations, written into the workbook or typed, that are about a person."""
    for row in findings.filter(pl.col("answer").is_not_null()).iter_rows(named=True):
        place = "!".join(part for part in (row["sheet"], row["cell"]) if part)
        kept_words(row["answer"], place)


def _require_filer(viewer: Viewer, checked: Checked) -> None:
    if not may_file(viewer, checked.unit):
        raise RefusedError(key="store.refused.file", user=viewer.name, unit=checked.unit)
    units = checked.facts["unit"].unique()
    if not may_speak_of(viewer, units):
        strange = next(unit for unit in units.sort() if not may_speak_of(viewer, [unit]))
        raise RefusedError(key="store.refused.file", user=viewer.name, unit=strange)


def current_rows(store: Store, returns: Sequence[Checked]) -> pl.DataFrame:
    """Return what is approved today of the cells that a workbook speaks of."""
    units: set[str] = set()
    measures: set[str] = set()
    months: set[int] = set()
    for checked in returns:
        units |= set(checked.facts["unit"].unique())
        measures |= {*checked.form.measures, *checked.facts["measure"].unique()}
        months |= {number_of(month) for month in checked.facts["period"].unique()}
    span = (min(months), max(months)) if months else None
    return snapshot.stored_rows(store, frozenset(units), measures, months=span)


def change_of(checked: Checked, current: pl.DataFrame) -> Change:
    """Return what a return says differently from the approved record."""
    facts = loaded(checked.facts)
    scope = whole_scope(checked.form, facts) if checked.form.file_replaces == "scope" else None
    return find_change(current, facts, scope)


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
    act: _Act, checked: Checked, number: int, content: str, earlier: list[Any]
) -> dict[str, Any]:
    judged = [row.version for row in earlier if row.state not in PENDING]
    route = checked.route
    row = {
        "id": number,
        "receipt": receipt_number(number, act.moment),
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
        "state": "checked",
        "submitted_by": act.viewer.name,
        "submitted_at": audit.timestamp(act.moment),
        "replaces": checked.form.file_replaces,
        "facts": checked.facts.height,
        "definitions": act.definitions,
        "route": " ".join(route.levels),
        "due": route.due.isoformat() if route.due else None,
        "why": act.why or None,
    }
    act.connection.execute(sa.insert(SUBMISSIONS).values(**row))
    return row


def _insert_parts(connection: sa.Connection, checked: Checked, number: int) -> None:
    """Keep the cells and findings; what a form's file leaves blank is kept as blank."""
    facts = with_beside(checked.facts)
    if checked.form.file_replaces == "scope":
        key = ["measure", "unit", "period"]
        blank = whole_scope(checked.form, facts).join(facts, on=key, how="anti")
        blank = blank.with_columns(definition=pl.lit(0, pl.Int64))
        facts = pl.concat([facts, blank], how="diagonal").select(*LOADED, *BESIDE)
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


def with_beside(facts: pl.DataFrame) -> pl.DataFrame:
    """Return the facts as loaded, with what stood in their cells and who has to confirm them."""
    beside = [
        (pl.col(name) if name in facts.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in BESIDE.items()
    ]
    beside_facts = facts.with_columns(beside).select(*BESIDE)
    return pl.concat([loaded(facts), beside_facts], how="horizontal")


def _by_id(number: int) -> sa.Select:
    return sa.select(SUBMISSIONS).where(SUBMISSIONS.c.id == number)
