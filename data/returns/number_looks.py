"""What does a number's format make of it on the screen: a date, a percentage, another size?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format

#: Formats that programs in Chinese, Japanese and Korean count among their own, all of them dates.
_EAST_ASIAN_DATES = frozenset((*range(27, 37), *range(50, 59)))
_QUOTED = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
#: Thousands left away at the end (`#,##0,`), or a point set before the last digits (`0!.0,`).
_SCALED = re.compile(r"[0#?],+(?![0#?,])|![.．]|[0#?]\\[.．][0#?]")


def look_of(pattern: str | None) -> str:
    """Return what a format shows a number as: `date`, `time`, `percent`, `scaled`, else nothing.

    >>> look_of("0.0%"), look_of('yyyy"年"m"月"'), look_of("#,##0.00"), look_of('0!.0,"万"')
    ('percent', 'date', '', 'scaled')
    """
    if not pattern or pattern in ("General", "@"):
        return ""
    if is_date_format(pattern):
        return "time" if is_timedelta_format(pattern) else "date"
    first = pattern.split(";")[0]
    if _SCALED.search(re.sub(r'"[^"]*"', "", first)):
        return "scaled"
    return "percent" if "%" in _QUOTED.sub("", first) else ""


def looks_of_styles(ids: Iterable[int], own: Mapping[int, str]) -> list[str]:
    """Return the look of each cell style from the numbers of its format.

    `own` are the formats that the workbook defines itself.
    """
    found = []
    for number in ids:
        if number in own:
            found.append(look_of(own[number]))
        elif number in _EAST_ASIAN_DATES:
            found.append("date")
        else:
            found.append(look_of(BUILTIN_FORMATS.get(number)))
    return found
