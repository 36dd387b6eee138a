"""What happened to a cell on its way into the figures: written, asked, answered, judged, changed?

Worked out from the tables by the keys of the cells; nothing about it is stored. Of an import or of
figures that the system counts there is less to tell than of a return.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
import sqlalchemy as sa

from data.definition_types import Measure
from data.definition_versions import renamed
from data.schema import VINTAGE
from data.store.audit import parse_timestamp
from data.store.database import Store
from data.store.facts import KEY, number_of
from data.store.tables import (
    ANSWERS,
    CELLS,
    CONFIRMATIONS,
    FINDINGS_TABLE,
    STEPS_TABLE,
    SUBMISSIONS,
)

EVENTS = pl.Schema(
    {
        "fact": pl.Int64,
        "measure": pl.String,
        "unit": pl.String,
        "period": pl.Date,
        "at": VINTAGE,
        "event": pl.String,
        "by": pl.String,
        "level": pl.String,
        "value": pl.Float64,
        "words": pl.String,
        "submission": pl.String,
        "version": pl.Int64,
        "file": pl.String,
        "sheet": pl.String,
        "cell": pl.String,
    }
)
#: What can happen to a cell, in the order in which it does.
KINDS = (
    *("imported", "counted_by_system", "filed", "withdrawn", "corrects", "asked", "answered"),
    *("confirmed", "accepted", "in_force"),
)
#: What is said of each cell beside its value, in this order (`told`).
BESIDE = ("submitted_at", "written", "confirmed_by", "confirmed_at", "steps", "why", "findings")
_BESIDE: dict[str, Any] = dict.fromkeys(BESIDE, pl.String) | {
    "submitted_at": VINTAGE,
    "confirmed_at": VINTAGE,
    "findings": pl.Int64,
    "fact": pl.Int64,
}
# What is taken out of the trail of a cell that the reader must not see.
_HIDDEN = {"value": None, "words": None}
_COMES = {"import": "imported", "return": "filed"}
_Rows = list[dict[str, Any]]


def read_trail(
    store: Store,
    lineage: pl.DataFrame,
    cells: pl.DataFrame,
    measures: Mapping[str, Measure],
    lang: str = "zh",
) -> pl.DataFrame:
    """Return EVENTS of cells, the oldest first: of each vintage how it came and who judged it.

    Needs: lineage (`read_lineage`, so within the reader's sight); cells (of a passport: a null
    value is hidden from the reader, and so is what was said of it). Rows: one event of one cell.
    """
    named = renamed(lineage.lazy().with_columns(filed_as="measure"), measures).collect()
    wanted = cells.select(*KEY, current="fact", is_hidden=pl.col("value").is_null()).unique()
    rows = named.join(wanted, on=KEY, how="inner", maintain_order="left").to_dicts()
    if not rows:
        return pl.DataFrame(schema=EVENTS)
    with store.read() as connection:
        filed = _submissions(connection, rows)
        parts = _parts(connection, rows, filed)
    events = [event for row in rows for event in _events(row, filed, parts, lang)]
    frame = pl.DataFrame(events, schema=EVENTS, orient="row")
    return frame.sort("fact", maintain_order=True)


def told(cells: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """Return the cells of a passport with what their trail says of them, in the columns BESIDE.

    Needs: events (`read_trail` of these cells). Rows: as the cells.
    """
    by_fact: dict[tuple, _Rows] = {}
    for event in events.iter_rows(named=True):
        by_fact.setdefault((event["fact"], event["submission"]), []).append(event)
    seen = cells.select("fact", "submission").unique(maintain_order=True)
    rows = [_told(fact, by_fact.get((fact, receipt), [])) for fact, receipt in seen.iter_rows()]
    frame = pl.DataFrame(rows, schema=_BESIDE, orient="row")
    return cells.join(frame, on="fact", how="left", maintain_order="left")


def _told(fact: int, events: _Rows) -> dict[str, Any]:
    first: dict[str, dict[str, Any]] = {}
    for event in events:
        first.setdefault(event["event"], event)
    came: dict[str, Any] = next((first[kind] for kind in KINDS if kind in first), {})
    accepted = [event for event in events if event["event"] == "accepted"]
    steps = [f"{e['level'] or ''} {e['by']} {e['at']:%Y-%m-%d}".strip() for e in accepted]
    confirmed = first.get("confirmed", {})
    return {
        "submitted_at": came.get("at") if came.get("event") != "in_force" else None,
        "written": came.get("words") if came.get("event") == "filed" else None,
        "confirmed_by": confirmed.get("by"),
        "confirmed_at": confirmed.get("at"),
        "steps": "; ".join(steps) or None,
        "why": first.get("corrects", {}).get("words"),
        "findings": sum(event["event"] == "asked" for event in events),
        "fact": fact,
    }


def _submissions(connection: sa.Connection, rows: _Rows) -> dict[str, dict[str, Any]]:
    receipts = sorted({row["submission"] for row in rows if row["submission"]})
    query = sa.select(SUBMISSIONS)
    if len(receipts) < 900:  # noqa: PLR2004 - many are cheaper to read whole than to name
        query = query.where(SUBMISSIONS.c.receipt.in_(receipts))
    wanted = set(receipts)
    found = (dict(row) for row in connection.execute(query).mappings())
    return {row["receipt"]: row for row in found if row["receipt"] in wanted}


def _parts(
    connection: sa.Connection, rows: _Rows, filed: Mapping[str, dict[str, Any]]
) -> dict[str, dict[tuple, _Rows]]:
    """Return what the tables hold about the cells, by table and by what a cell is found with."""
    numbers = sorted(row["id"] for row in filed.values() if row["kind"] == "return")
    measures, units, cells = (
        sorted({row[name] for row in rows if row[name]}) for name in ("filed_as", "unit", "cell")
    )
    wanted = {
        "cells": (CELLS, CELLS.c.measure.in_(measures) & CELLS.c.unit.in_(units)),
        "findings": (FINDINGS_TABLE, FINDINGS_TABLE.c.cell.in_(cells)),
        "answers": (ANSWERS, ANSWERS.c.cell.in_(cells)),
        "confirmations": (CONFIRMATIONS, CONFIRMATIONS.c.unit.in_(units)),
        "steps": (STEPS_TABLE, sa.true()),
    }
    keys = {
        "cells": ("submission", *KEY),
        "findings": ("submission", "sheet", "cell"),
        "answers": ("submission", "sheet", "cell"),
        "confirmations": ("submission", "unit"),
        "steps": ("submission",),
    }
    return {
        name: _by(connection, table, numbers, condition, keys[name])
        for name, (table, condition) in wanted.items()
    }


def _by(
    connection: sa.Connection,
    table: sa.Table,
    numbers: Sequence[int],
    condition: sa.ColumnElement[bool],
    key: Sequence[str],
) -> dict[tuple, _Rows]:
    found: dict[tuple, _Rows] = {}
    query = sa.select(table).where(table.c.submission.in_(numbers), condition)
    for row in connection.execute(query.order_by(table.c.id)).mappings():
        found.setdefault(tuple(row[name] for name in key), []).append(dict(row))
    return found


def _events(
    row: Mapping[str, Any],
    filed: Mapping[str, dict[str, Any]],
    parts: Mapping[str, dict[tuple, _Rows]],
    lang: str,
) -> _Rows:
    """Return what happened to one vintage of a cell."""
    source = filed.get(row["submission"])
    same = {name: row[name] for name in ("measure", "unit", "period", "sheet", "cell")}
    same |= {"fact": row["current"], "submission": row["submission"]}
    in_force = {**same, "event": "in_force", "at": row["vintage"], "value": row["value"]}
    if source is None:
        return [in_force]
    same |= {"version": source["version"], "file": source["file"]}
    came = same | {"at": parse_timestamp(source["submitted_at"]), "by": source["submitted_by"]}
    number = source["id"]
    month = number_of(row["period"])
    key = (number, row["filed_as"], row["definition"], row["unit"], month)
    written = next((cell["written"] for cell in parts["cells"].get(key, [])), None)
    event = _COMES.get(source["kind"], "counted_by_system")
    event = "withdrawn" if row["value"] is None else event
    found = [came | {"event": event, "value": row["value"], "words": written}]
    if source["why"]:
        found.append(came | {"event": "corrects", "words": source["why"]})
    place = (number, row["sheet"], row["cell"])
    given = parts["answers"].get(place, [])
    for finding in parts["findings"].get(place, []):
        said = f"{finding['rule']} {finding[f'message_{lang}'] or ''}".strip()
        found.append(came | {"event": "asked", "level": finding["severity"], "words": said})
        if finding["answer"] and not given:
            found.append(came | {"event": "answered", "words": finding["answer"]})
    done = [_done(same, "answered", entry, "answered", entry["answer"]) for entry in given]
    for entry in parts["confirmations"].get((number, row["unit"]), []):
        if entry["decision"] == "confirmed":
            done.append(_done(same, "confirmed", entry, "decided", entry["reason"]))
    for entry in parts["steps"].get((number,), []):
        if entry["decision"] == "accept":
            step = _done(same, "accepted", entry, "decided", entry["reason"])
            done.append(step | {"level": entry["level"]})
    found += sorted(done, key=lambda event: event["at"])
    found.append(in_force | {"version": source["version"], "file": source["file"]})
    return [event | _HIDDEN for event in found] if row["is_hidden"] else found


def _done(
    same: Mapping[str, Any], event: str, entry: Mapping[str, Any], stem: str, words: str | None
) -> dict[str, Any]:
    at = parse_timestamp(entry[f"{stem}_at"])
    return {**same, "event": event, "by": entry[f"{stem}_by"], "at": at, "words": words}
