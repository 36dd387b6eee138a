"""How is a change said, in both languages, so that a statistician finds nothing to object to?

Plain functions from a row of CHANGES (or of `metrics.series.read_series`) to text. Percentages are
never given of small or zero bases, nothing falls by more than all of it, and what is equal is
called level.
"""

import calendar
import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from data.definition_types import Indicator
from data.texts import text
from metrics.compare import change_kind
from metrics.rounding import (
    MISSING,
    exact,
    format_number,
    format_value,
    is_missing,
    round_fraction,
    round_half_up,
    with_unit,
)

SHOWN = 1  # decimals of a change
ABOUT_LEVEL = Decimal("1.0")  # per cent
STANDARDS = ("target", "peers")
SILENT = ("break", "festival", "missing_base", "both_zero", "response")
SHORT = ("opened", "closed")  # the unit was not there all the time
Row = Mapping[str, Any]


def change_number(row: Row, indicator: Indicator) -> Decimal | None:
    """Return the change as printed: one decimal, a plain difference in the indicator's decimals.

    A percentage is recomputed from both values as filed, so that it is rounded once.
    """
    if is_missing(row["change"]):
        return None
    kind = row["change_kind"]
    if kind == "abs":
        decimals = indicator.decimals
        if indicator.kind in ("count", "stock"):
            difference = exact(row["compared_value"]) - exact(row["base_value"])
            return round_fraction(difference, decimals)
        return round_half_up(row["change"], decimals=decimals)
    if kind == "pct" and row["comparator"] != "two_year":
        now, then = exact(row["compared_value"]), exact(row["base_value"])
        return round_fraction((now - then) / then * 100, SHOWN)
    decimals = max(SHOWN, indicator.decimals) if kind in ("pp", "points") else SHOWN
    return round_half_up(row["change"], decimals=decimals)


def size_words(number: Decimal, row: Row, indicator: Indicator, lang: str, signed: bool) -> str:
    """Return a change with its unit: 18.7%, 1.6 个百分点, 3起."""
    printed = format_number(number, signed=signed)
    if row["change_kind"] == "abs":
        return number_unit(printed, indicator, lang)
    return text(f"words.size.{row['change_kind']}", lang, number=printed)


def number_unit(printed: str, indicator: Indicator, lang: str) -> str:
    """Return a number close to its unit, as in running text."""
    unit = indicator.unit.get(lang)
    if unit == "%":
        return f"{printed}%"
    if lang == "en":
        return printed  # a noun would need its singular
    return text("words.number_unit", lang, number=printed, unit=unit).strip()


def base_label(row: Row, lang: str) -> str:
    """Return what a change is measured from: 上年同月, October 2023, the target."""
    comparator = row["comparator"]
    if comparator in STANDARDS:
        return text(f"words.base.{comparator}", lang)
    if row["window"] != "month" or row["base_period"] is None:
        return text(f"words.base.{comparator}", lang)
    if lang == "en":
        return month_name(row["base_period"], lang)
    return text(f"words.base.{comparator}_month", lang)


def month_name(period: dt.date, lang: str) -> str:
    """Return a month in words.

    >>> month_name(dt.date(2023, 10, 1), "en"), month_name(dt.date(2023, 10, 1), "zh")
    ('October 2023', '2023年10月')
    """
    if lang == "zh":
        return f"{period.year}年{period.month}月"
    return f"{MONTHS[period.month]} {period.year}"


MONTHS = tuple(calendar.month_name)


