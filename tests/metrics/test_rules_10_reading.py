"""Rule 10: a change is read against the series' own history before it is called one."""

import pytest

from metrics.chance import two_counts, two_shares
from metrics.series import read_series, series_points, special_causes
from metrics.words import chance_words, headline_words, reading_words, signal_words
from tests.metrics.small import STATIONS, catalog, change, cube, m, months

WAVE = (3, -3, 1, -1, 2, -2)


def history(middle: float, last: list[float], measure: str = "calls_theft") -> dict:
    """Return a series that sways about its middle and ends with given months, October 2024 last."""
    periods = months("2022-01", "2024-10")
    values = [middle + WAVE[n % 6] for n in range(len(periods))]
    values[len(values) - len(last) :] = last
    return {measure: {"a1": {f"{p:%Y-%m}": v for p, v in zip(periods, values, strict=True)}}}


def read(table: dict, indicator: str = "calls_theft") -> dict:
    """Return how the series stands in October 2024."""
    return read_series(cube(table), [indicator], ["a1"], m("2024-10")).row(0, named=True)


def test_the_usual_range_is_that_of_the_years_before():
    # March to December of 2022 and of 2023: 100 + (1, −1, 2, −2, 3, −3, 1, −1, 2, −2); moving
    # ranges 2 3 4 5 6 4 2 3 4, mean 33/9. The festival moves January and February: they set none.
    row = read(history(100, [101.0]))
    assert row["mean"] == 100
    assert row["upper"] == pytest.approx(100 + 2.66 * 33 / 9)
    assert row["lower"] == pytest.approx(100 - 2.66 * 33 / 9)
    assert (row["reading"], row["signal"]) == ("not_significant", "none")


def test_a_point_outside_the_limits():
    row = read(history(100, [130.0]))
    assert (row["reading"], row["signal"], row["side"]) == ("worse", "outside", 1)
    assert signal_words(row, "zh") == "高于控制上限"
    row = read(history(100, [70.0]))
    assert (row["reading"], row["signal"], row["side"]) == ("better", "outside", -1)
    assert signal_words(row, "en") == "Below the lower limit"


def test_seven_months_on_one_side_are_a_shift_and_six_are_not():
    low = [98.0, 99.0, 98.0, 99.0, 98.0, 99.0, 98.0]
    row = read(history(100, [101.0, *low]))
    assert (row["reading"], row["signal"], row["run"]) == ("better", "shift", 7)
    assert signal_words(row, "zh") == "连续 7 个月低于均值"
    assert read(history(100, [101.0, *low[1:]]))["reading"] == "not_significant"


def test_seven_rising_months_are_a_trend():
    row = read(history(100, [97.0, 98.0, 99.0, 100.5, 101.0, 102.0, 103.0]))
    assert (row["signal"], row["side"], row["reading"]) == ("trend", 1, "worse")
    assert signal_words(row, "zh") == "连续 7 个月上升"


def test_two_of_three_near_a_limit():
    # two thirds of the way to the limit: 100 + 6.93
    row = read(history(100, [99.0, 108.0, 102.0, 108.0]))
    assert (row["signal"], row["reading"]) == ("two_of_three", "worse")
    assert signal_words(row, "zh") == "3 个月中 2 个接近上限"


def test_neutral_indicators_go_up_or_down():
    row = read(history(100, [130.0], "crim_recorded"), "crim_recorded")
    assert row["reading"] == "up"
    assert reading_words(row["reading"], "zh") == "明显上升"


def test_less_than_twelve_months_is_short_history():
    periods = months("2024-01", "2024-10")
    table = {"calls_theft": {"a1": {f"{p:%Y-%m}": 100.0 + n % 3 for n, p in enumerate(periods)}}}
    assert read(table)["reading"] == "short_history"
    assert reading_words("short_history", "zh") == "历史不足"


