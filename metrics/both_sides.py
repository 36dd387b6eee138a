"""What do units have on both sides of a comparison, as exact numbers that add up?"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np

from data.units import tree_at
from metrics.breaks import settle, shared, under
from metrics.cube import Cube
from metrics.matched import Matched, match, offset_months
from metrics.mix import Pair
from metrics.plan import Plan
from metrics.rollup import roll_figures
from metrics.rounding import exact
from metrics.score_reading import whole_waves
from metrics.windows import month_numbers, open_window


def matched_sides(
    cube: Cube, plan: Plan, units: Sequence[str], period: dt.date, window: str, comparator: str
) -> tuple[Matched, Fraction]:
    """Return both sides as the first unit's comparison has them, and the scale."""
    asked = month_numbers([period])
    base = asked - (offset_months(comparator, window) or 0)
    held = cube
    settled = settle(cube, plan, units[:1], asked, window, [base])
    older = (
        *(settled.older if settled else ()),
        *shared(cube, plan, units[:1], asked, window, base),
    )
    for limits, where in older:
        if where.any():
            held = under(cube, limits, plan.measures)
    batch, leafwise, spans = open_window(held, [plan], asked, window, base)
    current, earlier = zip(leafwise, spans, strict=True)
    rolled = roll_figures(batch, *current, units)
    matched = whole_waves(batch, match(batch, current, earlier, units), rolled, earlier, units)
    scale = exact(plan.indicator.scale)
    if plan.shape == "annualised":
        scale *= Fraction(12, int(spans[0].months[0]))
    return matched, scale


def pair_of(plan: Plan, matched: Matched, at: int, code: str) -> Pair:
    """Return what a unit has on both sides; nothing where a side holds two definitions."""
    if matched.broken[0, at, 0]:
        return Pair(code, None, None)
    sides = (matched.current, matched.base)
    now, base = (_number(side.numerator[0, at, 0]) for side in sides)
    if plan.shape == "sum":
        return Pair(code, now, base)
    size, base_size = (_number(side.denominator[0, at, 0]) for side in sides)
    if plan.shape == "difference":
        nought = Fraction(0)
        return Pair(
            code, (now or nought) - (size or nought), (base or nought) - (base_size or nought)
        )
    return Pair(code, now, base, size, base_size)


def _number(value: float) -> Fraction | None:
    return None if np.isnan(value) else exact(float(value))


def below_then(cube: Cube, unit: str, period: dt.date) -> frozenset[str] | None:
    """Return the units below a unit in a month, on the structure of the time; None: always."""
    if cube.basis == "now":
        return None
    tree = tree_at(cube.catalog, period)
    return frozenset(tree.children(unit) if unit in tree.units else ())


def while_below(pair: Pair, now: frozenset[str] | None, base: frozenset[str] | None) -> Pair:
    """Return a unit's part without the side on which it stood below another unit."""
    if now is not None and pair.code not in now:
        pair = replace(pair, now=None, size=None)
    if base is not None and pair.code not in base:
        pair = replace(pair, base=None, base_size=None)
    return pair
