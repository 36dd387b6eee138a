"""Under which definitions is a figure counted when a measure's definition has changed?

A figure holds one definition of each measure: the newest under which everything that was filed in
its window was filed or worked out again (a back-cast). A window with months that have the old
definition only and months that have the new one only has no figure: it straddles the break.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from data.definition_types import Catalog, Version
from data.definition_versions import breaks_between
from data.periods import month_number
from data.schema import FACTS
from metrics.basis import gather
from metrics.cube import Cube, refill
from metrics.plan import Input, Plan, make_plan
from metrics.rolls import make_roll, roll_up
from metrics.spans import Spans
from metrics.windows import covered, spans_of

NOTHING = -1  # nothing was filed in the window
STRADDLES = 0  # no one version holds all of it


# The highest version of each measure that is used, and where [unit, period].
Older = tuple[tuple[dict[str, int], np.ndarray], ...]


@dataclass(frozen=True, slots=True)
class Settled:
    """How one indicator's figures stand to its breaks: marks [unit, period].

    `older` lists, for figures that stand on earlier definitions than the newest filed, the highest
    version of each measure to be used and where.
    """

    older: Older
    straddles: np.ndarray


def settle(
    cube: Cube,
    plan: Plan,
    units: Sequence[str],
    asked: np.ndarray,
    window: str,
    bases: Sequence[np.ndarray] = (),
) -> Settled | None:
    """Return under which definitions the figures stand; None if no input has several versions.

    Figures that are to be compared with the windows of `bases` take the same definitions there.
    """
    inputs = changed_inputs(cube, plan)
    if not inputs or not len(asked):
        return None
    spans = [spans_of(cube, [plan], months, window) for months in (asked, *bases)]
    wide = covered(cube, *spans)
    straddles = np.zeros((len(units), len(asked)), dtype=bool)
    caps: dict[str, np.ndarray] = {}
    for item in inputs:
        chosen = chosen_versions(wide, item, units, spans[0])
        straddles |= chosen == STRADDLES
        newer = [_has_newer(wide, item, units, each, chosen) for each in spans]
        caps[item.measure] = np.where((chosen > 0) & np.logical_or.reduce(newer), chosen, 0)
    return Settled(_grouped(caps, ~straddles), straddles)


def shared(
    cube: Cube,
    plan: Plan,
    units: Sequence[str],
    asked: np.ndarray,
    window: str,
    base: np.ndarray,
) -> Older:
    """Return the comparisons that stand on an earlier definition than the figure, and on which.

    Where the base was never worked out under the figure's definition, but both windows were filed
    under an earlier one, that one serves both sides.
    """
    inputs = changed_inputs(cube, plan)
    if not inputs or not len(asked):
        return ()
    now, then = (spans_of(cube, [plan], months, window) for months in (asked, base))
    wide = covered(cube, now, then)
    caps: dict[str, np.ndarray] = {}
    has_all = np.ones((len(units), len(asked)), dtype=bool)
    for item in inputs:
        chosen = chosen_versions(wide, item, units, now)
        both = np.zeros(chosen.shape, dtype=np.int64)
        some, some0 = (_of_any(wide, item, units, spans) for spans in (now, then))
        for version in _met(wide, item.measure):
            there = _there(wide, item.measure, version)
            held = some & _lacks_none(wide, item, units, now, there)
            both[held & some0 & _lacks_none(wide, item, units, then, there)] = version
        has_all &= (both > 0) | ~some
        caps[item.measure] = np.where(both < chosen, both, 0)
    return _grouped(caps, has_all)


def _grouped(caps: dict[str, np.ndarray], where: np.ndarray) -> Older:
    """Return each set of highest versions with the figures [unit, period] that stand on it."""
    stacked = np.stack(list(caps.values()), axis=-1)
    found = []
    for row in np.unique(stacked[where], axis=0):
        if row.any():
            limits = {code: int(v) for code, v in zip(caps, row, strict=True) if v}
            found.append((limits, (stacked == row).all(axis=-1) & where))
    return tuple(found)


def changed_inputs(cube: Cube, plan: Plan) -> list[Input]:
    """Return the inputs whose measure was filed under several definitions, each measure once."""
    if cube.several is None:
        return []
    found = {i.measure: i for i in plan.inputs if len(_met(cube, i.measure)) > 1}
    return list(found.values())


def _met(cube: Cube, code: str) -> tuple[int, ...]:
    """Return the versions of a measure that were filed under, oldest first."""
    if ("met", code) not in cube.memo:
        rows = cube.several.filter(measure=code) if cube.several is not None else pl.DataFrame()
        met = rows["definition"].unique().sort().to_list() if rows.height else []
        cube.memo["met", code] = tuple(met)
    return cube.memo["met", code]


def chosen_versions(cube: Cube, item: Input, units: Sequence[str], spans: Spans) -> np.ndarray:
    """Return the newest version that holds each figure's whole window (unit × period)."""
    there = [_there(cube, item.measure, version) for version in _met(cube, item.measure)]
    found = np.full((len(units), len(spans.asked)), NOTHING)
    found[_of_any(cube, item, units, spans)] = STRADDLES
    for version, here in zip(_met(cube, item.measure), there, strict=True):
        is_whole = _lacks_none(cube, item, units, spans, here)
        found[is_whole & (found != NOTHING)] = version
    return found


