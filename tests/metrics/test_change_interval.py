"""The interval of a change that is shown: as published, and how often it holds the truth."""

import math

import numpy as np
import pytest

from metrics.change_interval import change_interval, interval_words, newcombe, relative_interval
from tests.metrics.small import catalog, change, cube, m, months

LONDON = catalog(festival=False)


@pytest.mark.parametrize(
    ("a", "n", "b", "of", "expected"),
    [  # Newcombe 1998, table II, method 10
        (56, 70, 48, 80, (0.0524, 0.3339)),
        (9, 10, 3, 10, (0.1705, 0.8090)),
        (5, 56, 0, 29, (-0.0381, 0.1926)),
        (10, 10, 0, 20, (0.6791, 1.0)),
        (10, 10, 0, 10, (0.6075, 1.0)),
    ],
)
def test_differences_of_shares_are_as_published(a, n, b, of, expected):
    assert newcombe(a, n, b, of) == pytest.approx(expected, abs=6e-5)


def test_a_share_has_its_interval_in_points():
    table = {
        "svc_online": {"a1": {"2023-10": 48, "2024-10": 56}},
        "svc_handled": {"a1": {"2023-10": 80, "2024-10": 70}},
    }
    held = cube(table, LONDON)
    row = change(held, "d_online_share", "a1", "2024-10")
    assert row["change"] == pytest.approx(20)
    assert change_interval(held, row) == pytest.approx((5.24, 33.39), abs=6e-3)


def test_it_is_said_in_both_languages():
    held = cube({"calls_theft": {"a1": {"2023-10": 100, "2024-10": 120}}}, LONDON)
    row = change(held, "calls_theft", "a1", "2024-10")
    found = change_interval(held, row)
    assert interval_words(found, "zh") == ["95%：−8.0 至 +56.5"]
    assert interval_words(found, "en") == ["95%: −8.0 to +56.5"]
    assert interval_words(None, "en") == []


def test_a_count_without_a_history_has_that_of_its_cases():
    held = cube({"calls_theft": {"a1": {"2023-10": 100, "2024-10": 120}}}, LONDON)
    row = change(held, "calls_theft", "a1", "2024-10")
    # 1.2 · exp(± 1.96 √(1/120 + 1/100))
    half = 1.959964 * math.sqrt(1 / 120 + 1 / 100)
    expected = [(1.2 * math.exp(sign * half) - 1) * 100 for sign in (-1, 1)]
    assert change_interval(held, row) == pytest.approx(expected, rel=1e-5)


def test_months_that_vary_more_widen_it():
    rough = [150.0 if n % 2 else 50.0 for n in range(34)]
    values = {f"{p:%Y-%m}": v for p, v in zip(months("2022-01", "2024-10"), rough, strict=True)}
    held = cube({"calls_theft": {"a1": values}}, LONDON)
    row = change(held, "calls_theft", "a1", "2024-10", "quarter")
    found = change_interval(held, row)
    assert found is not None
    plain = relative_interval(row["compared_value"], row["base_value"], 1.0)
    assert found[0] < plain[0] < row["change"] < plain[1] < found[1]


@pytest.mark.parametrize("comparator", ["yoy", "mom", "target", "two_year", "peers"])
def test_what_has_no_change_in_percent_or_points_has_no_interval(comparator):
    held = cube({"calls_theft": {"a1": {"2023-10": 3, "2024-10": 5}}}, LONDON)
    row = change(held, "calls_theft", "a1", "2024-10", "month", comparator)
    assert row["change_kind"] in ("abs", "none")
    assert change_interval(held, row) is None


def test_it_holds_the_truth_about_as_often_as_it_says():
    rng = np.random.default_rng(4)
    a, b = rng.binomial(60, 0.7, 3000), rng.binomial(90, 0.55, 3000)
    found = [newcombe(x, 60, y, 90) for x, y in zip(a.tolist(), b.tolist(), strict=True)]
    assert 0.935 < np.mean([low <= 0.15 <= high for low, high in found]) < 0.97
    phi = 4.0
    now, base = (rng.negative_binomial(mean / (phi - 1), 1 / phi, 3000) for mean in (1100, 1000))
    spans = [relative_interval(x, y, phi) for x, y in zip(now.tolist(), base.tolist(), strict=True)]
    assert 0.935 < np.mean([low <= 10 <= high for low, high in spans]) < 0.965


def test_on_another_basis_it_is_that_of_the_row():
    values = {f"{p:%Y-%m}": 100.0 + n % 5 for n, p in enumerate(months("2022-01", "2024-10"))}
    held = cube({"calls_theft": {"a1": values}}, LONDON)
    row = change(held, "calls_theft", "a1", "2024-10", basis="matched")
    found = change_interval(held, row, "matched")
    assert found is not None
    assert found[0] < row["change"] < found[1]
    assert row["period"] == m("2024-10")
