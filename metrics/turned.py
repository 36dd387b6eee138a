"""Which way was an earlier definition good? A reading is better or worse by its own definition.

Where a measure was turned round (the share of the calm became the share of the anxious), figures
under the earlier definition keep their own direction.
"""

import numpy as np

from data.definition_versions import direction_of
from data.schema import READING
from metrics.cube import Cube
from metrics.plan import Plan
from metrics.reading import word_of

Columns = dict[str, np.ndarray]


def turn_readings(cube: Cube, plan: Plan, found: dict[str, dict[str, Columns]]) -> None:
    """Give readings of figures under an earlier definition the direction that it had.

    Needs: comparator → indicator → columns of a comparison, with `definition` and `reading`.
    """
    item = plan.indicator
    measure = cube.catalog.measures.get(item.code)
    if not item.is_measure or measure is None:
        return
    turned = {
        version.number: direction_of(measure, version.number)
        for version in measure.versions
        if direction_of(measure, version.number) != item.direction
    }
    for by_indicator in found.values() if turned else ():
        columns = by_indicator[item.code]
        if "reading" not in columns:
            continue
        for version, direction in turned.items():
            here = columns["definition"] == version
            columns["reading"] = np.where(
                here,
                turned_words(item.direction, direction)[columns["reading"]],
                columns["reading"],
            )


def turned_words(of: int, to: int) -> np.ndarray:
    """Return each reading as a measure of another direction has it.

    >>> READING[turned_words(-1, 1)[READING.index("worse")]]
    'better'
    >>> READING[turned_words(-1, 0)[READING.index("worse")]]
    'up'
    """
    words = np.arange(len(READING))
    for side in (1, -1):
        words[word_of(side, of)] = word_of(side, to)
    return words
