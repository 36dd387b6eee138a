"""How has one series moved, and which of many series moved beyond their usual variation?"""

import datetime as dt
from collections.abc import Sequence

import numpy as np
import polars as pl

from data.definition_types import Calendar
from data.periods import add_months, from_number, month_number, months_between
from data.schema import READING
from metrics.breaks import phases, settle, under
from metrics.change_tests import is_flow, is_share
from metrics.cube import Cube
from metrics.events import restarts
from metrics.figures import compute_figures, labels
from metrics.history import History, Opened, has_months, history_at, open_history
from metrics.matched import YEAR, bar, match, withheld
from metrics.plan import Plan
from metrics.rare_months import few_marks
from metrics.reading import (
    KINDS,
    NONE,
    UNSURE,
    Read,
    blank_read,
    is_small,
    read_changes,
    silence,
    word_of,
)
from metrics.rollup import roll_figures
from metrics.structure import crossings
from metrics.turned import turned_readings, turned_versions
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
        "base_from": pl.Date,
        "base_to": pl.Date,
        "base_points": pl.Int64,
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
        "run": pl.Int64,
        "phase": pl.String,
        "few": pl.Boolean,
        "partial": pl.Boolean,
        "due": pl.Int64,
        "reported": pl.Int64,
    }
)

EDGES = {"lower": "lower", "centre": "mean", "upper": "upper"}  # of a chart, and of limits


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
    lie on one side of the mean, and `chance` how likely this is if nothing has changed. Where a
    control chart was read, its range was set by `base_points` months between `base_from` and
    `base_to`.
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
            rows = _rows(code, units, period, value[place, :, 0], read, place)
            found[code] = _turned(cube, plan, rows, window)
    frames = [found[code] for code in indicators if code in found]
    return pl.concat(frames) if frames else pl.DataFrame(schema=SERIES)


def _turned(cube: Cube, plan: Plan, rows: pl.DataFrame, window: str) -> pl.DataFrame:
    """Return rows of a period with readings by the definition that each figure stands on."""
    versions = turned_versions(cube, plan)
    if not versions:
        return rows
    units, periods = rows["unit"].to_list(), rows["period"].unique().to_list()
    filed = compute_figures(cube, [plan.indicator.code], units, periods, window)
    by_unit = rows.join(filed, on="unit", how="left", maintain_order="left")["definition"]
    readings = turned_readings(rows["reading"], plan.indicator.direction, versions, by_unit)
    return rows.with_columns(reading=readings)


def _read(
    cube: Cube, plans: Sequence[Plan], units: Sequence[str], asked: np.ndarray, window: str
) -> tuple[np.ndarray, Read]:
    """Return the figures of one month and how they are read, whatever definitions they have."""
    base = asked - YEAR
    batch, (now, then), spans = open_window(cube, plans, asked, window, base)
    rolled = roll_figures(batch, now, spans[0], units)
    matched = match(batch, (now, spans[0]), (then, spans[1]), units)
    read = read_changes(cube, plans, units, rolled, matched, *spans)
    if withheld(cube, "yoy", window, asked, base)[0]:
        read.reading[:], read.signal[:] = NONE, 0
    silence(read, bar(batch, matched, units, *spans), window)
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
            "base_from": [_day(month) for month in read.since[place, :, 0].tolist()],
            "base_to": [_day(month - 1) for month in read.until[place, :, 0].tolist()],
            "base_points": read.points[place, :, 0],
        },
        schema=SERIES,
    )


def _day(month: int) -> dt.date | None:
    return from_number(month) if month > 0 else None


