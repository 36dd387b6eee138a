"""What does a unit get back: its own workbook, each finding marked where it stands?"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from openpyxl import load_workbook
from openpyxl.cell.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from data.checks.run import CheckedReturn
from data.definition_types import Catalog
from data.returns.answers import BACK_MARK, FINDINGS_SHEET
from data.returns.book import read_pages
from data.returns.findings_sheet import (
    FILLS,
    FORMER_HEAD,
    HEAD_ROW,
    LINK,
    fill_findings,
    lines_of,
    link_to,
)
from data.returns.guard import UnreadableError, is_xlsx
from data.returns.keep_results import saved_results, with_results
from data.returns.plain_copy import plain_copy
from data.texts import text

_CELL = re.compile(r"[A-Z]{1,3}[1-9][0-9]{0,6}")
#: Under this line of a comment stands the comment that the cell had before.
_BEFORE = "————————"
_COMMENT_WIDTH = 360
_LETTERS = 52
Former = dict[tuple[str, str], str]


def annotate(
    content: bytes,
    checked: CheckedReturn,
    catalog: Catalog,
    target: Path | IO[bytes],
    lang: str = "zh",
) -> None:
    """Write a copy of a workbook with its findings: a first sheet of them, cells marked.

    An explanation written into the copy counts when the copy is uploaded. Marks of an earlier copy
    are taken off first. What is no xlsx comes back as one.
    """
    if checked.reading.refusal is not None:
        key, values = checked.reading.refusal
        raise UnreadableError(key=key, **values)
    book = _book(content, checked.reading.source.name)
    if FINDINGS_SHEET in book.sheetnames:
        _unmark(book)
        del book[FINDINGS_SHEET]
    rows = checked.findings.rows(named=True)
    former = _mark(book, rows, lang)
    sheet = book.create_sheet(FINDINGS_SHEET, 0)
    fill_findings(sheet, rows, checked.counts, catalog, former, lang)
    for name in {name for name, _ in former}:
        _link_back(book[name], lang)
    book.active = 0
    for other in book.worksheets[1:]:
        other.sheet_view.tabSelected = False
    stream = io.BytesIO()
    book.save(stream)
    results = saved_results(checked.reading.raw)
    made = with_results(stream.getvalue(), book.sheetnames, results)
    if isinstance(target, Path):
        target.write_bytes(made)
    else:
        target.write(made)


def _book(content: bytes, name: str) -> Workbook:
    """Return the workbook itself, or what it says where it is no xlsx."""
    if not is_xlsx(content):
        return plain_copy(read_pages(content, name))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return load_workbook(io.BytesIO(content), rich_text=True)


def _mark(book: Workbook, rows: Sequence[dict[str, Any]], lang: str) -> Former:
    """Colour the cells of findings, say in a comment what was found, and tell what they were."""
    said: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        if row["sheet"] in book.sheetnames and _CELL.fullmatch(row["cell"] or ""):
            said.setdefault((row["sheet"], row["cell"]), []).append(row)
    corners = {name: _corners(book[name]) for name in {name for name, _ in said}}
    former: Former = {}
    for (name, place), found in said.items():
        sheet = book[name]
        cell = sheet[corners[name].get(place, place)]
        former[(name, place)] = _colour(cell)
        cell.fill = FILLS[found[0]["severity"]]
        words = "\n".join(f"{r['rule']} {r[f'message_{lang}']}\n{r[f'fix_{lang}']}" for r in found)
        known = _former_comment(cell)
        words = f"{words}\n{_BEFORE}\n{known}" if known else words
        height = 18 * lines_of(words, _LETTERS) + 16
        who = text("common.product", lang)
        cell.comment = Comment(words, who, width=_COMMENT_WIDTH, height=min(height, 420))
        # What must be mended must be seen.
        if found[0]["severity"] != "info" and sheet.sheet_state != "visible":
            sheet.sheet_state = "visible"
    return former


def _corners(sheet: Worksheet) -> dict[str, str]:
    """Return for each cell that a merge covers the cell that shows its content."""
    found = {}
    for area in sheet.merged_cells.ranges:
        corner = sheet.cell(area.min_row, area.min_col).coordinate
        if area.size["rows"] * area.size["columns"] > 2000:
            continue
        for row, column in area.cells:
            found[sheet.cell(row, column).coordinate] = corner
    return found


def _colour(cell: Cell) -> str:
    """Return the colour of a cell as written into the copy: nothing, or its eight digits."""
    fill = cell.fill
    colour = fill.fgColor.rgb if fill is not None and fill.fill_type == "solid" else ""
    return colour if isinstance(colour, str) else ""


def _former_comment(cell: Cell) -> str:
    """Return the comment that a cell had before it was marked."""
    words = cell.comment.text if cell.comment is not None else ""
    return words.rpartition(f"\n{_BEFORE}\n")[2]


def _unmark(book: Workbook) -> None:
    """Give the cells that an earlier copy marked their colours and comments back."""
    listed = book[FINDINGS_SHEET]
    heads = {str(cell.value): cell.column - 1 for cell in listed[HEAD_ROW] if cell.value}
    if FORMER_HEAD not in heads:
        return
    for line in listed.iter_rows(min_row=HEAD_ROW + 1):
        link, colour = line[1].hyperlink, str(line[heads[FORMER_HEAD]].value or "")
        name, _, place = (link.location or "").rpartition("!") if link else ("", "", "")
        name = name.strip("'").replace("''", "'")
        if name not in book.sheetnames or not _CELL.fullmatch(place.replace("$", "")):
            continue
        sheet = book[name]
        place = place.replace("$", "")
        cell = sheet[_corners(sheet).get(place, place) if sheet.merged_cells.ranges else place]
        cell.fill = PatternFill("solid", fgColor=colour) if colour else PatternFill()
        _restore_comment(cell)
    for sheet in book.worksheets:
        for cell in sheet[1]:
            if isinstance(cell.value, str) and cell.value.startswith(BACK_MARK):
                cell.value, cell.hyperlink = None, None


def _restore_comment(cell: Cell) -> None:
    if cell.comment is None:
        return
    before, mark, known = cell.comment.text.rpartition(f"\n{_BEFORE}\n")
    if mark:
        cell.comment = Comment(known, cell.comment.author or "", width=_COMMENT_WIDTH, height=120)
    elif not before:
        cell.comment = None


def _link_back(sheet: Worksheet, lang: str) -> None:
    """Put a link back to the findings beside the first line, outside of what is printed."""
    if not sheet.print_area:
        sheet.print_area = sheet.dimensions
    cell = sheet.cell(1, sheet.max_column + 2, text("returns.verdict.back", lang, mark=BACK_MARK))
    link_to(cell, FINDINGS_SHEET, f"A{HEAD_ROW}")
    cell.font = LINK


def copy_name(name: str, what: str, kind: str = "xlsx") -> str:
    """Return what a copy of a file is called.

    >>> copy_name("return.xls", "annotated")
    'return_annotated.xlsx'
    """
    return f"{Path(name).stem}_{what}.{kind}"
