"""How does this year run against last year? Bars and ticks by month.

Bars start at zero, always; values so close together that they would look alike are points.

Needs: one row a month with `label, order, value, base, words, current`; months that the festival
disturbs stand together in one row.
"""

from collections.abc import Sequence

import altair as alt
import polars as pl

from charts.base import data, dressed, nice_domain, number_format
from charts.palette import palette
from data.texts import text

# Where the least is more than this share of the most, bars from zero would look all alike.
CLOSE = 0.9


def starts_at_zero(values: Sequence[float | None]) -> bool:
    """Return whether the values are drawn as bars from zero; close together they are points.

    >>> starts_at_zero([10.0, 30.0]), starts_at_zero([96.0, 98.0]), starts_at_zero([None])
    (True, False, True)
    """
    known = [value for value in values if value is not None]
    return not known or min(known) <= CLOSE * max(known)


def chart_years(
    months: pl.DataFrame, decimals: int, theme: str, lang: str, height: int = 296
) -> alt.TopLevelMixin:
    """Return this year's months as bars or points, last year's as ticks; the current is dark."""
    colours = palette(theme)
    values = [*months["value"].to_list(), *months["base"].to_list()]
    is_from_zero = starts_at_zero(values)
    low, high = nice_domain(values, zero=is_from_zero)
    order = months["label"].to_list()
    x = alt.X(
        "label:O",
        sort=order,
        axis=alt.Axis(labelAngle=0, title=None, grid=False, labelOverlap=False),
        scale=alt.Scale(paddingInner=0.35, paddingOuter=0.2),
    )
    scale = alt.Scale(domain=[low, high], zero=False, nice=False)
    axis = alt.Axis(
        title=None, domain=False, ticks=False, format=number_format(decimals), tickCount=5
    )
    top = pl.max_horizontal("value", "base")
    base = alt.Chart(data(months.with_columns(floor=pl.lit(low), top=top)))
    tips = [
        alt.Tooltip("label:O", title=text("charts.month", lang)),
        alt.Tooltip(
            "value:Q", title=text("charts.this_year", lang), format=number_format(decimals)
        ),
        alt.Tooltip("base:Q", title=text("charts.last_year", lang), format=number_format(decimals)),
        alt.Tooltip("words:N", title=text("charts.change", lang)),
    ]
    colour = alt.condition(
        "datum.current", alt.value(colours["accent"]), alt.value(colours["seq2"])
    )
    y = alt.Y("value:Q", scale=scale, axis=axis)
    if is_from_zero:
        bars = base.mark_bar(clip=True).encode(x, y, alt.Y2("floor:Q"), color=colour, tooltip=tips)
    else:  # the length of a bar is read as an amount: cut off, it would lie
        bars = base.mark_point(filled=True, size=110, opacity=1).encode(
            x, y, color=colour, tooltip=tips
        )
    ticks = base.mark_tick(color=colours["ink"], thickness=2, bandSize=22).encode(
        x, alt.Y("base:Q", scale=scale), tooltip=tips
    )
    words = base.mark_text(baseline="bottom", dy=-6, fontSize=11, color=colours["ink"]).encode(
        x, alt.Y("top:Q", scale=scale), text="words:N"
    )
    chart = alt.layer(bars, ticks, words, width="container", height=height)
    return dressed(chart, theme)
