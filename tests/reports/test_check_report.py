"""Does the report of a check stand alone, and say what was found, by which rule, and what ran?"""

import datetime as dt
import re

import polars as pl
import pytest

from data.catalog import load_catalog
from data.checks.false_rates import read_rates
from data.checks.ran import Ran
from data.schema import FINDINGS
from data.units import tree
from reports.check_report import CheckReport, rate_words, report_html

CATALOG = load_catalog()
TREE = tree(CATALOG)
NOW = dt.datetime(2024, 11, 3, 2, 5, tzinfo=dt.UTC)
PERIOD = dt.date(2024, 10, 1)
RULES = {rule.code: rule for rule in CATALOG.rules}


def finding(rule: str, severity: str, cell: str, **more: str) -> dict[str, object]:
    row = {name: "" for name in FINDINGS.names()}
    row |= {"rule": rule, "severity": severity, "unit": "yz0101", "measure": "calls_valid"}
    row |= {"sheet": "接处警", "cell": cell, "value": "71"}
    for lang in ("zh", "en"):
        row |= {f"message_{lang}": f"{rule} message", f"fix_{lang}": f"{rule} fix"}
    return {**row, **more, "period": PERIOD}


def report(*rows: dict[str, object], **more: object) -> CheckReport:
    findings = pl.DataFrame(list(rows), schema=FINDINGS, orient="row")
    severity = findings["severity"]
    counts = {
        "cells": 84,
        "passed": 80,
        "errors": int((severity == "mandatory").sum()),
        "questions": int((severity == "query").sum()),
        "answered": findings.filter(pl.col("answer") != "").height,
        "notes": int((severity == "info").sum()),
    }
    rules = [Ran(RULES["R01"], held=3), Ran(RULES["R02"], held=2, failed=1), Ran(RULES["R23"])]
    rules[2].unasked["other_form"] = 2
    rules[2].forms = {"M04"}
    parts = ("a.xlsx", "ab" * 32, "yz0101", PERIOD, ["M01"], findings, counts, rules)
    return CheckReport(*parts, **more)  # type: ignore[arg-type]


def page(made: CheckReport, lang: str = "en") -> str:
    return report_html(made, CATALOG, TREE, lang, NOW)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_needs_nothing_from_anywhere_and_prints_on_a4(lang: str) -> None:
    made = page(report(finding("R02", "mandatory", "D8")), lang)
    assert not re.search(r"https?:|src=|@import|url\(|<script|<link", made)
    assert "size: A4" in made
    assert "2024-11-03 10:05" in made  # by the bureau's clock


def test_each_finding_has_its_cell_what_was_found_what_to_do_and_its_rule() -> None:
    made = page(report(finding("R02", "mandatory", "D8"), finding("R60", "query", "D9")))
    for words in ("<b>D8</b>", "R02 message", "R02 fix", "<b>R02</b>", "filed as 71"):
        assert words in made
    assert "1 to correct before this can be filed. 1 more to explain." in made
    assert rate_words(read_rates(CATALOG)["R60"], "en") in made


def test_the_verdict_follows_what_is_open() -> None:
    asked = finding("R60", "query", "D9")
    assert "No errors; 1 to explain" in page(report(asked))
    answered = {**asked, "answer": "核对属实，专项行动所致"}
    assert "Sound: this can be filed" in page(report(answered))
    assert "Explained: 核对属实，专项行动所致" in page(report(answered))
    assert "Sound: this can be imported" in page(report(is_table=True))
    assert "form checks could not be made" in page(report(is_complete=False))


def test_rules_that_held_are_counted_and_those_that_could_not_run_say_why() -> None:
    made = page(report())
    assert "All held: R01." in made
    # Three rules within the month: one held, one failed once, one was not asked; 3 + 2 of 6 held.
    cells = "".join(f"<td class=n>{n}</td>" for n in (3, 1, 1, 1, 6, 5))
    assert f"<td>Within this month, between figures and forms</td>{cells}" in made
    assert "waits for other forms (M04 Fraud and recovery)" in made


def test_what_a_file_says_is_never_markup() -> None:
    made = page(report(finding("R47", "mandatory", "D8", value="<img src=x>", sheet="<b>s")))
    assert "<img" not in made
    assert "&lt;img" in made
    assert "<b>s" not in made


def test_a_rule_that_was_changed_since_it_was_measured_has_no_rate() -> None:
    assert "R60" in read_rates(CATALOG)
    assert rate_words(None, "en") == "false-query rate not measured"
