"""Which names does a heading of two levels make: the merged one above, and the one below it?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from data.returns.cells import clean
from data.returns.page import Area, Grid

_WIDEST = 60
_HEAD_ROWS = 14


def joined_headings(
    grid: Grid, merges: Iterable[Area]
) -> Mapping[tuple[int, int], tuple[str, ...]]:
    """Return for each cell below (or beside) a merged heading what both say together.

    `警情数` over `刑事类` says `警情数刑事类` and `刑事类警情数`; the reader takes the one that is
    a measure's name.
    """
    found: dict[tuple[int, int], tuple[str, ...]] = {}
    for top, left, bottom, right in merges:
        cell = grid.get((top, left))
        if cell is None or cell.kind != "text" or cell.value is not None:
            continue
        if top == bottom and right > left and right - left <= _WIDEST and top <= _HEAD_ROWS:
            below = [(top + 1, column) for column in range(left, right + 1)]
        elif left == right and bottom > top and bottom - top <= _WIDEST:
            below = [(row, left + 1) for row in range(top, bottom + 1)]
        else:
            continue
        for place in below:
            under = grid.get(place)
            if under is not None and under.kind == "text" and under.value is None:
                above, word = _bare(cell.text), _bare(under.text)
                found[place] = (word + above, above + word)
    return found


def _bare(words: str) -> str:
    return clean(words).replace(" ", "").casefold()
