"""How is a return judged: level by level, never twice by the same eyes, and when does it count?

Each review level of the route accepts once, from the bottom up; the last one makes the figures
count. From any step a return can be sent back to whoever filed it, with a reason.
"""

import datetime as dt
from typing import Any

import polars as pl
import sqlalchemy as sa

from data.access import Viewer, may_review
from data.said import RefusedError
from data.store import audit, snapshot
from data.store.acts import Receipt, receipt_of, require_other_eyes, require_step, set_row
from data.store.database import Store, StoreError, bump_version
from data.store.facts import KEY, LOADED
from data.store.filed import find, read_cells
from data.store.loading import append_facts, find_change
from data.store.locking import require_open
from data.store.plain_words import kept_words
from data.store.stages import next_level
from data.store.tables import STEPS_TABLE


def review(
    store: Store,
    viewer: Viewer,
    submission: int | str,
    accept: bool,
    reason: str = "",
    at: dt.datetime | None = None,
) -> Receipt:
    """Accept a return for the level whose turn it is, or send it back with a reason."""
    words, written = kept_words(reason), None
    with store.write() as connection:
        moment = at or dt.datetime.now(dt.UTC)
        row = find(connection, viewer, submission)
        _require_reviewer(viewer, row)
        require_step(row, "accept" if accept else "return")
        _require_level(viewer, row)
        require_other_eyes(connection, viewer, row)
        if not accept and not words:
            raise StoreError(key="store.error.no_reason")
        decided = {
            "reviewer": viewer.name,
            "reviewed_at": audit.timestamp(moment),
            "reason": words or None,
        }
        _note_step(connection, row, "accept" if accept else "return", decided)
        if not accept:
            set_row(connection, row.id, state="returned", waits_for=None, **decided)
            said = {"reason": decided["reason"], "level": row.waits_for or ""}
            audit.append(connection, viewer, "return", row.receipt, moment, **said)
        else:
            written = _accept(store, connection, viewer, row, moment, decided)
        receipt = receipt_of(connection, row.id)
    if written is not None:
        snapshot.extend(store, *written)
    return receipt


def _require_reviewer(viewer: Viewer, row: Any) -> None:
    if viewer.name == row.submitted_by:
        said = {"user": viewer.name, "receipt": row.receipt}
        raise RefusedError(key="store.refused.own_return", **said)
    if not may_review(viewer, row.unit):
        raise RefusedError(key="store.refused.review", user=viewer.name, unit=row.unit)


def _require_level(viewer: Viewer, row: Any) -> None:
    if row.waits_for and not may_review(viewer, row.unit, row.waits_for):
        said = {"user": viewer.name, "receipt": row.receipt, "level": row.waits_for}
        raise RefusedError(key="store.refused.level", **said)


def _note_step(connection: sa.Connection, row: Any, decision: str, decided: dict) -> None:
    connection.execute(
        sa.insert(STEPS_TABLE).values(
            submission=row.id,
            level=row.waits_for or "",
            decision=decision,
            decided_by=decided["reviewer"],
            decided_at=decided["reviewed_at"],
            reason=decided["reason"],
        )
    )


def _accept(
    store: Store,
    connection: sa.Connection,
    viewer: Viewer,
    row: Any,
    moment: dt.datetime,
    decided: dict[str, Any],
) -> tuple[int, pl.DataFrame] | None:
    """Pass the return on to the next level; after the last one its figures count."""
    levels = row.route.split()
    passed = levels.index(row.waits_for) + 1 if row.waits_for in levels else len(levels)
    following = next_level(row.route, passed)
    cells = read_cells(connection, row.id)
    require_open(connection, row.form, {row.unit, *cells["unit"].unique()}, row.period)
    if following is None:
        return _approve(store, connection, viewer, row, cells, moment, decided)
    set_row(connection, row.id, state="reviewed", waits_for=following, **decided)
    said = {"level": row.waits_for, "waits_for": following, "reason": decided["reason"]}
    audit.append(connection, viewer, "review", row.receipt, moment, **said)
    return None


def _approve(
    store: Store,
    connection: sa.Connection,
    viewer: Viewer,
    row: Any,
    cells: pl.DataFrame,
    moment: dt.datetime,
    decided: dict[str, Any],
) -> tuple[int, pl.DataFrame]:
    """Write what the return changes to the facts, as approved at this moment."""
    facts = cells.filter(pl.col("value").is_not_null()).select(LOADED.names())
    units = frozenset(cells["unit"].unique())
    months = (row.first_period, row.period)
    current = snapshot.stored_rows(store, units, cells["measure"].unique(), months=months)
    scope = cells.select("measure", "unit", "period") if row.replaces == "scope" else None
    change = find_change(current, facts, scope)
    # The latest approval counts, even where an import was dated after it.
    moment = max([moment, *current.join(change.rows, on=KEY, how="semi")["vintage"]])
    set_row(
        connection,
        row.id,
        state="approved",
        waits_for=None,
        vintage=audit.timestamp(moment),
        changed=change.rows.height,
        **decided,
    )
    rows, entry = append_facts(connection, change.rows, row.id, row.receipt, moment)
    said = {"level": row.waits_for or "", "reason": decided["reason"]}
    said |= {"decided": decided["reviewed_at"], "revised": change.revised}
    audit.append(connection, viewer, "accept", row.receipt, moment, **entry, **said)
    return bump_version(connection), rows
