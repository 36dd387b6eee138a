"""What was said to an integrity question, and by whom was it closed? Both only ever grow.

A question is known by what it asks, of which unit and measure; `evidence` is the last month that
spoke for it when the words were written. The unit answers, a reviewer above it closes: never who
answered. Which questions are open today follows from these acts and from the figures
(`metrics.integrity_state`).
"""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

import polars as pl
import sqlalchemy as sa

from data.access import Viewer, is_home, may_file, may_review, may_see
from data.periods import format_period, parse_period
from data.said import RefusedError
from data.store import audit
from data.store.database import Store, StoreError
from data.store.facts import month_of, number_of
from data.store.plain_words import kept_words
from data.store.source import SHORTEST_ANSWER
from data.store.tables import QUESTION_ACTS

#: How a question ends: explained, the figures corrected, or taken up elsewhere.
OUTCOMES = ("explained", "corrected", "follow_up")
#: Who reads questions: never who scores, so that none comes to be an item of a score.
MAY_READ = frozenset({"leader", "statistician", "reviewer", "operator"})
ACTS: dict[str, Any] = {
    "question": pl.String,
    "unit": pl.String,
    "measure": pl.String,
    "evidence": pl.Date,
    "act": pl.String,
    "outcome": pl.String,
    "words": pl.String,
    "said_by": pl.String,
    "said_at": pl.Datetime("us", "UTC"),
}
_KEY = re.compile(r"([^:]+):([^:]+):([^:]+):([0-9]{4}-[0-9]{2})")


@dataclass(frozen=True, slots=True)
class Subject:
    """What a question is about. `filer` is the leaf that files a bureau's own work, or the unit."""

    question: str
    unit: str
    measure: str
    evidence: dt.date
    filer: str = ""

    @property
    def key(self) -> str:
        """Return the key under which the question is known.

        >>> Subject("heaping", "yz0101", "all", dt.date(2024, 10, 1)).key
        'heaping:yz0101:all:2024-10'
        """
        month = format_period(self.evidence)
        return f"{self.question}:{self.unit}:{self.measure}:{month}"


def subject_of(key: str, filer: str = "") -> Subject | None:
    """Return what a key names; None where it is none.

    >>> subject_of("heaping:yz0101:all:2024-10").unit
    'yz0101'
    """
    found = _KEY.fullmatch(key.strip())
    if not found:
        return None
    try:
        month = parse_period(found[4])
    except ValueError:
        return None
    return Subject(found[1], found[2], found[3], month, filer)


def may_read(viewer: Viewer) -> bool:
    """Return whether a viewer's role reads questions at all.

    >>> may_read(Viewer("li", "leader", "yz01")), may_read(Viewer("he", "evaluator", "yz01"))
    (True, False)
    """
    return viewer.role in MAY_READ


def may_answer(viewer: Viewer, unit: str, filer: str = "") -> bool:
    """Return whether a viewer may answer for a unit: who may file for it, or for its own level."""
    return may_file(viewer, unit) or bool(filer) and may_file(viewer, filer)


def may_close(viewer: Viewer, unit: str) -> bool:
    """Return whether a viewer may close a unit's questions: a reviewer above it.

    Nobody stands above the bureau itself: there a reviewer of the whole does.

    >>> district = Viewer("zhao", "reviewer", "yz01", frozenset({"yz01", "yz0101"}))
    >>> may_close(district, "yz0101"), may_close(district, "yz01")
    (True, False)
    """
    if not may_review(viewer, unit):
        return False
    is_whole = viewer.sees() is None and viewer.role in ("reviewer", "operator")
    return is_whole or not is_home(viewer, unit)


def answer_question(
    store: Store, viewer: Viewer, subject: Subject, words: str, at: dt.datetime | None = None
) -> None:
    """Keep a unit's answer to a question."""
    if not may_answer(viewer, subject.unit, subject.filer):
        raise RefusedError(key="store.refused.file", user=viewer.name, unit=subject.unit)
    kept = kept_words(words)
    if len(kept) < SHORTEST_ANSWER:
        raise StoreError(key="store.error.short_answer", least=SHORTEST_ANSWER)
    with store.write() as connection:
        _keep(connection, viewer, subject, "answer", "", kept, at or dt.datetime.now(dt.UTC))


def close_question(
    store: Store,
    viewer: Viewer,
    subject: Subject,
    outcome: str,
    words: str = "",
    at: dt.datetime | None = None,
) -> None:
    """Close a question that was answered, by another pair of eyes, with how it ended."""
    if outcome not in OUTCOMES:
        raise StoreError(key="store.error.outcome", found=outcome, allowed=", ".join(OUTCOMES))
    if not may_close(viewer, subject.unit):
        raise RefusedError(key="store.refused.close", user=viewer.name, unit=subject.unit)
    kept = kept_words(words)
    with store.write() as connection:
        said = _said(connection, subject)
        if not said or said[-1].act != "answer":
            raise StoreError(key="store.error.not_answered", key_=subject.key)
        if viewer.name in {row.said_by for row in _since_closed(said)}:
            raise RefusedError(key="store.refused.own_words", user=viewer.name, key_=subject.key)
        _keep(connection, viewer, subject, "close", outcome, kept, at or dt.datetime.now(dt.UTC))


def question_acts(
    store: Store, viewer: Viewer, bureaus: frozenset[str] = frozenset()
) -> pl.DataFrame:
    """Return what was said to the questions within the viewer's sight, oldest first.

    `bureaus` are those whose own level the viewer files: their questions are the viewer's too.

    Raises:
        RefusedError: the viewer's role reads no questions.
    """
    if not may_read(viewer):
        raise RefusedError(key="store.refused.questions", user=viewer.name)
    own = bureaus & viewer.reach
    query = sa.select(QUESTION_ACTS).order_by(QUESTION_ACTS.c.id)
    with store.read() as connection:
        rows = connection.execute(query)
        found = [row._asdict() for row in rows if may_see(viewer, row.unit) or row.unit in own]
    for row in found:
        row["evidence"] = month_of(row["evidence"])
        row["said_at"] = audit.parse_timestamp(row["said_at"])
    return pl.DataFrame([{name: row[name] for name in ACTS} for row in found], schema=ACTS)


def _said(connection: sa.Connection, subject: Subject) -> list[Any]:
    """Return what was said to a question so far, whatever month spoke for it."""
    at = QUESTION_ACTS.c
    query = sa.select(QUESTION_ACTS).where(
        at.question == subject.question, at.unit == subject.unit, at.measure == subject.measure
    )
    return list(connection.execute(query.order_by(at.id)))


def _since_closed(said: list[Any]) -> list[Any]:
    """Return the answers that are not closed yet."""
    last = max((place for place, row in enumerate(said) if row.act == "close"), default=-1)
    return said[last + 1 :]


def _keep(
    connection: sa.Connection,
    viewer: Viewer,
    subject: Subject,
    act: str,
    outcome: str,
    words: str,
    moment: dt.datetime,
) -> None:
    """Write an act and its entry in the log."""
    entry = {
        "question": subject.question,
        "unit": subject.unit,
        "measure": subject.measure,
        "evidence": number_of(subject.evidence),
        "act": act,
        "outcome": outcome,
        "words": words,
    }
    stamp = {"said_by": viewer.name, "said_at": audit.timestamp(moment)}
    connection.execute(sa.insert(QUESTION_ACTS).values(**entry, **stamp))
    audit.append(connection, viewer, f"question_{act}", subject.key, moment, **entry)
