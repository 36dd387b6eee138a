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
    Index of a month on the last axis: `month_number(month) - first`.
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

    @cached_property
    def not_final(self) -> np.ndarray:
        """Which planes hold a value that is not final."""
        return (self.status > 0).any(axis=(1, 2))

    @cached_property
    def versions(self) -> list[tuple[int, ...]]:
        """The definition versions that each plane's facts were filed under, oldest first."""
        return [
            tuple(np.flatnonzero(np.bincount(plane.ravel()))[1:].tolist()) if plane.any() else ()
            for plane in np.where(np.isnan(self.values), 0, self.version)
        ]


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
    frame = facts.lazy().filter(pl.col("measure").is_in(list(catalog.measures)))
    if through is not None:
        frame = frame.filter(pl.col("period") <= through)
    frame = frame.select(
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
    first, last = frame["month"].min(), frame["month"].max()
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
    has_month = (~np.isnan(values)).any(axis=1)
    since = np.where(has_month.any(axis=1), has_month.argmax(axis=1) + first, FAR)
    return Cube(
        catalog, tree, index, leaves, frozenset(leaves), first,
        values, status, version, divisor, since,
    )  # fmt: skip


def _blank(catalog: Catalog, tree: Tree, leaves: tuple[str, ...]) -> Cube:
    """Return a cube without facts."""
    shape = (1, len(leaves), 1)
    zeros = np.zeros(shape, np.uint8)
    return Cube(
        catalog, tree, {}, leaves, frozenset(leaves), 2000 * 12,
        np.full(shape, np.nan), zeros, zeros, np.ones(1), np.full(1, FAR),
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
    """Return the cube with missing months added so that it covers the month numbers asked."""
    before = max(0, cube.first - first)
    after = max(0, last - (cube.first + cube.months - 1))
    if not before and not after:
        return cube
    pad = ((0, 0), (0, 0), (before, after))
    return replace(
        cube,
        first=cube.first - before,
        values=np.pad(cube.values, pad, constant_values=np.nan),
        status=np.pad(cube.status, pad),
        version=np.pad(cube.version, pad),
    )


def due_months(cube: Cube, code: str, has: np.ndarray) -> np.ndarray:
    """Return whether a measure is due from a leaf in a month (leaf × month).

    Due from open leaves that carry a value of it, in the last month of its span, from its first
    day on; a value that is there counts as due. Where small units were pooled, those that are not
    listed are in the pool and not due themselves.
    """
    measure, tree = cube.catalog.measures[code], cube.tree
    levels = [tree.level(leaf) for leaf in cube.leaves]
    carries = np.array([level in measure.value_of for level in levels])
    months = np.arange(cube.first, cube.first + cube.months)
    span = SPAN[measure.frequency]
    in_season = (months - (cube.catalog.bureau.year_start - 1)) % span == span - 1
    if measure.valid_from and measure.version == 1:
        in_season = in_season & (months >= month_number(measure.valid_from))
    due = cube.is_open & carries[:, None] & in_season
    for place, leaf in enumerate(cube.leaves):
        if tree.is_pooled(leaf) and has[place].any():
            pooled = has[place]
            parent = tree.parent(leaf)
            beside = [i for i, other in enumerate(cube.leaves) if tree.parent(other) == parent]
            due[beside] &= ~pooled
    return due | has
