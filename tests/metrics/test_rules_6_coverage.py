"""Rule 6: who owes a figure, who filed it, and which leaves a comparison keeps."""

import pytest

from metrics.cube import build_cube, restrict
from metrics.figures import compute_figures
from tests.metrics.small import (
    COUNTED,
    VINTAGE,
    catalog,
    change,
    cube,
    facts,
    figure,
    m,
    months,
    steady,
    value,
)

FULL = steady(COUNTED, "2022-01", "2024-10", 20)


def without(*gaps: tuple[str, str], measure: str = "calls_theft") -> dict:
    """Return twenty thefts everywhere in every month but for some gaps."""
    return {
        measure: {
            unit: {month: n for month, n in values.items() if (unit, month) not in gaps}
            for unit, values in FULL.items()
        }
    }


def test_due_are_the_leaves_that_carry_the_measure():
    row = figure(without(), "calls_theft", "c", "2024-10")
    assert (row["value"], row["due"], row["reported"]) == (140, 7, 7)  # 5 stations, 2 own levels
    assert figure(without(), "calls_theft", "a", "2024-10")["due"] == 4
    assert figure(without(), "calls_theft", "c-own", "2024-10")["due"] == 0


def test_a_parent_sums_all_that_was_reported_and_says_it_is_partial():
    row = figure(without(("a1", "2024-10")), "calls_theft", "c", "2024-10")
    assert (row["value"], row["due"], row["reported"], row["status"]) == (120, 7, 6, "final")


def test_a_leaf_is_complete_with_every_month_of_the_window():
    gap = without(("a1", "2024-08"))
    row = figure(gap, "calls_theft", "a1", "2024-10", "ytd")
    assert (row["value"], row["due"], row["reported"]) == (180, 1, 0)
    row = figure(gap, "calls_theft", "c", "2024-10", "quarter")
    assert (row["due"], row["reported"]) == (7, 7)


def test_a_leaf_is_complete_with_every_input():
    table = without() | {"crim_recorded": {}, "calls_criminal": dict(FULL)}
    table["crim_recorded"] = {unit: values for unit, values in FULL.items() if unit != "b1"}
    row = figure(table, "d_record_to_call", "c", "2024-10")
    # the city's own level owes crim_recorded and has filed none
    assert (row["due"], row["reported"]) == (8, 6)
    assert (row["numerator"], row["denominator"]) == (120, 120)


def test_a_comparison_drops_a_leaf_that_misses_either_side_on_both():
    row = change(without(("a1", "2024-10")), "calls_theft", "c", "2024-10")
    assert (row["value"], row["compared_value"], row["base_value"]) == (120, 120, 120)
    assert (row["compared_units"], row["change"], row["note"]) == (6, 0.0, "partial")
    row = change(without(("a1", "2023-10")), "calls_theft", "c", "2024-10")
    assert (row["value"], row["compared_value"], row["base_value"]) == (140, 120, 120)
    assert (row["compared_units"], row["note"], row["reported"]) == (6, "partial", 7)


def test_a_leaf_is_dropped_whole_from_both_sides_of_a_ratio():
    table = {
        "calls_arrived_5min": {
            "a1": {"2023-10": 90, "2024-10": 95},
            "a2": {"2023-10": 10, "2024-10": 20},
        },
        "calls_dispatch_urgent": {"a1": {"2023-10": 100, "2024-10": 100}, "a2": {"2023-10": 100}},
    }
    row = change(table, "d_arrive_5min_rate", "a", "2024-10")
    assert (row["compared_value"], row["base_value"], row["compared_units"]) == (95.0, 90.0, 1)


def test_two_reports_that_share_no_leaf_cannot_be_compared():
    table = {"calls_theft": {"a1": {"2023-10": 50}, "a2": {"2024-10": 60}}}
    row = change(table, "calls_theft", "a", "2024-10")
    assert (row["value"], row["compared_value"], row["change"]) == (60, None, None)
    assert (row["compared_units"], row["note"]) == (0, "missing_base")


OPENED = catalog(dates=(("a2", "2024-03", ""), ("b2", "", "2024-03")))


def test_opening_and_closing_is_structure_and_not_missing_coverage():
    table = {
        "calls_theft": {
            "a1": {"2023-10": 50, "2024-10": 55},
            "a2": {"2024-10": 20},
            "a3": {"2023-10": 10, "2024-10": 10},
            "a-own": {"2023-10": 1, "2024-10": 1},
        }
    }
    held = cube(table, OPENED)
    row = change(held, "calls_theft", "a", "2024-10")
    assert (row["compared_value"], row["base_value"], row["note"]) == (86, 61, "none")
    assert (row["compared_units"], row["due"], row["reported"]) == (4, 4, 4)
    assert figure(held, "calls_theft", "a", "2023-10")["due"] == 3
    assert figure(held, "calls_theft", "b", "2024-10")["due"] == 2
    assert change(held, "calls_theft", "a2", "2024-10")["note"] == "opened"


