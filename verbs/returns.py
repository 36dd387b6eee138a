"""Templates, checks and imports on the command line."""

import argparse
import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from data.definition_types import Form
from data.periods import add_months
from data.said import SpokenError
from data.schema import FACTS, FINDINGS
from data.store.record import ImportReport, Load, Source, import_files
from data.store.snapshot import end_of_day, read_facts
from data.texts import text
from verbs.backcast import under_definition
from verbs.session import Session, UsageError, day, month
from verbs.show import show, words

if TYPE_CHECKING:
    from data.returns.flat import FlatFile
    from data.returns.reading import Reading

REPORT = [
    *("file", "receipt", "facts", "new", "revised", "withdrawn", "unchanged"),
    *("first_period", "last_period"),
]
# Questions said one by one when a file is imported.
MOST_QUERIES = 20
# By so many measures it is told which units a file has.
MOST_MEASURES = 5
MARK = {"mandatory": "✗", "query": "?", "info": "·"}


def import_(session: Session, args: argparse.Namespace) -> int:
    """Load history from files, all or none, and report what each changed."""
    form = session.form(args.form)
    unit = session.unit(args.unit) if args.unit else None
    period = month(args.period) if args.period else None
    vintage = vintage_of(session, args.vintage)
    loads, blocked = [], 0
    for name in args.files:
        load, findings = loaded_file(session, Path(name), form, unit, period)
        blocked += tell(session, findings, name if len(args.files) > 1 else Path(name).name)
        loads.append(under_definition(load, form, session.catalog, args.definition))
    if blocked:
        words(text("cli.import.blocked", session.lang, count=blocked))
        return 1
    store = session.created_store()
    digest = session.catalog.digest
    reports = import_files(store, session.viewer, loads, form, vintage, digest)
    show(report_frame(reports), args.format)
    for report in reports:
        key = "cli.import.done" if report.receipt else "cli.import.nothing"
        values = {name: getattr(report, name) for name in REPORT}
        words(text(key, session.lang, **values))
    if args.definition:
        words(text("cli.import.back_cast", session.lang, version=args.definition))
    return 0


def loaded_file(
    session: Session, path: Path, form: Form, unit: str | None, period: dt.date | None
) -> tuple[Load, pl.DataFrame]:
    """Return what a file says and what is wrong with it: a flat table, or a return's workbook."""
    from data.returns.flat import read_flat
    from data.returns.flat_table import FileError

    try:
        found = read_flat(path, form, session.catalog, unit, period)
        findings = found_in(session, form, found, unit)
    except FileError as error:
        if not _may_be_return(path, form, error):
            raise
        asked = argparse.Namespace(file=str(path), form=form.code, unit=unit, period=None)
        verdict = checked_file(session, asked)
        facts = verdict.facts.filter(pl.col("measure").is_in(form.measures))
        if period is not None:
            facts = facts.filter(pl.col("period") == period)
        # The reading's own name of the file: whoever signed within is struck out of it.
        return Load(verdict.reading.source, facts, None, unit or ""), verdict.findings
    load = Load(Source.of_path(path), found.facts, found.scope, unit or "", found.final)
    return load, findings


def found_in(session: Session, form: Form, found: "FlatFile", unit: str | None) -> pl.DataFrame:
    """Return what is wrong with a file by itself, by the rules, and beside earlier imports."""
    rules = rules_of(session, form, found.facts)
    return pl.concat([found.findings, rules, absent_from(session, found.facts, unit)])


def rules_of(session: Session, form: Form, facts: pl.DataFrame) -> pl.DataFrame:
    """Return what the rules say of imported facts together with what is stored."""
    from data.checks.imported import (
        as_questions,
        checks_at_import,
        imported_findings,
        is_filed,
        measures_asked,
    )

    checks = checks_at_import(session.catalog, form)
    if not checks:
        return pl.DataFrame(schema=FINDINGS)
    history = _stored(session, measures_asked(checks))
    found = imported_findings(facts, checks, history, session.catalog, session.tree)
    return as_questions(found) if is_filed(form) else found


