"""Is each question offered to who may answer or close it, and found again in the list?"""

import datetime as dt
from typing import Any

import pytest

from data.store.questions import Subject
from ui.quality_integrity import SIZE, chosen_of, mark_of, page_of, q_words
from ui.scope import EXTRAS, Scope

OCTOBER = dt.date(2024, 10, 1)


def rows(count: int) -> list[dict[str, Any]]:
    return [
        {"key": Subject("heaping", f"yz01{at:02}", "all", OCTOBER).key, "q": 0.01}
        for at in range(count)
    ]


def scope(**extras: str) -> Scope:
    return Scope("li", "yz", OCTOBER, extras=extras)


def test_the_address_names_a_question_and_its_page() -> None:
    listed = rows(25)
    asked = scope(question=mark_of(listed[21]["key"]))
    assert chosen_of(asked, listed) is listed[21]
    assert page_of(asked, listed, listed[21]) == 3
    assert page_of(scope(), listed, listed[0]) == 1
    assert page_of(scope(page="2"), listed, listed[0]) == 2
    assert {"question", "page"} <= set(EXTRAS)


@pytest.mark.parametrize("word", ["", "nonsense", "<script>"])
def test_a_name_that_is_none_shows_the_first(word: str) -> None:
    listed = rows(3)
    assert chosen_of(scope(question=word), listed) is listed[0]


@pytest.mark.parametrize(("asked", "page"), [("9", 3), ("0", 1), ("-1", 1), ("x", 1)])
def test_a_page_that_is_not_there_is_the_nearest(asked: str, page: int) -> None:
    listed = rows(2 * SIZE + 1)
    assert page_of(scope(page=asked), listed, listed[0]) == page


def test_marks_are_short_and_differ() -> None:
    marks = {mark_of(row["key"]) for row in rows(60)}
    assert (len(marks), {len(mark) for mark in marks}) == (60, {10})
    assert q_words(0.00099) == "< 0.001"
