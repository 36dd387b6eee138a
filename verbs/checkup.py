"""The report of a check on the command line: one page that needs nothing from anywhere."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from data.checks.imported import checks_at_import, measures_asked
from data.checks.ran import rules_ran_on_table, with_findings
from data.checks.run import CheckedReturn
from data.definition_types import Form
from data.schema import FACTS
from data.store.snapshot import read_facts
from data.store.source import Source
from data.texts import text
from reports.check_report import CheckReport, report_html, return_report
from verbs.session import Session, UsageError
from verbs.show import words

if TYPE_CHECKING:
    from data.returns.flat import FlatFile


def write_report(
    session: Session, args: argparse.Namespace, verdict: CheckedReturn, history: pl.DataFrame
) -> None:
    """Write what the check of a return came to."""
    _write(session, args, return_report(verdict, session.catalog, session.tree, history))


def write_table_report(
    session: Session,
    args: argparse.Namespace,
    form: Form,
    found: "FlatFile",
    findings: pl.DataFrame,
) -> None:
    """Write what the check of a flat table came to."""
    checks = checks_at_import(session.catalog, form)
    history = pl.DataFrame(schema=FACTS)
    if checks and session.store.exists():
        history = read_facts(session.store, session.viewer, measures_asked(checks))
    rules = rules_ran_on_table(found.facts, checks, history, session.catalog, session.tree)
    severity = findings["severity"]
    source = Source.of_path(Path(args.file))
    months = found.facts["period"].unique()
    counts = {
        "cells": found.facts.height,
        "errors": int((severity == "mandatory").sum()),
        "questions": int((severity == "query").sum()),
        "notes": int((severity == "info").sum()),
    }
    report = CheckReport(
        source.name,
        source.sha256,
        args.unit or "",
        months[0] if len(months) == 1 else None,
        [form.code],
        findings,
        counts,
        with_findings(rules, findings),
        is_table=True,
    )
    _write(session, args, report)


def _write(session: Session, args: argparse.Namespace, report: CheckReport) -> None:
    target = Path(args.report)
    if target.suffix.lower() not in (".html", ".htm"):
        raise UsageError(key="cli.error.report_file")
    if not target.parent.is_dir():
        raise UsageError(key="cli.error.no_folder", folder=str(target.parent))
    made = report_html(report, session.catalog, session.tree, session.lang)
    target.write_text(made, encoding="utf-8")
    words(text("cli.written", session.lang, file=target, count=report.findings.height))
