"""Both schemes run on the demonstration bureau, and keep their promises on every unit."""

from pathlib import Path

import pytest

from data.access import OPERATOR
from data.catalog import load_catalog
from data.demo.build import RECORD
from data.store.database import open_store
from data.store.snapshot import read_facts
from metrics.cube import Cube, build_cube
from metrics.evaluate import score_round
from metrics.standing import caps_of


@pytest.fixture(scope="module")
def cube(demo_folder: Path) -> Cube:
    store = open_store(f"sqlite:///{demo_folder / RECORD}")
    return build_cube(read_facts(store, OPERATOR), load_catalog())


@pytest.mark.parametrize(
    ("code", "name", "units"),
    [
        ("station_prevention_first", "2024Q3", 126),
        ("station_prevention_first", "2024Q1", 126),
        ("county_monthly_operation", "2024-10", 9),
        ("county_monthly_operation", "2024-01", 9),
        ("county_monthly_operation", "2024-02", 9),
    ],
)
def test_a_round_keeps_its_promises(cube: Cube, code: str, name: str, units: int) -> None:
    result = score_round(cube, cube.catalog, code, name)
    scheme = result.scheme
    assert result.standings.height == units
    for row in result.standings.iter_rows(named=True):
        mine = result.scores.filter(unit=row["unit"])
        items = mine.filter(mine["weight"].is_not_null())
        assert items.height == len(scheme.items)
        if row["score"] is None:
            assert (row["reason"], row["grade"]) == ("not_rated", None)
            assert mine["points"].null_count() == mine.height
            continue
        assert mine["points"].sum() == pytest.approx(row["score"], abs=1e-9)
        assert items["weight"].sum() == pytest.approx(100)
        assert row["missing_weight"] <= 20
        assert row["lower"] <= row["score"] <= row["upper"] or row["score"] > 100
        assert row["grade"] is not None
        is_failed = row["grade"] == len(scheme.grades) - 1
        assert is_failed or row["score"] >= scheme.grades[row["grade"]].minimum
        if row["vetoes"]:
            assert (is_failed, row["reason"]) == (True, "veto")


def test_no_grade_holds_more_than_its_quota(cube: Cube) -> None:
    result = score_round(cube, cube.catalog, "station_prevention_first", "2024Q3")
    groups = result.standings.partition_by("assessor", "group")
    assert len(groups) == 25
    for group in groups:
        rated = group.filter(group["score"].is_not_null())
        best = rated.filter(rated["grade"] == 0).height
        good = best + rated.filter(rated["grade"] == 1).height
        caps = caps_of(result.scheme, rated.height)
        assert caps[0] is None or best <= caps[0]
        assert caps[1] is None or good <= caps[1]
        assert (rated["band"].null_count() == rated.height) == (rated.height < 8)


def test_a_new_station_is_not_rated_for_want_of_last_year(cube: Cube) -> None:
    result = score_round(cube, cube.catalog, "station_prevention_first", "2024Q3", units=["yz0114"])
    row = result.standings.row(0, named=True)
    # Opened in March 2024: four items look back at last year, 8 + 7 + 5 + 4.
    missing = result.scores.filter(note="missing")["item"].to_list()
    looking_back = [code for code in missing if code.endswith("_yoy")]
    assert len(looking_back) == 4
    assert (row["reason"], row["missing_weight"] >= 24) == ("not_rated", True)


def test_in_january_no_item_looks_back_and_all_are_rated(cube: Cube) -> None:
    result = score_round(cube, cube.catalog, "county_monthly_operation", "2024-01")
    left_out = result.scores.filter(note="festival")["item"].unique().sort().to_list()
    assert left_out == ["d_fraud_loss_yoy", "d_fraud_return_rate", "d_recovery_rate"]
    assert result.standings["score"].null_count() == 0
