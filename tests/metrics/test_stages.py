"""Are stages of money kept apart, and do their rates hold with other timing? Worked by hand."""

import datetime as dt
from dataclasses import replace

import polars as pl
import pytest

from data.definition_types import Chain, StageShare, Text
from data.periods import add_months
from metrics.stages import read_stages, running_amounts, with_lags
from metrics.stages_words import explain_words, lag_words, range_words, rate_words
from tests.metrics.small import cube as cube_of
from tests.metrics.small import m

PERIOD = m("2024-10")
NAME = Text("某率", "Some rate")
CHAIN = Chain(
    "property",
    Text("侵财", "Property"),
    ("rec_loss_amount", "rec_seized_amount", "rec_returned_amount"),
    ("rec_averted_amount",),
    (
        StageShare("rec_seized_amount", "rec_loss_amount", NAME),
        StageShare("rec_returned_amount", "rec_seized_amount", NAME),
    ),
    12,
    Text("", ""),
)


def flat(values: dict[str, dict[int, float]]) -> dict[str, dict[str, dict[str, float]]]:
    """Return facts of station a1: measure → years back from the last twelve months → a month's."""
    return {
        measure: {
            "a1": {
                f"{add_months(PERIOD, -12 * back - month):%Y-%m}": amount
                for back, amount in years.items()
                for month in range(12)
            }
        }
        for measure, years in values.items()
    }


def test_each_stage_stands_by_itself_and_rates_have_their_own_denominator() -> None:
    # 12 × 100 lost, 12 × 30 seized, 12 × 24 returned; a year before 80, 20 and 20
    cube = cube_of(
        flat(
            {
                "rec_loss_amount": {0: 100, 1: 80, 2: 80},
                "rec_seized_amount": {0: 30, 1: 20, 2: 20},
                "rec_returned_amount": {0: 24, 1: 20, 2: 20},
                "rec_averted_amount": {0: 50, 1: 50, 2: 50},
            }
        )
    )
    found = read_stages(cube, CHAIN, "a1", PERIOD)
    assert [now["value"] for now, _ in found.amounts] == [1200, 360, 288, 600]
    assert [before["value"] for _, before in found.amounts] == [960, 240, 240, 600]
    seized, returned = found.rates
    assert (seized.figure["numerator"], seized.figure["denominator"]) == (360, 1200)
    assert (seized.figure["value"], seized.before["value"]) == (30, 25)
    assert (returned.figure["value"], returned.before["value"]) == (80, 100)
    # with the losses of twelve months before: 360 ÷ 960
    assert (seized.low, seized.low_lag) == (30, 0)
    assert (seized.high, seized.high_lag) == (37.5, 12)
    assert "37.5%" in range_words(seized, CHAIN, "zh")


def test_more_returned_than_seized_is_explained_by_the_twelve_months_before() -> None:
    cube = cube_of(
        flat(
            {
                "rec_loss_amount": {0: 100, 1: 100, 2: 100},
                "rec_seized_amount": {0: 20, 1: 60, 2: 20},
                "rec_returned_amount": {0: 30, 1: 30, 2: 30},
            }
        )
    )
    returned = read_stages(cube, CHAIN, "a1", PERIOD).rates[1]
    assert (returned.figure["value"], returned.note, returned.earlier) == (150, "over_whole", 720)
    said = explain_words(returned, cube.catalog, "zh")
    assert "150.0%" in said
    assert "720.00 万元" in said
    assert (returned.low, returned.low_lag) == (50, 12)  # 360 ÷ 720


def test_a_small_base_has_parts_only_and_nothing_filed_says_so() -> None:
    cube = cube_of(flat({"rec_loss_amount": {0: 4, 1: 4}, "rec_seized_amount": {0: 1, 1: 1}}))
    seized, returned = read_stages(cube, CHAIN, "a1", PERIOD).rates
    assert seized.note == "small_base"  # 48 of ten thousand yuan, less than 50
    assert explain_words(seized, cube.catalog, "en").endswith("12.00 ÷ 48.00 CNY 10k")
    assert (seized.low, seized.high) == (None, None)
    assert returned.note == "missing"
    assert returned.figure["value"] is None


def test_of_nothing_lost_there_is_no_rate_and_that_is_not_nothing_filed() -> None:
    cube = cube_of(flat({"rec_loss_amount": {0: 0, 1: 0}, "rec_seized_amount": {0: 5, 1: 5}}))
    seized = read_stages(cube, CHAIN, "a1", PERIOD).rates[0]
    assert (seized.note, seized.figure["value"]) == ("zero_base", None)
    said = explain_words(seized, cube.catalog, "en")
    assert said == "Property-crime losses: nought, so there is no rate: 60.00 ÷ 0.00 CNY 10k"


def test_an_amount_below_nought_has_no_rate() -> None:
    cube = cube_of(flat({"rec_loss_amount": {0: 10, 1: 10}, "rec_seized_amount": {0: -1, 1: 5}}))
    seized = read_stages(cube, CHAIN, "a1", PERIOD).rates[0]
    assert (seized.note, seized.note_before, seized.low) == ("negative", "none", None)
    assert rate_words(seized.figure["value"], seized.note) == "—"
    assert "below nought" in explain_words(seized, cube.catalog, "en")


