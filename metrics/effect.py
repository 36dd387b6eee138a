"""What would a return do to the figures, before anyone has approved it?"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from data.definition_types import Catalog
from data.units import Tree
from metrics.cube import build_cube
from metrics.figures import compute_figures
from metrics.series import read_series
from metrics.sources import read_sources


@dataclass(frozen=True, slots=True)
class Effect:
    """One figure without and with a return; `lower` and `upper` are its usual range."""

    indicator: str
    before: float | None
    after: float | None
    reported_before: int
    reported_after: int
    due: int
    lower: float | None
    upper: float | None
    reading: str


def read_effects(
    facts: pl.DataFrame,
    filed: pl.DataFrame,
    catalog: Catalog,
    tree: Tree,
    indicators: Sequence[str],
    unit: str,
    period: dt.date,
) -> list[Effect]:
    """Return how figures of a unit change when the filed values take their place.

    Needs: facts (FACTS as approved) and filed (FACTS of the return). Rows: only the indicators
    that the return touches.
    """
    key = ["measure", "unit", "period"]
    touched = set(filed["measure"].unique())
    moved = [code for code in indicators if touched.intersection(_inputs(catalog, code))]
    if not moved or filed.is_empty():
        return []
    behind = {source.unit for source in read_sources(catalog, tree, unit, own=False)}
    mine = facts.filter(pl.col("unit").is_in(list(behind)))
    after = pl.concat([mine.join(filed, on=key, how="anti"), filed.select(mine.columns)])
    with_return = build_cube(after, catalog, tree)
    new = compute_figures(with_return, moved, [unit], [period], "month").rows(named=True)
    series = {
        row["indicator"]: row
        for row in read_series(with_return, moved, [unit], period).iter_rows(named=True)
    }
    old: list[dict] = [{"value": None, "reported": 0}] * len(moved)
    if mine.height:
        without = build_cube(mine, catalog, tree)
        old = compute_figures(without, moved, [unit], [period], "month").rows(named=True)
    return [
        Effect(
            code,
            before["value"],
            row["value"],
            before["reported"] or 0,
            row["reported"] or 0,
            row["due"] or 0,
            series.get(code, {}).get("lower"),
            series.get(code, {}).get("upper"),
            series.get(code, {}).get("reading") or "none",
        )
        for code, before, row in zip(moved, old, new, strict=True)
    ]


def _inputs(catalog: Catalog, code: str) -> tuple[str, ...]:
    item = catalog.indicators[code]
    return (*item.numerator, *item.denominator)
