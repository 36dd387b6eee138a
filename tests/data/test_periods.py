"""Windows, comparisons and spans as a statistician counts them by hand."""

import datetime as dt
from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.definition_types import Calendar
from data.periods import (
    add_months,
    base_period,
    festival_window,
    format_period,
    from_number,
    is_festival_split,
    is_spring_mom_withheld,
    month_index,
    month_is_due,
    month_number,
    months_between,
    parse_period,
    span_end,
    window_length,
    window_months,
)

CHINA = Calendar("spring_festival", {2024: dt.date(2024, 2, 10)}, 5, 20, 6, {})
LONDON = replace(CHINA, festival="none", festival_days={})

months = st.dates(dt.date(1990, 1, 1), dt.date(2090, 12, 31)).map(lambda day: day.replace(day=1))


def m(text: str) -> dt.date:
    """Return a month."""
    return parse_period(text)


def span(window: str, period: str, year_start: int = 1) -> str:
    """Return a window as first..last month."""
    found = window_months(window, m(period), year_start)
    return f"{format_period(found[0])}..{format_period(found[-1])}" if found else ""


@pytest.mark.parametrize(
    ("window", "period", "year_start", "expected"),
    [
        ("month", "2024-05", 1, "2024-05..2024-05"),
        ("quarter", "2024-05", 1, "2024-04..2024-05"),
        ("quarter", "2024-06", 1, "2024-04..2024-06"),
        ("quarter", "2024-05", 2, "2024-05..2024-05"),
        ("half", "2024-08", 1, "2024-07..2024-08"),
        ("half", "2024-08", 4, "2024-04..2024-08"),
        ("ytd", "2024-10", 1, "2024-01..2024-10"),
        ("ytd", "2024-03", 4, "2023-04..2024-03"),
        ("year", "2024-03", 4, "2023-04..2024-03"),
        ("year", "2024-04", 4, "2024-04..2024-04"),
        ("year", "2024-12", 1, "2024-01..2024-12"),
        ("rolling12", "2024-10", 4, "2023-11..2024-10"),
        ("jan_feb", "2024-02", 1, "2024-01..2024-02"),
        ("jan_feb", "2024-02", 4, "2024-01..2024-02"),
        ("jan_feb", "2024-03", 1, ""),
        ("wave", "2024-09", 1, "2024-09..2024-09"),
    ],
)
def test_windows(window, period, year_start, expected):
    assert span(window, period, year_start) == expected


@pytest.mark.parametrize(
    ("period", "comparator", "window", "expected"),
    [
        ("2024-10", "yoy", "month", "2023-10"),
        ("2024-10", "two_year", "ytd", "2022-10"),
        ("2024-01", "mom", "month", "2023-12"),
        ("2024-05", "mom", "quarter", "2024-02"),
        ("2024-06", "mom", "quarter", "2024-03"),
        ("2024-08", "mom", "half", "2024-02"),
        ("2024-10", "mom", "year", None),
        ("2024-10", "mom", "rolling12", None),
        ("2024-10", "target", "month", "2024-10"),
        ("2024-10", "peers", "month", "2024-10"),
    ],
)
def test_base_periods(period, comparator, window, expected):
    found = base_period(m(period), comparator, window)
    assert found == (m(expected) if expected else None)


@pytest.mark.parametrize("window", ["quarter", "half"])
@given(period=months, year_start=st.integers(1, 12))
def test_the_previous_window_has_the_same_elapsed_months(window, period, year_start):
    base = base_period(period, "mom", window, year_start)
    assert window_length(window, base, year_start) == window_length(window, period, year_start)
    before = window_months(window, base, year_start)
    assert before[-1] < window_months(window, period, year_start)[0]


@given(period=months, length=st.integers(0, 400))
def test_months_add_up(period, length):
    later = add_months(period, length)
    assert add_months(later, -length) == period
    assert len(months_between(period, later)) == length + 1
    assert from_number(month_number(period)) == period
    assert parse_period(format_period(period)) == period
    assert pl.select(month_index(pl.lit(period))).item() == month_number(period)


@pytest.mark.parametrize("wrong", ["2024-13", "2024-00", "24-01", "October", "", "2024"])
def test_a_wrong_period_says_what_is_wanted(wrong):
    with pytest.raises(ValueError, match="expected a month as YYYY-MM"):
        parse_period(wrong)


def test_a_wrong_window_or_comparator_names_the_nearest():
    with pytest.raises(ValueError, match="did you mean 'quarter'"):
        window_months("quartr", m("2024-05"))
    with pytest.raises(ValueError, match="did you mean 'two_year'"):
        base_period(m("2024-05"), "two_years", "month")


@pytest.mark.parametrize(
    ("frequency", "year_start", "due"),
    [
        ("M", 1, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]),
        ("Q", 1, [3, 6, 9, 12]),
        ("Q", 4, [3, 6, 9, 12]),
        ("Q", 11, [1, 4, 7, 10]),
        ("H", 1, [6, 12]),
        ("H", 4, [3, 9]),
        ("A", 1, [12]),
        ("A", 4, [3]),
    ],
)
def test_a_fact_of_lower_frequency_sits_in_the_last_month_of_its_span(frequency, year_start, due):
    found = [n for n in range(1, 13) if month_is_due(frequency, dt.date(2024, n, 1), year_start)]
    assert found == due


def test_the_latest_complete_span():
    assert span_end("Q", m("2024-09")) == m("2024-09")
    assert span_end("Q", m("2024-11")) == m("2024-09")
    assert span_end("A", m("2024-11")) == m("2023-12")
    assert span_end("A", m("2024-11"), year_start=4) == m("2024-03")
    assert span_end("M", m("2024-11")) == m("2024-11")


@pytest.mark.parametrize(
    ("window", "period", "is_split"),
    [
        ("month", "2024-01", True),
        ("month", "2024-02", True),
        ("month", "2024-03", False),
        ("quarter", "2024-01", True),
        ("quarter", "2024-02", False),
        ("ytd", "2024-01", True),
        ("ytd", "2024-02", False),
        ("half", "2024-01", True),
        ("rolling12", "2024-01", False),
        ("jan_feb", "2024-02", False),
    ],
)
def test_festival_split_windows(window, period, is_split):
    assert is_festival_split(window, m(period), CHINA) is is_split
    assert not is_festival_split(window, m(period), LONDON)


def test_the_default_view_of_february_joins_january():
    assert festival_window("month", m("2024-02"), CHINA) == "jan_feb"
    assert festival_window("month", m("2024-01"), CHINA) == "month"
    assert festival_window("ytd", m("2024-02"), CHINA) == "ytd"
    assert festival_window("month", m("2024-02"), LONDON) == "month"


@pytest.mark.parametrize(
    ("period", "window", "withheld"),
    [
        ("2024-01", "month", True),
        ("2024-03", "month", True),
        ("2024-04", "month", False),
        ("2024-04", "quarter", True),  # April against January alone
        ("2024-05", "quarter", False),  # April–May against January–February
        ("2024-06", "quarter", False),
    ],
)
def test_the_previous_window_near_the_festival(period, window, withheld):
    base = base_period(m(period), "mom", window)
    assert is_spring_mom_withheld(m(period), base, window, 1) is withheld
