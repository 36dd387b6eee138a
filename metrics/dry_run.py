"""What would a scheme do on a past round, before anybody is assessed by it?"""

import datetime as dt
from collections.abc import Sequence

import numpy as np
import polars as pl

from data.definition_types import Catalog, Scheme
from metrics.cube import Cube
from metrics.figures import compute_figures
from metrics.rounds import item_window

ANNUAL = pl.Schema({"unit": pl.String, "rounds": pl.Int64, "score": pl.Float64})


def small_shares(
    cube: Cube, catalog: Catalog, scheme: Scheme, units: Sequence[str], period: dt.date
) -> dict[str, float]:
    """Return for each item the share of units whose base is under the indicator's minimum.

    The base is the denominator, or last year's value of a change. Units without any are left out;
    an indicator without a base counts as never small. For the lint rule W-SMALL.
    """
    found = {}
    for item in scheme.items:
        indicator = catalog.indicators[item.indicator]
        window = item_window(scheme, item, indicator, period)
        figures = compute_figures(cube, [item.indicator], list(units), [period], window)
        bases = figures["denominator"].drop_nulls().to_numpy()
        is_small = bases < indicator.minimum_base
        found[item.indicator] = float(np.mean(is_small)) if len(bases) else 0.0
    return found


def annual_scores(scheme: Scheme, standings: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Return the score of a year: the plain mean of its rounds, those not rated left out.

    A unit with fewer rated rounds than the scheme asks for has no score of the year.

    Needs: STANDINGS of each round. Rows: ANNUAL, one unit.
    """
    if scheme.raw.get("annual", {}).get("formula", "none") == "none" or not standings:
        return pl.DataFrame(schema=ANNUAL)
    least = int(scheme.raw["annual"].get("min_rounds", 1))
    rounds = pl.concat([frame.select("unit", "score") for frame in standings])
    totals = rounds.group_by("unit", maintain_order=True).agg(
        rounds=pl.col("score").count().cast(pl.Int64), score=pl.col("score").mean()
    )
    enough = pl.when(pl.col("rounds") >= least).then("score")
    return totals.with_columns(score=enough).select(list(ANNUAL))
