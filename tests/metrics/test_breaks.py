"""Breaks and back-casts: one definition a figure, none compared across, each case by hand.

A table has one line a measure, unit, month and definition (v1, v2, …) with the values filed.
"""

from dataclasses import replace

import polars as pl
import pytest

from data.definition_types import Catalog, Succession
from metrics.compare import compare_figures
from metrics.cube import Cube, build_cube, restrict
from metrics.overview import main_part
from metrics.score_error import window_spread
from metrics.series import read_series, series_points
from metrics.words import change_words
from tests.metrics.small import catalog, change, facts, figure, m, months, value


def filed(table: str, definitions: Catalog | None = None) -> Cube:
    """Return the cube of lines `measure unit version first-month values…`, month by month."""
    frames = []
    for line in table.strip().splitlines():
        measure, unit, version, first, *values = line.split()
        year, month = map(int, first.split("-"))
        by_month = {
            f"{year + (month - 1 + n) // 12}-{(month - 1 + n) % 12 + 1:02}": float(v)
            for n, v in enumerate(values)
        }
        frames.append(facts({measure: {unit: by_month}}, definition=int(version[1:])))
    return build_cube(pl.concat(frames), definitions or catalog())


# The definition changes in April 2024; nothing is worked out again.
PLAIN = """
calls_theft a1 v1 2024-01 10 11 12
calls_theft a1 v2 2024-04 20 21 22
"""
# The same with January to March counted again under the new definition.
AGAIN = PLAIN + "calls_theft a1 v2 2024-01 15 16 17"


@pytest.mark.parametrize(
    ("table", "window", "period", "expected", "definition"),
    [
        (PLAIN, "month", "2024-03", 12, 1),
        (PLAIN, "month", "2024-04", 20, 2),
        (PLAIN, "quarter", "2024-03", 33, 1),
        (PLAIN, "quarter", "2024-06", 63, 2),
        (PLAIN, "half", "2024-03", 33, 1),
        (PLAIN, "half", "2024-04", None, 2),  # 10 + 11 + 12 + 20 would add two definitions
        (PLAIN, "ytd", "2024-06", None, 2),
        (PLAIN, "year", "2024-06", None, 2),
        (AGAIN, "month", "2024-03", 17, 2),
        (AGAIN, "half", "2024-04", 15 + 16 + 17 + 20, 2),
        (AGAIN, "ytd", "2024-06", 111, 2),
    ],
)
def test_a_window_has_one_definition_or_no_figure(table, window, period, expected, definition):
    row = figure(filed(table), "calls_theft", "a1", period, window)
    assert (row["value"], row["definition"]) == (expected, definition)
    assert row["status"] == ("missing" if expected is None else "final")
    assert row["numerator"] == expected


def test_a_rolling_year_begins_again_with_the_new_definition():
    year = " ".join(["10"] * 12)
    table = f"calls_theft a1 v1 2022-01 {year} {year}\ncalls_theft a1 v2 2024-01 {year}"
    held = filed(table)
    assert value(held, "calls_theft", "a1", "2023-12", "rolling12") == 120
    assert value(held, "calls_theft", "a1", "2024-05", "rolling12") is None
    assert value(held, "calls_theft", "a1", "2024-12", "rolling12") == 120
    row = change(held, "calls_theft", "a1", "2024-12", "rolling12")
    assert (row["note"], row["change"]) == ("break", None)


# a1 worked its figures of 2023 and 2024 out again, a2 did not.
PARTLY = """
calls_theft a1 v1 2022-05 7
calls_theft a2 v1 2022-05 3
calls_theft a1 v1 2023-05 8
calls_theft a1 v2 2023-05 12
calls_theft a2 v1 2023-05 5
calls_theft a1 v2 2024-05 18
calls_theft a2 v2 2024-05 9
"""


@pytest.mark.parametrize(
    ("unit", "period", "expected", "definition"),
    [
        ("a1", "2023-05", 12, 2),
        ("a2", "2023-05", 5, 1),
        ("a", "2023-05", 8 + 5, 1),  # the newest definition that holds all of the county
        ("a", "2024-05", 18 + 9, 2),
        ("a", "2022-05", 7 + 3, 1),
    ],
)
def test_a_parent_never_adds_two_definitions(unit, period, expected, definition):
    row = figure(filed(PARTLY), "calls_theft", unit, period)
    assert (row["value"], row["definition"]) == (expected, definition)