def _of_any(cube: Cube, item: Input, units: Sequence[str], spans: Spans) -> np.ndarray:
    """Return whether anything was filed in a figure's window (unit × period)."""
    return _counted(cube, item, units, spans, _anyhow(cube, item.measure)) > 0


def _lacks_none(
    cube: Cube, item: Input, units: Sequence[str], spans: Spans, there: np.ndarray
) -> np.ndarray:
    """Return whether all that was filed in a window is among what is marked."""
    return _counted(cube, item, units, spans, _anyhow(cube, item.measure) & ~there) == 0


def _anyhow(cube: Cube, code: str) -> np.ndarray:
    """Return where a measure was filed under any version (leaf × month)."""
    return np.logical_or.reduce([_there(cube, code, version) for version in _met(cube, code)])


def one_definition(
    cube: Cube, plan: Plan, units: Sequence[str], asked: np.ndarray, window: str, at: int = -1
) -> np.ndarray | None:
    """Return which figures stand on the same definitions [unit, period]; None: they all do.

    In each period those of the newest definition that any unit has; with `at` (a place among the
    periods) in each unit those of that period's definition. Units without a figure count as alike.
    """
    inputs = changed_inputs(cube, plan)
    if not inputs or not len(asked):
        return None
    spans = spans_of(cube, [plan], asked, window)
    wide = covered(cube, spans)
    same = np.ones((len(units), len(asked)), dtype=bool)
    for item in inputs:
        chosen = chosen_versions(wide, item, units, spans)
        wanted = chosen.max(axis=0, keepdims=True) if at < 0 else chosen[:, [at]]
        same &= ((chosen == wanted) & (wanted > STRADDLES)) | (chosen == NOTHING)
    return same


def phases(cube: Cube, plan: Plan, unit: str, periods: Sequence[dt.date]) -> list[str]:
    """Return under which definitions each month of a series stands: equal words can be compared.

    `v2`, or `v2·v1` for an indicator made of several measures that have changed.
    """
    asked = np.array([month_number(period) for period in periods], dtype=np.int64)
    inputs = changed_inputs(cube, plan)
    if not inputs:
        met = cube.versions[cube.index.get(plan.measures[0], len(cube.index))]
        own = met[-1] if plan.indicator.is_measure and met else plan.indicator.version
        return [f"v{own}"] * len(periods)
    spans = spans_of(cube, [plan], asked, "month")
    wide = covered(cube, spans)
    columns = [_filled(chosen_versions(wide, item, [unit], spans)[0]) for item in inputs]
    return ["·".join(f"v{number}" for number in row) for row in zip(*columns, strict=True)]


