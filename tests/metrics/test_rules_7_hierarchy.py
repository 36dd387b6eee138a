"""Rule 7: figures on today's units, on units as they were, and on those that did not change."""

import pytest

from tests.metrics.structure import (
    COUNTIES,
    MONTHS,
    SPLIT,
    THEFT,
    bureau,
    changes,
    filed,
    get,
    on,
    row,
)


def test_now_shares_out_what_was_filed_before_the_split():
    cube = on("now", THEFT, SPLIT)
    assert get(cube, "calls_theft", "a2 a3", "2024-03") == pytest.approx([3.3, 7.7], abs=1e-12)
    assert get(cube, "calls_theft", "a1", "2024-03") == [None]
    # a is today's a: a2, a3 and b1, which brings its past along: 11 + 6.
    assert get(cube, "calls_theft", "a b c", "2024-03") == [17, 3, 20]
    assert row(cube, "calls_theft", "a2", "2024-03")["status"] == "estimated"
    assert row(cube, "calls_theft", "a", "2024-03")["status"] == "final"
    assert [row(cube, "calls_theft", "a", "2024-03")[key] for key in ("due", "reported")] == [3, 3]


def test_then_leaves_each_month_where_it_was():
    cube = on("then", THEFT, SPLIT)
    assert get(cube, "calls_theft", "a1 a2 a3", "2024-03") == [11, None, None]
    assert get(cube, "calls_theft", "a b c", "2024-03") == [11, 9, 20]
    assert get(cube, "calls_theft", "a b c", "2024-06") == [17, 1, 18]
    assert row(cube, "calls_theft", "a", "2024-03")["due"] == 1
    assert row(cube, "calls_theft", "a2", "2024-03")["due"] == 0


def test_a_window_across_the_dates_takes_each_month_as_it_was():
    facts = THEFT.filter(THEFT["period"].dt.year() == 2024)
    steady = filed(
        "calls_theft",
        """
           | 2024-01 | 2024-02
        a1 | 2       | 2
        b1 | 1       | 1
        b2 | 1       | 1
        """,
    )
    facts = facts.vstack(steady)
    then = on("then", facts, SPLIT)
    # a: a1 2+2+11, a2 and a3 5+1+6+2+9+3, b1 in June 5; b: b1 until May 1+1+6+4+4, b2 8.
    assert get(then, "calls_theft", "a b c", "2024-06", "ytd") == [46, 24, 70]
    # b1 counts once in the city, and once in each county that it was in.
    assert [row(then, "calls_theft", u, "2024-06", "ytd")["due"] for u in "abc"] == [4, 2, 5]
    assert [row(then, "calls_theft", u, "2024-06", "ytd")["reported"] for u in "abc"] == [4, 2, 5]
    now = on("now", facts, SPLIT)
    assert get(now, "calls_theft", "a b c", "2024-06", "ytd") == [62, 8, 70]
    # a2: 0.3 · 15 + 20; a3: 0.7 · 15 + 6.
    assert get(now, "calls_theft", "a2 a3", "2024-06", "ytd") == pytest.approx([24.5, 16.5])
    assert row(now, "calls_theft", "a", "2024-06", "ytd")["due"] == 3


def test_a_comparison_on_each_basis():
    at = {basis: changes(on(basis, THEFT, SPLIT), "calls_theft", "a", "2024-06")
          for basis in ("now", "then", "matched")}  # fmt: skip
    sides = {
        basis: (r["value"], r["compared_value"], r["base_value"], r["compared_units"])
        for basis, r in at.items()
    }
    assert sides["now"] == (17, 17, 29, 3)  # 9 + 3 + 5 against 20 + 9
    assert sides["then"] == (17, 17, 20, 4)  # a1 on the one side; a2, a3, b1 on the other
    assert sides["matched"] == (17, None, None, 0)  # nothing of a stood unchanged
    city = changes(on("matched", THEFT, SPLIT), "calls_theft", "c", "2024-06")
    assert (city["compared_value"], city["base_value"], city["compared_units"]) == (1, 4, 1)
    assert city["note"] == "small_base"
    late = changes(on("matched", THEFT.with_columns(value=THEFT["value"] * 100), SPLIT),
                   "calls_theft", "c", "2024-06")  # fmt: skip
    assert (late["change"], late["note"]) == (-75.0, "none")  # left out by the basis: not partial


