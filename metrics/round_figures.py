"""Which figures of a round may its reader see? What is hidden from them counts as missing."""

import datetime as dt
from collections.abc import Callable, Sequence

import polars as pl

from metrics.cube import Cube
from metrics.figures import compute_figures

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
