"""Does the preview add a return to what is approved, and tell a reader nothing of other units?"""

import datetime as dt
from dataclasses import replace

import polars as pl
import pytest

from data.catalog import load_catalog
from data.schema import FACTS, conform
from data.units import tree
from metrics.effect import Effect, places, read_effects

MONTH = dt.date(2024, 10, 1)
CATALOG = load_catalog()
UNITS = tree(CATALOG)
STATIONS = [
    code
    for code in UNITS.leaves("yz09")
    if UNITS.level(code) in CATALOG.measures["calls_valid"].filers
]
ME, *OTHERS = STATIONS
Fact = tuple[str, str, float] | tuple[str, str, float, dt.date]


def facts(*rows: Fact) -> pl.DataFrame:
    full = [row if len(row) == 4 else (*row, MONTH) for row in rows]
    frame = pl.DataFrame(full, schema=["unit", "measure", "value", "period"], orient="row")
    frame = frame.with_columns(
        definition=pl.lit(1),
        status=pl.lit("provisional"),
        vintage=pl.lit(None, FACTS["vintage"]),
        submission=pl.lit(None, pl.String),
        sheet=pl.lit(""),
        cell=pl.lit(""),
    )
    return conform(frame, FACTS)


def effect(approved: pl.DataFrame, filed: pl.DataFrame, code: str, unit: str, **how) -> Effect:
    (found,) = read_effects(approved, filed, CATALOG, UNITS, [code], [unit], MONTH, **how)
    return found


def test_a_return_takes_the_place_of_what_was_approved() -> None:
    approved = facts(("yz0901", "calls_valid", 100.0), ("yz0902", "calls_valid", 50.0))
    filed = facts(("yz0902", "calls_valid", 60.0), ("yz0903", "calls_valid", 7.0))
    found = effect(approved, filed, "calls_valid", "yz09")
    assert (found.before, found.after) == (150.0, 167.0)
    assert (found.reported_before, found.reported_after) == (2, 3)


def test_a_return_that_touches_nothing_of_the_list_has_no_effect() -> None:
    filed = facts(("yz0902", "calls_valid", 60.0))
    assert read_effects(filed, filed, CATALOG, UNITS, ["crim_recorded"], ["yz09"], MONTH) == []


def test_a_rate_is_pooled_from_its_parts_before_and_after() -> None:
    # Resolved of resolved and pending: 8 of 10 and 9 of 30 are 17/40 = 42.5 %; with 30 of 40 more
    # it is 47/80 = 58.75 %.
    resolved, pending = "dis_resolved", "dis_pending_end"
    approved = facts(
        *((ME, resolved, 8.0), (ME, pending, 2.0)),
        *((OTHERS[0], resolved, 9.0), (OTHERS[0], pending, 21.0)),
    )
    filed = facts((OTHERS[1], resolved, 30.0), (OTHERS[1], pending, 10.0))
    found = effect(approved, filed, "d_dispute_resolve_rate", "yz09")
    assert found.before == pytest.approx(42.5)
    assert found.after == pytest.approx(58.75)


def test_a_return_is_set_against_last_month_and_last_year() -> None:
    approved = facts(
        (ME, "calls_valid", 80.0, dt.date(2024, 9, 1)),
        (ME, "calls_valid", 125.0, dt.date(2023, 10, 1)),
    )
    found = effect(approved, facts((ME, "calls_valid", 100.0)), "calls_valid", ME)
    assert found.before is None
    assert found.mom is not None
    assert found.mom["change"] == pytest.approx(25.0)
    assert found.yoy is not None
    assert found.yoy["change"] == pytest.approx(-20.0)


def test_a_correction_shows_the_old_figure_and_the_new_one() -> None:
    approved = facts((ME, "calls_valid", 80.0))
    found = effect(approved, facts((ME, "calls_valid", 79.0)), "calls_valid", ME)
    assert (found.before, found.after) == (80.0, 79.0)
    assert found.reported_before == found.reported_after == 1


def test_the_figures_are_those_of_the_unit_and_of_the_bureau_above() -> None:
    assert places(UNITS, ME) == ["yz09", ME]
    assert places(UNITS, "yz09") == ["yz", "yz09"]
    assert places(UNITS, "yz") == ["yz"]


