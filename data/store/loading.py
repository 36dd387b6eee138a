"""How does history enter the record, and when does a month become final?

An import is one act: all files are stored, or none. Only what a file says differently from the
record is written, so the same file twice leaves one trace.
"""

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import sqlalchemy as sa

from data.access import MAY_IMPORT, Viewer
from data.definition_types import Form
from data.said import RefusedError
from data.store import audit, snapshot
from data.store.database import Store, StoreError, bump_version, read_meta
from data.store.facts import (
    KEY,
    STORED,
    changed_rows,
    loaded,
    month_number,
    number_of,
    withdrawn_rows,
    write_facts,
)
from data.store.source import Source
from data.store.tables import LOCKS, SUBMISSIONS, is_whole_lock
from data.store.vouched import registration_hash


@dataclass(frozen=True, slots=True)
class Load:
    """The facts of one file. `scope` holds the measure, unit and period of all cells it replaces.

    `final` are the months that the file calls final: importing it locks them at its vintage.

    Without a scope, a form whose files replace a scope takes the form's measures in the units and
    months that the file holds.
    """

    source: Source
    facts: pl.DataFrame
    scope: pl.DataFrame | None = None
    unit: str = ""
    final: tuple[dt.date, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What one file changed: `receipt` is empty when the record held all of it already."""

    file: str
    receipt: str
    facts: int
    new: int
    revised: int
    withdrawn: int
    unchanged: int
    first_period: dt.date | None
    last_period: dt.date | None


def import_facts(
    store: Store,
    viewer: Viewer,
    facts: pl.DataFrame,
    form: Form,
    source: Source,
    vintage: dt.datetime | None = None,
    scope: pl.DataFrame | None = None,
    definitions: str = "",
) -> ImportReport:
    """Store the facts of one file as approved and return what changed."""
    loads = [Load(source, facts, scope)]
    return import_files(store, viewer, loads, form, vintage, definitions)[0]


def import_files(
    store: Store,
    viewer: Viewer,
    loads: list[Load],
    form: Form,
    vintage: dt.datetime | None = None,
    definitions: str = "",
) -> list[ImportReport]:
    """Store the facts of several files as approved, all or none, and return what each changed.

    Files of one call are taken in order: a later file corrects an earlier one.
    """
    if viewer.role not in MAY_IMPORT:
        raise RefusedError(key="store.refused.import", user=viewer.name)
    written, locked = [], 0
    with store.write() as connection:
        # The clock is read once nobody else can write, so that approvals follow in time.
        now = dt.datetime.now(dt.UTC)
        reports = []
        current = _current(store, loads, form)
        for load in loads:
            facts = loaded(load.facts)
            _require_order(connection, facts, form, vintage or now, current)
            change = _change(current, facts, load, form)
            report, rows = _store(
                connection, viewer, form, load, change, now, vintage or now, definitions
            )
            reports.append(report)
            locked += _lock_final(connection, viewer, load, rows, vintage or now, now)
            if rows is not None:
                written.append(rows)
                if load is not loads[-1]:
                    current = _after(current, rows)
        version = bump_version(connection) if written or locked else 0
    if written:
        snapshot.extend(store, version, pl.concat(written))
    return reports


def _lock_final(
    connection: sa.Connection,
    viewer: Viewer,
    load: Load,
    rows: pl.DataFrame | None,
    vintage: dt.datetime,
    now: dt.datetime,
) -> int:
    """Lock the months that a file calls final, again where it revises them; return how many."""
    locked = set(connection.execute(sa.select(LOCKS.c.period).where(is_whole_lock())).scalars())
    changed = set() if rows is None else {number_of(month) for month in rows["period"].unique()}
    final = [number_of(month) for month in load.final]
    months = [month for month in final if month not in locked or month in changed]
    if months:
        entry = {"locked_by": viewer.name, "locked_at": audit.timestamp(vintage)}
        connection.execute(sa.insert(LOCKS), [{"period": month, **entry} for month in months])
        name, moment = load.source.name, audit.timestamp(vintage)
        audit.append(connection, viewer, "lock", name, now, months=months, vintage=moment)
    return len(months)


def content_hash(facts: pl.DataFrame) -> str:
    """Return the hash of what facts say, wherever in a workbook they stand."""
    rows = facts.select(*KEY, "value").sort(KEY).iter_rows()
    return hashlib.sha256("\n".join(map(repr, rows)).encode()).hexdigest()


def receipt_number(number: int, at: dt.datetime) -> str:
    """Return the receipt number of a submission.

    >>> receipt_number(7, dt.datetime(2024, 11, 11, tzinfo=dt.UTC))
    'HJ-20241111-000007'
    """
    return f"HJ-{at.astimezone(dt.UTC):%Y%m%d}-{number:06d}"


def next_id(connection: sa.Connection) -> int:
    """Return the number of the next submission."""
    return 1 + (connection.execute(sa.select(sa.func.max(SUBMISSIONS.c.id))).scalar() or 0)


def append_facts(
    connection: sa.Connection, rows: pl.DataFrame, number: int, receipt: str, vintage: dt.datetime
) -> tuple[pl.DataFrame, dict[str, Any]]:
    """Append rows to the record; return them as the snapshot keeps them, and their log entry."""
    rows, entry = write_facts(connection, rows, number)
    moment = pl.lit(vintage.astimezone(dt.UTC)).cast(pl.Datetime("us", "UTC"))
    return rows.with_columns(vintage=moment, submission=pl.lit(receipt)), entry


@dataclass(frozen=True, slots=True)
class Change:
    """What a file says differently from the record."""

    rows: pl.DataFrame
    new: int
    revised: int
    withdrawn: int


def find_change(current: pl.DataFrame, facts: pl.DataFrame, scope: pl.DataFrame | None) -> Change:
    """Return the cells of a file that differ from the record, and those it no longer holds."""
    changed = changed_rows(current, facts)
    new = changed.filter(pl.col("is_new") | pl.col("was").is_null()).height
    gone = withdrawn_rows(current, facts, scope)
    rows = pl.concat([loaded(changed), gone])
    return Change(rows, new, changed.height - new, gone.height)


def _change(current: pl.DataFrame, facts: pl.DataFrame, load: Load, form: Form) -> Change:
    scope = load.scope
    if scope is None and form.file_replaces == "scope":
        scope = whole_scope(form, facts)
    return find_change(current, facts, scope if form.file_replaces == "scope" else None)


def whole_scope(form: Form, facts: pl.DataFrame) -> pl.DataFrame:
    """Return the form's measures in every unit and month that the facts hold."""
    measures = pl.DataFrame({"measure": list(form.measures)}, schema={"measure": pl.String})
    places = facts.select("unit", "period").unique()
    return measures.join(places, how="cross")


def _current(store: Store, loads: list[Load], form: Form) -> pl.DataFrame:
    """Return the latest rows of the measures, units and months that the files may touch."""
    measures: set[str] = {*form.measures}
    units: set[str] = set()
    months: set[int] = set()
    for load in loads:
        measures |= set(load.facts["measure"].unique())
        for frame in (load.facts, load.scope):
            if frame is not None:
                units |= set(frame["unit"].unique())
                months |= set(frame.select(month_number().unique()).to_series())
    if not months:
        return pl.DataFrame(schema=STORED)
    span = (min(months), max(months))
    return snapshot.stored_rows(store, frozenset(units), measures, months=span)


def _after(current: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the latest rows once these have been written."""
    kept = current.join(rows, on=KEY, how="anti")
    return pl.concat([kept, rows.select(current.columns)])


def _require_order(
    connection: sa.Connection,
    facts: pl.DataFrame,
    form: Form,
    vintage: dt.datetime,
    current: pl.DataFrame,
) -> None:
    """Refuse an older publication than what is stored: unchanged cells leave no trace to go by."""
    if not facts.height:
        return
    query = sa.select(sa.func.max(SUBMISSIONS.c.vintage)).where(
        SUBMISSIONS.c.state == "approved",
        SUBMISSIONS.c.form == form.code,
        SUBMISSIONS.c.first_period <= number_of(facts["period"].max()),  # type: ignore[arg-type]
        SUBMISSIONS.c.period >= number_of(facts["period"].min()),  # type: ignore[arg-type]
    )
    latest = connection.execute(query).scalar()
    moments = [audit.parse_timestamp(latest)] if latest else []
    touched = current.join(facts, on=KEY, how="semi") if current.height else current
    if touched.height:
        moments.append(touched["vintage"].max())  # type: ignore[arg-type]
    if moments and max(moments) > vintage:
        zone = ZoneInfo(read_meta(connection, "timezone"))
        days = [f"{moment.astimezone(zone):%Y-%m-%d}" for moment in (max(moments), vintage)]
        raise StoreError(key="store.error.older_vintage", stored=days[0], given=days[1])


def _store(
    connection: sa.Connection,
    viewer: Viewer,
    form: Form,
    load: Load,
    change: Change,
    now: dt.datetime,
    vintage: dt.datetime,
    definitions: str,
) -> tuple[ImportReport, pl.DataFrame | None]:
    facts = loaded(load.facts)
    spans = pl.concat([facts, change.rows])["period"]
    first, last = spans.min(), spans.max()
    counts = {
        "file": load.source.name,
        "facts": facts.height,
        "new": change.new,
        "revised": change.revised,
        "withdrawn": change.withdrawn,
        "unchanged": facts.height - change.new - change.revised,
        "first_period": first,
        "last_period": last,
    }
    if not change.rows.height:
        return ImportReport(receipt="", **counts), None  # type: ignore[arg-type]
    number = next_id(connection)
    receipt = receipt_number(number, now)
    rows, entry = append_facts(connection, change.rows, number, receipt, vintage)
    stamp, approved = audit.timestamp(now), audit.timestamp(vintage)
    submission = {
        "id": number,
        "receipt": receipt,
        "kind": "import",
        "form": form.code,
        "form_version": form.version,
        "unit": load.unit,
        "period": number_of(last),  # type: ignore[arg-type]
        "first_period": number_of(first),  # type: ignore[arg-type]
        "version": 1,
        "file": load.source.name,
        "sha256": load.source.sha256,
        "size": load.source.size,
        # Of an import every cell is compared, so its file is all that needs a name.
        "content": load.source.sha256,
        "state": "approved",
        "submitted_by": viewer.name,
        "submitted_at": stamp,
        "reviewer": viewer.name,
        "reviewed_at": stamp,
        "vintage": approved,
        "replaces": form.file_replaces,
        "facts": facts.height,
        "changed": change.rows.height,
        "definitions": definitions,
    }
    connection.execute(sa.insert(SUBMISSIONS).values(**submission))
    audit.append(
        connection,
        viewer,
        "import",
        receipt,
        now,
        **entry,
        file=load.source.name,
        sha256=load.source.sha256,
        form=form.code,
        vintage=approved,
        registered=registration_hash(submission),
    )
    return ImportReport(receipt=receipt, **counts), rows  # type: ignore[arg-type]
