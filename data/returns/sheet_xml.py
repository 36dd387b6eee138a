"""What do the cells of one sheet of an xlsx say, and which rows and columns are hidden or merged?

One pass over the sheet's XML. A library that builds every cell with its style as an object takes
ten times as long, and a quicker one turns error values and unsaved formulas into blanks.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from openpyxl.formula.translate import Translator
from openpyxl.utils import column_index_from_string, get_column_letter, range_boundaries
from openpyxl.utils.datetime import WINDOWS_EPOCH, from_ISO8601

from data.returns.cells import Cell, read_cell, read_number
from data.returns.guard import MOST_CELLS, UnreadableError
from data.returns.raised import Run, joined
from data.returns.xml_walk import prefix_of, walk

MAIN = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)
#: Where a stretch of a text may stand besides on the line.
RAISED = frozenset({"superscript", "subscript"})
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


@dataclass(slots=True)
class Shared:
    """What the sheets of a workbook share: its texts, what a style shows a number as, its epoch.

    `said` is what a value says, by the kind and style of its cell: most stand in many cells.
    """

    strings: Sequence[str] = ()
    looks: Sequence[str] = ()
    epoch: dt.datetime = WINDOWS_EPOCH
    said: dict[tuple[str | None, str | None, str | None], Cell] = field(default_factory=dict)


def read_sheet(markup: bytes, shared: Shared) -> SheetXml:
    """Return what a sheet holds."""
    prefix = prefix_of(markup, MAIN)
    reader = _Reader(shared, prefix or "")
    if prefix is not None:
        walk(markup, reader.start, reader.end, reader.bits.append, as_written=True)
    return reader.found


def unescaped(words: str) -> str:
    """Return a text with the signs that a workbook writes by their number.

    >>> unescaped("a_x000A_b") == "a" + chr(10) + "b"
    True
    """
    return _ESCAPED.sub(lambda m: chr(int(m[1], 16)), words) if "_x" in words else words


@lru_cache(maxsize=1 << 15)
def _place(address: str) -> Place:
    """Return the row and column of an address; the sheets of a workbook share most of theirs.

    >>> _place("D12")
    (12, 4)
    """
    letters = address.rstrip("0123456789")
    return _within((int(address[len(letters) :]), column_index_from_string(letters)))


def _within(place: Place) -> Place:
    """Return a place that a sheet has; another one is damage."""
    if not (0 < place[0] <= _ROWS and 0 < place[1] <= _COLUMNS):
        raise ValueError(place)
    return place


class _Reader:
    """Takes the elements of a sheet as they come; one cell is held at a time.

    Every cell makes five calls of `start` and `end`: they do the frequent themselves.
    """

    __slots__ = (
        *("found", "shared", "bits", "cell_name", "value_name", "text_name", "opens", "closes"),
        *("line", "column", "given", "value", "formula", "inline", "is_aid", "is_raised"),
        *("count", "folds", "moved", "formulas"),
    )

    def __init__(self, shared: Shared, prefix: str) -> None:
        self.found, self.shared = SheetXml(), shared
        self.bits: list[str] = []
        self.cell_name, self.value_name, self.text_name = (f"{prefix}{name}" for name in "cvt")
        self.line = self.column = self.count = self.folds = self.moved = 0
        self.given: dict[str, str] = {}
        self.value: str | None = None
        self.formula: dict[str, str] | None = None
        self.inline: list[Run] | None = None
        self.is_aid = self.is_raised = False
        self.formulas: dict[str, tuple[str, str]] = {}
        opens = {
            "f": self._open_formula,
            "is": self._open_inline,
            "r": self._open_run,
            "vertAlign": self._raise,
            "rPh": self._open_aid,
            "row": self._open_row,
            "col": self._fold,
            "mergeCell": self._merge,
        }
        closes = {"f": self._close_formula, "rPh": self._close_aid}
        self.opens = {f"{prefix}{name}": handle for name, handle in opens.items()}
        self.closes = {f"{prefix}{name}": handle for name, handle in closes.items()}

    def start(self, name: str, given: dict[str, str]) -> None:
        if name == self.cell_name:
            self.given = given
            self.value = self.formula = self.inline = None
        elif name == self.value_name or name == self.text_name:
            self.bits.clear()
        elif name in self.opens:
            self.opens[name](given)

    def end(self, name: str) -> None:
        if name == self.cell_name:
            self._close_cell()
        elif name == self.value_name:
            self.value = "".join(self.bits)
        elif name == self.text_name:
            if self.inline is not None and not self.is_aid:
                self.inline.append(Run("".join(self.bits), self.is_raised))
        elif name in self.closes:
            self.closes[name]()

    def _close_cell(self) -> None:
        given, address = self.given, self.given.get("r")
        place = _place(address) if address else _within((self.line, self.column + 1))
        self.line, self.column = place
        self.count += 1
        if self.count > MOST_CELLS:
            raise UnreadableError(key="returns.refused.cells", most=f"{MOST_CELLS:,}")
        if self.formula is None and self.inline is None:
            if not self.value:
                return
            saved = (given.get("t"), given.get("s"), self.value)
            cell = self.shared.said.get(saved) or self._saved(*saved)
        else:
            cell = self._cell(given.get("t"), given.get("s"))
        if cell is not None:
            self.found.cells[place] = cell

    def _cell(self, kind: str | None, style: str | None) -> Cell | None:
        """Return what a cell says that holds a formula or a text of its own."""
        if self.formula is not None:
            result = self._result(kind, style, self.value)
            return read_cell(self._formula(self.formula), result, is_formula=True)
        if kind == "inlineStr" and self.inline is not None:
            said, words = self.shared.said, joined(self.inline)
            if (kind, None, words) not in said:
                said[(kind, None, words)] = read_cell(unescaped(words), None)
            return said[(kind, None, words)]
        return self._saved(kind, style, self.value)

    def _open_formula(self, given: dict[str, str]) -> None:
        self.bits.clear()
        self.formula = given

    def _close_formula(self) -> None:
        if self.formula is not None:
            self.formula = {**self.formula, "text": "".join(self.bits)}

    def _open_inline(self, _: dict[str, str]) -> None:
        self.inline, self.is_raised = [], False

    def _open_run(self, _: dict[str, str]) -> None:
        self.is_raised = False

    def _raise(self, given: dict[str, str]) -> None:
        self.is_raised = given.get("val") in RAISED

    def _open_aid(self, _: dict[str, str]) -> None:
        self.is_aid = True

    def _close_aid(self) -> None:
        self.is_aid = False

    def _open_row(self, given: dict[str, str]) -> None:
        self.line = int(given.get("r", self.line + 1))
        self.column = 0
        if given.get("hidden") in ("1", "true") or given.get("ht") in ("0", "0.0"):
            self.found.hidden_rows.add(self.line)

    def _saved(self, kind: str | None, style: str | None, saved: str | None) -> Cell | None:
        """Return what a cell says that holds nothing but a value."""
        if not saved or kind == "inlineStr":
            return None
        match kind:
            case None | "n":
                cell = self._number(style, saved)
            case "s":
                cell = read_cell(self.shared.strings[int(saved)], None)
            case "e":
                cell = read_cell(saved, None, is_error=True)
            case other:
                cell = read_cell(_plain(other, saved), None)
        self.shared.said[(kind, style, saved)] = cell
        return cell

    def _number(self, style: str | None, saved: str) -> Cell:
        number, looks = int(style or 0), self.shared.looks
        look = looks[number] if number < len(looks) else ""
        return read_number(float(saved), look, self.shared.epoch)

    def _result(self, kind: str | None, style: str | None, saved: str | None) -> Any:
        """Return the saved result of a formula as it is shown: none, a number, a text, a date."""
        if kind == "str":
            return unescaped(saved or "")
        if not saved:
            return None
        if kind in (None, "n"):
            return self._number(style, saved)
        return self.shared.strings[int(saved)] if kind == "s" else _plain(kind, saved)

    def _formula(self, formula: dict[str, str]) -> str:
        """Return a formula as it is typed; one shared with a neighbour is moved to this cell."""
        written, number = formula.get("text", ""), formula.get("si")
        if number is None or formula.get("t") != "shared":
            return f"={written}"
        here = f"{get_column_letter(self.column)}{self.line}"
        if written:
            self.formulas[number] = (f"={written}", here)
            return f"={written}"
        self.moved += 1
        first, origin = self.formulas.get(number, ("", ""))
        if not first or self.moved > _MOST_SHARED or len(first) > _LONGEST_SHARED:
            return "=…"
        return str(Translator(first, origin=origin).translate_formula(here))

    def _fold(self, given: dict[str, str]) -> None:
        if given.get("hidden") in ("1", "true") or given.get("width") in ("0", "0.0"):
            self.folds += 1
            if self.folds > _COLUMNS:
                raise ValueError(self.folds)
            first, last = int(given["min"]), min(int(given["max"]), _COLUMNS)
            self.found.hidden_columns.update(range(first, last + 1))

    def _merge(self, given: dict[str, str]) -> None:
        reference = given.get("ref", "")
        left, top, right, bottom = range_boundaries(reference)
        if None in (left, top, right, bottom) or len(self.found.merges) >= _MOST_MERGES:
            raise ValueError(reference)
        self.found.merges.append((int(top), int(left), int(bottom), int(right)))


def _plain(kind: str | None, saved: str) -> Any:
    """Return the value of a cell that is neither a number nor a shared text."""
    match kind:
        case "b":
            return saved == "1"
        case "d":
            return from_ISO8601(saved)
        case _:
            return unescaped(saved)
