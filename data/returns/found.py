"""What is a cell of a table once it is known whose figure stands there?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from data.returns.cells import Cell


class Found(NamedTuple):
    """A cell that is owed or holds more than that: whose figure, where, and what it says.

    `ytd` and `same` are what the form prints beside it: year to date, same period last year.
    """

    unit: str
    measure: str
    place: tuple[int, int]
    cell: Cell
    is_due: bool
    is_required: bool
    is_total: bool
    ytd: float | None = None
    same: float | None = None


class FoundSheet(NamedTuple):
    """What was found on one sheet of a return."""

    sheet: str
    form: str
    period: dt.date
    cells: Sequence[Found]
