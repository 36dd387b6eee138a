"""How often is the reading of a change wrong, and how soon does it see one?

`python -m benchmarks.reading_part [--quick] [--series 200] [--seed 1]` draws series of which the
truth is known, files them into a cube as units of a bureau, and asks for their comparisons with the
year before as the pages and `kpi figures --compare yoy` do. Beside it stands the rule that many
dashboards follow: red if worse by 10 % than the same month of the year before. The last line
printed is what was measured; `python -m benchmarks.run reading` writes docs/reading-benchmark.md.
"""

import sys
from typing import Any

import numpy as np
import polars as pl

from benchmarks.reading_series import INDICATORS, LAST, STEP_START, YEAR_START, Kind, make_cube
from benchmarks.reading_wall import read_longer, read_walls
from benchmarks.timing import simulate
from data.periods import months_between
from metrics.compare import compare_figures
from metrics.cube import Cube

SERIES, QUICK = 200, 25
#: The rule that is compared with: so much worse than the year before, in parts.
NAIVE = 0.1
#: Months that a moving festival disturbs are not read by themselves: from March on all are.
FIRST_READ = 3


def main(arguments: list[str] | None = None) -> int:
    """Measure and print what was found, for a person and as one line of JSON."""
    return simulate(__doc__, measure, "series", SERIES, QUICK, arguments)


def measure(series: int, seed: int) -> dict[str, Any]:
    """Return false alarms of series without a change, delays of those with one, and walls."""
    cube, units = make_cube(series, seed)
    still, steps = [], []
    raised: dict[tuple[str, str], dict[str, float]] = {}
    for kind, codes in units.items():
        alarms = read(cube, kind, codes)
        row = {"shape": kind.shape, "size": kind.size, "cause": kind.cause}
        if kind.step:
            steps.append(row | {"step": kind.step} | delays(alarms, kind, raised))
        else:
            still.append(row | false_alarms(alarms))
        if kind.cause == "stable":
            raised[kind.shape, kind.size] = equal_thresholds(alarms)
    return {
        "series": series,
        "seed": seed,
        "still": still,
        "steps": steps,
        "longer": read_longer(cube, units),
        "walls": read_walls(cube, units, seed),
    }


def read(cube: Cube, kind: Kind, codes: list[str]) -> dict[str, np.ndarray]:
    """Return who calls which months of the year worse or better: [series, month] by rule."""
    periods = months_between(YEAR_START, LAST)
    code = INDICATORS[kind.shape]
    rows = compare_figures(cube, [code], codes, periods, "month", ["yoy"])
    change = pl.col("value") - pl.col("base")
    margin = NAIVE * pl.col("base")
    way = cube.catalog.indicators[code].direction
    plain = _filed(cube, code, codes)
    joined = rows.select("unit", "period", "reading").join(
        plain, on=["unit", "period"], how="left", maintain_order="left"
    )
    worsening = -way * change / pl.max_horizontal(pl.col("base"), 1.0)  # of none before, by cases
    marked = joined.select(
        worsening.alias("worsening"),
        pl.col("reading").is_in(["worse"]).alias("worse"),
        pl.col("reading").is_in(["better"]).alias("better"),
        (pl.col("reading") == "short_history").alias("short"),
        ((change * way < 0) & (change.abs() >= margin) & (change != 0)).alias("naive_worse"),
        ((change * way > 0) & (change.abs() >= margin) & (change != 0)).alias("naive_better"),
    )
    shape = _shape(rows, codes, len(periods))
    return {name: shape(marked[name].to_numpy()) for name in marked.columns}


def _shape(rows: pl.DataFrame, codes: list[str], months: int):
    """Return what turns a column into [series, month], in whichever order its rows stand."""
    by_unit = rows["unit"][: len(codes)].to_list() != codes

    def shaped(column: np.ndarray) -> np.ndarray:
        size = (len(codes), months) if by_unit else (months, len(codes))
        return column.reshape(size) if by_unit else column.reshape(size).T

    return shaped


