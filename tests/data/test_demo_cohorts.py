"""Does what became of each month's cases agree with what was recorded and cleared?"""

import numpy as np
import pytest

from data.catalog import load_catalog
from data.demo.cohorts import AGES, draw_recent, follow_unit
from data.demo.generate import generate_world
from data.demo.world import World


@pytest.fixture(scope="module")
def world() -> World:
    return generate_world(load_catalog())


@pytest.mark.parametrize("age", AGES)
def test_no_more_of_a_month_are_cleared_than_were_recorded(world: World, age: int) -> None:
    cleared, recorded = world.values[f"crim_cohort_{age}m"], world.values["crim_recorded"]
    assert np.isnan(cleared[:, :age]).all()
    assert (cleared[:, age:] <= recorded[:, :-age]).all()


def test_a_cohort_only_grows(world: World) -> None:
    young, old = (world.values[f"crim_cohort_{age}m"] for age in AGES)
    assert (old[:, 12:] >= young[:, 3:-9]).all()


def test_a_cohort_holds_no_more_than_all_clearances_of_its_months(world: World) -> None:
    cleared, young = world.values["crim_cleared"], world.values["crim_cohort_3m"]
    for at in range(3, world.shape[1]):
        assert (young[:, at] <= cleared[:, at - 3 : at + 1].sum(axis=1)).all()


def test_every_clearance_falls_on_some_cohort_or_on_what_was_open_before() -> None:
    months = 14
    recorded = np.full(months, 10)
    is_new_year = np.arange(months) % 12 == 2
    at_once, current, backlog = (np.full(months, n) for n in (1, 2, 1))
    gone = np.zeros(months, dtype=int)
    found = follow_unit(
        np.random.default_rng(3), is_new_year, recorded, at_once, current, backlog, gone, gone
    )
    assert (np.diff(found, axis=0) >= 0).all()
    assert (found <= 10).all()
    assert found[-1].sum() <= months * 4
    assert (found.sum(axis=1) >= np.cumsum(at_once)).all()


def test_fresh_cases_are_taken_rather_than_old_ones() -> None:
    pool = np.array([500, 500])
    taken = draw_recent(np.random.default_rng(1), pool, 300, now=12)
    assert taken.sum() == 300
    assert taken[1] > taken[0]
