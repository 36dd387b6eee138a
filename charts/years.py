"""How does this year run against last year? Bars and ticks by month.

Needs: one row a month with `label, order, value, base, words, current`; months that the festival
disturbs stand together in one row.
"""

import altair as alt
import polars as pl

from charts.base import data, dressed, nice_domain, number_format
from charts.palette import palette
from data.texts import text


def chart_years(
    months: pl.DataFrame, decimals: int, theme: str, lang: str, height: int = 296
) -> alt.TopLevelMixin:
    """Return this year's months as bars with last year's as ticks; the current month is dark."""
    colours = palette(theme)
    low, high = nice_domain([*months["value"].to_list(), *months["base"].to_list()], zero=True)
    if low > 0 and low > 0.5 * high:
        low, high = nice_domain([*months["value"].to_list(), *months["base"].to_list()])
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
    base = alt.Chart(data(months.with_columns(floor=pl.lit(low))))
    tips = [
        alt.Tooltip("label:O", title=text("charts.month", lang)),
        alt.Tooltip(
            "value:Q", title=text("charts.this_year", lang), format=number_format(decimals)
        ),
        alt.Tooltip("base:Q", title=text("charts.last_year", lang), format=number_format(decimals)),
        alt.Tooltip("words:N", title=text("charts.change", lang)),
    ]
    bars = base.mark_bar(clip=True).encode(
        x,
        alt.Y("value:Q", scale=scale, axis=axis),
        alt.Y2("floor:Q"),
        color=alt.condition(
            "datum.current", alt.value(colours["accent"]), alt.value(colours["seq2"])
        ),
        tooltip=tips,
    )
    ticks = base.mark_tick(color=colours["ink"], thickness=2, bandSize=22).encode(
        x, alt.Y("base:Q", scale=scale), tooltip=tips
    )
    dark = colours["surface"]
    words = base.mark_text(baseline="bottom", dy=-3, fontSize=11).encode(
        x,
        alt.Y("floor:Q", scale=scale),
        text="words:N",
        color=alt.condition("datum.current", alt.value(dark), alt.value(colours["ink"])),
    )
    chart = alt.layer(bars, ticks, words, width="container", height=height)
    return dressed(chart, theme)
