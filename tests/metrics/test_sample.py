"""Survey arithmetic: worked by hand, against scipy, and laws that hold for any answers."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from metrics.chance import ALPHA
from metrics.sample import (
    Sample,
    can_tell_apart,
    chance_apart,
    judge_rate,
    judge_response,
    pool_samples,
    quantile_t,
    rest_of,
    told_together,
)

ANSWERS = st.lists(st.floats(0, 100), min_size=1, max_size=40)
GROUPS = st.lists(ANSWERS, min_size=2, max_size=6)


def sample_of(answers: list[float], invited: int | None = None) -> Sample:
    """Return the sample of answers, by their plain mean and standard deviation."""
    n = len(answers)
    mean = math.fsum(answers) / n
    squares = math.fsum((answer - mean) ** 2 for answer in answers)
    sd = math.sqrt(squares / (n - 1)) if n > 1 else math.nan
    return Sample(n, n if invited is None else invited, mean, sd)


@pytest.mark.parametrize("freedom", [1, 2, 3, 9, 24, 39, 99, 459, 2264, 100_000])
def test_the_quantile_of_student_is_exact(freedom: int) -> None:
    found = quantile_t(freedom)
    assert found == pytest.approx(stats.t.ppf(0.975, freedom), abs=1e-9)
    assert stats.t.sf(found, freedom) == pytest.approx(0.025, abs=1e-12)


def test_the_quantile_of_one_and_two_degrees_has_a_closed_form() -> None:
    # t(1) is Cauchy: tan(0.475 π). t(2): p = 0.975 gives (2p − 1)·√(2/(1 − (2p − 1)²)).
    assert quantile_t(1) == pytest.approx(math.tan(0.475 * math.pi), abs=1e-9)
    assert quantile_t(2) == pytest.approx(0.95 * math.sqrt(2 / (1 - 0.95**2)), abs=1e-9)


def test_an_interval_worked_by_hand() -> None:
    # 10/√25 = 2; √((101 − 25)/(101 − 1)) = 0.871780; t(24) = 2.063899: 3.598530.
    sample = Sample(25, 101, 60, 10)
    assert sample.error == pytest.approx(1.743559577, abs=1e-9)
    assert sample.margin == pytest.approx(3.598530104, abs=1e-8)


def test_a_group_without_n_invited_has_the_wider_interval() -> None:
    assert Sample(25, None, 60, 10).error == 2
    assert Sample(25, None, 60, 10).error > Sample(25, 10_000, 60, 10).error


def test_a_census_has_no_sampling_error_and_an_impossible_count_no_interval() -> None:
    census, impossible = Sample(25, 25, 60, 10), Sample(26, 25, 60, 10)
    assert (census.error, census.margin, census.is_census) == (0, 0, True)
    assert math.isnan(impossible.margin)
    assert not can_tell_apart(impossible, Sample(25, 25, 90, 10))


def test_two_censuses_differ_when_their_means_do() -> None:
    assert can_tell_apart(Sample(20, 20, 60, 10), Sample(20, 20, 60.01, 10))
    third = 180.00000000000003 / 3
    assert not can_tell_apart(Sample(20, 20, 60, 10), Sample(20, 20, third, 10))


def test_each_wave_brings_its_own_correction() -> None:
    # 10/√40·√(60/99) = 1.230915 and 10/√90·√(10/99) = 0.335013: 1.96·√(sum of squares) = 2.500381.
    first, margin = Sample(40, 100, 70, 10), 2.500381
    assert can_tell_apart(first, Sample(90, 100, 70 - margin - 1e-4, 10))
    assert not can_tell_apart(first, Sample(90, 100, 70 - margin + 1e-4, 10))


def test_response_bands_at_their_edges() -> None:
    bands = {n: judge_response(n, 50) for n in (51, 50, 49, 30, 29, 20, 19)}
    assert bands == {
        51: "over_invited", 50: "query", 49: "publish", 30: "publish", 29: "caution",
        20: "caution", 19: "level_only",
    }  # fmt: skip
    assert judge_response(49, 49) == "publish"  # too few to ask whether answering was free
    assert judge_response(3, 2) == "over_invited"
    assert (judge_response(5, None), judge_response(5, 0)) == ("unknown", "over_invited")
    assert [judge_rate(rate) for rate in (1.01, 1.0, 0.98, 0.6, 0.4)] == [
        "over_invited", "query", "publish", "publish", "caution",
    ]  # fmt: skip


def test_holm_worked_by_hand() -> None:
    # Of three: 0.05/3 = 0.0167, 0.05/2 = 0.025, 0.05. The second fails, so the third is not told.
    assert told_together({"a": 0.01, "b": 0.03, "c": 0.04}) == {"a"}
    assert told_together({"a": 0.01, "b": 0.02, "c": 0.04}) == {"a", "b", "c"}
    assert told_together({"a": 0.0499}) == {"a"}
    assert told_together({"a": math.nan, "b": 0.04}) == {"b"}


def test_the_chance_of_two_means_is_welch_s() -> None:
    # 8/√12 and 6/√15: t = 5/√(5.3333 + 2.4) = 1.79799 with 59.80/2.9973 = 19.95 degrees of freedom.
    first, second = Sample(12, None, 65, 8), Sample(15, None, 60, 6)
    wanted = stats.ttest_ind_from_stats(65, 8, 12, 60, 6, 15, equal_var=False).pvalue
    assert chance_apart(first, second) == pytest.approx(wanted, abs=1e-12)
    assert chance_apart(Sample(9, 9, 60, 5), Sample(9, 9, 61, 5)) == 0
    assert math.isnan(chance_apart(Sample(1, 5, 60, math.nan), second))


@given(GROUPS)
def test_pooling_is_the_plain_mean_and_deviation_of_all_answers(groups: list[list[float]]) -> None:
    pooled = pool_samples(map(sample_of, groups))
    plain = sample_of([answer for group in groups for answer in group])
    assert pooled is not None
    assert pooled.mean == pytest.approx(plain.mean, abs=1e-9)
    assert pooled.sd == pytest.approx(plain.sd, abs=1e-6)


@given(GROUPS, st.randoms())
def test_pooling_knows_no_order_and_no_brackets(groups: list[list[float]], random) -> None:
    samples = [sample_of(group) for group in groups]
    once = pool_samples(samples)
    random.shuffle(samples)
    step = samples[0]
    for sample in samples[1:]:
        step = pool_samples([step, sample]) or step
    assert once is not None
    assert (step.n, step.invited) == (once.n, once.invited)
    assert (step.mean, step.sd) == pytest.approx((once.mean, once.sd), abs=1e-6)


@given(GROUPS)
def test_what_is_left_without_a_part_is_the_others(groups: list[list[float]]) -> None:
    samples = [sample_of(group) for group in groups]
    rest = rest_of(pool_samples(samples), samples[0])
    others = pool_samples(samples[1:])
    assert others is not None
    if others.n < 2 or samples[0].n < 2:
        return
    assert rest is not None
    assert rest.mean == pytest.approx(others.mean, abs=1e-7)
    assert rest.sd == pytest.approx(others.sd, abs=1e-3)


@given(st.integers(2, 400), st.integers(0, 400), st.floats(0.1, 50))
def test_more_answers_narrow_an_interval_and_more_invited_widen_it(
    n: int, silent: int, sd: float
) -> None:
    invited = n + silent
    here = Sample(n, invited, 50, sd).margin
    assert Sample(n, invited + 1, 50, sd).margin >= here
    assert Sample(n, None, 50, sd).margin >= here
    if silent:
        assert Sample(n + 1, invited, 50, sd).margin < here


@given(
    st.integers(2, 60), st.integers(0, 60), st.floats(0, 100), st.floats(0, 40),
    st.integers(2, 60), st.integers(0, 60), st.floats(0, 100), st.floats(0, 40),
)  # fmt: skip
def test_small_groups_are_told_apart_no_sooner_than_by_the_rule(
    n: int, left: int, mean: float, sd: float, m: int, over: int, other: float, spread: float
) -> None:
    first, second = Sample(n, n + left, mean, sd), Sample(m, m + over, other, spread)
    assert can_tell_apart(first, second) == can_tell_apart(second, first)
    if told_together({"a": chance_apart(first, second)}):
        assert abs(mean - other) > 1.95 * math.hypot(first.error, second.error)


@given(st.dictionaries(st.integers(0, 20), st.floats(0, 1), min_size=1))
def test_taken_together_no_more_is_told_than_one_by_one(chances: dict[int, float]) -> None:
    named = {str(name): chance for name, chance in chances.items()}
    told = told_together(named)
    assert told <= {name for name, chance in named.items() if chance < ALPHA}
    assert not named.keys() - told or all(
        named[name] <= min(named[other] for other in named.keys() - told) for name in told
    )
