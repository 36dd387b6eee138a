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
    made = " ".join(element.proto.body for element in app.get("html"))
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


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("unit", ["yz", "yz01", "yz0101"])
@pytest.mark.parametrize("page", ["overview", "indicator", "districts"])
def test_pages_show_every_level_in_both_languages(
    open_page: Open, page: str, unit: str, lang: str
) -> None:
    app = open_page(page, unit=unit, lang=lang)
    said = words(app)
    title = re.search(r"<h1>(.*?)</h1>", " ".join(e.proto.body for e in app.get("html")))
    assert title is not None
    assert bool(re.search(r"[\u4e00-\u9fff]", title[1])) == (lang == "zh")
    assert "None" not in said
    assert "nan" not in said.split()