@pytest.mark.parametrize(
    ("unit", "compared", "base", "units", "note", "expected"),
    [
        ("a1", 18, 12, 1, "none", 50.0),  # (18 − 12) / 12
        ("a2", 9, 5, 1, "break", None),
        ("a", 18, 12, 1, "partial", 50.0),  # on a1 alone, and it says so
        ("b", None, None, 0, "none", None),
    ],
)
def test_a_comparison_stands_on_the_leaves_that_were_worked_out_again(
    unit, compared, base, units, note, expected
):
    definitions = catalog()
    low = replace(definitions.indicators["calls_theft"], minimum_base=0.0)
    held = filed(PARTLY)
    held = replace(
        held,
        catalog=replace(definitions, indicators=definitions.indicators | {"calls_theft": low}),
    )
    row = change(held, "calls_theft", unit, "2024-05")
    assert (row["compared_value"], row["base_value"], row["compared_units"]) == (
        compared,
        base,
        units,
    )
    assert (row["note"], row["change"]) == (note, expected)


def test_two_windows_before_the_break_are_compared_on_the_old_definition():
    row = change(filed(PARTLY), "calls_theft", "a", "2023-05")
    assert (row["value"], row["compared_value"], row["base_value"]) == (13, 13, 10)
    assert (row["definition"], row["compared_units"]) == (1, 2)
    assert row["change"] == pytest.approx(30.0)


def test_a_break_has_no_change_no_reading_and_a_word():
    held = filed("calls_theft a1 v1 2023-05 40\ncalls_theft a1 v2 2024-05 60")
    row = change(held, "calls_theft", "a1", "2024-05")
    assert (row["note"], row["change"], row["change_kind"], row["reading"]) == (
        "break", None, "none", "none",
    )  # fmt: skip
    assert (row["compared_value"], row["base_value"]) == (60, 40)
    item = catalog().indicators["calls_theft"]
    assert change_words(row, item, "zh") == "口径有变，不与上年同月比较"


@pytest.mark.parametrize("comparator", ["yoy", "mom", "two_year", "target", "peers"])
def test_a_window_over_the_break_has_no_comparison_of_any_kind(comparator):
    row = change(filed(PLAIN), "calls_theft", "a1", "2024-04", "half", comparator)
    assert (row["value"], row["compared_value"], row["change"]) == (None, None, None)
    assert (row["note"], row["reading"], row["status"]) == ("break", "none", "missing")
    item = catalog().indicators["calls_theft"]
    assert change_words(row, item, "zh") == "时段跨越口径变化，不合计"


def test_the_two_year_mean_is_null_over_a_break_and_stands_on_a_back_cast():
    old = "calls_theft a1 v1 2022-05 100\n"
    new = "calls_theft a1 v2 2024-05 121\n"
    row = change(filed(old + new), "calls_theft", "a1", "2024-05", "month", "two_year")
    assert (row["note"], row["change"]) == ("break", None)
    again = filed(old + new + "calls_theft a1 v2 2022-05 100")
    row = change(again, "calls_theft", "a1", "2024-05", "month", "two_year")
    assert row["change"] == pytest.approx(10.0)  # √1.21 − 1


# The share of services handled online: what counts as online changes in April 2024.
SHARE = """
svc_online  a1 v1 2023-05 40
svc_online  a1 v1 2024-01 50 50 50
svc_online  a1 v2 2024-04 70 80
svc_handled a1 v1 2023-05 100
svc_handled a1 v1 2024-01 100 100 100 100 100
"""


def test_a_ratio_breaks_with_either_of_its_parts():
    held = filed(SHARE)
    assert value(held, "d_online_share", "a1", "2024-03") == 50.0
    assert value(held, "d_online_share", "a1", "2024-05") == 80.0
    assert value(held, "d_online_share", "a1", "2024-05", "ytd") is None
    assert value(held, "svc_handled", "a1", "2024-05", "ytd") == 500
    row = change(held, "d_online_share", "a1", "2024-05")
    assert (row["note"], row["change"]) == ("break", None)
    points = series_points(held, "d_online_share", "a1", m("2024-05"), 5)
    assert points["phase"].to_list() == ["v1", "v1", "v1", "v2", "v2"]


def test_a_stock_has_the_definition_of_its_own_month():
    table = """
    population a1 v1 2022-12 50000
    population a1 v1 2023-12 51000
    population a1 v2 2024-12 60000
    """
    held = filed(table)
    row = figure(held, "population", "a1", "2024-06")
    assert (row["value"], row["definition"]) == (51_000, 1)
    assert figure(held, "population", "a1", "2024-12")["definition"] == 2
    assert change(held, "population", "a1", "2023-12", "year")["note"] == "none"
    assert change(held, "population", "a1", "2024-12", "year")["note"] == "break"


