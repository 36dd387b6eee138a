"""How has one series moved, and which of many series moved beyond their usual variation?"""

import datetime as dt
from collections.abc import Sequence

import numpy as np
import polars as pl

from data.periods import add_months, from_number, month_number, months_between
from data.schema import READING
from metrics.breaks import phases, settle, under
from metrics.cube import Cube
from metrics.figures import compute_figures, labels
from metrics.history import has_months, history_at, open_history
from metrics.matched import YEAR, bar, match, withheld
from metrics.plan import Plan
from metrics.reading import KINDS, NONE, Read, blank_read, read_changes, silence, word_of
from metrics.rollup import roll_figures
from metrics.signal import LEAST_POINTS, mark_points
from metrics.structure import crossings
from metrics.windows import group_plans, open_window

SERIES = pl.Schema(
    {
        "indicator": pl.String,
        "unit": pl.String,
        "period": pl.Date,
        "value": pl.Float64,
        "mean": pl.Float64,
        "lower": pl.Float64,
        "upper": pl.Float64,
        "reading": pl.String,
        "signal": pl.String,
        "side": pl.Int64,
        "run": pl.Int64,
        "chance": pl.Float64,
    }
)
POINTS = pl.Schema(
    {
        "period": pl.Date,
        "value": pl.Float64,
        "lower": pl.Float64,
        "centre": pl.Float64,
        "upper": pl.Float64,
        "reading": pl.String,
        "signal": pl.String,
        "phase": pl.String,
        "partial": pl.Boolean,
        "due": pl.Int64,
        "reported": pl.Int64,
    }
)


def read_series(
    cube: Cube,
    indicators: Sequence[str],
    units: Sequence[str],
    period: dt.date,
    window: str = "month",
) -> pl.DataFrame:
    """Return how each series of indicators and units stands in one period.

    Rows: one per indicator and unit in the order asked; `lower` and `upper` are the usual range,
    `signal` says which rule was met (outside, trend, two_of_three, shift, or against_base for an
    exact test against last year), `side` in which direction (+1 up), `run` how many points in a row
    lie on one side of the mean, and `chance` how likely this is if nothing has changed.
    Indicators that are themselves changes have no row.
    """
    asked = np.array([month_number(period)])
    found: dict[str, pl.DataFrame] = {}
    for plans in group_plans(cube, indicators):
        if plans[0].comparator:
            continue
        value, read = _read(cube, plans, units, asked, window)
        for place, plan in enumerate(plans):
            code = plan.indicator.code
            settled = settle(cube, plan, units, asked, window, [asked - YEAR])
            for limits, where in settled.older if settled else ():
                older = under(cube, limits, plan.measures)
                other, again = _read(older, [plan], units, asked, window)
                value[place][where] = other[0][where]
                for name in Read.__slots__:
                    getattr(read, name)[place][where] = getattr(again, name)[0][where]
            if settled:
                blank = blank_read(settled.straddles.shape)
                value[place][settled.straddles] = np.nan
                for name in Read.__slots__:
                    part = getattr(read, name)[place]
                    part[settled.straddles] = getattr(blank, name)[settled.straddles]
            found[code] = _rows(code, units, period, value[place, :, 0], read, place)
    frames = [found[code] for code in indicators if code in found]
    return pl.concat(frames) if frames else pl.DataFrame(schema=SERIES)


def _read(
    cube: Cube, plans: Sequence[Plan], units: Sequence[str], asked: np.ndarray, window: str
) -> tuple[np.ndarray, Read]:
    """Return the figures of one month and how they are read, whatever definitions they have."""
    base = asked - YEAR
    batch, (now, then), spans = open_window(cube, plans, asked, window, base)
    rolled = roll_figures(batch, now, spans[0], units)
    matched = match(batch, (now, spans[0]), (then, spans[1]), units)
    read = read_changes(cube, plans, units, asked, window, rolled, matched, spans[0].months)
    if withheld(cube, "yoy", window, asked, base)[0]:
        read.reading[:], read.signal[:] = NONE, 0
    silence(read, bar(batch, matched, units, *spans))
    return rolled.value, read


