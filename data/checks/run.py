"""What is the verdict on a return: its facts, every finding, and may it be submitted?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

import polars as pl

from data.checks.context import VALUES, Hierarchy
from data.checks.findings import (
    finding_id,
    form_findings,
    ignored_findings,
    rule_findings,
    sorted_findings,
)
from data.checks.later import later_findings
from data.checks.liberties import liberty_findings
from data.checks.past import Recall
from data.checks.prepare import judged_frames
from data.checks.rules import cross_checks, failing
from data.definition_types import Catalog
from data.definition_versions import version_in_force
from data.returns.reading import Reading
from data.returns.route import route_of, with_filers
from data.schema import FACTS, FINDINGS, conform, empty
from data.store.source import SHORTEST_ANSWER, Checked
from data.units import Tree, tree


class Judge(Protocol):
    """What makes the form checks: the process apart, or the expectations themselves."""

    def judge(self, frames: dict[str, pl.DataFrame]) -> list[dict[str, Any]]:
        """Return the failures that the expectations find."""
        ...


@dataclass(frozen=True, slots=True)
class CheckedReturn:
    """The verdict. Without the form checks (`is_complete` false) nothing can be submitted."""

    reading: Reading
    facts: pl.DataFrame
    findings: pl.DataFrame
    counts: Mapping[str, int]
    is_complete: bool

    @property
    def may_submit(self) -> bool:
        """Whether nothing stands in the way: no error, every question explained."""
        count = self.counts
        return (
            self.is_complete
            and count["errors"] == 0
            and count["questions"] == count["answered"]
            and self.facts.height > 0
        )

    def by_form(self, catalog: Catalog) -> list[Checked]:
        """Return one return a form, as the store files them; forms without figures are left out."""
        period, unit = self.reading.period, self.reading.unit
        units, found = tree(catalog), []
        written = self.reading.cells.select("sheet", "cell", written=as_written())
        written = written.unique(["sheet", "cell"])
        for code in self.reading.forms:
            form = catalog.forms[code]
            facts = self.facts.filter(pl.col("measure").is_in(form.measures))
            if facts.is_empty() or period is None:
                continue
            sheets = self.reading.parts.filter(pl.col("form") == code)["sheet"]
            findings = self.findings.filter(pl.col("sheet").is_in(sheets.implode()))
            facts = facts.join(written, on=["sheet", "cell"], how="left", maintain_order="left")
            facts = with_filers(catalog, units, unit, facts)
            route = route_of(catalog, units, form, unit, period)
            source = self.reading.source
            found.append(Checked(form, unit, period, source, facts, findings, route))
        return found


def as_written() -> pl.Expr:
    """Return what stands in a cell, null where that is just its number."""
    text = pl.col("text").str.strip_chars()
    is_number = text.cast(pl.Float64, strict=False) == pl.col("value")
    return pl.when(is_number.fill_null(False)).then(None).otherwise(text.str.head(40))


def check_return(
    reading: Reading,
    catalog: Catalog,
    tree: Tree,
    history: pl.DataFrame | Recall,
    worker: Judge | None,
    answers: Mapping[str, str] | None = None,
    step: Callable[[str], object] = lambda _: None,
) -> CheckedReturn:
    """Return the verdict on a reading.

    Needs: history (FACTS of the store, as far as the viewer sees, or what looks them up); worker,
    who makes the form checks. Without one their findings are missing and the verdict says so.
    `step` hears how far the work is.
    """
    findings = ignored_findings(reading) + liberty_findings(reading)
    step("checking")
    # The worker judges the cells in its own process while the rules are computed in this one.
    with ThreadPoolExecutor(max_workers=1) as aside:
        judged = None
        if reading.parts.height and worker is not None:
            judged = aside.submit(worker.judge, judged_frames(reading, catalog, tree))
        facts = _facts(reading, catalog)
        step("rules")
        crossed = _cross_findings(reading, catalog, tree, history)
        if judged is not None:
            findings += form_findings(judged.result(), reading, catalog, tree)
    findings += crossed
    frame = sorted_findings(findings, reading, tree, FINDINGS) if findings else empty(FINDINGS)
    frame = with_answers(frame, {**reading.answers, **(answers or {})})
    is_complete = worker is not None and reading.refusal is None
    return CheckedReturn(reading, facts, frame, _counts(reading, frame), is_complete)


def answer_findings(checked: CheckedReturn, answers: Mapping[str, str]) -> CheckedReturn:
    """Return the verdict with more explanations, by finding."""
    findings = with_answers(checked.findings, answers)
    counts = _counts(checked.reading, findings)
    return CheckedReturn(checked.reading, checked.facts, findings, counts, checked.is_complete)


def with_answers(findings: pl.DataFrame, answers: Mapping[str, str]) -> pl.DataFrame:
    """Return the findings with the explanations of queries that are long enough."""
    if findings.is_empty() or not answers:
        return findings
    given = []
    for row in findings.iter_rows(named=True):
        words = (answers.get(finding_id(row)) or "").strip()
        is_query = row["severity"] == "query"
        given.append(words if is_query and len(words) >= SHORTEST_ANSWER else row["answer"])
    return findings.with_columns(pl.Series("answer", given, dtype=pl.String))


def _facts(reading: Reading, catalog: Catalog) -> pl.DataFrame:
    """Return FACTS of every sound number that the unit owes; all else is left out."""
    sound = reading.cells.filter(
        pl.col("is_due"), pl.col("fault") == "", pl.col("value").is_not_null()
    )
    facts = sound.select(
        "measure",
        version_in_force(catalog.measures).alias("definition"),
        "unit",
        "period",
        "value",
        pl.lit("provisional").alias("status"),
        pl.lit(None, dtype=FACTS["vintage"]).alias("vintage"),
        pl.lit(None, dtype=pl.String).alias("submission"),
        "sheet",
        "cell",
    )
    return conform(facts, FACTS)


def _cross_findings(
    reading: Reading, catalog: Catalog, tree: Tree, history: pl.DataFrame | Recall
) -> list[dict[str, object]]:
    """Return what the rules between cells find, month by month."""
    period = reading.period
    if period is None or reading.cells.is_empty():
        return []
    values = values_of(reading)
    units = sorted(values["unit"].unique(), key=tree.order.__getitem__)
    checks, hierarchy = cross_checks(catalog), hierarchy_of(tree)
    failures = failing(checks, values, history, period, units, catalog, hierarchy)
    later = later_findings(values, reading.cells, history, period, catalog, hierarchy)
    return rule_findings(failures, reading.cells, catalog) + later


def values_of(reading: Reading) -> pl.DataFrame:
    """Return VALUES: each cell of a return as the rules read it; one with a fault is blank."""
    cells = reading.cells.filter(pl.col("is_due") | pl.col("is_total")).unique(
        ["unit", "measure"], keep="first", maintain_order=True
    )
    is_sound = pl.col("fault") == ""
    values = cells.select(
        "unit",
        "measure",
        pl.when(is_sound).then("value").alias("value"),
        pl.when(is_sound).then("decimals_found").alias("decimals"),
        "reported_ytd",
        "reported_same_period",
    )
    return conform(values, VALUES)


def hierarchy_of(tree: Tree) -> Hierarchy:
    """Return the tree as the rules need it."""
    parents = [code for code in tree.codes if tree.children(code)]
    own = {code: leaf for code in parents if (leaf := tree.own(code)) is not None}
    return Hierarchy(
        {code: tree.children(code) for code in parents},
        own,
        {code: tree.unit(code).opened for code in tree.codes},
    )


def _counts(reading: Reading, findings: pl.DataFrame) -> dict[str, int]:
    """Return the numbers of the verdict: cells read, passed, errors, questions, answered."""
    queries = findings.filter(pl.col("severity") == "query")
    marked = findings.filter(pl.col("severity").is_in(["mandatory", "query"]))
    filled = reading.cells.filter(pl.col("is_due"), pl.col("kind") != "empty")
    passed = filled.join(marked.select("sheet", "cell"), on=["sheet", "cell"], how="anti")
    return {
        "cells": filled.height,
        "passed": passed.height,
        "errors": findings.filter(pl.col("severity") == "mandatory").height,
        "questions": queries.height,
        "answered": queries.filter(pl.col("answer") != "").height,
        "notes": findings.filter(pl.col("severity") == "info").height,
    }
