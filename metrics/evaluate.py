"""What does a published scheme score, and what does a unit of the round get?

Values come from the kernel, each item in its own window, on the basis of the cube; methods turn
them into scores; the weight of a missing item goes to its dimension's other items. Points sum to
the score: one row an item, one a bonus or deduction. `metrics.round_units` says who takes part,
`metrics.standing` then sets the units of a group side by side.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from data.definition_types import Catalog, Indicator, Scheme, SchemeItem
from data.periods import base_period
from data.schema import SCORES, conform
from metrics.cube import Cube
from metrics.extras import score_extras, triggered_vetoes
from metrics.round_figures import Hide, barred_units, round_figures
from metrics.round_units import Field, Group, LeftOut, round_field
from metrics.rounds import (
    OWN_LAST_YEAR,
    find_scheme,
    is_excused,
    item_window,
    round_end,
    round_name,
)
from metrics.score_error import DRAWS, Parts, draw_values, window_spread
from metrics.scoring import redistribute, score_values
from metrics.standing import STANDINGS, stand

Array = NDArray[np.float64]
TOTALS: dict[str, Any] = {
    **dict.fromkeys(("scheme", "round", "unit", "assessor", "group"), pl.String),
    **dict.fromkeys(("score", "error", "bonus", "deduction", "missing_weight"), pl.Float64),
    "vetoes": pl.List(pl.String),
    **dict.fromkeys(("left_out", "left_out_zh", "left_out_en"), pl.String),
}


@dataclass(frozen=True, slots=True)
class RoundResult:
    """One round of a scheme: the items of every unit, and the units side by side.

    `left_out` says in words why a unit of the round is not scored on its basis; the others are
    unchanged from the month `since` on (basis matched only).
    """

    scheme: Scheme
    round: str
    period: dt.date
    scores: pl.DataFrame
    standings: pl.DataFrame
    left_out: dict[str, LeftOut]
    since: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """What every item of a round is scored from: facts, scheme, last month, units, reader."""

    cube: Cube
    catalog: Catalog
    scheme: Scheme
    period: dt.date
    units: list[str]
    groups: list[Group]
    hide: Hide | None = None


@dataclass(frozen=True, slots=True)
class ItemResult:
    """One item of all units: values, scores, drawn scores, and why a score is missing."""

    item: SchemeItem
    value: Array
    score: Array
    drawn: Array
    notes: list[str]


@dataclass(frozen=True, slots=True)
class Target:
    """What each unit is held to: values, drawn ones, and where the reader must not see them."""

    values: Array
    drawn: Array
    hidden: NDArray[np.bool_]


def score_round(
    cube: Cube,
    catalog: Catalog,
    scheme_code: str,
    round_period: str | dt.date,
    level: str | None = None,
    units: Sequence[str] | None = None,
    decisions: pl.DataFrame | None = None,
    hide: Hide | None = None,
) -> RoundResult:
    """Return the scores of a round, item by item, and the standings within each group.

    The round stands on the basis of the cube (docs/adr/0017): on the units of today, which answer
    for what they took over; on those of the time; or on those of them that did not change.

    Args:
        cube: The facts, locked for the round.
        catalog: Definitions.
        scheme_code: Which scheme.
        round_period: `2024Q3`, `2024-09` (its last month) or a date.
        level: The level assessed; a scheme assesses one level only.
        units: Which units; None takes every unit of the level that is open and in the cube.
        decisions: What people decided: columns unit, part (bonus, deduction, veto), entry (place
            in the scheme's list, from 0), count.
        hide: Takes out of FIGURES what the reader must not see; what it takes counts as missing.
    """
    scheme = find_scheme(catalog, scheme_code)
    if level not in (None, scheme.level):
        msg = f"scheme '{scheme.code}' assesses level '{scheme.level}', not '{level}'"
        raise ValueError(msg)
    period = round_end(scheme, catalog, round_period)
    field = round_field(cube, catalog, scheme, period, units)
    groups = [field.groups[unit] for unit in field.units]
    case = Case(cube, catalog, scheme, period, field.units, groups, hide)
    name = round_name(scheme, catalog, period)
    scores, totals = _left_out(case, name, field)
    if field.units:
        results = [_score_item(case, item) for item in scheme.items]
        found = _sum_up(case, name, results, decisions)
        scores, totals = pl.concat([found[0], scores]), pl.concat([found[1], totals])
    standings = (
        stand(field.tree, catalog, scheme, totals)
        if totals.height
        else pl.DataFrame(schema=STANDINGS)
    )
    return RoundResult(scheme, name, period, scores, standings, field.left_out, field.since)


def _score_item(case: Case, item: SchemeItem) -> ItemResult:
    """Return values and scores of one item, with drawn scores and notes."""
    scheme, units, period = case.scheme, case.units, case.period
    indicator = case.catalog.indicators[item.indicator]
    window = item_window(scheme, item, indicator, period)
    figures = _figures(case, item.indicator, period, window)
    barred = barred_units(case.cube, case.catalog, item, units, period, window)
    notes = _notes(case, item, indicator, figures)
    notes = [note or other for note, other in zip(notes, barred, strict=True)]
    is_open = np.array([not note for note in notes], dtype=bool)
    value = np.where(is_open, figures["value"].to_numpy(), np.nan)
    target = _target(case, item, window)
    if target is not None:
        notes = _without_target(notes, target)
    names = [f"{scheme.code}|{period}|{item.indicator}|{unit}" for unit in units]
    parts = _parts(case, indicator, figures, value, period, window)
    drawn = draw_values(parts, indicator, case.catalog, names)
    score, drawn_score = np.full(len(units), np.nan), np.full((len(units), DRAWS), np.nan)
    for group in dict.fromkeys(case.groups):
        inside = np.array([other == group for other in case.groups])
        if item.method == "rank" and not _may_rank_here(scheme, indicator, value[inside]):
            notes = [
                "not_ranked" if at and not n else n for at, n in zip(inside, notes, strict=True)
            ]
            continue
        params = params_in(item, group[1])
        goals = (None, None) if target is None else (target.values, target.drawn)
        for values, goal, result in zip((value, drawn), goals, (score, drawn_score), strict=True):
            result[inside] = score_values(
                item.method,
                values[inside],
                params,
                item.direction,
                None if goal is None else goal[inside],
            )
    return ItemResult(item, figures["value"].to_numpy(), score, drawn_score, notes)


def _without_target(notes: list[str], target: Target) -> list[str]:
    """Return the notes, with those of units whose target is missing, nought or hidden."""
    return [
        note or ("hidden" if hidden else "" if value > 0 else "no_target")
        for note, value, hidden in zip(notes, target.values, target.hidden, strict=True)
    ]


def _figures(case: Case, code: str, period: dt.date, window: str) -> pl.DataFrame:
    """Return one indicator's figures, one row a unit in the order of the units; null as NaN."""
    figures = round_figures(case.cube, code, case.units, [period], window, case.hide)
    return (
        pl.DataFrame({"unit": case.units}, schema={"unit": pl.String})
        .join(figures, on="unit", how="left", maintain_order="left")
        .with_columns(pl.col("numerator", "denominator", "value").fill_null(float("nan")))
    )


def _parts(
    case: Case,
    indicator: Indicator,
    figures: pl.DataFrame,
    value: Array,
    period: dt.date,
    window: str,
) -> Parts:
    """Return what the chance in some figures is drawn from."""
    spread = window_spread(
        case.cube, case.catalog, indicator, case.units, period, window, case.hide
    )
    return Parts(figures["numerator"].to_numpy(), figures["denominator"].to_numpy(), value, spread)


def params_in(item: SchemeItem, group: str) -> dict[str, Any]:
    """Return an item's parameters for a group: its own thresholds before the common ones."""
    return {**item.params, **item.params.get("by_group", {}).get(group, {})}


def _may_rank_here(scheme: Scheme, indicator: Indicator, values: Array) -> bool:
    """Return whether points by rank may be given: by the policy, and by the size of the group."""
    return indicator.may_rank and int((~np.isnan(values)).sum()) >= scheme.min_group


def _notes(case: Case, item: SchemeItem, indicator: Indicator, figures: pl.DataFrame) -> list[str]:
    """Return why a unit's value does not count: hidden, missing, partial, small_base and others.

    The others are small_n and festival. Later on an item may be left out as structure, one that
    is ranked as not_ranked, one without a target as no_target.
    """
    is_festival = is_excused(case.scheme, item, indicator, case.period)
    notes = []
    for group, row in zip(case.groups, figures.iter_rows(named=True), strict=True):
        base, params = row["denominator"], params_in(item, group[1])
        is_leaf = case.cube.tree.is_leaf(row["unit"])
        if is_festival:
            notes.append("festival")
        elif row["suppressed"]:
            notes.append("hidden")
        elif np.isnan(row["value"]):
            notes.append("missing")
        elif is_leaf and row["reported"] < row["due"]:
            notes.append("partial")
        elif base < params.get("min_base", -np.inf):
            notes.append("small_base")
        elif not base >= params.get("min_n", -np.inf) and "min_n" in params:
            notes.append("small_n")
        else:
            notes.append("")
    return notes


def _target(case: Case, item: SchemeItem, window: str) -> Target | None:
    """Return the target of each unit; None where the method has none of its own."""
    target, period = item.params.get("target"), case.period
    if item.method != "goal_ratio" or target is None:
        return None
    if isinstance(target, dict):
        figures = _figures(case, target["indicator"], period, window)
    elif target == OWN_LAST_YEAR:
        start = case.catalog.bureau.year_start
        base = base_period(period, "yoy", window, start) or period
        figures = _figures(case, item.indicator, base, window)
    else:
        fixed = np.full(len(case.units), float(target))
        return Target(fixed, np.repeat(fixed[:, None], DRAWS, axis=1), np.isnan(fixed))
    values = figures["value"].to_numpy()
    hidden = figures["suppressed"].fill_null(value=False).to_numpy()
    if isinstance(target, dict):
        return Target(values, np.repeat(values[:, None], DRAWS, axis=1), hidden)
    indicator = case.catalog.indicators[item.indicator]
    parts = _parts(case, indicator, figures, values, base, window)
    names = [f"{item.indicator}|{base}|{unit}" for unit in case.units]
    return Target(values, draw_values(parts, indicator, case.catalog, names), hidden)


def _sum_up(
    case: Case, name: str, results: list[ItemResult], decisions: pl.DataFrame | None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return SCORES, and one row a unit with its total, error and what it hangs on."""
    scheme, units = case.scheme, case.units
    weights = np.array([item.weight for item in scheme.items])
    dimensions = [item.dimension for item in scheme.items]
    score = np.array([result.score for result in results]).T.reshape(len(units), len(results))
    is_missing = np.isnan(score)
    is_excused = np.array([[n == "festival" for n in r.notes] for r in results], dtype=bool).T
    missing_weight = (weights * (is_missing & ~is_excused.reshape(is_missing.shape))).sum(axis=1)
    limit = scheme.raw.get("missing", {}).get("max_missing_weight", 20)
    is_rated = (missing_weight <= limit + 1e-9) & ~is_missing.all(axis=1)
    shared = redistribute(weights, dimensions, is_missing)
    points = np.where(is_missing, 0.0, shared * score / 100)
    shares = [np.nan_to_num(r.drawn) * (shared[:, [i]] / 100) for i, r in enumerate(results)]
    drawn = np.sum(shares, axis=0)
    asked = (case.cube, scheme, units, case.period, decisions, case.hide)
    extras, vetoes = score_extras(*asked), triggered_vetoes(*asked)
    rows, totals = [], []
    for at, unit in enumerate(units):
        assessor, group = case.groups[at]
        head = (scheme.code, name, unit, group)
        for place, result in enumerate(results):
            note = result.notes[at] or ("missing" if is_missing[at, place] else "")
            earned = points[at, place] if is_rated[at] else None
            numbers = (result.value[at], result.score[at], shared[at, place], earned)
            rows.append((*head, result.item.indicator, *numbers, note))
        for extra in extras[unit]:
            earned = extra.points if is_rated[at] else None
            rows.append((*head, extra.name, extra.count, None, None, earned, extra.part))
        for ground in vetoes[unit]:
            rows.append((*head, ground, None, None, None, None, "veto"))
        added = [extra.points for extra in extras[unit]]
        total = sum([*points[at].tolist(), *added]) if is_rated[at] else None
        error = float(np.std(drawn[at], ddof=1)) if is_rated[at] else None
        bonus = sum(p for p in added if p > 0)
        lost = sum(p for p in added if p < 0)
        held = (total, error, bonus, lost, missing_weight[at], list(vetoes[unit]))
        totals.append((*head[:3], assessor, group, *held, None, None, None))
    return _scores(rows), pl.DataFrame(totals, schema=TOTALS, orient="row")


def _left_out(case: Case, name: str, field: Field) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return SCORES and totals of the units left out: no numbers, but the reason."""
    rows: list[tuple] = []
    totals: list[tuple] = []
    for unit, why in field.left_out.items():
        assessor, group = field.groups[unit]
        head = (case.scheme.code, name, unit)
        for item in case.scheme.items:
            rows.append((*head, group, item.indicator, None, None, None, None, why.reason))
        totals.append(
            (*head, assessor, group, *[None] * 5, [], why.reason, why.words.zh, why.words.en)
        )
    return _scores(rows), pl.DataFrame(totals, schema=TOTALS, orient="row")


def _scores(rows: list[tuple]) -> pl.DataFrame:
    """Return rows as SCORES: no number is NaN, no note is empty."""
    scores = pl.DataFrame(rows, schema=SCORES, orient="row")
    note = pl.when(pl.col("note") != "").then("note")
    return conform(scores.with_columns(pl.col(pl.Float64).fill_nan(None), note=note), SCORES)
