"""What was the structure of the units, written down so that figures can be computed on it again?

Definitions change under a record. What a structure was when figures were published is kept as one
text: units with their lives, their parents, and who took over from whom. Names are left out, since
no figure depends on them.
"""

import datetime as dt
import hashlib
import json
from dataclasses import replace

from data.definition_types import EMPTY, Catalog, Parent, Succession, Unit


def structure_text(catalog: Catalog) -> str:
    """Return the structure of the units in one text, the same for the same structure."""
    found = {
        "units": [
            [unit.code, unit.level, unit.group, _text(unit.opened), _text(unit.closed)]
            for unit in sorted(catalog.units, key=lambda unit: unit.order)
        ],
        "parents": [
            [link.unit, link.parent, _text(link.start), _text(link.end)] for link in catalog.parents
        ],
        "successions": [
            [step.from_unit, step.to_unit, step.date.isoformat(), step.share]
            for step in catalog.successions
        ],
    }
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"))


def structure_digest(written: str) -> str:
    """Return the digest by which a structure is known.

    >>> structure_digest("")[:8]
    'e3b0c442'
    """
    return hashlib.sha256(written.encode()).hexdigest()


def with_structure(catalog: Catalog, written: str) -> Catalog:
    """Return the definitions with the structure that a text holds in the place of their own."""
    found = json.loads(written)
    units = tuple(
        Unit(code, level, group, EMPTY, EMPTY, _day(opened), _day(closed), place)
        for place, (code, level, group, opened, closed) in enumerate(found["units"])
    )
    parents = tuple(
        Parent(unit, parent, _day(start), _day(end))
        for unit, parent, start, end in found["parents"]
    )
    steps = tuple(
        Succession(from_unit, to_unit, dt.date.fromisoformat(day), share)
        for from_unit, to_unit, day, share in found["successions"]
    )
    return replace(catalog, units=units, parents=parents, successions=steps)


def _text(day: dt.date | None) -> str:
    """Return a day as it is written, nothing for none.

    >>> _text(dt.date(2024, 4, 1)), _text(None)
    ('2024-04-01', '')
    """
    return "" if day is None else day.isoformat()


def _day(written: str) -> dt.date | None:
    """Return a written day, none for nothing.

    >>> _day("2024-04-01"), _day("")
    (datetime.date(2024, 4, 1), None)
    """
    return dt.date.fromisoformat(written) if written else None
