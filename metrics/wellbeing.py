"""How do the people of a bureau fare, as far as a survey can tell, and where is it silent?

Aggregate only, compared between districts and waves, never scored and never ranked. Every mean
stands with its interval; two of them are called different only when they can be told apart; small
groups do not appear at all, nor how many of them answered.
"""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from data.definition_versions import direction_of
from data.periods import SPAN, add_months
from data.units import Tree
from metrics.cube import Cube
from metrics.events import BREAK, told
from metrics.plan import make_plan
from metrics.sample import (
    ERROR,
    QUERY,
    can_tell_apart,
    chance_apart,
    may_compare,
    rest_of,
    told_together,
)
from metrics.score_reading import Ends, within_scale
from metrics.survey import Survey
from metrics.wellbeing_silent import silent_units
from metrics.wellbeing_wave import HIDDEN, WIDEST, Told, Wave, read_wave

OVERALL_WITHIN = 0.1
_SIDE: dict[str, Any] = {
    "mean": pl.Float64,
    "lower": pl.Float64,
    "upper": pl.Float64,
    "n": pl.Float64,
}
_SIDE |= {"invited": pl.Float64, "rate": pl.Float64, "band": pl.String}
DIMENSIONS = pl.Schema(
    {
        "indicator": pl.String,
        "weight": pl.Float64,
        "is_index": pl.Boolean,
        **_SIDE,
        "sd": pl.Float64,
        **{f"base_{name}": kind for name, kind in _SIDE.items()},
        "change": pl.Float64,
        "reading": pl.String,
        "note": pl.String,
    }
)


def compare_waves(
    cube: Cube,
    tree: Tree,
    survey: Survey,
    unit: str,
    period: dt.date,
    base: dt.date | None = None,
    present: Cube | None = None,
) -> pl.DataFrame:
    """Return the index and the dimensions of one unit, this wave against an earlier one.

    A change has a reading only where both waves may be compared and can be told apart; without a
    comparison `reading` is `none`, and `note` says why. The earlier wave is that of a year before
    if none is given. Words of `note` stand in `data/texts/wellbeing.toml` under `note`.

    Rows: DIMENSIONS, one score, the index first.
    """
    base = base or add_months(period, -12)
    now = read_wave(cube, tree, survey, [unit], period, present)
    then = read_wave(cube, tree, survey, [unit], base, present)
    silent = silent_units(cube, tree, survey, tree.parent(unit) or unit, period)
    rows = []
    for score in survey.scores:
        one, other = now[unit, score.mean], then[unit, score.mean]
        if one.sample is None and unit in silent:
            one = replace(one, band=HIDDEN)
        direction = _direction(cube, score.mean, one)
        is_parted = _is_parted(cube, score.mean, unit, base, period)
        change, reading, why = _change(one, other, direction, is_parted=is_parted)
        is_index = score == survey.index
        side, is_cut = _side(one, "", _ends(cube, score.mean))
        notes = [*one.marks, *(["scale_end"] if is_cut else []), why]
        if is_index and overall_gap(survey, unit, now) > OVERALL_WITHIN:
            notes.append("overall_off")
        rows.append(
            {
                "indicator": score.mean,
                "weight": score.weight,
                "is_index": is_index,
                **side,
                "sd": None if WIDEST in one.marks else one.sample and _number(one.sample.sd),
                **_side(other, "base_", _ends(cube, score.mean))[0],
                "change": change,
                "reading": reading,
                "note": " ".join(dict.fromkeys(note for note in notes if note)),
            }
        )
    return pl.DataFrame(rows, schema=DIMENSIONS, orient="row")


def _direction(cube: Cube, code: str, told: Told) -> int:
    """Return which way a score was good under the definition of its wave."""
    return direction_of(cube.catalog.measures[code], told.definition)


def _is_parted(cube: Cube, code: str, unit: str, base: dt.date, period: dt.date) -> bool:
    """Return whether the bureau has set a break between two waves."""
    after = add_months(base, 2 - SPAN[cube.catalog.measures[code].frequency])
    events = told(cube, make_plan(cube.catalog, code), unit, after, period)
    return any(event.effect == BREAK for event in events)


def overall_gap(survey: Survey, unit: str, wave: Wave) -> float:
    """Return how far the index is from the weighted sum of its dimensions; 0 if not all are known.

    The weights are taken as shares of their sum.
    """
    if survey.index is None:
        return 0.0
    whole = wave[unit, survey.index.mean].sample
    parts = [(score.weight, wave[unit, score.mean].sample) for score in survey.dimensions]
    known = [(weight, part.mean) for weight, part in parts if weight is not None and part]
    if whole is None or len(known) < len(parts):
        return 0.0
    total = math.fsum(weight for weight, _ in known)
    summed = math.fsum(weight * mean for weight, mean in known) / total
    return round(abs(whole.mean - summed), 9)


