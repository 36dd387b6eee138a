"""What stands in each cell of a workbook, before anyone asks what it means?"""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

from defusedxml.ElementTree import iterparse
from openpyxl.reader.excel import ExcelReader
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from data.returns.cells import Cell, read_cell
from data.returns.guard import UnreadableError, guard_workbook

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
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

    Formulas are never evaluated: what counts is the result that was last saved with them.
    """
    guard_workbook(content)
    try:
        with warnings.catch_warnings():
            # The reader warns of extensions that it drops: of no matter to the numbers.
            warnings.simplefilter("ignore")
            reader = ExcelReader(io.BytesIO(content), data_only=False)
            reader.read()
        sheets = list(reader.wb.worksheets)
        results = _results(content, reader)
    except Exception:  # noqa: BLE001 - the reader raises whatever a damaged file leads it into
        raise UnreadableError(key="returns.refused.damaged") from None
    if not sheets:
        raise UnreadableError(key="returns.refused.not_a_workbook")
    return [
        Page(
            sheet.title, _grid(sheet, results.get(sheet.title, {})), sheet.sheet_state != "visible"
        )
        for sheet in sheets
    ]


def _stored(sheet: Worksheet) -> dict[tuple[int, int], Any]:
    """Return the cells that the file stores.

    The public way walks the whole rectangle up to the last cell, which a file may put at the far
    corner of the sheet.
    """
    return sheet._cells


def _results(content: bytes, reader: ExcelReader) -> dict[str, dict[str, Any]]:
    """Return the saved results of formulas, by sheet and cell.

    Reading the workbook a second time for its values would cost as much as the first; only the
    sheets that have formulas are looked at, and only for these.
    """
    found: dict[str, dict[str, Any]] = {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for sheet, part in reader.parser.find_sheets():
            if sheet.name not in reader.wb.sheetnames:
                continue
            cells = _stored(reader.wb[sheet.name])
            if not any(cell.data_type == "f" for cell in cells.values()):
                continue
            with archive.open(part.target.lstrip("/")) as stream:
                found[sheet.name] = dict(_saved_results(stream, reader.shared_strings))
    return found


def _saved_results(stream: IO[bytes], strings: Sequence[str]) -> Iterator[tuple[str, Any]]:
    """Yield the address and saved result of each formula of a sheet."""
    for _, element in iterparse(stream, events=("end",)):
        if element.tag == f"{_MAIN}c":
            saved = element.findtext(f"{_MAIN}v")
            if saved and element.find(f"{_MAIN}f") is not None:
                yield element.get("r", ""), _result(element.get("t", "n"), saved, strings)
            element.clear()


def _result(kind: str, saved: str, strings: Sequence[str]) -> Any:
    match kind:
        case "n":
            return float(saved)
        case "b":
            return saved == "1"
        case "s":
            return str(strings[int(saved)])
        case _:
            return saved


def _grid(sheet: Worksheet, results: Mapping[str, Any]) -> Grid:
    grid: Grid = {}
    for place, cell in _stored(sheet).items():
        raw = cell.value
        if raw is None:
            continue
        if cell.data_type == "f":
            grid[place] = read_cell(
                _formula_text(raw), results.get(address(*place)), is_formula=True
            )
        else:
            grid[place] = read_cell(raw, None, is_error=cell.data_type == "e")
    return grid


def _formula_text(raw: Any) -> str:
    return str(getattr(raw, "text", None) or raw)
