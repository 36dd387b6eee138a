"""What stands in each cell of a workbook, before anyone asks what it means?"""

from __future__ import annotations

from data.returns.book_xlsx import xlsx_pages
from data.returns.guard import UnreadableError, guard_workbook
from data.returns.page import Grid, Page, address

__all__ = ["Grid", "Page", "address", "read_pages"]


def read_pages(content: bytes, name: str = "") -> list[Page]:
    """Return every sheet of a workbook; what must not be opened is refused in words.

    Formulas are never evaluated: what counts is the result that was last saved with them.
    """
    guard_workbook(content)
    try:
        return xlsx_pages(content)
    except UnreadableError:
        raise
    except Exception:  # noqa: BLE001 - a damaged file leads the reader into whatever it likes
        raise UnreadableError(key="returns.refused.damaged") from None
