"""Rules 3 and 4: how changes are counted, and what is said of zero, small and missing bases."""

import pytest

from metrics.words import change_short, change_words, note_words
from tests.metrics.small import catalog, change, value

INDICATORS = catalog().indicators


def counts(before: float | None, now: float | None, measure: str = "calls_theft") -> dict:
    """Return a measure of one station in October of two years."""
    values = {"2023-10": before, "2024-10": now}
    return {measure: {"a1": {month: n for month, n in values.items() if n is not None}}}


def shares(before: tuple[int, int], now: tuple[int, int]) -> dict:
    """Return five-minute arrivals of urgent calls in October of two years."""
    return {
        "calls_arrived_5min": {"a1": {"2023-10": before[0], "2024-10": now[0]}},
        "calls_dispatch_urgent": {"a1": {"2023-10": before[1], "2024-10": now[1]}},
    }


def said(row: dict, lang: str = "zh") -> str:
    """Return the change in words."""
    return change_words(row, INDICATORS[row["indicator"]], lang)


def test_shares_change_in_percentage_points():
    row = change(shares((922, 1000), (938, 1000)), "d_arrive_5min_rate", "a1", "2024-10")
    assert row["change_kind"] == "pp"
    assert row["change"] == pytest.approx(1.6)
    assert said(row) == "同比上升 1.6 个百分点（上年同月 92.2%）"
    assert said(row, "en") == "up 1.6 pp on October 2023 (92.2%)"


def test_a_share_that_moves_less_than_is_shown_is_about_level():
    row = change(
        shares((65_510, 100_000), (65_505, 100_000)), "d_arrive_5min_rate", "a1", "2024-10"
    )
    assert said(row) == "同比基本持平（下降 0.0 个百分点，上年同月 65.5%）"


def test_scores_change_in_points():
    table = {
        "wb_responded": {"a1": {"2023-09": 50, "2024-09": 50}},
        "wb_health_score": {"a1": {"2023-09": 70.0, "2024-09": 68.5}},
    }
    row = change(table, "wb_health_score", "a1", "2024-09", "wave")
    assert (row["change_kind"], row["change"]) == ("points", -1.5)
    assert said(row) == "同比下降 1.5 分（上年同期 70.0 分）"


@pytest.mark.parametrize("measure", ["calls_theft", "fraud_loss_amount", "com_hours_total"])
def test_counts_money_and_hours_change_in_percent(measure):
    row = change(counts(1000, 813, measure), measure, "a1", "2024-10")
    assert (row["change_kind"], row["change"]) == ("pct", -18.7)
    assert row["compared_value"] - row["base_value"] == -187  # the absolute change beside it


def test_rates_per_head_and_minutes_change_in_percent():
    table = {
        "response_minutes_sum": {"a1": {"2023-10": 500, "2024-10": 450}},
        "response_n": {"a1": {"2023-10": 100, "2024-10": 100}},
    }
    row = change(table, "d_response_avg", "a1", "2024-10")
    assert (row["change_kind"], row["change"]) == ("pct", -10.0)


def test_a_zero_base_has_no_percentage():
    row = change(counts(0, 3), "calls_theft", "a1", "2024-10")
    assert (row["note"], row["change_kind"], row["change"]) == ("zero_base", "abs", 3.0)
    assert said(row) == "上年同期为零，无可比基数，增加 3 起"
    assert change_short(row, INDICATORS["calls_theft"], "zh") == "无可比基数"


def test_two_zeros_are_level():
    row = change(counts(0, 0), "calls_theft", "a1", "2024-10")
    assert (row["note"], row["change"]) == ("both_zero", 0.0)
    assert said(row) == "持平（均为0）"


@pytest.mark.parametrize(
    ("before", "now", "words", "english"),
    [
        (3, 1, "由3起降至1起", "from 3 down to 1"),
        (3, 9, "由3起升至9起", "from 3 up to 9"),
        (9, 9, "持平（均为9起）", "level (both 9)"),
        (9, 0, "由9起降至0起", "from 9 down to 0"),
    ],
)
def test_a_small_base_shows_both_counts(before, now, words, english):
    row = change(counts(before, now), "calls_theft", "a1", "2024-10")
    assert (row["note"], row["change_kind"], row["change"]) == ("small_base", "abs", now - before)
    assert said(row) == words
    assert said(row, "en") == english


