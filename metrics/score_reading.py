"""Has a survey score really changed between two waves?

Two independent samples: a difference is called real when it exceeds 1.96 standard errors of both
pooled means, each with the correction for its own finite population where the number invited is
filed. A score that was carried over with a part of its n has no interval. Source: domain notes 8;
the pooled standard deviation is filed beside each score.

A provider's survey is compared as a whole with a whole: a unit that is listed in one wave and
pooled with others in the next is in both. Where the response of either wave does not carry a
comparison, there is none.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from data.definition_types import Catalog
from data.schema import NOTE
from metrics.chance import normal_tail
from metrics.cube import Cube
from metrics.leafwise import Batch, Leafwise
from metrics.matched import Matched, Side
from metrics.plan import Plan, make_plan
from metrics.reading import UNSURE, Read, word_of
from metrics.rollup import Rolled, divide, roll_figures
from metrics.sample import NORMAL_95, SAME, judge_response, may_compare
from metrics.score_spread import widest_spreads
from metrics.spans import Spans
from metrics.survey import Survey, find_survey
from metrics.windows import open_window

#: The least and the greatest that a scale has, where it has one.
Ends = tuple[float | None, float | None]


def spread_of(catalog: Catalog, code: str) -> str | None:
    """Return the measure that holds the standard deviation of a score, None without one."""
    for measure in catalog.measures.values():
        if measure.roll == "pooled_sd" and measure.roll_by[1] == code:
            return measure.code
    return None


def read_beside(catalog: Catalog, code: str) -> set[str]:
    """Return the measures that the comparison of a score needs beside the score's own."""
    spread = spread_of(catalog, code)
    if spread is None:
        return set()
    survey = find_survey(catalog)
    is_of_survey = survey is not None and spread in {score.sd for score in survey.scores}
    return {spread} | ({survey.responded, survey.invited} if survey and is_of_survey else set())


def whole_waves(
    batch: Batch,
    matched: Matched,
    rolled: Rolled,
    base: tuple[Leafwise, Spans],
    units: Sequence[str],
) -> Matched:
    """Return what is compared, scores of a provider's survey as a whole with a whole.

    Which units are listed and which are pooled differs from wave to wave, so units that are there
    on one side only are not left out. On the basis `matched` they are: that is what it is for.
    """
    places = _of_survey(batch.cube, batch.plans)
    if not places or batch.cube.basis == "matched":
        return matched
    then = roll_figures(batch, *base, units)
    sides = []
    for side, whole in ((matched.current, rolled), (matched.base, then)):
        parts = [getattr(side, name).copy() for name in ("numerator", "denominator", "value")]
        for part, name in zip(parts, ("numerator", "denominator", "value"), strict=True):
            part[places] = getattr(whole, name)[places]
        sides.append(Side(*parts))
    dropped, counted = matched.dropped.copy(), matched.units.copy()
    dropped[places], counted[places] = False, rolled.reported[places]
    return replace(matched, current=sides[0], base=sides[1], dropped=dropped, units=counted)


def hush_waves(
    note: np.ndarray,
    cube: Cube,
    plans: Sequence[Plan],
    units: Sequence[str],
    rolled: Rolled,
    *spans: Spans,
) -> None:
    """Note the scores of a provider's survey whose response, in any wave, carries no comparison."""
    places = _of_survey(cube, plans)
    for span in spans if places else ():
        n, invited = _response(cube, units, span)
        is_quiet = np.vectorize(_is_quiet, otypes=[bool])(n, invited)
        for place in places:
            note[place][is_quiet & ~np.isnan(rolled.value[place])] = NOTE.index("response")


