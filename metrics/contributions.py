"""How do the units below a unit stand, and how has this year run against last year?"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from data.periods import has_festival, months_into
from metrics.compare import compare_figures
from metrics.cube import Cube
from metrics.series import as_shown, read_series
from metrics.structure import NO_CHANGE

Row = dict[str, Any]
Hide = Callable[[pl.DataFrame], pl.DataFrame]
FEBRUARY = 2


@dataclass(frozen=True, slots=True)
class Parts:
    """A unit's change and those of its parts: CHANGES rows with `standing`.

    What each of them adds to the whole: `metrics.contributed`.
    """

    whole: Row
    parts: tuple[Row, ...]


def read_parts(
    cube: Cube,
    indicator: str,
    unit: str,
    children: Sequence[str],
    period: dt.date,
    window: str,
    basis: str,
    hide: Hide = lambda rows: rows,
) -> Parts:
    """Return the change of a unit and of those below it; who owes nothing is left out."""
    units = [unit, *children]
    asked = ([indicator], units, [period], window)
    raw = compare_figures(cube, *asked, ("yoy",), basis, readings=False)
    shown = hide(raw)
    series = as_shown(read_series(cube, [indicator], units, period, window), raw, shown)
    rows = shown.to_dicts()
    for row, standing in zip(rows, series.to_dicts(), strict=True):
        row["standing"] = standing
        row["reading"] = standing["reading"]
    kept = tuple(row for row in rows[1:] if row["due"] or row["value"] is not None)
    return Parts(rows[0], kept)


@dataclass(frozen=True, slots=True)
class YearMonth:
    """One month of this year beside last year's; `joined` counts the months in it.

    Across a change of definition, or where the unit was not there, there is no `base`.
    """

    month: int
    joined: int
    row: Row
    value: float | None
    base: float | None


def year_months(
    cube: Cube,
    indicator: str,
    unit: str,
    period: dt.date,
    basis: str,
    hide: Hide = lambda rows: rows,
) -> list[YearMonth]:
    """Return the months of the year up to a period with last year's values on the same units.

    Where a festival moves between January and February the two stand together, a count as its
    monthly mean.
    """
    count = months_into(period, 12, cube.catalog.bureau.year_start)
    months = [
        dt.date(period.year - (period.month - i < 1), (period.month - i - 1) % 12 + 1, 1)
        for i in range(count - 1, -1, -1)
    ]
    join = has_festival(cube.catalog.calendar)
    single = [m for m in months if not (join and m.month <= FEBRUARY)]
    together = [m for m in months if join and m.month == FEBRUARY]
    kind = cube.catalog.indicators[indicator].kind
    found = []
    for window, asked, joined in (("jan_feb", together, 2), ("month", single, 1)):
        if not asked:
            continue
        rows = hide(
            compare_figures(
                cube, [indicator], [unit], asked, window, ("yoy",), basis, readings=False
            )
        )
        share = joined if kind == "count" else 1
        for row in rows.iter_rows(named=True):
            now, base = row["compared_value"], row["base_value"]
            now = row["value"] if now is None else now
            base = None if row["note"] in NO_CHANGE else base
            values = [None if v is None else v / share for v in (now, base)]
            found.append(YearMonth(row["period"].month, joined, row, *values))
    return found
