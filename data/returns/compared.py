"""What does a return say beside last month, last year and the record as it stands?"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import polars as pl

from data.definition_types import Catalog
from data.definition_versions import of_month
from data.periods import SPAN, add_months


@dataclass(frozen=True, slots=True)
class ComparedFigure:
    """One figure of a return; `record` is what is approved for the same cell today."""

    unit: str
    measure: str
    value: float
    before: float | None
    last_year: float | None
    record: float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The figures shown, of how many."""

    rows: tuple[ComparedFigure, ...]
    total: int


def compare_return(
    cells: pl.DataFrame, facts: pl.DataFrame, catalog: Catalog, period: dt.date, most: int
) -> Comparison:
    """Return the figures of a return beside earlier ones.

    Needs: cells (measure, unit, period, value) of the return; facts (FACTS as approved). One unit
    keeps the order of the form; of several the figures that moved furthest from last month lead.
    """
    here = cells.filter(pl.col("period") == period).select("unit", "measure", "value")
    facts = of_month(facts, catalog.measures, period)
    known = {
        name: facts.filter(pl.col("period") == month).select("unit", "measure", "value")
        for name, month in (
            ("before", add_months(period, -1)),
            ("last_year", add_months(period, -12)),
            ("record", period),
        )
    }
    spans = {code: SPAN[m.frequency] for code, m in catalog.measures.items()}
    rare = sorted({span for span in spans.values() if span > 1})
    earlier = [known["before"].filter(pl.col("measure").is_in([c for c in spans if spans[c] == 1]))]
    for span in rare:
        codes = [code for code in spans if spans[code] == span]
        month = add_months(period, -span)
        is_it = (pl.col("period") == month) & pl.col("measure").is_in(codes)
        earlier.append(facts.filter(is_it).select("unit", "measure", "value"))
    known["before"] = pl.concat(earlier)
    for name, frame in known.items():
        here = here.join(
            frame.rename({"value": name}), on=["unit", "measure"], how="left", maintain_order="left"
        )
    if here["unit"].n_unique() > 1:
        moved = (pl.col("value") - pl.col("before")).abs() / (pl.col("before").abs() + 1).sqrt()
        here = here.sort(moved.fill_null(0.0), descending=True, maintain_order=True)
    else:
        order = {code: measure.order for code, measure in catalog.measures.items()}
        here = here.sort(pl.col("measure").replace_strict(order, default=9999))
    columns = ["unit", "measure", "value", "before", "last_year", "record"]
    rows = tuple(ComparedFigure(*row) for row in here.head(most).select(columns).iter_rows())
    return Comparison(rows, here.height)
