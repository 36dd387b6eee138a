"""Rule 7 by kind of figure: ratios, means, stocks, lists, longer spans; and who may read it."""

import pytest

from metrics.compare import compare_figures
from metrics.cube import restrict, stand
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


def test_a_ratio_pools_the_shared_parts_of_both_sides():
    held = filed(
        "calls_arrived_5min", "| 2023-06 | 2024-06\na1 | 80 |\na2 | | 30\na3 | | 45\nb1 | 9 | 10"
    ).vstack(
        filed(
            "calls_dispatch_urgent",
            "| 2023-06 | 2024-06\na1 | 100 |\na2 | | 40\na3 | | 50\nb1 | 10 | 10",
        )
    )
    now = on("now", held, SPLIT)
    part = row(now, "d_arrive_5min_rate", "a2", "2023-06")
    assert (part["numerator"], part["denominator"]) == pytest.approx((24, 30))
    assert part["value"] == pytest.approx(80)
    whole = row(now, "d_arrive_5min_rate", "a", "2023-06")  # (80 + 9) of (100 + 10)
    assert (whole["numerator"], whole["denominator"]) == (89, 110)
    assert row(on("then", held, SPLIT), "d_arrive_5min_rate", "a", "2023-06")["value"] == 80


MERGED = bureau(
    """
    c
    a  | c
    a1 | a | to 2024-04
    a2 | a | to 2024-04
    a3 | a | 2024-04 to
    a4 | a | 2024-04 to
    """,
    """
    2024-04: a1 = a3 0.5 + a4 0.5
    2024-04: a2 = a3 1
    """,
)


def wave(basis: str, n: str, mean: str, sd: str, month: str = "2024-03"):
    """Return the cube of one survey wave on the merged units."""
    held = [
        filed(code, f"| {month}\n{table}")
        for code, table in (
            ("wb_responded", n), ("wb_overall_score", mean), ("wb_overall_sd", sd),
        )
    ]  # fmt: skip
    return on(basis, held[0].vstack(held[1]).vstack(held[2]), MERGED)


def test_means_carry_over_and_merged_ones_are_weighted_by_their_shared_n():
    cube = wave("now", "a1 | 40\na2 | 20", "a1 | 70\na2 | 64", "a1 | 12\na2 | 9")
    assert get(cube, "wb_responded", "a3 a4 a", "2024-03", "wave") == [40, 20, 60]
    # a4 is half of a1: its mean and spread. a3: half of a1 and a2, 20 answers each.
    assert get(cube, "wb_overall_score", "a3 a4", "2024-03", "wave") == [67, 70]
    spread = ((19 * 144 + 20 * 9) + (19 * 81 + 20 * 9)) / 39
    found = get(cube, "wb_overall_sd", "a3 a4", "2024-03", "wave")
    assert found == pytest.approx([spread**0.5, 12])
    assert row(cube, "wb_overall_score", "a4", "2024-03", "wave")["status"] == "estimated"
    # The county holds both wholes: (40 · 70 + 20 · 64) / 60, and is not estimated.
    assert get(cube, "wb_overall_score", "a", "2024-03", "wave") == [68]
    assert row(cube, "wb_overall_score", "a", "2024-03", "wave")["status"] == "final"
    whole = ((39 * 144 + 40 * 4) + (19 * 81 + 20 * 16)) / 59
    assert get(cube, "wb_overall_sd", "a", "2024-03", "wave") == pytest.approx([whole**0.5])


def test_a_carried_mean_has_no_interval():
    months = (("2024-03", "a1", "70"), ("2025-03", "a4", "40"))
    frames = [
        filed(code, f"| {month}\n{unit} | {value}")
        for month, unit, mean in months
        for code, value in (
            ("wb_responded", "400"), ("wb_overall_score", mean), ("wb_overall_sd", "9"),
        )
    ]  # fmt: skip
    held = frames[0]
    for frame in frames[1:]:
        held = held.vstack(frame)
    found = changes(on("now", held, MERGED), "wb_overall_score", "a4", "2025-03", "wave")
    assert (found["base_value"], found["change"]) == (70, -30)
    assert (found["lower"], found["upper"], found["reading"]) == (None, None, "none")


