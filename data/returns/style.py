"""How does a return form look on paper and on screen: faces, fills, rules, number formats?

Faces are those that every Chinese office has: 宋体 for words and 黑体 for titles, as official
tables are set, by the names and the character set under which Excel itself writes them, so that WPS
on Linux and LibreOffice find theirs; figures are Arial, whose digits are of one width.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils.indexed_list import IndexedList
from openpyxl.workbook import Workbook

from data.definition_types import Measure

INK, MUTED, LINE, RULE, ACCENT = "1B2430", "5B6675", "8E99A8", "1B2430", "1F4E8C"
_CHINESE = 134


def _face(name: str, size: float, *, bold: bool = False, color: str = INK) -> Font:
    is_chinese = name in ("宋体", "黑体")
    return Font(
        name=name,
        size=size,
        bold=bold,
        color=color,
        family=3 if is_chinese else 2,
        charset=_CHINESE if is_chinese else None,
    )


@dataclass(frozen=True, slots=True)
class Faces:
    """The faces of a form in one language."""

    title: Font
    head: Font
    body: Font
    small: Font
    figure: Font
    figure_bold: Font


@lru_cache
def faces(lang: str) -> Faces:
    """Return the faces of a language; nothing on a form is smaller than 11 points but notes."""
    words, titles = ("宋体", "黑体") if lang == "zh" else ("Arial", "Arial")
    return Faces(
        title=_face(titles, 18, bold=lang != "zh"),
        head=_face(words, 11, bold=True),
        body=_face(words, 11),
        small=_face(words, 10, color=MUTED),
        figure=_face("Arial", 11),
        figure_bold=_face("Arial", 11, bold=True),
    )


#: The faces of the list of findings in an annotated copy.
TITLE, HEAD, BODY = faces("zh").title, faces("zh").head, faces("zh").body
SMALL, CODE = faces("zh").small, _face("Consolas", 9, color=MUTED)

HEAD_FILL = PatternFill("solid", fgColor="E9EFF7")
INPUT_FILL = PatternFill("solid", fgColor="FFFBE0")
GREY_FILL = PatternFill("solid", fgColor="EDF0F4")
SUM_FILL = PatternFill("solid", fgColor="F4F6F9")
ERROR_FILL = PatternFill("solid", fgColor="FCEBDF")
QUERY_FILL = PatternFill("solid", fgColor="E4F0F8")
# A conditional format takes its colour from the background of a fill.
ERROR_MARK = PatternFill("solid", bgColor="F8CBAD")
USUAL_MARK = PatternFill("solid", bgColor="CFE3F3")

_THIN, _THICK = Side(style="thin", color=LINE), Side(style="medium", color=RULE)
_NO_LINE = Side()
GRID = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
LEFT = Alignment(horizontal="left", vertical="center", wrap_text=True)
LOW_LEFT = Alignment(horizontal="left", vertical="bottom", wrap_text=True)
LOW_CENTRE = Alignment(horizontal="center", vertical="bottom", wrap_text=True)
CENTRE = Alignment(horizontal="center", vertical="center", wrap_text=True)
RIGHT = Alignment(horizontal="right", vertical="center")
STILL = Alignment(horizontal="left", vertical="center")
OPEN = Protection(locked=False)
#: Points of a line of words, and the least height of a row of figures.
LINE_POINTS, ROW_POINTS = 15, 21


@lru_cache
def indented(level: int) -> Alignment:
    """Return how the name of a part stands below its whole."""
    return Alignment(horizontal="left", vertical="center", wrap_text=True, indent=level)


@lru_cache
def ruled(edges: str = "") -> Border:
    """Return the lines of a cell in a table that is open at its sides and ruled above and below.

    `edges` names the edges of the table that the cell touches: t, b, l, r.
    """
    return Border(
        top=_THICK if "t" in edges else _THIN,
        bottom=_THICK if "b" in edges else _THIN,
        left=_NO_LINE if "l" in edges else _THIN,
        right=_NO_LINE if "r" in edges else _THIN,
    )


@dataclass(frozen=True, eq=False, slots=True)
class Look:
    """Everything that a cell wears; known by identity, so that each is worked out once a book."""

    font: Font
    alignment: Alignment
    border: Border | None = None
    fill: PatternFill | None = None
    number_format: str = "General"
    is_open: bool = False


@lru_cache(maxsize=2000)
def look(
    lang: str,
    kind: str,
    edges: str = "",
    number_format: str = "General",
    indent: int = 0,
) -> Look:
    """Return the look of a kind of table cell at its place in the table."""
    face, line = faces(lang), ruled(edges)
    match kind:
        case "input":
            return Look(face.figure, RIGHT, line, INPUT_FILL, number_format, is_open=True)
        case "printed":
            return Look(face.figure, RIGHT, line, GREY_FILL, number_format)
        case "closed":
            return Look(face.body, CENTRE, line, GREY_FILL)
        case "sum":
            return Look(face.figure_bold, RIGHT, line, SUM_FILL, number_format)
        case "sum_name":
            return Look(face.head, indented(indent) if indent else CENTRE, line, SUM_FILL)
        case "head":
            return Look(face.head, CENTRE, line, HEAD_FILL)
        case "under_head":
            return Look(face.small, CENTRE, line, HEAD_FILL, number_format)
        case "measure":
            return Look(face.body, indented(indent) if indent else LEFT, line)
        case "code":
            return Look(face.body, CENTRE, line, None, number_format)
        case _:
            return Look(face.body, CENTRE, line)


@lru_cache
def plain_look(lang: str, kind: str) -> Look:
    """Return the look of what stands above and below a table."""
    face = faces(lang)
    match kind:
        case "title":
            return Look(face.title, CENTRE)
        case "left":
            return Look(face.body, LOW_LEFT)
        case "centre":
            return Look(face.body, LOW_CENTRE)
        case "signed":
            return Look(face.body, LEFT, is_open=True)
        case "strong":
            return Look(face.head, STILL)
        case "heading":
            return Look(face.title, STILL)
        case _:
            return Look(face.small, LEFT if kind == "note" else STILL)


_WORN: WeakKeyDictionary[Workbook, dict[Look, Any]] = WeakKeyDictionary()


def wear(cell: Cell, worn: Look) -> None:
    """Give a cell a look; each look is worked out once a workbook, for that is the slow part."""
    known = _WORN.get(cell.parent.parent)
    if known is None:
        known = _WORN[cell.parent.parent] = {}
    style = known.get(worn)
    if style is None:
        cell.font, cell.alignment = worn.font, worn.alignment
        cell.number_format = worn.number_format
        if worn.border is not None:
            cell.border = worn.border
        if worn.fill is not None:
            cell.fill = worn.fill
        if worn.is_open:
            cell.protection = OPEN
        known[worn] = copy(cell._style)
    else:
        # Never changed in place afterwards: a template's cell is dressed once.
        cell._style = style


def set_standard(book: Workbook) -> None:
    """Let the width of a column mean the same everywhere: it is counted in digits of this face.

    Arial has a twin of the same widths in every office program; the usual face has not.
    """
    font = faces("en").figure
    book._fonts = IndexedList([font])
    book._named_styles["Normal"].font = font


def number_format(measure: Measure, mark: str = "") -> str:
    """Return how a measure's numbers are shown: whole, with cents, or as written.

    They keep a little off the line at the right. A `mark` follows the number and keeps at least
    one decimal, for a share is seldom whole.
    """
    if mark:
        return f'#,##0.{"0" * min(2, max(1, measure.decimals))}" {mark}"'
    if measure.decimals == 0:
        return "#,##0_ "
    return "#,##0.00##_ " if measure.decimals > 2 else "#,##0.0#_ "


def lines_of(words: str, width: float) -> int:
    """Return how many lines a text takes in a column; a Chinese character is two wide.

    >>> lines_of("核对三格：接警总数", 10), lines_of("short", 10), lines_of("", 10)
    (3, 1, 1)
    """
    room = max(width - 2, 1)
    return sum(
        max(1, -(-sum(2 if ord(letter) > 0x2E80 else 1 for letter in line) // int(room)))
        for line in (words.split("\n") or [""])
    )