def _rows(
    code: str, units: Sequence[str], period: dt.date, value: np.ndarray, read: Read, place: int
) -> pl.DataFrame:
    """Return the rows of one indicator."""
    columns: dict[str, list] = {"indicator": [code] * len(units), "unit": list(units)}
    columns |= {"period": [period] * len(units)}
    numbers = {name: getattr(read, name)[place, :, 0] for name in ("mean", "lower", "upper")}
    return pl.DataFrame(
        {
            **columns,
            "value": pl.Series(value, nan_to_null=True),
            **{name: pl.Series(flat, nan_to_null=True) for name, flat in numbers.items()},
            "reading": labels(READING, read.reading[place, :, 0]),
            "signal": labels(KINDS, read.signal[place, :, 0]),
            "side": read.side[place, :, 0],
            "run": read.run[place, :, 0],
            "chance": pl.Series(read.chance[place, :, 0], nan_to_null=True),
        },
        schema=SERIES,
    )


def special_causes(series: pl.DataFrame) -> pl.DataFrame:
    """Return the series that moved beyond their usual variation, least likely by chance first.

    Needs: rows of `read_series`. Ties keep the order of the rows.
    """
    special = series.filter(pl.col("signal") != "none")
    return special.sort("chance", nulls_last=True, maintain_order=True)


def series_points(
    cube: Cube, indicator: str, unit: str, period: dt.date, months: int = 24
) -> pl.DataFrame:
    """Return the months of one series up to a period with limits, marks and coverage, for a chart.

    The limits are those of the period (its year before), drawn over all months of its definition;
    months under an earlier definition stand in a phase of their own, without limits. So do those
    before the unit's borders changed: their phase ends in `/` and how many changes had gone before.
    """
    periods = months_between(add_months(period, 1 - months), period)
    frame = compute_figures(cube, [indicator], [unit], periods, "month")
    plans = next(iter(group_plans(cube, [indicator])))
    blank = pl.lit(None, pl.Float64)
    frame = frame.select(
        "period",
        "value",
        "due",
        "reported",
        (pl.col("reported") < pl.col("due")).alias("partial"),
        phase=pl.Series(phases(cube, plans[0], unit, periods), dtype=pl.String),
        lower=blank,
        centre=blank,
        upper=blank,
        reading=pl.lit("none"),
        signal=pl.lit("none"),
    )
    if plans[0].comparator or not has_months(plans):
        return frame.select(list(POINTS))
    asked = np.array([month_number(period)])
    settled = settle(cube, plans[0], [unit], asked, "month")
    for older, where in settled.older if settled else ():
        cube = under(cube, older, plans[0].measures) if where.any() else cube
    frame = _in_stretches(frame, [c.month for c in crossings(cube).get(unit, ())])
    history = history_at(open_history(cube, plans, [unit], asked, months), int(asked[0]))
    limits = history.limits
    if limits.points[0, 0] < LEAST_POINTS:
        return frame.select(list(POINTS))
    points = mark_points(history.value, limits)
    direction = plans[0].indicator.direction
    marks = pl.DataFrame(
        {
            "period": [from_number(month) for month in history.months.tolist()],
            "signal": labels(KINDS, points.signal[0, 0]),
            "reading": [
                READING[word_of(side, direction)] if signal else "not_significant"
                for side, signal in zip(
                    points.side[0, 0].tolist(), points.signal[0, 0].tolist(), strict=True
                )
            ],
        }
    )
    last = frame["phase"][-1]
    edges = {"lower": limits.lower, "centre": limits.mean, "upper": limits.upper}
    return (
        frame.drop("signal", "reading")
        .join(marks, on="period", how="left", maintain_order="left")
        .with_columns(
            pl.when(pl.col("phase") == last).then(pl.lit(float(edge[0, 0]))).alias(name)
            for name, edge in edges.items()
        )
        .with_columns(
            pl.when(pl.col("value").is_null() | (pl.col("phase") != last))
            .then(pl.lit("none"))
            .otherwise(pl.col(name))
            .alias(name)
            for name in ("signal", "reading")
        )
        .select(list(POINTS))
    )


def _in_stretches(frame: pl.DataFrame, changed: Sequence[int]) -> pl.DataFrame:
    """Return the months of a series with a new phase from each month in which borders changed."""
    within = sorted({from_number(month) for month in changed})
    if not within:
        return frame
    count = pl.sum_horizontal((pl.col("period") >= day).cast(pl.Int64) for day in within)
    return frame.with_columns(phase=pl.format("{}/{}", "phase", count))
