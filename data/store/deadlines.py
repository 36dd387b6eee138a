"""Who was given more time for a form, until when, by whom and why?"""

import datetime as dt
from typing import Any

import polars as pl
import sqlalchemy as sa

from data.access import Viewer, may_extend, may_see
from data.said import RefusedError
from data.store import audit
from data.store.database import Store, StoreError
from data.store.facts import month_of, number_of
from data.store.plain_words import kept_words
from data.store.tables import EXTENSIONS

SCHEMA: dict[str, Any] = {
    "form": pl.String,
    "unit": pl.String,
    "period": pl.Date,
    "until": pl.Date,
    "reason": pl.String,
    "given_by": pl.String,
    "given_at": pl.Datetime("us", "UTC"),
}


def extend(
    store: Store,
    viewer: Viewer,
    form: str,
    unit: str,
    period: dt.date,
    until: dt.date,
    reason: str,
    due: dt.date,
    at: dt.datetime | None = None,
) -> None:
    """Give a unit until a day for its return of a form, whose own day is `due`."""
    if not may_extend(viewer, unit):
        raise RefusedError(key="store.refused.extend", user=viewer.name, unit=unit)
    words = kept_words(reason)
    if not words:
        raise StoreError(key="store.error.no_extension_reason")
    number = number_of(period)
    with store.write() as connection:
        moment = at or dt.datetime.now(dt.UTC)
        known = extended_days(connection).get((form, unit, number))
        latest = max(due, dt.date.fromisoformat(known)) if known else due
        if until <= latest:
            raise StoreError(key="store.error.not_later", until=until, due=latest)
        entry = {
            "form": form,
            "unit": unit,
            "period": number,
            "until": until.isoformat(),
            "reason": words,
        }
        stamp = {"given_by": viewer.name, "given_at": audit.timestamp(moment)}
        connection.execute(sa.insert(EXTENSIONS).values(**entry, **stamp))
        audit.append(connection, viewer, "extend", f"{form} {unit}", moment, **entry)


def extensions(store: Store, viewer: Viewer, period: dt.date | None = None) -> pl.DataFrame:
    """Return what was extended within the viewer's sight, the newest first."""
    query = sa.select(EXTENSIONS).order_by(EXTENSIONS.c.id.desc())
    if period is not None:
        query = query.where(EXTENSIONS.c.period == number_of(period))
    with store.read() as connection:
        found = [row._asdict() for row in connection.execute(query) if may_see(viewer, row.unit)]
    for row in found:
        row["period"] = month_of(row["period"])
        row["until"] = dt.date.fromisoformat(row["until"])
        row["given_at"] = audit.parse_timestamp(row["given_at"])
    return pl.DataFrame([{name: row[name] for name in SCHEMA} for row in found], schema=SCHEMA)


def extended_days(connection: sa.Connection) -> dict[tuple[str, str, int], str]:
    """Return the last day given for each form, unit and month (as a number), written 2024-11-12."""
    found: dict[tuple[str, str, int], str] = {}
    for row in connection.execute(sa.select(EXTENSIONS).order_by(EXTENSIONS.c.id)):
        key = (row.form, row.unit, row.period)
        found[key] = max(row.until, found.get(key, ""))
    return found
