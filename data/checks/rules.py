"""Which cross-field rules does a return break, and what exactly was found?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from data.checks.compiled import Compiler, Median, add_medians
from data.checks.context import Hierarchy, lagged_frame
from data.checks.grammar import Node, bind, calls_of, measures_of
from data.checks.sets import STEPS, is_form_clause, parsed_rules
from data.checks.words import quantities_of
from data.definition_types import Catalog, Rule


@dataclass(frozen=True, slots=True)
class Check:
    """One condition of a rule, its loop variable bound."""

    rule: Rule
    clause: int
    condition: Node
    measures: tuple[str, ...]
    calls: frozenset[str]

    @property
    def is_of_parents(self) -> bool:
        """Return whether it compares a parent with its children."""
        return bool(self.calls & {"children", "own"})

    @property
    def reads_print(self) -> bool:
        """Return whether it compares the record with what is printed beside the values."""
        return bool(self.calls & {"reported_ytd", "reported_same_period"})


@dataclass(frozen=True, slots=True)
class Failure:
    """A condition that does not hold for a unit, with every quantity that it names."""

    check: Check
    unit: str
    quantities: Mapping[Node, float | None]


_CHECKS: dict[str, tuple[Check, ...]] = {}


def cross_checks(catalog: Catalog) -> tuple[Check, ...]:
    """Return every condition that the rules, not the form checks, answer; kept by catalogue."""
    if catalog.digest not in _CHECKS:
        _CHECKS[catalog.digest] = bound_checks(catalog, with_form_clauses=False)
    return _CHECKS[catalog.digest]


def bound_checks(catalog: Catalog, *, with_form_clauses: bool) -> tuple[Check, ...]:
    """Return every condition of every rule, one for each measure of a set that it loops over."""
    found = []
    for rule, number, clause in parsed_rules(catalog):
        if not with_form_clauses and is_form_clause(clause):
            continue
        members = catalog.sets[clause.set_name] if clause.set_name else ("",)
        for member in members:
            condition = bind(clause.condition, member) if member else clause.condition
            named = tuple(m for m in measures_of(condition) if m != "x")
            calls = frozenset(calls_of(condition))
            found.append(Check(rule, number, condition, named, calls))
    return tuple(found)


def failing(
    checks: Sequence[Check],
    values: pl.DataFrame,
    history: pl.DataFrame,
    period: dt.date,
    units: Sequence[str],
    catalog: Catalog,
    hierarchy: Hierarchy,
    of_return: Mapping[str, Mapping[str, float]] | None = None,
) -> list[Failure]:
    """Return the conditions that do not hold, unit by unit, in the order of the rules.

    A condition is evaluated on leaves, or on parents where it compares a parent with its
    children, and only where a measure that it names is part of the return.
    """
    asked = frozenset(values["measure"].unique())
    has_printed: bool = values.select(
        pl.any_horizontal(pl.col("reported_ytd", "reported_same_period").is_not_null().any())
    ).item()
    parents = [u for u in units if hierarchy.children.get(u)]
    leaves = [u for u in units if not hierarchy.children.get(u)]
    found: list[Failure] = []
    for rows, of_parents in ((leaves, False), (parents, True)):
        due = [
            c
            for c in checks
            if c.is_of_parents == of_parents
            and (has_printed or not c.reads_print)
            and (not c.measures or asked.intersection(c.measures))
        ]
        if rows and due:
            found += _broken(due, values, history, period, rows, catalog, hierarchy, of_return)
    order = {id(check): number for number, check in enumerate(checks)}
    return sorted(found, key=lambda f: order[id(f.check)])


@dataclass(frozen=True, slots=True)
class _Compiled:
    """One condition compiled for a month, with the columns and medians that it reads."""

    expression: pl.Expr
    needed: frozenset[tuple[str, int, str]]
    medians: tuple[Mapping[str, Median], ...]


#: Compiled conditions by catalogue, month and kind of return; a check is compiled once for each.
_COMPILED: dict[tuple, dict[Node, _Compiled]] = {}


def _compiler(catalog: Catalog, month: int, has_new_units: bool) -> Compiler:
    steps = {code: STEPS.get(m.frequency, 1) for code, m in catalog.measures.items()}
    return Compiler(month, catalog.bureau.year_start, steps, catalog.sets, has_new_units)


def _compiled(
    checks: Sequence[Check], catalog: Catalog, month: int, has_new_units: bool
) -> list[_Compiled]:
    """Return the conditions of some checks compiled for a month."""
    known = _COMPILED.setdefault((catalog.digest, month, has_new_units), {})
    for check in checks:
        if check.condition not in known:
            compiler = _compiler(catalog, month, has_new_units)
            expression = compiler.condition(check.condition)
            needed = frozenset(compiler.needed)
            known[check.condition] = _Compiled(expression, needed, tuple(compiler.medians))
    return [known[check.condition] for check in checks]


def _is_new(opened: dt.date | None, period: dt.date) -> bool:
    return opened is not None and (period - opened).days < 3 * 366


def _broken(
    checks: Sequence[Check],
    values: pl.DataFrame,
    history: pl.DataFrame,
    period: dt.date,
    units: list[str],
    catalog: Catalog,
    hierarchy: Hierarchy,
    of_return: Mapping[str, Mapping[str, float]] | None,
) -> list[Failure]:
    is_new = any(_is_new(hierarchy.opened.get(unit), period) for unit in units)
    compiled = _compiled(checks, catalog, period.month, is_new)
    needed = frozenset().union(*(c.needed for c in compiled))
    frame = lagged_frame(values, history, period, units, needed, hierarchy, of_return)
    for level in range(max(len(c.medians) for c in compiled)):
        medians = [c.medians[level] for c in compiled if len(c.medians) > level]
        frame = add_medians(frame, {k: v for some in medians for k, v in some.items()})
    # Hundreds of tiny expressions: handing them to threads would cost more than they do.
    holds = frame.select_seq(c.expression.alias(str(n)) for n, c in enumerate(compiled))
    fails = holds.select_seq(pl.all().not_().fill_null(False)).to_numpy()
    rows, columns = fails.nonzero()
    broken: dict[int, list[int]] = {}
    for row, number in sorted(zip(rows.tolist(), columns.tolist(), strict=True)):
        broken.setdefault(number, []).append(row)
    compiler = _compiler(catalog, period.month, is_new)
    return _with_quantities(broken, checks, compiler, frame, units)


def _with_quantities(
    broken: Mapping[int, list[int]],
    checks: Sequence[Check],
    compiler: Compiler,
    frame: pl.DataFrame,
    units: list[str],
) -> list[Failure]:
    """Look up what each failing condition names, all in one pass over the failing rows."""
    named = {n: quantities_of(checks[n].condition) for n in broken}
    wanted: dict[Node, int] = {}
    for quantities in named.values():
        for quantity in quantities:
            wanted.setdefault(quantity, len(wanted))
    terms = [compiler.number(node).alias(str(place)) for node, place in wanted.items()]
    known = frame.select_seq(terms).rows() if terms else [()] * frame.height
    return [
        Failure(checks[n], units[row], {q: known[row][wanted[q]] for q in named[n]})
        for n, rows in broken.items()
        for row in rows
    ]
