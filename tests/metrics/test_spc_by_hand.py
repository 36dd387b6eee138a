"""Do control charts of any series agree with the published rules, written out once more by hand?

`by_hand` follows the words of the rules point by point in plain Python: no arrays, no code of the
product, so that both would have to be wrong in the same way.
"""

import datetime as dt
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.spc import Chart, chart_points

WAYS = ("increase", "decrease", "neutral")


def by_hand(y: list[float], chart: Chart) -> list[dict]:
    """Return limits and labels of one stretch without gaps."""
    base = y[: chart.fix_after] if chart.fix_after else y
    mean = sum(base) / len(base)
    ranges = [abs(b - a) for a, b in zip(base, base[1:], strict=False)]
    usual = sum(ranges) / len(ranges)
    kept = [r for r in ranges if r < 3.267 * usual] if chart.screen else ranges
    spread = sum(kept) / len(kept) if kept else 0.0
    low, high = mean - 2.66 * spread, mean + 2.66 * spread
    side = [(v > mean) - (v < mean) for v in y]
    outside = [v > high or v < low for v in y]
    third = 2.66 * spread * 2 / 3
    near = [not o and abs(v - mean) > third for v, o in zip(y, outside, strict=True)]
    shift, trend, two = set(), set(), set()
    steps = [(b > a) - (b < a) for a, b in zip(y, y[1:], strict=False)]
    for i in range(len(y) - 6):
        if side[i] and len(set(side[i : i + 7])) == 1:
            shift |= set(range(i, i + 7))
        if steps[i] and len(set(steps[i : i + 6])) == 1:
            trend |= set(range(i, i + 7))
    for i in range(len(y) - 2):
        window = range(i, i + 3)
        if side[i] and len({side[k] for k in window}) == 1 and sum(near[k] for k in window) >= 2:
            two |= {k for k in window if near[k]}
    rows = []
    for i in range(len(y)):
        way, cause = side[i], ""
        if outside[i]:
            cause = "Above UCL" if way > 0 else "Below LCL"
        elif i in trend:
            of = [k for k in range(len(y) - 6) if steps[k] and len(set(steps[k : k + 6])) == 1]
            way = steps[max(k for k in of if k <= i < k + 7)]  # at a shared peak, what follows
            cause = f"7 Point Trend ({'Increasing' if way > 0 else 'Decreasing'})"
        elif i in two:
            cause = "2 in 3 Above CL" if way > 0 else "2 in 3 Below CL"
        elif i in shift:
            cause = "7 Points Above CL" if way > 0 else "7 Points Below CL"
        meant = way * {"increase": 1, "decrease": -1, "neutral": 0}[chart.direction]
        word = {1: "improvement", -1: "concern", 0: "neutral_high" if way > 0 else "neutral_low"}
        rows.append({
            "mean": mean, "lpl": low, "upl": high, "mean_mr_used": spread,
            "mr": abs(y[i] - y[i - 1]) if 0 < i < len(base) else None,
            "relative_to_mean": side[i], "outside_limits": outside[i], "close_to_limits": near[i],
            "special_cause_type": cause or "Common Cause", "special_cause_flag": bool(cause),
            "point_type": f"special_cause_{word[meant]}" if cause else "common_cause",
            "short_group_warning": len(y) < 13,
        })  # fmt: skip
    return rows


def series(kind: str, seed: int, size: int) -> list[float]:
    """Return a series of whole quarters, in which sums are exact and ties happen."""
    draw = random.Random(seed)
    level, found = 50.0, []
    for place in range(size):
        step = draw.choice([-2, -1, -0.5, 0, 0.5, 1, 2])
        level += step if kind == "walk" else 0
        drift = 1.5 * place if kind == "drift" else 12 if kind == "step" and place > size / 2 else 0
        wave = 6 * ((place % 12) - 5) if kind == "season" else 0
        high = 60 if kind == "spikes" and draw.random() < 0.08 else 0
        found.append(level + drift + wave + high + round(draw.gauss(0, 3) * 4) / 4)
    return found


@pytest.mark.parametrize("kind", ["walk", "drift", "step", "season", "spikes", "noise"])
@pytest.mark.parametrize("seed", range(8))
def test_every_label_of_any_series_is_as_the_rules_say(kind: str, seed: int) -> None:
    draw = random.Random(f"{kind} {seed}")
    size = draw.choice([8, 12, 13, 24, 36, 60])
    chart = Chart(draw.choice(WAYS), None, (), draw.choice([None, None, 12, 20]), seed % 3 > 0)
    compare(series(kind, seed, size), chart)


@settings(deadline=None, max_examples=150)
@given(
    st.lists(st.integers(0, 6), min_size=2, max_size=45),
    st.sampled_from(WAYS),
    st.booleans(),
    st.sampled_from([None, 12]),
)
def test_ties_and_small_steps_too(values: list[int], way: str, screen: bool, fixed) -> None:
    compare([v * 0.25 for v in values], Chart(way, None, (), fixed, screen))


def compare(y: list[float], chart: Chart) -> None:
    first = dt.date(2020, 1, 1)
    x = [str(first + dt.timedelta(days=place)) for place in range(len(y))]
    for mine, theirs in zip(chart_points("a", x, list(y), chart), by_hand(y, chart), strict=True):
        for name, expected in theirs.items():
            if isinstance(expected, float):
                assert mine[name] == pytest.approx(expected, rel=1e-9, abs=1e-9), name
            elif not_a_matter_of_rounding(mine, theirs):
                assert mine[name] == expected, (name, y, chart)


def not_a_matter_of_rounding(mine: dict, theirs: dict) -> bool:
    """Return whether a point is off the mean and all lines by more than the last digits."""
    spread = (theirs["upl"] - theirs["mean"]) / 3
    lines = [theirs["mean"] + k * spread for k in (-3, -2, 0, 2, 3)]
    return all(mine["y"] == line or abs(mine["y"] - line) > 1e-9 for line in lines)


@pytest.mark.parametrize("value", [50.3, 0.1, 1e-9, 1234567.89, 0.7, 3e15, -0.1])
@pytest.mark.parametrize("size", [3, 7, 12, 24, 31])
def test_equal_values_lie_on_their_mean_to_the_last_digit(value: float, size: int) -> None:
    for row in chart_points("a", [str(n) for n in range(size)], [value] * size, Chart("increase")):
        assert (row["lpl"], row["mean"], row["upl"]) == (value, value, value)
        assert (row["relative_to_mean"], row["special_cause_flag"]) == (0, False)
