"""Questions about how figures came about, on the command line: listed, answered, closed."""

import argparse

import polars as pl

from data.parse import nearest
from data.said import RefusedError
from data.store.database import StoreError
from data.store.questions import Subject, answer_question, close_question, may_read
from metrics.integrity import Run
from metrics.integrity_run import known, past, run_store, subject_in
from metrics.integrity_words import effect, family_words, reasons, run_words, seen
from verbs.session import Session, UsageError, month
from verbs.show import show, words

PRINTED = (
    *("key", "question", "unit", "measure", "first", "last", "n", "observed", "expected", "base"),
    *("effect", "lower", "upper", "p", "q", "state", "outcome", "evidence", "parts", "seen"),
    *("asks", "innocent", "answer", "closing"),
)


def integrity(session: Session, args: argparse.Namespace) -> int:
    """Print the questions within sight, the open ones first, and what their number means."""
    if args.unit and args.level:
        raise UsageError(key="cli.error.unit_and_level")
    run, rows = _known(session, args.end)
    if args.past:
        who = (session.store, session.catalog, session.tree)
        show(past(*who, session.viewer, run), args.format)
        return 0
    if args.unit:
        inside = session.tree.subtree(session.unit(args.unit), gone=True)
        rows = rows.filter(pl.col("unit").is_in(list(inside)))
    if args.level:
        level = session.level(args.level)
        units = [unit.code for unit in session.catalog.units if unit.level == level]
        rows = rows.filter(pl.col("unit").is_in(units))
    if args.start:
        rows = rows.filter(pl.col("evidence") >= month(args.start))
    show(_printed(session, rows), args.format)
    for line in (run_words, family_words):
        words(line(run, session.lang))
    return 0


def answer_(session: Session, args: argparse.Namespace) -> int:
    """Answer a question for the unit."""
    subject = _subject(session, args.key)
    answer_question(session.store, session.viewer, subject, args.text)
    return _print_one(session, args, subject)


def close_(session: Session, args: argparse.Namespace) -> int:
    """Close an answered question as explained, corrected or to follow up."""
    subject = _subject(session, args.key)
    close_question(session.store, session.viewer, subject, args.outcome, args.text or "")
    return _print_one(session, args, subject)


def _known(session: Session, through: str | None = None) -> tuple[Run, pl.DataFrame]:
    """Return the run over the whole record, and the questions within the viewer's sight."""
    if not may_read(session.viewer):
        raise RefusedError(key="store.refused.questions", user=session.viewer.name)
    who = (session.store, session.catalog, session.tree)
    run = run_store(*who, month(through) if through else None)
    return run, known(*who, session.viewer, run)


def _subject(session: Session, key: str) -> Subject:
    """Return the question that a key names among those asked now within sight."""
    run, rows = _known(session)
    found = subject_in(rows, key, session.tree)
    if found is None:
        who = (session.store, session.catalog, session.tree)
        found = subject_in(past(*who, session.viewer, run), key, session.tree)
    if found is None:
        hint = nearest(key, rows["key"])
        raise StoreError(key="store.error.no_question", key_=key, hint=hint)
    return found


def _print_one(session: Session, args: argparse.Namespace, subject: Subject) -> int:
    run, rows = _known(session)
    rows = rows.filter(pl.col("key") == subject.key)
    if rows.is_empty():  # answered once, and not asked any more
        who = (session.store, session.catalog, session.tree)
        gone = past(*who, session.viewer, run)
        same = [pl.col(name) == getattr(subject, name) for name in ("question", "unit", "measure")]
        show(gone.filter(*same), args.format)
    else:
        show(_printed(session, rows), args.format)
    return 0


def _printed(session: Session, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the questions as they are printed, with their sentences in the reader's language."""
    catalog, lang = session.catalog, session.lang
    asks = {question.code: question.asks.get(lang) for question in catalog.integrity.questions}
    listed = rows.to_dicts()
    told = {
        "seen": [f"{seen(catalog, row, lang)} {effect(catalog, row, lang)}" for row in listed],
        "asks": [asks[row["question"]] for row in listed],
        "innocent": [reasons(catalog, row, lang) for row in listed],
    }
    found = rows.with_columns(pl.Series(name, said, dtype=pl.String) for name, said in told.items())
    return found.with_columns(parts=pl.col("parts").list.join("|")).select(PRINTED)
