"""How do leaves make the figures of units, and totals make values?

Pool, then divide: totals of both sides are summed over the leaves of a unit and divided at the
end. A parent of a listed measure (`roll = none`) shows what its own level filed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from data.periods import month_number
from metrics.cube import Cube
from metrics.leafwise import ESTIMATED, PROVISIONAL, Batch, Leafwise
from metrics.spans import Spans

MISSING = 3


@dataclass(frozen=True, slots=True)
class Roll:
    """Where the leaves of each asked unit stand.

    `leaf` is the place of the one leaf that speaks for a unit (-1: none), `stretches` the same as
    (first unit, end, first leaf) of neighbours, `inner` the units that sum several leaves,
    `member` their 0/1 membership.
    """

    leaf: np.ndarray
    stretches: tuple[tuple[int, int, int], ...]
    inner: np.ndarray
    member: np.ndarray


@dataclass(frozen=True, slots=True)
class Rolled:
    """Figures of a batch: arrays [indicator, unit, period], NaN where there is no value."""

    numerator: np.ndarray
    denominator: np.ndarray
    value: np.ndarray
    due: np.ndarray
    reported: np.ndarray
    status: np.ndarray
    version: np.ndarray


def make_roll(cube: Cube, units: Sequence[str], own: bool) -> Roll:
    """Return how the units of a question are made of leaves; kept with the cube."""
    key = ("roll", tuple(units), own)
    if key not in cube.memo:
        cube.memo[key] = _make_roll(cube, units, own)
    return cube.memo[key]


def _make_roll(cube: Cube, units: Sequence[str], own: bool) -> Roll:
    leaf = np.full(len(units), -1)
    inner, member = [], []
    for place, unit in enumerate(units):
        owner = cube.tree.own(unit)
        leaves = ((owner,) if owner else ()) if own else cube.tree.leaves(unit)
        if not leaves or not all(code in cube.scope for code in leaves):
            continue  # not all of the unit is in view: no figure rather than a part of one
        if len(leaves) == 1:
            leaf[place] = cube.leaf_index[leaves[0]]
        else:
            inner.append(place)
            member.append([cube.leaf_index[code] for code in leaves])
    matrix = np.zeros((len(inner), len(cube.leaves)))
    for row, places in enumerate(member):
        matrix[row, places] = 1.0
    return Roll(leaf, _stretches(leaf), np.array(inner, dtype=np.intp), matrix)


def _stretches(leaf: np.ndarray) -> tuple[tuple[int, int, int], ...]:
    """Return the runs of units whose leaves are neighbours.

    >>> _stretches(np.array([-1, 4, 5, 2]))
    ((1, 3, 4), (3, 4, 2))
    """
    found: list[tuple[int, int, int]] = []
    for place, at in enumerate(leaf.tolist()):
        if at < 0:
            continue
        if found and found[-1][1] == place and found[-1][2] + place - found[-1][0] == at:
            found[-1] = (found[-1][0], place + 1, found[-1][2])
        else:
            found.append((place, place + 1, at))
    return tuple(found)


def roll_up(roll: Roll, totals: np.ndarray) -> np.ndarray:
    """Return sums over the leaves of each unit: [indicator, leaf, period] to units."""
    shape = (totals.shape[0], len(roll.leaf), totals.shape[2])
    if totals.dtype == np.bool_:
        totals = totals.astype(np.float32)
    out = np.zeros(shape, dtype=totals.dtype)
    for first, last, place in roll.stretches:
        out[:, first:last] = totals[:, place : place + last - first]
    if len(roll.inner):
        out[:, roll.inner] = np.matmul(roll.member.astype(totals.dtype), totals)
    return out


def is_own(batch: Batch, role: str) -> bool:
    """Return whether one side of the formula is filed by the own level and not summed."""
    mine = [s.item.own for s in batch.sources if s.item.role == role]
    return bool(mine) and all(mine)


def roll_figures(batch: Batch, leafwise: Leafwise, spans: Spans, units: Sequence[str]) -> Rolled:
    """Return the figures of units from what their leaves bring."""
    cube = batch.cube
    covers_own = all(s.item.own for s in batch.sources)
    coverage = make_roll(cube, units, covers_own)
    totals, there = roll_sides(batch, leafwise, spans, units)
    numerator, denominator, value = finish(batch, totals, there, spans)
    due = roll_up(coverage, leafwise.due)
    reported = roll_up(coverage, leafwise.complete)
    status = np.zeros(value.shape, dtype=np.uint8)
    for code in (PROVISIONAL, ESTIMATED):
        if code in leafwise.status:
            status[roll_up(coverage, leafwise.status[code]) > 0] = code
    status[:, :, spans.end != spans.asked] = np.maximum(
        status[:, :, spans.end != spans.asked], PROVISIONAL
    )
    status[np.isnan(value)] = MISSING
    version = _version(batch, leafwise, coverage, value.shape)
    return Rolled(numerator, denominator, value, due, reported, status, version)


def roll_sides(
    batch: Batch,
    leafwise: Leafwise,
    spans: Spans,
    units: Sequence[str],
    keep: np.ndarray | None = None,
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Return the totals of each side by unit and where there are any; `keep` drops leaves."""
    totals, there = {}, {}
    for role, total in leafwise.sides.items():
        roll = make_roll(batch.cube, units, is_own(batch, role))
        has = leafwise.has[role]
        if keep is not None:
            total, has = np.where(keep, total, 0.0), has & keep
        totals[role] = roll_up(roll, total)
        there[role] = roll_up(roll, has) > 0
    if spans.window == "rolling12" and any(s.item.is_flow for s in batch.sources):
        there["num"] = there["num"] & _existed(batch.cube, units, spans)
    return totals, there


