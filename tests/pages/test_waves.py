"""The pages of a bureau that has no monthly figures: a survey of one wave a year."""

import contextlib
import io
import re
import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import kpi

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "data" / "examples" / "csps"
LEADER = """[[person]]
user = "lead"
role = "leader"
unit = "civil_service"
name = {zh = "领导", en = "Leader"}
"""


@pytest.fixture
def survey(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two waves, and a person who may look at them without signing in."""
    folder, store = tmp_path / "definitions", f"sqlite:///{tmp_path / 'csps.db'}"
    shutil.copytree(EXAMPLE / "definitions", folder)
    (folder / "people.toml").write_text(LEADER, encoding="utf-8")
    bureau = folder / "bureau.toml"
    bureau.write_text("demonstration = true\n" + bureau.read_text("utf-8"), encoding="utf-8")
    books = [EXAMPLE / f"csps{year}_allorganisations_extract.xlsx" for year in (2014, 2015)]
    words = io.StringIO()
    with contextlib.redirect_stdout(words), contextlib.redirect_stderr(words):
        base = ["--definitions", str(folder), "--store", store]
        assert kpi.main([*base, "import", *map(str, books), "--form", "people_survey"]) == 0
    monkeypatch.setenv("KPI_STORE", store)
    monkeypatch.setenv("KPI_DEFINITIONS", str(folder))


@pytest.mark.usefixtures("survey")
@pytest.mark.parametrize("page", ["overview", "indicator", "districts", "wellbeing"])
def test_pages_show_the_latest_wave(page: str) -> None:
    app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=60)
    for key, value in {"lang": "en", "as": "lead", "indicator": "engagement_index"}.items():
        app.query_params[key] = value
    app.run()
    app.switch_page(f"pages/{page}.py").run()
    assert not app.exception
    made = " ".join(element.proto.body for element in app.get("html"))
    said = re.sub(r"<[^>]+>", " ", made)
    assert "There is no data yet" not in said
    assert "58.0" in said  # the published benchmark of 2015
