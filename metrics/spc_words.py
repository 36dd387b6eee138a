"""What does a control chart say, in one plain sentence?"""

import math
from collections.abc import Mapping
from typing import Any

import polars as pl

from data.texts import text
from metrics.rounding import format_number, round_half_up
from metrics.words import chance_words

CAUSES = {
    "Above UCL": "above_limit",
    "Below LCL": "below_limit",
    "7 Point Trend (Increasing)": "rising",
    "7 Point Trend (Decreasing)": "falling",
    "2 in 3 Above CL": "near_upper",
    "2 in 3 Below CL": "near_lower",
    "7 Points Above CL": "run_above",
    "7 Points Below CL": "run_below",
}
#: Below and from here on a number has too many digits to be read.
SHORT, LONG = 1e-4, 1e15
MEANINGS = {
    "special_cause_improvement": "better",
    "special_cause_concern": "worse",
    "special_cause_neutral_high": "neutral",
    "special_cause_neutral_low": "neutral",
}


def chart_words(reading: Mapping[str, Any], points: pl.DataFrame, lang: str) -> str:
    """Return the reading of one series: its last point, its usual range, its target.

    Needs: a row of SPC_SERIES and the SPC_POINTS of all series.
    """
    known = points.filter(pl.col("series") == reading["series"], pl.col("y").is_not_null())
    if not known.height or known["lpl"][-1] is None:
        return _without_limits(reading["series"], known, lang)
    last = known.row(-1, named=True)
    values = {
        "series": last["series"],
        "x": last["x"],
        "y": _short(last["y"]),
        "lower": _short(last["lpl"]),
        "upper": _short(last["upl"]),
    }
    if last.get("chart") in ("c", "p"):
        return _few_words(last, values, lang)
    cause = CAUSES.get(last["special_cause_type"])
    if cause is None:
        parts = [text("analyse.spc.common", lang, **values)]
    else:
        meaning = text(f"analyse.spc.{MEANINGS[last['point_type']]}", lang)
        how = text(f"analyse.spc.{cause}", lang)
        parts = [text("analyse.spc.special", lang, how=how, meaning=meaning, **values)]
    if reading["assurance_icon"]:
        target = _short(reading["target"])
        parts.append(text(f"analyse.spc.{reading['assurance_icon']}", lang, target=target))
    if last["lpl"] == last["upl"] and (known["mr"] > 0).any():
        parts.append(text("analyse.spc.all_screened", lang))
    if last["short_group_warning"]:
        count = known.filter(rebase_group=last["rebase_group"]).height
        parts.append(text("analyse.spc.short", lang, count=count))
    return (" " if lang == "en" else "").join(parts)


def _without_limits(series: str, known: pl.DataFrame, lang: str) -> str:
    """Return why a series has no limits: no figure, or too few in its last stretch."""
    if not known.height:
        return text("analyse.spc.blank", lang, series=series)
    last = known.row(-1, named=True)
    if last.get("chart") in ("c", "p"):
        return text("analyse.spc.few_short", lang, series=series, count=known.height)
    return text("analyse.spc.alone", lang, series=series, x=last["x"], y=_short(last["y"]))


def _few_words(last: Mapping[str, Any], values: dict[str, Any], lang: str) -> str:
    """Return the reading of the last point of a series of few cases."""
    one = "case" if last["cases"] == 1 and last["points"] != 1 else "cases"
    unit = text(f"analyse.spc.{'cases_of' if last['chart'] == 'p' else one}", lang)
    if not last["special_cause_flag"]:
        return text("analyse.spc.few_common", lang, unit=unit, **values)
    points, cases = last["points"], last["cases"]
    way = "more" if "Above" in last["special_cause_type"] else "fewer" if cases else "quiet"
    told = {"count": points, "cases": _short(cases), "expected": f"{last['expected']:.3g}"}
    told["chance"] = chance_words(last["chance"], lang)
    told["meaning"] = text(f"analyse.spc.{MEANINGS[last['point_type']]}", lang)
    alone = "few_one_more" if way == "more" else "few_one_fewer"
    key = alone if points == 1 else f"few_{way}"
    return text(f"analyse.spc.{key}", lang, unit=unit, **values, **told)


def _short(value: float) -> str:
    """Return a number in four digits, enough to find it in the table.

    >>> _short(50.27519), _short(1234567.0), _short(0.95), _short(5e299)
    ('50.28', '1,234,567', '0.95', '5e+299')
    >>> _short(1234.5), _short(50.275), _short(-999.96), _short(0.0)
    ('1,235', '50.28', '−1,000', '0')
    """
    if not SHORT <= abs(value) < LONG:
        return f"{value:.4g}"
    decimals = max(0, 3 - math.floor(math.log10(abs(value))))
    written = format_number(round_half_up(value, decimals=decimals))
    return written.rstrip("0").rstrip(".") if "." in written else written
