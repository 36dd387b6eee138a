"""Are months of few cases read exactly, in both directions, and stable ones left alone?"""

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from metrics.rare import LEAST_BEFORE, read_rare
from metrics.rare_chance import count_tails, dispersion, share_tails, urn_tails

MONTHS = 37


def one(*numbers: float) -> list[np.ndarray]:
    return [np.array([float(number)]) for number in numbers]


def read(values: list[float | None], exposure: list[float] | None = None, is_share: bool = False):
    cases = np.array([[np.nan if value is None else value for value in values]], dtype=float)
    days = np.array(exposure) if exposure else np.ones(len(values))
    return read_rare(cases, days[None, :] if is_share else days, is_share)


def drawn(mean: float, excess: float, series: int, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    shape = (series, MONTHS)
    if excess == 1:
        return random.poisson(mean, shape).astype(float)
    return random.negative_binomial(mean / (excess - 1), 1 / excess, shape).astype(float)


def test_two_counts_of_as_many_days_are_a_fair_coin() -> None:
    low, high = urn_tails(*one(3, 15, 0.5, 1))
    assert low[0] == pytest.approx(576 / 2**15)  # 1 + 15 + 105 + 455
    assert high[0] == pytest.approx(1 - 121 / 2**15)  # all but 1 + 15 + 105


def test_shares_side_by_side_have_the_chances_that_counting_gives_each() -> None:
    random = np.random.default_rng(3)
    of, base_of = random.integers(1, 40, 300), random.integers(1, 900, 300)
    seen, base = random.binomial(of, 0.1), random.binomial(base_of, 0.07)
    numbers = [part.astype(float) for part in (seen, of, base, base_of)]
    low, high = share_tails(*numbers, np.ones(300))
    for place, (k, n, hits, others) in enumerate(zip(seen, of, seen + base, base_of, strict=True)):
        k, n, hits, others = (int(each) for each in (k, n, hits, others))
        ways = {j: math.comb(n, j) * math.comb(others, hits - j) for j in range(min(n, hits) + 1)}
        whole = math.comb(n + others, hits)
        assert low[place] == pytest.approx(sum(w for j, w in ways.items() if j <= k) / whole)
        assert high[place] == pytest.approx(sum(w for j, w in ways.items() if j >= k) / whole)


def test_a_share_of_many_beside_one_of_few_leaves_it_as_it_is() -> None:
    few, many = one(1, 10, 8, 10, 1), one(90, 1000, 800, 9000, 1)
    both = [np.concatenate(pair) for pair in zip(few, many, strict=True)]
    low, high = share_tails(*both)
    assert (low[0], high[0]) == tuple(float(tail[0]) for tail in share_tails(*few))
    # 90 of 1,000, 800 of 9,000: 1 more than the usual 89, and half a case less than that or more.
    spread = math.sqrt(0.089 * 0.911 * 1000 * 9000 / 9999)
    assert high[1] == pytest.approx(0.5 * math.erfc(0.5 / spread / math.sqrt(2)), rel=1e-9)
    assert low[1] == pytest.approx(0.5 * math.erfc(-1.5 / spread / math.sqrt(2)), rel=1e-9)
    for hits in (0.0, 1.0):  # where no case or every case is a hit, nothing can be unusual
        none = share_tails(*one(1000 * hits, 1000, 9000 * hits, 9000, 1))
        assert [tail.tolist() for tail in none] == [[1.0], [1.0]]


def test_quiet_days_have_the_share_of_the_days_before_to_the_power_of_the_cases() -> None:
    low, high = count_tails(*one(0, 90, 8, 720, 1))
    assert low[0] == pytest.approx((720 / 810) ** 8)
    assert high[0] == pytest.approx(1)


def test_cases_that_draw_cases_follow_the_urn() -> None:
    # φ = 2 of two cases: an urn of ½ and ½ that gains ½ with each: 0, 1 and 2 are equally likely.
    low, high = urn_tails(*one(2, 2, 0.5, 2))
    assert (low[0], high[0]) == (pytest.approx(1), pytest.approx(1 / 3))
    low, high = urn_tails(*one(0, 2, 0.5, 2))
    assert (low[0], high[0]) == (pytest.approx(1 / 3), pytest.approx(1))


def test_two_shares_are_hypergeometric() -> None:
    low, high = share_tails(*one(1, 10, 8, 10, 1))
    assert low[0] == pytest.approx((10 + 10 * 45) / 167960)  # C(20, 9) = 167,960
    assert high[0] == pytest.approx(1 - 10 / 167960)


def test_a_share_that_varies_twice_as_much_is_a_root_of_two_less_far_away() -> None:
    # The tail 0.00274 lies at 2.777 standard errors; over √2 it is 1.964, with a tail of 0.0248.
    low, _ = share_tails(*one(1, 10, 8, 10, 2))
    assert low[0] == pytest.approx(0.0248, abs=1e-4)


def test_dispersion_of_shares_takes_the_room_up_to_all_into_account() -> None:
    # 8 and 2 of 10 each, mean 5: Σ (±3)² ÷ (10 · ½ · ½) ÷ 1 = 18 ÷ 2.5
    squares = 64 / 10 + 4 / 10
    assert dispersion(*one(10, 20, squares, 2), is_share=True)[0] == pytest.approx(7.2)


@given(st.integers(0, 40), st.integers(0, 40), st.floats(0.05, 0.95), st.floats(1, 5))
@example(33, 40, 0.125, 1.0625)
def test_both_tails_hold_the_outcome_itself_and_all_else_once(
    mine: int, rest: int, share: float, excess: float
) -> None:
    total = mine + rest
    low, high = urn_tails(*one(mine, total, share, excess))
    if mine == total or total == 0:
        assert low[0] == pytest.approx(1)
    else:
        above = urn_tails(*one(mine + 1, total, share, excess))[1]
        assert low[0] + above[0] == pytest.approx(1)
    # The chance of none is a difference of log gammas of thousands: good to some 1e-11.
    mirrored = urn_tails(*one(rest, total, 1 - share, excess))
    assert mirrored[1][0] == pytest.approx(low[0], rel=1e-5, abs=1e-10)
    assert mirrored[0][0] == pytest.approx(high[0], rel=1e-5, abs=1e-10)


def test_many_cases_agree_with_the_sum_of_all_outcomes() -> None:
    # one case more of 5,000 moves the middle by half a case of a standard error of 40
    summed, by_normal = (urn_tails(*one(2430, n, 0.5, 1.3))[0][0] for n in (5000, 5001))
    assert summed == pytest.approx(by_normal, rel=0.03)
    assert summed > by_normal


def test_a_month_far_above_is_outside_its_exact_limit() -> None:
    # 24 cases in 36 months: y in one month has the share 1/37 of 24 + y. For y = 5 the tail is
    # C(29,5)/37⁵·(36/37)²⁴ + … = 0.0010 and for 4 it is 0.0066: the most that is usual is 4.
    values = [1.0, 0.0, 1.0] * 12
    assert read([*values, 4.0]).upper[0] == 4
    assert read([*values, 4.0]).side[0] == 0
    found = read([*values, 5.0])
    assert (found.side[0], found.months[0], found.lower[0]) == (1, 1, 0)
    assert found.mean[0] == pytest.approx(24 / 36)
    tail = count_tails(*one(5, 1, 24, 36, 1))[1][0]
    assert found.chance[0] == pytest.approx(2 * tail)
    assert tail < 0.00135 < count_tails(*one(4, 1, 24, 36, 1))[1][0]


def test_a_long_time_without_is_an_improvement_that_no_single_month_shows() -> None:
    values = [1.0, 0.0, 1.0, 2.0] * 6
    quiet = [read([*values, *[0.0] * n]) for n in range(1, 11)]
    sides = [int(found.side[0]) for found in quiet]
    # (24 / (24 + x))²⁴ falls to 0.0025 at x = 7: 0.0019, and is 0.0047 at 6.
    assert sides == [0] * 6 + [-1] * 4
    assert quiet[6].months[0] == 7
    assert quiet[6].seen[0] == 0
    assert quiet[6].chance[0] == pytest.approx(2 * (24 / 31) ** 24)
    assert quiet[0].lower[0] == 0


def test_some_months_together_show_what_each_alone_does_not() -> None:
    values = [1.0, 2.0, 0.0] * 10
    found = read([*values, 4.0, 3.0, 4.0, 3.0])
    assert found.side[0] == 1
    assert found.months[0] > 1
    assert found.upper[0] >= 4


def test_no_case_before_says_little_of_one_and_much_of_three() -> None:
    assert read([*[0.0] * 36, 1.0]).side[0] == 0  # 2/37
    assert read([*[0.0] * 36, 2.0]).side[0] == 1  # 2/37² = 0.0015
    assert read([0.0] * 37).side[0] == 0


def test_under_twelve_months_nothing_is_said_and_gaps_are_no_zeros() -> None:
    few = read([2.0] * LEAST_BEFORE)
    assert (few.side[0], few.before[0], np.isnan(few.upper[0])) == (0, 11, True)
    gaps = read([1.0, None] * 12 + [None] * 8 + [1.0])
    assert (gaps.before[0], gaps.mean[0], gaps.side[0]) == (12, 1, 0)
    assert np.isnan(read([1.0] * 20 + [None]).mean[0])


def test_a_longer_month_may_hold_more() -> None:
    days = [28.0] * 36 + [56.0]
    assert read([4.0] * 37, days).mean[0] == pytest.approx(8)


def test_shares_of_few_are_read_in_both_directions() -> None:
    of = [8.0] * 37
    good, bad = [7.0, 6.0] * 17 + [7.0], [2.0, 1.0]
    fallen = read([*good, *bad], of, is_share=True)
    assert fallen.side[0] == -1
    assert fallen.months[0] == 2
    risen = read([8 - y for y in (*good, *bad)], of, is_share=True)
    assert (risen.side[0], risen.chance[0]) == (1, pytest.approx(fallen.chance[0]))
    assert read([*good, 7.0, 6.0], of, is_share=True).upper[0] == 8


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(0, 12), min_size=14, max_size=40), st.integers(1, 90))
def test_days_may_be_counted_in_any_unit_and_series_stand_anyhow(values: list, unit: int) -> None:
    cases = np.array([values, values[::-1]], dtype=float)
    one_way = read_rare(cases, np.ones(len(values)))
    other = read_rare(cases[::-1], np.full(len(values), float(unit)))
    for name in ("lower", "upper", "chance", "side", "months"):
        first, second = getattr(one_way, name), getattr(other, name)[::-1]
        assert first == pytest.approx(second, rel=1e-6), name
    assert (one_way.lower <= np.nan_to_num(one_way.mean) + 1).all()
    alone = (one_way.side != 0) & (one_way.months == 1)
    outside = (cases[:, -1] > one_way.upper) | (cases[:, -1] < one_way.lower)
    assert outside[alone].all()


