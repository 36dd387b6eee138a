"""The same verdict by Polars expressions, one for each condition: slow, and apart from the product.

What they read stands in one row a unit: `tests.data.checks.by_polars_frame`.
"""

from __future__ import annotations

import datetime as dt
import functools
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from data.checks.context import Hierarchy
from data.checks.grammar import (
    Arithmetic,
    Call,
    Chain,
    Code,
    Count,
    Logic,
    Node,
    Number,
    bind,
    calls_of,
    measures_of,
)
from data.checks.rules import Check
from data.checks.sets import STEPS
from data.checks.words import quantities_of
from data.definition_types import Catalog
from tests.data.checks.by_polars_frame import Median, add_medians, column, lagged_frame

#: Tolerance of ==, <= and >=; where many numbers were added it grows with their size.
TOLERANCE = 1e-9
_GROWTH = 1e-12
_SUMS = frozenset({"ytd", "same_period", "children"})


@dataclass(slots=True)
class Compiler:
    """Turns nodes into expressions for one period and notes which columns they need.

    ``steps`` has the months between two returns of each measure, ``sets`` the measures of each
    set. ``needed`` fills with (measure, lag, part), ``medians`` with the columns to compute before
    the clauses, level by level. Without new units (``has_new_units``) nobody owes less than a year.
    """

    month: int
    year_start: int
    steps: Mapping[str, int]
    sets: Mapping[str, tuple[str, ...]]
    has_new_units: bool = True
    needed: set[tuple[str, int, str]] = field(default_factory=set)
    medians: list[dict[str, Median]] = field(default_factory=list)
    levels: dict[str, int] = field(default_factory=dict)

    def condition(self, node: Node, lag: int = 0) -> pl.Expr:
        """Return a Boolean expression: true holds, false is a finding, null is not evaluated."""
        match node:
            case Logic(word, parts):
                return _logic(word, [self.condition(p, lag) for p in parts])
            case Chain(operators, operands):
                return self._chain(operators, operands, lag)
            case _:
                return self.number(node, lag) != 0

    def number(self, node: Node, lag: int = 0) -> pl.Expr:
        """Return a numeric expression; null where an operand is missing."""
        match node:
            case Number(value):
                return pl.lit(value, dtype=pl.Float64)
            case Code(name):
                return self._cell(name, lag)
            case Arithmetic(sign, left, right):
                return _arithmetic(sign, self.number(left, lag), self.number(right, lag))
            case Count(set_name, condition):
                return self._count(set_name, condition, lag)
            case Call():
                return self._call(node, lag)
            case _:
                return self.condition(node, lag).cast(pl.Float64)

    def elapsed(self, lag: int) -> int:
        """Return how many months of its year are over at a lag, this month included."""
        return (self.month - lag - self.year_start) % 12 + 1

    def step(self, node: Node) -> int:
        """Return the months between two returns of what a node reads: 1, 3, 6 or 12."""
        return max((self.steps.get(m, 1) for m in measures_of(node)), default=1)

    def _cell(self, measure: str, lag: int, part: str = "") -> pl.Expr:
        self.needed.add((measure, lag, part))
        return pl.col(column(measure, lag, part))

    def _chain(self, operators: tuple[str, ...], operands: tuple[Node, ...], lag: int) -> pl.Expr:
        values = [self.number(o, lag) for o in operands]
        is_long = any(calls_of(o) & _SUMS for o in operands)
        if len(values) == 2:
            return _compare(operators[0], values[0], values[1], is_long)
        is_plain = [not measures_of(o) for o in operands]
        pairs: list[pl.Expr] = []
        evaluated: list[pl.Expr] = []
        for first in range(len(values)):
            for last in range(first + 1, len(values)):
                sign = _merged(operators[first:last])
                between = [v.is_null() for v in values[first + 1 : last]]
                neighbours = pl.all_horizontal(
                    [*between, values[first].is_not_null(), values[last].is_not_null()]
                )
                holds = _compare(sign, values[first], values[last], is_long)
                pairs.append(pl.when(neighbours).then(holds).otherwise(pl.lit(True)))
                if not (is_plain[first] and is_plain[last]):
                    evaluated.append(neighbours)
        return pl.when(pl.any_horizontal(evaluated)).then(pl.all_horizontal(pairs))

    def _count(self, set_name: str, condition: Node, lag: int) -> pl.Expr:
        each = [
            self.condition(bind(condition, m), lag).fill_null(False).cast(pl.Int32)
            for m in self.sets.get(set_name, ())
        ]
        return pl.sum_horizontal(each).cast(pl.Float64) if each else pl.lit(0.0)

    def _call(self, node: Call, lag: int) -> pl.Expr:
        name, arguments = node.name, node.arguments
        first = arguments[0] if arguments else None
        if first is None:
            return self._of_return(name, lag)
        match name:
            case "prev":
                return self.number(first, lag + self.step(first))
            case "same_period":
                return self.number(first, lag + 12)
            case "ytd":
                return self._year_to_date(first, lag)
            case "median12" | "mad12":
                return self._median(name, first, lag)
            case "has":
                return self.number(first, lag).is_not_null().cast(pl.Float64)
            case "children" | "own" | "decimals" | "reported_ytd" | "reported_same_period":
                return self._cell(measures_of(first)[0], lag, name)
            case _:
                return _function(name, [self.number(a, lag) for a in arguments])

    def _of_return(self, name: str, lag: int) -> pl.Expr:
        if name == "month":
            return pl.lit(float((self.month - lag - 1) % 12 + 1))
        self.needed.add(("", 0, name))
        return pl.col(column("", 0, name)).cast(pl.Float64)

    def _year_to_date(self, node: Node, lag: int) -> pl.Expr:
        """Return the sum from the start of the year; a unit not yet open owes nothing."""
        backs = range(0, self.elapsed(lag), self.step(node))
        terms = [self.number(node, lag + back) for back in backs]
        if self.has_new_units:
            self.needed.add(("", 0, "open"))
            months_open = pl.col(column("", 0, "open"))
            terms = [
                pl.when(months_open <= lag + back).then(0.0).otherwise(term)
                for back, term in zip(backs, terms, strict=True)
            ]
        return functools.reduce(operator.add, terms)

    def _median(self, name: str, node: Node, lag: int) -> pl.Expr:
        """Return a median of the 12 preceding periods as a column computed beforehand."""
        label = f"{name}:{node!r}@{lag}"
        if label not in self.levels:
            step = self.step(node)
            past: list[str | pl.Expr] = []
            level = 0
            for back in range(1, 13):
                expression = self.number(node, lag + step * back)
                names = expression.meta.root_names()
                level = max([level, *(self.levels.get(n, -1) + 1 for n in names)])
                past.append(names[0] if isinstance(node, Code) else expression)
            self.levels[label] = level
            while len(self.medians) <= level:
                self.medians.append({})
            self.medians[level][label] = (name, past)
        return pl.col(label)


