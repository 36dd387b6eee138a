"""Does the funnel follow the published rules on any figures, not only on the reference's own?

The rules are read here once more, group by group in plain numbers: no array, no shared function.
"""

import math

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2

from metrics.funnel_limits import Funnel, funnel_points

Z = {"95": 1.959964, "99": 3.090232}
TAIL = {"95": 0.025, "99": 0.001}


def quantile(values: list[float], share: float) -> float:
    """Type 7: what R and numpy do by default."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def scale(num: float, den: float, funnel: Funnel) -> tuple[float, float]:
    if funnel.kind == "PR":
        return math.asin(math.sqrt(num / den)), 1 / (2 * math.sqrt(den))
    if funnel.kind == "RC":
        s = math.sqrt(num / (num + 0.5) ** 2 + den / (den + 0.5) ** 2)
        return math.log((num + 0.5) / (den + 0.5)), s
    if funnel.method == "SHMI":
        return math.log(num / den), 1 / math.sqrt(den)
    return math.sqrt(num / den), 1 / (2 * math.sqrt(den))


def target_of(groups: list[tuple[float, float]], funnel: Funnel) -> tuple[float, float]:
    if funnel.kind == "SR":
        return 1.0, 0.0 if funnel.method == "SHMI" else 1.0
    target = sum(n for n, _ in groups) / sum(d for _, d in groups)
    return target, math.asin(math.sqrt(target)) if funnel.kind == "PR" else math.log(target)


def kept_of(z: list[float], funnel: Funnel) -> list[float | None]:
    """Winsorised z of each group, or None where the group is cut off."""
    if funnel.kind == "SR" and funnel.method == "SHMI":
        rank = [sum(w < v for w in z) + (z.count(v) + 1) / 2 for v in z]  # of equal ones the mean
        parts = 1 / funnel.trim
        place = [math.floor(r * parts / (len(z) + 1)) for r in rank]
        return [v if 0 < p < parts - 1 else None for v, p in zip(z, place, strict=True)]
    low, high = quantile(z, funnel.trim), quantile(z, 1 - funnel.trim)
    return [min(max(v, low), high) for v in z]


def spread_of(kept: list[float | None], s: list[float]) -> tuple[float, float]:
    held = [(v, e) for v, e in zip(kept, s, strict=True) if v is not None]
    n = len(held)
    if n < 2:
        return 0.0, 0.0
    phi = sum(v * v for v, _ in held) / n
    w = [1 / e**2 for _, e in held]
    below = sum(w) - sum(x * x for x in w) / sum(w)
    return phi, 0.0 if n * phi < n - 1 else (n * phi - (n - 1)) / below


def widened(den: float, target: float, z: float, tau2: float, funnel: Funnel):
    if funnel.kind == "PR":
        half, middle = z * math.sqrt(1 / (4 * den) + tau2), math.asin(math.sqrt(target))
        low = 0.0 if middle - half < 0 else math.sin(middle - half) ** 2
        return low, 1.0 if middle + half > math.pi / 2 else math.sin(middle + half) ** 2
    if funnel.kind == "RC":
        own = 1 / (target * den) if funnel.corrected else 1 / (4 * den)
        half = z * math.sqrt(own + tau2)
        return math.exp(math.log(target) - half), math.exp(math.log(target) + half)
    if funnel.method == "SHMI":
        half = z * math.sqrt(1 / den + tau2)
        return math.exp(-half), math.exp(half)
    half = z * math.sqrt(1 / (4 * den) + tau2)
    if funnel.corrected:
        return max(0.0, 1 - half) ** 2, (1 + half) ** 2
    return 1 - half, 1 + half


def plain(den: float, target: float, level: str, funnel: Funnel):
    if funnel.kind != "SR":
        return widened(den, target, Z[level], 0.0, funnel)
    low = chi2.ppf(TAIL[level], 2 * den) / 2 / den
    return low, chi2.ppf(1 - TAIL[level], 2 * (den + 1)) / 2 / den


FUNNELS = st.builds(
    Funnel,
    kind=st.sampled_from(["PR", "RC", "SR"]),
    method=st.sampled_from(["SHMI", "CQC"]),
    adjusted=st.booleans(),
    trim=st.sampled_from([0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.4]),
    limit=st.sampled_from(["95", "99"]),
    multiplier=st.sampled_from([1.0, 100.0, 1000.0, 0.5]),
    corrected=st.booleans(),
)
GROUPS = st.lists(
    st.tuples(st.floats(0.01, 0.99), st.integers(200, 9_000_000)), min_size=2, max_size=40
)


@settings(max_examples=100, deadline=None)
@given(FUNNELS, GROUPS)
def test_any_figures_follow_the_rules(funnel: Funnel, drawn: list[tuple[float, int]]) -> None:
    # Expected values have cents; a numerator is at least one case, as the logarithm needs.
    den = [d / 100 if funnel.kind == "SR" else d // 100 for _, d in drawn]
    num = [max(1, math.floor(p * d)) for (p, _), d in zip(drawn, den, strict=True)]
    if funnel.kind == "SR":
        num = [round(d * (0.5 + p)) or 1 for (p, _), d in zip(drawn, den, strict=True)]
    groups = list(zip(num, den, strict=True))
    names = [f"g{n}" for n in range(len(groups))]
    table = pl.DataFrame({"group": names, "numerator": num, "denominator": den})
    found, spread = funnel_points(table, funnel)

    target, at = target_of(groups, funnel)
    scaled = [scale(n, d, funnel) for n, d in groups]
    z = [(y - at) / s for y, s in scaled]
    near = zip(z, found["Uzscore"], strict=True)
    assert all(mine == pytest.approx(theirs, rel=1e-9, abs=1e-9) for mine, theirs in near)
    kept = kept_of(found["Uzscore"].to_list(), funnel)
    phi, tau2 = spread_of(kept, [s for _, s in scaled]) if funnel.adjusted else (0.0, 0.0)
    assert spread.target == pytest.approx(target, rel=1e-12)
    assert spread.phi == pytest.approx(phi, rel=1e-8)
    assert spread.tau2 == pytest.approx(tau2, rel=1e-6, abs=1e-12)
    for row, (_, d) in zip(found.iter_rows(named=True), groups, strict=True):
        for level in Z:
            low, high = widened(d, target, Z[level], spread.tau2, funnel)
            assert row[f"OD{level}LCL"] == pytest.approx(low * funnel.multiplier, abs=1e-12)
            assert row[f"OD{level}UCL"] == pytest.approx(high * funnel.multiplier, rel=1e-9)
            low, high = plain(d, target, level, funnel)
            assert row[f"LCL{level}"] == pytest.approx(low * funnel.multiplier, abs=1e-9)
            assert row[f"UCL{level}"] == pytest.approx(high * funnel.multiplier, rel=1e-9)
        is_wide = funnel.adjusted and spread.phi > 1
        names = ("OD{}LCL", "OD{}UCL") if is_wide else ("LCL{}", "UCL{}")
        low, high = (row[name.format(funnel.limit)] for name in names)
        ratio = row["rr"] * funnel.multiplier
        if min(abs(ratio - low), abs(ratio - high)) > 1e-9 * abs(ratio):
            assert row["outlier"] == int(ratio < low or ratio > high)


def test_groups_without_any_case_never_make_the_spread_infinite() -> None:
    cases = [0, 0, 0, 0, 9, 11, 10, 8, 12, 30]
    table = pl.DataFrame(
        {"group": list("abcdefghij"), "numerator": cases, "denominator": [10.0] * 10}
    )
    found, spread = funnel_points(table, Funnel("SR", adjusted=True))
    assert math.isfinite(spread.phi)
    assert math.isfinite(spread.tau2)
    assert found["truncated"].to_list()[:4] == [1, 1, 1, 1]
    assert found.filter(outlier=1)["group"].to_list()[:4] == ["a", "b", "c", "d"]
