"""How do the people of a bureau fare, as far as a survey can tell, and where is it silent?

Aggregate only, compared between districts and waves, never scored and never ranked. Every mean
stands with its interval; two of them are called different only when they can be told apart; small
groups do not appear at all. The survey is found in the definitions: whatever carries the flag W,
a mean and a standard deviation.
"""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from data.definition_types import Catalog
from data.periods import add_months, from_number
from data.units import Tree
from metrics.cube import Cube
from metrics.disclose import hidden_units, respondents, suppress
from metrics.figures import compute_figures
from metrics.sample import (
    QUERY,
    Sample,
    can_tell_apart,
    judge_response,
    may_compare,
    rest_of,
)

WAVE = "wave"
HIDDEN, SILENT = "hidden", "missing"
DIMENSIONS = pl.Schema(
    {
        "indicator": pl.String,
        "weight": pl.Float64,
        "is_index": pl.Boolean,
        **{name: pl.Float64 for name in ("mean", "lower", "upper", "n", "invited")},
        **{name: pl.Float64 for name in ("base_mean", "base_lower", "base_upper", "base_n")},
        "base_invited": pl.Float64,
        "change": pl.Float64,
        "reading": pl.String,
    }
)
SUPPRESSED = pl.Schema(
    {
        "unit": pl.String,
        "n": pl.Float64,
        "reason": pl.String,
        "goes_to": pl.String,
        "goes_to_n": pl.Float64,
    }
)


@dataclass(frozen=True, slots=True)
class Score:
    """One question block of a survey: its mean, its standard deviation, its weight."""

    mean: str
    sd: str
    weight: float | None


@dataclass(frozen=True, slots=True)
class Survey:
    """Which measures make up a survey."""

    responded: str
    invited: str
    index: Score | None
    dimensions: tuple[Score, ...]

    @property
    def scores(self) -> tuple[Score, ...]:
        """The index, if there is one, then the dimensions."""
        return ((self.index,) if self.index else ()) + self.dimensions


def find_survey(catalog: Catalog) -> Survey | None:
    """Return the survey of a bureau's definitions, None if it has none.

    Weights of the dimensions stand in `bureau.toml` under `options.wellbeing.weights`.
    """
    responded = respondents(catalog)
    invited = [
        item.denominator[0]
        for item in catalog.indicators.values()
        if item.numerator == (responded,) and len(item.denominator) == 1
    ]
    if responded is None or not invited:
        return None
    weights = options(catalog).get("weights", {})
    blocks = {
        measure.roll_by[1]: Score(measure.roll_by[1], measure.code, weights.get(measure.roll_by[1]))
        for measure in catalog.measures.values()
        if "W" in measure.flags and measure.roll == "pooled_sd"
    }
    index = [code for code in blocks if catalog.measures[code].kind == "index"]
    dimensions = tuple(block for code, block in blocks.items() if code not in index)
    return Survey(responded, invited[0], blocks[index[0]] if index else None, dimensions)


def options(catalog: Catalog) -> dict:
    """Return what the bureau sets for its survey: weights, and indicators of context."""
    return catalog.bureau.raw.get("options", {}).get("wellbeing", {})


def find_waves(cube: Cube, survey: Survey, through: dt.date) -> list[dt.date]:
    """Return the months in which a wave was filed, oldest first, up to a month."""
    place = cube.index.get(survey.responded)
    if place is None:
        return []
    is_filed = (cube.values[place] > 0).any(axis=0)
    months = [from_number(cube.first + at) for at, filed in enumerate(is_filed) if filed]
    return [month for month in months if month <= through]


def read_samples(
    cube: Cube, tree: Tree, survey: Survey, units: Sequence[str], period: dt.date
) -> dict[tuple[str, str], Sample]:
    """Return the sample of each unit and score that may be shown; others are left out.

    An estimated one, carried over from a unit that was split, has no standard deviation.
    """
    codes = [survey.responded, survey.invited]
    codes += [code for score in survey.scores for code in (score.mean, score.sd)]
    figures = compute_figures(cube, codes, list(units), [period], WAVE)
    figures = suppress(figures, cube.catalog, tree, None, cube).drop_nulls("value")
    keys = zip(figures["unit"], figures["indicator"], strict=True)
    known = zip(figures["value"], figures["status"] == "estimated", strict=True)
    value, is_estimated = {}, {}
    for key, (number, mark) in zip(keys, known, strict=True):
        value[key], is_estimated[key] = number, mark
    found = {}
    for unit in units:
        n, invited = (value.get((unit, code)) for code in codes[:2])
        for score in survey.scores:
            mean, sd = value.get((unit, score.mean)), value.get((unit, score.sd))
            if n and mean is not None and sd is not None:
                sd = math.nan if is_estimated[unit, score.mean] else sd
                found[unit, score.mean] = Sample(n, n if invited is None else invited, mean, sd)
    return found


def compare_waves(
    cube: Cube, tree: Tree, survey: Survey, unit: str, period: dt.date, base: dt.date | None = None
) -> pl.DataFrame:
    """Return the index and the dimensions of one unit, this wave against an earlier one.

    A change has a reading only where both waves may be compared and can be told apart; without a
    comparison `reading` is `none`. The earlier wave is that of a year before if none is given.

    Rows: DIMENSIONS, one score, the index first.
    """
    base = base or add_months(period, -12)
    now = read_samples(cube, tree, survey, [unit], period)
    then = read_samples(cube, tree, survey, [unit], base)
    rows = []
    for score in survey.scores:
        one, other = now.get((unit, score.mean)), then.get((unit, score.mean))
        direction = cube.catalog.indicators[score.mean].direction
        rows.append(
            (
                score.mean, score.weight, score == survey.index,
                *_interval(one), one and one.n, one and one.invited,
                *_interval(other), other and other.n, other and other.invited,
                *_change(one, other, direction),
            )
        )  # fmt: skip
    return pl.DataFrame(rows, schema=DIMENSIONS, orient="row")


