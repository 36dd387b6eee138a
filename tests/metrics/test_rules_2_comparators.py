"""Rule 2: what a figure is compared with, and rule 9 of its base periods."""

import math

import pytest

from data.schema import CHANGES
from metrics.compare import compare_figures
from metrics.cube import restrict
from tests.metrics.small import change, cube, figure, m, months, steady

SERIES = {
    "calls_theft": {
        "a1": {f"{p:%Y-%m}": 100 + n for n, p in enumerate(months("2022-01", "2024-12"))}
    }
}
# 2022-01 is 100, 2023-01 is 112, 2024-01 is 124; 2024-06 is 129.


def test_year_on_year_takes_the_same_months_a_year_before():
    row = change(SERIES, "calls_theft", "a1", "2024-06")
    assert (row["base_period"], row["compared_value"], row["base_value"]) == (
        m("2023-06"),
        129,
        117,
    )
    assert row["change"] == pytest.approx((129 - 117) / 117 * 100)
    assert (row["change_kind"], row["note"], row["compared_units"]) == ("pct", "none", 1)
    row = change(SERIES, "calls_theft", "a1", "2024-05", "quarter")
    assert (row["compared_value"], row["base_value"]) == (127 + 128, 115 + 116)


def test_the_previous_window_has_the_same_elapsed_months():
    row = change(SERIES, "calls_theft", "a1", "2024-06", "month", "mom")
    assert (row["base_period"], row["base_value"]) == (m("2024-05"), 128)
    row = change(SERIES, "calls_theft", "a1", "2024-08", "quarter", "mom")
    assert (row["base_period"], row["base_value"]) == (m("2024-05"), 127 + 128)
    row = change(SERIES, "calls_theft", "a1", "2024-08", "half", "mom")
    assert (row["base_period"], row["base_value"]) == (m("2024-02"), 124 + 125)


@pytest.mark.parametrize("window", ["ytd", "year", "rolling12", "jan_feb", "wave"])
def test_other_windows_have_no_previous_window(window):
    row = change(SERIES, "calls_theft", "a1", "2024-06", window, "mom")
    assert (row["change"], row["base_period"], row["base_value"]) == (None, None, None)


def test_two_years_give_the_yearly_mean():
    row = change(SERIES, "calls_theft", "a1", "2024-06", "month", "two_year")
    assert (row["base_period"], row["base_value"]) == (m("2022-06"), 105)
    assert row["change"] == pytest.approx((math.sqrt(129 / 105) - 1) * 100)


def test_two_years_of_a_share_give_the_mean_difference():
    table = {
        "svc_online": {"a1": {"2022-06": 50, "2024-06": 56}},
        "svc_handled": {"a1": {"2022-06": 100, "2024-06": 100}},
    }
    row = change(table, "d_online_share", "a1", "2024-06", "month", "two_year")
    assert (row["change"], row["change_kind"]) == (3.0, "pp")


def online(month: str, share: int) -> dict:
    """Return an online share of 100 services in a month."""
    return {"svc_online": {"a1": {month: share}}, "svc_handled": {"a1": {month: 100}}}


def test_a_target_holds_from_its_month_on():
    row = change(online("2024-06", 55), "d_online_share", "a1", "2024-06", "month", "target")
    assert (row["base_value"], row["change"], row["change_kind"]) == (60, -5.0, "pp")
    assert row["base_period"] == m("2024-06")
    row = change(online("2020-12", 55), "d_online_share", "a1", "2020-12", "month", "target")
    assert (row["base_value"], row["change"], row["note"]) == (None, None, "none")


def test_a_target_of_one_month_of_the_year_holds_only_then():
    table = {
        "com_zero_ytd": {"a1": {"2024-11": 80, "2024-12": 81}},
        "com_smart_total": {"a1": {"2024-11": 100, "2024-12": 100}},
    }
    row = change(table, "d_zero_ytd_share", "a1", "2024-12", "month", "target")
    assert (row["base_value"], round(row["change"], 9)) == (82.8, -1.8)
    assert (
        change(table, "d_zero_ytd_share", "a1", "2024-11", "month", "target")["base_value"] is None
    )


def test_a_target_may_be_another_indicator():
    table = {
        "task_total": {"a-own": {"2024-06": 38}},
        "task_done": {"a-own": {"2024-06": 19}},
        "task_planned_to_date": {"a-own": {"2024-06": 20}},
    }
    row = change(table, "d_task_done_rate", "a", "2024-06", "month", "target")
    assert row["base_value"] == 2000 / 38
    assert row["change"] == pytest.approx(-100 / 38)


def test_a_target_on_a_count_holds_for_its_own_span():
    table = {"gov_dispatch_held": steady(("a-own",), "2024-01", "2024-06", 1)}
    assert change(table, "gov_dispatch_held", "a", "2024-06", "month", "target")["base_value"] == 1
    assert change(table, "gov_dispatch_held", "a", "2024-06", "ytd", "target")["base_value"] is None


