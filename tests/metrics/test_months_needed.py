"""Are figures from the months that a window reaches those from all months?"""

import datetime as dt

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from metrics.cube import build_cube
from metrics.figures import compute_figures
from metrics.windows import months_needed
from tests.metrics.small import catalog, m, months
from tests.metrics.test_cube_oracle import CODES, world

UNITS = ["c", "a", "b", "a1", "a2", "b2", "a-own"]


def test_a_month_reaches_as_far_back_as_a_stock_is_carried() -> None:
    needed = months_needed(catalog(), ["crim_open_end"], [m("2024-05")], "quarter")
    assert needed == (dt.date(2023, 4, 1), dt.date(2024, 5, 1))
    flow = months_needed(catalog(), ["calls_theft"], [m("2024-05")], "quarter")
    assert flow == (dt.date(2024, 4, 1), dt.date(2024, 5, 1))


def test_all_months_are_needed_where_a_figure_asks_for_its_past() -> None:
    asked = [m("2024-05")]
    assert months_needed(catalog(), ["calls_theft"], asked, "rolling12") is None
    assert months_needed(catalog(), ["d_crim_recorded_yoy"], asked, "month") is None
    assert months_needed(catalog(), ["calls_theft"], [], "month") is None


@pytest.mark.parametrize("window", ["month", "quarter", "half", "ytd", "year", "jan_feb"])
@pytest.mark.parametrize("basis", ["now", "then"])
def test_the_other_months_change_nothing(window: str, basis: str) -> None:
    facts, held = world(3, 4, 0.15, True)
    for asked in ([m("2024-02")], months("2023-11", "2024-05")):
        first, last = months_needed(held.catalog, CODES, asked, window)
        part = facts.filter(pl.col("period").is_between(first, last))
        assert part.height < facts.height
        expected = compute_figures(
            build_cube(facts, held.catalog, basis=basis), CODES, UNITS, asked, window
        )
        found = compute_figures(
            build_cube(part, held.catalog, basis=basis), CODES, UNITS, asked, window
        )
        assert_frame_equal(found, expected)
