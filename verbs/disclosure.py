"""Which cells of any table must not be shown, and what can a reader work out of the others?"""

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
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
from metrics.table_sums import Sums, find_sums
from verbs.csv_table import Line, number, read_table, short
from verbs.session import Session, UsageError
from verbs.show import show, words

LONG = ("row", "column", "value")
TOTALS = frozenset(
    {"total", "totals", "sum", "all", "grand total", "合计", "总计", "共计", "小计", "总数"}
)


class Named(NamedTuple):
    """A table with its names as written; `down` are sums of rows, `across` of columns."""

    rows: list[str]
    columns: list[str]
    values: NDArray[np.float64]
    down: Sums
    across: Sums


def disclosure(session: Session, args: argparse.Namespace) -> int:
    """Print each cell with its status and what a reader can tell of it; say the cost."""
    if not args.threshold >= 0:
        raise UsageError(key="disclosure.error.threshold", found=args.threshold)
    named = read_cells(args.input)
    table = Table(named.values, named.down, named.across, args.threshold, args.marked)
    small = small_cells(table)
    for cell in _primary(args.primary, named):
        small[cell] = True
    with quiet():
        hidden = hide_table(table, small)
        ends = intervals(table, hidden)
        alone = intervals(table, small)
    show(_frame(named, table, small, hidden, ends), args.format)
    _tell(session, named, table, small, hidden, ends, alone)
    return 0


@contextmanager
def quiet() -> Iterator[None]:
    """Keep off standard output what the solver's library writes there by itself."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


def read_cells(path: str) -> Named:
    """Return the table of a file: one row a row with a name first, or one row a cell.

    Sums are known by their names, else by being the sum of the rows or columns beside them.
    """
    names = list(read_table(path, [])[0].cells) if read_table(path, []) else []
    rows, file = read_table(path, names), Path(path).name
    if not rows:
        raise SpokenError(key="analyse.error.empty", file=file)
    if set(LONG) <= set(names) and len(names) > len(LONG):
        others = ", ".join(short(name) for name in names if name not in LONG)
        raise SpokenError(key="disclosure.error.columns", file=file, columns=others)
    cells = _long(rows, file) if set(LONG) <= set(names) else _wide(rows, names, file)
    across = list(dict.fromkeys(row for row, _ in cells))
    down = list(dict.fromkeys(column for _, column in cells))
    if len(across) * len(down) < 2:
        sizes = {"rows": len(across), "columns": len(down)}
        raise SpokenError(key="disclosure.error.small", file=file, **sizes)
    values = np.array([[cells.get((row, column), 0.0) for column in down] for row in across])
    sums = (_sums(across, down, values, file), _sums(down, across, values.T, file))
    return Named(across, down, values, *sums)


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


def _sums(names: list[str], places: list[str], lines: NDArray[np.float64], file: str) -> Sums:
    """Return the lines that are sums; refuse what is called a total and is none."""
    called = [at for at, name in enumerate(names) if name.strip().lower() in TOTALS]
    found = find_sums(lines, called)
    for at in called:
        if at not in dict(found) and len(names) > 1:
            sums = np.delete(lines, at, axis=0).sum(axis=0)
            place = int(np.argmax(np.abs(lines[at] - sums)))
            said = {"total": short(names[at]), "place": short(places[place])}
            numbers = {"found": lines[at][place], "expected": sums[place]}
            raise SpokenError(key="disclosure.error.sum", file=file, **numbers, **said)
    return found


def _primary(written: str | None, named: Named) -> list[tuple[int, int]]:
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
        found.append((at, beside))
    return found


def _frame(named: Named, table: Table, small: Mask, hidden: Mask, ends: dict) -> pl.DataFrame:
    """Return one row a cell, in the order of the file."""
    rows = []
    for at in range(len(named.rows)):
        for beside in range(len(named.columns)):
            cell = (at, beside)
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
    session: Session, named: Named, table: Table, small: Mask, hidden: Mask, ends: dict,
    alone: dict,
) -> None:  # fmt: skip
    """Say what hiding cost, and whether anything still follows."""
    lang, none = session.lang, text("disclosure.none", session.lang)
    row = ", ".join(named.rows[at] for at, _ in named.down) or none
    column = ", ".join(named.columns[at] for at, _ in named.across) or none
    words(text("disclosure.totals", lang, row=row, column=column))
    threshold = f"{table.threshold:g}"
    if not small.any():
        words(text("disclosure.no_small", lang, threshold=threshold))
        return
    more = hidden & ~small
    lost = f"{table.values[more].sum():g}"
    counts = {"small": int(small.sum()), "protects": int(more.sum())}
    words(text("disclosure.cost", lang, threshold=threshold, lost=lost, **counts))
    sure = sum(high - low <= POINT for low, high in alone.values())
    words(text("disclosure.naive", lang, count=sure))
    if table.marked:
        words(text("disclosure.marked", lang))
    follow = [
        f"{named.rows[at]} × {named.columns[beside]}"
        for (at, beside), (low, high) in ends.items()
        if high - low <= POINT
    ]
    key = "disclosure.pinned" if follow else "disclosure.safe"
    words(text(key, lang, cells=", ".join(follow)))