def test_matched_keeps_what_changed_before_or_after_both_sides():
    held = filed(
        "calls_theft",
        """
           | 2022-06 | 2023-06 | 2025-06 | 2026-06
        a1 | 50      | 60      |         |
        a2 |         |         | 20      | 30
        a3 |         |         | 40      | 44
        b1 | 7       | 8       | 9       | 10
        """,
    )
    cube = on("matched", held, SPLIT)
    early = changes(cube, "calls_theft", "c", "2023-06")
    assert (early["compared_value"], early["base_value"], early["compared_units"]) == (68, 57, 2)
    late = changes(cube, "calls_theft", "a", "2026-06")
    assert (late["compared_value"], late["base_value"], late["compared_units"]) == (84, 69, 3)
    assert changes(cube, "calls_theft", "b", "2026-06")["compared_units"] == 0


def test_a_month_missing_at_the_predecessor_makes_every_successor_incomplete():
    gap = THEFT.filter(~((THEFT["unit"] == "a1") & (THEFT["period"].dt.month() == 6)))
    now = changes(on("now", gap, SPLIT), "calls_theft", "a", "2024-06")
    # a2 and a3 had no complete June 2023, so both are dropped from both sides: b1 is left.
    assert (now["compared_value"], now["base_value"], now["compared_units"]) == (5, 9, 1)
    assert now["note"] in ("partial", "small_base")
    assert row(on("now", gap, SPLIT), "calls_theft", "a", "2023-06")["reported"] == 1


def test_a_leaf_that_missed_a_month_under_its_old_parent_is_dropped_whole():
    gap = THEFT.filter(~((THEFT["unit"] == "b1") & (THEFT["period"].dt.year() == 2023)))
    then = changes(on("then", gap, SPLIT), "calls_theft", "c", "2024-06")
    # b1 owed June 2023 to b; today it stands under a. Out on both sides: 9 + 3 + 1 and 20 + 4.
    assert (then["compared_value"], then["base_value"], then["compared_units"]) == (13, 24, 4)
    parts = [changes(on("then", gap, SPLIT), "calls_theft", u, "2024-06") for u in "ab"]
    assert sum(part["compared_value"] for part in parts) == 13
    assert sum(part["base_value"] for part in parts) == 24


CHAIN = bureau(
    """
    c
    a  | c
    a1 | a | to 2022-01
    a2 | a | 2022-01 to 2023-01
    a3 | a | 2022-01 to
    a4 | a | 2023-01 to
    a5 | a
    """,
    """
    2022-01: a1 = a2 0.4 + a3 0.6
    2023-01: a2 = a4 0.5 + a5 0.5
    """,
)


def test_shares_multiply_along_a_chain_and_a_merger_adds_to_what_was_there():
    held = filed(
        "calls_theft",
        """
           | 2021-06 | 2022-06 | 2023-06
        a1 | 100     |         |
        a2 |         | 30      |
        a3 |         | 60      | 66
        a4 |         |         | 17
        a5 | 10      | 12      | 30
        """,
    )
    now = on("now", held, CHAIN)
    assert get(now, "calls_theft", "a3 a4 a5 a", "2021-06") == [60, 20, 30, 110]
    assert get(now, "calls_theft", "a3 a4 a5 a", "2022-06") == [60, 15, 27, 102]
    assert get(now, "calls_theft", "a3 a4 a5 a", "2023-06") == [66, 17, 30, 113]
    # a5 owed its own and its part of a2, which owed a1's: both were filed.
    assert [row(now, "calls_theft", "a5", "2021-06")[key] for key in ("due", "reported")] == [1, 1]
    without = held.filter(held["unit"] != "a1")
    part = row(on("now", without, CHAIN), "calls_theft", "a5", "2021-06")
    assert (part["value"], part["due"], part["reported"]) == (10, 1, 0)


def test_a_merger_of_whole_units_is_exact_and_not_estimated():
    merged = bureau(
        """
        c
        a  | c
        a1 | a | to 2024-01
        a2 | a | to 2024-01
        a3 | a | 2024-01 to
        """,
        """
        2024-01: a1 = a3 1
        2024-01: a2 = a3 1
        """,
    )
    held = filed("calls_theft", "| 2023-06 | 2024-06\na1 | 40 |\na2 | 25 |\na3 | | 78")
    now = on("now", held, merged)
    found = changes(now, "calls_theft", "a3", "2024-06")
    assert (found["value"], found["base_value"], found["change"]) == (78, 65, 20.0)
    assert row(now, "calls_theft", "a3", "2023-06")["status"] == "final"


def test_a_unit_that_lives_on_hands_a_part_over():
    handed = bureau(
        """
        c
        a  | c
        a1 | a
        b  | c
        b1 | b
        """,
        "2024-01: a1 = a1 0.8 + b1 0.2",
    )
    held = filed("calls_theft", "| 2023-06 | 2024-06\na1 | 50 | 44\nb1 | 30 | 36")
    now = on("now", held, handed)
    assert get(now, "calls_theft", "a1 b1 a b c", "2023-06") == [40, 40, 40, 40, 80]
    assert get(now, "calls_theft", "a1 b1 a b c", "2024-06") == [44, 36, 44, 36, 80]
    assert get(on("then", held, handed), "calls_theft", "a b", "2023-06") == [50, 30]
    matched = changes(on("matched", held, handed), "calls_theft", "c", "2024-06")
    assert matched["compared_units"] == 0
    assert changes(now, "calls_theft", "a1", "2024-06")["change"] == 10.0