def read_scores(
    cube: Cube,
    plans: Sequence[Plan],
    units: Sequence[str],
    now: Spans,
    base: Spans,
    matched: Matched,
    read: Read,
) -> None:
    """Write the readings of scores that have a standard deviation into `read`."""
    surveyed = set(_of_survey(cube, plans)) if cube.basis != "matched" else set()
    for place, plan in enumerate(plans):
        code = spread_of(cube.catalog, plan.indicator.code)
        if code is None:
            continue
        spreads = [widest_spreads(cube, code, units, at.asked, at.window) for at in (now, base)]
        is_shared = spreads[0].is_shared | spreads[1].is_shared
        errors = []
        sides = (matched.current, matched.base)
        for side, spread, span in zip(sides, spreads, (now, base), strict=True):
            n = side.denominator[place]
            square = divide(spread.value**2, n)
            errors.append(square * _left_out(cube, units, span, n) if place in surveyed else square)
        error = np.sqrt(errors[0] + errors[1])
        measure = cube.catalog.measures[plan.indicator.code]
        ends = measure.minimum, measure.maximum
        current, then = matched.current.value[place], matched.base.value[place]
        for row, period in np.argwhere(~np.isnan(current - then) & (error >= 0) & ~is_shared):
            cell = (place, row, period)
            half = max(NORMAL_95 * error[row, period], SAME)
            difference = current[row, period] - then[row, period]
            is_real = abs(difference) > half
            read.lower[cell], read.upper[cell] = within_scale(then[row, period], half, ends)
            far = abs(difference) / error[row, period] if error[row, period] else np.inf
            read.chance[cell] = normal_tail(far) if abs(difference) > SAME else 1.0
            word = word_of(float(np.sign(difference)), plan.indicator.direction)
            read.reading[cell] = word if is_real else UNSURE


def within_scale(mean: float, half: float, ends: Ends) -> tuple[float, float]:
    """Return mean ± half, no farther than the ends of a scale, where it has any.

    >>> within_scale(96.0, 8.0, (0.0, 100.0)), within_scale(96.0, 8.0, (None, None))
    ((88.0, 100.0), (88.0, 104.0))
    """
    low, high = ends
    lower, upper = mean - half, mean + half
    return lower if low is None else max(lower, low), upper if high is None else min(upper, high)


def _of_survey(cube: Cube, plans: Sequence[Plan]) -> list[int]:
    """Return the places of the scores of a provider's survey."""
    survey = _survey(cube)
    if survey is None or not survey.responded:
        return []
    scores = {score.mean for score in survey.scores}
    return [place for place, plan in enumerate(plans) if plan.indicator.code in scores]


def _survey(cube: Cube) -> Survey | None:
    """Return the survey of a cube's definitions, looked up once."""
    if "survey" not in cube.memo:
        cube.memo["survey"] = find_survey(cube.catalog)
    return cube.memo["survey"]


def _response(cube: Cube, units: Sequence[str], span: Spans) -> tuple[np.ndarray, np.ndarray]:
    """Return answers and invited [unit, period]; invited is NaN where a unit did not say."""
    survey = _survey(cube)
    found = []
    for code in (survey.responded, survey.invited) if survey else ():
        plan = make_plan(cube.catalog, code)
        batch, (leafwise,), (spans,) = open_window(cube, [plan], span.asked, span.window)
        found.append(roll_figures(batch, leafwise, spans, units))
    answered, invited = found
    is_counted = invited.reported[0] >= answered.reported[0]
    return answered.value[0], np.where(is_counted, invited.value[0], np.nan)


def _left_out(cube: Cube, units: Sequence[str], span: Spans, n: np.ndarray) -> np.ndarray:
    """Return the square of the finite-population correction, (N - n)/(N - 1); 1 without N.

    The n is that of the score: answers without it are no better than none.
    """
    _, invited = _response(cube, units, span)
    left = divide(invited - n, np.where(invited > 1, invited - 1, np.nan))
    left = np.where(invited <= 1, 0.0, left)
    return np.where(np.isnan(invited), 1.0, np.where(n > invited, np.nan, left))


def _is_quiet(n: float, invited: float) -> bool:
    """Return whether answers of those invited carry no comparison.

    >>> [_is_quiet(n, 100) for n in (70, 39, 99, 101)], _is_quiet(70, float("nan"))
    ([False, True, True, True], False)
    """
    if np.isnan(n):
        return False
    return not may_compare(judge_response(n, None if np.isnan(invited) else invited))
