"""Does the record still say what the log says was done, return by return and row by row?

The log is hash-chained; it is followed from its first entry, and what it leads to is compared with
every table: facts, cells, findings, explanations, steps, confirmations, locks, extensions,
editions, words on integrity questions, and the state of each return. A fault names the entry, the
receipt and the row.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from data.store import audit
from data.store.database import Store
from data.store.replay import UNTOLD, Expected, Held, Life, Told, read_detail, tell
from data.store.tables import (
    ANSWERS,
    AUDIT,
    CONFIRMATIONS,
    EDITIONS,
    EXTENSIONS,
    FINDINGS_TABLE,
    LOCKS,
    QUESTION_ACTS,
    STEPS_TABLE,
    SUBMISSIONS,
)
from data.store.verify_facts import Covered, cell_faults, extra_facts, facts_faults
from data.store.vouched import ASKED_PARTS, registration_hash, rows_hash

Fault = dict[str, Any]
Row = Mapping[str, Any]
#: How the rows of each table are found: the columns that its entry in the log names.
KEYS: dict[str, tuple[sa.Table, tuple[str, ...]]] = {
    "steps": (STEPS_TABLE, ("submission", "decided_by", "decision")),
    "confirmations": (CONFIRMATIONS, ("submission", "unit", "decision")),
    "answers": (ANSWERS, ("submission", "answered_by", "answered_at", "cell")),
    "extensions": (EXTENSIONS, ("form", "unit", "period", "given_by", "given_at")),
    "locks": (LOCKS, ("period", "act", "form", "unit", "locked_by", "locked_at")),
    "editions": (EDITIONS, ("name", "made_by", "made_at")),
    "question_acts": (QUESTION_ACTS, ("question", "unit", "measure", "said_by", "said_at")),
}


def verify(store: Store) -> list[Fault]:
    """Return what does not fit together in the record; empty is sound.

    Each fault has the `key` of its text, the `entry` of the log (or nothing), the `subject`, mostly
    a receipt, and what else its text names.
    """
    with store.read() as connection:
        stored = [dict(row) for row in connection.execute(sa.select(SUBMISSIONS)).mappings()]
        receipts = {row["id"]: row["receipt"] for row in stored}
        told, covered = Told(_held(connection, stored)), Covered()
        faults: list[Fault] = []
        for entry, detail in _entries(connection, faults):
            faults += facts_faults(connection, entry, detail, receipts, covered)
            try:
                tell(told, entry, detail)
            except (KeyError, TypeError, ValueError):  # an entry that somebody has rewritten
                faults.append(_fault(entry, "store.audit.changed"))
        faults += extra_facts(connection, covered, receipts)
        faults += _registered(stored, told.lives)
        faults += _asked(connection, stored, told.lives)
        faults += cell_faults(connection, stored, told.lives)
        for name in KEYS:
            faults += _table_faults(connection, name, told.rows.get(name, []), receipts)
    return _once(faults)


def _entries(
    connection: sa.Connection, faults: list[Fault]
) -> Iterator[tuple[Row, dict[str, Any]]]:
    """Yield the entries of the log with what they say, noting where the chain is broken."""
    previous, expected = audit.START, 1
    for found in connection.execute(sa.select(AUDIT).order_by(AUDIT.c.id)).mappings():
        row = dict(found)
        entry = {key: value for key, value in row.items() if key != "hash"}
        if row["id"] != expected or row["previous"] != previous:
            faults.append(_fault(row, "store.audit.broken"))
        elif row["hash"] != audit.entry_hash(entry):
            faults.append(_fault(row, "store.audit.changed"))
        yield row, read_detail(row["detail"])
        previous, expected = row["hash"], row["id"] + 1


def _held(connection: sa.Connection, stored: Sequence[Row]) -> Held:
    """Return what the tables say that the log does not repeat."""
    receipts = {row["id"]: row["receipt"] for row in stored}
    questions: dict[str, set] = defaultdict(set)
    found = FINDINGS_TABLE.c
    asked = sa.select(found.submission, found.sheet, found.cell).where(
        found.severity == "query", sa.func.coalesce(found.answer, "") == ""
    )
    for number, sheet, cell in connection.execute(asked):
        questions[receipts.get(number, "")].add((sheet, cell))
    answers: dict[tuple[str, str, str], set] = defaultdict(set)
    for row in connection.execute(sa.select(ANSWERS)):
        key = (receipts.get(row.submission, ""), row.answered_by, row.answered_at)
        answers[key].add((row.sheet, row.cell))
    waiting: dict[str, set[str]] = defaultdict(set)
    units = sa.select(CONFIRMATIONS.c.submission, CONFIRMATIONS.c.unit)
    for number, unit in connection.execute(units.where(CONFIRMATIONS.c.decision == "asked")):
        waiting[receipts.get(number, "")].add(unit)
    return Held({row["receipt"]: row["route"] for row in stored}, questions, answers, waiting)


def _registered(stored: Sequence[Row], lives: Mapping[str, Life]) -> Iterator[Fault]:
    """Yield where a submission's row is not as the log leads it, or the log does not know it."""
    rows = {row["receipt"]: row for row in stored}
    for receipt, life in lives.items():
        row = rows.get(receipt)
        if row is None:
            yield _gone("submissions", life.entry, receipt)
            continue
        for name, expected in life.values.items():
            if expected is not UNTOLD and row[name] != expected:
                yield _differs("column", receipt, name, row[name], expected)
        hashed = life.detail.get("registered")
        if hashed is not None and hashed != registration_hash(row):
            yield {"entry": str(life.entry), "subject": receipt, "key": "store.audit.registered"}
    for receipt in rows.keys() - lives.keys():
        yield {"entry": "", "subject": receipt, "key": "store.audit.unlogged"}


