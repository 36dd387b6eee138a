"""How do festival months compare once the festival is taken into account? Four views, on demand.

`joined` puts January and February together, `two_year` does so and compares over two years;
`working_days` divides by official working days; `aligned` moves each month to an average position
of the festival by what past years show. Rows are FIGURES, or CHANGES where comparators are named.
"""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from data.definition_types import Calendar
from data.periods import (
    festival_window,
    format_period,
    has_festival,
    months_between,
    window_months,
)
from data.said import SpokenError
from data.schema import CHANGES, FIGURES
from metrics.compare import compare_figures
from metrics.cube import Cube
from metrics.festival import FESTIVAL_MONTHS, differs, working_days
from metrics.figures import compute_figures
from metrics.history import has_months
from metrics.plan import Plan, make_plan
from metrics.spring_effect import Effect, centred_shares, fit_effect
from metrics.structure import UNEQUAL

VIEWS = ("joined", "aligned", "working_days", "two_year")
SCALED = ("aligned", "working_days")  # views that change the figures themselves
YEARS = {"yoy": 1, "two_year": 2}


class ViewError(SpokenError):
    """The view does not exist for what was asked."""


@dataclass(frozen=True, slots=True)
class View:
    """The rows of a view, and what is to be said of them: keys of texts with their values.

    `half` is half the 95 % interval of the alignment in the change, by indicator, unit, period
    and comparator.
    """

    frame: pl.DataFrame
    said: tuple[tuple[str, dict[str, Any]], ...] = ()
    half: dict[tuple[str, str, dt.date, str], float] = field(default_factory=dict)


def festival_view(
    cube: Cube,
    indicators: Sequence[str],
    units: Sequence[str],
    periods: Sequence[dt.date],
    window: str,
    view: str,
    comparators: Sequence[str] = (),
    basis: str = "now",
) -> View:
    """Return a view of figures, or of their comparisons; what it cannot say it refuses in words.

    Of a year whose festival the calendar does not list, that is said.
    """
    calendar = cube.catalog.calendar
    if not has_festival(calendar):
        raise ViewError(key="festival.error.none")
    if view in SCALED:
        found = _scaled(cube, indicators, units, periods, window, view, comparators, basis)
    else:
        found = _unscaled(cube, indicators, units, periods, window, view, comparators, basis)
    return replace(found, said=(*found.said, *_unlisted(calendar, found.frame, view)))


def _unscaled(
    cube: Cube,
    indicators: Sequence[str],
    units: Sequence[str],
    periods: Sequence[dt.date],
    window: str,
    view: str,
    comparators: Sequence[str],
    basis: str,
) -> View:
    """Return January and February as one, with the other months as they are."""
    calendar = cube.catalog.calendar
    if window != "month":
        raise ViewError(key="festival.error.window", view=view, window=window)
    wanted = ("two_year",) if view == "two_year" and not comparators else tuple(comparators)
    frames = []
    for shown in ("month", "jan_feb"):
        asked = [p for p in _joined(periods) if festival_window("month", p, calendar) == shown]
        if asked and wanted:
            frames.append(compare_figures(cube, indicators, units, asked, shown, wanted, basis))
        elif asked:
            frames.append(compute_figures(cube, indicators, units, asked, shown))
    schema = CHANGES if wanted else FIGURES
    frame = pl.concat(frames) if frames else pl.DataFrame(schema=schema)
    return View(_in_order(frame, indicators, units, wanted), _marked(cube, frame, wanted))


def _joined(periods: Sequence[dt.date]) -> list[dt.date]:
    """Return the months asked, January and February as one: February."""
    return list(dict.fromkeys(p.replace(month=2) if p.month == 1 else p for p in periods))


def _in_order(
    frame: pl.DataFrame, indicators: Sequence[str], units: Sequence[str], wanted: Sequence[str]
) -> pl.DataFrame:
    """Return rows by indicator and unit as asked, then by period and comparator."""
    keys = [
        pl.col(name).replace_strict({w: i for i, w in enumerate(words)}, default=None)
        for name, words in (("indicator", indicators), ("unit", units))
    ]
    last = (
        [pl.col("comparator").replace_strict({w: i for i, w in enumerate(wanted)})]
        if wanted
        else []
    )
    return frame.sort(*keys, "period", *last, maintain_order=True)


