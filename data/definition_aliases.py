"""Under which other names do publications know the units?"""

import datetime as dt
from pathlib import Path

from data.definition_types import Alias, Unit
from data.parse import Place, read_rows, wrong


def read_aliases(folder: Path, units: tuple[Unit, ...]) -> tuple[Alias, ...]:
    """Return the published spellings of units from unit_aliases.csv.

    Several units may bear one name, each in its own time.
    """
    path = folder / "unit_aliases.csv"
    if not path.exists():
        return ()
    known = {unit.code: unit for unit in units}
    found: dict[str, list[Alias]] = {}
    for row in read_rows(path, ("unit", "alias")):
        place = Place(path.name, f"line {row['line']}")
        name = row["alias"].strip()
        if row["unit"] not in known:
            wrong(place.at("unit"), f"unknown unit '{row['unit']}'", row["unit"], known)
        if not name:
            wrong(place.at("alias"), "expected a name, found nothing")
        for other in found.setdefault(name, []):
            if other.unit != row["unit"] and _overlap(known[other.unit], known[row["unit"]]):
                wrong(place.at("alias"), f"'{name}' already stands for unit '{other.unit}'")
        found[name].append(Alias(row["unit"], name))
    return tuple(alias for aliases in found.values() for alias in aliases)


def _overlap(one: Unit, other: Unit) -> bool:
    """Return whether two units existed in any same month."""
    first, last = dt.date.min, dt.date.max
    return max(one.opened or first, other.opened or first) < min(
        one.closed or last, other.closed or last
    )
