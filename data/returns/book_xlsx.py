"""Which sheets has an xlsx workbook, and what stands in their cells?

Comments, document properties, pictures and outside references are never opened.
"""

from __future__ import annotations

import datetime as dt
import io
import posixpath
import zipfile
from dataclasses import dataclass, field

from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH

from data.returns.guard import UnreadableError
from data.returns.meta import COMPARISON, META_COLUMNS, META_SHEET
from data.returns.number_looks import looks_of_styles
from data.returns.page import Page
from data.returns.sheet_xml import MAIN, read_sheet, unescaped
from data.returns.xml_walk import local, walk

_MOST_SHEETS = 200
_KINDS = {"sharedStrings": "strings", "styles": "styles"}


@dataclass(slots=True)
class _Parts:
    """Where the parts of a workbook lie in its archive."""

    sheets: list[tuple[str, str, bool]] = field(default_factory=list)
    strings: str = ""
    styles: str = ""
    epoch: dt.datetime = WINDOWS_EPOCH


def xlsx_pages(content: bytes) -> list[Page]:
    """Return every sheet of an xlsx workbook.

    Raises whatever a damaged file leads the reader into; `read_pages` says it in words.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = _parts(archive)
        if not parts.sheets:
            raise UnreadableError(key="returns.refused.not_a_workbook")
        strings = _strings(archive, parts.strings) if parts.strings else []
        looks = _looks(archive, parts.styles) if parts.styles else []
        pages = []
        beside = _beside(archive, parts, strings, looks)
        for name, target, is_hidden in parts.sheets:
            if name in beside:
                pages.append(Page(name, {}, is_hidden))
                continue
            with archive.open(target) as stream:
                sheet = read_sheet(stream, strings, looks, parts.epoch)
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


def _beside(
    archive: zipfile.ZipFile, parts: _Parts, strings: list[str], looks: list[str]
) -> frozenset[str]:
    """Return the sheets that the hidden one calls mere comparisons: they are not parsed."""
    for name, target, _ in parts.sheets:
        if name == META_SHEET:
            with archive.open(target) as stream:
                cells = read_sheet(stream, strings, looks, parts.epoch).cells
            layout, sheet = (META_COLUMNS.index(word) + 1 for word in ("layout", "sheet"))
            rows = [
                row for (row, c), cell in cells.items() if (c, cell.text) == (layout, COMPARISON)
            ]
            return frozenset(cells[(row, sheet)].text for row in rows if (row, sheet) in cells)
    return frozenset()


def _parts(archive: zipfile.ZipFile) -> _Parts:
    """Return where the sheets, shared texts and styles of a workbook lie."""
    root = _relations(archive, "")
    main = next((target for kind, target in root.values() if kind == "officeDocument"), "")
    if main not in archive.namelist():
        raise UnreadableError(key="returns.refused.not_a_workbook")
    related = _relations(archive, main)
    found = _Parts()
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

    _walk_part(archive, main, start)
    if len(found.sheets) > _MOST_SHEETS:
        raise UnreadableError(
            key="returns.refused.sheets", count=len(found.sheets), most=_MOST_SHEETS
        )
    return found


def _relations(archive: zipfile.ZipFile, part: str) -> dict[str, tuple[str, str]]:
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
    if relations in archive.namelist():
        _walk_part(archive, relations, start)
    return found


def _walk_part(archive: zipfile.ZipFile, part: str, start: object) -> None:
    with archive.open(part) as stream:
        walk(stream, start, lambda _: None, lambda _: None)  # type: ignore[arg-type]


def _strings(archive: zipfile.ZipFile, part: str) -> list[str]:
    """Return the texts that cells refer to by number, without their reading aids."""
    known = {f"{space}}}{name}": name for space in MAIN for name in ("si", "t", "rPh")}
    found: list[str] = []
    bits: list[str] = []
    held: list[str] = []
    aids = 0

    def start(name: str, _: dict[str, str]) -> None:
        nonlocal aids
        match known.get(name):
            case "si":
                held.clear()
            case "t":
                bits.clear()
            case "rPh":
                aids += 1

    def end(name: str) -> None:
        nonlocal aids
        match known.get(name):
            case "si":
                found.append(unescaped("".join(held)))
            case "t":
                if not aids:
                    held.append("".join(bits))
            case "rPh":
                aids -= 1

    with archive.open(part) as stream:
        walk(stream, start, end, bits.append)
    return found


def _looks(archive: zipfile.ZipFile, part: str) -> list[str]:
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

    _walk_part(archive, part, start)
    return looks_of_styles(used, own)
