"""Is money read on a scale on which it is even, and no run called that the median does not bear?

Limits by hand: mean ± 2.66 × mean moving range, of money of its cube roots.
"""

import numpy as np
import pytest

from data.catalog import load_catalog
from metrics.plan import make_plan
from metrics.signal import SIGNALS, Limits
from metrics.skew import base_limits, judge_points, pooled_spread

CATALOG = load_catalog()
MONEY, COUNT = (make_plan(CATALOG, code) for code in ("rec_loss_amount", "calls_theft"))


def judged(base: list[float], then: list[float], plan=MONEY) -> tuple[Limits, list[str]]:
    """Return the limits that a year sets, and the signals of the months after it."""
    months = np.array([[[*base, *then]]], dtype=float)
    in_base = (np.arange(months.shape[-1]) < len(base))[None, None]
    level = base_limits(months[..., : len(base)])
    limits, points = judge_points([plan], level, months, months, in_base)
    return limits, [SIGNALS[n] for n in points.signal[0, 0, len(base) :]]


def test_limits_of_money_are_those_of_its_cube_root() -> None:
    base = [8.0, 27.0] * 6  # roots 2 and 3: 2.5 ± 2.66; as they are 17.5 ± 2.66 · 19
    limits, signals = judged(base, [100.0, 140.0])
    assert limits.mean.item() == 17.5
    assert limits.upper.item() == pytest.approx(5.16**3)
    assert limits.lower.item() == pytest.approx((-0.16) ** 3)
    assert signals == ["none", "outside"]
    plain, signals = judged(base, [67.0, 100.0], COUNT)
    assert plain.upper.item() == pytest.approx(17.5 + 2.66 * 19)
    assert signals == ["none", "outside"]


def test_where_money_hardly_varies_the_scale_is_no_matter() -> None:
    base = [1000.0, 1010.0, 990.0, 1005.0, 995.0, 1000.0] * 2
    (money, _), (count, _) = judged(base, []), judged(base, [], COUNT)
    for edge in ("lower", "upper"):
        assert getattr(money, edge).item() == pytest.approx(getattr(count, edge).item(), rel=1e-3)


def test_money_that_goes_below_nought_stays_as_it_is() -> None:
    base = [8.0, -27.0] * 6
    (money, _), (count, _) = judged(base, []), judged(base, [], COUNT)
    assert (money.lower.item(), money.upper.item()) == (count.lower.item(), count.upper.item())


@pytest.mark.parametrize("plan", [MONEY, COUNT])
def test_one_large_month_makes_no_run_of_the_others(plan) -> None:
    base = [9.0, 10.0, 11.0, 9.0, 10.0, 500.0, 11.0, 9.0, 10.0, 11.0, 10.0, 10.0]  # mean 50.8
    usual = [10.0, 11.0, 9.0, 10.0, 11.0, 9.0, 10.0, 11.0]
    assert "shift" not in judged(base, usual, plan)[1]
    lower = [9.5, 9.7, 9.4, 9.6, 9.5, 9.7, 9.6]  # below the median of 10, too
    assert judged(base, lower, plan)[1] == ["shift"] * 7


@pytest.mark.parametrize("odd", [98.0, 0.0])
def test_a_year_of_equal_months_but_one_does_not_call_the_usual_month(odd: float) -> None:
    base = [100.0] * 5 + [odd] + [100.0] * 6
    assert set(judged(base, [100.0] * 7, COUNT)[1]) == {"none"}
    assert judged(base, [odd - 100.0], COUNT)[1] == ["outside"]


def test_a_month_without_a_loss_is_usual_where_every_third_of_the_base_is_one() -> None:
    base = [0.0, 0.0, 0.0, 0.8, 0.8, 5.0, 2.8, 1.6, 2.8, 4.5]  # neighbours are alike
    assert judged(base, [0.0])[1] == ["none"]
    assert judged(base, [90.0])[1] == ["outside"]


def test_equal_months_keep_limits_on_themselves() -> None:
    limits = base_limits(np.full((1, 1, 12), 7.0))
    assert (limits.lower.item(), limits.upper.item()) == (7.0, 7.0)
    (money, signals), (count, _) = judged([20.0] * 12, [20.0]), judged([20.0] * 12, [20.0], COUNT)
    assert (money.lower.item(), money.upper.item()) == (20.0, 20.0)  # not ∛20³
    assert (count.lower.item(), signals) == (20.0, ["none"])


def test_a_sixth_of_the_months_may_stand_out_and_no_more() -> None:
    usual = [10.0, 9.0, 11.0, 10.0, 9.0, 11.0, 10.0, 9.0, 11.0, 10.0]
    two, three = (
        base_limits(np.array([*usual, 500, 500])),
        base_limits(np.array([*usual[1:], *[500] * 3])),
    )
    assert two.mean == pytest.approx(10)
    assert three.mean == pytest.approx((90 + 1500) / 12)


def test_what_lies_just_as_far_off_as_a_limit_does_not_stand_out() -> None:
    # Ranges of 2.66 twice and 0.71 eight times: 11 in all, 1 in the mean. The median is 10.
    base = [10, 12.66, 10, 10.71, 10, 9.29, 10, 10.71, 10, 9.29, 10, 10]
    limits = base_limits(np.array(base))
    assert (limits.upper - limits.mean) == pytest.approx(2.66)
    assert limits.mean == pytest.approx(122.66 / 12)


def test_two_months_of_a_year_tell_a_spread_and_one_of_each_does_not() -> None:
    months = np.array([2.0, 4.0, np.nan])
    assert pooled_spread(months, [np.full(3, True)]) == (3.0, pytest.approx(2**0.5), 1)
    assert pooled_spread(months, [np.arange(3) == n for n in range(3)]) is None
    assert pooled_spread(months - 3, [np.full(3, True)]) is None
