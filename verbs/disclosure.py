"""Which cells of any table must not be shown, and what can a reader work out of the others?"""

import argparse
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from data.said import SpokenError
from data.texts import text
from metrics.table_cells import (
    EMPTY,
    POINT,
    PROTECTS,
    SHOWN,
    SMALL,
    Mask,
    Table,
    intervals,
    small_cells,
)
from metrics.table_hide import hide_table
from verbs.csv_table import Line, number, read_table, short
from verbs.session import Session, UsageError
from verbs.show import show, words

LONG = ("row", "column", "value")
TOTALS = frozenset(
    {"total", "totals", "sum", "all", "grand total", "合计", "总计", "共计", "小计", "总数"}
)
TOLERANCE = 1e-6


class Named(NamedTuple):
    """A table with its names as written; `last_*` say where its totals stand, None for none."""

    rows: list[str]
    columns: list[str]
    values: NDArray[np.float64]
    total_row: int | None
    total_column: int | None


def disclosure(session: Session, args: argparse.Namespace) -> int:
    """Print each cell with its status and what a reader can tell of it; say the cost."""
    if not args.threshold >= 0:
        raise UsageError(key="disclosure.error.threshold", found=args.threshold)
    named = read_cells(args.input)
    order = [_last(len(names), at) for names, at in (
        (named.rows, named.total_row), (named.columns, named.total_column),
    )]  # fmt: skip
    values = named.values[np.ix_(*order)]
    is_total = (named.total_row is not None, named.total_column is not None)
    table = Table(values, *is_total, args.threshold, args.marked)
    small = small_cells(table)
    for cell in _primary(args.primary, named, order):
        small[cell] = True
    hidden = hide_table(table, small)
    ends = intervals(table, hidden)
    show(_frame(named, order, table, small, hidden, ends), args.format)
    _tell(session, named, order, table, small, hidden, ends)
    return 0


def read_cells(path: str) -> Named:
    """Return the table of a file: one row a row with a name first, or one row a cell.

    A total is known by its name, else by being the sum of all other rows or columns.
    """
    names = list(read_table(path, [])[0].cells) if read_table(path, []) else []
    rows, file = read_table(path, names), Path(path).name
    if not rows:
        raise SpokenError(key="analyse.error.empty", file=file)
    cells = _long(rows, file) if set(LONG) <= set(names) else _wide(rows, names, file)
    across = list(dict.fromkeys(row for row, _ in cells))
    down = list(dict.fromkeys(column for _, column in cells))
    if len(across) * len(down) < 2:
        sizes = {"rows": len(across), "columns": len(down)}
        raise SpokenError(key="disclosure.error.small", file=file, **sizes)
    values = np.array([[cells.get((row, column), 0.0) for column in down] for row in across])
    found = Named(across, down, values, _total(across, values), _total(down, values.T))
    _check_sums(found, file)
    return found


def _long(rows: list[Line], file: str) -> dict[tuple[str, str], float]:
    cells: dict[tuple[str, str], float] = {}
    for line, row in rows:
        key = (row["row"], row["column"])
        if key in cells:
            names = {"row": short(key[0]), "column": short(key[1])}
            raise SpokenError(key="disclosure.error.twice", file=file, line=line, **names)
        cells[key] = _count(row["value"], file, line, "value")
    return cells


def _wide(rows: list[Line], names: list[str], file: str) -> dict[tuple[str, str], float]:
    cells: dict[tuple[str, str], float] = {}
    for line, row in rows:
        name = row[names[0]]
        if (name, names[-1]) in cells:
            shown = {"row": short(name), "column": short(names[-1])}
            raise SpokenError(key="disclosure.error.twice", file=file, line=line, **shown)
        for column in names[1:]:
            cells[name, column] = _count(row[column], file, line, column)
    return cells


def _count(written: str, file: str, line: int, column: str) -> float:
    """Return a count; an empty cell is nought."""
    value = number(written, file, line, column) or 0.0
    if value < 0:
        found = {"line": line, "column": column, "found": value}
        raise SpokenError(key="analyse.error.negative", file=file, **found)
    return value


