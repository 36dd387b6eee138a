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


def table(numerators: list[float], denominators: list[float]) -> pl.DataFrame:
    names = [f"g{place}" for place in range(len(numerators))]
    rows = {"group": names, "numerator": numerators, "denominator": denominators}
    return pl.DataFrame(rows, schema_overrides=dict.fromkeys(list(rows)[1:], pl.Float64))


def test_groups_on_a_quantile_are_marked_as_drawn_in() -> None:
    """Of eleven the tenth parts fall on the second group at each end; its score stays its own."""
    groups = table([float(n) for n in range(20, 75, 5)], [100.0] * 11)
    found, _ = funnel_points(groups, Funnel("PR", adjusted=True))
    assert found["winsorised"].to_list() == [1, 1, *[0] * 7, 1, 1]
    assert found["Wuzscore"][0] == pytest.approx(found["Uzscore"][1])
    assert found["Wuzscore"][1] == pytest.approx(found["Uzscore"][1])


def test_equal_groups_are_left_out_together_or_not_at_all() -> None:
    """Twenty ratios of 4 ÷ 2 have the mean rank 10.5, which is in the middle: none is left out."""
    found, spread = funnel_points(table([4.0] * 20, [2.0] * 20), Funnel("SR", adjusted=True))
    assert found["truncated"].sum() == 0
    assert spread.kept == 20
    # Of nine, the three lowest have the mean rank 2, and 2 · 10 ÷ 10 is within 1 to 8.
    numerators = [1.0, 1.0, 1.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]
    found, _ = funnel_points(table(numerators, [4.0] * 9), Funnel("SR", adjusted=True))
    assert found["truncated"].to_list() == [*[0] * 8, 1]  # rank 9 is no longer below 9


def test_expected_cases_are_rounded_as_the_peer_does() -> None:
    """Between two hundredths the nearer counts: 57.575 is held as a little more than it says."""
    found, _ = funnel_points(table([50.0, 9.0], [57.575, 100.335]), Funnel("SR"))
    assert found["denominator"].to_list() == [57.58, 100.33]
    assert found["rr"].to_list() == [50 / 57.575, 9 / 100.335]


def test_a_group_without_a_case_does_not_blow_up_the_spread_of_corrected_rates() -> None:
    # The peer's error of no case is the denominator's alone: z = −550 here, φ = 21,890 for 8.
    table = pl.DataFrame(
        {
            "group": list("ABCDE"),
            "numerator": [3, 12, 0, 7, 30],
            "denominator": [50_000, 60_000, 40_000, 55_000, 61_000],
        }
    )
    funnel = Funnel("RC", adjusted=True, limit="95", corrected=True)
    points, spread = funnel_points(table, funnel)
    # ln(0.5 ÷ 40,000.5) − ln(52 ÷ 266,000) = −2.750, over √(1 ÷ 0.5) = 1.414
    assert points["Uzscore"][2] == pytest.approx(-2.7499 / 2**0.5, rel=1e-3)
    assert 3 < spread.phi < 12
    low, high = points["OD95LCL"][2], points["OD95UCL"][2]
    assert 1e-5 < low < spread.target < high < 1e-2
    peer = funnel_points(table, replace(funnel, corrected=False))[0]
    assert peer["Uzscore"][2] < -500  # in the peer's form its digits are kept
