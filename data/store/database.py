"""Where is the record, and how is it opened, read and written safely?

One writer at a time, many readers: SQLite in WAL mode with a patient busy timeout, or PostgreSQL
with an advisory lock. Every act of writing is one transaction.
"""

import os
import re
import secrets
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from data.said import SpokenError
from data.store.migrations import SCHEMA_VERSION, structure, upgrade
from data.store.tables import META

BUSY_SECONDS = 60
PAGE_CACHE_KIB = 64_000
CONNECT_SECONDS = 10
SECRET = ("password", "passfile", "sslpassword")  # never shown, even where the address holds them
# What the server or its driver says when it cannot be reached, and our words for it.
REASONS = (
    ("password authentication failed", "password"),
    ("no password supplied", "password"),
    ("failed to resolve host", "server"),
    ("Connection refused", "server"),
    ("No such file or directory", "server"),
    ("timeout expired", "server"),
    ("database system is", "server"),
)
NO_DATABASE = re.compile(r'database "(.*)" does not exist')
WRITER_LOCK = 20_241_111  # any constant number that names our lock in PostgreSQL


class StoreError(SpokenError):
    """The record cannot be opened or read; the text says why and what to do."""


class Store:
    """The record at a URL, and the folder of its snapshot."""

    def __init__(self, url: sa.URL, engine: sa.Engine, snapshot: Path) -> None:
        self.url = url
        self.engine = engine
        self.snapshot = snapshot
        self.cache: dict[str, Any] = {}

    def __repr__(self) -> str:
        return f"Store({self.shown!r})"

    @property
    def shown(self) -> str:
        """The address without a password, wherever in it one was given."""
        query = {key: value for key, value in self.url.query.items() if key not in SECRET}
        return self.url.set(query=query).render_as_string(hide_password=True)

    @cached_property
    def path(self) -> Path | None:
        """The file of an SQLite record."""
        if self.engine.dialect.name != "sqlite" or not self.url.database:
            return None
        return Path(self.url.database)

    def exists(self) -> bool:
        """Return whether the record has been set up."""
        return self.structure() > 0

    def structure(self) -> int:
        """Return the version of the record's structure, 0 where there is no record."""
        if self.path is not None and not self.path.exists():
            return 0
        with _words(self), self.engine.connect() as connection, connection.begin():
            return structure(connection)

    def init(self, timezone: str = "UTC") -> bool:
        """Create the record if absent and return whether it was; an older one is upgraded."""
        with _words(self):
            if self.path is not None:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                _use_wal(self.path)
            if _require_known(self, self.structure()) == SCHEMA_VERSION:
                return False
            with self._transaction() as connection:
                found = _require_known(self, structure(connection))
                upgrade(connection)
                if found:
                    return False
                first = {
                    "timezone": timezone,
                    "version": "0",
                    "identity": secrets.token_hex(16),
                }
                rows = [{"key": key, "value": value} for key, value in first.items()]
                connection.execute(sa.insert(META), rows)
        return True

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """Give a connection that sees one state of the record."""
        self._require()
        with _words(self), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """Give the one writing connection: all of the block is stored, or nothing."""
        self._require()
        with _words(self), self._transaction() as connection:
            yield connection

    def meta(self, key: str) -> str:
        """Return a value that describes the record, such as its time zone."""
        with self.read() as connection:
            return read_meta(connection, key)

    @cached_property
    def timezone(self) -> str:
        """The time zone in which a day of this record ends."""
        return self.meta("timezone")

    @contextmanager
    def _transaction(self) -> Iterator[sa.Connection]:
        writing = self.engine.connect().execution_options(hengjing_write=True)
        with writing as connection, connection.begin():
            if self.engine.dialect.name == "postgresql":
                connection.execute(sa.text(f"SELECT pg_advisory_xact_lock({WRITER_LOCK})"))
            yield connection

    def _require(self) -> None:
        if "ready" in self.cache:
            return
        found = _require_known(self, self.structure())
        if not found:
            raise StoreError(key="store.error.absent", store=self.shown)
        if found < SCHEMA_VERSION:
            shown = {"store": self.shown, "found": found, "known": SCHEMA_VERSION}
            raise StoreError(key="store.error.older", **shown)
        self.cache["ready"] = True