def _total(names: list[str], values: NDArray[np.float64]) -> int | None:
    """Return which line is the total of the others."""
    for at, name in enumerate(names):
        if name.strip().lower() in TOTALS:
            return at
    rest = values[:-1].sum(axis=0)
    is_sum = len(names) > 2 and np.allclose(rest, values[-1], rtol=0, atol=TOLERANCE)
    return len(names) - 1 if is_sum and values[-1].any() else None


def _check_sums(named: Named, file: str) -> None:
    """Refuse totals that are not the sums."""
    sides = (
        (named.total_row, named.rows, named.columns, named.values),
        (named.total_column, named.columns, named.rows, named.values.T),
    )
    for at, names, places, values in sides:
        if at is None:
            continue
        sums = np.delete(values, at, axis=0).sum(axis=0)
        for place, found, expected in zip(places, values[at], sums, strict=True):
            if abs(found - expected) > TOLERANCE * max(1.0, abs(expected)):
                said = {"total": short(names[at]), "place": short(place)}
                raise SpokenError(
                    key="disclosure.error.sum", file=file, found=found, expected=expected, **said
                )


def _last(count: int, total: int | None) -> list[int]:
    """Return the order of lines with the total last."""
    return [at for at in range(count) if at != total] + ([] if total is None else [total])


def _primary(written: str | None, named: Named, order: list[list[int]]) -> list[tuple[int, int]]:
    """Return the cells that somebody wants hidden whatever their size."""
    found = []
    for part in (written or "").split(","):
        row, _, column = part.strip().rpartition(":")
        if not part.strip():
            continue
        if row not in named.rows or column not in named.columns:
            raise UsageError(key="disclosure.error.primary", found=part.strip())
        at, beside = named.rows.index(row), named.columns.index(column)
        if named.values[at, beside] == 0:
            raise UsageError(key="disclosure.error.nought", found=part.strip())
        found.append((order[0].index(at), order[1].index(beside)))
    return found


def _frame(
    named: Named, order: list[list[int]], table: Table, small: Mask, hidden: Mask, ends: dict
) -> pl.DataFrame:
    """Return one row a cell, in the order of the file."""
    rows = []
    for at in range(len(named.rows)):
        for beside in range(len(named.columns)):
            cell = (order[0].index(at), order[1].index(beside))
            value = float(table.values[cell])
            status = EMPTY if value == 0 else SHOWN
            if hidden[cell]:
                status = SMALL if small[cell] else PROTECTS
            low, high = ends.get(cell, (value, value))
            published = None if hidden[cell] else value
            rows.append(
                (named.rows[at], named.columns[beside], value, status, published, low, high)
            )
    schema = ["row", "column", "value", "status", "published", "lower", "upper"]
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(
        pl.when(pl.col(name).is_infinite()).then(None).otherwise(pl.col(name)).alias(name)
        for name in ("lower", "upper")
    )


def _tell(
    session: Session, named: Named, order: list[list[int]], table: Table, small: Mask,
    hidden: Mask, ends: dict,
) -> None:  # fmt: skip
    """Say what hiding cost, and whether anything still follows."""
    lang, none = session.lang, text("disclosure.none", session.lang)
    row = none if named.total_row is None else named.rows[named.total_row]
    column = none if named.total_column is None else named.columns[named.total_column]
    words(text("disclosure.totals", lang, row=row, column=column))
    threshold = f"{table.threshold:g}"
    if not small.any():
        words(text("disclosure.no_small", lang, threshold=threshold))
        return
    more = hidden & ~small
    lost = f"{table.values[more].sum():g}"
    counts = {"small": int(small.sum()), "protects": int(more.sum())}
    words(text("disclosure.cost", lang, threshold=threshold, lost=lost, **counts))
    alone = intervals(table, small).values()
    sure = sum(high - low <= POINT for low, high in alone)
    words(text("disclosure.naive", lang, count=sure))
    if table.marked:
        words(text("disclosure.marked", lang))
    follow = [
        f"{named.rows[order[0][at]]} × {named.columns[order[1][beside]]}"
        for (at, beside), (low, high) in ends.items()
        if high - low <= POINT
    ]
    key = "disclosure.pinned" if follow else "disclosure.safe"
    words(text(key, lang, cells=", ".join(follow)))