def _filed(cube: Cube, code: str, codes: list[str]) -> pl.DataFrame:
    """Return the figure of each month and of the same month a year before, as filed."""
    from metrics.figures import compute_figures

    periods = months_between(YEAR_START.replace(year=YEAR_START.year - 1), LAST)
    figures = compute_figures(cube, [code], codes, periods, "month").select(
        "unit", "period", "value"
    )
    before = figures.select(
        "unit", pl.col("period").dt.offset_by("1y"), base=pl.col("value").fill_null(0.0)
    )
    return figures.join(before, on=["unit", "period"], how="inner")


def false_alarms(alarms: dict[str, np.ndarray]) -> dict[str, Any]:
    """Return the share of months, and of whole years, in which something is called that is not.

    `error` is the standard error of the months' share, from series to series.
    """
    found: dict[str, Any] = {}
    for rule, months in (("ours", _months(alarms, "")), ("naive", _months(alarms, "naive_"))):
        red, any_way = months
        each = red.mean(axis=1)
        found[rule] = {
            "red": float(red.mean()),
            "error": float(each.std(ddof=1) / np.sqrt(len(each))),
            "either": float(any_way.mean()),
            "year": float(red.any(axis=1).mean()),
            "year_either": float(any_way.any(axis=1).mean()),
        }
    early = alarms["naive_worse"][:, : FIRST_READ - 1]
    found["naive"]["january_february"] = float(early.mean())
    found["unread"] = float(alarms["short"][:, FIRST_READ - 1 :].mean())
    return found


def _months(alarms: dict[str, np.ndarray], rule: str) -> tuple[np.ndarray, np.ndarray]:
    """Return which months from March on are red, and which are called either way."""
    part = slice(FIRST_READ - 1, None)
    red = alarms[f"{rule}worse"][:, part]
    return red, red | alarms[f"{rule}better"][:, part]


def equal_thresholds(alarms: dict[str, np.ndarray]) -> dict[str, float]:
    """Return by how much a month must differ for the plain rule to be wrong as seldom as ours.

    Of series without a change, by direction: the part of the year before that no more of their
    months exceed than ours calls.
    """
    part = slice(FIRST_READ - 1, None)
    worsening = alarms["worsening"][:, part]
    sides = (("worse", worsening), ("better", -worsening))
    return {
        side: float(np.quantile(moves, 1 - alarms[side][:, part].mean(), method="higher"))
        for side, moves in sides
    }


def delays(
    alarms: dict[str, np.ndarray], kind: Kind, raised: dict[tuple[str, str], dict[str, float]]
) -> dict[str, Any]:
    """Return how many months pass until a step is called in its own direction (1: at once).

    `median` is None where half of the series are not called within the year. `raised` is the plain
    rule with a threshold that makes it wrong as seldom as ours.
    """
    start = STEP_START.month - 1
    is_worse = kind.step < 0 if kind.shape == "share" else kind.step > 1
    sides = ("worse", "better") if is_worse else ("better", "worse")
    edges = [raised[kind.shape, kind.size][side] for side in sides]
    move = alarms["worsening"] if is_worse else -alarms["worsening"]
    found: dict[str, Any] = {"threshold": edges[0]}
    for rule, called, wrong in (
        ("ours", *_ways(alarms, "", is_worse)),
        ("naive", *_ways(alarms, "naive_", is_worse)),
        ("raised", move > edges[0], -move > edges[1]),
    ):
        after = called[:, start:]
        delay = np.where(after.any(axis=1), after.argmax(axis=1) + 1.0, np.inf)
        middle = float(np.median(delay))
        found[rule] = {
            "median": middle if np.isfinite(middle) else None,
            **{f"within_{n}": float((delay <= n).mean()) for n in (1, 3, 6, 9)},
            "wrong_way": float(wrong[:, start:].mean()),
        }
    return found


def _ways(
    alarms: dict[str, np.ndarray], rule: str, is_worse: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return which months a rule calls in the direction of a step, and which in the other."""
    worse, better = alarms[f"{rule}worse"], alarms[f"{rule}better"]
    return (worse, better) if is_worse else (better, worse)


if __name__ == "__main__":
    sys.exit(main())
