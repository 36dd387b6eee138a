"""What does a flat table say, cell by cell: from xlsx, xls, ods, csv or parquet?

Columns are found by their headings, wherever the header row stands, and every value keeps the row
and column it came from. All values become text here; numbers and dates keep every digit.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import polars as pl

from data.returns.flat_book import open_book, read_sheets
from data.returns.flat_text import FileError as FileError
from data.returns.flat_text import read_text_rows
from data.returns.flat_words import plain
from data.said import SpokenError

WORKBOOKS = (".xlsx", ".xls", ".ods")
TEXTS = (".csv", ".tsv", ".txt")
KINDS = (*WORKBOOKS, *TEXTS, ".parquet")
# The header stands within these first rows of a sheet.
HEADER_ROWS = 40
_Read = TypeVar("_Read")


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet's rows below its header: `rows` has one text column a heading, and `row` numbers.

    `headings` are as printed, by place from the first column; columns of `rows` are named `c0`,
    `c1`, ... A CSV or Parquet file has no sheet name. `short` are rows of a text file that end
    before the last heading: their number and how many fields they have.
    """

    sheet: str | None
    headings: tuple[str, ...]
    rows: pl.DataFrame
    short: tuple[tuple[int, int], ...] = ()

    def column(self, names: Iterable[str]) -> int | None:
        """Return the place of the first heading that is one of the names."""
        wanted = {plain(name) for name in names}
        for place, heading in enumerate(self.headings):
            if plain(heading) in wanted:
                return place
        return None


def column_letters(place: int) -> str:
    """Return the letters of a column by its place from 0.

    >>> column_letters(0), column_letters(25), column_letters(26), column_letters(701)
    ('A', 'Z', 'AA', 'ZZ')
    """
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def address(row: int, column: int) -> str:
    """Return the address of a cell by its row and column from 1.

    >>> address(12, 4)
    'D12'
    """
    return f"{column_letters(column - 1)}{row}"


Grids = list[tuple[str | None, "pl.DataFrame | list[list]"]]


def find_tables(grids: Grids, is_header: Callable[[Table], bool], file: str = "") -> list[Table]:
    """Return the table of every sheet in which some row is accepted as the header."""
    found = [_table(sheet, grid, is_header, file) for sheet, grid in grids]
    return [table for table in found if table is not None]


def header_rows(grids: Grids) -> list[Table]:
    """Return every row that could be a header, as a table without rows, for error messages."""
    return [
        Table(sheet, tuple(str(cell) for cell in cells), pl.DataFrame())
        for sheet, grid in grids
        for cells in ([grid.columns] if isinstance(grid, pl.DataFrame) else grid[:HEADER_ROWS])
    ]


def read_grids(path: Path, encoding: str | None = None) -> Grids:
    """Return each sheet's cells from A1 on; a Parquet file comes as its frame.

    Raises:
        FileError: there is no such file, or it cannot be read as a table.
    """
    return guarded(path, lambda: _grids(path, encoding))


def guarded(path: Path, read: Callable[[], _Read]) -> _Read:
    """Return what a reader reads of a file; what it raises becomes a sentence about the file."""
    if not path.exists():
        raise FileError(key="flat.error.absent", file=str(path))
    if path.suffix.lower() not in KINDS or not path.is_file():
        raise FileError(key="flat.error.kind", file=path.name, kinds=" ".join(KINDS))
    try:
        return read()
    except SpokenError:
        raise
    except Exception as error:  # noqa: BLE001 - readers of three formats raise what they like
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise FileError(key="flat.error.unreadable", file=path.name, reason=reason) from error


def _grids(path: Path, encoding: str | None) -> Grids:
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        return [(None, pl.read_parquet(path))]
    if suffix in TEXTS:
        return [(None, read_text_rows(path, encoding))]
    return [(sheet.name, sheet.rows) for sheet in read_sheets(open_book(path))]