def test_with_no_full_year_before_the_last_months_serve():
    periods = months("2023-06", "2024-10")
    table = {
        "calls_theft": {"a1": {f"{p:%Y-%m}": 100.0 + WAVE[n % 6] for n, p in enumerate(periods)}}
    }
    row = read(table)
    assert row["reading"] == "not_significant"
    told = [100 + WAVE[n % 6] for n in range(17) if n not in (7, 8)]  # not January and February
    assert row["mean"] == pytest.approx(sum(told) / 15)


def test_small_counts_are_read_by_the_exact_test():
    # Given 3 + 12 = 15 cases, 3 or fewer or 12 or more: 2·(1+15+105+455)/2^15 = 0.0352.
    assert two_counts(12, 3) == pytest.approx(2 * 576 / 2**15)
    table = history(4, [12.0])
    table["calls_theft"]["a1"]["2023-10"] = 3
    row = change(table, "calls_theft", "a1", "2024-10")
    assert (row["note"], row["reading"]) == ("small_base", "worse")
    assert (row["lower"], row["upper"]) == (0, 11)  # 3 against 11: p = 0.0574
    table["calls_theft"]["a1"]["2024-10"] = 11
    assert change(table, "calls_theft", "a1", "2024-10")["reading"] == "not_significant"


def test_a_longer_window_of_small_counts_is_read_by_the_exact_test():
    table = {"calls_theft": {"a1": {f"{p:%Y-%m}": 1.0 for p in months("2022-01", "2024-10")}}}
    assert change(table, "calls_theft", "a1", "2024-10", "ytd")["reading"] == "not_significant"
    for month in ("2024-04", "2024-05", "2024-06"):
        table["calls_theft"]["a1"][month] = 6.0
    row = change(table, "calls_theft", "a1", "2024-10", "ytd")
    # 25 against 10: p = 0.0167, and more than the monthly variation explains
    assert (row["compared_value"], row["base_value"], row["reading"]) == (25, 10, "worse")


def test_a_longer_window_must_move_more_than_the_months_do():
    periods = months("2022-01", "2024-10")
    rough = [150.0 if n % 2 else 50.0 for n in range(len(periods))]
    table = {"calls_theft": {"a1": {f"{p:%Y-%m}": v for p, v in zip(periods, rough, strict=True)}}}
    table["calls_theft"]["a1"]["2024-10"] = 250.0
    row = change(table, "calls_theft", "a1", "2024-10", "quarter")
    assert (row["compared_value"], row["base_value"]) == (250, 150)
    assert two_counts(250, 150) < 0.001
    assert row["reading"] == "not_significant"


def test_shares_of_few_are_read_by_the_exact_test_of_two_shares():
    assert two_shares(1, 10, 8, 10) == pytest.approx(0.0054775, abs=1e-6)
    table = {
        "calls_arrived_5min": {"a1": {"2023-10": 8, "2024-10": 1}},
        "calls_dispatch_urgent": {"a1": {"2023-10": 20, "2024-10": 20}},
    }
    assert change(table, "d_arrive_5min_rate", "a1", "2024-10")["reading"] == "worse"
    table["calls_arrived_5min"]["a1"]["2024-10"] = 7
    assert change(table, "d_arrive_5min_rate", "a1", "2024-10")["reading"] == "not_significant"


def test_a_share_is_read_against_its_target():
    def against(online: int) -> str:
        table = {"svc_online": {"a1": {"2024-10": online}}, "svc_handled": {"a1": {"2024-10": 200}}}
        return change(table, "d_online_share", "a1", "2024-10", "month", "target")["reading"]

    assert [against(n) for n in (90, 118, 150)] == ["worse", "not_significant", "better"]


def waves(then: float, now: float) -> dict:
    """Return a health score of 50 people with a deviation of 10 in two waves."""
    both = {"2023-09": 50.0, "2024-09": 50.0}
    return {
        "wb_responded": {"a1": both},
        "wb_health_score": {"a1": {"2023-09": then, "2024-09": now}},
        "wb_health_sd": {"a1": {"2023-09": 10.0, "2024-09": 10.0}},
    }


