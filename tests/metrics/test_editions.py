"""Does an edition's hash hold still when nothing moves, and is what moved found and named?"""

import datetime as dt

import polars as pl

from data.store.editions import Hashes
from data.units import tree
from metrics.editions import (
    cells_behind,
    changed_cells,
    changed_figures,
    count_changes,
    edition_figures,
    freeze,
)
from tests.metrics.moved import reorganised
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


def test_an_edition_stands_on_a_basis() -> None:
    known = facts({"calls_theft": {unit: {"2024-04": 10} for unit in STATIONS}})
    found = {}
    for basis in ("now", "then"):
        figures = edition_figures(known, reorganised(), tree(reorganised()), m("2024-04"), basis)
        theft = figures.filter(indicator="calls_theft", window="month")
        found[basis] = dict(theft.select("unit", "value").rows())
    # Today a has a1, a2 and half of b2; b has b1, a3 and the other half.
    assert found["now"] == {"c": 50, "a": 25, "a1": 15, "a2": 10, "a3": 10, "b": 25, "b1": 15}
    assert found["then"] == {
        "c": 50, "a": 30, "a1": 10, "a2": 10, "a3": 10, "b": 20, "b1": 10, "b2": 10,
    }  # fmt: skip


def test_the_basis_and_the_salt_are_in_the_hash_and_now_is_as_it_always_was() -> None:
    plain = facts(TABLE)
    definitions = catalog()
    on = {
        (basis, salt): freeze(plain, definitions, tree(definitions), OCTOBER, basis, salt)
        for basis in ("now", "then")
        for salt in ("", "x", "y")
    }
    hashes = [found.figures_hash for found in on.values()]
    assert len(set(hashes)) == len(hashes), "though nothing ever changed and figures are the same"
    assert on["now", ""] == frozen(plain)
    assert on["now", "x"].parts.keys() == on["now", ""].parts.keys()
    assert not set(on["now", "x"].parts.values()) & set(on["now", "y"].parts.values())


def test_a_hash_cannot_be_tried_out_without_its_salt() -> None:
    """Who knows all figures but one small count cannot find it by computing hashes."""
    kept = freeze(facts(TABLE), catalog(), tree(catalog()), OCTOBER, "now", "of the record")
    for guess in range(21):
        tried = frozen(moved("a1", "2024-10", guess))
        assert tried.figures_hash != kept.figures_hash
        assert not set(tried.parts.values()) & set(kept.parts.values())


def test_both_sides_of_a_change_stand_on_one_basis() -> None:
    known = {unit: {"2024-04": 10} for unit in STATIONS}
    before = facts({"calls_theft": known})
    after = facts({"calls_theft": known | {"b2": {"2024-04": 16}}})
    cells = pl.DataFrame({"measure": ["calls_theft"], "unit": ["b2"], "period": [m("2024-04")]})
    asked = (cells, before, after, reorganised(), tree(reorganised()), ["c", "a", "b", "b2"])
    moves = {}
    for basis in ("now", "then"):
        theft = changed_figures(*asked, basis).filter(indicator="calls_theft")
        moves[basis] = theft.select("unit", "before", "value").rows()
    assert moves == {
        "now": [("c", 50, 56), ("a", 25, 28), ("b", 25, 28)],
        "then": [("c", 50, 56), ("b", 20, 26), ("b2", 10, 16)],
    }


def test_who_may_not_see_all_of_a_figure_is_not_given_a_part_of_it() -> None:
    known = {unit: {"2024-04": 10} for unit in STATIONS}
    before = facts({"calls_theft": known})
    after = facts({"calls_theft": known | {"b1": {"2024-04": 11}}})
    cells = pl.DataFrame({"measure": ["calls_theft"], "unit": ["b1"], "period": [m("2024-04")]})
    asked = (cells, before, after, reorganised(), tree(reorganised()), ["c", "b"], "then")
    theft = changed_figures(*asked, scope="a").filter(indicator="calls_theft")
    assert theft.height == 0, "people of a do not read b, nor the whole city"
    assert changed_figures(*asked).filter(indicator="calls_theft").height == 2


def test_the_cells_behind_a_unit_are_those_of_the_basis() -> None:
    rows = [(unit, m(month)) for unit in STATIONS for month in ("2024-04", "2024-06")]
    cells = pl.DataFrame(rows, schema=["unit", "period"], orient="row")
    found = {}
    for basis in ("now", "then"):
        kept = cells_behind(cells, reorganised(), tree(reorganised()), "a", basis)
        found[basis] = [(unit, f"{period:%m}") for unit, period in kept.rows()]
    assert found == {
        # What b2 filed once it was closed counts for its heirs as well.
        "now": [*((unit, month) for unit in ("a1", "a2", "b2") for month in ("04", "06"))],
        "then": [("a1", "04"), ("a1", "06"), ("a2", "04"), ("a2", "06"), ("a3", "04")],
    }
