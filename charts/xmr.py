"""How does a series behave against its own history? The XmR chart.

Needs: one row a month with `period, value, lower, centre, upper, reading, phase, partial`; limits
and reading may be null. A new `phase` is a change of definition or a rebase: line and limits break.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import polars as pl

from charts.base import (
    LABEL_ROOM,
    data,
    dressed,
    month_axis,
    nice_domain,
    number_format,
    reading_fill,
    reading_shape,
    spread_labels,
)
from charts.palette import palette
from data.texts import text

HEIGHT = 296
#: Words at months stand on so many lines, each so high.
NOTE_LINES, NOTE_HEIGHT = 4, 15


def chart_xmr(
    series: pl.DataFrame,
    decimals: int,
    theme: str,
    lang: str,
    festival: Sequence[dt.date] = (),
    target: float | None = None,
    notes: Mapping[dt.date, str] | None = None,
    height: int = HEIGHT,
) -> alt.TopLevelMixin:
    """Return the series with its limits, special causes, breaks and marks.

    `notes` are words to write at a month (a break, an event); the partial point is hollow.
    """
    colours = palette(theme)
    series = series.with_columns(
        # a month without limits is read as nothing, but it is there
        pl.col("reading").fill_null("not_significant").replace("none", "not_significant"),
        pl.col("partial").fill_null(value=False),
    )
    numbers = [series[name] for name in ("value", "lower", "upper")]
    low, high = nice_domain([*pl.concat(numbers).to_list(), target])
    x = alt.X(
        "period:O", axis=month_axis(series["period"].to_list(), festival, lang), scale=alt.Scale()
    )
    y = alt.Y(
        "value:Q",
        scale=alt.Scale(domain=[low, high], zero=False, nice=False),
        axis=alt.Axis(title=None, domain=False, ticks=False, format=number_format(decimals)),
    )
    base = alt.Chart(data(series))
    layers = [
        *_limits(series, colours, x, low, high),
        base.mark_line(color=colours["common"], strokeWidth=1.5).encode(x, y, detail="phase:N"),
        *_points(base, colours, theme, x, y, lang, decimals),
        *_words(series, colours, x, low, high, height, lang, decimals),
    ]
    if target is not None:
        line = alt.Chart(data(pl.DataFrame({"value": [target]})))
        layers.append(
            line.mark_rule(color=colours["accent"], strokeDash=[4, 3]).encode(
                alt.Y("value:Q", scale=alt.Scale(domain=[low, high], zero=False, nice=False))
            )
        )
    layers += _notes(notes or {}, series, colours, x)
    chart = alt.layer(*layers, width="container", height=height)
    return dressed(chart, theme, right=LABEL_ROOM)


def _limits(
    series: pl.DataFrame, colours: dict[str, str], x: alt.X, low: float, high: float
) -> list[alt.Chart]:
    """Return the band of the normal range with its lines, one for each phase."""
    limits = series.filter(pl.col("lower").is_not_null() & pl.col("upper").is_not_null())
    chart = alt.Chart(data(limits.select("period", "lower", "centre", "upper", "phase")))
    scale = alt.Scale(domain=[low, high], zero=False, nice=False)
    band = chart.mark_area(color=colours["band"], opacity=1).encode(
        x, alt.Y("lower:Q", scale=scale, title=None), alt.Y2("upper:Q"), detail="phase:N"
    )
    lines = [
        chart.mark_line(
            color=colours["common"],
            strokeWidth=1,
            strokeDash=[1, 0] if name == "centre" else [4, 3],
        ).encode(x, alt.Y(f"{name}:Q", scale=scale), detail="phase:N")
        for name in ("lower", "centre", "upper")
    ]
    return [band, *lines]


def _points(
    base: alt.Chart,
    colours: dict[str, str],
    theme: str,
    x: alt.X,
    y: alt.Y,
    lang: str,
    decimals: int,
) -> list[alt.Chart]:
    """Return the points: special causes larger, concern a diamond, partial months hollow."""
    special = "indexof(['better','worse','up','down'], datum.reading) >= 0"
    tips = [
        alt.Tooltip("period:O", title=text("charts.month", lang)),
        alt.Tooltip("value:Q", title=text("charts.value", lang), format=number_format(decimals)),
        alt.Tooltip("lower:Q", title=text("charts.lower", lang), format=number_format(decimals)),
        alt.Tooltip("upper:Q", title=text("charts.upper", lang), format=number_format(decimals)),
    ]
    size = alt.condition(special, alt.value(80), alt.value(32))
    full = base.transform_filter("!datum.partial").mark_point(filled=True, opacity=1)
    hollow = base.transform_filter("datum.partial").mark_point(
        filled=True, fill=colours["surface"], strokeWidth=2, opacity=1
    )
    return [
        full.encode(x, y, reading_fill(theme), reading_shape(), size=size, tooltip=tips),
        hollow.encode(
            x,
            y,
            reading_shape(),
            stroke=reading_fill(theme).copy(),
            size=alt.value(70),
            tooltip=tips,
        ),
    ]


def _words(
    series: pl.DataFrame,
    colours: dict[str, str],
    x: alt.X,
    low: float,
    high: float,
    height: int,
    lang: str,
    decimals: int,
) -> list[alt.Chart]:
    """Return the words at the right edge: the limits and the last value."""
    last = series.row(-1, named=True)
    entries: list[dict[str, Any]] = []
    for name in ("lower", "centre", "upper"):
        if last[name] is not None:
            words = f"{text(f'charts.{name}', lang)} {last[name]:,.{decimals}f}"
            entries.append({"at": last[name], "words": words, "colour": colours["muted"]})
    if last["value"] is not None:
        month = text(f"ui.month.m{last['period'].month}", lang)
        colour = {"better": "better_text", "worse": "worse_text"}.get(last["reading"], "ink")
        entries.append(
            {
                "at": last["value"],
                "words": f"{month} {last['value']:,.{decimals}f}",
                "colour": colours[colour],
            }
        )
    if not entries:
        return []
    places = spread_labels([e["at"] for e in entries], low, high, height)
    rows = [{**e, "y": p, "period": last["period"]} for e, p in zip(entries, places, strict=True)]
    chart = alt.Chart(data(pl.DataFrame(rows)))
    scale = alt.Scale(domain=[low, high], zero=False, nice=False)
    return [
        chart.mark_text(align="left", dx=10, baseline="middle").encode(
            x,
            alt.Y("y:Q", scale=scale),
            text="words:N",
            color=alt.Color("colour:N", scale=None, legend=None),
        )
    ]


def _notes(
    notes: Mapping[dt.date, str], series: pl.DataFrame, colours: dict[str, str], x: alt.X
) -> list[alt.Chart]:
    """Return vertical lines with words at the months that have a note.

    Words stand on the side of their line that has more room and are cut where it ends, one below
    the other.
    """
    months = series["period"].to_list()
    noted = [(place, month) for place, month in enumerate(months) if month in notes]
    rows = [
        {
            "period": month,
            "words": notes[month],
            "level": number % NOTE_LINES,
            "late": place * 2 > len(months),
        }
        for number, (place, month) in enumerate(noted)
    ]
    if not rows:
        return []
    frame = pl.DataFrame(rows)
    layers = [
        alt.Chart(data(frame.select("period", "words")))
        .mark_rule(color=colours["ink"], strokeDash=[2, 2])
        .encode(x)
    ]
    for (level, late), part in frame.group_by(["level", "late"], maintain_order=True):
        text_mark = alt.Chart(data(part.select("period", "words"))).mark_text(
            align="right" if late else "left",
            dx=-6 if late else 6,
            dy=8 + NOTE_HEIGHT * int(level),
            baseline="top",
            color=colours["ink"],
            limit=alt.ExprRef("width / 2"),
        )
        layers.append(text_mark.encode(x, y=alt.value(0), text="words:N"))
    return layers
