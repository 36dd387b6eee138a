"""What is the figure of each indicator, unit and period in a window?

`compute_figures` answers in the full grid of what was asked, unit by unit, with nulls where there
is no figure. Nothing is rounded and nothing is hidden here.
"""

import datetime as dt
from collections.abc import Sequence

import numpy as np
import polars as pl

from data.schema import CHANGE_KIND, FIGURES, NOTE, READING, STATUS, conform
from metrics.breaks import settle, shared, under
from metrics.cube import Cube
from metrics.matched import offset_months, yoy_figures
from metrics.plan import Plan
from metrics.rollup import MISSING, Rolled, roll_figures
from metrics.windows import check_question, group_plans, in_turn, month_numbers, open_window


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

    def answer(plans: list[Plan]) -> dict[str, dict[str, np.ndarray]]:
        rolled = _roll(cube, plans, units, asked, window)
        for place, plan in enumerate(plans):
            offset = offset_months(plan.comparator, window) or 0
            bases = [asked - offset] if offset else []
            settled = settle(cube, plan, units, asked, window, bases)
            for limits, where in settled.older if settled else ():
                older = _roll(under(cube, limits, plan.measures), [plan], units, asked, window)
                put_figures(rolled, place, where, older)
            for base in bases if settled else ():
                for limits, where in shared(cube, plan, units, asked, window, base):
                    older = _roll(under(cube, limits, plan.measures), [plan], units, asked, window)
                    put_figures(rolled, place, where, older)
            if settled:
                blank_figures(rolled, place, settled.straddles)
        return {p.indicator.code: figure_columns(rolled, place) for place, p in enumerate(plans)}

    found: dict[str, dict[str, np.ndarray]] = {}
    for part in in_turn(answer, group_plans(cube, indicators)):
        found |= part
    if not indicators or not len(units) or not len(asked):
        return pl.DataFrame(schema=FIGURES)
    frame = to_frame(found, indicators, units, periods, window).select(list(FIGURES))
    return frame if frame.schema == FIGURES else conform(frame, FIGURES)


def _roll(
    cube: Cube, plans: list[Plan], units: Sequence[str], asked: np.ndarray, window: str
) -> Rolled:
    """Return the figures of plans of one signature, whatever definitions stand behind them."""
    if plans[0].comparator:
        return yoy_figures(cube, plans, units, asked, window)
    batch, (leafwise,), (spans,) = open_window(cube, plans, asked, window)
    return roll_figures(batch, leafwise, spans, units)


def put_figures(rolled: Rolled, place: int, where: np.ndarray, other: Rolled) -> None:
    """Put the figures of one other indicator where they are marked [unit, period]."""
    for name in Rolled.__slots__:
        getattr(rolled, name)[place][where] = getattr(other, name)[0][where]


def blank_figures(rolled: Rolled, place: int, where: np.ndarray) -> None:
    """Take the figures away where they would add up months of two definitions."""
    for name in ("numerator", "denominator", "value"):
        getattr(rolled, name)[place][where] = np.nan
    rolled.status[place][where] = MISSING


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
    bases: Sequence[dt.date | None] | None = None,
) -> pl.DataFrame:
    """Return flat columns of each indicator as one frame in the order asked.

    With `bases`, the base period of each asked period stands in a column of its own.
    """
    size, times = len(units) * len(periods), len(indicators)
    months = np.tile(np.arange(len(periods), dtype=np.uint32), len(units) * times)
    unit = np.repeat(np.arange(len(units), dtype=np.uint32), len(periods))
    frame = pl.DataFrame(
        {
            "indicator": labels(indicators, np.repeat(np.arange(times, dtype=np.uint32), size)),
            "unit": labels(units, np.tile(unit, times)),
            "period": pl.Series(list(periods), dtype=pl.Date).gather(months),
        }
    )
    columns = [
        column(name, np.concatenate([found[code][name] for code in indicators]))
        for name in found[indicators[0]]
    ]
    if bases is not None:
        columns.append(pl.Series("base_period", list(bases), dtype=pl.Date).gather(months))
    return frame.with_columns(*columns, window=pl.lit(window), suppressed=pl.lit(value=False))


WORDS = {"status": STATUS, "change_kind": CHANGE_KIND, "note": NOTE, "reading": READING}
WHOLE = ("due", "reported", "compared_units")


def column(name: str, flat: np.ndarray) -> pl.Series:
    """Return a flat array as the column of that name: NaN is null, codes are words."""
    if name in WORDS:
        return labels(WORDS[name], flat).alias(name)
    if name in WHOLE:
        return pl.Series(name, flat.astype(np.int64))
    return pl.Series(name, flat, nan_to_null=True)


def labels(words: Sequence[str], codes: np.ndarray) -> pl.Series:
    """Return words by their codes."""
    return pl.Series(list(words), dtype=pl.String).gather(codes.astype(np.uint32))
