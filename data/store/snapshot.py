"""What do the approved facts look like to a reader: all at once, in milliseconds?

A folder of Parquet files beside the record, brought up to date by whoever reads first after an
approval. `current` holds the latest row of each key, sorted by measure; `history` what was
replaced; `delta` files what has been approved since. A manifest names the files that belong
together and is replaced in one step, so a reader sees one state; losing the folder costs a
rebuild, nothing else.
"""

import contextlib
import datetime as dt
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import sqlalchemy as sa

from data.access import Viewer
from data.schema import FACTS, conform
from data.store.audit import parse_timestamp, timestamp
from data.store.database import Store, read_meta, store_version
from data.store.facts import KEY, STORED, month_of, read_rows_after
from data.store.tables import LOCKS

MANIFEST = "manifest.json"
ROWS_PER_GROUP = 16_384
MOST_DELTAS = 12
# Deltas are folded into `current` when they reach this share of it, or this many rows.
FOLD_SHARE = 0.1
FOLD_ROWS = 20_000
KEEP_SECONDS = 60
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
) -> pl.DataFrame:
    """Return FACTS as known at the end of a day: the latest approved value of each cell.

    Needs: nothing; a withdrawn cell has no row. A moment instead of a day is taken as it is.
    Rows: one measure of one unit in one month, within the viewer's sight.
    """
    end = None if as_of is None else end_of_day(as_of, store.timezone)
    rows = stored_rows(store, viewer.sees(), measures, end=end)
    rows = rows.filter(pl.col("value").is_not_null())
    return conform(rows.with_columns(status=_status(store, end)).drop("id"), FACTS)


def read_history(
    store: Store, viewer: Viewer, measures: Iterable[str], as_of: dt.date | dt.datetime | None
) -> pl.DataFrame:
    """Return every vintage of the measures' cells, withdrawn ones (null) included, oldest first."""
    end = None if as_of is None else end_of_day(as_of, store.timezone)
    rows = stored_rows(store, viewer.sees(), measures, end=end, every=True)
    return rows.sort(*KEY, "vintage", "id")


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
) -> pl.DataFrame:
    """Return STORED rows of the measures (None: all) in the units (None: all).

    The latest of each key, tombstones included, or `every` vintage; before the moment `end`.
    """
    wanted = None if measures is None else sorted(set(measures))
    for attempt in range(3):
        try:
            return _select(store, refresh(store), units, wanted, end, every)
        except (OSError, pl.exceptions.PolarsError):
            # Another process has just folded the files away, or one is damaged: look again.
            if attempt == 1:
                with contextlib.suppress(OSError):
                    (store.snapshot / MANIFEST).unlink()
            store.cache.pop("manifest", None)
    with store.read() as connection:
        rows = read_rows_after(connection, 0)
    return _latest(_narrow(rows.lazy(), units, wanted, end).collect(), every)


def refresh(store: Store) -> dict:
    """Bring the snapshot up to the record's version and return its manifest."""
    manifest = _manifest(store)
    if manifest["version"] == store_version(store) and manifest["identity"] == _identity(store):
        return manifest
    with _locked(store.snapshot):
        manifest = _manifest(store)
        with store.read() as connection:
            version = int(read_meta(connection, "version"))
            if manifest["identity"] != read_meta(connection, "identity"):
                manifest = EMPTY_MANIFEST | {"identity": read_meta(connection, "identity")}
            if manifest["version"] == version:
                return manifest
            rows = read_rows_after(connection, manifest["last_id"])
        return _extend(store, manifest, version, rows)


def extend(store: Store, version: int, rows: pl.DataFrame) -> None:
    """Add the rows that a transaction has just written, if nothing else came in between.

    Spares reading a large import back; when in doubt `refresh` does it the long way.
    """
    with contextlib.suppress(OSError), _locked(store.snapshot):
        manifest = _manifest(store)
        if manifest["version"] == -1 and rows.height and rows["id"].min() == 1:
            manifest = EMPTY_MANIFEST | {"identity": _identity(store), "version": version - 1}
        follows = not rows.height or rows["id"].min() == manifest["last_id"] + 1
        is_next = manifest["version"] == version - 1 and manifest["identity"] == _identity(store)
        if follows and is_next:
            _extend(store, manifest, version, rows.select(STORED.names()))


