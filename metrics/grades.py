"""Which scores cannot be told apart, which ranks are possible, and which grade follows?

Two scores are told apart when they differ by more than 1.96 standard errors of their difference.
A band is a run of units, from the top, of which no two can be told apart; equal scores are never
parted. A quota is a cap, never a target: a band that straddles the cut falls below it as a whole.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.definition_types import SchemeGrade

Array = NDArray[np.float64]
NORMAL_95 = 1.96
SAME = 1e-9


@dataclass(frozen=True, slots=True)
class Award:
    """The grade of one unit (its place in the list) and why it is not the one its score allows.

    `reason` is empty, `quota` (the band straddles the cap, or lies beyond it), `veto` or
    `not_rated`; `cap` is the number of units that the missed grade allowed.
    """

    grade: int | None
    reason: str = ""
    missed: int | None = None
    cap: int | None = None


def told_apart(scores: Array, errors: Array) -> NDArray[np.bool_]:
    """Return for each pair whether the two scores can be told apart; a missing one never can.

    >>> told_apart(np.array([90.0, 88.0]), np.array([0.5, 0.5])).tolist()
    [[False, True], [True, False]]
    """
    gap = np.abs(scores[:, None] - scores[None, :])
    return gap > np.maximum(NORMAL_95 * np.hypot(errors[:, None], errors[None, :]), SAME)


def find_bands(scores: Array, errors: Array) -> list[int]:
    """Return the band of each unit, 1 at the top; 0 for a unit without a score.

    >>> find_bands(np.array([94.0, 93.5, 90.0, 89.8, np.nan]), np.array([0.4] * 5))
    [1, 1, 2, 2, 0]
    """
    apart = told_apart(scores, errors)
    bands = [0] * len(scores)
    members: list[int] = []
    number = 0
    for unit in _from_the_top(scores):
        is_tied = bool(members) and abs(scores[unit] - scores[members[-1]]) <= SAME
        if not members or (not is_tied and any(apart[unit, member] for member in members)):
            number, members = number + 1, []
        members.append(unit)
        bands[unit] = number
    return bands


def rank_ranges(scores: Array, errors: Array) -> list[tuple[int, int] | None]:
    """Return the best and the worst possible rank of each unit; None without a score.

    The best rank is one more than the number of units surely above, the worst the number of units
    less those surely below.

    >>> rank_ranges(np.array([94.0, 93.5, 90.0]), np.array([0.4, 0.4, 0.4]))
    [(1, 2), (1, 2), (3, 3)]
    """
    apart = told_apart(scores, errors)
    known = ~np.isnan(scores)
    ranges: list[tuple[int, int] | None] = []
    for unit, score in enumerate(scores):
        if not known[unit]:
            ranges.append(None)
            continue
        above = int((apart[unit] & (scores > score)).sum())
        below = int((apart[unit] & (scores < score)).sum())
        ranges.append((above + 1, int(known.sum()) - below))
    return ranges


def quota_caps(grades: Sequence[SchemeGrade], units: int, min_group: int) -> list[int | None]:
    """Return how many units each grade may hold (with the better ones where cumulative).

    >>> from data.definition_types import Text
    >>> best = SchemeGrade(Text("优秀", "Excellent"), 90, 0.25)
    >>> quota_caps([best], 14, min_group=8), quota_caps([best], 7, min_group=8)
    ([3], [None])
    """
    return [
        None
        if grade.share is None or units < min_group
        else math.floor(round(grade.share * units, 9))
        for grade in grades
    ]


def award_grades(
    scores: Array,
    bands: Sequence[int],
    is_vetoed: Sequence[bool],
    grades: Sequence[SchemeGrade],
    min_group: int,
) -> list[Award]:
    """Return the grade of each unit of one group; grades are listed from the best.

    A vetoed unit takes the last grade and no place under a quota; a unit without a score is not
    rated. The number of units behind a quota is that of the rated ones.
    """
    awards = [Award(None, "not_rated") for _ in scores]
    rated = [unit for unit in _from_the_top(scores)]
    caps = quota_caps(grades, len(rated), min_group)
    free = [unit for unit in rated if not is_vetoed[unit]]
    last_place = {
        band: max(place for place, unit in enumerate(free, 1) if bands[unit] == band)
        for band in {bands[unit] for unit in free}
    }
    for unit in rated:
        if is_vetoed[unit]:
            awards[unit] = Award(len(grades) - 1, "veto")
    waiting = list(free)
    for index, grade in enumerate(grades):
        taken = len(free) - len(waiting)
        cap = caps[index]
        cut = math.inf if cap is None else cap if grade.cumulative else cap + taken
        for unit in list(waiting):
            if scores[unit] < grade.minimum - SAME:
                continue
            if last_place[bands[unit]] > cut:
                missed = awards[unit].missed
                if missed is None:
                    awards[unit] = Award(None, "quota", index, cap)
                continue
            held = awards[unit]
            reason = held.reason if held.missed is not None else ""
            awards[unit] = Award(index, reason, held.missed, held.cap)
            waiting.remove(unit)
    return awards


def _from_the_top(scores: Array) -> list[int]:
    """Return the units with a score from the highest down, in the given order where equal."""
    return [int(unit) for unit in np.argsort(-scores, kind="stable") if not np.isnan(scores[unit])]
