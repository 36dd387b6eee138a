"""Does the coverage before and after a return count cells that are owed, and whole units?"""

import polars as pl

from data.definition_types import Catalog
from data.returns.gain import owed_pairs, read_gain
from data.units import Tree
from tests.data.returns.conftest import PERIOD, sound_values


def placed(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(period=pl.lit(PERIOD))


def test_a_return_fills_its_units_and_no_more_than_is_owed(catalog: Catalog, units: Tree) -> None:
    stations = [code for code in units.leaves("yz09") if units.level(code) == "station"]
    owed = owed_pairs(catalog, units, ["M01"], "yz09", PERIOD)
    mine = len([pair for pair in owed if pair[0] == stations[0]])
    assert mine == 18
    first = placed(sound_values((stations[0],)))
    both = placed(sound_values((stations[1], "yz0101")))
    found = read_gain(first, both, catalog, units, ["M01"], "yz09", PERIOD)
    assert (found.cells_before, found.cells_after, found.cells_due) == (18, 36, len(owed))
    assert (found.units_before, found.units_after) == (1, 2)
    assert found.units_due == len({unit for unit, _ in owed})


def test_a_unit_that_lacks_one_cell_is_not_complete(catalog: Catalog, units: Tree) -> None:
    part = placed(sound_values()).filter(pl.col("measure") != "calls_theft")
    nothing = part.clear()
    found = read_gain(nothing, part, catalog, units, ["M01"], "yz0101", PERIOD)
    assert (found.cells_before, found.cells_after, found.cells_due) == (0, 17, 18)
    assert (found.units_before, found.units_after, found.units_due) == (0, 0, 1)
