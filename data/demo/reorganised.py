"""What did the stations file that a reorganisation of the demonstration bureau has ended?

The world is made for the stations of today. A station that was split filed what its successors
have as their past, taken together; stations that were merged filed what two stations of their size
would have filed, drawn anew.
"""

from collections.abc import Iterator
from datetime import date

import polars as pl

from data.catalog import Catalog
from data.definition_types import Measure
from data.demo.world import SEED, World, build_world

AGAIN = SEED + 1
MERGED_SIZES = (0.55, 0.45)
KEY = ["measure", "unit", "period"]


def splits(catalog: Catalog) -> Iterator[tuple[str, tuple[str, ...], date]]:
    """Yield the stations that were split: which, into which, from when on."""
    for code in dict.fromkeys(step.from_unit for step in catalog.successions):
        steps = [step for step in catalog.successions if step.from_unit == code]
        if len(steps) > 1:
            yield code, tuple(step.to_unit for step in steps), steps[0].date


def mergers(catalog: Catalog) -> Iterator[tuple[str, tuple[str, ...], date]]:
    """Yield the stations that others were merged into: which, out of which, from when on."""
    for code in dict.fromkeys(step.to_unit for step in catalog.successions):
        steps = [step for step in catalog.successions if step.to_unit == code]
        if len(steps) > 1:
            yield code, tuple(step.from_unit for step in steps), steps[0].date


def stand_ins(catalog: Catalog) -> tuple[World, dict[str, str]]:
    """Return a second world, and the station in it that files for each one that was merged.

    They are the station that took them over and its neighbours, in the sizes that they had.
    """
    world = build_world(catalog, AGAIN)
    found = {}
    for heir, before, _ in mergers(catalog):
        first = world.units.index(heir)
        size = float(world.size[first])
        for place, (code, share) in enumerate(zip(before, MERGED_SIZES, strict=True)):
            world.size[first + place] = size * share
            found[world.units[first + place]] = code
    return world, found


def give_back(facts: pl.DataFrame, again: pl.DataFrame, catalog: Catalog) -> pl.DataFrame:
    """Return the facts with the past of today's stations filed by those that were there.

    Needs: measure, unit, period, value; `again` holds those of the merged stations.
    """
    ended = []
    for code, heirs, day in splits(catalog):
        is_past = pl.col("unit").is_in(heirs) & (pl.col("period") < day)
        ended.append(taken_together(facts.filter(is_past), code, catalog))
        facts = facts.filter(~is_past)
    for heir, before, day in mergers(catalog):
        facts = facts.filter((pl.col("unit") != heir) | (pl.col("period") >= day))
        ended.append(again.filter(pl.col("unit").is_in(before) & (pl.col("period") < day)))
    return pl.concat([facts, *(rows.select(facts.columns) for rows in ended)])


def copied(facts: pl.DataFrame, catalog: Catalog) -> pl.DataFrame:
    """Return the facts with the past of today's stations copied to each one that was there.

    For what the product counts about returns: each station had its own to file.
    """
    ended = []
    for code, heirs, day in splits(catalog):
        first = (pl.col("unit") == heirs[0]) & (pl.col("period") < day)
        ended.append(facts.filter(first).with_columns(unit=pl.lit(code)))
        facts = facts.filter(~(pl.col("unit").is_in(heirs) & (pl.col("period") < day)))
    for heir, before, day in mergers(catalog):
        is_past = (pl.col("unit") == heir) & (pl.col("period") < day)
        ended += [facts.filter(is_past).with_columns(unit=pl.lit(code)) for code in before]
        facts = facts.filter(~is_past)
    return pl.concat([facts, *(rows.select(facts.columns) for rows in ended)])


def taken_together(rows: pl.DataFrame, code: str, catalog: Catalog) -> pl.DataFrame:
    """Return what one station would have filed where several filed: sums, and means by n."""
    measures = [catalog.measures[name] for name in rows["measure"].unique().sort()]
    parts = [_together(rows, measure) for measure in measures]
    return pl.concat(parts).with_columns(unit=pl.lit(code)).select(rows.columns)


def _together(rows: pl.DataFrame, measure: Measure) -> pl.DataFrame:
    """Return one measure of several stations as that of one, month by month."""
    mine = rows.filter(measure=measure.code)
    x = pl.col("value")
    if not measure.roll_by:
        pooled = mine.group_by("period").agg(value=x.sum())
    else:
        for place, other in enumerate(measure.roll_by):
            weight = rows.filter(measure=other).select("unit", "period", pl.col("value"))
            mine = mine.join(weight.rename({"value": f"by{place}"}), on=["unit", "period"])
        n, mean = pl.col("by0"), pl.col("by1")
        if measure.roll == "wmean":
            value = (n * x).sum() / n.sum()
        else:
            between = (n * mean**2).sum() - (n * mean).sum() ** 2 / n.sum()
            value = ((((n - 1) * x**2).sum() + between) / (n.sum() - 1)).sqrt()
        pooled = mine.group_by("period").agg(value=value.round(measure.decimals))
    return pooled.sort("period").with_columns(measure=pl.lit(measure.code))
