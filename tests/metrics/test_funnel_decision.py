"""Is a chart of equal units seldom wrong, and is their spread found whatever their sizes?"""

import numpy as np
import polars as pl
import pytest

from metrics.districts import Funnel as Shown
from metrics.funnel import judge_funnel
from metrics.funnel_decision import CHART, limit_of, spread_of, tail_of
from metrics.funnel_limits import Funnel, funnel_points


def test_all_units_of_a_chart_together_are_wrong_one_time_in_twenty() -> None:
    for units in (1, 3, 9, 20, 126, 150):
        assert (1 - 2 * tail_of(units)) ** units == pytest.approx(1 - CHART, rel=1e-12)
    # Nine units: 1 − 0.95^(1/9) = 0.00568, half of it 0.00284, whose normal quantile is 2.766.
    assert limit_of(9) == pytest.approx(2.766, abs=5e-4)
    assert limit_of(25) < 3.090232 < limit_of(26)  # of more, 99.8 % names too many


def test_spread_by_hand() -> None:
    """Of five equal variances the drawn-in mean square gives τ² without any search."""
    found = spread_of(np.array([-2.0, -1.0, 0.0, 1.0, 2.0]), np.full(5, 0.1), 0.5)
    # Tenths of five lie at 0.4 of a step: −1.6 and 1.6. (2 · 2.56 + 2) / 4 = 1.78, of which a bell
    # keeps 0.6787: 2.6228 in all, 26.2 times 0.1; 2.5228 between them, times 1 + 5/5 − 34/25.
    assert found.phi == pytest.approx(26.228, abs=2e-3)
    assert found.tau2 == pytest.approx(2.5228 * 0.64, abs=2e-3)
    calm = spread_of(np.array([-0.2, -0.1, 0.0, 0.1, 0.2]), np.full(5, 0.1), 0.5)
    assert (calm.phi < 1, calm.tau2) == (True, 0.0)


def test_spread_follows_the_scale_and_no_order() -> None:
    rng = np.random.default_rng(4)
    apart, variance = rng.normal(0, 1, 30), rng.uniform(0.01, 0.5, 30)
    found = spread_of(apart, variance, 0.5)
    assert spread_of(apart * 3, variance * 9, 0.5).tau2 == pytest.approx(found.tau2 * 9, rel=1e-6)
    order = rng.permutation(30)
    assert spread_of(apart[order], variance[order], 0.5).tau2 == pytest.approx(found.tau2)


def test_units_of_unequal_size_have_the_spread_they_were_drawn_with() -> None:
    """The published one finds less than half of it: it draws in the large ones most."""
    rng = np.random.default_rng(8)
    size = np.exp(rng.uniform(np.log(20), np.log(2000), 3000)).round()
    share = np.sin(np.arcsin(0.5**0.5) + rng.normal(0, 0.1, 3000)) ** 2
    groups = pl.DataFrame(
        {"group": range(3000), "numerator": rng.binomial(size.astype(int), share),
         "denominator": size}
    )  # fmt: skip
    found = judge_funnel(groups.rename({"group": "unit"}), "share")
    assert found is not None
    assert found.spread.tau2 == pytest.approx(0.01, rel=0.1)
    _, published = funnel_points(groups, Funnel("PR", adjusted=True))
    assert published.tau2 < 0.5 * 0.01


@pytest.mark.parametrize("spread", [0.0, 0.2])
@pytest.mark.parametrize("kind", ["share", "rate"])
def test_of_alike_units_hardly_a_chart_names_one(kind: str, spread: float) -> None:
    """The benchmark measures it well; here 150 charts of nine, of which 18 would be 3.9 errors."""
    rng = np.random.default_rng(6)
    wrong = 0
    for _ in range(150):
        size = np.exp(rng.uniform(np.log(50), np.log(2000), 9)).round()
        if kind == "share":
            true = rng.beta(12, 12, 9) if spread else np.full(9, 0.5)
            num = rng.binomial(size.astype(int), true)
        else:
            num = rng.poisson(size * 0.5 * (rng.gamma(25, 0.04, 9) if spread else 1.0))
        table = pl.DataFrame({"unit": range(9), "numerator": num, "denominator": size})
        found = judge_funnel(table.with_columns(pl.col("numerator").cast(pl.Float64)), kind)
        assert found is not None
        shown = Shown(kind, 1, 0.5, found.spread.phi, table, found.verdicts, found.plain)
        wrong += any(map(shown.is_apart, found.verdicts.values()))
    assert wrong < 18


def test_one_far_off_is_named_among_five_and_nine_and_many() -> None:
    for units in (5, 9, 126):
        rows = {"unit": range(units), "numerator": [200.0] + [320.0] * (units - 1),
                "denominator": [400.0] * units}  # fmt: skip
        found = judge_funnel(pl.DataFrame(rows), "share")
        assert found is not None
        assert found.verdicts[0] == "low"
        assert {found.verdicts[n] for n in range(1, units)} == {"inside"}
