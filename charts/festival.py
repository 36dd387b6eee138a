"""Where in January to March did the festival fall, this year and in the years before?

Needs: one row a year and stretch of days with `year, stretch, start, end`; `start` and `end` are
places in the calendar, 1 at the beginning of January and 4 at the end of March.
"""

from collections.abc import Mapping

import altair as alt
import polars as pl

from charts.base import data, dressed
from charts.palette import palette
from data.texts import text

COLOURS = {"before": "seq1", "during": "accent", "after": "seq2"}
ROW = 30


def chart_festival(
    days: pl.DataFrame, stretches: Mapping[str, str], theme: str, lang: str
) -> alt.TopLevelMixin:
    """Return a bar a year on a common calendar from January to March, the newest year on top.

    `stretches` names the days before, during and after.
    """
    colours = palette(theme)
    years = days["year"].unique(maintain_order=True).cast(pl.String).to_list()
    names = [text(f"ui.month.m{month}", lang) for month in (1, 2, 3)]
    label = f"datum.value < 4 ? {names!r}[floor(datum.value) - 1] : ''"
    scale = alt.Scale(domain=[1, 4], nice=False)
    x = alt.X(
        "start:Q",
        scale=scale,
        axis=alt.Axis(
            values=[1, 2, 3, 4], labelExpr=label, labelAlign="left", title=None, ticks=False
        ),
    )
    y = alt.Y(
        "year:O", sort=years, axis=alt.Axis(title=None, domain=False, ticks=False, labelAngle=0)
    )
    shown = days.with_columns(
        pl.col("year").cast(pl.String),
        words=pl.col("stretch").replace_strict(dict(stretches), return_dtype=pl.String),
    )
    base = alt.Chart(data(shown))
    bars = base.mark_bar(height=14).encode(
        x,
        y,
        alt.X2("end:Q"),
        color=alt.Color(
            "stretch:N",
            scale=alt.Scale(
                domain=list(COLOURS), range=[colours[name] for name in COLOURS.values()]
            ),
            legend=None,
        ),
        tooltip=[
            alt.Tooltip("year:O", title=text("festival.panel.year", lang)),
            alt.Tooltip("words:N", title=text("festival.panel.days", lang)),
            alt.Tooltip("said:N", title=text("festival.panel.when", lang)),
        ],
    )
    return dressed(alt.layer(bars, width="container", height=ROW * len(years)), theme)
