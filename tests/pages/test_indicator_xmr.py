"""Does the Indicator page say in a sentence what its chart shows, with events and a table?"""

import re
import shutil
from pathlib import Path

import pytest

from data.catalog import BUILT_IN
from tests.pages.test_pages import Open, open_page, words

__all__ = ["open_page"]
EVENTS = """
[[event]]
from = "2024-05"
effect = "note"
reason = {zh = "夏季治安专项行动开始", en = "The summer campaign began"}
indicators = ["calls_theft"]
"""


def test_the_chart_says_what_is_seen_and_has_its_months_as_a_table(open_page: Open) -> None:
    said = words(open_page("indicator", indicator="calls_theft", unit="yz"))
    assert re.search(r"连续 \d+ 个月低于均值 [\d,]+起，2024年10月 为 \d+起，属明显改善。", said)
    assert "逐月数据（34 个月）" in said
    assert "2022-03" in said
    english = words(open_page("indicator", indicator="calls_theft", unit="yz", lang="en"))
    assert re.search(r"\d+ in October 2024: a change for the better\.", english)


def test_few_cases_are_said_to_be_few(open_page: Open) -> None:
    said = words(open_page("indicator", indicator="tra_deaths", unit="yz01"))
    assert "不用 XmR 控制限" in said
    assert "都可能出于偶然，变化不显著。" in said


def test_january_and_february_are_not_read_in_the_table_either(open_page: Open) -> None:
    said = words(open_page("indicator", indicator="calls_theft", unit="yz", period="2024-01"))
    assert "春节所在月份单独不作判读。" in said


@pytest.mark.parametrize(("lang", "reason"), [
    ("zh", "夏季治安专项行动开始"), ("en", "The summer campaign began"),
])  # fmt: skip
def test_an_event_of_the_bureau_stands_on_the_page_and_in_the_table(
    open_page: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lang: str, reason: str
) -> None:
    folder = tmp_path / "definitions"
    shutil.copytree(BUILT_IN, folder)
    (folder / "events.toml").write_text(EVENTS, encoding="utf-8")
    monkeypatch.setenv("KPI_DEFINITIONS", str(folder))
    said = words(open_page("indicator", indicator="calls_theft", unit="yz", lang=lang))
    assert said.count(reason) >= 2, "above the chart, and at its month in the table"
    other = words(open_page("indicator", indicator="calls_fraud", unit="yz", lang=lang))
    assert reason not in other
