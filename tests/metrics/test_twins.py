"""Does the rate of a period stand beside the fate of its own cases? Worked by hand."""

import pytest

from data.periods import add_months
from metrics.twins import cohorts_beside, parting_of, read_twins, share_beside, twin_of
from tests.metrics.small import catalog, cube, m, months

CODE = "d_crim_clear_rate"
PERIOD = m("2024-10")


def monthly(first: str, last: str, value: float) -> dict[str, float]:
    return {f"{p:%Y-%m}": value for p in months(first, last)}


def table(with_cohorts: bool = True) -> dict[str, dict[str, dict[str, float]]]:
    """Return 40 recorded, 44 cleared (20 of them old), 10 and 24 of each month's own cases."""
    span = ("2021-11", "2024-10")
    found = {
        "crim_recorded": {"a1": monthly(*span, 40)},
        "crim_cleared": {"a1": monthly(*span, 44)},
        "crim_cleared_backlog": {"a1": monthly(*span, 20)},
    }
    if with_cohorts:
        found["crim_cohort_3m"] = {"a1": monthly("2022-02", "2024-10", 10)}
        found["crim_cohort_12m"] = {"a1": monthly("2022-11", "2024-10", 24)}
    return found


def test_what_stands_beside_a_rate_is_data() -> None:
    definitions = catalog()
    assert cohorts_beside(definitions, CODE) == ("d_crim_cohort_3m_rate", "d_crim_cohort_12m_rate")
    assert share_beside(definitions, CODE) == "d_backlog_share"
    assert twin_of(definitions, "d_crim_cohort_12m_rate") == CODE
    assert twin_of(definitions, "d_backlog_share") == CODE
    assert twin_of(definitions, "calls_theft") == ""


def test_both_rates_have_their_own_parts() -> None:
    found = read_twins(cube(table()), CODE, "a1", PERIOD, "now")
    rate, share = found.rate, found.share
    assert (rate["numerator"], rate["denominator"], rate["value"]) == (528, 480, 110)
    assert share is not None
    assert share["numerator"] == 240  # 12 × 20 old ones explain more than the whole
    three, twelve = found.cohort_rates
    assert (three["numerator"], three["denominator"], three["value"]) == (120, 480, 25)
    assert twelve["value"] == 60
    assert found.is_filed
    assert found.parting == "steady"


def test_without_the_two_numbers_only_the_rate_of_the_period_is_there() -> None:
    found = read_twins(cube(table(with_cohorts=False)), CODE, "a1", PERIOD, "now")
    assert found.rate["value"] == 110
    assert not found.is_filed
    assert found.parting == "untold"
    assert all(age.value is None for cohort in found.cohorts for age in cohort.ages)


def test_cohorts_ripen_and_the_young_are_marked() -> None:
    found = read_twins(cube(table()), CODE, "a1", PERIOD, "now").cohorts
    assert [f"{c.first:%Y-%m}" for c in found[-3:]] == ["2024-01", "2024-04", "2024-07"]
    first = found[0]  # October to December 2022: told in March and December 2023
    assert [(age.ago, age.numerator, age.denominator, age.value) for age in first.ages] == [
        (3, 30, 120, 25),
        (12, 72, 120, 60),
    ]
    spring = found[-2]  # April to June 2024 is three months old since September
    assert (spring.ages[0].value, spring.ages[0].is_young) == (25, False)
    assert (spring.ages[1].value, spring.ages[1].is_young) == (None, True)
    assert spring.ages[1].ready == m("2025-06")
    assert all(age.is_young for age in found[-1].ages)  # of September it can be told in December


def test_a_month_that_was_not_filed_leaves_its_quarter_without_a_value_and_not_young() -> None:
    lacking = table()
    del lacking["crim_cohort_3m"]["a1"]["2024-08"]
    spring = read_twins(cube(lacking), CODE, "a1", PERIOD, "now").cohorts[-2]
    assert (spring.ages[0].value, spring.ages[0].is_young) == (None, False)


def test_a_month_without_a_case_leaves_its_quarter_the_rate_of_the_others() -> None:
    held = table()
    held["crim_recorded"]["a1"]["2024-05"] = 0
    held["crim_cohort_3m"]["a1"]["2024-08"] = 0
    spring = read_twins(cube(held), CODE, "a1", PERIOD, "now").cohorts[-2].ages[0]
    assert (spring.numerator, spring.denominator, spring.value) == (20, 80, 25)
    for month in ("2024-04", "2024-06"):
        held["crim_recorded"]["a1"][month] = 0
    for month in ("2024-07", "2024-09"):
        held["crim_cohort_3m"]["a1"][month] = 0
    spring = read_twins(cube(held), CODE, "a1", PERIOD, "now").cohorts[-2].ages[0]
    assert (spring.numerator, spring.denominator, spring.value) == (0, 0, None)


def test_few_cases_a_month_are_pooled_over_twelve() -> None:
    assert read_twins(cube(table()), CODE, "a1", PERIOD, "now").series["window"][0] == "month"
    few = {
        measure: {"a1": {month: value / 4 for month, value in units["a1"].items()}}
        for measure, units in table().items()
    }
    assert read_twins(cube(few), CODE, "a1", PERIOD, "now").series["window"][0] == "rolling12"


@pytest.mark.parametrize(
    ("rate", "cohorts", "said"),
    [
        ("up", ["not_significant", "not_significant"], "apart_up"),
        ("up", ["down", "up"], "same"),
        ("down", ["up"], "apart_down"),
        ("not_significant", ["down"], "apart_still"),
        ("not_significant", ["not_significant"], "steady"),
        ("up", ["none", "short_history"], "untold"),
        ("short_history", ["up"], "untold"),
    ],
)
def test_where_the_rates_part_is_said_from_their_readings(
    rate: str, cohorts: list[str], said: str
) -> None:
    assert parting_of({"reading": rate}, [{"reading": word} for word in cohorts]) == said


def test_more_old_cases_are_not_taken_for_more_work_on_new_ones() -> None:
    """From November 2023 twice as many old cases are cleared; of the own ones as many as before."""
    held = table()
    for back in range(12):
        month = f"{add_months(PERIOD, -back):%Y-%m}"
        held["crim_cleared"]["a1"][month] = 64
        held["crim_cleared_backlog"]["a1"][month] = 40
    found = read_twins(cube(held), CODE, "a1", PERIOD, "now")
    assert found.rate["reading"] == "up"
    assert found.parting == "apart_up"
