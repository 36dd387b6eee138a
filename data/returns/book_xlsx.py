"""Which sheets has an xlsx workbook, and what stands in their cells?

Comments, document properties, pictures and outside references are never opened.
"""

from __future__ import annotations

import datetime as dt
import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field

from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH

from data.returns.guard import UnreadableError
from data.returns.meta import COMPARISON, META_COLUMNS, META_SHEET
from data.returns.number_looks import looks_of_styles
from data.returns.page import Grid, Page
from data.returns.raised import Run, joined
from data.returns.sheet_xml import MAIN, RAISED, Shared, SheetXml, read_sheet, unescaped
from data.returns.xml_walk import local, walk

_MOST_SHEETS = 200
_KINDS = {"sharedStrings": "strings", "styles": "styles"}


@dataclass(slots=True)
class _Book:
    """Where the parts of a workbook lie in its archive."""

    sheets: list[tuple[str, str, bool]] = field(default_factory=list)
    strings: str = ""
    styles: str = ""
    epoch: dt.datetime = WINDOWS_EPOCH


def xlsx_pages(parts: Mapping[str, bytes]) -> list[Page]:
    """Return every sheet of an xlsx workbook from its unpacked parts.

    Raises whatever a damaged file leads the reader into; `read_pages` says it in words.
    """
    book = _book(parts)
    if not book.sheets:
        raise UnreadableError(key="returns.refused.not_a_workbook")
    shared = Shared(
        _strings(parts[book.strings]) if book.strings else (),
        _looks(parts[book.styles]) if book.styles else (),
        book.epoch,
    )

    def read(target: str) -> SheetXml:
        return read_sheet(parts[target], shared)

    hidden = next((read(target).cells for name, target, _ in book.sheets if name == META_SHEET), {})
    beside = _beside(hidden)
    pages = []
    for name, target, is_hidden in book.sheets:
        sheet = SheetXml() if name in beside else read(target)
        pages.append(
            Page(
                name,
                sheet.cells,
                is_hidden,
                frozenset(sheet.hidden_rows),
                frozenset(sheet.hidden_columns),
                tuple(sheet.merges),
            )
        )
    return pages


def _beside(cells: Grid) -> frozenset[str]:
    """Return the sheets that the hidden one calls mere comparisons: they are not parsed."""
    layout, sheet = (META_COLUMNS.index(word) + 1 for word in ("layout", "sheet"))
    rows = [row for (row, c), cell in cells.items() if (c, cell.text) == (layout, COMPARISON)]
    return frozenset(cells[(row, sheet)].text for row in rows if (row, sheet) in cells)


def _book(parts: Mapping[str, bytes]) -> _Book:
    """Return where the sheets, shared texts and styles of a workbook lie."""
    root = _relations(parts, "")
    main = next((target for kind, target in root.values() if kind == "officeDocument"), "")
    if main not in parts:
        raise UnreadableError(key="returns.refused.not_a_workbook")
    related = _relations(parts, main)
    found = _Book()
    for kind, target in related.values():
        if kind in _KINDS:
            setattr(found, _KINDS[kind], target)

    def start(name: str, attributes: dict[str, str]) -> None:
        match local(name):
            case "sheet":
                number = next((v for k, v in attributes.items() if k.endswith("}id")), "")
                kind, target = related.get(number, ("", ""))
                if kind == "worksheet":
                    is_hidden = attributes.get("state", "visible") != "visible"
                    found.sheets.append((unescaped(attributes["name"]), target, is_hidden))
            case "workbookPr":
                if attributes.get("date1904") in ("1", "true"):
                    found.epoch = MAC_EPOCH

    walk(parts[main], start)
    if len(found.sheets) > _MOST_SHEETS:
        raise UnreadableError(
            key="returns.refused.sheets", count=len(found.sheets), most=_MOST_SHEETS
        )
    return found


def _relations(parts: Mapping[str, bytes], part: str) -> dict[str, tuple[str, str]]:
    """Return what a part refers to within the archive: kind and place, by number."""
    folder, name = posixpath.split(part)
    found: dict[str, tuple[str, str]] = {}

    def start(element: str, attributes: dict[str, str]) -> None:
        if local(element) != "Relationship" or attributes.get("TargetMode") == "External":
            return
        target = attributes.get("Target", "")
        place = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
        kind = attributes.get("Type", "").rpartition("/")[2]
        found[attributes.get("Id", "")] = (kind, posixpath.normpath(place))

    relations = posixpath.join(folder, "_rels", f"{name}.rels")
    if relations in parts:
        walk(parts[relations], start)
    return found


def _strings(markup: bytes) -> list[str]:
    """Return the texts that cells refer to by number, without their reading aids."""
    names = ("si", "t", "r", "vertAlign", "rPh")
    known = {f"{space}}}{name}": name for space in MAIN for name in names}
    found: list[str] = []
    bits: list[str] = []
    runs: list[Run] = []
    aids = 0
    is_raised = False

    def start(name: str, given: dict[str, str]) -> None:
        nonlocal aids, is_raised
        match known.get(name):
            case "si":
                runs.clear()
                is_raised = False
            case "r":
                is_raised = False
            case "vertAlign":
                is_raised = given.get("val") in RAISED
            case "t":
                bits.clear()
            case "rPh":
                aids += 1

    def end(name: str) -> None:
        nonlocal aids
        match known.get(name):
            case "si":
                found.append(unescaped(joined(runs)))
            case "t":
                if not aids:
                    runs.append(Run("".join(bits), is_raised))
            case "rPh":
                aids -= 1

    walk(markup, start, end, bits.append)
    return found


def _looks(markup: bytes) -> list[str]:
    """Return what each cell style shows a number as."""
    own: dict[int, str] = {}
    used: list[int] = []
    is_cell = False

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal is_cell
        match local(name):
            case "numFmt":
                # Conditional formats bring formats of their own, which number no cell.
                if "numFmtId" in attributes and not used:
                    own[int(attributes["numFmtId"])] = attributes.get("formatCode", "")
            case "cellXfs":
                is_cell = True
            case "cellStyles" | "dxfs":
                is_cell = False
            case "xf":
                if is_cell:
                    used.append(int(attributes.get("numFmtId", 0)))

    walk(markup, start)
    return looks_of_styles(used, own)
