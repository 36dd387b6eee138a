"""How do facts become one dense block that figures are computed from?

The cube holds measure × leaf × month, NaN where nothing is approved. Leaves stand depth first, so
that a unit's leaves are neighbours. Values with a fixed number of decimals are kept as whole
numbers with a divisor: sums are then exact, in any order. Polars in; `metrics.figures` and
`metrics.compare` give Polars out.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import polars as pl

from data.definition_types import Catalog
from data.periods import SPAN, from_number, month_index, month_number
from data.schema import STATUS
from data.units import Tree
from data.units import tree as tree_of

MOST_DECIMALS = 6
MISSING = STATUS.index("missing")  # a status that no value carries
FAR = 1 << 30  # a month number beyond every calendar


@dataclass(frozen=True, eq=False)
class Cube:
    """The facts of some measures by leaf and month.

    `values` has one plane more than there are measures: all missing, for a measure without facts.
    Index of a month on the last axis: `month_number(month) - first`. By plane: `since` is the first
    month with a value, `not_final` whether a value is not final, `versions` the definition
    versions that were filed under, oldest first. `several` are the facts of the measures with more
    than one version: where a later version lies over an earlier one, they still hold both.
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
        return {leaf: place for place, leaf in enumerate(self.leaves)}

    @cached_property
    def is_open(self) -> np.ndarray:
        """Whether a leaf exists in a month (leaf × month)."""
        units = [self.tree.unit(leaf) for leaf in self.leaves]
        opened = np.array([month_number(u.opened) if u.opened else -FAR for u in units])
        closed = np.array([month_number(u.closed) if u.closed else FAR for u in units])
        months = np.arange(self.first, self.first + self.months)
        return (opened[:, None] <= months) & (months < closed[:, None])


def build_cube(
    facts: pl.DataFrame | pl.LazyFrame,
    catalog: Catalog,
    tree: Tree | None = None,
    through: dt.date | None = None,
    scope: str | None = None,
) -> Cube:
    """Return the cube of the facts.

    Needs: FACTS; of several vintages of a cell the latest holds, of several definition versions
    the highest. `through` leaves later months out. With a `scope` (a unit), only its leaves are
    kept, and units whose leaves are not all within it have no figures.
    """
    tree = tree or tree_of(catalog)
    leaves = tree.leaves(scope)
    known = facts.lazy() if through is None else facts.lazy().filter(pl.col("period") <= through)
    frame = (
        known.select(
            _code("measure", catalog.measures),
            _code("unit", leaves),
            month_index(pl.col("period")).alias("month"),
            "value",
            _code("status", STATUS),
            pl.col("definition").cast(pl.UInt8),
            "vintage",
            "submission",
        )
        .filter(pl.col("measure").is_not_null() & pl.col("unit").is_not_null())
        .collect()
    )
    if frame.is_empty():
        return _blank(catalog, tree, leaves)
    used = np.flatnonzero(np.bincount(frame["measure"].to_numpy(), minlength=len(catalog.measures)))
    names = list(catalog.measures)
    index = {names[code]: place for place, code in enumerate(used.tolist())}
    plane = np.zeros(len(names), dtype=np.int64)
    plane[used] = np.arange(len(used))
    months = frame["month"].to_numpy()
    first, last = int(months.min()), int(months.max())
    shape = (len(used) + 1, len(leaves), last - first + 1)
    place = _places(frame, plane, first, shape)
    if np.bincount(place, minlength=1).max() > 1:
        frame = frame.sort("definition", "vintage", "submission", "value", nulls_last=True)
        place = _places(frame, plane, first, shape)
    values = np.full(shape, np.nan)
    values.ravel()[place] = frame["value"].to_numpy()
    status, version = np.zeros(shape, np.uint8), np.zeros(shape, np.uint8)
    status.ravel()[place] = frame["status"].fill_null(0).to_numpy() % MISSING
    version.ravel()[place] = frame["definition"].to_numpy()
    since, not_final, versions = _by_plane(values, status, version, first)
    several = [code for code, place in index.items() if len(versions[place]) > 1]
    return Cube(
        catalog, tree, index, leaves, frozenset(leaves), first,
        values, status, version, _whole(values), since, not_final, versions,
        known.filter(pl.col("measure").is_in(several)).collect() if several else None,
    )  # fmt: skip


def _code(name: str, words: Iterable[str]) -> pl.Expr:
    """Return a column of words as their places in a list, null for a word that is not in it."""
    return pl.col(name).cast(pl.Enum(list(words)), strict=False).to_physical().alias(name)