def absent_from(session: Session, facts: pl.DataFrame, unit: str | None) -> pl.DataFrame:
    """Return which units lack rows in a file, beside what was imported of the form before it."""
    from data.checks.absent import absent_findings

    if facts.is_empty():
        return pl.DataFrame(schema=FINDINGS)
    # The measures that most rows have tell who is there; a nation's history is large.
    most = facts["measure"].value_counts(sort=True)["measure"].head(MOST_MEASURES).to_list()
    held: list[dt.date] = facts["period"].unique().sort().to_list()
    # A year back, so that a form of any frequency was imported before.
    months = (add_months(held[0], -12), held[-1])
    history = _stored(session, most, months)
    return absent_findings(facts, history, session.catalog, session.tree, unit)


def _stored(
    session: Session, measures: Sequence[str], months: tuple[dt.date, dt.date] | None = None
) -> pl.DataFrame:
    if not session.store.exists():
        return pl.DataFrame(schema=FACTS)
    return read_facts(session.store, session.viewer, measures, months=months)


def vintage_of(session: Session, written: str | None) -> dt.datetime | None:
    """Return the last second of the day on which figures are said to have been approved.

    Of today it is this moment, so that what is approved later today still counts as later.
    """
    if not written:
        return None
    end = end_of_day(day(written), session.catalog.bureau.timezone)
    now = dt.datetime.now(dt.UTC)
    if now < end - dt.timedelta(days=1):
        raise UsageError(key="cli.error.future", day=written)
    return min(end - dt.timedelta(seconds=1), now).astimezone(dt.UTC)


def report_frame(reports: list[ImportReport]) -> pl.DataFrame:
    """Return one row a file."""
    rows = [{name: getattr(report, name) for name in REPORT} for report in reports]
    return pl.DataFrame(rows, schema_overrides={"first_period": pl.Date, "last_period": pl.Date})


def tell(session: Session, findings: pl.DataFrame, file: str = "") -> int:
    """Say each finding in words and return how many are mandatory; notes are only counted.

    Of many questions the first are said: `kpi check` lists them all.
    """
    lang = session.lang
    said = findings.filter(pl.col("severity") == "mandatory")
    queries = findings.filter(pl.col("severity") == "query")
    for row in pl.concat([said, queries.head(MOST_QUERIES)]).iter_rows(named=True):
        parts = [file, row["sheet"] or "", row["cell"] or ""]
        place = "!".join(part for part in parts if part)
        line = (
            f"{MARK[row['severity']]} {place}: {row[f'message_{lang}']} {row[f'fix_{lang}'] or ''}"
        )
        words(line.strip())
    if queries.height > MOST_QUERIES:
        words(text("cli.queries", lang, count=queries.height - MOST_QUERIES))
    notes = findings.filter(pl.col("severity") == "info").height
    if notes:
        words(text("cli.notes", lang, count=notes))
    return said.height


def checked_file(session: Session, args: argparse.Namespace):
    """Return the verdict on a return's workbook."""
    from data.checks.run import check_return
    from data.checks.worker import shared_worker
    from data.returns.read import read_workbook

    worker = shared_worker()
    path = Path(args.file)
    if not path.is_file():
        raise UsageError(key="cli.error.no_file", file=args.file)
    form = session.form(args.form).code if args.form else None
    unit = session.unit(args.unit) if args.unit else None
    period = month(args.period) if args.period else None
    reading = read_workbook(path, session.catalog, session.tree, form, unit, period)
    refused_file(session, path, reading)
    return check_return(reading, session.catalog, session.tree, _history(session), worker)


def _history(session: Session) -> pl.DataFrame:
    """Return what the record knows, as far as the person may see."""
    store = session.store
    return read_facts(store, session.viewer) if store.exists() else pl.DataFrame(schema=FACTS)


