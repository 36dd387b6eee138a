"""Which frames do the expectations judge, with the limits of each cell beside its value?"""

from __future__ import annotations

from typing import Any

import polars as pl

from data.checks.sets import field_bounds
from data.definition_types import Catalog
from data.returns.reading import Reading
from data.units import Tree

#: What a sheet claims of itself, and the claim's text in `returns.claim`.
PART_CLAIMS = {
    "form_known": "form",
    "form_current": "form",
    "has_table": "form",
    "unit_known": "unit",
    "unit_matches": "unit",
    "head_agrees": "unit",
    "is_owed": "unit",
    "period_known": "period",
    "period_matches": "period",
    "not_future": "period",
    "measures_known": "unknown",
    "measures_once": "twice",
    "labels_agree": "label",
    "column_known": "column",
    "is_upright": "form",
}
LINE_CLAIMS = ("unit_known", "parent_matches", "names_agree")
PLACE = ("row", "sheet", "cell")
#: What must be at least as large as what, by check.
LIMITS = {
    "minimum": ("value", "minimum"),
    "maximum": ("maximum", "value"),
    "decimals": ("decimals_allowed", "decimals_found"),
    "warn": ("warn_maximum", "value"),
}
#: A unit's own level sums up many stations: its warning limits are this much wider.
OWN_LEVEL_FACTOR = 20

_BOUNDS: dict[str, pl.DataFrame] = {}


def limits(catalog: Catalog) -> pl.DataFrame:
    """Return each measure's limits with the rule that sets them; kept by catalogue.

    Rows: one measure; columns minimum, maximum, decimals and for each the rule's code, then warn.
    A rule's limit wins over the measure's own only where it is tighter.
    """
    if catalog.digest not in _BOUNDS:
        general = _format_rule(catalog)
        rows: dict[str, dict[str, Any]] = {
            code: {
                "measure": code,
                "minimum": m.minimum,
                "minimum_rule": general,
                "maximum": m.maximum,
                "maximum_rule": general,
                "decimals_allowed": float(m.decimals),
                "decimals_rule": general,
                "warn_maximum": m.warn_max_month,
            }
            for code, m in catalog.measures.items()
        }
        for bound in field_bounds(catalog):
            row = rows[bound.measure]
            name = "decimals_allowed" if bound.kind == "decimals" else bound.kind
            old = row[name]
            is_upper = bound.kind != "minimum"
            if old is None or (bound.limit <= old if is_upper else bound.limit >= old):
                row[name], row[f"{bound.kind}_rule"] = bound.limit, bound.rule
        _BOUNDS[catalog.digest] = pl.DataFrame(
            list(rows.values()),
            schema={
                "measure": pl.String,
                "minimum": pl.Float64,
                "minimum_rule": pl.String,
                "maximum": pl.Float64,
                "maximum_rule": pl.String,
                "decimals_allowed": pl.Float64,
                "decimals_rule": pl.String,
                "warn_maximum": pl.Float64,
            },
            orient="row",
        )
    return _BOUNDS[catalog.digest]


def _format_rule(catalog: Catalog) -> str:
    """Return the code of the rule on how numbers are written, `F00` in a bureau without one."""
    rules = [rule.code for rule in catalog.rules if rule.scope == "format"]
    return rules[0] if rules else "F00"


def judged_frames(reading: Reading, catalog: Catalog, tree: Tree) -> dict[str, pl.DataFrame]:
    """Return the frames to judge by suite; each row is numbered, so that a failure finds it."""
    cells = judged_cells(reading, catalog, tree)
    return {
        "claims": claims(reading).select(*PLACE, pl.lit("claim").alias("check"), "holds"),
        "words": wrong_words(cells),
        "limits": pl.concat([compared_limits(cells), line_limits(reading), part_limits(reading)]),
        "cells": cells.select(*PLACE, pl.lit("twice").alias("check"), "unit", "measure"),
    }


