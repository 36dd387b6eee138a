"""How do units stand beside each other without a league table? Range dots, dumbbell.

Units come in official order; a unit's colour says its reading, never its place.
"""

import altair as alt
import polars as pl

from charts.base import (
    data,
    dressed,
    nice_domain,
    number_format,
    reading_fill,
    reading_shape,
    value_axis,
)
from charts.palette import palette
from data.texts import text


def chart_ranges(
    rows: pl.DataFrame, decimals: int, theme: str, lang: str, height: int = 344
) -> alt.TopLevelMixin:
    """Return each unit's value on its own normal range.

    Needs: `label, value, lower, upper, reading` in official order.
    """
    values = [*rows["value"].to_list(), *rows["lower"].to_list(), *rows["upper"].to_list()]
    low, high = nice_domain(values)
    scale = alt.Scale(domain=[low, high], nice=False, zero=False)
    colours = palette(theme)
    base = alt.Chart(data(rows))
    y = _names(rows)
    axis = value_axis(low, high, decimals, 6)
    tips = [
        alt.Tooltip("label:N", title=text("charts.unit", lang)),
        alt.Tooltip("value:Q", title=text("charts.value", lang), format=number_format(decimals)),
        alt.Tooltip("lower:Q", title=text("charts.lower", lang), format=number_format(decimals)),
        alt.Tooltip("upper:Q", title=text("charts.upper", lang), format=number_format(decimals)),
    ]
    span = base.mark_bar(height=10, color=colours["seq1"], cornerRadius=4).encode(
        alt.X("lower:Q", scale=scale, axis=axis), alt.X2("upper:Q"), y, tooltip=tips
    )
    dots = base.mark_point(filled=True, size=64, opacity=1).encode(
        alt.X("value:Q", scale=scale), y, reading_fill(theme), reading_shape(), tooltip=tips
    )
    chart = alt.layer(span, dots, width="container", height=height)
    return dressed(chart, theme)


def chart_dumbbell(
    rows: pl.DataFrame,
    decimals: int,
    theme: str,
    lang: str,
    target: float | None = None,
    height: int = 344,
) -> alt.TopLevelMixin:
    """Return last year and this year of each unit with the change in words at the right.

    Needs: `label, value, base, words, reading` in official order; a missing base leaves one point.
    """
    colours = palette(theme)
    low, high = nice_domain([*rows["value"].to_list(), *rows["base"].to_list(), target])
    scale = alt.Scale(domain=[low, high], nice=False, zero=False)
    base = alt.Chart(data(rows))
    y = _names(rows)
    axis = value_axis(low, high, decimals, 5)
    x = alt.X("value:Q", scale=scale, axis=axis)
    tips = [
        alt.Tooltip("label:N", title=text("charts.unit", lang)),
        alt.Tooltip(
            "value:Q", title=text("charts.this_year", lang), format=number_format(decimals)
        ),
        alt.Tooltip("base:Q", title=text("charts.last_year", lang), format=number_format(decimals)),
    ]
    layers = [
        base.mark_rule(strokeWidth=2, color=colours["common"]).encode(
            x, alt.X2("base:Q"), y, reading_fill(theme), tooltip=tips
        ),
        base.mark_point(
            fill=colours["surface"], stroke=colours["common"], strokeWidth=1.5, size=56, opacity=1
        ).encode(alt.X("base:Q", scale=scale), y, tooltip=tips),
        base.mark_point(filled=True, size=64, opacity=1).encode(
            x, y, reading_fill(theme), reading_shape(), tooltip=tips
        ),
        base.mark_text(align="right", dx=76).encode(y, x=alt.value("width"), text="words:N"),
    ]
    if target is not None:
        level = alt.Chart(data(pl.DataFrame({"at": [target]})))
        layers.append(
            level.mark_rule(color=colours["accent"], strokeDash=[4, 3]).encode(
                alt.X("at:Q", scale=scale)
            )
        )
    chart = alt.layer(*layers, width="container", height=height)
    return dressed(chart, theme)


def _names(rows: pl.DataFrame) -> alt.Y:
    """Return the axis of unit names in the order given."""
    return alt.Y(
        "label:N",
        sort=rows["label"].to_list(),
        axis=alt.Axis(title=None, domain=False, ticks=False, grid=False, labelLimit=120),
    )
