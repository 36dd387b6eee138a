"""Does a reviewer see the right earlier figure beside each new one?"""

import datetime as dt
from dataclasses import replace

import polars as pl
import pytest

from data.catalog import load_catalog
from data.definition_types import EMPTY, Version
from data.returns.compared import compare_return
from data.returns.prior import prior_values

SCHEMA = {"unit": pl.String, "measure": pl.String, "period": pl.Date, "value": pl.Float64}


def frame(*rows: tuple[str, str, str, float]) -> pl.DataFrame:
    written = [(u, m, dt.date(int(p[:4]), int(p[5:]), 1), v) for u, m, p, v in rows]
    return pl.DataFrame(written, schema=SCHEMA, orient="row")


def test_a_monthly_figure_stands_beside_last_month_and_a_quarterly_one_beside_last_quarter() -> (
    None
):
    cells = frame(("u", "calls_valid", "2024-09", 12.0), ("u", "care_leave_taken", "2024-09", 5.0))
    facts = frame(
        ("u", "calls_valid", "2024-08", 10.0),
        ("u", "calls_valid", "2023-09", 9.0),
        ("u", "calls_valid", "2024-09", 11.0),
        ("u", "care_leave_taken", "2024-06", 4.0),
        ("u", "care_leave_taken", "2024-08", 99.0),
    )
    found = compare_return(cells, facts, load_catalog(), dt.date(2024, 9, 1))
    assert found.select("value", "before", "last_year", "record").rows() == [
        (12.0, 10.0, 9.0, 11.0),
        (5.0, 4.0, None, None),
    ]
    assert found.select("since_before", "since_year").rows() == [(2.0, 3.0), (1.0, None)]


def test_figures_stand_unit_by_unit_in_the_order_of_the_form_with_what_they_carry() -> None:
    cells = frame(
        ("b", "calls_theft", "2024-09", 3.0),
        ("a", "calls_valid", "2024-09", 5.0),
        ("b", "calls_valid", "2024-09", 7.0),
        ("b", "calls_valid", "2024-08", 9.0),
    ).with_columns(cell=pl.Series(["D2", "C1", "C2", "X9"]))
    found = compare_return(cells, frame(), load_catalog(), dt.date(2024, 9, 1))
    assert found.select("unit", "measure", "cell").rows() == [
        ("b", "calls_valid", "C2"),
        ("b", "calls_theft", "D2"),
        ("a", "calls_valid", "C1"),
    ]


# The definition of thefts changes in 2024; September 2023 was counted again, August 2024 is new.
FILED = (
    ("u", "calls_theft", "2023-09", 9.0, 1),
    ("u", "calls_theft", "2023-09", 14.0, 2),
    ("u", "calls_theft", "2023-10", 8.0, 1),
    ("u", "calls_theft", "2023-11", 7.0, 1),
    ("u", "calls_theft", "2024-08", 15.0, 2),
)


def changed() -> tuple:
    """Return definitions in which that of thefts changed, and what was filed under them."""
    catalog = load_catalog()
    versions = (Version(1, None, EMPTY, EMPTY), Version(2, dt.date(2024, 1, 1), EMPTY, EMPTY))
    theft = replace(catalog.measures["calls_theft"], versions=versions, version=2)
    facts = frame(*(row[:4] for row in FILED))
    facts = facts.with_columns(definition=pl.Series([row[4] for row in FILED], dtype=pl.Int64))
    return replace(catalog, measures=catalog.measures | {"calls_theft": theft}), facts


@pytest.mark.parametrize(
    ("month", "before", "last_year"),
    [
        ("2024-09", 15.0, 14.0),  # last year as it was counted again
        ("2024-10", None, None),  # October 2023 has the old definition only
        ("2023-12", 7.0, None),  # a late return of the old year, under the old definition
    ],
)
def test_a_figure_stands_only_beside_figures_of_its_own_definition(
    month: str, before: float | None, last_year: float | None
) -> None:
    catalog, facts = changed()
    period = dt.date(int(month[:4]), int(month[5:]), 1)
    cells = frame(("u", "calls_theft", month, 20.0))
    found = compare_return(cells, facts, catalog, period)
    assert found.select("before", "last_year").rows() == [(before, last_year)]


def test_a_template_prints_only_earlier_figures_of_the_months_definition() -> None:
    catalog, facts = changed()
    theft = catalog.measures["calls_theft"]
    printed = prior_values(facts, dt.date(2024, 9, 1), catalog)
    assert printed.values == {
        ("u", "calls_theft", dt.date(2023, 9, 1)): 14.0,
        ("u", "calls_theft", dt.date(2024, 8, 1)): 15.0,
    }
    assert printed.last_year("u", theft, dt.date(2024, 9, 1)) is None  # not the whole year to date
