"""The tree of units: official order, leaves, own level and pooled units."""

import datetime as dt

import pytest

from data.definition_types import Parent, Text, Unit
from data.units import build_tree

LEVELS = {
    "city": "city",
    "a": "county",
    "b": "county",
    "b2": "station",
    "b1": "station",
    "a1": "station",
    "a-own": "county_own",
    "city-own": "city_own",
    "a-small": "county_small",
}
PARENT = {
    "a": "city",
    "b": "city",
    "b2": "b",
    "b1": "b",
    "a1": "a",
    "a-own": "a",
    "city-own": "city",
    "a-small": "a",
}


def unit(code: str, order: int) -> Unit:
    """Return a unit; `b1` opened in 2024-03 and `b2` closed in 2024-05."""
    opened = dt.date(2024, 3, 1) if code == "b1" else None
    closed = dt.date(2024, 5, 1) if code == "b2" else None
    name = Text(code, code)
    return Unit(code, LEVELS[code], "", name, name, opened, closed, order)


UNITS = tuple(unit(code, order) for order, code in enumerate(LEVELS))
PARENTS = tuple(Parent(code, parent, dt.date(2010, 1, 1), None) for code, parent in PARENT.items())
OWN = {"county_own": "county", "city_own": "city"}
TREE = build_tree(UNITS, PARENTS, OWN, {"county_small"}, "city")


def test_order_is_that_of_the_units_file():
    assert TREE.codes == tuple(LEVELS)
    assert TREE.children("b") == ("b2", "b1")
    assert TREE.children("city") == ("a", "b", "city-own")
    assert TREE.at_level("station") == ("b2", "b1", "a1")
    assert TREE.at_level("station", under="a") == ("a1",)


def test_leaves_stand_together_and_each_once():
    assert TREE.leaves("city") == ("a1", "a-own", "a-small", "b2", "b1", "city-own")
    assert TREE.leaves() == TREE.leaves("city")
    assert TREE.leaves("a1") == ("a1",)
    assert TREE.is_leaf("a1")
    assert not TREE.is_leaf("a")


def test_up_and_down():
    assert TREE.subtree("a") == ("a", "a1", "a-own", "a-small")
    assert TREE.ancestors("a1") == ("a", "city")
    assert TREE.parent("city") is None
    assert TREE.is_within("a1", "city")
    assert not TREE.is_within("a1", "b")
    assert TREE.order["a1"] == 5


def test_own_level_and_pooled_units():
    assert TREE.own("a") == "a-own"
    assert TREE.own("city") == "city-own"
    assert TREE.own("a1") == "a1"
    assert TREE.own("b") is None
    assert TREE.is_own("a-own")
    assert TREE.is_pooled("a-small")
    assert not TREE.is_pooled("a1")


def test_open_from_the_first_month_to_the_one_before_closing():
    assert not TREE.is_open("b1", dt.date(2024, 2, 1))
    assert TREE.is_open("b1", dt.date(2024, 3, 1))
    assert TREE.is_open("b2", dt.date(2024, 4, 1))
    assert not TREE.is_open("b2", dt.date(2024, 5, 1))


def test_of_several_dated_parents_the_latest_holds():
    moved = (Parent("a1", "b", dt.date(2024, 1, 1), None), *PARENTS)
    moved_tree = build_tree(UNITS, moved, OWN, {"county_small"}, "city")
    assert moved_tree.parent("a1") == "b"
    assert moved_tree.leaves("a") == ("a-own", "a-small")


def test_an_unknown_unit_names_the_nearest():
    with pytest.raises(ValueError, match="unknown unit 'a-onw' .did you mean 'a-own'"):
        TREE.leaves("a-onw")
