"""Was a unit there in all months of a window, and was it the same unit throughout?

A unit that opened or closed inside a window, or between it and the window it is held against, has
not the same months on both sides: there is nothing to compare. A unit that took something over
from beyond its borders, or gave something away, is another unit than before: on the structure of
the time its change is shown, but never read. What happens inside its borders is no matter.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from data.schema import NOTE
from data.unit_history import FAR, Handover, handovers_of, life
from metrics.basis import Ground, Piece
from metrics.cube import Cube
from metrics.plan import Plan
from metrics.rolls import make_roll
from metrics.spans import Spans

OPENED, CLOSED, STRUCTURE = (NOTE.index(word) for word in ("opened", "closed", "structure"))
SHORT = (OPENED, CLOSED)
NOTES = frozenset(("opened", "closed", "structure"))
UNEQUAL = NOTES | {"break"}  # what stands on the two sides of a comparison is not the same
NO_CHANGE = UNEQUAL - {"structure"}  # and so far from it that there is no change


class Crossing(NamedTuple):
    """What crossed a unit's border in a month.

    `way` is gained or lost (a unit moved), took or gave (all or a part of a unit was handed over);
    `other` is the unit that moved, or that stands on the other side.
    """

    month: int
    way: str
    other: str


@dataclass(frozen=True, eq=False, slots=True)
class Lives:
    """The months [since, until) in which each asked unit is there.

    `crossed` lists the places of units whose border something crossed, `when` the months of it.
    """

    since: np.ndarray
    until: np.ndarray
    crossed: np.ndarray
    when: np.ndarray


@dataclass(frozen=True, slots=True)
class Held:
    """How many of the facts of each window a unit was there for (unit × period).

    `first` and `last` are the months of the first and the last fact, `step` the months between
    two, `months` how many months the window asks for.
    """

    first: np.ndarray
    last: np.ndarray
    step: int
    facts: np.ndarray
    count: np.ndarray


def lives_of(cube: Cube, units: Sequence[str], own: bool) -> Lives | None:
    """Return since when and until when units are there; None where no unit has a beginning or end.

    A unit is there while anything that it is made of on the basis is; kept with the cube.
    """
    if cube.ground is None and not _is_dated(cube):
        return None
    key = ("lives", tuple(units), own)
    if key not in cube.memo:
        cube.memo[key] = _lives_of(cube, units, own)
    return cube.memo[key]


def _is_dated(cube: Cube) -> bool:
    """Return whether any unit opened or closed."""
    memo = cube.tree.memo
    if "dated" not in memo:
        known = cube.tree.units.values()
        memo["dated"] = any(unit.opened or unit.closed for unit in known)
    return memo["dated"]


def _lives_of(cube: Cube, units: Sequence[str], own: bool) -> Lives:
    """Return the lives of units by the rows that they are made of."""
    start, end = _row_lives(cube)
    roll = make_roll(cube, units, own)
    since, until = (np.zeros(len(units), dtype=np.int64) for _ in range(2))
    alone = roll.leaf >= 0
    since[alone], until[alone] = start[roll.leaf[alone]], end[roll.leaf[alone]]
    if len(roll.inner):
        since[roll.inner] = np.minimum.reduceat(start[roll.rows], roll.starts)
        until[roll.inner] = np.maximum.reduceat(end[roll.rows], roll.starts)
    rest = ~alone
    rest[roll.inner] = False
    for place in np.flatnonzero(rest).tolist():
        since[place], until[place] = _life_without_rows(cube, units[place])
    crossed = crossings(cube)
    pairs = [
        (at, month)
        for at, unit in enumerate(units if crossed else ())
        for month in sorted({crossing.month for crossing in crossed.get(unit, ())})
    ]
    places, when = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return Lives(since, until, places, when)


def _row_lives(cube: Cube) -> tuple[np.ndarray, np.ndarray]:
    """Return first month and end of what stands on the leaf axis of a question.

    On basis now a leaf of today has the months of those that it took over from.
    """
    ground = cube.ground
    if ground is None or cube.basis != "now":
        return cube.lives
    if cube.base is not None and cube.base.leaves == ground.leaves:
        start, end = cube.base.lives[0].copy(), cube.base.lives[1]
    else:
        lives = [life(cube.tree.unit(leaf)) for leaf in ground.leaves]
        start, end = np.array(lives, dtype=np.int64).reshape(-1, 2).T
    for place, parts in ground.parts.items():
        if parts:
            start[place] = min(start[place], *(int(ground.start[row]) for row, _ in parts))
    return start, end


def _life_without_rows(cube: Cube, unit: str) -> tuple[int, int]:
    """Return the life of a unit that nothing is made into: out of view, or gone.

    On the units of today, one that has nothing below it and files nothing is not there at all.
    """
    if cube.basis == "now" and not cube.tree.leaves(unit):
        return -FAR, -FAR
    return life(cube.tree.unit(unit))


def crossings(cube: Cube) -> dict[str, tuple[Crossing, ...]]:
    """Return what crossed the border of each unit, oldest first; nothing on the units of today."""
    if cube.ground is None or cube.basis == "now":
        return {}
    if "crossings" not in cube.memo:
        found: dict[str, set[Crossing]] = {}
        for unit, crossing in _moves(cube.ground, is_whole=cube.reach is None):
            found.setdefault(unit, set()).add(crossing)
        for unit, crossing in _handed(cube.ground, handovers_of(cube.catalog.successions)):
            found.setdefault(unit, set()).add(crossing)
        cube.memo["crossings"] = {unit: tuple(sorted(each)) for unit, each in found.items()}
    return cube.memo["crossings"]


def _moves(ground: Ground, is_whole: bool) -> Iterator[tuple[str, Crossing]]:
    """Yield the units between which a filing unit moved.

    Where all is in view, those that stood in one place only are passed over.
    """
    for rows in ground.several if is_whole else ground.rows_of.values():
        pieces = [ground.pieces[row] for row in rows]
        leaf = pieces[0].unit
        born, gone = life(ground.tree.unit(leaf))
        edges = {p.start for p in pieces if p.start > born}
        edges |= {p.end for p in pieces if p.end < gone}
        for month in sorted(edges):
            before = {unit for p in pieces if p.end == month for unit in p.above}
            after = {unit for p in pieces if p.start == month for unit in p.above}
            for unit in before ^ after:
                way = "lost" if unit in before else "gained"
                yield unit, Crossing(month, way, leaf)


def _handed(
    ground: Ground, handovers: dict[str, tuple[Handover, ...]]
) -> Iterator[tuple[str, Crossing]]:
    """Yield the units that gave something away or took something over, with the other side."""
    for giver, steps in handovers.items():
        if giver in ground.tree.inner:
            continue  # moves no figures: what was below it moves by itself
        for step in steps:
            before = _around(ground, giver, step.month - 1)
            for taker, share in step.shares:
                if taker == giver or share <= 0:
                    continue
                after = _around(ground, taker, step.month)
                for unit in before - after:
                    yield unit, Crossing(step.month, "gave", taker)
                for unit in after - before:
                    yield unit, Crossing(step.month, "took", giver)


def _around(ground: Ground, leaf: str, month: int) -> set[str]:
    """Return a filing unit and all above it in a month."""

    def holds(piece: Piece) -> bool:
        return piece.start <= month < piece.end

    pieces = [ground.pieces[row] for row in ground.rows_of.get(leaf, ())]
    return {leaf, *(unit for piece in pieces if holds(piece) for unit in piece.above)}


def months_asked(plan: Plan) -> tuple[bool, int]:
    """Return whether a figure asks for the last month of its window only, else for every how many.

    Of a stock, the last value of a window or a survey wave only the last month counts; a fact of
    a longer span sits in the last month of its span.
    """
    is_last = all(i.over_time in ("last", "none") or not i.is_flow for i in plan.inputs)
    return is_last, 1 if is_last else plan.span


def held(plan: Plan, lives: Lives, spans: Spans) -> Held:
    """Return how many facts of each window the units were there for."""
    is_last, step = months_asked(plan)
    first = spans.end if is_last else spans.start + step - 1
    facts = np.where(spans.valid, (spans.end - first) // step + 1, 0)
    since, until = lives.since[:, None], lives.until[:, None]
    low = np.maximum(0, -((first - since) // step))
    high = np.minimum(facts - 1, (until - 1 - first) // step)
    return Held(first, spans.end, step, facts, np.maximum(0, high - low + 1))


def mark(
    cube: Cube, plan: Plan, units: Sequence[str], now: Spans, base: Spans | None = None
) -> np.ndarray | None:
    """Return which figures, or comparisons with a base, structure bars: notes (unit × period).

    OPENED and CLOSED where a unit was not there in all months of a side, STRUCTURE where
    something crossed its border from the first month of the base to the last of the window.
    None where nothing is barred.
    """
    lives = lives_of(cube, units, all(item.own for item in plan.inputs))
    if lives is None:
        return None
    sides = [held(plan, lives, spans) for spans in (now, base) if spans is not None]
    found = np.zeros(sides[0].count.shape, dtype=np.int8)
    first, last = sides[-1].first, sides[0].last
    if len(lives.crossed) and (cube.basis != "matched" or base is None):
        when = lives.when[:, None]
        at, period = np.nonzero((first < when) & (when <= last))
        found[lives.crossed[at], period] = STRUCTURE
    for side in reversed(sides):
        is_short = side.count < side.facts
        if is_short.any():
            is_over = lives.until[:, None] <= side.last
            found = np.where(is_short, np.where(is_over, CLOSED, OPENED), found).astype(np.int8)
    return found if found.any() else None


def was_there(cube: Cube, plan: Plan, units: Sequence[str], spans: Spans) -> np.ndarray | None:
    """Return which units were there for all of each window (unit × period); None: all were."""
    lives = lives_of(cube, units, all(item.own for item in plan.inputs))
    if lives is None:
        return None
    found = held(plan, lives, spans)
    return found.count >= found.facts


def note_structure(
    note: np.ndarray, barred: np.ndarray | None, is_blank: np.ndarray, basis: str
) -> None:
    """Note what structure bars: first of all where a unit was not there in all months.

    That a unit's borders changed is noted where it has a figure (`is_blank` says where not) and a
    base; on the basis `matched`, where that is why there is nothing to compare.
    """
    if barred is None:
        return
    barred = np.broadcast_to(barred, note.shape)
    silent = ["break", "festival"] + ["missing_base"] * (basis != "matched")
    can_tell = ~is_blank & ~np.isin(note, [NOTE.index(word) for word in silent])
    note[(barred == STRUCTURE) & can_tell] = STRUCTURE
    short = np.isin(barred, SHORT)
    note[short] = barred[short]