def _table(
    sheet: str | None,
    grid: "pl.DataFrame | list[list]",
    is_header: Callable[[Table], bool],
    file: str,
) -> Table | None:
    if isinstance(grid, pl.DataFrame):
        table = Table(sheet, tuple(grid.columns), _frame_rows(grid))
        return table if is_header(table) else None
    for place, cells in enumerate(grid[:HEADER_ROWS]):
        headings = tuple(cell_text(cell) or "" for cell in cells)
        if is_header(Table(sheet, headings, pl.DataFrame())):
            rows, width = grid[place + 1 :], len(headings)
            short: tuple[tuple[int, int], ...] = ()
            if sheet is None:
                _refuse_long_rows(rows, width, place + 2, file)
                rows = rows[: len(rows) - _notes(rows, headings)]
                short = _short_rows(rows, headings, place + 2)
            # A text file has no sheet, and its cells are text already.
            columns = _text_columns(rows, width) if sheet is None else _cell_columns(rows, width)
            numbers = pl.int_range(place + 2, place + 2 + len(rows), dtype=pl.Int64, eager=True)
            return Table(sheet, headings, pl.DataFrame({"row": numbers, **columns}), short)
    return None


def _refuse_long_rows(rows: list[list], width: int, first: int, file: str) -> None:
    """Refuse a text file with a row longer than its header: a stray separator shifts numbers."""
    for number, row in enumerate(rows, first):
        if len(row) > width and any(str(cell).strip() for cell in row[width:]):
            raise FileError(
                key="flat.error.long_row", file=file, row=number, found=len(row), width=width
            )


def _short_rows(
    rows: list[list], headings: tuple[str, ...], first: int
) -> tuple[tuple[int, int], ...]:
    """Return the rows that say something and end before the last heading, with their fields."""
    width = _last_heading(headings)
    return tuple(
        (number, len(row))
        for number, row in enumerate(rows, first)
        if len(row) < width and any(cell.strip() for cell in row)
    )


def _notes(rows: list[list], headings: tuple[str, ...]) -> int:
    """Return how many rows at the end are notes: none of full width, below a blank row."""
    width = _last_heading(headings)
    last = max((n for n, row in enumerate(rows) if len(row) >= width and any(row)), default=-1)
    below = rows[last + 1 :]
    is_apart = bool(below) and not any(cell.strip() for cell in below[0])
    return len(below) if is_apart else 0


def _last_heading(headings: tuple[str, ...]) -> int:
    return max((place for place, heading in enumerate(headings, 1) if heading.strip()), default=0)


def _frame_rows(grid: pl.DataFrame) -> pl.DataFrame:
    """Return a Parquet file's columns as text; its first row counts as row 2, under the header."""
    columns = [
        (pl.lit(None, pl.String) if kind.is_nested() else pl.col(name).cast(pl.String)).alias(
            f"c{place}"
        )
        for place, (name, kind) in enumerate(grid.schema.items())
    ]
    return grid.select(pl.int_range(2, pl.len() + 2, dtype=pl.Int64).alias("row"), *columns)


def _cell_columns(rows: list[list], width: int) -> dict[str, pl.Series]:
    return {
        f"c{place}": pl.Series(
            [cell_text(row[place]) if place < len(row) else None for row in rows], dtype=pl.String
        )
        for place in range(width)
    }


def _text_columns(rows: list[list], width: int) -> dict[str, pl.Series]:
    if any(len(row) != width for row in rows):
        rows = [(row + [""] * width)[:width] for row in rows]
    columns = {
        f"c{place}": pl.Series(column, dtype=pl.String).str.strip_chars()
        for place, column in enumerate(zip(*rows, strict=True))
    }
    empty = {f"c{place}": pl.Series([], dtype=pl.String) for place in range(width)}
    return {name: column.replace("", None) for name, column in columns.items()} or empty


def cell_text(value: object) -> str | None:
    """Return a cell as text; a whole number without its `.0`, a day without its midnight."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, dt.datetime):
        return value.isoformat()
    return str(value).strip() or None
