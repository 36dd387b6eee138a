"""Which rules do imported figures break, taken together with what is stored already?

Forms that others publish are never filed as returns; their rules are asked when a file comes in.
Two forms that state the same total are so compared whichever of them comes first.

What units file comes in as history too: figures that were approved once, which only their unit may
amend. Their rules are asked as well, but what they find is a question and holds nothing up; how a
figure compares with usual levels is not asked of the past.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from data.checks.context import VALUES
from data.checks.findings import rule_findings
from data.checks.grammar import Count, walk
from data.checks.rules import Check, cross_checks, failing
from data.checks.run import hierarchy_of
from data.definition_types import Catalog, Form
from data.returns.flat_layout import LAYOUTS
from data.schema import FINDINGS, conform, empty
from data.units import Tree

#: What compares a figure with usual levels, or asks what else stands on the form.
_OF_THE_DESK = frozenset({"median12", "mad12", "surprise", "has"})
UNSAID = ("decimals", "reported_ytd", "reported_same_period")


def checks_at_import(catalog: Catalog, form: Form) -> tuple[Check, ...]:
    """Return the conditions that are asked of a form's import.

    Of a form that others publish those over published forms alone; of one that units file all that
    hold or do not, of leaves.
    """
    of_form = [check for check in cross_checks(catalog) if form.code in check.rule.forms]
    if is_filed(form):
        return tuple(check for check in of_form if not _is_of_the_desk(check))
    published = {c for c, item in catalog.forms.items() if not is_filed(item)}
    return tuple(check for check in of_form if set(check.rule.forms) <= published)


def _is_of_the_desk(check: Check) -> bool:
    """Return whether a condition is asked of a return alone, not of history."""
    is_counting = any(isinstance(node, Count) for node in walk(check.condition))
    is_printed = check.is_of_parents or check.reads_print
    return is_counting or is_printed or bool(check.calls & _OF_THE_DESK)


def is_filed(form: Form) -> bool:
    """Return whether units file a form as a return; other forms are only imported."""
    return not set(form.layouts) <= set(LAYOUTS)


def as_questions(findings: pl.DataFrame) -> pl.DataFrame:
    """Return findings none of which holds up an import of history."""
    softened = pl.col("severity").replace({"mandatory": "query"})
    return findings.with_columns(softened)


def measures_asked(checks: tuple[Check, ...]) -> list[str]:
    """Return the measures that conditions name."""
    return list(dict.fromkeys(code for check in checks for code in check.measures))


def imported_findings(
    facts: pl.DataFrame,
    checks: tuple[Check, ...],
    history: pl.DataFrame,
    catalog: Catalog,
    tree: Tree,
) -> pl.DataFrame:
    """Return a finding for each condition that the facts of a file do not meet, by cell.

    Needs: facts (LOADED) of one file; history (FACTS) of the measures that the conditions name.
    """
    if not checks or facts.is_empty():
        return empty(FINDINGS)
    hierarchy = hierarchy_of(tree)
    found = []
    for month in imported_months(facts, checks, history, tree):
        asked = (month.values, month.past, month.period, month.units, catalog, hierarchy)
        found += rule_findings(failing(checks, *asked), _placed(month.rows, tree), catalog)
    for row in found:
        short = tree.unit(row["unit"]).short
        row["message_zh"] = f"{short.zh}：{row['message_zh']}"
        row["message_en"] = f"{short.en}: {row['message_en']}"
    return pl.DataFrame(found, schema=FINDINGS, orient="row") if found else empty(FINDINGS)


@dataclass(frozen=True, slots=True)
class Month:
    """One month of a file as the rules are asked about it: its values, and what stands beside."""

    period: dt.date
    rows: pl.DataFrame
    values: pl.DataFrame
    past: pl.DataFrame
    units: list[str]


def imported_months(
    facts: pl.DataFrame, checks: tuple[Check, ...], history: pl.DataFrame, tree: Tree
) -> Iterator[Month]:
    """Give the months of a file, oldest first, together with what is stored already.

    Needs: facts (LOADED) of one file; history (FACTS) of the measures that the conditions name.
    """
    known = facts.filter(pl.col("measure").is_in(measures_asked(checks)))
    past = pl.concat(
        [part.select("unit", "measure", "period", "value") for part in (known, history)]
    ).unique(["unit", "measure", "period"], keep="first", maintain_order=True)
    has_parents = any(check.is_of_parents for check in checks)
    for key, rows in known.sort("period").partition_by("period", as_dict=True).items():
        unsaid = [pl.lit(None, pl.Float64).alias(name) for name in UNSAID]
        values = conform(rows.select("unit", "measure", "value", *unsaid), VALUES)
        units = set(rows["unit"])
        if has_parents:
            # Without a figure of its own a parent has nothing to be compared with.
            units |= {tree.parent(unit) or unit for unit in units if tree.is_own(unit)}
        ordered = sorted(units, key=tree.order.__getitem__)
        yield Month(key[0], rows, values, past, ordered)


def _with_parents(cells: pl.DataFrame, units: set[str], tree: Tree) -> pl.DataFrame:
    """Add where a unit that does not file is spoken of: at what its own level states, else nowhere.

    A published total of a province stands under the province's own unit.
    """
    filing = set(cells["unit"])
    parts = [cells]
    for unit in sorted(units - filing):
        own = cells.filter(pl.col("unit") == (tree.own(unit) or ""))
        if own.is_empty():
            blank = [pl.lit("").alias("measure"), pl.lit("").alias("text")]
            nowhere = [pl.lit(None, pl.String).alias(name) for name in ("sheet", "cell")]
            own = cells.head(1).with_columns(*blank, *nowhere)
        parts.append(own.with_columns(unit=pl.lit(unit)))
    return pl.concat(parts)


def _placed(rows: pl.DataFrame, tree: Tree) -> pl.DataFrame:
    """Return the cells of facts; what a unit's own leaf files stands for the unit as well."""
    cells = rows.with_columns(text=pl.col("value").cast(pl.String).str.strip_suffix(".0"))
    own = {unit: tree.parent(unit) for unit in set(rows["unit"]) if tree.is_own(unit)}
    above = cells.filter(pl.col("unit").is_in(list(own)))
    above = above.with_columns(pl.col("unit").replace_strict(own, return_dtype=pl.String))
    return pl.concat([cells, above])
