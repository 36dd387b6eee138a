"""The pages of the leaders, run as scripts on the demonstration bureau."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data.demo.build import RECORD

ROOT = Path(__file__).resolve().parents[2]
Open = Callable[..., AppTest]


def words(app: AppTest) -> str:
    """Return what the page's own HTML says, without its markup."""
    elements = [*app.sidebar.get("html"), *app.get("html")]
    made = " ".join(element.proto.body for element in elements)
    made = re.sub(r"<style>.*?</style>", "", made, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", made))


def run(**query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=60)
    for key, value in query.items():
        app.query_params[key] = value
    return app


@pytest.fixture
def open_page(demo_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    monkeypatch.setenv("KPI_STORE", f"sqlite:///{demo_folder / RECORD}")

    def open_(page: str, **query: str) -> AppTest:
        app = run(**{"lang": "zh", "period": "2024-10", "as": "city_leader"} | query)
        app.run()
        app.switch_page(f"pages/{page}.py").run()
        assert not app.exception
        assert 'class="empty failed"' not in " ".join(e.proto.body for e in app.get("html"))
        return app

    return open_


@pytest.mark.parametrize(("unit", "lang"), [("yz", "zh"), ("yz01", "en"), ("yz0101", "zh")])
@pytest.mark.parametrize("page", ["overview", "indicator", "districts"])
def test_pages_show_every_level(open_page: Open, page: str, unit: str, lang: str) -> None:
    app = open_page(page, unit=unit, lang=lang)
    made = " ".join(e.proto.body for e in app.get("html"))
    title = re.search(r"<h1>(.*?)</h1>", made)
    assert title is not None
    assert bool(re.search(r"[\u4e00-\u9fff]", title[1])) == (lang == "zh")
    assert ">None<" not in made
    assert ">nan<" not in made


def test_the_overview_writes_its_headline_and_marks_from_the_figures(open_page: Open) -> None:
    said = words(open_page("overview"))
    assert "2024年10月 8 项要情指标：" in said
    assert "133/135" in said
    assert said.count("盗窃类警情数") >= 2, "a tile and a column of the matrix"


def test_january_shows_levels_and_february_both_months(open_page: Open) -> None:
    january = words(open_page("overview", period="2024-01"))
    assert "只列水平" in january
    assert "同比 +" not in january
    february = words(open_page("overview", period="2024-02"))
    assert "2024年1—2月" in february
    assert "同比 +" in february


def test_where_ranking_is_forbidden_the_page_says_why(open_page: Open) -> None:
    said = words(open_page("districts", indicator="crim_recorded"))
    assert "只可比较，不得计分排名" in said
    assert "机构序列，不排名" in said


def test_a_leader_of_a_district_sees_no_other_district(open_page: Open) -> None:
    said = words(open_page("overview", **{"as": "minghu_leader", "unit": "yz02"}))
    assert "明湖分局" in said
    assert "青梧" not in said


@pytest.mark.parametrize(
    ("person", "has", "lacks"),
    [
        ("city_leader", "分县对比", "我的报表"),
        ("hubinlu_statistician", "我的报表", "分县对比"),
        ("city_evaluator", "结果", "我的报表"),
    ],
)
def test_each_role_starts_on_its_page_with_its_menu(
    open_page: Open, person: str, has: str, lacks: str
) -> None:
    app = run(**{"lang": "zh", "period": "2024-10", "as": person}).run()
    assert not app.exception
    menu = " ".join(element.proto.body for element in app.sidebar.get("html"))
    pages = re.sub(r"<details.*?</details>", "", menu, flags=re.DOTALL)
    assert has in pages
    assert lacks not in pages


def test_an_empty_store_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KPI_STORE", f"sqlite:///{tmp_path / 'empty.db'}")
    for page in ("overview", "indicator", "districts"):
        app = run(lang="zh", **{"as": "city_leader"})
        app.run()
        app.switch_page(f"pages/{page}.py").run()
        assert not app.exception
        assert "kpi import" in words(app), page
