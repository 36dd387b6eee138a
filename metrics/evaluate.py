"""What does a published scheme score, and what does a unit of the round get?

Values come from the kernel, each item in its own window; methods turn them into scores; the weight
of a missing item goes to its dimension's other items. Points sum to the score: one row an item,
one a bonus or deduction. `metrics.standing` then sets the units of a group side by side.
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
from metrics.figures import compute_figures
from metrics.lint import group_of
from metrics.rounds import find_scheme, round_end, round_name
from metrics.score_error import DRAWS, Parts, draw_values, window_spread
from metrics.scoring import redistribute, score_values
from metrics.standing import STANDINGS, assessor_of, stand

Array = NDArray[np.float64]
OWN_LAST_YEAR = "own_last_year"
Group = tuple[str, str]  # assessor, group


@dataclass(frozen=True, slots=True)
class RoundResult:
    """One round of a scheme: the items of every unit, and the units side by side."""

    scheme: Scheme
    round: str
    period: dt.date
    scores: pl.DataFrame
    standings: pl.DataFrame


@dataclass(frozen=True, slots=True)
class ItemResult:
    """One item of all units: values, scores, drawn scores, and why a score is missing."""

    item: SchemeItem
    value: Array
    score: Array
    drawn: Array
    notes: list[str]


def score_round(
    cube: Cube,
    catalog: Catalog,
    scheme_code: str,
    round_period: str | dt.date,
    level: str | None = None,
    units: Sequence[str] | None = None,
    decisions: pl.DataFrame | None = None,
) -> RoundResult:
    """Return the scores of a round, item by item, and the standings within each group.

    A round stands on the units of today: it assesses units that answer for what they took over.

    Args:
        cube: The facts, locked for the round.
        catalog: Definitions.
        scheme_code: Which scheme.
        round_period: `2024Q3`, `2024-09` (its last month) or a date.
        level: The level assessed; a scheme assesses one level only.
        units: Which units; None takes every unit of the level that is open and in the cube.
        decisions: What people decided: columns unit, part (bonus, deduction, veto), entry (place
            in the scheme's list, from 0), count.
    """
    scheme = find_scheme(catalog, scheme_code)
    if level not in (None, scheme.level):
        msg = f"scheme '{scheme.code}' assesses level '{scheme.level}', not '{level}'"
        raise ValueError(msg)
    period = round_end(scheme, catalog, round_period)
    chosen = round_units(cube, scheme, period, units)
    groups = [
        (assessor_of(cube.tree, scheme, unit), group_of(scheme, cube.tree.unit(unit).group))
        for unit in chosen
    ]
    results = [
        _score_item(cube, catalog, scheme, item, chosen, groups, period) for item in scheme.items
    ]
    name = round_name(scheme, catalog, period)
    scores, totals = _sum_up(
        cube, catalog, scheme, name, chosen, groups, period, results, decisions
    )
    standings = (
        stand(cube.tree, catalog, scheme, totals) if chosen else pl.DataFrame(schema=STANDINGS)
    )
    return RoundResult(scheme, name, period, scores, standings)


def round_units(
    cube: Cube, scheme: Scheme, period: dt.date, units: Sequence[str] | None
) -> list[str]:
    """Return the units of a round in official order: of its level, open, within the cube."""
    tree = cube.tree
    for unit in units or ():
        if tree.level(unit) != scheme.level:
            msg = f"unit '{unit}' is a {tree.level(unit)}; '{scheme.code}' assesses {scheme.level}"
            raise ValueError(msg)
    return [
        unit
        for unit in tree.at_level(scheme.level)
        if (units is None or unit in units) and tree.is_open(unit, period) and cube.sees(unit)
    ]


def item_window(scheme: Scheme, item: SchemeItem, indicator: Indicator, period: dt.date) -> str:
    """Return an item's window; under the January–February rule February takes both months."""
    if "jan_feb" in scheme.raw and period.month == 2 and _is_year_on_year(item, indicator):
        return "jan_feb"
    return item.window


def _is_year_on_year(item: SchemeItem, indicator: Indicator) -> bool:
    """Return whether an item sets this year against last: the festival moves in between."""
    return indicator.kind == "yoy" or item.params.get("target") == OWN_LAST_YEAR


def _score_item(
    cube: Cube,
    catalog: Catalog,
    scheme: Scheme,
    item: SchemeItem,
    units: list[str],
    groups: list[Group],
    period: dt.date,
) -> ItemResult:
    """Return values and scores of one item, with drawn scores and notes."""
    indicator = catalog.indicators[item.indicator]
    window = item_window(scheme, item, indicator, period)
    figures = _figures(cube, item.indicator, units, period, window)
    notes = _notes(cube, scheme, item, indicator, groups, figures, period)
    is_open = np.array([not note for note in notes], dtype=bool)
    value = np.where(is_open, figures["value"].to_numpy(), np.nan)
    target, target_drawn = _target(cube, catalog, item, units, period, window)
    if target is not None:
        is_short = is_open & ~(target > 0)
        notes = [
            "no_target" if short else note for note, short in zip(notes, is_short, strict=True)
        ]
    names = [f"{scheme.code}|{period}|{item.indicator}|{unit}" for unit in units]
    spread = window_spread(cube, catalog, indicator, units, period, window)
    parts = Parts(figures["numerator"].to_numpy(), figures["denominator"].to_numpy(), value, spread)
    drawn = draw_values(parts, indicator, catalog, names)
    score, drawn_score = np.full(len(units), np.nan), np.full((len(units), DRAWS), np.nan)
    for group in dict.fromkeys(groups):
        inside = np.array([other == group for other in groups])
        if item.method == "rank" and not _may_rank_here(scheme, indicator, value[inside]):
            notes = [
                "not_ranked" if at and not n else n for at, n in zip(inside, notes, strict=True)
            ]
            continue
        params = params_in(item, group[1])
        for values, goal, result in (
            (value, target, score),
            (drawn, target_drawn, drawn_score),
        ):
            result[inside] = score_values(
                item.method,
                values[inside],
                params,
                item.direction,
                None if goal is None else goal[inside],
            )
    return ItemResult(item, figures["value"].to_numpy(), score, drawn_score, notes)


def _figures(cube: Cube, code: str, units: list[str], period: dt.date, window: str) -> pl.DataFrame:
    """Return one indicator's figures, one row a unit in the order of the units; null as NaN."""
    figures = compute_figures(cube, [code], units, [period], window)
    return (
        pl.DataFrame({"unit": units})
        .join(figures, on="unit", how="left", maintain_order="left")
        .with_columns(pl.col("numerator", "denominator", "value").fill_null(float("nan")))
    )


def params_in(item: SchemeItem, group: str) -> dict[str, Any]:
    """Return an item's parameters for a group: its own thresholds before the common ones."""
    return {**item.params, **item.params.get("by_group", {}).get(group, {})}


def _may_rank_here(scheme: Scheme, indicator: Indicator, values: Array) -> bool:
    """Return whether points by rank may be given: by the policy, and by the size of the group."""
    return indicator.may_rank and int((~np.isnan(values)).sum()) >= scheme.min_group


def _notes(
    cube: Cube,
    scheme: Scheme,
    item: SchemeItem,
    indicator: Indicator,
    groups: list[Group],
    figures: pl.DataFrame,
    period: dt.date,
) -> list[str]:
    """Return why a unit's value does not count: missing, partial, small_base, small_n, festival.

    An item that is ranked may be left out as not_ranked later on.
    """
    is_january = "jan_feb" in scheme.raw and period.month == 1
    is_festival = is_january and _is_year_on_year(item, indicator)
    notes = []
    for group, row in zip(groups, figures.iter_rows(named=True), strict=True):
        base, params = row["denominator"], params_in(item, group[1])
        is_leaf = cube.tree.is_leaf(row["unit"])
        if is_festival:
            notes.append("festival")
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


def _target(
    cube: Cube,
    catalog: Catalog,
    item: SchemeItem,
    units: list[str],
    period: dt.date,
    window: str,
) -> tuple[Array | None, Array | None]:
    """Return the target of each unit, and drawn ones; None where the method has none of its own."""
    target = item.params.get("target")
    if item.method != "goal_ratio" or target is None:
        return None, None
    if isinstance(target, dict):
        figures = _figures(cube, target["indicator"], units, period, window)
    elif target == OWN_LAST_YEAR:
        base = base_period(period, "yoy", window, catalog.bureau.year_start) or period
        figures = _figures(cube, item.indicator, units, base, window)
    else:
        fixed = np.full(len(units), float(target))
        return fixed, np.repeat(fixed[:, None], DRAWS, axis=1)
    values = figures["value"].to_numpy()
    if isinstance(target, dict):
        return values, np.repeat(values[:, None], DRAWS, axis=1)
    indicator = catalog.indicators[item.indicator]
    spread = window_spread(cube, catalog, indicator, units, base, window)
    parts = Parts(
        figures["numerator"].to_numpy(), figures["denominator"].to_numpy(), values, spread
    )
    names = [f"{item.indicator}|{base}|{unit}" for unit in units]
    return values, draw_values(parts, indicator, catalog, names)


def _sum_up(
    cube: Cube,
    catalog: Catalog,
    scheme: Scheme,
    name: str,
    units: list[str],
    groups: list[Group],
    period: dt.date,
    results: list[ItemResult],
    decisions: pl.DataFrame | None,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return SCORES, and one row a unit with its total, error and what it hangs on."""
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
    extras = score_extras(cube, catalog, scheme, units, period, decisions)
    vetoes = triggered_vetoes(cube, scheme, units, period, decisions)
    rows, totals = [], []
    for at, unit in enumerate(units):
        head = (scheme.code, name, unit, groups[at][1])
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
        totals.append((*head, total, error, bonus, lost, missing_weight[at], list(vetoes[unit])))
    scores = (
        pl.DataFrame(rows, schema=SCORES, orient="row") if rows else pl.DataFrame(schema=SCORES)
    )
    plain = pl.when(pl.col("note") != "").then("note")
    scores = scores.with_columns(pl.col(pl.Float64).fill_nan(None), note=plain)
    schema: dict[str, Any] = {
        **{key: pl.String for key in ("scheme", "round", "unit", "group")},
        **{key: pl.Float64 for key in ("score", "error", "bonus", "deduction", "missing_weight")},
        "vetoes": pl.List(pl.String),
    }
    return conform(scores, SCORES), pl.DataFrame(totals, schema=schema, orient="row")