def as_shown(series: pl.DataFrame, raw: pl.DataFrame, shown: pl.DataFrame) -> pl.DataFrame:
    """Return rows of a period that say nothing of figures, or changes, a reader must not see.

    Needs: rows of `read_series`; CHANGES of the same, as they are and as shown.
    """
    raw, shown = (rows.filter(pl.col("comparator") == "yoy") for rows in (raw, shown))
    gone = shown["suppressed"] | (raw["change"].is_not_null() & shown["change"].is_null())
    told = shown.select("indicator", "unit", gone=gone).filter("gone")
    blank = {
        name: "none" if name in ("reading", "signal") else 0 if kind == pl.Int64 else None
        for name, kind in series.schema.items()
        if name not in ("indicator", "unit", "period")
    }
    marked = series.join(told, on=["indicator", "unit"], how="left", maintain_order="left")
    return marked.with_columns(
        pl.when("gone").then(pl.lit(none, series.schema[name])).otherwise(name).alias(name)
        for name, none in blank.items()
    ).select(series.columns)


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

    The limits are those of the period, drawn over all months of its definition; months under an
    earlier definition stand in a phase of their own, without limits. So do those before the unit's
    borders changed: their phase ends in `/` and how many changes had gone before. Where the bureau
    lets a series start again the stretch before it keeps the limits that it had; such phases end
    in `+` and how many steps had gone before.
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
        definition="definition",
        phase=pl.Series(phases(cube, plans[0], unit, periods), dtype=pl.String),
        lower=blank,
        centre=blank,
        upper=blank,
        reading=pl.lit("none"),
        signal=pl.lit("none"),
        run=pl.lit(0, pl.Int64),
        few=pl.lit(value=False),
    )
    if plans[0].comparator or not has_months(plans):
        return frame.select(list(POINTS))
    asked = np.array([month_number(period)])
    settled = settle(cube, plans[0], [unit], asked, "month")
    for older, where in settled.older if settled else ():
        cube = under(cube, older, plans[0].measures) if where.any() else cube
    frame = _in_stretches(frame, [c.month for c in crossings(cube).get(unit, ())], "/")
    steps = [month for month in restarts(cube, plans[0], unit) if month <= asked[0]]
    opened = open_history(cube, plans, [unit], asked, months)
    known = _limited(opened, plans[0], steps, month_number(periods[0]), int(asked[0]))
    is_alike = pl.col("phase") == frame["phase"][-1]
    marked = is_alike & pl.col("value").is_not_null()
    frame = (
        frame.drop(*EDGES, "signal", "reading", "run", "few")
        .join(known, on="period", how="left", maintain_order="left")
        .with_columns(pl.when(is_alike).then(pl.col(name)).alias(name) for name in EDGES)
        .with_columns(
            pl.when(marked).then(pl.col(name)).otherwise(None).fill_null("none").alias(name)
            for name in ("signal", "reading")
        )
        .with_columns(pl.col("few").fill_null(value=False), pl.col("run").fill_null(0))
    )
    if versions := turned_versions(cube, plans[0]):
        way, filed = plans[0].indicator.direction, frame["definition"]
        readings = turned_readings(frame["reading"], way, versions, filed)
        frame = frame.with_columns(reading=readings)
    return _in_stretches(frame, steps, "+").select(list(POINTS))


def _limited(
    opened: Opened, plan: Plan, steps: Sequence[int], first: int, last: int
) -> pl.DataFrame:
    """Return limits and marks of months: each stretch between the bureau's steps has its own."""
    stretches = [
        _stretch(opened.batch.cube.catalog.calendar, history_at(opened, end), plan, start)
        for start, end in zip((0, *steps), (*(step - 1 for step in steps), last), strict=True)
        if end >= first
    ]
    return pl.concat(stretches)


def _stretch(calendar: Calendar, history: History, plan: Plan, start: int) -> pl.DataFrame:
    """Return the months of a stretch with limits and marks, none where it has too few points.

    Of a series of few cases each month has the range that chance alone gives it, and is marked by
    what it holds alone or with the months before it.
    """
    few = is_small(plan, history, (0, 0)) and (is_share(plan) or is_flow(plan))
    if few:
        marks = few_marks(calendar, plan, 0, history, 0)
        together = np.where(marks.months > 1, KINDS.index("together"), KINDS.index("outside"))
        signals, sides = np.where(marks.side != 0, together, 0), marks.side
        runs = marks.months
        edges = {name: getattr(marks, field) for name, field in EDGES.items()}
        has_limits = ~np.isnan(marks.mean)
    else:
        signals, sides = history.points.signal[0, 0], history.points.side[0, 0]
        runs = history.points.run[0, 0]
        edges = {name: getattr(history.usual, field)[0, 0] for name, field in EDGES.items()}
        has_limits = np.full(len(history.months), bool(history.enough[0, 0]))
    direction = plan.indicator.direction
    words = [
        READING[word_of(side, direction) if signal else UNSURE]
        for side, signal in zip(sides.tolist(), signals.tolist(), strict=True)
    ]
    frame = pl.DataFrame(
        {
            "period": [from_number(month) for month in history.months.tolist()],
            **edges,
            "signal": labels(KINDS, signals),
            "reading": words,
            "run": pl.Series(runs, dtype=pl.Int64),
            "few": pl.Series([few] * len(words), dtype=pl.Boolean),
        }
    )
    return frame.filter(pl.Series((history.months >= start) & has_limits))


def _in_stretches(frame: pl.DataFrame, changed: Sequence[int], mark: str) -> pl.DataFrame:
    """Return the months of a series with a new phase from each month given."""
    within = sorted({from_number(month) for month in changed})
    if not within:
        return frame
    count = pl.sum_horizontal((pl.col("period") >= day).cast(pl.Int64) for day in within)
    return frame.with_columns(phase=pl.concat_str("phase", pl.lit(mark), count.cast(pl.String)))
