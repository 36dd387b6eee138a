"""What stands in the sheets of a published workbook, read as quickly as its cells allow?

Calamine is quick but turns error cells into blanks and formulas into their results without a word.
Sheets that have such cells, and only those, are read by openpyxl; nothing else of the workbook is
unpacked into cells. Before that the archive is counted: macros, encryption, entity declarations and
bombs are refused.
"""

import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from defusedxml.ElementTree import fromstring

from data.returns.flat_text import FileError

# Unpacked, a workbook of a million rows stays below this; a zip bomb does not.
MOST_UNPACKED = 1_500_000_000
# Ordinary sheets shrink to a tenth; nothing that is worth reading shrinks to a five-hundredth.
MOST_RATIO, RATIO_FROM = 500, 1 << 24
CHUNK = 1 << 20
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MACROS = re.compile(r"vbaProject|macrosheets", re.IGNORECASE)
DECLARED = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_RELATED = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


@dataclass(frozen=True, slots=True)
class Sheet:
    """The cells of a sheet from A1 on, as the file has them; a csv or parquet has no name.

    `formulas` are places (row, column from 1) whose number is a saved result; `merges` are the
    merged areas as (top, left, bottom, right).
    """

    name: str | None
    rows: list[list[Any]]
    formulas: frozenset[tuple[int, int]] = frozenset()
    merges: tuple[tuple[int, int, int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Book:
    """A workbook that may be opened: its sheets by name, and its document title."""

    path: Path
    names: tuple[str, ...]
    title: str | None
    doubtful: frozenset[str] = field(default_factory=frozenset)


def open_book(path: Path) -> Book:
    """Return a workbook whose archive was found harmless.

    Raises:
        FileError: it holds macros, is encrypted, or unpacks to more than any table needs.
    """
    from python_calamine import CalamineWorkbook

    with path.open("rb") as stream:
        head = stream.read(len(OLE))
    if head == OLE:
        if "EncryptedPackage".encode("utf-16-le") in path.read_bytes():
            raise FileError(key="flat.error.encrypted", file=path.name)
    elif path.suffix.lower() == ".xls" or not zipfile.is_zipfile(path):
        raise FileError(key="flat.error.no_workbook", file=path.name)
    title, doubtful = (None, frozenset[str]()) if head == OLE else _inspected(path)
    with CalamineWorkbook.from_path(str(path)) as book:
        return Book(path, tuple(book.sheet_names), title, doubtful)


def read_sheets(book: Book, is_wanted: Callable[[str], bool] = lambda _: True) -> list[Sheet]:
    """Return the wanted sheets in the order of the workbook."""
    from python_calamine import CalamineWorkbook

    wanted = [name for name in book.names if is_wanted(name)]
    true = _true_sheets(book.path, [name for name in wanted if name in book.doubtful])
    found = []
    with CalamineWorkbook.from_path(str(book.path)) as opened:
        for name in wanted:
            sheet = opened.get_sheet_by_name(name)
            merges = _merges(sheet)
            if name in true:
                rows, formulas = true[name]
                found.append(Sheet(name, rows, formulas, merges))
            else:
                # Empty leading rows and columns stay, so that the addresses are those of the file.
                rows = sheet.to_python(skip_empty_area=False)
                found.append(Sheet(name, rows, merges=merges))
    return found


def _merges(sheet: Any) -> tuple[tuple[int, int, int, int], ...]:
    """Return the merged areas, counted from 1; not every format tells them."""
    areas = sheet.merged_cell_ranges or ()
    return tuple(
        (top + 1, left + 1, bottom + 1, right + 1) for (top, left), (bottom, right) in areas
    )


def _inspected(path: Path) -> tuple[str | None, frozenset[str]]:
    """Return the document title, and the sheets with error or formula cells."""
    total, marked = 0, set()
    with zipfile.ZipFile(path) as archive:
        if any(part.flag_bits & 0x1 for part in archive.infolist()):
            raise FileError(key="flat.error.encrypted", file=path.name)
        for part in archive.infolist():
            if MACROS.search(part.filename):
                raise FileError(key="flat.error.macros", file=path.name)
            size, is_marked = _counted(archive, part, total, path.name)
            total += size
            if is_marked:
                marked.add(part.filename)
        if "mimetype" in archive.namelist():
            # An .ods keeps all sheets in one part, and no title that we look for.
            return None, frozenset()
        parts = _parts_of_sheets(archive)
        title = _title(archive)
    return title, frozenset(name for name, part in parts.items() if part in marked)


def _counted(
    archive: zipfile.ZipFile, part: zipfile.ZipInfo, total: int, file: str
) -> tuple[int, bool]:
    """Return a part's size by unpacking it, and whether it is a sheet with errors or formulas.

    The sizes that the archive itself states are not believed.
    """
    is_sheet = part.filename.startswith("xl/worksheets/")
    is_markup = part.filename.lower().endswith((".xml", ".rels", ".vml"))
    size, is_marked, tail = 0, False, b""
    with archive.open(part) as stream:
        while chunk := stream.read(CHUNK):
            size += len(chunk)
            if total + size > MOST_UNPACKED:
                raise FileError(key="flat.error.large", file=file)
            if size > RATIO_FROM and size > MOST_RATIO * max(part.compress_size, 1):
                raise FileError(key="flat.error.large", file=file)
            seen = tail + chunk
            if is_markup and DECLARED.search(seen):
                raise FileError(key="flat.error.entities", file=file)
            is_marked = is_marked or (is_sheet and (b't="e"' in seen or b"<f" in seen))
            if part.filename == "content.xml" and b'value-type="error"' in seen:
                raise FileError(key="flat.error.ods_errors", file=file)
            if b"macroEnabled" in seen and part.filename == "[Content_Types].xml":
                raise FileError(key="flat.error.macros", file=file)
            tail = chunk[-24:]
    return size, is_marked


def _parts_of_sheets(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the part of the archive that holds each sheet, by the sheet's name."""
    try:
        book = fromstring(archive.read("xl/workbook.xml"))
        links = fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    except KeyError:
        return {}
    targets = {item.get("Id"): item.get("Target", "") for item in links}
    found = {}
    for item in book.iter():
        if item.tag.endswith("}sheet"):
            target = targets.get(item.get(_RELATED), "").lstrip("/")
            part = target if target.startswith("xl/") else f"xl/{target}"
            found[item.get("name", "")] = part
    return found


def _title(archive: zipfile.ZipFile) -> str | None:
    """Return the document title, None where the workbook has none."""
    if "docProps/core.xml" not in archive.namelist():
        return None
    for item in fromstring(archive.read("docProps/core.xml")):
        if item.tag.endswith("}title"):
            return (item.text or "").strip() or None
    return None


def _true_sheets(
    path: Path, names: list[str]
) -> dict[str, tuple[list[list[Any]], frozenset[tuple[int, int]]]]:
    """Return cells with errors as printed, formulas' saved results, and formulas without one."""
    if not names:
        return {}
    import openpyxl

    values = openpyxl.load_workbook(path, read_only=True, data_only=True)
    written = openpyxl.load_workbook(path, read_only=True)
    found = {}
    for name in names:
        rows: list[list[Any]] = []
        formulas = set()
        lines = zip(
            values[name].iter_rows(values_only=True), written[name].iter_rows(), strict=False
        )
        for number, (results, cells) in enumerate(lines, start=1):
            row = []
            for result, cell in zip(results, cells, strict=False):
                is_formula = getattr(cell, "data_type", "") == "f"
                if is_formula and result is not None:
                    formulas.add((number, cell.column))
                row.append(_formula(cell.value) if is_formula and result is None else result)
            rows.append(row)
        found[name] = (rows, frozenset(formulas))
    values.close()
    written.close()
    return found


def _formula(value: Any) -> str:
    return str(getattr(value, "text", None) or value)
