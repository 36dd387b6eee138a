"""Who belongs to whom, in official order?

The tree of today: every unit hangs where it hangs now (or hung last, once closed). Leaves file;
a parent is the sum of its leaves. The official order is the order of `units.csv` everywhere.
"""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

from data.definition_types import Catalog, Parent, Unit
from data.parse import nearest


@dataclass(frozen=True)
class Tree:
    """The units with their parents and children; look-ups only, nothing changes."""

    units: dict[str, Unit]
    parents: dict[str, str | None]
    own_levels: dict[str, str]
    pooled_levels: frozenset[str]
    root: str

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
            if parent is not None:
                found[parent].append(code)
        return {
            code: tuple(sorted(below, key=self.order.__getitem__)) for code, below in found.items()
        }

    @cached_property
    def _leaves(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}

        def fill(code: str) -> tuple[str, ...]:
            below = self._children[code]
            found[code] = sum((fill(child) for child in below), ()) if below else (code,)
            return found[code]

        for code, parent in self.parents.items():
            if parent is None:
                fill(code)
        return found

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
        """Return the filing units of a unit, depth first, each once; a leaf is its own leaf."""
        if code is None:
            roots = [unit for unit, parent in self.parents.items() if parent is None]
            return sum((self._leaves[unit] for unit in roots), ())
        self.unit(code)
        return self._leaves[code]

    def is_leaf(self, code: str) -> bool:
        """Return whether a unit has no unit below it."""
        return not self.children(code)

    def subtree(self, code: str) -> tuple[str, ...]:
        """Return a unit and everything below it, depth first."""
        return (code, *(below for child in self.children(code) for below in self.subtree(child)))

    def ancestors(self, code: str) -> tuple[str, ...]:
        """Return the units above a unit, nearest first."""
        parent = self.parent(code)
        return () if parent is None else (parent, *self.ancestors(parent))

    def is_within(self, code: str, top: str) -> bool:
        """Return whether a unit is another unit or lies below it."""
        return code == top or top in self.ancestors(code)

    def at_level(self, level: str, under: str | None = None) -> tuple[str, ...]:
        """Return the units of a level, all or those below a unit, in official order."""
        within = self.codes if under is None else self.subtree(under)
        return tuple(
            sorted(
                (code for code in within if self.units[code].level == level),
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
    return build_tree(
        catalog.units,
        catalog.parents,
        own_levels={level.code: level.own_of for level in catalog.bureau.levels if level.own_of},
        pooled_levels={level.code for level in catalog.bureau.levels if level.pooled},
        root=catalog.bureau.root,
    )


def build_tree(
    units: tuple[Unit, ...],
    parents: tuple[Parent, ...],
    own_levels: dict[str, str] | None = None,
    pooled_levels: set[str] | frozenset[str] = frozenset(),
    root: str = "",
) -> Tree:
    """Return the tree of units; of several dated parents the latest one holds.

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
    above = {code: latest[code].parent if code in latest else None for code in ordered}
    return Tree(ordered, above, dict(own_levels or {}), frozenset(pooled_levels), root)
