"""Which month does a cell name, however it is written?"""

import datetime as dt
import re
import unicodedata

MONTH_NAMES = {
    "janfebmaraprmayjunjulaugsepoctnovdec"[3 * number - 3 : 3 * number]: number
    for number in range(1, 13)
}
# Years outside these are typing errors, not history.
YEARS = range(1900, 2200)
PATTERNS = (
    # 2024-10, 2024/10/01, 2024.10, 2024年10月, 2024-10-01T00:00:00
    re.compile(r"(?P<year>\d{4})\s*[-/.年]\s*(?P<month>\d{1,2})(?:\s*月.*|[-/. T].*)?"),
    # 202410, 20241001
    re.compile(r"(?P<year>\d{4})(?P<month>\d{2})(?:\d{2})?"),
    # 10/2024
    re.compile(r"(?P<month>\d{1,2})\s*[-/.]\s*(?P<year>\d{4})"),
    # Oct-24, October 2024, 1 Oct 2024
    re.compile(
        r"(?:\d{1,2}[\s-]+)?(?P<name>[a-z]{3})[a-z]*\.?[\s,_'-]*(?P<year>\d{4}|\d{2})",
        re.IGNORECASE,
    ),
    # 2024 Oct
    re.compile(r"(?P<year>\d{4})[\s,_-]*(?P<name>[a-z]{3})[a-z]*\.?", re.IGNORECASE),
)
_BRACKETED = re.compile(r"\([^()]*\)")
_NUMBERED = re.compile(r"(\d{1,2})\s*月")
# 01/10/2024, 10/31/2024
DAY = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?:[ T].*)?")


def read_month(text: str | None) -> dt.date | None:
    """Return the first day of the month that a text names, or None.

    >>> {str(read_month(t)) for t in ("2024-10", "2024年10月", "Oct-24", "202410", "10/2024")}
    {'2024-10-01'}
    >>> read_month("2024-13"), read_month("autumn"), read_month("2024年1-10月")
    (None, None, None)
    """
    if text is None:
        return None
    written = unicodedata.normalize("NFKC", text).strip()
    if found := DAY.fullmatch(written):
        return _month_of_day(*(int(part) for part in found.groups()))
    for pattern in PATTERNS:
        match = pattern.fullmatch(written)
        if match is None:
            continue
        parts = match.groupdict()
        name = parts.get("name")
        month = MONTH_NAMES.get(name.casefold(), 0) if name else int(parts["month"])
        year = int(parts["year"])
        year += 2000 if year < 100 else 0
        if month in range(1, 13) and year in YEARS and not _names_another(written, month):
            return dt.date(year, month, 1)
    return None


def _names_another(words: str, month: int) -> bool:
    """Return whether a text names another month too: a span, or a list, is no month.

    >>> _names_another("2024年1-10月", 1), _names_another("2024年10月(9月26日至10月25日)", 10)
    (True, False)
    """
    named = _NUMBERED.findall(_BRACKETED.sub("", words))
    return any(int(other) != month for other in named)


def _month_of_day(first: int, second: int, year: int) -> dt.date | None:
    """Return the month of a day written day first or month first, where that is beyond doubt.

    A month is named by its first day, so a 1 is the day; a number above 12 always is.

    >>> [str(_month_of_day(*day, 2024)) for day in ((1, 10), (10, 1), (31, 10), (10, 31), (5, 6))]
    ['2024-10-01', '2024-10-01', '2024-10-01', '2024-10-01', 'None']
    """
    if first == 1 or first > 12:
        month = second
    elif second == 1 or second > 12:
        month = first
    else:
        return None
    known = month in range(1, 13) and year in YEARS and max(first, second) <= 31
    return dt.date(year, month, 1) if known else None
