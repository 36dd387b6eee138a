"""What do the approved facts look like to a reader: all at once, in milliseconds?

A folder of Parquet files beside the record, brought up to date by whoever reads first after an
approval. `current` holds the latest row of each key, `history` what was replaced, both in parts by
month; `delta` files hold what has been approved since. A manifest names the files that belong
together and is replaced in one step, so a reader sees one state; losing the folder costs a
rebuild, nothing else.
"""

import contextlib
import datetime as dt
import json
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import sqlalchemy as sa

from data.access import Viewer
from data.periods import month_index
from data.schema import FACTS, conform
from data.store import parts
from data.store.audit import parse_timestamp, timestamp
from data.store.database import Store
from data.store.facts import KEY, STORED, month_of, number_of, read_rows_after
from data.store.parts import Months
from data.store.tables import LOCKS, META, is_whole_lock

MANIFEST = "manifest.json"
MOST_DELTAS = 12
# Deltas are folded when they reach this share of the parts they fall into, and this many rows.
FOLD_SHARE = 0.1
FOLD_ROWS = 20_000
KEEP_SECONDS = 60
# So many rows are read from the record at once when a snapshot is built anew.
CHUNK = 2_000_000
# FACTS without where each stood in its file.
VALUES = pl.Schema({name: FACTS[name] for name in FACTS if name not in ("sheet", "cell")})
EMPTY_MANIFEST: dict = {
    "identity": "",
    "version": -1,
    "last_id": 0,
    "current": [],
    "history": [],
    "deltas": [],
}


def read_facts(
    store: Store,
    viewer: Viewer,
    measures: Iterable[str] | None = None,
    as_of: dt.date | dt.datetime | None = None,
    months: tuple[dt.date, dt.date] | None = None,
) -> pl.DataFrame:
    """Return FACTS as known at the end of a day: the latest approved value of each cell.

    Needs: nothing; a withdrawn cell has no row. A moment instead of a day is taken as it is;
    of the months from first to last, if given, only their files are opened.
    Rows: one measure of one unit in one month, within the viewer's sight.
    """
    return _read(store, viewer, measures, as_of, months, FACTS)


def read_values(
    store: Store,
    viewer: Viewer,
    measures: Iterable[str] | None = None,
    as_of: dt.date | dt.datetime | None = None,
    months: tuple[dt.date, dt.date] | None = None,
) -> pl.DataFrame:
    """Return what `read_facts` does without sheet and cell: all that figures are made of."""
    return _read(store, viewer, measures, as_of, months, VALUES)


def _read(
    store: Store,
    viewer: Viewer,
    measures: Iterable[str] | None,
    as_of: dt.date | dt.datetime | None,
    months: tuple[dt.date, dt.date] | None,
    schema: pl.Schema,
) -> pl.DataFrame:
    """Return the facts with the columns of a schema."""
    end = None if as_of is None else end_of_day(as_of, store.timezone)
    span = (number_of(months[0]), number_of(months[1])) if months else None
    wanted = [name for name in STORED if name in schema or name == "id"]
    rows = stored_rows(store, viewer.reads(), measures, end, months=span, columns=wanted)
    known = within(rows, viewer).lazy().filter(pl.col("value").is_not_null())
    return conform(known.with_columns(status=_status(store, end)).drop("id"), schema)


def read_history(
    store: Store, viewer: Viewer, measures: Iterable[str], as_of: dt.date | dt.datetime | None
) -> pl.DataFrame:
    """Return every vintage of the measures' cells, withdrawn ones (null) included, oldest first."""
    end = None if as_of is None else end_of_day(as_of, store.timezone)
    rows = within(stored_rows(store, viewer.reads(), measures, end=end, every=True), viewer)
    return rows.sort(*KEY, "vintage", "id")


def within(rows: pl.DataFrame, viewer: Viewer) -> pl.DataFrame:
    """Return the rows within a viewer's sight: of units once theirs, the months of then only."""
    if not viewer.past:
        return rows
    month = month_index(pl.col("period"))
    kept = [pl.col("unit").is_in(list(viewer.sees() or ()))]
    kept += [
        (pl.col("unit") == unit) & (month >= start) & (month < end)
        for unit, start, end in viewer.past
    ]
    return rows.filter(pl.any_horizontal(kept))


def end_of_day(day: dt.date | dt.datetime, timezone: str) -> dt.datetime:
    """Return the moment at which a day ends in a time zone; a moment is returned as it is.

    >>> end_of_day(dt.date(2024, 3, 5), "Asia/Shanghai").astimezone(dt.UTC).isoformat()
    '2024-03-05T16:00:00+00:00'
    """
    if isinstance(day, dt.datetime):
        return day
    following = day + dt.timedelta(days=1)
    return dt.datetime.combine(following, dt.time(), tzinfo=ZoneInfo(timezone))


