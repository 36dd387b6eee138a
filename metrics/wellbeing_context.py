"""In what circumstances did people answer: workload, leave, training of the same quarter?

Beside the survey, never as its cause. A dozen districts cannot show what brings what about: two
columns that have nothing to do with each other often run together that well by chance.
"""

import datetime as dt
import math
from collections.abc import Sequence

import polars as pl

from data.definition_types import Catalog
from data.schema import CHANGES
from data.units import Tree
from metrics.compare import compare_figures
from metrics.cube import Cube
from metrics.disclose import suppress
from metrics.sample import quantile_t
from metrics.survey import Scale, Survey, context_codes

WINDOW = "quarter"


def quarterly(catalog: Catalog) -> list[str]:
    """Return the indicators of context that have a quarter."""
    known = catalog.indicators
    return [
        code
        for code in context_codes(catalog)
        if WINDOW in known[code].windows and known[code].kind != "yoy"
    ]


def read_context(
    cube: Cube, tree: Tree, units: Sequence[str], period: dt.date, basis: str
) -> pl.DataFrame:
    """Return the indicators of context of some units in the quarter of a wave.

    Rows: CHANGES against the year before, what is small and sensitive taken out.
    """
    codes = quarterly(cube.catalog)
    if not codes:
        return pl.DataFrame(schema=CHANGES)
    found = compare_figures(cube, codes, list(units), [period], WINDOW, ("yoy",), basis)
    return suppress(found, cube.catalog, tree, None, cube)


def chance_correlation(units: int) -> float | None:
    """Return how far two unrelated columns of so many units run together once in twenty times.

    The correlation r at which t = r * sqrt((k - 2) / (1 - r squared)) reaches its 97.5 % point.

    >>> round(chance_correlation(9), 3), chance_correlation(3)
    (0.666, None)
    """
    if units < 4:
        return None
    t = quantile_t(units - 2)
    return t / math.sqrt(units - 2 + t * t)


def read_scales(
    cube: Cube, tree: Tree, survey: Survey, unit: str, period: dt.date, base: dt.date
) -> list[tuple[Scale, float, float | None]]:
    """Return the questionnaires with marks of their own: value now and in the earlier wave.

    They are filed without a standard deviation, so no change of them can be told from chance.
    """
    codes = [scale.mean for scale in survey.scales]
    if not codes:
        return []
    found = compare_figures(cube, codes, [unit], [period], "wave", ("yoy",), readings=False)
    found = suppress(found, cube.catalog, tree, None, cube)
    rows = {row["indicator"]: row for row in found.iter_rows(named=True)}
    return [
        (scale, rows[scale.mean]["value"], rows[scale.mean]["base_value"])
        for scale in survey.scales
        if rows[scale.mean]["value"] is not None
    ]
