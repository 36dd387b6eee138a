"""Which units lie outside what chance explains? A funnel: share against size, limits narrowing.

Names of units lie over, under or beside their points, off each other, other points and the levels.
"""

from typing import Any

import altair as alt
import polars as pl

from charts.base import (
    data,
    dressed,
    nice_domain,
    number_format,
    reading_fill,
    reading_shape,
    spread_labels,
    value_axis,
)
from charts.palette import READING_COLOUR, palette
from data.texts import text

#: Where Chinese letters begin, which take the room of two; how wide a funnel is on a laptop.
WIDE, PLOT_WIDTH = 0x2E80, 560
#: Of more units only the special ones are named.
MOST_NAMES = 30
#: Parts of the height: a row of words, and how far below its place over a point a name lies under.
ROW, UNDER = 0.045, 0.08
#: How far below its name over it a point lies, and how much of the width it takes.
POINT, POINT_WIDE = 0.035, 0.02
#: Where a name may stand, the best first: how it is aligned, and how many pixels off its point.
PLACES = {"name": ("center", 0, -12), "below": ("center", 0, 14), "beside": ("left", 8, 1)}
#: As much room as the figure takes that stands beside the name of a special unit.
FIGURE = "00.0"


def chart_funnel(
    points: pl.DataFrame,
    curve: pl.DataFrame,
    centre: tuple[float, str],
    decimals: int,
    theme: str,
    lang: str,
    axis_title: str,
    target: tuple[float, str] | None = None,
    height: int = 344,
) -> alt.TopLevelMixin:
    """Return a funnel: share against size, limits widening for small units.

    Needs: points with `label, size, value, reading, small`; the curve as `metrics.funnel` makes
    it, on the scale of the points. The band is what decides, with its edges; dashed are 95 % and
    99.8 % of one unit. Small units are hollow; the edges by chance alone are dotted, and left out
    where they are the same.
    """
    colours = palette(theme)
    values = points["value"].to_list()
    edges = _shown_limits(points, curve, [centre[0], *([target[0]] if target else [])])
    low, high = nice_domain([*values, *edges, target[0] if target else None])
    top = float(curve.select(pl.max_horizontal("upper", "upper998").max()).item())
    high = min(high, top) if top > max(v or 0 for v in values) else high
    scale = alt.Scale(domain=[low, high], nice=False, zero=False)
    x = alt.X(
        "size:Q",
        scale=alt.Scale(domain=[0, float(curve["size"].max()) * 1.02], nice=False),  # type: ignore[arg-type]
        axis=alt.Axis(title=axis_title, grid=False, titleAnchor="end", tickCount=6, format=",d"),
    )
    axis = value_axis(low, high, decimals, 6)
    limit = alt.Chart(data(curve))
    layers: list[alt.Chart] = [
        limit.mark_area(color=colours["band"], clip=True).encode(
            x, alt.Y("lower:Q", scale=scale, axis=axis), alt.Y2("upper:Q")
        )
    ]
    lines: list[tuple[str, float, list[int]]] = [
        ("95", 1, [5, 3]),
        ("998", 1, [5, 3]),
        ("", 1.25, [1, 0]),
    ]
    if not (curve["upper"] == curve["upper_plain"]).all():
        lines.append(("_plain", 1.25, [1, 3]))
    for name, width, dash in lines:
        for side in ("lower", "upper"):
            layers.append(
                limit.mark_line(
                    color=colours["common"], strokeWidth=width, strokeDash=dash, clip=True
                ).encode(x, alt.Y(f"{side}{name}:Q", scale=scale))
            )
    levels = [(*centre, colours["ink"], False)]
    if target:
        levels.append((*target, colours["accent"], True))
    far = float(curve["size"].max()) * 1.02  # type: ignore[arg-type]
    end = _free_end(points, levels, high - low, far)
    layers += _levels(levels, scale, (low, high), height, end)
    layers += _named_points(points, levels, end, decimals, theme, lang, x, scale, high - low)
    chart = alt.layer(*layers, width="container", height=height)
    return dressed(chart, theme)


