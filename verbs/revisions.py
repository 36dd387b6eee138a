"""How figures came to be and how far they moved, on the command line."""

import argparse
import datetime as dt

import polars as pl

from data.schema import WINDOW
from data.store.days import first_locks
from data.store.snapshot import read_history
from metrics.plan import measures_of
from metrics.revisions import only_revised, revision_summary, revision_triangle
from verbs.figures import asked_periods, asked_units, hidden
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
    units = asked_units(session, args.unit, args.level)
    as_of = day(args.as_of) if args.as_of else None
    history = read_history(
        session.store, session.viewer, measures_of(session.catalog, indicators), as_of
    )
    if not history.height:
        raise UsageError(key="cli.error.no_facts", store=session.store.shown)
    periods = asked_periods(args) or sorted(history["period"].unique())
    scope = None if session.viewer.sees() is None else session.viewer.unit
    locks = first_locks(session.store, as_of)
    zone = session.store.timezone
    found = revision_triangle(
        history, session.catalog, indicators, units, periods, window, locks, zone,
        session.tree, scope, _hider(session, indicators),
    )  # fmt: skip
    if args.summary:
        show(revision_summary(found), args.format)
        return 0
    found = only_revised(found) if args.only_revised else found
    vintage = pl.col("day").dt.strftime("%Y-%m-%d")
    show(found.with_columns(vintage=vintage).select(PRINTED), args.format)
    return 0


def _hider(session: Session, indicators: list[str]):
    """Return what takes hidden figures out; without any that may be hidden, nothing does."""
    flags = {flag for code in indicators for flag in session.catalog.indicators[code].flags}
    if not flags & {"W", "S"}:
        return None

    def hide(figures: pl.DataFrame, moment: dt.datetime) -> pl.DataFrame:
        # The store takes what was approved before a moment, so its last instant is just after.
        shown = hidden(session, figures, None, moment + dt.timedelta(microseconds=1))
        value = pl.when(~pl.col("suppressed")).then("value").alias("value")
        return shown.with_columns(value)

    return hide