def open_store(url: str | None = None) -> Store:
    """Return the store at a URL; without one, at KPI_STORE or in the user's data folder.

    Nothing is created before `init`.
    """
    given = url or os.environ.get("KPI_STORE") or default_url()
    shown = re.sub(r"//.*@", "//…@", given.split("?")[0])  # a password never reaches a message
    try:
        address = sa.make_url(given)
        if "@" in (address.host or "") or address.drivername == "sqlite" and not address.database:
            raise StoreError(key="store.error.url", url=shown)
        engine = sa.create_engine(address, **_engine_options(address))
    except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError, ImportError, ValueError):
        raise StoreError(key="store.error.url", url=shown) from None
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
        folder = Path(f"{address.database}.snapshot")
    else:
        folder = Path(os.environ.get("KPI_SNAPSHOT") or data_folder() / _snapshot_name(address))
    return Store(address, engine, folder)


def data_folder() -> Path:
    """Return the folder of the user's own data on this system."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return base / "hengjing"


def default_url() -> str:
    """Return the address of the store that is used when none is named."""
    return f"sqlite:///{data_folder() / 'record.db'}"


# Made once: every run of a page asks for the version.
_META_OF = sa.select(META.c.value).where(META.c.key == sa.bindparam("key"))


def read_meta(connection: sa.Connection, key: str) -> str:
    """Return a value of the record's own description."""
    return connection.execute(_META_OF, {"key": key}).scalar_one()


def write_meta(connection: sa.Connection, key: str, value: str) -> None:
    """Set a value of the record's own description."""
    connection.execute(sa.update(META).where(META.c.key == key).values(value=value))


def bump_version(connection: sa.Connection) -> int:
    """Count up the version that readers compare, and return it."""
    version = int(read_meta(connection, "version")) + 1
    write_meta(connection, "version", str(version))
    return version


def store_version(store: Store) -> int:
    """Return a number that changes whenever approved figures may have changed."""
    return int(store.meta("version"))


def _engine_options(address: sa.URL) -> dict[str, Any]:
    if address.get_backend_name() == "sqlite":
        # Connections stay open: closing the last one would fold the write-ahead log each time.
        kept = {"pool_size": 5, "max_overflow": 50}
        return {"poolclass": sa.QueuePool, "connect_args": {"timeout": BUSY_SECONDS}, **kept}
    waits = {} if "connect_timeout" in address.query else {"connect_timeout": CONNECT_SECONDS}
    return {"pool_pre_ping": True, "connect_args": waits}


def _snapshot_name(address: sa.URL) -> str:
    """Return the name of the folder that holds this machine's snapshot of a server's record."""
    host = address.host or address.query.get("host") or "local"
    port = address.port or address.query.get("port") or 5432
    return re.sub(r"[^\w.-]+", "_", f"{host}-{port}-{address.database}.snapshot")


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    """Leave transactions to `_begin_sqlite`; be durable and wait for the other writer."""
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA cache_size = -{PAGE_CACHE_KIB}")


def _begin_sqlite(connection: sa.Connection) -> None:
    """Take the writer's place at once, so that two writers queue instead of colliding."""
    writing = connection.get_execution_options().get("hengjing_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _use_wal(path: Path) -> None:
    """Let readers go on while somebody writes."""
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS)
    end = time.monotonic() + BUSY_SECONDS
    try:
        while True:
            try:
                connection.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                # Changing the mode does not wait for others by itself.
                if "locked" not in str(error) or time.monotonic() > end:
                    raise
                time.sleep(0.02)
    finally:
        connection.close()


def _require_known(store: Store, found: int) -> int:
    """Refuse a record that a newer version of the product has written."""
    if found > SCHEMA_VERSION:
        shown = {"store": store.shown, "found": found, "known": SCHEMA_VERSION}
        raise StoreError(key="store.error.newer", **shown)
    return found


@contextmanager
def _words(store: Store) -> Iterator[None]:
    """Turn what the database says into one clear sentence."""
    try:
        yield
    except (sa.exc.OperationalError, sa.exc.DatabaseError, sqlite3.Error, OSError) as error:
        if isinstance(error, sa.exc.IntegrityError):
            raise
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise _said(store, reason) from error


def _said(store: Store, reason: str) -> StoreError:
    """Return the error in our words, or in the database's where we have none."""
    if found := NO_DATABASE.search(reason):
        return StoreError(key="store.error.no_database", store=store.shown, name=found[1])
    if store.path is None:
        for part, key in REASONS:
            if part in reason:
                return StoreError(key=f"store.error.no_{key}", store=store.shown)
    return StoreError(key="store.error.unreadable", store=store.shown, reason=reason)
