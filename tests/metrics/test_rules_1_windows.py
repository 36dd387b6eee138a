"""Rule 1: windows. Flows sum, stocks take the last month, ratios are ratios of sums."""

import datetime as dt
from dataclasses import replace

import pytest

from tests.metrics.small import STATIONS, catalog, cube, figure, months, steady, value

THEFT = {
    "calls_theft": {"a1": {f"{p:%Y-%m}": n for n, p in enumerate(months("2023-01", "2024-05"), 1)}}
}
# January 2023 is 1, …, December 2023 is 12, January 2024 is 13, …, May 2024 is 17.


@pytest.mark.parametrize(
    ("window", "period", "expected"),
    [
        ("month", "2024-05", 17),
        ("quarter", "2024-05", 16 + 17),  # April and May: the quarter to date
        ("quarter", "2024-03", 13 + 14 + 15),
        ("half", "2024-05", 13 + 14 + 15 + 16 + 17),
        ("ytd", "2024-05", 75),
        ("year", "2024-05", 75),  # the year of any month is the year to date
        ("year", "2023-12", 78),
        ("rolling12", "2024-05", sum(range(6, 18))),
        ("jan_feb", "2024-02", 13 + 14),
        ("jan_feb", "2024-05", None),
    ],
)
def test_a_flow_is_summed_over_the_window(window, period, expected):
    assert value(THEFT, "calls_theft", "a1", period, window) == expected


def test_the_year_runs_from_the_bureaus_own_first_month():
    london = cube(THEFT, catalog(year_start=4, festival=False))
    assert value(london, "calls_theft", "a1", "2024-03", "year") == sum(range(4, 16))
    assert value(london, "calls_theft", "a1", "2024-05", "year") == 16 + 17
    assert value(london, "calls_theft", "a1", "2024-05", "half") == 16 + 17


def test_rolling12_needs_twelve_months_of_data():
    assert value(THEFT, "calls_theft", "a1", "2023-11", "rolling12") is None
    assert value(THEFT, "calls_theft", "a1", "2023-12", "rolling12") == 78
    assert value(THEFT, "calls_theft", "a", "2023-11", "rolling12") is None


def test_a_unit_younger_than_twelve_months_has_no_rolling_year_but_its_parent_has():
    young = cube(
        {"calls_theft": steady(("a1", "a2"), "2023-01", "2024-05", 2.0)},
        catalog(dates=(("a2", "2023-09", ""),)),
    )
    assert value(young, "calls_theft", "a2", "2024-05", "rolling12") is None
    assert value(young, "calls_theft", "a1", "2024-05", "rolling12") == 24


def test_a_stock_is_that_of_the_last_month():
    table = {"crim_open_end": {"a1": {"2024-01": 40, "2024-02": 50}, "a2": {"2024-02": 7}}}
    for window in ("month", "quarter", "ytd", "jan_feb"):
        assert value(table, "crim_open_end", "a", "2024-02", window) == 57
    assert value(table, "crim_open_end", "a", "2024-03", "quarter") is None  # not carried


def test_a_ratio_is_a_ratio_of_sums_over_units_and_months():
    table = {
        "calls_arrived_5min": {"a1": {"2024-01": 9, "2024-02": 1}, "a2": {"2024-01": 10}},
        "calls_dispatch_urgent": {"a1": {"2024-01": 10, "2024-02": 30}, "a2": {"2024-01": 90}},
    }
    row = figure(table, "d_arrive_5min_rate", "a", "2024-02", "ytd")
    assert (row["numerator"], row["denominator"]) == (20, 130)
    assert row["value"] == 2000 / 130
    assert value(table, "d_arrive_5min_rate", "a", "2024-01") == 19.0


QUARTERLY = {"trn_person_times": {"a1": {"2024-03": 5, "2024-06": 7}}}


@pytest.mark.parametrize(
    ("window", "period", "expected"),
    [
        ("quarter", "2024-03", 5),
        ("quarter", "2024-05", None),  # no whole quarter
        ("month", "2024-03", None),
        ("half", "2024-06", 12),
        ("half", "2024-05", None),
        ("ytd", "2024-06", 12),
        ("ytd", "2024-05", 5),  # the completed quarter
        ("year", "2024-08", 12),
        ("ytd", "2024-02", None),
        ("rolling12", "2024-06", None),  # begins before the data
        ("jan_feb", "2024-02", None),
    ],
)
def test_a_quarterly_flow_needs_whole_quarters(window, period, expected):
    assert value(QUARTERLY, "trn_person_times", "a1", period, window) == expected


def test_a_year_to_date_of_completed_spans_is_marked():
    assert figure(QUARTERLY, "trn_person_times", "a1", "2024-05", "ytd")["status"] == "provisional"
    assert figure(QUARTERLY, "trn_person_times", "a1", "2024-06", "ytd")["status"] == "final"


def test_a_quarterly_flow_fills_a_rolling_year_of_whole_quarters():
    table = {"trn_person_times": {"a1": {"2023-09": 1, "2023-12": 2, "2024-03": 5, "2024-06": 7}}}
    assert value(table, "trn_person_times", "a1", "2024-06", "rolling12") == 15
    assert value(table, "trn_person_times", "a1", "2024-07", "rolling12") is None


