"""What must a return pass before its figures count: which levels, whose confirmation, by when?"""

import datetime as dt

import polars as pl

from data.definition_types import Catalog, Form
from data.returns.due import due_date, filer_of
from data.store.source import Route
from data.units import Tree


def route_of(catalog: Catalog, tree: Tree, form: Form, unit: str, period: dt.date) -> Route:
    """Return the route of a unit's return of a form."""
    return Route(review_levels(catalog, tree, unit), due_date(form, period))


def review_levels(catalog: Catalog, tree: Tree, unit: str) -> tuple[str, ...]:
    """Return the review levels that a return of a unit passes: those of the units above it.

    What a parent collects passes its own level too.
    """
    above = {tree.level(code) for code in (unit, *tree.ancestors(unit))}
    return tuple(level for level in catalog.bureau.review_levels if level in above)


def with_filers(catalog: Catalog, tree: Tree, unit: str, facts: pl.DataFrame) -> pl.DataFrame:
    """Return the facts of a unit's return with `filer`: who must confirm what this unit typed.

    What a unit or its own level (本级) owes, audits and surveys of others included, is nobody
    else's to confirm: there it is null.
    """
    homes = {unit, tree.own(unit)}
    pairs = facts.select("unit", "measure").unique()
    filers = [filer_of(tree, row, catalog.measures[code]) for row, code in pairs.rows()]
    others = [None if filer in homes else filer for filer in filers]
    pairs = pairs.with_columns(pl.Series("filer", others, dtype=pl.String))
    return facts.join(pairs, on=["unit", "measure"], how="left", maintain_order="left")
