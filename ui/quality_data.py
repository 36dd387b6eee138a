"""What does the page Data quality read? Findings, files, fates and changes of the units in scope.

Each month is counted once for the whole bureau; a reader gets what concerns units within sight.
"""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl

from data.access import OPERATOR
from data.checks.false_rates import Rate, read_rates, wilson
from data.definition_types import Catalog
from data.definition_work import Rule
from data.returns.quality import changes_over, findings_over, outcomes, returns_over
from metrics.quality import QUERY, change_sizes, first_pass, hot_spots, resolution
from ui import load
from ui.monthly import Span, counted, span_of, units_below
from ui.scope import Scope, Sight

#: Rules of the product's own form checks: what they ask, by code.
OWN_RULES = ("F01", "F02", "F03", "F04", "F05", "F06", "F07")
# What is counted of a month once it is locked stands in these indicators.
RECORDED = {"ontime": "d_ontime_rate", "passed": "d_first_pass_rate"}


@dataclass(frozen=True)
class Part:
    """What is seen: the units, the months, and what became of their returns."""

    units: tuple[str, ...]
    months: tuple[dt.date, ...]
    findings: pl.DataFrame
    returns: pl.DataFrame
    outcomes: pl.DataFrame
    changes: pl.DataFrame
    stamp: int

    @cached_property
    def asked(self) -> pl.DataFrame:
        """Return the findings that ask for an explanation."""
        return self.findings.filter(pl.col("severity") == QUERY)

    @cached_property
    def rules(self) -> pl.DataFrame:
        """Return how often each rule spoke."""
        return rules_table(self.findings)

    @cached_property
    def spots(self) -> pl.DataFrame:
        """Return where the same rule keeps asking the same unit."""
        return hot_spots(self.findings, self.outcomes)

    @cached_property
    def sizes(self) -> pl.DataFrame:
        """Return how far figures moved between one file and the next."""
        return change_sizes(self.changes, ())

    @cached_property
    def numbers(self) -> list[dict[str, Any]]:
        """Return each month in numbers."""
        return by_month(self)

    @cached_property
    def filed(self) -> int:
        """Return of how many units' months anything came."""
        return filed_by(self)


def part_of(scope: Scope) -> Part:
    """Return what the scope and the viewer's sight leave of the bureau's returns."""
    return _part(scope.unit, load.sight(scope).unit, span_of(scope))


def _part_made(top: str, seen: str, span: Span) -> Part:
    units = units_below(top, seen)

    def of(name: str) -> pl.DataFrame:
        return counted(name, span, COUNTS[name]).filter(pl.col("unit").is_in(units))

    frames = {name: of(name) for name in COUNTS}
    return Part(units, span.months, **frames, stamp=hash((load.version(), span)))


def _outcomes(first: dt.date, last: dt.date, day: dt.date) -> pl.DataFrame:
    """Return OUTCOMES of the whole bureau."""
    return outcomes(load.store(), OPERATOR, load.catalog(), load.tree(), first, last, day)


COUNTS = {
    "findings": lambda first, last, _: findings_over(load.store(), OPERATOR, first, last),
    "returns": lambda first, last, _: returns_over(load.store(), OPERATOR, first, last),
    "outcomes": _outcomes,
    "changes": lambda first, last, _: changes_over(load.store(), OPERATOR, first, last),
}
_part = load.cached(_part_made, 64)


def rule_of(catalog: Catalog, code: str) -> Rule | None:
    """Return a rule of the definitions; None for a check of the product's own."""
    return _rules(catalog.digest).get(code)


@load.cached
def _rules(digest: str) -> dict[str, Rule]:
    """Return the rules by code."""
    return {rule.code: rule for rule in load.catalog().rules}


@load.cached
def false_rates() -> dict[str, Rate]:
    """Return how often each rule asks about sound figures, where that was measured."""
    return read_rates(load.catalog())


