"""Does an edition's hash hold still when nothing moves, and is what moved found and named?"""

import datetime as dt
from dataclasses import replace

import polars as pl
import pytest

from data.store.editions import Edition, Hashes
from data.units import tree
from metrics.editions import (
    changed_cells,
    changed_figures,
    count_changes,
    edition_figures,
    freeze,
    judge_edition,
)
from tests.metrics.small import STATIONS, catalog, facts, m, months
from tests.metrics.test_revisions import history

OCTOBER = m("2024-10")
TABLE = {
    "calls_theft": {
        unit: {f"{p:%Y-%m}": 10 for p in months("2022-01", "2024-10")} for unit in STATIONS
    }
}


def frozen(frame: pl.DataFrame) -> Hashes:
    return freeze(frame, catalog(), tree(catalog()), OCTOBER)


def moved(unit: str, month: str, value: float) -> pl.DataFrame:
    here = (pl.col("unit") == unit) & (pl.col("period") == m(month))
    new = pl.when(here).then(pl.lit(value)).otherwise("value").alias("value")
    return facts(TABLE).with_columns(new)


def test_an_edition_holds_every_window_of_a_month_where_anything_is_reported() -> None:
    found = edition_figures(facts(TABLE), catalog(), tree(catalog()), OCTOBER)
    theft = found.filter(indicator="calls_theft", unit="a")
    assert dict(theft.select("window", "value").rows()) == {
        "month": 30.0,
        "quarter": 30.0,
        "half": 120.0,
        "ytd": 300.0,
        "year": 300.0,
        "rolling12": 360.0,
    }
    assert found["period"].unique().to_list() == [OCTOBER]
    assert "calls_total" not in found["indicator"]


def test_the_hash_knows_values_and_neither_order_nor_receipts() -> None:
    plain = facts(TABLE)
    again = plain.sample(fraction=1, shuffle=True, seed=1).with_columns(submission=pl.lit("s2"))
    assert frozen(plain) == frozen(again)
    other = frozen(moved("a1", "2024-10", 11))
    assert other.figures_hash != frozen(plain).figures_hash
    assert other.facts_hash != frozen(plain).facts_hash


def test_a_month_that_no_window_reaches_leaves_the_figures_alone() -> None:
    # The year before of the twelve months to October 2024 begins in November 2022.
    other = frozen(moved("a1", "2022-05", 11))
    assert other.figures_hash == frozen(facts(TABLE)).figures_hash
    assert other.facts_hash != frozen(facts(TABLE)).facts_hash


def test_only_what_an_edition_had_published_counts_as_changed() -> None:
    rows = history(
        """
        calls_theft a1 2024-09 10 2024-10-06T01
        calls_theft a1 2024-09 12 2024-10-28T01
        calls_theft a1 2024-09 11 2024-11-03T01
        calls_theft a2 2024-09 5  2024-10-06T01
        calls_theft a2 2024-09 6  2024-10-20T01
        calls_theft a3 2024-09 7  2024-11-03T01
        calls_theft b1 2024-09 3  2024-10-06T01
        calls_theft b1 2024-09 -  2024-11-03T01
        calls_theft b2 2024-09 3  2024-10-06T01
        calls_theft b2 2024-09 4  2024-11-01T01
        calls_theft b2 2024-09 3  2024-11-02T01
        calls_theft a1 2024-10 10 2024-11-06T01
        """
    )
    since, until = (dt.datetime(2024, month, 26, tzinfo=dt.UTC) for month in (10, 11))
    found = changed_cells(rows, since, until, m("2024-09"))
    assert found.select("unit", "before", "value", "kind").rows() == [
        ("a1", 10.0, 11.0, "revised"),
        ("a3", None, 7.0, "new"),
        ("b1", 3.0, None, "withdrawn"),
    ]
    locks = {m("2024-09"): dt.datetime(2024, 11, 1, tzinfo=dt.UTC)}
    assert count_changes(found, locks) == {
        "new": 1,
        "revised": 1,
        "withdrawn": 1,
        "after_lock": 3,
        "units": 3,
        "first": "2024-09",
        "last": "2024-09",
    }
    # What came in before the earlier edition had been in it.
    assert changed_cells(rows, until, until, m("2024-10")).height == 0


def test_changed_figures_are_those_of_the_touched_measures() -> None:
    before, after = facts(TABLE), moved("a1", "2024-10", 13)
    cells = pl.DataFrame({"measure": ["calls_theft"], "period": [OCTOBER]})
    found = changed_figures(cells, before, after, catalog(), tree(catalog()), ["c", "a", "b"])
    theft = found.filter(indicator="calls_theft")
    assert theft.select("unit", "before", "value").rows() == [("c", 50.0, 53.0), ("a", 30.0, 33.0)]


KEPT = Hashes(1, "f1", "a1", {"calls_theft": "x", "crim_recorded": "y"})
MOMENT = dt.datetime(2024, 11, 26, tzinfo=dt.UTC)
EDITION = Edition(
    "October", OCTOBER, MOMENT, "final", "d1", KEPT, 9, {}, "", "", "chen", MOMENT
)  # fmt: skip
OTHER = replace(KEPT, figures_hash="f2", parts={"calls_theft": "z", "crim_recorded": "y"})


@pytest.mark.parametrize(
    ("found", "definitions", "logged", "backdated", "verdict", "differ"),
    [
        (KEPT, "d1", True, 0, "sound", []),
        (KEPT, "d2", True, 0, "definitions_same", []),
        (OTHER, "d2", True, 0, "definitions", ["calls_theft"]),
        (OTHER, "d1", True, 0, "code", ["calls_theft"]),
        (replace(OTHER, facts_hash="a2"), "d1", True, 3, "dated_back", ["calls_theft"]),
        (replace(OTHER, facts_hash="a2"), "d2", True, 0, "facts", ["calls_theft"]),
        (KEPT, "d1", False, 0, "record", []),
    ],
)
def test_what_no_longer_holds_is_told_apart(
    found: Hashes, definitions: str, logged: bool, backdated: int, verdict: str, differ: list
) -> None:
    assert judge_edition(EDITION, found, definitions, logged, backdated) == (verdict, differ)
