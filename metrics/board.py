"""What is filed, summed and shown, and what would it cost to hide more of it?

What was filed lies in a grid, row by time; a cell is what a unit's rows hold over a span of times.
Times are taken up one by one: a cell is given when its last time is over, and whoever kept it has
it for good. So what was shown once can be hidden no more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from metrics.moves import EXACT, Move, Ties, keeps_bounds, moved

SMALL = "small"
PROTECTS = "protects"
#: With a limit of 2 a small cell is 1: that it is small must not be known.
LEAST_MARKED = 3
#: How many times before and after a span another time is looked for.
FAR_OFF = 12

Span = tuple[int, int]  # the first and the last time, both included
Cell = tuple[str, Span]
Groups = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, eq=False)
class Grid:
    """What was filed, and which cells of it are to be shown.

    Args:
        values: What each row filed in each time; NaN for nothing.
        parts: The rows of each unit with the share of each that counts for it.
        children: The units right below each unit, that it is the sum of.
        spans: The spans that each unit is shown in.
        limit: Smallest count that may be shown.
        knowers: Whose people know what each row filed; empty where nobody is told more.
        ties: How filed numbers hang together.
    """

    values: np.ndarray
    parts: Mapping[str, Mapping[int, float]]
    children: Mapping[str, Sequence[str]]
    spans: Mapping[str, Sequence[Span]]
    limit: float
    knowers: Sequence[frozenset[str]] = ()
    ties: Ties = Ties()


@dataclass
class Pattern:
    """The value of each cell that is to be shown, and which are hidden why.

    `unmarked` are cells that would follow if it were known which hidden cells are small.
    """

    values: dict[Cell, float] = field(default_factory=dict)
    hidden: dict[Cell, str] = field(default_factory=dict)
    unmarked: list[Cell] = field(default_factory=list)


class _Kind:
    """Units that are shown in the same spans; which of those that are over hold each time."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self.units: list[str] = []
        self.covers: list[list[Span]] = []
        self.blocks: list[int] = []
        self.ending: list[Span] = []
        self._ending: dict[int, list[Span]] = {}
        for span in spans:
            self._ending.setdefault(span[1], []).append(span)

    def take_up(self, now: int) -> None:
        """Take up a time: `ending` are the spans that end with it.

        Times that lie in the same spans have one number.
        """
        self.covers.append([])
        self.ending = self._ending.get(now, [])
        for span in self.ending:
            for time in range(span[0], now + 1):
                self.covers[time].append(span)
        numbers: dict[tuple[Span, ...], int] = {}
        self.blocks[:] = [numbers.setdefault(tuple(c), len(numbers)) for c in self.covers]


