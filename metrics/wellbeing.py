"""How do the people of a bureau fare, as far as a survey can tell, and where is it silent?

Aggregate only, compared between districts and waves, never scored and never ranked. Every mean
stands with its interval; two of them are called different only when they can be told apart; small
groups do not appear at all, nor how many of them answered.
"""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from data.definition_versions import direction_of
from data.periods import SPAN, add_months
from data.units import Tree
from metrics.cube import Cube
from metrics.disclose import suppress
from metrics.events import BREAK, told
from metrics.figures import compute_figures
from metrics.plan import make_plan
from metrics.sample import (
    ERROR,
    QUERY,
    UNKNOWN,
    Sample,
    can_tell_apart,
    chance_apart,
    judge_rate,
    judge_response,
    may_compare,
    rest_of,
    told_together,
)
from metrics.survey import Survey
from metrics.wellbeing_gaps import Gaps, find_gaps
from metrics.wellbeing_silent import silent_units

WAVE = "wave"
HIDDEN, SILENT = "hidden", "missing"
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


@dataclass(frozen=True, slots=True)
class Told:
    """What one wave says of one score of one unit: nothing where `sample` is None."""

    sample: Sample | None
    band: str
    rate: float | None
    definition: int
    marks: tuple[str, ...]


Wave = dict[tuple[str, str], Told]  # by unit and score


def read_wave(
    cube: Cube,
    tree: Tree,
    survey: Survey,
    units: Sequence[str],
    period: dt.date,
    present: Cube | None = None,
) -> Wave:
    """Return what a wave says of each unit and score, as far as anybody may see it.

    The n of a score counts the answers that have it. An estimated score, carried over from a unit
    that was split, has no standard deviation. `present` holds the facts of today where those of
    the cube are of an earlier day: what today hides must not follow from them.
    """
    codes = [survey.responded, survey.invited, survey.rate]
    codes += [code for score in survey.scores for code in (score.mean, score.sd)]
    codes = [code for code in dict.fromkeys(codes) if code]
    figures = compute_figures(cube, codes, list(units), [period], WAVE)
    figures = suppress(figures, cube.catalog, tree, None, cube, present)
    cells = {(row["unit"], row["indicator"]): row for row in figures.iter_rows(named=True)}
    gaps = find_gaps(cube, tree, survey, units, period)
    return {
        (unit, score.mean): _told(cells, gaps, survey, unit, score.mean, score.sd)
        for unit in units
        for score in survey.scores
    }


def _told(
    cells: dict[tuple[str, str], dict[str, Any]],
    gaps: Gaps,
    survey: Survey,
    unit: str,
    mean: str,
    sd: str,
) -> Told:
    """Return what is known of one score: its sample, how far the response carries, the marks."""
    cell = cells[unit, mean]
    if cell["value"] is None:
        is_hidden = cell["suppressed"]
        return Told(None, HIDDEN if is_hidden else SILENT, None, cell["definition"], ())
    if not survey.responded:
        printed = cells[unit, survey.rate]["value"] if survey.rate else None
        rate = None if printed is None else printed / 100
        band = UNKNOWN if rate is None else judge_rate(rate)
        sample = Sample(math.nan, None, cell["value"], math.nan)
        return Told(sample, band, rate, cell["definition"], ("no_counts",))
    n, invited = cell["denominator"], cells[unit, survey.invited]["value"]
    marks = gaps.marks(unit, mean)
    spread = cells[unit, sd]["value"]
    if cell["status"] == "estimated":
        spread, marks = None, ("estimated", *marks)
    elif "no_spread" in marks:
        spread = None
    if "uncounted" in marks:
        invited = None
    sample = Sample(n, invited, cell["value"], math.nan if spread is None else spread)
    answered = cells[unit, survey.responded]["value"]
    if sample.is_census:
        marks = (*marks, "census")
    rate = answered / invited if invited else None
    return Told(sample, judge_response(answered, invited), rate, cell["definition"], marks)


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
        notes = [*one.marks, why]
        if is_index and overall_gap(survey, unit, now) > OVERALL_WITHIN:
            notes.append("overall_off")
        rows.append(
            {
                "indicator": score.mean,
                "weight": score.weight,
                "is_index": is_index,
                **_side(one, ""),
                "sd": one.sample and _number(one.sample.sd),
                **_side(other, "base_"),
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


def _side(told: Told, prefix: str) -> dict[str, Any]:
    """Return one wave's columns; a sample of one, or without a spread, has no interval."""
    sample = told.sample
    if sample is None:
        return {f"{prefix}{name}": None for name in _SIDE} | {f"{prefix}band": told.band}
    margin = _number(sample.margin)
    return {
        f"{prefix}mean": sample.mean,
        f"{prefix}lower": None if margin is None else sample.mean - margin,
        f"{prefix}upper": None if margin is None else sample.mean + margin,
        f"{prefix}n": _number(sample.n),
        f"{prefix}invited": sample.invited,
        f"{prefix}rate": told.rate,
        f"{prefix}band": told.band,
    }


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
