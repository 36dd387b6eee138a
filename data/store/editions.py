"""What was published when, and is it still what the record says?

An edition names a month and a moment and keeps the hashes of all facts and figures as known then.
The figures themselves are not copied: the record never forgets, so they can be computed again, and
the hashes show whether they come out the same. Editions are never changed or deleted.

An edition stands on a basis (`now` or `then`), and on the structure that the units had: this is
kept with it, so that figures which come out otherwise after a change of units can be told from
figures that were changed.
"""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from data.access import MAY_LOCK, Viewer
from data.definition_types import Catalog
from data.parse import nearest
from data.said import RefusedError
from data.store import audit
from data.store.database import Store, StoreError, read_meta
from data.store.facts import month_of, number_of
from data.store.plain_words import kept_words
from data.store.tables import (
    AUDIT,
    EDITIONS,
    FACTS_TABLE,
    LOCKS,
    STRUCTURES,
    SUBMISSIONS,
    is_whole_lock,
)
from data.structure import structure_digest, structure_text

#: The bases on which figures stand alone; `matched` says which units a comparison keeps.
BASES = ("now", "then")
# What the log says of an edition beside its hashes, and what goes for entries without it.
BEFORE_BASES = {"basis": "now", "salt": "", "structure": "", "definitions_but_units": ""}
LONGEST_NAME = 80
LONGEST_NOTE = 1000


@dataclass(frozen=True, slots=True)
class Hashes:
    """What an edition holds, in hashes: of all its facts, all figures, and each indicator's.

    They are those of a basis, made with a `salt`: figures that a reader does not see cannot be
    found by trying which ones give the hash.
    """

    figures: int
    figures_hash: str
    facts_hash: str
    parts: Mapping[str, str]
    basis: str = "now"
    salt: str = ""


@dataclass(frozen=True, slots=True)
class Definitions:
    """By what an edition was made, in digests: all definitions, those but the units, the structure.

    The last two are empty in editions from before they were kept.
    """

    digest: str
    but_units: str = ""
    structure: str = ""


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition. `previous` is the one before it on the same basis; `revised` counts the changes.

    `state` is final where its month was locked at that moment, else provisional.
    """

    name: str
    period: dt.date
    as_of: dt.datetime
    state: str
    definitions: Definitions
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
    catalog: Catalog,
    version: int,
    note: str = "",
    at: dt.datetime | None = None,
) -> Edition:
    """Keep an edition of a month as known at a moment, with its entry in the log.

    `version` is the store's version at which the hashes were made: if anything was approved in
    between, nothing is kept. `catalog` holds the definitions they were made by; the structure of
    the units is kept with the edition.
    """
    if viewer.role not in MAY_LOCK or viewer.sees() is not None:
        raise RefusedError(key="edition.refused", user=viewer.name)
    name, note = kept_words(" ".join(name.split())), kept_words(note)
    if not name or len(name) > LONGEST_NAME or len(note) > LONGEST_NOTE:
        raise StoreError(key="edition.error.name", most=LONGEST_NAME, note=LONGEST_NOTE)
    if hashes.basis not in BASES:
        raise StoreError(key="edition.error.basis", basis=hashes.basis)
    structure = structure_text(catalog)
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
        earlier = last_on(before, hashes.basis)
        row = {
            "name": name,
            "period": number_of(period),
            "as_of": audit.timestamp(as_of),
            "state": _state(connection, period, as_of),
            "definitions": catalog.digest,
            "figures": hashes.figures,
            "figures_hash": hashes.figures_hash,
            "facts_hash": hashes.facts_hash,
            "last_fact": _last_fact(connection),
            "parts": json.dumps(dict(hashes.parts), sort_keys=True),
            "revised": json.dumps(dict(revised), sort_keys=True),
            "previous": earlier.name if earlier else None,
            "note": note,
            "made_by": viewer.name,
            "made_at": audit.timestamp(moment),
            "basis": hashes.basis,
            "salt": hashes.salt,
            "structure": _keep_structure(connection, structure),
            "definitions_but_units": catalog.digest_but_units,
        }
        connection.execute(sa.insert(EDITIONS).values(**row))
        kept = {key: row[key] for key in ("period", "as_of", "definitions", "previous", "note")}
        kept |= {key: row[key] for key in BEFORE_BASES}
        hashed = {"figures_hash": hashes.figures_hash, "facts_hash": hashes.facts_hash}
        audit.append(connection, viewer, "edition", name, moment, **kept, **hashed)
        return _edition(connection.execute(_in_order().where(EDITIONS.c.name == name)).one())


def _keep_structure(connection: sa.Connection, written: str) -> str:
    """Keep a structure of the units unless it is there already, and return its digest."""
    digest = structure_digest(written)
    known = sa.select(STRUCTURES.c.id).where(STRUCTURES.c.digest == digest)
    if connection.execute(known).first() is None:
        connection.execute(sa.insert(STRUCTURES).values(digest=digest, content=written))
    return digest


def last_on(found: Sequence[Edition], basis: str) -> Edition | None:
    """Return the last edition on a basis."""
    return next((item for item in reversed(found) if item.hashes.basis == basis), None)


def kept_structure(store: Store, edition: Edition) -> str:
    """Return the structure of the units that an edition was made on, nothing if none was kept."""
    query = sa.select(STRUCTURES.c.content).where(
        STRUCTURES.c.digest == edition.definitions.structure
    )
    with store.read() as connection:
        return connection.execute(query).scalar() or ""


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
    """Return the edition before this one, on the same basis."""
    return next((item for item in editions(store) if item.name == edition.previous), None)


def is_logged(store: Store, edition: Edition) -> bool:
    """Return whether the log vouches for an edition with these very hashes, basis and structure."""
    query = sa.select(AUDIT.c.detail).where(
        AUDIT.c.action == "edition", AUDIT.c.subject == edition.name
    )
    with store.read() as connection:
        details = [json.loads(text) for text in connection.execute(query).scalars()]
    digest = edition.definitions.structure
    if digest and structure_digest(kept_structure(store, edition)) != digest:
        return False
    told = {
        "figures_hash": edition.hashes.figures_hash,
        "facts_hash": edition.hashes.facts_hash,
        "as_of": audit.timestamp(edition.as_of),
        "basis": edition.hashes.basis,
        "salt": edition.hashes.salt,
        "structure": digest,
        "definitions": edition.definitions.digest,
        "definitions_but_units": edition.definitions.but_units,
    }
    return any(
        all((BEFORE_BASES | detail)[name] == value for name, value in told.items())
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
        LOCKS.c.period == number_of(period),
        LOCKS.c.locked_at < audit.timestamp(as_of),
        is_whole_lock(),
    )
    return "final" if connection.execute(query).scalar_one() else "provisional"


def _edition(row: sa.Row) -> Edition:
    hashes = Hashes(
        row.figures, row.figures_hash, row.facts_hash, json.loads(row.parts), row.basis, row.salt
    )
    return Edition(
        name=row.name,
        period=month_of(row.period),
        as_of=audit.parse_timestamp(row.as_of),
        state=row.state,
        definitions=Definitions(row.definitions, row.definitions_but_units, row.structure),
        hashes=hashes,
        last_fact=row.last_fact,
        revised=json.loads(row.revised),
        previous=row.previous or "",
        note=row.note,
        made_by=row.made_by,
        made_at=audit.parse_timestamp(row.made_at),
    )