def stored_rows(
    store: Store,
    units: frozenset[str] | None,
    measures: Iterable[str] | None,
    end: dt.datetime | None = None,
    every: bool = False,
    months: Months | None = None,
    columns: Sequence[str] | None = None,
) -> pl.DataFrame:
    """Return STORED rows of the measures, units and months (None: all).

    The latest of each key, tombstones included, or `every` vintage; before the moment `end`. Of
    the `columns` (None: all), which hold at least the key, vintage and id, only those are read.
    """
    wanted = None if measures is None else sorted(set(measures))
    narrow = _narrowing(units, wanted, end, months)
    for attempt in range(3):
        try:
            manifest = refresh(store)
            return _select(store.snapshot, manifest, narrow, months, columns, end is None, every)
        except (OSError, pl.exceptions.PolarsError):
            # Another process has just folded the files away, or one is damaged: look again.
            if attempt == 1:
                with contextlib.suppress(OSError):
                    (store.snapshot / MANIFEST).unlink()
            store.cache.pop("manifest", None)
    with store.read() as connection:
        rows = [rows.filter(narrow) for rows in _chunks(connection, 0)]
    found = pl.concat([pl.DataFrame(schema=STORED), *rows]).select(columns or STORED.names())
    return found if every else parts.latest(found)


def _chunks(connection: sa.Connection, last: int) -> Iterator[pl.DataFrame]:
    """Yield the record's rows after an id, so many at a time."""
    while True:
        rows = read_rows_after(connection, last, CHUNK)
        if rows.height:
            yield rows
        if rows.height < CHUNK:
            return
        last = int(rows["id"].max())  # type: ignore[arg-type]


def refresh(store: Store) -> dict:
    """Bring the snapshot up to the record's version and return its manifest."""
    manifest = _manifest(store)
    if (manifest["version"], manifest["identity"]) == _state(store):
        return manifest
    with _locked(store.snapshot):
        manifest = _manifest(store)
        with store.read() as connection:
            version, identity = _state_of(connection)
            if manifest["identity"] != identity:
                manifest = EMPTY_MANIFEST | {"identity": identity}
            if manifest["version"] == version:
                return manifest
            for rows in _chunks(connection, manifest["last_id"]):
                manifest = _taken(store.snapshot, manifest, rows)
        return _publish(store, {**manifest, "version": version})


def extend(store: Store, version: int, rows: pl.DataFrame) -> None:
    """Add the rows that a transaction has just written, if nothing else came in between.

    Spares reading a large import back; when in doubt `refresh` does it the long way.
    """
    with contextlib.suppress(OSError), _locked(store.snapshot):
        manifest = _manifest(store)
        _, identity = _state(store)
        if manifest["version"] == -1 and rows.height and rows["id"].min() == 1:
            manifest = EMPTY_MANIFEST | {"identity": identity, "version": version - 1}
        follows = not rows.height or rows["id"].min() == manifest["last_id"] + 1
        is_next = manifest["version"] == version - 1 and manifest["identity"] == identity
        if follows and is_next:
            taken = _taken(store.snapshot, manifest, rows.select(STORED.names()))
            _publish(store, {**taken, "version": version})


def _publish(store: Store, manifest: dict) -> dict:
    """Put a manifest in the place of the one before, in one step."""
    path = store.snapshot / MANIFEST
    parts.replace(path, lambda temporary: temporary.write_text(json.dumps(manifest), "utf-8"))
    _sweep(store.snapshot, manifest)
    store.cache["manifest"] = (_stamp(path), manifest)
    return manifest


def _taken(folder: Path, manifest: dict, rows: pl.DataFrame) -> dict:
    """Return the manifest with new rows: beside the parts as a delta, or folded into them.

    Deltas are kept few: they are joined, or folded once they weigh.
    """
    if not rows.height:
        return manifest
    current, deltas = manifest["current"], manifest["deltas"]
    manifest = {**manifest, "last_id": int(rows["id"].max())}  # type: ignore[arg-type]
    fresh = parts.size(deltas) + rows.height
    is_full = len(deltas) >= MOST_DELTAS
    if is_full or fresh >= FOLD_ROWS:
        every = pl.concat([parts.read(folder, deltas).collect(), rows])
        moved = [group for group in parts.groups(current, every) if parts.changes(group)]
        base = sum(parts.size(group.parts) for group in moved)
        if fresh >= max(FOLD_ROWS, FOLD_SHARE * base):
            current, old = parts.settle(folder, current, every)
            history = manifest["history"]
            history = parts.add(folder, history, pl.concat(old)) if old else history
            return {**manifest, "current": current, "history": history, "deltas": []}
        if is_full:
            return {**manifest, "deltas": [parts.write(folder, "joined", every)]}
    return {**manifest, "deltas": [*deltas, parts.write(folder, "delta", rows)]}


