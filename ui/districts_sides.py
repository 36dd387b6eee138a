"""What stands side by side on the districts page, and how is each unit read?"""

import datetime as dt

from data.catalog import Indicator
from metrics.districts import Side, Sides, read_sides
from ui import load
from ui.scope import Sight

REAL = ("better", "worse", "up", "down")


@load.cached
def levels_below(sight: Sight, unit: str, period: dt.date) -> dict[str, tuple[str, ...]]:
    """Return the units under a unit by level: those right below first; own levels are left out."""
    tree, seen = load.tree_in(sight, period), load.visible_at(sight, period)
    found: dict[str, tuple[str, ...]] = {}
    for code in tree.subtree(unit):
        if code == unit or code not in seen or tree.is_own(code) or tree.is_pooled(code):
            continue
        level = tree.level(code)
        found[level] = (*found.get(level, ()), code)
    return found


@load.cached
def sides_of(
    sight: Sight,
    code: str,
    unit: str,
    units: tuple[str, ...],
    period: dt.date,
    window: str,
    basis: str,
) -> Sides:
    """Return the units beside each other; a change indicator has only its values."""
    cube = load.cube_at(sight)
    if load.indicator(code).kind == "yoy":
        rows = load.figures(sight, (code,), (unit, *units), (period,), window).to_dicts()
        blank = {"compared_value": None, "base_value": None, "change": None, "change_kind": "none"}
        sides = [Side(r["unit"], r | blank, {}, None, None, "") for r in rows]
        return Sides(sides[0], tuple(sides[1:]), None)
    return read_sides(cube, code, unit, units, period, window, basis, lambda r: load.hide(r, sight))


def reading_of(side: Side, item: Indicator) -> str:
    """Return the reading of a unit: by the funnel where there is one, else by its own history."""
    if side.verdict:
        if not side.is_apart:
            return "none" if side.verdict == "small" else "not_significant"
        up = side.verdict.startswith("high")
        if item.direction == 0:
            return "up" if up else "down"
        return "better" if up == (item.direction > 0) else "worse"
    return side.standing["reading"] if side.standing else "none"
