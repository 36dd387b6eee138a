"""What is given of small counts to readers outside a unit's chain of command, in one edition?

An edition is one state of facts and definitions. Each measure of flag S has one table: the units
and windows that it declares (`releases`), every window of the same months once, with the cells
that are hidden. Everybody reads the same table, people of a unit their own figures besides, so
that no two readers can put together what neither was to know.

At a level windows are released in steps of the shortest of months, quarters, halves and years that
it declares: a year to date by the month would tell the months. Whatever else is shown must be made
of released cells.
"""

import datetime as dt
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from data.definition_releases import SMALL_COUNTS as SMALL_COUNTS
from data.definition_types import Catalog, Measure
from data.periods import from_number, month_is_due, month_number, months_into, window_length
from data.unit_history import chains_of, spells_of
from metrics.board import Grid, Pattern, Span
from metrics.cube import Cube
from metrics.protect import protect
from metrics.settled import Part, Settled
from metrics.ties import settled_with, told_by

BLOCKS = {"month": 1, "quarter": 3, "half": 6, "year": 12}
TO_DATE = ("ytd", "rolling12", "jan_feb")


@dataclass(frozen=True, eq=False)
class Table:
    """The released cells of one measure in an edition; `months` are those with facts, in order."""

    catalog: Catalog
    measure: Measure
    months: tuple[int, ...]
    grid: Grid
    settled: Settled | None = None

    @cached_property
    def pattern(self) -> Pattern:
        """The cells that are released, and which of them are hidden; worked out when asked for."""
        if self.settled is not None:
            return self.settled.pattern(self.measure.code)
        return protect(self.grid)

    def span(self, window: str, period: dt.date) -> Span | None:
        """Return the filed times of a window, None where it has none; a stock has its last."""
        last = month_number(period)
        length = window_length(window, period, self.catalog.bureau.year_start)
        inside = [at for at, month in enumerate(self.months) if last - length < month <= last]
        if not inside:
            return None
        return (inside[-1], inside[-1]) if self.measure.over_time != "sum" else (
            inside[0], inside[-1],
        )  # fmt: skip

    def total(self, unit: str, window: str, period: dt.date) -> float | None:
        """Return what a cell holds, hidden or not; None where it is not released at all."""
        span = self.span(window, period)
        if span is None or span not in self.grid.spans.get(unit, ()):
            return None
        filed = np.nan_to_num(self.grid.values[:, span[0] : span[1] + 1]).sum(axis=1)
        return float(sum(filed[row] * share for row, share in self.grid.parts[unit].items()))

    def cell(self, unit: str, window: str, period: dt.date) -> float | None:
        """Return the released count of a unit; None where it is hidden or not released at all."""
        span = self.span(window, period)
        if span is None or span not in self.grid.spans.get(unit, ()):
            return None
        found = (unit, span)
        return None if found in self.pattern.hidden else self.pattern.values.get(found)


def release_table(cube: Cube, code: str) -> Table:
    """Return the table of one measure from the facts of an edition, kept with the cube.

    Measures that rules tie to each other are settled together (`metrics.ties`).

    Needs: the cube of everybody's facts on the basis now, of all that `told_by` names.
    """
    if ("release", code) not in cube.memo:
        group, known = settled_with(cube.catalog, code)
        tables = {member: _make(cube, cube.catalog.measures[member]) for member in group}
        filed = {m: table for m, table in tables.items() if table.months}
        settled = None
        if known and code in filed:
            others = {c: _filed(cube, c) for c in told_by(cube.catalog, [code]) if c not in group}
            parts = {m: Part(table.months, table.grid) for m, table in filed.items()}
            settled = Settled(parts, known, others, cube.first)
        for member, table in tables.items():
            beside = settled if member in filed else None
            cube.memo["release", member] = replace(table, settled=beside)
    return cube.memo["release", code]


def filed_for(
    cube: Cube, code: str, unit: str, window: str, period: dt.date
) -> dict[tuple[str, int], float]:
    """Return the filed numbers of a window, by who filed them and month, that count for a unit.

    Needs: a cube on the basis now.
    """
    if "parts" not in cube.memo:
        cube.memo["parts"] = _parts(cube)
    filed, last = _filed(cube, code), month_number(period)
    length = window_length(window, period, cube.catalog.bureau.year_start)
    found = {}
    for row in cube.memo["parts"].get(unit, ()):
        who = cube.rows[row] if cube.ground is None else cube.ground.pieces[row].unit
        for month in range(max(last - length + 1, cube.first), last + 1):
            at = month - cube.first
            if at < cube.months and not np.isnan(filed[row, at]):
                found[who, month] = float(filed[row, at])
    return found


