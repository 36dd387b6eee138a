"""Rule 1 where it is awkward: leap years, other year starts, half-yearly and yearly figures."""

from dataclasses import replace

import pytest

from data.definition_types import Catalog
from tests.metrics.small import catalog, change, cube, figure, m, months, value

DAILY = {"calls_theft": {"a1": {f"{p:%Y-%m}": 1.0 for p in months("2022-01", "2025-03")}}}


def filed_by(frequency: str, year_start: int = 1) -> Catalog:
    """Return definitions in which thefts are filed by quarter, half or year."""
    definitions = catalog(year_start=year_start)
    theft = replace(definitions.measures["calls_theft"], frequency=frequency)
    return replace(definitions, measures=definitions.measures | {"calls_theft": theft})


@pytest.mark.parametrize(
    ("period", "window", "comparator", "base"),
    [
        ("2024-02", "month", "yoy", "2023-02"),  # 29 days against 28: a month is a month
        ("2024-02", "jan_feb", "yoy", "2023-02"),
        ("2025-02", "jan_feb", "two_year", "2023-02"),
        ("2024-02", "rolling12", "yoy", "2023-02"),
        ("2024-02", "month", "two_year", "2022-02"),
        ("2024-05", "month", "mom", "2024-04"),
        ("2024-03", "half", "mom", "2023-09"),
    ],
)
def test_a_leap_february_is_a_month_like_any_other(period, window, comparator, base):
    row = change(cube(DAILY), "calls_theft", "a1", period, window, comparator)
    assert row["base_period"] == m(base)
    assert row["compared_value"] == row["base_value"]
    assert value(DAILY, "calls_theft", "a1", "2024-02", "rolling12") == 12


def test_a_rate_a_year_does_not_depend_on_the_leap_day():
    table = {
        "tra_deaths": {"a-own": {"2023-02": 2, "2024-02": 2}},
        "tra_vehicles": {"a-own": {"2022-12": 40_000, "2023-12": 40_000}},
    }
    for period in ("2023-02", "2024-02"):
        assert value(table, "d_deaths_per10k_veh", "a", period) == 2 / 40_000 * 10_000 * 12


@pytest.mark.parametrize(
    ("frequency", "window", "period", "expected"),
    [
        # filed in June and December: 10 and 20 in 2023, 30 in June 2024
        ("H", "half", "2023-12", 20),
        ("H", "half", "2024-05", None),
        ("H", "year", "2023-12", 30),
        ("H", "ytd", "2024-05", None),  # no half is over yet
        ("H", "ytd", "2024-08", 30),
        ("H", "rolling12", "2024-06", 50),
        ("H", "rolling12", "2024-07", None),
        ("H", "quarter", "2024-06", None),  # a quarter is no whole half
        ("H", "month", "2024-06", None),
        ("H", "jan_feb", "2024-02", None),
        # filed in December: 20 of it is the year's
        ("A", "year", "2023-12", 20),
        ("A", "half", "2023-12", None),
        ("A", "year", "2024-06", None),
        ("A", "quarter", "2023-12", None),
    ],
)
def test_a_flow_of_a_long_span_needs_whole_spans(frequency, window, period, expected):
    table = {"calls_theft": {"a1": {"2023-06": 10, "2023-12": 20, "2024-06": 30}}}
    if frequency == "A":
        del table["calls_theft"]["a1"]["2023-06"], table["calls_theft"]["a1"]["2024-06"]
    assert value(cube(table, filed_by(frequency)), "calls_theft", "a1", period, window) == expected


@pytest.mark.parametrize(
    ("window", "period", "expected"),
    [
        # the year runs from April: its quarters end in June, September, December and March
        ("quarter", "2024-05", 2),
        ("quarter", "2024-06", 3),
        ("quarter", "2024-03", 3),
        ("half", "2024-09", 6),
        ("half", "2024-11", 2),
        ("ytd", "2024-02", 11),  # April 2023 to February 2024
        ("ytd", "2024-04", 1),
        ("year", "2024-03", 12),
    ],
)
def test_windows_of_a_year_that_begins_in_april(window, period, expected):
    april = cube(DAILY, catalog(year_start=4))
    assert value(april, "calls_theft", "a1", period, window) == expected


