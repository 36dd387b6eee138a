"""How is a number printed: rounded once, half away from zero, from exact parts?

23 of 80 is 28.75 %, printed 28.8. Floats give 28.749…, so the parts are taken as the decimals that
they were filed as and divided as fractions.
"""

import math
from decimal import Decimal
from fractions import Fraction

from data.definition_types import Indicator

DIGITS = 13  # significant decimal digits in which filed numbers and their sums are exact
MINUS = "−"
MISSING = "—"


def exact(value: float) -> Fraction:
    """Return the decimal number that a float stands for.

    >>> exact(0.1 + 0.2)
    Fraction(3, 10)
    """
    return Fraction(Decimal(f"{value:.{DIGITS}g}"))


def round_half_up(
    numerator: float | None, denominator: float | None = None, scale: float = 1, decimals: int = 0
) -> Decimal | None:
    """Return numerator ÷ denominator × scale, rounded once, half away from zero.

    Without a denominator the numerator itself is rounded; x/0 and what is missing give None.

    >>> round_half_up(23, 80, 100, 1), round_half_up(-0.25, decimals=1)
    (Decimal('28.8'), Decimal('-0.3'))
    """
    if numerator is None or is_missing(numerator):
        return None
    if denominator is not None and is_missing(denominator):
        return None
    if denominator == 0:
        return None
    share = exact(numerator) * exact(scale) / (1 if denominator is None else exact(denominator))
    return round_fraction(share, decimals)


def round_fraction(value: Fraction, decimals: int) -> Decimal:
    """Return a fraction with so many decimals, half away from zero; never a negative zero.

    >>> round_fraction(Fraction(-1, 1000), 1)
    Decimal('0.0')
    """
    whole = abs(value) * 10**decimals
    steps = math.floor(whole + Fraction(1, 2))
    number = Decimal(steps).scaleb(-decimals)
    return -number if value < 0 and steps else number


def is_missing(value: float | None) -> bool:
    """Return whether there is no number."""
    return value is None or math.isnan(value)


def format_number(value: Decimal | None, signed: bool = False) -> str:
    """Return a number with thousands separators and a true minus; a dash where there is none.

    >>> format_number(Decimal("-1234.50")), format_number(Decimal("4"), signed=True)
    ('−1,234.50', '+4')
    """
    if value is None:
        return MISSING
    sign = MINUS if value < 0 else "+" if signed and value > 0 else ""
    return f"{sign}{abs(value):,f}"


def format_value(
    value: float | None,
    indicator: Indicator,
    lang: str | None = None,
    numerator: float | None = None,
    denominator: float | None = None,
) -> str:
    """Return a figure as it is printed, with its unit if a language is given.

    With numerator and denominator it is rounded from them, else from the value. A per cent sign
    stands close in both languages.
    """
    if is_missing(value):
        return MISSING
    rounded = figure(value, indicator, numerator, denominator)
    text = format_number(rounded)
    return text if lang is None else with_unit(text, indicator, lang)


def figure(
    value: float | None,
    indicator: Indicator,
    numerator: float | None = None,
    denominator: float | None = None,
) -> Decimal | None:
    """Return a figure rounded to the decimals of its indicator, from its parts where they divide.

    An annualised figure, a relative change or a pooled spread is not the plain quotient of its
    parts: it is rounded from its value.
    """
    divides = indicator.kind in ("ratio", "mean", "index") and not is_missing(denominator)
    if divides and not is_missing(numerator) and value is not None and not is_missing(value):
        quotient = round_half_up(numerator, denominator, indicator.scale, indicator.decimals)
        if quotient is not None and abs(float(quotient) - value) <= 10.0**-indicator.decimals:
            return quotient
    return round_half_up(value, decimals=indicator.decimals)


def with_unit(text: str, indicator: Indicator, lang: str) -> str:
    """Return a printed number followed by its unit of measure."""
    unit = indicator.unit.get(lang)
    if unit == "%":
        return f"{text}%"
    return f"{text} {unit}" if unit else text
