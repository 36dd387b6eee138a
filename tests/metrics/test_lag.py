"""Is a lag between two series told where there is one, and only then?"""

import numpy as np
import pytest

from metrics.lag import LEAST_PAIRS, Lag, tell_lag, without_calendar

MONTHS = 60


def noise(seed: int, months: int = MONTHS) -> np.ndarray:
    return np.random.default_rng(seed).normal(100, 15, months)


def following(earlier: np.ndarray, lag: int, seed: int, spread: float) -> np.ndarray:
    """Return a series that is six tenths of another one some months before, and noise."""
    later = np.full(len(earlier), np.nan)
    later[lag:] = 0.6 * earlier[: len(earlier) - lag]
    return later + np.random.default_rng(seed).normal(0, spread, len(earlier))


@pytest.mark.parametrize("lag", [0, 1, 3, 6, 12])
def test_a_plain_lag_is_told_with_its_neighbours(lag: int) -> None:
    earlier = noise(1, 96)
    found = tell_lag(earlier, following(earlier, lag, 2, 3), 12)
    assert (found.said, found.best) == ("told", lag)
    assert found.first == found.last == lag


def test_two_unrelated_series_are_rarely_said_to_follow_each_other() -> None:
    told = [
        tell_lag(noise(2 * s), noise(2 * s + 1), 12).said in ("told", "wide") for s in range(200)
    ]
    assert sum(told) <= 20  # 5 % of 200 is 10; 20 is beyond chance by one in a thousand


def test_two_series_that_drag_on_by_themselves_are_not_said_to_follow_each_other() -> None:
    def dragging(seed: int) -> np.ndarray:
        steps = np.random.default_rng(seed).normal(0, 1, MONTHS)
        values = np.zeros(MONTHS)
        for at in range(1, MONTHS):
            values[at] = 0.8 * values[at - 1] + steps[at]
        return values + 50

    pairs = [(dragging(s), dragging(s + 1000)) for s in range(200)]
    assert sum(tell_lag(a, b, 12).said in ("told", "wide") for a, b in pairs) <= 30


def test_what_both_share_by_the_calendar_and_by_growth_is_no_lag() -> None:
    months = np.arange(MONTHS)
    season = 30 * (months % 12 == 11) + 2.0 * months
    found = [
        tell_lag(noise(s) + season, noise(s + 500) + season, 12).said in ("told", "wide")
        for s in range(100)
    ]
    assert sum(found) <= 12


def test_without_enough_months_nothing_is_told() -> None:
    earlier = noise(1, LEAST_PAIRS + 11)  # 35 pairs at twelve months
    assert tell_lag(earlier, following(earlier, 3, 2, 1), 12) == Lag("short", LEAST_PAIRS - 1)
    assert tell_lag(np.full(60, np.nan), noise(1), 12).said == "short"
    assert tell_lag(noise(1), noise(2), 24, step=12).said == "short"  # yearly amounts


def test_a_series_that_never_moves_follows_nothing() -> None:
    assert tell_lag(noise(1), np.full(MONTHS, 7.0), 12).said == "none"
    assert tell_lag(np.zeros(MONTHS), noise(1), 12).said == "none"


def test_gaps_are_left_out() -> None:
    earlier = noise(3, 96)
    later = following(earlier, 2, 4, 3)
    later[[20, 40, 41]] = np.nan
    found = tell_lag(earlier, later, 12)
    assert (found.said, found.best) == ("told", 2)


def test_less_money_never_follows_from_more() -> None:
    earlier = noise(5, 96)
    assert tell_lag(earlier, 200 - following(earlier, 2, 6, 1), 2).said == "none"


def test_trend_and_months_are_taken_out_around_gaps() -> None:
    months = np.arange(48.0)
    values = 5 + 2 * months + 9 * (months % 12 == 3)
    values[7] = np.nan
    left = without_calendar(values)
    assert np.isnan(left[7])
    assert np.nanmax(np.abs(left)) == 0
