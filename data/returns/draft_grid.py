"""What stands in each cell of an unknown file: a number, a word, a sign for nothing, or nothing?

Everything the proposal of a form knows of a file, it knows from these sheets.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import polars as pl

from data.returns.flat_table import read_grids
from data.returns.flat_words import tidy

#: What people write where there is no number, beside dashes.
NOTHING = frozenset(("…", "...", "..", "n/a", "na", "nan", "null", "nil", "none", "x", ":", "*"))
DASHES = frozenset("-－—–−﹣")
#: A longer sheet is judged by its first rows and by rows taken evenly from the rest.
FIRST_ROWS, OTHER_ROWS = 60_000, 20_000
_GROUPED = re.compile(r"[-+]?\d{1,3}(?:[, ]\d{3})+(?:\.\d+)?")
_PLAIN = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")


@dataclass(frozen=True)
class Sheet:
    """A sheet as rows of texts (None for blank), all rows equally wide; rows count from 0."""

    name: str | None
    rows: list[list[str | None]]
    is_sample: bool = False
    memo: dict[str, float | None] = field(default_factory=dict)

    @cached_property
    def width(self) -> int:
        """The number of columns."""
        return max((len(row) for row in self.rows), default=0)

    def cell(self, row: int, column: int) -> str | None:
        """Return the text of a cell, None where the sheet has nothing."""
        if not 0 <= row < len(self.rows) or not 0 <= column < len(self.rows[row]):
            return None
        return self.rows[row][column]

    def number(self, row: int, column: int) -> float | None:
        """Return the number in a cell, None where there is none."""
        text = self.cell(row, column)
        if text is None:
            return None
        if text not in self.memo:
            self.memo[text] = number_of(text)
        return self.memo[text]

    def words(self, row: int) -> list[int]:
        """Return the columns of a row that hold words."""
        return [
            column
            for column, text in enumerate(self.rows[row])
            if text is not None and self.number(row, column) is None and not is_nothing(text)
        ]

    def numbers(self, row: int) -> list[int]:
        """Return the columns of a row that hold numbers."""
        return [c for c in range(len(self.rows[row])) if self.number(row, c) is not None]

    def is_blank(self, row: int) -> bool:
        """Return whether a row holds nothing."""
        return not 0 <= row < len(self.rows) or all(text is None for text in self.rows[row])


def read_sheets(path: Path) -> list[Sheet]:
    """Return the sheets of a file with what their cells say; empty sheets are left out.

    Raises:
        FileError: there is no such file, or it cannot be read as a table.
    """
    found = []
    for name, grid in read_grids(path):
        rows: list[list[str | None]]
        if isinstance(grid, pl.DataFrame):
            places = sampled(grid.height)
            rows = [list(grid.columns), *_frame_texts(grid[places])]
        else:
            places = sampled(len(grid))
            rows = [[_text(cell) for cell in grid[place]] for place in places]
        width = max((len(row) for row in rows), default=0)
        rows = [row + [None] * (width - len(row)) for row in rows]
        while rows and all(text is None for text in rows[-1]):
            rows.pop()
        if rows:
            found.append(Sheet(name, rows, is_sample=bool(places) and places[-1] >= len(places)))
    return found


def sampled(count: int) -> list[int]:
    """Return the places of the rows to look at: all, or the first and some of the rest.

    >>> len(sampled(5)), len(sampled(1_000_000)) <= FIRST_ROWS + OTHER_ROWS
    (5, True)
    """
    if count <= FIRST_ROWS + OTHER_ROWS:
        return list(range(count))
    step = -(-(count - FIRST_ROWS) // OTHER_ROWS)
    return [*range(FIRST_ROWS), *range(FIRST_ROWS, count, step)]


def _frame_texts(frame: pl.DataFrame) -> list[list[str | None]]:
    columns = [
        frame[name].cast(pl.String, strict=False).to_list()
        if not frame.schema[name].is_nested()
        else [None] * frame.height
        for name in frame.columns
    ]
    return [list(row) for row in zip(*columns, strict=True)]


def _text(value: object) -> str | None:
    """Return a cell as text; a whole number without its `.0`, a day without its midnight."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    text = value.isoformat() if hasattr(value, "isoformat") else str(value or "")
    if value == 0:
        return "0"
    return text.removesuffix("T00:00:00") if text.strip() else None


def number_of(text: str) -> float | None:
    """Return the number that a text is, as the reader would read it; None when it is none.

    >>> number_of("1,234"), number_of("１２.5"), number_of("2016-10"), number_of("－")
    (1234.0, 12.5, None, None)
    """
    written = unicodedata.normalize("NFKC", text).strip()
    if _PLAIN.fullmatch(written) or _GROUPED.fullmatch(written):
        try:
            return float(written.replace(",", "").replace(" ", ""))
        except ValueError:
            return None
    return None


def is_nothing(text: str) -> bool:
    """Return whether a text stands for no number: a dash or a word such as n/a.

    >>> is_nothing("－"), is_nothing(" n/a "), is_nothing("0")
    (True, True, False)
    """
    written = text.strip().casefold()
    return not written or written in NOTHING or all(sign in DASHES for sign in written)


def said(text: str | None) -> str:
    r"""Return the words of a cell in one line.

    >>> said("發　生　數\n(件)")
    '發生數 (件)'
    """
    return tidy(text) if text else ""
