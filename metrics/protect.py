"""Which cells of sums over units and time must be hidden so that no small one can be worked out?

What was filed lies in a grid, row by time; a cell is what a unit's rows hold over a span of times.
A hidden cell cannot be pinned if other numbers might have been filed that leave every shown cell
as it is: a *witness*. One is a handful of filed numbers, each one more or one less. It is proof by
itself, and hiding more never spoils it.

The reader is taken to know all shown cells, the rules by which others are hidden, and which hidden
cells are small (from 1 up to below the limit) and which only protect others (not below it). Each
unit's own people know what it filed: for every one of them there is a witness that leaves their
numbers alone. Nought stays shown. `metrics.witness` looks for the witnesses that cost least.

A table is given again and again, each time with the times that came since, and readers keep the
old ones. So times are taken up one by one, with what is filed until then and nothing else: a cell
is shown or hidden once and for all when it ends, and the table of today holds those of before.
Where a new cell would spoil a witness it is hidden, or another witness sought.
"""

from collections import deque
from collections.abc import Sequence

from metrics.board import (
    LEAST_MARKED,
    PROTECTS,
    SMALL,
    Board,
    Cell,
    Grid,
    Pattern,
    Span,
)
from metrics.moves import EXACT, Move
from metrics.witness import FAR, Found, changes, cheapest


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
        self.unmarked: dict[Cell, None] = {}
        # Whose witnesses they are, whether also for who knows what is small, and those of before.
        self.held: dict[Move, dict[Cell, None]] = {}
        self.marked: dict[Move, bool] = {}
        self.before: dict[Cell, list[Move]] = {}
        # Witnesses by the cells and by the filed numbers that they change.
        self.by_cell: dict[Cell, list[Move]] = {}
        self.by_number: dict[tuple[int, int], list[Move]] = {}
        # Small numbers that are shown nowhere and may be others at no cost.
        self.free: dict[str, list[Span]] = {}

    def run(self) -> Pattern:
        board = self.board
        for _ in range(board.grid.values.shape[1]):
            board.advance()
            small = [cell for cell in board.fresh if 0 < board.values[cell] < board.limit]
            small += [cell for cell in board.fresh if cell in board.vague and cell not in small]
            for cell in small:
                board.hide(cell, SMALL if board.values[cell] else PROTECTS)
            self.waiting.extend(sorted(small, key=self._size, reverse=True))
            self.waiting.extend(self._spoiled())
            self.waiting.extend(self._unshown())
            while self.waiting or self._hide_rest():
                self._cover(*self.waiting.popleft())
        return Pattern(board.values, board.hidden, list(self.unmarked))

    def _size(self, cell: Cell) -> tuple[int, int]:
        return len(self.board.rows[cell[0]]), cell[1][1] - cell[1][0]

    def _hide(self, cells: Sequence[Cell]) -> None:
        for cell in cells:
            if cell not in self.board.hidden:
                self.board.hide(cell, PROTECTS)
                self.waiting.append(cell)

    def _spoiled(self) -> list[Cell]:
        """Return the numbers of which a witness no longer holds beside the cells that are new."""
        board, found = self.board, dict[Cell, None]()
        since = min((first for _, (first, _) in board.fresh), default=board.times)
        near = [move for move in self.held if any(time >= since for _, time, _ in move)]
        for move in [move for move in near if board.meets_fresh(move)]:
            holds = board.cost(move, EXACT, self.marked[move])
            if holds is not None:
                self._index(move, [cell for cell in holds[1] if cell[1][1] == board.times - 1])
                continue
            for cell in self.held.pop(move):
                self.before.setdefault(cell, []).append(move)
                found[cell] = None
        return list(found)

    def _unshown(self) -> list[Cell]:
        """Return the small numbers that are shown nowhere and might follow all the same."""
        board, now, found = self.board, self.board.times - 1, list[Cell]()
        for unit, rows in board.rows.items():
            ended = {(now, now)} if len(rows) == 1 else set()
            ended |= set(board.ending(board.above.get(unit))) - set(board.ending(unit))
            ended -= set(board.ending(unit))
            since = self._since(unit)
            asked = [span for span in self.free.get(unit, ()) if span[1] >= since]
            asked += [span for span in sorted(ended) if self._is_small(unit, span)]
            free = {span for span in asked if board.is_free(unit, span)}
            kept = [span for span in self.free.get(unit, ()) if span not in asked]
            self.free[unit] = [*kept, *sorted(free)]
            found += [(unit, span) for span in asked if span not in free]
        return found

    def _since(self, unit: str) -> int:
        """Return the first time in a cell that ends now, of a unit or of those beside it."""
        family = self.board.grid.children.get(self.board.above.get(unit, ""), (unit,))
        starts = (first for one in family for first, _ in self.board.ending(one))
        return min(starts, default=self.board.times)

    def _is_small(self, unit: str, span: Span) -> bool:
        return 0 < self.board.total(unit, span) < self.board.limit

    def _cover(self, unit: str, span: Span) -> None:
        """See to it that nobody can pin a number: neither who knows nothing nor other units."""
        move = self._witness(unit, span, frozenset())
        for known in self._insiders(unit, span, move):
            self._witness(unit, span, known)

    def _witness(self, unit: str, span: Span, known: frozenset[int]) -> Move:
        """Hide what the cheapest witness of a number needs hidden, and return it.

        Where none stands up to a reader who knows what is small, one that does to others; where
        that needs hidden a nought, or what was shown before, it is hidden.
        """
        board, cell = self.board, (unit, span)
        for move in self._found(unit, span):
            if not any(row in known for row, _, _ in move):
                self.held[move][cell] = None
                return move
        knows_small = board.limit >= LEAST_MARKED
        for marked, noughts, late in (
            (knows_small, False, False), (False, False, False), (False, True, False),
            (False, True, True),
        ):  # fmt: skip
            board.hides_nought, board.is_late = noughts, late
            best = self._as_before(cell, known, marked)
            found = cheapest(board, unit, span, known, marked, best)
            if found is not None:
                break
            self.unmarked[cell] = None
        board.hides_nought = board.is_late = False
        if found is None:
            return ()
        move, cells = found
        self.marked[move] = marked
        self.held.setdefault(move, {})[cell] = None
        if marked == knows_small:
            self._index(move, cells)
            for row, time, _ in move:
                self.by_number.setdefault((row, time), []).append(move)
        self._hide(cells)
        return move

    def _as_before(
        self, cell: Cell, known: frozenset[int], marked: bool
    ) -> tuple[float, Found] | None:
        """Return the cheapest of the witnesses that a number had before."""
        best: tuple[float, Found] | None = None
        for move in self.before.get(cell, ()):
            if not any(row in known for row, _, _ in move):
                found = self.board.cost(move, best[0] if best else FAR, marked)
                best = best if found is None else (found[0], (move, found[1]))
        return best

    def _index(self, move: Move, cells: Sequence[Cell]) -> None:
        for cell in cells:
            self.by_cell.setdefault(cell, []).append(move)

    def _found(self, unit: str, span: Span) -> list[Move]:
        """Return witnesses that were found for others and are some of this number too."""
        rows = self.board.rows[unit]
        if (unit, span) in self.board.values or len(rows) > 1:
            return [move for move in self.by_cell.get((unit, span), ()) if move in self.held]
        return [
            move
            for time in range(span[0], span[1] + 1)
            for move in self.by_number.get((rows[0], time), ())
            if move in self.held and changes(self.board, unit, span, move)
        ]

    def _insiders(self, unit: str, span: Span, move: Move) -> list[frozenset[int]]:
        """Return what those know to whom a move is no witness, as it changes their numbers.

        Who knows all that the number is made of may know the number; so may who knows all of a
        nought that is not shown to be one.
        """
        board = self.board
        if not board.known:
            return []
        rows, times = board.rows[unit], range(span[0], span[1] + 1)
        inside = {row for row in rows if any(board.filed[row][at] for at in times)}
        if not inside:
            inside = {row for row in rows if any(board.may_be_more(row, at) for at in times)}
        people = {who for row, _, _ in move for who in board.grid.knowers[row]}
        found = {board.known[who] for who in people if not inside <= board.known[who]}
        return [mine for mine in found if not any(mine < other for other in found)]

    def _hide_rest(self) -> bool:
        """Hide more where what is left of a shown parent is small; return whether any was."""
        for unit, below in self.board.grid.children.items():
            for span in self.board.ending(unit) if below else ():
                cell = (unit, span)
                if cell in self.board.values and cell not in self.board.hidden:
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
