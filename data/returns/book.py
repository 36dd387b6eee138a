"""What stands in each cell of a workbook, before anyone asks what it means?"""

from __future__ import annotations

from pathlib import PurePath

from data.returns.book_csv import csv_pages, is_markup
from data.returns.book_ods import ods_pages
from data.returns.book_xls import xls_pages
from data.returns.book_xlsx import xlsx_pages
from data.returns.guard import OLE, UnreadableError, guard_size, open_archive
from data.returns.page import Page

#: What a return may be called; a name that promises a workbook must hold one.
SUFFIXES = (".xlsx", ".xls", ".et", ".ods", ".csv", ".txt")
_PROMISES = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".et", ".ods"})


def read_pages(content: bytes, name: str = "") -> list[Page]:
    """Return every sheet of a workbook; what must not be opened is refused in words.

    The bytes say what kind of file it is, whatever its name. Formulas are never evaluated: what
    counts is the result that was last saved with them.
    """
    guard_size(content)
    try:
        if content.startswith(OLE):
            return xls_pages(content)
        if content.startswith(b"PK"):
            archive = open_archive(content)
            pages = ods_pages if archive.kind == "ods" else xlsx_pages
            return pages(archive.parts)
        if is_markup(content):
            raise UnreadableError(key="returns.refused.markup")
        if PurePath(name).suffix.lower() in _PROMISES:
            raise UnreadableError(key="returns.refused.not_a_workbook")
        return csv_pages(content, name)
    except UnreadableError:
        raise
    except (Exception, RecursionError):  # noqa: BLE001 - damage leads a reader into whatever it likes
        raise UnreadableError(key="returns.refused.damaged") from None
