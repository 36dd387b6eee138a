"""Editions on the command line: make one, list them, show what one changed, check that it holds."""

import argparse
import datetime as dt
import secrets
from typing import Any

import polars as pl

from data.access import OPERATOR
from data.periods import format_period
from data.schema import BASIS
from data.store.database import store_version
from data.store.days import first_locks
from data.store.editions import (
    Edition,
    dated_back,
    editions,
    find_edition,
    is_logged,
    kept_structure,
    last_on,
    make_edition,
    previous_of,
)
from data.store.snapshot import end_of_day, read_facts, read_history, within
from data.texts import text
from data.units import tree_at
from metrics.edition_check import HOLDS, check_edition
from metrics.editions import changed_cells, changed_figures, count_changes, freeze
from verbs.figures import tell_basis
from verbs.revisions import alone
from verbs.session import Session, UsageError, day, month, word
from verbs.show import show, words

REVISED = ("new", "revised", "withdrawn", "after_lock")
SALT_BYTES = 16


def make(session: Session, args: argparse.Namespace) -> int:
    """Keep an edition of a month, and say what it revised since the one before."""
    period = month(args.period)
    basis = alone(word(args.basis, BASIS, "--basis"))
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
    salt = secrets.token_hex(SALT_BYTES)
    hashes = freeze(facts, session.catalog, session.tree, period, basis, salt)
    before = last_on(editions(store), basis)
    revised: dict[str, object] = {}
    if before:
        cells = _cells(session, before, as_of)
        revised = count_changes(cells, first_locks(store, as_of))
    made = make_edition(
        store, session.viewer, args.name, period, as_of, hashes, revised, session.catalog, version,
        args.note or "",
    )  # fmt: skip
    show(edition_frame([made]), args.format)
    _say(session, made)
    tell_basis(session, basis)
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
    basis = edition.hashes.basis
    _say(session, edition)
    if against is None:
        cells = _cells(session, edition, edition.as_of)
    else:
        against, edition = sorted((against, edition), key=lambda item: item.as_of)
        cells = _cells(session, against, edition.as_of)
        words(text("edition.said.against", session.lang, name=against.name))
    seen = session.viewer.reads()
    if seen is not None:
        cells = within(cells.filter(pl.col("unit").is_in(list(seen))), session.viewer)
    if args.figures and against is not None:
        show(_figures(session, cells, against, edition, basis), args.format)
        tell_basis(session, basis)
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
        check = check_edition(
            edition, facts, session.catalog, session.tree, kept_structure(store, edition),
            is_logged(store, edition), dated_back(store, edition),
        )  # fmt: skip
        differ = check.differ
        later = _cells(session, edition, dt.datetime.now(dt.UTC))
        rows.append(
            {
                "edition": edition.name,
                "basis": edition.hashes.basis,
                "verdict": check.verdict,
                "hash": edition.hashes.figures_hash,
                "found": check.found.figures_hash,
                "indicators_differ": len(differ),
                "revised_since": later.height,
            }
        )
        words(text(f"edition.verdict.{check.verdict}", session.lang, name=edition.name))
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
            "basis": item.hashes.basis,
            "hash": item.hashes.figures_hash,
            "figures": item.hashes.figures,
            "previous": item.previous,
            **{name: item.revised.get(name) for name in REVISED},
            "definitions": item.definitions.digest[:12],
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


def _figures(
    session: Session, cells: pl.DataFrame, older: Edition, newer: Edition, basis: str
) -> pl.DataFrame:
    """Return the figures that changed, both sides on one basis and one structure of the units."""
    store, catalog, viewer = session.store, session.catalog, session.viewer
    before = read_facts(store, viewer, as_of=older.as_of)
    after = read_facts(store, viewer, as_of=newer.as_of)
    units = session.tree if basis == "now" else tree_at(catalog, newer.period)
    below = units.children(session.top) if session.top in units.units else ()
    scope = None if viewer.sees() is None else viewer.unit
    found = changed_figures(
        cells, before, after, catalog, session.tree, [session.top, *below], basis, scope
    )
    flags = [code for code, item in catalog.indicators.items() if item.flags & {"W", "S"}]
    return found.filter(~pl.col("indicator").is_in(flags))


def _say(session: Session, edition: Edition) -> None:
    lang = session.lang
    values = {
        "name": edition.name,
        "period": format_period(edition.period),
        "state": text(f"edition.state.{edition.state}", lang),
        "basis": text(f"basis.{edition.hashes.basis}", lang),
        "hash": edition.hashes.figures_hash[:16],
        "figures": edition.hashes.figures,
    }
    words(text("edition.said.what", lang, **values))
    if edition.previous:
        counts = {name: edition.revised.get(name, 0) for name in ("new", "revised", "withdrawn")}
        late = edition.revised.get("after_lock", 0)
        words(text("edition.said.note", lang, previous=edition.previous, after_lock=late, **counts))
