"""What do all charts share? Fonts, colours, quiet axes, and the way from a chart to its spec.

Charts take frames and return `alt.Chart`; `to_spec` makes the plain Vega-Lite dict that pages cache
and documents render. Colours carry a reading only together with a shape or a word.
"""

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast

import altair as alt
import polars as pl

from charts.palette import FONT, READING_COLOUR, palette

# Room right of the plot; the words there are part of it.
LABEL_ROOM = 8
POINT_READINGS = ("better", "worse", "up", "down", "not_significant")


def to_spec(chart: alt.TopLevelMixin) -> dict[str, Any]:
    """Return the chart as a Vega-Lite dict with its data inside."""
    spec = chart.to_dict(validate=False)
    for holder in _holders(spec):
        if isinstance(holder.get("values"), str):
            holder["values"] = json.loads(holder["values"])
        holder.pop("format", None)
    sets = spec.get("datasets", {})
    for name, rows in sets.items():
        sets[name] = json.loads(rows) if isinstance(rows, str) else rows
    return spec


def _holders(part: Any) -> Iterator[dict[str, Any]]:
    """Yield every place of a spec that says what data it draws."""
    if isinstance(part, list):
        for item in part:
            yield from _holders(item)
    elif isinstance(part, dict):
        if isinstance(part.get("data"), dict):
            yield part["data"]
        for key, item in part.items():
            if key not in ("data", "datasets"):
                yield from _holders(item)


def data(frame: pl.DataFrame) -> alt.InlineData:
    """Return a frame as inline chart data; months become texts, so that no time zone moves them.

    The rows travel as one text until `to_spec` opens it: the library copies a chart's lists at
    every step, which took most of the time of making one.

    >>> data(pl.DataFrame({"period": [dt.date(2024, 10, 1)], "value": [1.5]})).values
    '[{"period": "2024-10", "value": 1.5}]'
    """
    dates = [name for name, kind in frame.schema.items() if kind == pl.Date]
    texts = [pl.col(name).dt.strftime("%Y-%m") for name in dates]
    rows = json.dumps(frame.with_columns(texts).to_dicts(), ensure_ascii=False)
    return alt.InlineData(values=rows, format=alt.JsonDataFormat(type="json"))


def dressed(chart: alt.LayerChart | alt.FacetChart, theme: str, right: int = 8) -> alt.LayerChart:
    """Return the chart in the look of the product: no frame, quiet grid, our fonts, colours.

    Set in place: `properties` and each `configure_` would copy the whole chart once more.
    """
    colours = palette(theme)
    axis = {
        "labelFont": FONT,
        "labelFontSize": 12,
        "labelColor": colours["muted"],
        "labelPadding": 6,
        "titleFont": FONT,
        "titleFontSize": 12,
        "titleFontWeight": 400,
        "titleColor": colours["muted"],
        "gridColor": colours["line"],
        "domainColor": colours["line_strong"],
        "tickColor": colours["line_strong"],
    }
    chart.background = "transparent"
    chart.padding = {"left": 4, "top": 6, "right": right, "bottom": 4}
    chart.autosize = {"type": "fit", "contains": "padding"}
    chart.config = {
        "view": {"stroke": None},
        # The chart has its words in `alt`; a group of marks without any would fail a reader.
        "mark": {"aria": False},
        "axis": axis,
        "text": {"font": FONT, "fontSize": 12, "color": colours["muted"]},
        "legend": {"labelFont": FONT, "titleFont": FONT, "labelColor": colours["muted"]},
    }
    return cast("alt.LayerChart", chart)


def month_axis(
    periods: Sequence[dt.date], festival: Iterable[dt.date], lang: str, every: int = 3
) -> alt.Axis:
    """Return an axis of months: quarters numbered, the year under January, the festival marked."""
    spring = {f"{p:%Y-%m}" for p in festival}
    keys = [f"{p:%Y-%m}" for p in periods]
    shown = [
        key
        for i, key in enumerate(keys)
        if (int(key[5:]) - 1) % every == 0 or key in spring or (i == 0 and len(keys) < every)
    ]
    mark = "春" if lang == "zh" else "SF"
    year = "substring(datum.value,0,4)" + ("+'年'" if lang == "zh" else "")
    names = "toString(toNumber(substring(datum.value,5,7)))"
    flagged = f"indexof({sorted(spring)!r}, datum.value) >= 0" if spring else "false"
    numbered = f"(toNumber(substring(datum.value,5,7)) - 1) % {every} == 0"
    label = f"(({numbered} ? {names} + ' ' : '') + ({flagged} ? '{mark}' : ''))"
    # On a phone only January and July have room.
    narrow = "width < 330 && (toNumber(substring(datum.value,5,7)) - 1) % 6 != 0"
    first = f"(substring(datum.value,5,7) == '01' || datum.value == '{keys[0]}')"
    return alt.Axis(
        values=shown,
        labelExpr=f"{narrow} ? '' : {first} ? [{label}, {year}] : {label}",
        labelAngle=0,
        labelOverlap=False,
        grid=False,
        title=None,
    )


def reading_fill(theme: str, field: str = "reading") -> alt.Color:
    """Return the colour of points by reading."""
    colours = palette(theme)
    return alt.Color(
        f"{field}:N",
        scale=alt.Scale(
            domain=list(POINT_READINGS),
            range=[colours[READING_COLOUR.get(r, "common")] for r in POINT_READINGS],
        ),
        legend=None,
    )


def reading_shape(field: str = "reading") -> alt.Shape:
    """Return the shape of points by reading: concern is a diamond."""
    shapes = ["diamond" if r == "worse" else "circle" for r in POINT_READINGS]
    return alt.Shape(
        f"{field}:N", scale=alt.Scale(domain=list(POINT_READINGS), range=shapes), legend=None
    )


def number_format(decimals: int) -> str:
    """Return the d3 format of a number with thousands separators.

    >>> number_format(1)
    ',.1f'
    """
    return f",.{decimals}f"


def spread_labels(values: Sequence[float], low: float, high: float, height: int) -> list[float]:
    """Return where to write the labels of values so that none covers another, in value units.

    >>> spread_labels([10.0, 10.1], 0.0, 100.0, 200)
    [10.0, 17.5]
    """
    gap = 15 * (high - low) / height
    order = sorted(range(len(values)), key=lambda i: values[i])
    placed = [0.0] * len(values)
    last = float("-inf")
    for i in order:
        placed[i] = max(values[i], last + gap)
        last = placed[i]
    return placed


def nice_domain(values: Iterable[float | None], zero: bool = False) -> tuple[float, float]:
    """Return an axis range with a little air round the values.

    >>> nice_domain([10.0, 20.0])
    (9.0, 21.0)
    """
    known = [v for v in values if v is not None]
    if not known:
        return 0.0, 1.0
    low, high = min(known), max(known)
    if zero:
        low = min(low, 0.0)
    air = ((high - low) or abs(high) or 1.0) * 0.1
    floor = low if zero and low == 0 else low - air
    return (max(floor, 0.0) if low >= 0 else floor), high + air


def value_axis(low: float, high: float, decimals: int, ticks: int) -> alt.Axis:
    """Return a quiet axis of values, with decimals where whole numbers would repeat."""
    shown = 0 if high - low >= ticks else max(decimals, 1)
    form = number_format(shown)
    return alt.Axis(title=None, domain=False, ticks=False, format=form, tickCount=ticks)