def _marked(
    cube: Cube, frame: pl.DataFrame, wanted: Sequence[str]
) -> tuple[tuple[str, dict[str, Any]], ...]:
    """Return a word for each month whose festival lies otherwise than in its base."""
    said, calendar = [], cube.catalog.calendar
    bases = frame.select("period", "base_period").unique(maintain_order=True) if wanted else None
    for period, base in bases.drop_nulls().rows() if bases is not None else []:
        known = {period.year, base.year} <= set(calendar.festival_days)
        if period.month == 3 and known and differs(calendar, period, base):
            months = {"month": format_period(period), "base": format_period(base)}
            said.append(("festival.said.differs", months))
    return tuple(said)


def _unlisted(
    calendar: Calendar, frame: pl.DataFrame, view: str
) -> tuple[tuple[str, dict[str, Any]], ...]:
    """Return a word on the years of festival months that the calendar does not list."""
    days = [frame["period"]]
    days += [frame["base_period"]] if "base_period" in frame.columns else []
    months = pl.concat([day.drop_nulls() for day in days]).unique().sort()
    years = {day.year: None for day in months if day.month in FESTIVAL_MONTHS}
    unknown = [str(year) for year in years if year not in calendar.festival_days]
    if not unknown:
        return ()
    listed = sorted(calendar.festival_days)
    values = {"years": ", ".join(unknown), "listed": f"{listed[0]}–{listed[-1]}" if listed else "–"}
    return ((f"festival.unlisted.{view}", values),)


def _scaled(
    cube: Cube,
    indicators: Sequence[str],
    units: Sequence[str],
    periods: Sequence[dt.date],
    window: str,
    view: str,
    comparators: Sequence[str],
    basis: str,
) -> View:
    """Return a view that divides by working days or moves months to the festival's mean place."""
    for name in comparators:
        if name not in YEARS:
            raise ViewError(key="festival.error.comparator", view=view, comparator=name)
    for code in indicators:
        _check_kind(make_plan(cube.catalog, code), view)
    if view == "aligned" and window != "month":
        raise ViewError(key="festival.error.window", view=view, window=window)
    plain = _without_festival(cube)
    if not comparators:
        frame = compute_figures(plain, indicators, units, periods, window)
    else:
        frame = compare_figures(
            plain, indicators, units, periods, window, comparators, basis, readings=False
        )
    if view == "working_days":
        return _per_working_day(cube, frame)
    return _aligned(cube, frame)


def _check_kind(plan: Plan, view: str) -> None:
    """Refuse an indicator for which the view means nothing."""
    item = plan.indicator
    monthly = has_months([plan]) and not plan.comparator
    flows = all(i.is_flow and i.over_time == "sum" for i in plan.inputs)
    if view == "working_days" and not (monthly and flows and plan.shape == "sum"):
        raise ViewError(key="festival.error.working_days", indicator=item.code)
    if view == "aligned" and not (monthly and any(i.is_flow for i in plan.inputs)):
        raise ViewError(key="festival.error.aligned", indicator=item.code)


def _without_festival(cube: Cube) -> Cube:
    """Return the cube under a calendar that withholds no comparison: the view answers for it."""
    catalog = cube.catalog
    calendar = replace(catalog.calendar, festival="none")
    return replace(cube, catalog=replace(catalog, calendar=calendar))


def _per_working_day(cube: Cube, frame: pl.DataFrame) -> View:
    """Return counts per official working day; months of unknown years have no figure."""
    calendar, start = cube.catalog.calendar, cube.catalog.bureau.year_start
    unknown: dict[str, None] = {}

    def days(row: dict[str, Any], column: str) -> float | None:
        if row[column] is None:
            return None
        found = working_days(calendar, window_months(row["window"], row[column], start))
        if not found:
            unknown[format_period(row[column])] = None
        return float(found) if found else None

    rows = []
    for row in frame.iter_rows(named=True):
        now = days(row, "period")
        row["denominator"] = now
        row["value"] = _over(row["numerator"], now)
        if "change" in row:
            before = days(row, "base_period")
            row["compared_value"] = _over(row["compared_value"], now)
            row["base_value"] = _over(row["base_value"], before)
            _compare_again(row)
        row["status"] = "missing" if row["value"] is None else row["status"]
        rows.append(row)
    said = [("festival.said.unknown", {"months": ", ".join(unknown)})] if unknown else []
    return View(_frame(rows, frame), tuple(said))


