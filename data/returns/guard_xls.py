"""May an xls workbook be opened: no password, no macros, no more cells than a return has?

The records are counted before a library parses any of them.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from xlrd.compdoc import CompDoc, CompDocError

from data.returns.guard import MOST_CELLS, UnreadableError

_BOF, _EOF, _FILEPASS, _BOUNDSHEET = 0x0809, 0x000A, 0x002F, 0x0085
_FORMULA, _MULRK, _MULBLANK = 0x0006, 0x00BD, 0x00BE
#: Records that are a cell: number, label, error or truth value, blank, formula, RK, shared text.
_CELLS = frozenset({0x0203, 0x0204, 0x0205, 0x0201, _FORMULA, 0x027E, 0x00FD, 0x00D6})
_MOST_RECORDS = 2_000_000
#: Parts of a container, by the names under which it lists them.
_TELLING = {"EncryptedPackage": "encrypted", "_VBA_PROJECT": "macros"}
_MACRO_SHEETS = frozenset({1, 6})


@dataclass(slots=True)
class Stream:
    """What the records of a workbook tell: for each sheet the cells that hold a formula."""

    formulas: list[set[tuple[int, int]]] = field(default_factory=list)


def guard_xls(content: bytes) -> Stream:
    """Refuse what must not be opened; return which cells hold formulas, sheet by sheet."""
    data = _stream(content)
    starts, cells = [], 0
    for count, (kind, start, length) in enumerate(_records(data, 0)):
        if count > _MOST_RECORDS:
            raise UnreadableError(key="returns.refused.cells", most=f"{MOST_CELLS:,}")
        if kind == _FILEPASS:
            raise UnreadableError(key="returns.refused.encrypted")
        if kind == _BOUNDSHEET and length >= 6:
            offset, _, sheet_kind = struct.unpack_from("<IBB", data, start)
            if sheet_kind in _MACRO_SHEETS:
                raise UnreadableError(key="returns.refused.macros")
            if sheet_kind == 0:
                starts.append(offset)
        cells += kind in _CELLS
        if kind in (_MULRK, _MULBLANK):
            cells += max(0, (length - 6) // (6 if kind == _MULRK else 2))
        if cells > MOST_CELLS:
            raise UnreadableError(key="returns.refused.cells", most=f"{MOST_CELLS:,}")
    return Stream([_formulas(data, start) for start in starts])


def _stream(content: bytes) -> bytes:
    """Return the records of a workbook out of the container that holds them."""
    for mark, word in _TELLING.items():
        if mark.encode("utf-16-le") in content:
            raise UnreadableError(key=f"returns.refused.{word}")
    try:
        container = CompDoc(content, logfile=io.StringIO())
        for name in ("Workbook", "Book"):
            found = container.get_named_stream(name)
            if found:
                return bytes(found)
    except (CompDocError, struct.error, IndexError, ValueError, AssertionError, TypeError):
        raise UnreadableError(key="returns.refused.damaged") from None
    raise UnreadableError(key="returns.refused.not_a_workbook")


def _records(data: bytes, start: int) -> Iterator[tuple[int, int, int]]:
    """Yield kind, place and length of each record from a place on."""
    while start + 4 <= len(data):
        kind, length = struct.unpack_from("<HH", data, start)
        yield kind, start + 4, length
        start += 4 + length


def _formulas(data: bytes, start: int) -> set[tuple[int, int]]:
    """Return the cells of one sheet that hold a formula, by row and column from 1."""
    found: set[tuple[int, int]] = set()
    depth = 0
    for kind, place, length in _records(data, start):
        if kind == _BOF:
            depth += 1
        elif kind == _EOF:
            depth -= 1
            if depth <= 0:
                break
        elif kind == _FORMULA and depth == 1 and length >= 4 and place + 4 <= len(data):
            row, column = struct.unpack_from("<HH", data, place)
            found.add((row + 1, column + 1))
    return found
