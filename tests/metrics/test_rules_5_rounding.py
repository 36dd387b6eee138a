"""Rule 5: rounded once, half away from zero, from the exact parts."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.rounding import exact, format_number, format_value, round_fraction, round_half_up
from metrics.words import change_number, figure_of_part
from tests.metrics.small import catalog, change, figure

INDICATORS = catalog().indicators


@pytest.mark.parametrize(
    ("numerator", "denominator", "scale", "decimals", "expected"),
    [
        (23, 80, 100, 1, "28.8"),  # floats say 28.7
        (1, 8, 100, 1, "12.5"),
        (1, 16, 100, 1, "6.3"),  # 6.25: half to even would say 6.2
        (3, 16, 100, 1, "18.8"),  # 18.75
        (-1, 16, 100, 1, "-6.3"),
        (2.675, None, 1, 2, "2.68"),  # floats say 2.67
        (0.5, None, 1, 0, "1"),
        (1.5, None, 1, 0, "2"),
        (-0.5, None, 1, 0, "-1"),
        (-0.04, None, 1, 1, "0.0"),
        (12345.67895, None, 1, 4, "12345.6790"),
        (1, 3, 10_000, 2, "3333.33"),
    ],
)
def test_half_goes_away_from_zero(numerator, denominator, scale, decimals, expected):
    assert str(round_half_up(numerator, denominator, scale, decimals)) == expected


def test_nothing_comes_of_zero_or_missing():
    assert round_half_up(3, 0, 100, 1) is None
    assert round_half_up(None, 5) is None
    assert round_half_up(3, float("nan")) is None


@settings(deadline=None)  # a busy machine is no fault
@given(st.integers(-(10**9), 10**9), st.integers(1, 10**6), st.integers(0, 4))
def test_rounding_is_within_half_a_step_and_symmetric(numerator, denominator, decimals):
    share = Fraction(numerator, denominator)
    rounded = round_fraction(share, decimals)
    assert abs(Fraction(rounded) - share) <= Fraction(1, 2 * 10**decimals)
    assert round_fraction(-share, decimals) == -rounded


@settings(deadline=None)  # a busy machine is no fault
@given(st.integers(0, 10**8), st.integers(0, 4))
def test_a_filed_decimal_is_read_exactly(number, decimals):
    assert exact(number / 10**decimals) == Fraction(number, 10**decimals)


def test_a_figure_is_rounded_from_its_parts():
    table = {
        "calls_arrived_5min": {"a1": {"2024-10": 23}},
        "calls_dispatch_urgent": {"a1": {"2024-10": 80}},
    }
    row = figure(table, "d_arrive_5min_rate", "a1", "2024-10")
    item = INDICATORS["d_arrive_5min_rate"]
    parts = (row["numerator"], row["denominator"])
    assert format_value(row["value"], item, None, *parts) == "28.8"
    assert format_value(row["value"], item, "zh", *parts) == "28.8%"


def test_a_change_is_never_computed_from_displayed_numbers():
    # 62 to 70 calls was once printed as 13.9 %; 378 to 310 as 17.9 %.
    table = {"calls_theft": {"a1": {"2023-10": 62, "2024-10": 70}}}
    row = change(table, "calls_theft", "a1", "2024-10")
    assert change_number(row, INDICATORS["calls_theft"]) == Decimal("12.9")
    table = {"calls_theft": {"a1": {"2023-10": 378, "2024-10": 310}}}
    row = change(table, "calls_theft", "a1", "2024-10")
    assert change_number(row, INDICATORS["calls_theft"]) == Decimal("-18.0")
    # 16.25 of 13 000 yuan: a tie that binary fractions miss
    table = {"fraud_loss_amount": {"a1": {"2023-10": 80.0, "2024-10": 93.0}}}
    row = change(table, "fraud_loss_amount", "a1", "2024-10")
    assert change_number(row, INDICATORS["fraud_loss_amount"]) == Decimal("16.3")


def test_thousands_a_true_minus_and_a_dash():
    assert format_number(Decimal("41695")) == "41,695"
    assert format_number(Decimal("-1162.4")) == "−1,162.4"
    assert format_number(Decimal("4"), signed=True) == "+4"
    assert format_number(Decimal("0.0"), signed=True) == "0.0"
    assert format_number(None) == "—"


@pytest.mark.parametrize(
    ("code", "number", "zh", "en"),
    [
        ("calls_theft", 1162, "1,162 起", "1,162 calls"),
        ("fraud_loss_amount", 4332.1, "4,332.1 万元", "4,332.1 CNY 10k"),
        ("d_arrive_5min_rate", 93.84, "93.8%", "93.8%"),
        ("wb_overall_score", 71.25, "71.3 分", "71.3 points"),
        ("calls_theft", None, "—", "—"),
    ],
)
def test_a_figure_carries_its_unit_and_its_decimals(code, number, zh, en):
    assert format_value(number, INDICATORS[code], "zh") == zh
    assert format_value(number, INDICATORS[code], "en") == en


def test_parts_keep_the_decimals_they_were_filed_with():
    assert [str(figure_of_part(x)) for x in (5.0, 12.35, 0.1234)] == ["5", "12.35", "0.1234"]
