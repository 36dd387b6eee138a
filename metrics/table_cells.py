"""Between which bounds does a hidden cell of a table lie, for who sees all the others?

A table has rows and columns, some of them sums of others; every sum is one equation. A reader
knows the shown cells, that nothing is negative, and, if so told, which hidden cells are small.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_array

from metrics.table_sums import Sums

Mask = NDArray[np.bool_]
#: A reader is sure of a cell that lies within so little.
POINT = 1e-6
SHOWN, SMALL, PROTECTS, EMPTY = "S", "U", "M", "E"


@dataclass(frozen=True, eq=False)
class Table:
    """Cells [row, column], with the sums among rows and among columns.

    Args:
        values: The cells; nought where nothing was counted.
        down: The rows that are sums of others.
        across: The columns that are sums of others.
        threshold: Smallest count that may be shown.
        marked: Whether the reader knows which hidden cells are below the threshold.
    """

    values: NDArray[np.float64]
    down: Sums
    across: Sums
    threshold: float
    marked: bool = False

    @cached_property
    def equations(self) -> csr_array:
        """The matrix of the sums: each row times the cells is nought."""
        rows, columns = self.values.shape
        place = np.arange(rows * columns).reshape(rows, columns)
        lines = [
            (group[total], [group[part] for part in parts])
            for groups, sums in ((place.T, self.down), (place, self.across))
            for total, parts in sums
            for group in groups
        ]
        entries = [
            (number, cell, sign)
            for number, (total, parts) in enumerate(lines)
            for cell, sign in [(total, -1.0), *((part, 1.0) for part in parts)]
        ]
        number, cell, sign = zip(*entries, strict=True) if entries else ((), (), ())
        return csr_array((sign, (number, cell)), shape=(len(lines), rows * columns))

    def bounds(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the least and the most that each cell can be if it is hidden."""
        values = self.values.ravel()
        low = np.zeros(len(values))
        high = np.full(len(values), np.inf)
        if self.marked:
            small = (values > 0) & (values < self.threshold)
            low = np.where(small, 1.0, np.minimum(self.threshold, values))
            high = np.where(small, np.maximum(values, self.threshold - 1), np.inf)
        return low, high


def totalled(values: NDArray[np.float64], threshold: float, marked: bool = False) -> Table:
    """Return a table whose last row and last column are the totals of the others."""
    rows, columns = (((count - 1, tuple(range(count - 1))),) for count in values.shape)
    return Table(values, rows, columns, threshold, marked)


def small_cells(table: Table) -> Mask:
    """Return which cells are small: above nought and below the threshold.

    >>> small_cells(Table(np.array([[0.0, 4.0, 5.0]]), (), (), threshold=5)).tolist()
    [[False, True, False]]
    """
    return (table.values > 0) & (table.values < table.threshold)


def intervals(table: Table, hidden: Mask) -> dict[tuple[int, int], tuple[float, float]]:
    """Return the least and the most of each hidden cell for a reader of the others."""
    flat = hidden.ravel()
    places = np.flatnonzero(flat)
    matrix = table.equations
    right = -(matrix @ np.where(flat, 0.0, table.values.ravel()))
    unknown = matrix[:, places]
    low, high = (side[places] for side in table.bounds())
    bounds = [(a, None if np.isinf(b) else b) for a, b in zip(low, high, strict=True)]
    found = {}
    for at, place in enumerate(places):
        ends = []
        for sign in (1.0, -1.0):
            cost = np.zeros(len(places))
            cost[at] = sign
            solved = linprog(cost, A_eq=unknown, b_eq=right, bounds=bounds, method="highs")
            ends.append(sign * solved.fun if solved.status == 0 else -sign * np.inf)
        row, column = divmod(int(place), table.values.shape[1])
        found[row, column] = (round(ends[0], 9) + 0.0, round(ends[1], 9) + 0.0)
    return found


def pinned(table: Table, hidden: Mask) -> list[tuple[int, int]]:
    """Return the hidden cells of which a reader of the others is sure."""
    ends = intervals(table, hidden)
    return [cell for cell, (low, high) in ends.items() if high - low <= POINT]
