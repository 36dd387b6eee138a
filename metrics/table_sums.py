"""Which lines of a table are the sums of others: totals, and subtotals within them?

A sum stands right after its parts, or right before them, as tables are printed; parts may be sums
themselves (quarters, half years, the year). Lines are rows, or columns, with all their cells.
"""

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

Sums = tuple[tuple[int, tuple[int, ...]], ...]  # a line, and the lines that it is the sum of
TOLERANCE = 1e-6


def find_sums(lines: NDArray[np.float64], named: Collection[int] = ()) -> Sums:
    """Return the lines that are sums, in the order of the table that finds more of them.

    Args:
        lines: One row a line.
        named: Lines that are called totals: they may have one part, or stand anywhere.

    >>> find_sums(np.array([[3.0], [10], [13], [8], [9], [17], [30]]))
    ((2, (0, 1)), (5, (3, 4)), (6, (2, 5)))
    """
    count = len(lines)
    after = _in_order(lines, range(count), named)
    before = _in_order(lines, range(count - 1, -1, -1), named)
    found = dict(after if len(after) >= len(before) else before)
    for line in named:
        if line not in found:
            inner = {part for parts in found.values() for part in parts}
            for others in (
                [at for at in range(count) if at != line and at not in inner],
                [at for at in range(count) if at != line and at not in found],
            ):
                if others and _is_sum(lines, line, others):
                    found[line] = tuple(others)
                    break
    return tuple(sorted(found.items()))


def _in_order(lines: NDArray[np.float64], order: range, named: Collection[int]) -> Sums:
    """Return the sums that follow their parts in an order of the lines."""
    open_lines: list[int] = []
    found = []
    for line in order:
        least = 1 if line in named else 2
        for count in range(len(open_lines), least - 1, -1):
            parts = open_lines[-count:]
            holds = sum(bool(lines[part].any()) for part in parts) > 1 or line in named
            if holds and _is_sum(lines, line, parts):
                found.append((line, tuple(sorted(parts))))
                del open_lines[-count:]
                break
        open_lines.append(line)
    return tuple(found)


def _is_sum(lines: NDArray[np.float64], line: int, parts: list[int]) -> bool:
    expected = lines[parts].sum(axis=0)
    return bool(np.all(np.abs(lines[line] - expected) <= TOLERANCE * np.maximum(1.0, expected)))
