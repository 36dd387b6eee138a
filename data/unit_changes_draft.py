"""What do units, parents and successions become when a change is carried out on them?

A draft is the three tables of the hierarchy, not yet written. Every step returns another draft.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from data.definition_types import Catalog, Parent, Succession, Unit


@dataclass(frozen=True)
class Draft:
    """Units in official order by code, who hangs where when, who took over from whom."""

    units: dict[str, Unit]
    parents: tuple[Parent, ...]
    successions: tuple[Succession, ...]

    def is_open(self, code: str, day: dt.date) -> bool:
        """Return whether a unit is there in the month that begins on a day."""
        unit = self.units[code]
        opened = unit.opened is None or unit.opened <= day
        return opened and (unit.closed is None or day < unit.closed)

    def parent_at(self, code: str, day: dt.date) -> str | None:
        """Return the unit above another one in a month."""
        mine = [link for link in self.parents if link.unit == code]
        for link in mine:
            if (link.start is None or link.start <= day) and (link.end is None or day < link.end):
                return link.parent
        # A unit that was there before its dates begin hung where it is first known to hang.
        first = min(mine, key=lambda link: link.start or dt.date.min, default=None)
        return first.parent if first and first.start and day < first.start else None

    def children_at(self, code: str, day: dt.date) -> tuple[str, ...]:
        """Return the open units below another one in a month, in official order."""
        below = {link.unit for link in self.parents if link.parent == code}
        return tuple(
            unit
            for unit in self.units
            if unit in below and self.is_open(unit, day) and self.parent_at(unit, day) == code
        )

    def is_inner(self, code: str) -> bool:
        """Return whether a unit ever had units below it: such a one files nothing itself."""
        return any(link.parent == code for link in self.parents)

    def ancestors_at(self, code: str, day: dt.date) -> tuple[str, ...]:
        """Return the units above another one in a month, nearest first."""
        found: list[str] = []
        above = self.parent_at(code, day)
        while above is not None and above not in found:
            found.append(above)
            above = self.parent_at(above, day)
        return tuple(found)

    def later(self, code: str, day: dt.date) -> dt.date | None:
        """Return the first day from `day` on at which something of a unit is already recorded."""
        days = [s.date for s in self.successions if s.from_unit == code and s.date >= day]
        days += [p.start for p in self.parents if p.unit == code and p.start and p.start >= day]
        days += [p.end for p in self.parents if p.unit == code and p.end and p.end > day]
        closed = self.units[code].closed
        return min([*days, *([closed] if closed and closed >= day else [])], default=None)

    def with_unit(self, unit: Unit, parent: str, after: str = "") -> "Draft":
        """Return the draft with a new unit: after its predecessor, or last of its siblings."""
        codes = list(self.units)
        beside = [
            code for code in codes if self.parent_at(code, unit.opened or dt.date.max) == parent
        ]
        same = [code for code in beside if self.units[code].level == unit.level]
        place = codes.index(after or (same or beside or [parent])[-1]) + 1
        listed = [*codes[:place], unit.code, *codes[place:]]
        units = self.units | {unit.code: unit}
        link = Parent(unit.code, parent, unit.opened, None)
        return replace(
            self, units={code: units[code] for code in listed}, parents=(*self.parents, link)
        )

    def with_changed(self, unit: Unit) -> "Draft":
        """Return the draft with a unit in place of the one of its code."""
        return replace(self, units={**self.units, unit.code: unit})

    def with_closed(self, code: str, day: dt.date) -> "Draft":
        """Return the draft in which a unit is there no longer from a day on."""
        ended = self.with_changed(replace(self.units[code], closed=day))
        parents = tuple(
            replace(link, end=day) if link.unit == code and link.end is None else link
            for link in self.parents
        )
        return replace(ended, parents=parents)

    def with_steps(self, steps: Sequence[Succession]) -> "Draft":
        """Return the draft with more successions."""
        return replace(self, successions=(*self.successions, *steps))

    def with_move(self, link: Parent) -> "Draft":
        """Return the draft in which a unit hangs elsewhere from a day on."""
        parents: list[Parent] = []
        for old in self.parents:
            is_ended = old.unit == link.unit and old.end is None
            parents.append(replace(old, end=link.start) if is_ended else old)
            if is_ended:
                parents.append(link)
        return replace(self, parents=tuple(parents))


def draft_of(catalog: Catalog) -> Draft:
    """Return the draft that says what the definitions say."""
    ordered = sorted(catalog.units, key=lambda unit: unit.order)
    return Draft({unit.code: unit for unit in ordered}, catalog.parents, catalog.successions)


def catalog_of(catalog: Catalog, draft: Draft) -> Catalog:
    """Return the definitions as they would be with a draft's units."""
    units = tuple(replace(unit, order=order) for order, unit in enumerate(draft.units.values()))
    return replace(catalog, units=units, parents=draft.parents, successions=draft.successions)
