"""How does a series look in a line of text? A small picture with limits, signals and target.

An `<img>` cannot inherit the page's colours, so each theme has its own picture; `alt` says in
words what the picture shows.
"""

from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from charts.palette import palette, reading_colour
from ui.html import Markup, tag

Number = float | None
Scale = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Spark:
    """One series, oldest first: values, limits of each point, readings of special causes.

    `old` points belong to an earlier definition: drawn pale, never joined to the later ones.
    A `domain` puts several series on one scale.
    """

    values: Sequence[Number]
    lower: Sequence[Number] = ()
    centre: Sequence[Number] = ()
    upper: Sequence[Number] = ()
    readings: Sequence[str] = ()
    old: Sequence[bool] = ()
    target: Number = None
    domain: tuple[float, float] | None = None


def sparkline(
    spark: Spark, alt: str, theme: str, width: int = 206, height: int = 40, cls: str = ""
) -> Markup:
    """Return the series as an image element; a series without values is an empty text."""
    if not any(value is not None for value in spark.values):
        return Markup("")
    data = b64encode(draw(spark, theme, width, height).encode()).decode()
    source = f"data:image/svg+xml;base64,{data}"
    return tag("img", src=source, alt=alt, width=width, height=height, cls=cls)


def draw(spark: Spark, theme: str, width: int, height: int) -> str:
    """Return the series as SVG text."""
    colours = palette(theme)
    count = len(spark.values)
    known = [v for v in (*spark.values, *spark.lower, *spark.upper, spark.target) if v is not None]
    low, high = spark.domain or (min(known), max(known))
    span = (high - low) or 1.0
    step = (width - 8) / max(count - 1, 1)

    def x(i: float) -> float:
        return 4 + i * step

    def y(value: float) -> float:
        return 4 + (height - 8) * (1 - (value - low) / span) if high > low else height / 2

    parts = _bands(spark, colours, x, y)
    if spark.target is not None:
        parts.append(
            f'<path d="M4 {y(spark.target):.1f}H{width - 4}" stroke="{colours["ink"]}"'
            ' stroke-width="1" stroke-dasharray="3 2"/>'
        )
    for run in _runs(spark):
        pale = bool(spark.old) and spark.old[run[0]]
        stroke = colours["missing"] if pale else colours["common"]
        points = "L".join(f"{x(i):.1f} {y(spark.values[i] or 0.0):.1f}" for i in run)
        parts.append(
            f'<path fill="none" stroke="{stroke}" stroke-width="1.25" stroke-linejoin="round"'
            f' d="M{points}"/>'
        )
    parts += _points(spark, theme, x, y)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
        f' viewBox="0 0 {width} {height}">{"".join(parts)}</svg>'
    )


def _bands(spark: Spark, colours: dict[str, str], x: Scale, y: Scale) -> list[str]:
    """Return the normal range and its centre, one piece for each stretch of equal limits."""
    parts: list[str] = []
    start = 0
    limits = list(zip(spark.lower, spark.centre, spark.upper, strict=True))
    for i in range(len(limits)):
        if i + 1 < len(limits) and limits[i + 1] == limits[start]:
            continue
        lower, centre, upper = limits[start]
        left, right = x(start - 0.4), x(i + 0.4)
        if lower is not None and upper is not None and centre is not None:
            pale = bool(spark.old) and spark.old[start]
            parts.append(
                f'<rect x="{left:.1f}" y="{y(upper):.1f}" width="{right - left:.1f}"'
                f' height="{max(y(lower) - y(upper), 0.5):.1f}" fill="{colours["band"]}"'
                f' opacity="{0.6 if pale else 1}"/>'
                f'<path d="M{left:.1f} {y(centre):.1f}H{right:.1f}"'
                f' stroke="{colours["line_strong"]}"/>'
            )
        start = i + 1
    return parts


def _runs(spark: Spark) -> list[list[int]]:
    """Return the indices of points to join: no line across a gap or a change of definition."""
    runs: list[list[int]] = []
    for i, value in enumerate(spark.values):
        if value is None:
            continue
        joined = runs and runs[-1][-1] == i - 1
        if joined and (not spark.old or spark.old[i] == spark.old[i - 1]):
            runs[-1].append(i)
        else:
            runs.append([i])
    return runs


def _points(spark: Spark, theme: str, x: Scale, y: Scale) -> list[str]:
    """Return marks: special causes (concern a diamond), and the last point larger."""
    last = max(i for i, value in enumerate(spark.values) if value is not None)
    parts = []
    for i, value in enumerate(spark.values):
        reading = spark.readings[i] if i < len(spark.readings) else "none"
        special = reading in ("better", "worse", "up", "down")
        if value is None or not (special or i == last):
            continue
        colour, size = reading_colour(reading, theme), 3.0 if i == last else 2.0
        cx, cy = x(i), y(value)
        if reading == "worse":
            r = size * 1.3
            parts.append(
                f'<path d="M{cx:.1f} {cy - r:.1f}L{cx + r:.1f} {cy:.1f}L{cx:.1f} {cy + r:.1f}'
                f'L{cx - r:.1f} {cy:.1f}Z" fill="{colour}"/>'
            )
        else:
            parts.append(f'<circle cx="{cx:.1f}" cy="{cy:.1f}" r="{size:g}" fill="{colour}"/>')
    return parts
