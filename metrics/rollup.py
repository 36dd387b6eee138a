"""How do leaves make the figures of units, and totals make values?

Pool, then divide: totals of both sides are summed over the leaves of a unit and divided at the
end. A parent of a listed measure (`roll = none`) shows what its own level filed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from data.unit_history import EXACT
from metrics.cube import Cube
from metrics.leafwise import ESTIMATED, PROVISIONAL, Batch, Leafwise
from metrics.rolls import Roll, make_roll, roll_up, rows_of
from metrics.spans import Spans
from metrics.structure import was_there

MISSING = 3


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
        whole_time = was_there(batch.cube, batch.plans[0], units, spans)
        if whole_time is not None:
            there["num"] = there["num"] & whole_time
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
    if shape in ("spread", "widest"):
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
