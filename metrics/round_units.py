"""Whom does a round assess on a basis, under which assessor and group, and whom does it leave out?

* `now`: the units of today that were open at the round's end, under the assessor of today.
* `then`: the units that were there at the round's end, under the assessor of that month.
* `matched`: as `then`, less those that changed in any month that the round looks at.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from data.definition_text import Text
from data.definition_types import Catalog, Scheme
from data.periods import base_period, from_number, month_number
from data.texts import text
from data.unit_history import Event, chains_of, handovers_of, spells_of, timeline
from data.unit_words import told_event
from data.units import Tree, tree_at
from metrics.cube import Cube
from metrics.lint import group_of
from metrics.plan import COMPARATOR_OF_BASE, make_plan
from metrics.rounds import is_excused, item_window, looks_back
from metrics.spans import window_spans
from metrics.standing import assessor_of
from metrics.windows import month_numbers

Group = tuple[str, str]  # assessor, group
LANGUAGES = ("zh", "en")
MOST_EVENTS = 3


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Why a unit of a round is not scored: a code, and the reason in words.

    `changed`: it changed within the months that the round looks at (basis matched). `unseen`: it
    was the assessor's at that time and went to another, so that its people do not see all of it.
    """

    reason: str
    words: Text


@dataclass(frozen=True, slots=True)
class Field:
    """The units of a round in official order, each with its assessor and group.

    `left_out` are those that are not scored; `since` is the first month that the others had to be
    unchanged from (basis matched).
    """

    tree: Tree
    units: list[str]
    groups: dict[str, Group]
    left_out: dict[str, LeftOut] = field(default_factory=dict)
    since: dt.date | None = None


def round_field(
    cube: Cube,
    catalog: Catalog,
    scheme: Scheme,
    period: dt.date,
    units: Sequence[str] | None = None,
) -> Field:
    """Return who takes part in a round on the basis of the cube: of its level, open, in view.

    Args:
        cube: The facts on a basis.
        catalog: Definitions.
        scheme: The scheme; it assesses one level.
        period: The last month of the round.
        units: Which units; None takes every one of the level.
    """
    for unit in units or ():
        if cube.tree.level(unit) != scheme.level:
            msg = f"unit '{unit}' is a {cube.tree.level(unit)}; "
            msg += f"'{scheme.code}' assesses {scheme.level}"
            raise ValueError(msg)
    tree = cube.tree if cube.basis == "now" else tree_at(catalog, period)
    there = [
        unit
        for unit in tree.at_level(scheme.level)
        if (units is None or unit in units) and tree.is_open(unit, period)
    ]
    groups = {
        unit: (assessor_of(tree, scheme, unit), group_of(scheme, tree.unit(unit).group))
        for unit in there
    }
    seen = [unit for unit in there if cube.sees(unit)]
    since = first_month(catalog, scheme, period) if cube.basis == "matched" else None
    changed = changed_units(catalog, seen, since, period) if since else {}
    left_out = {}
    for unit in there:
        if unit in changed:
            words = Text(*(_told(catalog, changed[unit], lang) for lang in LANGUAGES))
            left_out[unit] = LeftOut("changed", words)
        elif not cube.sees(unit) and cube.basis != "now" and cube.sees(groups[unit][0]):
            words = Text(*(_unseen(cube.tree, unit, lang) for lang in LANGUAGES))
            left_out[unit] = LeftOut("unseen", words)
    kept = [unit for unit in seen if unit not in changed]
    return Field(tree, kept, groups, left_out, since)


def first_month(catalog: Catalog, scheme: Scheme, period: dt.date) -> dt.date:
    """Return the first month that a round looks at: of its windows and of what they are held to."""
    start = catalog.bureau.year_start
    found = [_start(scheme.window, period, start, 1)]
    for item in scheme.items:
        indicator = catalog.indicators[item.indicator]
        plan = make_plan(catalog, item.indicator)
        window = item_window(scheme, item, indicator, period)
        found.append(_start(window, period, start, plan.span))
        if looks_back(item, indicator) and not is_excused(scheme, item, indicator, period):
            comparator = COMPARATOR_OF_BASE.get(indicator.base, "yoy")
            comparator = comparator if indicator.kind == "yoy" else "yoy"
            base = base_period(period, comparator, window, start)
            found.append(_start(window, base or period, start, plan.span))
    return min(found)


def _start(window: str, period: dt.date, year_start: int, span: int) -> dt.date:
    """Return the first month of a window."""
    months = window_spans(window, month_numbers([period]), year_start, span)
    return from_number(int(months.start[0]))


def changed_units(
    catalog: Catalog, units: Sequence[str], first: dt.date, last: dt.date
) -> dict[str, tuple[Event, ...]]:
    """Return the units that changed between two months, each with what happened, oldest first.

    A unit is unchanged if all that ever filed below it between the months did so through all of
    them, in one and the same place, and neither gave nor took anything over.
    """
    low, high = month_number(first), month_number(last)
    moved = _unsteady(catalog, low, high)
    found: dict[str, set[str]] = {}
    for leaf, places in moved.items():
        for unit in places:
            found.setdefault(unit, set()).update((leaf, *places))
    events = [e for e in timeline(catalog) if low < month_number(e.date) <= high]
    told = {}
    for unit in units:
        if unit in found:
            mine = found[unit]
            told[unit] = tuple(
                e for e in events if e.unit in mine or any(code in mine for code, _ in e.shares)
            )
    return told


def _unsteady(catalog: Catalog, low: int, high: int) -> dict[str, set[str]]:
    """Return the filing units that changed between two months, with all units that they made."""
    inner = {link.parent for link in catalog.parents}
    handed: dict[str, set[int]] = {}
    for code, steps in handovers_of(catalog.successions).items():
        for step in steps:
            for party in (code, *(taker for taker, _ in step.shares)):
                handed.setdefault(party, set()).add(step.month)
    spells = spells_of(catalog.units, catalog.parents)
    found: dict[str, set[str]] = {}
    for unit in catalog.units:
        if unit.code in inner:
            continue
        places = [p for p in chains_of(spells, unit.code) if p[0] <= high and low < p[1]]
        is_whole = any(start <= low and high < end for start, end, _ in places)
        if is_whole and not any(low < month <= high for month in handed.get(unit.code, ())):
            continue
        if places:
            found[unit.code] = {unit.code, *(code for _, _, above in places for code in above)}
    return found


def _told(catalog: Catalog, events: Sequence[Event], lang: str) -> str:
    """Return in words what happened to a unit, the latest events first to be kept."""
    names = {unit.code: unit.name.get(lang) for unit in catalog.units}
    said = [
        text(
            "results.left_out.event",
            lang,
            date=f"{event.date:%Y-%m}",
            unit=names.get(event.unit, event.unit),
            what=told_event(event, names, lang),
        )
        for event in events[-MOST_EVENTS:]
    ]
    if len(events) > MOST_EVENTS:
        said.append(text("results.left_out.more", lang, count=len(events) - MOST_EVENTS))
    return text("results.left_out.between", lang).join(said) or text("results.left_out.place", lang)


def _unseen(tree: Tree, unit: str, lang: str) -> str:
    """Return in words that a unit belongs to others today, who alone see all of it."""
    above = tree.parent(unit)
    name = tree.unit(above).name.get(lang) if above else ""
    return text("results.left_out.unseen", lang, above=name)
