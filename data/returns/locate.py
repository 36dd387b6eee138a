"""Where on a sheet is the table: which rows and columns hold which units and measures?

Columns and rows may have been moved. They are found by the codes of the form, then by its names.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from data.definition_types import Measure, Unit
from data.returns.cells import clean
from data.returns.headings import joined_headings
from data.returns.page import Area, Grid

_ROLES = {
    "value": re.compile(
        r"^([本当][月期季年旬]|本半年|[当本][月期]数|本月实际|this (month|quarter|half-year|year))$"
    ),
    "ytd": re.compile(r"^(本年累计|本年累计数|累计|year to date)$"),
    "same": re.compile(r"^(上年同期(累计|数)?|去年同期(累计)?|same period last year)$"),
}
_FOOT = re.compile(
    r"单位负责人|统计负责人|填表人|审核人|联系电话|报出日期|head of unit|filled in by|telephone"
)
_TOTAL = re.compile(r"^(合 ?计|总 ?计|全市合计|全县合计|total|sum)$")
_SUBTOTAL = re.compile(r"^(小 ?计|分 ?计|.{1,8}小计|subtotal|sub-total)$")
_CODE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)+")
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
            is_code = words == code or _CODE.fullmatch(words)
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
        for row in range(first, _end(grid, last) + 1)
        if row not in rows and _looks_like_code(grid, row, code_column)
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
    below = _rows(grid, code_row)
    foot = next((r for r, found in below.items() if _is_foot(grid, r, found)), None)
    body = [r for r in below if foot is None or r < foot]
    named: Counter[int] = Counter()
    for row in body:
        for column in below[row]:
            if column not in columns and plain(grid[(row, column)].text) in units:
                named[column] += 1
    unit_columns = [c for c, _ in named.most_common(2)]
    why = {row: _left_out(grid, row, below[row], columns, index) for row in body}
    for row in body:
        # Of a heading repeated on a second page, the line with the units of measure is one too.
        is_beside = "heading" in (why.get(row - 1), why.get(row + 1))
        if is_beside and not why[row] and _is_words(grid, row, below[row], columns):
            why[row] = "heading"
    skipped = {row: reason for row, reason in why.items() if reason}
    lines = [
        line
        for row in body
        if row not in skipped and (line := _line(grid, row, unit_columns, columns, units))
    ]
    strange = [
        (code_row, c)
        for c in sorted(c for (r, c) in grid if r == code_row)
        if c not in columns and _looks_like_code(grid, code_row, c)
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


def _left_out(
    grid: Grid, row: int, filled: list[int], columns: Mapping[int, str], index: Mapping[str, str]
) -> str:
    """Return why a row is no unit's: a subtotal, or the heading as on a second printed page."""
    said = [clean(grid[(row, c)].text).casefold() for c in filled if c not in columns]
    if any(_SUBTOTAL.match(words) for words in said):
        return "subtotal"
    heads = [c for c in filled if c in columns]
    is_heading = heads and all(index.get(plain(grid[(row, c)].text)) == columns[c] for c in heads)
    return "heading" if is_heading else ""


def _is_words(grid: Grid, row: int, filled: list[int], columns: Mapping[int, str]) -> bool:
    """Return whether a row holds nothing but words above figures, and no unit."""
    cells = [grid[(row, c)] for c in filled]
    is_above = all(c in columns for c in filled)
    return is_above and all(cell.kind == "text" and cell.value is None for cell in cells)


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
    return bool(cell and cell.kind == "text" and _CODE.fullmatch(cell.text))
