"""What does a flat table say, cell by cell: from xlsx, xls, ods, csv or parquet?

Columns are found by their headings, wherever the header row stands, and every value keeps the row
and column it came from. All values become text here; numbers and dates keep every digit.
"""

import csv
import datetime as dt
import io
import unicodedata
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import polars as pl

from data.said import SpokenError

WORKBOOKS = (".xlsx", ".xls", ".ods")
TEXTS = (".csv", ".tsv", ".txt")
KINDS = (*WORKBOOKS, *TEXTS, ".parquet")
# The header stands within these first rows of a sheet.
HEADER_ROWS = 40
# Unpacked, a workbook of a million rows stays below this; a zip bomb does not.
MOST_UNPACKED = 1_500_000_000
CHUNK = 1 << 20


class FileError(SpokenError):
    """A file cannot be read; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet's rows below its header: `rows` has one text column a heading, and `row` numbers.

    `headings` are as printed, by place from the first column; columns of `rows` are named `c0`,
    `c1`, ... A CSV or Parquet file has no sheet name.
    """

    sheet: str | None
    headings: tuple[str, ...]
    rows: pl.DataFrame

    def column(self, names: Iterable[str]) -> int | None:
        """Return the place of the first heading that is one of the names."""
        wanted = {plain(name) for name in names}
        for place, heading in enumerate(self.headings):
            if plain(heading) in wanted:
                return place
        return None


@lru_cache(maxsize=65_536)
def plain(text: str) -> str:
    r"""Return text for comparing: one width, one case, single spaces, no line breaks.

    >>> plain("  Barking &\nDagenham "), plain("Ｍonth_Year")
    ('barking and dagenham', 'month_year')
    """
    folded = unicodedata.normalize("NFKC", text).replace("&", " and ")
    return " ".join(folded.casefold().split())


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


Grids = list[tuple[str | None, "pl.DataFrame | list[list]"]]


def find_tables(grids: Grids, is_header: Callable[[Table], bool]) -> list[Table]:
    """Return the table of every sheet in which some row is accepted as the header."""
    found = [_table(sheet, grid, is_header) for sheet, grid in grids]
    return [table for table in found if table is not None]


def header_rows(grids: Grids) -> list[Table]:
    """Return every row that could be a header, as a table without rows, for error messages."""
    return [
        Table(sheet, tuple(str(cell) for cell in cells), pl.DataFrame())
        for sheet, grid in grids
        for cells in ([grid.columns] if isinstance(grid, pl.DataFrame) else grid[:HEADER_ROWS])
    ]


def read_grids(path: Path) -> Grids:
    """Return each sheet's cells from A1 on; a Parquet file comes as its frame.

    Raises:
        FileError: there is no such file, or it cannot be read as a table.
    """
    suffix = path.suffix.lower()
    if not path.exists():
        raise FileError(key="flat.error.absent", file=str(path))
    if suffix not in KINDS or not path.is_file():
        raise FileError(key="flat.error.kind", file=path.name, kinds=" ".join(KINDS))
    try:
        if suffix == ".parquet":
            return [(None, pl.read_parquet(path))]
        if suffix in TEXTS:
            return [(None, _csv_rows(path))]
        return _workbook_rows(path)
    except SpokenError:
        raise
    except Exception as error:  # noqa: BLE001 - readers of three formats raise what they like
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise FileError(key="flat.error.unreadable", file=path.name, reason=reason) from error


def _workbook_rows(path: Path) -> Grids:
    from python_calamine import CalamineWorkbook

    if _needs_true_cells(path):
        return _true_rows(path)
    with CalamineWorkbook.from_path(str(path)) as book:
        # Empty leading rows and columns stay, so that the addresses are those of the file.
        return [
            (name, book.get_sheet_by_name(name).to_python(skip_empty_area=False))
            for name in book.sheet_names
        ]


def _needs_true_cells(path: Path) -> bool:
    """Return whether a workbook holds error or formula cells, which the quick reader blanks.

    Refuses macros, and more content than any table needs; the file's own sizes are not believed.
    """
    if not zipfile.is_zipfile(path):
        return False
    total, found = 0, False
    with zipfile.ZipFile(path) as archive:
        for part in archive.infolist():
            if "vbaproject" in part.filename.lower():
                raise FileError(key="flat.error.macros", file=path.name)
            is_sheet = part.filename.startswith("xl/worksheets/")
            tail = b""
            with archive.open(part) as stream:
                while chunk := stream.read(CHUNK):
                    total += len(chunk)
                    if total > MOST_UNPACKED:
                        raise FileError(key="flat.error.large", file=path.name)
                    seen = tail + chunk
                    found = found or (is_sheet and (b't="e"' in seen or b"<f" in seen))
                    tail = chunk[-8:]
    return found


def _true_rows(path: Path) -> Grids:
    """Return the cells of a workbook with errors as printed, and formulas where nothing is."""
    import openpyxl

    values = openpyxl.load_workbook(path, read_only=True, data_only=True)
    formulas = openpyxl.load_workbook(path, read_only=True)
    found: Grids = []
    for sheet in values.worksheets:
        lines = zip(
            sheet.iter_rows(values_only=True),
            formulas[sheet.title].iter_rows(values_only=True),
            strict=False,
        )
        rows = [
            [written if cell is None else cell for cell, written in zip(*line, strict=False)]
            for line in lines
        ]
        found.append((sheet.title, rows))
    values.close()
    formulas.close()
    return found


def _csv_rows(path: Path) -> list[list]:
    content = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise FileError(key="flat.error.encoding", file=path.name)
    head = text[:10_000]
    delimiter = max(",;\t", key=head.count)
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def _table(
    sheet: str | None, grid: "pl.DataFrame | list[list]", is_header: Callable[[Table], bool]
) -> Table | None:
    if isinstance(grid, pl.DataFrame):
        table = Table(sheet, tuple(grid.columns), _frame_rows(grid))
        return table if is_header(table) else None
    for place, cells in enumerate(grid[:HEADER_ROWS]):
        headings = tuple(_text(cell) or "" for cell in cells)
        if is_header(Table(sheet, headings, pl.DataFrame())):
            rows, width = grid[place + 1 :], len(headings)
            # A text file has no sheet, and its cells are text already.
            columns = _text_columns(rows, width) if sheet is None else _cell_columns(rows, width)
            numbers = pl.int_range(place + 2, place + 2 + len(rows), dtype=pl.Int64, eager=True)
            return Table(sheet, headings, pl.DataFrame({"row": numbers, **columns}))
    return None


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
            [_text(row[place]) if place < len(row) else None for row in rows], dtype=pl.String
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


def _text(value: object) -> str | None:
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
