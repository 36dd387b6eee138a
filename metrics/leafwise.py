"""What does each leaf bring to a figure in each window?

Works on batches: several indicators of one signature at once, arrays [indicator, leaf, month] in
and [indicator, leaf, period] out. A blank is never zero: every total travels with whether
anything was reported, what was due, and whether all of it is there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from data.unit_history import FAR
from metrics.basis import Ground, gather, gather_all
from metrics.cube import Cube
from metrics.due import due_months
from metrics.paired import matched_months, stand_later
from metrics.plan import Input, Plan
from metrics.score_leaves import mean_totals, spread_totals
from metrics.spans import Spans

PROVISIONAL, ESTIMATED = 1, 2
FAR_BACK = 1 << 20


@dataclass(frozen=True, slots=True)
class Source:
    """One input of a batch by leaf and month; `running` keeps its running sums between windows."""

    item: Input
    total: np.ndarray
    has: np.ndarray
    due: np.ndarray
    since: np.ndarray
    status: np.ndarray | None
    version: np.ndarray | None
    running: dict[object, np.ndarray] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Batch:
    """Indicators of one signature with their inputs."""

    cube: Cube
    plans: tuple[Plan, ...]
    sources: tuple[Source, ...]
    divisor: dict[str, np.ndarray]


@dataclass(frozen=True, slots=True)
class Leafwise:
    """Totals by leaf and period: the sides of the formula, coverage and marks.

    `sides` maps num, den (and square, for a spread) to totals; `has` to whether the leaf brings
    one. `versions` lists, per input, the versions met with their presence. `shared` says in which
    windows a row that others took over has a value: figures of a part of it are estimated. `once`
    is the variance of such a row, of which a spread takes one away however many leaves share it.
    """

    sides: dict[str, np.ndarray]
    has: dict[str, np.ndarray]
    due: np.ndarray
    complete: np.ndarray
    status: dict[int, np.ndarray]
    versions: tuple[dict[int, np.ndarray], ...]
    shared: dict[int, np.ndarray] = field(default_factory=dict)
    once: dict[int, np.ndarray] = field(default_factory=dict)


def load_batch(cube: Cube, plans: Sequence[Plan]) -> Batch:
    """Return the inputs of plans that share a signature."""
    columns = zip(*(plan.inputs for plan in plans), strict=True)
    sources = [_source(cube, list(items)) for items in columns]
    sources = matched_months(cube, plans, sources)
    shape = plans[0].shape
    divisor: dict[str, np.ndarray] = {}
    if shape in ("mean", "spread", "widest"):
        sources, divisor = _products(cube, plans, sources)
    else:
        sources, divisor = _common_divisor(cube, plans, sources)
    return Batch(cube, tuple(plans), tuple(sources), divisor)


def _source(cube: Cube, items: list[Input]) -> Source:
    """Return one input of each plan: its values, what is there, what is due."""
    place = [cube.index.get(item.measure, len(cube.index)) for item in items]
    values = cube.values[place]
    has = ~np.isnan(values)
    due = np.stack([_due(cube, item.measure) for item in items])
    needs_status = cube.not_final[place].any()
    needs_version = any(len(cube.versions[p]) > 1 for p in place)
    found = Source(
        items[0],
        np.where(has, values, 0.0),
        has,
        due,
        cube.since[place],
        cube.status[place] if needs_status else None,
        cube.version[place] if needs_version else None,
    )
    return stand_later(found, items[0].ago)


def _due(cube: Cube, code: str) -> np.ndarray:
    """Return the due months of a measure, worked out once a cube."""
    key = ("due", code)
    if key not in cube.memo:
        plane = cube.values[cube.index.get(code, len(cube.index))]
        cube.memo[key] = due_months(cube, code, ~np.isnan(plane))
    return cube.memo[key]


def _common_divisor(
    cube: Cube, plans: Sequence[Plan], sources: list[Source]
) -> tuple[list[Source], dict[str, np.ndarray]]:
    """Return sources whose whole numbers share one divisor on each side of the formula."""
    divisor: dict[str, np.ndarray] = {}
    for role in ("num", "den"):
        mine = [j for j, s in enumerate(sources) if s.item.role == role]
        if not mine:
            continue
        each = {j: _divisors(cube, plans, j) for j in mine}
        divisor[role] = np.max(list(each.values()), axis=0)
        for j in mine:
            factor = divisor[role] / each[j]
            if (factor != 1).any():
                total = sources[j].total * factor[:, None, None]
                sources[j] = replace(sources[j], total=total, running={})
    return sources, divisor


def _divisors(cube: Cube, plans: Sequence[Plan], j: int) -> np.ndarray:
    """Return the divisor of the j-th input of each plan."""
    place = [cube.index.get(plan.inputs[j].measure, len(cube.index)) for plan in plans]
    return cube.divisor[place]


def _products(
    cube: Cube, plans: Sequence[Plan], sources: list[Source]
) -> tuple[list[Source], dict[str, np.ndarray]]:
    """Return n·x and n (and the squares of a spread); a score without n, or n without, is out."""
    parts = {s.item.role: s for s in sources}
    both = np.logical_and.reduce([s.has for s in sources])
    due = np.logical_or.reduce([s.due for s in sources])
    place = {s.item.role: _divisors(cube, plans, j) for j, s in enumerate(sources)}
    if plans[0].shape == "mean":
        totals = mean_totals({role: part.total for role, part in parts.items()})
        divisor = {"num": place["weight"] * place["value"], "den": place["weight"]}
    else:
        plain = {role: part.total / place[role][:, None, None] for role, part in parts.items()}
        has = {role: part.has for role, part in parts.items()}
        totals, both = spread_totals(cube, plans, plain, has)
        if cube.ground is None or not cube.ground.handed:
            del totals["once"]
        divisor = {role: np.ones(len(plans)) for role in totals}
    value = parts["value"]
    made = [
        Source(
            Input(role, value.item.measure, value.item.over_time, value.item.span,
                  value.item.is_flow, value.item.own),
            np.where(both, total, 0.0), both, due, value.since, value.status, value.version,
        )
        for role, total in totals.items()
    ]  # fmt: skip
    return made, divisor


def window_leaves(batch: Batch, spans: Spans) -> Leafwise:
    """Return what each leaf brings in each window."""
    views = [input_view(source, spans, batch.cube) for source in batch.sources]
    due = np.logical_or.reduce([v.due for v in views])
    complete = due & np.logical_and.reduce([v.complete | ~v.due for v in views])
    usable = np.logical_and.reduce([v.has | ~v.due for v in views])
    sides: dict[str, np.ndarray] = {}
    has: dict[str, np.ndarray] = {}
    for source, view in zip(batch.sources, views, strict=True):
        role = source.item.role
        there = view.has & usable if len(views) > 1 else view.has
        total = np.where(there, view.total, 0.0) if len(views) > 1 else view.total
        sides[role] = sides[role] + total if role in sides else total
        has[role] = has[role] | there if role in has else there
    status = {
        code: np.logical_or.reduce([v.status[code] for v in views if code in v.status])
        for code in (PROVISIONAL, ESTIMATED)
        if any(code in v.status for v in views)
    }
    versions = tuple(v.versions for v in views if v.versions)
    found = Leafwise(sides, has, due, complete, status, versions)
    return found if batch.cube.ground is None else _by_leaf(found, batch.cube.ground)


def _by_leaf(found: Leafwise, ground: Ground) -> Leafwise:
    """Return what leaves bring, from what each stretch of their lives brings.

    On basis now a leaf of today has its share of what others filed before it took them over.
    """
    once = found.sides.pop("once", None)
    there = np.logical_or.reduce(list(found.has.values()))
    sides = {role: gather(ground, total) for role, total in found.sides.items()}
    if once is not None:
        # (sn − 1)·sd² + sn·m² for a share s of n answers: the spread itself is kept, n is shared.
        for place, parts in ground.parts.items():
            for row, share in parts:
                sides["square"][:, place] += (share - 1) * once[:, row]
    found.has.pop("once", None)
    return Leafwise(
        sides,
        {role: gather(ground, has) for role, has in found.has.items()},
        gather(ground, found.due),
        gather_all(ground, found.complete, found.due),
        {code: gather(ground, marks) for code, marks in found.status.items()},
        tuple({v: gather(ground, m) for v, m in marks.items()} for marks in found.versions),
        {row: there[:, row] for row in ground.handed},
        {} if once is None else {row: once[:, row] for row in ground.handed},
    )


@dataclass(frozen=True, slots=True)
class _View:
    """One input over the windows."""

    total: np.ndarray
    has: np.ndarray
    due: np.ndarray
    complete: np.ndarray
    status: dict[int, np.ndarray]
    versions: dict[int, np.ndarray]


def input_view(source: Source, spans: Spans, cube: Cube) -> _View:
    """Return one input over the windows, by its rule over time."""
    if source.item.over_time == "last" or not source.item.is_flow:
        return _last(source, spans, cube)
    return _sums(source, spans, cube)


def _sums(source: Source, spans: Spans, cube: Cube) -> _View:
    """Return sums over the windows; scores of a wave where the window holds exactly one."""
    start, stop = spans.start - cube.first, spans.end - cube.first + 1
    valid = np.broadcast_to(spans.valid, (len(source.total), len(start)))
    if source.item.over_time == "none":
        waves = np.asarray(source.has.any(axis=1))
        valid = _between(waves, start, stop) == 1
    if spans.window == "rolling12":
        valid = valid & (spans.start >= source.since[:, None] - source.item.span + 1)
    valid = valid[:, None, :]

    def count(key: object, marked: np.ndarray) -> np.ndarray:
        return _between(marked, start, stop, source.running, key)

    reported, wanted = count("has", source.has), count("due", source.due)
    has, due = reported > 0, wanted > 0
    total = count("total", source.total)
    if not valid.all():
        has, due = has & valid, due & valid
        total = np.where(has, total, 0.0)
    status = {
        code: (count(("status", code), (source.status == code) & source.has) > 0) & valid
        for code in _statuses(source)
    }
    versions = {
        version: (count(("version", version), (source.version == version) & source.has) > 0) & valid
        for version in _versions(source)
    }
    return _View(total, has, due, due & (reported == wanted), status, versions)


def _last(source: Source, spans: Spans, cube: Cube) -> _View:
    """Return the last value of each window; a stock carries forward at most one span."""
    span = source.item.span
    if cube.ground is not None and cube.basis != "now":
        source = _joined(source, cube.ground)
    since = spans.end - (cube.catalog.bureau.year_start - 1)
    due_at = np.where(since % span == span - 1, spans.end, spans.end - since % span - 1)
    if source.item.is_flow:  # the last completed span of the window, never an earlier one
        at = due_at - cube.first
        valid = spans.valid & (due_at >= spans.start)
        found = np.broadcast_to(np.maximum(at, 0), (*source.has.shape[:2], len(at)))
        has = source.has[:, :, np.maximum(at, 0)] & valid
        complete = has
    else:
        at = spans.end - cube.first
        latest = np.where(source.has, np.arange(source.has.shape[2]), -FAR_BACK)
        latest = np.maximum.accumulate(latest, axis=2)[:, :, at]
        valid = spans.valid
        has = (at - latest <= (span if span > 1 else 0)) & valid
        complete = has & (latest > due_at - cube.first - span)
        found = np.maximum(latest, 0)
    due = (source.due[:, :, np.maximum(due_at - cube.first, 0)] & valid) | has
    stands = _stands(cube, source.item, spans, due_at)
    if stands is not None:
        has, complete, due = has & stands, complete & stands, due & stands
    total = np.where(has, np.take_along_axis(source.total, found, axis=2), 0.0)
    status = {
        code: (np.take_along_axis(source.status, found, axis=2) == code) & has
        for code in _statuses(source)
    }
    versions = {
        version: (np.take_along_axis(source.version, found, axis=2) == version) & has
        for version in _versions(source)
    }
    return _View(total, has, due, complete, status, versions)


def _joined(source: Source, ground: Ground) -> Source:
    """Return the input with all that a leaf filed in each of its rows: a stock moves with it."""

    def join(values: np.ndarray) -> np.ndarray:
        joined = values.copy()
        for rows in ground.several:
            whole = values[:, rows]  # no month is in two of them
            add = np.logical_or if values.dtype == np.bool_ else np.add
            joined[:, rows] = add.reduce(whole, axis=1)[:, None]
        return joined

    return Source(
        source.item, join(source.total), join(source.has), join(source.due), source.since,
        None if source.status is None else join(source.status),
        None if source.version is None else join(source.version),
    )  # fmt: skip


def _stands(cube: Cube, item: Input, spans: Spans, due_at: np.ndarray) -> np.ndarray | None:
    """Return where the last value of a row counts (row × period), None where all do.

    As it was, it belongs to where the leaf stood then. Today, a closed unit has none; one that
    others took over counts for them until they owe their own.
    """
    start, end = cube.lives
    if cube.basis != "now":
        when = due_at if item.is_flow else spans.end
        return (start[:, None] <= when) & (when < end[:, None])
    if item.is_flow or (end == FAR).all():
        return None
    until = spans.end < end[:, None]
    if cube.ground is not None:
        until = np.where(cube.ground.is_handed[:, None], due_at < end[:, None], until)
    return until


def _statuses(source: Source) -> tuple[int, ...]:
    """Return which statuses other than final the input may carry."""
    return () if source.status is None else (PROVISIONAL, ESTIMATED)


def _versions(source: Source) -> tuple[int, ...]:
    """Return the definition versions of the input, if there are several."""
    if source.version is None:
        return ()
    return tuple(int(v) for v in np.unique(source.version[source.has]))


def _between(
    values: np.ndarray,
    start: np.ndarray,
    stop: np.ndarray,
    running: dict[object, np.ndarray] | None = None,
    key: object = None,
) -> np.ndarray:
    """Return sums over months [start, stop) by the difference of running sums, kept under a key."""
    if len(start) and (stop - start == 1).all():
        return _at(values, start)
    if running is None or key not in running:
        kind = np.float64 if values.dtype == np.float64 else np.int16
        sums = np.zeros((*values.shape[:-1], values.shape[-1] + 1), dtype=kind)
        np.cumsum(values, axis=-1, out=sums[..., 1:], dtype=kind)
        if running is None:
            return sums[..., stop] - sums[..., start]
        running[key] = sums
    return _at(running[key], stop) - running[key][..., start]


def _at(values: np.ndarray, months: np.ndarray) -> np.ndarray:
    """Return the months of an array; a stretch of neighbours is a view."""
    if len(months) and (np.diff(months) == 1).all():
        return values[..., months[0] : months[-1] + 1]
    return values[..., months]
