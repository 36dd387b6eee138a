"""What is the figure of each indicator, unit and period in a window?

`compute_figures` answers in the full grid of what was asked, unit by unit, with nulls where there
is no figure. Nothing is rounded and nothing is hidden here.
"""

import datetime as dt
from collections.abc import Sequence

import numpy as np
import polars as pl

from data.schema import FIGURES, STATUS, conform
from metrics.cube import Cube
from metrics.matched import yoy_figures
from metrics.rollup import Rolled, roll_figures
from metrics.windows import check_question, group_plans, month_numbers, open_window


def compute_figures(
    cube: Cube,
    indicators: Sequence[str],
    units: Sequence[str],
    periods: Sequence[dt.date],
    window: str = "month",
) -> pl.DataFrame:
    """Return FIGURES, one row per indicator, unit and period in the order asked.

    Rows: numerator and denominator are the pooled parts (a count has no denominator; a yoy
    indicator has the current and the base value). `due` and `reported` count the leaves that owe
    the inputs and those that filed all of them.
    """
    check_question(cube, units, window)
    asked = month_numbers(periods)
    found: dict[str, dict[str, np.ndarray]] = {}
    for plans in group_plans(cube, indicators):
        if plans[0].comparator:
            rolled = yoy_figures(cube, plans, units, asked, window)
        else:
            batch, (leafwise,), (spans,) = open_window(cube, plans, asked, window)
            rolled = roll_figures(batch, leafwise, spans, units)
        for place, plan in enumerate(plans):
            found[plan.indicator.code] = figure_columns(rolled, place)
    return conform(to_frame(found, indicators, units, periods, window), FIGURES)


def figure_columns(rolled: Rolled, place: int) -> dict[str, np.ndarray]:
    """Return one indicator's figures as flat columns, unit by unit."""
    return {
        "numerator": rolled.numerator[place].ravel(),
        "denominator": rolled.denominator[place].ravel(),
        "value": rolled.value[place].ravel(),
        "due": rolled.due[place].ravel(),
        "reported": rolled.reported[place].ravel(),
        "status": rolled.status[place].ravel(),
        "definition": rolled.version[place].ravel(),
    }


def to_frame(
    found: dict[str, dict[str, np.ndarray]],
    indicators: Sequence[str],
    units: Sequence[str],
    periods: Sequence[dt.date],
    window: str,
) -> pl.DataFrame:
    """Return flat columns of each indicator as one frame in the order asked."""
    blocks = [found[code] for code in indicators]
    size = len(units) * len(periods)
    rows = size * len(indicators)
    columns: dict[str, pl.Series] = {
        "indicator": labels(indicators, np.repeat(np.arange(len(indicators)), size)),
        "unit": labels(units, np.tile(np.repeat(np.arange(len(units)), len(periods)), len(blocks))),
        "period": pl.Series("period", list(periods), dtype=pl.Date).gather(
            np.tile(np.arange(len(periods)), len(units) * len(blocks))
        ),
        "window": pl.repeat(window, rows, dtype=pl.String, eager=True),
    }
    for name in blocks[0] if blocks else ():
        flat = np.concatenate([block[name] for block in blocks])
        columns[name] = column(name, flat)
    frame = pl.DataFrame(columns) if blocks else pl.DataFrame(schema=FIGURES)
    return frame.with_columns(suppressed=pl.lit(value=False))


def column(name: str, flat: np.ndarray) -> pl.Series:
    """Return a flat array as the column of that name: NaN is null, codes are words."""
    if name == "status":
        return labels(STATUS, flat)
    if name in ("due", "reported", "compared_units"):
        return pl.Series(name, flat.astype(np.int64))
    return pl.Series(name, flat, nan_to_null=True)


def labels(words: Sequence[str], codes: np.ndarray) -> pl.Series:
    """Return words by their codes."""
    return pl.Series(list(words), dtype=pl.String).gather(codes.astype(np.uint32))
