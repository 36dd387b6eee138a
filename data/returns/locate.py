"""Where on a sheet is the table: which rows and columns hold which units and measures?

Columns and rows may have been moved. They are found by the codes of the form, then by its names.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from data.definition_types import Measure, Unit
from data.returns.book import Grid
from data.returns.cells import clean

_ROLES = {
    "value": re.compile(
        r"^(本[月期季年旬]|本半年|本月数|本期数|this (month|quarter|half-year|year))$"
    ),
    "ytd": re.compile(r"^(本年累计|本年累计数|累计|year to date)$"),
    "same": re.compile(r"^(上年同期(累计|数)?|去年同期(累计)?|same period last year)$"),
}
_FOOT = re.compile(
    r"单位负责人|统计负责人|填表人|审核人|联系电话|报出日期|head of unit|filled in by|telephone"
)
_TOTAL = re.compile(r"^(合 ?计|总 ?计|全市合计|全县合计|total|sum)$")
_LOOK_ABOVE = 4


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a collection form: the unit it names, None where that is unknown."""

    row: int
    unit: str | None
    column: int
    words: str
    clash: str = ""


@dataclass(slots=True)
class Table:
    """The table of a sheet. In layout ``unit`` measures have rows, in ``collection`` columns."""

    layout: str
    measures: dict[str, int]
    first_row: int
    last_row: int
    columns: dict[str, int] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    twice: list[tuple[int, int]] = field(default_factory=list)
    strange: list[tuple[int, int]] = field(default_factory=list)


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


def plain(words: str) -> str:
    """Return a text for comparison: plain width, no spaces, lower case.

    >>> plain("其中：盗窃类 警情数")
    '其中:盗窃类警情数'
    """
    return clean(words).replace(" ", "").casefold()


def find_table(
    grid: Grid,
    index: Mapping[str, str],
    units: Mapping[str, str],
    layout: str | None = None,
) -> Table | None:
    """Return the table of a sheet, None where no measure of the form is named on it."""
    codes: dict[tuple[int, int], str] = {}
    names: dict[tuple[int, int], str] = {}
    for place, cell in grid.items():
        if cell.kind == "text" and cell.value is None:
            code = index.get(plain(cell.text))
            if code is not None:
                (codes if plain(cell.text) == code else names)[place] = code
    hits = codes or names
    if not hits:
        return None
    column, in_column = Counter(c for _, c in hits).most_common(1)[0]
    row, in_row = Counter(r for r, _ in hits).most_common(1)[0]
    is_unit = in_column > in_row or (in_column == in_row and layout != "collection")
    if is_unit:
        return _unit_table(
            grid, {r: m for (r, c), m in sorted(hits.items()) if c == column}, column
        )
    return _collection_table(
        grid, {c: m for (r, c), m in sorted(hits.items()) if r == row}, row, units
    )


def _unit_table(grid: Grid, rows: Mapping[int, str], code_column: int) -> Table:
    measures: dict[str, int] = {}
    twice = []
    for row, measure in rows.items():
        if measure in measures:
            twice.append((row, code_column))
        else:
            measures[measure] = row
    first, last = min(rows), max(rows)
    columns = _roles(grid, first)
    if "value" not in columns:
        taken = set(columns.values())
        columns["value"] = _first_number_column(grid, rows, code_column, taken)
    strange = [
        (row, code_column)
        for row in range(first, _end(grid, last) + 1)
        if row not in rows and _looks_like_code(grid, row, code_column)
    ]
    return Table("unit", measures, first, last, columns, twice=twice, strange=strange)


def _roles(grid: Grid, first: int) -> dict[str, int]:
    """Return the columns of this month, year to date and last year by their headings."""
    found: dict[str, int] = {}
    for (row, column), cell in sorted(grid.items()):
        if not first - _LOOK_ABOVE <= row < first or cell.kind != "text":
            continue
        words = clean(cell.text).casefold()
        for role, pattern in _ROLES.items():
            if pattern.match(words) or pattern.match(words.replace(" ", "")):
                found[role] = column
    return found


def _first_number_column(
    grid: Grid, rows: Mapping[int, str], code_column: int, taken: set[int]
) -> int:
    right = sorted({c for (r, c) in grid if r in rows and c > code_column and c not in taken})
    for column in right:
        if any(grid[(r, column)].value is not None for r in rows if (r, column) in grid):
            return column
    return code_column + 1


def _collection_table(
    grid: Grid, columns: Mapping[int, str], code_row: int, units: Mapping[str, str]
) -> Table:
    measures: dict[str, int] = {}
    twice = []
    for column, measure in columns.items():
        if measure in measures:
            twice.append((code_row, column))
        else:
            measures[measure] = column
    below = _rows(grid, code_row)
    foot = next((r for r, found in below.items() if _is_foot(grid, r, found)), None)
    body = [r for r in below if foot is None or r < foot]
    named: Counter[int] = Counter()
    for row in body:
        for column in below[row]:
            if column not in columns and plain(grid[(row, column)].text) in units:
                named[column] += 1
    unit_columns = [c for c, _ in named.most_common(2)]
    lines = [line for row in body if (line := _line(grid, row, unit_columns, columns, units))]
    strange = [
        (code_row, c)
        for c in sorted(c for (r, c) in grid if r == code_row)
        if c not in columns and _looks_like_code(grid, code_row, c)
    ]
    last = max((line.row for line in lines), default=code_row)
    return Table(
        "collection", measures, code_row + 1, last, {}, lines, twice=twice, strange=strange
    )


def _line(
    grid: Grid,
    row: int,
    unit_columns: list[int],
    columns: Mapping[int, str],
    units: Mapping[str, str],
) -> Line | None:
    """Return the line of a row; a row without a unit counts only where it holds something."""
    words = [(c, grid[(row, c)].text) for c in unit_columns if (row, c) in grid]
    known = [(c, w, units[plain(w)]) for c, w in words if plain(w) in units]
    if known:
        # A code is never mistaken; a name beside it must mean the same unit.
        column, text, unit = min(known, key=lambda k: plain(k[1]) != plain(k[2]))
        others = [w for _, w, u in known if u != unit]
        unnamed = [w for c, w in words if plain(w) not in units and not _TOTAL.match(clean(w))]
        return Line(row, unit, column, text, (others or unnamed or [""])[0])
    has_value = any((row, c) in grid for c in columns)
    if not has_value:
        return None
    text = words[0][1] if words else ""
    column = words[0][0] if words else (unit_columns[0] if unit_columns else 1)
    return Line(row, "" if _TOTAL.match(clean(text).casefold()) else None, column, text)


def _rows(grid: Grid, after: int) -> dict[int, list[int]]:
    """Return the rows below a row, each with its columns."""
    found: dict[int, list[int]] = {}
    for row, column in sorted(grid):
        if row > after:
            found.setdefault(row, []).append(column)
    return found


def _is_foot(grid: Grid, row: int, columns: list[int]) -> bool:
    texts = (grid[(row, c)] for c in columns)
    return any(t.kind == "text" and _FOOT.search(clean(t.text).casefold()) for t in texts)


def _end(grid: Grid, last: int) -> int:
    """Return the last row of the body: the one before the foot, or the last measure."""
    rows = _rows(grid, last)
    foot = next((r for r, found in rows.items() if _is_foot(grid, r, found)), None)
    return last if foot is None else foot - 1


def _looks_like_code(grid: Grid, row: int, column: int) -> bool:
    cell = grid.get((row, column))
    return bool(
        cell and cell.kind == "text" and re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)+", cell.text)
    )
