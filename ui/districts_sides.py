"""What stands side by side on the districts page, and how is each unit read?"""

import datetime as dt
from dataclasses import dataclass

from data.catalog import Indicator
from metrics.districts import Side, Sides, read_sides
from metrics.structure import NOTES
from ui import load
from ui.scope import Sight

REAL = ("better", "worse", "up", "down")


@dataclass(frozen=True, slots=True)
class Asked:
    """What stands side by side: an indicator of the units below a unit, over a window."""

    sight: Sight
    indicator: str
    unit: str
    units: tuple[str, ...]
    period: dt.date
    window: str


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
def sides_of(asked: Asked) -> Sides:
    """Return the units beside each other; a change indicator has only its values."""
    code, period, window, sight = asked.indicator, asked.period, asked.window, asked.sight
    if load.indicator(code).kind == "yoy":
        units = (asked.unit, *asked.units)
        rows = load.figures(sight, (code,), units, (period,), window).to_dicts()
        blank = {"compared_value": None, "base_value": None, "change": None, "change_kind": "none"}
        sides = [Side(r["unit"], r | blank, {}, None, None, "") for r in rows]
        return Sides(sides[0], tuple(sides[1:]), None)
    where = (code, asked.unit, asked.units, period, window, sight.basis)
    return read_sides(load.cube_at(sight), *where, lambda rows: load.hide(rows, sight))


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


def is_special(side: Side, sides: Sides, item: Indicator) -> bool:
    """Return whether a unit is named: set apart by the funnel, or beyond its own range."""
    return side.is_apart if sides.funnel else reading_of(side, item) in REAL


def why_unread(side: Side, sides: Sides, item: Indicator) -> str:
    """Return why a unit is not judged: structure, a small base, or little to judge by."""
    if side.verdict == "small":
        return "small"
    judged = reading_of(side, item) in (*REAL, "not_significant")
    if side.verdict or (judged and not sides.funnel):
        return ""
    figure = side.figure
    return "unread" if figure["value"] is not None and figure.get("note") in NOTES else "short"
