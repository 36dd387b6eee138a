"""Blank and prefilled forms on the command line: for one unit, or for each unit below one."""

import argparse
import datetime as dt
from pathlib import Path

import polars as pl

from data.periods import add_months
from data.store.snapshot import read_facts
from data.texts import text
from verbs.returns import refused_file
from verbs.session import Session, UsageError, listed, month
from verbs.show import words

ALL, RECORD = "all", "record"


def template(session: Session, args: argparse.Namespace) -> int:
    """Write the pre-filled workbook of a unit's return, or of each filing unit below it."""
    from data.returns.template import write_template

    forms = _forms(session, args.form)
    unit, period = session.unit(args.unit), month(args.period)
    target = Path(args.output)
    if not target.parent.is_dir():
        raise UsageError(key="cli.error.no_folder", folder=str(target.parent))
    if args.each:
        return _each(session, args, forms, unit, period)
    facts = _facts(session, period)
    values = _values(session, args.fill, forms, unit, period)
    held = write_template(
        session.catalog, session.tree, forms, unit, period, target, facts, values, session.lang
    )
    words(text("cli.template", session.lang, file=target, forms=", ".join(held)))
    return 0


def _each(
    session: Session, args: argparse.Namespace, forms: list[str], unit: str, period: dt.date
) -> int:
    """Write a workbook for each filing unit below a unit, into an archive or a folder."""
    from data.returns.template_set import archived, each_template

    if args.fill and args.fill != RECORD:
        raise UsageError(key="cli.template_each.one_file")
    target = Path(args.output)
    values = _values(session, args.fill, forms, unit, period)
    made = dict(
        each_template(
            session.viewer,
            session.catalog,
            session.tree,
            forms,
            unit,
            period,
            _facts(session, period),
            values,
            session.lang,
        )
    )
    if target.suffix.lower() == ".zip":
        target.write_bytes(archived(iter(made.items())))
    else:
        there = [name for name in made if (target / name).exists()]
        if there:
            raise UsageError(key="cli.template_each.exists", folder=str(target), file=there[0])
        target.mkdir(exist_ok=True)
        for name, content in made.items():
            (target / name).write_bytes(content)
    words(text("cli.template_each.done", session.lang, count=len(made), file=target))
    return 0


def _forms(session: Session, written: str) -> list[str]:
    from data.returns.template_set import forms_by_hand

    if written.strip().casefold() == ALL:
        found = forms_by_hand(session.catalog)
        if not found:
            raise UsageError(key="cli.template_each.none")
        return found
    return [session.form(code).code for code in listed(written, "--form")]


def _facts(session: Session, period: dt.date) -> pl.DataFrame | None:
    """Return what the store knows of the two years before a month, as far as the viewer sees."""
    if not session.store.exists():
        return None
    months = (add_months(period, -24), add_months(period, -1))
    return read_facts(session.store, session.viewer, months=months)


def _values(
    session: Session, given: str | None, forms: list[str], unit: str, period: dt.date
) -> pl.DataFrame | None:
    """Return the figures to fill in: those of another workbook, or those approved already."""
    if not given:
        return None
    if given == RECORD:
        if not session.store.exists():
            return None
        measures = [m for code in forms for m in session.catalog.forms[code].measures]
        return read_facts(session.store, session.viewer, measures, months=(period, period))
    from data.returns.read import read_workbook

    if not Path(given).is_file():
        raise UsageError(key="cli.error.no_file", file=given)
    reading = read_workbook(Path(given), session.catalog, session.tree)
    refused_file(session, Path(given), reading)
    within = [u for u in reading.facts["unit"].unique() if session.tree.is_within(u, unit)]
    found = reading.facts.filter(
        pl.col("period") == period,
        pl.col("unit").is_in([unit, *within]),
        pl.col("measure").is_in([m for f in forms for m in session.catalog.forms[f].measures]),
    )
    left = reading.facts.height - found.height
    words(text("cli.template_each.filled", session.lang, count=found.height, left=left))
    return found
