"""Rule 8: the Spring Festival moves, so January and February are compared together."""

import pytest

from metrics.words import change_words
from tests.metrics.small import catalog, change, cube, figure, months

DOUBLE = {
    "calls_theft": {
        "a1": {f"{p:%Y-%m}": 100 + n for n, p in enumerate(months("2022-01", "2024-12"))}
    }
}


@pytest.mark.parametrize(
    ("comparator", "window", "period"),
    [
        ("yoy", "month", "2024-01"),
        ("yoy", "month", "2024-02"),
        ("yoy", "quarter", "2024-01"),
        ("yoy", "ytd", "2024-01"),
        ("two_year", "month", "2024-02"),
        ("mom", "month", "2024-01"),
        ("mom", "month", "2024-02"),
        ("mom", "month", "2024-03"),
        ("mom", "quarter", "2024-03"),
        ("mom", "quarter", "2024-04"),  # April against January alone
    ],
)
def test_such_a_comparison_keeps_its_values_but_no_change(comparator, window, period):
    row = change(DOUBLE, "calls_theft", "a1", period, window, comparator)
    assert (row["note"], row["change"], row["change_kind"]) == ("festival", None, "none")
    assert row["reading"] == "none"
    assert row["value"] is not None
    assert row["base_value"] is not None


@pytest.mark.parametrize(
    ("comparator", "window", "period"),
    [
        ("yoy", "jan_feb", "2024-02"),
        ("yoy", "ytd", "2024-02"),
        ("yoy", "quarter", "2024-03"),
        ("yoy", "month", "2024-03"),
        ("yoy", "rolling12", "2024-01"),
        ("mom", "month", "2024-04"),
        ("mom", "quarter", "2024-05"),
    ],
)
def test_other_comparisons_are_given(comparator, window, period):
    row = change(DOUBLE, "calls_theft", "a1", period, window, comparator)
    assert row["note"] in ("none", "partial")
    assert row["change"] is not None


def test_the_two_months_together():
    row = change(DOUBLE, "calls_theft", "a1", "2024-02", "jan_feb")
    assert (row["compared_value"], row["base_value"]) == (124 + 125, 112 + 113)
    assert row["change"] == pytest.approx(24 / 225 * 100)


def test_a_calendar_without_the_festival_compares_every_month():
    london = cube(DOUBLE, catalog(festival=False))
    assert change(london, "calls_theft", "a1", "2024-01")["note"] == "none"
    assert change(london, "calls_theft", "a1", "2024-02", "month", "mom")["note"] == "none"


def test_an_indicator_that_is_a_change_has_no_value_then():
    row = figure(DOUBLE, "d_calls_theft_yoy", "a1", "2024-02")
    assert (row["numerator"], row["denominator"], row["value"]) == (125, 113, None)
    assert figure(DOUBLE, "d_calls_theft_yoy", "a1", "2024-02", "jan_feb")["value"] is not None


def test_it_is_said():
    row = change(DOUBLE, "calls_theft", "a1", "2024-02")
    item = catalog().indicators["calls_theft"]
    assert change_words(row, item, "zh") == "受春节影响，不作同比分析"


def test_target_and_group_hold_in_any_month():
    table = {"svc_online": {"a1": {"2024-01": 55}}, "svc_handled": {"a1": {"2024-01": 100}}}
    row = change(table, "d_online_share", "a1", "2024-01", "month", "target")
    assert (row["change"], row["note"]) == (-5.0, "none")
