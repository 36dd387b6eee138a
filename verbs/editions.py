"""Editions on the command line: make one, list them, show what one changed, check that it holds."""

import argparse
import datetime as dt
from typing import Any

import polars as pl

from data.access import OPERATOR
from data.periods import format_period
from data.store.database import store_version
from data.store.days import first_locks
from data.store.editions import (
    Edition,
    dated_back,
    editions,
    find_edition,
    is_logged,
    make_edition,
    previous_of,
)
from data.store.snapshot import end_of_day, read_facts, read_history
from data.texts import text
from metrics.editions import changed_cells, changed_figures, count_changes, freeze, judge_edition
from verbs.session import Session, UsageError, day, month
from verbs.show import show, words

REVISED = ("new", "revised", "withdrawn", "after_lock")
#: Verdicts under which an edition still says what it said when it was made.
HOLDS = ("sound", "definitions", "definitions_same")


def make(session: Session, args: argparse.Namespace) -> int:
    """Keep an edition of a month, and say what it revised since the one before."""
    period = month(args.period)
    store, now = session.store, dt.datetime.now(dt.UTC)
    as_of = now
    if args.as_of:
        end = end_of_day(day(args.as_of), store.timezone).astimezone(dt.UTC)
        if now < end - dt.timedelta(days=1):
            raise UsageError(key="cli.error.future", day=args.as_of)
        as_of = min(end, now)
    version = store_version(store)
    facts = read_facts(store, OPERATOR, as_of=as_of)
    if not facts.filter(pl.col("period") == period).height:
        raise UsageError(key="edition.error.empty", period=args.period)
    hashes = freeze(facts, session.catalog, session.tree, period)
    before = editions(store)
    revised: dict[str, object] = {}
    if before:
        cells = _cells(session, before[-1], as_of)
        revised = count_changes(cells, first_locks(store, as_of))
    digest = session.catalog.digest
    made = make_edition(
        store, session.viewer, args.name, period, as_of, hashes, revised, digest, version,
        args.note or "",
    )  # fmt: skip
    show(edition_frame([made]), args.format)
    _say(session, made)
    return 0


def list_(session: Session, args: argparse.Namespace) -> int:
    """Print the editions, the newest first."""
    show(edition_frame(editions(session.store)[::-1]), args.format)
    return 0


def show_(session: Session, args: argparse.Namespace) -> int:
    """Print what changed between an edition and the one before, cell by cell or by figure."""
    store = session.store
    edition = find_edition(store, args.name)
    against = find_edition(store, args.against) if args.against else previous_of(store, edition)
    _say(session, edition)
    if against is None:
        cells = _cells(session, edition, edition.as_of)
    else:
        against, edition = sorted((against, edition), key=lambda item: item.as_of)
        cells = _cells(session, against, edition.as_of)
        words(text("edition.said.against", session.lang, name=against.name))
    seen = session.viewer.sees()
    if seen is not None:
        cells = cells.filter(pl.col("unit").is_in(list(seen)))
    if args.figures and against is not None:
        show(_figures(session, cells, against, edition), args.format)
    else:
        show(_visible(session, cells), args.format)
    return 0


def verify(session: Session, args: argparse.Namespace) -> int:
    """Compute editions again from the record and say whether they come out the same."""
    store = session.store
    chosen = [find_edition(store, args.name)] if args.name else editions(store)
    rows = []
    for edition in chosen:
        facts = read_facts(store, OPERATOR, as_of=edition.as_of)
        found = freeze(facts, session.catalog, session.tree, edition.period)
        verdict, differ = judge_edition(
            edition, found, session.catalog.digest, is_logged(store, edition),
            dated_back(store, edition),
        )  # fmt: skip
        later = _cells(session, edition, dt.datetime.now(dt.UTC))
        rows.append(
            {
                "edition": edition.name,
                "verdict": verdict,
                "hash": edition.hashes.figures_hash,
                "found": found.figures_hash,
                "indicators_differ": len(differ),
                "revised_since": later.height,
            }
        )
        words(text(f"edition.verdict.{verdict}", session.lang, name=edition.name))
        if differ:
            shown = ", ".join(differ[:12]) + (" …" if len(differ) > 12 else "")
            words(text("edition.said.differ", session.lang, indicators=shown, count=len(differ)))
    show(pl.DataFrame(rows), args.format)
    return 0 if all(row["verdict"] in HOLDS for row in rows) else 1


def edition_frame(found: list[Edition]) -> pl.DataFrame:
    """Return one row an edition."""
    rows = [
        {
            "edition": item.name,
            "period": item.period,
            "as_of": item.as_of,
            "state": item.state,
            "hash": item.hashes.figures_hash,
            "figures": item.hashes.figures,
            "previous": item.previous,
            **{name: item.revised.get(name) for name in REVISED},
            "definitions": item.definitions[:12],
            "made_by": item.made_by,
            "made_at": item.made_at,
            "note": item.note,
        }
        for item in found
    ]
    moment = pl.Datetime("us", "UTC")
    counts: dict[str, Any] = dict.fromkeys(REVISED, pl.Int64)
    kinds = counts | {"period": pl.Date, "as_of": moment, "made_at": moment}
    return pl.DataFrame(rows, schema_overrides=kinds)


def _cells(session: Session, since: Edition, until: dt.datetime) -> pl.DataFrame:
    """Return the cells of the months that an edition had published which changed after it."""
    history = read_history(session.store, OPERATOR, session.catalog.measures, None)
    return changed_cells(history, since.as_of, until, since.period)


def _visible(session: Session, cells: pl.DataFrame) -> pl.DataFrame:
    """Return the cells without those of measures that have small numbers to hide.

    Only who sees the whole bureau reads these one by one; the counts include them.
    """
    if session.viewer.sees() is None and session.viewer.role in ("operator", "reviewer"):
        return cells
    open_ = [c for c, m in session.catalog.measures.items() if not m.flags & {"W", "S"}]
    return cells.filter(pl.col("measure").is_in(open_))


def _figures(session: Session, cells: pl.DataFrame, older: Edition, newer: Edition) -> pl.DataFrame:
    store, catalog = session.store, session.catalog
    before = read_facts(store, session.viewer, as_of=older.as_of)
    after = read_facts(store, session.viewer, as_of=newer.as_of)
    top = [session.top, *session.tree.children(session.top)]
    found = changed_figures(cells, before, after, catalog, session.tree, top)
    flags = [code for code, item in catalog.indicators.items() if item.flags & {"W", "S"}]
    return found.filter(~pl.col("indicator").is_in(flags))


def _say(session: Session, edition: Edition) -> None:
    lang = session.lang
    values = {
        "name": edition.name,
        "period": format_period(edition.period),
        "state": text(f"edition.state.{edition.state}", lang),
        "hash": edition.hashes.figures_hash[:16],
        "figures": edition.hashes.figures,
    }
    words(text("edition.said.what", lang, **values))
    if edition.previous:
        counts = {name: edition.revised.get(name, 0) for name in ("new", "revised", "withdrawn")}
        late = edition.revised.get("after_lock", 0)
        words(text("edition.said.note", lang, previous=edition.previous, after_lock=late, **counts))
