"""Which leaf owes which measure in which month?"""

import datetime as dt

import numpy as np

from data.periods import SPAN, month_number
from data.unit_history import spells_of
from metrics.cube import Cube


def due_months(cube: Cube, code: str, has: np.ndarray) -> np.ndarray:
    """Return whether a measure is due from a leaf in a month (leaf × month).

    Due from open leaves that carry a value of it, in the last month of its span, while it is
    filed at all; a value that is there counts as due. Where small units were pooled, those that
    are not listed are in the pool and not due themselves. What is by choice nobody owes.
    """
    measure = cube.catalog.measures[code]
    if measure.absent == "optional":
        return has
    due = may_file(cube, code)
    pools = [place for place in _pools(cube) if has[place].any()]
    if pools:
        due = due.copy()
    for place in pools:
        above = _above(cube)
        due &= ~((above == above[place]) & has[place])
    return due | has


def may_file(cube: Cube, code: str) -> np.ndarray:
    """Return in which months a leaf that carries a measure may file it (leaf × month)."""
    measure = cube.catalog.measures[code]
    life = (measure.valid_from, measure.valid_to)
    return _owed(cube, measure.value_of, SPAN[measure.frequency], life)


def _above(cube: Cube) -> np.ndarray:
    """Return the place of each row's parent (row × month; × 1 where none ever moved)."""
    if "above" not in cube.memo:
        order, spells = cube.tree.order, spells_of(cube.catalog.units, cube.catalog.parents)
        if all(len(spells.get(leaf, ())) < 2 for leaf in cube.rows):
            parents = [cube.tree.parent(leaf) for leaf in cube.rows]
            above = np.array([[-1 if unit is None else order[unit]] for unit in parents])
        else:
            above = np.full((len(cube.rows), cube.months), -1)
            months = np.arange(cube.first, cube.first + cube.months)
            for row, leaf in enumerate(cube.rows):
                for spell in spells[leaf]:
                    if spell.parent is not None:
                        there = (spell.start <= months) & (months < spell.end)
                        above[row, there] = order[spell.parent]
        cube.memo["above"] = above
    return cube.memo["above"]


def _owed(
    cube: Cube, value_of: tuple[str, ...], span: int, life: tuple[dt.date | None, dt.date | None]
) -> np.ndarray:
    """Return the leaf-months in which measures of such a definition are due; kept with the cube."""
    key = ("owed", value_of, span, life)
    if key not in cube.memo:
        carries = np.isin(cube.levels, np.array(value_of, dtype=np.str_))
        months = np.arange(cube.first, cube.first + cube.months)
        in_season = (months - (cube.catalog.bureau.year_start - 1)) % span == span - 1
        start, end = life
        if start:
            in_season &= months >= month_number(start)
        if end:
            in_season &= months < month_number(end)
        cube.memo[key] = cube.is_open & carries[:, None] & in_season
    return cube.memo[key]


def _pools(cube: Cube) -> list[int]:
    """Return the places of the leaves that stand for several small units."""
    if "pools" not in cube.memo:
        is_pool = np.isin(cube.levels, np.array(sorted(cube.tree.pooled_levels), dtype=np.str_))
        cube.memo["pools"] = np.flatnonzero(is_pool).tolist()
    return cube.memo["pools"]