def rule_words(scope: Scope, code: str) -> str:
    """Return what a rule asks, in words."""
    rule = rule_of(load.catalog(), code)
    if rule is not None:
        return rule.message.get(scope.lang)
    return scope.t(f"quality.own.{code}") if code in OWN_RULES else code


def filed_by(part: Part, code: str | None = None) -> int:
    """Return of how many units' months anything came, of the forms that a rule speaks of.

    That is what a rate of false queries is a share of: what one unit files for one month.
    """
    rule = rule_of(load.catalog(), code) if code else None
    came = part.outcomes.filter(pl.col("came").is_not_null())
    if rule is not None and rule.forms:
        came = came.filter(pl.col("form").is_in(rule.forms))
    return came.select("unit", "period").n_unique()


def rules_table(findings: pl.DataFrame) -> pl.DataFrame:
    """Return the rules that spoke, those that ask first, the most frequent first of each kind.

    Rows: one rule in one severity; `returns` counts what one unit files for one month.
    """
    found = findings.group_by("rule", "severity").agg(
        findings=pl.len(),
        answered=pl.col("answered").sum(),
        units=pl.col("unit").n_unique(),
        returns=pl.struct("unit", "period").n_unique(),
    )
    asks = pl.col("severity") == QUERY
    return found.sort(asks, "findings", "rule", descending=[True, True, False])


def beyond_expected(returns: int, filed: int, rate: Rate | None) -> str:
    """Return whether a rule asks more than it would of sound figures: more, same or unknown.

    More is only what two intervals of 95 % keep apart.

    >>> rate = Rate("R49", 1000, 30, 0, 0, dt.date(2024, 11, 1))
    >>> beyond_expected(20, 100, rate), beyond_expected(4, 100, rate), beyond_expected(4, 0, rate)
    ('more', 'same', 'unknown')
    """
    if rate is None or not filed or not rate.returns:
        return "unknown"
    low, _ = wilson(min(returns, filed), filed)
    return "more" if low > rate.interval[1] else "same"


def by_month(part: Part) -> list[dict[str, Any]]:
    """Return each month in numbers: returns due, in time, passed at once, asked, sent back, days.

    Months without anything filed here have zeros and no rates.
    """
    fates = {row["period"]: row for row in first_pass(part.outcomes, ("period",)).to_dicts()}
    files = {row["period"]: row for row in resolution(part.returns).to_dicts()}
    asked = part.asked.group_by("period").agg(questions=pl.len(), answered=pl.col("answered").sum())
    said = {row["period"]: row for row in asked.to_dicts()}
    none: dict[str, Any] = {}
    rows = []
    for month in part.months:
        fate, file = fates.get(month, none), files.get(month, none)
        names = ("returns", "came", "ontime", "passed", "waiting", "revised")
        more = ("files", "approved", "sent_back", "refused", "corrected")
        rows.append(
            {
                "period": month,
                **{name: fate.get(name) or 0 for name in names},
                **{name: file.get(name) or 0 for name in more},
                **{
                    name: said.get(month, none).get(name) or 0 for name in ("questions", "answered")
                },
                "days": file.get("median_days"),
            }
        )
    return rows


def recorded(scope: Scope, months: tuple[dt.date, ...]) -> dict[tuple[str, dt.date], Any]:
    """Return the rates of the unit in scope as they entered the record, by indicator and month."""
    return _recorded(load.sight(scope).unit, scope.unit, months)


@load.cached
def _recorded(
    seen: str, unit: str, months: tuple[dt.date, ...]
) -> dict[tuple[str, dt.date], dict[str, Any]]:
    codes = tuple(code for code in RECORDED.values() if code in load.catalog().indicators)
    if not codes:
        return {}
    found = load.figures(Sight(seen), codes, (unit,), months, "month")
    shown = found.filter(pl.col("value").is_not_null(), ~pl.col("suppressed"))
    return {(row["indicator"], row["period"]): row for row in shown.iter_rows(named=True)}
