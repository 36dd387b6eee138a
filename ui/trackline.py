"""How does a series of the kernel become a sparkline with its words?"""

from data.catalog import Indicator
from data.texts import text
from metrics.rounding import format_value
from metrics.tracks import Track
from ui.spark import Spark


def spark_of(
    track: Track,
    item: Indicator,
    lang: str,
    target: float | None = None,
    domain: tuple[float, float] | None = None,
) -> tuple[Spark, str]:
    """Return what to draw of a series, and what it shows in words."""

    def where(place: int) -> list[float | None]:
        return [edges[place] if edges and not track.is_small else None for edges in track.band]

    spark = Spark(
        values=track.values,
        lower=where(0),
        centre=where(1),
        upper=where(2),
        readings=track.readings,
        old=track.old,
        target=target,
        domain=domain,
    )
    values = {
        "name": item.name.get(lang),
        "count": len(track.values),
        "value": format_value(track.values[-1], item),
    }
    if track.limits is None or track.is_small:
        return spark, text("overview.spark_alt_short", lang, **values)
    limits = {
        "lower": format_value(track.limits[0], item),
        "upper": format_value(track.limits[2], item),
    }
    return spark, text("overview.spark_alt", lang, **values, **limits)
