"""What does a bureau set for itself: names, levels, units, people, calendar, use policy?"""

import datetime as dt
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from data.definition_releases import KEY as RELEASES
from data.definition_releases import parse_releases
from data.definition_types import (
    EMPTY,
    Bureau,
    Calendar,
    Flag,
    Level,
    Parent,
    Person,
    Succession,
    Text,
    Unit,
)
from data.parse import (
    Place,
    check_keys,
    parse_day,
    parse_month,
    read_rows,
    read_toml,
    take,
    take_word,
    take_words,
    wrong,
)
from data.schema import POLICY

UNIT_COLUMNS = (
    "code",
    "level",
    "group",
    "name_zh",
    "name_en",
    "short_zh",
    "short_en",
    "opened",
    "closed",
)
ROLES = ("leader", "statistician", "reviewer", "evaluator", "administrator")


def parse_text(table: dict, key: str, place: Place, default: Any = ...) -> Text:
    """Return a text that stands as `{zh = "...", en = "..."}`."""
    found = take(table, key, dict, place, default)
    if isinstance(found, Text):
        return found
    check_keys(found, place.at(key), ("zh", "en"))
    return Text(take(found, "zh", str, place.at(key)), take(found, "en", str, place.at(key)))


def read_bureau(folder: Path) -> Bureau:
    """Return the bureau of a definitions folder."""
    table = read_toml(folder / "bureau.toml", "bureau.toml")
    place = Place("bureau.toml")
    check_keys(
        table,
        place,
        ("name", "root", "levels", "categories"),
        ("timezone", "year_start", "minimum_base", "headline", "matrix", "small_n", "small_cell")
        + ("demonstration", "today", "display", "options", "review_levels"),
    )
    timezone = take(table, "timezone", str, place, "UTC")
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError):
        wrong(place.at("timezone"), f"unknown time zone '{timezone}'")
    year_start = take(table, "year_start", int, place, 1)
    if year_start not in range(1, 13):
        wrong(place.at("year_start"), f"expected a month from 1 to 12, found {year_start}")
    categories = take(table, "categories", dict, place)
    today = table.get("today")
    levels = _read_levels(take(table, "levels", list, place), place.at("levels"))
    return Bureau(
        name=parse_text(table, "name", place),
        root=take(table, "root", str, place),
        timezone=timezone,
        year_start=year_start,
        minimum_base=take(table, "minimum_base", float, place, 10.0),
        levels=levels,
        categories={key: parse_text(categories, key, place.at("categories")) for key in categories},
        headline=take_words(table, "headline", place, default=()),
        matrix=take_words(table, "matrix", place, default=()),
        people=read_people(folder),
        small_n=take(table, "small_n", int, place, 0),
        small_cell=take(table, "small_cell", int, place, 0),
        demonstration=take(table, "demonstration", bool, place, False),
        today=None if today is None else parse_day(today, place.at("today")),
        raw=table,
        review_levels=_read_review_levels(table, levels, place),
        seasons=_reads_seasons(table, place),
    )


def _reads_seasons(table: dict, place: Place) -> bool:
    """Return whether series with seasons are read by each month's usual: unless it says no."""
    place = place.at("options").at("reading")
    found = take(take(table, "options", dict, place, {}), "reading", dict, place, {})
    check_keys(found, place, (), ("seasons",))
    return take(found, "seasons", bool, place, True)


def _read_review_levels(table: dict, levels: tuple[Level, ...], place: Place) -> tuple[str, ...]:
    """Return the levels that accept a return, which stand from the bottom up."""
    found = take_words(table, "review_levels", place, default=())
    known = [level.code for level in levels if not level.own_of]
    ranks = []
    for code in found:
        if code not in known:
            wrong(place.at("review_levels"), f"unknown level '{code}'", code, known)
        ranks.append(known.index(code))
    if ranks != sorted(set(ranks), reverse=True):
        upward = ", ".join(code for code in reversed(known) if code in found)
        here = place.at("review_levels")
        wrong(here, f"expected each level once, from the bottom up ({upward}), found {list(found)}")
    return found