def compare_units(
    cube: Cube, tree: Tree, survey: Survey, parent: str, period: dt.date
) -> pl.DataFrame:
    """Return the parent and the units below it in official order, each against the rest.

    A unit is set against the rest of the parent, not against a whole that holds it too. `use` says
    how far its response carries; `position` is above, below, same, or none where it may not be
    compared. Margins are half the 95 % interval.

    Rows: one unit; columns unit, n, invited, rate, use, each score's code, margin, position.
    """
    units = [parent, *tree.children(parent)]
    samples = read_samples(cube, tree, survey, units, period)
    silent = set(list_suppressed(cube, tree, survey, parent, period)["unit"])
    lead = (survey.index or survey.dimensions[0]).mean
    direction = cube.catalog.indicators[lead].direction or 1
    whole = samples.get((parent, lead))
    rows = []
    for unit in units:
        sample = samples.get((unit, lead))
        if tree.is_pooled(unit) and sample is None:
            continue
        use = HIDDEN if unit in silent else SILENT
        rows.append(
            {
                "unit": unit,
                "n": sample and sample.n,
                "invited": sample and sample.invited,
                "rate": sample and sample.n / sample.invited if sample and sample.invited else None,
                "use": judge_response(sample.n, sample.invited) if sample else use,
                **{
                    score.mean: samples[unit, score.mean].mean
                    if (unit, score.mean) in samples
                    else None
                    for score in survey.scores
                },
                "margin": _number(sample.margin) if sample else None,
                "position": "none" if unit == parent else _position(sample, whole, direction),
            }
        )
    return pl.DataFrame(rows, infer_schema_length=None)


def list_suppressed(
    cube: Cube, tree: Tree, survey: Survey, parent: str, period: dt.date
) -> pl.DataFrame:
    """Return the units below a parent that a wave does not show, why, and where their answers go.

    `reason`: unlisted (fewer than the limit, so the provider filed no row of their own), small, or
    protects. `goes_to` is the pooled row, or the own level that took a too small pool in.

    Rows: SUPPRESSED, official order.
    """
    hidden = {row[0]: row for row in hidden_units(cube.catalog, tree, cube, period).iter_rows()}
    codes = [unit for unit in tree.subtree(parent) if unit != parent]
    counts = compute_figures(cube, [survey.responded], codes, [period], WAVE)
    answers = dict(zip(counts["unit"], counts["value"], strict=True))
    levels = cube.catalog.measures[survey.responded].value_of
    rows = []
    for unit in sorted(codes, key=tree.order.__getitem__):
        above = tree.parent(unit)
        beside = tree.children(above) if above else ()
        took_part = any(answers.get(other) for other in beside)
        is_filer = tree.is_leaf(unit) and tree.level(unit) in levels
        is_unlisted = (
            is_filer
            and not tree.is_pooled(unit)
            and not tree.is_own(unit)
            and answers[unit] is None
            and tree.is_open(unit, period)
            and took_part
            and cube.catalog.bureau.small_n > 0
        )
        if unit not in hidden and not is_unlisted:
            continue
        pool = [other for other in beside if tree.is_pooled(other) and answers.get(other)]
        own = [other for other in beside if tree.is_own(other) and answers.get(other)]
        if unit in hidden:
            rows.append((unit, *hidden[unit][1:], None, None))
        elif any(tree.is_pooled(other) for other in beside):
            goes_to = next(iter(pool or own), None)
            there = None if goes_to is None else answers.get(goes_to)
            rows.append((unit, None, "unlisted", goes_to, there))
    return pl.DataFrame(rows, schema=SUPPRESSED, orient="row")


def _interval(sample: Sample | None) -> tuple[float | None, float | None, float | None]:
    """Return mean, lower and upper end; a sample of one has no interval."""
    if sample is None:
        return None, None, None
    margin = _number(sample.margin)
    if margin is None:
        return sample.mean, None, None
    return sample.mean, sample.mean - margin, sample.mean + margin


def _number(value: float) -> float | None:
    """Return a number, None for one that is not."""
    return None if math.isnan(value) else value


def _change(now: Sample | None, then: Sample | None, direction: int) -> tuple[float | None, str]:
    """Return the change between two waves and how it reads."""
    if now is None or then is None:
        return None, "none"
    if not (may_compare(now.n, now.invited) and may_compare(then.n, then.invited)):
        return None, "none"
    change = now.mean - then.mean
    if not can_tell_apart(now, then):
        return change, "not_significant"
    if direction == 0:
        return change, "up" if change > 0 else "down"
    return change, "better" if change * direction > 0 else "worse"


def _position(unit: Sample | None, whole: Sample | None, direction: int) -> str:
    """Return where a unit stands against the rest of the whole."""
    if unit is None or whole is None:
        return "none"
    if judge_response(unit.n, unit.invited) == QUERY:
        return QUERY
    rest = rest_of(whole, unit)
    if rest is None or not may_compare(unit.n, unit.invited):
        return "none"
    if not can_tell_apart(unit, rest):
        return "same"
    return "above" if unit.mean > rest.mean else "below"
