"""Waves of the survey as a provider files them, in a few numbers a unit."""

import datetime as dt
from typing import Any

import polars as pl

from data.catalog import load_catalog
from data.definition_types import Catalog
from data.schema import FACTS, conform
from data.units import tree
from metrics.cube import Cube, build_cube
from metrics.survey import find_survey
from metrics.wellbeing import compare_units, compare_waves

NOW, YEAR_AGO = dt.date(2024, 9, 1), dt.date(2023, 9, 1)
CATALOG = load_catalog()
UNITS = tree(CATALOG)
SURVEY = find_survey(CATALOG)
assert SURVEY is not None

Row = tuple[float, float | None, float | None, float | None]


def wave(period: dt.date, rows: dict[str, Row], **more: float) -> pl.DataFrame:
    """Return FACTS of a wave: unit → answers, invited, mean and SD of index and health."""
    facts: list[dict[str, Any]] = []
    for unit, (n, invited, mean, sd) in rows.items():
        values: dict[str, float | None] = {"wb_responded": n, "wb_invited": invited}
        for name in ("overall", "health"):
            values |= {f"wb_{name}_score": mean, f"wb_{name}_sd": sd}
        values = {code: value for code, value in (values | more).items() if value is not None}
        facts += [
            {
                "measure": measure, "definition": 1, "unit": unit, "period": period,
                "value": value, "status": "final", "submission": "s", "sheet": "", "cell": "",
                "vintage": dt.datetime(2024, 11, 6, tzinfo=dt.UTC),
            }
            for measure, value in values.items()
        ]  # fmt: skip
    return conform(pl.DataFrame(facts, infer_schema_length=None), FACTS)


def without(facts: pl.DataFrame, unit: str, *measures: str) -> pl.DataFrame:
    """Return facts without some that a unit did not file."""
    return facts.filter(~((pl.col("unit") == unit) & pl.col("measure").is_in(measures)))


def cube_of(*waves: pl.DataFrame, catalog: Catalog = CATALOG) -> Cube:
    """Return the cube of some waves."""
    return build_cube(pl.concat(waves), catalog)


def told(cube: Cube, unit: str, score: str = "wb_overall_score", period: dt.date = NOW) -> dict:
    """Return what is told of one score of a unit, against the wave of a year before."""
    rows = compare_waves(cube, UNITS, SURVEY, unit, period)
    return rows.filter(indicator=score).row(0, named=True)


def beside(cube: Cube, parent: str) -> dict[str, dict[str, Any]]:
    """Return the table of a unit and those below it, by unit."""
    table = compare_units(cube, UNITS, SURVEY, parent, NOW)
    return {row["unit"]: row for row in table.iter_rows(named=True)}