def _logic(word: str, parts: list[pl.Expr]) -> pl.Expr:
    """Join conditions; one null operand leaves the whole unevaluated."""
    known = pl.all_horizontal([p.is_not_null() for p in parts])
    match word:
        case "not":
            return parts[0].not_()
        case "and":
            joined = pl.all_horizontal(parts)
        case "or":
            joined = pl.any_horizontal(parts)
        case _:
            joined = parts[0].not_() | parts[1]
    return pl.when(known).then(joined)


def _compare(sign: str, left: pl.Expr, right: pl.Expr, is_long: bool) -> pl.Expr:
    """Compare with the tolerance; over long sums it grows with the numbers."""
    slack = pl.lit(TOLERANCE)
    if is_long:
        slack = pl.max_horizontal(slack, pl.max_horizontal(left.abs(), right.abs()) * _GROWTH)
    match sign:
        case "==":
            return (left - right).abs() <= slack
        case "!=":
            return (left - right).abs() > slack
        case "<=":
            return left <= right + slack
        case ">=":
            return left + slack >= right
        case "<":
            return left < right
        case _:
            return left > right


def _merged(signs: tuple[str, ...]) -> str:
    """Return the comparison that holds between the ends of a chain: a <= b < c gives a < c."""
    kinds = set(signs)
    for strict, loose in (("<", "<="), (">", ">=")):
        if kinds <= {strict, loose, "=="}:
            return strict if strict in kinds else loose if loose in kinds else "=="
    return signs[-1]


