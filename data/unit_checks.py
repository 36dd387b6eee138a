"""Do units, their dated parents and their successions make one tree in every month?

Each problem names file, line and unit, what was found, and what to do about it.
"""

from collections.abc import Collection, Iterator

from data.definition_types import Catalog, Parent, Succession, Unit
from data.parse import nearest
from data.unit_history import EXACT, FAR, inner_units, life, number

Problems = Iterator[str]
PARENTS, STEPS, UNITS = "unit_parents.csv", "unit_successions.csv", "units.csv"


def check_units(catalog: Catalog) -> Problems:
    """Yield what is wrong with units, parents and successions."""
    levels = [level.code for level in catalog.bureau.levels]
    seen: set[str] = set()
    for unit in catalog.units:
        where = _at(UNITS, unit.line, unit.code)
        yield from _unknown(f"{where}.level", unit.level, levels, "level")
        if unit.code in seen:
            yield f"{where}: this code is given more than once"
        seen.add(unit.code)
        if unit.opened and unit.closed and unit.opened >= unit.closed:
            yield f"{where}: closed {unit.closed} is not after opened {unit.opened}"
    known = {unit.code: unit for unit in catalog.units}
    yield from _parents(catalog, known)
    yield from _successions(catalog, known)


def _at(file: str, line: int, code: str) -> str:
    """Return where a problem is."""
    return f"{file}: line {line}: {code}" if line else f"{file}: {code}"


def _unknown(where: str, word: str, known: Collection[str], what: str) -> Problems:
    """Yield a problem for a word that is not known."""
    if word not in known:
        yield f"{where}: unknown {what} '{word}'{nearest(word, known)}"


def _parents(catalog: Catalog, known: dict[str, Unit]) -> Problems:
    """Yield what is wrong with the dated parents."""
    links: dict[str, list[Parent]] = {}
    is_known = True
    for link in catalog.parents:
        for code in (link.unit, link.parent):
            problems = list(_unknown(_at(PARENTS, link.line, link.unit), code, known, "unit"))
            is_known = is_known and not problems
            yield from problems
        links.setdefault(link.unit, []).append(link)
    if not is_known:
        return
    for code, unit in known.items():
        mine = sorted(links.get(code, ()), key=lambda link: number(link.start, -FAR))
        if not mine and code != catalog.bureau.root:
            yield f"{PARENTS}: the unit '{code}' has no parent; add a line for it"
        for link in mine:
            yield from _interval(link, unit, known[link.parent])
        if mine:
            yield from _coverage(mine, unit)
    yield from _rings(links, known)


def _interval(link: Parent, unit: Unit, parent: Unit) -> Problems:
    """Yield where one stretch under a parent cannot be."""
    where = _at(PARENTS, link.line, link.unit)
    if link.start and link.end and link.start >= link.end:
        yield f"{where}: to {link.end} is not after from {link.start}"
        return
    if link.start and unit.opened and link.start < unit.opened:
        yield (
            f"{where}: from {link.start} is before the unit opened ({unit.opened}); begin with "
            f"{unit.opened}, or correct opened in {UNITS}"
        )
    if link.end and unit.closed and link.end > unit.closed:
        yield (
            f"{where}: to {link.end} is after the unit closed ({unit.closed}); end with "
            f"{unit.closed} or leave it empty"
        )
    start = max(number(link.start, -FAR), life(unit)[0])
    end = min(number(link.end, FAR), life(unit)[1])
    first, last = life(parent)
    if start < end and link.start and start < first:
        yield (
            f"{where}: its parent '{parent.code}' opens on {parent.opened}, later than from "
            f"{link.start}; begin with {parent.opened} and say who was its parent before"
        )
    if start < end and end > last:
        yield (
            f"{where}: its parent '{parent.code}' closes on {parent.closed}; end this line with "
            f"{parent.closed} and add a line for the parent from then on"
        )


