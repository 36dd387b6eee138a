"""Where on a sheet is the table: which rows and columns hold which units and measures?

Columns and rows may have been moved. They are found by the codes of the form, then by its names.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from data.definition_types import Measure, Unit
from data.returns.cells import clean, plain
from data.returns.headings import joined_headings
from data.returns.lines import (
    CODE,
    Line,
    end_of_body,
    is_foot,
    line_of,
    looks_like_code,
    rows_below,
    skipped_rows,
)
from data.returns.page import Area, Grid

_ROLES = {
    "value": re.compile(
        r"^([本当][月期季年旬]|本半年|[当本][月期]数|本月实际|this (month|quarter|half-year|year))$"
    ),
    "ytd": re.compile(r"^(本年累计|本年累计数|累计|year to date)$"),
    "same": re.compile(r"^(上年同期(累计|数)?|去年同期(累计)?|same period last year)$"),
}
_LOOK_ABOVE = 4


@dataclass(slots=True)
class Table:
    """The table of a sheet. In layout ``unit`` measures have rows, in ``collection`` columns.

    `named` columns hold names of units or measures. `skipped` are rows that were left out, as a
    `subtotal` or `heading`. `by_name` says that no codes were found, `former` where old codes are.
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
) -> Table | None:
    """Return the table of a sheet, None where no measure of the form is named on it."""
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
        table = _unit_table(grid, dict(sorted(rows.items())), column)
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


def _unit_table(grid: Grid, rows: Mapping[int, str], code_column: int) -> Table:
    measures: dict[str, int] = {}
    twice = []
    for row, measure in rows.items():
        if measure in measures:
            twice.append((row, code_column))
        else:
            measures[measure] = row
    first, last = min(rows), max(rows)
    columns = _roles(grid, first, twice)
    if "value" not in columns:
        taken = set(columns.values())
        columns["value"] = _first_number_column(grid, rows, code_column, taken)
    strange = [
        (row, code_column)
        for row in range(first, end_of_body(grid, last) + 1)
        if row not in rows and looks_like_code(grid, row, code_column)
    ]
    named = frozenset(c for (r, c) in grid if r in rows and c <= code_column)
    return Table("unit", measures, first, last, columns, twice=twice, strange=strange, named=named)


def _roles(grid: Grid, first: int, twice: list[tuple[int, int]]) -> dict[str, int]:
    """Return the columns of this month, year to date and last year by their headings.

    A second column of this month is put on the list of what stands there twice.
    """
    found: dict[str, int] = {}
    for (row, column), cell in sorted(grid.items()):
        if not first - _LOOK_ABOVE <= row < first or cell.kind != "text":
            continue
        words = clean(cell.text).casefold()
        for role, pattern in _ROLES.items():
            if pattern.match(words) or pattern.match(words.replace(" ", "")):
                if role == "value" and found.get(role, column) != column:
                    twice.append((row, column))
                else:
                    found[role] = column
    return found


def _first_number_column(
    grid: Grid, rows: Mapping[int, str], code_column: int, taken: set[int]
) -> int:
    right = (
        c
        for (r, c), cell in grid.items()
        if cell.value is not None and c > code_column and r in rows and c not in taken
    )
    return min(right, default=code_column + 1)


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
    foot = next((r for r, found in below.items() if is_foot(grid, r, found)), None)
    body = [r for r in below if foot is None or r < foot]
    named: Counter[int] = Counter()
    for row in body:
        for column in below[row]:
            if column not in columns and plain(grid[(row, column)].text) in units:
                named[column] += 1
    unit_columns = [c for c, _ in named.most_common(2)]
    skipped = skipped_rows(grid, below, body, columns, index)
    lines = [
        line
        for row in body
        if row not in skipped and (line := line_of(grid, row, unit_columns, columns, units))
    ]
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
