"""What do all acts on a return share: its receipt, whose hands it was in, and what is refused?"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from data.access import Viewer
from data.said import RefusedError
from data.store import audit
from data.store.database import StoreError
from data.store.facts import month_of
from data.store.stages import next_level, step_of
from data.store.tables import ANSWERS, CONFIRMATIONS, STEPS_TABLE, SUBMISSIONS


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the filing unit is given: `is_repeat` when this very content had been received.

    `waits_for` is the review level whose turn it is, `unconfirmed` how many units have yet to
    confirm their rows.
    """

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
    waits_for: str | None = None
    unconfirmed: int = 0


def receipt_of(
    connection: sa.Connection, number: int, unanswered: int = 0, is_repeat: bool = False
) -> Receipt:
    """Return the receipt of a submission as it stands now."""
    row = connection.execute(sa.select(SUBMISSIONS).where(SUBMISSIONS.c.id == number)).one()
    waiting = open_confirmations(connection, [number]) if row.state == "confirming" else {}
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
        waits_for=row.waits_for,
        unconfirmed=len(waiting.get(number, ())),
    )


def set_row(connection: sa.Connection, number: int, **values: Any) -> None:
    """Change a submission's row."""
    connection.execute(sa.update(SUBMISSIONS).where(SUBMISSIONS.c.id == number).values(**values))


def moved(row: Any, state: str, moment: dt.datetime) -> dict[str, Any]:
    """Return what changes in a row that goes to a state once it is filed, explained, confirmed."""
    values: dict[str, Any] = {"state": state, "waits_for": None}
    if state == "submitted":
        values["waits_for"] = next_level(row.route, 0)
    if state != "checked" and row.ready_at is None:
        values["ready_at"] = audit.timestamp(moment)
    return values


def require_step(row: Any, action: str) -> None:
    """Refuse an act that the table of states does not know for a return as it stands."""
    if step_of(row.state, action) is None:
        raise StoreError(key=f"store.error.state.{row.state}", receipt=row.receipt)


def require_other_eyes(connection: sa.Connection, viewer: Viewer, row: Any) -> None:
    """Refuse to let a person judge what they explained, confirmed or judged already."""
    part = hands(connection, [row.id])[row.id].get(viewer.name)
    if part is not None:
        said = {"user": viewer.name, "receipt": row.receipt}
        raise RefusedError(key=f"store.refused.own_{part}", **said)


def hands(connection: sa.Connection, numbers: list[int]) -> dict[int, dict[str, str]]:
    """Return whose hands submissions went through: of each, person → answer, confirmation, step."""
    found: dict[int, dict[str, str]] = {number: {} for number in numbers}
    asked = (
        (ANSWERS, ANSWERS.c.answered_by, sa.true(), "answer"),
        (
            CONFIRMATIONS,
            CONFIRMATIONS.c.decided_by,
            CONFIRMATIONS.c.decision != "asked",
            "confirmation",
        ),
        (STEPS_TABLE, STEPS_TABLE.c.decided_by, sa.true(), "step"),
    )
    for table, person, condition, part in asked:
        query = sa.select(table.c.submission, person).where(condition).distinct()
        for number, name in connection.execute(query.where(_among(table, numbers))):
            found.setdefault(number, {})[name] = part
    return found


def open_confirmations(connection: sa.Connection, numbers: list[int]) -> dict[int, dict[str, str]]:
    """Return which units have yet to confirm their rows: of each submission, unit → content."""
    found: dict[int, dict[str, str]] = {}
    query = sa.select(CONFIRMATIONS).where(_among(CONFIRMATIONS, numbers))
    for row in connection.execute(query.order_by(CONFIRMATIONS.c.id)):
        waiting = found.setdefault(row.submission, {})
        if row.decision == "asked":
            waiting[row.unit] = row.content
        else:
            waiting.pop(row.unit, None)
    return found


def _among(table: sa.Table, numbers: list[int]) -> sa.ColumnElement[bool]:
    # Many are cheaper to read between their ends than to name one by one.
    if len(numbers) < 500:
        return table.c.submission.in_(numbers)
    return table.c.submission.between(min(numbers), max(numbers))
