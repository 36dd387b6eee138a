"""Is each question asked of what it is about, with the numbers that one works out by hand?"""

import datetime as dt
from math import comb, exp, factorial, sqrt

import numpy as np
import polars as pl
import pytest

from metrics.integrity_alike import alike_tests
from metrics.integrity_balance import balance_tests
from metrics.integrity_chance import at_least, counts_at_least, odds_at_least, spread_at_most
from metrics.integrity_digits import heaping_tests
from metrics.integrity_ends import surge_tests, turn_tests
from metrics.integrity_repeats import copied_month_tests, copied_series_tests
from metrics.integrity_revisions import revision_tests
from metrics.integrity_smooth import smooth_tests
from metrics.integrity_targets import bunching_tests
from metrics.integrity_words import base_rate, seen
from tests.metrics.question_block import STATIONS, block_of, counts, question

PLAIN = ("calls_help", "calls_traffic", "calls_dispute", "calls_public_order", "calls_other")


def only(rows: pl.DataFrame, **where: str) -> dict:
    """Return the one row that is asked for."""
    found = rows.filter(*(pl.col(name) == value for name, value in where.items()))
    assert found.height == 1, found
    return found.row(0, named=True)


def within(hits: float, n: float) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson 1927)."""
    square = 1.959964**2
    half = sqrt(square * (hits * (n - hits) / n + square / 4))
    middle = hits + square / 2
    return (middle - half) / (n + square), (middle + half) / (n + square)


def test_the_tails_are_those_of_the_books() -> None:
    binomial = sum(comb(12, k) * 0.2**k * 0.8 ** (12 - k) for k in range(8, 13))
    assert at_least(12, 0.2, 8) == pytest.approx(binomial)
    assert counts_at_least(np.full(12, 0.2), np.array(8)) == pytest.approx(binomial)
    # Fisher's tea: all four cups of eight told apart.
    assert odds_at_least(4, 4, 0, 4) == pytest.approx(1 / 70)
    # With odds of two: C(4,4)C(4,0)2^4 over the sum of C(4,k)C(4,4-k)2^k.
    total = sum(comb(4, k) * comb(4, 4 - k) * 2**k for k in range(5))
    assert odds_at_least(4, 4, 0, 4, 2.0) == pytest.approx(16 / total)
    # Four degrees of freedom: 1 - exp(-x/2)(1 + x/2).
    assert spread_at_most(3.0, 4) == pytest.approx(1 - exp(-1.5) * 2.5)


def test_round_figures_are_counted_over_all_measures_of_a_unit() -> None:
    rounded = [60.0, 85, 70, 95, 65, 90, 75, 60, 95, 70, 85, 63]
    plain = [61.0, 83, 72, 94, 66, 91, 77, 63, 98, 69, 81, 64]
    block = block_of(
        {("calls_help", "a1"): rounded, ("calls_traffic", "a1"): plain}
        | {("calls_help", unit): plain for unit in STATIONS[1:]}
    )
    found = heaping_tests(block, question("heaping"))
    row = only(found, unit="a1", measure="all")
    assert (row["n"], row["hits"]) == (24, 11)
    assert (row["observed"], row["expected"], row["base"]) == (11 / 24, 0.2, 0.0)
    chance = sum(comb(24, k) * 0.2**k * 0.8 ** (24 - k) for k in range(11, 25))
    assert row["p"] == pytest.approx(3 * chance)
    assert (row["first"], row["last"]) == (dt.date(2024, 1, 1), dt.date(2024, 12, 1))
    assert only(found, unit="a", measure="all")["n"] == 24 + 2 * 12
    assert only(found, unit="c", measure="calls_help")["n"] == 5 * 12


def test_small_or_steady_counts_have_no_last_digit_to_speak_of() -> None:
    block = block_of({("calls_help", "a1"): [5.0, 10] * 12, ("calls_traffic", "a1"): [60.0] * 24})
    assert heaping_tests(block, question("heaping", least=1)).is_empty()


def test_a_planned_number_that_stands_still_is_one_round_figure() -> None:
    # Two numbers by plan, each raised once: four figures, however many months they stand.
    planned = {("calls_help", "a1"): [60.0] * 30 + [85.0] * 6}
    planned["calls_traffic", "a1"] = [40.0] * 28 + [70.0] * 8
    found = heaping_tests(block_of(planned), question("heaping", least=1))
    row = only(found, unit="a1", measure="all")
    assert (row["n"], row["hits"]) == (4, 4)
    assert row["p"] == pytest.approx(min(3 * 0.2**4, 3 * 0.1**2))


def test_a_month_like_the_one_before_is_asked_of_its_form() -> None:
    series = {
        (code, unit): counts(10 * at + place, 25.0, 36)
        for at, code in enumerate(PLAIN)
        for place, unit in enumerate(STATIONS)
    }
    for code in PLAIN:
        series[code, "a2"][-1] = series[code, "a2"][-2]
        series[code, "b1"][-4] = series[code, "b1"][-16]
    found = copied_month_tests(block_of(series), question("copied_month")).sort("p")
    asked = found.head(2).sort("unit").rows(named=True)
    assert [(row["unit"], row["measure"], row["hits"], row["n"]) for row in asked] == [
        ("a2", "M01", 5.0, 5),
        ("b1", "M01", 5.0, 5),
    ]
    assert [row["parts"][0] for row in asked] == ["lag1", "lag12"]
    assert asked[0]["months"] == [dt.date(2024, 12, 1)]
    # No count is likelier than the likeliest at the lowest level: five of them, each under 0.11.
    assert asked[0]["p"] < 0.11**5
    assert found["p"][2] > 1e-3


def test_a_month_like_that_of_the_unit_beside_is_asked_of_both() -> None:
    odd, even = [21.0, 25, 23, 27] * 9, [22.0, 26, 24, 20] * 9
    series: dict = {}
    for at, code in enumerate(PLAIN):
        for unit, values in {"a1": odd, "a2": even, "a3": [v + 40 for v in even]}.items():
            series[code, unit] = [value + 10 * at for value in values]
        series[code, "a1"][-1] = series[code, "a2"][-1]
    series["calls_help", "b1"] = series["calls_help", "a1"]  # under another parent: not beside
    found = alike_tests(block_of(series), question("copied_unit"))
    row = only(found.filter(pl.col("p") < 1), unit="a1")
    assert (row["measure"], row["n"], row["hits"], row["parts"][0]) == ("M01", 5, 5.0, "unit:a2")
    assert row["months"] == [dt.date(2024, 12, 1)]
    # The likeliest count at the lower mean of the other 23 months, five times, of two compared.
    chance = 2.0
    for at in range(5):
        level = min(sum(odd[-24:-1]), sum(even[-24:-1])) / 23 + 10 * at
        chance *= exp(-level) * level ** int(level) / factorial(int(level))
    assert row["p"] == pytest.approx(chance)
    assert only(found.filter(pl.col("p") < 1), unit="a2")["parts"][0] == "unit:a1"


def test_two_units_of_one_month_alone_have_the_chance_of_their_pair() -> None:
    """Five cells are expected to agree in less than one: too few to say how often units agree."""
    series: dict = {}
    for at, code in enumerate(PLAIN):
        series[code, "b1"] = [20.0 + at] * 11 + [24.0 + at, 25.0 + at]
        series[code, "b2"] = [30.0 + at] * 11 + [34.0 + at, 25.0 + at]
    found = alike_tests(block_of(series), question("copied_unit", months=1))
    chance = 1.0
    for at in range(5):
        level = (11 * (20 + at) + 24 + at) / 12
        chance *= exp(-level) * level ** int(level) / factorial(int(level))
    assert found["unit"].to_list() == ["b1", "b2"]
    assert found["p"].to_list() == pytest.approx([chance] * 2)
    assert found["base"].to_list() == [None, None]  # there is no other pair


def test_figures_that_all_units_share_are_no_question_to_two() -> None:
    planned = {
        (code, unit): [20.0 + at, 30.0 - at] * 18
        for at, code in enumerate(PLAIN)
        for unit in STATIONS
    }
    found = alike_tests(block_of(planned), question("copied_unit"))
    assert found.is_empty() or found["p"].min() > 0.4


def test_a_figure_that_stays_is_asked_of_its_series() -> None:
    series = {("calls_help", unit): counts(at, 25.0, 24) for at, unit in enumerate(STATIONS)}
    series["calls_help", "b2"] = [25.0] * 10 + [27.0] * 9 + [22.0] * 5
    found = copied_series_tests(block_of(series), question("copied_series"))
    row = only(found, unit="b2")
    assert (row["n"], row["hits"], row["measure"]) == (23, 21.0, "calls_help")
    # The likeliest count of a level of 22 to 25.
    modes = [exp(-m) * m ** int(m) / factorial(int(m)) for m in (25.0, 22.0)]
    assert modes[0] < row["expected"] < 1.1 * modes[1] * 5  # raised to what the measure shows
    assert row["p"] < 1e-8
    assert (row["first"], row["last"]) == (dt.date(2023, 2, 1), dt.date(2024, 12, 1))
    low, high = within(21, 23)
    assert (row["effect"], row["lower"], row["upper"]) == pytest.approx(
        tuple(share - row["expected"] for share in (21 / 23, low, high))
    )
    assert found.filter(pl.col("unit") != "b2")["p"].min() > 0.01


def test_just_past_the_target_stands_against_just_short_of_it() -> None:
    # 60 % of 100: 60 and 61 reach it, 58 and 59 do not; the unit's own level is 0.6.
    served = [60.0, 61, 60, 60, 61, 60, 60, 61, 60, 60, 60, 55]
    plain = [58.0, 60, 59, 61, 63, 57, 59, 60, 58, 61, 62, 59]
    block = block_of(
        {("svc_online", "a1"): served, ("svc_online", "a2"): plain}
        | {("svc_handled", unit): [100.0] * 12 for unit in ("a1", "a2")}
    )
    found = bunching_tests(block, question("bunching"))
    row = only(found, unit="a1")
    assert (row["n"], row["hits"]) == (11, 11.0)
    rate = sum(served) / 1200
    weight = {k: comb(100, k) * rate**k * (1 - rate) ** (100 - k) for k in (58, 59, 60, 61)}
    above = max(0.5, (weight[60] + weight[61]) / sum(weight.values()))
    assert row["expected"] == pytest.approx(above)
    assert row["p"] == pytest.approx(above**11)
    assert row["base"] == 4 / 9
    assert only(found, unit="c", measure="d_online_share")["n"] == 20


def balance(parts: dict[str, tuple[float, float, float, float]]) -> dict:
    """Return series of twelve months before and three lately for criminal, order and disputes."""
    found = {}
    for unit, (falls0, rises0, falls1, rises1) in parts.items():
        found["calls_criminal", unit] = [falls0] * 12 + [falls1] * 3
        found["calls_public_order", unit] = [rises0] * 12 + [rises1] * 3
        found["calls_dispute", unit] = [10.0] * 15
    return found


def test_a_shift_is_read_beside_the_other_stations() -> None:
    usual = (40.0, 30.0, 40.0, 30.0)
    moved = {**dict.fromkeys(STATIONS, usual), "a3": (40.0, 30.0, 20.0, 50.0)}
    found = balance_tests(block_of(balance(moved)), question("shift_criminal"))
    row = only(found, unit="a3")
    mine = (60.5 / 180.5) / (480.5 / 480.5)
    assert row["observed"] == pytest.approx(mine)
    assert row["expected"] == pytest.approx((480.5 / 480.5) / (1920.5 / 1920.5), abs=1e-3)
    assert row["effect"] == pytest.approx(1 - mine, abs=1e-3)
    assert row["p"] < 1e-6
    assert found.filter(pl.col("unit") != "a3")["p"].min() > 0.05


def test_a_shift_everywhere_or_with_a_falling_total_is_no_question_to_one_unit() -> None:
    everywhere = dict.fromkeys(STATIONS, (40.0, 30.0, 20.0, 50.0))
    found = balance_tests(block_of(balance(everywhere)), question("shift_criminal"))
    assert found["p"].min() > 0.4
    fallen = {**dict.fromkeys(STATIONS, (40.0, 30.0, 40.0, 30.0)), "a3": (40.0, 30.0, 10.0, 30.0)}
    found = balance_tests(block_of(balance(fallen)), question("shift_criminal"))
    assert only(found, unit="a3")["p"] == 1.0


def test_a_quarter_end_stands_beside_the_other_stations() -> None:
    usual = {("calls_arrived_5min", unit): [20.0, 20, 20] * 8 for unit in STATIONS}
    usual["calls_arrived_5min", "b1"] = [10.0, 10, 40] * 8
    found = surge_tests(block_of(usual), question("quarter_end"))
    row = only(found, unit="b1")
    assert (row["n"], row["hits"], row["observed"]) == (480, 320.0, pytest.approx(4.0))
    assert (row["expected"], row["effect"]) == (pytest.approx(1.0), pytest.approx(3.0))
    # Against 4 × 480 others: the chance of 320 of 480 at a third, made wider by a quarter.
    assert row["p"] == pytest.approx(at_least(480 / 1.25, 1 / 3, 320 / 1.25), rel=1e-6)
    assert row["months"][-1] == dt.date(2024, 12, 1)
    assert len(row["months"]) == 8


def test_a_quarter_of_which_a_month_was_not_filed_is_left_out_whole() -> None:
    usual: dict = {("calls_arrived_5min", unit): [20.0, 20, 20] * 8 for unit in STATIONS}
    usual["calls_arrived_5min", "b1"] = [
        None,
        10.0,
        40.0,
        *[10.0, 10.0, 40.0] * 6,
        10.0,
        None,
        40.0,
    ]
    row = only(surge_tests(block_of(usual), question("quarter_end")), unit="b1")
    assert (row["n"], row["hits"]) == (6 * 60, 6 * 40.0)
    assert (row["first"], row["last"]) == (dt.date(2023, 4, 1), dt.date(2024, 9, 1))


def test_january_stands_beside_december_and_the_other_stations() -> None:
    plain = [30.0] * 36  # January 2022 to December 2024: two turns of the year
    held = [*plain]
    for december in (11, 23):
        held[december], held[december + 1] = 12.0, 48.0
    usual = {("calls_criminal", unit): [*plain] for unit in STATIONS}
    usual["calls_criminal", "b1"] = held
    found = turn_tests(block_of(usual), question("year_turn"))
    row = only(found, unit="b1")
    assert (row["n"], row["hits"], row["observed"]) == (120, 96.0, pytest.approx(4.0))
    assert (row["expected"], row["effect"]) == (pytest.approx(1.0), pytest.approx(3.0))
    # Against 4 × 120 others: 96 of 120 at a half, made wider by a quarter.
    assert row["p"] == pytest.approx(at_least(120 / 1.25, 1 / 2, 96 / 1.25), rel=1e-6)
    low, high = within(96 / 1.25, 120 / 1.25)
    assert row["lower"] == pytest.approx(low / (1 - low) - 1, rel=1e-6)
    assert row["upper"] == pytest.approx(high / (1 - high) - 1, rel=1e-6)
    assert row["months"] == [dt.date(2023, 1, 1), dt.date(2024, 1, 1)]
    assert (row["first"], row["last"]) == (dt.date(2022, 12, 1), dt.date(2024, 1, 1))
    assert found.filter(pl.col("unit") != "b1", pl.col("unit") != "b")["p"].min() > 0.5


def test_nobody_is_asked_for_what_one_large_unit_moves() -> None:
    plain = [30.0] * 36
    early = [*plain]
    for december in (11, 23):
        early[december], early[december + 1] = 400.0, 40.0
    usual = {("calls_criminal", unit): [*plain] for unit in STATIONS}
    usual["calls_criminal", "b1"] = early
    found = turn_tests(block_of(usual), question("year_turn"))
    row = only(found, unit="a1")
    # Beside all others together January is high: (3 × 60 + 80) of (3 × 120 + 880) are in January …
    share = 260 / 1240
    assert row["expected"] == pytest.approx(share / (1 - share))
    assert at_least(120, share, 60) < 1e-9
    # … beside those without b1 it is not: half of each.
    assert row["p"] > 0.4


def test_a_steady_count_is_asked_of_its_spread() -> None:
    series = {("calls_help", unit): counts(7 + at, 30.0) for at, unit in enumerate(STATIONS)}
    series["calls_help", "a1"] = [30.0, 31, 30] * 12
    row = only(smooth_tests(block_of(series), question("smooth")), unit="a1")
    # Sums of 91: the squares of (30, 31, 30) about their mean are 2/3, and half a step is 0.5513.
    square = 12 * 3 * (2 / 3 + 3**0.5 / np.pi) / 91
    usual = min(1.0, row["base"])
    assert row["observed"] == pytest.approx(square / 24)
    assert row["p"] == pytest.approx(spread_at_most(square / usual, 24))
    assert row["p"] < 1e-8


def test_a_steady_count_is_said_beside_what_is_usual_at_least() -> None:
    # The others vary by more than chance alone: against chance it is tested, and both are told.
    series = {
        ("calls_help", unit): [2 * count for count in counts(7 + at, 30.0)]
        for at, unit in enumerate(STATIONS)
    }
    series["calls_help", "a1"] = [60.0, 61, 60] * 12
    block = block_of(series)
    row = only(smooth_tests(block, question("smooth")), unit="a1")
    assert row["expected"] == 1.0 < row["base"]
    words = seen(block.catalog, row, "en")
    assert words.endswith("usually it is 1 times or more.")
    assert base_rate(block.catalog, row, "en").startswith("the unit in the middle: ")


def test_revisions_are_counted_by_act_and_by_what_is_good() -> None:
    def cell(unit: str, month: int, first: float, last: float | None, day: int) -> list[dict]:
        base = {
            "measure": "calls_criminal",
            "definition": 1,
            "unit": unit,
            "period": dt.date(2024, month, 1),
        }
        at = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
        found = [{**base, "value": first, "vintage": at}]
        if last is not None:
            later = dt.datetime(2025, 2, day, tzinfo=dt.UTC)
            found.append({**base, "value": last, "vintage": later})
        return found

    rows: list[dict] = []
    for month in range(1, 11):  # fewer criminal calls are good
        rows += cell("a1", month, 20, 18, month)
        rows += cell("b1", month, 20, 18 if month % 2 else 22, month)
    rows += cell("a1", 11, 20, 19, 1)  # the same act as that of January
    rows += cell("a1", 12, 20, None, 1)  # never revised
    block = block_of({("calls_criminal", unit): [20.0] * 12 for unit in STATIONS})
    found = revision_tests(block, question("revisions"), pl.DataFrame(rows))
    row = only(found, unit="a1")
    assert (row["n"], row["hits"], row["base"], row["expected"]) == (10, 10.0, 0.5, 0.5)
    assert row["p"] == pytest.approx(0.5**10)
    assert only(found, unit="b1")["expected"] == 0.99  # all others went one way
    assert only(found, unit="c")["n"] == 20
    assert revision_tests(block, question("revisions"), None).is_empty()


def test_blank_is_not_zero_and_a_missing_month_breaks_nothing() -> None:
    series = counts(3, 30.0)
    gaps = [value if at % 7 else None for at, value in enumerate(series)]
    values = {("calls_help", unit): gaps for unit in STATIONS}
    block = block_of(values)
    for make, code in (
        (heaping_tests, "heaping"),
        (copied_series_tests, "copied_series"),
        (smooth_tests, "smooth"),
        (surge_tests, "quarter_end"),
    ):
        found = make(block, question(code, least=4))
        assert found["p"].is_between(0, 1).all()
        assert found.filter(pl.col("p") < 0.001).is_empty()
