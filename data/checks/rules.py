"""Which cross-field rules does a return break, and what exactly was found?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from data.checks.compiled import Compiler, add_medians
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

    @property
    def is_of_parents(self) -> bool:
        """Return whether it compares a parent with its children."""
        return bool(calls_of(self.condition) & {"children", "own"})

    @property
    def reads_print(self) -> bool:
        """Return whether it compares the record with what is printed beside the values."""
        return bool(calls_of(self.condition) & {"reported_ytd", "reported_same_period"})


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
            found.append(Check(rule, number, condition, named))
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
        is_new = any(_is_new(hierarchy.opened.get(unit), period) for unit in rows)
        kind = (of_parents, is_new, has_printed)
        plan = _plan(checks, asked, kind, period.month, catalog)
        if rows and plan.checks:
            found += _broken(plan, values, history, period, rows, hierarchy, of_return)
    order = {id(check): number for number, check in enumerate(checks)}
    return sorted(found, key=lambda f: order[id(f.check)])


@dataclass(frozen=True, slots=True)
class _Plan:
    """The compiled conditions of one kind of return, kept for the next one like it."""

    checks: tuple[Check, ...]
    compiler: Compiler
    conditions: list[pl.Expr]


_PLANS: dict[tuple, _Plan] = {}
_MOST_PLANS = 64


def _plan(
    checks: Sequence[Check],
    asked: frozenset[str],
    kind: tuple[bool, bool, bool],
    month: int,
    catalog: Catalog,
) -> _Plan:
    """Return the conditions that speak of a measure of the return, compiled for its month."""
    of_parents, has_new_units, has_printed = kind
    key = (catalog.digest, month, kind, asked, id(checks))
    if key not in _PLANS:
        steps = {code: STEPS.get(m.frequency, 1) for code, m in catalog.measures.items()}
        compiler = Compiler(month, catalog.bureau.year_start, steps, catalog.sets, has_new_units)
        due = tuple(
            c
            for c in checks
            if c.is_of_parents == of_parents
            and (has_printed or not c.reads_print)
            and (not c.measures or asked.intersection(c.measures))
        )
        conditions = [compiler.condition(c.condition).alias(str(n)) for n, c in enumerate(due)]
        if len(_PLANS) >= _MOST_PLANS:
            _PLANS.clear()
        _PLANS[key] = _Plan(due, compiler, conditions)
    return _PLANS[key]


def _is_new(opened: dt.date | None, period: dt.date) -> bool:
    return opened is not None and (period - opened).days < 3 * 366


def _broken(
    plan: _Plan,
    values: pl.DataFrame,
    history: pl.DataFrame,
    period: dt.date,
    units: list[str],
    hierarchy: Hierarchy,
    of_return: Mapping[str, Mapping[str, float]] | None,
) -> list[Failure]:
    needed = plan.compiler.needed
    frame = lagged_frame(values, history, period, units, needed, hierarchy, of_return)
    for level in plan.compiler.medians:
        frame = add_medians(frame, level)
    holds = frame.select(plan.conditions)
    fails = holds.select(pl.all().not_().fill_null(False)).to_numpy()
    rows, columns = fails.nonzero()
    broken: dict[int, list[int]] = {}
    for row, number in sorted(zip(rows.tolist(), columns.tolist(), strict=True)):
        broken.setdefault(number, []).append(row)
    return _with_quantities(broken, plan, frame, units)


def _with_quantities(
    broken: Mapping[int, list[int]], plan: _Plan, frame: pl.DataFrame, units: list[str]
) -> list[Failure]:
    """Look up what each failing condition names, all in one pass over the failing rows."""
    named = {n: quantities_of(plan.checks[n].condition) for n in broken}
    wanted: dict[Node, int] = {}
    for quantities in named.values():
        for quantity in quantities:
            wanted.setdefault(quantity, len(wanted))
    terms = [plan.compiler.number(node).alias(str(place)) for node, place in wanted.items()]
    known = frame.select(terms).rows() if terms else [()] * frame.height
    return [
        Failure(plan.checks[n], units[row], {q: known[row][wanted[q]] for q in named[n]})
        for n, rows in broken.items()
        for row in rows
    ]
