"""Under which other names do publications know the units?"""

from pathlib import Path

from data.definition_types import Alias, Unit
from data.parse import Place, read_rows, wrong


def read_aliases(folder: Path, units: tuple[Unit, ...]) -> tuple[Alias, ...]:
    """Return the published spellings of units from unit_aliases.csv."""
    path = folder / "unit_aliases.csv"
    if not path.exists():
        return ()
    codes = [unit.code for unit in units]
    found: dict[str, Alias] = {}
    for row in read_rows(path, ("unit", "alias")):
        place = Place(path.name, f"line {row['line']}")
        name = row["alias"].strip()
        if row["unit"] not in codes:
            wrong(place.at("unit"), f"unknown unit '{row['unit']}'", row["unit"], codes)
        if not name:
            wrong(place.at("alias"), "expected a name, found nothing")
        if name in found and found[name].unit != row["unit"]:
            wrong(place.at("alias"), f"'{name}' already stands for unit '{found[name].unit}'")
        found[name] = Alias(row["unit"], name)
    return tuple(found.values())