def wrong_words(cells: pl.DataFrame) -> pl.DataFrame:
    """Return what must not be in a cell, one row a cell and check: `wrong` is null where sound."""
    blank = pl.when("is_blank").then(pl.lit("blank"))
    wrong = {"fault": pl.col("fault"), "blank": blank, "surplus": pl.col("surplus")}
    return pl.concat(
        [
            cells.select(*PLACE, pl.lit(check).alias("check"), words.alias("wrong"))
            for check, words in wrong.items()
        ]
    )


def compared_limits(cells: pl.DataFrame) -> pl.DataFrame:
    """Return the limits of the cells, one row a cell and check: `larger` is held against `smaller`.

    A cell without the limit, or without a number, is left out.
    """
    frames = [
        cells.select(*PLACE, pl.lit(check).alias("check"), larger=larger, smaller=smaller)
        for check, (larger, smaller) in LIMITS.items()
    ]
    return pl.concat(frames).drop_nulls(["larger", "smaller"])


def line_limits(reading: Reading) -> pl.DataFrame:
    """Return what a line holds against the least that it must: one cell where any is required."""
    return (
        reading.lines.with_row_index("row")
        .filter(pl.col("required") > 0)
        .select(
            *PLACE,
            pl.lit("line_blank").alias("check"),
            larger=pl.col("filled").cast(pl.Float64),
            smaller=pl.lit(1.0),
        )
    )


def part_limits(reading: Reading) -> pl.DataFrame:
    """Return the columns of a sheet that look personal against the most that there may be: none."""
    return reading.parts.with_row_index("row").select(
        "row",
        "sheet",
        pl.col("personal_cell").alias("cell"),
        pl.lit("personal").alias("check"),
        larger=pl.lit(0.0),
        smaller=pl.col("personal_columns").cast(pl.Float64),
    )


def claims(reading: Reading) -> pl.DataFrame:
    """Return one row a claim of a sheet or a line: where, which, does it hold, what was written."""
    parts = reading.parts.with_columns(not_future=~pl.col("period_future"))
    frames = [
        parts.select(
            "sheet",
            pl.col(f"{what}_cell").alias("cell"),
            pl.lit(f"part_{name}").alias("claim"),
            pl.col(name).alias("holds"),
            pl.col(f"{what}_words").alias("words"),
            "unit",
            "form",
            pl.lit("").alias("clash"),
        )
        for name, what in PART_CLAIMS.items()
    ]
    frames += [
        reading.lines.select(
            "sheet",
            "cell",
            pl.lit(f"line_{name}").alias("claim"),
            pl.col(name).alias("holds"),
            pl.col("unit_words").alias("words"),
            "unit",
            "form",
            "clash",
        )
        for name in LINE_CLAIMS
    ]
    return pl.concat(frames).with_row_index("row")


def judged_cells(reading: Reading, catalog: Catalog, tree: Tree) -> pl.DataFrame:
    """Return the cells with their limits; is one blank against its duty, or filled without?"""
    own = [unit for unit in reading.cells["unit"].unique() if unit and tree.is_own(unit)]
    empty_lines = reading.lines.filter(pl.col("filled") == 0).select("sheet", "unit").unique()
    cells = reading.cells.with_row_index("row").join(
        limits(catalog), on="measure", how="left", maintain_order="left"
    )
    is_empty_line = pl.struct("sheet", "unit").is_in(
        empty_lines.select(pl.struct("sheet", "unit")).to_series().implode()
    )
    said = pl.when(pl.col("text") != "").then("text")
    return cells.select(
        "row",
        "sheet",
        "cell",
        "unit",
        "measure",
        pl.when(pl.col("fault") != "").then("fault").alias("fault"),
        "hint",
        said.alias("text"),
        "value",
        "minimum",
        "minimum_rule",
        "maximum",
        "maximum_rule",
        "decimals_found",
        "decimals_allowed",
        "decimals_rule",
        pl.when(pl.col("is_total"))
        .then(None)
        .when(pl.col("unit").is_in(own))
        .then(pl.col("warn_maximum") * OWN_LEVEL_FACTOR)
        .otherwise("warn_maximum")
        .alias("warn_maximum"),
        (pl.col("is_required") & ~is_empty_line & said.is_null()).alias("is_blank"),
        pl.when(~pl.col("is_due") & ~pl.col("is_total")).then(said).alias("surplus"),
    )
