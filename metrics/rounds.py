"""Which scheme is meant, which months are a round of it, and which does each of its items take?"""

import datetime as dt
import re

from data.definition_types import Catalog, Indicator, Scheme, SchemeItem
from data.parse import nearest
from data.periods import add_months, format_period, parse_period

OWN_LAST_YEAR = "own_last_year"
ROUND_MONTHS = {"monthly": 1, "quarterly": 3, "yearly": 12}
ROUND_TEXT = re.compile(r"(\d{4})-?(?:[Qq]([1-4]))?")


def find_scheme(catalog: Catalog, code: str) -> Scheme:
    """Return a scheme; an unknown code raises with the nearest known one."""
    if code not in catalog.schemes:
        known = ", ".join(catalog.schemes) or "none"
        msg = f"unknown scheme '{code}'{nearest(code, catalog.schemes)}; known: {known}"
        raise ValueError(msg)
    return catalog.schemes[code]


def round_end(scheme: Scheme, catalog: Catalog, text: str | dt.date) -> dt.date:
    """Return the last month of a round written as `2024Q3`, `2024` or `2024-09`.

    Raises:
        ValueError: the month is not the end of a round of this scheme.
    """
    start = catalog.bureau.year_start
    length = ROUND_MONTHS[scheme.round]
    found = ROUND_TEXT.fullmatch(text.strip()) if isinstance(text, str) else None
    if found and length in (3, 12) and (found[2] is None) == (length == 12):
        first = dt.date(int(found[1]), start, 1)
        return add_months(first, 3 * int(found[2]) - 1 if found[2] else 11)
    if found:
        msg = f"round '{text}': scheme '{scheme.code}' is {scheme.round}"
        raise ValueError(msg)
    period = text.replace(day=1) if isinstance(text, dt.date) else parse_period(text)
    into = (period.month - start) % length
    if into != length - 1:
        ends = [add_months(period, months - into) for months in (-1, length - 1)]
        named = [f"{format_period(end)} ({round_name(scheme, catalog, end)})" for end in ends]
        msg = (
            f"round '{format_period(period)}': a {scheme.round} round is named by its last month: "
            f"{named[0]} or {named[1]}"
        )
        raise ValueError(msg)
    return period


def round_name(scheme: Scheme, catalog: Catalog, period: dt.date) -> str:
    """Return the name of the round that ends with a month: `2024Q3`, `2024-09` or `2024`."""
    if scheme.round == "monthly":
        return format_period(period)
    first = add_months(period, 1 - ROUND_MONTHS[scheme.round])
    into = (first.month - catalog.bureau.year_start) % 12
    year = add_months(first, -into).year
    return f"{year}" if scheme.round == "yearly" else f"{year}Q{into // 3 + 1}"


def item_window(scheme: Scheme, item: SchemeItem, indicator: Indicator, period: dt.date) -> str:
    """Return an item's window; under the January–February rule February takes both months."""
    if "jan_feb" in scheme.raw and period.month == 2 and looks_back(item, indicator):
        return "jan_feb"
    return item.window


def looks_back(item: SchemeItem, indicator: Indicator) -> bool:
    """Return whether an item sets this year against last: the festival moves in between."""
    return indicator.kind == "yoy" or item.params.get("target") == OWN_LAST_YEAR


def is_excused(scheme: Scheme, item: SchemeItem, indicator: Indicator, period: dt.date) -> bool:
    """Return whether an item is left out of a round for the festival: in January."""
    return "jan_feb" in scheme.raw and period.month == 1 and looks_back(item, indicator)
