"""Bands, rank ranges and quotas, worked by hand."""

import numpy as np
import pytest

from data.definition_types import SchemeGrade, Text
from metrics.grades import award_grades, find_bands, quota_caps, rank_ranges

GRADES = (
    SchemeGrade(Text("优秀", "Excellent"), 90, 0.25),
    SchemeGrade(Text("良好", "Good"), 80, 0.7, cumulative=True),
    SchemeGrade(Text("合格", "Pass"), 60),
    SchemeGrade(Text("不合格", "Fail"), 0),
)
# The urban group of the target picture: 13 rated stations in four bands.
PICTURE = [94.1, 93.2, 90.3, 89.9, 89.4, 88.9, 88.7, 88.4, 85.2, 84.6, 83.9, 83.1, 78.6]
PICTURE_BANDS = [1, 1, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 4]


def names(scores: list[float], bands: list[int], vetoed: set[int] = frozenset()) -> list[str]:
    given = [unit in vetoed for unit in range(len(scores))]
    awards = award_grades(np.array(scores), bands, given, GRADES, 8)
    return ["-" if a.grade is None else GRADES[a.grade].name.en for a in awards]


def test_a_band_across_the_cut_falls_below_it_as_a_whole() -> None:
    # Caps of 13: excellent 3, excellent and good together 9. The second band holds places 3 to 8
    # and straddles 3; the third holds 9 to 12 and straddles 9.
    assert names(PICTURE, PICTURE_BANDS) == ["Excellent"] * 2 + ["Good"] * 6 + ["Pass"] * 5


def test_the_reason_names_the_grade_that_was_missed_and_its_cap() -> None:
    given = [False] * len(PICTURE)
    awards = award_grades(np.array(PICTURE), PICTURE_BANDS, given, GRADES, 8)
    assert (awards[2].reason, awards[2].missed, awards[2].cap) == ("quota", 0, 3)
    assert (awards[8].reason, awards[8].missed, awards[8].cap) == ("quota", 1, 9)
    assert awards[12].reason == ""


def test_no_quota_in_a_group_of_fewer_than_eight() -> None:
    scores = [96, 95, 94, 93, 92, 91, 90]
    assert names(scores, [1, 2, 3, 4, 5, 6, 7]) == ["Excellent"] * 7


def test_a_quota_of_eight_is_rounded_down() -> None:
    scores = [96, 95, 94, 93, 92, 91, 90, 79]
    expected = ["Excellent"] * 2 + ["Good"] * 3 + ["Pass"] * 3
    assert names(scores, [1, 2, 3, 4, 5, 6, 7, 8]) == expected


def test_ties_are_one_band_even_without_any_error() -> None:
    scores = np.array([95.0, 93.0, 93.0, 91.0])
    assert find_bands(scores, np.zeros(4)) == [1, 2, 2, 3]


def test_a_veto_fails_the_unit_and_frees_its_place() -> None:
    scores = [96, 95, 94, 70, 69, 68, 67, 66]
    expected = ["Fail", "Excellent", "Excellent"] + ["Pass"] * 5
    assert names(scores, [1, 2, 3, 4, 5, 6, 7, 8], vetoed={0}) == expected


def test_a_unit_without_a_score_is_not_rated_and_not_counted() -> None:
    scores = [96, 95, 94, 93, 92, 91, 90, float("nan")]
    assert names(scores, [1, 2, 3, 4, 5, 6, 7, 0]) == ["Excellent"] * 7 + ["-"]


def test_a_share_is_not_lost_to_the_last_bit() -> None:
    grade = SchemeGrade(Text("", ""), 80, 0.29)
    assert quota_caps([grade], 100, 8) == [29]


@pytest.mark.parametrize(
    ("scores", "error", "bands"),
    [
        # 1.96 times the root of two times the error: 1.3859 at 0.5.
        ([90.0, 88.7, 87.4], 0.5, [1, 1, 2]),
        ([90.0, 88.7, 87.4], 1.0, [1, 1, 1]),
        ([90.0, 88.7, 87.4], 0.1, [1, 2, 3]),
    ],
)
def test_no_two_of_a_band_can_be_told_apart(
    scores: list[float], error: float, bands: list[int]
) -> None:
    assert find_bands(np.array(scores), np.full(3, error)) == bands


def test_rank_ranges_count_who_is_surely_above_and_surely_below() -> None:
    ranges = rank_ranges(np.array([90.0, 88.7, 87.4, np.nan]), np.full(4, 0.5))
    assert ranges == [(1, 2), (1, 3), (2, 3), None]