def test_a_stock_is_carried_for_the_successors_until_they_owe_their_own():
    held = filed("staff_police", "| 2024-03 | 2024-06\na1 | 60 |\na2 | | 20\na3 | | 43\nb1 | 9 | 9")
    now, then = on("now", held, SPLIT), on("then", held, SPLIT)
    # April: the March staff of a1, shared; as it was, a1 is closed and nobody stands in.
    assert get(now, "staff_police", "a2 a3", "2024-04") == pytest.approx([18, 42])
    assert get(then, "staff_police", "a1 a2", "2024-04") == [None, None]
    # June: their own; b1 (moved that month) stands with its new county.
    assert get(now, "staff_police", "a2 a3 a", "2024-06") == [20, 43, 72]
    assert get(then, "staff_police", "a b", "2024-06") == [72, None]
    # May, before the move: b1's March staff still stand with b.
    assert get(then, "staff_police", "a b", "2024-05") == [None, 9]
    assert get(now, "staff_police", "a b", "2024-05") == [69, None]
    # What a successor owes and has not filed is missing, not its predecessor's.
    late = held.filter(~((held["unit"] == "a2") & (held["period"].dt.month() == 6)))
    assert get(on("now", late, SPLIT), "staff_police", "a2", "2024-06") == [None]
    assert row(on("now", late, SPLIT), "staff_police", "a", "2024-06")["reported"] == 2


def test_a_stock_moves_with_its_unit_and_counts_once():
    moved = bureau("c\na | c\nb | c\nb1 | b to 2024-05, a\nb2 | b\na1 | a")
    held = filed("staff_police", "| 2024-03\nb1 | 30\nb2 | 20\na1 | 10")
    then = on("then", held, moved)
    assert get(then, "staff_police", "a b c", "2024-04") == [10, 50, 60]
    assert get(then, "staff_police", "a b c", "2024-05") == [40, 20, 60]
    found = row(then, "staff_police", "a", "2024-05")
    assert (found["due"], found["reported"]) == (2, 2)


def test_a_fact_of_a_longer_span_belongs_to_the_month_it_sits_in():
    # Decided reviews are filed in March for January to March; b1 moves in June, a1 goes in April.
    held = filed(
        "adm_review_decided", "| 2024-03 | 2024-06\na1 | 10 |\na2 | | 4\nb1 | 5 | 7\nb2 | 1 | 1"
    )
    then = on("then", held, SPLIT)
    assert get(then, "adm_review_decided", "a b", "2024-06", "ytd") == [21, 7]
    assert get(on("now", held, SPLIT), "adm_review_decided", "a b", "2024-06", "ytd") == [26, 2]


def test_a_list_of_the_own_level_goes_with_the_own_level():
    held = filed("task_done", "| 2023-06 | 2024-06\na-own | 3 | 4\nb-own | 8 |\nn-own | | 5")
    assert get(on("now", held, COUNTIES), "task_done", "a n", "2023-06") == [7, 4]
    assert get(on("then", held, COUNTIES), "task_done", "a b n", "2023-06") == [3, 8, None]


def test_an_indicator_that_is_a_change_stands_on_the_basis_too():
    now, then = on("now", MONTHS, COUNTIES), on("then", MONTHS, COUNTIES)
    assert get(now, "d_calls_theft_yoy", "n a", "2024-06") == pytest.approx([18.75, 200 / 33])
    assert get(then, "d_calls_theft_yoy", "a", "2024-06") == pytest.approx([(35 - 11) / 11 * 100])
    matched = on("matched", MONTHS, COUNTIES)
    # Only a1 and a's own level were there unchanged (a's own level took a part of b's): 11 and 10.
    assert get(matched, "d_calls_theft_yoy", "a n", "2024-06") == [pytest.approx(10), None]


