"""What stands on both sides of a comparison once incomplete leaves are dropped from both?

A leaf that owes its figures on a side and has not filed them all is dropped whole, on both sides.
A leaf that is not due on one side (opened, closed) is structure: it stays where it is, unless the
basis is `matched`: then only leaves that did not change between the sides are compared.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from data.periods import BLOCK, from_number, is_festival_split, is_spring_mom_withheld
from metrics.basis import keep_whole, unchanged
from metrics.cube import Cube
from metrics.events import BREAK, parted
from metrics.leafwise import Batch, Leafwise
from metrics.plan import Plan
from metrics.rolls import Roll, make_roll, roll_up
from metrics.rollup import (
    MISSING,
    Rolled,
    divide,
    finish,
    roll_figures,
    roll_sides,
    version_range,
)
from metrics.spans import Spans
from metrics.structure import SHORT, STRUCTURE, mark
from metrics.windows import open_window

YEAR = 12


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison on the compared leaves: [indicator, unit, period]."""

    numerator: np.ndarray
    denominator: np.ndarray
    value: np.ndarray


@dataclass(frozen=True, slots=True)
class Matched:
    """Both sides, the leaves they hold, where any was dropped, where a break lies between.

    `changed` says where the basis `matched` left leaves out because they had changed.
    """

    current: Side
    base: Side
    units: np.ndarray
    dropped: np.ndarray
    broken: np.ndarray
    changed: np.ndarray | None = None


def offset_months(comparator: str, window: str) -> int | None:
    """Return how many months before its window a comparison's base lies; None if it has none."""
    if comparator == "mom":
        return BLOCK[window] if window in ("month", "quarter", "half") else None
    return {"yoy": YEAR, "two_year": 2 * YEAR}.get(comparator)


def match(
    batch: Batch,
    current: tuple[Leafwise, Spans],
    base: tuple[Leafwise, Spans],
    units: Sequence[str],
) -> Matched:
    """Return both sides of a comparison on the leaves that are complete on both."""
    now, then = current[0], base[0]
    keep = ~((now.due & ~now.complete) | (then.due & ~then.complete))
    keep = keep_whole(batch.cube.ground, keep)
    either = now.due | then.due
    short = either & ~keep  # what the basis leaves out besides is not partial
    roll = make_roll(batch.cube, units, all(s.item.own for s in batch.sources))
    changed = None
    if batch.cube.basis == "matched":
        same = unchanged(batch.cube.ground, batch.cube.lives, base[1].start, current[1].end)
        changed = roll_up(roll, either & ~same) > 0
        keep &= (now.due == then.due) & same
    is_whole = bool(keep.all())
    mask = None if is_whole else keep
    compared = roll_up(roll, either if mask is None else either & keep)
    dropped = np.zeros(compared.shape, bool) if is_whole else roll_up(roll, short) > 0
    sides = _sides(batch, current, base, units, mask)
    broken, mixed = _broken(now, then, roll, mask)
    if not broken.any():
        return Matched(*sides, compared, dropped, broken, changed)
    for side, where in zip(sides, mixed, strict=True):
        for part in (side.numerator, side.denominator, side.value):
            part[where] = np.nan  # figures of two definitions are never one
    stale, fresh = _of_definition(now, then)
    rest = keep & keep_whole(batch.cube.ground, ~stale)
    saved = broken & (roll_up(roll, fresh & keep) > 0) & ~_broken(now, then, roll, rest)[0]
    if not saved.any():
        return Matched(*sides, compared, dropped, broken, changed)
    # Some leaves were worked out again under the new definition: the comparison stands on them.
    for side, other in zip(sides, _sides(batch, current, base, units, rest), strict=True):
        for name in Side.__slots__:
            getattr(side, name)[saved] = getattr(other, name)[saved]
    compared[saved] = roll_up(roll, either & rest)[saved]
    return Matched(*sides, compared, dropped | saved, broken & ~saved, changed)


def bar(
    batch: Batch, matched: Matched, units: Sequence[str], now: Spans, base: Spans
) -> np.ndarray | None:
    """Return which comparisons structure bars, as notes that fit [indicator, unit, period].

    Where the basis `matched` leaves nothing to compare, that too is structure.
    """
    barred = mark(batch.cube, batch.plans[0], units, now, base)
    if matched.changed is None or not matched.changed.any():
        return barred
    nothing_left = (matched.units == 0) & matched.changed & ~matched.dropped
    found = np.where(nothing_left, STRUCTURE, 0)
    return found if barred is None else np.where(barred == 0, found, barred)