def _read_levels(entries: list, place: Place) -> tuple[Level, ...]:
    """Return the levels from the top down, own-level kinds among them."""
    levels: list[Level] = []
    for number, entry in enumerate(entries):
        here = place.at(number)
        if not isinstance(entry, dict):
            wrong(here, f"expected a table, found {entry!r}")
        check_keys(entry, here, ("code", "name"), ("own_of", "pooled"))
        code = take(entry, "code", str, here)
        own_of = take(entry, "own_of", str, here, "")
        known = [level.code for level in levels]
        if code in known:
            wrong(here.at("code"), f"level '{code}' is given twice")
        if own_of and own_of not in known:
            wrong(here.at("own_of"), f"unknown level '{own_of}'", own_of, known)
        pooled = take(entry, "pooled", bool, here, False)
        levels.append(Level(code, parse_text(entry, "name", here), own_of, pooled))
    return tuple(levels)


def read_people(folder: Path) -> tuple[Person, ...]:
    """Return the people a new store starts with, if the folder names any."""
    path = folder / "people.toml"
    if not path.exists():
        return ()
    table = read_toml(path, path.name)
    place = Place(path.name)
    check_keys(table, place, ("person",))
    people: list[Person] = []
    for number, entry in enumerate(take(table, "person", list, place)):
        here = place.at("person").at(number)
        check_keys(entry, here, ("user", "role", "unit", "name"), ("title",))
        person = Person(
            user=take(entry, "user", str, here),
            name=parse_text(entry, "name", here),
            role=take_word(entry, "role", ROLES, here),
            unit=take(entry, "unit", str, here),
            title=parse_text(entry, "title", here, EMPTY),
        )
        if person.user in [other.user for other in people]:
            wrong(here.at("user"), f"user '{person.user}' is given twice")
        people.append(person)
    return tuple(people)


def read_flags(folder: Path, bureau: Bureau) -> dict[str, Flag]:
    """Return the use-policy flags of policy.toml (none when there is no such file)."""
    path = folder / "policy.toml"
    if not path.exists():
        return {}
    table = read_toml(path, path.name)
    flags = {}
    for code, entry in table.items():
        place = Place(path.name, code)
        check_keys(entry, place, ("policy", "name", "reason"), ("source", RELEASES))
        flags[code] = Flag(
            code,
            take_word(entry, "policy", POLICY, place),
            parse_text(entry, "name", place),
            parse_text(entry, "reason", place),
            parse_text(entry, "source", place, EMPTY),
            parse_releases(entry, place, bureau.levels) or (),
        )
    return flags


#: What follows the due day: set by a bureau that keeps to such days, shown in the filing calendar.
PLANNED_DAYS = ("review_day", "lock_day", "publish_day")


def read_calendar(folder: Path) -> Calendar:
    """Return the calendar; without a file: no festival, and no year's working days are known."""
    path = folder / "calendar.toml"
    table = read_toml(path, path.name) if path.exists() else {}
    place = Place(path.name)
    check_keys(
        table,
        place,
        (),
        ("festival", "festival_days", "festival_before", "festival_during", "festival_after")
        + ("due_day", "working_days", *PLANNED_DAYS),
    )
    festival = take_word(table, "festival", ("none", "spring_festival"), place, "none")
    days = take(table, "festival_days", dict, place, {})
    working: dict[dt.date, int] = {}
    for year, months in take(table, "working_days", dict, place, {}).items():
        here = place.at("working_days").at(year)
        if not isinstance(months, list) or len(months) != 12:
            wrong(here, f"expected twelve numbers, found {months!r}")
        for month, count in enumerate(months, start=1):
            if not isinstance(count, int) or not 0 <= count <= 31:
                wrong(here, f"expected working days of a month, found {count!r}")
            working[dt.date(int(year), month, 1)] = count
    during, after = (
        take(table, "festival_during", int, place, 7),
        take(table, "festival_after", int, place, 20),
    )
    if not 0 < during <= after:
        wrong(place.at("festival_during"), f"expected 1 to {after} days, found {during}")
    return Calendar(
        festival=festival,
        festival_days=_festival_days(days, place.at("festival_days")),
        festival_before=take(table, "festival_before", int, place, 5),
        festival_after=after,
        due_day=take(table, "due_day", int, place, 5),
        working_days=working,
        festival_during=during,
        **{name: _day_of_month(table, name, place) for name in PLANNED_DAYS},
    )


