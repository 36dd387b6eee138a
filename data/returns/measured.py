"""Which number is meant by one written with its unit: `12起`, `3.5万元`, `2小时`, `85%`?

A unit beside the number is taken only where it is the measure's own, or one that turns into it
without doubt; all else stays a fault.
"""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from data.definition_types import Measure
from data.returns.cells import Cell, clean, decimals_of

_SIZES = {
    "万亿": 12, "千亿": 11, "百亿": 10, "十亿": 9, "亿": 8, "千万": 7, "百万": 6, "十万": 5,
    "万": 4, "千": 3, "百": 2, "億": 8, "萬": 4, "billion": 9, "million": 6, "thousand": 3,
}  # fmt: skip
_SIZE = re.compile(rf"({'|'.join(sorted(_SIZES, key=len, reverse=True))})?(.*)")
_TEN_THOUSAND = re.compile(r"(.+?)10k")
_WRITTEN = re.compile(
    r"(¥|rmb|cny|人民币)?([+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)"
    r"[(\[]?([^\d()\[\]。.,;]*)[)\]]?[。.,;]?"
)
_YUAN = frozenset({"元", "圆", "块", "块钱", "元整", "人民币", "人民币元", "rmb", "cny", "yuan"})
_CASES = frozenset({"起", "件", "宗", "例", "case", "cases"})
_PERSONS = frozenset({"人", "名", "位", "个人", "person", "persons", "people"})
#: What may be written for a unit besides its own name.
_SAME = {
    **dict.fromkeys(_YUAN, _YUAN),
    **dict.fromkeys(_CASES, _CASES),
    **dict.fromkeys(_PERSONS, _PERSONS),
    "辆": frozenset({"辆", "台", "部"}),
    "%": frozenset({"%", "percent"}),
    "分": frozenset({"分", "points"}),
}
_SECONDS = {
    **dict.fromkeys(("秒", "秒钟", "second", "seconds"), 1),
    **dict.fromkeys(("分钟", "分", "min", "minute", "minutes"), 60),
    **dict.fromkeys(("小时", "时", "个小时", "钟头", "h", "hour", "hours"), 3600),
}
_TIMES = frozenset({"秒", "分钟", "小时", "seconds", "minutes", "hours"})


def in_unit(cell: Cell, measure: Measure) -> Cell:
    """Return a cell with the number meant, in the unit of its measure, where that is certain."""
    if cell.fault not in ("unit", "percent", "word"):
        return cell
    found = _WRITTEN.fullmatch(clean(cell.text).replace(" ", "").casefold())
    if found is None or not (found[1] or found[3]):
        return cell
    units = (_plain(measure.unit.zh), _plain(measure.unit.en))
    written = found[3] or ""
    if found[1] and written not in _YUAN:
        written += "元"
    factors = {factor for unit in units if (factor := _factor(written, unit)) is not None}
    if len(factors) != 1:
        fault = cell.fault if cell.fault == "percent" else "other_unit"
        return cell if factors else replace(cell, fault=fault, hint="")
    factor = factors.pop()
    try:
        value = Decimal(found[2].replace(",", "")) * factor
    except InvalidOperation:
        return cell
    said = f"{value.normalize():f}"
    liberty = "unit" if factor == 1 else "unit scaled"
    return replace(
        cell,
        value=float(value),
        liberty=liberty,
        fault="",
        hint=said,
        decimals=decimals_of(f"{float(said):.12g}"),
    )


@lru_cache(maxsize=4000)
def _factor(written: str, unit: str) -> Decimal | None:
    """Return what a number in the written unit is multiplied by to be in the measure's unit.

    >>> _factor("起", "起"), _factor("元", "万元"), _factor("万", "起"), _factor("人", "起")
    (Decimal('1'), Decimal('0.0001'), Decimal('10000'), None)
    >>> _factor("小时", "分钟"), _factor("分钟", "分")
    (Decimal('60'), None)
    """
    if written == unit:
        return Decimal(1)
    if unit in _TIMES:
        return _exact(_SECONDS[written], _SECONDS[unit]) if written in _SECONDS else None
    size, base = _split(unit)
    written_size, written_base = _split(written)
    allowed = _SAME.get(base, frozenset({base, base.removesuffix("s")}))
    if written_base and written_base not in allowed:
        return None
    # `3.5万` of a measure in 万元 is 3.5; of one in 起 it is 35,000.
    return Decimal(10) ** (written_size - size) if written else None


def _exact(above: int, below: int) -> Decimal | None:
    """Return a quotient that has an end: 90 seconds are 1.5 minutes, 100 are no exact number."""
    return Decimal(above) / below if above % below == 0 else None


def _split(unit: str) -> tuple[int, str]:
    """Return the power of ten that a unit begins with, and what is counted.

    >>> _split("万元"), _split("thousandtenge"), _split("cny10k"), _split("起")
    ((4, '元'), (3, 'tenge'), (4, 'cny'), (0, '起'))
    """
    if found := _TEN_THOUSAND.fullmatch(unit):
        return 4, found[1]
    found = _SIZE.fullmatch(unit)
    size, base = (found[1], found[2]) if found else (None, unit)
    return _SIZES.get(size or "", 0), base


def _plain(unit: str) -> str:
    return clean(unit).replace(" ", "").casefold()
