"""What do the cells of one sheet of an xlsx say, and which rows and columns are hidden or merged?

One pass over the sheet's XML. A library that builds every cell with its style as an object takes
ten times as long, and a quicker one turns error values and unsaved formulas into blanks.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

from openpyxl.formula.translate import Translator
from openpyxl.utils import column_index_from_string, get_column_letter, range_boundaries
from openpyxl.utils.datetime import from_ISO8601

from data.returns.cells import Cell, read_cell, read_number
from data.returns.guard import MOST_CELLS, UnreadableError
from data.returns.xml_walk import walk

MAIN = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)
_ROWS, _COLUMNS = 1_048_576, 16_384
_MOST_MERGES = 20_000
#: Formulas shared with a neighbour are written out in words for this many cells of a sheet.
_MOST_SHARED, _LONGEST_SHARED = 2_000, 500
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
Place = tuple[int, int]
Area = tuple[int, int, int, int]


@dataclass(slots=True)
class SheetXml:
    """The cells of a sheet by row and column, and what is hidden or merged on it."""

    cells: dict[Place, Cell] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    merges: list[Area] = field(default_factory=list)


def read_sheet(
    stream: IO[bytes], strings: Sequence[str], looks: Sequence[str], epoch: dt.datetime
) -> SheetXml:
    """Return what a sheet holds.

    `strings` are the texts that the sheets share, `looks` what each style shows a number as.
    """
    reader = _Reader(strings, looks, epoch)
    walk(stream, reader.start, reader.end, reader.text)
    return reader.found


def unescaped(words: str) -> str:
    """Return a text with the signs that a workbook writes by their number.

    >>> unescaped("a_x000A_b") == "a" + chr(10) + "b"
    True
    """
    return _ESCAPED.sub(lambda m: chr(int(m[1], 16)), words) if "_x" in words else words


class _Reader:
    """Takes the elements of a sheet as they come; one cell is held at a time."""

    __slots__ = (
        *("found", "strings", "looks", "epoch", "row", "column", "kind", "style", "saved"),
        *("formula", "inline", "bits", "text", "shared", "shared_count", "spoken", "count"),
        *("opens", "closes", "said", "folds"),
    )

    def __init__(self, strings: Sequence[str], looks: Sequence[str], epoch: dt.datetime) -> None:
        self.found = SheetXml()
        self.strings, self.looks, self.epoch = strings, looks, epoch
        self.row = self.column = self.style = self.count = self.shared_count = 0
        self.kind = "n"
        self.saved: str | None = None
        self.formula: dict[str, str] | None = None
        self.inline: list[str] | None = None
        self.bits: list[str] = []
        self.text = self.bits.append
        self.shared: dict[str, tuple[str, str]] = {}
        self.spoken = False
        self.said: dict[str, Cell] = {}
        self.folds = 0
        self.opens = _by_name(
            c=self._open,
            v=self._open_text,
            t=self._open_text,
            f=self._open_formula,
            rPh=self._open_aid,
            row=self._open_row,
            col=self._hide,
            mergeCell=self._merge,
            **{"is": self._open_inline},
        )
        self.closes = _by_name(
            c=self._close,
            v=self._close_value,
            f=self._close_formula,
            t=self._close_text,
            rPh=self._close_aid,
        )

    def start(self, name: str, attributes: dict[str, str]) -> None:
        handle = self.opens.get(name)
        if handle is not None:
            handle(attributes)

    def end(self, name: str) -> None:
        handle = self.closes.get(name)
        if handle is not None:
            handle()

    def _open_text(self, _: dict[str, str]) -> None:
        self.bits.clear()

    def _open_formula(self, attributes: dict[str, str]) -> None:
        self.bits.clear()
        self.formula = attributes

    def _open_inline(self, _: dict[str, str]) -> None:
        self.inline = []

    def _open_aid(self, _: dict[str, str]) -> None:
        self.spoken = True

    def _close_value(self) -> None:
        self.saved = "".join(self.bits)

    def _close_formula(self) -> None:
        if self.formula is not None:
            self.formula = {**self.formula, "text": "".join(self.bits)}

    def _close_text(self) -> None:
        if self.inline is not None and not self.spoken:
            self.inline.append("".join(self.bits))

    def _close_aid(self) -> None:
        self.spoken = False

    def _open(self, attributes: dict[str, str]) -> None:
        given = attributes.get
        place = given("r")
        if place:
            letters = place.rstrip("0123456789")
            self.column = _COLUMN.get(letters) or column_index_from_string(letters)
            self.row = int(place[len(letters) :])
        else:
            self.column += 1
        if not (0 < self.row <= _ROWS and 0 < self.column <= _COLUMNS):
            raise ValueError(place)
        self.kind = given("t", "n")
        self.style = int(given("s", 0))
        self.saved = self.formula = self.inline = None

    def _close(self) -> None:
        self.count += 1
        if self.count > MOST_CELLS:
            raise UnreadableError(key="returns.refused.cells", most=f"{MOST_CELLS:,}")
        if self.saved is None and self.formula is None and self.inline is None:
            return
        cell = self._cell()
        if cell is not None:
            self.found.cells[(self.row, self.column)] = cell

    def _cell(self) -> Cell | None:
        if self.formula is not None:
            return read_cell(self._formula(), self._result(), is_formula=True)
        saved = self.saved
        if self.kind == "inlineStr":
            return None if self.inline is None else read_cell(unescaped("".join(self.inline)), None)
        if not saved:
            return None
        match self.kind:
            case "n":
                return read_number(float(saved), self._look(), self.epoch)
            case "s":
                if saved not in self.said:
                    self.said[saved] = read_cell(self.strings[int(saved)], None)
                return self.said[saved]
            case "e":
                return read_cell(saved, None, is_error=True)
            case other:
                return read_cell(_plain(other, saved), None)

    def _look(self) -> str:
        return self.looks[self.style] if self.style < len(self.looks) else ""

    def _result(self) -> Any:
        """Return the saved result of a formula as it is shown: none, a number, a text, a date."""
        if self.kind == "str":
            return unescaped(self.saved or "")
        if not self.saved:
            return None
        if self.kind == "n":
            return read_number(float(self.saved), self._look(), self.epoch)
        return self.strings[int(self.saved)] if self.kind == "s" else _plain(self.kind, self.saved)

    def _formula(self) -> str:
        """Return a formula as it is typed; one shared with a neighbour is moved to this cell."""
        written, number = (self.formula or {}).get("text", ""), (self.formula or {}).get("si")
        if number is None or (self.formula or {}).get("t") != "shared":
            return f"={written}"
        here = f"{get_column_letter(self.column)}{self.row}"
        if written:
            self.shared[number] = (f"={written}", here)
            return f"={written}"
        self.shared_count += 1
        first, origin = self.shared.get(number, ("", ""))
        if not first or self.shared_count > _MOST_SHARED or len(first) > _LONGEST_SHARED:
            return "=…"
        return str(Translator(first, origin=origin).translate_formula(here))

    def _open_row(self, attributes: dict[str, str]) -> None:
        self.row = int(attributes.get("r", self.row + 1))
        self.column = 0
        if attributes.get("hidden") in ("1", "true") or attributes.get("ht") in ("0", "0.0"):
            self.found.hidden_rows.add(self.row)

    def _hide(self, attributes: dict[str, str]) -> None:
        if attributes.get("hidden") in ("1", "true") or attributes.get("width") in ("0", "0.0"):
            self.folds += 1
            if self.folds > _COLUMNS:
                raise ValueError(self.folds)
            first, last = int(attributes["min"]), min(int(attributes["max"]), _COLUMNS)
            self.found.hidden_columns.update(range(first, last + 1))

    def _merge(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("ref", "")
        left, top, right, bottom = range_boundaries(reference)
        if None in (left, top, right, bottom) or len(self.found.merges) >= _MOST_MERGES:
            raise ValueError(reference)
        self.found.merges.append((int(top), int(left), int(bottom), int(right)))


def _by_name(**handlers: Callable[..., None]) -> dict[str, Callable[..., None]]:
    """Return what to call for each element, by its name with its namespace."""
    return {f"{space}}}{name}": call for space in MAIN for name, call in handlers.items()}


def _plain(kind: str, saved: str) -> Any:
    """Return the value of a cell that is neither a number nor a shared text."""
    match kind:
        case "b":
            return saved == "1"
        case "d":
            return from_ISO8601(saved)
        case _:
            return unescaped(saved)


#: The columns that sheets have; others are worked out.
_COLUMN = {get_column_letter(number): number for number in range(1, 703)}
