"""Which rules were asked of a return and held, and which could not be asked, and why?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from data.checks.imported import imported_months
from data.checks.past import Pair, Recall
from data.checks.rules import Check, Outcome, cross_checks, outcomes
from data.checks.run import hierarchy_of, values_of
from data.checks.sets import field_bounds, is_form_clause, parsed_rules
from data.definition_types import Catalog, Rule
from data.returns.reading import Reading
from data.units import Tree

#: Why a condition could not be asked, the likeliest first; `none` is that it does not apply.
REASONS = ("not_here", "printed", "other_form", "blank", "history", "none", "table")


@dataclass(slots=True)
class Ran:
    """What became of one rule: how often it held or failed over measures and units.

    `unasked` counts by reason how often it could not be asked; `forms` are those it waits for.
    """

    rule: Rule
    held: int = 0
    failed: int = 0
    unasked: Counter[str] = field(default_factory=Counter)
    forms: set[str] = field(default_factory=set)

    @property
    def state(self) -> str:
        """Whether the rule failed, held, or could not be asked at all."""
        return "failed" if self.failed else "held" if self.held else "unasked"

    @property
    def reason(self) -> str:
        """The chief reason for which it could not be asked."""
        return max(self.unasked, key=lambda why: (self.unasked[why], why), default="not_here")


def rules_ran(
    reading: Reading, catalog: Catalog, tree: Tree, history: pl.DataFrame | Recall
) -> list[Ran]:
    """Return what became of every rule of the definitions, in their order."""
    found = {rule.code: Ran(rule) for rule in catalog.rules}
    _of_the_form(reading, catalog, found)
    period, values = reading.period, values_of(reading)
    if period is None or values.is_empty():
        return list(found.values())
    units = sorted(values["unit"].unique(), key=tree.order.__getitem__)
    checks = cross_checks(catalog)
    here = frozenset(values["measure"].unique())
    asked: set[int] = set()
    for outcome in outcomes(checks, values, history, period, units, catalog, hierarchy_of(tree)):
        for row, check in enumerate(outcome.checks):
            asked.add(id(check))
            _count(found[check.rule.code], outcome, row, check, here, catalog)
    for check in checks:
        if id(check) not in asked:
            is_printed = check.reads_print and here.intersection(check.measures)
            found[check.rule.code].unasked["printed" if is_printed else "not_here"] += 1
    return list(found.values())


def rules_ran_on_table(
    facts: pl.DataFrame,
    checks: tuple[Check, ...],
    history: pl.DataFrame,
    catalog: Catalog,
    tree: Tree,
) -> list[Ran]:
    """Return what became of every rule of the definitions when a flat table was checked.

    Needs: facts (LOADED) of the file; the conditions that its form must meet at import; history
    (FACTS) of the measures that they name.
    """
    found = {rule.code: Ran(rule) for rule in catalog.rules}
    asked = {check.rule.code for check in checks}
    for code in found.keys() - asked:
        found[code].unasked["table"] += 1
    hierarchy = hierarchy_of(tree)
    for month in imported_months(facts, checks, history, tree) if not facts.is_empty() else ():
        here = frozenset(month.values["measure"].unique())
        parts = (month.values, month.past, month.period, month.units, catalog, hierarchy)
        for outcome in outcomes(checks, *parts):
            for row, check in enumerate(outcome.checks):
                _count(found[check.rule.code], outcome, row, check, here, catalog)
    return list(found.values())


def _count(
    ran: Ran, outcome: Outcome, row: int, check: Check, here: frozenset[str], catalog: Catalog
) -> None:
    holds = outcome.holds[row]
    ran.held += int((holds == 1).sum())
    ran.failed += int((holds == 0).sum())
    unknown = np.flatnonzero(np.isnan(holds))
    if not len(unknown):
        return
    reads = sorted(pair for pair in outcome.reads if pair[0] in check.measures)
    known = ~np.isnan(outcome.seen.table[[outcome.seen.pairs[pair] for pair in reads]])
    for column in unknown.tolist():
        lacking = [pair for pair, there in zip(reads, known[:, column], strict=True) if not there]
        why = "printed" if check.reads_print and not lacking else _reason(lacking, here)
        ran.unasked[why] += 1
        if why == "other_form":
            ran.forms |= {catalog.measures[m].form for m, lag in lacking if not lag} - {
                catalog.measures[m].form for m in here
            }


def _reason(lacking: list[Pair], here: frozenset[str]) -> str:
    """Return why a condition could not be asked, from the figures that it lacks."""
    now = {measure for measure, lag in lacking if lag == 0}
    if now - here:
        return "other_form"
    if now:
        return "blank"
    return "history" if lacking else "none"


def _of_the_form(reading: Reading, catalog: Catalog, found: Mapping[str, Ran]) -> None:
    """Count what the form checks answer: limits of single cells, whose return, personal data."""
    cells = reading.cells.filter(pl.col("value").is_not_null())
    of = dict(cells.group_by("measure").len().iter_rows())
    for bound in field_bounds(catalog):
        count = int(of.get(bound.measure, 0))
        found[bound.rule].held += count
    for rule, _, clause in parsed_rules(catalog):
        if is_form_clause(clause) and rule.scope in ("identity", "privacy"):
            found[rule.code].held += reading.parts.height


def with_findings(rans: list[Ran], findings: pl.DataFrame) -> list[Ran]:
    """Return the list with what the form checks found counted as failed, not as held."""
    counted = dict(findings.group_by("rule").len().iter_rows())
    for ran in rans:
        lacking = int(counted.get(ran.rule.code, 0)) - ran.failed
        if lacking > 0:
            ran.failed += lacking
            ran.held = max(ran.held - lacking, 0)
    return rans