def _shown_limits(points: pl.DataFrame, curve: pl.DataFrame, levels: list[float]) -> list[float]:
    """Return the outermost limits that a funnel makes room for, where any unit is judged by them.

    Limits of a handful of cases, or of units that differ widely, would leave all units at the foot
    of the chart: they get twice the room that units and levels have.
    """
    far = curve["size"].max()
    least = points.filter(~pl.col("small"))["size"].min()
    seen = curve.filter(pl.col("size") >= max(far / 5, least or 0.0))  # type: ignore[operator]
    lows, highs = ("lower", "lower998"), ("upper", "upper998")
    edges = seen.select(pl.min_horizontal(lows).min(), pl.max_horizontal(highs).max()).row(0)
    shown = [*points["value"].drop_nulls().to_list(), *levels]
    room = 2 * (max(shown) - min(shown)) or edges[1] - edges[0]
    return [max(edges[0], min(shown) - room), min(edges[1], max(shown) + room)]


def _levels(
    levels: list[tuple[float, str, str, bool]],
    scale: alt.Scale,
    domain: tuple[float, float],
    height: int,
    end: str,
) -> list[alt.Chart]:
    """Return horizontal lines (at, words, colour, dashed), named at one end and kept apart."""
    places = spread_labels([at for at, *_ in levels], *domain, height)
    rows = [
        {"at": at, "y": place, "words": words, "colour": colour, "dashed": dashed}
        for (at, words, colour, dashed), place in zip(levels, places, strict=True)
    ]
    chart = alt.Chart(data(pl.DataFrame(rows)))
    colour = alt.Color("colour:N", scale=None, legend=None)
    dash = alt.condition("datum.dashed", alt.value([4, 3]), alt.value([1, 0]))
    rule = chart.mark_rule(strokeWidth=1.25)
    inward = 4 if end == "left" else -4
    words = chart.mark_text(align=end, baseline="bottom", dx=inward, dy=-2)  # type: ignore[arg-type]
    place = alt.value(0 if end == "left" else "width")
    return [
        rule.encode(alt.Y("at:Q", scale=scale), color=colour, strokeDash=dash),
        words.encode(alt.Y("y:Q", scale=scale), x=place, text="words:N", color=colour),
    ]


def _free_end(
    points: pl.DataFrame, levels: list[tuple[float, str, str, bool]], span: float, far: float
) -> str:
    """Return the end of the plot at which fewer points with their names lie near the levels."""
    near = pl.any_horizontal(
        *((pl.col("value") - at).is_between(-span * 0.09, span * 0.09) for at, *_ in levels)
    )
    share = points.filter(near)["size"] / far
    return "right" if (share > 0.68).sum() < (share < 0.32).sum() else "left"


def _named_points(
    points: pl.DataFrame,
    levels: list[tuple[float, str, str, bool]],
    end: str,
    decimals: int,
    theme: str,
    lang: str,
    x: alt.X,
    scale: alt.Scale,
    span: float,
) -> list[alt.Chart]:
    """Return the units as points with their names, where these do not lie over each other.

    The special ones are always named, with their figure; on a phone with several units only they.
    """
    colours = palette(theme)
    taken = [_level_place(at, words, end, span) for at, words, *_ in levels]
    named = points.with_columns(
        is_special=pl.col("reading") != "not_significant",
        colour=pl.col("reading").replace_strict(
            {reading: colours[f"{name}_text"] for reading, name in READING_COLOUR.items()},
            default=colours["ink"],
        ),
        **dict(zip(PLACES, _names_apart(points, span, taken), strict=True)),
    )
    base = alt.Chart(data(named))
    y = alt.Y("value:Q", scale=scale)
    narrow = f"width < 420 && !datum.is_special && {points.height} > 5"
    tips = [
        alt.Tooltip("label:N", title=text("charts.unit", lang)),
        alt.Tooltip("value:Q", title=text("charts.value", lang), format=number_format(decimals)),
        alt.Tooltip("size:Q", title="n", format=",d"),
    ]
    big = base.transform_filter("!datum.small").mark_point(filled=True, opacity=1, size=64)
    small = base.transform_filter("datum.small").mark_point(
        fill=colours["surface"], stroke=colours["common"], strokeWidth=1.5, opacity=1, size=48
    )
    names = []
    for name, (align, dx, dy) in PLACES.items():
        put: dict[str, Any] = {"align": align, "dx": dx, "dy": dy}
        called = base.transform_filter(f"!datum.is_special && datum.{name} != ''")
        names.append(
            called.mark_text(**put, color=colours["ink"]).encode(
                x, y, text=f"{name}:N", opacity=alt.condition(narrow, alt.value(0), alt.value(1))
            )
        )
        special = base.transform_filter(f"datum.is_special && datum.{name} != ''")
        figure = f"datum.{name} + ' ' + format(datum.value, '{number_format(decimals)}')"
        names.append(
            special.transform_calculate(said=figure)
            .mark_text(**put, fontWeight="bold")
            .encode(x, y, alt.Color("colour:N", scale=None, legend=None), text="said:N")
        )
    return [
        big.encode(x, y, reading_fill(theme), reading_shape(), tooltip=tips),
        small.encode(x, y, tooltip=tips),
        *names,
    ]