def refused_file(session: Session, path: Path, reading: "Reading") -> None:
    """Stop with the reason where a file could not be read at all."""
    if reading.refusal:
        key, values = reading.refusal
        reason = text(key, session.lang, **values)
        raise UsageError(key="cli.error.refused_file", file=path.name, reason=reason)


def check(session: Session, args: argparse.Namespace) -> int:
    """Print every finding of a return; nothing is stored."""
    form = session.form(args.form) if args.form else None
    from data.returns.flat_table import FileError

    is_table = form is not None and Path(args.file).suffix.lower() != ".xlsx"
    if is_table or _is_flat_only(form):
        try:
            return _check_flat(session, args, form)
        except FileError as error:
            if form is None or not _may_be_return(Path(args.file), form, error):
                raise
    verdict = checked_file(session, args)
    counts = verdict.counts
    if args.effect:
        from verbs.effect import show_effect

        show_effect(session, args, verdict)
        tell(session, verdict.findings)
    else:
        show(verdict.findings, args.format)
    words(
        text(
            "cli.checked", session.lang, **{k: counts[k] for k in ("cells", "errors", "questions")}
        )
    )
    if args.output:
        from data.returns.annotate import annotate

        content, target = Path(args.file).read_bytes(), Path(args.output)
        annotate(content, verdict, session.catalog, target, session.lang)
    if args.errors:
        write_errors(session, args, verdict.findings, counts)
    if args.report:
        from verbs.checkup import write_report

        write_report(session, args, verdict, _history(session))
    return 1 if counts["errors"] else 0


def write_errors(
    session: Session, args: argparse.Namespace, findings: pl.DataFrame, counts: Mapping[str, int]
) -> None:
    """Write the findings as a workbook to work off."""
    from reports.findings_book import Checkup, findings_bytes

    checkup = Checkup(Path(args.file).name, findings.rows(named=True), counts)
    made = findings_bytes(checkup, session.catalog, session.tree, session.lang)
    Path(args.errors).write_bytes(made)
    words(text("cli.written", session.lang, file=args.errors, count=findings.height))


def _may_be_return(path: Path, form: Form, error: SpokenError) -> bool:
    """Return whether a file that is no flat table of a form may still be its workbook."""
    from data.returns.book import SUFFIXES

    is_laid_out = bool({"unit", "collection"} & set(form.layouts))
    is_other = error.key in ("flat.error.header", "flat.error.layout")
    return is_laid_out and is_other and path.suffix.lower() in SUFFIXES


def _is_flat_only(form: Form | None) -> bool:
    from data.returns.flat_layout import LAYOUTS

    return form is not None and set(form.layouts) <= set(LAYOUTS)


def _check_flat(session: Session, args: argparse.Namespace, form: Form | None) -> int:
    from data.returns.flat import read_flat

    if form is None:
        raise UsageError(key="cli.error.check_form", file=args.file)
    unit = session.unit(args.unit) if args.unit else None
    period = month(args.period) if args.period else None
    found = read_flat(Path(args.file), form, session.catalog, unit, period)
    findings = found_in(session, form, found, unit)
    show(findings, args.format)
    errors = findings.filter(pl.col("severity") == "mandatory").height
    questions = findings.filter(pl.col("severity") == "query").height
    counts = {"cells": found.facts.height, "errors": errors, "questions": questions}
    words(text("cli.checked", session.lang, **counts))
    for option, given in (("--effect", args.effect), ("-o", args.output)):
        if given:
            words(text("cli.not_of_tables", session.lang, option=option))
    if args.errors:
        notes = findings.height - errors - questions
        write_errors(session, args, findings, {**counts, "notes": notes})
    if args.report:
        from verbs.checkup import write_table_report

        write_table_report(session, args, form, found, findings)
    return 1 if errors else 0
