"""Who did what, when, and can anyone have changed the record since?

Each entry carries the hash of the one before it, and is written in the transaction of the act that
it records. What it vouches for is told by hashes; `data.store.verify` compares them.
"""

import datetime as dt
import hashlib
import json
from typing import Any

import polars as pl
import sqlalchemy as sa

from data.access import Viewer
from data.store.database import Store
from data.store.tables import AUDIT

START = "0" * 64
FACT_COLUMNS = ("id", "measure", "definition", "unit", "period", "value", "sheet", "cell")
BATCH = 100_000


def timestamp(moment: dt.datetime) -> str:
    """Return a moment as UTC text that sorts as it reads.

    >>> timestamp(dt.datetime(2024, 11, 11, 10, 0, tzinfo=dt.timezone(dt.timedelta(hours=8))))
    '2024-11-11T02:00:00.000000Z'
    """
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parse_timestamp(written: str) -> dt.datetime:
    """Return the moment that a timestamp names.

    >>> parse_timestamp("2024-11-11T02:00:00.000000Z").hour
    2
    """
    return dt.datetime.fromisoformat(written)


def append(
    connection: sa.Connection,
    viewer: Viewer,
    action: str,
    subject: str,
    at: dt.datetime,
    **detail: Any,
) -> None:
    """Add an entry to the log, inside the caller's transaction."""
    last = connection.execute(
        sa.select(AUDIT.c.id, AUDIT.c.hash).order_by(AUDIT.c.id.desc()).limit(1)
    ).first()
    entry = {
        "id": (last.id if last else 0) + 1,
        "at": timestamp(at),
        "actor": viewer.name,
        "role": viewer.role,
        "action": action,
        "subject": subject,
        "detail": json.dumps(detail, ensure_ascii=False, sort_keys=True),
        "previous": last.hash if last else START,
    }
    connection.execute(sa.insert(AUDIT).values(**entry, hash=entry_hash(entry)))


def entry_hash(entry: dict[str, Any]) -> str:
    """Return the hash of an entry, its link to the one before included.

    >>> entry_hash({"id": 1, "previous": START}) == entry_hash({"id": 2, "previous": START})
    False
    """
    plain = json.dumps(entry, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()


def facts_digest(rows: pl.DataFrame) -> str:
    """Return the digest of coded fact rows: every bit of every column, in order.

    >>> row = (1, 2, 1, 3, 202410, 5.0, 1, "B7")
    >>> one = pl.DataFrame([row], schema=list(FACT_COLUMNS), orient="row")
    >>> facts_digest(one) == facts_digest(one.with_columns(value=pl.lit(5.5)))
    False
    """
    found = hashlib.sha256()
    for name in FACT_COLUMNS:
        column = rows[name]
        if name == "cell":
            found.update((column.fill_null("").str.join("\n").item() or "").encode())
            continue
        is_real = name == "value"
        numbers = column.cast(pl.Float64 if is_real else pl.Int64)
        found.update(numbers.is_null().to_numpy().tobytes())
        found.update(numbers.fill_null(0).to_numpy().astype("<f8" if is_real else "<i8").tobytes())
    return found.hexdigest()


def length(store: Store) -> int:
    """Return how many entries the log holds."""
    with store.read() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(AUDIT)).scalar_one()


def last(store: Store) -> int:
    """Return the number of the latest entry: it changes with every act."""
    with store.read() as connection:
        return connection.execute(sa.select(sa.func.max(AUDIT.c.id))).scalar_one() or 0


def read_coded(connection: sa.Connection, query: sa.Select) -> pl.DataFrame:
    """Return stored fact rows as they are kept, numbers for words."""
    schema: dict[str, Any] = dict.fromkeys(query.selected_columns.keys(), pl.Int64)
    schema |= {"value": pl.Float64, "cell": pl.String}
    result = connection.execution_options(yield_per=BATCH).execute(query)
    parts = [
        pl.DataFrame([tuple(row) for row in part], schema=schema, orient="row")
        for part in result.partitions(BATCH)
    ]
    return pl.concat(parts) if parts else pl.DataFrame(schema=schema)
