"""The row of a unit that the Polars expressions read: the return, its past and its children.

Columns are named ``measure@lag`` where lag counts months back from the return's period, so that
``prev``, ``same_period``, ``ytd`` and ``median12`` are nothing but other columns of the same row.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TypeAlias

import numpy as np
import polars as pl

from data.checks.context import Hierarchy

#: At least this many of the twelve preceding periods make a median.
LEAST_HISTORY = 6
#: Columns that say something of the whole return; each holds 1 or 0, or a number of columns.
RETURN_COLUMNS = ("unit_known", "parent_matches", "form_current", "period_future")
#: A unit without an opening date has been open for longer than any rule looks back.
_ALWAYS = 9999


#: Which median (median12 or mad12), and the twelve columns or expressions it is taken over.
Median: TypeAlias = tuple[str, Sequence[str | pl.Expr]]


def column(measure: str, lag: int, part: str = "") -> str:
    """Return the name of the column that holds a measure some months back.

    >>> column("calls_total", 12), column("calls_total", 0, "children")
    ('calls_total@12', 'calls_total@0#children')
    """
    return f"{measure}@{lag}#{part}" if part else f"{measure}@{lag}"


def add_medians(frame: pl.DataFrame, medians: Mapping[str, Median]) -> pl.DataFrame:
    """Return the frame with a column for each median, null below six known periods.

    All of them are taken at once over one block of rows × medians × 12: an expression for each
    would cost more than everything else that the rules compute.

    >>> frame = pl.DataFrame({f"a@{n}": [float(n)] for n in range(1, 8)})
    >>> past = [f"a@{n}" for n in range(1, 8)]
    >>> add_medians(frame, {"m": ("median12", past), "d": ("mad12", past)}).select("m", "d").row(0)
    (4.0, 2.0)
    """
    if not medians:
        return frame
    made = [
        cell.alias(f"{label}{n}")
        for label, (_, past) in medians.items()
        for n, cell in enumerate(past)
        if isinstance(cell, pl.Expr)
    ]
    numbers = frame.select(pl.col(pl.Float64)).with_columns(made)
    place = {name: n for n, name in enumerate(numbers.columns)}
    width = max(len(past) for _, past in medians.values())
    wanted = [
        [place[cell if isinstance(cell, str) else f"{label}{n}"] for n, cell in enumerate(past)]
        + [len(place)] * (width - len(past))
        for label, (_, past) in medians.items()
    ]
    # One more column of nothing pads what has fewer than twelve periods.
    table = np.column_stack([numbers.to_numpy(), np.full(frame.height, np.nan)])
    block = table[:, np.array(wanted)]
    known = np.isfinite(block).sum(axis=2)
    block = np.where((known >= LEAST_HISTORY)[:, :, None], block, 0.0)
    middle = np.nanmedian(block, axis=2)
    is_spread = np.array([name == "mad12" for name, _ in medians.values()])
    spread = np.nanmedian(np.abs(block - middle[:, :, None]), axis=2)
    result = np.where(known >= LEAST_HISTORY, np.where(is_spread, spread, middle), np.nan)
    added = pl.DataFrame(result, schema=list(medians), orient="row", nan_to_null=True)
    return frame.hstack(added)


def lagged_frame(
    values: pl.DataFrame,
    history: pl.DataFrame,
    period: dt.date,
    units: list[str],
    needed: Collection[tuple[str, int, str]],
    hierarchy: Hierarchy,
    of_return: Mapping[str, Mapping[str, float]] | None = None,
) -> pl.DataFrame:
    """Return one row a unit with every column that the rules need; unknown cells are null.

    Needs: values (VALUES) of the return; history (unit, measure, period, value) of the store. A
    measure that the return asks for hides the store's value of that month, even where it is blank.
    Rows: the units in the order given.
    """
    below = {child for unit in units for child in _under(unit, hierarchy.children)}
    known = list(dict.fromkeys([*units, *sorted(below)]))
    plain = sorted({(m, lag) for m, lag, part in needed if m and part in ("", "children", "own")})
    table = _scatter(values, history, period, known, plain)
    place = {unit: number for number, unit in enumerate(known)}
    rows = [place[unit] for unit in units]
    columns: dict[str, np.ndarray] = {}
    at = {key: number for number, key in enumerate(plain)}
    for measure, lag, part in sorted(needed):
        name = column(measure, lag, part)
        if not measure:
            columns[name] = _of_return(part, units, period, hierarchy, of_return or {})
        elif part == "":
            columns[name] = table[rows, at[measure, lag]]
        elif part == "children":
            whole = table[:, at[measure, lag]]
            columns[name] = np.array([_children_sum(u, whole, place, hierarchy) for u in units])
        elif part == "own":
            whole = table[:, at[measure, lag]]
            own = [place.get(hierarchy.own.get(u, "")) for u in units]
            columns[name] = np.array([np.nan if i is None else whole[i] for i in own])
    block = np.column_stack([*columns.values()]) if columns else np.empty((len(units), 0))
    frame = pl.DataFrame(block, schema=list(columns), orient="row", nan_to_null=True)
    frame = frame.insert_column(0, pl.Series("unit", units, dtype=pl.String))
    return _with_printed(frame, values, needed)


def _scatter(
    values: pl.DataFrame,
    history: pl.DataFrame,
    period: dt.date,
    units: list[str],
    plain: list[tuple[str, int]],
) -> np.ndarray:
    """Return units × (measure, lag) as numbers, NaN where nothing is known."""
    table = np.full((len(units), len(plain)), np.nan)
    measures = sorted({measure for measure, _ in plain})
    if not measures:
        return table
    furthest = max(lag for _, lag in plain)
    target = np.full((len(measures), furthest + 1), -1)
    position = {measure: number for number, measure in enumerate(measures)}
    for number, (measure, lag) in enumerate(plain):
        target[position[measure], lag] = number
    months = period.year * 12 + period.month
    month = pl.col("period").dt.year().cast(pl.Int64) * 12 + pl.col("period").dt.month()
    asked = values.select("unit", "measure").unique()
    past = (
        history.lazy()
        .filter(
            pl.col("unit").is_in(units),
            pl.col("measure").is_in(measures),
            pl.col("value").is_not_null(),
        )
        .with_columns(lag=months - month)
        .filter(pl.col("lag").is_between(0, furthest))
        .select("unit", "measure", "lag", "value")
        .collect()
    )
    now = past.filter(pl.col("lag") == 0).join(asked, on=["unit", "measure"], how="anti")
    current = values.filter(pl.col("value").is_not_null()).select(
        "unit", "measure", pl.lit(0, dtype=pl.Int64).alias("lag"), "value"
    )
    both = [past.filter(pl.col("lag") > 0), now, current]
    cells = pl.concat([b.cast({"lag": pl.Int64}) for b in both]).filter(
        pl.col("unit").is_in(units), pl.col("measure").is_in(measures)
    )
    row = cells["unit"].cast(pl.Enum(units)).to_physical().to_numpy()
    which = cells["measure"].cast(pl.Enum(measures)).to_physical().to_numpy()
    where = target[which, cells["lag"].to_numpy()]
    wanted = where >= 0
    table[row[wanted], where[wanted]] = cells["value"].to_numpy()[wanted]
    return table


def _with_printed(
    frame: pl.DataFrame, values: pl.DataFrame, needed: Collection[tuple[str, int, str]]
) -> pl.DataFrame:
    """Add what is printed beside a value: decimals, year to date, same period of last year."""
    for part in ("decimals", "reported_ytd", "reported_same_period"):
        wanted = sorted(m for m, _, p in needed if p == part)
        if not wanted:
            continue
        cells = values.filter(pl.col("measure").is_in(wanted), pl.col(part).is_not_null())
        wide = cells.pivot(on="measure", on_columns=wanted, index="unit", values=part)
        wide = wide.rename({m: column(m, 0, part) for m in wanted if m in wide.columns})
        frame = frame.join(wide, on="unit", how="left", maintain_order="left")
    return frame


def _of_return(
    part: str,
    units: list[str],
    period: dt.date,
    hierarchy: Hierarchy,
    of_return: Mapping[str, Mapping[str, float]],
) -> np.ndarray:
    if part == "open":
        return np.array([_months_open(hierarchy.opened.get(u), period) for u in units], dtype=float)
    default = 0.0 if part not in RETURN_COLUMNS or part == "period_future" else 1.0
    return np.array([of_return.get(unit, {}).get(part, default) for unit in units], dtype=float)


def _months_open(opened: dt.date | None, period: dt.date) -> int:
    """Return how many months, this one included, a unit has been open.

    >>> _months_open(dt.date(2024, 9, 1), dt.date(2024, 10, 1))
    2
    """
    if opened is None:
        return _ALWAYS
    return (period.year - opened.year) * 12 + period.month - opened.month + 1


def _under(unit: str, children: Mapping[str, tuple[str, ...]]) -> Iterable[str]:
    for child in children.get(unit, ()):
        yield child
        yield from _under(child, children)


def _children_sum(
    unit: str, whole: np.ndarray, place: Mapping[str, int], hierarchy: Hierarchy
) -> float:
    """Return the sum of what the children reported; NaN where none did."""
    found = []
    for child in hierarchy.children.get(unit, ()):
        value = whole[place[child]]
        if np.isnan(value) and child in hierarchy.children:
            value = _children_sum(child, whole, place, hierarchy)
        found.append(value)
    known = [value for value in found if not np.isnan(value)]
    return float(sum(known)) if known else float("nan")
