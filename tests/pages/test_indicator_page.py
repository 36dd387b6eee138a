"""The Indicator page in festival months and across a change of definition."""

from pathlib import Path

import pytest

from tests.pages.test_pages import Open, open_page, words

__all__ = ["open_page"]
BREAK = "fraud_dissuade_visits"


@pytest.mark.parametrize(
    ("period", "expected", "silent"),
    [
        ("2024-01", ["按法定工作日折算", "春节对齐（推算）", "1 月不单独与上年比"], ["1—2月合看"]),
        ("2024-02", ["上报数", "两年平均", "春节对齐（推算）"], []),
        ("2024-03", ["2024年第一季度", "与上年同月的节日天数不同"], ["两年平均"]),
    ],
)
def test_festival_months_have_several_looks(
    open_page: Open, period: str, expected: list[str], silent: list[str]
) -> None:
    said = words(open_page("indicator", indicator="calls_theft", unit="yz", period=period))
    assert "春节可比看法" in said
    assert "2024年春节 2月10日，影响 26 天：1月 0 天，2月 25 天，3月 1 天" in said
    for text in expected:
        assert text in said
    for text in silent:
        assert text not in said


@pytest.mark.parametrize("period", ["2024-04", "2024-10"])
def test_other_months_say_nothing_of_the_festival(open_page: Open, period: str) -> None:
    said = words(open_page("indicator", indicator="calls_theft", unit="yz", period=period))
    assert "春节可比看法" not in said


@pytest.mark.parametrize(
    ("unit", "window", "expected"),
    [
        ("yz", "month", "Only some units were worked out again: the comparison stands on"),
        ("yz01", "month", "so the comparison stands"),
        ("yz03", "month", "The sides are not compared"),
        ("yz03", "ytd", "the definition changed within the period, not added up"),
    ],
)
def test_a_change_of_definition_is_said_and_drawn(
    open_page: Open, unit: str, window: str, expected: str
) -> None:
    query = {"unit": unit, "window": window, "lang": "en", "period": "2024-07"}
    said = words(open_page("indicator", indicator=BREAK, **query))
    assert expected in said
    assert "definition version 2 since 2024-04" in said
    assert "v2 (since 2024-04: visits are counted, no longer alerts with a visit)" in said


def test_a_month_that_was_worked_out_again_says_so_and_is_compared(open_page: Open) -> None:
    said = words(open_page("indicator", indicator=BREAK, unit="yz01", period="2024-03"))
    assert "本期数已按 2024-04 起的第 2 版口径回算" in said
    assert "没有可与上年比较的月份" not in said
    assert "按两期共有口径比" in said


def test_a_carried_figure_shows_its_month(open_page: Open, demo_folder: Path) -> None:
    said = words(
        open_page("indicator", indicator="d_calls_valid_per10k", unit="yz", period="2024-07")
    )
    assert "2023-12 的数，沿用至本期" in said
