"""What does a cube know of the months before a return, in the shape in which rules read it?

The server keeps the figures as a cube anyway: looking a return's earlier months up there takes
milliseconds, and nothing is read or filtered anew.
"""

import datetime as dt
from collections.abc import Sequence

import numpy as np
import polars as pl

from data.checks.past import Pair, Recall, recall_facts
from data.definition_versions import version_at
from data.periods import month_number
from metrics.cube import Cube


def recall_cube(cube: Cube) -> Recall:
    """Return what looks up the pairs of rules in a cube, as `recall_facts` does in its facts.

    Units that are not wholly within the cube's sight are not looked up.
    """
    base = cube.base or cube
    facts = base.several if base.several is not None else pl.DataFrame()
    of_versions = recall_facts(facts, base.catalog)

    def recall(period: dt.date, pairs: Sequence[Pair], units: Sequence[str]) -> np.ndarray:
        table = np.full((len(pairs), len(units)), np.nan)
        columns = [n for n, unit in enumerate(units) if unit in base.scope]
        if not columns:
            return table
        leaves = np.array([base.leaf_index[units[n]] for n in columns])
        rows, planes, months, others = _places(base, period, pairs)
        if rows:
            plane, month = np.array(planes)[:, None], np.array(months)[:, None]
            block = base.values[plane, leaves, month] / base.divisor[plane]
            table[np.array(rows)[:, None], columns] = block
        if others:
            asked = [units[n] for n in columns]
            found = of_versions(period, [pairs[n] for n in others], asked)
            table[np.array(others)[:, None], columns] = found
        return table

    return recall


def _places(
    cube: Cube, period: dt.date, pairs: Sequence[Pair]
) -> tuple[list[int], list[int], list[int], list[int]]:
    """Return the rows of pairs that one plane answers, their planes and months, and other rows.

    Other rows are those of measures that were filed under several definitions.
    """
    rows, planes, months, others = [], [], [], []
    last = month_number(period) - cube.first
    versions = {m.code: version_at(m.versions, period) for m in cube.catalog.measures.values()}
    for row, (measure, lag) in enumerate(pairs):
        plane, month = cube.index.get(measure), last - lag
        if plane is None or not 0 <= month < cube.months:
            continue
        filed = cube.versions[plane]
        if len(filed) > 1:
            others.append(row)
        elif filed == (versions[measure],):
            rows.append(row)
            planes.append(plane)
            months.append(month)
    return rows, planes, months, others
