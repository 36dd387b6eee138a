"""What does the store know of earlier months that a template can print beside the new figure?

A unit that took others over is given their figures too, by the shares of the succession.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from data.definition_types import Catalog, Measure, Succession
from data.definition_versions import of_month
from data.periods import SPAN, add_months, month_number
from data.returns.due import year_months
from data.unit_history import Handover, handovers_of, heirs_of, life

Source = tuple[str, float]


@dataclass(frozen=True, slots=True)
class Printed:
    """A figure to print; `sources` are the units that it was taken over from, with shares."""

    value: float
    sources: tuple[Source, ...] = ()

    @property
    def is_estimated(self) -> bool:
        """Whether a share of a unit stands in it, which nobody counted."""
        return any(share != 1 for _, share in self.sources)


@dataclass(frozen=True, slots=True)
class Heritage:
    """Which units of a month a unit of today stands for."""

    handovers: Mapping[str, tuple[Handover, ...]] = field(default_factory=dict)
    lives: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    touched: frozenset[str] = frozenset()
    known: dict[tuple[str, int], tuple[Source, ...]] = field(default_factory=dict)

    def sources(self, unit: str, month: int) -> tuple[Source, ...]:
        """Return the units, with shares, whose figures of a month are the unit's; none before it.

        >>> split = {"a": (Handover(5, (("b", 0.5), ("c", 0.5))),)}
        >>> heritage = Heritage(split, {"a": (0, 5), "b": (5, 99), "c": (5, 99)})
        >>> heritage.sources("b", 4), heritage.sources("b", 5), heritage.sources("b", -1)
        ((('a', 0.5),), (('b', 1.0),), ())
        """
        key = (unit, month)
        if key not in self.known:
            found = []
            for other in dict.fromkeys((unit, *self.handovers)):
                start, end = self.lives.get(other, (month, month + 1))
                if start <= month < end:
                    heirs = heirs_of(dict(self.handovers), other, month)
                    found += [(other, share) for heir, share in heirs if heir == unit]
            self.known[key] = tuple(found)
        return self.known[key]


@dataclass(frozen=True, slots=True)
class Prior:
    """Approved values by unit, measure and month, as far as a template looks back."""

    values: Mapping[tuple[str, str, dt.date], float]
    year_start: int
    heritage: Heritage = field(default_factory=Heritage)

    def before(self, unit: str, measure: Measure, period: dt.date) -> Printed | None:
        """Return the sum of the year's earlier months; None where one of them is missing."""
        months = year_months(measure, period, self.year_start)
        earlier = [m for m in months if m != period and self._is_there(unit, m)]
        return self._sum(unit, measure, earlier) if earlier else Printed(0)

    def last_year(self, unit: str, measure: Measure, period: dt.date) -> Printed | None:
        """Return last year's figure: to date for a flow, of the same month for all else."""
        base = add_months(period, -12)
        if measure.kind != "count":
            return self.at(unit, measure, base)
        months = year_months(measure, base, self.year_start)
        return self._sum(unit, measure, months) if months else None

    def step_back(self, unit: str, measure: Measure, period: dt.date) -> Printed | None:
        """Return the figure of the return before: of last month, quarter, half-year or year."""
        return self.at(unit, measure, add_months(period, -SPAN[measure.frequency]))

    def at(self, unit: str, measure: Measure, month: dt.date) -> Printed | None:
        """Return a unit's figure of a month, or what it took over of others; None if missing."""
        if unit not in self.heritage.touched:
            value = self.values.get((unit, measure.code, month))
            return None if value is None else Printed(value)
        sources = self.heritage.sources(unit, month_number(month))
        known = [self.values.get((source, measure.code, month)) for source, _ in sources]
        values = [value for value in known if value is not None]
        if not values or len(values) < len(sources):
            return None
        taken = () if sources == ((unit, 1.0),) else sources
        if measure.roll == "sum":
            total = sum(s * v for (_, s), v in zip(sources, values, strict=True))
            return Printed(round(total, 6), taken)
        if len(values) == 1:
            return Printed(values[0], taken)
        return self._mean(measure, month, sources, values)

    def _mean(
        self, measure: Measure, month: dt.date, sources: Sequence[Source], values: list[float]
    ) -> Printed | None:
        """Return the mean of several units by their numbers of cases; None where these lack."""
        if measure.roll != "wmean" or not measure.roll_by:
            return None
        counts = [self.values.get((unit, measure.roll_by[0], month)) for unit, _ in sources]
        known = [count for count in counts if count is not None]
        if len(known) < len(counts):
            return None
        weights = [s * n for (_, s), n in zip(sources, known, strict=True)]
        if not sum(weights):
            return None
        total = sum(w * v for w, v in zip(weights, values, strict=True))
        return Printed(round(total / sum(weights), 6), tuple(sources))

    def _is_there(self, unit: str, month: dt.date) -> bool:
        return bool(self.heritage.sources(unit, month_number(month)))

    def _sum(self, unit: str, measure: Measure, months: list[dt.date]) -> Printed | None:
        """Return the sum of months; before a unit was there, and nobody for it, nothing is due."""
        found = [self.at(unit, measure, month) for month in months if self._is_there(unit, month)]
        known = [item for item in found if item is not None]
        if not known or len(known) < len(found):
            return None
        sources = dict.fromkeys(source for item in known for source in item.sources)
        return Printed(round(sum(item.value for item in known), 6), tuple(sources))


def prior_values(
    previous: pl.DataFrame | None,
    period: dt.date,
    catalog: Catalog,
    units: Iterable[str] | None = None,
) -> Prior:
    """Return the two years up to a month of approved facts, ready to be looked up.

    Only figures under the month's own definition: across a change nothing is compared. Of `units`,
    if given, only these and what they may have been before.
    """
    year_start = catalog.bureau.year_start
    lives = {unit.code: life(unit) for unit in catalog.units}
    steps = catalog.successions
    touched = frozenset(unit for step in steps for unit in (step.from_unit, step.to_unit))
    heritage = Heritage(handovers_of(steps), lives, touched)
    if previous is None or previous.is_empty():
        return Prior({}, year_start, heritage)
    asked = pl.col("period").is_between(add_months(period, -24), add_months(period, -1))
    if units is not None:
        asked &= pl.col("unit").is_in([*units, *heritage.handovers])
    rows = (
        of_month(previous.filter(asked), catalog.measures, period)
        .lazy()
        .filter(pl.col("value").is_not_null())
        .select("unit", "measure", "period", "value")
        .collect()
        .iter_rows()
    )
    return Prior({(u, m, p): v for u, m, p, v in rows}, year_start, heritage)


def is_reshaped(successions: Sequence[Succession], unit: str, since: dt.date) -> bool:
    """Return whether a unit gave or took something over after a day.

    >>> step = Succession("a", "b", dt.date(2024, 3, 1), 0.4)
    >>> is_reshaped([step], "b", dt.date(2024, 1, 1)), is_reshaped([step], "b", step.date)
    (True, False)
    """
    return any(unit in (step.from_unit, step.to_unit) and step.date > since for step in successions)
