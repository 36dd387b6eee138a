"""How often does a rule ask about figures that are sound, as measured on clean months?

`python -m benchmarks.false_queries --keep` measures it. A rate is only told of the very clauses
that it was measured with: a rule that was changed since, or another bureau's, has none.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from data.definition_types import Catalog

KEPT = Path(__file__).with_name("false_queries.csv")
_COLUMNS = ("rule", "clauses", "returns", "asked", "cells", "marked", "measured")
#: The normal quantile of an interval of 95 %.
_Z = 1.959964


@dataclass(frozen=True, slots=True)
class Rate:
    """Sound returns that a rule could ask about and those that it did; the same of their cells.

    A return is what one unit files for one month.
    """

    rule: str
    returns: int
    asked: int
    cells: int
    marked: int
    measured: dt.date

    @property
    def share(self) -> float:
        """The share of the returns about which the rule asked."""
        return self.asked / self.returns if self.returns else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """The interval of 95 % around that share."""
        return wilson(self.asked, self.returns)


def wilson(part: int, whole: int) -> tuple[float, float]:
    """Return the interval of 95 % of a share.

    Source: E. B. Wilson, Journal of the American Statistical Association 22 (1927) 209–212.

    >>> low, high = wilson(0, 100)
    >>> round(low, 4), round(high, 4)
    (0.0, 0.037)
    """
    if whole == 0:
        return math.nan, math.nan
    share, square = part / whole, _Z * _Z
    middle = (share + square / (2 * whole)) / (1 + square / whole)
    half = _Z * math.sqrt(share * (1 - share) / whole + square / (4 * whole * whole))
    half /= 1 + square / whole
    return max(0.0, middle - half), min(1.0, middle + half)


def clauses_digest(catalog: Catalog, rule: str) -> str:
    """Return a name of a rule's very clauses and of the measures that its sets hold."""
    for item in catalog.rules:
        if item.code == rule:
            sets = [f"{name}={','.join(catalog.sets[name])}" for name in item.sets]
            words = "|".join([item.expression, *sets])
            return hashlib.sha256(words.encode()).hexdigest()[:12]
    return ""


def read_rates(catalog: Catalog) -> dict[str, Rate]:
    """Return the rates by rule, of those whose clauses are still the ones that were measured."""
    if not KEPT.exists():
        return {}
    with KEPT.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = {}
    for row in rows:
        if row["clauses"] == clauses_digest(catalog, row["rule"]):
            returns, asked, cells, marked = (int(row[name]) for name in _COLUMNS[2:6])
            day = dt.date.fromisoformat(row["measured"])
            found[row["rule"]] = Rate(row["rule"], returns, asked, cells, marked, day)
    return found


def write_rates(rates: Sequence[Rate], catalog: Catalog) -> None:
    """Keep what was measured."""
    with KEPT.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(_COLUMNS)
        for rate in rates:
            writer.writerow(
                [rate.rule, clauses_digest(catalog, rate.rule), rate.returns, rate.asked]
                + [rate.cells, rate.marked, rate.measured.isoformat()]
            )
