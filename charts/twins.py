"""How do a rate of the period and the cohort rates run beside each other?

Needs: one row a rate and month with `indicator, period, value`; the rate of the period comes first
in `names` and is the full line, the cohorts are dashed.
"""

from collections.abc import Mapping
from typing import Any

import altair as alt
import polars as pl

from charts.base import data, dressed, month_axis, nice_domain, number_format, spread_labels
from charts.palette import palette
from data.texts import text

HEIGHT = 232
COLOURS = ("common", "accent", "ink", "seq3")
DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3])
WHOLE = 100.0


def chart_twins(
    rows: pl.DataFrame,
    names: Mapping[str, str],
    short: Mapping[str, str],
    theme: str,
    lang: str,
    height: int = HEIGHT,
) -> alt.TopLevelMixin:
    """Return the rates as lines with short names; a rule marks 100 % where it is passed."""
    colours = palette(theme)
    codes = [code for code in names if rows.filter(indicator=code)["value"].is_not_null().any()]
    low, high = nice_domain(rows["value"].to_list(), zero=True)
    scale = alt.Scale(domain=[low, high], zero=False, nice=False)
    periods = rows["period"].unique().sort().to_list()
    x = alt.X("period:O", axis=month_axis(periods, (), lang), scale=alt.Scale())
    axis = alt.Axis(title=None, domain=False, ticks=False, format=number_format(0))
    place = {code: at % len(COLOURS) for at, code in enumerate(names)}
    shown = rows.with_columns(name=pl.col("indicator").replace_strict(dict(names), default=None))
    lines = (
        alt.Chart(data(shown))
        .mark_line(strokeWidth=2)
        .encode(
            x,
            alt.Y("value:Q", scale=scale, axis=axis),
            color=alt.Color(
                "indicator:N",
                scale=alt.Scale(domain=codes, range=[colours[COLOURS[place[c]]] for c in codes]),
                legend=None,
            ),
            strokeDash=alt.StrokeDash(
                "indicator:N",
                scale=alt.Scale(domain=codes, range=[DASHES[place[c]] for c in codes]),
                legend=None,
            ),
            tooltip=[
                alt.Tooltip("name:N", title=text("common.indicator", lang)),
                alt.Tooltip("period:O", title=text("charts.month", lang)),
                alt.Tooltip("value:Q", title=text("charts.value", lang), format=number_format(1)),
            ],
        )
    )
    layers: list[Any] = [lines]
    if high > WHOLE:
        rule = alt.Chart(data(pl.DataFrame({"y": [WHOLE]})))
        layers.append(
            rule.mark_rule(color=colours["line_strong"]).encode(alt.Y("y:Q", scale=scale))
        )
    ends = [
        (code, rows.filter(pl.col("value").is_not_null(), indicator=code).sort("period"))
        for code in codes
    ]
    if ends:
        at = spread_labels([known["value"][-1] for _, known in ends], low, high, height)
        words = pl.DataFrame(
            {
                "period": [periods[-1]] * len(ends),
                "y": at,
                "words": [f"{short[code]} {known['value'][-1]:.1f}" for code, known in ends],
            }
        )
        layers.append(
            alt.Chart(data(words))
            .mark_text(align="left", dx=8, baseline="middle", color=colours["ink"])
            .encode(x, alt.Y("y:Q", scale=scale), text="words:N")
        )
    return dressed(alt.layer(*layers, width="container", height=height), theme)