def _asked(
    connection: sa.Connection, stored: Sequence[Row], lives: Mapping[str, Life]
) -> Iterator[Fault]:
    """Yield the returns of which other units were asked than the log says."""
    asked: dict[int, list] = defaultdict(list)
    query = sa.select(CONFIRMATIONS).where(CONFIRMATIONS.c.decision == "asked")
    for entry in connection.execute(query).mappings():
        asked[entry["submission"]].append([entry[name] for name in ASKED_PARTS])
    for row in stored:
        life = lives.get(row["receipt"])
        if life is None or "asked" not in life.detail:
            continue
        if life.detail["asked"] != rows_hash(asked[row["id"]]):
            said = {"entry": str(life.entry), "subject": row["receipt"]}
            yield said | {"key": "store.audit.asked"}


def _table_faults(
    connection: sa.Connection, name: str, expected: Sequence[Expected], receipts: Mapping[int, str]
) -> Iterator[Fault]:
    """Yield the rows of a table that are gone, changed, or that no entry speaks of."""
    table, key = KEYS[name]
    query = sa.select(table).order_by(table.c.id)
    if name == "confirmations":
        query = query.where(table.c.decision != "asked")
    found: dict[tuple, list[Row]] = defaultdict(list)
    for row in connection.execute(query).mappings():
        place = [row[column] for column in key]
        if key[0] == "submission":
            place[0] = receipts.get(row["submission"], "")
        if name == "answers":
            place[-1] = str(place[-1]).upper()
        found[tuple(place)].append(dict(row))
    for told in expected:
        rows = found.get(told.key, [])
        if not rows:
            if told.is_sure:
                yield _gone(name, told.entry, told.subject)
            continue
        # One explanation may stand at the same cell of several sheets.
        for same in rows if name == "answers" else rows[:1]:
            yield from _row_faults(name, told, same)
        del rows[: len(rows) if name == "answers" else 1]
    for key_, rows in found.items():
        subject = str(key_[0]) if key[0] in ("submission", "name") else " ".join(map(str, key_))
        for extra in rows:
            said = {"table": name, "row": extra["id"], "key": "store.audit.row"}
            yield {"entry": "", "subject": subject, **said}


def _row_faults(name: str, told: Expected, row: Row) -> Iterator[Fault]:
    for column, value in told.values.items():
        if value is not UNTOLD and row[column] != value:
            said = {"table": name, "row": row["id"], "entry": str(told.entry)}
            yield _differs("differs", told.subject, column, row[column], value) | said


def _gone(table: str, entry: int, subject: str) -> Fault:
    return {"entry": str(entry), "subject": subject, "table": table, "key": "store.audit.gone"}


def _differs(kind: str, subject: str, column: str, stored: Any, expected: Any) -> Fault:
    said = {"column": column, "stored": _shown(stored), "expected": _shown(expected)}
    return {"entry": "", "subject": subject, "key": f"store.audit.{kind}", **said}


def _shown(value: Any) -> str:
    return "—" if value is None or value == "" else str(value)


def _fault(entry: Row, key: str) -> Fault:
    return {"entry": str(entry["id"]), "subject": entry["subject"], "key": key}


def _once(faults: Iterable[Fault]) -> list[Fault]:
    """Return each fault once, in the order in which they were found."""
    return list({tuple(sorted(fault.items())): fault for fault in faults}.values())
