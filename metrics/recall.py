"""What does a cube know of the months before a return, in the shape in which rules read it?

The server keeps the figures as a cube anyway: looking a return's earlier months up there takes
milliseconds, and nothing is read or filtered anew.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import TypeAlias, TypeVar

import numpy as np
import polars as pl

from data.checks.past import Pair, Recall, recall_facts
from data.definition_versions import version_at
from data.periods import month_number
from metrics.cube import Cube

T = TypeVar("T")
#: Rows of pairs, their planes and months, and the rows that are looked for elsewhere.
Places: TypeAlias = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
#: So many questions a cube remembers where to look for; the same are asked for each return.
MOST_KNOWN = 64


def recall_cube(cube: Cube) -> Recall:
    """Return what looks up the pairs of rules in a cube, as `recall_facts` does in its facts.

    Units that are not wholly within the cube's sight are not looked up. What comes back may be kept
    as long as the cube: where it has to look, and what was filed under several definitions, it
    finds out once.
    """
    places: dict[tuple, Places] = {}
    tables: dict[tuple, np.ndarray] = {}
    base = cube.base or cube
    facts = base.several if base.several is not None else pl.DataFrame()
    of_versions = recall_facts(facts, base.catalog)

    def recall(period: dt.date, pairs: Sequence[Pair], units: Sequence[str]) -> np.ndarray:
        table = np.full((len(pairs), len(units)), np.nan)
        columns = [n for n, unit in enumerate(units) if unit in base.scope]
        if not columns:
            return table
        leaves = np.array([base.leaf_index[units[n]] for n in columns])
        key = (period, tuple(pairs))
        rows, plane, month, others = _once(places, key, lambda: _places(base, period, pairs))
        if rows.size:
            block = base.values[plane, leaves, month] / base.divisor[plane]
            table[rows, columns] = block
        if others.size:
            asked = tuple(units[n] for n in columns)
            several = [pairs[n] for n in others[:, 0]]
            which = (period, tuple(several), asked)
            found = _once(tables, which, lambda: of_versions(period, several, asked))
            table[others, columns] = found
        return table

    return recall


def _once(known: dict[tuple, T], key: tuple, make: Callable[[], T]) -> T:
    """Return what is known, or find it out."""
    found = known.get(key)
    if found is None:
        if len(known) >= MOST_KNOWN:
            known.clear()
        found = known[key] = make()
    return found


def _places(cube: Cube, period: dt.date, pairs: Sequence[Pair]) -> Places:
    """Return the rows of pairs that one plane answers, their planes and months, and other rows.

    Each as a column. Other rows are those of measures that were filed under several definitions.
    """
    rows, planes, months, others = [], [], [], []
    last = month_number(period) - cube.first
    measures = {measure: cube.catalog.measures.get(measure) for measure, _ in pairs}
    versions = {code: m and version_at(m.versions, period) for code, m in measures.items()}
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
    found = [np.array(part, dtype=np.int64)[:, None] for part in (rows, planes, months, others)]
    return found[0], found[1], found[2], found[3]
