"""May a zipped workbook be opened: small enough, no macros, no password, no declared entities?"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

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


@dataclass(frozen=True, slots=True)
class Archive:
    """A zipped workbook that may be opened: its kind, `xlsx` or `ods`, and its parts by name."""

    kind: str
    parts: Mapping[str, bytes]


def is_xlsx(content: bytes) -> bool:
    """Return whether a file that may be opened is an xlsx."""
    return content.startswith(b"PK") and open_archive(content).kind == "xlsx"


def open_archive(content: bytes) -> Archive:
    """Unpack a zipped workbook; what must not be opened is refused.

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


def _guard_parts(archive: zipfile.ZipFile) -> Archive:
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
    parts: dict[str, bytes] = {}
    room = LARGEST_CONTENT
    for entry in entries:
        parts[entry.filename] = _unpacked(archive, entry, room)
        room -= len(parts[entry.filename])
    _guard_markup(parts)
    if is_ods:
        _guard_ods(parts)
    else:
        _guard_kinds(parts["[Content_Types].xml"])
    return Archive("ods" if is_ods else "xlsx", parts)


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, room: int) -> bytes:
    """Return a part, unpacked no further than there is room for."""
    chunks: list[bytes] = []
    size = 0
    with archive.open(entry) as stream:
        while chunk := stream.read(_CHUNK):
            chunks.append(chunk)
            size += len(chunk)
            if size > room:
                most = _megabytes(LARGEST_CONTENT)
                raise UnreadableError(key="returns.refused.expands", size=most)
    if size > 2**20 and size > MOST_RATIO * max(entry.compress_size, 1):
        raise UnreadableError(key="returns.refused.expands", size=_megabytes(size))
    return b"".join(chunks)


def _guard_markup(parts: Mapping[str, bytes]) -> None:
    """Refuse more cells than a return has, and markup that declares a type or an entity."""
    sheets = [
        markup
        for name, markup in parts.items()
        if name.startswith("xl/worksheets/") or name == "content.xml"
    ]
    # A sheet has no more cells than tags, and those are counted in no time.
    if sum(markup.count(b"<") for markup in sheets) > MOST_CELLS:
        cells = (cell for markup in sheets for cell in _CELL.finditer(markup))
        if next(islice(cells, MOST_CELLS, None), None) is not None:
            raise UnreadableError(key="returns.refused.cells", most=f"{MOST_CELLS:,}")
    for name, markup in parts.items():
        if name.lower().endswith((".xml", ".rels", ".vml")) and is_declared(markup):
            raise UnreadableError(key="returns.refused.entities")


def _guard_kinds(kinds: bytes) -> None:
    """Refuse a workbook with macros and one in the binary kind, by what it says of its parts."""
    if b"macroEnabled" in kinds:
        raise UnreadableError(key="returns.refused.macros")
    if b"ms-excel.sheet.binary" in kinds:
        raise UnreadableError(key="returns.refused.binary")


def _guard_ods(parts: Mapping[str, bytes]) -> None:
    """Refuse what an ods must not be: a text or picture, encrypted, with macros."""
    if not parts["mimetype"].startswith(b"application/vnd.oasis.opendocument.spreadsheet"):
        raise UnreadableError(key="returns.refused.not_a_workbook")
    listed = parts.get("META-INF/manifest.xml", b"")
    if b"encryption-data" in listed or "encrypted-package" in parts:
        raise UnreadableError(key="returns.refused.encrypted")
    if any(name.startswith(("Basic/", "Scripts/")) and not name.endswith("/") for name in parts):
        raise UnreadableError(key="returns.refused.macros")


def is_declared(markup: bytes) -> bool:
    """Return whether markup declares a type or an entity, in whatever width it is written.

    >>> is_declared(b"<!doctype x>"), is_declared("<!ENTITY a>".encode("utf-16"))
    (True, True)
    """
    if b"!" not in markup:
        return False
    narrow = markup.replace(b"\x00", b"") if b"\x00" in markup else markup
    return b"<!" in narrow and bool(_DECLARED.search(narrow))


def _megabytes(size: int) -> str:
    """Return a size in megabytes with one decimal.

    >>> _megabytes(10_500_000)
    '10.0'
    """
    return f"{size / 1024 / 1024:.1f}"
