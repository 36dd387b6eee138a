"""Tests of two windows: by days, given the variation of the months, symmetric, in any unit."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from metrics.chance import count_range, share_range, student_quantile, two_counts, two_shares
from metrics.change_interval import change_interval
from metrics.change_tests import Side, Variation, both_tests, days_of, exact_test, varied_test
from metrics.plan import make_plan
from metrics.skew import pooled_spread
from metrics.spans import window_spans
from tests.metrics.small import catalog, change, cube, m, months

LONDON = catalog(festival=False)
THEFT = make_plan(LONDON, "calls_theft")
ONLINE = make_plan(LONDON, "d_online_share")
MONEY = make_plan(LONDON, "fraud_loss_amount")


def side(part: float, days: float = 30, whole: float = math.nan, months: float = 1) -> Side:
    """Return a side; without a whole its value is its part."""
    value = part if math.isnan(whole) else part / whole * 100
    return Side(part, whole, value, days, months)


def binomial_tails(a: int, n: int, share: Fraction) -> float:
    """Return the exact two-sided p-value, in fractions: all outcomes no likelier than the one."""
    chances = [math.comb(n, k) * share**k * (1 - share) ** (n - k) for k in range(n + 1)]
    return float(sum(p for p in chances if p <= chances[a]))


@pytest.mark.parametrize(
    ("window", "period", "days"),
    [
        ("month", "2024-02", 29), ("month", "2023-02", 28), ("ytd", "2024-03", 31 + 29 + 31),
        ("ytd", "2023-03", 31 + 28 + 31), ("year", "2024-12", 366), ("rolling12", "2023-12", 365),
        ("quarter", "2024-05", 30 + 31), ("jan_feb", "2024-02", 60),
    ],
)  # fmt: skip
def test_windows_have_their_days(window, period, days):
    number = np.array([m(period).year * 12 + m(period).month - 1])
    assert days_of(window_spans(window, number, 1, 1)).tolist() == [days]


def test_two_counts_are_compared_by_days():
    # 29 days against 28: of 15 cases each fell into the longer month with the chance 29/57.
    found = exact_test(LONDON, THEFT, side(12, 29), side(3, 28))
    assert found is not None
    assert found.chance == pytest.approx(binomial_tails(12, 15, Fraction(29, 57)))
    assert found.chance == pytest.approx(0.0356, abs=1e-4)
    equal = exact_test(LONDON, THEFT, side(12, 30), side(3, 30))
    assert equal is not None
    assert equal.chance == pytest.approx(2 * 576 / 2**15)


def test_february_is_not_better_for_being_short():
    # 4 against 13: p = 0.0490 in equal months; 28 days against 31 make it 0.0539.
    held = cube({"calls_theft": {"a1": {"2023-01": 13, "2023-02": 4}}}, LONDON)
    assert two_counts(4, 13) < 0.05 < two_counts(4, 13, 28, 31)
    row = change(held, "calls_theft", "a1", "2023-02", "month", "mom")
    assert row["reading"] == "not_significant"
    table = {"calls_theft": {"a1": {"2023-07": 13, "2023-08": 4}}}  # 31 days each
    row = change(cube(table, LONDON), "calls_theft", "a1", "2023-08", "month", "mom")
    assert row["reading"] == "better"


def test_a_range_holds_what_its_own_test_does_not_tell():
    for base, days, against in ((3, 30, 30), (40, 29, 28), (7, 366, 365), (0, 31, 28)):
        low, high = count_range(base, days, against)
        assert (
            two_counts(high, base, days, against)
            >= 0.05
            > two_counts(high + 1, base, days, against)
        )
        assert low == 0 or two_counts(low, base, days, against) >= 0.05
        assert low == 0 or two_counts(low - 1, base, days, against) < 0.05
    for n, base, of in ((20, 8, 20), (12, 1, 30), (50, 50, 50), (9, 0, 14)):
        low, high = share_range(n, base, of)
        assert 0 <= low <= high <= n
        assert two_shares(low, n, base, of) >= 0.05 <= two_shares(high, n, base, of)
        assert low == 0 or two_shares(low - 1, n, base, of) < 0.05
        assert high == n or two_shares(high + 1, n, base, of) < 0.05


counts = st.integers(0, 60)
lengths = st.integers(28, 366)


@settings(max_examples=60, deadline=None)
@given(counts, counts, lengths, lengths)
def test_the_two_sides_of_a_count_may_be_swapped(a, b, days, against):
    one = exact_test(LONDON, THEFT, side(a, days), side(b, against))
    other = exact_test(LONDON, THEFT, side(b, against), side(a, days))
    assert one is not None
    assert other is not None
    assert one.chance == pytest.approx(other.chance)
    assert (one.chance < 0.05) == (not one.lower <= a <= one.upper)


@settings(max_examples=60, deadline=None)
@given(counts, counts, st.integers(1, 60), st.integers(1, 60))
def test_the_two_sides_of_a_share_may_be_swapped(a, b, n, of):
    assume(a <= n and b <= of)
    one = exact_test(LONDON, ONLINE, side(a, whole=n), side(b, whole=of))
    other = exact_test(LONDON, ONLINE, side(b, whole=of), side(a, whole=n))
    assert one is not None
    assert other is not None
    assert one.chance == pytest.approx(other.chance)
    inside = one.lower - 1e-9 <= a / n * 100 <= one.upper + 1e-9
    assert (one.chance < 0.05) == (not inside)


sums = st.floats(1, 1e6)


@settings(max_examples=60, deadline=None)
@given(sums, sums, lengths, lengths, sums, sums, st.floats(1e-4, 1e4))
def test_sums_are_read_alike_in_any_unit_and_either_way(a, b, days, against, mean, sigma, unit):
    one = varied_test(MONEY, side(a, days), side(b, against), Variation(mean, sigma, 9))
    scaled = Variation(mean * unit, sigma * unit, 9)
    other = varied_test(MONEY, side(a * unit, days), side(b * unit, against), scaled)
    assert other.chance == pytest.approx(one.chance, rel=1e-6, abs=1e-9)
    assert other.upper == pytest.approx(one.upper * unit, rel=1e-6)
    swapped = varied_test(MONEY, side(b, against), side(a, days), Variation(mean, sigma, 9))
    assert swapped.chance == pytest.approx(one.chance, rel=1e-6, abs=1e-9)
    on_edge = varied_test(MONEY, side(one.upper, days), side(b, against), Variation(mean, sigma, 9))
    assert on_edge.chance == pytest.approx(0.05, abs=1e-4)


def test_large_counts_are_tested_by_what_their_months_vary():
    # months of 400 with σ = 60: φ = 9; ten months of 4,000 against 4,400
    variation = Variation(400, 60, 12)
    now, base = side(4400, 304, months=10), side(4000, 304, months=10)
    exact = exact_test(LONDON, THEFT, now, base)
    assert exact is not None
    assert exact.chance < 0.0001
    found = both_tests(LONDON, THEFT, now, base, variation)
    assert found is not None
    # 400 / √(9 · 8,400) = 1.455 on 12 degrees of freedom
    assert found.chance == pytest.approx(0.171, abs=1e-3)
    # (x − 4,000)² = t² · 9 (x + 4,000)
    t = student_quantile(12)
    assert (found.upper - 4000) ** 2 == pytest.approx(t * t * 9 * (found.upper + 4000))


def test_a_rate_over_longer_windows_has_the_standard_error_of_its_months():
    now, base = side(450, 304, 500, 10), side(420, 304, 500, 10)
    found = varied_test(ONLINE, now, base, Variation(85, 4, 12))
    # σ √(2/10) = 1.789; 6 points are 3.354 of them
    assert found.chance == pytest.approx(0.0057, abs=2e-4)
    half = student_quantile(12) * 4 * math.sqrt(0.2)
    assert (found.lower, found.upper) == (pytest.approx(84 - half), pytest.approx(84 + half))


def test_what_is_not_counted_has_no_exact_test():
    assert exact_test(LONDON, MONEY, side(12.5), side(3.5)) is None
    assert exact_test(LONDON, ONLINE, side(12.5, whole=20), side(3, whole=20)) is None
    assert exact_test(LONDON, ONLINE, Side(0, 0, math.nan, 30, 1), side(3, whole=20)) is None
    assert exact_test(LONDON, THEFT, side(-1), side(3)) is None


def test_what_never_varied_is_told_apart_by_anything():
    still = Variation(50, 0, 7)
    assert varied_test(MONEY, side(50.0), side(50.0), still).chance == 1
    assert varied_test(MONEY, side(50.1), side(50.0), still).chance == 0


@pytest.mark.parametrize("window", ["quarter", "ytd"])
def test_without_a_base_nothing_is_read(window):
    alone = {"calls_theft": {"a1": {f"{p:%Y-%m}": 5.0 for p in months("2024-01", "2024-06")}}}
    row = change(cube(alone, LONDON), "calls_theft", "a1", "2024-06", window)
    assert (row["note"], row["lower"], row["upper"]) == ("missing_base", None, None)
    assert row["reading"] in ("none", "short_history")


@pytest.mark.parametrize("mean", [2.0, 20.0, 400.0])
def test_the_exact_test_is_wrong_no_oftener_than_it_says(mean):
    rng = np.random.default_rng(11)
    both = rng.poisson(mean * np.array([28 / 30, 31 / 30]), (1500, 2))
    wrong = [two_counts(a, b, 28, 31) < 0.05 for a, b in both.tolist()]
    assert 0.005 < np.mean(wrong) < 0.065


def test_over_dispersed_windows_are_wrong_about_as_often_as_it_says():
    """Ten months against ten, negative binomial months with φ = 5, φ from 20 moving ranges."""
    rng = np.random.default_rng(12)
    phi, mean, runs = 5.0, 200.0, 2000
    months_of = rng.negative_binomial(mean / (phi - 1), 1 / phi, (runs, 40)).astype(float)
    wrong = {"by months": 0, "as Poisson": 0}
    for row in months_of:
        base = row[:20]
        sigma = np.abs(np.diff(base)).mean() / 1.128
        sides = side(row[30:].sum(), 304, months=10), side(row[20:30].sum(), 304, months=10)
        found = varied_test(THEFT, *sides, Variation(base.mean(), sigma, round(0.62 * 19)))
        wrong["by months"] += found.chance < 0.05
        wrong["as Poisson"] += two_counts(sides[0].part, sides[1].part) < 0.05
    assert 0.03 < wrong["by months"] / runs < 0.07
    assert wrong["as Poisson"] / runs > 0.25


def test_sums_of_money_are_compared_on_their_cube_root():
    """Each year six months of 8 and six of 27: nine months of this year, a quarter of 79 more."""
    span = months("2021-01", "2024-09")  # which months are high changes from year to year
    values = {f"{p:%Y-%m}": 27.0 if (p.month + p.year) % 2 == 0 else 8.0 for p in span}
    values |= {"2024-07": 54.0, "2024-08": 54.0, "2024-09": 33.0}
    held = cube({"fraud_loss_amount": {"a1": values}}, LONDON)
    row = change(held, "fraud_loss_amount", "a1", "2024-09", "quarter")
    assert (row["compared_value"], row["base_value"]) == (141, 62)
    # 36 months about 17.5, each 9.5 off; nine about 27.333: 3 · 0.333² + 3 · 19.333² +
    # 2 · 26.667² + 5.667²; 45 months less 4 means
    square = 36 * 9.5**2 + 3 * (1 / 3) ** 2 + 3 * (58 / 3) ** 2 + 2 * (80 / 3) ** 2 + (17 / 3) ** 2
    mean, sigma = (36 * 17.5 + 9 * 82 / 3) / 45, math.sqrt(square / 41)
    half = student_quantile(41) * sigma / (3 * mean ** (2 / 3)) * math.sqrt(2 / 3)
    root = (62 / 3) ** (1 / 3)
    expected = [3 * (root + sign * half) ** 3 for sign in (-1, 1)]
    assert [row["lower"], row["upper"]] == pytest.approx(expected)
    assert row["reading"] == ("worse" if expected[1] < 141 else "not_significant")
    found = change_interval(held, row)
    assert found is not None
    seen = (141 / 3) ** (1 / 3)
    bounds = [(((seen + sign * half) / root) ** 3 - 1) * 100 for sign in (-1, 1)]
    assert found == pytest.approx(bounds)
    assert (found[0] > 0) == (row["reading"] == "worse")  # the interval says what the test says


def test_skewed_windows_are_wrong_about_as_often_as_it_says_and_to_both_sides():
    """Nine months against nine of losses in three cases a month, after three years of them."""
    rng = np.random.default_rng(13)
    runs = 1500
    cases = rng.poisson(3.0, (runs, 45))
    upto = np.concatenate([[0.0], np.cumsum(rng.lognormal(0.0, 1.5, int(cases.sum())))])
    ends = np.cumsum(cases.ravel())
    losses = (upto[ends] - upto[ends - cases.ravel()]).reshape(cases.shape)
    place = np.arange(45)
    wrong = {"up": 0, "down": 0}
    for row in losses:
        spread = pooled_spread(row, [place // 12 == year for year in range(4)])
        assert spread is not None
        sides = side(row[36:].sum(), 274, months=9), side(row[24:33].sum(), 273, months=9)
        found = varied_test(MONEY, *sides, Variation(*spread, on_root=True))
        wrong["up"] += sides[0].value > found.upper
        wrong["down"] += sides[0].value < found.lower
    assert 0.01 < wrong["up"] / runs < 0.035
    assert 0.01 < wrong["down"] / runs < 0.035


def test_money_that_never_varies_is_within_its_own_range() -> None:
    """The cube of the root of 20 is 19.999 999 999 999 993: as much as before is no change."""
    for month in (20.0, 0.1, 7.77):
        sides = side(3 * month, 91, months=3), side(3 * month, 92, months=3)
        found = varied_test(MONEY, *sides, Variation(month, 0.0, 33, on_root=True))
        assert found.lower <= 3 * month <= found.upper
        assert found.upper - found.lower < 1e-12
        assert found.chance == 1
