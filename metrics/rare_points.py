"""What does a chart of few cases say of any series: its points, each with those before it?

The rows are those of an XmR chart, so that they can be drawn alike, with what `metrics.rare` found
behind them. Each point is held against up to 36 points before it in its stretch, alone and together
with those next to it; the first twelve of a stretch set the rate and are not judged.
"""

import math
from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import numpy as np
import polars as pl

from metrics.rare import Rare, read_rare, trailing
from metrics.spc import COMMON, SHORT, SPC_POINTS, Chart, groups_of, place_of, point_type

CHARTS = ("xmr", "auto", "c", "p")
#: Under so many cases a point on average an XmR chart does not hold, nor a share of so few.
FEW, FEW_OF = 10.0, 30.0
#: What is told behind the columns of an XmR chart: how the point was charted, how many points were
#: taken together, their cases and how many were expected, the chance of both tails, and φ.
TOLD = pl.Schema(
    {
        "chart": pl.String,
        "points": pl.Int64,
        "cases": pl.Float64,
        "expected": pl.Float64,
        "chance": pl.Float64,
        "dispersion": pl.Float64,
    }
)
RARE_POINTS = pl.Schema({**SPC_POINTS, **TOLD})


def chart_of(part: pl.DataFrame, asked: str) -> str:
    """Return how a series is charted: as asked, or `auto` by how many cases it has.

    >>> chart_of(pl.DataFrame({"y": [3.0, 2.0], "n": [None, None]}), "auto")
    'c'
    """
    if asked != "auto":
        return asked
    if not is_counted(part):
        return "xmr"
    known = part.drop_nulls("y")
    of = known["n"].drop_nulls()
    if len(of) == len(known) and is_share(part) and _mean(of) < FEW_OF:
        return "p"
    return "c" if _mean(known["y"]) < FEW else "xmr"


def _mean(values: pl.Series) -> float:
    found = values.mean()
    return float(found) if isinstance(found, int | float) else math.inf


def is_counted(part: pl.DataFrame) -> bool:
    """Return whether all figures are whole numbers of something, none of them negative."""
    known = part["y"].drop_nulls()
    return bool(((known >= 0) & (known == known.floor())).all()) and len(known) > 0


def is_share(part: pl.DataFrame) -> bool:
    """Return whether every figure is some of a whole number of cases."""
    known = part.drop_nulls("y")
    of = known["n"]
    return bool((of.is_not_null() & (of == of.floor()) & (known["y"] <= of)).all())


def rare_points(
    parts: Sequence[pl.DataFrame], charts: Mapping[str, Chart], kind: str
) -> list[pl.DataFrame]:
    """Return RARE_POINTS of each of some series whose x are in order, all worked out at once.

    Needs: `series, x, y, n`; `kind` is c (n are days or people, days of the month or alike where
    there are none) or p (n is what the y are of).
    """
    if not parts:
        return []
    stretches = [stretch for part in parts for stretch in _stretches(part, charts, kind)]
    cases, of = (np.concatenate([trailing(s[name]) for s in stretches]) for name in ("y", "of"))
    found = read_rare(cases, of, kind == "p")
    rows: dict[str, list[dict]] = {}
    place = 0
    for stretch in stretches:
        for point in stretch["points"]:
            row = _row(point, found, place, stretch["chart"], kind)
            short = None if row["y"] is None else stretch["is_short"]
            row |= {"rebase_group": stretch["group"], "short_group_warning": short}
            rows.setdefault(point["series"], []).append(row)
            place += 1
    return [pl.DataFrame(each, schema=RARE_POINTS, orient="row") for each in rows.values()]


