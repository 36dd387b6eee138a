"""What does one wave of a survey say of each unit and score, as far as anybody may see it?"""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from data.periods import month_number
from data.units import Tree
from metrics.cube import Cube
from metrics.disclose import suppress
from metrics.figures import compute_figures
from metrics.sample import UNKNOWN, Sample, judge_rate, judge_response
from metrics.score_spread import widest_spreads
from metrics.survey import Survey
from metrics.wellbeing_gaps import Gaps, find_gaps

WAVE = "wave"
HIDDEN, SILENT, NOBODY = "hidden", "missing", "nobody"
NO_SPREAD, WIDEST = "no_spread", "widest"
OVER, OVER_BELOW = "over_invited", "over_invited_below"


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
    that was split, has no standard deviation. Where one was not filed, the greatest that its
    answers can have stands for it. `present` holds the facts of today where those of
    the cube are of an earlier day: what today hides must not follow from them.
    """
    codes = [survey.responded, survey.invited, survey.rate]
    codes += [score.mean for score in survey.scores]
    codes = [code for code in dict.fromkeys(codes) if code]
    figures = compute_figures(cube, codes, list(units), [period], WAVE)
    figures = suppress(figures, cube.catalog, tree, None, cube, present)
    cells = {(row["unit"], row["indicator"]): row for row in figures.iter_rows(named=True)}
    gaps = find_gaps(cube, tree, survey, units, period)
    spreads = _spreads(cube, survey, units, period)
    return {
        key: _told(cells, gaps, survey, *key, spreads.get(key, math.nan))
        for key in product(units, [score.mean for score in survey.scores])
    }


def _spreads(
    cube: Cube, survey: Survey, units: Sequence[str], period: dt.date
) -> dict[tuple[str, str], float]:
    """Return the standard deviation of each unit and score, at most."""
    asked = np.array([month_number(period)])
    found: dict[tuple[str, str], float] = {}
    for score in survey.scores:
        if score.sd:
            values = widest_spreads(cube, score.sd, units, asked, WAVE).value[:, 0]
            found |= {(unit, score.mean): x for unit, x in zip(units, values.tolist(), strict=True)}
    return found


def _told(
    cells: dict[tuple[str, str], dict[str, Any]],
    gaps: Gaps,
    survey: Survey,
    unit: str,
    mean: str,
    spread: float,
) -> Told:
    """Return what is known of one score: its sample, how far the response carries, the marks."""
    cell = cells[unit, mean]
    if cell["value"] is None:
        is_nobody = bool(survey.responded) and cells[unit, survey.responded]["value"] == 0
        why = HIDDEN if cell["suppressed"] else NOBODY if is_nobody else SILENT
        return Told(None, why, None, cell["definition"], ())
    if not survey.responded:
        printed = cells[unit, survey.rate]["value"] if survey.rate else None
        rate = None if printed is None else printed / 100
        band = UNKNOWN if rate is None else judge_rate(rate)
        sample = Sample(math.nan, None, cell["value"], math.nan)
        return Told(sample, band, rate, cell["definition"], ("no_counts",))
    n, invited = cell["denominator"], cells[unit, survey.invited]["value"]
    marks = gaps.marks(unit, mean)
    if cell["status"] == "estimated":
        spread, marks = math.nan, ("estimated", *(mark for mark in marks if mark != NO_SPREAD))
    elif NO_SPREAD in marks and not math.isnan(spread):
        marks = tuple(WIDEST if mark == NO_SPREAD else mark for mark in marks)
    if "uncounted" in marks:
        invited = None
    sample = Sample(n, invited, cell["value"], spread)
    answered = cells[unit, survey.responded]["value"]
    if OVER in marks and invited is not None and answered <= invited:
        marks = tuple(OVER_BELOW if mark == OVER else mark for mark in marks)
    elif sample.is_census:
        marks = (*marks, "census")
    rate = answered / invited if invited else None
    return Told(sample, judge_response(answered, invited), rate, cell["definition"], marks)
