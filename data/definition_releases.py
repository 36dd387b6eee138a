"""At which levels, and over which windows, are small counts given to readers outside a unit?"""

from collections.abc import Iterable

from data.definition_types import Flag, Level, Releases
from data.parse import Place, take, take_words, wrong
from data.schema import WINDOW

#: The flag whose measures are released level by level; others are hidden from all or from nobody.
SMALL_COUNTS = "S"
KEY = "releases"


def parse_releases(
    table: dict, place: Place, levels: Iterable[Level], windows: Iterable[str] = WINDOW
) -> Releases | None:
    """Return the levels that an entry names, each with its windows; None where it names none.

    >>> from data.definition_text import EMPTY
    >>> place, levels = Place("measures.toml", "deaths"), [Level("city", EMPTY)]
    >>> parse_releases({"releases": {"city": ["month", "year"]}}, place, levels)
    (('city', ('month', 'year')),)
    """
    if KEY not in table:
        return None
    found, here = take(table, KEY, dict, place), place.at(KEY)
    known = [level.code for level in levels]
    for level in found:
        if level not in known:
            wrong(here, f"unknown level '{level}'", level, known)
    return tuple((level, take_words(found, level, here, windows)) for level in found)


def releases_of(
    table: dict, place: Place, levels: Iterable[Level], flags: dict[str, Flag]
) -> Releases:
    """Return what a measure declares, else the default of its flag as far as it has the windows."""
    windows, carried = table.get("windows", ()), table.get("flags", ())
    own = parse_releases(table, place, levels, windows)
    if own is not None and SMALL_COUNTS not in carried:
        wrong(place.at(KEY), f"only measures of flag {SMALL_COUNTS} declare releases")
    if own is not None or SMALL_COUNTS not in carried:
        return own or ()
    return tuple(
        (level, tuple(window for window in declared if window in windows))
        for level, declared in flags[SMALL_COUNTS].releases
    )
