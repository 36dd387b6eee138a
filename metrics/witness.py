"""What is the cheapest witness of a number: how might other numbers have been filed instead?

A witness changes a few filed numbers by one and leaves every shown cell as it is. Ways to make one
are weighed by what they take from the cells of the units themselves, cheapest first; only then are
rows and times looked for that bear it. A way is not tried where a cheaper one was found.
"""

from collections.abc import Iterable, Iterator
from itertools import product
from typing import NamedTuple

from metrics.board import Board, Cell, Span
from metrics.moves import EXACT, Move, completed

FAR = float("inf")
#: How many rows of a unit, and times alike, are tried for one number of a witness.
TRIED = 4

Found = tuple[Move, list[Cell]]


class Way(NamedTuple):
    """A way to change a number: against `other` or over time, at times that are all alike.

    Without `other` it is a unit's own; without `outside` it stays within the span.
    """

    cost: float
    order: int
    other: str
    inside: tuple[int, ...]
    outside: tuple[int, ...]


def cheapest(
    board: Board,
    unit: str,
    span: Span,
    known: frozenset[int],
    marked: bool,
    best: tuple[float, Found] | None = None,
) -> Found | None:
    """Return the cheapest witness of what a unit holds over a span, and the cells it changes.

    Args:
        board: The grid and what is hidden of it so far.
        unit: The unit.
        span: The span.
        known: Rows that must stay as they are, as the reader knows them.
        marked: Whether the reader knows which hidden cells are small.
        best: A witness that is known already, with what it costs.
    """
    asked = (board, unit, span, known, marked)
    line = [unit]
    while (parent := board.above.get(line[-1])) is not None:
        # Units further away are looked at where none close by will do.
        best = _best_of(_against(board, line, board.beside(line[-1], line), span), *asked, best)
        if best is not None:
            break
        line.append(parent)
    if best is None or best[0] > 0:
        # Over time, or alone, it changes all that lies above it as well.
        best = _best_of(_alone(board, [unit, *board.over_it(unit)], span), *asked, best)
    return None if best is None else best[1]


def _best_of(
    ways: Iterable[Way],
    board: Board,
    unit: str,
    span: Span,
    known: frozenset[int],
    marked: bool,
    best: tuple[float, Found] | None,
) -> tuple[float, Found] | None:
    """Return the cheapest witness of some ways, or the best so far where none is cheaper."""
    most = FAR if best is None else best[0]
    for way in sorted(ways):
        if way.cost >= most:
            break
        moves = _moves(board, unit, way, known)
        tried = (whole for move in moves for whole in completed(move, board.grid.ties))
        for move in tried:
            found = board.cost(move, most, marked)
            if found is not None and changes(board, unit, span, move):
                most, best = found[0], (found[0], (move, found[1]))
                if most <= way.cost:
                    break
    return best


def changes(board: Board, unit: str, span: Span, move: Move) -> bool:
    """Return whether a move changes what a unit holds over a span."""
    parts = board.grid.parts[unit]
    by = sum(parts.get(row, 0) * step for row, time, step in move if span[0] <= time <= span[1])
    return abs(by) > EXACT


def _against(board: Board, line: list[str], others: list[str], span: Span) -> Iterator[Way]:
    """Yield the ways to change a number against units beside it or beside what it is part of."""
    for order, other in enumerate(others):
        units = [*line, other]
        alike, apart = board.alike(units, span)
        for inside in alike:
            yield Way(board.price(units, inside[0]), order, other, inside, ())
            for there in apart:
                cost = board.price(units, inside[0], there[0])
                yield Way(cost, order, other, inside, there)


def _alone(board: Board, line: list[str], span: Span) -> Iterator[Way]:
    """Yield the ways to change a number over time, or by itself."""
    alike, apart = board.alike(line, span)
    for inside in alike:
        yield Way(board.price(line, inside[0]), -1, "", inside, ())
        for there in apart:
            yield Way(board.price(line, inside[0], there[0]), -1, "", inside, there)


def _moves(board: Board, unit: str, way: Way, known: frozenset[int]) -> Iterator[Move]:
    """Yield witnesses of one way: first one less in the unit, then one more."""
    for less, more in ((unit, way.other), (way.other, unit)) if way.other else ((unit, unit),):
        sign = 1 if more == unit else -1
        if way.other and not way.outside:
            for time in _times(board, less, way.inside):
                ours = _rows(board, unit, time, known, less == unit)
                theirs = _rows(board, way.other, time, known, less != unit)
                for row, other in product(ours, theirs):
                    yield (row, time, sign), (other, time, -sign)
        elif way.other:
            yield from _crossed(board, unit, way, known, sign)
    if not way.other and way.outside:
        yield from _shifted(board, unit, way, known)
    elif not way.other:
        for time in _times(board, unit, way.inside):
            for row in _rows(board, unit, time, known, True):
                yield ((row, time, 1),)
                yield ((row, time, -1),)
        for time in way.inside[:TRIED]:
            for row in _rows(board, unit, time, known, False):
                yield ((row, time, 1),)


def _crossed(board: Board, unit: str, way: Way, known: frozenset[int], sign: int) -> Iterator[Move]:
    """Yield witnesses between two units at two times: what one has more now, the other has then."""
    first, second = (unit, way.other) if sign < 0 else (way.other, unit)
    for time in _times(board, first, way.inside):
        for then in _times(board, second, way.outside):
            ours = _rows(board, unit, time if sign < 0 else then, known, True)
            theirs = _rows(board, way.other, then if sign < 0 else time, known, True)
            for row, other in product(ours, theirs):
                yield (row, time, sign), (row, then, -sign), (other, time, -sign), (
                    other, then, sign,
                )  # fmt: skip


def _shifted(board: Board, unit: str, way: Way, known: frozenset[int]) -> Iterator[Move]:
    """Yield witnesses of one unit at two times."""
    for time, then in product(_times(board, unit, way.inside), way.outside[:TRIED]):
        for row in _rows(board, unit, time, known, True):
            yield (row, time, -1), (row, then, 1)
    for time, then in product(way.inside[:TRIED], _times(board, unit, way.outside)):
        for row in _rows(board, unit, then, known, True):
            yield (row, time, 1), (row, then, -1)


def _times(board: Board, unit: str, times: Iterable[int]) -> list[int]:
    """Return the first times in which a unit filed something."""
    over = board.over[unit]
    return [time for time in times if over[time + 1] - over[time] > EXACT][:TRIED]


def _rows(board: Board, unit: str, time: int, known: frozenset[int], has_some: bool) -> list[int]:
    """Return rows of a unit that may be one less, or more, at a time; whom it costs least first."""
    rows = board.holding(unit, time) if has_some else board.filing(unit, time)
    rows = [row for row in rows if row not in known]
    if len(rows) <= 1:
        return rows
    return sorted(rows, key=lambda row: board.price_of_row(row, time, unit))[:TRIED]
