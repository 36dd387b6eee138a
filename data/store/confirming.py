"""Who confirms the rows that another unit typed for them, and what becomes of the return?

A district may type what its stations have to file, but nobody files in their place: the return
waits until a person of each of these units has confirmed its rows.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import polars as pl
import sqlalchemy as sa

from data.access import Viewer, may_confirm
from data.said import RefusedError
from data.store import audit
from data.store.acts import (
    Receipt,
    moved,
    open_confirmations,
    receipt_of,
    require_step,
    set_row,
)
from data.store.database import Store, StoreError
from data.store.facts import KEY, loaded, number_of
from data.store.filed import find
from data.store.loading import content_hash
from data.store.locking import require_open
from data.store.plain_words import kept_words
from data.store.source import Checked
from data.store.tables import CONFIRMATIONS, SUBMISSIONS


def ask_units(
    connection: sa.Connection,
    viewer: Viewer,
    checked: Checked,
    number: int,
    moment: dt.datetime,
    current: pl.DataFrame,
) -> int:
    """Ask the units whose rows were typed for them, and return how many have to confirm.

    Not asked again is a unit that has confirmed these very rows before, or whose rows say what is
    approved already.
    """
    if "filer" not in checked.facts.columns:
        return 0
    rows = checked.facts.filter(pl.col("filer").is_not_null())
    if not rows.height:
        return 0
    known = _confirmed_before(connection, checked)
    asked = []
    for (unit,), part in sorted(rows.partition_by("filer", as_dict=True).items()):
        facts = loaded(part)
        content = content_hash(facts)
        if (unit, content) in known or _is_approved(facts, current):
            continue
        asked.append({"unit": unit, "content": content})
    entry = {
        "submission": number,
        "decision": "asked",
        "decided_by": viewer.name,
        "decided_at": audit.timestamp(moment),
    }
    if asked:
        connection.execute(sa.insert(CONFIRMATIONS), [row | entry for row in asked])
    return len(asked)


def confirm(
    store: Store,
    viewer: Viewer,
    submission: int | str,
    accept: bool = True,
    reason: str = "",
    unit: str = "",
    at: dt.datetime | None = None,
) -> Receipt:
    """Confirm the rows of a unit, or send the return back because they are wrong.

    Without a unit, those of the viewer's own.
    """
    return confirm_all(store, viewer, [submission], accept, reason, unit, at)[0]


def confirm_all(
    store: Store,
    viewer: Viewer,
    submissions: Sequence[int | str],
    accept: bool = True,
    reason: str = "",
    unit: str = "",
    at: dt.datetime | None = None,
) -> list[Receipt]:
    """Confirm, or refuse, a unit's rows in several returns, all or none."""
    with store.write() as connection:
        moment = at or dt.datetime.now(dt.UTC)
        rows = [find(connection, viewer, number) for number in submissions]
        return [_decide(connection, viewer, row, unit, accept, reason, moment) for row in rows]


def _decide(
    connection: sa.Connection,
    viewer: Viewer,
    row: Any,
    unit: str,
    accept: bool,
    reason: str,
    moment: dt.datetime,
) -> Receipt:
    require_step(row, "confirm" if accept else "refuse")
    waiting = open_confirmations(connection, [row.id]).get(row.id, {})
    unit = unit or _own_unit(viewer, waiting, row)
    if not may_confirm(viewer, unit):
        raise RefusedError(key="store.refused.confirm", user=viewer.name, unit=unit)
    if viewer.name == row.submitted_by:
        raise RefusedError(key="store.refused.own_typed", user=viewer.name, receipt=row.receipt)
    if unit not in waiting:
        raise StoreError(key="store.error.nothing_to_confirm", unit=unit, receipt=row.receipt)
    words = kept_words(reason)
    if not accept and not words:
        raise StoreError(key="store.error.no_reason")
    require_open(connection, row.form, [row.unit, unit], row.period)
    connection.execute(
        sa.insert(CONFIRMATIONS).values(
            submission=row.id,
            unit=unit,
            content=waiting[unit],
            decision="confirmed" if accept else "refused",
            decided_by=viewer.name,
            decided_at=audit.timestamp(moment),
            reason=words or None,
        )
    )
    if not accept:
        decided = {"reviewer": viewer.name, "reviewed_at": audit.timestamp(moment)}
        set_row(connection, row.id, state="returned", waits_for=None, reason=words, **decided)
    elif len(waiting) == 1:
        set_row(connection, row.id, **moved(row, "submitted", moment))
    said = {"unit": unit, "content": waiting[unit]} | ({"reason": words} if words else {})
    action = "confirm" if accept else "refuse"
    audit.append(connection, viewer, action, row.receipt, moment, **said)
    return receipt_of(connection, row.id)


def _own_unit(viewer: Viewer, waiting: dict[str, str], row: Any) -> str:
    """Return the one unit for which the viewer may confirm; of several one has to be named."""
    mine = [unit for unit in waiting if may_confirm(viewer, unit)]
    if not mine:
        raise StoreError(
            key="store.error.nothing_to_confirm", unit=viewer.unit, receipt=row.receipt
        )
    if len(mine) > 1:
        said = {"receipt": row.receipt, "units": ", ".join(mine)}
        raise StoreError(key="store.error.which_unit", **said)
    return mine[0]


def _confirmed_before(connection: sa.Connection, checked: Checked) -> set[tuple[str, str]]:
    """Return units and hashes of the rows that they confirmed in earlier files of the return."""
    query = (
        sa.select(CONFIRMATIONS.c.unit, CONFIRMATIONS.c.content)
        .join(SUBMISSIONS, SUBMISSIONS.c.id == CONFIRMATIONS.c.submission)
        .where(
            CONFIRMATIONS.c.decision == "confirmed",
            SUBMISSIONS.c.form == checked.form.code,
            SUBMISSIONS.c.unit == checked.unit,
            SUBMISSIONS.c.period == number_of(checked.period),
        )
    )
    return {(row.unit, row.content) for row in connection.execute(query)}


def _is_approved(facts: pl.DataFrame, current: pl.DataFrame) -> bool:
    """Return whether all rows say what the approved record says."""
    known = current.select(*KEY, was="value")
    both = facts.join(known, on=KEY, how="left")
    return bool(both.select((pl.col("value") == pl.col("was")).fill_null(False).all()).item())
