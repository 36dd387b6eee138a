"""Do control charts come out as another program draws them, and gaps as they should?"""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.spc import SPC_POINTS, Chart, chart_points, spc_points, spc_series
from verbs.analyse_read import read_charts, read_points

REFERENCE = Path(__file__).parent / "reference"
POINTS = REFERENCE / "spc_points.csv"
EXPECTED = pl.read_csv(POINTS, schema=SPC_POINTS, null_values=[""])
NAMES = EXPECTED["series"].unique(maintain_order=True).to_list()
READ = read_points(str(POINTS))
CHARTS, _ = read_charts(str(REFERENCE / "spc_series.csv"), READ)
FOUND = spc_points(READ, CHARTS)
CONSTANT = "constant_series"


@pytest.mark.parametrize("series", [name for name in NAMES if name != CONSTANT])
def test_every_point_is_as_published(series: str) -> None:
    found, expected = (f.filter(pl.col("series") == series) for f in (FOUND, EXPECTED))
    for name, kind in SPC_POINTS.items():
        mine, theirs = found[name], expected[name]
        assert (mine.is_null() == theirs.is_null()).all(), name
        if kind == pl.Float64:
            assert mine.drop_nulls().to_numpy() == pytest.approx(
                theirs.drop_nulls().to_numpy(), rel=1e-9
            ), name
        else:
            assert mine.to_list() == theirs.to_list(), name


def test_every_series_is_read_as_published() -> None:
    expected = pl.read_csv(REFERENCE / "spc_series.csv")
    readings = spc_series(FOUND, CHARTS)
    for name in ("series", "n", "last_point_type", "variation_icon", "assurance_type",
                 "assurance_icon", "n_special"):  # fmt: skip
        assert readings[name].to_list() == expected[name].to_list(), name


def test_equal_values_have_limits_and_the_first_other_value_is_seen() -> None:
    rows = chart_points(CONSTANT, [str(n) for n in range(15)], [10.0] * 14 + [11.0],
                        Chart("decrease", fix_after=14))  # fmt: skip
    assert {(row["lpl"], row["mean"], row["upl"]) for row in rows} == {(10.0, 10.0, 10.0)}
    assert [row["point_type"] for row in rows] == ["common_cause"] * 14 + ["special_cause_concern"]


def test_a_missing_month_ends_no_run_and_makes_no_break() -> None:
    x = [f"2024-{month:02}" for month in range(1, 13)]
    y = [5.0, 6.0, 4.0, 5.0, None, 9.0, 8.0, 9.0, None, 9.0, 8.0, 9.0]
    rows = chart_points("a", x, y, Chart("increase"))
    without = chart_points("a", [a for a, b in zip(x, y, strict=True) if b is not None],
                           [b for b in y if b is not None], Chart("increase"))  # fmt: skip
    assert [row for row in rows if row["y"] is not None] == without
    blank = rows[4]
    assert (blank["mean"], blank["special_cause_flag"], blank["point_type"]) == (None, None, None)


def test_a_stretch_is_judged_by_its_own_limits_and_runs_end_with_it() -> None:
    y = [10.0, 12.0, 11.0, 10.0, 30.0, 32.0, 31.0, 30.0]
    rows = chart_points("a", list("12345678"), y, Chart(rebase=("5",)))
    assert [row["rebase_group"] for row in rows] == [0] * 4 + [1] * 4
    # 2, 1 and 1: mean 4/3, times 2.66
    assert rows[0]["mean"] == pytest.approx(10.75)
    assert rows[7]["upl"] == pytest.approx(30.75 + 2.66 * 4 / 3)
    assert rows[4]["mr"] is None
    assert not any(row["special_cause_flag"] for row in rows)


def test_numbers_are_rebased_as_numbers() -> None:
    rows = chart_points("a", ["8", "9", "10", "11"], [1.0, 2.0, 3.0, 4.0], Chart(rebase=("10",)))
    assert [row["rebase_group"] for row in rows] == [0, 0, 1, 1]


@settings(deadline=None)
@given(
    st.lists(st.one_of(st.none(), st.integers(-50, 50)), min_size=1, max_size=40),
    st.sampled_from(["increase", "decrease", "neutral"]),
)
def test_turned_upside_down_the_sides_change_and_nothing_else(values: list, way: str) -> None:
    x = [f"{place:03}" for place in range(len(values))]
    up = [None if value is None else float(value) for value in values]
    one = chart_points("a", x, up, Chart(way))
    two = chart_points("a", x, [None if v is None else -v for v in up], Chart(way))
    for row, mirror in zip(one, two, strict=True):
        assert row["outside_limits"] == mirror["outside_limits"]
        assert row["special_cause_flag"] == mirror["special_cause_flag"]
        if row["upl"] is not None:
            assert np.isclose(row["upl"], -mirror["lpl"])
