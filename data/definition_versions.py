"""Under which definition of a measure is a month's figure filed, and when did it change?

A measure keeps its code when its definition changes; the versions are numbered from 1 in the order
of their first months. A month belongs to the version in force then, unless a file says that it
holds figures worked out again under another one (a back-cast).
"""

import datetime as dt
from collections.abc import Iterable, Mapping

import polars as pl

from data.definition_bureau import parse_text
from data.definition_types import EMPTY, Measure, Text, Version
from data.parse import Place, check_keys, parse_month, take, wrong
from data.texts import text


def parse_versions(table: dict, definition: Text, place: Place) -> tuple[Version, ...]:
    """Return the versions of a measure, oldest first; the last one is the definition itself."""
    entries = take(table, "versions", list, place, [])
    stated = take(table, "version", int, place, len(entries) or 1)
    if stated < 1:
        wrong(place.at("version"), f"versions are counted from 1, found {stated}")
    if not entries:
        return (Version(stated, None, definition, EMPTY),)
    if stated != len(entries):
        wrong(place.at("version"), f"{stated} is stated, but {len(entries)} versions are listed")
    found: list[Version] = []
    for number, entry in enumerate(entries, start=1):
        here = place.at("versions").at(number - 1)
        is_first, is_last = number == 1, number == len(entries)
        needed = () if is_first else ("from", "change")
        check_keys(entry, here, needed, ("from", "change", "definition", "direction"))
        if not is_last and "definition" not in entry:
            wrong(here, "an earlier version needs its own definition text")
        if is_last and "definition" in entry:
            wrong(here.at("definition"), "the last version is the measure's own definition text")
        if is_last and "direction" in entry:
            wrong(here.at("direction"), "the last version has the measure's own direction")
        start = parse_month(entry["from"], here.at("from")) if "from" in entry else None
        if found and found[-1].start and start and start <= found[-1].start:
            wrong(here.at("from"), f"{start:%Y-%m} is not after {found[-1].start:%Y-%m}")
        own = definition if is_last else parse_text(entry, "definition", here)
        change = parse_text(entry, "change", here, EMPTY)
        found.append(Version(number, start, own, change, _direction(entry, here)))
    return tuple(found)


def _direction(entry: dict, place: Place) -> int | None:
    """Return which way an earlier version was good, None where as now."""
    direction = take(entry, "direction", int, place, None)
    if direction not in (None, -1, 0, 1):
        wrong(place.at("direction"), f"1, -1 or 0, found {direction}")
    return direction


def direction_of(measure: Measure, version: int) -> int:
    """Return which way a measure was good under one version of its definition."""
    stated = next((v.direction for v in measure.versions if v.number == version), None)
    return measure.direction if stated is None else stated


def version_at(versions: tuple[Version, ...], period: dt.date) -> int:
    """Return the version that was in force in a month.

    >>> both = (Version(1, None, EMPTY, EMPTY), Version(2, dt.date(2024, 1, 1), EMPTY, EMPTY))
    >>> version_at(both, dt.date(2023, 12, 1)), version_at(both, dt.date(2024, 1, 1))
    (1, 2)
    """
    in_force = [v.number for v in versions if v.start is None or v.start <= period]
    return max(in_force, default=versions[0].number)


def version_in_force(measures: Mapping[str, Measure], column: str = "measure") -> pl.Expr:
    """Return the version in force in a fact's month.

    Needs: the column that names the measure, and `period`; an unknown measure gives null.
    """
    first = {code: item.versions[0].number for code, item in measures.items()}
    found = pl.col(column).replace_strict(first, default=None, return_dtype=pl.Int64)
    for code, item in measures.items():
        for version in item.versions[1:]:
            is_later = (pl.col(column) == code) & (pl.col("period") >= version.start)
            found = pl.when(is_later).then(pl.lit(version.number, pl.Int64)).otherwise(found)
    return found


def of_month(facts: pl.DataFrame, measures: Mapping[str, Measure], period: dt.date) -> pl.DataFrame:
    """Return the facts that can stand beside a month: those under its definition.

    Needs: `measure`, and `definition` where there are several (facts without it are of one).
    """
    changed = {
        code: version_at(item.versions, period)
        for code, item in measures.items()
        if len(item.versions) > 1 and "definition" in facts.columns
    }
    if not changed:
        return facts
    wanted = pl.col("measure").replace_strict(changed, default=None, return_dtype=pl.Int64)
    return facts.filter(wanted.is_null() | (pl.col("definition") == wanted))


def renamed(facts: pl.LazyFrame, measures: Mapping[str, Measure]) -> pl.LazyFrame:
    """Return facts under the codes of today; those of a measure's former codes are its own.

    Needs: the column `measure`.
    """
    former = former_codes(measures)
    return facts.with_columns(pl.col("measure").replace(former)) if former else facts


def former_codes(measures: Mapping[str, Measure]) -> dict[str, str]:
    """Return the code of today of each former code."""
    return {old: code for code, item in measures.items() for old in item.formerly}


def filed_codes(measures: Mapping[str, Measure], codes: Iterable[str]) -> set[str]:
    """Return the codes under which some measures may lie in the record: today's and former ones."""
    found = set(codes)
    for code in list(found):
        found.update(measures[code].formerly if code in measures else ())
    return found


def breaks_between(
    versions: tuple[Version, ...], first: dt.date, last: dt.date
) -> tuple[Version, ...]:
    """Return the versions that begin after a month, up to and with another."""
    return tuple(v for v in versions if v.start is not None and first < v.start <= last)


def version_words(measure: Measure | None, lang: str) -> list[str]:
    """Return the definitions of a measure in words, the newest first; none if there is but one."""
    if measure is None or len(measure.versions) < 2:
        return []
    found = []
    for version in reversed(measure.versions):
        values = {
            "version": version.number,
            "month": f"{version.start:%Y-%m}" if version.start else "",
            "change": version.change.get(lang),
            "definition": version.definition.get(lang),
        }
        found.append(
            text(f"festival.version.{'since' if version.change.zh else 'before'}", lang, **values)
        )
    return found
