"""Which rows does a csv hold that somebody wrote or exported anywhere?

Any encoding that office programs write, commas, semicolons or tabs between, blank lines and cells
with outer spaces. What cannot be read as a table is refused in one line that says where.
"""

import codecs
import csv
import io
import math
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from data.said import SpokenError

BLANK = frozenset({"", "NA", "N/A", "NaN", "nan", "null", "NULL", "None"})
#: How workbooks begin, of today (and all that is zipped) and of old.
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
#: A larger figure is a slip, and sums of such ones would have no number.
LARGEST = 1e300
SHOWN = 160


class Line(NamedTuple):
    """One row of a table with the line on which it begins."""

    number: int
    cells: dict[str, str]


def read_table(path: str, needed: Sequence[str]) -> list[Line]:
    """Return the rows of a csv as written; columns may stand in any order, more may stand there."""
    file = Path(path)
    if not file.is_file():
        raise SpokenError(key="cli.error.no_file", file=path)
    content = file.read_bytes()
    if content.startswith(WORKBOOKS):
        raise SpokenError(key="analyse.error.workbook", file=file.name)
    lines = _lines(decoded(content), file.name)
    header = [name.strip() for name in lines[0][1]] if lines else []
    if not any(header):
        raise SpokenError(key="analyse.error.empty", file=file.name)
    missing = [name for name in needed if name not in header]
    if missing:
        found = short(", ".join(header))
        values = {"file": file.name, "missing": ", ".join(missing), "found": found}
        raise SpokenError(key="analyse.error.columns", **values)
    twice = [name for name in needed if header.count(name) > 1]
    if twice:
        raise SpokenError(key="analyse.error.column_twice", file=file.name, column=twice[0])
    rows = []
    for number, cells in lines[1:]:
        if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
            sizes = {"found": len(cells), "expected": len(header)}
            raise SpokenError(key="analyse.error.cells", file=file.name, line=number, **sizes)
        written = [cell.strip() for cell in cells] + [""] * (len(header) - len(cells))
        if any(written):
            rows.append(Line(number, dict(zip(header, written, strict=False))))
    return rows


def decoded(written: bytes) -> str:
    """Return the text of a file: UTF-8 or UTF-16 by its mark, UTF-8 where it is, else GB 18030.

    >>> decoded("序列".encode("gb18030")), decoded("a".encode("utf-8-sig"))
    ('序列', 'a')
    """
    if written.startswith(MARKS):
        return written.decode("utf-16", errors="replace")
    try:
        return written.decode("utf-8-sig")
    except UnicodeDecodeError:
        return written.decode("gb18030", errors="replace")


def _lines(text: str, file: str) -> list[tuple[int, list[str]]]:
    """Return the lines that hold anything, each with its number; a quoted cell may span lines."""
    first = text.lstrip().partition("\n")[0]
    between = next((mark for mark in (",", ";", "\t") if mark in first), ",")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=between, strict=True)
    found, number = [], 1
    try:
        for cells in reader:
            if cells:
                found.append((number, cells))
            number = reader.line_num + 1
    except csv.Error as error:
        reason = short(str(error))
        raise SpokenError(key="analyse.error.table", file=file, reason=reason) from None
    return found


def short(written: str) -> str:
    """Return a text in one line that is not too long to be read.

    >>> short(" a  b ")
    'a b'
    """
    flat = " ".join("".join(c if c.isprintable() else " " for c in written).split())
    return flat if len(flat) <= SHOWN else f"{flat[:SHOWN]}…"


def number(written: str, file: str, line: int, column: str) -> float | None:
    """Return a number, None where nothing stands; else say where and what was found.

    >>> number("1.5", "a.csv", 2, "y"), number("NA", "a.csv", 3, "y")
    (1.5, None)
    """
    if written in BLANK:
        return None
    try:
        value = math.nan if "_" in written else float(written)
    except ValueError:
        value = math.nan
    if not abs(value) <= LARGEST:
        raise SpokenError(
            key="analyse.error.number", file=file, line=line, column=column, found=short(written)
        )
    return value
