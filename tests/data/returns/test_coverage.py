"""Does coverage count cells, told apart by what is approved and what waits, and never too many?"""

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from data.access import Viewer, viewer_for
from data.catalog import Catalog, load_catalog
from data.demo.build import RECORD
from data.returns.coverage import chase, coverage
from data.store.database import Store, open_store
from data.store.record import extend
from data.units import Tree, tree

OCTOBER, TODAY = dt.date(2024, 10, 1), dt.date(2024, 11, 11)
LATE = ("yz0411", "yz0708")


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


@pytest.fixture(scope="module")
def units(catalog: Catalog) -> Tree:
    return tree(catalog)


@pytest.fixture(scope="module")
def city(catalog: Catalog) -> Viewer:
    return viewer_for(catalog, "city_reviewer")


@pytest.fixture(scope="module")
def found(demo_folder: Path, catalog: Catalog, units: Tree, city: Viewer) -> pl.DataFrame:
    store = open_store(f"sqlite:///{demo_folder / RECORD}")
    return coverage(store, city, catalog, units, dt.date(2024, 8, 1), OCTOBER, TODAY)


def test_no_more_is_filled_than_is_owed(found: pl.DataFrame) -> None:
    assert (found["filled"] <= found["owed"]).all()
    assert (found["approved"] + found["waiting"] == found["filled"]).all()
    assert found.select("unit", "form", "period").is_unique().all()
    late = found.filter(pl.col("filled") == 0, pl.col("period") == OCTOBER)
    assert set(late["unit"]) == set(LATE)
    assert set(late["state"]) == {"overdue"}
    assert not late["on_time"].any()
    by_form = dict(late.filter(unit="yz0411").select("form", "late_days").rows())
    assert by_form == dict.fromkeys(("M01", "M02", "M03", "M04", "M05", "M07"), 6) | {"M08": 1}


def test_the_states_of_october(found: pl.DataFrame) -> None:
    states = found.filter(pl.col("period") == OCTOBER).group_by("state").agg(pl.col("unit"))
    by_state = dict(states.rows())
    assert by_state["confirming"] == ["yz0806"], "only the station whose row was changed"
    assert set(by_state["reviewed"]) == {
        unit for unit in found["unit"].unique() if unit.startswith("yz05")
    }
    assert set(found.filter(pl.col("period") < OCTOBER)["state"]) == {"approved"}


def test_a_person_sees_the_own_part(demo_folder: Path, catalog: Catalog, units: Tree) -> None:
    store = open_store(f"sqlite:///{demo_folder / RECORD}")
    viewer = viewer_for(catalog, "minghu_reviewer")
    seen = coverage(store, viewer, catalog, units, OCTOBER, today=TODAY)
    assert {units.parent(unit) for unit in seen["unit"]} == {"yz01"}


def test_the_chase_list_names_whom_to_call_and_knows_extensions(
    demo_copy: Path, catalog: Catalog, units: Tree, city: Viewer
) -> None:
    store = open_store(f"sqlite:///{demo_copy / RECORD}")

    def called(store: Store) -> dict[str, str]:
        rows = chase(store, city, catalog, units, OCTOBER, TODAY, "en")
        return dict(rows.filter(form="M01").select("unit", "user").rows())

    assert called(store) == {
        "yz0411": "huangnitang_statistician",
        "yz0708": "yunpan_statistician",
    }
    rows = chase(store, city, catalog, units, OCTOBER, TODAY, "en")
    (waiting,) = rows.filter(state="confirming").rows(named=True)
    assert (waiting["unit"], waiting["user"]) == ("yz0806", "city_statistician")
    until, due = dt.date(2024, 11, 15), dt.date(2024, 11, 5)
    extend(store, city, "M01", "yz0411", OCTOBER, until, "the line was down", due)
    rows = chase(store, city, catalog, units, OCTOBER, TODAY, "en")
    (given,) = rows.filter(unit="yz0411", form="M01").rows(named=True)
    assert (given["due"], given["late_days"], given["state"]) == (until, 0, "due")
    store.engine.dispose()
