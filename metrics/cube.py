"""How do facts become one dense block that figures are computed from?

The cube holds measure × leaf × month, NaN where nothing is approved. Leaves stand depth first, so
that a unit's leaves are neighbours. Values with a fixed number of decimals are kept as whole
numbers with a divisor: sums are then exact, in any order. Polars in; `metrics.figures` and
`metrics.compare` give Polars out.
"""

import datetime as dt
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
FAR = 1 << 30  # a month number beyond every calendar


@dataclass(frozen=True, eq=False)
class Cube:
    """The facts of some measures by leaf and month.

    `values` has one plane more than there are measures: all missing, for a measure without facts.
    Index of a month on the last axis: `month_number(month) - first`. By plane: `since` is the first
    month with a value, `not_final` whether a value is not final, `versions` the definition
    versions that were filed under, oldest first.
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
    known = facts.lazy().filter(pl.col("measure").is_in(list(catalog.measures)))
    if through is not None:
        known = known.filter(pl.col("period") <= through)
    frame = known.select(
        pl.col("measure").cast(pl.Enum(list(catalog.measures))),
        pl.col("unit").cast(pl.Enum(leaves), strict=False).to_physical().alias("leaf"),
        month_index(pl.col("period")).alias("month"),
        "value",
        pl.col("status").replace_strict(STATUS, [0, 1, 2, 0], default=0, return_dtype=pl.UInt8),
        pl.col("definition").cast(pl.UInt8),
        "vintage",
        "submission",
    ).collect()
    frame = frame.filter(pl.col("leaf").is_not_null())
    codes = sorted(frame["measure"].unique().to_list())
    index = {code: place for place, code in enumerate(codes)}
    if not codes:
        return _blank(catalog, tree, leaves)
    plane = np.zeros(len(catalog.measures), dtype=np.int64)
    plane[pl.Series(codes, dtype=frame["measure"].dtype).to_physical().to_numpy()] = range(
        len(codes)
    )
    months = frame["month"].to_numpy()
    first, last = int(months.min()), int(months.max())
    shape = (len(codes) + 1, len(leaves), last - first + 1)
    place = _places(frame, plane, first, shape)
    if np.bincount(place, minlength=1).max() > 1:
        frame = frame.sort("definition", "vintage", "submission", "value", nulls_last=True)
        place = _places(frame, plane, first, shape)
    values = np.full(shape, np.nan)
    values.ravel()[place] = frame["value"].fill_null(np.nan).to_numpy()
    status, version = np.zeros(shape, np.uint8), np.zeros(shape, np.uint8)
    status.ravel()[place] = frame["status"].to_numpy()
    version.ravel()[place] = frame["definition"].to_numpy()
    divisor = _whole(values)
    since, not_final, versions = _by_plane(frame.filter(pl.col("value").is_not_null()), index)
    return Cube(
        catalog, tree, index, leaves, frozenset(leaves), first,
        values, status, version, divisor, since, not_final, versions,
    )  # fmt: skip


def _by_plane(
    frame: pl.DataFrame, index: dict[str, int]
) -> tuple[np.ndarray, np.ndarray, tuple[tuple[int, ...], ...]]:
    """Return first month, whether a value is not final, and the versions of each plane."""
    since, not_final = np.full(len(index) + 1, FAR), np.zeros(len(index) + 1, dtype=bool)
    versions: list[tuple[int, ...]] = [()] * (len(index) + 1)
    kinds = frame.group_by("measure", "definition").agg(
        first=pl.col("month").min(), open=(pl.col("status") > 0).any()
    )
    for measure, definition, first, is_open in kinds.sort("definition").iter_rows():
        place = index[measure]
        since[place] = min(since[place], first)
        not_final[place] |= is_open
        versions[place] = (*versions[place], definition)
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
    planes = plane[frame["measure"].to_physical().to_numpy()]
    leaf = frame["leaf"].to_numpy().astype(np.int64)
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

    Due from open leaves that carry a value of it, in the last month of its span, from its first
    day on; a value that is there counts as due. Where small units were pooled, those that are not
    listed are in the pool and not due themselves.
    """
    measure = cube.catalog.measures[code]
    start = measure.valid_from if measure.version == 1 else None
    due = _owed(cube, measure.value_of, SPAN[measure.frequency], start)
    pools = [place for place in _pools(cube) if has[place].any()]
    if pools:
        due = due.copy()
    for place in pools:
        parent = cube.tree.parent(cube.leaves[place])
        beside = [i for i, leaf in enumerate(cube.leaves) if cube.tree.parent(leaf) == parent]
        due[beside] &= ~has[place]
    return due | has


def _owed(cube: Cube, value_of: tuple[str, ...], span: int, start: dt.date | None) -> np.ndarray:
    """Return the leaf-months in which measures of such a definition are due; kept with the cube."""
    key = ("owed", value_of, span, start)
    if key not in cube.memo:
        carries = np.array([cube.tree.level(leaf) in value_of for leaf in cube.leaves])
        months = np.arange(cube.first, cube.first + cube.months)
        in_season = (months - (cube.catalog.bureau.year_start - 1)) % span == span - 1
        if start:
            in_season &= months >= month_number(start)
        cube.memo[key] = cube.is_open & carries[:, None] & in_season
    return cube.memo[key]


def _pools(cube: Cube) -> list[int]:
    """Return the places of the leaves that stand for several small units."""
    if "pools" not in cube.memo:
        places = [i for i, leaf in enumerate(cube.leaves) if cube.tree.is_pooled(leaf)]
        cube.memo["pools"] = places
    return cube.memo["pools"]
