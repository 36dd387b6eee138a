"""What is seen in a series, in one plain sentence that a leader can repeat?

One sentence for every reading: each signal and side, whichever way is better, large figures and
few, a history too short, a month that is not read and why. What the figure was held against is
added where it is not simply the year before: seasons, a new start, gaps, missing units.
"""

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from data.definition_types import Indicator
from data.texts import text
from metrics.change_tests import COUNTED
from metrics.rounding import format_value, is_missing
from metrics.words import month_name, number_unit, range_words

Row = Mapping[str, Any]
#: Rules that more than one month meets: the sentence says how many.
RUN = 7
#: Why a figure is not read, in the words of the notes of CHANGES.
WHY_NOT = ("break", "festival", "opened", "closed", "structure", "response")


@dataclass(frozen=True, slots=True)
class Behind:
    """What a figure was held against, as far as a reader must know.

    `few`: the series has so few cases that it was read as rare; `quiet`: the months told of hold
    none at all. `seasonal`: the range follows the months of the year; `since`: the bureau let the
    series start again in that month. `gaps` months have no figure; `partial`: units are missing;
    `festive`: among the months told of are some that a moving festival takes out.
    """

    few: bool = False
    quiet: bool = False
    seasonal: bool = False
    since: dt.date | None = None
    gaps: int = 0
    partial: bool = False
    festive: bool = False


def reading_sentence(
    row: Row,
    item: Indicator,
    lang: str,
    behind: Behind | None = None,
    note: str = "none",
    when: str = "",
) -> str:
    """Return what one figure says, and what it was held against, in one sentence."""
    said, base = reading_sentences(row, item, lang, behind, note, when)
    if not base:
        return said
    stop = text("readings.stop", lang)
    return text("readings.comma", lang).join((said.removesuffix(stop), _lowered(base)))


def reading_sentences(
    row: Row,
    item: Indicator,
    lang: str,
    behind: Behind | None = None,
    note: str = "none",
    when: str = "",
) -> tuple[str, str]:
    """Return what one figure says, its value and what that means; and what it was held against.

    Needs: a row of `metrics.series.SERIES`; `note` is that of its comparison, for what is not read;
    `when` names a period that is more than its month. The second is empty where there is nothing
    to be known.
    """
    behind = behind or Behind()
    values = {
        "month": when or month_name(row["period"], lang),
        "value": _value(row, item, lang),
        **{
            name: number_unit(format_value(row[name], item), item, lang)
            for name in ("mean", "lower", "upper")
        },
        "range": range_words(row["lower"], row["upper"], item, lang),
        "count": {"shift": max(RUN, row["run"]), "trend": RUN}.get(row["signal"], row["run"]),
    }
    if row["signal"] != "none":
        values["meaning"] = text(f"readings.meaning.{row['reading']}", lang)
    said = text(f"readings.{sentence_key(row, item, behind, note)}", lang, **values)
    is_read = not is_missing(row["value"]) and row["reading"] not in ("none", "short_history")
    base = text("readings.comma", lang).join(_base_words(row, behind, lang) if is_read else [])
    return _sentence(said, lang), _sentence(base, lang) if base else ""


def _value(row: Row, item: Indicator, lang: str) -> str:
    """Return the figure with its unit, in English without one that would need its singular."""
    told = number_unit(format_value(row["value"], item), item, lang)
    if lang == "en" and item.value_type not in (*COUNTED, "percent"):
        return f"{told} {item.unit.en}"
    return told


def _sentence(words: str, lang: str) -> str:
    return words[:1].upper() + words[1:] + text("readings.stop", lang)


def _lowered(words: str) -> str:
    return words[:1].lower() + words[1:]


def sentence_key(row: Row, item: Indicator, behind: Behind, note: str) -> str:
    """Return which sentence says a reading."""
    if is_missing(row["value"]):
        return "missing_break" if note == "break" else "missing"
    signal, reading = row["signal"], row["reading"]
    if reading == "short_history":
        return "short_history"
    if reading == "none":
        return note if note in WHY_NOT else "unread"
    if signal == "none":
        if is_missing(row["lower"]) or is_missing(row["upper"]):
            return "inside_unknown"
        return "inside_few" if behind.few else "inside"
    side = "up" if row["side"] > 0 else "down"
    if signal == "together":
        if behind.quiet and side == "down":
            return "quiet"
        signal = "together_share" if item.kind == "ratio" else "together"
    return f"{signal}_{side}"


def _base_words(row: Row, behind: Behind, lang: str) -> list[str]:
    """Return what must be known of the base."""
    said = []
    is_held = row["signal"] != "against_base"  # that one was held against the year before
    if behind.seasonal and is_held:
        said.append(text("readings.base.seasonal", lang))
    if behind.since is not None and is_held:
        since = month_name(behind.since, lang)
        said.append(text("readings.base.restart", lang, since=since))
    if behind.gaps and is_held:
        said.append(text("readings.base.gaps", lang, count=behind.gaps))
    if behind.festive and is_held:
        said.append(text("readings.base.festive", lang))
    if behind.partial:
        said.append(text("readings.base.partial", lang))
    return said


def behind_points(
    points: pl.DataFrame,
    row: Row,
    few: bool,
    since: dt.date | None = None,
    is_festive: bool = False,
) -> Behind:
    """Return what the months of a chart tell of the base of its last figure.

    Needs: rows of `metrics.series.POINTS` up to the month of the row; `few` says that the series
    is read as rare, `since` where the bureau last let it start again. With a moving festival
    January and February have a range of their own in any case.
    """
    last = points.filter(pl.col("phase") == points["phase"][-1])
    read = last.filter(pl.col("period").dt.month() > 2) if is_festive else last
    centres = read["centre"].drop_nulls()
    known = last.filter(pl.col("value").is_not_null())
    first = known["period"].min()
    inside = last.filter(pl.col("period") >= first) if isinstance(first, dt.date) else last.clear()
    shown = since if since is not None and since >= points["period"][0] else None
    return Behind(
        few=few,
        quiet=is_quiet(last["value"].to_list(), row["run"]),
        seasonal=not few and len(centres) > 1 and varies(centres.to_list()),
        since=shown,
        gaps=inside["value"].null_count(),
        partial=bool(points["partial"][-1]),
        festive=is_festive and _spans_festival(last, row),
    )


def _spans_festival(points: pl.DataFrame, row: Row) -> bool:
    """Return whether the months that a signal tells of reach back across January or February."""
    count = {"trend": RUN, "two_of_three": 3, "shift": max(RUN, row["run"])}.get(row["signal"])
    known = points.filter(pl.col("value").is_not_null())
    if row["signal"] == "together":  # of few cases: months as the calendar has them
        return known.tail(row["run"]).filter(pl.col("period").dt.month() <= 2).height > 0
    if count is None:
        return False
    told = known.filter(pl.col("period").dt.month() > 2).tail(count)["period"]
    between = known.filter(pl.col("period") > told.min()) if len(told) else known.clear()
    return between.filter(pl.col("period").dt.month() <= 2).height > 0


def is_quiet(values: Sequence[float | None], months: int) -> bool:
    """Return whether the last so many figures are all nought.

    >>> is_quiet([3.0, 0.0, None, 0.0], 2), is_quiet([3.0, 0.0], 2)
    (True, False)
    """
    known = [value for value in values if value is not None][-months:] if months else []
    return len(known) == months and months > 0 and not any(known)


def varies(centres: Sequence[float]) -> bool:
    """Return whether centre lines differ from month to month by more than rounding."""
    return not all(math.isclose(each, centres[0], rel_tol=1e-9) for each in centres)
