"""How do facts become one dense block that figures are computed from?

The cube holds measure × leaf × month, NaN where nothing is approved. Leaves stand depth first, so
that a unit's leaves are neighbours. Values with a fixed number of decimals are kept as whole
numbers with a divisor: sums are then exact, in any order. Polars in; `metrics.figures` and
`metrics.compare` give Polars out.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from data.definition_releases import SMALL_COUNTS
from data.definition_types import Catalog
from data.periods import from_number, month_index
from data.unit_history import ALWAYS, FAR, Reach, is_within, life
from data.units import Tree, reach_of
from data.units import tree as tree_of
from metrics.basis import Ground, check_basis, cut_rows, make_ground
from metrics.fill import Filled, fill_planes


@dataclass(frozen=True, eq=False)
class Cube:
    """The facts of some measures by leaf and month.

    `values` has one plane more than there are measures: all missing, for a measure without facts.
    Index of a month on the last axis: `month_number(month) - first`. By plane: `since` is the first
    month with a value, `not_final` whether a value is not final, `versions` the definition
    versions that were filed under, oldest first. `several` are the facts of the measures with more
    than one version: where a later version lies over an earlier one, they still hold both.

    What lies on the leaf axis of the arrays are `rows`: the leaves, or on a `ground` that changed
    the stretches of their lives (`metrics.basis`); `base` is then the cube before it was cut.
    `reach` holds what may be read (None: everything).
    """

    catalog: Catalog
    tree: Tree
    index: dict[str, int]
    leaves: tuple[str, ...]
    scope: frozenset[str]
    first: int
    values: np.ndarray
    status: np.ndarray
    version: np.ndarray
    divisor: np.ndarray
    since: np.ndarray
    not_final: np.ndarray
    versions: tuple[tuple[int, ...], ...]
    several: pl.DataFrame | None = None
    basis: str = "now"
    ground: Ground | None = None
    base: "Cube | None" = None
    reach: Reach | None = None

    @property
    def months(self) -> int:
        """How many months the cube covers."""
        return self.values.shape[2]

    @property
    def last_period(self) -> dt.date:
        """The last month the cube covers."""
        return from_number(self.first + self.months - 1)

    @cached_property
    def memo(self) -> dict:
        """What is derived from the cube once and read often."""
        return {}

    @cached_property
    def leaf_index(self) -> dict[str, int]:
        """The place of each leaf."""
        return self._of_tree("places", lambda: {n: i for i, n in enumerate(self.leaves)})

    def _of_tree(self, what: str, work: Callable[[], Any]) -> Any:
        """Return what follows from tree and leaves alone, worked out once for all their cubes."""
        key = (what, self.leaves)
        if key not in self.tree.memo:
            self.tree.memo[key] = work()
        return self.tree.memo[key]

    @cached_property
    def rows(self) -> tuple[str, ...]:
        """The filing unit of each row of the arrays."""
        if self.ground is None:
            return self.leaves
        return tuple(piece.unit for piece in self.ground.pieces)

    @cached_property
    def levels(self) -> np.ndarray:
        """The level of each row's unit."""

        def levels() -> np.ndarray:
            return np.array([self.tree.units[code].level for code in self.rows], dtype=np.str_)

        return self._of_tree("levels", levels) if self.ground is None else levels()

    @cached_property
    def lives(self) -> tuple[np.ndarray, np.ndarray]:
        """The first month of each row, and the one in which it is over."""
        if self.ground is not None:
            return self.ground.start, self.ground.end

        def lives() -> np.ndarray:
            return np.array([life(self.tree.units[leaf]) for leaf in self.leaves]).reshape(-1, 2)

        found = self._of_tree("lives", lives)
        return found[:, 0], found[:, 1]

    @cached_property
    def is_open(self) -> np.ndarray:
        """Whether a row exists in a month (row × month)."""
        start, end = self.lives
        months = np.arange(self.first, self.first + self.months)
        return (start[:, None] <= months) & (months < end[:, None])

    def sees(self, unit: str) -> bool:
        """Return whether a unit is wholly in view."""
        if self.ground is not None and self.basis != "now":
            return unit not in self.ground.blocked
        return self.scope.issuperset(self.tree.leaves(unit))


