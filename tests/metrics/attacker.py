"""Who knows every shown number, and the rules: between which bounds does a hidden one lie?

Written apart from the product: it knows filed numbers (never negative, whole where they are counts)
and sums of them, and solves for the least and the most that any sum can be.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

Sum = Mapping[Hashable, float]  # filed number → how often it is counted
FAR = 1e6
POINT = 1e-4


@dataclass
class Attacker:
    """What a reader knows: sums between bounds, those that are shown between equal ones."""

    known: list[tuple[Sum, float, float]] = field(default_factory=list)
    whole: bool = True

    def learn(self, parts: Sum, low: float, high: float = FAR) -> None:
        """Know that a sum lies between two numbers."""
        self.known.append((parts, low, high))

    def bounds(self, target: Sum) -> tuple[float, float]:
        """Return the least and the most that a sum can be."""
        ends = [self._end(target, sign) for sign in (1, -1)]
        return ends[0][0], -ends[1][0]

    def sure_of(self, targets: Mapping[Hashable, Sum], truth: Mapping[Hashable, float]) -> list:
        """Return the names of the sums that can only be what they are.

        Every possible world that is found on the way may show several of them to be open.
        """
        sure, waiting = [], dict(targets)
        while waiting:
            name, parts = next(iter(waiting.items()))
            del waiting[name]
            mine = sum(truth[part] * count for part, count in parts.items())
            is_open = False
            for sign in (1, -1):
                end, world = self._end(parts, sign)
                is_open = abs(end - sign * mine) > POINT
                if is_open:
                    break
            if not is_open:
                sure.append(name)
                continue
            for other, sums in list(waiting.items()):
                by = sum((world[part] - truth[part]) * count for part, count in sums.items())
                if abs(by) > POINT:
                    del waiting[other]
        return sure

    def _end(self, target: Sum, sign: int) -> tuple[float, dict[Hashable, float]]:
        """Return the least of a sum, or of its opposite, and a world in which it is so."""
        names = {name: at for at, name in enumerate(sorted({*target, *self._names()}, key=str))}
        rows, columns, counts = [], [], []
        for row, (parts, _, _) in enumerate(self.known):
            for name, count in parts.items():
                rows.append(row)
                columns.append(names[name])
                counts.append(count)
        shape = (len(self.known), len(names))
        matrix = csr_array((counts, (rows, columns)), shape=shape)
        low, high = (np.array([entry[at] for entry in self.known]) for at in (1, 2))
        cost = np.zeros(len(names))
        for name, count in target.items():
            cost[names[name]] = count
        solved = milp(
            sign * cost,
            constraints=LinearConstraint(matrix, low, high) if self.known else (),
            integrality=np.full(len(names), int(self.whole)),
            bounds=Bounds(0, FAR),
        )
        assert solved.status == 0, solved.message
        world = {name: round(float(solved.x[at]), 6) for name, at in names.items()}
        return round(float(solved.fun), 6), world

    def _names(self) -> set[Hashable]:
        return {name for parts, _, _ in self.known for name in parts}
