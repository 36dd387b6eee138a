"""The six scoring methods on worked values, and where a missing item's weight goes."""

import numpy as np
import pytest

from metrics.scoring import redistribute, score_values

NAN = float("nan")
THEFT = [["x<=-15", 100], ["-15<x<=-5", 90], ["-5<x<=5", 80], ["5<x<=15", 70], ["x>15", 60]]


def score(method: str, x: float, direction: int = 1, **params: object) -> float:
    return float(score_values(method, np.array([x]), params, direction)[0])


@pytest.mark.parametrize(
    ("x", "good", "bad", "limits", "expected"),
    [
        (5.81, 12, 6, {}, 58.7333),  # published exam item: 60 + 40·(−0.19)/6
        (12, 12, 6, {}, 100),
        (14, 12, 6, {}, 100),
        (-3, 12, 6, {}, 0),
        (3, -10, 10, {"floor": 40}, 74),  # less is better: 60 + 40·(3 − 10)/(−20)
        (25, -10, 10, {"floor": 40}, 40),
        (0, 0, 10, {}, 100),
        (2.8, 0, 10, {}, 88.8),
    ],
)
def test_efficacy(x: float, good: float, bad: float, limits: dict, expected: float) -> None:
    assert score("efficacy", x, good=good, bad=bad, **limits) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(
    ("x", "direction", "target", "expected"),
    [
        (73.6, 1, 80, 92.0),
        (96, 1, 80, 100),
        (0, 1, 80, 0),
        (12, -1, 9, 75),
        (0, -1, 9, 100),
        (5, 1, 0, NAN),
        (5, -1, 0, NAN),
        (5, 1, NAN, NAN),
        (0, -1, NAN, NAN),
    ],
)
def test_goal_ratio(x: float, direction: int, target: float, expected: float) -> None:
    assert score("goal_ratio", x, direction, target=target) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(
    ("x", "expected"), [(-15, 100), (-14.99, 90), (-5, 90), (-3.4, 80), (5, 80), (15.01, 60)]
)
def test_bands(x: float, expected: float) -> None:
    assert score("bands", x, bands=THEFT) == expected


@pytest.mark.parametrize(("x", "expected"), [(40, 100), (39.9, 60), (43.8, 100)])
def test_pass_line(x: float, expected: float) -> None:
    assert score("pass_line", x, line=40, op=">=", line_score=60) == expected


@pytest.mark.parametrize(("x", "expected"), [(0, 100), (3, 85), (40, 0)])
def test_deduction(x: float, expected: float) -> None:
    assert score("deduction", x, per_unit=5) == expected


def test_rank_points_share_the_mean_rank_of_ties() -> None:
    values = np.array([96.0, 98.0, 96.0, 90.0, NAN])
    assert score_values("rank", values, {}, 1).tolist()[:4] == [80, 100, 80, 60]
    assert score_values("rank", values, {}, -1).tolist()[:4] == [80, 60, 80, 100]


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("efficacy", {"good": 12, "bad": 6}),
        ("goal_ratio", {"target": 80}),
        ("bands", {"bands": THEFT}),
        ("pass_line", {"line": 40, "line_score": 60}),
        ("deduction", {"per_unit": 5}),
        ("rank", {}),
    ],
)
def test_a_missing_value_is_never_nought(method: str, params: dict) -> None:
    assert np.isnan(score(method, NAN, **params))


def test_an_unknown_method_names_the_nearest() -> None:
    with pytest.raises(ValueError, match="did you mean 'efficacy'"):
        score("eficacy", 1)


def test_missing_weight_stays_in_its_dimension_and_then_goes_over_all() -> None:
    # Dimensions a: 8 + 7 + 5, b: 10 + 8, c: 12; together 50, as of a scheme half as long.
    weights = np.array([8.0, 7, 5, 10, 8, 12])
    names = ["a", "a", "a", "b", "b", "c"]
    missing = np.array(
        [
            [False] * 6,
            [True, False, False, False, False, False],  # 8 to the others of a: 20/12 each
            [False, False, False, False, False, True],  # all of c over a and b: 50/38 each
            [True, False, False, True, True, False],  # both: a is 20 again, then 50/32
        ]
    )
    shared = redistribute(weights, names, missing)
    assert shared[0].tolist() == weights.tolist()
    assert shared[1] == pytest.approx([0, 7 * 20 / 12, 5 * 20 / 12, 10, 8, 12])
    assert shared[2] == pytest.approx([*(weights[:5] * 50 / 38), 0])
    assert shared[3] == pytest.approx(
        [0, 7 * 20 / 12 * 50 / 32, 5 * 20 / 12 * 50 / 32, 0, 0, 12 * 50 / 32]
    )
    assert shared.sum(axis=1) == pytest.approx([50, 50, 50, 50])
