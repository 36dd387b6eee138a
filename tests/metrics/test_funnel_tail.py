"""Are the chances of a few cases exact, by chance alone and where units differ too?"""

import math

import numpy as np
import pytest
from scipy import stats

from metrics.funnel_tail import exact_tail, mixed_binomial, mixed_poisson


def test_exact_tails_by_hand() -> None:
    assert exact_tail(0, 100.0, 0.03, "rate") == pytest.approx(math.exp(-3))
    assert exact_tail(3, 3, 0.5, "share") == pytest.approx(1 / 8)
    assert exact_tail(2, 2, 1.0, "pair") == pytest.approx(11 / 16)
    assert exact_tail(900, 1000.0, 0.5, "rate") < 1e-40
    # Of ten million at 5 in a million, 35 or fewer: Poisson with mean 50.
    wanted = sum(math.exp(-50 + k * math.log(50) - math.lgamma(k + 1)) for k in range(36))
    for kind, part, centre in (("share", 35, 5e-6), ("pair", 35, 5e-6), ("rate", 35, 5e-6)):
        assert exact_tail(part, 1e7, centre, kind) == pytest.approx(wanted, rel=1e-9)
    assert exact_tail(1e7 - 35, 1e7, 1 - 5e-6, "share") == pytest.approx(wanted, rel=1e-6)
    assert exact_tail(100, 1e9, 0.5, "rate") == 0


@pytest.mark.parametrize("between", [0.01, 0.2, 1.5])
def test_rates_that_differ_are_negative_binomial(between: float) -> None:
    chances = mixed_poisson(2000, 12.0, between)
    size = 1 / between
    wanted = stats.nbinom.pmf(np.arange(2001), size, size / (size + 12.0))
    assert chances == pytest.approx(wanted, rel=1e-6, abs=1e-12)


@pytest.mark.parametrize("between", [0.01, 0.2, 0.9])
def test_shares_that_differ_are_beta_binomial(between: float) -> None:
    chances = mixed_binomial(40, 0.3, between)
    weight = 1 / between - 1
    wanted = stats.betabinom.pmf(np.arange(41), 40, 0.3 * weight, 0.7 * weight)
    assert chances == pytest.approx(wanted, rel=1e-9)


def test_what_differs_more_is_less_surprising() -> None:
    for kind in ("share", "rate", "pair"):
        tails = [exact_tail(2, 40, 0.4, kind, tau2) for tau2 in (0.0, 0.01, 0.05)]
        assert tails == sorted(tails)
        assert 5 * tails[0] < tails[-1] < 0.1


def test_so_many_that_few_are_poisson_keep_their_spread() -> None:
    """A share of 1 in 1,000 with τ = 0.005 varies by 2 τ √(0.999 / 0.001) = 0.316 of itself."""
    wanted = stats.nbinom.cdf(60, 1 / 0.0999, 1 / (1 + 0.0999 * 100))
    assert exact_tail(60, 1e5, 0.001, "share", 0.005**2) == pytest.approx(wanted, rel=1e-6)
    assert exact_tail(1e5 - 60, 1e5, 0.999, "share", 0.005**2) == pytest.approx(wanted, rel=1e-4)
