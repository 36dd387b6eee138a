"""Which cross-field rules does a return break, and what exactly was found?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from data.checks.context import Hierarchy, Seen, see
from data.checks.evaluate import Block, Evaluator, Loop
from data.checks.grammar import Node, bind, calls_of, measures_of
from data.checks.past import Pair, Recall, recall_facts
from data.checks.seasonal import seasons_of
from data.checks.sets import STEPS, is_form_clause, parsed_rules
from data.checks.words import quantities_of
from data.definition_types import Catalog, Rule


@dataclass(frozen=True, slots=True)
class Check:
    """One condition of a rule, its loop variable bound to `member`; `pattern` still has the x."""

    rule: Rule
    clause: int
    condition: Node
    measures: tuple[str, ...]
    calls: frozenset[str]
    pattern: Node
    member: str = ""

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
            found.append(Check(rule, number, condition, named, calls, clause.condition, member))
    return tuple(found)


def failing(
    checks: Sequence[Check],
    values: pl.DataFrame,
    history: pl.DataFrame | Recall,
    period: dt.date,
    units: Sequence[str],
    catalog: Catalog,
    hierarchy: Hierarchy,
    of_return: Mapping[str, Mapping[str, float]] | None = None,
) -> list[Failure]:
    """Return the conditions that do not hold, unit by unit, in the order of the rules.

    A condition is evaluated on leaves, or on parents where it compares a parent with its
    children, and only where a measure that it names is part of the return. `history` is the
    record's facts, or what looks them up.
    """
    found: list[tuple[int, Failure]] = []
    asked = (checks, values, history, period, units, catalog, hierarchy, of_return)
    for groups, seen in _prepared(*asked):
        found += _broken(groups, _evaluator(catalog, period.month, seen), seen.units)
    return [failure for _, failure in sorted(found, key=lambda pair: pair[0])]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of some conditions over all units of a return: checks × units.

    1 holds, 0 does not, NaN was not asked; `reads` are the figures that they look at.
    """

    checks: tuple[Check, ...]
    holds: np.ndarray
    reads: frozenset[Pair]
    seen: Seen


def outcomes(
    checks: Sequence[Check],
    values: pl.DataFrame,
    history: pl.DataFrame | Recall,
    period: dt.date,
    units: Sequence[str],
    catalog: Catalog,
    hierarchy: Hierarchy,
) -> Iterator[Outcome]:
    """Give what became of every condition that a return is asked, also of those that hold."""
    for groups, seen in _prepared(checks, values, history, period, units, catalog, hierarchy):
        evaluator = _evaluator(catalog, period.month, seen)
        for group in groups:
            with np.errstate(all="ignore"):
                holds = evaluator.condition(group.condition, group.loop)
            found = tuple(check for _, check in group.checks)
            shape = (len(found), len(seen.units))
            reads = _needs(group, catalog, period.month)
            yield Outcome(found, np.broadcast_to(holds, shape), reads, seen)


def _prepared(
    checks: Sequence[Check],
    values: pl.DataFrame,
    history: pl.DataFrame | Recall,
    period: dt.date,
    units: Sequence[str],
    catalog: Catalog,
    hierarchy: Hierarchy,
    of_return: Mapping[str, Mapping[str, float]] | None = None,
) -> Iterator[tuple[list[_Group], Seen]]:
    """Give the conditions of leaves, then of parents, with all that they read."""
    recall = history if callable(history) else recall_facts(history, catalog)
    asked = frozenset(values["measure"].unique())
    has_printed: bool = values.select(
        pl.any_horizontal(pl.col("reported_ytd", "reported_same_period").is_not_null().any())
    ).item()
    parents = [u for u in units if hierarchy.children.get(u)]
    leaves = [u for u in units if not hierarchy.children.get(u)]
    for rows, of_parents in ((leaves, False), (parents, True)):
        due = [
            (number, check)
            for number, check in enumerate(checks)
            if check.is_of_parents == of_parents
            and (has_printed or not check.reads_print)
            and (not check.measures or asked.intersection(check.measures))
        ]
        if rows and due:
            groups = _groups(due, catalog)
            pairs = frozenset[Pair]().union(*(_needs(g, catalog, period.month) for g in groups))
            yield groups, see(values, recall, period, rows, pairs, hierarchy, of_return)


def prepare(checks: Sequence[Check], catalog: Catalog, month: int) -> None:
    """Work out what the checks read in a calendar month, before the first return of that month."""
    for group in _groups(enumerate(checks), catalog):
        _needs(group, catalog, month)


