"""Is a rate that passes 100 % in a small unit read like any other?"""

from metrics.compare import compare_figures
from tests.metrics.small import STATIONS, cube, m, months


def test_more_cleared_than_recorded_in_small_stations_is_read() -> None:
    every = [f"{p:%Y-%m}" for p in months("2022-01", "2024-10")]
    held = cube(
        {
            "crim_recorded": {unit: dict.fromkeys(every, 2.0) for unit in STATIONS},
            "crim_cleared": {
                unit: {month: float(n % 4) for n, month in enumerate(every)} for unit in STATIONS
            },
        }
    )
    asked = (["d_crim_clear_rate"], ["a1", "c"], [m("2024-10"), m("2024-09")], "month")
    found = compare_figures(held, *asked)
    assert found["reading"].unique().to_list() == ["not_significant"]
    assert found.filter(unit="a1")["value"].to_list() == [50.0, 0.0]
