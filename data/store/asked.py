"""What was a unit asked before, what did it answer then, and how far are its months of a year?"""

import datetime as dt
from typing import Any

import polars as pl
import sqlalchemy as sa

from data.access import Viewer, may_see
from data.store.acts import open_confirmations
from data.store.database import Store
from data.store.facts import month_of, number_of
from data.store.tables import ANSWERS, FINDINGS_TABLE, SUBMISSIONS

ASKED: dict[str, Any] = {
    "period": pl.Date,
    "form": pl.String,
    "severity": pl.String,
    "rule": pl.String,
    "unit": pl.String,
    "measure": pl.String,
    "answer": pl.String,
}
FILED: dict[str, Any] = {
    "id": pl.Int64,
    "form": pl.String,
    "period": pl.Date,
    "state": pl.String,
    "due": pl.Date,
    "unconfirmed": pl.List(pl.String),
}


def asked_before(
    store: Store, viewer: Viewer, unit: str, first: dt.date, last: dt.date
) -> pl.DataFrame:
    """Return the findings of a unit's returns of the months from first to last, newest first.

    Rows: one finding of a return that was not replaced, with the explanation given for it.
    """
    if not may_see(viewer, unit):
        return pl.DataFrame(schema=ASKED)
    table = FINDINGS_TABLE
    query = (
        sa.select(
            SUBMISSIONS.c.id,
            SUBMISSIONS.c.form,
            SUBMISSIONS.c.period.label("month"),
            *(table.c[name] for name in ("rule", "severity", "unit", "measure")),
            *(table.c[name] for name in ("sheet", "cell", "answer")),
        )
        .join(SUBMISSIONS, SUBMISSIONS.c.id == table.c.submission)
        .where(*_of_unit(unit, first, last), SUBMISSIONS.c.state != "replaced")
        .order_by(SUBMISSIONS.c.id.desc(), table.c.id)
    )
    with store.read() as connection:
        rows = [dict(row) for row in connection.execute(query).mappings()]
        numbers = sorted({row["id"] for row in rows})
        given = sa.select(ANSWERS).where(ANSWERS.c.submission.in_(numbers)).order_by(ANSWERS.c.id)
        answers = {(a.submission, a.sheet, a.cell): a.answer for a in connection.execute(given)}
    for row in rows:
        row["period"] = month_of(row["month"])
        row["answer"] = answers.get((row["id"], row["sheet"], row["cell"]), row["answer"])
    return pl.DataFrame([{name: row[name] for name in ASKED} for row in rows], schema=ASKED)


def filed_by(
    store: Store, viewer: Viewer, unit: str, first: dt.date, last: dt.date
) -> pl.DataFrame:
    """Return how far the returns of a unit are, month by month, the latest version last.

    Rows: one return of the unit, or one in which others typed its rows and wait for its word
    (`unconfirmed` names it then); `due` is the day kept with the return.
    """
    if not may_see(viewer, unit):
        return pl.DataFrame(schema=FILED)
    months = SUBMISSIONS.c.period.between(number_of(first), number_of(last))
    waits = SUBMISSIONS.c.state == "confirming"
    is_mine = SUBMISSIONS.c.unit == unit
    query = (
        sa.select(SUBMISSIONS)
        .where(SUBMISSIONS.c.kind == "return", months, sa.or_(is_mine, waits))
        .where(SUBMISSIONS.c.state != "replaced")
        .order_by(SUBMISSIONS.c.id)
    )
    with store.read() as connection:
        rows = [dict(row) for row in connection.execute(query).mappings()]
        waiting = [row["id"] for row in rows if row["state"] == "confirming"]
        asked = open_confirmations(connection, waiting) if waiting else {}
    found = []
    for row in rows:
        units = [name for name in asked.get(row["id"], ()) if name == unit]
        if row["unit"] != unit and not units:
            continue
        due = dt.date.fromisoformat(row["due"]) if row["due"] else None
        said = {name: row[name] for name in ("id", "form", "state")}
        found.append({**said, "period": month_of(row["period"]), "due": due, "unconfirmed": units})
    return pl.DataFrame(found, schema=FILED)


def _of_unit(unit: str, first: dt.date, last: dt.date) -> tuple[Any, ...]:
    return (
        SUBMISSIONS.c.kind == "return",
        SUBMISSIONS.c.unit == unit,
        SUBMISSIONS.c.period.between(number_of(first), number_of(last)),
    )
