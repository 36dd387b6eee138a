"""The sentences of changes in both languages, row by row."""

import datetime as dt

import pytest

from data.schema import READING
from metrics.words import (
    base_short,
    change_short,
    change_words,
    headline_words,
    month_name,
    range_words,
    reading_words,
    signal_words,
)
from tests.metrics.small import catalog

INDICATORS = catalog().indicators
THEFT = {
    "indicator": "calls_theft",
    "window": "month",
    "base_period": dt.date(2023, 10, 1),
    "comparator": "yoy",
    "value": 945.0,
    "numerator": 945.0,
    "denominator": None,
    "compared_value": 945.0,
    "base_value": 1162.0,
    "change": (945 - 1162) * 100 / 1162,
    "change_kind": "pct",
    "note": "none",
}
ONTIME = THEFT | {
    "indicator": "d_arrive_5min_rate",
    "numerator": 938.0,
    "denominator": 1000.0,
    "compared_value": 93.8,
    "base_value": 98.0,
    "change": -4.2,
    "change_kind": "pp",
}


def said(row: dict, **other: object) -> tuple[str, str]:
    """Return a change in both languages."""
    merged = row | other
    item = INDICATORS[merged["indicator"]]
    return change_words(merged, item, "zh"), change_words(merged, item, "en")


def test_a_fall():
    assert said(THEFT) == (
        "同比下降 18.7%（上年同月 1,162 起）",
        "down 18.7% on October 2023 (1,162 calls)",
    )


def test_other_windows_and_comparators():
    assert said(THEFT, window="ytd")[0] == "同比下降 18.7%（上年同期 1,162 起）"
    assert said(THEFT, window="ytd")[1] == "down 18.7% on a year before (1,162 calls)"
    last = {"comparator": "mom", "base_period": dt.date(2024, 9, 1)}
    assert said(THEFT, **last) == (
        "环比下降 18.7%（上月 1,162 起）",
        "down 18.7% on September 2024 (1,162 calls)",
    )
    two = {"comparator": "two_year", "base_period": dt.date(2022, 10, 1), "change": -9.82}
    assert said(THEFT, **two)[0] == "两年平均下降 9.8%（前年同月 1,162 起）"


def test_targets_and_groups():
    assert said(ONTIME, comparator="target") == (
        "低于目标 4.2 个百分点（目标 98.0%）",
        "4.2 pp below target (98.0%)",
    )
    assert said(ONTIME, comparator="peers", base_value=93.8, change=0.0) == (
        "与组中位数持平（93.8%）",
        "equal to group median (93.8%)",
    )
    assert said(ONTIME, comparator="peers", base_value=90.0, change=3.8)[0] == (
        "高于组中位数 3.8 个百分点（组中位数 90.0%）"
    )


@pytest.mark.parametrize(
    ("note", "zh", "en"),
    [
        (
            "break",
            "口径有变，不与上年同月比较",
            "the definition changed: not compared with October 2023",
        ),
        ("festival", "受春节影响，不作同比分析", "moved by the Spring Festival: no YoY comparison"),
        ("missing_base", "—（缺同期数）", "— (no figure to compare with)"),
    ],
)
def test_what_cannot_be_compared_is_said(note, zh, en):
    assert said(THEFT, note=note, change=None, change_kind="none") == (zh, en)


def test_short_forms_for_tiles():
    item = INDICATORS["calls_theft"]
    assert [change_short(THEFT, item, lang) for lang in ("zh", "en")] == ["−18.7%", "−18.7%"]
    assert base_short(THEFT, item, "zh") == "上年同月 1,162"
    assert base_short(THEFT, item, "en") == "Oct 2023: 1,162"
    late = INDICATORS["d_arrive_5min_rate"]
    rise = ONTIME | {"base_value": 92.2, "change": 1.6}
    assert change_short(rise, late, "zh") == "+1.6 个百分点"
    assert change_short(rise, late, "en") == "+1.6 pp"
    level = THEFT | {"base_value": 945.0, "change": 0.0}
    assert [change_short(level, item, lang) for lang in ("zh", "en")] == ["持平", "level"]
    assert base_short(THEFT | {"base_value": None}, item, "zh") == ""


def test_ranges_months_and_empty_signals():
    assert range_words(366.31, 483.2, INDICATORS["fraud_loss_amount"], "zh") == "366.3 – 483.2"
    assert range_words(None, 3.0, INDICATORS["calls_theft"], "zh") == "—"
    assert month_name(dt.date(2024, 1, 1), "zh") == "2024年1月"
    assert signal_words({"signal": "none", "side": 0, "run": 3}, "zh") == ""
    run = {"signal": "shift", "side": -1, "run": 13}
    assert signal_words(run, "zh") == "连续 13 个月低于均值"
    assert signal_words(run, "en") == "13 months below the mean"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_reading_has_its_own_words(lang):
    assert len({reading_words(word, lang) for word in READING}) == len(READING)


def test_a_headline_with_nothing_and_with_short_histories():
    assert headline_words(["not_significant"] * 8, "10月", "zh") == (
        "10月 8 项要情指标：8 项变化不显著。"
    )
    assert headline_words(["better", "short_history"], "10月", "zh") == (
        "10月 2 项要情指标：1 项明显改善，1 项历史不足或不判读。"
    )
