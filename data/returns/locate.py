"""Where on a sheet is the table: which rows and columns hold which units and measures?

Columns and rows may have been moved. They are found by the codes of the form, then by its names.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from data.definition_types import Measure, Unit
from data.returns.cells import plain
from data.returns.headings import joined_headings
from data.returns.lines import (
    CODE,
    Line,
    end_of_body,
    foot_of,
    line_of,
    looks_like_code,
    middle_sums,
    rows_below,
    skipped_rows,
    unit_in,
)
from data.returns.page import Area, Grid
from data.returns.value_column import value_column


@dataclass(slots=True)
class Table:
    """The table of a sheet. In layout ``unit`` measures have rows, in ``collection`` columns.

    `named` columns hold names of units or measures. `skipped` are rows that were left out, as a
    `subtotal` or `heading`. `by_name` says that no codes were found, `former` where old codes are,
    `mislabelled` where another measure's name stands beside a code. `by_place` says that no heading
    names the column of this month, `elsewhen` the heading of another time over it.
    """

    layout: str
    measures: dict[str, int]
    first_row: int
    last_row: int
    columns: dict[str, int] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    twice: list[tuple[int, int]] = field(default_factory=list)
    strange: list[tuple[int, int]] = field(default_factory=list)
    named: frozenset[int] = frozenset()
    skipped: dict[int, str] = field(default_factory=dict)
    by_name: bool = False
    former: list[tuple[int, int]] = field(default_factory=list)
    mislabelled: list[tuple[int, int]] = field(default_factory=list)
    by_place: bool = False
    elsewhen: list[tuple[int, int]] = field(default_factory=list)


def measure_index(measures: Iterable[Measure]) -> dict[str, str]:
    """Return measures by every way to write them: code, names, labels, in plain lower case."""
    found: dict[str, str] = {}
    for measure in measures:
        for words in (
            measure.code,
            measure.label.zh,
            measure.label.en,
            measure.name.zh,
            measure.name.en,
            *measure.formerly,
        ):
            if words:
                found.setdefault(plain(words), measure.code)
    return found


def unit_index(units: Iterable[Unit]) -> dict[str, str]:
    """Return units by code, name and short name; a name that two units share names neither."""
    found: dict[str, str] = {}
    shared: set[str] = set()
    for unit in units:
        names = (unit.code, unit.name.zh, unit.name.en, unit.short.zh, unit.short.en)
        for words in {plain(name) for name in names if name}:
            if found.get(words, unit.code) != unit.code:
                shared.add(words)
            found[words] = unit.code
    return {words: code for words, code in found.items() if words not in shared}


def find_table(
    grid: Grid,
    index: Mapping[str, str],
    units: Mapping[str, str],
    layout: str | None = None,
    merges: Iterable[Area] = (),
    period: dt.date | None = None,
) -> Table | None:
    """Return the table of a sheet, None where no measure of the form is named on it.

    `period` is the month of the sheet, where it is known: a column may be headed by its name.
    """
    codes, names = _named_measures(grid, index, merges)
    hits = codes or names
    if not hits:
        return None
    column, in_column = Counter(c for _, c in hits).most_common(1)[0]
    row, in_row = Counter(r for r, _ in hits).most_common(1)[0]
    is_unit = in_column > in_row or (in_column == in_row and layout != "collection")
    if is_unit:
        rows = {r: m for (r, c), m in sorted(hits.items()) if c == column}
        beside = {r: m for (r, c), m in hits.items() if abs(c - column) == 1 and not codes}
        rows |= {r: m for r, m in beside.items() if r not in rows and m not in rows.values()}
        table = _unit_table(grid, dict(sorted(rows.items())), column, period)
    else:
        columns = {c: m for (r, c), m in sorted(hits.items()) if r == row}
        table = _collection_table(grid, columns, row, units, index)
    table.by_name = not codes
    if codes:
        on_line = column if is_unit else row
        table.former = [
            place
            for place, code in codes.items()
            if place[is_unit] == on_line and plain(grid[place].text) != code
        ]
        table.mislabelled = _mislabelled(names, table.measures, on_line, is_unit=is_unit)
    return table


def _named_measures(
    grid: Grid, index: Mapping[str, str], merges: Iterable[Area]
) -> tuple[dict[tuple[int, int], str], dict[tuple[int, int], str]]:
    """Return the cells that say a measure's code, and those that say its name."""
    codes: dict[tuple[int, int], str] = {}
    names: dict[tuple[int, int], str] = {}
    joined = joined_headings(grid, merges)
    for place, cell in grid.items():
        if cell.kind != "text" or cell.value is not None:
            continue
        words = plain(cell.text)
        code = index.get(words)
        if code is None:
            code = next((index[w] for w in joined.get(place, ()) if w in index), None)
            if code is not None:
                names[place] = code
        else:
            is_code = words == code or CODE.fullmatch(words)
            (codes if is_code else names)[place] = code
    return codes, names


