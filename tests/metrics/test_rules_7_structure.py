"""Rules 2, 6 and 7: a unit is not compared with months or with an area that it did not have."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.periods import base_period, window_months
from data.units import tree_at
from metrics.compare import compare_figures
from metrics.series import read_series, series_points
from metrics.structure import NOTES
from tests.metrics.small import facts, m, months
from tests.metrics.structure import bureau, changes, get, on
from tests.metrics.test_basis_properties import EVERY, worlds

UNITS = """
    c
    a  | c
    a1 | a
    a2 | a | 2024-03 to
    a3 | a | to 2024-04
    b  | c
    b1 | b to 2024-04, a
    b2 | b | to 2024-07
    b3 | b | 2024-07 to
    b4 | b | 2024-07 to
    b5 | b
"""
# b2 is split in July 2024: b3 takes 30 %, b4 takes 70 %. a2 and a3 open and close by themselves.
CHANGED = bureau(UNITS, "2024-07: b2 = b3 0.3 + b4 0.7")
LIVES = {
    "a1": ("2022-01", "2026-06"),
    "a2": ("2024-03", "2026-06"),
    "a3": ("2022-01", "2024-03"),
    "b1": ("2022-01", "2026-06"),
    "b2": ("2022-01", "2024-06"),
    "b3": ("2024-07", "2026-06"),
    "b4": ("2024-07", "2026-06"),
    "b5": ("2022-01", "2026-06"),
}
# Everyone files 100 in odd months and 104 in even ones: as in the same month of last year.
FILED = facts(
    {
        "calls_theft": {
            unit: {f"{p:%Y-%m}": 104.0 - 4 * (p.month % 2) for p in months(*life)}
            for unit, life in LIVES.items()
        }
    }
)
NOW, THEN, MATCHED = (on(basis, FILED, CHANGED) for basis in ("now", "then", "matched"))


def said(cube, unit: str, month: str, window: str = "month", name: str = "yoy") -> tuple:
    """Return note, value, base and change of one comparison."""
    found = changes(cube, "calls_theft", unit, month, window, name)
    assert found["note"] not in NOTES or found["reading"] in ("none", "short_history")
    return found["note"], found["value"], found["base_value"], found["change"]


@pytest.mark.parametrize("cube", [NOW, THEN], ids=["now", "then"])
def test_a_unit_opened_inside_the_window(cube):
    # a2 is there from March 2024 on. 100 + 104 + 100 + 104 from March to June.
    assert said(cube, "a2", "2024-06", "ytd") == ("opened", 408, None, None)
    assert said(cube, "a2", "2025-06", "ytd") == ("opened", 612, 408, None)  # 6 months against 4
    assert said(cube, "a2", "2025-03", "ytd") == ("opened", 304, 100, None)
    assert said(cube, "a2", "2024-03") == ("opened", 100, None, None)
    assert said(cube, "a2", "2025-02") == ("opened", 104, None, None)
    assert said(cube, "a2", "2025-03") == ("none", 100, 100, 0.0)
    assert said(cube, "a2", "2024-04", "month", "mom") == ("none", 104, 100, 4.0)
    # April to June against March alone; July to September against April to June.
    assert said(cube, "a2", "2024-06", "quarter", "mom") == ("opened", 308, 100, None)
    assert said(cube, "a2", "2024-09", "quarter", "mom") == (
        "none",
        304,
        308,
        pytest.approx(-400 / 308),
    )
    # Two months of the quarter to date against January and February, when it was not there.
    assert said(cube, "a2", "2024-05", "quarter", "mom") == ("opened", 204, None, None)
    assert said(cube, "a2", "2024-02")[:2] == ("opened", None)


@pytest.mark.parametrize("cube", [NOW, THEN], ids=["now", "then"])
def test_a_unit_closed_inside_the_window(cube):
    # a3 is there up to March 2024: 100 + 104 + 100 against six months of the year before.
    assert said(cube, "a3", "2024-06", "ytd") == ("closed", 304, 612, None)
    assert said(cube, "a3", "2024-03", "ytd") == ("none", 304, 304, 0.0)
    assert said(cube, "a3", "2024-03") == ("none", 100, 100, 0.0)
    assert said(cube, "a3", "2024-04")[:2] == ("closed", None)
    assert said(cube, "a3", "2024-06", "quarter", "mom") == ("closed", None, 304, None)
    assert said(cube, "a3", "2025-06", "ytd")[:2] == ("closed", None)


def test_twelve_rolling_months_need_a_unit_that_was_there_for_twelve():
    short = changes(THEN, "calls_theft", "a2", "2024-06", "rolling12")
    assert (short["value"], short["due"], short["reported"], short["note"]) == (
        None,
        1,
        1,
        "opened",
    )
    assert said(THEN, "a2", "2025-02", "rolling12") == ("opened", 1224, None, None)
    assert said(THEN, "a2", "2026-01", "rolling12") == ("opened", 1224, None, None)
    assert said(THEN, "a2", "2026-02", "rolling12") == ("none", 1224, 1224, 0.0)
    assert said(THEN, "a3", "2024-06", "rolling12")[:2] == ("closed", None)
    assert said(THEN, "b3", "2024-12", "rolling12")[:2] == ("opened", None)
    assert said(NOW, "b3", "2024-12", "rolling12")[0] == "none"  # its part of b2 counts
    # Everything below it opened in March: what holds four months is no rolling year either.
    young = bureau("c\na | c\na1 | a | 2024-03 to\nb | c\nb1 | b")
    table = {
        unit: {f"{p:%Y-%m}": 10.0 for p in months("2022-01", "2024-06")} for unit in ("a1", "b1")
    }
    cube = on("then", facts({"calls_theft": table}), young)
    assert get(cube, "calls_theft", "a b", "2024-06", "rolling12") == [None, 120]
    assert said(cube, "a", "2024-06", "rolling12")[0] == "opened"


def test_a_split_inside_the_year():
    # As it was: b2 until June, b3 and b4 from July on.
    assert said(THEN, "b2", "2024-09", "ytd") == ("closed", 612, 916, None)
    assert said(THEN, "b3", "2024-09", "ytd") == ("opened", 304, None, None)
    # On today's units both have their share of the past, and nothing is left of b2 itself.
    assert said(NOW, "b3", "2024-09", "ytd")[:2] == ("none", pytest.approx(612 * 0.3 + 304))
    assert said(NOW, "b4", "2024-06")[0] == "none"
    assert said(NOW, "b2", "2024-05")[:2] == ("closed", None)
    # On units that did not change there is nothing to compare.
    assert said(MATCHED, "b3", "2024-09") == ("opened", 100, None, None)


def test_a_station_that_moves_leaves_two_counties_with_other_borders():
    # May 2024: a1, a2 and b1 against a1 and a3; b2 and b5 against b1, b2 and b5.
    assert said(THEN, "a", "2024-05") == ("structure", 300, 200, 50.0)
    assert said(THEN, "b", "2024-05") == ("structure", 200, 300, pytest.approx(-100 / 3))
    assert said(THEN, "b1", "2024-05")[0] == "none"  # the station itself is the same
    assert said(THEN, "c", "2024-05")[0] == "none"
    # March: nothing had moved yet; that a2 opened inside a is no matter of its borders.
    assert said(THEN, "a", "2024-03") == ("none", 300, 200, 50.0)
    assert said(THEN, "a", "2024-04", "month", "mom")[0] == "structure"
    assert said(THEN, "a", "2024-05", "month", "mom")[0] == "none"
    assert said(THEN, "a", "2024-04", "quarter", "mom")[0] == "structure"
    assert said(THEN, "a", "2024-12", "quarter", "mom")[0] == "none"
    assert said(THEN, "a", "2024-06", "ytd")[0] == "structure"
    assert said(THEN, "a", "2025-06", "ytd")[0] == "structure"  # the base holds both
    assert said(THEN, "a", "2025-04")[0] == "none"
    assert said(THEN, "a", "2025-03", "rolling12")[0] == "structure"
    assert said(THEN, "a", "2025-04", "rolling12")[0] == "structure"
    assert said(THEN, "b", "2026-03", "rolling12")[0] == "none"
    # The split of b2 stays inside b.
    assert said(THEN, "b", "2025-06")[0] == "none"
    assert [said(NOW, unit, "2024-05")[0] for unit in "abc"] == ["none"] * 3


def test_what_is_left_on_the_matched_basis_is_like_for_like():
    assert said(MATCHED, "a", "2024-05") == ("none", 300, 100, 0.0)  # a1
    assert said(MATCHED, "b1", "2024-05") == (
        "structure",
        100,
        None,
        None,
    )  # moved: nothing is left
    assert changes(MATCHED, "calls_theft", "a", "2024-05")["compared_units"] == 1


def test_who_takes_another_over_is_not_who_he_was():
    merged = bureau(
        "c\na | c\na1 | a | to 2024-04\na2 | a\na3 | a",
        "2024-04: a1 = a2 1",
    )
    filed = facts({"calls_theft": {
        "a1": {f"{p:%Y-%m}": 100.0 for p in months("2022-01", "2024-03")},
        "a2": {f"{p:%Y-%m}": 200.0 if p >= m("2024-04") else 100.0
               for p in months("2022-01", "2025-06")},
        "a3": {f"{p:%Y-%m}": 100.0 for p in months("2022-01", "2025-06")},
    }})  # fmt: skip
    cube = on("then", filed, merged)
    assert said(cube, "a2", "2024-06") == ("structure", 200, 100, 100.0)
    assert said(cube, "a", "2024-06") == ("none", 300, 300, 0.0)
    assert said(cube, "a3", "2024-06")[0] == "none"
    assert said(on("now", filed, merged), "a2", "2024-06") == ("none", 200, 200, 0.0)
    handed = bureau("c\na | c\na1 | a\nb | c\nb1 | b", "2024-04: a1 = a1 0.8 + b1 0.2")
    both = on("then", filed.filter(filed["unit"] == "a1"), handed)
    assert [said(both, unit, "2024-03", "month")[0] for unit in ("a1", "a")] == ["none", "none"]
    assert [said(both, unit, "2024-03", "ytd")[0] for unit in ("a1", "a")] == ["none", "none"]


def test_a_stock_asks_only_for_its_last_months():
    held = {unit: {f"{p:%Y-%m}": 30.0 for p in months(*life)} for unit, life in LIVES.items()}
    stock = on("then", facts({"staff_police": held}), CHANGED)
    found = changes(stock, "staff_police", "a2", "2025-06", "ytd")
    assert (found["value"], found["base_value"], found["note"]) == (30, 30, "none")
    assert changes(stock, "staff_police", "a2", "2025-02", "ytd")["note"] == "opened"
    assert changes(stock, "staff_police", "a3", "2024-06", "ytd")["note"] == "closed"


def test_no_chart_reads_a_change_of_borders():
    # a counts 300 instead of 200 from April on: far beyond its limits, and no news.
    (june,) = read_series(THEN, ["calls_theft"], ["a"], m("2024-06")).to_dicts()
    assert (june["reading"], june["signal"], june["lower"]) == ("short_history", "none", None)
    (year,) = read_series(THEN, ["calls_theft"], ["a"], m("2024-06"), "ytd").to_dicts()
    assert (year["reading"], year["signal"]) == ("none", "none")
    (later,) = read_series(THEN, ["calls_theft"], ["a"], m("2025-06")).to_dicts()
    assert later["reading"] == "not_significant"
    points = series_points(THEN, "calls_theft", "a", m("2025-06"), 24)
    assert points["phase"].unique(maintain_order=True).to_list() == ["v1/0", "v1/1"]
    before = points.filter(points["phase"] == "v1/0")
    assert set(before["reading"]) == {"none"}
    assert before["lower"].null_count() == before.height
    assert series_points(NOW, "calls_theft", "a", m("2025-06"), 24)["phase"].n_unique() == 1


def test_a_group_is_not_judged_by_who_was_there_for_a_part_of_the_year():
    asked = (["calls_theft"], ["a1", "a2"], [m("2024-06")], "ytd", ("peers",))
    one, other = compare_figures(THEN, *asked).to_dicts()
    # Of a1, b1, b2 and b5 each 612; a2 with its four months and a3 with its three are left out.
    assert (one["base_value"], one["compared_units"], one["note"]) == (612, 4, "none")
    assert (other["value"], other["note"], other["change"]) == (408, "opened", None)


def test_a_bureau_without_changes_never_has_the_note():
    plain = bureau("c\na | c\na1 | a\na2 | a\nb | c\nb1 | b")
    filed = FILED.filter(FILED["unit"].is_in(["a1", "a2", "b1"]))
    periods = months("2022-01", "2025-06")
    for basis in ("now", "then", "matched"):
        for window in ("month", "quarter", "ytd", "rolling12"):
            found = compare_figures(
                on(basis, filed, plain), ["calls_theft"], ["c", "a", "a1", "a2", "b1"], periods,
                window, ("yoy", "mom", "target", "peers"), readings=False,
            )  # fmt: skip
            assert not NOTES & set(found["note"])


@EVERY
@given(worlds(), st.sampled_from(["month", "quarter", "ytd"]), st.sampled_from(["yoy", "mom"]))
def test_whoever_has_other_months_than_the_window_has_the_note(world, window, name):
    definitions, held = bureau(*world[0]), world[1]
    names = [unit.code for unit in definitions.units]
    periods = [m(month) for month in ("2023-07", "2023-12", "2024-05", "2024-06")]
    found = compare_figures(
        on("then", held, definitions), ["calls_theft"], names, periods, window, (name,)
    )
    handed = {step.date for step in definitions.successions}
    for made in found.iter_rows(named=True):
        base = base_period(made["period"], name, window)
        if base is None:
            assert made["note"] not in NOTES
            continue
        sides = [window_months(window, last) for last in (made["period"], base)]
        under = {
            month: set(tree_at(definitions, month).leaves(made["unit"]))
            if made["unit"] in tree_at(definitions, month).units
            else set()
            for month in months(f"{sides[1][0]:%Y-%m}", f"{sides[0][-1]:%Y-%m}")
        }
        is_short = any(not under[month] for side in sides for month in side)
        assert is_short == (made["note"] in ("opened", "closed")), made
        if is_short:
            assert (made["change"], made["change_kind"]) == (None, "none")
        is_still = len({frozenset(leaves) for leaves in under.values()}) == 1
        is_quiet = not any(sides[1][0] < day <= sides[0][-1] for day in handed)
        assert not (is_still and is_quiet and made["note"] == "structure"), made
        if made["note"] in NOTES:
            assert made["reading"] in ("none", "short_history")
    assert not NOTES & set(found.filter(found["unit"] == "c")["note"])