def test_scores_of_two_waves_are_read_by_their_standard_errors():
    # the standard error of the difference is 10·√(2/50) = 2, so 3.92 points are needed
    row = change(waves(70.0, 66.0), "wb_health_score", "a1", "2024-09", "wave")
    assert row["reading"] == "worse"
    assert (row["lower"], row["upper"]) == (
        pytest.approx(66.08, abs=1e-3),
        pytest.approx(73.92, abs=1e-3),
    )
    row = change(waves(70.0, 66.1), "wb_health_score", "a1", "2024-09", "wave")
    assert row["reading"] == "not_significant"


def test_a_partial_month_is_read_against_the_leaves_it_has():
    # Each of four leaves has 100 thefts a month; in October three of them have filed.
    table = {"calls_theft": {}}
    for unit in ("a1", "a2", "a3", "a-own"):
        table["calls_theft"][unit] = dict(history(100, [101.0])["calls_theft"]["a1"])
    del table["calls_theft"]["a2"]["2024-10"]
    row = read_series(cube(table), ["calls_theft"], ["a"], m("2024-10")).row(0, named=True)
    assert (row["value"], row["mean"], row["reading"]) == (303, 300, "not_significant")


def test_what_really_changed_is_sorted_by_chance():
    table = {"calls_theft": {}}
    for unit, last in zip(STATIONS, (101.0, 112.0, 160.0, 60.0, 100.0), strict=True):
        table["calls_theft"][unit] = history(100, [last])["calls_theft"]["a1"]
    series = read_series(cube(table), ["calls_theft"], STATIONS, m("2024-10"))
    assert special_causes(series)["unit"].to_list() == ["a3", "b1", "a2"]
    chances = special_causes(series)["chance"].to_list()
    assert chances == sorted(chances)
    assert chances[-1] < 0.05


def test_january_is_not_read():
    series = read_series(cube(history(100, [130.0])), ["calls_theft"], ["a1"], m("2024-01"))
    assert series["reading"].to_list() == ["none"]


def test_the_points_of_a_chart():
    frame = series_points(cube(history(100, [70.0])), "calls_theft", "a1", m("2024-10"), 24)
    assert frame["period"].to_list() == months("2022-11", "2024-10")
    assert frame["centre"].unique().to_list() == [100.0]
    assert frame["reading"].to_list() == ["not_significant"] * 23 + ["better"]
    assert frame["value"].to_list()[-1] == 70


def test_a_break_stands_apart_in_a_chart_and_out_of_the_limits():
    import polars as pl

    from metrics.cube import build_cube
    from tests.metrics.small import facts

    old = facts(history(200, [200.0])).filter(pl.col("period") < m("2023-01"))
    new = facts(history(100, [101.0]), definition=2).filter(pl.col("period") >= m("2023-01"))
    held = build_cube(old.vstack(new), catalog())
    frame = series_points(held, "calls_theft", "a1", m("2024-10"), 24)
    assert frame["phase"].to_list() == ["v1"] * 2 + ["v2"] * 22
    assert frame["centre"].to_list() == [None] * 2 + [100.0] * 22


def test_the_headline_is_written_from_the_readings():
    readings = ["better"] * 3 + ["worse", "up"] + ["not_significant"] * 3
    assert headline_words(readings, "10月", "zh") == (
        "10月 8 项要情指标：3 项明显改善，1 项明显恶化，1 项中性指标高于常态，其余 3 项变化不显著。"
    )
    assert headline_words(readings, "October", "en") == (
        "Of 8 headline indicators in October, 3 improved, 1 got worse, "
        "1 (neutral) above their usual level, the other 3 did not really change."
    )


def test_chances_in_words():
    assert [chance_words(p, "zh") for p in (0.00004, 0.0002, 0.0341, None)] == [
        "< 0.01%", "0.02%", "3.41%", "—",
    ]  # fmt: skip


FREE = (3, -3, 1, -1, 2, -2, 0)  # seven months: no season


