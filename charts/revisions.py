"""How far have figures moved since they were first whole?

Two pictures: each month's first and latest figure, and the mean revision of each unit. A revision
after the lock has its own shape besides its colour.
"""

import altair as alt
import polars as pl

from charts.base import LABEL_ROOM, data, dressed, month_axis, nice_domain, number_format
from charts.palette import palette
from data.texts import text


def chart_first_and_latest(
    moved: pl.DataFrame, decimals: int, theme: str, lang: str, height: int = 232
) -> alt.TopLevelMixin:
    """Return each month's first and latest figure, joined by a line where they differ.

    Needs: period, preliminary, latest, kind (same, revised, late).
    """
    colours = palette(theme)
    low, high = nice_domain([*moved["preliminary"].to_list(), *moved["latest"].to_list()])
    scale = alt.Scale(domain=[low, high], zero=False, nice=False)
    axis = alt.Axis(
        title=None, domain=False, ticks=False, format=number_format(decimals), tickCount=5
    )
    x = alt.X("period:O", axis=month_axis(moved["period"].to_list(), (), lang))
    y = alt.Y("latest:Q", scale=scale, axis=axis)
    shown = number_format(decimals)
    tips = [
        alt.Tooltip("period:O", title=text("charts.month", lang)),
        alt.Tooltip("preliminary:Q", title=text("editions.chart.first", lang), format=shown),
        alt.Tooltip("latest:Q", title=text("editions.chart.latest", lang), format=shown),
        alt.Tooltip("words:N", title=text("editions.chart.kind", lang)),
    ]
    base = alt.Chart(data(moved))
    trend = base.mark_line(color=colours["seq2"], strokeWidth=1.5).encode(x, y)
    steps = base.mark_rule(color=colours["ink"], strokeWidth=1.5).encode(
        x, alt.Y("preliminary:Q", scale=scale), alt.Y2("latest:Q")
    )
    rings = base.mark_point(
        shape="circle", size=46, filled=True, fill=colours["surface"], stroke=colours["common"],
        strokeWidth=1.5,
    ).encode(x, alt.Y("preliminary:Q", scale=scale), tooltip=tips)  # fmt: skip
    kinds = ["same", "revised", "late"]
    dots = base.mark_point(size=52, filled=True, opacity=1).encode(
        x,
        y,
        shape=alt.Shape(
            "kind:N",
            scale=alt.Scale(domain=kinds, range=["circle", "circle", "diamond"]),
            legend=None,
        ),
        color=alt.Color(
            "kind:N",
            scale=alt.Scale(
                domain=kinds, range=[colours["seq2"], colours["accent"], colours["worse"]]
            ),
            legend=None,
        ),
        tooltip=tips,
    )
    chart = alt.layer(trend, steps, rings, dots, width="container", height=height)
    return dressed(chart, theme, right=LABEL_ROOM)


def chart_sizes(rows: pl.DataFrame, theme: str, lang: str) -> alt.TopLevelMixin:
    """Return the mean revision of each unit as a bar from nought, its mean size as a tick.

    Needs: name (in order), mean_pct, mean_abs_pct, words; in percent of the latest figures.
    """
    colours = palette(theme)
    values = [*rows["mean_pct"].to_list(), *rows["mean_abs_pct"].to_list(), 0.0]
    low, high = nice_domain([value for value in values if value is not None], zero=True)
    scale = alt.Scale(domain=[min(low, 0), max(high, 0)], nice=False)
    order = rows["name"].to_list()
    y = alt.Y(
        "name:N",
        sort=order,
        axis=alt.Axis(title=None, domain=False, ticks=False, grid=False, labelLimit=132),
        scale=alt.Scale(paddingInner=0.4, paddingOuter=0.2),
    )
    axis = alt.Axis(
        title=text("editions.chart.percent", lang), format="+.1~f", tickCount=5, domain=False,
        ticks=False,
    )  # fmt: skip
    tips = [
        alt.Tooltip("name:N", title=text("editions.chart.unit", lang)),
        alt.Tooltip("mean_pct:Q", title=text("editions.chart.mean", lang), format="+.2f"),
        alt.Tooltip("mean_abs_pct:Q", title=text("editions.chart.size", lang), format=".2f"),
        alt.Tooltip("words:N", title=text("editions.chart.bias", lang)),
    ]
    base = alt.Chart(data(rows))
    bars = base.mark_bar(height={"band": 0.7}).encode(
        y,
        alt.X("mean_pct:Q", scale=scale, axis=axis),
        color=alt.condition(
            "datum.bias == 'up' || datum.bias == 'down'",
            alt.value(colours["neutral"]),
            alt.value(colours["common"]),
        ),
        tooltip=tips,
    )
    ticks = base.mark_tick(color=colours["ink"], thickness=2, bandSize=14).encode(
        y, alt.X("mean_abs_pct:Q", scale=scale), tooltip=tips
    )
    nought = (
        alt.Chart(data(pl.DataFrame({"x": [0.0]})))
        .mark_rule(color=colours["line_strong"])
        .encode(alt.X("x:Q", scale=scale))
    )
    height = max(96, 26 * rows.height + 40)
    chart = alt.layer(nought, bars, ticks, width="container", height=height)
    return dressed(chart, theme, right=LABEL_ROOM)
