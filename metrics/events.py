"""Where does a series start again because a bureau has said so, and what must its reader know?

An event touches what it names and everything that is made of it (of all of it, where an indicator
of several measures is named), and a unit with all below it. What lies above is not touched: a new
system in one district is no new start for the city.
"""

import datetime as dt
from collections.abc import Sequence

import numpy as np

from data.definition_types import Catalog, Event
from data.periods import month_number
from metrics.cube import Cube
from metrics.plan import Plan, make_plan
from metrics.spans import Spans

NOTE, BREAK = "note", "break"


def events_of(cube: Cube, plan: Plan, unit: str) -> tuple[Event, ...]:
    """Return the events that touch an indicator of a unit, oldest first."""
    if not cube.catalog.events:
        return ()
    key = ("events", plan.indicator.code, unit)
    if key not in cube.memo:
        made_of, catalog = set(plan.measures), cube.catalog
        above = {unit, *cube.tree.ancestors(unit)}
        cube.memo[key] = tuple(
            event
            for event in cube.catalog.events
            if (not event.indicators or _touches(catalog, event, plan.indicator.code, made_of))
            and (not event.units or above & set(event.units))
        )
    return cube.memo[key]


def _touches(catalog: Catalog, event: Event, code: str, made_of: set[str]) -> bool:
    """Return whether an event names an indicator, or something all of which it is made of."""
    return any(
        named == code or made_of.issuperset(make_plan(catalog, named).measures)
        for named in event.indicators
    )


def told(cube: Cube, plan: Plan, unit: str, first: dt.date, last: dt.date) -> tuple[Event, ...]:
    """Return the events of a series from one month to another, to be written on its chart."""
    return tuple(e for e in events_of(cube, plan, unit) if first <= e.start <= last)


def restarts(cube: Cube, plan: Plan, unit: str) -> tuple[int, ...]:
    """Return the months (numbers) from which a series starts again, oldest first."""
    found = {month_number(e.start) for e in events_of(cube, plan, unit) if e.effect != NOTE}
    return tuple(sorted(found))


def latest_start(
    cube: Cube, plans: Sequence[Plan], units: Sequence[str], month: int
) -> np.ndarray | None:
    """Return the month from which each series [indicator, unit] last started again, 0 for never.

    None where nothing ever did, up to the month given.
    """
    if not cube.catalog.events:
        return None
    found = np.array(
        [
            [
                max((m for m in restarts(cube, plan, unit) if m <= month), default=0)
                for unit in units
            ]
            for plan in plans
        ]
    ).reshape(len(plans), len(units))
    return found if found.any() else None


def parted(
    cube: Cube,
    plans: Sequence[Plan],
    units: Sequence[str],
    now: Spans,
    base: Spans,
    effect: str = "",
) -> np.ndarray | None:
    """Return where a series started again after the first month of the base, up to the last asked.

    Marks are [indicator, unit, period]; with an `effect`, events of that one alone count. None
    where nothing lies between.
    """
    if not cube.catalog.events:
        return None
    found = np.zeros((len(plans), len(units), len(now.asked)), dtype=bool)
    for place, plan in enumerate(plans):
        for row, unit in enumerate(units):
            for event in events_of(cube, plan, unit):
                if event.effect == NOTE or (effect and event.effect != effect):
                    continue
                month = month_number(event.start)
                found[place, row] |= (base.start < month) & (month <= now.end)
    return found if found.any() else None
