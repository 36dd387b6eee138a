"""How does a rate of a period stand beside the fate of the cases recorded in it?

A clearance rate of a period divides what was cleared in it, old cases too, by what was recorded in
it: it may pass 100 % and moves with the backlog. A cohort rate follows the cases of one month and
asks how many were cleared so many months later; a cohort that is younger is not compared.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from data.definition_types import Catalog
from data.periods import add_months, months_between
from metrics.compare import compare_figures
from metrics.cube import Cube
from metrics.figures import compute_figures

Row = dict[str, Any]
Hide = Callable[[pl.DataFrame], pl.DataFrame]
WINDOW = "rolling12"
MONTHS = 36
QUARTER = 3
QUARTERS = 8
UNTOLD = ("none", "short_history")


@dataclass(frozen=True, slots=True)
class Age:
    """One cohort at one age: `ready` is the month in which it is old enough.

    `value` is null where it is too young (`is_young`) or not filed.
    """

    ago: int
    ready: dt.date
    is_young: bool
    numerator: float | None
    denominator: float | None
    value: float | None


@dataclass(frozen=True, slots=True)
class Cohort:
    """The cases recorded in some months, at each age."""

    first: dt.date
    last: dt.date
    ages: tuple[Age, ...]


@dataclass(frozen=True, slots=True)
class Twins:
    """The rate of the period, its share of earlier cases, the cohort rates (CHANGES, on last year).

    `series` has `indicator, period, value, window` of the rates over time; `cohorts` are quarters
    of cases, oldest first. `parting` is apart where one rate moved and the other did not, or the
    other way; same, or untold.
    """

    rate: Row
    share: Row | None
    cohort_rates: tuple[Row, ...]
    series: pl.DataFrame
    cohorts: tuple[Cohort, ...]
    parting: str

    @property
    def is_filed(self) -> bool:
        """Return whether any cohort was filed at all."""
        return any(row["value"] is not None for row in self.cohort_rates)


def twin_of(catalog: Catalog, code: str) -> str:
    """Return the rate of a period beside which an indicator is read, itself or another.

    Empty where there is none with a cohort beside it.
    """
    for item in catalog.indicators.values():
        if code in (item.code, *item.beside) and cohorts_beside(catalog, item.code):
            return item.code
    return ""


def cohorts_beside(catalog: Catalog, code: str) -> tuple[str, ...]:
    """Return the cohort rates beside a rate, the youngest age first."""
    found = [other for other in catalog.indicators[code].beside if catalog.indicators[other].ago]
    return tuple(sorted(found, key=lambda other: catalog.indicators[other].ago))


def share_beside(catalog: Catalog, code: str) -> str:
    """Return the indicator that says which share of a rate's numerator is of earlier cases."""
    item = catalog.indicators[code]
    fits = [o for o in item.beside if catalog.indicators[o].denominator == item.numerator]
    return fits[0] if fits else ""


def read_twins(
    cube: Cube, code: str, unit: str, period: dt.date, basis: str, hide: Hide | None = None
) -> Twins:
    """Return a rate with what stands beside it, in the twelve months that end with a period."""
    hide = hide or (lambda rows: rows)
    catalog = cube.catalog
    ages, share = cohorts_beside(catalog, code), share_beside(catalog, code)
    codes = [code, *([share] if share else []), *ages]
    rows = hide(compare_figures(cube, codes, [unit], [period], WINDOW, ("yoy",), basis)).to_dicts()
    by_code = {row["indicator"]: row for row in rows}
    rates = tuple(by_code[age] for age in ages)
    return Twins(
        rate=by_code[code],
        share=by_code.get(share),
        cohort_rates=rates,
        series=_series(cube, [code, *ages], unit, period, hide),
        cohorts=read_cohorts(cube, ages, unit, period, hide),
        parting=parting_of(by_code[code], rates),
    )


def parting_of(rate: Row, cohorts: Sequence[Row]) -> str:
    """Return whether the rate of the period and the oldest cohort moved the same way.

    >>> parting_of({"reading": "up"}, [{"reading": "not_significant"}])
    'apart_up'
    """
    told = [row for row in cohorts if row["reading"] not in UNTOLD]
    if rate["reading"] in UNTOLD or not told:
        return "untold"
    if rate["reading"] == told[-1]["reading"]:
        return "same" if rate["reading"] != "not_significant" else "steady"
    return f"apart_{rate['reading'] if rate['reading'] in ('up', 'down') else 'still'}"


def _series(
    cube: Cube, codes: Sequence[str], unit: str, period: dt.date, hide: Hide
) -> pl.DataFrame:
    """Return the rates by month; as twelve months together where a month has too few cases."""
    periods = months_between(add_months(period, 1 - MONTHS), period)
    least = cube.catalog.indicators[codes[0]].minimum_base
    rows = hide(compute_figures(cube, codes, [unit], periods, "month"))
    recent = rows.filter(pl.col("period") > add_months(period, -12), indicator=codes[0])
    if (recent["denominator"].fill_null(0) < least).any():
        rows = hide(compute_figures(cube, codes, [unit], periods, WINDOW))
    shown = pl.when(pl.col("suppressed")).then(None).otherwise("value")
    return rows.select("indicator", "period", "window", value=shown)


def read_cohorts(
    cube: Cube, codes: Sequence[str], unit: str, period: dt.date, hide: Hide
) -> tuple[Cohort, ...]:
    """Return the last quarters of cases at each age, oldest first.

    Months are pooled, then divided; where one of them was not filed the quarter has no value.
    """
    catalog = cube.catalog
    start = catalog.bureau.year_start
    end = add_months(period, -((period.month - start + 1) % QUARTER))
    ends = [add_months(end, -QUARTER * back) for back in range(QUARTERS - 1, -1, -1)]
    first = add_months(ends[0], 1 - QUARTER)
    months = months_between(first, period)
    rows = hide(compute_figures(cube, list(codes), [unit], months, "month")).to_dicts()
    known = {(row["indicator"], row["period"]): row for row in rows}
    found = []
    for last in ends:
        born = months_between(add_months(last, 1 - QUARTER), last)
        ages = tuple(
            _age(known, code, catalog.indicators[code].ago, born, period) for code in codes
        )
        found.append(Cohort(born[0], last, ages))
    return tuple(found)


def _age(
    known: dict[tuple[str, dt.date], Row],
    code: str,
    ago: int,
    born: Sequence[dt.date],
    period: dt.date,
) -> Age:
    """Return the cases of some months at one age, told by the returns of so many months later."""
    ready = add_months(born[-1], ago)
    told = [known.get((code, add_months(month, ago))) for month in born]
    # A month without a case has no rate, and does not take that of its quarter away.
    rows = [
        row
        for row in told
        if row is not None and None not in (row["numerator"], row["denominator"])
    ]
    if ready > period or len(rows) < len(born) or any(row["suppressed"] for row in rows):
        return Age(ago, ready, ready > period, None, None, None)
    numerator = sum(row["numerator"] for row in rows)
    denominator = sum(row["denominator"] for row in rows)
    value = 100 * numerator / denominator if denominator else None
    return Age(ago, ready, False, numerator, denominator, value)
