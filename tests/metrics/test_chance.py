"""Exact tests against a statistics library and against sums worked by hand."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from metrics.chance import (
    count_range,
    share_against,
    share_range,
    student_tail,
    two_counts,
    two_shares,
    wilson,
)


def test_two_counts_by_hand():
    # 1 or 5 of 6, or rarer: 2·(1 + 6) / 64
    assert two_counts(1, 5) == pytest.approx(14 / 64)
    assert two_counts(0, 0) == 1


@settings(deadline=None)  # a busy machine is no fault
@given(st.integers(0, 300), st.integers(0, 300), st.floats(0.2, 5))
def test_two_counts_are_the_binomial_test(a, b, exposure):
    if a + b:
        wanted = stats.binomtest(a, a + b, exposure / (exposure + 1)).pvalue
        assert two_counts(a, b, exposure) == pytest.approx(wanted, rel=1e-6, abs=1e-12)


@settings(deadline=None)  # a busy machine is no fault
@given(st.integers(0, 60), st.integers(1, 60), st.integers(0, 60), st.integers(1, 60))
def test_two_shares_are_fishers_test(a, more, b, others):
    wanted = stats.fisher_exact([[a, more], [b, others]]).pvalue
    assert two_shares(a, a + more, b, b + others) == pytest.approx(wanted, rel=1e-6)


@settings(deadline=None)  # a busy machine is no fault
@given(st.integers(1, 500), st.floats(0.01, 0.99))
def test_a_share_against_a_fixed_one_is_the_binomial_test(n, share):
    wanted = stats.binomtest(n // 3, n, share).pvalue
    assert share_against(n // 3, n, share) == pytest.approx(wanted, rel=1e-6, abs=1e-12)


@settings(deadline=None)  # a busy machine is no fault
@given(st.floats(0, 20), st.integers(1, 60))
def test_students_tail(t, freedom):
    assert student_tail(t, freedom) == pytest.approx(2 * stats.t.sf(t, freedom), abs=1e-9)


@settings(deadline=None)  # a busy machine is no fault
@given(st.integers(0, 400))
def test_the_usual_range_is_where_the_test_does_not_tell_apart(base):
    low, high = count_range(base)
    assert low <= base <= high
    assert two_counts(low, base) >= 0.05
    assert two_counts(high, base) >= 0.05
    assert two_counts(high + 1, base) < 0.05
    assert low == 0 or two_counts(low - 1, base) < 0.05


def test_large_numbers_fall_back_on_the_normal_approximation():
    assert two_counts(150_000, 150_100) == pytest.approx(0.8567, abs=1e-3)
    assert two_counts(150_000, 160_000) < 1e-6
    assert two_shares(100_000, 200_000, 100_500, 200_000) == pytest.approx(0.1138, abs=1e-3)


@settings(deadline=None)  # a busy machine is no fault
@given(st.integers(1, 500), st.integers(0, 500))
def test_wilson(n, k):
    if k <= n:
        wanted = stats.binomtest(k, n).proportion_ci(method="wilson")
        assert wilson(k, n) == pytest.approx((wanted.low, wanted.high), abs=1e-9)


@pytest.mark.parametrize("n", [1, 2, 3, 7])
@pytest.mark.parametrize(("base", "of"), [(0, 40), (1, 40), (2, 40), (39, 40), (40, 40), (1, 1)])
def test_a_range_holds_just_what_its_test_does_not_tell_apart(n, base, of):
    inside = [k for k in range(n + 1) if two_shares(k, n, base, of) >= 0.05]
    assert share_range(n, base, of) == (inside[0], inside[-1])
    assert len(inside) == inside[-1] - inside[0] + 1
    inside = [k for k in range(60) if two_counts(k, base, n, of) >= 0.05]
    assert count_range(base, n, of) == (inside[0], inside[-1])