def crossed(
    catalog: Catalog, code: str, first: dt.date, last: dt.date
) -> list[tuple[str, Version]]:
    """Return the definitions, with their measures, that begin after one month up to another."""
    return [
        (measure, version)
        for measure in make_plan(catalog, code).measures
        for version in breaks_between(catalog.measures[measure].versions, first, last)
    ]


def _filled(chosen: np.ndarray) -> list[int]:
    """Return the versions with gaps counted to the version before them.

    >>> _filled(np.array([-1, 1, -1, 2, 0]))
    [1, 1, 1, 2, 2]
    """
    known = [int(v) for v in chosen if v > 0]
    found: list[int] = []
    for version in chosen.tolist():
        before = found[-1] if found else (known[0] if known else 1)
        found.append(version if version > 0 else before)
    return found


def _has_newer(
    cube: Cube, item: Input, units: Sequence[str], spans: Spans, chosen: np.ndarray
) -> np.ndarray:
    """Return where a window also holds figures of a later version than the chosen one."""
    found = np.zeros(chosen.shape, dtype=bool)
    for version in _met(cube, item.measure):
        here = _counted(cube, item, units, spans, _there(cube, item.measure, version)) > 0
        found |= here & (version > chosen)
    return found


def _there(cube: Cube, code: str, version: int) -> np.ndarray:
    """Return where a measure was filed under one version (leaf × month)."""
    key = ("there", code, version)
    if key not in cube.memo:
        values, *_ = _planes(cube, code, pl.col("definition") == version)
        cube.memo[key] = ~np.isnan(values)
    return cube.memo[key]


def _planes(
    cube: Cube, code: str, which: pl.Expr
) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Return values, status, version and divisor of some facts of a measure, shaped as the cube."""
    facts = cube.several if cube.several is not None else pl.DataFrame(schema=FACTS)
    part = refill(cube, facts.filter(pl.col("measure") == code, which))
    months = slice(cube.first - part.first, cube.first - part.first + cube.months)
    place = part.index.get(code, len(part.index))
    values, status, version = (
        plane[place][:, months] for plane in (part.values, part.status, part.version)
    )
    return values, status, version, float(part.divisor[place])


def _counted(
    cube: Cube, item: Input, units: Sequence[str], spans: Spans, marked: np.ndarray
) -> np.ndarray:
    """Return how many marked leaf-months each figure reads (unit × period)."""
    is_last = item.over_time == "last" or not item.is_flow
    start = (spans.end - item.span + 1 if is_last else spans.start) - cube.first
    stop = spans.end - cube.first + 1
    sums = np.zeros((marked.shape[0], marked.shape[1] + 1))
    np.cumsum(marked, axis=1, out=sums[:, 1:])
    counted = gather(cube.ground, (sums[:, stop] - sums[:, start])[None])
    return roll_up(make_roll(cube, units, item.own), counted)[0]


def under(cube: Cube, limits: Mapping[str, int], measures: Sequence[str]) -> Cube:
    """Return the cube of some measures as if no definition after the limits had been made.

    `limits` names the highest version that is used of each measure.
    """
    key = ("under", tuple(sorted(limits.items())), tuple(measures))
    if key in cube.memo:
        return cube.memo[key]
    places = [cube.index.get(code, len(cube.index)) for code in measures]
    places.append(len(cube.index))
    fields = ("values", "status", "version", "divisor", "since", "not_final")
    cut = {name: getattr(cube, name)[places].copy() for name in fields}
    index = {code: at for at, code in enumerate(measures)}
    for code, limit in limits.items():
        at = index[code]
        planes = _planes(cube, code, pl.col("definition") <= limit)
        for name, plane in zip(("values", "status", "version"), planes, strict=False):
            cut[name][at] = plane
        cut["divisor"][at] = planes[3]
    versions = [
        tuple(v for v in cube.versions[place] if v <= limits.get(code, v))
        for code, place in zip(measures, places, strict=False)
    ]
    several = cube.several
    if several is not None:
        for code, limit in limits.items():
            several = several.filter((pl.col("measure") != code) | (pl.col("definition") <= limit))
    cube.memo[key] = replace(cube, index=index, several=several, versions=(*versions, ()), **cut)
    return cube.memo[key]