def _stretches(part: pl.DataFrame, charts: Mapping[str, Chart], kind: str) -> Iterator[dict]:
    """Yield what one series holds between its rebasings."""
    chart, x = charts.get(part["series"][0], Chart()), part["x"].to_list()
    exposure, groups = _exposure(part, x, kind), groups_of(x, chart.rebase)
    points = part.to_dicts()
    for group in dict.fromkeys(groups):
        at = [place for place, other in enumerate(groups) if other == group]
        y = part["y"].fill_null(math.nan).to_numpy()[at]
        is_short = int((~np.isnan(y)).sum()) < SHORT
        yield {
            "chart": chart, "group": group, "is_short": is_short, "y": y, "of": exposure[at],
            "points": [points[place] for place in at],
        }  # fmt: skip


def _exposure(part: pl.DataFrame, x: list[str], kind: str) -> np.ndarray:
    """Return how many days, people or cases stand behind each figure."""
    given = part["n"].fill_null(math.nan).to_numpy().astype(float)
    if kind == "p" or not np.isnan(given).all():
        return given
    places = [place_of(each) for each in x]
    days = [date.fromordinal(int(p[1])) for p in places if p is not None and p[0] == "day"]
    if len(days) == len(x) and all(day.day == 1 for day in days):
        return np.array([monthrange(day.year, day.month)[1] for day in days], dtype=float)
    return np.ones(len(x))


def _row(point: dict, found: Rare, place: int, chart: Chart, kind: str) -> dict:
    """Return one row."""
    row = dict.fromkeys(RARE_POINTS) | {name: point[name] for name in ("series", "x", "y")}
    row |= {"target": chart.target, "chart": kind}
    if point["y"] is None:
        return row
    row |= {"special_cause_type": "Common Cause", "special_cause_flag": False, "point_type": COMMON}
    if math.isnan(found.mean[place]):
        return row
    side, months, y = int(found.side[place]), int(found.months[place]), point["y"]
    return row | {
        "mean": float(found.mean[place]),
        "lpl": float(found.lower[place]),
        "upl": float(found.upper[place]),
        "relative_to_mean": int(np.sign(y - found.mean[place])),
        "outside_limits": bool(y < found.lower[place] or y > found.upper[place]),
        "close_to_limits": False,
        "special_cause_type": cause_of(side, months, float(found.seen[place])),
        "special_cause_flag": side != 0,
        "point_type": point_type(side, chart.direction),
        "points": months,
        "cases": float(found.seen[place]),
        "expected": float(found.expected[place]),
        "chance": float(found.chance[place]),
        "dispersion": float(found.excess[place]),
    }


def cause_of(side: int, points: int, cases: float) -> str:
    """Return what is special about a point in the words of the table.

    >>> cause_of(1, 1, 9.0), cause_of(-1, 8, 0.0), cause_of(1, 3, 12.0)
    ('Above UCL', '8 Points Without A Case', '3 Points Together Above CL')
    """
    if side == 0:
        return "Common Cause"
    if points == 1:
        return "Above UCL" if side > 0 else "Below LCL"
    if cases == 0:
        return f"{points} Points Without A Case"
    return f"{points} Points Together {'Above' if side > 0 else 'Below'} CL"


def charted(
    points: pl.DataFrame, charts: Mapping[str, Chart], kinds: Mapping[str, str], xmr: pl.DataFrame
) -> pl.DataFrame:
    """Return RARE_POINTS of every series, those of XmR charts as they are.

    Needs: the points of all series, how each is charted, and SPC_POINTS of the XmR charts.
    """
    by_series = {str(n): part for (n,), part in points.group_by(["series"], maintain_order=True)}
    made: dict[str, pl.DataFrame] = {}
    for kind in ("c", "p"):
        names = [name for name in by_series if kinds[name] == kind]
        found = rare_points([by_series[name] for name in names], charts, kind)
        made |= dict(zip(names, found, strict=True))
    blank = [pl.lit(None, kind).alias(column) for column, kind in TOLD.items()]
    plain = xmr.with_columns(*blank).with_columns(chart=pl.lit("xmr"))
    made |= {str(n): part for (n,), part in plain.group_by(["series"], maintain_order=True)}
    return pl.concat([made[name].select(list(RARE_POINTS)) for name in by_series])
