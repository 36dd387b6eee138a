"""Which lines of a table are the sums of others: totals, and subtotals within them?

A sum stands right after its parts, or right before them, as tables are printed; parts may be sums
themselves (quarters, half years, the year). Lines are rows, or columns, with all their cells.
Among small counts many a line is by chance what those beside it come to (1, 2, 3), so that a table
can be read in several ways: the one that leaves the fewest lines outside of any sum is taken.
"""

from collections.abc import Collection, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Lines = NDArray[np.float64]
Sums = tuple[tuple[int, tuple[int, ...]], ...]  # a line, and the lines that it is the sum of
#: A sum of decimals is off by less than this part of it; one case of millions is more.
TOLERANCE = 1e-9
#: So many ways to read a table are followed at once: a group of lines seldom has more than six
#: that are sums by chance, and where it ends at its own sum the wrong ways are left behind.
FOLLOWED = 64


class _Way(NamedTuple):
    """One way to read the lines so far; `outside`, the last first, are in no sum yet."""

    unfound: int  # totals by name that are none here
    left: int  # how many lines are outside
    outside: "_Chain"
    sums: Sums


_Chain = tuple[int, "_Chain"] | None


def find_sums(lines: Lines, named: Collection[int] = ()) -> Sums:
    """Return the lines that are sums, in the order of the table that explains more of them.

    Args:
        lines: One row a line, none of them negative.
        named: Lines that are called totals: they may have one part, or stand anywhere.

    >>> find_sums(np.array([[3.0], [10], [13], [8], [9], [17], [30]]))
    ((2, (0, 1)), (5, (3, 4)), (6, (2, 5)))
    >>> find_sums(np.array([[1.0], [2], [3], [6]]))
    ((3, (0, 1, 2)),)
    """
    order = range(len(lines))
    best = min((_read(lines, way, named) for way in (order, order[::-1])), key=lambda way: way[:2])
    found = dict(best.sums)
    for line in named:
        if line not in found:
            found = _anywhere(lines, line, found)
    return tuple(sorted(found.items()))


def _read(lines: Lines, order: range, named: Collection[int]) -> _Way:
    """Return the best way to read lines in which each sum follows its parts."""
    ways = [_Way(0, 0, None, ())]
    for line in order:
        further = (one for way in ways for one in _further(lines, line, way, line in named))
        ways = sorted(further, key=lambda way: way[:2])[:FOLLOWED]
    return ways[0]


def _further(lines: Lines, line: int, way: _Way, is_named: bool) -> Iterator[_Way]:
    """Yield the ways to read one line more: as a sum, if it is one, and as none."""
    parts, before = _parts(lines, line, way.outside, 1 if is_named else 2)
    if parts:
        sums = (*way.sums, (line, tuple(sorted(parts))))
        yield _Way(way.unfound, way.left - len(parts) + 1, (line, before), sums)
    if not parts or not is_named:
        yield _Way(way.unfound + is_named, way.left + 1, (line, way.outside), way.sums)


def _parts(lines: Lines, line: int, outside: _Chain, least: int) -> tuple[list[int], _Chain]:
    """Return the most lines that come to a line, from the last one back, and those before them."""
    most = lines[line] + TOLERANCE * np.maximum(1.0, lines[line])
    total, passed, filled = np.zeros_like(lines[line]), list[int](), 0
    found: tuple[list[int], _Chain] = ([], None)
    while outside is not None:
        part, outside = outside
        total = total + lines[part]
        if (total > most).any():
            break
        passed.append(part)
        filled += bool(lines[part].any())
        if filled >= least and _agree(lines[line], total):
            found = (list(passed), outside)
    return found


def _anywhere(lines: Lines, line: int, found: dict[int, tuple[int, ...]]) -> dict:
    """Return the sums with one more, called so, whose parts stand anywhere, if it is one."""
    inner = {part for parts in found.values() for part in parts}
    others = [at for at in range(len(lines)) if at != line]
    for parts, kept in (
        ([at for at in others if at not in inner], found),
        ([at for at in others if at not in found], found),
        (others, {}),  # no part of the whole is the sum of other parts
    ):
        if parts and _agree(lines[line], lines[parts].sum(axis=0)):
            return kept | {line: tuple(parts)}
    return found


def _agree(line: NDArray[np.float64], expected: NDArray[np.float64]) -> bool:
    return bool(np.all(np.abs(line - expected) <= TOLERANCE * np.maximum(1.0, expected)))
