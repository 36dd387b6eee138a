"""What is kept of each month's returns, until anything of that month is filed, judged or imported?

Pages about returns look at many months, of which one or two change in a day. Each month is read
once for the whole bureau and kept by its mark; readers see the part within their sight.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from data.periods import add_months, months_between, window_months
from data.store.marks import Mark, filing_marks
from ui import load
from ui.clock import today
from ui.kept import keep, once
from ui.scope import Scope

MONTHS, KEPT_MONTHS = 12, 48
# What counts a stretch of months: first, last and today; a frame with the column `period`.
Count = Callable[[dt.date, dt.date, dt.date], pl.DataFrame]
Place = tuple[dt.date, Mark]
_KEPT: dict[str, dict[tuple, pl.DataFrame]] = {}
_RUNS: dict[str, dict[tuple, dict[tuple, pl.DataFrame]]] = {}


@dataclass(frozen=True, slots=True)
class Span:
    """The months that a page shows, each with its mark, and today: the key to what they hold."""

    known: tuple[Place, ...]
    day: dt.date

    @property
    def months(self) -> tuple[dt.date, ...]:
        """Return the months alone, oldest first."""
        return tuple(month for month, _ in self.known)


def span_of(scope: Scope) -> Span:
    """Return the months that a scope shows beside each other."""
    months = months_shown(scope.period, scope.window, load.catalog().bureau.year_start)
    marks = filing_marks(load.store(), months[0], months[-1])
    return Span(tuple((month, marks.get(month, ())) for month in months), today())


def months_shown(period: dt.date, window: str, year_start: int = 1) -> tuple[dt.date, ...]:
    """Return the months beside each other: twelve up to one, or the year that it lies in.

    >>> found = months_shown(dt.date(2024, 10, 1), "month")
    >>> found[0].isoformat(), len(found)
    ('2023-11-01', 12)
    >>> months_shown(dt.date(2024, 10, 1), "ytd")[0].isoformat()
    '2024-01-01'
    """
    first = add_months(period, 1 - MONTHS)
    if window == "ytd":
        first = window_months("year", period, year_start)[0]
    return tuple(months_between(first, period))


def counted(name: str, span: Span, count: Count) -> pl.DataFrame:
    """Return what is counted of the months, of each once; new ones are counted in one go."""
    stage = load.version()[0]
    kept = _KEPT.setdefault(name, {})
    keys = [(stage, *place, span.day) for place in span.known]
    found = {key: kept[key] for key in keys if key in kept}
    new = tuple(key for key in keys if key not in found)
    if new:
        found |= once(_RUNS.setdefault(name, {}), (stage, new), lambda: _count(new, count), 2)
    for key in new:
        keep(kept, key, found[key], KEPT_MONTHS)
    return pl.concat([found[key] for key in keys])


def _count(new: tuple[tuple, ...], count: Count) -> dict[tuple, pl.DataFrame]:
    """Return the months that are new, or of which something was filed since."""
    rows = count(new[0][1], new[-1][1], new[0][3])
    return {key: rows.filter(pl.col("period") == key[1]) for key in new}


def units_below(top: str, seen: str) -> tuple[str, ...]:
    """Return the units below one, those closed since too, of these what hangs below another."""
    tree = load.tree()
    if top not in tree.units or top in tree.gone:
        return ()
    units = tree.subtree(top, gone=True)
    if not seen:
        return units
    within = set(tree.subtree(seen, gone=True))
    return tuple(unit for unit in units if unit in within)
