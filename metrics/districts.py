"""How do units stand beside each other on one indicator, without a league table?"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from metrics.breaks import one_definition
from metrics.compare import compare_figures
from metrics.cube import Cube
from metrics.funnel import funnel_curve, interval, judge_funnel, kind_of
from metrics.funnel_tail import SHARE
from metrics.plan import Plan, make_plan
from metrics.series import as_shown, read_series
from metrics.structure import was_there
from metrics.windows import month_numbers, spans_of

Row = dict[str, Any]
Hide = Callable[[pl.DataFrame], pl.DataFrame]
COMPARATORS = ("yoy", "two_year", "mom", "target", "peers")
#: Verdicts of units beyond the limits that decide, of the whole chart.
BEYOND = ("high", "low")
#: Those set apart are exceptions: where more than this part of the units is, none is.
MOST_BEYOND = 1 / 3


@dataclass(frozen=True, slots=True)
class Funnel:
    """A funnel on the scale of the indicator: its kind, that scale, centre, φ, limits, verdicts.

    `verdicts` (as of `metrics.funnel.Judged`) are widened where units differ by more than chance;
    `plain` those of chance alone, of all units judged.
    """

    kind: str
    scale: float
    centre: float
    phi: float
    curve: pl.DataFrame
    verdicts: dict[str, str]
    plain: dict[str, str]

    @property
    def is_widened(self) -> bool:
        """Whether units differ by more than chance, so that the limits are widened."""
        return self.phi > 1

    @property
    def times(self) -> float:
        """How many times as far apart as chance alone puts them the units lie."""
        return self.phi**0.5

    @property
    def is_mixed(self) -> bool:
        """Whether so many are beyond widened limits that no level is the usual one of units."""
        return self.is_widened and self.outside() > len(self.plain) * MOST_BEYOND

    def is_apart(self, verdict: str) -> bool:
        """Return whether a verdict sets a unit apart from the others."""
        return not self.is_mixed and verdict in BEYOND

    def outside(self, *, plain: bool = False) -> int:
        """Return how many units are beyond the limits that decide, widened or of chance alone."""
        found = self.plain if plain else self.verdicts
        return sum(verdict in BEYOND for verdict in found.values())


@dataclass(frozen=True, slots=True)
class Side:
    """One unit beside the others: its figure, each comparison, its standing, an interval."""

    unit: str
    figure: Row
    changes: dict[str, Row]
    standing: Row | None
    interval: tuple[float, float] | None
    verdict: str
    is_apart: bool = False


@dataclass(frozen=True, slots=True)
class Sides:
    """The whole first, then the units in official order; a funnel where the figure is a share."""

    whole: Side
    units: tuple[Side, ...]
    funnel: Funnel | None

    @property
    def has_ranges(self) -> bool:
        """Whether any unit has a usual range of its own to stand on."""
        return any(s.standing and s.standing.get("lower") is not None for s in self.units)


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
    raw = compare_figures(cube, *asked, wanted, basis, readings=False)
    shown = hide(raw)
    series = read_series(cube, [indicator], [whole, *units], period, window)
    series = as_shown(series, raw, shown)
    rows, standing = shown.to_dicts(), {row["unit"]: row for row in series.to_dicts()}
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
    funnel = _funnel(cube, plan, [changes[u]["yoy"] for u in alike])
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
    low_high = None
    is_told = part is not None and size is not None and size >= max(item.minimum_base, 1)
    if funnel is not None and is_told and (funnel.kind != SHARE or part <= size):
        low, high = interval(part, size, funnel.kind)
        low_high = (low * funnel.scale, high * funnel.scale)
    hidden = bool(figure["suppressed"])
    verdict = funnel.verdicts.get(unit, "") if funnel else ""
    is_apart = funnel is not None and funnel.is_apart(verdict)
    return Side(unit, figure, changes, None if hidden else standing, low_high, verdict, is_apart)


def _funnel(cube: Cube, plan: Plan, rows: Sequence[Row]) -> Funnel | None:
    """Return the funnel of a share or rate of cases; None for other figures or too few units."""
    kind, item = kind_of(cube, plan), plan.indicator
    if kind is None:
        return None
    points = pl.DataFrame(
        {name: [row[name] for row in rows] for name in ("unit", "numerator", "denominator")},
        schema={"unit": pl.String, "numerator": pl.Float64, "denominator": pl.Float64},
    )
    judged = judge_funnel(points, kind, item.minimum_base)
    scale = _scale_of(rows)
    if judged is None or scale is None:
        return None
    sizes = points.filter(pl.col("unit").is_in(list(judged.plain)))["denominator"]
    curve = funnel_curve(judged, float(sizes.max()) * 1.05)  # type: ignore[arg-type]
    limits = [name for name in curve.columns if name != "size"]
    curve = curve.with_columns(pl.col(limits) * scale)
    return Funnel(
        judged.kind,
        scale,
        judged.centre * scale,
        judged.spread.phi,
        curve,
        judged.verdicts,
        judged.plain,
    )


def _scale_of(rows: Sequence[Row]) -> float | None:
    """Return what turns numerator ÷ denominator into the figure: 100, or 12 ÷ months × 10,000."""
    for row in rows:
        if row["value"] and row["numerator"] and row["denominator"]:
            return row["value"] * row["denominator"] / row["numerator"]
    return None