def test_an_indicator_that_is_a_change_has_no_value_over_a_break():
    held = filed("calls_theft a1 v1 2023-05 40\ncalls_theft a1 v2 2024-05 60")
    row = figure(held, "d_calls_theft_yoy", "a1", "2024-05")
    assert (row["numerator"], row["denominator"], row["value"]) == (60, 40, None)


def test_three_versions_are_taken_one_by_one():
    table = """
    calls_theft a1 v1 2022-05 10
    calls_theft a1 v2 2023-05 20
    calls_theft a1 v3 2024-05 30
    calls_theft a1 v2 2022-05 16
    """
    held = filed(table)
    row = change(held, "calls_theft", "a1", "2023-05")
    assert (row["definition"], row["base_value"], row["change"]) == (2, 16, 25.0)
    row = change(held, "calls_theft", "a1", "2024-05")
    assert (row["definition"], row["note"], row["change"]) == (3, "break", None)


def test_a_range_of_months_takes_each_month_by_itself():
    frame = compare_figures(
        filed(AGAIN + "\ncalls_theft a2 v1 2024-01 1 1 1\ncalls_theft a2 v2 2024-04 2 2 2"),
        ["calls_theft"], ["a1", "a"], months("2024-03", "2024-05"), "half", ["yoy"],
    )  # fmt: skip
    assert frame["value"].to_list() == [48, 68, 89, 33 + 3, None, None]
    assert frame["definition"].to_list() == [2, 2, 2, 1, 2, 2]


def test_the_history_before_a_break_sets_no_limits_and_a_back_cast_does():
    hundred = " ".join(str(100 + n % 3) for n in range(24))
    new = " ".join(str(150 + n % 3) for n in range(10))
    plain = filed(f"calls_theft a1 v1 2022-01 {hundred}\ncalls_theft a1 v2 2024-01 {new}")
    row = read_series(plain, ["calls_theft"], ["a1"], m("2024-10")).row(0, named=True)
    assert (row["reading"], row["mean"]) == ("short_history", None)
    again = " ".join(str(150 + n % 3) for n in range(24))
    cast = filed(
        f"calls_theft a1 v1 2022-01 {hundred}\ncalls_theft a1 v2 2024-01 {new}\n"
        f"calls_theft a1 v2 2022-01 {again}"
    )
    row = read_series(cast, ["calls_theft"], ["a1"], m("2024-10")).row(0, named=True)
    # March to December of both years before: 150 + (2, 0, 1, 2, 0, 1, 2, 0, 1, 2)
    assert (row["reading"], row["mean"]) == ("not_significant", pytest.approx(151.1))


def test_what_a_viewer_sees_does_not_depend_on_who_they_are():
    whole = filed(PARTLY)
    for held in (restrict(whole, "a"), whole):
        assert figure(held, "calls_theft", "a", "2023-05")["definition"] == 1
        assert figure(held, "calls_theft", "a1", "2023-05")["value"] == 12


MERGED = """
calls_theft a1 v1 2023-05 10
calls_theft a2 v1 2023-05 4
calls_theft a2 v2 2023-05 7
calls_theft a2 v2 2024-05 21
"""


@pytest.mark.parametrize(
    ("more", "base", "note", "expected"),
    [
        ("calls_theft a1 v2 2023-05 14", 14 + 7, "none", 0.0),
        ("", None, "break", None),  # what a1 was counted under the old definition only
    ],
)
def test_a_unit_that_took_another_over_needs_the_back_casts_of_both(more, base, note, expected):
    definitions = catalog(dates=(("a1", "", "2024-01"),))
    merged = replace(definitions, successions=(Succession("a1", "a2", m("2024-01"), 1.0),))
    low = replace(merged.indicators["calls_theft"], minimum_base=0.0)
    held = filed(
        MERGED + more, replace(merged, indicators=merged.indicators | {"calls_theft": low})
    )
    row = change(held, "calls_theft", "a2", "2024-05")
    assert (row["value"], row["base_value"], row["definition"]) == (21, base, 2)
    assert (row["note"], row["change"]) == (note, expected)


