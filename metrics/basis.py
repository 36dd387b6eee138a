"""On which structure do figures stand: that of today, that of the time, or what did not change?

* `now`: the tree of today. What a unit filed before others took it over counts for them by their
  shares; a moved unit brings its past along.
* `then`: each month's facts belong to the parent of that month.
* `matched`: as `then`, and a comparison keeps only leaves that did not change between its sides.

The cube holds one row for each stretch of a filing unit's life that counts for the same units.
Where nothing ever changed, rows are leaves and none of this is needed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from data.definition_types import Catalog
from data.parse import nearest
from data.schema import BASIS
from data.unit_history import (
    FAR,
    Handover,
    Reach,
    chains_of,
    handovers_of,
    heirs_of,
    is_within,
    life,
    spells_of,
    whole,
)
from data.units import Tree

Above = tuple[str, ...]
Heirs = tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch [start, end) of a filing unit's life, in month numbers.

    `above` are the units over it, nearest first (bases then and matched); `heirs` the leaves of
    today that it counts for, with their shares (basis now).
    """

    unit: str
    start: int
    end: int
    above: Above = ()
    heirs: Heirs = ()

    @property
    def is_handed(self) -> bool:
        """Whether it does not simply count for the leaf that filed it."""
        return bool(self.heirs) and self.heirs != ((self.unit, 1.0),)


@dataclass(frozen=True, eq=False)
class Ground:
    """How the rows of a cube make units on a basis; `pieces` says what each row is.

    `leaves` are the filing units in view, whose places the first rows have. `blocked` are the
    units of which a part is out of view, `changed` the months in which a leaf took or gave
    something over.
    """

    basis: str
    tree: Tree
    leaves: tuple[str, ...]
    pieces: tuple[Piece, ...]
    blocked: frozenset[str]
    changed: dict[str, tuple[int, ...]]

    @cached_property
    def start(self) -> np.ndarray:
        """The first month of each row."""
        return np.array([piece.start for piece in self.pieces], dtype=np.int64)

    @cached_property
    def end(self) -> np.ndarray:
        """The month in which each row is over."""
        return np.array([piece.end for piece in self.pieces], dtype=np.int64)

    @cached_property
    def leaf_index(self) -> dict[str, int]:
        """The place of each leaf."""
        return {leaf: place for place, leaf in enumerate(self.leaves)}

    @cached_property
    def rows_of(self) -> dict[str, list[int]]:
        """The rows that each leaf filed, in the order of time."""
        found: dict[str, list[int]] = {}
        for row, piece in enumerate(self.pieces):
            found.setdefault(piece.unit, []).append(row)
        return found

    @cached_property
    def several(self) -> tuple[list[int], ...]:
        """The rows of each leaf that has more than one."""
        return tuple(rows for rows in self.rows_of.values() if len(rows) > 1)

    @cached_property
    def parts(self) -> dict[int, tuple[tuple[int, float], ...]]:
        """The rows and shares of each leaf place that is not simply its own row (basis now)."""
        if self.basis != "now":
            return {}
        found: dict[int, list[tuple[int, float]]] = {place: [] for place in range(len(self.leaves))}
        for row, piece in enumerate(self.pieces):
            for heir, share in piece.heirs:
                if heir in self.leaf_index:
                    found[self.leaf_index[heir]].append((row, share))
        return {place: tuple(parts) for place, parts in found.items() if parts != [(place, 1.0)]}

    @cached_property
    def handed(self) -> tuple[int, ...]:
        """The rows that do not simply count for the leaf that filed them (basis now)."""
        return tuple(row for row, piece in enumerate(self.pieces) if piece.is_handed)

    @cached_property
    def is_handed(self) -> np.ndarray:
        """Whether each row counts for others than the leaf that filed it."""
        return np.array([piece.is_handed for piece in self.pieces])

    @cached_property
    def _below(self) -> dict[str, list[int]]:
        """The rows below each unit (bases then and matched)."""
        found: dict[str, list[int]] = {}
        for row, piece in enumerate(self.pieces):
            for unit in (piece.unit, *piece.above):
                found.setdefault(unit, []).append(row)
        return found

    def rows_below(self, unit: str, own: bool) -> list[int]:
        """Return the rows that a unit, or its own level, was made of; none if any is out of view.

        For the bases then and matched.
        """
        if unit in self.blocked:
            return []
        rows = self._below.get(unit, [])
        return [row for row in rows if self._is_own(row, unit)] if own else rows

    def _is_own(self, row: int, unit: str) -> bool:
        """Return whether a row is what a unit filed for itself (本级)."""
        piece, tree = self.pieces[row], self.tree
        if piece.unit == unit:
            return True
        is_level = tree.own_levels.get(tree.level(piece.unit)) == tree.level(unit)
        return is_level and piece.above[:1] == (unit,)

    def share_of(self, row: int, leaves: Iterable[str]) -> float:
        """Return which share of a row counts for some leaves of today; exactly 1 if it is all."""
        wanted = set(leaves)
        return whole(sum(share for heir, share in self.pieces[row].heirs if heir in wanted))


