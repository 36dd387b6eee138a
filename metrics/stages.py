"""How much money stands at each stage, how much of one reached the next, and how much later?

Stages are different things and never added. A rate pools twelve months, because what is returned
this year may have been seized last year; how much that timing matters is shown by the same rate
with the earlier stage taken up to `longest_lag` months before.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from data.definition_types import Catalog, Chain, Indicator, StageShare
from data.periods import SPAN, add_months, months_between
from metrics.cube import Cube
from metrics.figures import compute_figures
from metrics.lag import Lag, tell_lag

Row = dict[str, Any]
Hide = Callable[[pl.DataFrame], pl.DataFrame]
SERIES_MONTHS = 60
WHOLE = 100.0
YEAR = 12
#: Notes with which a rate is printed; with any other only its parts.
PRINTED = ("none", "over_whole", "over_all")


@dataclass(frozen=True, slots=True)
class StageRate:
    """One rate of a chain: `figure` now, `before` a year earlier (rows of FIGURES).

    `low` and `high` are the rate over all lags that could be computed, `low_lag` and `high_lag`
    the lags at which it is so. `note` is missing, zero_base, negative (an amount below nought),
    small_base, over_whole, over_all (so are all `months` on record) or none; `earlier` is the
    earlier stage in the twelve months before the window, which may explain more than the whole.
    """

    rate: StageShare
    figure: Row
    before: Row
    low: float | None
    high: float | None
    low_lag: int | None
    high_lag: int | None
    lag: Lag
    note: str
    note_before: str
    months: int
    earlier: float | None


@dataclass(frozen=True, slots=True)
class Stages:
    """A chain at one unit and period: each stage's amount now and a year before, and the rates."""

    chain: Chain
    window: str
    amounts: tuple[tuple[Row, Row], ...]
    rates: tuple[StageRate, ...]


def window_of(catalog: Catalog, chain: Chain) -> str:
    """Return the window of a chain: twelve months, or the year where amounts come once a year."""
    return "year" if catalog.measures[chain.stages[0]].frequency == "A" else "rolling12"


def read_stages(
    cube: Cube, chain: Chain, unit: str, period: dt.date, hide: Hide | None = None
) -> Stages:
    """Return the stages of a chain for a unit in the twelve months that end with a period."""
    hide = hide or (lambda rows: rows)
    window = window_of(cube.catalog, chain)
    year_ago = add_months(period, -12)
    found = hide(compute_figures(cube, chain.measures, [unit], [year_ago, period], window))
    by_code = {(row["indicator"], row["period"]): row for row in found.to_dicts()}
    amounts = tuple((by_code[code, period], by_code[code, year_ago]) for code in chain.measures)
    amount = {now["indicator"]: (now, before) for now, before in amounts}
    series = monthly_amounts(cube, chain, unit, period, hide)
    rates = tuple(
        _rate(cube, chain, rate, unit, period, window, amount, series) for rate in chain.rates
    )
    return Stages(chain, window, amounts, rates)


def monthly_amounts(
    cube: Cube, chain: Chain, unit: str, period: dt.date, hide: Hide, months: int = SERIES_MONTHS
) -> pl.DataFrame:
    """Return each stage by month on the chain's own frequency: measure, period, value, partial."""
    step = SPAN[cube.catalog.measures[chain.stages[0]].frequency]
    periods = months_between(add_months(period, 1 - months), period)
    window = {1: "month", 3: "quarter", 6: "half", 12: "year"}[step]
    rows = hide(compute_figures(cube, chain.measures, [unit], periods, window))
    return rows.select(
        pl.col("indicator").alias("measure"),
        "period",
        pl.when(pl.col("suppressed")).then(None).otherwise("value").alias("value"),
        partial=pl.col("reported") < pl.col("due"),
    )


def running_amounts(
    cube: Cube, chain: Chain, unit: str, period: dt.date, hide: Hide, months: int = 36
) -> pl.DataFrame:
    """Return each stage's sum of the window that ends with each period: stage, period, value."""
    step = SPAN[cube.catalog.measures[chain.stages[0]].frequency]
    months = max(months, SERIES_MONTHS) if step > 1 else months
    periods = months_between(add_months(period, 1 - months), period)[step - 1 :: step]
    window = window_of(cube.catalog, chain)
    rows = hide(compute_figures(cube, chain.stages, [unit], periods, window))
    value = pl.when(pl.col("suppressed")).then(None).otherwise("value")
    return rows.select(pl.col("indicator").alias("stage"), "period", value=value)