def test_a_measure_that_is_no_longer_filed_is_not_due():
    definitions = catalog()
    gone = replace(definitions.measures["calls_theft"], valid_to=m("2024-01"))
    held = build_cube(
        facts({"calls_theft": {"a1": {"2023-12": 3}}}),
        replace(definitions, measures=definitions.measures | {"calls_theft": gone}),
    )
    assert figure(held, "calls_theft", "a", "2023-12")["due"] == 4
    row = change(held, "calls_theft", "a", "2024-12")
    assert (row["value"], row["due"], row["change"]) == (None, 0, None)


def test_facts_under_a_former_code_are_the_measures_own():
    definitions = catalog()
    theft = replace(definitions.measures["calls_theft"], formerly=("calls_pilfering",))
    named = replace(definitions, measures=definitions.measures | {"calls_theft": theft})
    held = filed(
        """
        calls_pilfering a1 v1 2023-05 40
        calls_theft     a1 v1 2024-05 50
        """,
        named,
    )
    row = change(held, "calls_theft", "a1", "2024-05")
    assert (row["value"], row["base_value"], row["change"]) == (50, 40, 25.0)


def test_nobody_is_held_against_figures_of_another_definition():
    # group A is a1, a2 and b1; in May 2023 a1 and b1 have back-casts, a2 has not
    table = """
    calls_theft a1 v1 2023-05 100
    calls_theft a2 v1 2023-05 100
    calls_theft b1 v1 2023-05 100
    calls_theft a1 v2 2023-05 150
    calls_theft b1 v2 2023-05 170
    calls_theft a1 v2 2024-05 160
    calls_theft a2 v2 2024-05 140
    calls_theft b1 v2 2024-05 170
    """
    held = filed(table)

    def peers(unit: str, month: str) -> tuple:
        row = change(held, "calls_theft", unit, month, "month", "peers")
        return row["value"], row["base_value"], row["compared_units"]

    assert peers("a1", "2023-05") == (150, 160, 2)  # a1 and b1, under the new definition
    assert peers("a2", "2023-05") == (100, None, 0)  # alone on the old one
    assert peers("a2", "2024-05") == (140, 160, 3)


def test_what_chance_does_is_judged_by_months_of_one_definition():
    old = " ".join(["100"] * 8)
    held = filed(
        f"fraud_loss_amount a1 v1 2023-11 {old}\nfraud_loss_amount a1 v2 2024-07 400 402 398 400"
    )
    item = catalog().indicators["fraud_loss_amount"]
    spread = window_spread(held, held.catalog, item, ["a1"], m("2024-10"), "month")
    assert spread.tolist() == pytest.approx([8 / 3])  # of 400, 402, 398 and 400


def test_a_part_over_a_break_is_never_the_main_one():
    held = filed(PARTLY)
    row = change(held, "calls_theft", "a", "2024-05")
    found = main_part(held, row, ["a1", "a2"], "now")
    assert found is not None
    assert found["unit"] == "a1"
    broken = change(held, "calls_theft", "a2", "2024-05")
    assert main_part(held, broken, ["a2"], "now") is None


# March 2024 was filed under the old definition and worked out again; March 2023 was not.
OVERLAP = """
calls_theft a1 v1 2023-03 40
calls_theft a1 v1 2024-03 50
calls_theft a1 v2 2024-03 70
calls_theft a1 v2 2024-04 72
"""


def test_months_that_share_an_old_definition_are_compared_under_it():
    held = filed(OVERLAP)
    row = change(held, "calls_theft", "a1", "2024-03")
    assert (row["value"], row["definition"]) == (70, 2)  # the figure as it is shown
    assert (row["compared_value"], row["base_value"], row["change"]) == (50, 40, 25.0)
    assert (row["note"], row["compared_units"]) == ("none", 1)
    row = change(held, "calls_theft", "a1", "2024-04", "month", "mom")
    assert (row["compared_value"], row["base_value"]) == (72, 70)  # the newest both have


def test_each_comparator_finds_the_definition_that_both_its_windows_have():
    table = OVERLAP + "calls_theft a1 v2 2022-03 35"
    frame = compare_figures(
        filed(table), ["calls_theft"], ["a1"], [m("2024-03")], "month", ["yoy", "two_year"]
    )
    assert frame.select("comparator", "compared_value", "base_value").rows() == [
        ("yoy", 50.0, 40.0), ("two_year", 70.0, 35.0),
    ]  # fmt: skip


def test_an_indicator_that_is_a_change_takes_it_too():
    row = figure(filed(OVERLAP), "d_calls_theft_yoy", "a1", "2024-03")
    assert (row["numerator"], row["denominator"], row["value"]) == (50, 40, 25.0)
