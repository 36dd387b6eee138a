"""Which figures of a round count: those that its reader may see, on months and borders it had?"""

import datetime as dt
from collections.abc import Callable, Sequence

import numpy as np
import polars as pl

from data.definition_types import Catalog, SchemeItem
from metrics.cube import Cube
from metrics.figures import compute_figures
from metrics.matched import offset_months
from metrics.plan import make_plan
from metrics.rounds import looks_back
from metrics.structure import SHORT, STRUCTURE, mark
from metrics.windows import month_numbers, spans_of

Hide = Callable[[pl.DataFrame], pl.DataFrame]  # takes out of FIGURES what must not be seen


def round_figures(
    cube: Cube,
    code: str,
    units: Sequence[str],
    periods: Sequence[dt.date],
    window: str,
    hide: Hide | None = None,
) -> pl.DataFrame:
    """Return FIGURES of one indicator, without what the reader of the round must not see.

    Points, totals and intervals are computed from these only, so that none of them tells more.
    """
    figures = compute_figures(cube, [code], units, periods, window)
    return figures if hide is None else hide(figures)


def barred_units(
    cube: Cube,
    catalog: Catalog,
    item: SchemeItem,
    units: Sequence[str],
    period: dt.date,
    window: str,
) -> list[str]:
    """Return why an item cannot hold each unit against its own past; empty where it can.

    `no_target`: the unit was not there in all months of the window or of its base. `structure`:
    something crossed its border in between (basis then), so that the change is not its own.
    """
    indicator = catalog.indicators[item.indicator]
    plan = make_plan(catalog, item.indicator)
    offset = offset_months(plan.comparator or "yoy", window)
    if not looks_back(item, indicator) or offset is None:
        return [""] * len(units)
    asked = month_numbers([period])
    sides = (spans_of(cube, [plan], months, window) for months in (asked, asked - offset))
    marks = mark(cube, plan, units, *sides)
    if marks is None:
        return [""] * len(units)
    is_short, is_other = np.isin(marks[:, 0], SHORT), marks[:, 0] == STRUCTURE
    return np.where(is_other, "structure", np.where(is_short, "no_target", "")).tolist()
