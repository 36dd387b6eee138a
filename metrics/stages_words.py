"""What may be said of a rate between two stages of money?"""

from data.definition_types import Catalog, Chain
from data.texts import text
from metrics.lag import Lag
from metrics.rounding import format_number, round_half_up
from metrics.stages import PRINTED, StageRate

# A range over the lags that is narrower is not worth a sentence: in points.
CLOSE = 1.0


def amount_words(value: float | None) -> str:
    """Return an amount of money to two decimals at most.

    >>> amount_words(1234.5), amount_words(None)
    ('1,234.50', '—')
    """
    return "—" if value is None else format_number(round_half_up(value, decimals=2))


def share_words(value: float | None) -> str:
    """Return a rate with its percent sign, to one decimal.

    >>> share_words(62.25), share_words(None)
    ('62.3%', '—')
    """
    return "—" if value is None else f"{format_number(round_half_up(value, decimals=1))}%"


def parts_words(one: StageRate) -> str:
    """Return the two amounts of a rate, nothing for one that there is none of."""
    figure = one.figure
    if one.note == "missing":
        return "—"
    return f"{amount_words(figure['numerator'])} ÷ {amount_words(figure['denominator'])}"


def rate_words(value: float | None, note: str) -> str:
    """Return a rate as it is printed: none of a small base, of nought, or of amounts below it.

    >>> rate_words(62.25, "none"), rate_words(300.0, "small_base")
    ('62.3%', '—')
    """
    return share_words(value if note in PRINTED else None)


def explain_words(one: StageRate, catalog: Catalog, lang: str) -> str:
    """Return the rate in words with its parts, and what may be behind more than the whole."""
    if one.note == "missing":
        return text("stages.rate.missing", lang)
    part, of = (catalog.measures[code].name.get(lang) for code in (one.rate.part, one.rate.of))
    unit = catalog.measures[one.rate.of].unit.get(lang)
    if one.note not in PRINTED:
        values = {"parts": parts_words(one), "unit": unit, "of": of}
        return text(f"stages.rate.{one.note}", lang, **values)
    values = {"value": share_words(one.figure["value"]), "parts": parts_words(one), "unit": unit}
    said = text("stages.rate.plain", lang, **values)
    if one.note == "none":
        return said
    values = {"part": part, "of": of}
    if one.note == "over_all":
        over = text("stages.rate.over_all", lang, **values, months=one.months)
    elif one.earlier is None:
        over = text("stages.rate.over_plain", lang, **values)
    else:
        earlier = amount_words(one.earlier)
        over = text("stages.rate.over", lang, **values, unit=unit, earlier=earlier)
    return said + text("stages.stop", lang) + over


def range_words(one: StageRate, chain: Chain, lang: str, is_short: bool = False) -> str:
    """Return how much the timing of the earlier stage bends a rate; nothing where it is not known.

    The lags run from none to the longest of the chain; in short, where a header says so.
    """
    if (
        one.low is None
        or one.high is None
        or one.low_lag == one.high_lag
        or one.note not in PRINTED
    ):
        return ""
    longest = {} if is_short else {"longest": chain.longest_lag}
    if one.high - one.low < CLOSE:
        return text(
            "stages.range.short_close" if is_short else "stages.range.close", lang, **longest
        )
    values = {"low": share_words(one.low), "high": share_words(one.high)}
    return text(
        "stages.range.short" if is_short else "stages.range.wide", lang, **longest, **values
    )


def lag_words(lag: Lag, lang: str) -> str:
    """Return after how many months one stage follows the other, or that it cannot be told.

    >>> print(lag_words(Lag("told", 55, 3, 0.6, 2, 4), "en"))
    follows after about 2 to 4 months (55 months)
    """
    if lag.said == "told" and lag.first == lag.last:
        key = "at_once" if lag.first == 0 else "one"
        return text(f"stages.lag.{key}", lang, first=lag.first, pairs=lag.pairs)
    values = {"first": lag.first, "last": lag.last, "pairs": lag.pairs}
    return text(f"stages.lag.{lag.said}", lang, **values)
