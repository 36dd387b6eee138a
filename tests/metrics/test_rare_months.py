"""Is a chart of few cases drawn with the limits of chance, each month by its days?"""

import pytest

from metrics.rare_chance import count_tails
from metrics.series import read_series, series_points
from tests.metrics.small import catalog, cube, m, months
from tests.metrics.test_rare import one

CATALOG = catalog(festival=False)


def filed(values: list[float | None]) -> dict:
    periods = months("2021-01", "2024-10")[-len(values) :]
    return {"calls_theft": {"a1": {f"{p:%Y-%m}": v for p, v in zip(periods, values, strict=True)}}}


def test_a_quiet_time_is_marked_in_the_months_in_which_it_was_long_enough() -> None:
    values = [2.0, 1.0, 3.0, 2.0, 1.0, 3.0] * 6 + [0.0] * 10
    held = cube(filed(values), CATALOG)
    points = series_points(held, "calls_theft", "a1", m("2024-10"), 24)
    assert points["few"].all()
    marked = points.filter(pl_signal(points))
    # 72 cases in three years: about 2 · (36 / 39)⁷² = 0.006 after 3 months, 0.001 after 4
    assert marked["period"].to_list() == months("2024-04", "2024-10")
    assert set(marked["signal"]) == {"together"}
    assert set(marked["reading"]) == {"better"}
    row = read_series(held, ["calls_theft"], ["a1"], m("2024-10")).row(0, named=True)
    assert (row["signal"], row["reading"], row["run"]) == ("together", "better", 10)


def pl_signal(points):
    return points["signal"] != "none"


def test_limits_follow_the_days_and_are_whole_cases() -> None:
    values = [3.0, 2.0, 4.0, 1.0, 5.0] * 9
    points = series_points(cube(filed(values), CATALOG), "calls_theft", "a1", m("2024-09"), 12)
    assert (points["lower"] == 0).all()
    assert all(upper == int(upper) for upper in points["upper"])
    february, march = (points.filter(period=m(f"2024-{n:02}"))["centre"][0] for n in (2, 3))
    assert february / march == pytest.approx(29 / 31, rel=0.03)
    assert not pl_signal(points).any()


def test_a_month_over_its_exact_limit_is_outside() -> None:
    values = [1.0, 0.0, 1.0] * 15
    held = filed([*values[:-1], 7.0])
    last = series_points(cube(held, CATALOG), "calls_theft", "a1", m("2024-10"), 24).row(
        -1, named=True
    )
    assert (last["signal"], last["reading"]) == ("outside", "worse")
    assert last["value"] > last["upper"]
    # October of 31 days against the 36 months before, of 1,096 days: 24 cases in all
    tails = [
        count_tails(*one(y, 31, 24, 1096, 1))[1][0] for y in (last["upper"], last["upper"] + 1)
    ]
    assert tails[0] > 0.00135 > tails[1]


def test_shares_of_few_have_limits_in_per_cent() -> None:
    periods = [f"{p:%Y-%m}" for p in months("2021-11", "2024-10")]
    table = {
        "calls_arrived_5min": {"a1": dict(zip(periods, [7.0, 8.0] * 17 + [1.0, 2.0], strict=True))},
        "calls_dispatch_urgent": {"a1": dict.fromkeys(periods, 8.0)},
    }
    points = series_points(cube(table, CATALOG), "d_arrive_5min_rate", "a1", m("2024-10"), 12)
    last = points.row(-1, named=True)
    assert last["few"]
    assert last["upper"] == 100
    assert (last["value"], last["reading"]) == (25, "worse")
    assert last["lower"] in [12.5 * n for n in range(9)]


def test_large_series_keep_their_control_chart() -> None:
    points = series_points(
        cube(filed([90.0, 100.0, 110.0, 95.0, 105.0] * 9), CATALOG),
        "calls_theft",
        "a1",
        m("2024-10"),
        12,
    )
    assert not points["few"].any()
    assert points["centre"].n_unique() == 1


def test_a_month_without_a_case_to_be_a_share_of_is_no_point() -> None:
    periods = [f"{p:%Y-%m}" for p in months("2021-11", "2024-10")]
    table = {
        "calls_arrived_5min": {"a1": dict.fromkeys(periods, 7.0) | {"2024-05": 0.0}},
        "calls_dispatch_urgent": {"a1": dict.fromkeys(periods, 8.0) | {"2024-05": 0.0}},
    }
    held = cube(table, CATALOG)
    points = series_points(held, "d_arrive_5min_rate", "a1", m("2024-10"), 12)
    may = points.filter(period=m("2024-05")).row(0, named=True)
    assert (may["value"], may["upper"], may["signal"]) == (None, None, "none")
    assert points["signal"][-1] == "none"
    assert read_series(held, ["d_arrive_5min_rate"], ["a1"], m("2024-05")).height == 1
