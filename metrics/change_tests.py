"""Do two windows differ by more than chance, and by more than the months of the series vary?

Counts are compared by the days of both windows, since months and years are not equally long: an
exact test given their sum. Shares by Fisher's exact test, rates by the exact test of their cases at
so many people and days. Sums whose months vary more than chance alone must also differ by more than
that: the variance of a sum is φ times the sum, with φ from the moving ranges of the series' own
history (quasi-Poisson). Sums of money, which a few large losses make, are compared on their cube
root (Wilson and Hilferty 1931). Every test also says which values it would not tell from the base.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from data.definition_types import Catalog
from metrics.chance import (
    count_range,
    share_range,
    student_quantile,
    student_tail,
    two_counts,
    two_shares,
)
from metrics.plan import Plan
from metrics.spans import Spans

WHOLE = 1e-9  # how far from a whole number a number of cases may be
COUNTED = ("count", "person")
EPOCH = 1970 * 12  # the month from which numpy counts
exact_counts = lru_cache(maxsize=20_000)(two_counts)
exact_shares = lru_cache(maxsize=20_000)(two_shares)
exact_count_range = lru_cache(maxsize=20_000)(count_range)
exact_share_range = lru_cache(maxsize=20_000)(share_range)


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison: its parts, its value, and how long the window is."""

    part: float
    whole: float
    value: float
    days: float
    months: float


@dataclass(frozen=True, slots=True)
class Variation:
    """How the months of a series vary: their mean, and the spread with its degrees of freedom.

    `on_root`: sums of such months stand evenly about what is usual on their cube root.
    """

    mean: float
    sigma: float
    freedom: int
    on_root: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """The values that a test does not tell from the base, and how likely the one seen is."""

    lower: float
    upper: float
    chance: float


def days_of(spans: Spans) -> np.ndarray:
    """Return how many days each window has.

    >>> import numpy as np
    >>> from metrics.spans import window_spans
    >>> days_of(window_spans("month", np.array([2023 * 12 + 1, 2024 * 12 + 1]), 1, 1)).tolist()
    [28, 29]
    """
    first, after = (
        (month - EPOCH).astype("datetime64[M]").astype("datetime64[D]")
        for month in (spans.start, spans.end + 1)
    )
    return (after - first).astype(np.int64)


def is_flow(plan: Plan) -> bool:
    """Return whether the figure sums what happened over its window (a stock is what is there)."""
    return plan.shape == "sum" and all(i.is_flow and i.over_time == "sum" for i in plan.inputs)


def is_counted(plan: Plan) -> bool:
    """Return whether the figure is a plain number of cases or people."""
    return plan.shape == "sum" and plan.indicator.value_type in COUNTED


def is_share(plan: Plan) -> bool:
    """Return whether the figure is a percentage of one count in another."""
    return plan.shape == "ratio" and plan.indicator.value_type == "percent"


def both_tests(
    catalog: Catalog, plan: Plan, now: Side, base: Side, variation: Variation | None
) -> Outcome | None:
    """Return what both tests together say of two windows; None where there is none.

    A change must pass both: the exact one, and the one by the variation of the months.
    """
    found = [exact_test(catalog, plan, now, base)]
    if variation is not None:
        found.append(varied_test(plan, now, base, variation))
    tests = [each for each in found if each is not None]
    if not tests:
        return None
    return Outcome(
        min(each.lower for each in tests),
        max(each.upper for each in tests),
        max(each.chance for each in tests),
    )


def exact_test(catalog: Catalog, plan: Plan, now: Side, base: Side) -> Outcome | None:
    """Return the exact test of two counts, shares or rates; None for what is not counted."""
    if now.part < 0 or base.part < 0:
        return None
    if is_counted(plan):
        days = (now.days, base.days) if is_flow(plan) else (1.0, 1.0)
        low, high = exact_count_range(base.part, *days)
        return Outcome(low, high, exact_counts(now.part, base.part, *days))
    if not (is_share(plan) or is_rate(catalog, plan)) or not (now.whole > 0 and base.whole > 0):
        return None
    parts = (now.part, base.part, *((now.whole, base.whole) if is_share(plan) else ()))
    if any(abs(part - round(part)) > WHOLE for part in parts):
        return None  # hours or money: not a number of cases
    scale = plan.indicator.scale / now.whole * (12 / now.months if _yearly(plan) else 1.0)
    if is_share(plan) and now.part <= now.whole and base.part <= base.whole:
        low, high = exact_share_range(now.whole, base.part, base.whole)
        chance = exact_shares(now.part, now.whole, base.part, base.whole)
        return Outcome(low * scale, high * scale, chance)
    # Clearances may exceed the cases of the period: two counts at two rates.
    at_risk = [side.whole * (side.days if _over_days(plan) else 1.0) for side in (now, base)]
    low, high = exact_count_range(base.part, *at_risk)
    return Outcome(low * scale, high * scale, exact_counts(now.part, base.part, *at_risk))


