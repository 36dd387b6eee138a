"""Where does the log lead every return, and which rows does it say were written on the way?

The log is followed from its first entry: what was filed, explained, confirmed, judged, locked and
extended. What comes out is compared with what the tables hold (`data.store.verify`).
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from data.periods import parse_period
from data.store.facts import number_of
from data.store.stages import PENDING, filed_state, next_level
from data.store.tables import (
    ANSWERS,
    CONFIRMATIONS,
    EDITIONS,
    EXTENSIONS,
    LOCKS,
    QUESTION_ACTS,
    STEPS_TABLE,
)

#: What an entry does not say: it is not compared.
UNTOLD = object()


@dataclass(frozen=True, slots=True)
class Expected:
    """A row that an entry of the log says was written: how it is found, and what it must hold.

    `is_sure` is false where the record may be older than the table.
    """

    entry: int
    subject: str
    key: tuple
    values: Mapping[str, Any]
    is_sure: bool = True


@dataclass(slots=True)
class Life:
    """A submission as the log tells it: `values` are columns, `detail` is its arrival's."""

    entry: int
    kind: str
    detail: Mapping[str, Any]
    values: dict[str, Any]
    first_fact: int = 0
    waiting: set[str] = field(default_factory=set)
    questions: set[tuple[str, str]] = field(default_factory=set)


@dataclass(slots=True)
class Held:
    """What the tables say that the log does not: of each receipt its route, questions, answers.

    `questions` are the cells of queries without an explanation at arrival, `answers` the cells
    explained by somebody at a moment, `waiting` the units asked to confirm.
    """

    routes: Mapping[str, str]
    questions: Mapping[str, set[tuple[str, str]]]
    answers: Mapping[tuple[str, str, str], set[tuple[str, str]]]
    waiting: Mapping[str, set[str]]


@dataclass(slots=True)
class Told:
    """What the whole log says: the submissions by receipt, and the rows by table."""

    held: Held
    lives: dict[str, Life] = field(default_factory=dict)
    rows: dict[str, list[Expected]] = field(default_factory=dict)
    returns: dict[tuple, list[Life]] = field(default_factory=dict)


def tell(told: Told, entry: Mapping[str, Any], detail: Mapping[str, Any]) -> None:
    """Take in one entry of the log."""
    act = ACTS.get(entry["action"])
    if act is not None:
        act(told, entry, detail)
    elif "digest" in detail:
        _arrived(told, entry, detail)


def _expect(
    told: Told,
    table: sa.Table,
    entry: Mapping[str, Any],
    key: tuple,
    *,
    is_sure: bool = True,
    **values: Any,
) -> None:
    row = Expected(entry["id"], entry["subject"], key, values, is_sure)
    told.rows.setdefault(table.name, []).append(row)


def _submitted(told: Told, entry: Mapping[str, Any], detail: Mapping[str, Any]) -> None:
    receipt = entry["subject"]
    same = told.returns.setdefault((detail["form"], detail["unit"], detail["period"]), [])
    judged = [0]
    for other in same:
        if other.values["state"] in PENDING:
            other.values |= {"state": "replaced", "waits_for": None}
        elif other.values["state"] != "replaced":
            judged.append(other.values["version"])
    names = ("form", "unit", "period", "sha256", "content")
    values = {name: detail[name] for name in names} | {
        "kind": "return",
        "version": 1 + max(judged),
        "facts": detail["rows"],
        "submitted_by": entry["actor"],
        "submitted_at": entry["at"],
        "why": detail.get("reason"),
        "ready_at": None,
        **dict.fromkeys(("reviewer", "reviewed_at", "reason", "vintage", "changed")),
    }
    life = Life(entry["id"], "return", detail, values)
    life.waiting = set(told.held.waiting.get(receipt, ()))
    life.questions = set(told.held.questions.get(receipt, ()))
    told.lives[receipt] = life
    same.append(life)
    _move(told, receipt, detail["state"], entry["at"])


def _arrived(told: Told, entry: Mapping[str, Any], detail: Mapping[str, Any]) -> None:
    """Take in facts that came without a review: imported history, or counted by the system."""
    values = {
        "state": "approved",
        "submitted_by": entry["actor"],
        "submitted_at": entry["at"],
        "reviewer": entry["actor"],
        "reviewed_at": entry["at"],
        "vintage": detail.get("vintage", UNTOLD),
        "changed": detail["facts"],
        "waits_for": None,
    }
    values |= {name: detail[name] for name in ("file", "sha256", "form") if name in detail}
    life = Life(entry["id"], entry["action"], detail, values, detail["first"])
    told.lives[entry["subject"]] = life


def _move(told: Told, receipt: str, state: str, moment: str) -> None:
    """Bring a return to a state that it reaches without a decision about it."""
    life = told.lives[receipt]
    route = told.held.routes.get(receipt, "")
    life.values["state"] = state
    life.values["waits_for"] = next_level(route, 0) if state == "submitted" else None
    if "registered" not in life.detail:
        life.values["ready_at"] = UNTOLD
    elif state != "checked" and life.values["ready_at"] is None:
        life.values["ready_at"] = moment


