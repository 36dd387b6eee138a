"""Rule 1: a stock that is carried forward, or a year to date of whole spans, shows its date."""

import pytest

from metrics.carried import carried_months
from tests.metrics.small import catalog, cube, m

TABLE = {
    "population": {"a1": {"2023-12": 52_000}},
    "staff_police": {"a1": {"2024-03": 30}, "a2": {"2024-03": 20, "2024-06": 21}},
    "trn_person_times": {"a1": {"2024-03": 5, "2024-06": 7}},
    "calls_valid": {"a1": {"2024-02": 100, "2024-06": 90}},
}


@pytest.mark.parametrize(
    ("indicator", "unit", "period", "window", "expected"),
    [
        ("population", "a1", "2024-02", "month", {"population": "2023-12"}),
        ("population", "a1", "2024-02", "year", {"population": "2023-12"}),
        ("population", "a1", "2023-12", "month", {}),  # its own month
        ("population", "a1", "2025-01", "month", {}),  # no longer carried: no figure
        ("d_calls_valid_per10k", "a1", "2024-02", "month", {"population": "2023-12"}),
        ("staff_police", "a1", "2024-06", "month", {"staff_police": "2024-03"}),
        ("staff_police", "a2", "2024-06", "month", {}),
        ("staff_police", "a", "2024-05", "month", {"staff_police": "2024-03"}),
        ("trn_person_times", "a1", "2024-05", "ytd", {"trn_person_times": "2024-03"}),
        ("trn_person_times", "a1", "2024-08", "ytd", {"trn_person_times": "2024-06"}),
        ("trn_person_times", "a1", "2024-06", "ytd", {}),
        ("calls_valid", "a1", "2024-06", "month", {}),
    ],
)
def test_the_month_that_a_figure_is_really_of(indicator, unit, period, window, expected):
    (found,) = carried_months(cube(TABLE), indicator, unit, [m(period)], window)
    assert found == {measure: m(month) for measure, month in expected.items()}


def test_the_year_may_begin_in_april():
    april = cube({"population": {"a1": {"2024-03": 900.0}}}, catalog(year_start=4))
    (found,) = carried_months(april, "population", "a1", [m("2025-02")])
    assert found == {"population": m("2024-03")}


def test_several_months_at_once():
    found = carried_months(cube(TABLE), "population", "a1", [m("2023-12"), m("2024-01")])
    assert found == [{}, {"population": m("2023-12")}]