def _mislabelled(
    names: Mapping[tuple[int, int], str], measures: Mapping[str, int], line: int, *, is_unit: bool
) -> list[tuple[int, int]]:
    """Return the names that stand beside the code of another measure, as where names were sorted.

    Only the name next to a code counts, and only where the measure that it names has lost its own:
    a group's heading may be called like its first measure.
    """
    nearest: dict[int, tuple[int, tuple[int, int], str]] = {}
    for place, measure in names.items():
        along, across = place if is_unit else place[::-1]
        if across < line and nearest.get(along, (0, place, ""))[0] <= across:
            nearest[along] = (across, place, measure)
    labels = {along: found[2] for along, found in nearest.items()}
    return sorted(
        nearest[along][1]
        for measure, along in measures.items()
        if (other := labels.get(along, measure)) != measure
        and other in measures
        and labels.get(measures[other]) != other
    )


def _unit_table(
    grid: Grid, rows: Mapping[int, str], code_column: int, period: dt.date | None
) -> Table:
    measures: dict[str, int] = {}
    twice = []
    for row, measure in rows.items():
        if measure in measures:
            twice.append((row, code_column))
        else:
            measures[measure] = row
    first, last = min(rows), max(rows)
    heads = value_column(grid, rows, code_column, period)
    strange = [
        (row, code_column)
        for row in range(first, end_of_body(grid, last) + 1)
        if row not in rows and looks_like_code(grid, row, code_column)
    ]
    named = frozenset(c for (r, c) in grid if r in rows and c <= code_column)
    other = heads.others.get(heads.roles["value"])
    return Table(
        "unit",
        measures,
        first,
        last,
        heads.roles,
        twice=[*twice, *heads.twice],
        strange=strange,
        named=named,
        by_place=heads.is_by_place,
        elsewhen=[other] if other else [],
    )


def _collection_table(
    grid: Grid,
    columns: Mapping[int, str],
    code_row: int,
    units: Mapping[str, str],
    index: Mapping[str, str],
) -> Table:
    measures: dict[str, int] = {}
    twice = []
    for column, measure in columns.items():
        if measure in measures:
            twice.append((code_row, column))
        else:
            measures[measure] = column
    below = rows_below(grid, code_row)
    foot = foot_of(grid, code_row)
    body = [r for r in below if foot is None or r < foot]
    named: Counter[int] = Counter()
    for row in body:
        for column in below[row]:
            if column not in columns and unit_in(grid[(row, column)].text, units):
                named[column] += 1
    unit_columns = [c for c, _ in named.most_common(2)]
    skipped = skipped_rows(grid, below, body, columns, index, code_row)
    lines = [
        line
        for row in body
        if row not in skipped
        and (line := line_of(grid, row, below[row], unit_columns, columns, units))
    ]
    middle = middle_sums(grid, [line.row for line in lines], below, columns)
    middle = {line.row for line in lines if line.row in middle and not line.unit}
    lines = [line for line in lines if line.row not in middle]
    skipped |= dict.fromkeys(middle, "subtotal")
    strange = [
        (code_row, c)
        for c in sorted(c for (r, c) in grid if r == code_row)
        if c not in columns and looks_like_code(grid, code_row, c)
    ]
    last = max((line.row for line in lines), default=code_row)
    return Table(
        "collection",
        measures,
        code_row + 1,
        last,
        lines=lines,
        twice=twice,
        strange=strange,
        named=frozenset(unit_columns),
        skipped={row: reason for row, reason in skipped.items() if row <= last},
    )