def build_cube(
    facts: pl.DataFrame | pl.LazyFrame,
    catalog: Catalog,
    tree: Tree | None = None,
    through: dt.date | None = None,
    scope: str | None = None,
    basis: str = "now",
) -> Cube:
    """Return the cube of the facts on a basis: now, then or matched.

    Needs: FACTS; of several vintages of a cell the latest holds, of several definition versions
    the highest. `through` leaves later months out. With a `scope` (a unit), only what its people
    may read is kept (`data.units.reach_of`), and units that are not all within it have no figures.
    Nor has it small counts that others filed before one of its units took them over.
    """
    tree = tree or tree_of(catalog)
    check_basis(basis)
    reach = reach_of(catalog, scope) if scope and scope != tree.root else None
    leaves = _filers(tree, reach)
    cube = _fill(facts, catalog, tree, leaves, reach, through)
    return _stand(_own_counts(cube, scope) if scope and reach is not None else cube, basis)


def _filers(tree: Tree, reach: Reach | None) -> tuple[str, ...]:
    """Return the filing units that may be read: those of today depth first, then the others."""
    if reach is None and "filers" in tree.memo:
        return tree.memo["filers"]
    today = tree.leaves()
    known = set(today)
    others = tuple(code for code in tree.codes if code not in known and code not in tree.inner)
    if reach is None:
        tree.memo["filers"] = today + others
        return today + others
    return tuple(leaf for leaf in today + others if leaf in reach)


def _fill(
    facts: pl.DataFrame | pl.LazyFrame,
    catalog: Catalog,
    tree: Tree,
    leaves: tuple[str, ...],
    reach: Reach | None,
    through: dt.date | None,
) -> Cube:
    """Return the cube of the facts as they were filed, leaf by leaf."""
    found = fill_planes(facts, catalog, leaves, through)
    if found is None:
        return replace(_blank(catalog, tree, leaves), reach=reach)
    planes = {name: getattr(found, name) for name in Filled.__slots__}
    scope = _in_view(leaves, reach)
    return Cube(catalog=catalog, tree=tree, leaves=leaves, scope=scope, reach=reach, **planes)


def _in_view(leaves: Iterable[str], reach: Reach | None) -> frozenset[str]:
    """Return the leaves that may be read whole."""
    if reach is None:
        return frozenset(leaves)
    return frozenset(leaf for leaf in leaves if reach[leaf] == ALWAYS)


def stand(cube: Cube, basis: str) -> Cube:
    """Return the same facts on a basis; what was worked out is kept with the cube."""
    if cube.basis == basis and (cube.ground is not None or cube.base is not None):
        return cube
    key = ("stand", basis)
    if key not in cube.memo:
        cube.memo[key] = _stand(cube.base or cube, basis)
    return cube.memo[key]


def _stand(base: Cube, basis: str) -> Cube:
    """Return the cube of what was filed, cut as a basis needs it.

    It knows what it was cut from, which never knows it: a cube that nobody asks any more goes at
    once, with all that was worked out for it.
    """
    ground = make_ground(base.catalog, base.tree, base.leaves, basis, base.reach)
    if ground is None:
        return _plain(base, basis)

    def cut(plane: np.ndarray, blank: float) -> np.ndarray:
        return cut_rows(ground, plane, base.leaf_index, base.first, blank)

    return replace(
        base,
        basis=basis,
        ground=ground,
        base=base,
        leaves=ground.leaves,
        values=cut(base.values, np.nan),
        status=cut(base.status, 0),
        version=cut(base.version, 0),
    )


def refill(cube: Cube, facts: pl.DataFrame) -> Cube:
    """Return a cube of other facts with the rows of this one, over its months at least."""
    base = cube.base or cube
    part = _fill(facts, cube.catalog, cube.tree, base.leaves, base.reach, None)
    part = cover(part, cube.first, cube.first + cube.months - 1)
    return _stand(part, cube.basis)


def _plain(base: Cube, basis: str) -> Cube:
    """Return the cube on a basis where no leaf ever moved or was taken over.

    What lies outside a unit's life is no figure of it, as it was; today it is.
    """
    cube, reach = base, base.reach
    if reach is not None:
        keep = [p for p, leaf in enumerate(base.leaves) if is_within(reach, leaf, -FAR, FAR)]
        if len(keep) < len(base.leaves):
            cube = replace(_some_leaves(base, keep), base=base)
    if basis == "now":
        return cube
    if not np.isnan(cube.values[:, ~cube.is_open]).all():
        values = cube.values.copy()
        values[:, ~cube.is_open] = np.nan
        cube = replace(cube, values=values)
    return replace(cube, basis=basis, base=replace(base))


