"""Does the queue say whose turn it is, in which order, and what comes next?"""

import datetime as dt
from typing import Any

import pytest

from data.access import Viewer, viewer_for
from data.catalog import load_catalog
from data.units import tree
from ui.review import earlier_of
from ui.review_decide import quoted
from ui.review_figures import mark, page_in, place_of, range_words
from ui.review_items import (
    Item,
    beside,
    chosen_of,
    following,
    form_in,
    group_of,
    level_in,
    narrowed,
    own_level,
    read_items,
)
from ui.review_time import later_days, unit_path
from ui.scope import Scope

OCTOBER, TODAY = dt.date(2024, 10, 1), dt.date(2024, 11, 11)
CATALOG = load_catalog()
UNITS = tree(CATALOG)
FORMS = tuple(CATALOG.forms)
CITY = viewer_for(CATALOG, "city_reviewer")


def at(day: int, hour: int = 9) -> dt.datetime:
    return dt.datetime(2024, 11, day, hour, tzinfo=dt.UTC)


def row(number: int, unit: str, form: str, **more: Any) -> dict[str, Any]:
    """Return a return that waits for the city and may be judged by the reader."""
    return {
        "id": number,
        "receipt": f"HJ-{number}",
        "kind": "return",
        "unit": unit,
        "form": form,
        "period": OCTOBER,
        "state": "reviewed",
        "waits_for": "city",
        "may_review": True,
        "why": None,
        "late": False,
        "version": 1,
        "submitted_at": at(4),
        "ready_at": at(5),
        "reviewed_at": at(8),
    } | more


ROWS = [
    row(1, "yz02", "M02"),
    row(2, "yz0101", "M03", state="submitted", waits_for="county", reviewed_at=None),
    row(3, "yz01", "M05", why="corrected", late=None),
    row(4, "yz01", "M01"),
    row(5, "yz0101", "M01", state="confirming", waits_for=None, may_review=False, reviewed_at=None),
    row(6, "yz02", "M01", state="approved", waits_for=None, may_review=False),
    row(7, "yz02", "M03", state="replaced"),
    row(8, "yz02", "M04", kind="import"),
]


def items(top: str = "yz", viewer: Viewer = CITY) -> list[Item]:
    return read_items(ROWS, {1: 2}, viewer, UNITS, top, FORMS, TODAY)


def scope(**extras: str) -> Scope:
    return Scope("city_reviewer", "yz", OCTOBER, extras=extras)


def numbers(found: list[Item]) -> list[int]:
    return [item.row["id"] for item in found]


def test_the_queue_stands_in_official_order_and_leaves_out_what_is_no_return() -> None:
    found = items()
    assert numbers(found) == [4, 3, 5, 2, 6, 1]
    assert [item.group for item in found] == ["yz01", "yz01", "yz01", "yz01", "yz02", "yz02"]
    assert numbers(items("yz01")) == [4, 3, 5, 2]
    assert [item.group for item in items("yz01")] == ["yz01", "yz01", "yz0101", "yz0101"]


def test_whose_turn_it_is_and_since_when() -> None:
    found = {item.row["id"]: item for item in items()}
    assert [found[at].mine for at in (1, 2, 3, 4, 5, 6)] == [True, False, True, True, False, False]
    assert found[2].may_help, "the city may stand in for the district"
    assert not found[5].may_help
    assert [found[at].stage for at in (1, 2, 5, 6)] == ["city", "county", "confirming", "approved"]
    # Since the district passed it on (the 8th); since it was ready (the 5th).
    assert [found[at].days for at in (1, 2)] == [3, 6]


def test_sound_is_what_waits_for_the_reader_without_question_and_correction() -> None:
    assert [item.row["id"] for item in items() if item.is_sound] == [4]


