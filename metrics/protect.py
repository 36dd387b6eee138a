"""Which cells of sums over units and time must be hidden so that no small one can be worked out?

What was filed lies in a grid, row by time; a cell is what a unit's rows hold over a span of times.
A hidden cell cannot be pinned if other numbers might have been filed that leave every shown cell
as it is: a *witness*. One is a handful of filed numbers, each one more or one less. It is proof by
itself, and hiding more never spoils it.

The reader is taken to know all shown cells, the rules by which others are hidden, and which hidden
cells are small (from 1 up to below the limit) and which only protect others (not below it). Each
unit's own people know what it filed: for every one of them there is a witness that leaves their
numbers alone. Nought stays shown. `metrics.witness` looks for the witnesses that cost least.
"""

from collections import deque
from collections.abc import Sequence

from metrics.board import (
    EXACT,
    LEAST_MARKED,
    PROTECTS,
    SMALL,
    Board,
    Cell,
    Grid,
    Move,
    Pattern,
    Span,
)
from metrics.witness import changes, cheapest


def protect(grid: Grid) -> Pattern:
    """Return the cells of a grid with those that are hidden.

    >>> import numpy as np
    >>> units = {"c": {0: 1, 1: 1, 2: 1}, "a": {0: 1}, "b": {1: 1}, "d": {2: 1}}
    >>> spans = dict.fromkeys(units, [(0, 0)])
    >>> filed = np.array([[8.0], [12.0], [30.0]])
    >>> protect(Grid(filed, units, {"c": ["a", "b", "d"]}, spans, limit=10)).hidden
    {('a', (0, 0)): 'small', ('b', (0, 0)): 'protects'}
    """
    return _Pass(Board(grid)).run()


class _Pass:
    """One pass over a board: whatever is hidden is seen to in turn, until nothing follows."""

    def __init__(self, board: Board) -> None:
        self.board, self.waiting = board, deque[Cell]()
        self.unmarked: list[Cell] = []
        # Witnesses by the cells and by the filed numbers that they change.
        self.by_cell: dict[Cell, list[Move]] = {}
        self.by_number: dict[tuple[int, int], list[Move]] = {}

    def run(self) -> Pattern:
        board = self.board
        small = [cell for cell, value in board.values.items() if 0 < value < board.limit]
        for cell in small:
            board.hide(cell, SMALL)
        self.waiting.extend(sorted(small, key=self._size, reverse=True))
        self.waiting.extend(self._unshown())
        while self.waiting or self._hide_rest():
            self._cover(*self.waiting.popleft())
        return Pattern(board.values, board.hidden, self.unmarked)

    def _size(self, cell: Cell) -> tuple[int, int]:
        return len(self.board.rows[cell[0]]), cell[1][1] - cell[1][0]

    def _hide(self, cells: Sequence[Cell]) -> None:
        for cell in cells:
            if cell not in self.board.hidden:
                self.board.hide(cell, PROTECTS)
                self.waiting.append(cell)

    def _unshown(self) -> list[Cell]:
        """Return the small numbers that are shown nowhere and might follow all the same."""
        board, found = self.board, []
        for unit, rows in board.rows.items():
            spans = set(board.grid.spans.get(board.above.get(unit, ""), ()))
            if len(rows) == 1:
                spans |= {(time, time) for time in range(board.times)}
            spans -= set(board.grid.spans.get(unit, ()))
            small = [span for span in sorted(spans) if self._is_small(unit, span)]
            found += [(unit, span) for span in small if not board.is_free(unit, span)]
        return found

    def _is_small(self, unit: str, span: Span) -> bool:
        return 0 < self.board.total(unit, span) < self.board.limit

    def _cover(self, unit: str, span: Span) -> None:
        """See to it that nobody can pin a number: neither who knows nothing nor other units."""
        move = self._witness(unit, span, frozenset())
        for known in self._insiders(unit, span, move):
            self._witness(unit, span, known)

    def _witness(self, unit: str, span: Span, known: frozenset[int]) -> Move:
        """Hide what the cheapest witness of a number needs hidden, and return it.

        Where none stands up to a reader who knows what is small, one that does to others.
        """
        for move in self._found(unit, span):
            if not any(row in known for row, _, _ in move):
                return move
        found = cheapest(self.board, unit, span, known, self.board.limit >= LEAST_MARKED)
        if found is not None:
            for row, time, _ in found[0]:
                self.by_number.setdefault((row, time), []).append(found[0])
            for cell in found[1]:
                self.by_cell.setdefault(cell, []).append(found[0])
        else:
            self.unmarked.append((unit, span))
            found = cheapest(self.board, unit, span, known, False) or ((), [])
        self._hide(found[1])
        return found[0]

    def _found(self, unit: str, span: Span) -> list[Move]:
        """Return witnesses that were found for others and are some of this number too."""
        rows = self.board.rows[unit]
        if (unit, span) in self.board.values or len(rows) > 1:
            return self.by_cell.get((unit, span), [])
        return [
            move
            for time in range(span[0], span[1] + 1)
            for move in self.by_number.get((rows[0], time), [])
            if changes(self.board, unit, span, move)
        ]

    def _insiders(self, unit: str, span: Span, move: Move) -> list[frozenset[int]]:
        """Return what those know to whom a move is no witness, as it changes their numbers.

        Who knows all that the number is made of may know the number.
        """
        board = self.board
        if not board.known:
            return []
        inside = {row for row in board.rows[unit] if any(board.filed[row][span[0] : span[1] + 1])}
        people = {who for row, _, _ in move for who in board.grid.knowers[row]}
        found = {board.known[who] for who in people if not inside <= board.known[who]}
        return [mine for mine in found if not any(mine < other for other in found)]

    def _hide_rest(self) -> bool:
        """Hide more where what is left of a shown parent is small; return whether any was."""
        for unit, below in self.board.grid.children.items():
            for span in self.board.grid.spans.get(unit, ()):
                cell = (unit, span)
                if below and cell in self.board.values and cell not in self.board.hidden:
                    self._settle_rest(cell, below)
        return bool(self.waiting)

    def _settle_rest(self, cell: Cell, below: Sequence[str]) -> None:
        """Hide the least shown cells below a shown one until what is left open is not small."""
        board, span = self.board, cell[1]
        while EXACT < sum(self._left(child, span) for child in below) < board.limit - EXACT:
            shown = [
                (child, span)
                for child in below
                if (child, span) not in board.hidden and board.values.get((child, span), 0) > 0
            ]
            self._hide([min(shown, key=board.weight)] if shown else [cell])
            if not shown:
                return

    def _left(self, unit: str, span: Span) -> float:
        """Return what is open of a unit when everything shown of it and below is taken away."""
        cell = (unit, span)
        if cell in self.board.values and cell not in self.board.hidden:
            return 0.0
        below = self.board.grid.children.get(unit, ())
        if below:
            return sum(self._left(child, span) for child in below)
        return self.board.total(unit, span) if unit in self.board.over else 0.0
