"""How often are returns in time and passed at once? Two lines over the months, of two shapes."""

import altair as alt
import polars as pl

from charts.base import LABEL_ROOM, data, dressed, month_axis, nice_domain
from charts.palette import palette
from data.texts import text

SERIES = ("ontime", "passed")


def chart_rates(rows: pl.DataFrame, theme: str, lang: str, height: int = 176) -> alt.TopLevelMixin:
    """Return the rates in time and passed at once, month by month; months still open are hollow.

    Needs: period, series (ontime, passed), rate in percent (null where none), words, is_open.
    """
    colours = palette(theme)
    known = [value for value in rows["rate"].to_list() if value is not None]
    low, _ = nice_domain([*known, 100.0])
    scale = alt.Scale(domain=[min(low, 95), 100.5], zero=False, nice=False)
    axis = alt.Axis(title=None, domain=False, ticks=False, format=".0~f", tickCount=5)
    months = rows["period"].unique().sort().to_list()
    x = alt.X("period:O", axis=month_axis(months, (), lang))
    y = alt.Y("rate:Q", scale=scale, axis=axis)
    colour = alt.Color(
        "series:N",
        scale=alt.Scale(domain=list(SERIES), range=[colours["accent"], colours["neutral"]]),
        legend=None,
    )
    shape = alt.Shape(
        "series:N", scale=alt.Scale(domain=list(SERIES), range=["circle", "square"]), legend=None
    )
    tips = [
        alt.Tooltip("period:O", title=text("charts.month", lang)),
        alt.Tooltip("words:N", title=text("quality.chart.rate", lang)),
    ]
    base = alt.Chart(data(rows.filter(pl.col("rate").is_not_null())))
    lines = base.mark_line(strokeWidth=1.5).encode(x, y, color=colour, detail="series:N")
    full = base.transform_filter("!datum.is_open")
    hollow = base.transform_filter("datum.is_open")
    dots = full.mark_point(size=44, filled=True, opacity=1).encode(
        x, y, color=colour, shape=shape, tooltip=tips
    )
    rings = hollow.mark_point(
        size=44, filled=True, fill=colours["surface"], strokeWidth=1.5
    ).encode(x, y, stroke=colour, shape=shape, tooltip=tips)
    chart = alt.layer(lines, dots, rings, width="container", height=height)
    return dressed(chart, theme, right=LABEL_ROOM)
