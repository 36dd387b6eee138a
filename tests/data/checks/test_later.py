"""Is it said which rules of later months a correction of an earlier month breaks?"""

import datetime as dt

import polars as pl

from data.catalog import load_catalog
from data.checks.context import VALUES, Hierarchy
from data.checks.later import later_findings
from data.schema import conform

CATALOG = load_catalog()
AUGUST, SEPTEMBER, OCTOBER = (dt.date(2024, month, 1) for month in (8, 9, 10))
UNIT = "yz0101"
ALONE = Hierarchy({}, {}, {})
# September begins with the 6 of August: 6 + 20 − 22 = 4; October with those 4: 4 + 9 − 10 = 3.
RECORD = [
    ("dis_pending_end", AUGUST, 6.0),
    ("dis_found", AUGUST, 20.0),
    ("dis_found", SEPTEMBER, 20.0),
    ("dis_resolved", SEPTEMBER, 22.0),
    ("dis_pending_end", SEPTEMBER, 4.0),
    ("dis_found", OCTOBER, 9.0),
    ("dis_resolved", OCTOBER, 10.0),
    ("dis_pending_end", OCTOBER, 3.0),
]


# To the end of August as many were closed fast as were eligible.
FAST = ("adm_fast_eligible", "adm_fast_handled")
CLOSED_FAST = [
    *((measure, dt.date(2024, month, 1), 0.0) for month in range(1, 8) for measure in FAST),
    *((measure, AUGUST, 5.0) for measure in FAST),
    *((measure, SEPTEMBER, 3.0) for measure in FAST),
]


def notes(
    month: dt.date, record: list[tuple[str, dt.date, float]] = RECORD, **filed: float | None
) -> list[tuple[str, str, str]]:
    """Return rule, cell and message of what a return of a month brings up about later ones."""
    known = [(UNIT, measure, period, value) for measure, period, value in record]
    history = pl.DataFrame(known, schema=["unit", "measure", "period", "value"], orient="row")
    blank = dict.fromkeys(("decimals", "reported_ytd", "reported_same_period"))
    rows = [{"unit": UNIT, "measure": m, "value": v, **blank} for m, v in filed.items()]
    values = conform(pl.DataFrame(rows, schema=dict(VALUES)), VALUES)
    places = [(UNIT, m, month, "s", f"D{n}", "7") for n, m in enumerate(filed, start=8)]
    columns = ["unit", "measure", "period", "sheet", "cell", "text"]
    cells = pl.DataFrame(places, schema=columns, orient="row")
    found = later_findings(values, cells, history, month, CATALOG, ALONE)
    assert {row["severity"] for row in found} <= {"info"}
    return [(row["rule"], row["cell"], row["message_en"]) for row in found]


def test_the_balance_of_the_next_month_is_named() -> None:
    ((rule, cell, words),) = notes(AUGUST, dis_found=20.0, dis_pending_end=7.0)
    assert (rule, cell) == ("F08", "D9")
    assert "R34" in words
    assert "2024-09" in words
    assert "= 5" in words  # 7 + 20 − 22


def test_nothing_is_said_of_a_first_filing_or_of_the_same_figures_again() -> None:
    assert notes(dt.date(2024, 7, 1), dis_pending_end=7.0) == []
    assert notes(AUGUST, dis_found=20.0, dis_pending_end=6.0) == []
    assert notes(OCTOBER, dis_pending_end=8.0) == []


def test_a_year_to_date_is_followed_to_the_months_after() -> None:
    found = notes(AUGUST, CLOSED_FAST, adm_fast_eligible=4.0)
    assert [(rule, "R21" in words, "2024-09" in words) for rule, _, words in found] == [
        ("F08", True, True)
    ]