def _arithmetic(sign: str, left: pl.Expr, right: pl.Expr) -> pl.Expr:
    match sign:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case _:
            return pl.when(right != 0).then(left / right)


def _function(name: str, values: list[pl.Expr]) -> pl.Expr:
    if name == "coalesce":
        return pl.coalesce(values)
    if name in ("max", "min"):
        known = pl.all_horizontal([v.is_not_null() for v in values])
        pick: Callable[..., pl.Expr] = pl.max_horizontal if name == "max" else pl.min_horizontal
        return pl.when(known).then(pick(values))
    value = values[0]
    return value.abs() if name == "abs" else pl.when(value >= 0).then(value.sqrt())


def failing_by_polars(
    checks: Sequence[Check],
    values: pl.DataFrame,
    history: pl.DataFrame,
    period: dt.date,
    units: Sequence[str],
    catalog: Catalog,
    hierarchy: Hierarchy,
) -> list[tuple[int, str, dict[Node, float | None]]]:
    """Return place of the check, unit and quantities of each condition that does not hold."""
    asked = frozenset(values["measure"].unique())
    parents = [u for u in units if hierarchy.children.get(u)]
    leaves = [u for u in units if not hierarchy.children.get(u)]
    found = []
    for rows, of_parents in ((leaves, False), (parents, True)):
        due = [
            (number, c)
            for number, c in enumerate(checks)
            if c.is_of_parents == of_parents and (not c.measures or asked.intersection(c.measures))
        ]
        if rows and due:
            found += _broken(due, values, history, period, rows, catalog, hierarchy)
    return sorted(found, key=lambda f: f[0])


def _broken(
    due: list[tuple[int, Check]],
    values: pl.DataFrame,
    history: pl.DataFrame,
    period: dt.date,
    units: list[str],
    catalog: Catalog,
    hierarchy: Hierarchy,
) -> list[tuple[int, str, dict[Node, float | None]]]:
    steps = {code: STEPS.get(m.frequency, 1) for code, m in catalog.measures.items()}
    compiler = Compiler(period.month, catalog.bureau.year_start, steps, catalog.sets)
    conditions = [compiler.condition(check.condition) for _, check in due]
    named = [quantities_of(check.condition) for _, check in due]
    terms = [[compiler.number(quantity) for quantity in some] for some in named]
    frame = lagged_frame(values, history, period, units, compiler.needed, hierarchy)
    for level in compiler.medians:
        frame = add_medians(frame, level)
    found = []
    # At once: to plan a query takes longer than to look at a handful of units.
    asked = frame.lazy().select(c.alias(str(number)) for number, c in enumerate(conditions))
    judged = asked.collect(optimizations=pl.QueryOptFlags.none())
    for (number, _), holds, some, wanted in zip(
        due, judged.iter_columns(), named, terms, strict=True
    ):
        if holds.all():
            continue
        known = frame.select(t.alias(str(n)) for n, t in enumerate(wanted)).rows()
        found += [
            (number, units[row], dict(zip(some, known[row] if known else (), strict=True)))
            for row, is_sound in enumerate(holds)
            if is_sound is False
        ]
    return found
