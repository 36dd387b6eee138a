"""What do child units, or categories, add to a unit's change, as far as the reader may see it?

Stands on the comparison itself: the same leaves, definitions and structure on both sides, so the
lines add up to the change that is shown. What is not told apart is one line of its own: the units
that the reader must not see taken together (which follow from what is shown in any case), or the
rest that belongs to no unit or category listed. Where even that would tell more than is shown,
because leaves were left out of the comparison, nothing is told at all.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import polars as pl

from data.periods import base_period
from data.units import tree_at
from metrics.both_sides import below_then, matched_sides, pair_of, while_below
from metrics.categories import categories_of
from metrics.compare import compare_figures
from metrics.cube import Cube, stand
from metrics.figures import compute_figures
from metrics.matched import Matched
from metrics.mix import Effect, Pair, effects, together
from metrics.plan import Plan, make_plan
from metrics.rounding import exact
from metrics.structure import NO_CHANGE
from metrics.windows import check_question

Row = dict[str, Any]
Hide = Callable[[pl.DataFrame], pl.DataFrame]
COMPARATORS = ("yoy", "mom")
UNITS, CATEGORIES = "units", "categories"
WHOLE, PART, HIDDEN, REST = "whole", "part", "hidden", "rest"
#: What shares of facts leave over in adding up is no rest.
NEAR = Fraction(1, 10**9)


@dataclass(frozen=True, slots=True)
class Line:
    """One part of a change on the scale of the indicator; `role` is part, hidden or rest.

    `own` is what its own rate adds (of a count: its difference), `weight` what its share in the
    whole adds; both are 0 where there is nothing to it.
    """

    code: str
    role: str
    pair: Pair
    value: float | None
    base_value: float | None
    own: float
    weight: float
    contribution: float
    note: str = "none"


@dataclass(frozen=True, slots=True)
class Contributions:
    """A change and its lines; without lines `withheld` says why: a key of `contributions.why`.

    `whole` is the row of CHANGES, `change` the plain difference on the scale of the indicator.
    """

    by: str
    whole: Row
    change: float | None
    lines: tuple[Line, ...]
    is_rate: bool
    withheld: str = ""
    pair: Pair | None = None

    @property
    def own(self) -> float:
        """What the lines' own rates add up to."""
        return sum(line.own for line in self.lines)

    @property
    def weight(self) -> float:
        """What the lines' weights add up to."""
        return sum(line.weight for line in self.lines)

    @property
    def is_usual(self) -> bool:
        """Whether the whole change is usual variation, so that no line is to be asked about."""
        return self.whole["reading"] == "not_significant"