def others(count: int, code: str = "calls_valid") -> pl.DataFrame:
    return facts(*((unit, code, 10.0 + n) for n, unit in enumerate(OTHERS[:count])))


def test_a_station_sees_the_sum_of_its_district_only_when_nobody_else_is_missing() -> None:
    filed = facts((ME, "calls_valid", 5.0))
    everybody = effect(others(len(OTHERS)), filed, "calls_valid", "yz09", seen={ME})
    assert everybody.withheld == ""
    assert everybody.after == sum(10.0 + n for n in range(len(OTHERS))) + 5.0
    one_less = effect(others(len(OTHERS) - 1), filed, "calls_valid", "yz09", seen={ME})
    assert one_less.withheld == "waiting"
    assert (one_less.before, one_less.after, one_less.lower, one_less.mom) == (None,) * 4
    assert (one_less.reported_after, one_less.due) == (len(OTHERS), len(STATIONS))
    district = set(UNITS.subtree("yz09"))
    assert effect(others(3), filed, "calls_valid", "yz09", seen=district).withheld == ""


def test_two_looks_never_differ_by_the_figure_of_one_other_unit() -> None:
    """Whoever watches while the others file sees one sum only: that of all of them."""
    filed = facts((ME, "calls_valid", 5.0))
    seen = [
        effect(others(count), filed, "calls_valid", "yz09", seen={ME})
        for count in range(1, len(OTHERS) + 1)
    ]
    assert len({found.after for found in seen if found.after is not None}) == 1


def test_rows_of_units_that_a_reader_may_not_speak_of_change_nothing() -> None:
    """A made-up row for the unit that is missing must not unlock the sum of the others."""
    filed = facts((ME, "calls_valid", 5.0), (OTHERS[-1], "calls_valid", 0.0))
    found = effect(others(len(OTHERS) - 1), filed, "calls_valid", "yz09", seen={ME}, reach={ME})
    assert found.withheld == "waiting"


def test_a_sum_with_few_others_is_withheld() -> None:
    filed = facts(*((unit, "calls_valid", 5.0) for unit in STATIONS[2:]))
    mine = set(STATIONS[2:])
    approved = facts(*((unit, "calls_valid", 8.0) for unit in STATIONS[:2]))
    assert effect(approved, filed, "calls_valid", "yz09", seen=mine).withheld == "few"


def test_what_counts_few_people_is_withheld_from_a_reader_of_one_part() -> None:
    small = next(c for c, m in CATALOG.indicators.items() if "S" in m.flags and m.is_measure)
    filed = facts((ME, small, 2.0))
    found = read_effects(filed, filed, CATALOG, UNITS, [small], ["yz09"], MONTH, {ME})
    assert [item.withheld for item in found] == ["small"]


def test_a_change_on_part_of_the_units_is_not_told_where_the_whole_stands_beside_it() -> None:
    """Last year one station was missing: the change leaves it out, and would tell its figure."""
    before = dt.date(2023, 10, 1)
    rows = [(unit, "calls_valid", 20.0, before) for unit in (ME, *OTHERS[:-1])]
    approved = pl.concat([others(len(OTHERS)), facts(*rows)])
    filed = facts((ME, "calls_valid", 5.0))
    found = effect(approved, filed, "calls_valid", "yz09", seen={ME})
    assert found.after is not None
    assert found.yoy is None
    assert effect(approved, filed, "calls_valid", "yz09").yoy is not None


def test_a_measure_that_was_renamed_keeps_its_past() -> None:
    measure = replace(CATALOG.measures["calls_valid"], formerly=("calls_sound",))
    renamed = replace(CATALOG, measures={**CATALOG.measures, "calls_valid": measure})
    approved = facts((ME, "calls_sound", 80.0, dt.date(2024, 9, 1)))
    filed = facts((ME, "calls_valid", 100.0))
    (found,) = read_effects(approved, filed, renamed, UNITS, ["calls_valid"], [ME], MONTH)
    assert found.mom is not None
    assert found.mom["change"] == pytest.approx(25.0)
