"""May a file be opened at all: is it a workbook, small enough, without macros, not encrypted?"""

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
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MACROS = re.compile(r"vbaProject|\.bin$.*macro|macrosheets|activeX", re.IGNORECASE)
_DECLARED = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)


class UnreadableError(SpokenError):
    """The file is refused before it is read; the text says why and what to do."""


def guard_workbook(content: bytes) -> None:
    """Refuse what must not be opened; return for an ordinary xlsx.

    The uncompressed size is counted by unpacking, never taken from the file's own word.
    """
    size = len(content)
    if size == 0:
        raise UnreadableError(key="returns.refused.empty")
    if size > LARGEST_FILE:
        raise UnreadableError(key="returns.refused.large", size=_megabytes(size), most=10)
    if content.startswith(_OLE):
        # Encrypted workbooks are stored in an old container that names its encrypted part.
        is_encrypted = "EncryptedPackage".encode("utf-16-le") in content
        raise UnreadableError(key=f"returns.refused.{'encrypted' if is_encrypted else 'xls'}")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _guard_archive(archive)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        OSError,
        ValueError,
    ) as e:
        if isinstance(e, UnreadableError):
            raise
        raise UnreadableError(key="returns.refused.not_a_workbook") from None
    except RuntimeError:
        raise UnreadableError(key="returns.refused.encrypted") from None


def _guard_archive(archive: zipfile.ZipFile) -> None:
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
    if "[Content_Types].xml" not in names or not any("workbook.xml" in name for name in names):
        raise UnreadableError(key="returns.refused.not_a_workbook")
    total = cells = 0
    for entry in entries:
        total, cells = _count(archive, entry, total, cells)
        if entry.filename == "[Content_Types].xml":
            kinds = archive.read(entry)
            if b"macroEnabled" in kinds or b"ms-excel.sheet.binary" in kinds:
                raise UnreadableError(key="returns.refused.macros")


def _count(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, total: int, cells: int
) -> tuple[int, int]:
    """Return the bytes and cells unpacked so far, this entry included; too many stop at once."""
    is_sheet = entry.filename.startswith("xl/worksheets/")
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
                cells += (tail[-2:] + chunk).count(b"<c ")
            if cells > MOST_CELLS:
                raise UnreadableError(key="returns.refused.cells", most=f"{MOST_CELLS:,}")
            if is_markup and _DECLARED.search((tail + chunk).replace(b"\x00", b"")):
                raise UnreadableError(key="returns.refused.entities")
            tail = chunk[-16:]
    if unpacked > 2**20 and unpacked > MOST_RATIO * max(entry.compress_size, 1):
        raise UnreadableError(key="returns.refused.expands", size=_megabytes(unpacked))
    return total, cells


def _megabytes(size: int) -> str:
    """Return a size in megabytes with one decimal.

    >>> _megabytes(10_500_000)
    '10.0'
    """
    return f"{size / 1024 / 1024:.1f}"