def _some_leaves(cube: Cube, keep: list[int]) -> Cube:
    """Return the cube of some leaves only."""
    return replace(
        cube,
        leaves=tuple(cube.leaves[place] for place in keep),
        values=cube.values[:, keep],
        status=cube.status[:, keep],
        version=cube.version[:, keep],
    )


def _blank(catalog: Catalog, tree: Tree, leaves: tuple[str, ...]) -> Cube:
    """Return a cube without facts."""
    shape = (1, len(leaves), 1)
    zeros = np.zeros(shape, np.uint8)
    return Cube(
        catalog, tree, {}, leaves, frozenset(leaves), 2000 * 12,
        np.full(shape, np.nan), zeros, zeros, np.ones(1), np.full(1, FAR),
        np.zeros(1, dtype=bool), ((),),
    )  # fmt: skip


def restrict(cube: Cube, scope: str) -> Cube:
    """Return the cube of what the people of one unit may see."""
    if scope == cube.tree.root:
        return cube
    base = cube.base or cube
    reach = reach_of(cube.catalog, scope)
    keep = [place for place, leaf in enumerate(base.leaves) if leaf in reach]
    part = _some_leaves(base, keep)
    part = replace(part, scope=_in_view(part.leaves, reach), reach=reach, basis="now")
    return _stand(_own_counts(part, scope), cube.basis)


def _own_counts(cube: Cube, scope: str) -> Cube:
    """Return the cube without the small counts that others filed for units taken over from them.

    They are open to a unit's own chain of command only, and whatever is worked out from a cube
    (ranges, readings, charts) would tell of them.
    """
    codes = [c for c in cube.index if SMALL_COUNTS in cube.catalog.measures[c].flags]
    if not codes or not cube.catalog.bureau.small_cell or not cube.catalog.successions:
        return cube
    own = reach_of(cube.catalog, scope, taken_over=False)
    months = cube.first + np.arange(cube.months)
    foreign = np.array(
        [~np.any([(s <= months) & (months < e) for s, e in own.get(leaf, ((0, 0),))], axis=0)
         for leaf in cube.leaves]
    )  # fmt: skip
    if not foreign.any():
        return cube
    values, planes = cube.values.copy(), [cube.index[code] for code in codes]
    values[planes] = np.where(foreign, np.nan, values[planes])
    several = cube.several
    if several is not None:
        is_foreign = pl.any_horizontal(pl.lit(value=False), *_foreign(cube.leaves, own))
        several = several.filter(~(pl.col("measure").is_in(codes) & is_foreign))
    return replace(cube, values=values, several=several)


def _foreign(leaves: Iterable[str], own: Reach) -> list[pl.Expr]:
    """Return for each leaf that is not wholly one's own where rows of it are not."""
    month = month_index(pl.col("period"))
    return [
        (pl.col("unit") == leaf)
        & ~pl.any_horizontal(
            pl.lit(value=False), *((month >= s) & (month < e) for s, e in own.get(leaf, ()))
        )
        for leaf in leaves
        if own.get(leaf) != ALWAYS
    ]


def cover(cube: Cube, first: int, last: int) -> Cube:
    """Return the cube with missing months added so that it covers the month numbers asked.

    The widened cube is kept with the cube: pages ask for the same stretch again and again.
    """
    wider = cube.memo.get("wider", cube)
    before = max(0, wider.first - first)
    after = max(0, last - (wider.first + wider.months - 1))
    if not before and not after:
        return wider
    before, after = (
        cube.first - min(first, wider.first),
        max(
            last - (cube.first + cube.months - 1),
            wider.months - cube.months - (cube.first - wider.first),
        ),
    )
    pad = ((0, 0), (0, 0), (before, after))
    # Other threads may be widening it too: what this one needs is what it made.
    wide = cube.memo["wider"] = replace(
        cube,
        first=cube.first - before,
        values=np.pad(cube.values, pad, constant_values=np.nan),
        status=np.pad(cube.status, pad),
        version=np.pad(cube.version, pad),
    )
    return wide