def check_basis(basis: str) -> str:
    """Return a basis; an unknown one raises with the nearest known."""
    if basis not in BASIS:
        msg = f"basis '{basis}' is unknown{nearest(basis, BASIS)}; allowed: {', '.join(BASIS)}"
        raise ValueError(msg)
    return basis


def make_ground(
    catalog: Catalog, tree: Tree, leaves: Sequence[str], basis: str, reach: Reach | None = None
) -> Ground | None:
    """Return the ground of a basis; None where no leaf ever moved or was taken over.

    `leaves` are the filing units in the order of their rows, `reach` the months of each unit that
    may be read (None: all). What follows from the definitions alone is kept with the tree.
    """
    if reach is not None:
        return _make_ground(catalog, tree, leaves, basis, reach)
    key = ("ground", basis, tuple(leaves))
    kept = tree.memo.get(key)
    if kept is None or kept[0] is not catalog:
        kept = tree.memo[key] = (catalog, _make_ground(catalog, tree, leaves, basis, None))
    return kept[1]


def _make_ground(
    catalog: Catalog, tree: Tree, leaves: Sequence[str], basis: str, reach: Reach | None
) -> Ground | None:
    """Return the ground of a basis, worked out."""
    handovers = handovers_of(catalog.successions)
    is_handed = any(code not in tree.inner for code in handovers)
    if not is_handed and basis == "now":
        return None
    spells = spells_of(catalog.units, catalog.parents)
    if not is_handed and all(len(mine) < 2 for mine in spells.values()):
        return None
    lives = {unit.code: life(unit) for unit in catalog.units}
    everyone = [u.code for u in catalog.units if u.code not in tree.inner] if reach else leaves
    cut: dict[str, list[Piece]] = {}
    blocked: set[str] = set()
    for leaf in everyone:
        if basis == "now":
            pieces = _pieces_now(leaf, lives[leaf], handovers)
        else:
            pieces = _pieces_then(leaf, lives[leaf], chains_of(spells, leaf))
        cut[leaf] = [p for p in pieces if is_within(reach, leaf, p.start, p.end)]
        for piece in pieces:
            if not is_within(reach, leaf, piece.start, piece.end):
                blocked.update((piece.unit, *piece.above))
    seen = tuple(leaf for leaf in leaves if cut[leaf])
    rows = [cut[leaf][0] for leaf in seen] + [p for leaf in seen for p in cut[leaf][1:]]
    return Ground(basis, tree, seen, tuple(rows), frozenset(blocked), _dates(handovers))


def _dates(handovers: dict[str, tuple[Handover, ...]]) -> dict[str, tuple[int, ...]]:
    """Return the months in which each unit gave or took something over."""
    found: dict[str, set[int]] = {}
    for code, steps in handovers.items():
        for step in steps:
            for unit in (code, *(to_unit for to_unit, _ in step.shares)):
                found.setdefault(unit, set()).add(step.month)
    return {unit: tuple(sorted(months)) for unit, months in found.items()}