def _sides(
    batch: Batch,
    current: tuple[Leafwise, Spans],
    base: tuple[Leafwise, Spans],
    units: Sequence[str],
    mask: np.ndarray | None,
) -> tuple[Side, Side]:
    """Return both sides of a comparison on the leaves kept."""
    now, then = (
        Side(*finish(batch, *roll_sides(batch, leafwise, spans, units, mask), spans))
        for leafwise, spans in (current, base)
    )
    return now, then


def _broken(
    now: Leafwise, then: Leafwise, roll: Roll, mask: np.ndarray | None
) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """Return where a break lies between the sides, and where a side itself holds two versions."""
    shape = (now.due.shape[0], len(roll.leaf), now.due.shape[2])
    broken, mixed, mixed0 = (np.zeros(shape, dtype=bool) for _ in range(3))
    for (low, high), (low0, high0) in zip(
        version_range(now, roll, mask), version_range(then, roll, mask), strict=True
    ):
        both = (low > 0) & (low0 > 0)
        broken |= both & ((low != high) | (low0 != high0) | (high != high0))
        mixed, mixed0 = mixed | (low != high), mixed0 | (low0 != high0)
    return broken, (mixed, mixed0)


def _of_definition(now: Leafwise, then: Leafwise) -> tuple[np.ndarray, np.ndarray]:
    """Return the leaves with a break between their sides, and those with none between them."""
    stale, fresh = np.zeros(now.due.shape, dtype=bool), np.zeros(now.due.shape, dtype=bool)
    for versions, earlier in zip(now.versions, then.versions, strict=True):
        some = np.logical_or.reduce(list(versions.values()))
        some0 = np.logical_or.reduce(list(earlier.values()))
        same = np.logical_and.reduce([versions[v] == earlier[v] for v in versions])
        same &= np.add.reduce([here.astype(np.int8) for here in versions.values()]) == 1
        stale |= some & some0 & ~same
        fresh |= some & some0 & same
    return stale, fresh & ~stale


def withheld(
    cube: Cube, comparator: str, window: str, asked: np.ndarray, base: np.ndarray
) -> np.ndarray:
    """Return at which periods the moving festival forbids the comparison."""
    calendar, year_start = cube.catalog.calendar, cube.catalog.bureau.year_start
    found = []
    for month, before in zip(asked.tolist(), base.tolist(), strict=True):
        now, then = from_number(month), from_number(before)
        if comparator == "mom":
            festive = is_festival_split("month", then.replace(month=1), calendar)
            found.append(festive and is_spring_mom_withheld(now, then, window, year_start))
        else:
            found.append(is_festival_split(window, now, calendar, year_start))
    return np.array(found, dtype=bool)


def yoy_figures(
    cube: Cube, plans: Sequence[Plan], units: Sequence[str], asked: np.ndarray, window: str
) -> Rolled:
    """Return figures that are themselves relative changes: the parts are current and base.

    No value where the base is zero, missing, behind a break, or the festival forbids it; nor
    where either side is below zero.
    """
    comparator = plans[0].comparator
    offset = offset_months(comparator, window)
    base = asked - (offset or 0)
    batch, leafwise, spans = open_window(cube, plans, asked, window, base)
    rolled = roll_figures(batch, leafwise[0], spans[0], units)
    matched = match(batch, (leafwise[0], spans[0]), (leafwise[1], spans[1]), units)
    now, then = matched.current.value, matched.base.value
    scale = np.array([plan.indicator.scale for plan in plans])[:, None, None]
    value = divide((now - then) * scale, np.where((then > 0) & (now >= 0), then, 0.0))
    value[matched.broken] = np.nan
    said = parted(cube, plans, units, spans[0], spans[1], BREAK)
    if said is not None:
        value[said] = np.nan
    barred = mark(cube, plans[0], units, *spans)
    if barred is not None:
        value[:, np.isin(barred, SHORT)] = np.nan
    value[:, :, withheld(cube, comparator, window, asked, base)] = np.nan
    if offset is None:
        then, value = np.full_like(then, np.nan), np.full_like(value, np.nan)
    status = np.where(np.isnan(value), MISSING, rolled.status).astype(np.uint8)
    version = np.empty(value.shape, dtype=np.int64)
    version[:] = np.array([plan.indicator.version for plan in plans])[:, None, None]
    return Rolled(now, then, value, rolled.due, rolled.reported, status, version)
