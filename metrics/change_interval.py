"""Between which bounds does a change lie, as far as its cases and the months can tell?

The 95 % interval of a change that is shown: of shares in percentage points (Newcombe 1998, from
both Wilson intervals), of counts, rates and time in percent (on the log scale, the variance φ times
that of Poisson's, with φ from the series' own months), of money on the cube root. It is for the
reader of the number; the reading itself comes from `metrics.reading`.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from data.periods import month_number
from data.texts import text
from metrics.chance import Z95, student_quantile, wilson
from metrics.change_tests import (
    Side,
    Variation,
    days_of,
    is_counted,
    is_flow,
    is_rate,
    is_share,
    root_sides,
)
from metrics.cube import Cube, stand
from metrics.history import has_months, history_at, open_history
from metrics.matched import Side as MatchedSide
from metrics.matched import match, offset_months
from metrics.plan import Plan, make_plan
from metrics.reading import variation_of
from metrics.rounding import format_number, round_half_up
from metrics.spans import Spans
from metrics.windows import open_window

SAME = 1e-9
Interval = tuple[float, float]


def newcombe(a: float, n: float, b: float, m: float) -> Interval:
    """Return the 95 % interval of the difference of two shares, a/n less b/m.

    >>> [round(edge, 4) for edge in newcombe(56, 70, 48, 80)]  # as published by Newcombe
    [0.0524, 0.3339]
    """
    first, second = a / n, b / m
    (low, high), (low0, high0) = wilson(a, n), wilson(b, m)
    return (
        first - second - math.hypot(first - low, high0 - second),
        first - second + math.hypot(high - first, second - low0),
    )


def relative_interval(now: float, base: float, phi: float, quantile: float = Z95) -> Interval:
    """Return the interval of a change in percent of two sums whose variance is φ times themselves.

    >>> [round(edge, 1) for edge in relative_interval(120, 100, 1.0)]
    [-8.0, 56.5]
    """
    half = quantile * math.sqrt(phi * (1 / now + 1 / base))
    return (now / base * math.exp(-half) - 1) * 100, (now / base * math.exp(half) - 1) * 100


def change_interval(cube: Cube, row: Mapping[str, Any], basis: str = "now") -> Interval | None:
    """Return the 95 % interval of the change in a row of CHANGES, in its unit; None without one.

    Year on year or against the period before, in percentage points or percent. What stands on an
    earlier definition has none here, nor have survey scores: theirs are told with them.
    """
    offset = offset_months(row["comparator"], row["window"])
    is_yearly_mean = row["comparator"] == "two_year"
    if offset is None or is_yearly_mean or row["change"] is None:
        return None
    cube = stand(cube, basis)
    plan, units = make_plan(cube.catalog, row["indicator"]), [row["unit"]]
    asked = np.array([month_number(row["period"])])
    batch, (now, then), spans = open_window(cube, [plan], asked, row["window"], asked - offset)
    matched = match(batch, (now, spans[0]), (then, spans[1]), units)
    sides = (_side(matched.current, spans[0]), _side(matched.base, spans[1]))
    told = (row["compared_value"], row["base_value"])
    if any(
        abs(side.value - seen) > SAME * abs(seen) for side, seen in zip(sides, told, strict=True)
    ):
        return None
    variation = None
    if has_months([plan]):
        history = history_at(open_history(cube, [plan], units, asked), int(asked[0]))
        variation = variation_of(plan, history, (0, 0))
    return _interval(cube, plan, sides, variation, row["change_kind"])


def _side(part: MatchedSide, spans: Spans) -> Side:
    """Return one side of the comparison of one figure."""
    above, below, value = (
        float(x[0, 0, 0]) for x in (part.numerator, part.denominator, part.value)
    )
    return Side(above, below, value, float(days_of(spans)[0]), float(spans.months[0]))


def _interval(
    cube: Cube, plan: Plan, sides: tuple[Side, Side], variation: Variation | None, kind: str
) -> Interval | None:
    """Return the interval by what kind of figure it is."""
    now, base = sides
    if kind == "pp" and is_share(plan):
        return _of_shares(plan, now, base, variation)
    if kind != "pct" or min(now.value, base.value) <= 0:
        return None
    if variation is not None and variation.on_root and variation.mean > 0:
        return _of_roots(now, base, variation)
    if is_flow(plan) and variation is not None and variation.mean > 0:
        phi = variation.sigma**2 / variation.mean
        phi = max(1.0, phi) if is_counted(plan) else phi
        return relative_interval(now.value, base.value, phi, student_quantile(variation.freedom))
    if is_flow(plan) and is_counted(plan):
        return relative_interval(now.value, base.value, 1.0)
    if is_rate(cube.catalog, plan):
        low, high = relative_interval(now.part, base.part, 1.0)
        scale = (now.value / base.value) / (now.part / base.part)
        return (100 + low) * scale - 100, (100 + high) * scale - 100
    return None


def _of_roots(now: Side, base: Side, variation: Variation) -> Interval:
    """Return the interval of a change of sums of skewed months in percent, as their test has it."""
    first, second, error = root_sides(now, base, variation)
    half = student_quantile(variation.freedom) * error
    times = now.months / base.months
    low, high = (max(0.0, (first + way * half) / second) ** 3 * times for way in (-1, 1))
    return (low - 1) * 100, (high - 1) * 100


def _of_shares(plan: Plan, now: Side, base: Side, variation: Variation | None) -> Interval | None:
    """Return the interval of a difference of shares, wider where their months vary more."""
    if any(not 0 <= side.part <= side.whole or side.whole == 0 for side in (now, base)):
        return None
    exact = newcombe(now.part, now.whole, base.part, base.whole)
    low, high = (edge * plan.indicator.scale for edge in exact)
    if variation is None:
        return low, high
    spread = variation.sigma * math.sqrt(1 / now.months + 1 / base.months)
    half, change = student_quantile(variation.freedom) * spread, now.value - base.value
    return min(low, change - half), max(high, change + half)


def interval_words(interval: Interval | None, lang: str) -> list[str]:
    """Return the bounds of a change, in its own unit, as a part of a note; nothing without any.

    >>> interval_words((-0.92, 3.38), "en"), interval_words(None, "en")
    (['95%: −0.9 to +3.4'], [])
    """
    if interval is None:
        return []
    low, high = (format_number(round_half_up(edge, decimals=1), signed=True) for edge in interval)
    return [text("intervals.change", lang, low=low, high=high)]