@dataclass(frozen=True, slots=True)
class _Asked:
    """The comparison that is taken apart; no `base` where the window has none."""

    cube: Cube
    plan: Plan
    unit: str
    period: dt.date
    window: str
    comparator: str
    base: dt.date | None
    hide: Hide

    def compared(
        self, indicators: Sequence[str], units: Sequence[str]
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return CHANGES of indicators and units as they are, and as the reader may see them."""
        when = ([self.period], self.window, [self.comparator])
        raw = compare_figures(self.cube, indicators, units, *when)
        return raw, self.hide(raw)

    def sides(self, plan: Plan, units: Sequence[str]) -> tuple[Matched, Fraction]:
        """Return both sides of units, the first of which says the definitions, and the scale."""
        when = (self.period, self.window, self.comparator)
        return matched_sides(self.cube, plan, units, *when)


def _ask(
    cube: Cube,
    indicator: str,
    unit: str,
    period: dt.date,
    window: str,
    comparator: str,
    basis: str,
    hide: Hide,
) -> _Asked:
    check_question(cube, [unit], window)
    cube = stand(cube, basis)
    base = base_period(period, comparator, window, cube.catalog.bureau.year_start)
    plan = make_plan(cube.catalog, indicator)
    return _Asked(cube, plan, unit, period, window, comparator, base, hide)


def children_of(cube: Cube, unit: str, period: dt.date, base: dt.date) -> tuple[str, ...]:
    """Return the units right below a unit, on the structure of the time those of both sides."""
    if cube.basis == "now":
        return cube.tree.children(unit)
    trees = [tree_at(cube.catalog, month) for month in (period, base)]
    found = [tree.children(unit) for tree in trees if unit in tree.units]
    return tuple(dict.fromkeys(child for children in found for child in children))


def by_units(
    cube: Cube,
    indicator: str,
    unit: str,
    period: dt.date,
    window: str,
    comparator: str = "yoy",
    basis: str = "now",
    hide: Hide = lambda rows: rows,
) -> Contributions:
    """Return what each unit right below a unit adds to its change; the own level is one of them."""
    asked = _ask(cube, indicator, unit, period, window, comparator, basis, hide)
    cube, plan, base = asked.cube, asked.plan, asked.base
    children = children_of(cube, unit, period, base) if base else ()
    raw, shown = asked.compared([indicator], [unit, *children])
    start = _start(UNITS, plan, raw, shown, children)
    if start.withheld or base is None:
        return start
    matched, scale = asked.sides(plan, [unit, *children])
    secret = _secret(raw, shown, "unit")
    if secret and _leaves_out(cube, pair_of(plan, matched, 0, unit), start.whole, base):
        return replace(start, withheld="hidden")
    own = {role: below_then(cube, unit, at) for role, at in (("now", period), ("base", base))}
    whole, *pairs = [pair_of(plan, matched, at, code) for at, code in enumerate([unit, *children])]
    pairs = [while_below(pair, own["now"], own["base"]) for pair in pairs]
    parts = [pair for pair in pairs if pair.code not in secret and not pair.is_nothing]
    notes = dict(shown.select("unit", "note").iter_rows())
    return _told(start, whole, parts, scale, notes, HIDDEN if secret else REST)


def by_categories(
    cube: Cube,
    indicator: str,
    unit: str,
    period: dt.date,
    window: str,
    comparator: str = "yoy",
    basis: str = "now",
    hide: Hide = lambda rows: rows,
) -> Contributions:
    """Return what each category of a total adds to its change, as rules and formulas part it."""
    asked = _ask(cube, indicator, unit, period, window, comparator, basis, hide)
    catalog, plan = asked.cube.catalog, asked.plan
    codes = categories_of(catalog, indicator)
    start = _start(CATEGORIES, plan, *asked.compared([indicator], [unit]), codes)
    if start.withheld:
        return start
    if _secret(*asked.compared(codes, [unit]), "indicator"):
        return replace(start, withheld="hidden")
    parts = []
    for code in codes:
        own = make_plan(catalog, code)
        parts.append(pair_of(own, asked.sides(own, [unit])[0], 0, code))
    parts = [pair for pair in parts if not pair.is_nothing]
    matched, scale = asked.sides(plan, [unit])
    return _told(start, pair_of(plan, matched, 0, unit), parts, scale, {}, REST)


def _start(
    by: str, plan: Plan, raw: pl.DataFrame, shown: pl.DataFrame, parts: Sequence[str]
) -> Contributions:
    """Return the change alone, the first row of CHANGES, with why it is not taken apart."""
    row, was = shown.row(0, named=True), raw.row(0, named=True)
    why = _why_not(by, plan, row, was, parts)
    return Contributions(by, row, None, (), plan.shape != "sum", why)


def _why_not(by: str, plan: Plan, row: Row, raw: Row, parts: Sequence[str]) -> str:
    """Return why a change is not told apart: a key of `contributions.why`; nothing where it is."""
    if plan.shape == "spread":
        return "kind"
    if by == UNITS and all(item.own for item in plan.inputs):
        return "own_list"
    if not parts and (by == CATEGORIES or row["base_period"] is not None):
        return "no_parts" if by == UNITS else "no_categories"
    if row["suppressed"] or (row["change"] is None and raw["change"] is not None):
        return "hidden"
    if row["note"] == "small_base" and plan.shape != "sum":
        return "small"
    return "no_change" if row["change"] is None or row["note"] in NO_CHANGE else ""


def _leaves_out(cube: Cube, compared: Pair, row: Row, base: dt.date) -> bool:
    """Return whether the comparison stands on less than the figures that are shown of both sides.

    Then what is left when the shown units are taken away is not what figures tell in any case.
    """
    asked = ([row["indicator"]], [row["unit"]], [base], row["window"])
    before = compute_figures(cube, *asked).row(0, named=True)
    for figure, numbers in (
        (row, (compared.now, compared.size)),
        (before, (compared.base, compared.base_size)),
    ):
        for name, number in zip(("numerator", "denominator"), numbers, strict=True):
            whole = figure[name]
            if whole is None and number:
                return True
            if whole is not None and (number is None or abs(exact(whole) - number) > NEAR):
                return True
    return False


def _secret(raw: pl.DataFrame, shown: pl.DataFrame, key: str) -> frozenset[str]:
    """Return which rows a reader must not see, on either side."""
    gone = shown["suppressed"].to_list()
    for name in ("compared_value", "base_value"):
        gone = [
            was_gone or (after is None and before is not None)
            for was_gone, before, after in zip(gone, raw[name], shown[name], strict=True)
        ]
    return frozenset(code for code, is_gone in zip(raw[key], gone, strict=True) if is_gone)


def _told(
    start: Contributions,
    whole: Pair,
    parts: list[Pair],
    scale: Fraction,
    notes: dict[str, str],
    role: str,
) -> Contributions:
    """Return the lines of a change: the parts, and what is left of the whole as one line."""
    rest = whole.less(together(parts, role), role)
    if all(pair.size is None and pair.base_size is None for pair in parts):
        rest = replace(rest, size=None, base_size=None)  # all lines are parts of the numerator
    sizes = zip(rest.numbers, whole.numbers, strict=True)
    is_near = all(not n or abs(n) <= NEAR * (1 + abs(of or Fraction(0))) for n, of in sizes)
    lines = parts if is_near else [*parts, rest]
    found = effects(whole, lines)
    total = effects(whole, [whole])
    if found is None or total is None:
        return replace(start, withheld="no_change")
    told = tuple(
        _line(pair, effect, whole, scale, notes) for pair, effect in zip(lines, found, strict=True)
    )
    return replace(start, change=float(total[0].total * scale), lines=told, pair=whole)


def _line(pair: Pair, effect: Effect, whole: Pair, scale: Fraction, notes: dict[str, str]) -> Line:
    """Return one line on the scale of the indicator."""
    values = [
        _value(part, size if pair.size or pair.base_size else of, of, scale)
        for part, size, of in (
            (pair.now, pair.size, whole.size),
            (pair.base, pair.base_size, whole.base_size),
        )
    ]
    role = pair.code if pair.code in (HIDDEN, REST) else PART
    own, weight, both = (float(n * scale) for n in (effect.own, effect.weight, effect.total))
    note = notes.get(pair.code, "none")
    return Line(pair.code, role, pair, values[0], values[1], own, weight, both, note)


def _value(
    part: Fraction | None, size: Fraction | None, of: Fraction | None, scale: Fraction
) -> float | None:
    """Return a figure: a count as it is, a rate where there is something to divide by."""
    if part is None or (of is not None and not size):
        return None
    return float(part * scale if of is None or size is None else part / size * scale)
