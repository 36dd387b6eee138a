"""May a zipped workbook be opened: small enough, no macros, no password, no declared entities?"""

from __future__ import annotations

import io
import re
import zipfile
import zlib

from data.said import SpokenError

LARGEST_FILE = 10 * 1024 * 1024
LARGEST_CONTENT = 80 * 1024 * 1024
MOST_ENTRIES = 2000
MOST_CELLS = 400_000
MOST_RATIO = 200
_CHUNK = 1 << 18
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MACROS = re.compile(r"vbaProject|\.bin$.*macro|macrosheets|activeX", re.IGNORECASE)
_CELL = re.compile(rb"<(?:\w+:)?(?:c|table-cell)[ />]")
_DECLARED = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)


class UnreadableError(SpokenError):
    """The file is refused before it is read; the text says why and what to do."""


def guard_size(content: bytes) -> None:
    """Refuse an empty file and one that is too large to be a return."""
    if not content:
        raise UnreadableError(key="returns.refused.empty")
    if len(content) > LARGEST_FILE:
        raise UnreadableError(key="returns.refused.large", size=_megabytes(len(content)), most=10)


def is_xlsx(content: bytes) -> bool:
    """Return whether a file that may be opened is an xlsx."""
    return content.startswith(b"PK") and guard_archive(content) == "xlsx"


def guard_archive(content: bytes) -> str:
    """Refuse what must not be opened; return `xlsx` or `ods`.

    The uncompressed size is counted by unpacking, never taken from the file's own word.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _guard_parts(archive)
    except UnreadableError:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError):
        raise UnreadableError(key="returns.refused.not_a_workbook") from None
    except RuntimeError:
        raise UnreadableError(key="returns.refused.encrypted") from None


def _guard_parts(archive: zipfile.ZipFile) -> str:
    entries = archive.infolist()
    names = {entry.filename for entry in entries}
    if len(entries) > MOST_ENTRIES:
        raise UnreadableError(key="returns.refused.entries", count=len(entries), most=MOST_ENTRIES)
    if len(names) < len(entries):
        raise UnreadableError(key="returns.refused.not_a_workbook")
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise UnreadableError(key="returns.refused.encrypted")
    if any(_MACROS.search(name) for name in names):
        raise UnreadableError(key="returns.refused.macros")
    is_ods = "content.xml" in names and "mimetype" in names
    if not is_ods and (
        "[Content_Types].xml" not in names or not any("workbook" in name for name in names)
    ):
        raise UnreadableError(key="returns.refused.not_a_workbook")
    total = cells = 0
    for entry in entries:
        total, cells = _count(archive, entry, total, cells)
    if is_ods:
        _guard_ods(archive, names)
    else:
        _guard_kinds(archive.read("[Content_Types].xml"))
    return "ods" if is_ods else "xlsx"


def _guard_kinds(kinds: bytes) -> None:
    """Refuse a workbook with macros and one in the binary kind, by what it says of its parts."""
    if b"macroEnabled" in kinds:
        raise UnreadableError(key="returns.refused.macros")
    if b"ms-excel.sheet.binary" in kinds:
        raise UnreadableError(key="returns.refused.binary")


def _guard_ods(archive: zipfile.ZipFile, names: set[str]) -> None:
    """Refuse what an ods must not be: a text or picture, encrypted, with macros."""
    kind = archive.read("mimetype")
    if not kind.startswith(b"application/vnd.oasis.opendocument.spreadsheet"):
        raise UnreadableError(key="returns.refused.not_a_workbook")
    listed = archive.read("META-INF/manifest.xml") if "META-INF/manifest.xml" in names else b""
    if b"encryption-data" in listed or "encrypted-package" in names:
        raise UnreadableError(key="returns.refused.encrypted")
    if any(name.startswith(("Basic/", "Scripts/")) and not name.endswith("/") for name in names):
        raise UnreadableError(key="returns.refused.macros")


def _count(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, total: int, cells: int
) -> tuple[int, int]:
    """Return the bytes and cells unpacked so far, this entry included; too many stop at once."""
    is_sheet = entry.filename.startswith("xl/worksheets/") or entry.filename == "content.xml"
    is_markup = entry.filename.lower().endswith((".xml", ".rels", ".vml"))
    unpacked, tail = 0, b""
    with archive.open(entry) as stream:
        while chunk := stream.read(_CHUNK):
            unpacked += len(chunk)
            total += len(chunk)
            if total > LARGEST_CONTENT:
                raise UnreadableError(
                    key="returns.refused.expands", size=_megabytes(LARGEST_CONTENT)
                )
            if is_sheet:
                seen = tail + chunk
                cells += len(_CELL.findall(seen)) - len(_CELL.findall(tail))
            if cells > MOST_CELLS:
                raise UnreadableError(key="returns.refused.cells", most=f"{MOST_CELLS:,}")
            if is_markup and _is_declared(tail + chunk):
                raise UnreadableError(key="returns.refused.entities")
            tail = chunk[-24:]
    if unpacked > 2**20 and unpacked > MOST_RATIO * max(entry.compress_size, 1):
        raise UnreadableError(key="returns.refused.expands", size=_megabytes(unpacked))
    return total, cells


def _is_declared(markup: bytes) -> bool:
    """Return whether markup declares a type or an entity, in whatever width it is written."""
    narrow = markup.replace(b"\x00", b"") if b"\x00" in markup else markup
    return b"<!" in narrow and bool(_DECLARED.search(narrow))


def _megabytes(size: int) -> str:
    """Return a size in megabytes with one decimal.

    >>> _megabytes(10_500_000)
    '10.0'
    """
    return f"{size / 1024 / 1024:.1f}"
