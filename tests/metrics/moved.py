"""The small bureau after a reorganisation, for tests of what was published before it."""

from dataclasses import replace

from data.definition_types import Catalog, Parent, Succession
from tests.metrics.small import catalog, m


def reorganised() -> Catalog:
    """Return the small bureau: a3 moved from a to b, b2 split between b1 and a1, in May 2024."""
    may = m("2024-05")
    plain = catalog()
    links = tuple(replace(link, end=may) if link.unit == "a3" else link for link in plain.parents)
    units = tuple(replace(u, closed=may) if u.code == "b2" else u for u in plain.units)
    steps = (Succession("b2", "b1", may, 0.5), Succession("b2", "a1", may, 0.5))
    parents = (*links, Parent("a3", "b", may, None))
    return replace(plain, units=units, parents=parents, successions=steps)
