"""What do the labels of a column or row of an unknown table stand for: units, months, codes?

Judged by the labels themselves first, by their heading only where they leave it open.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from data.definition_types import Catalog
from data.returns.draft_grid import number_of, said
from data.returns.flat_words import plain
from data.returns.spans import Years, read_month_number, read_span

UNIT, PERIOD, YEAR, MONTH, CODE, OTHER = "unit", "period", "year", "month", "code", "other"
#: Words that head a column of units, in the languages of published police tables.
UNIT_WORDS = re.compile(
    r"单位|單位|机关|機關|地区|地區|地方|县市|縣市|市县|行政区|行政區|分局|派出所|辖区|轄區|county|district"
    r"|province|region|state\b|station|area|unit\b|borough|munic|organi[sz]ation|department|agency"
    r"|precinct|force\b|city\b|estado|comarca|uf\b|delegacia|орган|регион|област|район|подразд"
    r"|филиал|bundesland|kreis|département|land\b",
    re.IGNORECASE,
)
YEAR_WORDS = re.compile(
    r"年|year|\bano\b|\bfy|год|жыл|jahr|année|anno\b|_ano\b|ano_", re.IGNORECASE
)
MONTH_WORDS = re.compile(r"月|month|\bm[eê]s\b|месяц|monat|mois|mese", re.IGNORECASE)
DAY_WORDS = re.compile(r"日期|date|\bdata\b|дата|_data|data_|datum", re.IGNORECASE)
CODE_WORDS = re.compile(
    r"\bcode?s?\b|\bcod\b|_cod\b|cod_|_id\b|\bid\b|id_|代码|代碼|编号|編號|序号|序號|项次|項次|行次|шифр"
    r"|\bкод|№|\bno\.?$|\bnr\.?$|item",
    re.IGNORECASE,
)
VALUE_WORDS = frozenset(
    (
        "value",
        "count",
        "n",
        "number",
        "total",
        "amount",
        "cases",
        "数值",
        "數值",
        "值",
        "数量",
        "數量",
    )
    + ("件数", "件數", "valor", "quantidade", "значение", "количество", "anzahl", "nombre", "wert")
)
TOTAL_WORDS = re.compile(
    r"^(?:grand |sub-?)?totals?\b|^all\b|^[总合總]计|^[总合總]計|^计$|^計$|^小[计計]|^всего|^итого"
    r"|^total|^gesamt|^insgesamt|^ensemble|^sum\b|^全国|^全國|^全市$",
    re.IGNORECASE,
)
#: Words that head a list of names, of units where nothing else in the table is one.
NAME_WORDS = re.compile(
    r"^(?:\w+[ _])?(?:name|nome|nombre|nom|名称|名稱|наименование|название)$", re.I
)
#: Periods that stand among other words, the plainest last.
INSIDE = (
    r"/(民[國国] ?\d{2,3} ?年(?: ?\d{1,2} ?月)?)/",
    r"/((?:19|20)\d\d年\d{1,2}月)/",
    r"/((?:19|20)\d\d ?[-\/] ?(?:20)?\d\d)/",
    r"/((?:19|20)\d\d)/",
)
_ROC = re.compile(r"\d{2,3} ?[年Yy]")
_MMDD = re.compile(r"(\d{1,2})(\d{2})")


@dataclass(frozen=True)
class Known:
    """What the definitions already know: units by their published spellings, levels, the year."""

    units: Mapping[str, str]
    levels: Mapping[str, str]
    year_start: int


def known_of(catalog: Catalog | None) -> Known:
    """Return what a definitions folder knows; nothing without one."""
    if catalog is None:
        return Known({}, {}, 1)
    units: dict[str, str] = {plain(alias.name): alias.unit for alias in catalog.aliases}
    for unit in catalog.units:
        for name in (unit.code, unit.name.zh, unit.name.en, unit.short.zh, unit.short.en):
            if name:
                units.setdefault(plain(name), unit.code)
    levels = {unit.code: unit.level for unit in catalog.units}
    return Known(units, levels, catalog.bureau.year_start)


@dataclass(frozen=True)
class Axis:
    """The labels of one column or header row, in order, with what they stand for.

    `span` is the months of the shortest stretch that a period label names, `last_month` the month
    in which all years end, where their labels say so; `pattern` takes the part that counts out of a
    label; `is_roc`: years are of the Republic of China.
    """

    role: str
    labels: tuple[str, ...]
    heading: str
    span: int = 0
    is_roc: bool = False
    pattern: str = ""
    known: int = 0
    last_month: int = 0

    @property
    def distinct(self) -> tuple[str, ...]:
        """The different labels, in order."""
        return tuple(dict.fromkeys(label for label in self.labels if label))


def judge_axis(labels: Sequence[str], heading: str, known: Known) -> Axis:
    """Return the labels of a line with the role that most of them play.

    >>> nothing = Known({}, {}, 4)
    >>> judge_axis(["April 2003 to March 2004", "2004/05"], "", nothing).role
    'period'
    >>> judge_axis(["Tower Hill", "Soho"], "Borough", nothing).role
    'unit'
    >>> judge_axis(["1", "2", "3"], "Шифр строки", nothing).role
    'code'
    """
    distinct = list(dict.fromkeys(label for label in labels if label))
    made = partial(Axis, labels=tuple(labels), heading=heading)
    if not distinct:
        return made(OTHER)
    matched = sum(plain(label) in known.units for label in distinct)
    if matched and matched * 2 >= len(distinct):
        return made(UNIT, known=matched)
    time = _time(distinct, heading, known, made)
    if time is not None:
        return time
    if all(_is_code(label) for label in distinct) and (
        CODE_WORDS.search(heading) or _counts(distinct)
    ):
        return made(CODE)
    is_wordy = sum(number_of(label) is None for label in distinct) * 2 > len(distinct)
    if is_wordy and UNIT_WORDS.search(heading):
        return made(UNIT, known=matched)
    return made(OTHER, known=matched)


def _time(distinct: list[str], heading: str, known: Known, made: partial[Axis]) -> Axis | None:
    """Return the labels as periods, years, months or days, where they are."""
    values = [number_of(label) for label in distinct]
    if all(value is not None for value in values):
        return _time_numbers(distinct, [int(v or 0) for v in values], heading, made)
    years = Years(start=known.year_start)
    spans = [read_span(label, years) for label in distinct]
    read = [span for span in spans if span is not None]
    if read and len(read) * 10 >= 9 * len(distinct):
        ends = {month.month for month, length in read if length == 12}
        is_said = len(ends) == 1 and any(not label.isdigit() for label in distinct)
        last = ends.pop() if is_said else 0
        return made(PERIOD, span=min(length for _, length in read), last_month=last)
    if all(_ROC.fullmatch(label) for label in distinct):
        return made(PERIOD, span=12, is_roc=True)
    inside = _inside(distinct, years)
    if inside:
        return made(PERIOD, span=inside[1], pattern=inside[0])
    numbers = [read_month_number(label) for label in distinct]
    if len(distinct) <= 12 and all(numbers) and (len(distinct) > 2 or MONTH_WORDS.search(heading)):
        return made(MONTH, span=1)
    return None


def _inside(distinct: list[str], years: Years) -> tuple[str, int] | None:
    """Return the pattern that takes a different period out of every label, and its span."""
    for pattern in INSIDE:
        found = [re.search(pattern[1:-1], label) for label in distinct]
        if not all(found) or len({match[1] for match in found if match}) < len(distinct):
            continue
        spans = [read_span(match[1], years) for match in found if match]
        if len(distinct) > 1 and all(spans):
            return pattern, min(span[1] for span in spans if span)
    return None


def _time_numbers(
    distinct: list[str], values: list[int], heading: str, made: partial[Axis]
) -> Axis | None:
    """Return bare numbers as years, months, yyyymm or mmdd, where their heading allows it."""
    if all(1900 <= v < 2200 for v in values) and (len(values) < 60):
        return made(YEAR, span=12)
    if YEAR_WORDS.search(heading) and all(80 <= v <= 199 for v in values):
        return made(YEAR, span=12, is_roc=True)
    if MONTH_WORDS.search(heading) and all(1 <= v <= 12 for v in values):
        return made(MONTH, span=1)
    if all(190000 < v < 220000 and 1 <= v % 100 <= 12 for v in values):
        return made(PERIOD, span=1)
    days = [_MMDD.fullmatch(label) for label in distinct]
    if DAY_WORDS.search(heading) and all(
        day and 1 <= int(day[1]) <= 12 and 1 <= int(day[2]) <= 31 for day in days
    ):
        return made(MONTH, span=1, pattern=r"/^(\d{1,2})\d\d$/")
    return None


def _is_code(label: str) -> bool:
    return len(label) <= 8 and any(sign.isdigit() for sign in label) and " " not in label


def _counts(labels: Iterable[str]) -> bool:
    """Return whether labels count 1, 2, 3 ..."""
    values = [number_of(label) for label in labels]
    return len(values) > 2 and values == [float(n) for n in range(1, len(values) + 1)]


def is_total(label: str) -> bool:
    """Return whether a label names a total.

    >>> is_total("總　計"), is_total("Всего"), is_total("Total Property"), is_total("Theft")
    (True, True, True, False)
    """
    return bool(TOTAL_WORDS.search(said(label)))


def is_determined(by: Sequence[str], what: Sequence[str]) -> bool:
    """Return whether one line of labels follows from another, as a region from its municipality.

    Blank labels tell nothing.

    >>> is_determined(["a", "a", "b"], ["x", "x", "x"]), is_determined(["a", "a"], ["x", "y"])
    (True, False)
    """
    seen: dict[str, str] = {}
    pairs = ((key, label) for key, label in zip(by, what, strict=True) if key and label)
    return all(seen.setdefault(key, label) == label for key, label in pairs)