def test_the_minimum_base_is_the_indicators_own():
    assert change(counts(10, 8), "calls_theft", "a1", "2024-10")["change_kind"] == "pct"
    assert (
        change(counts(29, 8, "calls_valid"), "calls_valid", "a1", "2024-10")["note"] == "small_base"
    )
    assert change(counts(30, 8, "calls_valid"), "calls_valid", "a1", "2024-10")["note"] == "none"


def test_a_share_of_few_is_shown_by_its_parts():
    row = change(shares((4, 8), (5, 9)), "d_arrive_5min_rate", "a1", "2024-10")
    assert (row["note"], row["change_kind"]) == ("small_base", "abs")
    assert said(row) == "基数小（5/9），不列增减幅"


def test_a_missing_base_is_said():
    row = change(counts(None, 8), "calls_theft", "a1", "2024-10")
    assert (row["value"], row["base_value"], row["change"]) == (8, None, None)
    assert (row["note"], row["change_kind"], row["compared_units"]) == ("missing_base", "none", 0)
    assert said(row) == "—（缺同期数）"


def test_a_share_whose_base_had_no_cases_has_no_base():
    row = change(shares((0, 0), (30, 40)), "d_arrive_5min_rate", "a1", "2024-10")
    assert (row["base_value"], row["change"], row["note"]) == (None, None, "zero_base")
    assert said(row) == "上年同期为零，无可比基数"


def test_a_share_rising_from_zero_is_a_plain_difference():
    row = change(shares((0, 40), (10, 40)), "d_arrive_5min_rate", "a1", "2024-10")
    assert (row["change"], row["change_kind"], row["note"]) == (25.0, "pp", "none")


def test_nothing_current_is_no_comparison():
    row = change(counts(8, None), "calls_theft", "a1", "2024-10")
    assert (row["value"], row["change"], row["note"], row["status"]) == (
        None,
        None,
        "none",
        "missing",
    )


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        (1000, 1000, "同比持平（上年同月 1,000 起）"),
        (1000, 1010, "同比基本持平（上升 1.0%，上年同月 1,000 起）"),
        (1000, 990, "同比基本持平（下降 1.0%，上年同月 1,000 起）"),
        (1000, 1011, "同比上升 1.1%（上年同月 1,000 起）"),
        (100_000, 100_001, "同比基本持平（上升 0.0%，上年同月 100,000 起）"),
        (1162, 945, "同比下降 18.7%（上年同月 1,162 起）"),
        (20, 0, "同比下降 100.0%（上年同月 20 起）"),
        (20, 90, "同比上升 350.0%（上年同月 20 起）"),
    ],
)
def test_level_is_only_said_of_what_is_equal(before, now, words):
    row = change(counts(before, now), "calls_theft", "a1", "2024-10")
    assert said(row) == words
    assert row["change"] >= -100


def test_better_and_worse_need_a_direction():
    from metrics.reading import word_of

    assert [word_of(1, d) for d in (1, 0, -1)] == [1, 3, 2]  # better, up, worse
    assert [word_of(-1, d) for d in (1, 0, -1)] == [2, 4, 1]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_note_has_a_flag(lang):
    from data.schema import NOTE

    assert [note_words(note, lang) == "" for note in NOTE] == [note == "none" for note in NOTE]


def test_a_net_figure_below_zero_shows_the_amount_only():
    net = counts(-20, 30, "crim_open_end")
    row = change(net, "crim_open_end", "a1", "2024-10")
    assert (row["change_kind"], row["change"], row["note"]) == ("abs", 50, "none")
    assert said(row) == "同比上升 50起（上年同月 −20 起）"


def test_a_fall_below_zero_is_no_fall_of_over_a_hundred_percent():
    # A negative amount corrects months before: from 50 to -30 is a fall by 80, never by 160 %.
    row = change(counts(50.0, -30.0, "fraud_loss_amount"), "fraud_loss_amount", "a1", "2024-10")
    assert (row["change"], row["change_kind"], row["note"]) == (-80, "abs", "none")
    row = change(counts(40, -5), "calls_theft", "a1", "2024-10")
    assert (row["change"], row["change_kind"]) == (-45, "abs")
    assert value(counts(40, -5), "d_calls_theft_yoy", "a1", "2024-10") is None


@pytest.mark.parametrize("before", [98_765_432_109.8765, 117.3333, 1 / 3 + 100])
def test_a_fall_to_nothing_is_by_a_hundred_percent_to_the_last_digit(before):
    row = change(counts(before, 0.0, "fraud_loss_amount"), "fraud_loss_amount", "a1", "2024-10")
    assert (row["change"], row["change_kind"]) == (-100.0, "pct")