def _extend(store: Store, manifest: dict, version: int, rows: pl.DataFrame) -> dict:
    manifest = {**manifest, "version": version}
    if rows.height:
        last = int(rows["id"].max())  # type: ignore[arg-type]
        name = _write(store.snapshot, "delta", last, rows.sort("measure", "unit", "period"))
        deltas = [*manifest["deltas"], [name, rows.height]]
        manifest = {**manifest, "last_id": last, "deltas": deltas}
        manifest = _fold(store.snapshot, manifest)
    path = store.snapshot / MANIFEST
    _replace(path, lambda temporary: temporary.write_text(json.dumps(manifest), "utf-8"))
    _sweep(store.snapshot, manifest)
    store.cache["manifest"] = (_stamp(path), manifest)
    return manifest


def _fold(folder: Path, manifest: dict) -> dict:
    """Keep the deltas few: join small ones, or fold them into `current` when they weigh."""
    base = sum(rows for _, rows in manifest["current"])
    fresh = sum(rows for _, rows in manifest["deltas"])
    last = manifest["last_id"]
    if fresh >= max(FOLD_ROWS, FOLD_SHARE * base):
        rows = _read(folder, [*manifest["current"], *manifest["deltas"]]).collect()
        latest = _latest(rows, every=False).sort("measure", "unit", "period")
        old = rows.join(latest, on="id", how="anti").sort("measure", "unit", "period")
        if manifest["history"]:
            old = pl.concat([_read(folder, manifest["history"]).collect(), old])
            old = old.sort("measure", "unit", "period")
        current = [[_write(folder, "current", last, latest), latest.height]]
        history = [[_write(folder, "history", last, old), old.height]] if old.height else []
        return {**manifest, "current": current, "history": history, "deltas": []}
    if len(manifest["deltas"]) > MOST_DELTAS:
        rows = _read(folder, manifest["deltas"]).collect().sort("measure", "unit", "period")
        return {**manifest, "deltas": [[_write(folder, "joined", last, rows), rows.height]]}
    return manifest


def _select(
    store: Store,
    manifest: dict,
    units: frozenset[str] | None,
    measures: list[str] | None,
    end: dt.datetime | None,
    every: bool,
) -> pl.DataFrame:
    folder = store.snapshot
    deltas = _narrow(_read(folder, manifest["deltas"]), units, measures, end).collect()
    base = _narrow(_read(folder, manifest["current"]), units, measures, end)
    if end is None and not every:
        fresh = _latest(deltas, every=False)
        if not fresh.height:
            return base.collect()
        kept = base.collect().join(fresh, on=KEY, how="anti", maintain_order="left")
        return pl.concat([kept, fresh])
    history = _narrow(_read(folder, manifest["history"]), units, measures, end)
    return _latest(pl.concat([history.collect(), base.collect(), deltas]), every)


def _narrow(
    rows: pl.LazyFrame,
    units: frozenset[str] | None,
    measures: list[str] | None,
    end: dt.datetime | None,
) -> pl.LazyFrame:
    if measures is not None:
        rows = rows.filter(pl.col("measure").is_in(measures))
    if units is not None:
        rows = rows.filter(pl.col("unit").is_in(sorted(units)))
    if end is not None:
        rows = rows.filter(pl.col("vintage") < end.astimezone(dt.UTC))
    return rows


def _latest(rows: pl.DataFrame, every: bool) -> pl.DataFrame:
    if every or not rows.height:
        return rows
    return rows.sort("vintage", "id").unique(KEY, keep="last", maintain_order=True)


def _status(store: Store, end: dt.datetime | None) -> pl.Expr:
    """Return final for what was approved before its month was locked, else provisional."""
    query = sa.select(LOCKS.c.period, sa.func.max(LOCKS.c.locked_at)).group_by(LOCKS.c.period)
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


def _identity(store: Store) -> str:
    if "identity" not in store.cache:
        store.cache["identity"] = store.meta("identity")
    return store.cache["identity"]


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


def _read(folder: Path, files: list[list]) -> pl.LazyFrame:
    if not files:
        return pl.LazyFrame(schema=STORED)
    return pl.scan_parquet([folder / name for name, _ in files])


def _write(folder: Path, kind: str, last: int, rows: pl.DataFrame) -> str:
    name = f"{kind}-{last}-{time.time_ns():x}.parquet"
    write = rows.select(STORED.names()).write_parquet
    _replace(folder / name, lambda path: write(path, row_group_size=ROWS_PER_GROUP))
    return name


def _replace(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file beside its place and put it there in one step."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.part")
    write(temporary)
    temporary.replace(path)


def _sweep(folder: Path, manifest: dict) -> None:
    """Delete files that no manifest names any more, once no reader can still be at them."""
    named = {name for part in ("current", "history", "deltas") for name, _ in manifest[part]}
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
