"""Seasons: who has them, what a month is held against, and what a moving festival does to it."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.catalog import load_catalog
from data.definition_bureau import read_bureau
from data.periods import month_number
from metrics.seasonal_base import (
    Season,
    festival_months,
    festival_shares,
    find_season,
)
from metrics.series import read_series, series_points
from metrics.signal import xmr_limits
from tests.metrics.small import catalog, cube, m, months

LONDON = catalog(festival=False)
CALENDAR = load_catalog().calendar
JANUARY = month_number(dt.date(2019, 1, 1))
#: A summer hump: the months add up to nothing.
HUMP = np.array([-20.0, -20, -10, 0, 10, 30, 40, 30, 0, -10, -20, -30])


def seasons(years: np.ndarray, by_factor: bool = True, festive: bool = False) -> Season | None:
    """Return the seasons of one series [year, month] from 2019 on, asked in the year after."""
    numbers = np.arange(JANUARY, JANUARY + years.size)
    value = years.reshape(1, 1, -1)
    moved = festival_months(CALENDAR, numbers) & festive
    shares = festival_shares(CALENDAR, numbers) * festive
    return find_season(value, numbers, int(numbers[-1]) + 1, moved, shares, by_factor)


def test_a_pattern_that_comes_back_is_found_and_taken_out():
    # Three years at 100, 200 and 50 with the same hump, each in proportion.
    found = seasons(np.array([[100.0], [200.0], [50.0]]) * (1 + HUMP / 100))
    assert found is not None
    assert found.is_on[0, 0]
    assert found.times[0, 0, :12] == pytest.approx(1 + HUMP / 100)
    assert found.told_times[0, 0, 12:24] == pytest.approx(1 + HUMP / 100)
    assert found.adjusted(np.full((1, 1, 36), 140.0))[0, 0, 6] == pytest.approx(100)


def test_rates_have_effects_that_are_added():
    found = seasons(np.array([[50.0], [60.0], [40.0]]) + HUMP / 10, by_factor=False)
    assert found is not None
    assert found.plus[0, 0, :12] == pytest.approx(HUMP / 10)
    assert set(found.times.ravel()) == {1.0}


def test_a_month_is_foretold_by_the_median_of_the_other_years():
    # July stands 40, 40, 100 and 40 above: the odd year leaves the others' medians alone.
    years = 100 + np.tile(HUMP, (4, 1))
    years[2, 6], years[2, 0] = 200, 20  # the mean of the year stays 100
    found = seasons(years)
    assert found is not None
    july = [found.told_times[0, 0, 12 * y + 6] for y in range(4)]
    assert july == pytest.approx([1.4] * 4)
    assert found.times[0, 0, 6] == pytest.approx(1.4)


def test_two_years_tell_of_no_seasons_and_a_year_with_gaps_counts_for_nothing():
    years = 100 + np.tile(HUMP, (3, 1))
    assert seasons(years[:2]) is None
    one_gap, two_gaps = years.copy(), years.copy()
    one_gap[1, 3] = np.nan
    two_gaps[1, [3, 8]] = np.nan
    assert seasons(one_gap) is not None
    assert seasons(two_gaps) is None


@pytest.mark.parametrize(("years", "most"), [(3, 0.04), (4, 0.05), (5, 0.03)])
def test_of_series_without_seasons_few_are_taken_to_have_some(years, most):
    noise = np.random.default_rng(7).normal(100, 10, (1, 3000, years * 12))
    numbers = np.arange(JANUARY, JANUARY + years * 12)
    nothing = np.zeros(years * 12)
    found = find_season(noise, numbers, int(numbers[-1]) + 1, nothing > 0, nothing, by_factor=True)
    assert found is not None
    assert found.is_on.mean() < most


@pytest.mark.parametrize(("size", "least"), [(1.0, 0.78), (1.5, 0.98)])
def test_of_series_with_seasons_most_are_found(size, least):
    """`size` is the spread of the seasons over that of the months about them."""
    swing = size * 10 * np.sqrt(2) * np.sin(np.arange(36) / 12 * 2 * np.pi)
    noise = np.random.default_rng(8).normal(200, 10, (1, 3000, 36)) + swing
    numbers, nothing = np.arange(JANUARY, JANUARY + 36), np.zeros(36)
    found = find_season(noise, numbers, int(numbers[-1]) + 1, nothing > 0, nothing, by_factor=True)
    assert found is not None
    assert found.is_on.mean() > least


def test_the_range_of_adjusted_months_is_that_of_a_forecast():
    """Limits from months adjusted by the other years hold new months as they should (± 3 σ)."""
    rng = np.random.default_rng(9)
    swing = 40 * np.sin(np.arange(48) / 12 * 2 * np.pi)
    value = rng.normal(300, 10, (1, 4000, 48)) + swing
    numbers, nothing = np.arange(JANUARY, JANUARY + 48), np.zeros(48)
    found = find_season(value, numbers, int(numbers[-12]), nothing > 0, nothing, by_factor=True)
    assert found is not None
    assert found.is_on.mean() > 0.99
    limits = xmr_limits(found.adjusted(value, is_base=True)[..., :36])
    ahead = found.adjusted(value)[..., 36:]
    outside = (ahead > limits.upper[..., None]) | (ahead < limits.lower[..., None])
    assert outside.mean() < 0.01
    fitted = xmr_limits(found.adjusted(value)[..., :36])  # by themselves: too narrow
    wrong = (ahead > fitted.upper[..., None]) | (ahead < fitted.lower[..., None])
    assert wrong.mean() > 2 * outside.mean()


@settings(max_examples=30, deadline=None)
@given(st.floats(0.001, 1000), st.integers(0, 2**32 - 1))
def test_seasons_do_not_depend_on_the_unit_of_measure(scale, seed):
    rng = np.random.default_rng(seed)
    years = rng.normal(200, 10, (3, 12)) + HUMP * rng.uniform(0, 1)
    one, other = seasons(years), seasons(years * scale)
    assert (one is None) == (other is None)
    if one is not None and other is not None:
        assert other.times == pytest.approx(one.times)


def festival_years(dip: float) -> np.ndarray:
    """Return five steady years in which each day of the festival takes a part of a month."""
    numbers = np.arange(JANUARY, JANUARY + 60)
    shares = festival_shares(CALENDAR, numbers)
    return (100 * (1 - dip * shares) + np.random.default_rng(3).normal(0, 2, 60)).reshape(5, 12)


def test_the_festival_alone_bends_the_limits_of_its_months_only():
    found = seasons(festival_years(0.4), festive=True)
    assert found is not None
    assert found.is_festive[0, 0]
    assert not found.is_on[0, 0]
    assert set(np.round(found.times[0, 0].reshape(5, 12)[:, 3:].ravel(), 12)) == {1.0}
    # 2020: 25 January, nearly all its days in January and February; 2021: 12 February, none before
    january = found.times[0, 0].reshape(5, 12)[:, 0]
    assert january[1] < january[2]
    assert january[1] == pytest.approx(
        1 - 0.4 * festival_shares(CALENDAR, np.array([JANUARY + 12]))[0], abs=0.03
    )


def test_without_a_festival_effect_nothing_is_bent():
    assert seasons(festival_years(0.0), festive=True) is None


def test_shares_of_the_festival_add_up_over_a_year():
    for year in range(2019, 2030):
        first = month_number(dt.date(year, 1, 1))
        assert festival_shares(CALENDAR, np.arange(first, first + 12)).sum() == pytest.approx(1)
    unknown = festival_shares(CALENDAR, np.array([month_number(dt.date(2050, 2, 1))]))
    assert np.isnan(unknown[0])


SWAY = (3, -1, 2, -3, 1, -2, 2, -1, 3, -2, 1, -3, -1, 3, -2, 2, -3, 1)


def theft(last: float | None = None) -> dict:
    """Return thefts of a1 with the hump, 2020 to October 2024; July 2024 as given."""
    periods = months("2020-01", "2024-10")
    values = {
        f"{p:%Y-%m}": 200 + 2 * HUMP[p.month - 1] + SWAY[n % 18] for n, p in enumerate(periods)
    }
    if last is not None:
        values["2024-07"] = last
    return {"calls_theft": {"a1": values}}


def july(definitions=LONDON, last: float | None = None) -> dict:
    held = cube(theft(last), definitions)
    return read_series(held, ["calls_theft"], ["a1"], m("2024-07")).row(0, named=True)


def test_a_july_like_other_julys_is_no_change_and_one_like_april_is():
    row = july()
    assert row["reading"] == "not_significant"
    assert row["mean"] == pytest.approx(280, abs=5)
    assert row["lower"] < row["value"] < row["upper"]
    assert july(last=210.0)["reading"] == "better"  # 210 is an ordinary number of thefts, in April
    assert july(last=350.0)["reading"] == "worse"


def test_a_bureau_can_do_without_seasons(tmp_path):
    plain = replace(LONDON, bureau=replace(LONDON.bureau, seasons=False))
    assert july(plain)["mean"] == pytest.approx(200, abs=5)
    assert july(plain, last=210.0)["reading"] == "not_significant"
    source = (LONDON.folder / "bureau.toml").read_text(encoding="utf-8")
    for words, expected in (("", True), ("[options.reading]\nseasons = false\n", False)):
        (tmp_path / "bureau.toml").write_text(f"{source}\n{words}", encoding="utf-8")
        assert read_bureau(tmp_path).seasons is expected
    (tmp_path / "bureau.toml").write_text(f"{source}\n[options.reading]\nseason = 1\n", "utf-8")
    with pytest.raises(ValueError, match=r"options\.reading.*unknown key 'season'.*'seasons'"):
        read_bureau(tmp_path)


def test_the_limits_of_a_chart_follow_the_months():
    frame = series_points(cube(theft(), LONDON), "calls_theft", "a1", m("2024-10"), 24)
    centre = dict(zip(frame["period"].to_list(), frame["centre"].to_list(), strict=True))
    assert centre[m("2024-07")] == pytest.approx(280, abs=5)
    assert centre[m("2024-01")] == pytest.approx(160, abs=5)
    assert centre[m("2023-07")] == pytest.approx(centre[m("2024-07")])
    assert set(frame["reading"].tail(10)) == {"not_significant"}