def _day_of_month(table: dict, name: str, place: Place) -> int:
    """Return a day of the month, 0 where none is set."""
    day = take(table, name, int, place, 0)
    if not 0 <= day <= 31:
        wrong(place.at(name), f"expected a day of the month, 1 to 31, found {day}")
    return day


def _festival_days(days: dict, place: Place) -> dict[int, dt.date]:
    """Return the first day of the festival of each year that is listed."""
    found = {int(year): parse_day(day, place.at(year)) for year, day in days.items()}
    for year, day in found.items():
        if day.year != year:
            wrong(place.at(str(year)), f"expected a day of {year}, found {day}")
    return found


def read_units(folder: Path) -> tuple[Unit, ...]:
    """Return the units of units.csv in official order."""
    path = folder / "units.csv"
    if not path.exists():
        wrong(Place(path.name), "this file is missing; it lists the units of the bureau")
    units = []
    for order, row in enumerate(read_rows(path, UNIT_COLUMNS)):
        units.append(
            Unit(
                code=row["code"],
                level=row["level"],
                group=row["group"],
                name=Text(row["name_zh"], row["name_en"]),
                short=Text(row["short_zh"] or row["name_zh"], row["short_en"] or row["name_en"]),
                opened=_dated(row, "opened", path),
                closed=_dated(row, "closed", path),
                order=order,
                line=row["line"],
            )
        )
    return tuple(units)


def read_parents(folder: Path) -> tuple[Parent, ...]:
    """Return who belonged to whom, when."""
    path = folder / "unit_parents.csv"
    if not path.exists():
        return ()
    return tuple(
        Parent(
            row["unit"],
            row["parent"],
            _dated(row, "from", path),
            _dated(row, "to", path),
            row["line"],
        )
        for row in read_rows(path, ("unit", "parent", "from", "to"))
    )


def read_successions(folder: Path) -> tuple[Succession, ...]:
    """Return the splits and mergers of units."""
    path = folder / "unit_successions.csv"
    if not path.exists():
        return ()
    found = []
    for row in read_rows(path, ("from_unit", "to_unit", "date", "share")):
        place = Place(path.name, f"line {row['line']}")
        try:
            share = float(row["share"])
        except ValueError:
            wrong(place.at("share"), f"expected a number, found '{row['share']}'")
        day = _month(row["date"], place.at("date"))
        if day is None:
            wrong(place.at("date"), "expected a day, found nothing")
        found.append(Succession(row["from_unit"], row["to_unit"], day, share, row["line"]))
    return tuple(found)


def _dated(row: dict, key: str, path: Path) -> dt.date | None:
    """Return the month start in a column of a row; of thousands of rows most have none."""
    if not row[key]:
        return None
    return _month(row[key], Place(path.name, f"line {row['line']}").at(key))


def _month(value: str, place: Place) -> dt.date | None:
    """Return a month start written as 2024-10 or 2024-10-01; empty is None."""
    if not value:
        return None
    day = parse_month(value, place) if len(value) == 7 else parse_day(value, place)
    if day.day != 1:
        wrong(place, f"expected the first day of a month, found {value}")
    return day
