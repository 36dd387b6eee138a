"""The same verdict by Polars expressions, one for each condition: slow, and apart from the product.

Columns are named ``measure@lag`` where lag counts months back from the return's period, so that
``prev``, ``same_period``, ``ytd`` and ``median12`` are nothing but other columns of the same row.
"""

from __future__ import annotations

import datetime as dt
import functools
import operator
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
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

#: Tolerance of ==, <= and >=; where many numbers were added it grows with their size.
TOLERANCE = 1e-9
_GROWTH = 1e-12
_SUMS = frozenset({"ytd", "same_period", "children"})
#: At least this many of the twelve preceding periods make a median.
LEAST_HISTORY = 6
#: Columns that say something of the whole return; each holds 1 or 0, or a number of columns.
RETURN_COLUMNS = ("unit_known", "parent_matches", "form_current", "period_future")


def column(measure: str, lag: int, part: str = "") -> str:
    """Return the name of the column that holds a measure some months back.

    >>> column("calls_total", 12), column("calls_total", 0, "children")
    ('calls_total@12', 'calls_total@0#children')
    """
    return f"{measure}@{lag}#{part}" if part else f"{measure}@{lag}"


#: A unit without an opening date has been open for longer than any rule looks back.
_ALWAYS = 9999


#: Which median (median12 or mad12), and the twelve columns or expressions it is taken over.
Median: TypeAlias = tuple[str, Sequence[str | pl.Expr]]


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


def add_medians(frame: pl.DataFrame, medians: Mapping[str, Median]) -> pl.DataFrame:
    """Return the frame with a column for each median, null below six known periods.

    All of them are taken at once over one block of rows × medians × 12: an expression for each
    would cost more than everything else that the rules compute.

    >>> frame = pl.DataFrame({f"a@{n}": [float(n)] for n in range(1, 8)})
    >>> past = [f"a@{n}" for n in range(1, 8)]
    >>> add_medians(frame, {"m": ("median12", past), "d": ("mad12", past)}).select("m", "d").row(0)
    (4.0, 2.0)
    """
    if not medians:
        return frame
    made = [
        cell.alias(f"{label}{n}")
        for label, (_, past) in medians.items()
        for n, cell in enumerate(past)
        if isinstance(cell, pl.Expr)
    ]
    numbers = frame.select(pl.col(pl.Float64)).with_columns(made)
    place = {name: n for n, name in enumerate(numbers.columns)}
    width = max(len(past) for _, past in medians.values())
    wanted = [
        [place[cell if isinstance(cell, str) else f"{label}{n}"] for n, cell in enumerate(past)]
        + [len(place)] * (width - len(past))
        for label, (_, past) in medians.items()
    ]
    # One more column of nothing pads what has fewer than twelve periods.
    table = np.column_stack([numbers.to_numpy(), np.full(frame.height, np.nan)])
    block = table[:, np.array(wanted)]
    known = np.isfinite(block).sum(axis=2)
    block = np.where((known >= LEAST_HISTORY)[:, :, None], block, 0.0)
    middle = np.nanmedian(block, axis=2)
    is_spread = np.array([name == "mad12" for name, _ in medians.values()])
    spread = np.nanmedian(np.abs(block - middle[:, :, None]), axis=2)
    result = np.where(known >= LEAST_HISTORY, np.where(is_spread, spread, middle), np.nan)
    added = pl.DataFrame(result, schema=list(medians), orient="row", nan_to_null=True)
    return frame.hstack(added)


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


def lagged_frame(
    values: pl.DataFrame,
    history: pl.DataFrame,
    period: dt.date,
    units: list[str],
    needed: Collection[tuple[str, int, str]],
    hierarchy: Hierarchy,
    of_return: Mapping[str, Mapping[str, float]] | None = None,
) -> pl.DataFrame:
    """Return one row a unit with every column that the rules need; unknown cells are null.

    Needs: values (VALUES) of the return; history (unit, measure, period, value) of the store. A
    measure that the return asks for hides the store's value of that month, even where it is blank.
    Rows: the units in the order given.
    """
    below = {child for unit in units for child in _under(unit, hierarchy.children)}
    known = list(dict.fromkeys([*units, *sorted(below)]))
    plain = sorted({(m, lag) for m, lag, part in needed if m and part in ("", "children", "own")})
    table = _scatter(values, history, period, known, plain)
    place = {unit: number for number, unit in enumerate(known)}
    rows = [place[unit] for unit in units]
    columns: dict[str, np.ndarray] = {}
    at = {key: number for number, key in enumerate(plain)}
    for measure, lag, part in sorted(needed):
        name = column(measure, lag, part)
        if not measure:
            columns[name] = _of_return(part, units, period, hierarchy, of_return or {})
        elif part == "":
            columns[name] = table[rows, at[measure, lag]]
        elif part == "children":
            whole = table[:, at[measure, lag]]
            columns[name] = np.array([_children_sum(u, whole, place, hierarchy) for u in units])
        elif part == "own":
            whole = table[:, at[measure, lag]]
            own = [place.get(hierarchy.own.get(u, "")) for u in units]
            columns[name] = np.array([np.nan if i is None else whole[i] for i in own])
    block = np.column_stack([*columns.values()]) if columns else np.empty((len(units), 0))
    frame = pl.DataFrame(block, schema=list(columns), orient="row", nan_to_null=True)
    frame = frame.insert_column(0, pl.Series("unit", units, dtype=pl.String))
    return _with_printed(frame, values, needed)


