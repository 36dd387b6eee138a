"""Who may see, file and review what?

A viewer is a person in a role at a unit; what they may see is the subtree of that unit, and of
the past what was under it then or what it took over. The rules stand here once, and the functions
of the store apply them where data is read and written.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from data.definition_types import Catalog
from data.parse import nearest
from data.units import reach_of, tree

ROLES = ("leader", "statistician", "reviewer", "evaluator", "administrator", "operator")
# What each role may do to figures. Seeing is a matter of the unit, not of the role; leaders,
# evaluators and administrators are read-only here by construction.
MAY_FILE = frozenset({"statistician", "operator"})
MAY_REVIEW = frozenset({"reviewer", "statistician", "operator"})
MAY_IMPORT = frozenset({"operator"})
MAY_LOCK = frozenset({"reviewer", "operator"})


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
    if person.unit == catalog.bureau.root:
        return Viewer(person.user, person.role, person.unit, None, reach)
    scope = frozenset(units.subtree(person.unit, gone=True))
    past = tuple(
        (unit, start, end)
        for unit, stretches in reach_of(catalog, person.unit).items()
        for start, end in stretches
        if unit not in scope
    )
    return Viewer(person.user, person.role, person.unit, scope, reach, past)


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


def may_review(viewer: Viewer, unit: str, submitted_by: str) -> bool:
    """Return whether the viewer may judge the return of a unit that somebody submitted.

    Nobody reviews a return that they filed, and a statistician none of the own unit.

    >>> county = Viewer("zhao", "reviewer", "yz01", frozenset({"yz01", "yz0101"}))
    >>> may_review(county, "yz0101", "wu"), may_review(county, "yz0101", "zhao")
    (True, False)
    """
    if viewer.role not in MAY_REVIEW or not may_see(viewer, unit) or viewer.name == submitted_by:
        return False
    return viewer.role != "statistician" or unit not in (viewer.unit, f"{viewer.unit}-own")


def may_speak_of(viewer: Viewer, units: Iterable[str]) -> bool:
    """Return whether a return of the viewer may hold rows of all these units.

    >>> own = Viewer("qian", "statistician", "yz-own", frozenset({"yz-own"}), frozenset({"yz01"}))
    >>> may_speak_of(own, ["yz01"]), may_speak_of(own, ["rj01"])
    (True, False)
    """
    reach = viewer.reach or viewer.sees()
    return reach is None or set(units) <= reach
