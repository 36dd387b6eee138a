"""How does a table that is larger than a sheet of paper lie on pages of A4?

Columns go in blocks of about the same number, each with the columns of names repeated, so that no
page carries one column that was left over; rows go in stretches of about the same number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.worksheet import Worksheet

from data.texts import text

#: Millimetres of A4, of its margins, and points of a millimetre.
SHORT, LONG, SIDE, TOP, BOTTOM = 210, 297, 10, 13, 14
_POINTS = 72 / 25.4
#: Points that a digit and the edges of a column take in the standard face of a workbook.
_CHARACTER, _EDGES = 6.0, 3.75
#: Programs measure widths differently: so much of a page is planned with.
_PLANNED = 0.96
#: Figures of 11 points are still 9 points high on paper at this scale, in percent.
LEAST_SCALE = 82


@dataclass(frozen=True, slots=True)
class Blocks:
    """Columns of a table by page: the number of each block, and the scale in percent."""

    sizes: tuple[int, ...]
    scale: int


def column_blocks(fixed: Sequence[float], width: float, count: int) -> Blocks:
    """Return how many columns of one width stand on each page, beside the fixed ones.

    >>> column_blocks([9, 20], 11, 18)
    Blocks(sizes=(9, 9), scale=93)
    >>> sum(column_blocks([9, 20], 11, 110).sizes)
    110
    """
    room = (LONG - 2 * SIDE) * _POINTS * _PLANNED
    beside, each = sum(map(_points, fixed)), _points(width)
    most = max(1, int((room * 100 / LEAST_SCALE - beside) / each))
    sizes = even(count, -(-count // most))
    return Blocks(sizes, min(100, int(100 * room / (beside + max(sizes) * each))))


def even(count: int, parts: int) -> tuple[int, ...]:
    """Return a count in so many parts that differ by one at most, the larger ones first.

    >>> even(11, 3), even(2, 1)
    ((4, 4, 3), (2,))
    """
    least, more = divmod(count, max(1, parts))
    return (least + 1,) * more + (least,) * (max(1, parts) - more)


def row_pages(
    count: int, row: float, above: float, head: float, foot: float, scale: int
) -> list[int]:
    """Return after how many rows a page ends; none where all rows fit on one.

    `above` stands over the table on the first page only, `head` on each, `foot` after the last
    row; all are points, as is the height of a `row`.

    >>> row_pages(22, 21, 110, 90, 120, 85), row_pages(126, 21, 110, 90, 120, 85)
    ([11], [18, 40, 63, 86, 109])
    """
    page = (SHORT - TOP - BOTTOM) * _POINTS * _PLANNED * 100 / scale - head
    first, each = int((page - above) / row), int(page / row)
    last = int((page - foot) / row)
    if count * row + foot <= page - above:
        return []
    pages = 2
    while first + (pages - 2) * each + last < count:
        pages += 1
    found, left = [], count
    for number in range(pages - 1):
        # Each page takes its share of what is left; the last one keeps room for the foot.
        share = max(-(-left // (pages - number)), left - last - (pages - number - 2) * each)
        share = min(share, first if number == 0 else each, left - 1)
        left -= share
        found.append(count - left)
    return found


def fitting_scale(
    count: int, row: float, above: float, head: float, foot: float, scale: int
) -> int:
    """Return the scale, or a smaller legible one at which all rows come on one page.

    >>> fitting_scale(11, 21, 120, 95, 125, 93), fitting_scale(30, 21, 120, 95, 125, 93)
    (87, 93)
    """
    for smaller in range(scale, LEAST_SCALE - 1, -1):
        if not row_pages(count, row, above, head, foot, smaller):
            return smaller
    return scale


def set_breaks(
    sheet: Worksheet, blocks: Blocks, first_column: int, first_row: int, ends: Sequence[int]
) -> None:
    """Set where pages end: after each block of columns and after rows of the table."""
    column = first_column - 1
    for size in blocks.sizes[:-1]:
        column += size
        sheet.col_breaks.append(Break(id=column, max=1048575))
    for end in ends:
        sheet.row_breaks.append(Break(id=first_row - 1 + end))


def set_paper(sheet: Worksheet, *, is_wide: bool, scale: int | None = None) -> None:
    """Set paper, margins and direction; without a scale the whole width comes on one page."""
    setup = sheet.page_setup
    setup.paperSize = sheet.PAPERSIZE_A4
    setup.orientation = "landscape" if is_wide else "portrait"
    if scale is None:
        setup.fitToWidth, setup.fitToHeight = 1, 0
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
    else:
        setup.scale = scale
    margins = sheet.page_margins
    margins.left = margins.right = SIDE / 25.4
    margins.top, margins.bottom = TOP / 25.4, BOTTOM / 25.4
    margins.header = margins.footer = 7 / 25.4
    sheet.print_options.horizontalCentered = True


def set_page_numbers(sheet: Worksheet, left: str, lang: str, face: str) -> None:
    """Print below each page what it is and which page of how many."""
    for part, words in (
        (sheet.oddFooter.left, left.replace("&", "&&")),
        (sheet.oddFooter.right, text("returns.form.page", lang)),
    ):
        part.text, part.size, part.font = words, 9, f"{face},Regular"


def _points(width: float) -> float:
    return width * _CHARACTER + _EDGES