def is_rate(catalog: Catalog, plan: Plan) -> bool:
    """Return whether the figure is a number of cases per so many people, days or other cases."""
    above = [i for i in plan.inputs if i.role == "num"]
    counts = all(i.is_flow and catalog.measures[i.measure].value_type in COUNTED for i in above)
    return plan.shape in ("ratio", "annualised") and counts


def _yearly(plan: Plan) -> bool:
    return plan.shape == "annualised"


def _over_days(plan: Plan) -> bool:
    """Return whether what is below the line does not grow with the days of a window: a stock."""
    return not any(i.is_flow for i in plan.inputs if i.role == "den")


def varied_test(plan: Plan, now: Side, base: Side, variation: Variation) -> Outcome:
    """Return the test by how the months of the series vary.

    A sum over k months has the variance k σ², which is φ times itself with φ = σ² ÷ mean; a rate
    over k months has σ² ÷ k. As σ comes from few moving ranges, the tail is Student's.
    """
    is_sum = is_flow(plan)
    if is_sum and variation.mean > 0 and now.value >= 0 and base.value >= 0:
        test = _root_test if variation.on_root else _quasi_poisson
        return test(now, base, variation)
    months = now.months + base.months if is_sum else 1 / now.months + 1 / base.months
    spread = variation.sigma * math.sqrt(months)
    half = student_quantile(variation.freedom) * spread
    chance = _tail(abs(now.value - base.value), spread, variation.freedom)
    return Outcome(base.value - half, base.value + half, chance)


def _quasi_poisson(now: Side, base: Side, variation: Variation) -> Outcome:
    """Return the test of two sums by days, their variance being φ times what Poisson's would be."""
    ratio = now.days / base.days
    phi = ratio * variation.sigma**2 / variation.mean
    usual = base.value * ratio
    spread = math.sqrt(phi * (now.value + base.value))
    chance = _tail(abs(now.value - usual), spread, variation.freedom)
    # The edges solve (x − usual)² = t² φ (x + base).
    wide = student_quantile(variation.freedom) ** 2 * phi
    middle, half = usual + wide / 2, math.sqrt(wide * wide / 4 + wide * (usual + base.value))
    return Outcome(max(0.0, middle - half), middle + half, chance)


def root_sides(now: Side, base: Side, variation: Variation) -> tuple[float, float, float]:
    """Return the cube roots of two sums' months in the mean, and the error of their difference.

    The root of a mean μ of k months has the standard error σ ÷ (3 √k μ^⅔), by the delta method.

    >>> sides = Side(0, 0, 3 * 125.0, 91, 3), Side(0, 0, 3 * 64.0, 91, 3)
    >>> first, second, error = root_sides(*sides, Variation(64.0, 96.0, 20, on_root=True))
    >>> round(first, 9), round(second, 9), round(error, 4)  # 96 ÷ (3 · 16) · √(2 ÷ 3)
    (5.0, 4.0, 1.633)
    """
    first, second = (math.cbrt(side.value / side.months) for side in (now, base))
    each = variation.sigma / (3 * math.cbrt(variation.mean) ** 2)
    return first, second, each * math.sqrt(1 / now.months + 1 / base.months)


def _root_test(now: Side, base: Side, variation: Variation) -> Outcome:
    """Return the test of two sums of skewed months, on the cube root of their means."""
    first, second, error = root_sides(now, base, variation)
    half = student_quantile(variation.freedom) * error
    low, high = ((max(0.0, second + way * half) ** 3) * now.months for way in (-1, 1))
    same = base.value / base.months * now.months  # a root and its cube may lose a last digit
    low, high = min(low, same), max(high, same)
    return Outcome(low, high, _tail(abs(first - second), error, variation.freedom))


def _tail(away: float, spread: float, freedom: int) -> float:
    """Return Student's two-sided tail; without any spread, all but nothing is beyond chance."""
    if spread > 0:
        return student_tail(away / spread, freedom)
    return 0.0 if away > 0 else 1.0
