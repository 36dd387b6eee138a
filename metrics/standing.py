"""How do the units of one round stand side by side: interval, band, possible ranks, grade?

Units are set side by side within the group of their assessor only (a county bureau's stations of
one kind). Where the policy of any item forbids ranking, or the group is too small for it, there
are no bands and no ranks: official order, with grades by their thresholds. Units that the basis
leaves out come last in their group, with the reason in words; they take no place and fill no quota.
"""

import numpy as np
import polars as pl

from data.definition_types import Catalog, Scheme
from data.units import Tree
from metrics.grades import NORMAL_95, award_grades, find_bands, quota_caps, rank_ranges

STANDINGS = pl.Schema(
    {
        "scheme": pl.String,
        "round": pl.String,
        "assessor": pl.String,
        "group": pl.String,
        "unit": pl.String,
        "score": pl.Float64,
        "lower": pl.Float64,
        "upper": pl.Float64,
        "error": pl.Float64,
        "band": pl.Int64,
        "rank_best": pl.Int64,
        "rank_worst": pl.Int64,
        "bonus": pl.Float64,
        "deduction": pl.Float64,
        "missing_weight": pl.Float64,
        "grade": pl.Int64,
        "grade_zh": pl.String,
        "grade_en": pl.String,
        "reason": pl.String,
        "missed": pl.Int64,
        "cap": pl.Int64,
        "vetoes": pl.String,
        "left_out_zh": pl.String,
        "left_out_en": pl.String,
    }
)


def stand(tree: Tree, catalog: Catalog, scheme: Scheme, totals: pl.DataFrame) -> pl.DataFrame:
    """Return STANDINGS: the groups in the scheme's order, bands from the top, then official order.

    Needs: totals with scheme, round, unit, assessor, group, score, error, bonus, deduction,
    missing_weight, vetoes, left_out (a code, null for a unit that takes part) and its words. Rows:
    one unit; its grounds of veto are joined by semicolons, null without any.
    """
    rows = totals.with_row_index("at")
    ranked = may_rank(scheme, catalog)
    parts = [
        _stand_group(scheme, group, ranked)
        for group in rows.partition_by("assessor", "group", maintain_order=True)
    ]
    codes = [group.code for group in scheme.groups]
    order = {unit: place for place, unit in enumerate(tree.codes)}
    return (
        pl.concat(parts)
        .with_columns(
            assessor_place=pl.col("assessor").replace_strict(order, default=-1),
            group_place=pl.col("group").replace_strict(
                {code: place for place, code in enumerate(codes)}, default=len(codes)
            ),
            place=pl.col("unit").replace_strict(order),
            is_rated=pl.col("score").is_not_null(),
            is_left_out=pl.col("left_out").is_not_null(),
            vetoes=pl.when(pl.col("vetoes").list.len() > 0).then(pl.col("vetoes").list.join(";")),
        )
        .sort(
            "assessor_place",
            "group_place",
            "is_rated",
            "is_left_out",
            "band",
            "place",
            descending=[False, False, True, False, False, False],
            nulls_last=True,
        )  # fmt: skip
        .select(list(STANDINGS))
        .cast({name: kind for name, kind in STANDINGS.items()})
    )


def may_rank(scheme: Scheme, catalog: Catalog) -> bool:
    """Return whether the use policy lets the total be ranked: every scored item must allow it."""
    return all(
        catalog.indicators[item.indicator].policy == "rank"
        for item in scheme.items
        if item.weight > 0
    )


def assessor_of(tree: Tree, scheme: Scheme, unit: str) -> str:
    """Return the unit that assesses a unit: the one above it at the scheme's assessor level."""
    above = [code for code in tree.ancestors(unit) if tree.level(code) == scheme.assessor]
    return above[0] if above else ""


def caps_of(scheme: Scheme, rated: int) -> list[int | None]:
    """Return the caps of each grade in a group with so many rated units."""
    return quota_caps(scheme.grades, rated, _quota_group(scheme))


def _quota_group(scheme: Scheme) -> int:
    """Return the smallest group that has quotas."""
    return int(scheme.raw.get("quota_rule", {}).get("min_group", scheme.min_group))


def _stand_group(scheme: Scheme, group: pl.DataFrame, ranked: bool) -> pl.DataFrame:
    """Return the standings of one group of one assessor."""
    scores = group["score"].fill_null(float("nan")).to_numpy()
    errors = group["error"].fill_null(float("nan")).to_numpy()
    rated = int((~np.isnan(scores)).sum())
    is_ranked = ranked and rated >= scheme.min_group
    bands = find_bands(scores, errors)
    ranges = rank_ranges(scores, errors)
    vetoed = (group["vetoes"].list.len() > 0).to_list()
    awards = award_grades(scores, bands, vetoed, scheme.grades, _quota_group(scheme))
    names = [None if award.grade is None else scheme.grades[award.grade].name for award in awards]
    most = 100 + scheme.raw.get("bonus", {}).get("cap", 0)
    margin = NORMAL_95 * pl.col("error")
    return group.with_columns(
        lower=(pl.col("score") - margin).clip(0, most),
        upper=(pl.col("score") + margin).clip(0, most),
        band=pl.Series([b if is_ranked and b else None for b in bands], dtype=pl.Int64),
        rank_best=pl.Series([r[0] if is_ranked and r else None for r in ranges], dtype=pl.Int64),
        rank_worst=pl.Series([r[1] if is_ranked and r else None for r in ranges], dtype=pl.Int64),
        grade=pl.Series([award.grade for award in awards], dtype=pl.Int64),
        grade_zh=pl.Series([name.zh if name else None for name in names], dtype=pl.String),
        grade_en=pl.Series([name.en if name else None for name in names], dtype=pl.String),
        reason=pl.coalesce(
            "left_out", pl.Series([award.reason or None for award in awards], dtype=pl.String)
        ),
        missed=pl.Series([award.missed for award in awards], dtype=pl.Int64),
        cap=pl.Series([award.cap for award in awards], dtype=pl.Int64),
    )