class Board:
    """A grid being hidden: its cells, what of them is hidden so far, and what hiding costs."""

    def __init__(self, grid: Grid) -> None:
        self.grid, self.limit = grid, grid.limit
        filled = np.nan_to_num(grid.values)
        self.filed = filled.tolist()
        self.has = (~np.isnan(grid.values)).tolist()
        self.most = [0.0] * len(filled)
        self.times = 0  # how many are over
        self.rows = {unit: tuple(parts) for unit, parts in grid.parts.items()}
        self.above = {child: unit for unit, below in grid.children.items() for child in below}
        self.known: dict[str, frozenset[int]] = {}
        for who in frozenset().union(*grid.knowers) if grid.knowers else ():
            rows = (row for row, people in enumerate(grid.knowers) if who in people)
            self.known[who] = frozenset(rows)
        self.hidden: dict[Cell, str] = {}
        self.values: dict[Cell, float] = {}
        self.fresh: list[Cell] = []
        # Cells that may be nought for all that is known though they are hidden.
        self.vague: set[Cell] = set()
        self.is_late = self.hides_nought = False
        self.over: dict[str, np.ndarray] = {}
        self.covers: dict[str, list[list[Span]]] = {}
        self.blocks: dict[str, list[int]] = {}
        self.units_of: list[list[tuple[str, float]]] = [[] for _ in filled]
        self._counted: dict[str, np.ndarray] = {}
        self.kinds: dict[str, _Kind] = {}
        self._unknown: dict[str, np.ndarray] = {}
        self._add_up(filled)
        self._at: dict[tuple[int, int], list[tuple[Cell, float]]] = {}
        self._rows: dict[tuple[str, int, bool, bool], list[int]] = {}
        self._alike: dict[tuple, tuple[Groups, Groups]] = {}
        self.stamps = dict.fromkeys(self.rows, 0)
        self._prices: dict[tuple[str, int, int, bool], tuple[int, float]] = {}

    def _add_up(self, filled: np.ndarray) -> None:
        counted = np.zeros((len(filled), filled.shape[1] + 1))
        np.cumsum(self.has, axis=1, out=counted[:, 1:])
        alike: dict[tuple[Span, ...], _Kind] = {}
        for unit, parts in self.grid.parts.items():
            rows, shares = list(parts), np.array(list(parts.values()))
            self.over[unit] = np.zeros(filled.shape[1] + 1)
            np.cumsum(shares @ filled[rows], out=self.over[unit][1:])
            self._counted[unit] = counted[rows].sum(axis=0)
            spans = tuple(self.grid.spans.get(unit, ()))
            kind = alike.setdefault(spans, _Kind(spans))
            kind.units.append(unit)
            self.kinds[unit] = kind
            self.covers[unit], self.blocks[unit] = kind.covers, kind.blocks
            for row, share in parts.items():
                self.units_of[row].append((unit, share))

    def advance(self) -> None:
        """Take up the next time: `fresh` are the cells that end with it."""
        now, self.fresh = self.times, []
        self.times += 1
        for row, filed in enumerate(self.filed):
            self.most[row] = max(self.most[row], filed[now])
        for kind in dict.fromkeys(self.kinds.values()):
            kind.take_up(now)
            for span in kind.ending:
                for unit in kind.units:
                    counted = self._counted[unit]
                    if counted[now + 1] > counted[span[0]]:
                        self.values[unit, span] = self.total(unit, span)
                        self.fresh.append((unit, span))
                        if self._is_bounded(unit, span):
                            self.vague.add((unit, span))
        for kept in (self._at, self._rows, self._alike, self._prices):
            kept.clear()

    def _is_bounded(self, unit: str, span: Span) -> bool:
        """Return whether somebody knows that a cell, or what of it others filed, is small.

        Hidden where it is not nought and shown where it is, one below a bound of 1 were known; so
        it is to the people of a unit whose own number is nought.
        """
        most = self.grid.ties.most
        if most is None:
            return False
        rows, shares = list(self.grid.parts[unit]), list(self.grid.parts[unit].values())
        tops = most[rows, span[0] : span[1] + 1].sum(axis=1) * shares
        left = np.where(self._unknown_rows(unit), tops, 0.0).sum(axis=1)
        return bool(((left > EXACT) & (left < self.limit)).any())

    def _unknown_rows(self, unit: str) -> np.ndarray:
        """Return which rows of a unit a stranger does not know, nor its units' people each."""
        if unit not in self._unknown:
            rows = self.rows[unit]
            people = set().union(*(self.grid.knowers[row] for row in rows if self.known))
            known = dict.fromkeys([frozenset(), *(self.known[who] for who in sorted(people))])
            self._unknown[unit] = np.array([[row not in mine for row in rows] for mine in known])
        return self._unknown[unit]

    def hide(self, cell: Cell, why: str) -> None:
        """Hide a cell; a nought that is hidden may be one for all that is known."""
        if self.values.get(cell) == 0:
            self.vague.add(cell)
        self.hidden[cell] = why
        self.stamps[cell[0]] += 1

    def total(self, unit: str, span: Span) -> float:
        """Return what counts for a unit over a span."""
        over = self.over[unit]
        return round(float(over[span[1] + 1] - over[span[0]]), 9)

    def at(self, row: int, time: int) -> list[tuple[Cell, float]]:
        """Return the cells that a filed number enters, each with its share."""
        found = self._at.get((row, time))
        if found is None:
            found = self._at[row, time] = [
                ((unit, span), share)
                for unit, share in self.units_of[row]
                for span in self.covers[unit][time]
                if (unit, span) in self.values
            ]
        return found

    def ending(self, unit: str | None) -> list[Span]:
        """Return the spans of a unit that end now."""
        return self.kinds[unit].ending if unit in self.kinds else []

    def meets_fresh(self, move: Move) -> bool:
        """Return whether a move changes what lies in a cell that ends now."""
        change: dict[str, dict[Span, float]] = {}
        for row, time, step in move:
            for unit, share in self.units_of[row]:
                for span in reversed(self.covers[unit][time]):
                    if span[1] != self.times - 1:
                        break
                    mine = change.setdefault(unit, {})
                    mine[span] = mine.get(span, 0.0) + share * step
        return any(abs(by) > EXACT for mine in change.values() for by in mine.values())

    def weight(self, cell: Cell) -> float:
        """Return what it costs to hide a cell: nothing for a hidden one, else one and its size.

        What was shown before cannot be hidden, unless it `is_late` but better than never.
        """
        if cell in self.hidden:
            return 0.0
        can_be = cell[1][1] == self.times - 1 or self.is_late
        return 4 * self.limit + self.values.get(cell, 0.0) if can_be else float("inf")

    def is_free(self, unit: str, span: Span) -> bool:
        """Return whether a filing unit's number can be another at no cost, for whoever looks.

        So it is where two units beside it filed something in other times of the same spans: what
        it had less now and more then, they had the other way round.
        """
        row, parent = self.rows[unit][0], self.above.get(unit)
        first, last = span
        blocks = self.blocks[unit]
        if parent is None or len(self.rows[unit]) > 1 or blocks[first] != blocks[last]:
            return False
        if self.grid.ties.echoes:
            return False
        time = next(at for at in range(first, last + 1) if self.filed[row][at] >= 1)
        then = [at for at in range(self.times) if blocks[at] == blocks[time] and self.has[row][at]]
        then = [at for at in then if not first <= at <= last]
        bearing = 0
        for other in self.beside(unit, (unit,)):
            theirs = self.blocks[other]
            rows = self.rows[other]
            if len(rows) > 1 or not self.has[rows[0]][time] or rows[0] == row:
                continue
            filed = self.filed[rows[0]]
            bearing += any(
                filed[at] >= 1
                and theirs[at] == theirs[time]
                and keeps_bounds(
                    ((row, time, -1), (row, at, 1), (rows[0], time, 1), (rows[0], at, -1)),
                    self.grid.ties,
                )
                for at in then
            )
            if bearing > 1:
                return True
        return False

    def over_it(self, unit: str) -> list[str]:
        """Return the units over a unit, nearest first."""
        found: list[str] = []
        while (parent := self.above.get(found[-1] if found else unit)) is not None:
            found.append(parent)
        return found

    def beside(self, unit: str, line: Sequence[str]) -> list[str]:
        """Return the units beside a unit that filed something."""
        return [other for other in self.grid.children[self.above[unit]] if other not in line]

    def alike(self, units: Sequence[str], span: Span) -> tuple[Groups, Groups]:
        """Return the times of a span, and those near it, in groups that lie in the same spans."""
        blocks = [self.blocks[unit] for unit in units]
        key = (span, *sorted({id(block) for block in blocks}))
        if key not in self._alike:
            near = range(max(0, span[0] - FAR_OFF), min(self.times, span[1] + 1 + FAR_OFF))
            found: tuple[dict, dict] = ({}, {})
            for time in near:
                mark = tuple(block[time] for block in blocks)
                place = found[0] if span[0] <= time <= span[1] else found[1]
                place.setdefault(mark, []).append(time)
            self._alike[key] = tuple(
                tuple(tuple(group) for group in groups.values()) for groups in found
            )  # type: ignore[assignment]
        return self._alike[key]

    def price(self, units: Sequence[str], time: int, other: int | None = None) -> float:
        """Return what it costs to hide the units' cells at a time that do not hold another too."""
        cost = 0.0
        for unit in units:
            cost += self._price(unit, time, other)
        return cost

    def _price(self, unit: str, time: int, other: int | None) -> float:
        """Return the price of one unit, worked out again when more of it was hidden."""
        blocks = self.blocks[unit]
        mine, theirs = blocks[time], -1 if other is None else blocks[other]
        if mine == theirs:
            return 0.0
        key = (unit, mine, theirs, self.is_late)
        stamp, cost = self._prices.get(key, (-1, 0.0))
        if stamp != self.stamps[unit]:
            covers = self.covers[unit]
            spans = set(covers[time]) if other is None else set(covers[time]) ^ set(covers[other])
            cost = sum(self.weight((unit, span)) for span in spans if (unit, span) in self.values)
            self._prices[key] = (self.stamps[unit], cost)
        return cost

    def price_of_row(self, row: int, time: int, top: str) -> float:
        """Return what it costs to hide the cells of a row at a time in the units below another."""
        below = len(self.rows[top])
        return sum(
            self.weight(cell)
            for cell, _ in self.at(row, time)
            if cell[0] != top and len(self.rows[cell[0]]) < below
        )

    def may_be_more(self, row: int, time: int) -> bool:
        """Return whether a filed nought may have been more for all that is shown and bounded."""
        most = self.grid.ties.most
        is_bounded = not self.has[row][time] or (most is not None and most[row, time] < 1)
        return not is_bounded and all(
            self.values[cell] or cell in self.hidden for cell, _ in self.at(row, time)
        )

    def holding(self, unit: str, time: int) -> list[int]:
        """Return the rows of a unit that filed one or more at a time."""
        return self._rows_at(unit, time, True)

    def filing(self, unit: str, time: int) -> list[int]:
        """Return the rows of a unit that filed at a time, and ever one or more or might have.

        Where noughts may be hidden those too that never had any.
        """
        return self._rows_at(unit, time, False)

    def _rows_at(self, unit: str, time: int, holds: bool) -> list[int]:
        key = (unit, time, holds, self.hides_nought)
        if key not in self._rows:
            self._rows[key] = [
                row
                for row in moved(self.rows[unit], time, self.grid.ties)
                if self.has[row][time]
                and (
                    self.filed[row][time] >= 1
                    if holds
                    else self.hides_nought or self.most[row] >= 1 or self._may_hold(row, time)
                )
            ]
        return self._rows[key]

    def _may_hold(self, row: int, time: int) -> bool:
        """Return whether a bound leaves a filed number room, yet so little that it is hidden."""
        most = self.grid.ties.most
        return most is not None and 1 <= most[row, time] < self.limit

    def cost(self, move: Move, most: float, marked: bool) -> tuple[float, list[Cell]] | None:
        """Return what a move takes from the table, and the cells that it changes.

        None where it is no witness, as a shown nought or a bound would be broken, or costs `most`.
        """
        change: dict[Cell, float] = {}
        if not keeps_bounds(move, self.grid.ties):
            return None
        for row, time, step in move:
            if not self.has[row][time] or self.filed[row][time] + step < 0:
                return None
            for cell, share in self.at(row, time):
                change[cell] = change.get(cell, 0.0) + share * step
        cost, cells = 0.0, []
        for cell, by in change.items():
            if abs(by) < EXACT:
                continue
            was = self.values[cell]
            if not self._is_possible(cell, was + by, marked):
                return None
            cost += self.weight(cell)
            if cost >= most:
                return None
            cells.append(cell)
        return cost, cells

    def _is_possible(self, cell: Cell, would_be: float, marked: bool) -> bool:
        """Return whether a hidden cell might as well be another number, for all that is known."""
        if cell in self.vague:
            return would_be > -EXACT
        was = self.values[cell]
        if would_be < EXACT or (was == 0 and not self.hides_nought):
            return False
        return not marked or (was < self.limit) == (would_be < self.limit - EXACT)
