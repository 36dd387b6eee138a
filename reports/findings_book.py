"""How do the findings of a check leave the product: one wide, readable sheet a person can work off?

Item, month and message come first, then where it stands: that is the order in which those who file
look for it. The cell is a link into the file, which works where both lie in the same folder.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from data.definition_types import Catalog
from data.texts import text
from data.units import Tree
from reports.tables import escape_formula

HEAD_ROW = 4
#: Columns in order, with widths that need no widening.
WIDTHS = {
    "measure": 20,
    "month": 9,
    "found": 48,
    "fix": 40,
    "severity": 9,
    "unit": 16,
    "sheet": 14,
    "place": 8,
    "measured": 9,
    "rule": 7,
    "answer": 26,
    "file": 22,
}
FILLS = {"mandatory": "FCEBDF", "query": "E4F0F8", "info": "EDF0F4"}
FACE = "Microsoft YaHei"
INK, MUTED, ACCENT, LINE = "1B2430", "5B6675", "1F4E8C", "C9D2DE"
LINE_POINTS = 15
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Checkup:
    """What was checked: the file's name, its findings (FINDINGS) and the numbers of the verdict."""

    file: str
    rows: Sequence[Row]
    counts: Mapping[str, int]


def findings_bytes(checkup: Checkup, catalog: Catalog, tree: Tree, lang: str) -> bytes:
    """Return the findings as a workbook: one line each, filter on, head frozen, A4 landscape."""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    sheet.title = text("desk.report.title", lang)
    _head(sheet, checkup, lang)
    looks: dict[tuple[str, str, bool], Any] = {}
    for number, row in enumerate(checkup.rows, start=HEAD_ROW + 1):
        words = _words(row, checkup.file, catalog, tree, lang)
        _line(sheet, number, row, words, checkup.file, looks)
    _set_page(sheet, len(checkup.rows))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _head(sheet: Any, checkup: Checkup, lang: str) -> None:
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
    from openpyxl.utils import get_column_letter

    sheet["A1"] = text("desk.report.title", lang)
    sheet["A1"].font = Font(FACE, 16, bold=True, color=INK)
    sheet["A2"] = escape_formula(
        text("desk.report.about", lang, file=checkup.file, **checkup.counts)
    )
    sheet["A2"].font = Font(FACE, 10, color=MUTED)
    under = Border(bottom=Side(style="medium", color=LINE))
    for column, (name, width) in enumerate(WIDTHS.items(), start=1):
        cell = sheet.cell(HEAD_ROW, column, text(f"desk.report.{name}", lang))
        cell.font, cell.border = Font(FACE, 10, bold=True, color=INK), under
        cell.fill = PatternFill("solid", fgColor="E9EFF7")
        cell.alignment = Alignment(vertical="center", wrap_text=True)
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.row_dimensions[HEAD_ROW].height = 24


def _words(row: Row, file: str, catalog: Catalog, tree: Tree, lang: str) -> dict[str, str]:
    """Return what stands in the line of a finding, column by column."""
    measure = catalog.measures.get(row["measure"] or "")
    unit = row["unit"] or ""
    return {
        "measure": measure.name.get(lang) if measure else "",
        "month": f"{row['period']:%Y-%m}" if row["period"] else "",
        "found": row[f"message_{lang}"],
        "fix": row[f"fix_{lang}"],
        "severity": text(f"returns.severity.{row['severity']}", lang),
        "unit": tree.unit(unit).name.get(lang) if unit in tree.units else unit,
        "sheet": row["sheet"] or "",
        "place": row["cell"] or "",
        "measured": measure.unit.get(lang) if measure else "",
        "rule": row["rule"],
        "answer": row["answer"] or "",
        "file": file,
    }


def _line(
    sheet: Any,
    number: int,
    row: Row,
    words: Mapping[str, str],
    file: str,
    looks: dict[tuple[str, str, bool], Any],
) -> None:
    """Write the line of a finding; `looks` keeps how a cell of its kind looks, made once."""
    from openpyxl.worksheet.hyperlink import Hyperlink

    for column, (name, said) in enumerate(words.items(), start=1):
        cell = sheet.cell(number, column, escape_formula(said))
        is_link = name == "place" and bool(said)
        key = (name, row["severity"], is_link)
        if key not in looks:
            _dress(cell, *key)
            looks[key] = cell._style
        else:
            cell._style = looks[key]
        if is_link:
            cell.hyperlink = Hyperlink(
                ref=cell.coordinate, target=quote(PurePath(file).name), location=_spot(row)
            )
    lines = max(_lines(words[name], width) for name, width in WIDTHS.items())
    sheet.row_dimensions[number].height = LINE_POINTS * lines + 4


def _dress(cell: Any, name: str, severity: str, is_link: bool) -> None:
    """Give a cell the look of its column."""
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

    cell.border = Border(bottom=Side(style="thin", color=LINE))
    cell.alignment = Alignment("left", "top", wrap_text=True)
    cell.font = Font(FACE, 10, color=INK, bold=name == "measure")
    if name == "severity":
        cell.fill = PatternFill("solid", fgColor=FILLS[severity])
    if is_link:
        cell.font = Font(FACE, 10, color=ACCENT, underline="single")


def _spot(row: Row) -> str:
    """Return the place of a finding within its file, as a link says it.

    >>> _spot({"sheet": "刑事'24", "cell": "D12"})
    "'刑事''24'!D12"
    """
    sheet = (row["sheet"] or "").replace("'", "''")
    return f"'{sheet}'!{row['cell']}"


def _set_page(sheet: Any, rows: int) -> None:
    from openpyxl.utils import get_column_letter

    last = get_column_letter(len(WIDTHS))
    sheet.auto_filter.ref = f"A{HEAD_ROW}:{last}{max(HEAD_ROW + rows, HEAD_ROW + 1)}"
    sheet.freeze_panes = sheet.cell(HEAD_ROW + 1, 2)
    sheet.sheet_view.showGridLines = False
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.orientation = "landscape"
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = f"{HEAD_ROW}:{HEAD_ROW}"


def _lines(words: str, width: int) -> int:
    """Return how many lines a text takes in a column; a Chinese character is two wide.

    >>> _lines("核对三格：接警总数", 10), _lines("", 10)
    (3, 1)
    """
    wide = sum(2 if ord(letter) > 0x2E80 else 1 for letter in words)
    return max(1, -(-wide // max(width - 2, 1)))
