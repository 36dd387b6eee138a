"""A scheme tried out: where its bases are too small, and the score of a year."""

import datetime as dt

import polars as pl
import pytest

from data.catalog import load_catalog
from data.schema import FACTS, conform
from metrics.cube import build_cube
from metrics.dry_run import annual_scores, small_shares
from metrics.lint import lint_scheme

MONTHS = [dt.date(2024, month, 1) for month in (7, 8, 9)]


def facts(values: dict[str, float]) -> pl.DataFrame:
    """Return a quarter in which units had so many cases audited a month, all of them passed."""
    rows = [
        {
            "measure": measure, "definition": 1, "unit": unit, "period": month, "value": value,
            "status": "final", "vintage": dt.datetime(2024, 10, 9, tzinfo=dt.UTC),
            "submission": "s", "sheet": "", "cell": "",
        }
        for unit, value in values.items()
        for month in MONTHS
        for measure in ("qa_cases_checked", "qa_cases_passed")
    ]  # fmt: skip
    return conform(pl.DataFrame(rows), FACTS)


def test_an_item_is_small_where_the_base_is_under_its_minimum() -> None:
    catalog = load_catalog()
    scheme = catalog.schemes["station_prevention_first"]
    # The minimum is 10: 9 and 6 in the quarter are under it, 12 and 30 are not.
    units = {"yz0101": 3, "yz0102": 2, "yz0103": 4, "yz0104": 10}
    cube = build_cube(facts(units), catalog)
    shares = small_shares(cube, catalog, scheme, [*units, "yz0105"], MONTHS[-1])
    assert shares["d_qa_pass_rate"] == 0.5
    assert shares["d_arrive_5min_rate"] == 0
    found = [f.where for f in lint_scheme(scheme, catalog, small_shares=shares)]
    assert found == ["d_qa_pass_rate"]


def test_the_year_is_the_mean_of_at_least_three_rated_quarters() -> None:
    catalog = load_catalog()
    scheme = catalog.schemes["station_prevention_first"]
    quarters = [
        pl.DataFrame({"unit": ["a", "b"], "score": scores}, schema={"unit": str, "score": float})
        for scores in ([80, 70], [90, None], [85, None], [None, 75])
    ]
    found = annual_scores(scheme, quarters).rows()
    assert found == [("a", 3, pytest.approx(85)), ("b", 2, None)]
    county = catalog.schemes["county_monthly_operation"]
    assert annual_scores(county, quarters).is_empty()
