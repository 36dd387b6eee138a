"""What does a return say beside last month, last year and the record as it stands?"""

from __future__ import annotations

import datetime as dt

import polars as pl

from data.definition_types import Catalog
from data.definition_versions import of_month
from data.periods import SPAN, add_months

KEY = ["unit", "measure"]


def compare_return(
    cells: pl.DataFrame, facts: pl.DataFrame, catalog: Catalog, period: dt.date
) -> pl.DataFrame:
    """Return the figures of a return beside earlier ones, unit by unit in the order of the form.

    Needs: cells (measure, unit, period, value) of the return, more columns stay; facts (FACTS as
    approved). Rows: one figure; `before` is that of the span before (last month, of a quarterly
    figure last quarter), `last_year` that of a year ago, `record` what is approved for the same
    cell today; `since_before` and `since_year` are the differences to them, null where nothing
    comparable was filed.
    """
    here = cells.filter(pl.col("period") == period)
    facts = of_month(facts, catalog.measures, period).filter(pl.col("value").is_not_null())
    spans = {code: SPAN[measure.frequency] for code, measure in catalog.measures.items()}
    before = [
        facts.filter(
            pl.col("period") == add_months(period, -span),
            pl.col("measure").is_in([code for code, length in spans.items() if length == span]),
        )
        for span in sorted(set(spans.values()))
    ]
    known = {
        "before": pl.concat(before),
        "last_year": facts.filter(pl.col("period") == add_months(period, -12)),
        "record": facts.filter(pl.col("period") == period),
    }
    for name, frame in known.items():
        there = frame.select(*KEY, pl.col("value").alias(name)).unique(KEY, keep="last")
        here = here.join(there, on=KEY, how="left", maintain_order="left")
    order = {code: measure.order for code, measure in catalog.measures.items()}
    units = here["unit"].unique(maintain_order=True).to_list()
    in_form = (
        pl.col("unit").replace_strict(units, range(len(units)), return_dtype=pl.Int64),
        pl.col("measure").replace_strict(order, default=len(order), return_dtype=pl.Int64),
    )
    return here.sort(*in_form, maintain_order=True).with_columns(
        since_before=pl.col("value") - pl.col("before"),
        since_year=pl.col("value") - pl.col("last_year"),
    )
