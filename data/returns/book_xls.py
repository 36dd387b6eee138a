"""Which sheets has an xls workbook of 1997 to 2003, and what stands in their cells?"""

from __future__ import annotations

import io
from itertools import pairwise
from typing import Any

import xlrd
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH

from data.returns.cells import Cell, read_cell, read_number
from data.returns.guard import UnreadableError
from data.returns.guard_xls import guard_xls
from data.returns.number_looks import look_of
from data.returns.page import Grid, Page
from data.returns.raised import Run, joined

_EMPTY, _TEXT, _NUMBER, _DATE, _TRUTH, _ERROR, _BLANK = range(7)
#: The file keeps formulas in a shorthand of the program; only their results are read.
_FORMULA = "=（xls）"


def xls_pages(content: bytes) -> list[Page]:
    """Return every sheet of an xls workbook.

    Raises whatever a damaged file leads the library into; `read_pages` says it in words.
    """
    formulas = guard_xls(content).formulas
    # Formats are read for the merged and hidden cells, and to tell dates from numbers.
    book = xlrd.open_workbook(
        file_contents=content, logfile=io.StringIO(), formatting_info=True, ragged_rows=True
    )
    looks = [look_of(_pattern(book, style)) for style in range(len(book.xf_list))]
    epoch = MAC_EPOCH if book.datemode else WINDOWS_EPOCH
    pages = []
    for number, sheet in enumerate(book.sheets()):
        held = formulas[number] if number < len(formulas) else set()
        grid: Grid = {}
        for row in range(sheet.nrows):
            for column in range(sheet.row_len(row)):
                kind, value = sheet.cell_type(row, column), sheet.cell_value(row, column)
                if kind in (_EMPTY, _BLANK):
                    continue
                look = looks[sheet.cell_xf_index(row, column)]
                place = (row + 1, column + 1)
                if kind == _TEXT and (row, column) in sheet.rich_text_runlist_map:
                    value = _rich(book, sheet, row, column)
                cell = _cell(kind, value, look, epoch)
                grid[place] = (
                    read_cell(_FORMULA, cell if cell.text else "", is_formula=True)
                    if place in held
                    else cell
                )
        pages.append(
            Page(
                sheet.name,
                grid,
                sheet.visibility != 0,
                frozenset(r + 1 for r, info in sheet.rowinfo_map.items() if info.hidden),
                frozenset(c + 1 for c, info in sheet.colinfo_map.items() if info.hidden),
                tuple((t + 1, left + 1, b, right) for t, b, left, right in sheet.merged_cells),
                origin="xls",
            )
        )
    if not pages:
        raise UnreadableError(key="returns.refused.not_a_workbook")
    return pages


def _pattern(book: Any, style: int) -> str:
    return str(book.format_map[book.xf_list[style].format_key].format_str)


def _rich(book: Any, sheet: Any, row: int, column: int) -> str:
    """Return a text of several kinds of writing: each begins at a place, with a font of its own."""
    text = sheet.cell_value(row, column)
    first = book.xf_list[sheet.cell_xf_index(row, column)].font_index
    starts = [(0, first), *sheet.rich_text_runlist_map[(row, column)], (len(text), first)]
    return joined(
        [
            Run(text[start:end], book.font_list[font].escapement != 0)
            for (start, font), (end, _) in pairwise(starts)
        ]
    )


def _cell(kind: int, value: Any, look: str, epoch: Any) -> Cell:
    match kind:
        case 1:
            return read_cell(value, None)
        case 2 | 3:
            # The library counts among dates what merely shows colours or text in brackets.
            return read_number(value, look, epoch)
        case 4:
            return read_cell(bool(value), None)
        case _:
            code = xlrd.error_text_from_code.get(value, "#VALUE!")
            return read_cell(code, None, is_error=True)