def test_a_stock_carries_forward_at_most_one_span():
    quarterly = {"staff_police": {"a1": {"2024-03": 30}}}
    assert value(quarterly, "staff_police", "a1", "2024-05") == 30
    assert value(quarterly, "staff_police", "a1", "2024-06") == 30  # until it is filed again
    assert value(quarterly, "staff_police", "a1", "2024-07") is None
    yearly = {"population": {"a1": {"2023-12": 52_000}}}
    assert value(yearly, "population", "a1", "2024-01") == 52_000
    assert value(yearly, "population", "a1", "2024-12", "year") == 52_000
    assert value(yearly, "population", "a1", "2025-01") is None


def test_a_yearly_stock_sits_in_the_last_month_of_the_bureaus_year():
    april = cube({"population": {"a1": {"2024-03": 900.0}}}, catalog(year_start=4))
    assert value(april, "population", "a1", "2024-03") == 900
    assert value(april, "population", "a1", "2025-03") == 900
    assert value(april, "population", "a1", "2025-04") is None


def test_a_monthly_flow_over_a_carried_stock():
    table = {
        "calls_valid": {"a1": {"2024-01": 60, "2024-02": 40}, "a-own": {"2024-01": 5}},
        "population": {"a1": {"2023-12": 20_000}},
    }
    row = figure(table, "d_calls_valid_per10k", "a", "2024-01")
    assert (row["numerator"], row["denominator"], row["value"]) == (65, 20_000, 32.5)
    assert value(table, "d_calls_valid_per10k", "a1", "2024-02", "jan_feb") == 50.0


def test_annualised_is_times_twelve_over_the_months():
    table = {
        "tra_deaths": {"a-own": {"2024-01": 1, "2024-02": 0, "2024-03": 2}},
        "tra_vehicles": {"a-own": {"2023-12": 40_000}},
    }
    row = figure(table, "d_deaths_per10k_veh", "a", "2024-03", "ytd")
    assert (row["numerator"], row["denominator"]) == (3, 40_000)
    assert row["value"] == pytest.approx(3 / 40_000 * 10_000 * 12 / 3)


SURVEY = {
    "wb_responded": {"a1": {"2024-03": 20, "2024-09": 10}, "a2": {"2024-03": 60}},
    "wb_health_score": {"a1": {"2024-03": 70.0, "2024-09": 80.0}, "a2": {"2024-03": 50.0}},
}


def test_scores_are_per_wave_and_never_pooled_over_waves():
    assert value(SURVEY, "wb_health_score", "a", "2024-03", "wave") == 55.0
    assert value(SURVEY, "wb_health_score", "a", "2024-09", "wave") == 80.0
    assert value(SURVEY, "wb_health_score", "a", "2024-03", "ytd") == 55.0
    assert value(SURVEY, "wb_health_score", "a", "2024-09", "ytd") is None
    assert value(SURVEY, "wb_health_score", "a", "2024-06", "wave") is None


def test_a_public_score_is_that_of_its_quarter():
    row = figure(PUBLIC, "pub_safety_score", "a1", "2024-06", "quarter")
    assert (row["numerator"], row["denominator"], row["value"]) == (2940, 30, 98.0)
    assert value(PUBLIC, "pub_safety_score", "a1", "2024-06", "year") is None


def test_a_score_that_is_defined_over_months_is_weighted_by_its_n():
    definitions = catalog()
    pooled = replace(definitions.measures["pub_safety_score"], over_time="wmean")
    other = replace(definitions, measures=definitions.measures | {"pub_safety_score": pooled})
    row = figure(cube(PUBLIC, other), "pub_safety_score", "a1", "2024-06", "year")
    assert (row["numerator"], row["denominator"], row["value"]) == (3840, 40, 96.0)


PUBLIC = {
    "pub_survey_n": {"a1": {"2024-03": 10, "2024-06": 30}},
    "pub_safety_score": {"a1": {"2024-03": 90.0, "2024-06": 98.0}},
}


def test_officers_trained_are_those_of_the_last_quarter():
    table = {"trn_covered": {"a1": {"2024-03": 8, "2024-06": 11}}}
    assert value(table, "trn_covered", "a1", "2024-06", "quarter") == 11
    assert value(table, "trn_covered", "a1", "2024-06", "year") == 11  # counted once, not added
    assert value(table, "trn_covered", "a1", "2024-05", "quarter") is None


def test_listed_tasks_are_those_of_the_own_level_and_never_summed():
    table = {"task_total": {"a-own": {"2024-01": 12}, "b-own": {"2024-01": 9}}}
    assert value(table, "task_total", "a", "2024-01") == 12
    assert value(table, "task_total", "c", "2024-01") is None
    table["task_total"]["c-own"] = {"2024-01": 38}
    row = figure(table, "task_total", "c", "2024-01")
    assert (row["value"], row["due"], row["reported"]) == (38, 1, 1)


