"""What was published when, and is it still what the record says?

An edition names a month and a moment and keeps the hashes of all facts and figures as known then.
The figures themselves are not copied: the record never forgets, so they can be computed again, and
the hashes show whether they come out the same. Editions are never changed or deleted.
"""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from data.access import MAY_LOCK, Viewer
from data.parse import nearest
from data.said import RefusedError
from data.store import audit
from data.store.database import Store, StoreError, read_meta
from data.store.facts import month_of, number_of
from data.store.tables import AUDIT, EDITIONS, FACTS_TABLE, LOCKS, SUBMISSIONS

LONGEST_NAME = 80
LONGEST_NOTE = 1000


@dataclass(frozen=True, slots=True)
class Hashes:
    """What an edition holds, in hashes: of all its facts, all figures, and each indicator's."""

    figures: int
    figures_hash: str
    facts_hash: str
    parts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition. `previous` is the one before it; `revised` counts what changed since then.

    `state` is final where its month was locked at that moment, else provisional.
    """

    name: str
    period: dt.date
    as_of: dt.datetime
    state: str
    definitions: str
    hashes: Hashes
    last_fact: int
    revised: Mapping[str, Any]
    previous: str
    note: str
    made_by: str
    made_at: dt.datetime


def make_edition(
    store: Store,
    viewer: Viewer,
    name: str,
    period: dt.date,
    as_of: dt.datetime,
    hashes: Hashes,
    revised: Mapping[str, Any],
    definitions: str,
    version: int,
    note: str = "",
    at: dt.datetime | None = None,
) -> Edition:
    """Keep an edition of a month as known at a moment, with its entry in the log.

    `version` is the store's version at which the hashes were made: if anything was approved in
    between, nothing is kept.
    """
    if viewer.role not in MAY_LOCK or viewer.sees() is not None:
        raise RefusedError(key="edition.refused", user=viewer.name)
    name, note = " ".join(name.split()), note.strip()
    if not name or len(name) > LONGEST_NAME or len(note) > LONGEST_NOTE:
        raise StoreError(key="edition.error.name", most=LONGEST_NAME, note=LONGEST_NOTE)
    with store.write() as connection:
        moment = at or dt.datetime.now(dt.UTC)
        if int(read_meta(connection, "version")) != version:
            raise StoreError(key="edition.error.changed")
        before = [_edition(row) for row in connection.execute(_in_order())]
        if name in {edition.name for edition in before}:
            raise StoreError(key="edition.error.twice", name=name)
        if before and as_of < before[-1].as_of:
            last = {"last": before[-1].name, "day": f"{before[-1].as_of:%Y-%m-%d %H:%M} UTC"}
            raise StoreError(key="edition.error.order", **last)
        row = {
            "name": name,
            "period": number_of(period),
            "as_of": audit.timestamp(as_of),
            "state": _state(connection, period, as_of),
            "definitions": definitions,
            "figures": hashes.figures,
            "figures_hash": hashes.figures_hash,
            "facts_hash": hashes.facts_hash,
            "last_fact": _last_fact(connection),
            "parts": json.dumps(dict(hashes.parts), sort_keys=True),
            "revised": json.dumps(dict(revised), sort_keys=True),
            "previous": before[-1].name if before else None,
            "note": note,
            "made_by": viewer.name,
            "made_at": audit.timestamp(moment),
        }
        connection.execute(sa.insert(EDITIONS).values(**row))
        kept = {key: row[key] for key in ("period", "as_of", "definitions", "previous", "note")}
        hashed = {"figures_hash": hashes.figures_hash, "facts_hash": hashes.facts_hash}
        audit.append(connection, viewer, "edition", name, moment, **kept, **hashed)
        return _edition(connection.execute(_in_order().where(EDITIONS.c.name == name)).one())


def editions(store: Store) -> list[Edition]:
    """Return the editions, the oldest first."""
    with store.read() as connection:
        return [_edition(row) for row in connection.execute(_in_order())]


def find_edition(store: Store, name: str) -> Edition:
    """Return an edition by its name, or by the first signs of its hash.

    Raises:
        StoreError: there is none; the nearest name is given.
    """
    found = editions(store)
    wanted = " ".join(name.split()).casefold()
    for edition in found:
        if edition.name.casefold() == wanted:
            return edition
    by_hash = [edition for edition in found if edition.hashes.figures_hash.startswith(wanted)]
    if len(by_hash) == 1 and len(wanted) >= 6:
        return by_hash[0]
    names = [edition.name for edition in found]
    raise StoreError(key="edition.error.unknown", name=name, hint=nearest(name, names))


def previous_of(store: Store, edition: Edition) -> Edition | None:
    """Return the edition before this one."""
    return next((item for item in editions(store) if item.name == edition.previous), None)


def is_logged(store: Store, edition: Edition) -> bool:
    """Return whether the log vouches for an edition with these very hashes."""
    query = sa.select(AUDIT.c.detail).where(
        AUDIT.c.action == "edition", AUDIT.c.subject == edition.name
    )
    with store.read() as connection:
        details = [json.loads(text) for text in connection.execute(query).scalars()]
    return any(
        detail["figures_hash"] == edition.hashes.figures_hash
        and detail["facts_hash"] == edition.hashes.facts_hash
        and detail["as_of"] == audit.timestamp(edition.as_of)
        for detail in details
    )


def dated_back(store: Store, edition: Edition) -> int:
    """Return how many cells came in after an edition but are dated before it."""
    query = (
        sa.select(sa.func.count())
        .select_from(FACTS_TABLE.join(SUBMISSIONS, FACTS_TABLE.c.submission == SUBMISSIONS.c.id))
        .where(
            FACTS_TABLE.c.id > edition.last_fact,
            SUBMISSIONS.c.vintage < audit.timestamp(edition.as_of),
            FACTS_TABLE.c.period <= number_of(edition.period),
        )
    )
    with store.read() as connection:
        return connection.execute(query).scalar_one()


def _in_order() -> sa.Select:
    return sa.select(EDITIONS).order_by(EDITIONS.c.as_of, EDITIONS.c.id)


def _last_fact(connection: sa.Connection) -> int:
    return connection.execute(sa.select(sa.func.max(FACTS_TABLE.c.id))).scalar() or 0


def _state(connection: sa.Connection, period: dt.date, as_of: dt.datetime) -> str:
    query = sa.select(sa.func.count()).where(
        LOCKS.c.period == number_of(period), LOCKS.c.locked_at < audit.timestamp(as_of)
    )
    return "final" if connection.execute(query).scalar_one() else "provisional"


def _edition(row: sa.Row) -> Edition:
    hashes = Hashes(row.figures, row.figures_hash, row.facts_hash, json.loads(row.parts))
    return Edition(
        name=row.name,
        period=month_of(row.period),
        as_of=audit.parse_timestamp(row.as_of),
        state=row.state,
        definitions=row.definitions,
        hashes=hashes,
        last_fact=row.last_fact,
        revised=json.loads(row.revised),
        previous=row.previous or "",
        note=row.note,
        made_by=row.made_by,
        made_at=audit.parse_timestamp(row.made_at),
    )
