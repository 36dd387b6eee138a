"""The Indicator page in festival months and across a change of definition."""

import re
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


def test_a_leader_follows_a_number_down_to_its_cell(open_page: Open) -> None:
    """A theft count that was corrected: file, sheet, cell, who filed, who judged, what it was."""
    asked = {"indicator": "calls_theft", "unit": "yz0104", "all": "1", "period": "2024-10"}
    said = words(open_page("indicator", **asked))
    assert "来源单元格：列出 1 个，共 1 个" in said
    for text in [
        "接处警!L11",
        "明湖分局_2024-10_M01_订正.xlsx",
        "（曾为 16 @ 2024-11-06）",
        "这个数的来历：桥北派出所 · 盗窃类警情数 · 2024-10",
        "明湖分局 统计员填报 16 起（第 1 版，回执 HJ-",
        "确认上级代填的桥北派出所数据",
        "明湖分局 审核员审核通过（县（分）局）",
        "订正理由 与台账复核发现该格填报有误，予以订正。",
        "市局 审核员审核通过（市局）",
        "计入统计：14 起",
    ]:
        assert text in said


def test_one_of_many_cells_is_opened_by_its_number(open_page: Open) -> None:
    asked = {"indicator": "crim_cleared", "unit": "yz01", "all": "1", "period": "2024-08"}
    app = open_page("indicator", **asked, lang="en")
    made = " ".join(e.proto.body for e in app.get("html"))
    assert "Where this number comes from" not in made
    row = made[made.index("刑事案件!D11") - 400 :]
    number = re.split(r'[#&"]', row.split("cell=")[1])[0]
    said = words(open_page("indicator", **asked, lang="en", cell=number))
    assert "Where this number comes from: Qiaobei · Criminal cases cleared · 2024-08" in said
    assert "The checks asked R17" in said
    assert "Minghu statistician explained" in said
    assert "Where this number" not in words(open_page("indicator", **asked, cell="1"))


def test_imported_history_names_its_file_and_who_brought_it(open_page: Open) -> None:
    asked = {"indicator": "adm_fine_amount", "unit": "yz0101", "period": "2024-03", "all": "1"}
    said = words(open_page("indicator", **asked, lang="en"))
    assert "M03_2024-03.csv" in said
    assert "Local operator imported it as history: 0.19 CNY 10k" in said


@pytest.mark.parametrize(
    ("page", "query"),
    [
        ("indicator", {"indicator": "calls_theft", "unit": "yz01"}),
        ("districts", {"indicator": "calls_theft"}),
        ("wellbeing", {"period": "2024-09"}),
        ("results", {"as": "city_evaluator", "period": "2024-09"}),
    ],
)
def test_figures_lead_to_their_passport(open_page: Open, page: str, query: dict[str, str]) -> None:
    made = " ".join(e.proto.body for e in open_page(page, **query).get("html"))
    assert re.search(r'all=1[^"]*#passport"', made)
