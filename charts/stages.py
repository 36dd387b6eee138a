"""How did the stages of one flow of money run? A line each, never stacked.

Needs: one row a stage and period with `stage, period, value`; stages in the order of time.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import polars as pl

from charts.base import data, dressed, month_axis, nice_domain, number_format, spread_labels
from charts.palette import palette
from data.texts import text

HEIGHT = 232
# One hue in steps, each with its own dash: no colour carries a meaning of its own here.
STYLES: tuple[tuple[str, list[int]], ...] = (
    ("common", [1, 0]),
    ("accent", [6, 3]),
    ("seq3", [2, 2]),
    ("ink", [1, 0]),
    ("neutral", [8, 3, 2, 3]),
    ("muted", [4, 2]),
)


def chart_stages(
    rows: pl.DataFrame, names: Mapping[str, str], theme: str, lang: str, height: int = HEIGHT
) -> alt.TopLevelMixin:
    """Return the stages as lines over the periods, each with its name at the last point."""
    colours = palette(theme)
    codes = [code for code in names if rows.filter(stage=code)["value"].is_not_null().any()]
    low, high = nice_domain(rows["value"].to_list(), zero=True)
    scale = alt.Scale(domain=[low, high], zero=False, nice=False)
    periods = rows["period"].unique().sort().to_list()
    x = alt.X("period:O", axis=month_axis(periods, (), lang), scale=alt.Scale())
    y = alt.Y(
        "value:Q",
        scale=scale,
        axis=alt.Axis(title=None, domain=False, ticks=False, format=number_format(0)),
    )
    style = {code: STYLES[place % len(STYLES)] for place, code in enumerate(names)}
    shown = rows.with_columns(name=pl.col("stage").replace_strict(dict(names), default=None))
    base = alt.Chart(data(shown))
    lines = base.mark_line(strokeWidth=2).encode(
        x,
        y,
        color=alt.Color(
            "stage:N",
            scale=alt.Scale(domain=codes, range=[colours[style[c][0]] for c in codes]),
            legend=None,
        ),
        strokeDash=alt.StrokeDash(
            "stage:N",
            scale=alt.Scale(domain=codes, range=[style[c][1] for c in codes]),
            legend=None,
        ),
        tooltip=[
            alt.Tooltip("name:N", title=text("stages.column.stage", lang)),
            alt.Tooltip("period:O", title=text("charts.month", lang)),
            alt.Tooltip("value:Q", title=text("charts.value", lang), format=number_format(0)),
        ],
    )
    layers = [lines, *_labels(rows, codes, names, colours, x, scale, (low, high), height)]
    return dressed(alt.layer(*layers, width="container", height=height), theme)


def _labels(
    rows: pl.DataFrame,
    codes: Sequence[str],
    names: Mapping[str, str],
    colours: dict[str, str],
    x: alt.X,
    scale: alt.Scale,
    domain: tuple[float, float],
    height: int,
) -> list[alt.Chart]:
    """Return the name of each stage at the right of its last point, none over another."""
    ends: list[dict[str, Any]] = []
    for code in codes:
        known = rows.filter(pl.col("value").is_not_null(), stage=code).sort("period")
        ends.append({"at": known["value"][-1], "words": names[code]})
    if not ends:
        return []
    places = spread_labels([end["at"] for end in ends], *domain, height)
    last = rows["period"].max()
    made = [{**end, "y": y, "period": last} for end, y in zip(ends, places, strict=True)]
    chart = alt.Chart(data(pl.DataFrame(made, infer_schema_length=None)))
    return [
        chart.mark_text(align="left", dx=8, baseline="middle", color=colours["ink"]).encode(
            x, alt.Y("y:Q", scale=scale), text="words:N"
        )
    ]