@dataclass(frozen=True, slots=True)
class _Group:
    """One clause for all the measures of its set that are due equally often."""

    condition: Node
    loop: Loop
    checks: tuple[tuple[int, Check], ...]


#: The pairs that a clause reads, by catalogue, month, clause and loop; also of any one x.
_NEEDS: dict[tuple[str, int, Node, Loop], frozenset[Pair]] = {}
_MOST_NEEDS = 20_000


def _groups(due: Iterable[tuple[int, Check]], catalog: Catalog) -> list[_Group]:
    """Return conditions that differ by their measure alone together."""
    found: dict[tuple[str, int, int], list[tuple[int, Check]]] = {}
    for number, check in due:
        step = _step(catalog, check.member) if check.member else 0
        found.setdefault((check.rule.code, check.clause, step), []).append((number, check))
    groups = []
    for (_, _, step), checks in found.items():
        members = tuple(check.member for _, check in checks if check.member)
        groups.append(_Group(checks[0][1].pattern, Loop(members, step or 1), tuple(checks)))
    return groups


def _step(catalog: Catalog, measure: str) -> int:
    return STEPS.get(catalog.measures[measure].frequency, 1) if measure in catalog.measures else 1


def _evaluator(catalog: Catalog, month: int, seen: Seen | _Needs) -> Evaluator:
    steps = {code: STEPS.get(m.frequency, 1) for code, m in catalog.measures.items()}
    return Evaluator(
        month,
        catalog.bureau.year_start,
        steps,
        catalog.sets,
        seen.look,
        seen.months_open(),
        seen.said,
        seasons_of(catalog),
    )


class _Needs:
    """Notes what is looked at, over no units at all: so it is known what a clause reads."""

    def __init__(self) -> None:
        self.pairs: set[Pair] = set()

    def look(self, measures: tuple[str, ...], lag: int, part: str) -> Block:
        """Note some measures some months back."""
        if part in ("", "children", "own"):
            self.pairs.update((measure, lag) for measure in measures)
        return np.empty((len(measures), 0))

    def months_open(self) -> np.ndarray:
        """Return how long no unit has been open."""
        return np.empty(0)

    def said(self, _: str) -> np.ndarray:
        """Return what is said of no unit."""
        return np.empty(0)


def _needs(group: _Group, catalog: Catalog, month: int) -> frozenset[Pair]:
    """Return the measures and months back that a group reads; kept, for it never changes."""
    key = (catalog.digest, month, group.condition, group.loop)
    if key not in _NEEDS:
        if len(_NEEDS) >= _MOST_NEEDS:
            _NEEDS.clear()
        # What a clause reads of x, it reads of every measure that x stands for.
        any_one = Loop(("x",), group.loop.step) if group.loop.members else group.loop
        if (general := (*key[:3], any_one)) not in _NEEDS:
            _NEEDS[general] = _noted(group.condition, any_one, catalog, month)
        _NEEDS[key] = frozenset(
            (measure, lag)
            for name, lag in _NEEDS[general]
            for measure in (group.loop.members if name == "x" else (name,))
        )
    return _NEEDS[key]


def _noted(condition: Node, loop: Loop, catalog: Catalog, month: int) -> frozenset[Pair]:
    """Return what is looked at where a condition is evaluated, and where it is put into words."""
    noted = _Needs()
    evaluator = _evaluator(catalog, month, noted)
    evaluator.condition(condition, loop)
    for quantity in quantities_of(condition):
        evaluator.number(quantity, loop)
    return frozenset(noted.pairs)


def _broken(
    groups: Iterable[_Group], evaluator: Evaluator, units: tuple[str, ...]
) -> list[tuple[int, Failure]]:
    """Return the failures of the groups, each with the place of its check in the rules."""
    found: list[tuple[int, Failure]] = []
    with np.errstate(all="ignore"):
        for group in groups:
            shape = (len(group.checks), len(units))
            fails = np.broadcast_to(evaluator.condition(group.condition, group.loop) == 0, shape)
            if not fails.any():
                continue
            said = {
                quantity: np.broadcast_to(evaluator.number(quantity, group.loop), shape)
                for quantity in quantities_of(group.condition)
            }
            for row, column in zip(*(places.tolist() for places in fails.nonzero()), strict=True):
                number, check = group.checks[row]
                quantities: dict[Node, float | None] = {}
                for quantity, block in said.items():
                    value = float(block[row, column])
                    bound = bind(quantity, check.member) if check.member else quantity
                    quantities.setdefault(bound, None if np.isnan(value) else value)
                found.append((number, Failure(check, units[column], quantities)))
    return found