def test_annualised_rates_share_both_sides():
    months = " | ".join(f"2023-{month:02d}" for month in range(1, 13))
    each = " | ".join(["1"] * 12)
    held = filed("tra_deaths", f"| {months}\nb-own | {each}\na-own | {each}").vstack(
        filed("tra_vehicles", "| 2023-12\nb-own | 24000\na-own | 48000")
    )
    now = on("now", held, COUNTIES)
    # n: 6 deaths, 12,000 vehicles; a: 18 and 60,000.
    assert get(now, "d_deaths_per10k_veh", "n a c", "2023-12", "year") == pytest.approx(
        [5, 3, 24 / 7.2]
    )


def test_small_units_are_pooled_where_they_stood():
    pooled = bureau(
        """
        c
        a       | c
        a1      | a
        b       | c
        b1      | b to 2024-04, a
        b2      | b
        b-small | b
        """
    )
    held = filed("wb_responded", "| 2024-03 | 2024-06\na1 | 30 | 30\nb2 | 25 | 25\nb-small | 12 |")
    then = on("then", held, pooled)
    # In March b1 was in b's pool; in June, under a, there is no pool and it owes its own.
    march = [row(then, "wb_responded", u, "2024-03", "wave") for u in "ab"]
    assert [(r["due"], r["reported"]) for r in march] == [(1, 1), (2, 2)]
    assert row(then, "wb_responded", "a", "2024-06", "wave")["due"] == 2
    now = on("now", held, pooled)
    assert row(now, "wb_responded", "a", "2024-03", "wave")["due"] == 1


def test_the_basis_of_the_cube_is_the_basis_of_a_comparison():
    cube = on("now", THEFT, SPLIT)
    asked = ("calls_theft", ["a"], cube.last_period)
    for basis in ("now", "then", "matched"):
        named = compare_figures(cube, [asked[0]], asked[1], [asked[2]], basis=basis)
        mine = compare_figures(stand(cube, basis), [asked[0]], asked[1], [asked[2]])
        assert named.equals(mine)
    with pytest.raises(ValueError, match="basis 'nwo' is unknown .did you mean 'now'"):
        on("nwo", THEFT, SPLIT)


def test_people_of_a_county_read_its_past_on_every_basis():
    whole = on("now", THEFT, SPLIT)
    b_now, b_then = restrict(whole, "b"), restrict(stand(whole, "then"), "b")
    assert get(b_now, "calls_theft", "b b1 a c", "2024-05") == [1, None, None, None]
    # As it was, b1 was theirs until May; from June on it is not, and they see no part of a.
    assert get(b_then, "calls_theft", "b b1 a c", "2024-05") == [5, None, None, None]
    assert get(b_then, "calls_theft", "b", "2024-06") == [1]
    a_then = restrict(stand(whole, "then"), "a")
    assert get(a_then, "calls_theft", "a b", "2024-05") == [8, None]
    assert get(a_then, "calls_theft", "a", "2024-06") == [17]
    scoped = on("then", THEFT, SPLIT, scope="b")
    assert get(scoped, "calls_theft", "b a", "2024-05") == [5, None]


def test_people_of_a_county_see_their_share_of_what_another_county_had():
    across = bureau(
        "c\na | c\na1 | a | to 2024-04\na2 | a | 2024-04 to\nb | c\nb1 | b\nb2 | b | 2024-04 to",
        "2024-04: a1 = a2 0.3 + b2 0.7",
    )
    held = filed("calls_theft", "| 2024-03 | 2024-04\na1 | 10 |\na2 | | 4\nb1 | 5 | 5\nb2 | | 6")
    mine = on("now", held, across, scope="b")
    assert get(mine, "calls_theft", "b2 b a2 a1", "2024-03") == [7, 12, None, None]
    assert get(on("then", held, across, scope="b"), "calls_theft", "b a", "2024-03") == [5, None]
