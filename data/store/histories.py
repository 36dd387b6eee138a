"""What was filed over many months, how did it fare, and what was asked and changed on the way?

Frames without names, words or addresses of people: who filed and who judged stays in the lists of
single returns (`data.store.filed`).
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import sqlalchemy as sa

from data.access import OPERATOR, Viewer, may_see
from data.store.audit import parse_timestamp
from data.store.database import Store, read_meta
from data.store.deadlines import extended_days
from data.store.facts import month_of, number_of
from data.store.filed import typed_for
from data.store.tables import (
    ANSWERS,
    CELLS,
    CONFIRMATIONS,
    FINDINGS_TABLE,
    STEPS_TABLE,
    SUBMISSIONS,
)

_MOMENT = pl.Datetime("us", "UTC")
RETURNS: dict[str, Any] = {
    "submission": pl.Int64,
    "receipt": pl.String,
    "unit": pl.String,
    "form": pl.String,
    "period": pl.Date,
    "version": pl.Int64,
    "state": pl.String,
    "submitted_at": _MOMENT,
    "ready_at": _MOMENT,
    "due": pl.Date,
    "late": pl.Boolean,
    "sent_back": pl.Boolean,
    "refused": pl.List(pl.String),
    "decided_at": _MOMENT,
    "approved_at": _MOMENT,
    "corrected": pl.Boolean,
    "questions": pl.Int64,
    "answered": pl.Int64,
}
FINDINGS: dict[str, Any] = {
    "unit": pl.String,
    "filer": pl.String,
    "form": pl.String,
    "period": pl.Date,
    "rule": pl.String,
    "severity": pl.String,
    "measure": pl.String,
    "sheet": pl.String,
    "cell": pl.String,
    "answered": pl.Boolean,
    "submission": pl.Int64,
    "version": pl.Int64,
    "state": pl.String,
}
CHANGES: dict[str, Any] = {
    "unit": pl.String,
    "filer": pl.String,
    "form": pl.String,
    "period": pl.Date,
    "measure": pl.String,
    "before": pl.Float64,
    "after": pl.Float64,
    "how": pl.String,
    "at": _MOMENT,
    "submission": pl.Int64,
    "state": pl.String,
}
#: How a figure came to be changed: by the state in which the file before it ended.
HOW = ("sent_back", "refused", "replaced", "corrected")


def returns_over(store: Store, viewer: Viewer, first: dt.date, last: dt.date) -> pl.DataFrame:
    """Return the files of the months from first to last within the viewer's sight, oldest first.

    Rows: one file as it was sent in, by `unit`. `late` is whether it was in after its day (more
    time counted), null of a correction (`corrected`) and where no day is known; `sent_back` whether
    a reviewer sent it back, `refused` the units that did not confirm their rows of it;
    `decided_at` is when it was last judged. `questions` were asked of it, `answered` explained.
    """
    with store.read() as connection:
        rows = seen_rows(connection, viewer, first, last)
    return pl.DataFrame(
        [{name: row[name] for name in RETURNS} for row in rows], schema=RETURNS, orient="row"
    )


def all_returns(store: Store, first: dt.date, last: dt.date) -> pl.DataFrame:
    """Return what `returns_over` does of the whole record: for counting, shown to nobody."""
    with store.read() as connection:
        rows = _rows(connection, first, last)
    return pl.DataFrame(
        [{name: row[name] for name in RETURNS} for row in rows], schema=RETURNS, orient="row"
    )


def findings_over(store: Store, viewer: Viewer, first: dt.date, last: dt.date) -> pl.DataFrame:
    """Return what the checks found in these files, as they were when they came in.

    Rows: one finding of one file; `unit` is whose figure it is about, `filer` who sent the file,
    `period` its month. Of a file that others sent only what concerns units within sight.
    """
    with store.read() as connection:
        files = {row["submission"]: row for row in seen_rows(connection, viewer, first, last)}
        query = sa.select(FINDINGS_TABLE).where(_among(FINDINGS_TABLE, files))
        given = _answers(connection, files)
        rows = [
            {
                **{name: found[name] for name in ("rule", "severity", "measure", "sheet", "cell")},
                **_place(files[found["submission"]]),
                "unit": found["unit"] or files[found["submission"]]["unit"],
                "answered": bool(found["answer"])
                or (found["submission"], found["sheet"], found["cell"]) in given,
                "mine": found["unit"],
            }
            for found in connection.execute(query.order_by(FINDINGS_TABLE.c.id)).mappings()
            if found["submission"] in files
        ]
    kept = [row for row in rows if may_see(viewer, row["filer"]) or _sees(viewer, row["mine"])]
    return pl.DataFrame([{name: row[name] for name in FINDINGS} for row in kept], schema=FINDINGS)


def changes_over(store: Store, viewer: Viewer, first: dt.date, last: dt.date) -> pl.DataFrame:
    """Return the figures that one file says differently from the same sender's file before it.

    Rows: one figure of a `unit` within the viewer's sight; `how` is what became of the file before:
    sent_back by a reviewer, refused by a unit whose rows were typed, replaced by its sender before
    it was judged, or corrected after it was approved. `at` is when the later file came.
    """
    with store.read() as connection:
        files = seen_rows(connection, viewer, first, last)
        pairs = _successive(files)
        wanted = {row["submission"] for pair in pairs for row in pair}
        cells = cells_of_files(connection, wanted)
    by_file = {key[0]: rows for key, rows in cells.partition_by("id", as_dict=True).items()}
    found = [_differences(by_file, *pair) for pair in pairs]
    rows = pl.concat([pl.DataFrame(schema=CHANGES), *found])
    seen = viewer.sees()
    return rows if seen is None else rows.filter(pl.col("unit").is_in(list(seen)))


def cells_over(store: Store, first: dt.date, last: dt.date) -> pl.DataFrame:
    """Return every figure of every file of these months: for counting, shown to nobody.

    Rows: `id` of the file, unit (`of`), measure, period and value.
    """
    query = sa.select(SUBMISSIONS.c.id).where(_within(first, last))
    with store.read() as connection:
        return cells_of_files(connection, connection.execute(query).scalars().all())


def cells_of_files(connection: sa.Connection, numbers: Sequence[int] | set[int]) -> pl.DataFrame:
    """Return the figures of some files; a cell that was left blank has no row."""
    names = ("submission", "unit", "measure", "period", "value")
    query = sa.select(*(CELLS.c[name] for name in names)).where(
        _among(CELLS, numbers), CELLS.c.value.is_not(None)
    )
    kinds: dict[str, Any] = {"id": pl.Int64, "of": pl.String, "measure": pl.String}
    kinds |= {"period": pl.Int64, "value": pl.Float64}
    rows = [tuple(row) for row in connection.execute(query)]
    month = pl.date(pl.col("period") // 100, pl.col("period") % 100, 1)
    frame = pl.DataFrame(rows, schema=kinds, orient="row").with_columns(period=month)
    return frame.filter(pl.col("id").is_in(list(numbers)))


def filed_months(store: Store) -> list[dt.date]:
    """Return the months for which anybody filed a return that corrects nothing, in order."""
    query = sa.select(SUBMISSIONS.c.period).where(
        SUBMISSIONS.c.kind == "return", SUBMISSIONS.c.why.is_(None)
    )
    with store.read() as connection:
        return sorted(map(month_of, connection.execute(query.distinct()).scalars()))


def submission_numbers(store: Store) -> dict[str, int]:
    """Return the number of every submission by its receipt."""
    query = sa.select(SUBMISSIONS.c.receipt, SUBMISSIONS.c.id)
    with store.read() as connection:
        return {row.receipt: row.id for row in connection.execute(query)}


def seen_rows(
    connection: sa.Connection, viewer: Viewer, first: dt.date, last: dt.date
) -> list[dict[str, Any]]:
    """Return the files within sight: of units within sight, or with rows typed for them.

    Of the latter, what was asked and refused of other units is left out.
    """
    shared = typed_for(connection, viewer)
    found = []
    for row in _rows(connection, first, last):
        if may_see(viewer, row["unit"]):
            found.append(row)
        elif row["submission"] in shared:
            mine = [unit for unit in row["refused"] if may_see(viewer, unit)]
            found.append(row | {"refused": mine})
    others = [row["submission"] for row in found if not may_see(viewer, row["unit"])]
    asked = _questions(connection, others, viewer)
    for row in found:
        if not may_see(viewer, row["unit"]):
            row["questions"], row["answered"] = asked.get(row["submission"], (0, 0))
    return found


def _rows(connection: sa.Connection, first: dt.date, last: dt.date) -> list[dict[str, Any]]:
    """Return the files of some months as rows of RETURNS, oldest first."""
    query = sa.select(SUBMISSIONS).where(_within(first, last)).order_by(SUBMISSIONS.c.id)
    found = [dict(row) for row in connection.execute(query).mappings()]
    numbers = [row["id"] for row in found]
    steps = sa.select(STEPS_TABLE.c.submission).where(
        _among(STEPS_TABLE, numbers), STEPS_TABLE.c.decision == "return"
    )
    sent_back = set(connection.execute(steps).scalars())
    refused: dict[int, list[str]] = {}
    said = sa.select(CONFIRMATIONS.c.submission, CONFIRMATIONS.c.unit).where(
        _among(CONFIRMATIONS, numbers), CONFIRMATIONS.c.decision == "refused"
    )
    for number, unit in connection.execute(said):
        refused.setdefault(number, []).append(unit)
    asked = _questions(connection, numbers)
    given, zone = extended_days(connection), ZoneInfo(read_meta(connection, "timezone"))
    for row in found:
        number = row["submission"] = row["id"]
        until = given.get((row["form"], row["unit"], row["period"]))
        row["sent_back"], row["refused"] = number in sent_back, refused.get(number, [])
        row["questions"], row["answered"] = asked.get(number, (0, 0))
        row["period"] = month_of(row["period"])
        for name in ("submitted_at", "ready_at", "reviewed_at"):
            row[name] = parse_timestamp(row[name]) if row[name] else None
        row["decided_at"] = row["reviewed_at"]
        row["approved_at"] = row["reviewed_at"] if row["state"] == "approved" else None
        row["corrected"] = row["why"] is not None
        days = [dt.date.fromisoformat(day) for day in (row["due"], until) if day]
        row["due"] = max(days) if row["due"] else None
        came = (row["ready_at"] or row["submitted_at"]).astimezone(zone).date()
        row["late"] = None if row["due"] is None or row["corrected"] else came > row["due"]
    return found


def _questions(
    connection: sa.Connection, numbers: Sequence[int], viewer: Viewer = OPERATOR
) -> dict[int, tuple[int, int]]:
    """Return how many questions each file was asked, and how many of them were explained.

    Questions about units out of sight are not counted.
    """
    query = sa.select(FINDINGS_TABLE).where(
        _among(FINDINGS_TABLE, numbers), FINDINGS_TABLE.c.severity == "query"
    )
    given = _answers(connection, numbers)
    found: dict[int, tuple[int, int]] = {}
    for row in connection.execute(query):
        if viewer.sees() is not None and not _sees(viewer, row.unit):
            continue
        asked, answered = found.get(row.submission, (0, 0))
        is_answered = bool(row.answer) or (row.submission, row.sheet, row.cell) in given
        found[row.submission] = (asked + 1, answered + is_answered)
    return found


def _answers(connection: sa.Connection, numbers: Any) -> set[tuple[int, str | None, str]]:
    """Return the cells of files that were explained after the file had come."""
    query = sa.select(ANSWERS.c.submission, ANSWERS.c.sheet, ANSWERS.c.cell)
    return {tuple(row) for row in connection.execute(query.where(_among(ANSWERS, numbers)))}


def _successive(files: list[dict[str, Any]]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Return each file with the one before it of the same return."""
    last: dict[tuple, dict[str, Any]] = {}
    pairs = []
    for row in files:
        key = (row["form"], row["unit"], row["period"])
        if key in last:
            pairs.append((last[key], row))
        last[key] = row
    return pairs