def test_a_closure_without_successor_keeps_its_past_in_the_totals():
    closed = bureau("c\na | c\na1 | a\na2 | a | to 2024-01")
    held = filed("calls_theft", "| 2023-06 | 2024-06\na1 | 20 | 24\na2 | 6 |")
    for basis in ("now", "then"):
        cube = on(basis, held, closed)
        assert get(cube, "calls_theft", "a a2", "2023-06") == [26, 6]
        assert get(cube, "calls_theft", "a a2", "2024-06") == [24, None]
        assert changes(cube, "calls_theft", "a", "2024-06")["base_value"] == 26
    matched = changes(on("matched", held, closed), "calls_theft", "a", "2024-06")
    assert (matched["base_value"], matched["change"]) == (20, 20.0)


def test_a_unit_opened_in_the_middle_of_a_window():
    opened = bureau("c\na | c\na1 | a\na2 | a | 2024-03 to")
    held = filed(
        "calls_theft",
        """
           | 2023-01 | 2023-02 | 2023-03 | 2024-01 | 2024-02 | 2024-03
        a1 | 10      | 10      | 10      | 11      | 11      | 11
        a2 |         |         |         |         |         | 4
        """,
    )
    sides = {
        basis: changes(on(basis, held, opened), "calls_theft", "a", "2024-03", "ytd")
        for basis in ("now", "then", "matched")
    }
    assert [sides[basis]["compared_value"] for basis in sides] == [37, 37, 33]
    assert [sides[basis]["base_value"] for basis in sides] == [30, 30, 30]
    assert sides["matched"]["change"] == 10.0


def test_a_county_is_dissolved_and_its_stations_go_different_ways():
    now, then = on("now", MONTHS, COUNTIES), on("then", MONTHS, COUNTIES)
    assert get(now, "calls_theft", "a n b c", "2023-06") == [33, 32, None, 65]
    assert get(then, "calls_theft", "a n b c", "2023-06") == [11, None, 54, 65]
    assert get(then, "calls_theft", "a n b c", "2024-06") == [35, 38, None, 73]
    assert changes(now, "calls_theft", "n", "2024-06")["change"] == 18.75
    assert changes(then, "calls_theft", "n", "2024-06")["note"] == "opened"
    # Today's counties: b is nobody's child and at no level any more.
    assert now.tree.at_level("county") == ("a", "n")
    assert now.tree.children("c") == ("a", "n")
    # What the own levels held is a part of another's, the city holds all of it.
    assert row(now, "calls_theft", "n", "2023-06")["status"] == "estimated"
    assert row(now, "calls_theft", "c", "2023-06")["status"] == "final"


def test_a_county_that_moves_takes_its_stations_along():
    regions = bureau(
        """
        c
        r  | c
        s  | c
        a  | r to 2024-01, s
        a1 | a
        b  | s
        b1 | b
        """
    )
    held = filed("calls_theft", "| 2023-06 | 2024-06\na1 | 10 | 11\nb1 | 20 | 21")
    assert get(on("now", held, regions), "calls_theft", "r s", "2023-06") == [None, 30]
    assert get(on("then", held, regions), "calls_theft", "r s", "2023-06") == [10, 20]
    matched = changes(on("matched", held, regions), "calls_theft", "c", "2024-06")
    assert (matched["compared_units"], matched["base_value"]) == (1, 20)


def test_rolling_twelve_needs_a_unit_that_was_there_all_the_time():
    months = [f"{year}-{month:02d}" for year in (2023, 2024) for month in range(1, 13)]
    head = " | ".join(["", *months])
    old = " | ".join(["a1", *["10" if p < "2024-04" else "" for p in months]])
    new = " | ".join(["a2", *["" if p < "2024-04" else "6" for p in months]])
    third = " | ".join(["a3", *["" if p < "2024-04" else "8" for p in months]])
    held = filed("calls_theft", "\n".join([head, old, new, third]))
    now, then = on("now", held, SPLIT), on("then", held, SPLIT)
    # Seven months of 0.3 · 10 and 0.7 · 10 before April, five months after it.
    found = get(now, "calls_theft", "a2 a3 a", "2024-08", "rolling12")
    assert found == pytest.approx([51, 89, 140])
    assert get(then, "calls_theft", "a1 a2 a", "2024-08", "rolling12") == [None, None, 140]
    assert get(then, "calls_theft", "a1", "2024-03", "rolling12") == [120]