@pytest.mark.parametrize(
    ("window", "period", "base"),
    [
        ("quarter", "2024-05", "2024-02"),
        ("quarter", "2024-06", "2024-03"),
        ("half", "2024-11", "2024-05"),
    ],
)
def test_the_previous_window_of_a_year_that_begins_in_april(window, period, base):
    april = cube(DAILY, catalog(year_start=4, festival=False))
    row = change(april, "calls_theft", "a1", period, window, "mom")
    assert (row["base_period"], row["compared_value"]) == (m(base), row["base_value"])


@pytest.mark.parametrize(
    ("frequency", "window", "period", "expected"),
    [
        ("Q", "quarter", "2024-06", 7),
        ("Q", "quarter", "2024-03", 5),  # the last quarter of the year 2023/24
        ("Q", "ytd", "2024-08", 7),  # April to June
        ("Q", "ytd", "2024-05", None),
        ("A", "year", "2024-03", 5),
        ("A", "year", "2024-12", None),
    ],
)
def test_long_spans_of_a_year_that_begins_in_april(frequency, window, period, expected):
    table = {"calls_theft": {"a1": {"2024-03": 5, "2024-06": 7}}}
    april = cube(table, filed_by(frequency, year_start=4))
    assert value(april, "calls_theft", "a1", period, window) == expected


def test_a_yearly_figure_is_compared_with_the_year_before_and_never_by_the_month():
    table = {"calls_theft": {"a1": {"2022-12": 40, "2023-12": 50}}}
    yearly = cube(table, filed_by("A"))
    row = change(yearly, "calls_theft", "a1", "2023-12", "year")
    assert (row["compared_value"], row["base_value"], row["change"]) == (50, 40, 25.0)
    row = change(yearly, "calls_theft", "a1", "2023-12", "month")
    assert (row["value"], row["change"]) == (None, None)


def test_a_quarter_to_date_that_lacks_a_month_is_incomplete_and_dropped():
    # April and May of this year against April and May of last; a2 has not filed May
    table = {
        "calls_theft": {
            "a1": {"2023-04": 20, "2023-05": 20, "2024-04": 30, "2024-05": 30},
            "a2": {"2023-04": 10, "2023-05": 10, "2024-04": 15},
        }
    }
    row = change(table, "calls_theft", "a", "2024-05", "quarter")
    assert row["value"] == 30 + 30 + 15  # all that was reported
    assert (row["compared_value"], row["base_value"], row["compared_units"]) == (60, 40, 1)
    assert (row["note"], row["change"]) == ("partial", 50.0)


def test_a_withdrawn_cell_is_missing_on_its_side_and_takes_its_leaf_out():
    table = {
        "calls_theft": {
            "a1": {"2023-10": 40, "2024-10": 50},
            "a2": {"2023-10": 40, "2024-10": None},  # withdrawn: a null, not a zero
        }
    }
    row = change(table, "calls_theft", "a", "2024-10")
    assert (row["value"], row["compared_value"], row["base_value"]) == (50, 50, 40)
    assert (row["note"], row["compared_units"]) == ("partial", 1)
    assert figure(table, "calls_theft", "a2", "2024-10")["status"] == "missing"


def test_a_wave_without_n_has_no_score_and_no_comparison():
    table = {
        "wb_responded": {"a1": {"2023-09": 50}},
        "wb_health_score": {"a1": {"2023-09": 60.0, "2024-09": 70.0}},
    }
    row = change(table, "wb_health_score", "a1", "2024-09", "wave")
    assert (row["value"], row["change"], row["reading"]) == (None, None, "none")
    assert value(table, "wb_health_score", "a1", "2023-09", "wave") == 60.0
