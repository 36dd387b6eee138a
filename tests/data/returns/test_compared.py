"""Does a reviewer see the right earlier figure beside each new one?"""

import datetime as dt

import polars as pl

from data.catalog import load_catalog
from data.returns.compared import compare_return

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
    found = compare_return(cells, facts, load_catalog(), dt.date(2024, 9, 1), 10)
    assert [(r.value, r.before, r.last_year, r.record) for r in found.rows] == [
        (12.0, 10.0, 9.0, 11.0),
        (5.0, 4.0, None, None),
    ]


def test_of_several_units_the_figure_that_moved_most_leads() -> None:
    cells = frame(("a", "calls_valid", "2024-09", 101.0), ("b", "calls_valid", "2024-09", 60.0))
    facts = frame(("a", "calls_valid", "2024-08", 100.0), ("b", "calls_valid", "2024-08", 20.0))
    found = compare_return(cells, facts, load_catalog(), dt.date(2024, 9, 1), 1)
    assert [row.unit for row in found.rows] == ["b"]
    assert found.total == 2
