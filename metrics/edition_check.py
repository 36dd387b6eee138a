"""Does an edition still come out as it was made, and if not, what changed: facts, units, formulas?

Figures are computed again on the edition's own basis. Where they differ by today's definitions,
they are computed once more on the structure of the units that the edition was made on: if they then
come out the same, a later change of units explains the difference, and nobody changed a figure.
"""

from dataclasses import dataclass, field

import polars as pl

from data.definition_types import Catalog
from data.store.editions import Edition, Hashes
from data.structure import structure_digest, structure_text, with_structure
from data.units import Tree
from data.units import tree as tree_of
from metrics.editions import freeze

#: What a check of an edition comes to.
VERDICTS = (
    "sound",
    "definitions_same",
    "structure",
    "definitions",
    "dated_back",
    "facts",
    "code",
    "record",
)
#: Verdicts under which an edition still says what it said when it was made.
HOLDS = ("sound", "definitions_same", "structure", "definitions")


@dataclass(frozen=True, slots=True)
class Check:
    """What computing an edition again came to, by today's definitions.

    `differ` are the indicators that come out differently.
    """

    verdict: str
    found: Hashes
    differ: list[str] = field(default_factory=list)


def check_edition(
    edition: Edition,
    facts: pl.DataFrame,
    catalog: Catalog,
    tree: Tree,
    structure: str,
    logged: bool,
    backdated: int,
) -> Check:
    """Return what computing an edition again comes to.

    Args:
        edition: The edition.
        facts: FACTS as known at its moment, all of them.
        catalog: The definitions of today.
        tree: The units of today.
        structure: The structure of the units that was kept with the edition; none if empty.
        logged: Whether the log vouches for the edition.
        backdated: How many cells came in later that are dated before it.
    """
    basis, salt = edition.hashes.basis, edition.hashes.salt
    found = freeze(facts, catalog, tree, edition.period, basis, salt)
    is_moved = found.figures_hash != edition.hashes.figures_hash
    as_made = None
    digest = structure_digest(structure_text(catalog))
    if is_moved and logged and structure and edition.definitions.structure != digest:
        then = with_structure(catalog, structure)
        as_made = freeze(facts, then, tree_of(then), edition.period, basis, salt)
    verdict = judge_edition(edition, found, as_made, catalog, logged, backdated)
    kept = edition.hashes.parts
    differ = [
        code for code in sorted({*kept, *found.parts}) if kept.get(code) != found.parts.get(code)
    ]
    return Check(verdict, found, differ)


def judge_edition(
    edition: Edition,
    found: Hashes,
    as_made: Hashes | None,
    catalog: Catalog,
    logged: bool,
    backdated: int,
) -> str:
    """Return what a check of an edition comes to.

    sound: the same figures by the same definitions. definitions_same: these were changed, yet every
    figure is the same. structure: figures differ, and are the same on the units' structure of the
    time. definitions: they differ, and other definitions than the units' were changed.
    dated_back: cells came in later that are dated before the edition. facts: the facts differ
    though nothing was filed. code: same facts, same definitions, other figures. record: the log
    does not vouch for it.

    Args:
        edition: The edition.
        found: The hashes that come out by the definitions of today.
        as_made: Those that come out on the structure of the time, where it is another.
        catalog: The definitions of today.
        logged: Whether the log vouches for the edition.
        backdated: How many cells came in later that are dated before it.
    """
    kept, made_by = edition.hashes, edition.definitions
    is_same = found.figures_hash == kept.figures_hash
    if not logged:
        return "record"
    if found.facts_hash != kept.facts_hash:
        return "dated_back" if backdated else "facts"
    if catalog.digest == made_by.digest:
        return "sound" if is_same else "code"
    if is_same:
        return "definitions_same"
    if as_made is not None and as_made.figures_hash == kept.figures_hash:
        return "structure"
    # On the structure of the time, by the same other definitions, figures would be the same.
    is_by_same = made_by.structure and made_by.but_units == catalog.digest_but_units
    return "code" if is_by_same else "definitions"
