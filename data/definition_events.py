"""What happened that a reader of figures must know, and where does a series start again?

`events.toml` lists what a bureau sets by hand: a new record system, a campaign, a new way of
working. Each entry says from which month, for which indicators and units, and what follows from it.
"""

from collections.abc import Iterator
from pathlib import Path

from data.definition_bureau import parse_text
from data.definition_types import Catalog, Event
from data.parse import Place, check_keys, nearest, parse_month, read_toml, take, take_word, wrong
from data.parse import take_words as words

FILE = "events.toml"
#: note: written on the charts. rebase: the usual range starts again there. break: besides, nothing
#: is compared across it.
EFFECTS = ("note", "rebase", "break")


def read_events(folder: Path) -> tuple[Event, ...]:
    """Return the events of events.toml by month (none when there is no such file)."""
    path = folder / FILE
    if not path.exists():
        return ()
    table, place = read_toml(path, FILE), Place(FILE)
    check_keys(table, place, (), ("event",))
    found = []
    for number, entry in enumerate(take(table, "event", list, place, [])):
        here = place.at("event").at(number)
        if not isinstance(entry, dict):
            wrong(here, f"expected a table, found {entry!r}")
        check_keys(entry, here, ("from", "effect", "reason"), ("indicators", "units"))
        reason = parse_text(entry, "reason", here)
        if not (reason.zh.strip() and reason.en.strip()):
            wrong(here.at("reason"), "say in both languages what happened: readers are told")
        for key in ("indicators", "units"):
            if entry.get(key) == []:
                wrong(here.at(key), "names none; leave it out where all are meant")
        event = Event(
            start=parse_month(entry["from"], here.at("from")),
            effect=take_word(entry, "effect", EFFECTS, here),
            reason=reason,
            indicators=words(entry, "indicators", here, default=()),
            units=words(entry, "units", here, default=()),
        )
        found.append(event)
    return tuple(sorted(found, key=lambda event: event.start))


def check_events(catalog: Catalog) -> Iterator[str]:
    """Yield the indicators and units of events that do not exist."""
    units = {unit.code for unit in catalog.units}
    for number, event in enumerate(catalog.events):
        where = f"{FILE}: event of {event.start:%Y-%m} ({number + 1} by month)"
        for code in event.indicators:
            if code not in catalog.indicators:
                hint = nearest(code, catalog.indicators)
                yield f"{where}.indicators: unknown indicator '{code}'{hint}"
        for code in event.units:
            if code not in units:
                yield f"{where}.units: unknown unit '{code}'{nearest(code, units)}"