Place = tuple[float, float, float]  # the middle of a name or point, and how wide it is


def _wide(words: str) -> float:
    """Return how much of a funnel's width words take."""
    return sum(12 if ord(letter) > WIDE else 7 for letter in words) / PLOT_WIDTH


def _level_place(at: float, words: str, end: str, span: float) -> Place:
    """Return where the name of a level lies."""
    wide = _wide(words)
    return (wide / 2 if end == "left" else 1 - wide / 2), at / (span or 1.0), wide


def _meets(some: Place, other: Place, room: float) -> bool:
    """Return whether two names, or a name and a point, lie over each other."""
    return abs(some[0] - other[0]) <= (some[2] + other[2]) / 2 and abs(some[1] - other[1]) <= room


def _names_apart(
    points: pl.DataFrame, span: float, taken: list[Place] | None = None
) -> tuple[pl.Series, ...]:
    """Return the names over, under and right of points that have room among names and points.

    The special ones come first.

    >>> rows = {"label": ["a", "b", "c"], "size": [10.0, 10.1, 90.0], "value": [5.0, 5.0, 5.0]}
    >>> points = pl.DataFrame(rows | {"reading": ["better"] + ["not_significant"] * 2})
    >>> [names.to_list() for names in _names_apart(points, 10.0, [(0.1, 4.6, 0.1)])]
    [['a', '', 'c'], ['', 'b', ''], ['', '', '']]
    """
    far = max(points["size"].to_list(), default=1.0) or 1.0
    rows = points.select("label", "size", "value", "reading").rows()
    order = sorted(range(len(rows)), key=lambda at: rows[at][3] == "not_significant")
    placed = list(taken or ())
    points_at = [
        (size / far, value / (span or 1.0) - POINT, POINT_WIDE) for _, size, value, _ in rows
    ]
    over, under, right = ([""] * len(rows) for _ in PLACES)
    for at in order:
        label, size, value, reading = rows[at]
        said = label if reading == "not_significant" else f"{label} {FIGURE}"
        x, y, wide = size / far, value / (span or 1.0), _wide(said)
        others = points_at[:at] + points_at[at + 1 :]
        beside = x + (POINT_WIDE + wide) / 2
        tried = [(over, (x, y, wide)), (under, (x, y - UNDER, wide))]
        if beside + wide / 2 <= 1:
            tried.append((right, (beside, y - POINT, wide)))
        free = [
            (names, place)
            for names, place in tried
            if len(rows) <= MOST_NAMES
            and not any(_meets(place, other, ROW) for other in placed)
            and not any(_meets(place, other, POINT) for other in others)
        ]
        if free or reading != "not_significant":
            names, place = free[0] if free else tried[0]
            names[at] = label
            placed.append(place)
    return tuple(pl.Series(names, dtype=pl.String) for names in (over, under, right))
