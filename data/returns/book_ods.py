"""Which sheets has an ods workbook, and what stands in their cells?

One pass over its only part with cells. Notes on cells, and what the file remembers of other files,
are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from data.returns.cells import Cell, read_cell, read_number
from data.returns.guard import MOST_CELLS, UnreadableError
from data.returns.page import Area, Grid, Page
from data.returns.raised import Run, joined
from data.returns.xml_walk import local, walk

_ROWS, _COLUMNS = 1_048_576, 16_384
_MOST_MERGES = 20_000
_HIDDEN = frozenset({"collapse", "filter"})
_NUMBERS = frozenset({"float", "currency", "percentage"})
_REFERENCE = re.compile(r"\[\.?([^\]]*)\]")
#: The number in what a cell shows; powers of ten are left to what the file stores.
_SHOWN = re.compile(r"\d[\d.,]*(?![\d.,]*[eE])")
Attributes = dict[str, str]


def ods_pages(parts: Mapping[str, bytes]) -> list[Page]:
    """Return every sheet of an ods workbook.

    Raises whatever a damaged file leads the reader into; `read_pages` says it in words.
    """
    reader = _Reader()
    walk(parts["content.xml"], reader.start, reader.end, reader.text)
    if not reader.pages:
        raise UnreadableError(key="returns.refused.not_a_workbook")
    return reader.pages


class _Reader:
    """Takes the elements of the content as they come; one row is held at a time."""

    def __init__(self) -> None:
        self.pages: list[Page] = []
        self.hidden_styles: set[str] = set()
        self.raised_styles: set[str] = set()
        self.style = ""
        self.depth = self.aside = self.count = 0
        self.cells: Grid = {}
        self.rows: set[int] = set()
        self.columns: set[int] = set()
        self.merges: list[Area] = []
        self.row = self.column = self.repeat = 0
        self.line: list[tuple[int, int, Cell]] = []
        self.cell: Attributes | None = None
        self.runs: list[Run] = []
        self.spans: list[bool] = []
        self.name = ""
        self.is_hidden = False

    def start(self, name: str, attributes: Attributes) -> None:
        kind = local(name)
        if self.aside or kind in ("annotation", "dde-links", "shapes", "tracked-changes"):
            self.aside += 1
            return
        given = {local(key): value for key, value in attributes.items()}
        match kind:
            case "table-cell" | "covered-table-cell":
                self._open_cell(attributes, given)
            case "p" if self.cell is not None and self.runs:
                self.runs.append(Run("\n"))
            case "s" | "tab" | "line-break" if self.cell is not None:
                self.runs.append(Run(" " * min(int(given.get("c", 1)), 100)))
            case "span" if self.cell is not None:
                self.spans.append(given.get("style-name") in self.raised_styles)
            case "table-row":
                self.repeat = min(int(given.get("number-rows-repeated", 1)), _ROWS)
                self.column, self.line = 0, []
                is_folded = given.get("visibility") in _HIDDEN and self.repeat < _ROWS // 2
                if is_folded and self.row < _ROWS:
                    self.rows.update(range(self.row + 1, self.row + 1 + self.repeat))
            case "table-column":
                self._open_column(given)
            case "table":
                self._open_table(given)
            case "style":
                self.style = given.get("name", "")
            case "table-properties":
                if given.get("display") == "false":
                    self.hidden_styles.add(self.style)
            case "text-properties":
                if _is_raised(given.get("text-position", "")):
                    self.raised_styles.add(self.style)

    def end(self, name: str) -> None:
        if self.aside:
            self.aside -= 1
            return
        match local(name):
            case "table-cell" | "covered-table-cell":
                self._close_cell()
            case "span" if self.spans:
                self.spans.pop()
            case "table-row":
                self._close_row()
            case "table":
                self._close_table()

    def text(self, words: str) -> None:
        if self.cell is not None and not self.aside:
            self.runs.append(Run(words, any(self.spans)))

    def _open_table(self, given: Attributes) -> None:
        self.depth += 1
        if self.depth > 1:
            raise UnreadableError(key="returns.refused.damaged")
        self.name = given.get("name", "")
        self.is_hidden = given.get("style-name", "") in self.hidden_styles
        self.cells, self.rows, self.columns, self.merges = {}, set(), set(), []
        self.row = self.column = 0

    def _close_table(self) -> None:
        self.depth -= 1
        # The copy of a sheet of another file, kept for references to it, is not this workbook's.
        if self.name.startswith("'file:"):
            return
        self.pages.append(
            Page(
                self.name,
                self.cells,
                self.is_hidden,
                frozenset(self.rows),
                frozenset(self.columns),
                tuple(self.merges),
                origin="ods",
            )
        )

    def _open_column(self, given: Attributes) -> None:
        repeat = min(int(given.get("number-columns-repeated", 1)), _COLUMNS)
        is_folded = given.get("visibility") in _HIDDEN and repeat < _COLUMNS // 2
        if is_folded and self.column < _COLUMNS:
            self.columns.update(range(self.column + 1, self.column + 1 + repeat))
        self.column += repeat

    def _open_cell(self, attributes: Attributes, given: Attributes) -> None:
        # The extension by which a cell says that it holds an error is of the same name as the kind.
        is_error = any(v == "error" and local(k) == "value-type" for k, v in attributes.items())
        self.cell = {**given, "value-type": "error"} if is_error else given
        self.runs, self.spans = [], []

    def _close_cell(self) -> None:
        given, words = self.cell or {}, joined(self.runs)
        self.cell = None
        repeat = min(int(given.get("number-columns-repeated", 1)), _COLUMNS)
        cell = _cell(given, words)
        if cell is not None:
            if self.column + repeat > _COLUMNS or self.row >= _ROWS:
                raise ValueError(given)
            self.line.append((self.column + 1, repeat, cell))
        down, across = (int(given.get(f"number-{what}-spanned", 1)) for what in ("rows", "columns"))
        if down > 1 or across > 1:
            if len(self.merges) >= _MOST_MERGES:
                raise ValueError(given)
            top, left = self.row + 1, self.column + 1
            self.merges.append((top, left, top + down - 1, left + across - 1))
        self.column += repeat

    def _close_row(self) -> None:
        self.count += self.repeat * sum(repeat for _, repeat, _ in self.line)
        if self.count > MOST_CELLS:
            raise UnreadableError(key="returns.refused.cells", most=f"{MOST_CELLS:,}")
        for column, repeat, cell in self.line:
            for row in range(self.row + 1, self.row + 1 + self.repeat):
                for place in range(column, column + repeat):
                    self.cells[(row, place)] = cell
        self.row += self.repeat


def _cell(given: Attributes, words: str) -> Cell | None:
    """Return what a cell says; None for an empty one."""
    kind = given.get("value-type", "")
    formula = given.get("formula")
    if formula is not None:
        written = _REFERENCE.sub(
            lambda m: m[1].replace(":.", ":"), formula.partition("=")[2] or formula
        )
        return read_cell(f"={written}", _value(kind, given, words), is_formula=True)
    if kind == "error":
        return read_cell(words, None, is_error=True)
    value = _value(kind, given, words)
    if value is None:
        return None
    return value if isinstance(value, Cell) else read_cell(value, None)


def _is_raised(position: str) -> bool:
    """Return whether a style stands above or below the line.

    >>> [_is_raised(position) for position in ("super 58%", "33% 100%", "-10%", "0% 100%", "")]
    [True, True, True, False, False]
    """
    return position.partition(" ")[0] not in ("", "0%")


def _is_scaled(value: float, words: str) -> bool:
    """Return whether a number is shown as one of another size: 12500 as `1.25万`.

    >>> _is_scaled(12500, "1.25万"), _is_scaled(12500, "12,500.00"), _is_scaled(0.5, "1")
    (True, False, False)
    """
    found = _SHOWN.search(words)
    if found is None or value == 0:
        return False
    shown = found[0].rstrip(".,")
    whole, mark, rest = shown.rpartition(max(".,", key=shown.rfind))
    is_whole = not mark or (mark == "," and len(rest) == 3)
    plain = re.sub(r"[.,]", "", shown if is_whole else whole)
    number = float(plain or "0") if is_whole else float(f"{plain or '0'}.{rest or '0'}")
    return number > 0 and not 0.105 < abs(value) / number < 9.5


def _value(kind: str, given: Attributes, words: str) -> Any:
    if kind in _NUMBERS:
        value = float(given["value"])
        look = "percent" if kind == "percentage" else "scaled" if _is_scaled(value, words) else ""
        return read_number(value, look)
    match kind:
        case "error":
            return words or "#VALUE!"
        case "date":
            return Cell(given["date-value"].partition("T")[0][:20], "date", fault="date")
        case "time":
            return Cell(words[:20] or given["time-value"][:20], "date", fault="date")
        case "boolean":
            return given.get("boolean-value") == "true"
        case "string":
            return given.get("string-value") or words
        case _:
            return words or None