def _select(
    folder: Path,
    manifest: dict,
    narrow: pl.Expr,
    months: Months | None,
    columns: Sequence[str] | None,
    is_present: bool,
    every: bool,
) -> pl.DataFrame:
    def rows_of(kind: str) -> pl.DataFrame:
        found = parts.read(folder, parts.within(manifest[kind], months)).filter(narrow)
        return found.select(columns or STORED.names()).collect()

    base, deltas = rows_of("current"), rows_of("deltas")
    if every or not is_present:
        rows = pl.concat([rows_of("history"), base, deltas])
        return rows if every else parts.latest(rows)
    fresh = parts.latest(deltas)
    return pl.concat([parts.without(base, fresh), fresh]) if fresh.height else base


def _narrowing(
    units: frozenset[str] | None,
    measures: list[str] | None,
    end: dt.datetime | None,
    months: Months | None,
) -> pl.Expr:
    """Return which rows are wanted."""
    wanted = pl.lit(value=True)
    if measures is not None:
        wanted &= pl.col("measure").is_in(measures)
    if units is not None:
        wanted &= pl.col("unit").is_in(sorted(units))
    if end is not None:
        wanted &= pl.col("vintage") < end.astimezone(dt.UTC)
    if months is not None:
        first, last = months
        wanted &= pl.col("period").is_between(month_of(first), month_of(last))
    return wanted


def _status(store: Store, end: dt.datetime | None) -> pl.Expr:
    """Return final for what was approved before its month was locked, else provisional."""
    query = sa.select(LOCKS.c.period, sa.func.max(LOCKS.c.locked_at)).where(is_whole_lock())
    query = query.group_by(LOCKS.c.period)
    if end is not None:
        query = query.where(LOCKS.c.locked_at < timestamp(end))
    with store.read() as connection:
        locks = {month_of(row[0]): parse_timestamp(row[1]) for row in connection.execute(query)}
    if not locks:
        return pl.lit("provisional")
    locked_at = pl.col("period").replace_strict(
        locks, default=None, return_dtype=pl.Datetime("us", "UTC")
    )
    final = (pl.col("vintage") <= locked_at).fill_null(False)
    return pl.when(final).then(pl.lit("final")).otherwise(pl.lit("provisional"))


def _state(store: Store) -> tuple[int, str]:
    """Return the version of the record that the snapshot has to follow, and whose it is."""
    with store.read() as connection:
        return _state_of(connection)


def _state_of(connection: sa.Connection) -> tuple[int, str]:
    query = sa.select(META.c.key, META.c.value).where(META.c.key.in_(("version", "identity")))
    found = {row.key: row.value for row in connection.execute(query)}
    return int(found["version"]), found["identity"]


def _manifest(store: Store) -> dict:
    path = store.snapshot / MANIFEST
    try:
        stamp = _stamp(path)
        cached = store.cache.get("manifest")
        if cached is None or cached[0] != stamp:
            cached = (stamp, EMPTY_MANIFEST | json.loads(path.read_text("utf-8")))
            store.cache["manifest"] = cached
    except (OSError, ValueError):
        return EMPTY_MANIFEST
    return cached[1]


def _stamp(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_mtime_ns, found.st_size, found.st_ino


def _sweep(folder: Path, manifest: dict) -> None:
    """Delete files that no manifest names any more, once no reader can still be at them."""
    named = {part[0] for kind in ("current", "history", "deltas") for part in manifest[kind]}
    for path in [*folder.glob("*.parquet"), *folder.glob("*.part")]:
        with contextlib.suppress(OSError):
            if path.name not in named and path.stat().st_mtime < time.time() - KEEP_SECONDS:
                path.unlink()


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Let one process at a time change the folder; the system frees the lock of a dead one."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a+b") as stream:
        if os.name == "nt":
            import msvcrt

            stream.seek(0)
            msvcrt.locking(stream.fileno(), msvcrt.LK_LOCK, 1)  # type: ignore[attr-defined]
        else:
            import fcntl

            fcntl.flock(stream, fcntl.LOCK_EX)
        yield
