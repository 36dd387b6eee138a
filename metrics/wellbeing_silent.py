"""Which units does a survey wave not show, why, and where did their answers go?

How many answered in a unit that is not shown is not told either: with the total above and the
units beside it, it would tell the number of the next one.
"""

import datetime as dt

import polars as pl

from data.units import Tree
from metrics.cube import Cube
from metrics.disclose import hidden_units
from metrics.figures import compute_figures
from metrics.survey import Survey

SUPPRESSED = pl.Schema(
    {"unit": pl.String, "reason": pl.String, "goes_to": pl.String, "goes_to_n": pl.Float64}
)


def silent_units(
    cube: Cube, tree: Tree, survey: Survey, parent: str, period: dt.date
) -> frozenset[str]:
    """Return the units below a parent that a wave does not show."""
    return frozenset(list_suppressed(cube, tree, survey, parent, period)["unit"])


def list_suppressed(
    cube: Cube, tree: Tree, survey: Survey, parent: str, period: dt.date
) -> pl.DataFrame:
    """Return the units below a parent that a wave does not show, why, and where their answers go.

    `reason`: unlisted (fewer than the limit, so the provider filed no row of their own), small,
    protects or structure. `goes_to` is the pooled row, or the own level that took a too small pool
    in; its number of answers stands beside it where it is shown itself.

    Rows: SUPPRESSED, official order.
    """
    if not survey.responded:
        return pl.DataFrame(schema=SUPPRESSED)
    reasons = hidden_units(cube.catalog, tree, cube, period)
    hidden = dict(zip(reasons["unit"], reasons["reason"], strict=True))
    codes = [unit for unit in tree.subtree(parent) if unit != parent]
    counts = compute_figures(cube, [survey.responded], codes, [period], "wave")
    answers = dict(zip(counts["unit"], counts["value"], strict=True))
    levels = cube.catalog.measures[survey.responded].value_of
    rows: list[tuple] = []
    for unit in sorted(codes, key=tree.order.__getitem__):
        if unit in hidden:
            rows.append((unit, hidden[unit], None, None))
            continue
        above = tree.parent(unit)
        beside = tree.children(above) if above else ()
        is_filer = tree.is_leaf(unit) and tree.level(unit) in levels
        is_unlisted = (
            is_filer
            and not tree.is_pooled(unit)
            and not tree.is_own(unit)
            and answers[unit] is None
            and tree.is_open(unit, period)
            and any(answers.get(other) for other in beside)
            and cube.catalog.bureau.small_n > 0
        )
        if is_unlisted and any(tree.is_pooled(other) for other in beside):
            goes_to = _taken_in(tree, beside, answers)
            is_shown = goes_to is not None and goes_to not in hidden
            rows.append((unit, "unlisted", goes_to, answers[goes_to] if is_shown else None))
    return pl.DataFrame(rows, schema=SUPPRESSED, orient="row")


def _taken_in(tree: Tree, beside: tuple[str, ...], answers: dict[str, float | None]) -> str | None:
    """Return where the answers of unlisted units went: the pooled row, else the own level."""
    pool = [other for other in beside if tree.is_pooled(other) and answers.get(other)]
    own = [other for other in beside if tree.is_own(other) and answers.get(other)]
    return next(iter(pool or own), None)
