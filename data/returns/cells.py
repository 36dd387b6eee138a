"""What did somebody mean by what they wrote in a cell, and what is wrong with it?

A number is taken where the meaning is beyond doubt, each liberty noted; everything else is a
fault with a way out. Blank is never zero.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from openpyxl.utils.datetime import WINDOWS_EPOCH, from_excel

_PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_LEADING = re.compile(r"([+-]?\d[\d,]*(?:\.\d+)?)\s*(\D.*)", re.DOTALL)
_ABOUT = re.compile(r"约|左右|余|多|以上|以下|近|超|about|some|over|~|≈|>|<", re.IGNORECASE)
_NOTHING = frozenset(
    {"-", "--", "—", "——", "–", "无", "没有", "/", "\\", "n/a", "na", "nil", "none"}
)
_DATE = re.compile(
    r"\d{4}[-/.年]\d{1,2}([-/.月]\d{1,2}日?)?( .*)?|\d{1,2}月\d{1,2}日|\d{1,2}-[a-z]{3}(-\d{2,4})?"
)
#: Spaces that stand inside a number: as thousands marks, or between all of its digits.
_SPACED = re.compile(r"[+-]? ?(\d{1,3}( \d{3})+([.,].*)?|\d( [\d.]){2,})")
_MOST_TEXT = 200
#: Longer texts are no figures and no names; what follows is not looked at.
_LONGEST = 4000
#: A day before this is a number that a date's format hides: nobody reports on the year 1950.
_FIRST_YEAR = 1950


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as read: kind, the number it stands for, liberties taken, and its fault.

    `fault` is a word of `returns.cell.*`, empty where nothing is wrong; `hint` is the number to
    write instead, where there is one.
    """

    text: str
    kind: str
    value: float | None = None
    liberty: str = ""
    fault: str = ""
    hint: str = ""
    decimals: int | None = None


EMPTY = Cell("", "empty")


def read_cell(raw: Any, cached: Any, *, is_formula: bool = False, is_error: bool = False) -> Cell:
    """Return what a cell says; `raw` as written, `cached` the last result of a formula.

    >>> read_cell(" １，２３４ ", None).value
    1234.0
    >>> cell = read_cell("12起", None)
    >>> cell.fault, cell.hint
    ('unit', '12')
    """
    if is_formula:
        return _of_formula(raw, cached)
    if raw is None:
        return EMPTY
    if is_error:
        return Cell(str(raw)[:_MOST_TEXT], "error", fault="error")
    if isinstance(raw, bool):
        return Cell(str(raw).upper(), "text", fault="word")
    if isinstance(raw, int | float):
        return _of_number(float(raw))
    if isinstance(raw, dt.date | dt.datetime | dt.time | dt.timedelta):
        return _of_date(raw)
    return _of_text(str(raw))


def read_number(value: float, look: str = "", epoch: dt.datetime = WINDOWS_EPOCH) -> Cell:
    """Return what a number says under the format that shows it (`number_looks.look_of`).

    >>> read_number(45356, "date").text, read_number(0.85, "percent").text
    ('2024-03-05', '85%')
    """
    match look:
        case "date" | "time":
            try:
                shown = from_excel(value, epoch, timedelta=look == "time")
            except (OverflowError, ValueError):
                return Cell("#VALUE!", "error", fault="error")
            return _of_date(shown, value)
        case "percent":
            shown = f"{value * 100:.12g}"
            return Cell(f"{shown}%", "number", fault="percent", hint=shown)
        case "scaled":
            return Cell(f"{value:.12g}", "number", fault="scaled")
        case _:
            return _of_number(value)


@lru_cache(maxsize=20_000)
def _of_number(value: float) -> Cell:
    if not math.isfinite(value):
        return Cell(str(value), "error", fault="error")
    if value.is_integer() and abs(value) < 1e12:
        return Cell(str(int(value)), "number", value + 0.0, decimals=0)
    written = f"{value:.12g}" if abs(value) < 1e12 else f"{value:.0f}"
    # A program that shows 9 may save 8.9999999999999982: it counts fifteen digits itself.
    return Cell(written, "number", float(f"{value:.15g}"), decimals=decimals_of(written))


def _of_date(shown: Any, value: float | None = None) -> Cell:
    """Return the fault of a date; where the day is absurd, the number behind it is the hint."""
    words = str(shown)
    if isinstance(shown, dt.datetime):
        is_day = shown.time() == dt.time()
        words = f"{shown:%Y-%m-%d}" if is_day else f"{shown:%Y-%m-%d %H:%M}"
    is_absurd = isinstance(shown, dt.datetime) and shown.year < _FIRST_YEAR
    return Cell(
        words, "date", fault="date", hint=f"{value:.12g}" if is_absurd and value is not None else ""
    )


