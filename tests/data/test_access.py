"""Does every role see and do what its unit and its law allow, and no more?"""

import pytest

from data.access import (
    OPERATOR,
    ROLES,
    Viewer,
    may_confirm,
    may_extend,
    may_file,
    may_review,
    may_see,
    may_speak_of,
    viewer_for,
)
from data.catalog import load_catalog

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
    assert not may_review(viewer, "yz0101")


def test_a_reviewer_judges_but_never_files() -> None:
    viewer = Viewer("zhao", "reviewer", "yz01", COUNTY)
    assert may_review(viewer, "yz0101")
    assert not may_file(viewer, "yz0101")


def test_a_statistician_judges_lower_units_but_not_the_own_one() -> None:
    homes = frozenset({"yz01", "yz01-own"})
    viewer = Viewer("qian", "statistician", "yz01", COUNTY, homes=homes)
    assert may_file(viewer, "yz01-own")
    assert may_review(viewer, "yz0101")
    assert not may_review(viewer, "yz01-own")
    assert not may_review(viewer, "yz01")


def test_the_operator_may_do_each_step() -> None:
    assert may_review(OPERATOR, "yz0101", "city")
    assert may_confirm(OPERATOR, "yz0101")
    assert may_extend(OPERATOR, "yz0101")


def test_a_person_knows_the_own_units_and_the_levels_to_judge_for() -> None:
    catalog = load_catalog()
    county = viewer_for(catalog, "minghu_reviewer")
    assert county.homes == {"yz01", "yz01-own"}
    assert [level for level in ("station", "county", "city") if may_review(county, "yz0101", level)]
    assert not may_review(county, "yz0101", "city")
    assert may_review(viewer_for(catalog, "city_reviewer"), "yz0101", "county")
    assert viewer_for(catalog, "city_statistician").judges >= {"city", "county"}


def test_nobody_above_confirms_for_a_unit_and_nobody_extends_the_own_day() -> None:
    catalog = load_catalog()
    station, county = (
        viewer_for(catalog, user) for user in ("hubinlu_statistician", "minghu_statistician")
    )
    assert may_confirm(station, "yz0101")
    assert not may_confirm(station, "yz0102")
    assert not may_confirm(county, "yz0101")
    assert may_confirm(county, "yz01-own")
    reviewer = viewer_for(catalog, "minghu_reviewer")
    assert may_extend(reviewer, "yz0101")
    assert not may_extend(reviewer, "yz01")
    assert not may_extend(reviewer, "yz0201")
    assert not may_extend(station, "yz0101")
    assert not may_extend(county, "yz0101")


def test_a_viewer_without_scope_sees_one_unit() -> None:
    viewer = Viewer("wu", "statistician", "yz0101")
    assert (may_see(viewer, "yz0101"), may_see(viewer, "yz01")) == (True, False)


def test_an_own_level_speaks_of_its_bureau() -> None:
    viewer = Viewer("qian", "statistician", "yz01-own", frozenset({"yz01-own"}), COUNTY)
    assert may_speak_of(viewer, ["yz0101"])
    assert not may_speak_of(viewer, ["yz0101", "yz0201"])
    assert may_speak_of(OPERATOR, ["anywhere"])
