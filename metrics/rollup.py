"""How do leaves make the figures of units, and totals make values?

Pool, then divide: totals of both sides are summed over the leaves of a unit and divided at the
end. A parent of a listed measure (`roll = none`) shows what its own level filed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from data.unit_history import EXACT, life
from metrics.cube import Cube
from metrics.leafwise import ESTIMATED, PROVISIONAL, Batch, Leafwise
from metrics.spans import Spans

MISSING = 3
MANY_UNITS = 1000
MOST_CELLS = 1 << 22  # of a matrix of units × leaves, 32 MB


@dataclass(frozen=True, slots=True)
class Roll:
    """Where the leaves of each asked unit stand.

    `leaf` is the place of the one leaf that speaks for a unit (-1: none), `stretches` the same as
    (first unit, end, first leaf) of neighbours, `inner` the units that sum several leaves: their
    rows one unit after the other, from `starts` on, and `member` as 0/1 where that is not too
    large; `twice` the units (by place) that hold several rows of one leaf, which counts once.
    """

    leaf: np.ndarray
    stretches: tuple[tuple[int, int, int], ...]
    inner: np.ndarray
    rows: np.ndarray
    starts: np.ndarray
    member: np.ndarray | None
    twice: tuple[tuple[int, list[int]], ...] = ()


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
    """Return how the units of a question are made of leaves; kept with the cube.

    Of a nation's units, where it follows from tree and leaves alone, kept with the tree.
    """
    key: tuple = ("roll", tuple(units), own)
    memo = cube.memo
    if len(units) > MANY_UNITS and cube.ground is None and cube.reach is None:
        key, memo = (*key, cube.leaves), cube.tree.memo
    if key not in memo:
        memo[key] = _make_roll(cube, units, own)
    return memo[key]


def _make_roll(cube: Cube, units: Sequence[str], own: bool) -> Roll:
    leaf = np.full(len(units), -1)
    inner, members, twice = [], [], []
    for place, unit in enumerate(units):
        rows = rows_of(cube, unit, own)
        if len(rows) == 1:
            leaf[place] = rows[0]
        elif rows:
            inner.append(place)
            members.append(rows)
            twice += [(place, same) for same in _same_leaf(cube, rows)]
    starts = np.cumsum([0, *map(len, members)])[:-1]
    return Roll(
        leaf, _stretches(leaf), np.array(inner, dtype=np.intp),
        np.fromiter(chain.from_iterable(members), dtype=np.intp), starts.astype(np.intp),
        _matrix(members, len(cube.rows if cube.basis != "now" else cube.leaves)), tuple(twice),
    )  # fmt: skip


def _matrix(members: list[list[int]], width: int) -> np.ndarray | None:
    """Return units × leaves as 0/1: the fastest sums of a bureau, too large for a nation."""
    if len(members) * width > MOST_CELLS:
        return None
    matrix = np.zeros((len(members), width))
    for row, places in enumerate(members):
        matrix[row, places] = 1.0
    return matrix


def rows_of(cube: Cube, unit: str, own: bool) -> list[int]:
    """Return the places of what a unit is made of; none where not all of it is in view.

    No figure rather than a part of one.
    """
    if cube.ground is not None and cube.basis != "now":
        return cube.ground.rows_below(unit, own)
    owner = cube.tree.own(unit) if own else None
    leaves = ((owner,) if owner else ()) if own else cube.tree.leaves(unit)
    if not cube.scope.issuperset(leaves):
        return []
    return [cube.leaf_index[code] for code in leaves]


def _same_leaf(cube: Cube, rows: list[int]) -> list[list[int]]:
    """Return those rows of a unit that one leaf filed, where there are several."""
    if cube.ground is None or cube.basis == "now":
        return []
    mine = set(rows)
    found = ([row for row in same if row in mine] for same in cube.ground.several)
    return [same for same in found if len(same) > 1]


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
    """Return sums over the leaves of each unit: [indicator, leaf, period] to units.

    Of marks, how many leaves have one.
    """
    shape = (totals.shape[0], len(roll.leaf), totals.shape[2])
    is_count = totals.dtype == np.bool_
    if is_count:
        totals = totals.astype(np.float32)
    out = np.zeros(shape, dtype=totals.dtype)
    for first, last, place in roll.stretches:
        out[:, first:last] = totals[:, place : place + last - first]
    if len(roll.inner):
        out[:, roll.inner] = _sums(roll, totals)
    for place, rows in roll.twice if is_count else ():
        out[:, place] -= totals[:, rows].sum(axis=1) - totals[:, rows].max(axis=1)
    return out


def _sums(roll: Roll, totals: np.ndarray) -> np.ndarray:
    """Return the sums of the units that have several leaves."""
    if roll.member is not None:
        return np.matmul(roll.member.astype(totals.dtype), totals)
    return np.stack([np.add.reduceat(part[roll.rows], roll.starts, axis=0) for part in totals])


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
    status[shared_in(batch, leafwise, units)] = ESTIMATED
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
        if leafwise.shared:
            totals[role] = _snap(totals[role])
        if role == "square" and leafwise.once:
            _add_back(batch.cube, leafwise, units, keep, totals[role])
        there[role] = roll_up(roll, has) > 0
    if spans.window == "rolling12" and any(s.item.is_flow for s in batch.sources):
        there["num"] = there["num"] & _existed(batch.cube, units, spans)
    return totals, there


def _add_back(
    cube: Cube,
    leafwise: Leafwise,
    units: Sequence[str],
    keep: np.ndarray | None,
    squares: np.ndarray,
) -> None:
    """Add the variances that were taken away once too often: one a sample, not one a leaf."""
    ground = cube.ground
    if ground is None:
        return
    for place, unit in enumerate(units):
        mine = set(rows_of(cube, unit, own=False))
        for row, once in leafwise.once.items():
            heirs = [ground.leaf_index.get(heir, -1) for heir, _ in ground.pieces[row].heirs]
            held = [heir for heir in heirs if heir in mine]
            if len(held) < 2:
                continue
            count = len(held) if keep is None else keep[:, held].sum(axis=1)
            squares[:, place] += np.maximum(count - 1, 0) * once


def _snap(totals: np.ndarray) -> np.ndarray:
    """Return totals, whole where shares that sum to one have left a last digit over."""
    near = np.rint(totals)
    return np.where(np.abs(totals - near) <= EXACT * np.maximum(1, np.abs(near)), near, totals)


def shared_in(batch: Batch, leafwise: Leafwise, units: Sequence[str]) -> np.ndarray:
    """Return the figures that hold a part of what another unit filed: they are estimated.

    A unit that holds all parts of it does not: its total is exact.
    """
    shape = (len(batch.plans), len(units), leafwise.due.shape[2])
    found = np.zeros(shape, dtype=bool)
    if not leafwise.shared or batch.cube.ground is None:
        return found
    own = all(s.item.own for s in batch.sources)
    leaves = batch.cube.leaves
    for place, unit in enumerate(units):
        mine = {leaves[row] for row in rows_of(batch.cube, unit, own)}
        for row, there in leafwise.shared.items():
            if 0 < batch.cube.ground.share_of(row, mine) < 1:
                found[:, place] |= there
    return found


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
    if shape == "difference":
        return numerator, denominator, (numerator - denominator) * scale
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
    ground = cube.ground
    lives = [ground.existed(u) if ground is not None else life(cube.tree.unit(u)) for u in units]
    since, until = (np.array(edge)[:, None] for edge in zip(*lives, strict=True))
    return (since <= spans.start) & (spans.end < until)


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
