"""Does the body of a table hold anything about a person: a name column, an ID, a telephone?"""

from __future__ import annotations

import re
from collections.abc import Collection

from data.returns.book import Grid
from data.returns.cells import Cell, clean

_ID = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)|(?<!\d)\d{15}(?!\d)")
_PHONE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d{9}(?!\d)")
_HEADING = re.compile(
    r"姓名|身份证|证件号|手机|联系电话|电话号码|联系方式|住址|家庭地址|出生日期"
    r"|\bid (number|card|no\b)|\b(tele)?phone\b|\bmobile\b|\bpassport\b|\bsurname\b|date of birth"
    r"|^((full|first|last|person'?s?) )?name$",
    re.IGNORECASE,
)
#: Headings stand at most this many rows above the first row of figures.
_HEADING_ROWS = 4


def personal_cells(
    grid: Grid, first_row: int, last_row: int, is_figure: Collection[tuple[int, int]] = ()
) -> list[tuple[int, int]]:
    """Return the cells of a table's body that look personal, one for each column.

    `last_row` is the last row of the body: the foot, where people sign, is never looked at.
    """
    found: dict[int, tuple[int, int]] = {}
    for place, cell in sorted(grid.items()):
        row, column = place
        if row > last_row or column in found or is_small(cell):
            continue
        words = clean(cell.text)
        is_heading = first_row - _HEADING_ROWS <= row < first_row and place not in is_figure
        if (is_heading and ":" not in words and _HEADING.search(words)) or is_personal(words):
            found[column] = place
    return list(found.values())


def is_small(cell: Cell) -> bool:
    """Return whether a cell is a number too short for an ID or a telephone."""
    return cell.kind == "number" and cell.value is not None and abs(cell.value) < 1e9


def is_personal(words: str) -> bool:
    """Return whether a text holds an ID number or a mobile telephone number.

    >>> is_personal("13800138000"), is_personal("1,234"), is_personal("11010119900307123X")
    (True, False, True)
    """
    compact = words.replace(" ", "").replace("-", "")
    return bool(_ID.search(compact) or _PHONE.search(compact))
