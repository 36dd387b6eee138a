"""Who belonged to whom when, and who took over from whom?

Units open, close, move to another parent, split and merge. Everything is told in month numbers
over intervals [start, end): what began before the records or has not ended lies at ±FAR.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from data.definition_types import Catalog, Parent, Succession, Unit
from data.periods import month_number

FAR = 1 << 30  # a month number beyond every calendar
ALWAYS = ((-FAR, FAR),)
EXACT = 1e-9  # how far the shares out of one unit may be from 1

Reach = dict[str, tuple[tuple[int, int], ...]]  # the months [start, end) of each unit
KINDS = ("opened", "closed", "moved", "split", "merged", "succeeded", "handed")


@dataclass(frozen=True, slots=True)
class Spell:
    """The months in which a unit hung under one parent (None: it was the root)."""

    start: int
    end: int
    parent: str | None


@dataclass(frozen=True, slots=True)
class Handover:
    """What became of a unit in a month: units and shares; itself too, if it lives on smaller."""

    month: int
    shares: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Event:
    """One change of the structure, for people to read.

    `kind` is one of KINDS: `split` (several took over), `merged` (into a unit that took others in
    too, or was there before), `succeeded` (one new unit took over alone), `handed` (the unit
    lives on and handed a part over), `moved` (from `was` to `now`), `opened` and `closed` without
    any successor. `shares` lists who took over how much.
    """

    date: dt.date
    kind: str
    unit: str
    was: str | None = None
    now: str | None = None
    shares: tuple[tuple[str, float], ...] = field(default=())


def number(day: dt.date | None, far: int) -> int:
    """Return the month number of a day, `far` for none.

    >>> number(dt.date(2024, 3, 1), FAR) - number(dt.date(2024, 1, 1), FAR), number(None, -5)
    (2, -5)
    """
    return far if day is None else month_number(day)


def life(unit: Unit) -> tuple[int, int]:
    """Return the first month of a unit and the one in which it was there no longer."""
    return number(unit.opened, -FAR), number(unit.closed, FAR)


def inner_units(parents: Iterable[Parent]) -> frozenset[str]:
    """Return the units that ever had units below them: they never file."""
    return frozenset(link.parent for link in parents)


def spells_of(units: Iterable[Unit], parents: Iterable[Parent]) -> dict[str, tuple[Spell, ...]]:
    """Return each unit's parents through its life, oldest first.

    The first parent holds from the opening on where the unit was there before its dates begin.
    """
    links: dict[str, list[Parent]] = {}
    for link in parents:
        links.setdefault(link.unit, []).append(link)
    found = {}
    for unit in units:
        opened, closed = life(unit)
        mine = links.get(unit.code, [])
        if len(mine) > 1:
            mine = sorted(mine, key=lambda link: number(link.start, -FAR))
        spells = []
        for place, link in enumerate(mine):
            start = opened if place == 0 and unit.opened is None else number(link.start, -FAR)
            start, end = max(start, opened), min(number(link.end, FAR), closed)
            if start < end:
                spells.append(Spell(start, end, link.parent))
        found[unit.code] = tuple(spells) if mine else (Spell(opened, closed, None),)
    return found


def chains_of(
    spells: dict[str, tuple[Spell, ...]], code: str
) -> tuple[tuple[int, int, tuple[str, ...]], ...]:
    """Return (start, end, units above, nearest first): one entry for each place in the tree.

    A unit moves with its parent: where anything above it changes, a new entry begins.
    """
    found: list[tuple[int, int, tuple[str, ...]]] = []
    for spell in spells.get(code, ()):
        if spell.parent is None:
            found.append((spell.start, spell.end, ()))
            continue
        for start, end, above in chains_of(spells, spell.parent):
            low, high = max(start, spell.start), min(end, spell.end)
            if low < high:
                found.append((low, high, (spell.parent, *above)))
    return tuple(found)


def handovers_of(successions: Iterable[Succession]) -> dict[str, tuple[Handover, ...]]:
    """Return what became of each unit that handed something over, oldest first."""
    found: dict[str, dict[int, list[tuple[str, float]]]] = {}
    for step in successions:
        at = month_number(step.date)
        found.setdefault(step.from_unit, {}).setdefault(at, []).append((step.to_unit, step.share))
    return {
        unit: tuple(Handover(at, tuple(shares)) for at, shares in sorted(dated.items()))
        for unit, dated in found.items()
    }


def heirs_of(
    handovers: dict[str, tuple[Handover, ...]], code: str, month: int
) -> tuple[tuple[str, float], ...]:
    """Return the units of today that a unit's facts before a later handover belong to.

    `month` is one in which the unit held the facts; shares multiply along the chain, and only
    what was handed over after the facts came counts. A share of all is exactly 1.

    >>> one = {"a": (Handover(5, (("b", 0.5), ("c", 0.5))),), "b": (Handover(9, (("d", 1.0),)),)}
    >>> heirs_of(one, "a", 3), heirs_of(one, "a", 5)
    ((('d', 0.5), ('c', 0.5)), (('a', 1.0),))
    """
    later = [step for step in handovers.get(code, ()) if step.month > month]
    if not later:
        return ((code, 1.0),)
    found: dict[str, float] = {}
    for to_unit, share in later[0].shares:
        if share <= 0:
            continue
        for heir, part in heirs_of(handovers, to_unit, later[0].month):
            found[heir] = found.get(heir, 0.0) + share * part
    return tuple((heir, whole(share)) for heir, share in found.items())


def whole(share: float) -> float:
    """Return a share, exactly 1 where it is 1 but for the last digits.

    >>> whole(0.1 + 0.2 + 0.7), whole(0.3)
    (1.0, 0.3)
    """
    return 1.0 if abs(share - 1) <= EXACT else share


def is_within(reach: Reach | None, code: str, start: int, end: int) -> bool:
    """Return whether a stretch of a unit's life lies within what may be read (None: all)."""
    if reach is None:
        return True
    return any(low <= start and end <= high for low, high in reach.get(code, ()))


