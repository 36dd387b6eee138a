"""What is a sheet to the reader, whatever the program that wrote its file?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from openpyxl.utils import get_column_letter

from data.returns.cells import Cell

Grid = dict[tuple[int, int], Cell]
Area = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Page:
    """One sheet as a grid of cells by row and column; empty ones are left out.

    `merges` are areas as (top, left, bottom, right), counted from 1; `origin` says what kind of
    file the sheet came from where that is no xlsx, `encoding` how a text file was written.
    """

    name: str
    cells: Grid
    is_hidden: bool
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    merges: tuple[Area, ...] = ()
    origin: str = ""
    encoding: str = ""


@lru_cache(maxsize=1 << 15)
def address(row: int, column: int) -> str:
    """Return the address of a cell as Excel writes it.

    >>> address(12, 4)
    'D12'
    """
    return f"{get_column_letter(column)}{row}"