def test_more_than_the_whole_of_all_that_is_on_record_is_not_explained_away() -> None:
    """16 seized of 10 lost, month after month for three years: no earlier loss is behind it."""
    years = {"rec_loss_amount": dict.fromkeys(range(3), 10)}
    years["rec_seized_amount"] = dict.fromkeys(range(3), 16)
    cube = cube_of(flat(years))
    seized = read_stages(cube, CHAIN, "a1", PERIOD).rates[0]
    assert (seized.figure["value"], seized.note, seized.months) == (160, "over_all", 36)
    assert "all 36 months on record" in explain_words(seized, cube.catalog, "en")
    # A backlog of 12 × 10 from the year before is just enough for 12 × 10 more than came in.
    years["rec_seized_amount"] = {0: 20, 1: 0, 2: 0}
    years["rec_loss_amount"] = {0: 10, 1: 10, 2: 0}
    seized = read_stages(cube_of(flat(years)), CHAIN, "a1", PERIOD).rates[0]
    assert (seized.figure["value"], seized.note) == (200, "over_whole")
    # Of twelve months alone nothing can be ruled out.
    cube = cube_of(flat({"rec_loss_amount": {0: 10}, "rec_seized_amount": {0: 16}}))
    assert read_stages(cube, CHAIN, "a1", PERIOD).rates[0].note == "over_whole"


def test_a_month_that_was_not_filed_leaves_both_sides() -> None:
    table = flat({"rec_loss_amount": {0: 100, 1: 100}, "rec_seized_amount": {0: 30, 1: 30}})
    del table["rec_seized_amount"]["a1"]["2024-03"]
    seized = read_stages(cube_of(table), CHAIN, "a1", PERIOD).rates[0]
    assert (seized.figure["numerator"], seized.figure["denominator"]) == (330, 1100)
    assert seized.figure["reported"] < seized.figure["due"]


def test_who_stops_payments_need_not_be_who_records_the_losses() -> None:
    """Stations record losses, the county's own level stops payments: both count for the county."""
    months = [f"{add_months(PERIOD, -back):%Y-%m}" for back in range(36)]
    table = {
        "fraud_loss_amount": {
            **{unit: dict.fromkeys(months, 10.0) for unit in ("a1", "a2", "a3")},
            "a-own": dict.fromkeys(months, 20.0),
        },
        "fraud_stop_amount": {"a-own": dict.fromkeys(months, 15.0)},
    }
    rate = StageShare("fraud_stop_amount", "fraud_loss_amount", NAME)
    chain = replace(
        CHAIN, stages=("fraud_loss_amount", "fraud_stop_amount"), beside=(), rates=(rate,)
    )
    found = read_stages(cube_of(table), chain, "a", PERIOD).rates[0]
    assert (found.figure["numerator"], found.figure["denominator"]) == (180, 600)
    assert (found.low, found.high) == (30, 30)


def test_the_catalogue_is_not_changed_by_the_lags() -> None:
    cube = cube_of(flat({"rec_loss_amount": {0: 1}}))
    wider, codes = with_lags(cube, CHAIN.rates[0], (0, 6), "rolling12")
    assert len(codes) == 2
    assert not set(codes) & set(cube.catalog.indicators)
    assert set(codes) < set(wider.catalog.indicators)


def test_what_is_hidden_from_a_reader_leaves_no_rate() -> None:
    cube = cube_of(flat({"rec_loss_amount": {0: 100, 1: 100}, "rec_seized_amount": {0: 30, 1: 30}}))

    def hide(rows):
        is_hidden = pl.col("indicator") == "rec_seized_amount"
        parts = [
            pl.when(is_hidden).then(None).otherwise(pl.col(name)).alias(name)
            for name in ("numerator", "value")
        ]
        return rows.with_columns(*parts, suppressed=is_hidden)

    found = read_stages(cube, CHAIN, "a1", PERIOD, hide)
    seized = found.rates[0]
    assert found.amounts[1][0]["value"] is None
    assert (seized.figure["value"], seized.figure["numerator"], seized.low) == (None, None, None)
    assert seized.lag.said == "none"


def test_what_was_hidden_a_year_before_does_not_follow_from_its_rate() -> None:
    cube = cube_of(flat({"rec_loss_amount": {0: 100, 1: 100}, "rec_seized_amount": {0: 30, 1: 30}}))

    def hide(rows):
        is_hidden = (pl.col("indicator") == "rec_seized_amount") & (pl.col("period") < PERIOD)
        value = pl.when(is_hidden).then(None).otherwise("value")
        return rows.with_columns(value=value, suppressed=is_hidden)

    seized = read_stages(cube, CHAIN, "a1", PERIOD, hide).rates[0]
    assert (seized.figure["value"], seized.before["value"]) == (30, None)
    assert (seized.note, seized.note_before, seized.low) == ("none", "missing", None)


def test_running_sums_follow_the_months() -> None:
    cube = cube_of(flat({"rec_loss_amount": {0: 100, 1: 50}}))
    rows = running_amounts(cube, CHAIN, "a1", PERIOD, lambda rows: rows, months=2)
    loss = rows.filter(stage="rec_loss_amount").sort("period")
    assert loss["period"].to_list() == [dt.date(2024, 9, 1), PERIOD]
    assert loss["value"].to_list() == [1150, 1200]  # eleven months of 100 and one of 50


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_words_are_there_for_every_kind_of_lag(lang: str) -> None:
    cube = cube_of(flat({"rec_loss_amount": {0: 100, 1: 100}, "rec_seized_amount": {0: 3, 1: 3}}))
    rate = read_stages(cube, CHAIN, "a1", PERIOD).rates[0]
    assert lag_words(rate.lag, lang)
    assert rate.lag.said == "short"