def gone_units(
    units: Iterable[Unit],
    above: dict[str, str | None],
    handovers: dict[str, tuple[Handover, ...]],
) -> frozenset[str]:
    """Return the closed units that live on in others: the tree of today is without them.

    A unit with anything below it (by the parents `above`) that nobody took over stays, for the
    sake of that history.
    """
    closed = {unit.code for unit in units if unit.closed is not None and unit.code in handovers}
    kept = set(above) - closed
    waiting = list(kept)
    while waiting:
        parent = above[waiting.pop()]
        if parent is not None and parent not in kept:
            kept.add(parent)
            waiting.append(parent)
    return frozenset(above) - kept


def timeline(catalog: Catalog) -> tuple[Event, ...]:
    """Return every change of the structure, oldest first, then in official order."""
    units = {unit.code: unit for unit in catalog.units}
    handovers = handovers_of(catalog.successions)
    received: dict[tuple[str, int], int] = {}
    for steps in handovers.values():
        for step in steps:
            for to_unit, _ in step.shares:
                key = (to_unit, step.month)
                received[key] = received.get(key, 0) + 1
    found = []
    for code, steps in handovers.items():
        for step in steps:
            kind = _kind(code, step, units, received)
            found.append(Event(_day(step.month), kind, code, shares=step.shares))
    spells = spells_of(catalog.units, catalog.parents)
    for unit in catalog.units:
        opened, closed = life(unit)
        if unit.opened is not None and (unit.code, opened) not in received:
            first = spells[unit.code]
            found.append(
                Event(unit.opened, "opened", unit.code, now=first[0].parent if first else None)
            )
        if unit.closed is not None and unit.code not in handovers:
            last = spells[unit.code]
            found.append(
                Event(unit.closed, "closed", unit.code, was=last[-1].parent if last else None)
            )
        mine = spells[unit.code]
        for before, after in zip(mine, mine[1:], strict=False):
            if before.parent != after.parent:
                found.append(
                    Event(_day(after.start), "moved", unit.code, before.parent, after.parent)
                )
    order = {unit.code: unit.order for unit in catalog.units}
    return tuple(sorted(found, key=lambda event: (event.date, order.get(event.unit, 0))))


def _kind(
    code: str, step: Handover, units: dict[str, Unit], received: dict[tuple[str, int], int]
) -> str:
    """Return what a handover was."""
    takers = [to_unit for to_unit, _ in step.shares]
    if code in takers:
        return "handed"
    if len(takers) > 1:
        return "split"
    taker = units.get(takers[0])
    is_new = taker is not None and number(taker.opened, -FAR) == step.month
    return "succeeded" if is_new and received[takers[0], step.month] == 1 else "merged"


def _day(month: int) -> dt.date:
    """Return the first day of a month number."""
    return dt.date(month // 12, month % 12 + 1, 1)
