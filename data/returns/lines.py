"""Which unit is each row below a heading about, and which rows are about none?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from data.returns.cells import clean, plain
from data.returns.page import Grid

_FOOT = re.compile(
    r"单位负责人|统计负责人|填表人|审核人|联系电话|报出日期|head of unit|filled in by|telephone"
)
_TOTAL = re.compile(r"^(合 ?计|总 ?计|共 ?计|总 ?数|全市合计|全县合计|total|sum)$")
_SUBTOTAL = re.compile(r"^(小 ?计|分 ?计|.{1,8}(小计|合计|共计)|subtotal|sub-total)$")
_NUMBER = re.compile(r"^\(?\d{1,3}\)?[.、)] ?")
_BRACKETS = re.compile(r"(.*?) ?\(([^()]*)\)$")
CODE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)+")


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a collection form: the unit it names, None where that is unknown."""

    row: int
    unit: str | None
    column: int
    words: str
    clash: str = ""


def skipped_rows(
    grid: Grid,
    below: Mapping[int, list[int]],
    body: list[int],
    columns: Mapping[int, str],
    index: Mapping[str, str],
    head: int,
) -> dict[int, str]:
    """Return the rows of a body that are no unit's, and why: `subtotal` or `heading`.

    `head` is the row of the heading: words right below it (units of measure) are one too.
    """
    why = {row: _left_out(grid, row, below[row], columns, index) for row in body}
    why[head] = "heading"
    for row in body:
        # Of a heading repeated on a second page, the line with the units of measure is one too.
        is_beside = "heading" in (why.get(row - 1), why.get(row + 1))
        if is_beside and not why[row] and _is_words(grid, row, below[row], columns):
            why[row] = "heading"
    return {row: reason for row, reason in why.items() if reason and row > head}


def _left_out(
    grid: Grid, row: int, filled: list[int], columns: Mapping[int, str], index: Mapping[str, str]
) -> str:
    """Return why a row is no unit's: a subtotal, or the heading as on a second printed page."""
    beside = [column for column in filled if column not in columns]
    said = [clean(grid[(row, column)].text).casefold() for column in beside]
    if any(_SUBTOTAL.match(words) and not _TOTAL.match(words) for words in said):
        return "subtotal"
    over = (column for column in filled if column in columns)
    is_heading = len(filled) > len(beside) and all(
        index.get(plain(grid[(row, c)].text)) == columns[c] for c in over
    )
    return "heading" if is_heading else ""


def _is_words(grid: Grid, row: int, filled: list[int], columns: Mapping[int, str]) -> bool:
    """Return whether a row holds nothing but words above figures, and no unit."""
    cells = [grid[(row, c)] for c in filled]
    is_above = all(c in columns for c in filled)
    return is_above and all(cell.kind == "text" and cell.value is None for cell in cells)


def line_of(
    grid: Grid,
    row: int,
    filled: list[int],
    unit_columns: list[int],
    columns: Mapping[int, str],
    units: Mapping[str, str],
) -> Line | None:
    """Return the line of a row; a row without a unit counts only where it holds something."""
    words = [(c, grid[(row, c)].text) for c in unit_columns if (row, c) in grid]
    known = [(c, w, unit) for c, w in words if (unit := unit_in(w, units))]
    if known:
        # A code is never mistaken; a name beside it must mean the same unit.
        column, text, unit = min(known, key=lambda k: plain(k[1]) != plain(k[2]))
        others = [w for _, w, u in known if u != unit]
        unnamed = [w for _, w in words if _is_another(w, text, unit, units)]
        return Line(row, unit, column, text, (others or unnamed or [""])[0])
    has_value = any((row, c) in grid for c in columns)
    if not has_value:
        return None
    # Where nobody is known, the words before the figures are what is said to be unknown.
    before = (c for c in filled if c < min(columns) and grid[(row, c)].kind == "text")
    words = words or [(c, grid[(row, c)].text) for c in before]
    text = words[0][1] if words else ""
    column = words[0][0] if words else (unit_columns[0] if unit_columns else 1)
    return Line(row, "" if _TOTAL.match(clean(text).casefold()) else None, column, text)


def middle_sums(
    grid: Grid, rows: list[int], below: Mapping[int, list[int]], columns: Mapping[int, str]
) -> set[int]:
    """Return the rows that say 合计 between units, where the sum of all stands first or last.

    Such a row adds up a page or a group, whatever it is called.
    """
    sums = {
        row
        for row in rows
        if any(
            _TOTAL.match(clean(grid[(row, c)].text).casefold())
            for c in below[row]
            if c not in columns
        )
    }
    ends = {min(rows, default=0), max(rows, default=0)}
    return sums - ends if sums & ends else set()


def unit_in(words: str, units: Mapping[str, str]) -> str | None:
    """Return the unit that a cell names: by code or name, numbered, or both with one in brackets.

    >>> units = {"yz0101": "yz0101", "湖滨路派出所": "yz0101", "东门派出所": "yz0102"}
    >>> [unit_in(w, units) for w in ("1、湖滨路派出所", "湖滨路派出所（yz0101）")]
    ['yz0101', 'yz0101']
    >>> unit_in("东门派出所（yz0101）", units)
    """
    found = units.get(plain(words))
    if found is not None:
        return found
    bare = _NUMBER.sub("", clean(words))
    parts = _BRACKETS.fullmatch(bare)
    named = {units.get(plain(part)) for part in (parts.groups() if parts else (bare,))} - {None}
    return named.pop() if len(named) == 1 else None


def _is_another(words: str, text: str, unit: str, units: Mapping[str, str]) -> bool:
    """Return whether a cell beside the unit's own says something else: an unknown code or name.

    A group that is written where the codes were (城区) is not held against the unit's name.
    """
    if unit_in(words, units) is not None or _TOTAL.match(clean(words)):
        return False
    is_by_code = plain(text) == plain(unit)
    return is_by_code or re.search(r"[a-z0-9]", plain(words)) is not None


def rows_below(grid: Grid, after: int) -> dict[int, list[int]]:
    """Return the rows below a row, each with its columns."""
    found: dict[int, list[int]] = {}
    for row, column in grid:
        if row > after:
            found.setdefault(row, []).append(column)
    return {row: sorted(found[row]) for row in sorted(found)}


def foot_of(grid: Grid, after: int) -> int | None:
    """Return the first row below a row in which people sign: there the table has ended."""
    signed = (
        row
        for (row, _), cell in grid.items()
        if cell.kind == "text" and row > after and _FOOT.search(clean(cell.text).casefold())
    )
    return min(signed, default=None)


def end_of_body(grid: Grid, last: int) -> int:
    """Return the last row of the body: the one before the foot, or the last measure."""
    foot = foot_of(grid, last)
    return last if foot is None else foot - 1


def looks_like_code(grid: Grid, row: int, column: int) -> bool:
    """Return whether a cell holds what is written like a measure's code."""
    cell = grid.get((row, column))
    return bool(cell and cell.kind == "text" and CODE.fullmatch(cell.text))
