"""What must be said of a unit's months and borders beside its figure, and in which words?"""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np

from data.definition_types import Catalog
from data.periods import format_period, from_number
from data.texts import text
from data.unit_history import FAR, life
from metrics.cube import Cube
from metrics.matched import offset_months
from metrics.plan import make_plan
from metrics.structure import (
    STRUCTURE,
    Held,
    Lives,
    crossings,
    held,
    lives_of,
    mark,
    months_asked,
)
from metrics.windows import month_numbers, spans_of

WAYS = ("gained", "took", "lost", "gave")
NAMED = 3


class Told(NamedTuple):
    """One thing to be said of a unit.

    Of `opened` and `closed`: on which `side` (now, or the comparator) the unit was there for
    `held` of `months`; `is_there` says whether it was in any month of either. Of `structure`:
    what crossed its border, by the ways of `metrics.structure.Crossing`.
    """

    unit: str
    note: str
    month: dt.date
    side: str = "now"
    held: int = 0
    months: int = 0
    window: str = "month"
    is_there: bool = True
    crossed: tuple[tuple[str, tuple[str, ...]], ...] = ()


def alike(catalog: Catalog, codes: Iterable[str]) -> list[str]:
    """Return one indicator for each way of asking for months: of the others the same is said."""
    found: dict[tuple, str] = {}
    for code in codes:
        plan = make_plan(catalog, code)
        found.setdefault((*months_asked(plan), all(i.own for i in plan.inputs)), code)
    return list(found.values())


def tell(
    cube: Cube,
    code: str,
    units: Sequence[str],
    period: dt.date,
    window: str,
    comparator: str | None = None,
) -> list[Told]:
    """Return what is to be said of the figures of some units, unit by unit; mostly nothing.

    With a comparator, of their comparison with an earlier window as well.
    """
    plan, asked = make_plan(cube.catalog, code), month_numbers([period])
    offset = offset_months(comparator, window) if comparator else None
    now = spans_of(cube, [plan], asked, window)
    base = spans_of(cube, [plan], asked - offset, window) if offset else None
    marked = mark(cube, plan, units, now, base)
    lives = lives_of(cube, units, all(item.own for item in plan.inputs))
    if marked is None or lives is None:
        return []
    sides = [("now", held(plan, lives, now))]
    if base is not None and comparator:
        sides.append((comparator, held(plan, lives, base)))
    found: list[Told] = []
    for place in np.flatnonzero(marked[:, 0]).tolist():
        if marked[place, 0] == STRUCTURE:
            found += _borders(cube, units[place], sides)
        else:
            found += _months(cube, units[place], place, lives, sides, window)
    return found


def _borders(cube: Cube, unit: str, sides: list[tuple[str, Held]]) -> list[Told]:
    """Return what crossed a unit's border between the sides, month by month."""
    first, last = int(sides[-1][1].first[0]), int(sides[0][1].last[0])
    dated: dict[int, dict[str, list[str]]] = {}
    for crossing in crossings(cube)[unit]:
        if first < crossing.month <= last:
            ways = dated.setdefault(crossing.month, {})
            ways.setdefault(crossing.way, []).append(crossing.other)
    order = cube.tree.order
    return [
        Told(
            unit,
            "structure",
            from_number(month),
            crossed=tuple(
                (way, tuple(sorted(ways[way], key=order.__getitem__)))
                for way in WAYS
                if way in ways
            ),
        )
        for month, ways in dated.items()
    ]


def _months(
    cube: Cube, unit: str, place: int, lives: Lives, sides: list[tuple[str, Held]], window: str
) -> list[Told]:
    """Return from when, or until when, a unit was there, and what a side holds of it."""
    is_there = any(side.count[place, 0] for _, side in sides)
    found: dict[str, Told] = {}
    for name, side in sides:
        count, facts = int(side.count[place, 0]), int(side.facts[0])
        if count == facts:
            continue
        values = (name, count * side.step, facts * side.step, window, is_there)
        since, until = int(lives.since[place]), int(lives.until[place])
        if until == -FAR:  # taken over by others: on the units of today it is not there
            until = life(cube.tree.unit(unit))[1]
            if until < FAR:
                found.setdefault("gone", Told(unit, "gone", from_number(until), *values))
            continue
        if until <= side.last[0]:
            found.setdefault("closed", Told(unit, "closed", from_number(until), *values))
        if since > side.first[0]:
            found.setdefault("opened", Told(unit, "opened", from_number(since), *values))
    return list(found.values())


def told_words(
    told: Told, name_of: Callable[[str], str], lang: str, of_several: bool = False
) -> str:
    """Return the sentence of what is to be said; `of_several` periods only since when it is so."""
    values = {"unit": name_of(told.unit), "month": format_period(told.month)}
    if told.note == "gone":
        return text("words.structure.gone", lang, **values)
    if told.note == "structure":
        comma = text("words.structure.and", lang)
        parts = [
            text(f"words.structure.{way}", lang, names=_names(others, name_of, lang))
            for way, others in told.crossed
        ]
        return text("words.structure.borders", lang, **values, changes=comma.join(parts))
    if of_several:
        return text(f"words.structure.{told.note}_only", lang, **values)
    values["side"] = text(f"words.structure.side.{told.side}", lang)
    if not told.held:
        return text(f"words.structure.{told.note}_none", lang, **values)
    key = "rolling" if told.window == "rolling12" else "part"
    return text(
        f"words.structure.{told.note}_{key}", lang, **values, held=told.held, months=told.months
    )


def _names(units: Sequence[str], name_of: Callable[[str], str], lang: str) -> str:
    """Return the names of a few units; of many the first and their number."""
    comma = text("words.structure.comma", lang)
    names = comma.join(name_of(unit) for unit in units[:NAMED])
    if len(units) <= NAMED:
        return names
    return text("words.structure.and_more", lang, names=names, count=len(units))