def _answered(told: Told, entry: Mapping[str, Any], detail: Mapping[str, Any]) -> None:
    receipt, cell = entry["subject"], detail["cell"].rpartition("!")[2].strip().upper()
    key = (receipt, entry["actor"], entry["at"], cell)
    _expect(told, ANSWERS, entry, key, answer=detail["answer"])
    life = told.lives.get(receipt)
    if life is None or life.values["state"] != "checked":
        return
    life.questions -= told.held.answers.get(key[:3], set())
    if not life.questions:
        _move(told, receipt, filed_state(0, len(life.waiting)), entry["at"])


def _confirmed(told: Told, entry: Mapping[str, Any], detail: Mapping[str, Any]) -> None:
    receipt, is_refusal = entry["subject"], entry["action"] == "refuse"
    said = {"content": detail["content"], "reason": detail.get("reason")}
    key = (receipt, detail["unit"], "refused" if is_refusal else "confirmed")
    who = {"decided_by": entry["actor"], "decided_at": entry["at"]}
    _expect(told, CONFIRMATIONS, entry, key, **said, **who)
    life = told.lives.get(receipt)
    if life is None:
        return
    life.waiting.discard(detail["unit"])
    if is_refusal:
        _decide(life, entry, "returned", detail.get("reason"))
    elif not life.waiting:
        _move(told, receipt, "submitted", entry["at"])


def _judged(told: Told, entry: Mapping[str, Any], detail: Mapping[str, Any]) -> None:
    receipt, life = entry["subject"], told.lives.get(entry["subject"])
    is_return = entry["action"] == "return"
    key = (receipt, entry["actor"], "return" if is_return else "accept")
    at = entry["at"] if entry["action"] != "accept" else detail.get("decided", UNTOLD)
    said = {name: detail.get(name, UNTOLD) for name in ("level", "reason")}
    said["level"] = "" if said["level"] is None else said["level"]
    # Returns from before versions were logged may be older than the steps.
    is_sure = life is None or "version" in life.detail
    _expect(told, STEPS_TABLE, entry, key, is_sure=is_sure, decided_at=at, **said)
    if life is None:
        return
    if is_return:
        _decide(life, entry, "returned", detail["reason"])
    elif entry["action"] == "review":
        _decide(life, entry, "reviewed", detail.get("reason"), detail["waits_for"])
    else:
        _decide(life, entry, "approved", detail.get("reason", UNTOLD))
        approved = {"vintage": entry["at"], "changed": detail["facts"]}
        life.values |= approved | {"reviewed_at": detail.get("decided", UNTOLD)}
        life.first_fact = detail["first"]


def _decide(
    life: Life, entry: Mapping[str, Any], state: str, reason: Any, waits_for: str | None = None
) -> None:
    decided = {"reviewer": entry["actor"], "reviewed_at": entry["at"], "reason": reason}
    life.values |= decided | {"state": state, "waits_for": waits_for}


def _locked(told: Told, entry: Mapping[str, Any], detail: Mapping[str, Any]) -> None:
    """Take in a lock or its opening; an import locks several months at its own vintage."""
    act = "open" if entry["action"] == "unlock" else "lock"
    months = detail.get("months") or [number_of(parse_period(entry["subject"]))]
    at, form = detail.get("vintage", entry["at"]), detail.get("form", "")
    for month in months:
        for unit in detail.get("units") or [""]:
            key = (month, act, form, unit, entry["actor"], at)
            _expect(told, LOCKS, entry, key, reason=detail.get("reason"))


def _extended(told: Told, entry: Mapping[str, Any], detail: Mapping[str, Any]) -> None:
    key = (detail["form"], detail["unit"], detail["period"], entry["actor"], entry["at"])
    _expect(told, EXTENSIONS, entry, key, until=detail["until"], reason=detail["reason"])


def _published(told: Told, entry: Mapping[str, Any], detail: Mapping[str, Any]) -> None:
    names = ("period", "as_of", "definitions", "previous", "note", "figures_hash", "facts_hash")
    values = {name: detail[name] for name in names if name in detail}
    key = (entry["subject"], entry["actor"], entry["at"])
    _expect(told, EDITIONS, entry, key, **values)


def _spoken(told: Told, entry: Mapping[str, Any], detail: Mapping[str, Any]) -> None:
    """Take in an answer to an integrity question, or its closing."""
    key = (*(detail[name] for name in ("question", "unit", "measure")), entry["actor"], entry["at"])
    names = ("evidence", "act", "outcome", "words")
    _expect(told, QUESTION_ACTS, entry, key, **{name: detail[name] for name in names})


def read_detail(written: str) -> dict[str, Any]:
    """Return what an entry says, nothing where that has been made unreadable."""
    try:
        found = json.loads(written)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


ACTS: dict[str, Callable[[Told, Mapping[str, Any], Mapping[str, Any]], None]] = {
    "submit": _submitted,
    "answer": _answered,
    "confirm": _confirmed,
    "refuse": _confirmed,
    "review": _judged,
    "accept": _judged,
    "return": _judged,
    "lock": _locked,
    "unlock": _locked,
    "extend": _extended,
    "edition": _published,
    "question_answer": _spoken,
    "question_close": _spoken,
}
