"""Which targets hold: those of the catalogue, or those that the bureau sets itself?"""

import datetime as dt
from dataclasses import replace
from pathlib import Path

from data.definition_types import Indicator, Target
from data.parse import Place, check_keys, parse_month, read_rows, take, wrong


def parse_targets(table: dict, place: Place) -> tuple[Target, ...]:
    """Return the dated targets of an entry, oldest first."""
    found = []
    for number, entry in enumerate(take(table, "targets", list, place, [])):
        here = place.at("targets").at(number)
        check_keys(entry, here, (), ("from", "months", "value", "indicator"))
        if ("value" in entry) == ("indicator" in entry):
            wrong(here, "expected either a value or an indicator")
        start = parse_month(entry["from"], here.at("from")) if "from" in entry else dt.date.min
        value: float | None = take(entry, "value", float, here, None)
        months = tuple(take(entry, "months", list, here, []))
        if not all(month in range(1, 13) for month in months):
            wrong(here.at("months"), f"expected months from 1 to 12, found {list(months)}")
        found.append(Target(start, months, value, take(entry, "indicator", str, here, None)))
    return tuple(sorted(found, key=lambda target: target.valid_from))


def with_own_targets(folder: Path, indicators: dict[str, Indicator]) -> dict[str, Indicator]:
    """Return the indicators with the targets of targets.csv, where a bureau sets its own.

    An indicator that the file names has the targets of the file and no others. Columns: indicator,
    from (2024-01), months (`3|6`, empty for all) and value (empty: no target from then on).
    """
    path = folder / "targets.csv"
    if not path.exists():
        return indicators
    own: dict[str, list[Target]] = {}
    for row in read_rows(path, ("indicator", "from", "value"), ("months",)):
        place = Place(path.name, f"line {row['line']}")
        code = row["indicator"]
        if code not in indicators:
            wrong(place, f"unknown indicator '{code}'", code, indicators)
        months = row["months"].split("|") if row["months"] else []
        if not all(month.isdecimal() and 1 <= int(month) <= 12 for month in months):
            wrong(place.at("months"), f"expected months like 3|6, found '{row['months']}'")
        try:
            value = float(row["value"]) if row["value"] else None
        except ValueError:
            wrong(place.at("value"), f"expected a number, found '{row['value']}'")
        start = parse_month(row["from"], place.at("from"))
        own.setdefault(code, []).append(Target(start, tuple(map(int, months)), value))
    changed = {
        code: replace(indicators[code], targets=tuple(sorted(found, key=lambda t: t.valid_from)))
        for code, found in own.items()
    }
    return indicators | changed
