"""For which cells does a flat file speak, even where it has no row?

Publications leave out rows that would be zero. A measure defined with absent = zero is zero in a
month that the file covers; which rows prove that, the form says (`covered_by`). Such a fact has no
cell: its file and month are its source.
"""

from itertools import product

import polars as pl

from data.definition_types import Catalog, Form
from data.definition_versions import version_in_force
from data.returns.flat_layout import Layout, named
from data.returns.flat_words import plain
from data.store.facts import LOADED
from data.units import Tree

PLACE = ["measure", "unit", "period"]


def cover(
    facts: pl.DataFrame,
    cells: pl.DataFrame,
    layout: Layout,
    form: Form,
    catalog: Catalog,
    units: Tree,
    unit: str | None,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the facts with the zeros that the file implies, and all cells it speaks for.

    Needs: `cells` holds every kept row, also of measures that the form does not count.
    """
    months = covered_months(facts, cells, layout, form)
    scope = _places(months, facts, layout, form, catalog, units, unit)
    zero = [code for code in form.measures if catalog.measures[code].absent == "zero"]
    implied = (
        scope.filter(pl.col("measure").is_in(zero))
        .join(facts, on=PLACE, how="anti")
        .with_columns(
            definition=version_in_force(catalog.measures),
            value=pl.lit(0.0),
        )
    )
    return pl.concat([facts, implied], how="diagonal").select(LOADED.names()), scope


def covered_months(
    facts: pl.DataFrame, cells: pl.DataFrame, layout: Layout, form: Form
) -> pl.DataFrame:
    """Return which measure the file covers in which month (columns measure, period)."""
    if not layout.covered_by:
        measures = facts.select("measure").unique()
        if layout.absent_measures == "all":
            measures = pl.DataFrame({"measure": form.measures})
        return measures.join(cells.select("period").unique(), how="cross")
    roles = [named(role) for role in layout.covered_by]
    seen = cells.select(*roles, "period").unique()
    seen = seen.with_columns(
        pl.col(role).map_elements(plain, return_dtype=pl.String) for role in roles
    ).unique()
    words = pl.DataFrame(
        [
            {"measure": item.measure} | dict(zip(roles, said, strict=True))
            for item in layout.select
            for said in product(*(sorted(item.words[role].exact) for role in layout.covered_by))
        ],
        schema={"measure": pl.String} | dict.fromkeys(roles, pl.String),
    )
    return words.join(seen, on=roles).select("measure", "period").unique(maintain_order=True)


def _places(
    months: pl.DataFrame,
    facts: pl.DataFrame,
    layout: Layout,
    form: Form,
    catalog: Catalog,
    units: Tree,
    unit: str | None,
) -> pl.DataFrame:
    """Return every cell of the covered months: the filing units, or those in the file."""
    if layout.absent_units == "file":
        places = months.join(facts.select("unit").unique(), how="cross")
    else:
        below = units.subtree(unit or units.root, gone=True)
        within = [code for code in below if units.is_leaf(code)]
        filers = pl.DataFrame(
            [
                {"measure": measure, "unit": code}
                for measure in form.measures
                for code in within
                if units.level(code) in (catalog.measures[measure].value_of or (units.level(code),))
            ],
            schema={"measure": pl.String, "unit": pl.String},
        )
        places = months.join(filers, on="measure")
    return _open_places(places, units).select(PLACE)


def _open_places(places: pl.DataFrame, units: Tree) -> pl.DataFrame:
    """Return the places whose unit existed in its month."""
    dated = [
        (code, item.opened, item.closed)
        for code, item in units.units.items()
        if item.opened or item.closed
    ]
    if not dated:
        return places
    spans = pl.DataFrame(
        dated, schema={"unit": pl.String, "opened": pl.Date, "closed": pl.Date}, orient="row"
    )
    month = pl.col("period")
    is_opened = pl.col("opened").is_null() | (pl.col("opened") <= month)
    is_closed = pl.col("closed").is_not_null() & (pl.col("closed") <= month)
    return places.join(spans, on="unit", how="left").filter(is_opened & ~is_closed)