def decimals_of(written: str) -> int:
    """Return how many decimals a number is written with, trailing zeros not counted.

    >>> decimals_of("12.50"), decimals_of("3"), decimals_of("1e-05")
    (1, 0, 5)
    """
    mantissa, _, exponent = written.lower().partition("e")
    places = len(mantissa.partition(".")[2].rstrip("0"))
    return max(0, places - int(exponent or 0))


def _of_formula(raw: Any, cached: Any) -> Cell:
    words = str(raw)[:_MOST_TEXT]
    if cached is None:
        return Cell(words, "formula", fault="formula")
    if cached == "":
        return Cell(words, "formula", fault="formula_blank")
    if isinstance(cached, str) and cached.startswith("#"):
        return Cell(cached, "error", fault="error")
    inner = cached if isinstance(cached, Cell) else read_cell(cached, None)
    if inner.kind == "error":
        return inner
    # A sum in binary may end in 1e-13: what counts is the number to twelve digits.
    value = None if inner.value is None else float(f"{inner.value:.12g}")
    liberty = f"formula {inner.liberty}".strip() if value is not None else ""
    fault = inner.fault or ("" if value is not None else "formula_blank")
    return Cell(words, "formula", value, liberty, fault, inner.hint, inner.decimals)


@lru_cache(maxsize=20_000)
def _of_text(raw: str) -> Cell:
    raw = raw[:_LONGEST]
    words = clean(raw)
    shown = raw.strip()[:_MOST_TEXT]
    if not words:
        return Cell("", "empty", liberty="spaces" if raw else "")
    # An apostrophe before a number keeps it a text; some programs write it out.
    compact = words.replace(" ", "").removeprefix("'")
    if _is_several(raw, words):
        return Cell(shown, "text", fault="several")
    liberties = ["number_as_text"]
    if unicodedata.normalize("NFKC", raw) != raw:
        liberties.append("full_width")
    if raw != raw.strip() or " " in words:
        liberties.append("spaces")
    if _GROUPED.fullmatch(compact):
        liberties.append("thousands")
        compact = compact.replace(",", "")
    if _PLAIN.fullmatch(compact) and len(compact) <= 18:
        value = float(compact) + 0.0
        return Cell(shown, "text", value, " ".join(liberties), decimals=decimals_of(compact))
    return Cell(shown, "text", fault=_fault(words), hint=_hint(words))


def _is_several(raw: str, words: str) -> bool:
    r"""Return whether a text of digits may be more than one number.

    That is a number with a footnote's mark (`12①`, `9²`), two lines, or a gap that is no
    thousands mark.

    >>> [_is_several(t, clean(t)) for t in ("12①", "9\n2", "12 3", "1 234", "1 6 8", "12 起")]
    [True, True, True, False, False, False]
    """
    if any(unicodedata.category(c) == "No" for c in raw):
        return bool(re.search(r"\d", words))
    if "\n" in raw.strip() and len(re.findall(r"\d[\d.,]*", words)) > 1:
        return True
    bare = words.removeprefix("'")
    return bool(re.fullmatch(r"[-+\d., ]+", bare) and re.search(r"\d +[\d.]", bare)) and not (
        _SPACED.fullmatch(bare)
    )


def _fault(words: str) -> str:
    """Return what is wrong with a text that is no number."""
    if words.startswith("#"):
        return "error"
    if words.lower() in _NOTHING:
        return "nothing"
    if _ABOUT.search(words) and re.search(r"\d", words):
        return "about"
    if _DATE.fullmatch(words.casefold()):
        return "date"
    if _LEADING.fullmatch(words):
        return "unit"
    return "word"


def _hint(words: str) -> str:
    """Return the number that a text begins with, where nothing but a unit follows it.

    >>> _hint("12起"), _hint("1.5万"), _hint("约20")
    ('12', '', '')
    """
    found = _LEADING.fullmatch(words)
    if not found or re.search(r"\d", found[2]) or re.match(r"[万亿千百%‰kKmM]", found[2]):
        return ""
    return "" if _ABOUT.search(words) else found[1].replace(",", "")


@lru_cache(maxsize=20_000)
def clean(words: str) -> str:
    """Return a text in plain width, without the spaces that nobody sees.

    >>> clean("　合　计 ")
    '合 计'
    """
    plain = unicodedata.normalize("NFKC", words)
    plain = "".join(c for c in plain if unicodedata.category(c) not in ("Cf", "Cc") or c in "\n\t")
    return re.sub(r"\s+", " ", plain).strip()


@lru_cache(maxsize=20_000)
def plain(words: str) -> str:
    """Return a text for comparison: plain width, no spaces, lower case.

    >>> plain("其中：盗窃类 警情数")
    '其中:盗窃类警情数'
    """
    return clean(words).replace(" ", "").casefold()