def _pieces_now(
    leaf: str, lives: tuple[int, int], handovers: dict[str, tuple[Handover, ...]]
) -> list[Piece]:
    """Return the stretches of a leaf's life between which it handed something over."""
    opened, closed = lives
    cuts = [step.month for step in handovers.get(leaf, ()) if opened < step.month < closed]
    edges = [opened, *cuts, closed]
    return [
        Piece(leaf, start, end, heirs=heirs_of(handovers, leaf, start))
        for start, end in zip(edges, edges[1:], strict=False)
    ]


def _pieces_then(
    leaf: str, lives: tuple[int, int], chains: tuple[tuple[int, int, Above], ...]
) -> list[Piece]:
    """Return the stretches of a leaf's life in each of which it hung in one place."""
    return [Piece(leaf, *chain) for chain in chains] or [Piece(leaf, lives[0], lives[0])]


def cut_rows(ground: Ground, plane: np.ndarray, leaf_index: dict[str, int], first: int, blank):
    """Return the rows of an array [.., leaf, month]: each leaf's values cut into its stretches.

    On basis now the months before and after the life of a unit stay with its ends; on the others
    a unit that did not exist has no figure.
    """
    rows = plane[..., [leaf_index[piece.unit] for piece in ground.pieces], :]
    months = np.arange(first, first + plane.shape[-1])
    for row, piece in enumerate(ground.pieces):
        start, end = piece.start, piece.end
        if ground.basis == "now":
            mine = ground.rows_of[piece.unit]
            start = -FAR if row == mine[0] else start
            end = FAR if row == mine[-1] else end
        if start > months[0] or end <= months[-1]:
            rows[..., row, (months < start) | (months >= end)] = blank
    return rows


def gather(ground: Ground | None, totals: np.ndarray) -> np.ndarray:
    """Return the totals of the leaves of today from those of rows [indicator, row, period].

    Sums by share; of marks, whether any row has one. On the other bases rows stay rows.
    """
    if ground is None or not ground.parts:
        return totals
    out = totals[:, : len(ground.leaves)].copy()
    for place, parts in ground.parts.items():
        rows = [row for row, _ in parts]
        if not rows:
            out[:, place] = 0
        elif totals.dtype == np.bool_:
            out[:, place] = totals[:, rows].any(axis=1)
        else:
            shares = np.array([share for _, share in parts])
            out[:, place] = np.einsum("irp,r->ip", totals[:, rows], shares)
    return out


def gather_all(ground: Ground | None, marks: np.ndarray, due: np.ndarray) -> np.ndarray:
    """Return which leaves are marked in all their rows that are due.

    On basis now by leaf of today; on the others a row counts only if the leaf's other rows do.
    """
    if ground is None:
        return marks
    good = marks | ~due
    if ground.basis == "now":
        out = marks[:, : len(ground.leaves)].copy()
        for place, parts in ground.parts.items():
            rows = [row for row, _ in parts]
            out[:, place] = good[:, rows].all(axis=1) & due[:, rows].any(axis=1)
        return out
    out = marks.copy()
    for rows in ground.several:
        out[:, rows] &= good[:, rows].all(axis=1)[:, None]
    return out


def keep_whole(ground: Ground | None, keep: np.ndarray) -> np.ndarray:
    """Return which rows stay when a leaf is dropped with all its rows."""
    if ground is None or ground.basis == "now":
        return keep
    for rows in ground.several:
        keep[:, rows] = np.logical_and.reduce(keep[:, rows], axis=1)[:, None]
    return keep


def unchanged(
    ground: Ground | None, lives: tuple[np.ndarray, np.ndarray], first: np.ndarray, last: np.ndarray
) -> np.ndarray:
    """Return which rows are one and the same from a month to another (row × period).

    `lives` are first month and end of each row; not opened, closed, moved, split or merged.
    """
    start, end = lives
    same = np.logical_and(np.less_equal.outer(start, first), np.greater.outer(end, last))
    if ground is not None:
        for row, piece in enumerate(ground.pieces):
            for month in ground.changed.get(piece.unit, ()):
                same[row] &= (month <= first) | (month > last)
    return same
