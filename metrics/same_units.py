"""Which units are made of the same facts on the units of their time as on those of today?"""

import datetime as dt

from data.definition_types import Catalog
from data.periods import month_number
from data.unit_history import handovers_of, heirs_of
from data.units import tree, tree_at

Shares = dict[str, float]


def other_units(catalog: Catalog, period: dt.date) -> frozenset[str]:
    """Return the units whose figure of a month is made of other facts then than it is now.

    Units that were there then and are gone now are among them, and those that are there now and
    were not there then.
    """
    if not catalog.successions and len({p.unit for p in catalog.parents}) == len(catalog.parents):
        return frozenset()
    then = _made_of_then(catalog, period)
    now = _made_of_now(catalog, period)
    return frozenset(unit for unit in {*then, *now} if then.get(unit) != now.get(unit))


def _made_of_then(catalog: Catalog, period: dt.date) -> dict[str, Shares]:
    """Return the filing units that each unit was made of in a month."""
    units = tree_at(catalog, period)
    found: dict[str, Shares] = {}
    for leaf in units.leaves():
        for unit in (leaf, *units.ancestors(leaf)):
            found.setdefault(unit, {})[leaf] = 1.0
    return found


def _made_of_now(catalog: Catalog, period: dt.date) -> dict[str, Shares]:
    """Return the filing units of a month, with their shares, that each unit of today is made of."""
    units, month = tree(catalog), month_number(period)
    handovers = handovers_of(catalog.successions)
    found: dict[str, Shares] = {}
    for leaf in tree_at(catalog, period).leaves():
        for heir, share in heirs_of(handovers, leaf, month):
            for unit in (heir, *units.ancestors(heir)):
                made = found.setdefault(unit, {})
                made[leaf] = round(made.get(leaf, 0.0) + share, 9)
    return found


def fed_by_others(catalog: Catalog, period: dt.date, seen: frozenset[str]) -> frozenset[str]:
    """Return the units of today that hold a part of what units out of sight filed in a month.

    Who sees such a unit does not know what the other filed, though the figure follows from it.
    """
    if not catalog.successions:
        return frozenset()
    units, month = tree(catalog), month_number(period)
    handovers = handovers_of(catalog.successions)
    found: set[str] = set()
    for code in handovers:
        for heir, _ in heirs_of(handovers, code, month) if code not in seen else ():
            if heir != code:
                found.update((heir, *units.ancestors(heir)))
    return frozenset(found)
