"""Of which rows is each asked unit made, and what do totals of rows make of it?"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from metrics.cube import Cube

MANY_UNITS = 1000
MOST_CELLS = 1 << 22  # of a matrix of units × leaves, 32 MB


@dataclass(frozen=True, slots=True)
class Roll:
    """Where the leaves of each asked unit stand.

    `leaf` is the place of the one leaf that speaks for a unit (-1: none), `stretches` the same as
    (first unit, end, first leaf) of neighbours, `inner` the units that sum several leaves: their
    rows one unit after the other, from `starts` on, and `member` as 0/1 where that is not too
    large; `twice` the units (by place) that hold several rows of one leaf, which counts once.
    """

    leaf: np.ndarray
    stretches: tuple[tuple[int, int, int], ...]
    inner: np.ndarray
    rows: np.ndarray
    starts: np.ndarray
    member: np.ndarray | None
    twice: tuple[tuple[int, list[int]], ...] = ()


def make_roll(cube: Cube, units: Sequence[str], own: bool) -> Roll:
    """Return how the units of a question are made of leaves; kept with the cube.

    Of a nation's units, where it follows from tree and leaves alone, kept with the tree.
    """
    key: tuple = ("roll", tuple(units), own)
    memo = cube.memo
    if len(units) > MANY_UNITS and cube.ground is None and cube.reach is None:
        key, memo = (*key, cube.leaves), cube.tree.memo
    if key not in memo:
        memo[key] = _make_roll(cube, units, own)
    return memo[key]


def _make_roll(cube: Cube, units: Sequence[str], own: bool) -> Roll:
    leaf = np.full(len(units), -1)
    inner, members, twice = [], [], []
    for place, unit in enumerate(units):
        rows = rows_of(cube, unit, own)
        if len(rows) == 1:
            leaf[place] = rows[0]
        elif rows:
            inner.append(place)
            members.append(rows)
            twice += [(place, same) for same in _same_leaf(cube, rows)]
    starts = np.cumsum([0, *map(len, members)])[:-1]
    return Roll(
        leaf, _stretches(leaf), np.array(inner, dtype=np.intp),
        np.fromiter(chain.from_iterable(members), dtype=np.intp), starts.astype(np.intp),
        _matrix(members, len(cube.rows if cube.basis != "now" else cube.leaves)), tuple(twice),
    )  # fmt: skip


def _matrix(members: list[list[int]], width: int) -> np.ndarray | None:
    """Return units × leaves as 0/1: the fastest sums of a bureau, too large for a nation."""
    if len(members) * width > MOST_CELLS:
        return None
    matrix = np.zeros((len(members), width))
    for row, places in enumerate(members):
        matrix[row, places] = 1.0
    return matrix


def rows_of(cube: Cube, unit: str, own: bool) -> list[int]:
    """Return the places of what a unit is made of; none where not all of it is in view.

    No figure rather than a part of one.
    """
    if cube.ground is not None and cube.basis != "now":
        return cube.ground.rows_below(unit, own)
    owner = cube.tree.own(unit) if own else None
    leaves = ((owner,) if owner else ()) if own else cube.tree.leaves(unit)
    if not cube.scope.issuperset(leaves):
        return []
    return [cube.leaf_index[code] for code in leaves]


def _same_leaf(cube: Cube, rows: list[int]) -> list[list[int]]:
    """Return those rows of a unit that one leaf filed, where there are several."""
    if cube.ground is None or cube.basis == "now":
        return []
    mine = set(rows)
    found = ([row for row in same if row in mine] for same in cube.ground.several)
    return [same for same in found if len(same) > 1]


def _stretches(leaf: np.ndarray) -> tuple[tuple[int, int, int], ...]:
    """Return the runs of units whose leaves are neighbours.

    >>> _stretches(np.array([-1, 4, 5, 2]))
    ((1, 3, 4), (3, 4, 2))
    """
    found: list[tuple[int, int, int]] = []
    for place, at in enumerate(leaf.tolist()):
        if at < 0:
            continue
        if found and found[-1][1] == place and found[-1][2] + place - found[-1][0] == at:
            found[-1] = (found[-1][0], place + 1, found[-1][2])
        else:
            found.append((place, place + 1, at))
    return tuple(found)


def roll_up(roll: Roll, totals: np.ndarray) -> np.ndarray:
    """Return sums over the leaves of each unit: [indicator, leaf, period] to units.

    Of marks, how many leaves have one.
    """
    shape = (totals.shape[0], len(roll.leaf), totals.shape[2])
    is_count = totals.dtype == np.bool_
    if is_count:
        totals = totals.astype(np.float32)
    out = np.zeros(shape, dtype=totals.dtype)
    for first, last, place in roll.stretches:
        out[:, first:last] = totals[:, place : place + last - first]
    if len(roll.inner):
        out[:, roll.inner] = _sums(roll, totals)
    for place, rows in roll.twice if is_count else ():
        out[:, place] -= totals[:, rows].sum(axis=1) - totals[:, rows].max(axis=1)
    return out


def _sums(roll: Roll, totals: np.ndarray) -> np.ndarray:
    """Return the sums of the units that have several leaves."""
    if roll.member is not None:
        return np.matmul(roll.member.astype(totals.dtype), totals)
    return np.stack([np.add.reduceat(part[roll.rows], roll.starts, axis=0) for part in totals])
