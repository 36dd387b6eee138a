"""Which filing units, in which months and with which share, are behind a unit's figures?"""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from data.definition_types import Catalog
from data.periods import month_index
from data.unit_history import FAR, life
from data.units import Tree
from metrics.basis import Ground, make_ground
from metrics.plan import Input

SOURCES = pl.Schema({"unit": pl.String, "start": pl.Int64, "end": pl.Int64, "share": pl.Float64})


@dataclass(frozen=True, slots=True)
class Source:
    """What one unit filed in [start, end), the share that counts, whether others took it over."""

    unit: str
    start: int
    end: int
    share: float
    is_handed: bool


def read_sources(
    catalog: Catalog, tree: Tree, unit: str, own: bool, basis: str = "now"
) -> list[Source]:
    """Return what a unit's figures, or those of its own level, are made of on a basis."""
    leaves = [code for code in tree.codes if code not in tree.inner]
    ground = make_ground(catalog, tree, leaves, basis)
    if ground is not None and basis != "now":
        pieces = (ground.pieces[row] for row in ground.rows_below(unit, own))
        return [Source(piece.unit, piece.start, piece.end, 1.0, False) for piece in pieces]
    owner = tree.own(unit) if own else None
    mine = ((owner,) if owner else ()) if own else tree.leaves(unit)
    if ground is not None:
        return list(_shared(ground, set(mine)))
    return [Source(leaf, *life(tree.unit(leaf)), 1.0, False) for leaf in mine]


def _shared(ground: Ground, mine: set[str]) -> Iterator[Source]:
    """Yield the stretches that count for some leaves of today."""
    for row, piece in enumerate(ground.pieces):
        share = ground.share_of(row, mine)
        if share > 0:
            yield Source(piece.unit, piece.start, piece.end, share, piece.is_handed)


def rows_behind(
    rows: pl.DataFrame, sources: list[Source], item: Input, months: tuple[int, int], start: int
) -> pl.DataFrame:
    """Return the stored rows of one input that enter a window, each with its `share`.

    Needs: rows of one measure; `months` the first and last month number of the window. A stock
    stands with who held it in the last month; one that others took over counts for them until
    they owe their own.

    Args:
        rows: Stored rows with unit and period.
        sources: What the unit is made of.
        item: The input.
        months: The window.
        start: The month in which the bureau's year starts.
    """
    is_stock = not item.is_flow
    last = months[1]
    since = (last - (start - 1)) % item.span
    due_at = last if since == item.span - 1 else last - since - 1
    kept = []
    # What a unit filed before it handed a part over counts by the shares of that day alone.
    cuts = {(source.unit, source.end) for source in sources if source.is_handed}
    for source in sources:
        low, high = source.start, source.end
        if is_stock:
            is_there = due_at < high if source.is_handed else low <= last < high
            if not is_there:
                continue
            low = low if (source.unit, low) in cuts else -FAR
        kept.append((source.unit, low, high, source.share))
    frame = pl.DataFrame(kept, schema=SOURCES, orient="row")
    month = month_index(pl.col("period"))
    return (
        rows.join(frame, on="unit", how="inner", maintain_order="left")
        .filter((month >= pl.col("start")) & (month < pl.col("end")))
        .drop("start", "end")
    )
