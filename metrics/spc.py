"""What does an XmR chart say of any series: limits, special causes, icons, rebased or fixed?

The rules of the NHS "Making Data Count" charts, as NHSRplotthedots writes them out: limits at the
mean ± 2.66 × the mean moving range of each stretch between rebasings, moving ranges from 3.267
times their mean on left out once. A point without a figure is no point: it ends no run, and the
moving range goes on to the next figure. Where all points are equal the limits lie on the mean.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from metrics.signal import Limits, assurance, mark_points, mean_of, moving_ranges, xmr_limits

#: A stretch of fewer points sets limits that move much with each further one.
SHORT = 13
#: So many points at least set limits that are kept for all that follow.
LEAST_FIXED = 12
SPC_POINTS = pl.Schema(
    {
        "series": pl.String,
        "x": pl.String,
        "y": pl.Float64,
        "rebase_group": pl.Int64,
        "fix_y": pl.Float64,
        "mr": pl.Float64,
        "mr_screened_out": pl.Boolean,
        "mean_mr_used": pl.Float64,
        "mean": pl.Float64,
        "lpl": pl.Float64,
        "upl": pl.Float64,
        "relative_to_mean": pl.Int64,
        "outside_limits": pl.Boolean,
        "close_to_limits": pl.Boolean,
        "special_cause_type": pl.String,
        "special_cause_flag": pl.Boolean,
        "point_type": pl.String,
        "short_group_warning": pl.Boolean,
        "target": pl.Float64,
    }
)
SPC_SERIES = pl.Schema(
    {
        "series": pl.String,
        "improvement_direction": pl.String,
        "target": pl.Float64,
        "n": pl.Int64,
        "last_point_type": pl.String,
        "variation_icon": pl.String,
        "assurance_type": pl.String,
        "assurance_icon": pl.String,
        "n_special": pl.Int64,
    }
)
DIRECTIONS = {"increase": 1, "decrease": -1, "neutral": 0}
COMMON = "common_cause"
#: Days and months as people and programs write them, a time of day too.
DAY = re.compile(
    r"(\d{4})([-/.])(\d{1,2})(?:\2(\d{1,2}))?(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)Z?)?"
)
#: The same in Chinese; quarters and weeks, which stand at their first day.
WRITTEN = re.compile(r"(\d{4})年(\d{1,2})月(?:(\d{1,2})日)?")
QUARTER = re.compile(r"(\d{4})(?:[-/ ]?[Qq]([1-4])|年第?([1-4])季度)")
WEEK = re.compile(r"(\d{4})-?[Ww](\d{2})")
#: Whether a point stands at a day or a number, and where.
Place = tuple[str, float]
ASSURANCE = {"pass": "consistent_pass", "fail": "consistent_fail", "hit_and_miss": "inconsistent"}
#: Words of a special cause by rule (index of signal.SIGNALS) and side.
TYPES = {
    1: ("Above UCL", "Below LCL"),
    2: ("7 Point Trend (Increasing)", "7 Point Trend (Decreasing)"),
    3: ("2 in 3 Above CL", "2 in 3 Below CL"),
    4: ("7 Points Above CL", "7 Points Below CL"),
}


@dataclass(frozen=True, slots=True)
class Chart:
    """How a series is charted: which way is better, its target, where limits start anew or stay."""

    direction: str = "neutral"
    target: float | None = None
    rebase: tuple[str, ...] = ()
    fix_after: int | None = None
    screen: bool = True


def chart_points(series: str, x: Sequence[str], y: Sequence[float | None], chart: Chart) -> list:
    """Return the rows of SPC_POINTS of one series whose x are in order.

    >>> rows = chart_points("a", ["1", "2", "3"], [10.0, None, 12.0], Chart())
    >>> [(row["y"], row["mr"], row["mean"]) for row in rows]
    [(10.0, None, 11.0), (None, None, None), (12.0, 2.0, 11.0)]
    """
    values = np.array([math.nan if value is None else value for value in y], dtype=float)
    groups = groups_of(x, chart.rebase)
    rows: list[dict] = []
    for group in dict.fromkeys(groups):
        at = [place for place, other in enumerate(groups) if other == group]
        rows += _stretch(series, [x[i] for i in at], values[at], group, chart)
    return rows


def groups_of(x: Sequence[str], rebase: Sequence[str]) -> list[int]:
    """Return the stretch of each point: a new one begins at each day of rebasing.

    >>> groups_of(["2024-01", "2024-02", "2024-03"], ["2024-02-01"])
    [0, 1, 1]
    """
    marks = {place_of(mark) for mark in rebase}
    return [sum(_is_before(mark, place_of(place)) for mark in marks) for place in x]


def _is_before(mark: Place | None, place: Place | None) -> bool:
    """Return whether a point stands at a mark or after it; days and numbers have no order."""
    return mark is not None and place is not None and mark[0] == place[0] and mark <= place


def place_of(written: str) -> Place | None:
    """Return where a point stands in its series: a day, a month (its first day) or a number.

    >>> place_of("2024-02") == place_of("2024/2/1"), place_of("10") > place_of("9.5")
    (True, True)
    >>> place_of("2024年4月") == place_of("2024-Q2") == place_of("2024年第2季度")
    True
    >>> place_of("2024-02-30"), place_of("May")
    (None, None)
    """
    written = _as_day(written)
    day = DAY.fullmatch(written)
    if day:
        year, _, month, date, hours = day.groups()
        try:
            found = dt.date(int(year), int(month), int(date or 1)).toordinal()
            time = dt.time.fromisoformat(hours).replace(tzinfo=None) if hours else dt.time()
        except ValueError:
            return None
        return "day", found + (time.hour * 60 + time.minute + time.second / 60) / 1440
    try:
        number = math.nan if "_" in written else float(written)
    except ValueError:
        return None
    return ("number", number) if math.isfinite(number) else None


def _as_day(written: str) -> str:
    """Return a Chinese day, a quarter or a week as the day at which it begins, else as written."""
    if found := WRITTEN.fullmatch(written):
        return "-".join(part for part in found.groups() if part)
    if found := QUARTER.fullmatch(written):
        return f"{found[1]}-{int(found[2] or found[3]) * 3 - 2}"
    if found := WEEK.fullmatch(written):
        try:
            return dt.date.fromisocalendar(int(found[1]), int(found[2]), 1).isoformat()
        except ValueError:
            return written
    return written


def _stretch(series: str, x: list[str], values: np.ndarray, group: int, chart: Chart) -> list[dict]:
    """Return the rows of one stretch between rebasings."""
    there = np.flatnonzero(~np.isnan(values))
    known = values[there]
    base = known[: chart.fix_after] if chart.fix_after else known
    ranges, kept = moving_ranges(base, chart.screen)
    limits = xmr_limits(base, chart.screen)
    points = mark_points(known, limits)
    found = [_blank(series, place, group, chart) for place in x]
    shared = _limits_of(limits, ranges[kept])
    for number, place in enumerate(there):
        signal, side = int(points.signal[number]), int(points.side[number])
        row = found[place]
        row |= shared
        row["y"] = float(known[number])
        if number < len(base):
            row["fix_y"] = float(known[number])
        if 1 <= number <= len(ranges):
            row["mr"] = float(ranges[number - 1])
            row["mr_screened_out"] = not kept[number - 1]
        row["relative_to_mean"] = int(np.sign(known[number] - limits.mean))
        row["outside_limits"] = bool(points.outside[number])
        row["close_to_limits"] = bool(points.near[number])
        row["special_cause_type"] = TYPES[signal][side < 0] if signal else "Common Cause"
        row["special_cause_flag"] = signal > 0
        row["point_type"] = point_type(side if signal else 0, chart.direction)
        row["short_group_warning"] = len(known) < SHORT
    return found


def _blank(series: str, x: str, group: int, chart: Chart) -> dict:
    empty = dict.fromkeys(SPC_POINTS)
    return empty | {"series": series, "x": x, "rebase_group": group, "target": chart.target}


def _limits_of(limits: Limits, used: np.ndarray) -> dict:
    spread = None if not used.size else float(mean_of(used))
    numbers = {"mean": limits.mean, "lpl": limits.lower, "upl": limits.upper}
    known = {k: None if math.isnan(v) else float(v) for k, v in numbers.items()}
    return {"mean_mr_used": spread, "mr_screened_out": False, **known}


def point_type(side: int, direction: str) -> str:
    """Return what a special cause on a side means; side 0 is common cause.

    >>> point_type(1, "decrease"), point_type(-1, "neutral"), point_type(0, "increase")
    ('special_cause_concern', 'special_cause_neutral_low', 'common_cause')
    """
    if side == 0:
        return COMMON
    better = DIRECTIONS[direction] * side
    if better == 0:
        return "special_cause_neutral_high" if side > 0 else "special_cause_neutral_low"
    return "special_cause_improvement" if better > 0 else "special_cause_concern"


def spc_points(points: pl.DataFrame, charts: Mapping[str, Chart]) -> pl.DataFrame:
    """Return SPC_POINTS of every series.

    Needs: `series, x, y`, the x of a series in order. Rows: as given, series by series. A series
    without a chart of its own has no direction, no target and one stretch. Source: NHSRplotthedots
    0.2.2, ptd_spc_standard and ptd_calculate_point_type; NHS England, Making Data Count.
    """
    rows: list[dict] = []
    for (name,), part in points.group_by(["series"], maintain_order=True):
        chart = charts.get(str(name), Chart())
        rows += chart_points(str(name), part["x"].to_list(), part["y"].to_list(), chart)
    return pl.DataFrame(rows, schema=SPC_POINTS, orient="row")


def spc_series(found: pl.DataFrame, charts: Mapping[str, Chart]) -> pl.DataFrame:
    """Return SPC_SERIES: the reading of each series by its last point and its last limits.

    Needs: SPC_POINTS. The assurance is empty without target or direction.
    """
    rows = []
    for (name,), part in found.group_by(["series"], maintain_order=True):
        chart = charts.get(str(name), Chart())
        known = part.filter(pl.col("y").is_not_null())
        last = known.row(-1, named=True) if known.height else dict.fromkeys(SPC_POINTS)
        kind = last["point_type"] or COMMON
        sure = assurance_type(last["lpl"], last["upl"], chart)
        rows.append(
            {
                "series": name,
                "improvement_direction": chart.direction,
                "target": chart.target,
                "n": known.height,
                "last_point_type": kind,
                "variation_icon": variation_icon(kind, last["special_cause_type"]),
                "assurance_type": sure,
                "assurance_icon": sure and sure.removeprefix("consistent_"),
                "n_special": known["special_cause_flag"].sum(),
            }
        )
    return pl.DataFrame(rows, schema=SPC_SERIES, orient="row")


def variation_icon(kind: str, cause: str | None) -> str:
    """Return the icon of the last point: what it means and on which side it lies.

    >>> variation_icon("special_cause_concern", "7 Points Above CL")
    'concern_high'
    """
    if kind == COMMON:
        return COMMON
    is_high = bool(cause) and ("Above" in str(cause) or "Increasing" in str(cause))
    word = kind.removeprefix("special_cause_").removesuffix("_high").removesuffix("_low")
    return f"{word}_{'high' if is_high else 'low'}"


def assurance_type(lower: float | None, upper: float | None, chart: Chart) -> str | None:
    """Return whether limits lie wholly on one side of the target; None where none is asked.

    >>> assurance_type(37.4, 63.1, Chart("increase", 30.0))
    'consistent_pass'
    """
    if chart.target is None or lower is None or upper is None:
        return None
    return ASSURANCE.get(assurance(lower, upper, chart.target, DIRECTIONS[chart.direction]))
