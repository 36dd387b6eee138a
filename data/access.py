"""Who may see, file and review what?

A viewer is a person in a role at a unit; what they may see is the subtree of that unit, and of
the past what was under it then or what it took over. The rules stand here once, and the functions
of the store apply them where data is read and written.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from data.definition_types import Catalog
from data.parse import nearest
from data.units import Tree, reach_of, tree

ROLES = ("leader", "statistician", "reviewer", "evaluator", "administrator", "operator")
# What each role may do to figures. Seeing is a matter of the unit, not of the role; leaders,
# evaluators and administrators are read-only here by construction.
MAY_FILE = frozenset({"statistician", "operator"})
MAY_REVIEW = frozenset({"reviewer", "statistician", "operator"})
MAY_IMPORT = frozenset({"operator"})
MAY_LOCK = frozenset({"reviewer", "operator"})
# Counting leaves nothing to decide, so whoever runs the bureau's record may start it.
MAY_COUNT = frozenset({"reviewer", "operator", "administrator"})


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person in a role. `scope` holds the codes they may see; None is every unit.

    `reach` holds the units that a return of theirs may speak of: an own level (本级) files audits
    and surveys for all units of its bureau. Empty, it is the scope. `past` lists what else they
    may read: units and stretches of months [start, end) that were under theirs, or that theirs
    took over.
    """

    name: str
    role: str
    unit: str
    scope: frozenset[str] | None = frozenset()
    reach: frozenset[str] = frozenset()
    past: tuple[tuple[str, int, int], ...] = ()
    homes: frozenset[str] = frozenset()
    judges: frozenset[str] = frozenset()

    def sees(self) -> frozenset[str] | None:
        """Return the codes within sight; a viewer made without a scope sees the own unit only."""
        if self.scope is None:
            return None
        return self.scope or frozenset({self.unit})

    def reads(self) -> frozenset[str] | None:
        """Return the units of which they may read some month: within sight, or once so."""
        seen = self.sees()
        return None if seen is None else seen | {unit for unit, _, _ in self.past}


OPERATOR = Viewer("operator", "operator", "", None)


def viewer_for(catalog: Catalog, user: str) -> Viewer:
    """Return the viewer of a person's sign-in name.

    Raises:
        ValueError: nobody has that name; the nearest one is named.
    """
    people = {person.user: person for person in catalog.bureau.people}
    if user not in people:
        msg = f"no person '{user}'{nearest(user, people)}; `kpi user list` names them"
        raise ValueError(msg)
    person = people[user]
    units = tree(catalog)
    top = units.parent(person.unit) if units.is_own(person.unit) else person.unit
    reach = frozenset(units.subtree(top or person.unit, gone=True))
    homes = homes_of(units, person.unit)
    judges = levels_judged(catalog, units, person.unit)
    if person.unit == catalog.bureau.root:
        return Viewer(person.user, person.role, person.unit, None, reach, (), homes, judges)
    scope = frozenset(units.subtree(person.unit, gone=True))
    past = tuple(
        (unit, start, end)
        for unit, stretches in reach_of(catalog, person.unit).items()
        for start, end in stretches
        if unit not in scope
    )
    return Viewer(person.user, person.role, person.unit, scope, reach, past, homes, judges)


def homes_of(units: Tree, unit: str) -> frozenset[str]:
    """Return a unit and the leaf that files its own work."""
    return frozenset({unit, units.own(unit) or unit})


def levels_judged(catalog: Catalog, units: Tree, unit: str) -> frozenset[str]:
    """Return the levels at or below that of a unit; an own level stands at that of its bureau."""
    level = units.own_levels.get(units.level(unit), units.level(unit))
    ranks = [entry.code for entry in catalog.bureau.levels if not entry.own_of]
    return frozenset(ranks[ranks.index(level) :])


def may_see(viewer: Viewer, unit: str) -> bool:
    """Return whether a unit lies within the viewer's sight.

    >>> may_see(Viewer("li", "leader", "yz01", frozenset({"yz01", "yz0101"})), "yz02")
    False
    >>> may_see(OPERATOR, "yz02")
    True
    """
    seen = viewer.sees()
    return seen is None or unit in seen