def test_peers_are_the_units_of_the_group_at_the_level():
    # Group A is a1, a2 and b1 (60, 50, 80 of 100); b2 is of group B.
    table = {
        "svc_online": {
            unit: {"2024-06": n}
            for unit, n in zip(("a1", "a2", "b1", "b2"), (60, 50, 80, 5), strict=True)
        },
        "svc_handled": {unit: {"2024-06": 100} for unit in ("a1", "a2", "b1", "b2")},
    }
    row = change(table, "d_online_share", "a2", "2024-06", "month", "peers")
    assert (row["base_value"], row["change"], row["compared_units"]) == (60, -10.0, 3)


def test_peers_below_the_minimum_base_do_not_count():
    table = {
        "svc_online": {"a1": {"2024-06": 60}, "a2": {"2024-06": 50}, "b1": {"2024-06": 9}},
        "svc_handled": {"a1": {"2024-06": 100}, "a2": {"2024-06": 100}, "b1": {"2024-06": 10}},
    }
    row = change(table, "d_online_share", "a1", "2024-06", "month", "peers")
    assert (row["base_value"], row["compared_units"]) == (55, 2)


def test_a_group_that_is_not_wholly_in_view_has_no_median():
    table = {
        "svc_online": {"a1": {"2024-06": 60}, "a2": {"2024-06": 50}, "b1": {"2024-06": 80}},
        "svc_handled": {unit: {"2024-06": 100} for unit in ("a1", "a2", "b1")},
    }
    seen = restrict(cube(table), "a")
    row = change(seen, "d_online_share", "a1", "2024-06", "month", "peers")
    assert (row["base_value"], row["compared_units"]) == (None, 0)


def test_rows_come_comparator_by_comparator_within_each_figure():
    frame = compare_figures(
        cube(SERIES), ["calls_theft"], ["a1", "a2"], [m("2024-06")], "month", ["mom", "yoy"]
    )
    assert frame.select("unit", "comparator").rows() == [
        ("a1", "mom"), ("a1", "yoy"), ("a2", "mom"), ("a2", "yoy"),
    ]  # fmt: skip


def test_a_change_cannot_be_compared_again():
    with pytest.raises(ValueError, match="'d_calls_valid_yoy' is itself a change"):
        change(SERIES, "d_calls_valid_yoy", "a1", "2024-06")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"comparator": "yoi"}, "did you mean 'yoy'"),
        ({"basis": "thn"}, "basis 'thn' is unknown .did you mean 'then'"),
        ({"window": "quartr"}, "did you mean 'quarter'"),
        ({"unit": "a9"}, "unknown unit 'a9'"),
        ({"indicator": "calls_thef"}, "did you mean 'calls_theft'"),
    ],
)
def test_a_wrong_question_names_the_nearest(wrong, said):
    question = {"indicator": "calls_theft", "unit": "a1", "period": "2024-06"} | wrong
    with pytest.raises(ValueError, match=said):
        change(SERIES, **question)


def test_an_indicator_that_is_a_change_carries_both_parts():
    table = {
        "calls_criminal": {"a1": {"2023-06": 30, "2024-06": 20}},
        "calls_public_order": {"a1": {"2023-06": 50, "2024-06": 40}},
    }
    row = figure(table, "d_order_calls_yoy", "a1", "2024-06")
    assert (row["numerator"], row["denominator"], row["value"]) == (60, 80, -25.0)
    table = {"calls_theft": {"a1": {"2024-05": 40, "2024-06": 30}}}
    row = figure(table, "d_calls_theft_mom", "a1", "2024-06")
    assert (row["numerator"], row["denominator"], row["value"]) == (30, 40, -25.0)
    assert figure(table, "d_calls_theft_mom", "a1", "2024-06", "ytd")["value"] is None


def test_the_change_of_a_mean_is_of_the_means():
    table = {
        "crim_clear_days_sum": {"a1": {"2023-06": 300, "2024-06": 180}},
        "crim_clear_days_n": {"a1": {"2023-06": 30, "2024-06": 20}},
    }
    row = figure(table, "d_clear_days_yoy", "a1", "2024-06")
    assert (row["numerator"], row["denominator"], row["value"]) == (9.0, 10.0, -10.0)


@pytest.mark.parametrize(
    ("indicators", "units", "periods", "comparators"),
    [
        ([], ["a"], ["2024-06"], ["yoy"]),
        (["calls_theft"], [], ["2024-06"], ["yoy"]),
        (["calls_theft"], ["a"], [], ["yoy", "target"]),
        (["calls_theft"], ["a"], ["2024-06"], []),
    ],
)
def test_an_empty_question_has_an_empty_answer(indicators, units, periods, comparators):
    asked = [m(period) for period in periods]
    frame = compare_figures(cube(SERIES), indicators, units, asked, "month", comparators)
    assert frame.schema == CHANGES
    assert frame.is_empty()
