"""How are single cells of a workbook changed, all else left as it is?"""

from collections.abc import Mapping
from pathlib import Path

from openpyxl import load_workbook


def overwrite_cells(path: Path, cells: Mapping[tuple[str, str], str | float | None]) -> None:
    """Write values into cells of a workbook on disk, named by sheet and address."""
    book = load_workbook(path)
    for (sheet, address), value in cells.items():
        book[sheet][address].value = value
    book.save(path)
