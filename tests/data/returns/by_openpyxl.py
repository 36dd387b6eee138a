"""Read a workbook with openpyxl, slowly and with every object: what the quick reader must equal."""

import io
import re
import warnings
from typing import Any

from openpyxl import load_workbook
from openpyxl.cell.rich_text import CellRichText

from data.returns.cells import Cell, read_cell

Grid = dict[tuple[int, int], Cell]
RAISED = ("superscript", "subscript")
SUPERSCRIPT = "⁰¹²³⁴⁵⁶⁷⁸⁹"


def pages_by_openpyxl(content: bytes) -> dict[str, tuple[bool, Grid]]:
    """Return by sheet whether it is hidden and what its cells say, formulas' results included."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        written = load_workbook(io.BytesIO(content), rich_text=True)
        results = load_workbook(io.BytesIO(content), data_only=True)
    found = {}
    for sheet in written.worksheets:
        known = results[sheet.title]._cells
        grid = {
            place: _cell(cell, known[place])
            for place, cell in sheet._cells.items()
            if cell.value is not None
        }
        found[sheet.title] = (sheet.sheet_state != "visible", grid)
    return found


def _cell(cell: Any, result: Any) -> Cell:
    if cell.data_type == "f":
        words = str(getattr(cell.value, "text", None) or cell.value)
        return read_cell(words, result.value, is_formula=True)
    value = _seen(cell.value) if isinstance(cell.value, CellRichText) else cell.value
    return read_cell(value, None, is_error=cell.data_type == "e")


def _seen(text: CellRichText) -> str:
    """Return a text with its raised digits as signs of their own, unless nothing else is there."""
    fonts = [getattr(run, "font", None) for run in text]
    raised = [getattr(font, "vertAlign", None) in RAISED for font in fonts]
    if all(raised):
        return str(text)
    return "".join(
        re.sub(r"\d", lambda m: SUPERSCRIPT[int(m[0])], str(run)) if is_raised else str(run)
        for run, is_raised in zip(text, raised, strict=True)
    )
