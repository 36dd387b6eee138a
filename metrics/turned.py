"""Which way was an earlier definition good? A reading is better or worse by its own definition.

Where a measure was turned round (the share of the calm became the share of the anxious), figures
under the earlier definition keep their own direction.
"""

from collections.abc import Mapping

import numpy as np
import polars as pl

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
    item, turned = plan.indicator, turned_versions(cube, plan)
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


def turned_versions(cube: Cube, plan: Plan) -> dict[int, int]:
    """Return the versions of an indicator under which the other way was good, and which."""
    item = plan.indicator
    measure = cube.catalog.measures.get(item.code)
    if not item.is_measure or measure is None:
        return {}
    directions = {v.number: direction_of(measure, v.number) for v in measure.versions}
    return {number: way for number, way in directions.items() if way != item.direction}


def turned_readings(
    readings: pl.Series, of: int, versions: Mapping[int, int], definitions: pl.Series
) -> pl.Series:
    """Return the readings of figures, each with the direction of its own definition."""
    found = readings
    for version, direction in versions.items():
        words = [READING[place] for place in turned_words(of, direction).tolist()]
        other = readings.replace_strict(READING, words)
        found = other.zip_with(definitions == version, found)
    return found


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
