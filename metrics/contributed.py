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
    check_question(cube, [unit], window)
    cube = stand(cube, basis)
    plan, base = make_plan(cube.catalog, indicator), _base(cube, period, window, comparator)
    children = children_of(cube, unit, period, base) if base else ()
    asked = ([period], window, [comparator], basis)
    raw = compare_figures(cube, [indicator], [unit, *children], *asked, readings=False)
    shown = hide(raw)
    rows = shown.to_dicts()
    start = Contributions(UNITS, rows[0], None, (), plan.shape != "sum")
    why = _why_not(plan, rows[0], raw.row(0, named=True), children)
    if why or base is None:
        return replace(start, withheld=why or "no_change")
    matched, scale = matched_sides(cube, plan, [unit, *children], period, window, comparator)
    secret = _secret(raw, shown, "unit")
    if secret and _leaves_out(cube, pair_of(plan, matched, 0, unit), rows[0], base):
        return replace(start, withheld="hidden")
    own = {role: below_then(cube, unit, at) for role, at in (("now", period), ("base", base))}
    whole, *pairs = [pair_of(plan, matched, at, code) for at, code in enumerate([unit, *children])]
    pairs = [while_below(pair, own["now"], own["base"]) for pair in pairs]
    parts = [pair for pair in pairs if pair.code not in secret and not pair.is_nothing]
    notes = {row["unit"]: row["note"] for row in rows}
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
    check_question(cube, [unit], window)
    cube = stand(cube, basis)
    catalog, plan = cube.catalog, make_plan(cube.catalog, indicator)
    codes = categories_of(catalog, indicator)
    asked = ([unit], [period], window, [comparator], basis)
    raw = compare_figures(cube, [indicator], *asked, readings=False)
    shown = hide(raw)
    start = Contributions(CATEGORIES, shown.row(0, named=True), None, (), plan.shape != "sum")
    base = _base(cube, period, window, comparator)
    why = _why_not(plan, start.whole, raw.row(0, named=True), codes, is_of_unit=True)
    if why or base is None:
        return replace(start, withheld=why or "no_change")
    inner = compare_figures(cube, codes, *asked, readings=False)
    if _secret(inner, hide(inner), "indicator"):
        return replace(start, withheld="hidden")
    matched, scale = matched_sides(cube, plan, [unit], period, window, comparator)
    parts = []
    for code in codes:
        own = make_plan(catalog, code)
        parts.append(
            pair_of(own, matched_sides(cube, own, [unit], period, window, comparator)[0], 0, code)
        )
    parts = [pair for pair in parts if not pair.is_nothing]
    return _told(start, pair_of(plan, matched, 0, unit), parts, scale, {}, REST)


def _base(cube: Cube, period: dt.date, window: str, comparator: str) -> dt.date | None:
    """Return the month that a comparison's base ends with."""
    return base_period(period, comparator, window, cube.catalog.bureau.year_start)


def _why_not(
    plan: Plan, row: Row, raw: Row, parts: Sequence[str], *, is_of_unit: bool = False
) -> str:
    """Return why a change is not told apart: a key of `contributions.why`; nothing where it is."""
    if plan.shape == "spread":
        return "kind"
    if not is_of_unit and all(item.own for item in plan.inputs):
        return "own_list"
    if not parts:
        return "no_categories" if is_of_unit else "no_parts"
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
