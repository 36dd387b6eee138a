"""Is what must be known of single dimensions said beside the chart, and only there?"""

import datetime as dt
from typing import Any

import pytest

from metrics.wellbeing import compare_waves
from tests.metrics.waves import NOW, SURVEY, UNITS, cube_of, wave, without
from ui.scope import Scope
from ui.wellbeing_chart import asides
from ui.wellbeing_view import WaveView


def view(**lacking: tuple[str, ...]) -> WaveView:
    """Return a wave of a district without what some of its units did not file."""
    names = ("education", "reward", "rights", "life", "support")
    more: dict[str, Any] = {f"wb_{name}_score": 70.0 for name in names}
    more |= {f"wb_{name}_sd": 9.0 for name in names}
    rows = {
        "yz0101": (30, 40, 70, 9), "yz0102": (11, 20, 70, 9), "yz0103": (8, 20, 70, 9),
        "yz01-own": (50, 60, 70, 9),
    }  # fmt: skip
    facts = wave(NOW, rows, **more)
    for unit, measures in lacking.items():
        facts = without(facts, unit.replace("_", "-"), *measures)
    table = compare_waves(cube_of(facts), UNITS, SURVEY, "yz01", NOW)
    return WaveView("yz01", UNITS, SURVEY, NOW, None, table.to_dicts(), [], [], [], [])


@pytest.mark.parametrize(
    ("lacking", "said"),
    [
        ({}, ""),
        ({"yz0101": ("wb_health_sd", "wb_life_sd")}, "Health and Life: a standard deviation is"),
        ({"yz0102": ("wb_health_score", "wb_health_sd")}, "Health: fewer than 10 answers, or it"),
        ({"yz01_own": ("wb_life_score", "wb_life_sd")}, "Life: a unit has answers but no score"),
    ],
)
def test_what_holds_of_one_dimension_is_said_of_it(lacking: dict, said: str) -> None:
    scope = Scope("city_leader", "yz01", dt.date(2024, 10, 1), lang="en")
    found = asides(scope, view(**lacking))
    assert found.startswith(said)
    assert bool(found) == bool(said)