def _rate(
    cube: Cube,
    chain: Chain,
    rate: StageShare,
    unit: str,
    period: dt.date,
    window: str,
    amount: dict[str, tuple[Row, Row]],
    series: pl.DataFrame,
) -> StageRate:
    """Return one rate with its range over the lags."""
    step = SPAN[cube.catalog.measures[rate.of].frequency]
    lags = range(0, chain.longest_lag + 1, step)
    asked, codes = with_lags(cube, rate, lags, window)
    periods = [add_months(period, -12), period]
    rows = compute_figures(asked, codes, [unit], periods, window).to_dicts()
    before, figure = rows[0], rows[1]
    least = cube.catalog.measures[rate.of].minimum_base
    blank = {"value": None, "numerator": None, "denominator": None}
    sides = (amount[rate.part], amount[rate.of])
    is_hidden, was_hidden = (any(side[at]["suppressed"] for side in sides) for at in (0, 1))
    if is_hidden:
        figure = figure | blank
    if was_hidden:
        before = before | blank
    if is_hidden or was_hidden:  # the lags reach into the year before
        rows = []
    now = [row for row in rows if row["period"] == period]
    sure = [
        (row["value"], lag)
        for row, lag in zip(now, lags, strict=False)
        if note_of(row, least) in PRINTED
    ]
    low, high = (min(sure), max(sure)) if sure else ((None, None), (None, None))
    values = {
        code: series.filter(pl.col("measure") == code, ~pl.col("partial"))
        for code in (rate.part, rate.of)
    }
    before_months, months = (_on_axis(values[code], period) for code in (rate.of, rate.part))
    lag = Lag("none", 0)
    if not is_hidden and not was_hidden:
        lag = tell_lag(before_months, months, chain.longest_lag, step)
    earlier = amount[rate.of][1]["value"]
    note = note_of(figure, least)
    record = _months_over(series, rate, step)
    if note == "over_whole" and record > YEAR:
        note = "over_all"
    return StageRate(
        rate, figure, before, low[0], high[0], low[1], high[1], lag, note,
        note_of(before, least), record, earlier,
    )  # fmt: skip


def _months_over(series: pl.DataFrame, rate: StageShare, step: int) -> int:
    """Return in how many months the later stage holds more than the earlier, all taken together.

    All months of the series in which both are known; 0 where together there is no more of it.
    """
    known = series.drop_nulls("value").pivot("measure", index="period", values="value")
    if not {rate.part, rate.of} <= set(known.columns):
        return 0
    both = known.select(rate.part, rate.of).drop_nulls()
    part, of = both.sum().row(0)
    return both.height * step if part > of else 0


def note_of(figure: Row, least: float) -> str:
    """Return what is to be known of a rate: missing, zero_base, negative, small_base, over_whole.

    >>> note_of({"value": 120.0, "numerator": 72.0, "denominator": 60.0}, 50)
    'over_whole'
    >>> note_of({"value": None, "numerator": 72.0, "denominator": 0.0}, 50)
    'zero_base'
    >>> note_of({"value": 100.0, "numerator": 50.0, "denominator": 50.0}, 50)
    'none'
    """
    part, whole = figure["numerator"], figure["denominator"]
    if part is None or whole is None:
        return "missing"
    if part < 0 or whole < 0:
        return "negative"
    if whole == 0:
        return "zero_base"
    if whole < least:
        return "small_base"
    return "over_whole" if figure["value"] > WHOLE else "none"


def with_lags(
    cube: Cube, rate: StageShare, lags: Sequence[int], window: str
) -> tuple[Cube, list[str]]:
    """Return a cube whose catalogue also knows a rate with its denominator at each lag."""
    catalog = cube.catalog
    model = catalog.indicators[rate.part]
    made = {f"{rate.part}/{rate.of}/{lag}": _indicator(model, rate, lag, window) for lag in lags}
    named = {code: replace(item, code=code) for code, item in made.items()}
    wider = replace(catalog, indicators={**catalog.indicators, **named})
    return replace(cube, catalog=wider), list(named)


def _indicator(model: Indicator, rate: StageShare, lag: int, window: str) -> Indicator:
    """Return a rate as an indicator that the kernel computes like any other."""
    return replace(
        model,
        kind="ratio",
        numerator=(rate.part,),
        denominator=(rate.of,),
        scale=WHOLE,
        windows=(window,),
        is_measure=False,
        targets=(),
        ago=lag,
    )


def _on_axis(rows: pl.DataFrame, period: dt.date) -> np.ndarray:
    """Return a stage's amounts by month up to a period, NaN where none is known."""
    months = months_between(add_months(period, 1 - SERIES_MONTHS), period)
    axis = pl.DataFrame({"period": months}, schema={"period": pl.Date})
    values = axis.join(rows, on="period", how="left", maintain_order="left")["value"]
    return values.cast(pl.Float64).to_numpy(writable=True)
