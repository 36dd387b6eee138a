"""What does the record know of the months before a return, in the shape in which rules read it?

A rule over time reads some measures some months back. Those pairs are known before anything is
looked up, so the record is asked once for a block of pairs × units and nothing else.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
import polars as pl

from data.definition_types import Catalog
from data.definition_versions import former_codes, version_at
from data.periods import add_months

#: A measure and how many months back it is read.
Pair: TypeAlias = tuple[str, int]
#: Gives pairs × units for a month: the month, the pairs, the units; NaN where nothing is known.
Recall: TypeAlias = Callable[[dt.date, Sequence[Pair], Sequence[str]], np.ndarray]


def recall_facts(facts: pl.DataFrame, catalog: Catalog) -> Recall:
    """Return what looks up the pairs in a frame of facts.

    Needs: facts (unit, measure, period, value; definition where there are several). Across a
    change of definition nothing is compared: what counts is filed under the definition that is in
    force in the month of the return.
    """

    def recall(period: dt.date, pairs: Sequence[Pair], units: Sequence[str]) -> np.ndarray:
        table = np.full((len(pairs), len(units)), np.nan)
        if not pairs or not units or facts.is_empty():
            return table
        cells = _known(facts, catalog, period, pairs, units)
        measures = list(dict.fromkeys(measure for measure, _ in pairs))
        position = {measure: number for number, measure in enumerate(measures)}
        target = np.full((len(measures), max(lag for _, lag in pairs) + 1), -1)
        for number, (measure, lag) in enumerate(pairs):
            target[position[measure], lag] = number
        unit = cells["unit"].cast(pl.Enum(list(units))).to_physical().to_numpy()
        which = cells["measure"].cast(pl.Enum(measures)).to_physical().to_numpy()
        row = target[which, cells["lag"].to_numpy()]
        wanted = row >= 0
        table[row[wanted], unit[wanted]] = cells["value"].to_numpy()[wanted]
        return table

    return recall


def _known(
    facts: pl.DataFrame,
    catalog: Catalog,
    period: dt.date,
    pairs: Sequence[Pair],
    units: Sequence[str],
) -> pl.DataFrame:
    """Return the facts of the pairs and units: unit, measure, lag, value."""
    measures = {measure for measure, _ in pairs}
    former = {old: new for old, new in former_codes(catalog.measures).items() if new in measures}
    months = period.year * 12 + period.month
    month = pl.col("period").dt.year().cast(pl.Int64) * 12 + pl.col("period").dt.month()
    furthest = max(lag for _, lag in pairs)
    kept = [
        pl.col("period").is_between(add_months(period, -furthest), period),
        pl.col("unit").is_in(list(units)),
        pl.col("measure").is_in([*measures, *former]),
        pl.col("value").is_not_null(),
    ]
    known = facts.lazy().filter(*kept)
    if former:
        known = known.with_columns(pl.col("measure").replace(former))
    if "definition" in facts.columns:
        changed = {
            code: number
            for code in measures & catalog.measures.keys()
            if (number := version_at(catalog.measures[code].versions, period)) != 1
        }
        wanted = pl.col("measure").replace_strict(changed, default=1, return_dtype=pl.Int64)
        known = known.filter(pl.col("definition") == (wanted if changed else 1))
    return known.select("unit", "measure", (months - month).alias("lag"), "value").collect()
