"""Are questions and returns counted for the page Data quality as the page says?"""

import datetime as dt
from typing import Any

import polars as pl
import pytest

from data.checks.false_rates import Rate
from data.returns.outcomes import OUTCOMES
from data.store.histories import CHANGES, FINDINGS, RETURNS
from ui.quality_asked import integrity_questions
from ui.quality_data import Part, beyond_expected, by_month, filed_by, rules_table
from ui.quality_months import rate_of
from ui.quality_rules import heat

SEPTEMBER, OCTOBER = dt.date(2024, 9, 1), dt.date(2024, 10, 1)


def finding(rule: str, unit: str, period: dt.date, answered: bool, form: str = "M02") -> dict:
    said = dict.fromkeys(FINDINGS)
    said |= {"rule": rule, "severity": "query", "unit": unit, "filer": unit, "period": period}
    return said | {"form": form, "answered": answered, "submission": 1}


def fate(unit: str, form: str, period: dt.date, **more: Any) -> dict:
    said = {"unit": unit, "form": form, "period": period, "due": dt.date(2024, 11, 5)}
    said |= {"came": dt.date(2024, 11, 4), "is_due": True, "is_imported": False, "receipt": "R"}
    return said | {"on_time": True, "first_pass": True, "revised": False} | more


@pytest.fixture
def part() -> Part:
    findings = [
        finding("R49", "a", OCTOBER, True),
        finding("R49", "a", OCTOBER, True),
        finding("R49", "b", SEPTEMBER, False),
        finding("R19", "a", OCTOBER, False),
        finding("R19", "b", SEPTEMBER, True),
    ]
    fates = [
        fate("a", "M02", OCTOBER),
        fate("a", "M01", OCTOBER, on_time=False, first_pass=None),
        fate("b", "M02", OCTOBER, came=None, on_time=False, first_pass=None),
        fate("b", "M02", SEPTEMBER, first_pass=False, revised=True),
    ]
    return Part(
        ("a", "b"),
        (SEPTEMBER, OCTOBER),
        pl.DataFrame(findings, schema=FINDINGS),
        pl.DataFrame(schema=RETURNS),
        pl.DataFrame(fates, schema=OUTCOMES),
        pl.DataFrame(schema=CHANGES),
        stamp=0,
    )


def test_rules_are_counted_by_what_a_unit_files_for_a_month(part: Part) -> None:
    rows = {row["rule"]: row for row in rules_table(part.asked).to_dicts()}
    assert list(rows) == ["R49", "R19"]
    assert (rows["R49"]["findings"], rows["R49"]["returns"], rows["R49"]["answered"]) == (3, 2, 2)
    assert (rows["R19"]["findings"], rows["R19"]["units"], rows["R19"]["answered"]) == (2, 2, 1)


def test_only_months_of_the_rules_own_forms_count(part: Part) -> None:
    assert filed_by(part) == 2, "a in October, b in September; b has sent nothing for October"
    assert filed_by(part, "R19") == 2, "criminal cases stand on M02"
    assert filed_by(part, "R01") == 1, "calls stand on M01: only a has filed them"


def test_each_month_in_numbers(part: Part) -> None:
    september, october = by_month(part)
    assert (september["returns"], september["passed"], september["revised"]) == (1, 0, 1)
    assert (september["questions"], september["answered"]) == (2, 1)
    assert (october["returns"], october["came"], october["ontime"]) == (3, 2, 1)
    assert (october["passed"], october["waiting"]) == (1, 1)
    assert (october["questions"], october["answered"], october["days"]) == (3, 2, None)


def test_what_is_counted_now_comes_before_what_the_record_holds() -> None:
    known = {("d_ontime_rate", SEPTEMBER): {"numerator": 7.0, "denominator": 8.0}}
    counted = {"period": SEPTEMBER, "returns": 4, "ontime": 3, "passed": 2}
    assert rate_of(counted, known, "ontime") == (3, 4, "live")
    nothing = {"period": SEPTEMBER, "returns": 0, "ontime": 0, "passed": 0}
    assert rate_of(nothing, known, "ontime") == (7, 8, "recorded")
    assert rate_of(nothing, known, "passed") is None


def test_more_than_expected_is_what_two_intervals_keep_apart() -> None:
    rate = Rate("R49", 1000, 30, 0, 0, OCTOBER)  # 3 %, between 2.1 and 4.3
    assert beyond_expected(6, 100, rate) == "same"  # 6 %, from 2.8 on
    assert beyond_expected(12, 100, rate) == "more"  # 12 %, from 7.0 on
    assert beyond_expected(12, 100, None) == "unknown"


def test_questions_of_integrity_are_those_that_the_definitions_mark(part: Part) -> None:
    found = integrity_questions(part)
    assert found.select("rule", "unit", "period").rows() == [
        ("R19", "a", OCTOBER),
        ("R19", "b", SEPTEMBER),
    ]


@pytest.mark.parametrize(("count", "cls"), [(0, ""), (1, "h1"), (5, "h2"), (10, "h3")])
def test_a_darker_ground_means_a_larger_number(count: int, cls: str) -> None:
    assert heat(count, 10) == cls


def test_units_that_came_in_one_file_are_called_once() -> None:
    from ui.coverage_call import together

    rows = [
        ("a", "M05", "returned", "R7", 0),
        ("b", "M05", "returned", "R7", 0),
        ("c", "M05", "overdue", None, 6),
        ("d", "M05", "overdue", None, 6),
        ("e", "M05", "confirming", "R8", 0),
    ]
    names = ("unit", "form", "state", "receipt", "late_days")
    found = pl.DataFrame(rows, schema=names, orient="row")
    assert [units for units, _ in together(found)] == [["a", "b"], ["c"], ["d"], ["e"]]
