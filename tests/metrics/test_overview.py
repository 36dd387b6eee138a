"""Is it said how many of the series that moved chance alone would have moved?"""

import pytest

from metrics.overview import by_chance, read_view
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


def test_each_series_that_moved_has_its_q_over_all_that_were_looked_at() -> None:
    view = read_view(
        cube(thefts({"a1": 160.0})), ["calls_theft"], UNITS, m("2024-10"), "month", "now"
    )
    moved = [(row["unit"], row["chance"], row["q"]) for row in view.special]
    assert "a1" in [unit for unit, _, _ in moved]
    # Benjamini and Hochberg by hand: p × series / rank, no less than those before.
    chances = [chance for _, chance, _ in moved]
    raised = [p * len(UNITS) / rank for rank, p in enumerate(chances, 1)]
    wanted = [min(1.0, *raised[at:], 1.0) for at in range(len(raised))]
    assert [q for _, _, q in moved] == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("chances", "series", "false"),
    [((0.0463, 0.0485, 0.0497), 60, 3), ((0.0001, 0.0003), 100, 0), ((0.0001, 0.03), 100, 2),
     ((0.0001, 0.0002, 0.0003, 0.012), 100, 1), ((None,), 100, 0)],
)  # fmt: skip
def test_so_many_of_a_list_may_be_chance_alone(chances: tuple, series: int, false: int) -> None:
    assert by_chance([{"chance": chance} for chance in chances], series) == false
