"""How do filed numbers change together, where rules tie them to each other?

A total follows its parts, and what one part has more another may have less. Sums that cannot fall
below nought, as everybody knows, bound every change.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np

EXACT = 1e-9

Move = tuple[tuple[int, int, int], ...]  # row, time, one more or one less
Number = tuple[int, int]  # row and time


class Bound(NamedTuple):
    """What rows of one time count in a sum that cannot fall by more than its room."""

    form: Mapping[int, float]
    room: float


@dataclass(frozen=True, eq=False)
class Ties:
    """What everybody knows of how filed numbers hang together.

    Args:
        bounds: The sums that a row and time enters.
        echoes: The rows, totals all, that change by as much as a row and time does.
        partners: The rows that may have less of what a row has more, under one total.
        most: What everybody knows that a row and time cannot exceed; infinite for nothing.
    """

    bounds: Mapping[Number, Sequence[Bound]] = field(default_factory=dict)
    echoes: Mapping[Number, Sequence[int]] = field(default_factory=dict)
    partners: Mapping[int, Sequence[int]] = field(default_factory=dict)
    most: np.ndarray | None = None

    @cached_property
    def parts(self) -> dict[Number, list[int]]:
        """The rows that a total follows, by its row and time."""
        found: dict[Number, list[int]] = {}
        for (row, time), totals in self.echoes.items():
            for total in totals:
                found.setdefault((total, time), []).append(row)
        return found


def moved(rows: Sequence[int], time: int, ties: Ties) -> Sequence[int]:
    """Return the rows by which some can be changed: of a total its parts.

    >>> moved([0, 3], 7, Ties(echoes={(1, 7): [0], (2, 7): [0]}))
    [1, 2, 3]
    """
    if not ties.echoes:
        return rows
    found: dict[int, None] = {}
    for row in rows:
        parts = ties.parts.get((row, time))
        found |= dict.fromkeys(moved(parts, time, ties) if parts else [row])
    return list(found)


def completed(move: Move, ties: Ties) -> Iterator[Move]:
    """Yield what a move comes to with the totals that follow it.

    First alone, then each time with its opposite in other parts, so that the totals stay.

    >>> ties = Ties(echoes={(1, 7): [0], (2, 7): [0]}, partners={1: [2], 2: [1]})
    >>> list(completed(((1, 7, 1),), ties))
    [((1, 7, 1), (0, 7, 1)), ((1, 7, 1), (2, 7, -1))]
    """
    if not ties.echoes and not ties.partners:
        yield move
        return
    yield _echoed(move, ties)
    for others in zip(*(ties.partners.get(row, ()) for row, _, _ in move), strict=False):
        against = [(other, at, -by) for other, (_, at, by) in zip(others, move, strict=True)]
        yield _echoed((*move, *against), ties)


def keeps_bounds(move: Move, ties: Ties) -> bool:
    """Return whether all that everybody knows of filed numbers holds after a move."""
    if not ties.bounds:
        return True
    by = {(row, time): step for row, time, step in move}
    for row, time, _ in move:
        for form, room in ties.bounds.get((row, time), ()):
            change = sum(count * by.get((at, time), 0) for at, count in form.items())
            if room + change < -EXACT:
                return False
    return True


def _echoed(move: Move, ties: Ties) -> Move:
    by: dict[Number, int] = {}
    waiting = list(move)
    for row, time, step in waiting:
        by[row, time] = by.get((row, time), 0) + step
        waiting += [(total, time, step) for total in ties.echoes.get((row, time), ())]
    return tuple((row, time, step) for (row, time), step in by.items() if step)
