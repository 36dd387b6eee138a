"""Would the grades stand if the weights or the items had been chosen a little differently?

Weights are moved at random by up to a fifth, each item is left out in turn, and scores are
replaced by ranks within the group; each time the round is graded anew. What is left of the grades
says how much they owe to choices that might have been made otherwise.

Source: OECD/JRC Handbook on Constructing Composite Indicators (2008), part 7.
"""

import zlib
from collections.abc import Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

from data.definition_types import Scheme
from metrics.grades import award_grades, find_bands
from metrics.scoring import rank_points, redistribute

Array = NDArray[np.float64]
DRAWS, SHAKE = 1000, 0.2
STABILITY = pl.Schema(
    {
        "what": pl.String,
        "tries": pl.Int64,
        "kept": pl.Float64,
        "largest_shift": pl.Int64,
        "weakest": pl.String,
    }
)


def judge_stability(
    scheme: Scheme, scores: pl.DataFrame, standings: pl.DataFrame, draws: int = DRAWS
) -> pl.DataFrame:
    """Return how much of one group's grades is left under each change.

    `kept` is the share of rated units, over all tries, that keep their grade; `largest_shift` the
    most places that a unit moves; `weakest` the item without which most grades change, or for
    weights and ranks the unit that changes its grade most often.

    Needs: SCORES and STANDINGS of one group of one assessor. Rows: weights, items, ranks.
    """
    rated = standings.filter(pl.col("score").is_not_null())
    if rated.height < 2:
        return pl.DataFrame(schema=STABILITY)
    units = rated["unit"].to_list()
    items = [item.indicator for item in scheme.items]
    grid = _grid(scores, units, items)
    extras = (rated["bonus"] + rated["deduction"]).to_numpy()
    case = _Case(scheme, rated, grid, extras)
    weights = np.array([item.weight for item in scheme.items])
    rng = np.random.default_rng(zlib.crc32(f"{scheme.code}|{units}".encode()))
    shaken = weights * rng.uniform(1 - SHAKE, 1 + SHAKE, (draws, len(weights)))
    dropped = [np.where(np.arange(len(weights)) == at, 0.0, weights) for at in range(len(weights))]
    ranks = rank_points(grid, 1)
    rows = [
        ("weights", *_summary(list(case.tries(shaken)), units)),
        ("items", *_summary(list(case.tries(dropped)), items, by_try=True)),
        ("ranks", *_summary([case.grade(ranks, weights)], units)),
    ]
    return pl.DataFrame(rows, schema=STABILITY, orient="row")


class _Case:
    """One group as it was graded, to be graded again."""

    def __init__(self, scheme: Scheme, rated: pl.DataFrame, grid: Array, extras: Array) -> None:
        self.scheme, self.grid, self.extras = scheme, grid, extras
        self.errors = rated["error"].to_numpy()
        self.vetoed = rated["vetoes"].is_not_null().to_list()
        self.grades = rated["grade"].to_list()
        self.places = _places(rated["score"].to_numpy())
        self.dimensions = [item.dimension for item in scheme.items]
        self.min_group = int(scheme.raw.get("quota_rule", {}).get("min_group", scheme.min_group))

    def tries(self, weights: Iterator[Array] | list[Array] | Array) -> Iterator[tuple]:
        """Yield the outcome of each set of weights."""
        for chosen in weights:
            yield self.grade(self.grid, chosen)

    def grade(self, grid: Array, weights: Array) -> tuple[NDArray[np.bool_], Array]:
        """Return which units keep their grade and how many places each moves."""
        weights = weights * 100 / weights.sum()
        is_missing = np.isnan(grid)
        shared = redistribute(weights, self.dimensions, is_missing)
        totals = (np.where(is_missing, 0, grid) * shared).sum(axis=1) / 100 + self.extras
        bands = find_bands(totals, self.errors)
        awards = award_grades(totals, bands, self.vetoed, self.scheme.grades, self.min_group)
        is_kept = np.array(
            [award.grade == grade for award, grade in zip(awards, self.grades, strict=True)]
        )
        return is_kept, np.abs(_places(totals) - self.places)


def _grid(scores: pl.DataFrame, units: list[str], items: list[str]) -> Array:
    """Return the item scores, unit by item; missing is NaN."""
    found = {
        (unit, item): score
        for unit, item, score in scores.select("unit", "item", "score").iter_rows()
    }
    rows = [[found.get((unit, item)) for item in items] for unit in units]
    return np.array(
        [[np.nan if value is None else value for value in row] for row in rows], dtype=float
    )


def _places(totals: Array) -> Array:
    """Return the place of each total, 1 at the top."""
    return (totals[None, :] > totals[:, None]).sum(axis=1) + 1


def _summary(
    tries: list[tuple], names: list[str], by_try: bool = False
) -> tuple[int, float, int, str]:
    """Return tries, share of grades kept, largest shift, and the name that loses most."""
    kept = np.array([one[0] for one in tries])
    shifts = np.array([one[1] for one in tries])
    loss = (~kept).mean(axis=1 if by_try else 0)
    weakest = names[int(loss.argmax())] if loss.max() > 0 else ""
    return len(tries), float(kept.mean()), int(shifts.max()), weakest