def may_file(viewer: Viewer, unit: str) -> bool:
    """Return whether the viewer may file the return of a unit: their own or one below it.

    >>> may_file(Viewer("li", "leader", "yz01", frozenset({"yz01", "yz0101"})), "yz0101")
    False
    >>> may_file(Viewer("wu", "statistician", "yz0101"), "yz0101")
    True
    """
    return viewer.role in MAY_FILE and may_see(viewer, unit)


def may_review(viewer: Viewer, unit: str, level: str | None = None) -> bool:
    """Return whether the viewer may judge returns of a unit, at a review level if one is named.

    A statistician judges none of the own unit. That nobody judges what they had a hand in is for
    `store.judging` to see: it knows whose hands a return went through.

    >>> county = Viewer("zhao", "reviewer", "yz01", frozenset({"yz01", "yz0101"}))
    >>> may_review(county, "yz0101"), may_review(county, "yz0101", "city")
    (True, False)
    """
    if viewer.role not in MAY_REVIEW or not may_see(viewer, unit):
        return False
    if viewer.role == "operator":
        return True
    is_own = viewer.role == "statistician" and is_home(viewer, unit)
    return not is_own and (level is None or level in viewer.judges)


def may_confirm(viewer: Viewer, unit: str) -> bool:
    """Return whether the viewer may confirm rows that another unit typed for a unit (代填代报).

    Only a statistician of that very unit, never one of a unit above; and the local operator.

    >>> may_confirm(Viewer("wu", "statistician", "yz0101"), "yz0101")
    True
    >>> may_confirm(Viewer("qian", "statistician", "yz01", frozenset({"yz0101"})), "yz0101")
    False
    """
    return viewer.role == "operator" or viewer.role in MAY_FILE and is_home(viewer, unit)


def may_extend(viewer: Viewer, unit: str) -> bool:
    """Return whether the viewer may give a unit more time: a reviewer of a unit above it.

    >>> may_extend(Viewer("zhao", "reviewer", "yz01", frozenset({"yz01", "yz0101"})), "yz0101")
    True
    >>> may_extend(Viewer("zhao", "reviewer", "yz01", frozenset({"yz01", "yz0101"})), "yz01")
    False
    """
    is_above = may_see(viewer, unit) and unit != viewer.unit
    return viewer.role == "operator" or viewer.role == "reviewer" and is_above


def may_lock(viewer: Viewer) -> bool:
    """Return whether the viewer may lock and reopen months: a reviewer of the whole bureau.

    >>> may_lock(OPERATOR), may_lock(Viewer("zhao", "reviewer", "yz01"))
    (True, False)
    """
    return viewer.role in MAY_LOCK and viewer.sees() is None


def may_count(viewer: Viewer) -> bool:
    """Return whether the viewer may have the product's own counts written into the record.

    >>> may_count(OPERATOR), may_count(Viewer("zhao", "reviewer", "yz01"))
    (True, False)
    """
    return viewer.role in MAY_COUNT and viewer.sees() is None


def is_home(viewer: Viewer, unit: str) -> bool:
    """Return whether a unit is the viewer's own."""
    return unit in (viewer.homes or {viewer.unit})


def spoken_for(viewer: Viewer) -> frozenset[str] | None:
    """Return the units that a return of the viewer may hold rows of; None is every unit.

    >>> spoken_for(OPERATOR), sorted(spoken_for(Viewer("wu", "statistician", "yz0101")))
    (None, ['yz0101'])
    """
    return viewer.reach or viewer.sees()


def may_speak_of(viewer: Viewer, units: Iterable[str]) -> bool:
    """Return whether a return of the viewer may hold rows of all these units.

    >>> own = Viewer("qian", "statistician", "yz-own", frozenset({"yz-own"}), frozenset({"yz01"}))
    >>> may_speak_of(own, ["yz01"]), may_speak_of(own, ["rj01"])
    (True, False)
    """
    reach = spoken_for(viewer)
    return reach is None or set(units) <= reach
