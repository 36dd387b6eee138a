"""Which Parquet files make up the snapshot, and how do new rows join them?

A part is one file and the months that it covers; the parts of `current`, and those of `history`,
cover stretches of months that do not overlap. A part holds a small bureau's whole record, or, where
a month alone has millions of rows, one month: an import then touches only the months that it speaks
of. Within a part the rows stand by measure, so that a reader of one measure skips the rest.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from data.store.facts import KEY, STORED, in_order, month_number

#: Neighbouring months share a part up to this many rows; a month is never cut.
MOST_ROWS = 2_000_000
ROWS_PER_GROUP = 16_384
GROUPS = 128  # a large part has about this many row groups: a reader looks through all of them
FAR = 999_912

#: As the manifest writes it: name, rows, first and last month as 202410.
Part = list
Months = tuple[int, int]


def months_of(part: Part) -> Months:
    """Return the first and last month of a part; one that does not say may hold any month.

    >>> months_of(["current-1.parquet", 5, 202401, 202403])
    (202401, 202403)
    """
    return (part[2], part[3]) if len(part) > 2 else (0, FAR)


def within(parts: Iterable[Part], months: Months | None) -> list[Part]:
    """Return the parts that may hold rows of the months from first to last.

    >>> within([["a", 5, 202401, 202401], ["b", 5, 202402, 202402]], (202402, 202405))
    [['b', 5, 202402, 202402]]
    """
    if months is None:
        return list(parts)
    first, last = months
    return [part for part in parts if months_of(part)[0] <= last and months_of(part)[1] >= first]


def size(parts: Iterable[Part]) -> int:
    """Return how many rows parts hold."""
    return sum(part[1] for part in parts)


def read(folder: Path, parts: Iterable[Part]) -> pl.LazyFrame:
    """Return the rows of parts, read when they are needed."""
    files = [folder / part[0] for part in parts]
    return pl.scan_parquet(files) if files else pl.LazyFrame(schema=STORED)


def write(folder: Path, kind: str, rows: pl.DataFrame) -> Part:
    """Write rows as a part, in order."""
    name = f"{kind}-{rows['id'].max()!s}-{time.time_ns():x}.parquet"
    ordered = in_order(rows.select(STORED.names()))
    group = max(ROWS_PER_GROUP, rows.height // GROUPS)
    replace(folder / name, lambda path: ordered.write_parquet(path, row_group_size=group))
    first, last = rows.select(month_number().min(), last=month_number().max()).row(0)
    return [name, rows.height, first, last]


def replace(path: Path, write_file: Callable[[Path], object]) -> None:
    """Write a file beside its place and put it there in one step."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.part")
    write_file(temporary)
    temporary.replace(path)


def latest(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the latest row of each key."""
    if not rows.height or not _may_repeat(rows):
        return rows
    return rows.sort("vintage", "id").unique(KEY, keep="last", maintain_order=True)


def without(rows: pl.DataFrame, fresh: pl.DataFrame) -> pl.DataFrame:
    """Return the rows, in their order, whose cells no fresh row speaks of.

    Only months that both have are looked up by key: fresh rows speak of a few months of many.
    """
    if not rows.height or not fresh.height:
        return rows
    span = pl.col("period").is_between(fresh["period"].min(), fresh["period"].max())
    near = rows.lazy().with_row_index("_row").filter(span).select("_row", *KEY)
    replaced = near.join(fresh.lazy(), on=KEY, how="semi").select("_row").collect()["_row"]
    if not replaced.len():
        return rows
    stays = np.ones(rows.height, dtype=np.bool_)
    stays[replaced.to_numpy()] = False
    return rows.filter(pl.Series(stays))


def _may_repeat(rows: pl.DataFrame) -> bool:
    """Return whether a cell may occur twice: in order, its rows would be neighbours."""
    place = ["measure", "unit", "period"]
    same = [pl.col(name) == pl.col(name).shift() for name in place]
    return bool(in_order(rows.select(place)).select(pl.all_horizontal(same).any()).item())


@dataclass(frozen=True, slots=True)
class Group:
    """Months that share a part, the parts there now, and how many new rows fall into them."""

    months: Months
    parts: list[Part]
    fresh: int


def groups(parts: list[Part], rows: pl.DataFrame) -> list[Group]:
    """Return the months of parts and new rows together, cut so that no part grows too large.

    >>> new = pl.DataFrame({"period": pl.Series(["2024-02-01"]).str.to_date()})
    >>> [group.months for group in groups([["a", 2_000_000, 202401, 202401]], new)]
    [(202401, 202401), (202402, 202402)]
    """
    counts = dict(rows.group_by(month_number()).len().rows())
    found: list[Group] = []
    for part in parts:
        first, last = months_of(part)
        mine = [month for month in counts if first <= month <= last]
        found.append(Group((first, last), [part], sum(counts.pop(month) for month in mine)))
    found += [Group((month, month), [], count) for month, count in counts.items()]
    joined: list[Group] = []
    for group in sorted(found, key=lambda group: group.months):
        if joined and _weight(joined[-1]) + _weight(group) <= MOST_ROWS:
            before = joined.pop()
            months = (before.months[0], group.months[1])
            group = Group(months, before.parts + group.parts, before.fresh + group.fresh)
        joined.append(group)
    return joined


def changes(group: Group) -> bool:
    """Return whether a group's files have to be written anew."""
    return group.fresh > 0 or len(group.parts) > 1


def _weight(group: Group) -> int:
    return size(group.parts) + group.fresh


def settle(
    folder: Path, parts: list[Part], rows: pl.DataFrame
) -> tuple[list[Part], list[pl.DataFrame]]:
    """Return the parts of `current` with new rows taken in, and the rows that these replaced."""
    kept: list[Part] = []
    replaced: list[pl.DataFrame] = []
    for group in groups(parts, rows):
        if not changes(group):
            kept += group.parts
            continue
        mine = _of_months(rows, group.months)
        fresh = latest(mine)
        if fresh.height < mine.height:
            replaced.append(mine.join(fresh, on="id", how="anti"))
        if group.parts:
            base = read(folder, group.parts).collect()
            old = base.join(fresh, on=KEY, how="semi")
            if old.height:
                replaced.append(old)
                base = base.join(old, on="id", how="anti")
            fresh = pl.concat([base, fresh.select(base.columns)])
        kept += [write(folder, "current", part) for part in _cut(fresh)]
    return kept, replaced


def add(folder: Path, parts: list[Part], rows: pl.DataFrame) -> list[Part]:
    """Return the parts of `history` with replaced rows added."""
    kept: list[Part] = []
    for group in groups(parts, rows):
        if not changes(group):
            kept += group.parts
            continue
        mine = _of_months(rows, group.months).select(STORED.names())
        every = pl.concat([read(folder, group.parts).collect(), mine])
        kept += [write(folder, "history", part) for part in _cut(every)]
    return kept


def _of_months(rows: pl.DataFrame, months: Months) -> pl.DataFrame:
    return rows.filter(month_number().is_between(*months))


def _cut(rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Yield rows in stretches of months, each as large as a part may be."""
    if rows.height <= MOST_ROWS:
        yield rows
        return
    counts = rows.group_by(month_number()).len().sort("period").rows()
    first, last, held = counts[0][0], counts[0][0], 0
    for month, count in counts:
        if held and held + count > MOST_ROWS:
            yield _of_months(rows, (first, last))
            first, held = month, 0
        last, held = month, held + count
    yield _of_months(rows, (first, last))
