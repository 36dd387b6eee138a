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

_PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_LEADING = re.compile(r"([+-]?\d[\d,]*(?:\.\d+)?)\s*(\D.*)", re.DOTALL)
_ABOUT = re.compile(r"约|左右|余|多|以上|以下|近|超|about|some|over|~|≈|>|<", re.IGNORECASE)
_NOTHING = frozenset(
    {"-", "--", "—", "——", "–", "无", "没有", "/", "\\", "n/a", "na", "nil", "none"}
)
_MOST_TEXT = 200


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
        return _of_number(raw)
    if isinstance(raw, dt.date | dt.datetime | dt.time | dt.timedelta):
        return Cell(str(raw), "date", fault="date")
    return _of_text(str(raw))


def _of_number(raw: float) -> Cell:
    value = float(raw)
    if not math.isfinite(value):
        return Cell(str(raw), "error", fault="error")
    if value.is_integer() and abs(value) < 1e12:
        return Cell(str(int(value)), "number", value, decimals=0)
    written = f"{value:.12g}" if abs(value) < 1e12 else f"{value:.0f}"
    return Cell(written, "number", value, decimals=decimals_of(written))


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
    if cached is None or cached == "":
        return Cell(words, "formula", fault="formula")
    if isinstance(cached, str) and cached.startswith("#"):
        return Cell(cached, "error", fault="error")
    if isinstance(cached, int | float) and not isinstance(cached, bool):
        # A sum in binary may end in 1e-13: what counts is the number to twelve digits.
        number = _of_number(cached)
        return Cell(words, "formula", float(f"{cached:.12g}"), decimals=number.decimals)
    inner = read_cell(cached, None)
    return Cell(words, "formula", fault=inner.fault or "formula", hint=inner.hint)


def _of_text(raw: str) -> Cell:
    words = clean(raw)
    shown = raw.strip()[:_MOST_TEXT]
    if not words:
        return Cell("", "empty", liberty="spaces" if raw else "")
    compact = words.replace(" ", "")
    liberties = ["number_as_text"]
    if unicodedata.normalize("NFKC", raw) != raw:
        liberties.append("full_width")
    if raw != raw.strip() or compact != words:
        liberties.append("spaces")
    if _GROUPED.fullmatch(compact):
        liberties.append("thousands")
        compact = compact.replace(",", "")
    if _PLAIN.fullmatch(compact) and len(compact) <= 18:
        return Cell(
            shown, "text", float(compact), " ".join(liberties), decimals=decimals_of(compact)
        )
    return Cell(shown, "text", fault=_fault(words), hint=_hint(words))


def _fault(words: str) -> str:
    """Return what is wrong with a text that is no number."""
    if words.startswith("#"):
        return "error"
    if words.lower() in _NOTHING:
        return "nothing"
    if _ABOUT.search(words) and re.search(r"\d", words):
        return "about"
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