def _by_plane(
    values: np.ndarray, status: np.ndarray, version: np.ndarray, first: int
) -> tuple[np.ndarray, np.ndarray, tuple[tuple[int, ...], ...]]:
    """Return first month, whether a value is not final, and the versions of each plane."""
    there = ~np.isnan(values)
    has_month = there.any(axis=1)
    since = np.where(has_month.any(axis=1), has_month.argmax(axis=1) + first, FAR)
    not_final = ((status > 0) & there).any(axis=(1, 2))
    versions = (
        tuple(np.flatnonzero(np.bincount(plane[mask])).tolist()) if mask.any() else ()
        for plane, mask in zip(version, there, strict=True)
    )
    return since, not_final, tuple(versions)


def _blank(catalog: Catalog, tree: Tree, leaves: tuple[str, ...]) -> Cube:
    """Return a cube without facts."""
    shape = (1, len(leaves), 1)
    zeros = np.zeros(shape, np.uint8)
    return Cube(
        catalog, tree, {}, leaves, frozenset(leaves), 2000 * 12,
        np.full(shape, np.nan), zeros, zeros, np.ones(1), np.full(1, FAR),
        np.zeros(1, dtype=bool), ((),),
    )  # fmt: skip


def _places(
    frame: pl.DataFrame, plane: np.ndarray, first: int, shape: tuple[int, ...]
) -> np.ndarray:
    """Return where each fact stands in the flattened cube."""
    planes = plane[frame["measure"].to_numpy()]
    leaf = frame["unit"].to_numpy().astype(np.int64)
    return (planes * shape[1] + leaf) * shape[2] + (frame["month"].to_numpy() - first)


def _whole(values: np.ndarray) -> np.ndarray:
    """Turn decimals into whole numbers in place, plane by plane, and return the divisors."""
    divisor = np.ones(len(values))
    fractional = [
        place
        for place, plane in enumerate(values)
        if not np.array_equal(plane, np.rint(plane), equal_nan=True)
    ]
    for place in fractional:
        for decimals in range(1, MOST_DECIMALS + 1):
            scaled = values[place] * 10.0**decimals
            off = np.abs(scaled - np.rint(scaled)) > 4 * np.spacing(np.abs(scaled))
            if not off.any():
                values[place] = np.rint(scaled)
                divisor[place] = 10.0**decimals
                break
    return divisor


def restrict(cube: Cube, scope: str) -> Cube:
    """Return the cube of one unit's leaves: the part that its people may see."""
    leaves = [leaf for leaf in cube.tree.leaves(scope) if leaf in cube.leaf_index]
    keep = [cube.leaf_index[leaf] for leaf in leaves]
    return replace(
        cube,
        leaves=tuple(leaves),
        scope=frozenset(leaves),
        values=cube.values[:, keep],
        status=cube.status[:, keep],
        version=cube.version[:, keep],
    )


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
    cube.memo["wider"] = replace(
        cube,
        first=cube.first - before,
        values=np.pad(cube.values, pad, constant_values=np.nan),
        status=np.pad(cube.status, pad),
        version=np.pad(cube.version, pad),
    )
    return cube.memo["wider"]


def due_months(cube: Cube, code: str, has: np.ndarray) -> np.ndarray:
    """Return whether a measure is due from a leaf in a month (leaf × month).

    Due from open leaves that carry a value of it, in the last month of its span, while it is
    filed at all; a value that is there counts as due. Where small units were pooled, those that
    are not listed are in the pool and not due themselves.
    """
    measure = cube.catalog.measures[code]
    life = (measure.valid_from, measure.valid_to)
    due = _owed(cube, measure.value_of, SPAN[measure.frequency], life)
    pools = [place for place in _pools(cube) if has[place].any()]
    if pools:
        due = due.copy()
    for place in pools:
        parent = cube.tree.parent(cube.leaves[place])
        beside = [i for i, leaf in enumerate(cube.leaves) if cube.tree.parent(leaf) == parent]
        due[beside] &= ~has[place]
    return due | has


def _owed(
    cube: Cube, value_of: tuple[str, ...], span: int, life: tuple[dt.date | None, dt.date | None]
) -> np.ndarray:
    """Return the leaf-months in which measures of such a definition are due; kept with the cube."""
    key = ("owed", value_of, span, life)
    if key not in cube.memo:
        carries = np.array([cube.tree.level(leaf) in value_of for leaf in cube.leaves])
        months = np.arange(cube.first, cube.first + cube.months)
        in_season = (months - (cube.catalog.bureau.year_start - 1)) % span == span - 1
        start, end = life
        if start:
            in_season &= months >= month_number(start)
        if end:
            in_season &= months < month_number(end)
        cube.memo[key] = cube.is_open & carries[:, None] & in_season
    return cube.memo[key]


def _pools(cube: Cube) -> list[int]:
    """Return the places of the leaves that stand for several small units."""
    if "pools" not in cube.memo:
        places = [i for i, leaf in enumerate(cube.leaves) if cube.tree.is_pooled(leaf)]
        cube.memo["pools"] = places
    return cube.memo["pools"]
