"""Which month carries a figure, when the table names a month, quarter, half or year?

A figure of a longer span sits in the last month of the span. What a form's frequency does not
allow, a year in a monthly form, is no period.
"""

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass

from data.periods import SPAN, add_months
from data.returns.months import MONTH_NAMES, YEARS, read_month

ROC = 1911
_NUMBER = {"一": 1, "二": 2, "三": 3, "四": 4, "上": 1, "下": 2}
_REPUBLIC = re.compile(r"(?:中華)?民[國国]\s*(\d{1,3})")
_ROC_YEAR = re.compile(r"^(\d{2,3})(?=$|\s*[年yY./-]|\s*Q)")
# A year may be said twice, as 民國104年 2015; both must be the same.
_YEAR = re.compile(
    r"(?:fy\s*)?(\d{4})(?:\.0)?(?:\s*(?:年度|年|y|g\.?|год|года))?(?:(?:(?<=[年度])|\s+)(\d{4}))?",
    re.I,
)
_FINANCIAL = re.compile(r"(?:fy\s*)?(\d{4})\s*[/-]\s*(\d{4}|\d{2})(?:\s*年度)?", re.I)
_QUARTERS = (
    re.compile(r"(?P<year>\d{4})\s*[-/年]?\s*Q(?P<part>[1-4])", re.I),
    re.compile(r"(?P<year>\d{4})\s*年?\s*第?(?P<part>[1-4一二三四])季度?"),
    re.compile(r"Q(?P<part>[1-4])\s*[-/,]?\s*(?P<year>\d{4})", re.I),
    re.compile(r"(?P<part>[1-4])(?:st|nd|rd|th) quarter,? (?:of )?(?P<year>\d{4})", re.I),
)
_HALVES = (
    re.compile(r"(?P<year>\d{4})\s*[-/]?\s*H(?P<part>[12])", re.I),
    re.compile(r"H(?P<part>[12])\s*[-/]?\s*(?P<year>\d{4})", re.I),
    re.compile(r"(?P<year>\d{4})\s*年?\s*(?P<part>[上下])半年"),
)
_TO = re.compile(r"\s+(?:to|until|through|till)\s+|\s*[至到~]\s*|\s+-\s+", re.I)
# English by its first letters; Portuguese, Spanish and Russian where they differ; Chinese numerals.
_WORDS = (
    *("ene янв 一月", "fev фев 二月", "мар 三月", "abr апр 四月", "mai май мая 五月", "июн 六月"),
    *(
        "июл 七月",
        "ago авг 八月",
        "set сен 九月",
        "out окт 十月",
        "ноя 十一月",
        "dez dic дек 十二月",
    ),
)
_NAMES = MONTH_NAMES | {
    word: number for number, words in enumerate(_WORDS, start=1) for word in words.split()
}
_NAMED = re.compile(r"([^\W\d_]+)\.?[\s,]+(?:de )?(\d{4})(?:\s*(?:г|года)\.?)?", re.I)
_MONTHS = re.compile(r"(\d{4})\s*年\s*(\d{1,2})\s*月?\s*[-至到~—]+\s*(\d{1,2})\s*月(?:份)?")
_MONTH_M = re.compile(r"(\d{4})m(\d{1,2})", re.I)


@dataclass(frozen=True, slots=True)
class Years:
    """How a form's tables count years.

    `start`: the first month of the bureau's year; `roc`: bare years are of the Republic of China;
    `month`: where a bare year sits, left out the last month of the year.
    """

    start: int = 1
    roc: bool = False
    month: int | None = None


