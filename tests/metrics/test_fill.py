"""Do facts become the right planes, in any order, and does a cube go when nobody asks for it?"""

import gc
import weakref
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from metrics.cube import build_cube, restrict, stand
from metrics.fill import FILLED, fill_planes
from tests.metrics.small import catalog, cube, facts, m, steady
from tests.metrics.structure import SPLIT, THEFT, get, on

LEAVES = ("a1", "a2")


def test_of_several_rows_for_a_cell_the_newest_definition_then_the_latest_vintage_holds() -> None:
    old = facts({"calls_theft": {"a1": {"2024-01": 5.0, "2024-02": 6.0}}})
    later = old.with_columns(
        value=pl.lit(7.0), vintage=pl.col("vintage") + pl.duration(days=1)
    ).filter(pl.col("period") == m("2024-02"))
    again = facts({"calls_theft": {"a1": {"2024-01": 9.0}}}, definition=2)
    for rows in (pl.concat([again, later, old]), pl.concat([old, later, again])):
        found = fill_planes(rows, catalog(), LEAVES)
        assert found is not None
        assert found.values[0, 0].tolist() == [9.0, 7.0]
        assert found.version[0, 0].tolist() == [2, 1]
        assert np.isnan(found.values[0, 1]).all()
        assert np.isnan(found.values[1]).all()
        assert found.versions == ((1, 2), ())


def test_decimals_become_whole_numbers_and_whole_numbers_stay() -> None:
    rows = pl.concat(
        [
            facts({"calls_theft": {"a1": {"2023-12": 3.0}, "a2": {"2024-02": 4.0}}}),
            facts({"calls_valid": {"a1": {"2024-01": 1.25}, "a2": {"2024-01": 2.5}}}),
        ]
    )
    found = fill_planes(rows, catalog(), LEAVES)
    assert found is not None
    theft, valid = found.index["calls_theft"], found.index["calls_valid"]
    assert found.divisor[[theft, valid]].tolist() == [1.0, 100.0]
    assert found.values[valid, :, 1].tolist() == [125.0, 250.0]
    assert np.nansum(found.values[theft]) == 7.0
    assert found.first == 2023 * 12 + 11
    assert found.values.shape == (3, 2, 3)


def test_former_codes_stand_beside_those_of_today_under_one_measure() -> None:
    definitions = catalog()
    theft = replace(definitions.measures["calls_theft"], formerly=("calls_pilfering",))
    named = replace(definitions, measures={**definitions.measures, "calls_theft": theft})
    rows = facts({"calls_theft": {"a1": {"2024-02": 2.0}}})
    before = facts({"calls_theft": {"a1": {"2024-01": 1.0}}}).with_columns(
        measure=pl.lit("calls_pilfering")
    )
    found = fill_planes(pl.concat([rows, before]), named, LEAVES)
    assert found is not None
    assert list(found.index) == ["calls_theft"]
    assert found.values[0, 0].tolist() == [1.0, 2.0]


def test_only_measures_with_several_definitions_keep_their_rows() -> None:
    rows = facts(
        {
            "calls_theft": {"a1": {"2024-01": 5.0, "2024-02": 6.0}},
            "calls_valid": {"a1": {"2024-01": 8.0}},
        }
    )
    again = facts({"calls_theft": {"a1": {"2024-01": 9.0}}}, definition=2)
    one = fill_planes(rows, catalog(), LEAVES)
    assert one is not None
    assert one.several is None
    two = fill_planes(pl.concat([rows, again]), catalog(), LEAVES)
    assert two is not None
    assert two.several is not None
    assert two.several.columns == list(FILLED)
    assert sorted(two.several["value"].to_list()) == [5.0, 6.0, 9.0]


def test_nothing_known_is_no_planes() -> None:
    rows = facts({"calls_theft": {"a1": {"2024-01": 5.0}}})
    assert fill_planes(rows.clear(), catalog(), LEAVES) is None
    assert fill_planes(rows, catalog(), ("b1",)) is None
    assert fill_planes(rows, catalog(), LEAVES, through=m("2023-12")) is None


@pytest.mark.parametrize("has_changes", [True, False])
def test_a_cube_that_nobody_asks_any_more_goes_at_once_with_its_bases(has_changes) -> None:
    gc.disable()
    try:
        if has_changes:
            held = on("now", THEFT, SPLIT)
            get(held, "calls_theft", held.tree.root, "2024-03")
        else:
            held = cube({"calls_theft": steady(LEAVES, "2023-01", "2024-06", 3.0)})
        others = [stand(held, "then"), stand(held, "matched"), restrict(held, held.tree.root)]
        others.append(build_cube(THEFT, SPLIT, basis="matched"))
        assert stand(held, "then") is others[0]
        gone = [weakref.ref(each) for each in (held, *others)]
        del held, others
        assert [each() for each in gone] == [None] * len(gone)
    finally:
        gc.enable()