@pytest.mark.parametrize(("mean", "excess", "most"), [
    (0.2, 1, 0.012), (1, 1, 0.015), (3, 1, 0.02), (8, 1, 0.02), (3, 1.5, 0.035), (8, 2, 0.055),
])  # fmt: skip
def test_stable_series_are_seldom_called_changed(mean: float, excess: float, most: float) -> None:
    found = read_rare(drawn(mean, excess, 1500, seed=11), np.ones(MONTHS))
    assert (found.side != 0).mean() <= most


def test_series_that_changed_are_mostly_called_so() -> None:
    random = np.random.default_rng(3)
    cases = drawn(4, 1, 300, seed=12)
    doubled, halved = cases.copy(), cases.copy()
    doubled[:, -6:] = random.poisson(8, (300, 6))
    halved[:, -6:] = random.poisson(1.2, (300, 6))
    assert (read_rare(doubled, np.ones(MONTHS)).side == 1).mean() > 0.7
    assert (read_rare(halved, np.ones(MONTHS)).side == -1).mean() > 0.7


@pytest.mark.parametrize("last", [0, 5, 60])
def test_months_together_tell_nothing_once_the_last_has_turned_back(last: int) -> None:
    # Eleven months of about 450 after two years without a case, as a unit that is dissolved has.
    months = [368, 429, 443, 434, 499, 496, 476, 516, 542, 508, 408]
    found = read([0] * 24 + months + [last])
    assert found.side[0] == 0
    assert read([0] * 24 + months + [440]).side[0] == 1


def test_a_quiet_month_does_not_end_a_rise_that_chance_would_give_it() -> None:
    # 1 a month, then 3 a month with a 1 at the end: of 34 in 12 months so few come once in five.
    found = read([1] * 24 + [3] * 11 + [1])
    assert (int(found.side[0]), int(found.months[0])) == (1, 12)


def test_a_busy_month_after_a_quiet_stretch_is_no_longer_quiet() -> None:
    found = read([6] * 24 + [1] * 11 + [12])
    assert found.side[0] == 0
    assert read([6] * 24 + [1] * 11 + [3]).side[0] == -1
