"""How returns fared, on the command line: by unit, by rule, one by one, how long."""

import argparse
import datetime as dt
from dataclasses import dataclass

import polars as pl

from data.periods import months_between
from data.returns.quality import changes_over, filed_months, findings_over, outcomes, returns_over
from data.returns.recording import record_month
from data.texts import text
from metrics.quality import findings_by_rule, first_pass, own_history, resolution
from verbs.figures import asked_periods
from verbs.session import Session, UsageError, month, word
from verbs.show import show, words

BY = ("unit", "rule", "returns", "resolution", "history")
MOST = 24  # months that are looked at unless others are named


@dataclass(frozen=True, slots=True)
class _Asked:
    """Which months and units a command is about; no units: all within sight."""

    months: tuple[dt.date, ...]
    units: tuple[str, ...]

    def of(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the rows of these months and units."""
        rows = frame.filter(pl.col("period").is_in(list(self.months)))
        return rows.filter(pl.col("unit").is_in(list(self.units))) if self.units else rows


def quality(session: Session, args: argparse.Namespace) -> int:
    """Print how returns fared; or write what is counted of a month into the record."""
    if args.record:
        return _record(session, args)
    by = word(args.by or BY[0], BY, "--by")
    asked = _asked(session, args)
    found = SHOWN[by](session, asked)
    days = [name for name in ("due", "came") if found.schema.get(name) == pl.Date]
    show(found.with_columns(pl.col(days).dt.to_string()), args.format)
    return 0


def _asked(session: Session, args: argparse.Namespace) -> _Asked:
    """Return the months named, else the latest of those for which anything was filed."""
    units = session.tree.subtree(session.unit(args.unit), gone=True) if args.unit else ()
    months = asked_periods(args)
    if not months:
        filed = filed_months(session.store)
        if not filed:
            raise UsageError(key="cli.error.nothing_filed", store=session.store.shown)
        months = [period for period in months_between(filed[0], filed[-1])][-MOST:]
    return _Asked(tuple(sorted(months)), tuple(units))


def _record(session: Session, args: argparse.Namespace) -> int:
    """Write what is counted of a month's returns into the record, without locking it."""
    if not args.period or args.unit or args.by:
        raise UsageError(key="cli.error.record_alone")
    period = month(args.period)
    who = (session.store, session.viewer, session.catalog, session.tree)
    changed = record_month(*who, period)
    key = "cli.counted" if changed else "cli.counted_same"
    words(text(key, session.lang, period=args.period, count=changed))
    return 0


def _outcomes(session: Session, asked: _Asked) -> pl.DataFrame:
    who = (session.store, session.viewer, session.catalog, session.tree)
    today = session.catalog.bureau.today
    return asked.of(outcomes(*who, asked.months[0], asked.months[-1], today))


def _findings(session: Session, asked: _Asked) -> pl.DataFrame:
    span = (asked.months[0], asked.months[-1])
    return asked.of(findings_over(session.store, session.viewer, *span))


def _by_unit(session: Session, asked: _Asked) -> pl.DataFrame:
    """Return how many returns of each unit and month were in time and passed at once."""
    rows = first_pass(_outcomes(session, asked))
    order = pl.col("unit").replace_strict(session.tree.order, default=None, return_dtype=pl.Int64)
    return rows.sort("period", order, nulls_last=True)


def _by_rule(session: Session, asked: _Asked) -> pl.DataFrame:
    return findings_by_rule(_findings(session, asked))


def _resolution(session: Session, asked: _Asked) -> pl.DataFrame:
    span = (asked.months[0], asked.months[-1])
    return resolution(asked.of(returns_over(session.store, session.viewer, *span)))


def _history(session: Session, asked: _Asked) -> pl.DataFrame:
    span = (asked.months[0], asked.months[-1])
    changes = asked.of(changes_over(session.store, session.viewer, *span))
    return own_history(_findings(session, asked), changes)


SHOWN = {
    "unit": _by_unit,
    "rule": _by_rule,
    "returns": _outcomes,
    "resolution": _resolution,
    "history": _history,
}
