"""What stands in the cells of a return that was saved as a text file?"""

from __future__ import annotations

import csv
import io

from data.returns.cells import read_cell
from data.returns.flat_text import FileError, decoded, guess_encoding
from data.returns.guard import MOST_CELLS, UnreadableError
from data.returns.page import Grid, Page

#: A text file has one sheet without a name; findings need one.
SHEET = "csv"
_MOST_COLUMNS = 16_384
_MARKUP = ("<html", "<!doctype html", "<table", "<?xml", "mime-version", "<?mso")


def csv_pages(content: bytes, name: str) -> list[Page]:
    """Return the only sheet of a text file in UTF-8 (with or without its mark) or GB18030."""
    if is_markup(content):
        raise UnreadableError(key="returns.refused.markup")
    try:
        words = decoded(content, name)
    except FileError as error:
        kinds = {"flat.error.garbled": "garbled", "flat.error.binary": "not_a_workbook"}
        key = kinds.get(error.key, "not_a_workbook" if b"\0" in content else "encoding")
        raise UnreadableError(key=f"returns.refused.{key}") from None
    head = words[:10_000]
    delimiter = max(",;\t", key=head.count)
    grid: Grid = {}
    try:
        for row, record in enumerate(
            csv.reader(io.StringIO(words, newline=None), delimiter=delimiter), start=1
        ):
            if len(record) > _MOST_COLUMNS:
                raise UnreadableError(key="returns.refused.not_a_workbook")
            for column, field in enumerate(record, start=1):
                if field:
                    grid[(row, column)] = read_cell(field, None)
            if len(grid) > MOST_CELLS:
                raise UnreadableError(key="returns.refused.cells", most=f"{MOST_CELLS:,}")
    except csv.Error:
        raise UnreadableError(key="returns.refused.damaged") from None
    is_wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    written = "UTF-16" if is_wide else (guess_encoding(content) or "utf-8").upper()
    return [Page(SHEET, grid, is_hidden=False, origin="csv", encoding=written)]


def is_markup(content: bytes) -> bool:
    """Return whether a file is a web page or plain XML, as some programs name `.xls`.

    >>> is_markup(b"  <HTML><table>"), is_markup(b"a,b")
    (True, False)
    """
    head = content[:200].removeprefix(b"\xef\xbb\xbf").replace(b"\0", b"").lstrip().lower()
    return head.startswith(tuple(word.encode() for word in _MARKUP))
