"""Who belongs to whom, in official order?

The tree of today: every unit hangs where it hangs now (or hung last, once closed); a closed unit
that others took over is known by its code but is no part of it. Leaves file; a parent is the sum
of its leaves. The official order is the order of `units.csv` everywhere.
"""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from data.definition_types import Catalog, Parent, Succession, Unit
from data.parse import nearest
from data.periods import month_number
from data.unit_history import (
    ALWAYS,
    FAR,
    Reach,
    chains_of,
    gone_units,
    handovers_of,
    heirs_of,
    inner_units,
    life,
    spells_of,
    timeline,
)

__all__ = ["Tree", "build_tree", "level_between", "reach_of", "timeline", "tree", "tree_at"]


@dataclass(frozen=True)
class Tree:
    """The units with their parents and children; look-ups only, nothing changes.

    `inner` are the units that ever had others below them, `gone` the closed ones that live on in
    others: they can be looked up, but are nobody's children and at no level.
    """

    units: dict[str, Unit]
    parents: dict[str, str | None]
    own_levels: dict[str, str]
    pooled_levels: frozenset[str]
    root: str
    inner: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """Every unit in official order."""
        return tuple(self.units)

    @cached_property
    def order(self) -> dict[str, int]:
        """The place of each unit in the official order, from 0."""
        return {code: place for place, code in enumerate(self.units)}

    @cached_property
    def _children(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {code: [] for code in self.units}
        for code, parent in self.parents.items():
            if parent is not None and code not in self.gone:
                found[parent].append(code)
        return {
            code: tuple(sorted(below, key=self.order.__getitem__)) for code, below in found.items()
        }

    @cached_property
    def _leaves(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}

        def fill(code: str) -> tuple[str, ...]:
            below = self._children[code]
            alone = () if code in self.inner or code in self.gone else (code,)
            found[code] = sum((fill(child) for child in below), ()) if below else alone
            return found[code]

        for code, parent in self.parents.items():
            if parent is None or code in self.gone:
                fill(code)
        return found

    @cached_property
    def _buried(self) -> dict[str, tuple[str, ...]]:
        """The gone units by the parent under which they hung last."""
        found: dict[str, list[str]] = {}
        for code in self.codes:
            parent = self.parents[code]
            if code in self.gone and parent is not None:
                found.setdefault(parent, []).append(code)
        return {code: tuple(below) for code, below in found.items()}

    @cached_property
    def memo(self) -> dict:
        """What others derive from the tree once and read often."""
        return {}

    def unit(self, code: str) -> Unit:
        """Return a unit; an unknown code raises with the nearest known one."""
        if code not in self.units:
            msg = f"unknown unit '{code}'{nearest(code, self.units)}"
            raise ValueError(msg)
        return self.units[code]

    def level(self, code: str) -> str:
        """Return the level of a unit."""
        return self.unit(code).level

    def parent(self, code: str) -> str | None:
        """Return the parent of a unit, None for the root."""
        self.unit(code)
        return self.parents[code]

    def children(self, code: str) -> tuple[str, ...]:
        """Return the units right below a unit, in official order."""
        self.unit(code)
        return self._children[code]

    def leaves(self, code: str | None = None) -> tuple[str, ...]:
        """Return the filing units of a unit, depth first, each once; a leaf is its own leaf.

        A unit that lost all units below it has none; nor has one that lives on in others.
        """
        if code is None:
            roots = [unit for unit, parent in self.parents.items() if parent is None]
            return sum((self._leaves[unit] for unit in roots), ())
        self.unit(code)
        return self._leaves[code]

    def is_leaf(self, code: str) -> bool:
        """Return whether a unit has, and ever had, no unit below it."""
        return not self.children(code) and code not in self.inner

    def subtree(self, code: str, gone: bool = False) -> tuple[str, ...]:
        """Return a unit and everything below it, depth first.

        With `gone`, the units that live on in others too, where they hung last.
        """
        below = self.children(code) + (self._buried.get(code, ()) if gone else ())
        return (code, *(unit for child in below for unit in self.subtree(child, gone)))

    def ancestors(self, code: str) -> tuple[str, ...]:
        """Return the units above a unit, nearest first."""
        parent = self.parent(code)
        return () if parent is None else (parent, *self.ancestors(parent))

    def is_within(self, code: str, top: str) -> bool:
        """Return whether a unit is another unit or lies below it."""
        return code == top or top in self.ancestors(code)

    def at_level(self, level: str, under: str | None = None, gone: bool = False) -> tuple[str, ...]:
        """Return the units of a level, all or those below a unit, in official order.

        With `gone`, those that live on in others too.
        """
        within = self.codes if under is None else self.subtree(under, gone)
        return tuple(
            sorted(
                (
                    code
                    for code in within
                    if self.units[code].level == level and (gone or code not in self.gone)
                ),
                key=self.order.__getitem__,
            )
        )

    def own(self, code: str) -> str | None:
        """Return the leaf that files a unit's own work (本级); a leaf files its own."""
        below = self.children(code)
        if not below:
            return code
        level = self.units[code].level
        own = [child for child in below if self.own_levels.get(self.units[child].level) == level]
        own.sort(key=lambda child: self.units[child].closed is not None)
        return own[0] if own else None

    def is_own(self, code: str) -> bool:
        """Return whether a unit files the own work of its parent."""
        return self.level(code) in self.own_levels

    def is_pooled(self, code: str) -> bool:
        """Return whether a unit stands for several small units together (小单位合并)."""
        return self.level(code) in self.pooled_levels

    def is_open(self, code: str, period: dt.date) -> bool:
        """Return whether a unit exists in a month: opened by then, not yet closed."""
        unit = self.unit(code)
        opened = unit.opened is None or unit.opened <= period
        return opened and (unit.closed is None or period < unit.closed)


def tree(catalog: Catalog) -> Tree:
    """Return the tree of today of a catalog's units."""
    levels = _levels(catalog)
    return build_tree(catalog.units, catalog.parents, successions=catalog.successions, **levels)


def tree_at(catalog: Catalog, period: dt.date) -> Tree:
    """Return the tree as it was in a month: the units that were there, under their parents then."""
    month = month_number(period)
    spells = spells_of(catalog.units, catalog.parents)
    there = [unit for unit in catalog.units if life(unit)[0] <= month < life(unit)[1]]
    ordered = {unit.code: unit for unit in sorted(there, key=lambda unit: unit.order)}
    above: dict[str, str | None] = {}
    for code in ordered:
        parents = [s.parent for s in spells[code] if s.start <= month < s.end]
        above[code] = parents[0] if parents and parents[0] in ordered else None
    held = _levels(catalog)
    return Tree(
        ordered, above, held["own_levels"], frozenset(held["pooled_levels"]), held["root"],
        inner_units(catalog.parents),
    )  # fmt: skip


def reach_of(catalog: Catalog, top: str, *, taken_over: bool = True) -> Reach:
    """Return what people of a unit may read: units, and of each the months [start, end).

    All of what hangs below it today (or hung there last); what those units took over from others,
    up to that day (if `taken_over`); and what was below it once, for those months.
    """
    units = tree(catalog)
    found: Reach = dict.fromkeys(units.subtree(top, gone=True), ALWAYS)
    mine = set(found)
    handovers = handovers_of(catalog.successions)
    spells = spells_of(catalog.units, catalog.parents)
    for unit in catalog.units:
        if unit.code in mine:
            continue
        taken = [
            step.month
            for step in handovers.get(unit.code, ())
            if taken_over
            and any(heir in mine for heir, _ in heirs_of(handovers, unit.code, step.month - 1))
        ]
        stays = [(s, e) for s, e, above in chains_of(spells, unit.code) if top in above]
        stretches = [(-FAR, max(taken))] if taken else []
        stretches += [(s, e) for s, e in stays if not taken or e > max(taken)]
        if stretches:
            found[unit.code] = tuple(stretches)
    return found


def level_between(
    catalog: Catalog, level: str, top: str, first: dt.date, last: dt.date
) -> tuple[str, ...]:
    """Return the units of a level that were below a unit in some month of a stretch."""
    start, end = month_number(first), month_number(last)
    spells = spells_of(catalog.units, catalog.parents)
    ordered = sorted(catalog.units, key=lambda unit: unit.order)
    return tuple(
        unit.code
        for unit in ordered
        if unit.level == level
        and any(
            s <= end and start < e and (top in above or top == unit.code)
            for s, e, above in chains_of(spells, unit.code)
        )
    )


def _levels(catalog: Catalog) -> dict[str, Any]:
    """Return what a tree knows of levels: own levels, pooled ones, the root."""
    levels = catalog.bureau.levels
    return {
        "own_levels": {level.code: level.own_of for level in levels if level.own_of},
        "pooled_levels": {level.code for level in levels if level.pooled},
        "root": catalog.bureau.root,
    }


def build_tree(
    units: tuple[Unit, ...],
    parents: tuple[Parent, ...],
    own_levels: dict[str, str] | None = None,
    pooled_levels: set[str] | frozenset[str] = frozenset(),
    root: str = "",
    successions: tuple[Succession, ...] = (),
) -> Tree:
    """Return the tree of units; of several dated parents the latest one holds.

    What hung last under a unit that a single other one took over hangs under that one.

    >>> from data.definition_types import EMPTY
    >>> units = tuple(Unit(c, "x", "", EMPTY, EMPTY, None, None, i) for i, c in enumerate("ab"))
    >>> build_tree(units, (Parent("b", "a", None, None),)).leaves("a")
    ('b',)
    """
    ordered = {unit.code: unit for unit in sorted(units, key=lambda unit: unit.order)}
    latest: dict[str, Parent] = {}
    for parent in sorted(parents, key=lambda entry: entry.start or dt.date.min):
        if parent.unit in ordered and parent.parent in ordered:
            latest[parent.unit] = parent
    handovers = handovers_of(successions)
    above: dict[str, str | None] = {}
    for code in ordered:
        place = latest[code].parent if code in latest else None
        while place is not None and (heir := _sole_heir(place, handovers, ordered)) is not None:
            place = heir
        above[code] = place
    gone = gone_units(units, above, handovers) if handovers else frozenset()
    return Tree(
        ordered, above, dict(own_levels or {}), frozenset(pooled_levels), root,
        inner_units(parents), gone,
    )  # fmt: skip


def _sole_heir(code: str, handovers: dict, units: dict[str, Unit]) -> str | None:
    """Return the one unit that took a closed unit over whole."""
    steps = handovers.get(code, ())
    if not steps or units[code].closed is None or len(steps[-1].shares) != 1:
        return None
    heir = steps[-1].shares[0][0]
    return heir if heir in units and heir != code else None
