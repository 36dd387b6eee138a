"""The structure of any month, what became of units, and what a unit's people may read."""

import datetime as dt

import pytest

from data.periods import month_number
from data.unit_history import ALWAYS, FAR, handovers_of, heirs_of, timeline
from data.units import level_between, reach_of, tree, tree_at
from tests.metrics.structure import COUNTIES, SPLIT, bureau


def at(year: int, month: int) -> int:
    return month_number(dt.date(year, month, 1))


def test_the_tree_of_a_month_holds_who_was_there_under_whom() -> None:
    before, after = (tree_at(COUNTIES, dt.date(year, 6, 1)) for year in (2023, 2024))
    assert before.children("c") == ("a", "b")
    assert before.children("b") == ("b1", "b2", "b-own")
    assert "n" not in before.units
    assert after.children("c") == ("a", "n")
    assert after.leaves() == ("a1", "a-own", "b1", "b2", "n-own")
    assert after.level("b1") == "station"
    with pytest.raises(ValueError, match="unknown unit 'b'"):
        after.unit("b")


def test_the_tree_of_today_knows_who_has_gone() -> None:
    today = tree(COUNTIES)
    assert today.gone == {"b", "b-own"}
    assert today.children("c") == ("a", "n")
    assert today.subtree("c", gone=True)[-2:] == ("b", "b-own")
    assert today.leaves("b") == ()
    assert today.unit("b").closed == dt.date(2024, 1, 1)
    assert today.at_level("county", gone=True) == ("a", "b", "n")


def test_what_hung_under_a_unit_with_one_heir_hangs_under_that_one() -> None:
    found = tree(
        bureau(
            """
            c
            a  | c
            a1 | a
            b  | c | to 2024-01
            b1 | b to 2024-01, a
            b2 | b | to 2022-01
            """,
            "2024-01: b = a 1",
        )
    )
    assert found.children("a") == ("a1", "b1", "b2")
    assert found.gone == {"b"}


def test_a_unit_whose_past_nobody_took_over_stays_in_the_tree() -> None:
    found = tree(
        bureau(
            """
            c
            a  | c
            a1 | a
            d  | c
            d1 | d
            b  | c | to 2024-01
            b1 | b | to 2022-01
            """,
            "2024-01: b = a 0.5 + d 0.5",
        )
    )
    assert found.children("c") == ("a", "d", "b")
    assert found.leaves("b") == ("b1",)


def test_a_unit_that_lost_everything_below_it_is_no_leaf() -> None:
    found = tree(bureau("c\na | c\nb | c\nb1 | b to 2024-01, a"))
    assert found.leaves("b") == ()
    assert not found.is_leaf("b")
    assert found.leaves() == ("b1",)


def test_only_what_was_handed_over_later_counts() -> None:
    steps = handovers_of(SPLIT.successions)
    assert dict(heirs_of(steps, "a1", at(2024, 3))) == {"a2": 0.3, "a3": 0.7}
    assert heirs_of(steps, "a1", at(2024, 4)) == (("a1", 1.0),)
    assert heirs_of(steps, "b1", 0) == (("b1", 1.0),)


def test_the_timeline_tells_each_change_once() -> None:
    assert [(event.kind, event.unit) for event in timeline(SPLIT)] == [
        ("split", "a1"),
        ("moved", "b1"),
    ]
    assert [(event.kind, event.unit) for event in timeline(COUNTIES)] == [
        ("split", "b"),
        ("moved", "b1"),
        ("moved", "b2"),
        ("split", "b-own"),
    ]
    others = bureau(
        """
        c
        a  | c
        a1 | a | to 2024-01
        a2 | a | 2024-01 to
        a3 | a | to 2024-02
        a4 | a
        a5 | a | 2024-03 to
        a6 | a | to 2024-04
        """,
        """
        2024-01: a1 = a2 1
        2024-02: a3 = a4 1
        2024-05: a4 = a4 0.9 + a5 0.1
        """,
    )
    assert [(event.kind, event.unit) for event in timeline(others)] == [
        ("succeeded", "a1"),
        ("merged", "a3"),
        ("opened", "a5"),
        ("closed", "a6"),
        ("handed", "a4"),
    ]


def test_people_read_their_own_what_was_theirs_and_what_theirs_took_over() -> None:
    mine = reach_of(SPLIT, "a")
    assert {code for code, months in mine.items() if months == ALWAYS} == {
        "a", "a1", "a2", "a3", "b1",
    }  # fmt: skip
    once = reach_of(SPLIT, "b")
    assert once["b1"] == ((-FAR, at(2024, 6)),)
    assert "a2" not in once
    across = bureau(
        "c\na | c\na1 | a | to 2024-04\na2 | a | 2024-04 to\nb | c\nb2 | b | 2024-04 to",
        "2024-04: a1 = a2 0.3 + b2 0.7",
    )
    assert reach_of(across, "b")["a1"] == ((-FAR, at(2024, 4)),)


def test_a_level_of_the_past_has_the_units_of_then() -> None:
    asked = (SPLIT, "station", "a")
    assert level_between(*asked, dt.date(2024, 3, 1), dt.date(2024, 3, 1)) == ("a1",)
    assert level_between(*asked, dt.date(2024, 6, 1), dt.date(2024, 6, 1)) == ("a2", "a3", "b1")
    assert level_between(*asked, dt.date(2024, 3, 1), dt.date(2024, 4, 1)) == ("a1", "a2", "a3")
