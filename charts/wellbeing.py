"""How do the dimensions of a survey stand, with their intervals, against an earlier wave?

One row a dimension: this wave above, the earlier one hollow below it, the change and what it says
at the right. Only a change that can be told apart takes a colour.
"""

import altair as alt
import polars as pl

from charts.base import POINT_READINGS, data, dressed, nice_domain, reading_fill, reading_shape
from charts.palette import palette

ROW = 34
GAP = 14
VALUE = 34
CHANGE, READING = 52, 62
ENDS = ("mean", "lower", "upper", "base_mean", "base_lower", "base_upper")
TEXT = {"better": "better_text", "worse": "worse_text"}
TEXT |= {"up": "neutral_text", "down": "neutral_text"}


def chart_waves(
    rows: pl.DataFrame, theme: str, heads: tuple[str, str] = ("", "")
) -> alt.TopLevelMixin:
    """Return the interval chart of a survey's dimensions; `heads` stand over change and reading.

    Needs: rows in order with `label, weight_label, is_index, reading, mean, lower, upper,
    base_mean, base_lower, base_upper, mean_label, change_label, reading_label`.
    """
    rows = rows.with_row_index("row").with_columns(
        now=pl.col("row") - 0.13,
        past=pl.col("row") + 0.17,
        reading=pl.when(pl.col("reading").is_in(POINT_READINGS))
        .then("reading")
        .otherwise(pl.lit("not_significant")),
    )
    known = [value for name in ENDS for value in rows[name].to_list()]
    # The value of the last point stands right of it, clear of the change in the margin.
    room = alt.ExprRef(f"max(0.66 * width, width - {VALUE})")
    x = alt.Scale(domain=list(nice_domain(known)), rangeMax=room, nice=False, zero=False)
    y = alt.Scale(domain=[rows.height - 0.5, -0.5], nice=False, zero=False)
    layers = [*_marks(rows, theme, x, y), *_words(rows, theme, y), *_heads(heads, theme, y)]
    if rows["is_index"].any():
        line = alt.Chart(alt.InlineData(values=[{"at": 0.5}]))
        rule = line.mark_rule(color=palette(theme)["line_strong"])
        layers.append(rule.encode(alt.Y("at:Q", scale=y, axis=None)))
    chart = alt.layer(*layers).resolve_scale(color="independent")
    chart = chart.properties(height=ROW * rows.height + 8)
    return dressed(chart, theme)


def _marks(rows: pl.DataFrame, theme: str, x: alt.Scale, y: alt.Scale) -> list[alt.Chart]:
    """Return the points and intervals of both waves, and the values of this one."""
    colours = palette(theme)
    axis = alt.Axis(
        title=None, grid=True, domain=False, ticks=False, tickCount=5, format="d", labelOverlap=True
    )
    base = alt.Chart(data(rows))
    now, past = (alt.Y(f"{name}:Q", scale=y, axis=None) for name in ("now", "past"))

    def at(name: str) -> alt.X:
        return alt.X(f"{name}:Q", scale=x, axis=axis)

    fill = reading_fill(theme)
    return [
        base.mark_rule(color=colours["missing"], strokeWidth=2).encode(
            at("base_lower"), alt.X2("base_upper:Q"), past
        ),
        base.mark_point(
            shape="circle", fill=colours["surface"], stroke=colours["common"], size=36, opacity=1
        ).encode(at("base_mean"), past),
        base.mark_rule(strokeWidth=3).encode(at("lower"), alt.X2("upper:Q"), now, fill),
        base.mark_point(filled=True, size=64, opacity=1).encode(
            at("mean"), now, fill, reading_shape()
        ),
        base.mark_text(align="left", dx=14, fontWeight=600, color=colours["ink"]).encode(
            at("mean"), now, alt.Text("mean_label:N")
        ),
    ]


def _words(rows: pl.DataFrame, theme: str, y: alt.Scale) -> list[alt.Chart]:
    """Return the names at the left and what each change says at the right."""
    colours = palette(theme)
    row = alt.Y("row:Q", scale=y, axis=None)
    paint = alt.Color(
        "reading:N",
        scale=alt.Scale(
            domain=list(POINT_READINGS),
            range=[colours[TEXT.get(reading, "muted")] for reading in POINT_READINGS],
        ),
        legend=None,
    )
    room = 2 * GAP + max((_width(label) for label in rows["label"]), default=0)
    base = alt.Chart(data(rows))
    index, others = (
        base.transform_filter("datum.is_index"),
        base.transform_filter("!datum.is_index"),
    )
    left, right = alt.XValue(0), alt.XValue("width")
    return [
        index.mark_text(align="right", dx=-GAP, fontWeight=600, color=colours["ink"]).encode(
            left, row, alt.Text("label:N")
        ),
        others.mark_text(align="right", dx=-GAP, color=colours["ink"]).encode(
            left, row, alt.Text("label:N")
        ),
        base.mark_text(align="right", dx=-room, color=colours["muted"]).encode(
            left, row, alt.Text("weight_label:N")
        ),
        base.mark_text(align="right", dx=CHANGE).encode(
            right, row, alt.Text("change_label:N"), paint
        ),
        base.mark_text(align="left", dx=READING).encode(
            right, row, alt.Text("reading_label:N"), paint
        ),
    ]


def _heads(heads: tuple[str, str], theme: str, y: alt.Scale) -> list[alt.Chart]:
    """Return what stands over the change and what it says."""
    top = alt.Chart(alt.InlineData(values=[{"top": -0.5}]))
    at = {"x": alt.XValue("width"), "y": alt.Y("top:Q", scale=y, axis=None)}
    colour = palette(theme)["muted"]
    change, reading = (alt.TextValue(head) for head in heads)
    return [
        top.mark_text(align="right", dx=CHANGE, dy=-6, color=colour).encode(text=change, **at),
        top.mark_text(align="left", dx=READING, dy=-6, color=colour).encode(text=reading, **at),
    ]


def _width(label: str) -> float:
    """Return about how wide a label is at 12 pixels: a Chinese character is as wide as high.

    >>> _width("健康"), _width("Life")
    (24, 28)
    """
    return sum(12 if ord(letter) > 0x2E80 else 7 for letter in label)
