"""How do units stand beside each other on one indicator, without a league table?"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from metrics.breaks import one_definition
from metrics.chance import wilson
from metrics.compare import compare_figures
from metrics.cube import Cube
from metrics.funnel import funnel_curve, judge_funnel
from metrics.plan import make_plan
from metrics.series import read_series
from metrics.structure import was_there
from metrics.windows import month_numbers, spans_of

Row = dict[str, Any]
Hide = Callable[[pl.DataFrame], pl.DataFrame]
COMPARATORS = ("yoy", "two_year", "mom", "target", "peers")
LEAST_UNITS = 3


@dataclass(frozen=True, slots=True)
class Funnel:
    """A funnel on the scale of the indicator: centre, φ, limits by size, a verdict by unit."""

    centre: float
    phi: float
    curve: pl.DataFrame
    verdicts: dict[str, str]


@dataclass(frozen=True, slots=True)
class Side:
    """One unit beside the others: its figure, each comparison, its standing, an interval."""

    unit: str
    figure: Row
    changes: dict[str, Row]
    standing: Row | None
    interval: tuple[float, float] | None
    verdict: str


@dataclass(frozen=True, slots=True)
class Sides:
    """The whole first, then the units in official order; a funnel where the figure is a share."""

    whole: Side
    units: tuple[Side, ...]
    funnel: Funnel | None


def read_sides(
    cube: Cube,
    indicator: str,
    whole: str,
    units: Sequence[str],
    period: dt.date,
    window: str,
    basis: str,
    hide: Hide,
) -> Sides:
    """Return the units beside each other with every comparison; hidden figures say nothing."""
    asked = ([indicator], [whole, *units], [period], window)
    wanted = [c for c in COMPARATORS if c != "mom" or window in ("month", "quarter", "half")]
    rows = hide(compare_figures(cube, *asked, wanted, basis, readings=False)).to_dicts()
    standing = {
        row["unit"]: row
        for row in read_series(cube, [indicator], [whole, *units], period, window).to_dicts()
    }
    changes: dict[str, dict[str, Row]] = {}
    for row in rows:
        changes.setdefault(row["unit"], {})[row["comparator"]] = row
    plan, asked_at = make_plan(cube.catalog, indicator), month_numbers([period])
    same = one_definition(cube, plan, units, asked_at, window)
    whole_time = was_there(cube, plan, units, spans_of(cube, [plan], asked_at, window))
    alike = [
        unit
        for at, unit in enumerate(units)
        if (same is None or same[at, 0]) and (whole_time is None or whole_time[at, 0])
    ]
    funnel = _funnel(cube, indicator, [changes[u]["yoy"] for u in alike])
    sides = [
        _side(cube, indicator, unit, changes[unit], standing.get(unit), funnel)
        for unit in (whole, *units)
    ]
    return Sides(sides[0], tuple(sides[1:]), funnel)


def _side(
    cube: Cube,
    indicator: str,
    unit: str,
    changes: dict[str, Row],
    standing: Row | None,
    funnel: Funnel | None,
) -> Side:
    """Return one unit with its interval and verdict."""
    figure = changes["yoy"]
    item = cube.catalog.indicators[indicator]
    part, size = figure["numerator"], figure["denominator"]
    interval = None
    if funnel and part is not None and size and part <= size and size >= item.minimum_base:
        low, high = wilson(part, size)
        interval = (low * item.scale, high * item.scale)
    hidden = bool(figure["suppressed"])
    verdict = funnel.verdicts.get(unit, "") if funnel else ""
    return Side(unit, figure, changes, None if hidden else standing, interval, verdict)


def _funnel(cube: Cube, indicator: str, rows: Sequence[Row]) -> Funnel | None:
    """Return the funnel of a share or rate of cases; None for other figures or too few units."""
    item = cube.catalog.indicators[indicator]
    if item.kind != "ratio" or item.value_type in ("money", "minutes", "hours"):
        return None
    points = pl.DataFrame(
        {name: [row[name] for row in rows] for name in ("unit", "numerator", "denominator")},
        schema={"unit": pl.String, "numerator": pl.Float64, "denominator": pl.Float64},
    )
    judged, centre, phi, proportion = judge_funnel(points, item.minimum_base)
    known = judged.filter(pl.col("verdict") != "small")
    if known.height < LEAST_UNITS or not centre > 0 or (proportion and centre >= 1):
        return None
    largest = float(known["denominator"].max())  # type: ignore[arg-type]
    curve = funnel_curve(centre, phi, proportion, largest * 1.05)
    limits = [name for name in curve.columns if name != "size"]
    curve = curve.with_columns(pl.col(limits) * item.scale)
    verdicts = dict(judged.select("unit", "verdict").iter_rows())
    return Funnel(centre * item.scale, phi, curve, verdicts)