def compare_units(
    cube: Cube,
    tree: Tree,
    survey: Survey,
    parent: str,
    period: dt.date,
    base: dt.date | None = None,
    present: Cube | None = None,
) -> pl.DataFrame:
    """Return the parent and the units below it in official order, each against the rest.

    A unit is set against the rest of the parent, not against a whole that holds it too, and all
    units of the table are told together. `use` says how far its response carries; `position` is
    above, below, same, or why it is not compared; `change` and `reading` are those of the index
    since the earlier wave. Margins are half the 95 % interval.

    Rows: one unit; columns unit, n, invited, rate, use, each score's code, margin, position,
    change, reading, note.
    """
    units = [parent, *tree.children(parent)]
    base = base or add_months(period, -12)
    wave = read_wave(cube, tree, survey, units, period, present)
    earlier = read_wave(cube, tree, survey, units, base, present)
    silent = silent_units(cube, tree, survey, parent, period)
    lead = (survey.index or survey.dimensions[0]).mean
    places = _places(cube, wave, units, lead)
    rows = []
    for unit in units:
        mine = wave[unit, lead]
        sample = mine.sample
        if tree.is_pooled(unit) and sample is None:
            continue
        direction, is_parted = (
            _direction(cube, lead, mine),
            _is_parted(cube, lead, unit, base, period),
        )
        change, reading, why = _change(mine, earlier[unit, lead], direction, is_parted=is_parted)
        notes = (*mine.marks, why)
        rows.append(
            {
                "unit": unit,
                "n": sample and _number(sample.n),
                "invited": sample and sample.invited,
                "rate": mine.rate,
                "use": mine.band if sample or unit not in silent else HIDDEN,
                **{score.mean: _mean(wave[unit, score.mean]) for score in survey.scores},
                "margin": sample and _number(sample.margin),
                "position": places[unit],
                "change": change,
                "reading": reading,
                "note": " ".join(dict.fromkeys(note for note in notes if note)),
            }
        )
    return pl.DataFrame(rows, infer_schema_length=None)


def _places(cube: Cube, wave: Wave, units: Sequence[str], lead: str) -> dict[str, str]:
    """Return where each unit below the first stands against the rest of it."""
    parent, *below = units
    whole = wave[parent, lead].sample
    direction = _direction(cube, lead, wave[parent, lead]) or 1
    found = dict.fromkeys(units, "none")
    chances, sides = {}, {}
    for unit in below:
        mine = wave[unit, lead]
        if mine.sample is None or whole is None:
            continue
        if not may_compare(mine.band):
            found[unit] = mine.band if mine.band in (QUERY, ERROR) else "none"
            continue
        rest = rest_of(whole, mine.sample)
        if rest is None or math.isnan(chance_apart(mine.sample, rest)):
            continue
        chances[unit] = chance_apart(mine.sample, rest)
        sides[unit] = (mine.sample.mean - rest.mean) * direction
    told_apart = told_together(chances)
    for unit, side in sides.items():
        found[unit] = ("above" if side > 0 else "below") if unit in told_apart else "same"
    return found


def _ends(cube: Cube, code: str) -> Ends:
    """Return the ends of a score's scale, where its definition names them."""
    measure = cube.catalog.measures[code]
    return measure.minimum, measure.maximum


def _side(told: Told, prefix: str, ends: Ends) -> tuple[dict[str, Any], bool]:
    """Return one wave's columns, and whether its interval stops at an end of the scale.

    A sample of one, or without a spread, has no interval.
    """
    sample = told.sample
    if sample is None:
        return {f"{prefix}{name}": None for name in _SIDE} | {f"{prefix}band": told.band}, False
    margin = _number(sample.margin)
    lower, upper, is_cut = None, None, False
    if margin is not None:
        lower, upper = within_scale(sample.mean, margin, ends)
        is_cut = (lower, upper) != (sample.mean - margin, sample.mean + margin)
    return {
        f"{prefix}mean": sample.mean,
        f"{prefix}lower": lower,
        f"{prefix}upper": upper,
        f"{prefix}n": _number(sample.n),
        f"{prefix}invited": sample.invited,
        f"{prefix}rate": told.rate,
        f"{prefix}band": told.band,
    }, is_cut


def _mean(told: Told) -> float | None:
    return told.sample.mean if told.sample else None


def _number(value: float) -> float | None:
    """Return a number, None for one that is not."""
    return None if math.isnan(value) else value


def _change(
    now: Told, then: Told, direction: int, *, is_parted: bool
) -> tuple[float | None, str, str]:
    """Return the change between two waves, how it reads, and why it does not."""
    if now.sample is None:
        return None, "none", now.band
    if then.sample is None:
        return None, "none", f"base_{then.band}"
    if is_parted or now.definition != then.definition:
        return None, "none", "break"
    for side, before in ((now, ""), (then, "base_")):
        if not may_compare(side.band):
            return None, "none", f"{before}{side.band}"
    change = now.sample.mean - then.sample.mean
    if math.isnan(now.sample.error + then.sample.error):
        return change, "none", "no_interval"
    if not can_tell_apart(now.sample, then.sample):
        return change, "not_significant", ""
    if direction == 0:
        return change, "up" if change > 0 else "down", ""
    return change, "better" if change * direction > 0 else "worse", ""