def test_means_and_deviations_are_pooled_by_their_n():
    table = {
        "wb_responded": {"a1": {"2024-03": 20}, "a2": {"2024-03": 30}, "a3": {"2024-03": 10}},
        "wb_health_score": {"a1": {"2024-03": 70.0}, "a2": {"2024-03": 60.0}},
        "wb_health_sd": {"a1": {"2024-03": 10.0}, "a2": {"2024-03": 8.0}, "a3": {"2024-03": 9.0}},
    }
    mean = figure(table, "wb_health_score", "a", "2024-03", "wave")
    assert (mean["numerator"], mean["denominator"], mean["value"]) == (3200, 50, 64.0)
    # SS = 19·100 + 29·64 + 20·(70−64)² + 30·(60−64)² = 1900 + 1856 + 720 + 480 = 4956
    spread = figure(table, "wb_health_sd", "a", "2024-03", "wave")
    assert spread["numerator"] == pytest.approx(4956)
    assert spread["denominator"] == 49
    assert spread["value"] == pytest.approx((4956 / 49) ** 0.5)
    assert value(table, "wb_health_sd", "a1", "2024-03", "wave") == pytest.approx(10)


def test_a_mean_without_n_and_n_without_mean_are_left_out():
    table = {
        "wb_responded": {"a1": {"2024-03": 20}, "a3": {"2024-03": 10}},
        "wb_health_score": {"a1": {"2024-03": 70.0}, "a2": {"2024-03": 10.0}},
    }
    row = figure(table, "wb_health_score", "a", "2024-03", "wave")
    assert (row["value"], row["denominator"]) == (70.0, 20)


def test_pooled_small_units_count_under_their_county():
    table = {
        "wb_responded": {"a1": {"2024-03": 20}, "a-small": {"2024-03": 12}},
        "wb_health_score": {"a1": {"2024-03": 70.0}, "a-small": {"2024-03": 54.0}},
    }
    assert value(table, "wb_health_score", "a", "2024-03", "wave") == (1400 + 648) / 32
    row = figure(table, "wb_responded", "a", "2024-03", "wave")
    # a2, a3 and a-own are in the pool: a1 and the pool are due, and both filed
    assert (row["value"], row["due"], row["reported"]) == (32, 2, 2)


def test_a_numerator_without_its_denominator_is_left_out_of_a_ratio():
    table = {
        "calls_arrived_5min": {"a1": {"2024-01": 9}, "a2": {"2024-01": 10}},
        "calls_dispatch_urgent": {"a1": {"2024-01": 10}},
    }
    row = figure(table, "d_arrive_5min_rate", "a", "2024-01")
    assert (row["numerator"], row["denominator"], row["value"]) == (9, 10, 90.0)
    assert row["reported"] == 1


def test_a_flow_and_a_stock_in_one_denominator():
    table = {
        "dis_resolved": {"a1": {"2024-01": 30, "2024-02": 50}},
        "dis_pending_end": {"a1": {"2024-01": 9, "2024-02": 20}},
    }
    row = figure(table, "d_dispute_resolve_rate", "a1", "2024-02", "ytd")
    assert (row["numerator"], row["denominator"], row["value"]) == (80, 100, 80.0)


def test_money_sums_are_exact():
    table = {"rec_seized_amount": {unit: {"2024-01": 0.1} for unit in STATIONS}}
    table["rec_seized_amount"]["a1"]["2024-01"] = 0.2003
    assert value(table, "rec_seized_amount", "c", "2024-01") == 0.6003


def test_x_over_zero_is_null_and_never_infinite():
    table = {
        "crim_cleared": {"a1": {"2024-01": 3}},
        "crim_recorded": {"a1": {"2024-01": 0}},
    }
    row = figure(table, "d_crim_clear_rate", "a1", "2024-01")
    assert (row["numerator"], row["denominator"], row["value"]) == (3, 0, None)


def test_nothing_reported_is_missing_and_not_zero():
    row = figure(THEFT, "calls_theft", "b", "2024-05")
    assert (row["value"], row["numerator"], row["status"]) == (None, None, "missing")
    assert (row["due"], row["reported"]) == (3, 0)


def test_the_grid_is_full_and_in_the_order_asked():
    from metrics.figures import compute_figures

    frame = compute_figures(
        cube(THEFT),
        ["calls_valid", "calls_theft"],
        ["b", "a"],
        months("2022-12", "2023-01"),
        "month",
    )
    assert frame.select("indicator", "unit", "period").rows() == [
        (code, unit, day)
        for code in ("calls_valid", "calls_theft")
        for unit in ("b", "a")
        for day in (dt.date(2022, 12, 1), dt.date(2023, 1, 1))
    ]
    assert frame["value"].to_list() == [None] * 7 + [1.0]


def test_a_measure_introduced_later_is_not_due_before():
    definitions = catalog()
    late = replace(definitions.measures["calls_theft"], valid_from=dt.date(2024, 1, 1))
    newer = replace(definitions, measures=definitions.measures | {"calls_theft": late})
    held = cube({"calls_theft": {"a1": {"2024-01": 3}}}, newer)
    assert figure(held, "calls_theft", "a", "2023-12")["due"] == 0
    assert figure(held, "calls_theft", "a", "2024-01")["due"] == 4
