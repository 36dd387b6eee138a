"""Which tables of small counts are settled together, as rules tie them to each other?

Measures of a total and its parts become one grid: the rows of each below those of the one before,
their units beside each other under names of their own, the months of all in one line.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from metrics.board import Grid, Pattern, Span
from metrics.protect import protect
from metrics.ties import Relation, ties_of


@dataclass(frozen=True, eq=False)
class Part:
    """The table of one measure: its own grid, and the months that its times are."""

    months: tuple[int, ...]
    grid: Grid


@dataclass(frozen=True, eq=False)
class Settled:
    """Tables that are settled together, by measure, with the relations between their numbers.

    `others` are the filed numbers of the measures that anybody may see, row by month from `first`.
    """

    parts: Mapping[str, Part]
    known: Sequence[Relation]
    others: Mapping[str, np.ndarray]
    first: int

    @cached_property
    def months(self) -> tuple[int, ...]:
        """The months in which any of them filed."""
        return tuple(sorted({month for part in self.parts.values() for month in part.months}))

    @cached_property
    def _whole(self) -> Pattern:
        return protect(self._grid())

    def pattern(self, code: str) -> Pattern:
        """Return the pattern of one measure, in its own times."""
        place = {month: at for at, month in enumerate(self.parts[code].months)}

        def own(cell: tuple[str, Span]) -> tuple[str, Span]:
            (first, last), (_, unit) = cell[1], cell[0].split("/", 1)
            return unit, (place[self.months[first]], place[self.months[last]])

        mine = f"{code}/"
        return Pattern(
            {own(c): n for c, n in self._whole.values.items() if c[0].startswith(mine)},
            {own(c): why for c, why in self._whole.hidden.items() if c[0].startswith(mine)},
            [(c[0].split("/", 1)[1], c[1]) for c in self._whole.unmarked if c[0].startswith(mine)],
        )

    def _grid(self) -> Grid:
        """Return all tables as one."""
        some = [part.grid for part in self.parts.values()]
        height = max(len(grid.knowers) for grid in some)
        filed, parts, children, spans = {}, {}, {}, {}
        for number, (code, part) in enumerate(self.parts.items()):
            filed[code] = self._in_line(part, height)
            name, grid, base = f"{code}/".__add__, part.grid, number * height
            for unit, rows in grid.parts.items():
                parts[name(unit)] = {base + row: share for row, share in rows.items()}
            for unit, below in grid.children.items():
                children[name(unit)] = [name(child) for child in below]
            place = [self.months.index(month) for month in part.months]
            for unit, mine in grid.spans.items():
                spans[name(unit)] = tuple((place[a], place[b]) for a, b in mine)
        at = [month - self.first for month in self.months]
        others = {code: values[:, at] for code, values in self.others.items()}
        ties = ties_of(self.known, filed | others, list(self.parts))
        values = np.vstack(list(filed.values()))
        knowers = [who for grid in some for who in grid.knowers]
        return Grid(values, parts, children, spans, some[0].limit, knowers, ties)

    def _in_line(self, part: Part, height: int) -> np.ndarray:
        found = np.full((height, len(self.months)), np.nan)
        if len(part.months):
            found[:, [self.months.index(month) for month in part.months]] = part.grid.values
        return found