def _differences(
    cells: dict[Any, pl.DataFrame], before: dict[str, Any], after: dict[str, Any]
) -> pl.DataFrame:
    """Return the figures of two files of a return that are not the same."""
    none = pl.DataFrame(schema={"of": pl.String, "measure": pl.String, "value": pl.Float64})
    old, new = (
        cells.get(row["submission"], none).select("of", "measure", "value")
        for row in (before, after)
    )
    both = old.join(
        new.rename({"value": "after"}), on=["of", "measure"], how="full", coalesce=True
    ).filter(pl.col("value").ne_missing(pl.col("after")))
    told = _place(after) | {"how": _how(before), "at": after["submitted_at"]}
    fixed = [
        pl.lit(value).cast(CHANGES[name]).alias(name)
        for name, value in told.items()
        if name in CHANGES
    ]
    changed = both.select(pl.col("of").alias("unit"), "measure", "after", before="value")
    return changed.with_columns(fixed).sort("unit", "measure").select(list(CHANGES))


def _how(before: dict[str, Any]) -> str:
    if before["state"] == "approved":
        return "corrected"
    if before["state"] == "returned":
        return "refused" if before["refused"] and not before["sent_back"] else "sent_back"
    return "replaced"


def _place(row: dict[str, Any]) -> dict[str, Any]:
    """Return where a finding or change belongs: of which file, by whom, for what."""
    names = ("form", "period", "submission", "version", "state")
    return {"filer": row["unit"], **{name: row[name] for name in names}}


def _sees(viewer: Viewer, unit: str | None) -> bool:
    return unit is not None and may_see(viewer, unit)


def _within(first: dt.date, last: dt.date) -> sa.ColumnElement[bool]:
    months = SUBMISSIONS.c.period.between(number_of(first), number_of(last))
    return sa.and_(SUBMISSIONS.c.kind == "return", months)


def _among(table: sa.Table, numbers: Any) -> sa.ColumnElement[bool]:
    """Return whether a row belongs to some of the files; many are read between their ends."""
    if not numbers:
        return sa.false()
    if len(numbers) < 500:
        return table.c.submission.in_(list(numbers))
    return table.c.submission.between(min(numbers), max(numbers))
