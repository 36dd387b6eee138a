"""What does a return look like as xlsx that came as another kind of file?"""

from __future__ import annotations

from collections.abc import Iterable

from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook

from data.returns.page import Page

#: What a spreadsheet program would take for a formula or a command.
_ACTIVE = ("=", "+", "-", "@", "\t", "\r")


def plain_text(words: str) -> str:
    """Return a text that no spreadsheet program takes for a formula.

    >>> plain_text("=1+1"), plain_text("12起")
    ("'=1+1", '12起')
    """
    return f"'{words}" if words.startswith(_ACTIVE) else words


def plain_copy(pages: Iterable[Page]) -> Workbook:
    """Return a workbook with every cell where it stood: numbers as numbers, all else as text."""
    book = Workbook()
    book.remove(book.active)
    for page in pages:
        sheet = book.create_sheet(page.name)
        sheet.sheet_state = "hidden" if page.is_hidden else "visible"
        for (row, column), cell in page.cells.items():
            is_known = page.origin == "csv" or cell.kind in ("number", "formula")
            is_number = cell.value is not None and is_known
            sheet.cell(row, column, cell.value if is_number else plain_text(cell.text))
        for top, left, bottom, right in page.merges:
            sheet.merge_cells(start_row=top, start_column=left, end_row=bottom, end_column=right)
        for row in page.hidden_rows:
            sheet.row_dimensions[row].hidden = True
        for column in page.hidden_columns:
            sheet.column_dimensions[get_column_letter(column)].hidden = True
    if not any(sheet.sheet_state == "visible" for sheet in book.worksheets):
        book.worksheets[0].sheet_state = "visible"
    return book