def _over(value: float | None, days: float | None) -> float | None:
    return None if value is None or days is None else value / days


def _aligned(cube: Cube, frame: pl.DataFrame) -> View:
    """Return months moved to the mean place of the festival, as far as past years tell its push."""
    rows: list[dict[str, Any]] = []
    half: dict[tuple[str, str, dt.date, str], float] = {}
    silent: dict[str, None] = {}
    effects: dict[tuple[str, str], Effect | None] = {}
    last = frame["period"].max()
    for row in frame.iter_rows(named=True):
        key = (row["indicator"], row["unit"])
        if row["period"].month in FESTIVAL_MONTHS:
            if key not in effects:
                effects[key] = effect_of(cube, *key, last)  # type: ignore[arg-type]
            effect = effects[key]
            if effect is None:
                silent[format_period(row["period"])] = None
            width = _move(cube, row, effect)
            if width is not None:
                half[(*key, row["period"], row["comparator"])] = width
        rows.append(row)
    said = [("festival.said.short", {"months": ", ".join(silent)})] if silent else []
    return View(_frame(rows, frame), tuple(said), half)


def effect_of(cube: Cube, code: str, unit: str, last: dt.date) -> Effect | None:
    """Return what the festival does to a series, judged by its years up to the last month asked.

    Each month stands against the same month a year before on the leaves that are complete on both
    sides, never across a change of definition or of borders. One effect serves all rows of an
    answer.
    """
    months = months_between(dt.date(cube.first // 12, 1, 1), last)
    asked = [month for month in months if month.month in FESTIVAL_MONTHS]
    if not asked:
        return None
    plain = _without_festival(cube)
    rows = compare_figures(plain, [code], [unit], asked, "month", ("yoy",), readings=False)
    pairs = {
        row["period"]: (row["compared_value"], row["base_value"])
        for row in rows.iter_rows(named=True)
        if None not in (row["compared_value"], row["base_value"]) and row["note"] not in UNEQUAL
    }
    is_log = make_plan(cube.catalog, code).shape == "sum"
    return fit_effect(pairs, cube.catalog.calendar, is_log)


def _move(cube: Cube, row: dict[str, Any], effect: Effect | None) -> float | None:
    """Move a row's figures to the mean place of the festival; return half the interval of it."""
    calendar = cube.catalog.calendar
    sides = [("period", ("value", "numerator")), ("period", ("compared_value",))]
    sides.append(("base_period", ("base_value",)))
    for column, names in sides:
        for name in names:
            if name not in row or row[name] is None:
                continue
            if effect is None or row.get(column) is None:
                row[name] = None
            elif effect.is_log:
                row[name] *= math.exp(-effect.push(centred_shares(calendar, row[column])))
            elif name != "numerator":
                row[name] -= effect.push(centred_shares(calendar, row[column]))
    row["status"] = "missing" if row["value"] is None else "estimated"
    if "change" not in row:
        return None
    _compare_again(row)
    if effect is None:
        row["note"] = "festival"
    if effect is None or row["change"] is None or row["base_period"] is None:
        return None
    shift = centred_shares(calendar, row["period"]) - centred_shares(calendar, row["base_period"])
    width = effect.half_width(shift)
    if effect.is_log and row["change_kind"] == "pct":
        width *= 100 + row["change"]
    return width / YEARS[row["comparator"]]


def _compare_again(row: dict[str, Any]) -> None:
    """Write the change of figures that a view has scaled, of the kind that it had."""
    now, then, years = row["compared_value"], row["base_value"], YEARS[row["comparator"]]
    row["reading"], row["lower"], row["upper"] = "none", None, None
    if row["change"] is None:
        return
    if now is None or then is None or (row["change_kind"] == "pct" and then <= 0):
        row["change"], row["change_kind"] = None, "none"
    elif row["change_kind"] == "pct":
        row["change"] = (now / then if years == 1 else math.sqrt(now / then)) * 100 - 100
    elif row["change_kind"] == "abs":
        row["change"] = now - then
    else:
        row["change"] = (now - then) / years


def _frame(rows: list[dict[str, Any]], like: pl.DataFrame) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=like.schema)
