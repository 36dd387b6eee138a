"""What does the store know of earlier months that a template can print beside the new figure?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from data.definition_types import Catalog, Measure
from data.definition_versions import of_month
from data.periods import add_months
from data.returns.due import year_months


@dataclass(frozen=True, slots=True)
class Prior:
    """Approved values by unit, measure and month, as far as a template looks back."""

    values: Mapping[tuple[str, str, dt.date], float]
    year_start: int

    def before(self, unit: str, measure: Measure, period: dt.date) -> float | None:
        """Return the sum of the year's earlier months; None where one of them is missing."""
        months = year_months(measure, period, self.year_start)
        return self._sum(unit, measure, [month for month in months if month != period])

    def last_year(self, unit: str, measure: Measure, period: dt.date) -> float | None:
        """Return last year's figure: to date for a flow, of the same month for all else."""
        base = add_months(period, -12)
        if measure.kind != "count":
            return self.values.get((unit, measure.code, base))
        months = year_months(measure, base, self.year_start)
        return self._sum(unit, measure, months) if months else None

    def _sum(self, unit: str, measure: Measure, months: list[dt.date]) -> float | None:
        found = [self.values.get((unit, measure.code, month)) for month in months]
        known = [value for value in found if value is not None]
        return round(sum(known), 6) if len(known) == len(found) else None


def prior_values(previous: pl.DataFrame | None, period: dt.date, catalog: Catalog) -> Prior:
    """Return the two years up to a month of approved facts, ready to be looked up.

    Only figures under the month's own definition: across a change nothing is compared.
    """
    year_start = catalog.bureau.year_start
    if previous is None or previous.is_empty():
        return Prior({}, year_start)
    rows = (
        of_month(previous, catalog.measures, period)
        .lazy()
        .filter(
            pl.col("period").is_between(add_months(period, -24), add_months(period, -1)),
            pl.col("value").is_not_null(),
        )
        .select("unit", "measure", "period", "value")
        .collect()
        .iter_rows()
    )
    return Prior({(u, m, p): v for u, m, p, v in rows}, year_start)
