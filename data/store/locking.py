"""When does a month become final, what may still be filed for it, and who opened it again?"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl
import sqlalchemy as sa

from data.access import Viewer, may_lock
from data.periods import format_period
from data.said import RefusedError
from data.store import audit, snapshot
from data.store.counting import SYSTEM, Count, write_counts
from data.store.database import Store, StoreError, bump_version
from data.store.facts import month_of, number_of
from data.store.plain_words import kept_words
from data.store.tables import LOCKS, SUBMISSIONS

HISTORY: dict[str, Any] = {
    "act": pl.String,
    "form": pl.String,
    "units": pl.List(pl.String),
    "by": pl.String,
    "at": pl.Datetime("us", "UTC"),
    "reason": pl.String,
}


def lock(
    store: Store,
    viewer: Viewer,
    period: dt.date,
    at: dt.datetime | None = None,
    form: str = "",
    units: Sequence[str] = (),
    count: Count | None = None,
    definitions: str = "",
) -> int:
    """Close a month to returns and say how many approved submissions that concerns.

    Locked as a whole its figures are final; locked for a form or for units (a unit and all below
    it) no return of these is taken any more. What the product counts of a whole month (`count`)
    enters the record with the lock.
    """
    _require_locker(viewer)
    number, rows = number_of(period), None
    with store.write() as connection:
        moment = at or dt.datetime.now(dt.UTC)
        covered = [
            SUBMISSIONS.c.state == "approved",
            SUBMISSIONS.c.kind != SYSTEM,
            SUBMISSIONS.c.first_period <= number,
            SUBMISSIONS.c.period >= number,
        ]
        covered += [SUBMISSIONS.c.form == form] if form else []
        where = {"form": form, "units": list(units)} if form or units else {}
        query = sa.select(sa.func.count()).select_from(SUBMISSIONS).where(*covered)
        held = connection.execute(query).scalar_one()
        if not held:
            raise StoreError(key="store.error.nothing_to_lock", period=format_period(period))
        if count is not None and not where:
            counted = count(moment)
            rows = write_counts(store, connection, viewer, period, counted, definitions, moment)
        _write(connection, viewer, "lock", period, moment, form, units)
        audit.append(
            connection, viewer, "lock", format_period(period), moment, submissions=held, **where
        )
        version = bump_version(connection)
    if rows is not None:
        snapshot.extend(store, version, rows)
    return held


def unlock(
    store: Store,
    viewer: Viewer,
    period: dt.date,
    reason: str,
    at: dt.datetime | None = None,
    form: str = "",
    units: Sequence[str] = (),
) -> None:
    """Open a locked month again, or of it a form or units, with a reason.

    What was approved before stays final until a correction is approved.
    """
    _require_locker(viewer)
    words = kept_words(reason)
    if not words:
        raise StoreError(key="store.error.no_unlock_reason")
    with store.write() as connection:
        moment = at or dt.datetime.now(dt.UTC)
        if not _entries(connection, number_of(period)):
            raise StoreError(key="store.error.not_locked", period=format_period(period))
        _write(connection, viewer, "open", period, moment, form, units, words)
        where = {"form": form, "units": list(units)} if form or units else {}
        audit.append(
            connection, viewer, "unlock", format_period(period), moment,
            reason=words, **where,
        )  # fmt: skip
        bump_version(connection)


def require_open(connection: sa.Connection, form: str, units: Iterable[str], number: int) -> None:
    """Refuse to move a return of a month (as a number) that is locked for it."""
    entries = _entries(connection, number)
    for unit in units if entries else ():
        if is_locked(entries, form, unit):
            period = format_period(month_of(number))
            raise StoreError(key="store.error.locked", period=period, form=form, unit=unit)


def is_locked(entries: Sequence[tuple[str, str, str]], form: str, unit: str) -> bool:
    """Return whether the last entry (act, form, unit) that concerns a return locks it.

    >>> month, but_one = ("lock", "", ""), ("open", "M01", "")
    >>> is_locked([month, but_one], "M01", "a"), is_locked([month, but_one], "M02", "a")
    (False, True)
    """
    held = [act for act, of, at in entries if of in ("", form) and at in ("", unit)]
    return bool(held) and held[-1] == "lock"


def lock_entries(store: Store, period: dt.date) -> list[tuple[str, str, str]]:
    """Return what was locked and opened of a month, in order: act, form, unit."""
    with store.read() as connection:
        return _entries(connection, number_of(period))


def lock_history(store: Store, period: dt.date) -> pl.DataFrame:
    """Return who locked and opened what of a month, when and why, the newest first.

    Rows: one act; `units` are empty where it concerns every unit, `form` where every form.
    """
    query = sa.select(LOCKS).where(LOCKS.c.period == number_of(period)).order_by(LOCKS.c.id)
    acts: dict[tuple[str, ...], dict[str, Any]] = {}
    with store.read() as connection:
        for row in connection.execute(query):
            key = (row.act, row.form, row.locked_by, row.locked_at)
            entry = {"act": row.act, "form": row.form, "by": row.locked_by, "reason": row.reason}
            entry["at"] = audit.parse_timestamp(row.locked_at)
            held = acts.setdefault(key, entry | {"units": []})
            held["units"] += [row.unit] if row.unit else []
    rows = [{name: act[name] for name in HISTORY} for act in reversed(acts.values())]
    return pl.DataFrame(rows, schema=HISTORY)


def _entries(connection: sa.Connection, number: int) -> list[tuple[str, str, str]]:
    query = sa.select(LOCKS.c.act, LOCKS.c.form, LOCKS.c.unit).where(LOCKS.c.period == number)
    return [tuple(row) for row in connection.execute(query.order_by(LOCKS.c.id))]


def _write(
    connection: sa.Connection,
    viewer: Viewer,
    act: str,
    period: dt.date,
    moment: dt.datetime,
    form: str,
    units: Sequence[str],
    reason: str | None = None,
) -> None:
    entry = {
        "period": number_of(period),
        "locked_by": viewer.name,
        "locked_at": audit.timestamp(moment),
        "act": act,
        "form": form,
        "reason": reason,
    }
    rows = [entry | {"unit": unit} for unit in units or ("",)]
    connection.execute(sa.insert(LOCKS), rows)


def _require_locker(viewer: Viewer) -> None:
    if not may_lock(viewer):
        raise RefusedError(key="store.refused.lock", user=viewer.name)
