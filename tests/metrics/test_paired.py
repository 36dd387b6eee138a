"""Does a cohort stand beside its fate, and does what is filed by choice count only where filed?"""

from dataclasses import replace

import polars as pl
import pytest

from data.definition_types import Parent
from metrics.compare import compare_figures
from metrics.cube import build_cube
from metrics.figures import compute_figures
from metrics.windows import months_needed
from tests.metrics.small import catalog, cube, facts, figure, m, months, value

RATE = "d_crim_cohort_3m_rate"


def test_the_denominator_is_of_three_months_before() -> None:
    table = {
        "crim_recorded": {"a1": {"2024-03": 40, "2024-06": 99}},
        "crim_cohort_3m": {"a1": {"2024-06": 10}},
    }
    row = figure(table, RATE, "a1", "2024-06")
    assert (row["numerator"], row["denominator"], row["value"]) == (10, 40, 25)
    assert value(table, RATE, "a1", "2024-03") is None


@pytest.mark.parametrize(
    ("window", "period", "expected"),
    [("quarter", "2024-06", 30), ("ytd", "2024-06", 30), ("rolling12", "2024-06", None)],
)
def test_windows_pool_the_cohorts_of_earlier_months(
    window: str, period: str, expected: float | None
) -> None:
    table = {
        "crim_recorded": {"a1": {"2024-01": 10, "2024-02": 20, "2024-03": 20, "2024-06": 999}},
        "crim_cohort_3m": {"a1": {"2024-04": 2, "2024-05": 6, "2024-06": 7}},
    }
    assert value(table, RATE, "a1", period, window) == expected


def test_a_unit_that_does_not_file_it_stays_out_with_its_cases_too() -> None:
    table = {
        "crim_recorded": {"a1": {"2024-03": 40}, "a2": {"2024-03": 160}},
        "crim_cohort_3m": {"a1": {"2024-06": 10}},
    }
    row = figure(table, RATE, "a", "2024-06")
    assert (row["numerator"], row["denominator"]) == (10, 40)
    assert row["reported"] < row["due"]  # and the reader is told that it does not hold everybody


def test_so_does_a_month_in_which_the_cohort_is_known_and_its_cases_are_not() -> None:
    table = {"crim_recorded": {"a1": {"2024-05": 1}}, "crim_cohort_3m": {"a1": {"2024-06": 10}}}
    assert value(table, RATE, "a1", "2024-06") is None


def test_nobody_owes_what_is_filed_by_choice() -> None:
    table = {"crim_recorded": {"a1": {"2024-06": 1}, "a2": {"2024-06": 1}}}
    row = figure(table, "crim_cohort_3m", "a", "2024-06")
    assert (row["due"], row["reported"], row["value"]) == (0, 0, None)
    table["crim_cohort_3m"] = {"a1": {"2024-06": 4}}
    row = figure(table, "crim_cohort_3m", "a", "2024-06")
    assert (row["due"], row["reported"], row["value"]) == (1, 1, 4)


def test_it_is_compared_with_the_year_before_on_units_complete_on_both_sides() -> None:
    table = {
        "crim_recorded": {
            "a1": {"2023-03": 40, "2024-03": 40},
            "a2": {"2023-03": 50, "2024-03": 50},
        },
        "crim_cohort_3m": {"a1": {"2023-06": 20, "2024-06": 10}, "a2": {"2024-06": 50}},
    }
    found = compare_figures(cube(table), [RATE], ["a"], [m("2024-06")], "month", ["yoy"])
    row = found.row(0, named=True)
    assert (row["compared_value"], row["base_value"], row["change"]) == (25, 50, -25)
    assert row["compared_units"] == 1


def test_the_months_that_are_read_reach_back_to_the_cohort() -> None:
    first, last = months_needed(catalog(), [RATE], [m("2024-06")], "quarter")
    assert (first, last) == (m("2024-01"), m("2024-06"))


@pytest.mark.parametrize(("basis", "expected"), [("now", 25), ("then", None), ("matched", None)])
def test_a_unit_that_moved_has_no_cohort_on_earlier_units(
    basis: str, expected: float | None
) -> None:
    """a2 moved from a to b in May: its cases of March were a's, their fate in June is told by b."""
    full = catalog()
    kept = tuple(p for p in full.parents if p.unit != "a2")
    moved = (Parent("a2", "a", None, m("2024-05")), Parent("a2", "b", m("2024-05"), None))
    there = replace(full, parents=(*kept, *moved))
    table = {
        "crim_recorded": {"a2": {"2024-03": 40, "2024-05": 10}},
        "crim_cohort_3m": {"a2": {"2024-06": 10, "2024-08": 1}},
    }
    held = build_cube(facts(table), there, basis=basis)
    rows = compute_figures(held, [RATE], ["b"], [m("2024-06"), m("2024-08")])
    assert rows["value"].to_list() == [expected, 10]  # May and August are both in b


def test_rows_of_all_months_agree_with_the_months_one_by_one() -> None:
    table = {
        "crim_recorded": {"a1": {f"{p:%Y-%m}": 10 + p.month for p in months("2023-01", "2024-10")}},
        "crim_cohort_3m": {"a1": {f"{p:%Y-%m}": p.month for p in months("2023-01", "2024-10")}},
    }
    held = cube(table)
    asked = months("2023-06", "2024-10")
    together = compute_figures(held, [RATE], ["a1"], asked, "quarter")
    alone = [compute_figures(held, [RATE], ["a1"], [each], "quarter") for each in asked]
    assert together.equals(pl.concat(alone))