def _filed(cube: Cube, code: str) -> np.ndarray:
    """Return what a measure filed, row by month; nothing where it has no facts."""
    plane = cube.index.get(code)
    if plane is None:
        return np.full(cube.values.shape[1:], np.nan)
    return cube.values[plane] / cube.divisor[plane]


def survey_table(cube: Cube, code: str, limit: float) -> Table:
    """Return the table of a survey's answers: every unit of every wave, and nobody is told more.

    Needs: the cube of everybody's facts on the basis now.
    """
    key = ("survey", code, limit)
    if key not in cube.memo:
        table = _make(cube, cube.catalog.measures[code])
        waves = tuple((at, at) for at in range(len(table.months)))
        grid = replace(
            table.grid, spans=dict.fromkeys(table.grid.parts, waves), limit=limit, knowers=()
        )
        cube.memo[key] = replace(table, grid=grid)
    return cube.memo[key]


def _make(cube: Cube, measure: Measure) -> Table:
    catalog, start = cube.catalog, cube.catalog.bureau.year_start
    due = [
        at
        for at in range(cube.months)
        if month_is_due(measure.frequency, from_number(cube.first + at), start)
    ]
    is_summed = measure.code in cube.index and measure.roll == "sum"
    values = _filed(cube, measure.code)[:, due] if is_summed else np.zeros((0, 0))
    filed = np.flatnonzero(~np.isnan(values).all(axis=0)) if values.size else np.zeros(0, int)
    first, last = (filed[0], filed[-1] + 1) if len(filed) else (0, 0)
    months = tuple(cube.first + due[at] for at in range(first, last))
    parts = _parts(cube) if months else {}
    tree = cube.tree
    by_level = {level: released_spans(measure, w, months, start) for level, w in measure.releases}
    spans = {unit: by_level.get(tree.level(unit), ()) for unit in parts}
    children = {
        unit: [child for child in tree.children(unit) if child in parts]
        for unit in parts
        if tree.children(unit)
    }
    limit = catalog.bureau.small_cell
    grid = Grid(values[:, first:last], parts, children, spans, limit, _knowers(cube))
    return Table(catalog, measure, months, grid)


def released_spans(
    measure: Measure, windows: tuple[str, ...], months: tuple[int, ...], year_start: int
) -> tuple[Span, ...]:
    """Return the spans of filed times that the declared windows of a level come to.

    A window is released where it begins and ends on a step of the level: the shortest of its
    months, quarters, halves and years. The same times are one span whatever the window is called.
    """
    grain = min((BLOCKS[window] for window in windows if window in BLOCKS), default=1)
    found: dict[Span, None] = {}
    if not months:
        return ()
    for number in range(months[0], months[-1] + 1):
        period = from_number(number)
        if months_into(period, grain, year_start) != grain:
            continue
        for window in windows:
            length = window_length(window, period, year_start) if window != "wave" else 1
            if not length or length % grain:
                continue
            inside = [at for at, month in enumerate(months) if number - length < month <= number]
            if inside:
                first = inside[0] if measure.over_time == "sum" else inside[-1]
                found[first, inside[-1]] = None
    return tuple(sorted(found))


def _parts(cube: Cube) -> dict[str, dict[int, float]]:
    """Return the rows that count for each unit of today, with their shares; the root first."""
    found: dict[str, dict[int, float]] = {unit: {} for unit in cube.tree.subtree(cube.tree.root)}
    for row, filer in enumerate(cube.rows):
        heirs = ((filer, 1.0),) if cube.ground is None else cube.ground.pieces[row].heirs
        for heir, share in heirs:
            for unit in (heir, *cube.tree.ancestors(heir)):
                if unit in found:
                    found[unit][row] = round(found[unit].get(row, 0.0) + share, 9)
    return {unit: rows for unit, rows in found.items() if rows}


def _knowers(cube: Cube) -> tuple[frozenset[str], ...]:
    """Return for each row whose people know it: who filed it, who was over them, who took over."""
    tree, ground = cube.tree, cube.ground
    if ground is None:
        return tuple(frozenset({row, *tree.ancestors(row)}) for row in cube.rows)
    spells = spells_of(cube.catalog.units, cube.catalog.parents)
    found = []
    for piece in ground.pieces:
        people = {piece.unit, *tree.ancestors(piece.unit)}
        people.update(*(above for _, _, above in chains_of(spells, piece.unit)))
        for heir, _ in piece.heirs:
            people.update((heir, *tree.ancestors(heir)))
        found.append(frozenset(people))
    return tuple(found)