def change_words(row: Row, indicator: Indicator, lang: str) -> str:
    """Return a change as a phrase: 同比下降 18.7%（上年同月 1,162 起）."""
    note, base = row["note"], base_label(row, lang)
    name = text(f"words.against.{row['comparator']}", lang)
    if note == "break" and is_missing(row["value"]):
        return text("words.change.straddles", lang)
    if note in SILENT:
        return text(f"words.change.{note}", lang, base=base, name=name)
    if note in SHORT and is_missing(row["change"]):
        return text(f"words.change.{note}", lang)
    if note in (*SHORT, "structure"):
        said = change_words({**row, "note": _base_note(row, indicator)}, indicator, lang)
        is_new = note == "structure" and row["comparator"] not in STANDARDS
        return text("words.change.structure", lang, change=said) if is_new else said
    if note == "small_base":
        return _small_words(row, indicator, lang)
    number = change_number(row, indicator)
    if note == "zero_base":
        return _zero_words(row, indicator, lang, number, base)
    if number is None:
        return text("words.change.none", lang)
    is_equal = exact(row["compared_value"]) == exact(row["base_value"])
    comparator = row["comparator"]
    values = {
        "name": "" if comparator in STANDARDS else text(f"words.lead.{comparator}", lang),
        "base": base,
        "value": format_value(row["base_value"], indicator, lang),
        "change": size_words(abs(number), row, indicator, lang, signed=False),
    }
    return text(f"words.change.{_manner(row, number, is_equal)}", lang, **values)


def _base_note(row: Row, indicator: Indicator) -> str:
    """Return what is to be said of the base where the note says something else.

    A plain difference of what is counted in percent means a base that is small or zero.
    """
    if change_kind(indicator) == "abs" or row["change_kind"] != "abs":
        return "none"
    return "zero_base" if row["base_value"] == 0 else "small_base"


def _manner(row: Row, number: Decimal, is_equal: bool) -> str:
    """Return which sentence says a change."""
    rises = row["change"] > 0
    if row["comparator"] in STANDARDS:
        return "equal" if is_equal else "above" if rises else "below"
    if is_equal:
        return "level"
    is_about = not number or (row["change_kind"] == "pct" and abs(number) <= ABOUT_LEVEL)
    return f"{'about_' if is_about else ''}{'up' if rises else 'down'}"


def _small_words(row: Row, indicator: Indicator, lang: str) -> str:
    """Return both figures of a change whose base is too small for a percentage."""
    if not is_missing(row["denominator"]):
        parts = {
            side: format_number(figure_of_part(row[side])) for side in ("numerator", "denominator")
        }
        return text("words.change.small_parts", lang, **parts)
    now, before = row["compared_value"], row["base_value"]
    if is_missing(now) or is_missing(before):
        return text("words.change.none", lang)
    values = {
        "now": number_unit(format_value(now, indicator), indicator, lang),
        "before": number_unit(format_value(before, indicator), indicator, lang),
    }
    manner = "level" if exact(now) == exact(before) else "up" if now > before else "down"
    return text(f"words.change.small_{manner}", lang, **values)


def figure_of_part(value: float | None) -> Decimal | None:
    """Return a numerator or denominator as printed: whole, or with the decimals it has.

    >>> figure_of_part(5.0), figure_of_part(12.35)
    (Decimal('5'), Decimal('12.35'))
    """
    if value is None or is_missing(value):
        return None
    for decimals in range(5):
        rounded = round_half_up(value, decimals=decimals)
        if rounded is not None and exact(float(rounded)) == exact(value):
            return rounded
    return round_half_up(value, decimals=4)


def _zero_words(
    row: Row, indicator: Indicator, lang: str, number: Decimal | None, base: str
) -> str:
    """Return the sentence of a zero base: no percentage, only the plain difference."""
    label = text(f"words.base.{row['comparator']}", lang) if lang == "zh" else base
    label = label[:1].upper() + label[1:]
    if number is None or not number:
        return text("words.change.zero_base", lang, base=label)
    size = with_unit(format_number(abs(number)), indicator, lang)
    manner = "up" if number > 0 else "down"
    return text(f"words.change.zero_base_{manner}", lang, base=label, change=size)


def change_short(row: Row, indicator: Indicator, lang: str) -> str:
    """Return a change for a tile or a table: −18.7%, +1.6 个百分点, 持平, 无可比基数."""
    note = row["note"]
    if note in SHORT and is_missing(row["change"]):
        return text(f"words.note.{note}", lang)
    if note in (*SHORT, "structure"):  # a flag beside it says so
        return change_short({**row, "note": _base_note(row, indicator)}, indicator, lang)
    if note in ("small_base", "both_zero"):
        return change_words(row, indicator, lang)
    if note in ("zero_base", "missing_base", "break", "festival", "response"):
        return text(f"words.note.{note}", lang)
    number = change_number(row, indicator)
    if number is None:
        return MISSING
    if exact(row["compared_value"]) == exact(row["base_value"]):
        return LEVEL[lang]
    return size_words(number, row, indicator, lang, signed=True)