def test_choices_narrow_the_queue() -> None:
    found = items()
    assert numbers(narrowed(found, "mine", "")) == [4, 3, 1]
    assert numbers(narrowed(found, "county", "")) == [2]
    assert numbers(narrowed(found, "way", "")) == [4, 3, 5, 2, 1]
    assert numbers(narrowed(found, "all", "M01")) == [4, 5, 6]
    assert level_in(scope(), found) == "mine"
    assert level_in(scope(), [item for item in found if not item.mine]) == "way"
    assert level_in(scope(), [item for item in found if not item.is_waiting]) == "all"
    assert level_in(scope(level="county"), found) == "county"
    assert level_in(scope(level="nonsense"), found) == "mine"
    assert (form_in(scope(form="M03"), found), form_in(scope(form="X"), found)) == ("M03", "")


def test_the_address_names_the_return_and_the_next_one_follows() -> None:
    found = items()
    listed = narrowed(found, "mine", "")
    first = chosen_of(scope(), found, listed)
    assert first is not None
    assert first.row["id"] == 4
    named = chosen_of(scope(receipt="hj-6"), found, listed)
    assert named is not None
    assert named.row["id"] == 6
    assert chosen_of(scope(receipt="HJ-99"), found, []) is None
    assert following(listed, first) == "HJ-3"
    assert following(listed, listed[-1]) == "HJ-4", "from the last it goes on with the first"
    assert following([first], first) == ""
    before, after = beside(listed, listed[1])
    assert (before, after) == (listed[0], listed[2])
    assert beside(listed, named) == (None, None)


@pytest.mark.parametrize(
    ("person", "level"), [("city_reviewer", "city"), ("yunlu_reviewer", "county")]
)
def test_a_reviewer_judges_at_the_level_of_the_own_unit(person: str, level: str) -> None:
    assert own_level(viewer_for(CATALOG, person), UNITS) == level
    assert own_level(viewer_for(CATALOG, "city_statistician"), UNITS) == "city"


def test_a_unit_stands_in_the_group_right_below_the_one_in_scope() -> None:
    assert group_of(UNITS, "yz0101", "yz") == "yz01"
    assert group_of(UNITS, "yz0101", "yz01") == "yz0101"
    assert group_of(UNITS, "yz01", "yz01") == "yz01"


def test_earlier_versions_are_those_of_the_same_return_latest_first() -> None:
    rows = [
        row(1, "yz01", "M01"),
        row(2, "yz01", "M01"),
        row(3, "yz01", "M02"),
        row(4, "yz01", "M01"),
    ]
    assert [found["id"] for found in earlier_of(rows, rows[3])] == [2, 1]
    assert earlier_of(rows, rows[2]) == []


def test_a_quote_is_put_in_once_and_only_where_there_is_room() -> None:
    assert quoted("", "刑事!D12：写的是 138。") == "刑事!D12：写的是 138。"
    assert quoted("x" * 495, "刑事!D12：写的是 138。") == "x" * 495
    assert quoted("一\n", "二") == "一\n二"


def test_a_figure_says_where_it_lies_but_never_whether_that_is_good() -> None:
    for lang in ("zh", "en"):
        seen = Scope("city_reviewer", "yz", OCTOBER, lang=lang)
        words = f"{mark(seen, 1)}{mark(seen, -1)}"
        assert not any(word in words for word in ("better", "worse", "改善", "恶化"))
    assert "高于" in str(mark(scope(), 1))
    assert mark(scope(), 0) is mark(scope(), None) is None
    item = CATALOG.indicators["calls_valid"]
    assert range_words({"lower": 90.4, "upper": 1112.6}, item) == "90 – 1,113"
    assert range_words({"lower": None, "upper": 1.0}, item) == ""


def test_pages_and_places_are_held_within_what_there_is() -> None:
    assert [page_in(asked, 3) for asked in ("", "0", "2", "9", "-1", "²")] == [1, 1, 2, 3, 1, 1]
    assert place_of({"sheet": "M01", "cell": None}) == "M01"


def test_days_offered_come_after_the_day_and_stations_name_their_district() -> None:
    assert later_days(dt.date(2024, 2, 28), 2) == [dt.date(2024, 2, 29), dt.date(2024, 3, 1)]
    assert unit_path(scope(), "yz0101") == "明湖 › 湖滨路派出所"
    assert unit_path(scope(), "yz01") == "明湖分局"
