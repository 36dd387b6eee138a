"""Does the preview add a return to what is approved, and nothing else?"""

import datetime as dt

import polars as pl

from data.catalog import load_catalog
from data.schema import FACTS, conform
from data.units import tree
from metrics.effect import read_effects

MONTH = dt.date(2024, 10, 1)


def facts(*rows: tuple[str, str, float]) -> pl.DataFrame:
    frame = pl.DataFrame(rows, schema=["unit", "measure", "value"], orient="row").with_columns(
        definition=pl.lit(1),
        period=pl.lit(MONTH),
        status=pl.lit("provisional"),
        vintage=pl.lit(None, FACTS["vintage"]),
        submission=pl.lit(None, pl.String),
        sheet=pl.lit(""),
        cell=pl.lit(""),
    )
    return conform(frame, FACTS)


def test_a_return_takes_the_place_of_what_was_approved() -> None:
    catalog = load_catalog()
    units = tree(catalog)
    approved = facts(("yz0901", "calls_valid", 100.0), ("yz0902", "calls_valid", 50.0))
    filed = facts(("yz0902", "calls_valid", 60.0), ("yz0903", "calls_valid", 7.0))
    (effect,) = read_effects(
        approved, filed, catalog, units, ["calls_valid", "crim_recorded"], ["yz09"], MONTH
    )
    assert (effect.indicator, effect.before, effect.after) == ("calls_valid", 150.0, 167.0)
    assert (effect.reported_before, effect.reported_after) == (2, 3)


def test_a_return_that_touches_nothing_of_the_list_has_no_effect() -> None:
    catalog = load_catalog()
    filed = facts(("yz0902", "calls_valid", 60.0))
    assert (
        read_effects(filed, filed, catalog, tree(catalog), ["crim_recorded"], ["yz09"], MONTH) == []
    )