LEVEL = {"zh": "持平", "en": "level"}


def base_short(row: Row, indicator: Indicator, lang: str) -> str:
    """Return the base for a tile: 上年同月 1,162, Oct 2023: 1,162; empty where there is none."""
    if is_missing(row["base_value"]):
        return ""
    value = format_value(row["base_value"], indicator)
    month, space, rest = base_label(row, lang).partition(" ")
    short = month[:3] if space and month in MONTHS else month
    return text("words.short_base", lang, base=f"{short}{space}{rest}", value=value)


def reading_words(reading: str, lang: str) -> str:
    """Return a reading: 明显改善, 变化不显著."""
    return text(f"words.reading.{reading}", lang)


def note_words(note: str, lang: str) -> str:
    """Return the flag of a note: 小基数, 无可比基数; empty for none."""
    return text(f"words.note.{note}", lang)


def signal_words(row: Row, lang: str) -> str:
    """Return the rule that a special cause met: 连续 7 个月低于均值."""
    if row["signal"] == "none":
        return ""
    way = "up" if row["side"] > 0 else "down"
    count = {"shift": max(7, row["run"]), "together": row["run"]}.get(row["signal"], 7)
    return text(f"words.signal.{row['signal']}_{way}", lang, count=count)


def chance_words(chance: float | None, lang: str) -> str:
    """Return a probability in per cent, two decimals.

    >>> chance_words(0.00003, "en"), chance_words(0.0123, "en")
    ('< 0.01%', '1.23%')
    """
    if chance is None or is_missing(chance):
        return MISSING
    if chance < 0.0001:
        return text("words.chance.tiny", lang)
    return text("words.chance.share", lang, number=format_number(round_half_up(chance, 1, 100, 2)))


def range_words(lower: float | None, upper: float | None, indicator: Indicator, lang: str) -> str:
    """Return the usual range: 366.3 – 483.2."""
    if is_missing(lower) or is_missing(upper):
        return MISSING
    low, high = format_value(lower, indicator), format_value(upper, indicator)
    return text("words.range", lang, lower=low, upper=high)


def value_with_parts(row: Row, indicator: Indicator, lang: str) -> str:
    """Return a figure with its two parts: a clearance rate over 100 % needs them to be read."""
    value = format_value(row["value"], indicator, lang, row["numerator"], row["denominator"])
    if is_missing(row["value"]) or is_missing(row["denominator"]):
        return value
    parts = {
        side: format_number(figure_of_part(row[side])) for side in ("numerator", "denominator")
    }
    return text("words.headline.with_parts", lang, value=value, **parts)


def shows_parts(row: Row, indicator: Indicator) -> bool:
    """Return whether a figure must be shown with its parts: over 100 %, or on a small base."""
    if is_missing(row["denominator"]) or is_missing(row["value"]):
        return False
    is_over = indicator.kind == "ratio" and indicator.value_type == "percent" and row["value"] > 100
    return is_over or row["denominator"] < indicator.minimum_base


def headline_words(readings: Iterable[str], period: str, lang: str) -> str:
    """Return the sentence over the tiles, written from the readings.

    >>> headline_words(["better", "better", "worse", "not_significant"], "10月", "zh")
    '10月 4 项要情指标：2 项明显改善，1 项明显恶化，其余 1 项变化不显著。'
    """
    counts = Counter(readings)
    total = sum(counts.values())
    parts = [
        text(f"words.headline.{word}", lang, count=counts[word])
        for word in ("better", "worse", "up", "down", "watch")
        if counts[word]
    ]
    unread = counts["none"] + counts["short_history"]
    if counts["not_significant"]:
        rest = text("words.headline.rest", lang) if parts and not unread else ""
        parts.append(
            text("words.headline.not_significant", lang, count=counts["not_significant"], rest=rest)
        )
    if unread:
        parts.append(text("words.headline.unread", lang, count=unread))
    start = text("words.headline.start", lang, period=period, count=total)
    return start + text("words.headline.join", lang).join(parts) + text("words.headline.stop", lang)