def read_span(text: str | None, years: Years, is_long: bool = True) -> tuple[dt.date, int] | None:
    """Return the last month that a text names and how many months it spans, or None.

    `is_long`: 2003-04 may be a financial year, where the bureau's year does not start in January.

    >>> roc, financial = Years(roc=True), Years(start=4)
    >>> [str(read_span(t, roc)[0]) for t in ("民國104年", "111Y", "105年3月", "104")]
    ['2015-12-01', '2022-12-01', '2016-03-01', '2015-12-01']
    >>> read_span("民國104年 2015", roc) and read_span("民國104年 2016", roc)
    >>> [str(read_span(t, financial)[0]) for t in ("April 2003 to March 2004", "2003/04")]
    ['2004-03-01', '2004-03-01']
    >>> read_span("2024年第三季度", Years()), read_span("H1 2024", Years())
    ((datetime.date(2024, 9, 1), 3), (datetime.date(2024, 6, 1), 6))
    >>> read_span("2024年1-10月", Years())
    (datetime.date(2024, 10, 1), 10)
    """
    if text is None:
        return None
    written = " ".join(unicodedata.normalize("NFKC", text).replace("–", "-").split())
    written = _common_years(written, years.roc)
    if years.start != 1 and is_long and (found := _FINANCIAL.fullmatch(written)):
        first, second = int(found[1]), int(found[2])
        if second in (first + 1, (first + 1) % 100) and first in YEARS:
            return _year_end(first, years.start), 12
        if second != _year_end(first, years.start).month:
            # Neither a financial year nor the month that ends one.
            return None
    for patterns, length in ((_QUARTERS, 3), (_HALVES, 6)):
        for pattern in patterns:
            if found := pattern.fullmatch(written):
                return _part_end(found, length)
    if year := _one_year(written):
        end = dt.date(year, years.month, 1) if years.month else _year_end(year, years.start)
        return end, 12
    if found := _MONTH_M.fullmatch(written):
        written = f"{found[1]}-{found[2]}"
    if (found := _NAMED.fullmatch(written)) and (number := read_month_number(found[1])):
        return dt.date(int(found[2]), number, 1), 1
    span = _months_of_year(written) or _from_to(written)
    month = None if span else read_month(written)
    return (month, 1) if month else span


def read_period(text: str | None, frequency: str, years: Years) -> dt.date | None:
    """Return the month in which a figure of a form's frequency sits, or None.

    >>> read_period("2023", "A", Years()), read_period("2023", "M", Years())
    (datetime.date(2023, 12, 1), None)
    """
    found = read_span(text, years, is_long=frequency == "A")
    if found is None:
        return None
    month, length = found
    return month if length in (1, SPAN[frequency]) else None


def read_year(text: str | None, years: Years) -> int | None:
    """Return the year that a cell of a year column names.

    >>> read_year("105", Years(roc=True)), read_year("2016.0", Years())
    (2016, 2016)
    """
    if text is None:
        return None
    written = _common_years(unicodedata.normalize("NFKC", text).strip(), years.roc)
    return _one_year(written)


def read_month_number(text: str | None) -> int | None:
    """Return the number of a month that a cell names.

    >>> [read_month_number(text) for text in ("3.0", "10月", "Sept", "март", "十二月", "13")]
    [3, 10, 9, 3, 12, None]
    """
    if text is None:
        return None
    written = unicodedata.normalize("NFKC", text).strip().casefold()
    written = written.removesuffix(".0").replace("月份", "月")
    if (digits := written.removesuffix("月")).isdecimal():
        return int(digits) if int(digits) in range(1, 13) else None
    return _NAMES.get(written) or _NAMES.get(written[:3])


def _common_years(text: str, is_roc: bool) -> str:
    """Return a text with years of the Republic written as common years."""
    text = _REPUBLIC.sub(lambda found: str(int(found[1]) + ROC), text)
    if is_roc:
        text = _ROC_YEAR.sub(lambda found: str(int(found[1]) + ROC), text.removesuffix(".0"))
    return text


def _one_year(text: str) -> int | None:
    """Return the year that a text names, once or twice the same."""
    found = _YEAR.fullmatch(text)
    if found is None or int(found[1]) not in YEARS or found[2] not in (None, found[1]):
        return None
    return int(found[1])


def _year_end(year: int, start: int) -> dt.date:
    """Return the last month of the year that starts in a year's month."""
    return add_months(dt.date(year, start, 1), 11)


def _part_end(found: re.Match[str], length: int) -> tuple[dt.date, int]:
    part = found["part"]
    number = _NUMBER.get(part) or int(part)
    return dt.date(int(found["year"]), number * length, 1), length


def _months_of_year(text: str) -> tuple[dt.date, int] | None:
    """Return the span of `2024年1-10月`: ten months that end in October."""
    found = _MONTHS.fullmatch(text)
    if found is None:
        return None
    year, first, last = (int(part) for part in found.groups())
    if year not in YEARS or not 1 <= first <= last <= 12:
        return None
    return dt.date(year, last, 1), last - first + 1


def _from_to(text: str) -> tuple[dt.date, int] | None:
    """Return the span of `April 2003 to March 2004`; the first year may be left out."""
    halves = _TO.split(text)
    if len(halves) != 2:
        return None
    last = read_month(halves[1])
    if last is None:
        return None
    first = read_month(halves[0])
    if first is None and (number := read_month_number(halves[0])):
        first = dt.date(last.year, number, 1)
    if first is None or first > last:
        return None
    return last, (last.year - first.year) * 12 + last.month - first.month + 1