def leveled(levels: dict[int, float], last: str = "2024-10") -> dict:
    """Return thefts of a1 that sway about a level of each year."""
    periods = months(f"{min(levels)}-01", last)
    values = {f"{p:%Y-%m}": levels[p.year] + FREE[n % 7] for n, p in enumerate(periods)}
    return {"calls_theft": {"a1": values}}


@pytest.mark.parametrize(
    ("levels", "first", "points"),
    [
        ({2020: 100, 2021: 100, 2022: 100, 2023: 100, 2024: 100}, "2021-01", 30),
        ({2020: 100, 2021: 130, 2022: 100, 2023: 100, 2024: 100}, "2022-01", 20),
        ({2020: 100, 2021: 100, 2022: 130, 2023: 100, 2024: 100}, "2023-01", 10),
        ({2022: 100, 2023: 100, 2024: 100}, "2022-01", 20),
        ({2023: 100, 2024: 100}, "2023-01", 10),
    ],
)
def test_years_join_the_base_as_long_as_their_level_is_the_same(levels, first, points):
    row = read(leveled(levels))
    assert (row["base_from"], row["base_to"]) == (m(first), m("2023-12"))
    assert row["base_points"] == points
    assert row["mean"] == pytest.approx(100, abs=0.5)


def test_a_missing_month_ends_no_run_and_moves_no_limit():
    low = [98.0, 99.0, 98.0, 99.0, 98.0, 99.0, 98.0]
    table = history(100, [98.0, *low])
    del table["calls_theft"]["a1"]["2024-06"]  # one of eight low months
    row = read(table)
    # January and February are no points: before March comes December 2023, at 98
    assert (row["reading"], row["signal"], row["run"]) == ("better", "shift", 8)
    # Without August 2023 (97 between 103 and 101) the ranges 6 and 4 are gone: 56/16.
    table = history(100, [101.0])
    del table["calls_theft"]["a1"]["2023-08"]
    row = read(table)
    assert (row["base_points"], row["base_from"]) == (19, m("2022-01"))
    assert row["upper"] == pytest.approx(100 + 3 / 19 + 2.66 * 56 / 16)


def test_a_series_that_never_moved_is_told_when_it_does():
    periods = months("2022-01", "2024-10")
    still = {f"{p:%Y-%m}": 40.0 for p in periods}
    row = read({"calls_theft": {"a1": dict(still)}})
    assert (row["reading"], row["lower"], row["upper"]) == ("not_significant", 40, 40)
    row = read({"calls_theft": {"a1": still | {"2024-10": 41.0}}})
    assert (row["reading"], row["signal"], row["side"]) == ("worse", "outside", 1)


def test_a_share_that_never_moved_is_not_told_by_a_last_digit():
    # 7 of 21 and 11 of 33 are one share, whatever the last binary digit of the quotient says.
    table = {"calls_arrived_5min": {"a1": {}}, "calls_dispatch_urgent": {"a1": {}}}
    for n, period in enumerate(months("2022-01", "2024-10")):
        scale = 11 + n % 5
        table["calls_arrived_5min"]["a1"][f"{period:%Y-%m}"] = 7.0 * scale
        table["calls_dispatch_urgent"]["a1"][f"{period:%Y-%m}"] = 21.0 * scale
    row = read(table, "d_arrive_5min_rate")
    assert (row["reading"], row["signal"]) == ("not_significant", "none")


def test_a_stock_is_read_by_its_month_in_any_window():
    stock = "crim_open_end"
    periods = months("2022-01", "2024-10")
    values = {f"{p:%Y-%m}": 500.0 + WAVE[n % 6] for n, p in enumerate(periods)}
    held = cube({stock: {"a1": values | {"2024-10": 560.0}}})
    for window in ("month", "ytd"):
        row = read_series(held, [stock], ["a1"], m("2024-10"), window).row(0, named=True)
        assert (row["signal"], row["side"]) == ("outside", 1)