def _coverage(mine: list[Parent], unit: Unit) -> Problems:
    """Yield where a unit has two parents at once, or none while it is open."""
    opened, closed = life(unit)
    for earlier, later in zip(mine, mine[1:], strict=False):
        where = _at(PARENTS, later.line, unit.code)
        if number(earlier.end, FAR) > number(later.start, -FAR):
            yield (
                f"{where}: has two parents from {later.start}; end the line of "
                f"'{earlier.parent}' with {later.start}"
            )
        elif number(earlier.end, FAR) < number(later.start, -FAR):
            yield (
                f"{where}: has no parent from {earlier.end} to {later.start}; let one line begin "
                f"where the other ends"
            )
    first, last = mine[0], mine[-1]
    if unit.opened and first.start and number(first.start, 0) > opened:
        yield (
            f"{_at(PARENTS, first.line, unit.code)}: has no parent from {unit.opened} (opened) to "
            f"{first.start}; begin with {unit.opened}"
        )
    if last.end and number(last.end, 0) < closed:
        yield (
            f"{_at(PARENTS, last.line, unit.code)}: has no parent from {last.end} on; add a line "
            f"for the next one, or give closed {last.end} in {UNITS}"
        )


def _rings(links: dict[str, list[Parent]], known: dict[str, Unit]) -> Problems:
    """Yield units that lie below themselves in some month."""
    dates = sorted({number(link.start, -FAR) for mine in links.values() for link in mine})
    for month in dates:
        above = {
            code: link.parent
            for code, mine in links.items()
            for link in mine
            if number(link.start, -FAR) <= month < number(link.end, FAR)
        }
        done: set[str] = set()
        for code in known:
            path: list[str] = []
            at: str | None = code
            while at is not None and at not in done and at not in path:
                path.append(at)
                at = above.get(at)
            if at is not None and at in path:
                ring = " → ".join([*path[path.index(at) :], at])
                yield f"{PARENTS}: a unit lies below itself: {ring}; correct one of their parents"
                return
            done.update(path)


def _successions(catalog: Catalog, known: dict[str, Unit]) -> Problems:
    """Yield what is wrong with the successions."""
    inner = inner_units(catalog.parents)
    dated: dict[tuple[str, str], list[Succession]] = {}
    for step in catalog.successions:
        where = _at(STEPS, step.line, step.from_unit)
        unknown = [
            problem
            for code in (step.from_unit, step.to_unit)
            for problem in _unknown(where, code, known, "unit")
        ]
        yield from unknown
        if not 0 < step.share <= 1 + EXACT:
            yield f"{where}: the share {step.share:g} is not above 0 and at most 1"
        if not unknown:
            dated.setdefault((step.from_unit, str(step.date)), []).append(step)
            yield from _taker(step, known[step.to_unit], inner)
    for steps in dated.values():
        yield from _handover(steps, known[steps[0].from_unit])


def _taker(step: Succession, taker: Unit, inner: frozenset[str]) -> Problems:
    """Yield why a unit cannot take over what it is said to."""
    where = _at(STEPS, step.line, step.from_unit)
    opened, closed = life(taker)
    at = number(step.date, 0)
    if opened > at:
        yield (
            f"{where}: '{taker.code}' opens on {taker.opened}, after it takes over on {step.date}; "
            f"let it open on {step.date}"
        )
    if closed <= at:
        yield (
            f"{where}: '{taker.code}' is closed from {taker.closed} on and cannot take over on "
            f"{step.date}; name a unit that is open then"
        )
    if (step.from_unit in inner) != (taker.code in inner):
        filer, other = sorted((step.from_unit, taker.code), key=lambda code: code in inner)
        yield (
            f"{where}: '{filer}' files, '{other}' is the sum of units below it; name filing units "
            f"on both sides, or units with others below them"
        )


def _handover(steps: list[Succession], unit: Unit) -> Problems:
    """Yield why a unit cannot be handed over so."""
    where, day = _at(STEPS, steps[0].line, unit.code), steps[0].date
    total = sum(step.share for step in steps)
    takers = [step.to_unit for step in steps]
    if abs(total - 1) > EXACT:
        yield f"{where}: the shares out of it on {day} sum to {total:.10g}, not 1"
    if len(set(takers)) < len(takers):
        yield f"{where}: one unit is named twice on {day}; give it one line with the whole share"
    opened, closed = life(unit)
    at = number(day, 0)
    if opened >= at:
        yield f"{where}: opens on {unit.opened} and has nothing to hand over on {day}"
    elif unit.code in takers and closed <= at:
        yield (
            f"{where}: keeps a share on {day} but is closed from {unit.closed} on; leave itself "
            f"out of the shares, or let it live on"
        )
    elif unit.code not in takers and closed != at:
        found = f"closed says {unit.closed}" if unit.closed else "it is not closed"
        yield (
            f"{where}: is taken over on {day}, but {found}; give closed {day} in {UNITS}, or a "
            f"line with the share that it keeps itself"
        )