def finish(
    batch: Batch, totals: dict[str, np.ndarray], there: dict[str, np.ndarray], spans: Spans
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return numerator, denominator and value; x/0 and whatever lacks a side is missing."""
    numerator = np.where(there["num"], _divide(totals["num"], batch.divisor["num"]), np.nan)
    shape = batch.plans[0].shape
    scale = np.array([_scale(plan.indicator) for plan in batch.plans])[:, None, None]
    if shape == "sum":
        value = numerator if (scale == 1).all() else numerator * scale
        return numerator, np.full_like(numerator, np.nan), value
    denominator = np.where(there["den"], _divide(totals["den"], batch.divisor["den"]), np.nan)
    if shape == "spread":
        denominator = np.where(there["num"], denominator, np.nan)
        pooled = numerator * numerator / np.where(denominator > 0, denominator, np.nan)
        numerator = np.maximum(totals["square"] - pooled, 0.0)
        denominator = denominator - 1
        return numerator, denominator, np.sqrt(divide(numerator, denominator))
    if shape == "annualised":
        return numerator, denominator, divide(numerator * scale * 12, denominator * spans.months)
    return numerator, denominator, divide(numerator * scale, denominator)


def divide(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    """Return the quotient, NaN where the denominator is zero or missing."""
    out = np.full(np.broadcast_shapes(numerator.shape, denominator.shape), np.nan)
    return np.divide(numerator, denominator, out=out, where=denominator != 0)


def _scale(indicator) -> float:
    """Return the scale; that of a relative change belongs to the change."""
    return 1.0 if indicator.kind == "yoy" else indicator.scale


def _divide(totals: np.ndarray, divisor: np.ndarray) -> np.ndarray:
    """Return whole-number totals in the unit of the measure."""
    return totals if (divisor == 1).all() else totals / divisor[:, None, None]


def _existed(cube: Cube, units: Sequence[str], spans: Spans) -> np.ndarray:
    """Return whether a unit existed in all months of each window (unit × period)."""
    opened = [cube.tree.unit(unit).opened for unit in units]
    since = np.array([month_number(day) if day else -1 for day in opened])
    return since[:, None] <= spans.start


def _version(batch: Batch, leafwise: Leafwise, roll: Roll, shape: tuple[int, ...]) -> np.ndarray:
    """Return the definition version of each figure: of a measure, the latest that it holds."""
    cube = batch.cube
    version = np.empty(shape, dtype=np.int64)
    for place, plan in enumerate(batch.plans):
        item = plan.indicator
        plane = cube.index.get(plan.inputs[0].measure, len(cube.index))
        met = cube.versions[plane]
        version[place] = met[-1] if item.is_measure and met else item.version
    if batch.plans[0].indicator.is_measure and leafwise.versions:
        for code, present in sorted(leafwise.versions[0].items()):
            version[roll_up(roll, present) > 0] = code
    return version


def version_range(
    leafwise: Leafwise, roll: Roll, keep: np.ndarray | None
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return, per input with several versions, the oldest and newest behind each figure."""
    ranges = []
    for versions in leafwise.versions:
        low = high = None
        for code, present in sorted(versions.items()):
            here = roll_up(roll, present if keep is None else present & keep) > 0
            if low is None or high is None:
                low, high = np.zeros(here.shape), np.zeros(here.shape)
            low = np.where(here & (low == 0), code, low)
            high = np.where(here, code, high)
        if low is not None and high is not None:
            ranges.append((low, high))
    return ranges
