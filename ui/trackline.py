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

    def where(limit: float | None) -> list[float | None]:
        return [limit if ok and not track.is_small else None for ok in track.limited]

    spark = Spark(
        values=track.values,
        lower=where(track.lower),
        centre=where(track.centre),
        upper=where(track.upper),
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
    if track.lower is None or track.is_small:
        return spark, text("overview.spark_alt_short", lang, **values)
    limits = {
        "lower": format_value(track.lower, item),
        "upper": format_value(track.upper, item),
    }
    return spark, text("overview.spark_alt", lang, **values, **limits)