def _scatter(
    values: pl.DataFrame,
    history: pl.DataFrame,
    period: dt.date,
    units: list[str],
    plain: list[tuple[str, int]],
) -> np.ndarray:
    """Return units × (measure, lag) as numbers, NaN where nothing is known."""
    table = np.full((len(units), len(plain)), np.nan)
    measures = sorted({measure for measure, _ in plain})
    if not measures:
        return table
    furthest = max(lag for _, lag in plain)
    target = np.full((len(measures), furthest + 1), -1)
    position = {measure: number for number, measure in enumerate(measures)}
    for number, (measure, lag) in enumerate(plain):
        target[position[measure], lag] = number
    months = period.year * 12 + period.month
    month = pl.col("period").dt.year().cast(pl.Int64) * 12 + pl.col("period").dt.month()
    asked = values.select("unit", "measure").unique()
    past = (
        history.lazy()
        .filter(
            pl.col("unit").is_in(units),
            pl.col("measure").is_in(measures),
            pl.col("value").is_not_null(),
        )
        .with_columns(lag=months - month)
        .filter(pl.col("lag").is_between(0, furthest))
        .select("unit", "measure", "lag", "value")
        .collect()
    )
    now = past.filter(pl.col("lag") == 0).join(asked, on=["unit", "measure"], how="anti")
    current = values.filter(pl.col("value").is_not_null()).select(
        "unit", "measure", pl.lit(0, dtype=pl.Int64).alias("lag"), "value"
    )
    both = [past.filter(pl.col("lag") > 0), now, current]
    cells = pl.concat([b.cast({"lag": pl.Int64}) for b in both]).filter(
        pl.col("unit").is_in(units), pl.col("measure").is_in(measures)
    )
    row = cells["unit"].cast(pl.Enum(units)).to_physical().to_numpy()
    which = cells["measure"].cast(pl.Enum(measures)).to_physical().to_numpy()
    where = target[which, cells["lag"].to_numpy()]
    wanted = where >= 0
    table[row[wanted], where[wanted]] = cells["value"].to_numpy()[wanted]
    return table


def _with_printed(
    frame: pl.DataFrame, values: pl.DataFrame, needed: Collection[tuple[str, int, str]]
) -> pl.DataFrame:
    """Add what is printed beside a value: decimals, year to date, same period of last year."""
    for part in ("decimals", "reported_ytd", "reported_same_period"):
        wanted = sorted(m for m, _, p in needed if p == part)
        if not wanted:
            continue
        cells = values.filter(pl.col("measure").is_in(wanted), pl.col(part).is_not_null())
        wide = cells.pivot(on="measure", on_columns=wanted, index="unit", values=part)
        wide = wide.rename({m: column(m, 0, part) for m in wanted if m in wide.columns})
        frame = frame.join(wide, on="unit", how="left", maintain_order="left")
    return frame


def _of_return(
    part: str,
    units: list[str],
    period: dt.date,
    hierarchy: Hierarchy,
    of_return: Mapping[str, Mapping[str, float]],
) -> np.ndarray:
    if part == "open":
        return np.array([_months_open(hierarchy.opened.get(u), period) for u in units], dtype=float)
    default = 0.0 if part not in RETURN_COLUMNS or part == "period_future" else 1.0
    return np.array([of_return.get(unit, {}).get(part, default) for unit in units], dtype=float)


def _months_open(opened: dt.date | None, period: dt.date) -> int:
    """Return how many months, this one included, a unit has been open.

    >>> _months_open(dt.date(2024, 9, 1), dt.date(2024, 10, 1))
    2
    """
    if opened is None:
        return _ALWAYS
    return (period.year - opened.year) * 12 + period.month - opened.month + 1


def _under(unit: str, children: Mapping[str, tuple[str, ...]]) -> Iterable[str]:
    for child in children.get(unit, ()):
        yield child
        yield from _under(child, children)


def _children_sum(
    unit: str, whole: np.ndarray, place: Mapping[str, int], hierarchy: Hierarchy
) -> float:
    """Return the sum of what the children reported; NaN where none did."""
    found = []
    for child in hierarchy.children.get(unit, ()):
        value = whole[place[child]]
        if np.isnan(value) and child in hierarchy.children:
            value = _children_sum(child, whole, place, hierarchy)
        found.append(value)
    known = [value for value in found if not np.isnan(value)]
    return float(sum(known)) if known else float("nan")


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
    for (number, _), condition, some, wanted in zip(due, conditions, named, terms, strict=True):
        holds = frame.select(condition).to_series()
        if holds.all():
            continue
        known = frame.select(t.alias(str(n)) for n, t in enumerate(wanted)).rows()
        found += [
            (number, units[row], dict(zip(some, known[row] if known else (), strict=True)))
            for row, is_sound in enumerate(holds)
            if is_sound is False
        ]
    return found
