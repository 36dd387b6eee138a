"""How do rows of facts become planes: one array of leaf × month for each measure?

NaN where nothing is approved. Values with a fixed number of decimals become whole numbers with a
divisor. All facts of a bureau go through here at every start and approval: words are turned into
numbers once, and only rows that share a cell are put in order.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl

from data.definition_types import Catalog
from data.definition_versions import filed_codes, former_codes, renamed
from data.periods import month_number
from data.schema import STATUS
from data.unit_history import FAR

MOST_DECIMALS = 6
MISSING = STATUS.index("missing")  # a status that no value carries
EPOCH = month_number(dt.date(1970, 1, 1))
# What a cube is filled from, and what decides which of several rows for a cell holds: the last.
FILLED = ("measure", "definition", "unit", "period", "value", "status", "vintage", "submission")
ORDER = ("definition", "vintage", "submission", "value")


@dataclass(frozen=True, slots=True)
class Filled:
    """The planes of some measures [measure, leaf, month], as `metrics.cube.Cube` holds them."""

    index: dict[str, int]
    first: int
    values: np.ndarray
    status: np.ndarray
    version: np.ndarray
    divisor: np.ndarray
    since: np.ndarray
    not_final: np.ndarray
    versions: tuple[tuple[int, ...], ...]
    several: pl.DataFrame | None


def fill_planes(
    facts: pl.DataFrame | pl.LazyFrame,
    catalog: Catalog,
    leaves: tuple[str, ...],
    through: dt.date | None = None,
) -> Filled | None:
    """Return the planes of the facts as they were filed by the leaves; None without any."""
    known = facts.lazy()
    known = known if through is None else known.filter(pl.col("period") <= through)
    words, today = _measures(catalog)
    frame = (
        known.select(
            _code("measure", words),
            _code("unit", leaves),
            "period",
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
        return None
    used = np.unique(today[np.flatnonzero(np.bincount(frame["measure"].to_numpy()))])
    names = list(catalog.measures)
    index = {names[code]: place for place, code in enumerate(used.tolist())}
    plane = np.searchsorted(used, today)
    ends = frame.select(pl.min("period").alias("first"), pl.max("period").alias("last")).row(0)
    first, last = (month_number(day) for day in ends)
    shape = (len(used) + 1, len(leaves), last - first + 1)
    place = _places(frame, plane, first, shape)
    late = _late(frame, place)

    def put(column: np.ndarray, blank: float) -> np.ndarray:
        block = np.full(shape, blank, dtype=column.dtype)
        block.ravel()[place] = column
        block.ravel()[place[late]] = column[late]
        return block

    values = put(frame["value"].to_numpy(), np.nan)
    status = put((frame["status"].fill_null(0).to_numpy() % MISSING).astype(np.uint8), 0)
    version = put(frame["definition"].to_numpy(), 0)
    since, not_final, versions = _by_plane(values, status, version, first)
    several = [code for code, place in index.items() if len(versions[place]) > 1]
    return Filled(
        index, first, values, status, version, _whole(values), since, not_final, versions,
        _kept(known, catalog, several),
    )  # fmt: skip


def _late(frame: pl.DataFrame, place: np.ndarray) -> np.ndarray:
    """Return the rows that share a cell, in the order of writing: the last one of a cell holds."""
    times = np.bincount(place)
    rows = np.flatnonzero(times[place] > 1) if times.max() > 1 else np.empty(0, dtype=np.intp)
    several = frame.select(ORDER)[rows].with_columns(row=pl.Series(rows))
    return several.sort(ORDER, nulls_last=True)["row"].to_numpy()


def _measures(catalog: Catalog) -> tuple[list[str], np.ndarray]:
    """Return all codes of measures, former ones last, and the place of today's code of each."""
    former = former_codes(catalog.measures)
    words = list(dict.fromkeys((*catalog.measures, *former)))
    place = {code: at for at, code in enumerate(catalog.measures)}
    return words, np.array([place[former.get(word, word)] for word in words], dtype=np.intp)


def _kept(facts: pl.LazyFrame, catalog: Catalog, measures: list[str]) -> pl.DataFrame | None:
    """Return what a cube is filled from, of some measures only, None for none of them.

    Their words are written anew: a part of a frame keeps the words of all its rows in memory.
    """
    if not measures:
        return None
    filed = filed_codes(catalog.measures, measures)
    wanted = facts.filter(pl.col("measure").is_in(sorted(filed))).select(FILLED)
    rows = renamed(wanted, catalog.measures).collect()
    words = [name for name, kind in rows.schema.items() if kind == pl.String]
    lists = {name: rows[name].unique().drop_nulls().to_list() for name in words}
    return rows.with_columns(
        pl.col(name).cast(pl.Enum(lists[name])).cast(pl.String) for name in words
    )


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


def _places(
    frame: pl.DataFrame, plane: np.ndarray, first: int, shape: tuple[int, ...]
) -> np.ndarray:
    """Return where each fact stands in the flattened cube."""
    place = (plane * shape[1])[frame["measure"].to_numpy()]
    place += frame["unit"].to_numpy()
    place *= shape[2]
    place += _months(frame["period"], first)
    return place


def _months(periods: pl.Series, first: int) -> np.ndarray:
    """Return how many months after the first one each day lies; each day is worked out once."""
    days = periods.to_physical().to_numpy()
    least = int(days.min())
    each = np.arange(least, int(days.max()) + 1).astype("datetime64[D]").astype("datetime64[M]")
    return (each.astype(np.int64) + EPOCH - first)[days - least]


def _whole(values: np.ndarray) -> np.ndarray:
    """Turn decimals into whole numbers in place, plane by plane, and return the divisors."""
    divisor = np.ones(len(values))
    rounded = np.empty_like(values[0])
    for place, plane in enumerate(values):
        np.rint(plane, out=rounded)
        if np.count_nonzero(rounded == plane) == np.count_nonzero(plane == plane):
            continue
        for decimals in range(1, MOST_DECIMALS + 1):
            scaled = values[place] * 10.0**decimals
            off = np.abs(scaled - np.rint(scaled)) > 4 * np.spacing(np.abs(scaled))
            if not off.any():
                values[place] = np.rint(scaled)
                divisor[place] = 10.0**decimals
                break
    return divisor