def test_the_matched_basis_keeps_only_leaves_that_stand_on_both_sides():
    table = {
        "calls_theft": {unit: {"2023-10": 10, "2024-10": 15} for unit in ("a1", "a3", "a-own")}
        | {"a2": {"2024-10": 20}}
    }
    row = change(cube(table, OPENED), "calls_theft", "a", "2024-10", basis="matched")
    assert (row["compared_value"], row["base_value"], row["compared_units"]) == (45, 30, 3)


def test_a_due_stock_that_was_not_filed_again_is_carried_but_incomplete():
    table = {"staff_police": {"a1": {"2024-06": 30, "2024-09": 31}, "a2": {"2024-06": 20}}}
    row = figure(table, "staff_police", "a", "2024-09")
    assert (row["value"], row["due"], row["reported"]) == (51, 4, 1)
    row = figure(table, "staff_police", "a", "2024-08")
    assert (row["value"], row["due"], row["reported"]) == (50, 4, 2)


def test_status_is_the_worst_of_what_contributes():
    table = facts(without())
    late = facts({"calls_theft": {"a1": {"2024-10": 20}}}, status="provisional")
    rough = facts({"calls_theft": {"a2": {"2024-09": 20}}}, status="estimated")
    both = table.join(
        late.vstack(rough).select("measure", "unit", "period"),
        on=["measure", "unit", "period"],
        how="anti",
    )
    held = build_cube(both.vstack(late).vstack(rough), catalog())
    assert figure(held, "calls_theft", "c", "2024-10")["status"] == "provisional"
    assert figure(held, "calls_theft", "a2", "2024-10")["status"] == "final"
    assert figure(held, "calls_theft", "c", "2024-10", "ytd")["status"] == "estimated"
    assert figure(held, "calls_theft", "b", "2024-10", "ytd")["status"] == "final"


def test_of_several_vintages_the_latest_holds_and_a_null_withdraws():
    import datetime as dt

    import polars as pl

    first = facts({"calls_theft": {"a1": {"2024-10": 20}, "a2": {"2024-10": 7}}})
    later = facts({"calls_theft": {"a1": {"2024-10": 18}, "a2": {"2024-10": None}}}).with_columns(
        pl.lit(VINTAGE + dt.timedelta(days=3)).alias("vintage")
    )
    for frame in (first.vstack(later), later.vstack(first)):
        held = build_cube(frame, catalog())
        assert value(held, "calls_theft", "a1", "2024-10") == 18
        assert value(held, "calls_theft", "a2", "2024-10") is None


def test_a_new_definition_is_a_break():
    old = facts({"calls_theft": {"a1": {f"{p:%Y-%m}": 20 for p in months("2023-01", "2023-12")}}})
    new = facts({"calls_theft": {"a1": {"2024-10": 30}}}, definition=2)
    held = build_cube(old.vstack(new), catalog())
    row = change(held, "calls_theft", "a", "2024-10")
    assert (row["note"], row["change"], row["change_kind"]) == ("break", None, "none")
    assert (row["compared_value"], row["base_value"], row["definition"]) == (30, 20, 2)
    assert figure(held, "calls_theft", "a", "2023-10")["definition"] == 1


def test_facts_back_cast_under_the_new_definition_are_compared():
    old = facts({"calls_theft": {"a1": {"2023-10": 20}}})
    new = facts({"calls_theft": {"a1": {"2023-10": 25, "2024-10": 30}}}, definition=2)
    row = change(build_cube(old.vstack(new), catalog()), "calls_theft", "a1", "2024-10")
    assert (row["note"], row["base_value"], row["change"]) == ("none", 25, 20.0)


def test_a_viewer_sees_no_part_of_a_unit_as_if_it_were_the_whole():
    full = cube(without())
    for held in (restrict(full, "a"), build_cube(facts(without()), catalog(), scope="a")):
        assert value(held, "calls_theft", "a", "2024-10") == 80
        assert value(held, "calls_theft", "a1", "2024-10") == 20
        row = figure(held, "calls_theft", "c", "2024-10")
        assert (row["value"], row["due"]) == (None, 0)
        assert value(held, "calls_theft", "b1", "2024-10") is None


def test_a_question_reaches_beyond_the_data_without_harm():
    held = cube(without())
    frame = compute_figures(
        held, ["calls_theft"], ["c"], [m("2015-01"), m("2024-11"), m("2031-05")], "rolling12"
    )
    assert frame["value"].to_list()[0] is None
    assert frame["due"].to_list() == [0, 7, 7]  # no rolling year before the data
    assert frame["reported"].to_list() == [0, 0, 0]


@pytest.mark.parametrize("window", ["month", "ytd", "rolling12", "wave"])
def test_a_cube_without_facts_answers_with_nulls(window):
    held = build_cube(facts({}), catalog())
    row = figure(held, "d_arrive_5min_rate", "c", "2024-10", window)
    assert (row["value"], row["status"]) == (None, "missing")
    assert change(held, "calls_theft", "c", "2024-10")["note"] == "none"
