"""Which column of a unit form holds the figures of this month?"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from data.returns.cells import clean
from data.returns.months import read_month
from data.returns.page import Grid

_ROLES = {
    "value": re.compile(
        r"([本当][月期季年旬](份|末)?|本半年)(发生|完成|实际|合计)?(数|情况)?|[当本][月期]实绩?"
        r"|this (month|quarter|half-year|year)"
    ),
    "ytd": re.compile(r"本年累计|本年累计数|累计|year to date"),
    "same": re.compile(r"上年同期(累计|数)?|去年同期(累计)?|same period last year"),
}
_MONTH = re.compile(r"(\d{1,2})月份?(?:发生|完成|实际|合计)?数?")
#: What stands under such a heading is no figure of this month, wherever it is.
_OTHER = re.compile(
    r"上[月期年季]|去年|前年|同期|同比|环比|累计|增减|计划|目标|\d月?[-~至—]\d{1,2}月"
)
_REMARK = re.compile(r"\([^()]*\)|\*+$")
_LOOK_ABOVE = 4


@dataclass(slots=True)
class Headings:
    """The columns by role; those of other times; where this month stands a second time."""

    roles: dict[str, int] = field(default_factory=dict)
    others: dict[int, tuple[int, int]] = field(default_factory=dict)
    twice: list[tuple[int, int]] = field(default_factory=list)
    is_by_place: bool = False


def value_column(
    grid: Grid, rows: Mapping[int, str], code_column: int, period: dt.date | None
) -> Headings:
    """Return the columns of a unit form whose measures stand in the given rows.

    This month is found by its heading, or by its name (`10月`); else it is the first column with
    numbers right of the codes that is not headed otherwise, and that is told.
    """
    found = _headings(grid, min(rows), period)
    if "value" in found.roles:
        return found
    taken = {*found.roles.values(), *found.others}
    right = (
        column
        for (row, column), cell in grid.items()
        if cell.value is not None and column > code_column and row in rows and column not in taken
    )
    found.roles["value"] = min(right, default=code_column + 1)
    found.is_by_place = True
    return found


def role_of(words: str, period: dt.date | None) -> str:
    """Return what a heading says its column holds: value, ytd, same, other, or nothing known.

    >>> october = dt.date(2024, 10, 1)
    >>> [role_of(w, october) for w in ("本月（起）", "10月份", "2024年10月", "备注")]
    ['value', 'value', 'value', '']
    >>> [role_of(w, october) for w in ("2023年10月", "9月", "1-10月", "上月", "本年累计")]
    ['other', 'other', 'other', 'other', 'ytd']
    """
    said = clean(words).casefold()
    if ":" in said:
        return ""
    bare = _REMARK.sub("", said)
    for role, pattern in _ROLES.items():
        if pattern.fullmatch(bare) or pattern.fullmatch(bare.replace(" ", "")):
            return role
    bare = bare.replace(" ", "")
    month = read_month(bare) if bare[:4].isdecimal() else None
    named = _MONTH.fullmatch(bare)
    if period is not None and month is not None:
        return "value" if month == period else "other"
    if period is not None and named is not None:
        return "value" if int(named[1]) == period.month else "other"
    return "other" if _OTHER.search(bare) else ""


def _headings(grid: Grid, first: int, period: dt.date | None) -> Headings:
    """Return what the headings above the first measure say.

    A second column of this month is put on the list of what stands there twice.
    """
    found = Headings()
    for (row, column), cell in sorted(grid.items()):
        if not first - _LOOK_ABOVE <= row < first or cell.kind not in ("text", "date"):
            continue
        role = role_of(cell.text, period)
        if role == "other":
            found.others[column] = (row, column)
        elif role == "value" and found.roles.get(role, column) != column:
            found.twice.append((row, column))
        elif role:
            found.roles[role] = column
    return found
