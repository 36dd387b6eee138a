"""What stands in each cell of a workbook, before anyone asks what it means?"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from data.returns.cells import Cell, read_cell
from data.returns.guard import UnreadableError, guard_workbook

MOST_CELLS = 400_000
Grid = dict[tuple[int, int], Cell]


@dataclass(frozen=True, slots=True)
class Page:
    """One sheet as a grid of cells by row and column; empty ones are left out."""

    name: str
    cells: Grid
    is_hidden: bool


def address(row: int, column: int) -> str:
    """Return the address of a cell as Excel writes it.

    >>> address(12, 4)
    'D12'
    """
    return f"{get_column_letter(column)}{row}"


def read_pages(content: bytes) -> list[Page]:
    """Return every sheet of a workbook; what must not be opened is refused in words.

    Formulas are never evaluated: their last saved result is read, in a second pass that is only
    made where the first one met a formula.
    """
    guard_workbook(content)
    written = _load(content, results=False)
    sheets = list(written.worksheets)
    if not sheets:
        raise UnreadableError(key="returns.refused.not_a_workbook")
    if sum(len(_stored(sheet)) for sheet in sheets) > MOST_CELLS:
        raise UnreadableError(key="returns.refused.cells", most=f"{MOST_CELLS:,}")
    has_formulas = any(c.data_type == "f" for sheet in sheets for c in _stored(sheet).values())
    results = _load(content, results=True) if has_formulas else None
    return [
        Page(
            sheet.title,
            _grid(sheet, results.worksheets[number] if results else None),
            sheet.sheet_state != "visible",
        )
        for number, sheet in enumerate(sheets)
    ]


def _load(content: bytes, *, results: bool) -> Workbook:
    try:
        with warnings.catch_warnings():
            # The reader warns of extensions that it drops: of no matter to the numbers.
            warnings.simplefilter("ignore")
            return load_workbook(io.BytesIO(content), data_only=results)
    except Exception:  # noqa: BLE001 - the reader raises whatever a damaged file leads it into
        raise UnreadableError(key="returns.refused.damaged") from None


def _stored(sheet: Worksheet) -> dict[tuple[int, int], Any]:
    """Return the cells that the file stores.

    The public way walks the whole rectangle up to the last cell, which a file may put at the far
    corner of the sheet.
    """
    return sheet._cells


def _grid(sheet: Worksheet, results: Worksheet | None) -> Grid:
    cached = _stored(results) if results is not None else {}
    grid: Grid = {}
    for place, cell in _stored(sheet).items():
        raw = cell.value
        if raw is None:
            continue
        if cell.data_type == "f":
            result = cached[place].value if place in cached else None
            grid[place] = read_cell(_formula_text(raw), result, is_formula=True)
        else:
            grid[place] = read_cell(raw, None, is_error=cell.data_type == "e")
    return grid


def _formula_text(raw: Any) -> str:
    return str(getattr(raw, "text", None) or raw)
