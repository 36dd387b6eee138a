"""How do the charts of the districts page come about: the funnel or ranges, and the dumbbell?"""

from typing import Any

import polars as pl

from charts.districts import chart_dumbbell, chart_ranges
from charts.funnel import chart_funnel
from data.catalog import Indicator
from metrics.districts import Side, Sides
from metrics.rounding import format_value
from metrics.structure import NO_CHANGE
from metrics.words import change_short
from ui import load
from ui.chart import ready_spec
from ui.districts_sides import REAL, Asked, is_special, reading_of, sides_of

MOST_ROWS = 40


@load.cached
def first_spec(asked: Asked, theme: str, lang: str) -> dict[str, Any]:
    """Return the finished funnel, or the ranges where a funnel does not fit."""
    sides, item = sides_of(asked), load.indicator(asked.indicator)
    if sides.funnel is None:
        frame = _range_frame(sides, item, lang)
        height = _height(frame.height)
        return ready_spec(chart_ranges(frame, item.decimals, theme, lang, height))
    rows = [
        {
            "label": load.unit_name(s.unit, lang),
            "size": s.figure["denominator"],
            "value": s.figure["value"],
            "reading": reading_of(s, item).replace("none", "not_significant"),
            "small": s.verdict == "small",
        }
        for s in sides.units
        if s.figure["value"] is not None and s.verdict  # who cannot be judged is in the table only
    ]
    goal = load.target_of(item.code, asked.period)
    target = None
    if goal is not None:
        said = load.say("districts.funnel.target", lang, value=format_value(goal, item, lang))
        target = (goal, said)
    centre = sides.funnel.centre
    words = {"unit": load.unit_name(asked.unit, lang), "value": format_value(centre, item, lang)}
    is_whole = words["value"] == format_value(sides.whole.figure["value"], item, lang)
    whole = (
        centre,
        load.say(f"districts.funnel.{'whole' if is_whole else 'shown'}", lang, **words),
    )
    axis = load.parts_name(item, lang)
    points = pl.DataFrame(rows)
    curve = sides.funnel.curve
    return ready_spec(chart_funnel(points, curve, whole, item.decimals, theme, lang, axis, target))


def _height(rows: int) -> int:
    """Return the height of a chart with so many rows.

    >>> _height(9), _height(22)
    (344, 496)
    """
    return 344 if rows <= 10 else 12 + 22 * rows


def drawn_sides(sides: Sides, item: Indicator) -> list[Side]:
    """Return the units that the ranges chart has room for: of many only those that moved."""
    if len(sides.units) <= MOST_ROWS:
        return list(sides.units)
    return [side for side in sides.units if is_special(side, sides, item)][:MOST_ROWS]


def _range_frame(sides: Sides, item: Indicator, lang: str) -> pl.DataFrame:
    """Return the rows of the ranges chart."""
    rows = []
    for side in drawn_sides(sides, item):
        standing = side.standing or {}
        rows.append(
            {
                "label": load.unit_name(side.unit, lang),
                "value": side.figure["value"],
                "lower": standing.get("lower"),
                "upper": standing.get("upper"),
                "reading": reading_of(side, item).replace("none", "not_significant"),
            }
        )
    kinds = {"label": pl.String, "reading": pl.String}
    kinds |= dict.fromkeys(("value", "lower", "upper"), pl.Float64)
    return pl.DataFrame(rows, schema_overrides=kinds)


@load.cached
def years_spec(asked: Asked, theme: str, lang: str) -> dict[str, Any]:
    """Return the finished dumbbell of last year and this year."""
    sides, item = sides_of(asked), load.indicator(asked.indicator)
    rows = []
    for side in sides.units:
        row = side.figure
        small = row["note"] == "small_base"
        is_alone = row["note"] in NO_CHANGE or (small and item.kind == "ratio")
        now = row["compared_value"] if row["compared_value"] is not None else row["value"]
        words = load.say("words.note.small_base", lang) if small else change_short(row, item, lang)
        reading = side.standing["reading"] if side.standing else "not_significant"
        rows.append(
            {
                "label": load.unit_name(side.unit, lang),
                "value": now,
                "base": None if is_alone else row["base_value"],
                "words": words.removesuffix(" 个百分点").removesuffix(" pp"),
                "reading": reading if reading in REAL else "not_significant",
            }
        )
    kinds = {"value": pl.Float64, "base": pl.Float64}
    frame = pl.DataFrame(rows, schema_overrides=kinds)
    height = _height(frame.height)
    goal = load.target_of(item.code, asked.period)
    return ready_spec(chart_dumbbell(frame, item.decimals, theme, lang, goal, height))
