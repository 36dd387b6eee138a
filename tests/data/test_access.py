"""Does every role see and do what its unit and its law allow, and no more?"""

import pytest

from data.access import (
    OPERATOR,
    ROLES,
    Viewer,
    may_file,
    may_review,
    may_see,
    may_speak_of,
)

COUNTY = frozenset({"yz01", "yz01-own", "yz0101"})


@pytest.mark.parametrize("role", ROLES)
def test_nobody_but_the_operator_sees_beyond_the_subtree(role: str) -> None:
    viewer = Viewer("wu", role, "yz01", COUNTY)
    assert may_see(viewer, "yz0101")
    assert not may_see(viewer, "yz02")


@pytest.mark.parametrize("role", ["leader", "evaluator", "administrator"])
def test_leaders_evaluators_and_administrators_change_no_figure(role: str) -> None:
    viewer = Viewer("li", role, "yz01", COUNTY)
    assert not may_file(viewer, "yz01")
    assert not may_file(viewer, "yz0101")
    assert not may_review(viewer, "yz0101", "wu")


def test_a_reviewer_judges_but_never_files() -> None:
    viewer = Viewer("zhao", "reviewer", "yz01", COUNTY)
    assert may_review(viewer, "yz0101", "wu")
    assert not may_file(viewer, "yz0101")


def test_a_statistician_judges_lower_units_but_not_the_own_one() -> None:
    viewer = Viewer("qian", "statistician", "yz01", COUNTY)
    assert may_file(viewer, "yz01-own")
    assert may_review(viewer, "yz0101", "wu")
    assert not may_review(viewer, "yz01-own", "wu")
    assert not may_review(viewer, "yz01", "wu")


def test_nobody_not_even_the_operator_reviews_an_own_return() -> None:
    assert may_review(OPERATOR, "yz0101", "wu")
    assert not may_review(OPERATOR, "yz0101", OPERATOR.name)


def test_a_viewer_without_scope_sees_one_unit() -> None:
    viewer = Viewer("wu", "statistician", "yz0101")
    assert (may_see(viewer, "yz0101"), may_see(viewer, "yz01")) == (True, False)


def test_an_own_level_speaks_of_its_bureau() -> None:
    viewer = Viewer("qian", "statistician", "yz01-own", frozenset({"yz01-own"}), COUNTY)
    assert may_speak_of(viewer, ["yz0101"])
    assert not may_speak_of(viewer, ["yz0101", "yz0201"])
    assert may_speak_of(OPERATOR, ["anywhere"])
