"""How figures came to be and how far they moved, on the command line."""

import argparse
import datetime as dt

import polars as pl

from data.access import OPERATOR
from data.schema import BASIS, WINDOW
from data.store.days import first_locks
from data.store.snapshot import read_facts, read_history
from metrics.cube import build_cube
from metrics.disclose import suppress
from metrics.plan import measures_of
from metrics.revisions import only_revised, revision_summary, revision_triangle
from verbs.figures import asked_periods, asked_units, is_guarded, stretch, tell_basis
from verbs.session import Session, UsageError, day, word
from verbs.show import show

PRINTED = [
    *("indicator", "unit", "period", "window", "vintage", "value", "previous", "revision"),
    *("revision_pct", "stage", "after_lock", "due", "reported"),
]


def revisions(session: Session, args: argparse.Namespace) -> int:
    """Print each figure by the day on which it changed, or how far figures moved."""
    indicators = session.indicators(args.indicator)
    window = word(args.window, WINDOW, "--window")
    basis = alone(word(args.basis, BASIS, "--basis"))
    as_of = day(args.as_of) if args.as_of else None
    history = read_history(
        session.store, session.viewer, measures_of(session.catalog, indicators), as_of
    )
    if not history.height:
        raise UsageError(key="cli.error.no_facts", store=session.store.shown)
    periods = asked_periods(args) or sorted(history["period"].unique())
    units = asked_units(session, args.unit, args.level, basis, stretch(session, periods, window))
    scope = None if session.viewer.sees() is None else session.viewer.unit
    locks = first_locks(session.store, as_of)
    zone = session.store.timezone
    found = revision_triangle(
        history, session.catalog, indicators, units, periods, window, locks, zone,
        session.tree, scope, _hider(session, indicators, basis), basis,
    )  # fmt: skip
    if args.summary:
        show(revision_summary(found), args.format)
    else:
        found = only_revised(found) if args.only_revised else found
        vintage = pl.col("day").dt.strftime("%Y-%m-%d")
        show(found.with_columns(vintage=vintage).select(PRINTED), args.format)
    tell_basis(session, basis)
    return 0


def alone(basis: str) -> str:
    """Return a basis on which a figure can stand alone; `matched` is refused, as it is there."""
    if basis == "matched":
        raise UsageError(key="cli.error.basis_figures", basis=basis)
    return basis


def _hider(session: Session, indicators: list[str], basis: str):
    """Return what takes hidden figures out; without any that may be hidden, nothing does.

    The pattern is settled over the whole bureau, each day's against that of today.
    """
    if not is_guarded(session, indicators):
        return None
    store, catalog, tree = session.store, session.catalog, session.tree
    present = build_cube(read_facts(store, OPERATOR), catalog, tree)

    def hide(figures: pl.DataFrame, moment: dt.datetime) -> pl.DataFrame:
        # The store takes what was approved before a moment, so its last instant is just after.
        known = read_facts(store, OPERATOR, None, moment + dt.timedelta(microseconds=1))
        whole = build_cube(known, catalog, tree, basis=basis)
        return suppress(figures, catalog, tree, session.viewer, whole, present)

    return hide
