"""Do funnels come out as another program draws them, less its two wrong limits?"""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from metrics.funnel_limits import FUNNEL_POINTS, Funnel, funnel_points

REFERENCE = Path(__file__).parent / "reference"
SUMMARY = pl.read_csv(REFERENCE / "funnel_summary.csv")
EXPECTED = pl.read_csv(REFERENCE / "funnel_points.csv", schema=FUNNEL_POINTS)
CORRECTED = pl.read_csv(REFERENCE / "corrected_limits.csv")


def drawn(config: str, *, corrected: bool = False):
    row = SUMMARY.row(by_predicate=pl.col("config") == config, named=True)
    groups = pl.read_csv(REFERENCE / f"input_{row['dataset']}.csv")
    funnel = Funnel(
        row["data_type"],
        row["sr_method"] or "SHMI",
        row["overdispersion"],
        row["trim_by"],
        str(row["limit"]),
        float(row["multiplier"]),
        corrected,
    )
    return row, *funnel_points(groups, funnel, row["dataset"])


@pytest.mark.parametrize("config", SUMMARY["config"].to_list())
def test_the_spread_and_who_is_outside_are_as_published(config: str) -> None:
    row, found, spread = drawn(config)
    assert found["config"][0] == config
    assert spread.target == pytest.approx(row["target"], rel=1e-9)
    assert spread.phi == pytest.approx(row["phi"], rel=1e-9)
    assert spread.tau2 == pytest.approx(row["tau2"], rel=1e-9)
    outside = found.filter(outlier=1)["group"].to_list()
    assert ";".join(outside) == (row["outliers"] or "")


@pytest.mark.parametrize("config", EXPECTED["config"].unique(maintain_order=True).to_list())
def test_every_group_is_as_published(config: str) -> None:
    _, found, _ = drawn(config)
    expected = EXPECTED.filter(pl.col("config") == config)
    for name, kind in FUNNEL_POINTS.items():
        mine, theirs = found[name], expected[name]
        assert (mine.is_null() == theirs.is_null()).all(), name
        if kind == pl.Float64:
            mine, theirs = mine.drop_nulls().to_numpy(), theirs.drop_nulls().to_numpy()
            assert mine == pytest.approx(theirs, rel=1e-9), name
        else:
            assert mine.to_list() == theirs.to_list(), name


@pytest.mark.parametrize("config", CORRECTED["config"].unique(maintain_order=True).to_list())
def test_corrected_limits_are_on_the_scale_that_is_compared(config: str) -> None:
    _, found, _ = drawn(config, corrected=True)
    expected = CORRECTED.filter(pl.col("config") == config)
    for mine, theirs in (("OD99LCL", "lcl998"), ("OD99UCL", "ucl998"), ("rr", "ratio")):
        assert found[mine].to_numpy() == pytest.approx(expected[theirs].to_numpy(), rel=1e-9)
    assert found["outlier"].to_list() == expected["outlier"].to_list()


def test_a_corrected_rate_of_chance_alone_calls_almost_nobody_outside() -> None:
    """Sixty stations with one rate per population: plain limits must hold nearly all of them."""
    import numpy as np

    rng = np.random.default_rng(7)
    people = rng.integers(5_000, 90_000, 60)
    cases = rng.poisson(people * 0.002)
    groups = pl.DataFrame({"group": [str(n) for n in range(60)], "numerator": cases,
                           "denominator": people})  # fmt: skip
    funnel = Funnel("RC", corrected=True)
    assert funnel_points(groups, funnel)[0]["outlier"].sum() <= 1
    assert funnel_points(groups, replace(funnel, corrected=False))[0]["outlier"].sum() > 30


def test_without_more_spread_than_chance_the_plain_limits_judge() -> None:
    groups = pl.DataFrame({"group": list("abcd"), "numerator": [10, 11, 10, 9],
                           "denominator": [100, 100, 100, 100]})  # fmt: skip
    found, spread = funnel_points(groups, Funnel("PR", adjusted=True))
    assert spread.phi < 1
    assert spread.tau2 == 0
    assert found["OD99LCL"].to_list() == found["LCL99"].to_list()
