"""Do changes of units move figures to whom they should, and lose none?"""

import datetime as dt

import pytest

from data.catalog import load_catalog
from data.definition_types import Catalog
from data.unit_changes import read_changes
from data.unit_changes_check import check_changes, filed_months
from data.unit_changes_draft import catalog_of
from metrics.cube import build_cube
from metrics.figures import compute_figures
from metrics.unit_effect import UnitEffect, read_effect
from tests.data.test_unit_changes import HEAD, SPLIT
from tests.data.unit_small import TODAY, small_definitions, small_facts

MARCH = dt.date(2024, 3, 1)


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return load_catalog(small_definitions(tmp_path_factory.mktemp("small") / "definitions"))


def changed(catalog: Catalog, table: str) -> tuple[UnitEffect, Catalog]:
    facts = small_facts(MARCH)
    filed = filed_months(facts)
    changes, _ = read_changes((HEAD + table).encode(), "x.csv")
    checked = check_changes(catalog, changes, filed, TODAY)
    assert checked.is_sound
    return read_effect(catalog, checked, facts, filed), catalog_of(catalog, checked.draft)


def value(catalog: Catalog, unit: str, month: dt.date = MARCH, basis: str = "now") -> float | None:
    cube = build_cube(small_facts(MARCH), catalog, basis=basis)
    return compute_figures(cube, ["offences_victim"], [unit], [month], "month")["value"][0]


def test_a_split_shares_the_past_out(catalog: Catalog) -> None:
    effect, after = changed(catalog, SPLIT)
    assert [(m.change.to_unit, m.facts) for m in effect.moved] == [("a1", 15), ("a2", 15)]
    assert (effect.totals, effect.unequal) == (15, 0)
    assert effect.affected == ("a",)
    assert (value(after, "a1"), value(after, "a2"), value(after, "d1")) == (6, 4, 30)
    assert (value(after, "a", basis="then"), value(after, "a1", basis="then")) == (10, None)


def test_a_move_takes_its_past_along(catalog: Catalog) -> None:
    effect, after = changed(catalog, "2024-04,move,b,,,d2,,,,,,,\n")
    assert effect.unequal == 0
    assert effect.affected == ("d1", "d2")
    assert (value(after, "d1"), value(after, "d2"), value(after, "c")) == (10, 90, 100)
    assert (value(after, "d1", basis="then"), value(after, "d2", basis="then")) == (30, 70)


def test_shares_multiply_along_a_chain(catalog: Catalog) -> None:
    chain = SPLIT + "2024-07,merge,a2,b,,,,,,,,,\n2024-09,move,b,,,d2,,,,,,,\n"
    effect, after = changed(catalog, chain)
    assert effect.unequal == 0
    assert value(after, "b") == 24, "its own 20 and 0.4 of 10"
    assert (value(after, "d1"), value(after, "d2")) == (6, 94)


def test_a_renaming_moves_nothing(catalog: Catalog) -> None:
    effect, _ = changed(catalog, "2024-04,rename,b,,,,,,乙新所,,,,\n")
    assert (effect.moved[0].facts, effect.affected, effect.unequal) == (0, (), 0)
