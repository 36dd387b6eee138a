"""The reorganisations of the demonstration bureau: who filed what, before and after."""

import datetime as dt

import polars as pl
import pytest

from data.catalog import Catalog, load_catalog
from data.demo.generate import generate_facts
from data.units import timeline, tree, tree_at
from metrics.compare import compare_figures
from metrics.cube import Cube, build_cube, stand
from metrics.figures import compute_figures

SPLIT, MOVED, MERGED = dt.date(2023, 7, 1), dt.date(2024, 4, 1), dt.date(2021, 1, 1)
CODES = ("calls_valid", "wb_responded", "wb_overall_score", "staff_police", "crim_recorded")


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


@pytest.fixture(scope="module")
def facts(catalog: Catalog) -> pl.DataFrame:
    return generate_facts(catalog)


@pytest.fixture(scope="module")
def cube(catalog: Catalog, facts: pl.DataFrame) -> Cube:
    kept = facts.filter(pl.col("measure").is_in(CODES)).with_columns(
        definition=pl.lit(1),
        status=pl.lit("final"),
        vintage=pl.lit(None, pl.Datetime("us", "UTC")),
        submission=pl.lit("s"),
    )
    return build_cube(kept, catalog)


def values(cube: Cube, code: str, units: list[str], month: dt.date, window: str = "month") -> list:
    return compute_figures(cube, [code], units, [month], window)["value"].to_list()


def test_the_story_of_the_structure_is_told_in_order(catalog: Catalog) -> None:
    told = [(event.date, event.kind, event.unit) for event in timeline(catalog)]
    assert told == [
        (MERGED, "merged", "yz0591"),
        (MERGED, "merged", "yz0592"),
        (SPLIT, "split", "yz0291"),
        (dt.date(2024, 3, 1), "opened", "yz0114"),
        (MOVED, "moved", "yz0315"),
    ]
    split = next(event for event in timeline(catalog) if event.kind == "split")
    assert split.shares == (("yz0218", 0.55), ("yz0219", 0.45))
    moved = timeline(catalog)[-1]
    assert (moved.was, moved.now) == ("yz02", "yz03")


def test_the_stations_that_have_gone_are_known_but_no_part_of_today(catalog: Catalog) -> None:
    units = tree(catalog)
    assert units.gone == {"yz0291", "yz0591", "yz0592"}
    assert len(units.at_level("station")) == 126
    assert units.unit("yz0291").name.en == "Gaoxin Police Station"
    assert "yz0315" in units.children("yz03")
    assert len(tree_at(catalog, dt.date(2020, 12, 1)).at_level("station")) == 125
    assert "yz0315" in tree_at(catalog, dt.date(2024, 3, 1)).children("yz02")


def test_each_month_is_filed_by_the_stations_of_that_month(
    catalog: Catalog, facts: pl.DataFrame
) -> None:
    calls = facts.filter(measure="calls_valid")
    for unit, first, last in (
        ("yz0291", dt.date(2019, 11, 1), dt.date(2023, 6, 1)),
        ("yz0218", SPLIT, dt.date(2024, 10, 1)),
        ("yz0219", SPLIT, dt.date(2024, 10, 1)),
        ("yz0591", dt.date(2019, 11, 1), dt.date(2020, 12, 1)),
        ("yz0592", dt.date(2019, 11, 1), dt.date(2020, 12, 1)),
        ("yz0507", MERGED, dt.date(2024, 10, 1)),
    ):
        months = calls.filter(unit=unit)["period"]
        assert (months.min(), months.max()) == (first, last), unit
        assert months.n_unique() == (last.year - first.year) * 12 + last.month - first.month + 1


def test_the_city_is_the_same_on_today_s_units_and_on_those_of_the_time(cube: Cube) -> None:
    then = stand(cube, "then")
    for month in (dt.date(2020, 6, 1), dt.date(2023, 6, 1), dt.date(2024, 6, 1)):
        for code in ("calls_valid", "staff_police"):
            assert values(cube, code, ["yz"], month) == values(then, code, ["yz"], month)
    wave = dt.date(2023, 6, 1)
    means = [values(c, "wb_overall_score", ["yz"], wave, "wave")[0] for c in (cube, then)]
    assert means[0] == pytest.approx(means[1], abs=1e-9)


def test_the_split_station_s_past_is_shared_out_today(cube: Cube) -> None:
    then, month = stand(cube, "then"), dt.date(2023, 6, 1)
    (old,) = values(then, "calls_valid", ["yz0291"], month)
    assert values(cube, "calls_valid", ["yz0218", "yz0219", "yz0291"], month) == [
        pytest.approx(0.55 * old), pytest.approx(0.45 * old), None,
    ]  # fmt: skip
    assert values(then, "calls_valid", ["yz0218", "yz0219"], month) == [None, None]


def test_the_districts_differ_by_the_station_that_moved(cube: Cube) -> None:
    then, month = stand(cube, "then"), dt.date(2024, 3, 1)
    (station,) = values(then, "calls_valid", ["yz0315"], month)
    qingwu, jinxi = (values(cube, "calls_valid", [unit], month)[0] for unit in ("yz02", "yz03"))
    assert values(then, "calls_valid", ["yz02", "yz03"], month) == [
        qingwu + station, jinxi - station,
    ]  # fmt: skip
    asked = (["calls_valid"], ["yz03"], [dt.date(2024, 10, 1)], "month", ("yoy",))
    now, was, same = (
        compare_figures(cube, *asked, basis).row(0, named=True)
        for basis in ("now", "then", "matched")
    )
    assert now["value"] == was["value"] == same["value"]
    assert was["base_value"] == now["base_value"] - values(
        cube, "calls_valid", ["yz0315"], dt.date(2023, 10, 1)
    )[0]  # fmt: skip
    assert (now["compared_units"], same["compared_units"]) == (18, 17)
    assert same["base_value"] == was["base_value"]
