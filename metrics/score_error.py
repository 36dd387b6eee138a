"""How far may an item's value be chance, so that a score has an interval?

A parametric bootstrap. What was counted is drawn anew: counts as Poisson, parts of a whole as
binomial, survey means with the largest variance their range allows (no SD is filed for them),
amounts, hours and minutes with the variance of the unit's own months. Stocks that the bureau
decides itself (posts, staff) have no chance in them. The seed is made of the scheme, the round,
the item and the unit, so the same round always gives the same intervals and no unit's interval
hangs on who else is scored.

Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapter 6.
"""

import datetime as dt
import zlib
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from data.definition_types import Catalog, Indicator
from data.periods import add_months, window_length
from metrics.breaks import one_definition
from metrics.cube import Cube
from metrics.plan import make_plan
from metrics.round_figures import Hide, round_figures
from metrics.windows import month_numbers

Array = NDArray[np.float64]
DRAWS = 1000
HISTORY = 12
COUNTED = {"count", "person"}


@dataclass(frozen=True, slots=True)
class Parts:
    """One item's figures, one place a unit.

    `spread` is the variance of the numerator over the window where it is not a count.
    """

    numerator: Array
    denominator: Array
    value: Array
    spread: Array


def noise_of(indicator: Indicator, catalog: Catalog) -> str:
    """Return the kind of chance in an indicator: count, share, survey, months or none."""
    if indicator.weighted_by or indicator.kind == "index":
        return "survey"
    inputs = [catalog.measures[c] for c in indicator.numerator if c in catalog.measures]
    if indicator.is_measure:
        inputs = [catalog.measures[indicator.code]]
    if not inputs:
        return "none"
    if all(measure.kind == "stock" and measure.value_type == "person" for measure in inputs):
        return "none"
    if all(measure.value_type in COUNTED for measure in inputs):
        is_share = indicator.kind == "ratio" and indicator.scale == 100
        return "share" if is_share else "count"
    return "months"


def draw_values(
    parts: Parts, indicator: Indicator, catalog: Catalog, names: list[str], draws: int = DRAWS
) -> Array:
    """Return drawn values, a row for each unit; a unit without a value stays missing.

    Args:
        parts: The figures of the units.
        indicator: The item's indicator.
        catalog: Definitions.
        names: One text a unit that makes its seed.
        draws: How many draws.
    """
    kind = noise_of(indicator, catalog)
    drawn = np.repeat(parts.value[:, None], draws, axis=1)
    if kind == "none":
        return drawn
    for unit, name in enumerate(names):
        if np.isnan(parts.value[unit]):
            continue
        rng = np.random.default_rng(zlib.crc32(name.encode()))
        numbers = (parts.numerator[unit], parts.denominator[unit], parts.value[unit])
        drawn[unit] = _draw(rng, kind, indicator, numbers, parts.spread[unit], draws)
    return drawn


def _draw(
    rng: np.random.Generator,
    kind: str,
    indicator: Indicator,
    numbers: tuple[float, float, float],
    spread: float,
    draws: int,
) -> Array:
    """Return the draws of one unit's value."""
    numerator, denominator, value = numbers
    if kind == "survey":
        if not denominator > 0:
            return np.full(draws, value)
        room = max(value * (100 - value), 0)
        return np.clip(rng.normal(value, np.sqrt(room / denominator), draws), 0, 100)
    if np.isnan(numerator):
        numerator = value
    if kind == "share" and 0 <= numerator <= denominator:
        whole = max(round(denominator), 1)
        return indicator.scale * rng.binomial(whole, numerator / denominator, draws) / whole
    top = _draw_sum(rng, kind, numerator, spread, draws)
    if indicator.kind == "yoy":
        bottom = _draw_sum(rng, kind, denominator, spread, draws)
        bottom = np.where(bottom > 0, bottom, denominator)
        return indicator.scale * (top - bottom) / bottom
    if np.isnan(denominator):
        return top
    return indicator.scale * top / denominator if denominator else np.full(draws, value)


def _draw_sum(
    rng: np.random.Generator, kind: str, total: float, spread: float, draws: int
) -> Array:
    """Return draws of a sum: Poisson for counts, else normal with the spread of the months."""
    if kind in ("count", "share"):
        return rng.poisson(max(total, 0), draws).astype(float)
    deviation = np.sqrt(spread) if spread > 0 else 0.0
    return np.maximum(rng.normal(total, deviation, draws), 0)


def window_spread(
    cube: Cube,
    catalog: Catalog,
    indicator: Indicator,
    units: list[str],
    period: dt.date,
    window: str,
    hide: Hide | None = None,
) -> Array:
    """Return the variance of the numerator over a window, from the last twelve months.

    For a ratio it is that of numerator - ratio x denominator, month by month, so that a busy month
    does not count as chance. Months are taken as independent: k months have k times the variance.
    """
    if noise_of(indicator, catalog) != "months" or "month" not in indicator.windows:
        return np.zeros(len(units))
    months = [add_months(period, -back) for back in range(HISTORY)]
    figures = round_figures(cube, indicator.code, units, months, "month", hide)
    wide = {
        name: figures.pivot(on="period", index="unit", values=name)
        .sort(pl.col("unit").replace_strict({u: i for i, u in enumerate(units)}))
        .drop("unit")
        .to_numpy()
        .astype(float)
        for name in ("numerator", "denominator")
    }
    top, bottom = wide["numerator"], wide["denominator"]
    plan = make_plan(catalog, indicator.code)
    same = one_definition(cube, plan, units, month_numbers(months), "month", at=0)
    if same is not None:  # months of an earlier definition tell nothing of chance
        top, bottom = np.where(same, top, np.nan), np.where(same, bottom, np.nan)
    if indicator.kind == "yoy" or np.isnan(bottom).all():
        residual = top - _mean(top)
    else:
        whole = np.nansum(bottom, axis=1)
        ratio = np.nansum(top, axis=1) / np.where(whole, whole, 1)
        residual = top - ratio[:, None] * bottom
    known = (~np.isnan(residual)).sum(axis=1)
    squares = np.nansum((residual - _mean(residual)) ** 2, axis=1)
    variance = np.where(known > 1, squares / np.maximum(known - 1, 1), 0.0)
    return variance * window_length(window, period, catalog.bureau.year_start)


def _mean(rows: Array) -> Array:
    """Return the mean of each row as a column, missing months left out."""
    known = (~np.isnan(rows)).sum(axis=1, keepdims=True)
    return np.nansum(rows, axis=1, keepdims=True) / np.maximum(known, 1)
