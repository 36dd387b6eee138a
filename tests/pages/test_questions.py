"""Are questions shown on Data quality once they are worked out, answered there, and closed?"""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data.access import OPERATOR, viewer_for
from data.catalog import load_catalog
from data.demo.build import RECORD
from data.store.database import open_store
from data.store.questions import Subject, answer_question, question_acts
from tests.pages.test_returns import words
from ui.kept import begin_run
from ui.quality_run import run_now

ROOT = Path(__file__).resolve().parents[2]
TITLE = "从多个月份看的核查问题"
Open = Callable[..., AppTest]


@pytest.fixture
def open_page(demo_copy: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    url = f"sqlite:///{demo_copy / RECORD}"
    open_store(url).init()
    monkeypatch.setenv("KPI_STORE", url)

    def open_(user: str, unit: str = "yz") -> AppTest:
        app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=120)
        query = {"as": user, "unit": unit, "period": "2024-10", "lang": "zh"}
        for key, value in query.items():
            app.query_params[key] = value
        app.run()
        begin_run()  # what another test's run saw in this process is no longer so
        run_now(300)
        app.switch_page("pages/quality.py").run()
        assert not app.exception
        assert 'class="empty failed"' not in " ".join(e.proto.body for e in app.get("html"))
        return app

    return open_


def test_a_question_is_read_by_leaders_and_waits_for_its_unit(open_page: Open) -> None:
    app = open_page("city_leader")
    said = words(app)
    assert TITLE in said
    assert "订正多朝有利方向" in said
    assert "这样提出的问题里，平均至多 5% 只是偶然" in said
    assert "等待云泽全市说明" in said
    assert not keys(app, "words-")


def test_the_bureau_answers_and_a_reviewer_of_the_whole_closes(
    open_page: Open, demo_copy: Path
) -> None:
    store, own = open_store(f"sqlite:///{demo_copy / RECORD}"), "city_statistician"
    app = open_page(own, unit="yz-own")
    [area] = keys(app, "words-")
    assert not keys(app, "explained-")
    assert area.endswith("revisions:yz:all:2024-10")
    app = open_page("city_reviewer")
    assert not keys(app, "explained-")  # nothing is answered yet
    viewer = viewer_for(load_catalog(), own)
    subject = Subject("revisions", "yz", "all", dt.date(2024, 10, 1), "yz-own")
    answer_question(store, viewer, subject, "首报时重复登记，月末统一清理。")
    assert "已说明，待办结" in words(open_page(own, unit="yz-own"))
    app = open_page("city_reviewer")
    assert "首报时重复登记" in words(app)
    [button] = keys(app, "explained-")
    app.button(key=button).click().run()
    acts = question_acts(store, OPERATOR)
    assert acts["outcome"].to_list() == ["", "explained"]
    assert acts["said_by"].to_list() == [own, "city_reviewer"]


def keys(app: AppTest, start: str) -> list[str]:
    """Return the keys of text areas and buttons that start like that."""
    widgets = [*app.text_area, *app.button]
    return [str(widget.key) for widget in widgets if str(widget.key).startswith(start)]
