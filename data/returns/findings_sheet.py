"""How is the first sheet of an annotated copy laid out: findings, links to cells, explanations?

It is protected without a password, so that nothing but the explanations is typed over by accident;
sorting and filtering stay allowed. The reader finds its columns by their heads and its lines by
their numbers (`data.returns.answers`), whatever became of their order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from data.checks.findings import finding_id
from data.definition_types import Catalog
from data.returns import style
from data.returns.answers import ANSWER_HEAD, ID_HEAD
from data.returns.page_blocks import set_page_numbers, set_paper
from data.returns.plain_copy import plain_text
from data.store.source import SHORTEST_ANSWER
from data.texts import text

HEAD_ROW = 4
LINE_POINTS = 15
FILLS = {"mandatory": style.ERROR_FILL, "query": style.QUERY_FILL, "info": style.GREY_FILL}
LINK = Font(name=style.BODY.name, size=10, color=style.ACCENT, underline="single")
#: Widths of the columns; those of the messages and of the explanation are wide enough to read.
WIDTHS = {
    "severity": 9,
    "place": 17,
    "unit": 14,
    "measure": 18,
    "found": 46,
    "fix": 38,
    "answer": 42,
    "rule": 7,
    "id": 13,
}
#: What a cell looked like before it was coloured, so that a later copy can take the colour off.
FORMER_HEAD = "fill"
Row = Mapping[str, Any]


def fill_findings(
    sheet: Worksheet,
    rows: Sequence[Row],
    counts: Mapping[str, int],
    catalog: Catalog,
    former: Mapping[tuple[str, str], str],
    lang: str,
) -> None:
    """Write the findings into a new sheet.

    Args:
        sheet: The new, empty sheet.
        rows: FINDINGS in the order of the verdict.
        counts: The numbers of the verdict.
        catalog: For the names of measures and units.
        former: Of each marked cell the colour that it had; only these can be linked to.
        lang: Language of the sheet.
    """
    names = _columns(rows)
    sheet["A1"] = text("returns.verdict.title", lang)
    sheet["A1"].font = style.TITLE
    sheet["A2"] = text("returns.verdict.counts", lang, **counts)
    sheet["A2"].font = style.HEAD
    sheet["A3"] = text("returns.verdict.how", lang, least=SHORTEST_ANSWER)
    sheet["A3"].font = style.SMALL
    heads = {"answer": ANSWER_HEAD, "id": ID_HEAD, "former": FORMER_HEAD}
    heads |= {name: text(f"returns.verdict.{name}", lang) for name in names if name not in heads}
    for column, name in enumerate(names, start=1):
        cell = sheet.cell(HEAD_ROW, column, heads[name])
        cell.font, cell.fill, cell.border = style.HEAD, style.HEAD_FILL, style.GRID
        cell.alignment = style.CENTRE
        letter = get_column_letter(column)
        sheet.column_dimensions[letter].width = WIDTHS.get(name, 9)
        sheet.column_dimensions[letter].hidden = name == "former"
    sheet.row_dimensions[HEAD_ROW].height = 24
    units = {unit.code: unit.short.get(lang) or unit.name.get(lang) for unit in catalog.units}
    looks: dict[tuple[str, str, bool], Any] = {}
    for number, row in enumerate(rows, start=HEAD_ROW + 1):
        words = _words(row, catalog, units, former, lang)
        _fill_line(sheet, number, names, row, words, former, looks)
    last = max(HEAD_ROW + len(rows), HEAD_ROW + 1)
    sheet.auto_filter.ref = f"A{HEAD_ROW}:{get_column_letter(len(names))}{last}"
    sheet.freeze_panes = sheet.cell(HEAD_ROW + 1, 1)
    set_paper(sheet, is_wide=True)
    set_page_numbers(sheet, "", lang, style.BODY.name)
    sheet.print_title_rows = f"{HEAD_ROW}:{HEAD_ROW}"
    sheet.sheet_view.showGridLines = False
    # The number of a finding is for the reader that takes the explanations back, not for paper.
    sheet.print_area = f"A1:{get_column_letter(names.index('rule') + 1)}{last}"
    _protect(sheet)


def _columns(rows: Sequence[Row]) -> list[str]:
    """Return the columns in order; the unit only where the findings are of several."""
    many = len({row["unit"] for row in rows}) > 1
    return [name for name in (*WIDTHS, "former") if name != "unit" or many]


def _words(
    row: Row,
    catalog: Catalog,
    units: Mapping[str, str],
    former: Mapping[tuple[str, str], str],
    lang: str,
) -> dict[str, str]:
    """Return what stands in the line of a finding, column by column."""
    measure = catalog.measures.get(row["measure"] or "")
    place = f"{row['sheet']}!{row['cell']}" if row["cell"] else row["sheet"]
    return {
        "severity": text(f"returns.severity.{row['severity']}", lang),
        "place": place or "",
        "unit": units.get(row["unit"] or "", row["unit"] or ""),
        "measure": measure.name.get(lang) if measure else "",
        "found": row[f"message_{lang}"],
        "fix": row[f"fix_{lang}"],
        "answer": row["answer"] or "",
        "rule": row["rule"],
        "id": finding_id(row),
        "former": former.get((row["sheet"], row["cell"]), ""),
    }


def _fill_line(
    sheet: Worksheet,
    number: int,
    names: Sequence[str],
    row: Row,
    words: Mapping[str, str],
    former: Mapping[tuple[str, str], str],
    looks: dict[tuple[str, str, bool], Any],
) -> None:
    """Write the line of a finding; `looks` keeps how a cell of its kind looks, made once."""
    is_linked = (row["sheet"], row["cell"]) in former
    for column, name in enumerate(names, start=1):
        cell = sheet.cell(number, column, plain_text(words[name]))
        key = (name, row["severity"], is_linked)
        if key not in looks:
            _dress(cell, name, row["severity"], is_linked)
            looks[key] = cell._style
        else:
            cell._style = looks[key]
        if name == "place" and is_linked:
            link_to(cell, row["sheet"], row["cell"])
    # Not every program grows a row with its wrapped text.
    lines = max(lines_of(words[name], WIDTHS[name]) for name in names if name in WIDTHS)
    sheet.row_dimensions[number].height = LINE_POINTS * lines + 4


def _dress(cell: Cell, name: str, severity: str, is_linked: bool) -> None:
    """Give a cell the look of its column."""
    cell.font = style.CODE if name in ("id", "former") else style.BODY
    cell.border, cell.alignment = style.GRID, Alignment(vertical="top", wrap_text=True)
    if name == "severity":
        cell.fill = FILLS[severity]
    if name == "place" and is_linked:
        cell.font = LINK
    if name == "answer" and severity == "query":
        cell.fill, cell.protection = style.INPUT_FILL, style.OPEN
        cell.number_format = "@"


def link_to(cell: Cell, sheet: str, place: str) -> None:
    """Make a cell a link to a cell of the same workbook."""
    quoted = sheet.replace("'", "''")
    cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"'{quoted}'!{place}")


def _protect(sheet: Worksheet) -> None:
    """Lock all but the explanations, without a password; columns, order and filter stay free."""
    guard = sheet.protection
    guard.sheet = True
    guard.sort = guard.autoFilter = False
    guard.formatColumns = guard.formatRows = False


def lines_of(words: object, width: int) -> int:
    """Return how many lines a text takes in a column; a Chinese character is two wide.

    >>> lines_of("核对三格：接警总数", 10), lines_of("short", 10), lines_of("", 10)
    (3, 1, 1)
    """
    total = 0
    for part in str(words).split("\n"):
        wide = sum(2 if ord(letter) > 0x2E80 else 1 for letter in part)
        total += max(1, -(-wide // max(width - 2, 1)))
    return total
