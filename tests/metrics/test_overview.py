"""Is it said how many of the series that moved chance alone would have moved?"""

import pytest

from metrics.overview import View, by_chance, read_view, stand_out
from tests.metrics.small import STATIONS, cube, m, months

UNITS = ("c", "a", "b", *STATIONS)


def thefts(last: dict[str, float]) -> dict:
    """Return thefts that sway about 100 in every station, with a last month of their own."""
    sway = [100.0, 104, 97, 101, 95, 103, 99, 102, 96, 105, 98, 100]
    return {
        "calls_theft": {
            unit: {f"{p:%Y-%m}": sway[(at + place) % 12] for at, p in enumerate(span)}
            | ({"2024-10": last[unit]} if unit in last else {})
            for place, unit in enumerate(STATIONS)
            for span in [months("2022-01", "2024-10")]
        }
    }


def test_what_is_coloured_stands_out_among_all_series() -> None:
    table = thefts({"b1": 113.0})
    table["calls_dispatch_urgent"] = thefts({})["calls_theft"]
    units = ("b1", "a1", "a2", "a3", "b2")
    key = ("calls_theft", "b1")

    def view(indicators: list[str], headline: tuple[str, ...] = ()) -> View:
        asked = (units, m("2024-10"), "month", "now")
        return read_view(cube(table), indicators, *asked, headline)

    alone, both = view(["calls_theft"]), view(list(table))
    (moved,) = both.special
    assert moved["unit"] == "b1"
    # Benjamini and Hochberg by hand, one in ten: p × series ÷ rank.
    assert moved["chance"] * 5 <= 0.1 < moved["chance"] * 10
    assert alone.firm == {key}
    assert both.firm == frozenset()
    assert both.changes[key]["reading"] == "worse"  # by itself it is
    assert (alone.told(key), both.told(key)) == ("worse", "watch")
    assert both.told(("calls_theft", "b2")) == "not_significant"
    # A headline figure of the first unit is one of few.
    assert view(list(table), ("calls_theft",)).told(key) == "worse"


@pytest.mark.parametrize(("chances", "firm"), [
    ([0.001, 0.04], 1), ([0.02, 0.02], 2), ([0.011], 0), ([], 0), ([0.03] * 3, 3), ([None], 0),
])  # fmt: skip
def test_the_more_move_the_less_each_must(chances: list, firm: int) -> None:
    family = [{"indicator": "i", "unit": str(n), "value": 1.0, "signal": "outside", "chance": p}
              for n, p in enumerate(chances)]  # fmt: skip
    family += [{"indicator": "i", "unit": f"quiet {n}", "value": 1.0, "signal": "none",
                "chance": 0.2} for n in range(10 - len(chances))]  # fmt: skip
    empty = [row | {"unit": f"{row['unit']} has none", "value": None} for row in family]
    assert len(stand_out([*family, *empty])) == firm


@pytest.mark.parametrize(
    ("chances", "series", "false"),
    [((0.0463, 0.0485, 0.0497), 60, 3), ((0.0001, 0.0003), 100, 0), ((0.0001, 0.03), 100, 2),
     ((0.0001, 0.0002, 0.0003, 0.012), 100, 1), ((None,), 100, 0)],
)  # fmt: skip
def test_so_many_of_a_list_may_be_chance_alone(chances: tuple, series: int, false: int) -> None:
    assert by_chance([{"chance": chance} for chance in chances], series) == false
