"""Does the cube remember for the rules what its facts say?"""

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from data.access import OPERATOR, Viewer, viewer_for
from data.catalog import load_catalog
from data.checks.past import Pair, recall_facts
from data.store.database import open_store
from data.store.snapshot import read_facts, read_values
from data.units import tree as tree_of
from metrics.cube import build_cube, restrict
from metrics.recall import recall_cube

CATALOG = load_catalog()
TREE = tree_of(CATALOG)
PAIRS: list[Pair] = [
    (code, lag) for code in CATALOG.measures for lag in (0, 1, 5, 11, 12, 13, 24, 36, 60, 200)
]


@pytest.mark.parametrize(
    "person", ["", "minghu_statistician", "hubinlu_statistician", "city_statistician"]
)
@pytest.mark.parametrize("period", [dt.date(2022, 1, 1), dt.date(2024, 3, 1), dt.date(2030, 1, 1)])
def test_a_cube_remembers_what_its_facts_say(
    demo_folder: Path, person: str, period: dt.date
) -> None:
    store = open_store(f"sqlite:///{demo_folder}/hengjing.sqlite")
    viewer: Viewer = viewer_for(CATALOG, person) if person else OPERATOR
    cube = build_cube(read_values(store, OPERATOR), CATALOG, TREE)
    cube = restrict(cube, viewer.unit) if person else cube
    units = [u for u in TREE.codes if viewer.sees() is None or u in viewer.sees()]
    expected = recall_facts(read_facts(store, viewer), CATALOG)(period, PAIRS, units)
    found = recall_cube(cube)(period, PAIRS, units)
    assert np.isfinite(expected).sum() > (100 if period.year < 2030 and not person else -1)
    # A cube keeps values with two decimals as hundredths: the last bit may differ.
    np.testing.assert_allclose(found, expected, rtol=1e-14)
