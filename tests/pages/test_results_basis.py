"""The Results page on each basis: who is listed under whom, who is left out, and in which words."""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data.access import OPERATOR
from data.catalog import load_catalog
from data.demo.build import RECORD
from data.store.database import open_store
from data.store.snapshot import read_facts
from metrics.cube import build_cube
from metrics.evaluate import score_round
from tests.pages.test_basis import body
from tests.pages.test_pages import run
from ui import load, results, results_items, results_tables, stand
from ui.numbers import shown
from ui.scope import Scope

Open = Callable[..., AppTest]
MOVED = "yz0315"  # 开发区派出所, from yz02 to yz03 in April 2024
REASON = {
    "zh": "2024-04 开发区派出所由青梧分局改隶锦溪分局",
    "en": "2024-04 Kaifaqu Police Station: moved from Qingwu Branch to Jinxi Branch",
}


@pytest.fixture
def open_results(demo_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    monkeypatch.setenv("KPI_STORE", f"sqlite:///{demo_folder / RECORD}")

    def open_(**query: str) -> AppTest:
        asked = {"lang": "zh", "period": "2024-10", "as": "city_evaluator", "unit": "yz03"} | query
        app = run(**asked)
        app.run()
        app.switch_page("pages/results.py").run()
        assert not app.exception
        made = " ".join(element.proto.body for element in app.get("html"))
        assert 'class="empty failed"' not in made
        assert ">None<" not in made
        assert ">nan<" not in made
        return app

    return open_


def title(app: AppTest) -> str:
    made = " ".join(element.proto.body for element in app.get("html"))
    found = re.search(r"<h1>(.*?)</h1>", made)
    return found[1] if found else ""


def test_then_lists_a_station_under_the_county_that_assessed_it(open_results: Open) -> None:
    # The round that was over in May is that of January to March.
    asked = {"unit": "yz02", "period": "2024-05", "group": "B"}
    name = load.unit_title(MOVED, "zh")
    assert name in body(open_results(**asked, basis="then"))
    assert name not in body(open_results(**asked))
    assert name in body(open_results(**asked | {"unit": "yz03"}))
    # Who asks for the station itself is led to the county that assessed it then.
    said = body(open_results(unit=MOVED, period="2024-05", basis="then"))
    assert "青梧分局评定" in said
    assert "锦溪分局评定" in body(open_results(unit=MOVED, period="2024-05"))


def test_then_shows_the_scores_of_that_basis(open_results: Open, demo_folder: Path) -> None:
    store = open_store(f"sqlite:///{demo_folder / RECORD}")
    cube = build_cube(read_facts(store, OPERATOR), load_catalog(), basis="then")
    found = score_round(cube, cube.catalog, "station_prevention_first", "2024Q1")
    group = found.standings.filter(assessor="yz02", group="B")
    said = body(open_results(unit="yz02", period="2024-05", group="B", basis="then"))
    assert MOVED in group["unit"]
    for row in group.iter_rows(named=True):
        assert load.unit_title(row["unit"], "zh") in said
        assert row["score"] is None or shown(row["score"], 1) in said


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_matched_says_who_is_left_out_and_why(open_results: Open, lang: str) -> None:
    app = open_results(lang=lang, basis="matched", group="B")
    said = body(app)
    word, lead = {
        "zh": ("未计入 1", "1 个单位在 2022-10 至 2024-09 有变动，未计入"),
        "en": ("Left out 1", "Units that changed from 2022-10 to 2024-09: 1."),
    }[lang]
    assert word in title(app)
    assert REASON[lang] in said
    assert lead in said
    plain = open_results(lang=lang, group="B")
    assert word[:-2] not in title(plain)
    assert REASON[lang] not in body(plain)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_unit_left_out_has_no_points_but_a_way_to_them(open_results: Open, lang: str) -> None:
    app = open_results(lang=lang, basis="matched", unit="yz03", station=MOVED)
    said = body(app)
    assert said.count(REASON[lang]) == 2, "in the standings, and where its points would be"
    way = {"zh": "按现行区划看这一期", "en": "See the round on current units"}[lang]
    made = " ".join(element.proto.body for element in app.get("html"))
    found = re.search(rf'href="(results\?[^"]*)"[^>]*>{way}<', made)
    assert found is not None
    assert "basis" not in found[1]
    assert f"station={MOVED}" in found[1]


def test_counties_that_changed_are_left_out_of_the_city_s_round(open_results: Open) -> None:
    app = open_results(unit="yz", basis="matched", lang="en")
    assert "Left out 3" in title(app)
    said = body(app)
    assert "2024-03 Wanshou Police Station: opened, under Minghu Branch" in said
    assert REASON["en"] in said


@pytest.fixture
def scope(demo_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Scope:
    monkeypatch.setenv("KPI_STORE", f"sqlite:///{demo_folder / RECORD}")
    load.begin_run()
    return Scope("city_evaluator", "yz03", dt.date(2024, 10, 1), basis="matched")


@pytest.mark.parametrize(
    ("lang", "basis", "words"),
    [
        ("zh", "then", "各归当时的评定单位"),
        ("zh", "matched", "其余列出原因"),
        ("en", "then", "each under its assessor of that time"),
        ("en", "matched", "the others are listed with the reason"),
    ],
)
def test_the_page_says_what_the_basis_means_for_a_round(
    scope: Scope, lang: str, basis: str, words: str
) -> None:
    asked = replace(scope, lang=lang, basis=basis)
    assert words in str(stand.statement(asked, "results"))
    assert words not in str(stand.statement(asked, "overview"))


def test_downloads_hold_who_is_left_out(scope: Scope) -> None:
    scheme, assessor = results.choose_scheme(scope)
    assert scheme is not None
    end = results.last_round(scheme, scope.period)
    view = results.view_of(load.sight(scope), scheme.code, assessor, end)
    sheet = results_tables.standings_sheet(scope, view, "B")
    row = next(row for row in sheet.rows if row[1] == load.unit_title(MOVED, "zh"))
    assert row[2:] == [None] * 6 + ["未计入", REASON["zh"]]
    assert ("区划口径", "可比单位") in sheet.about
    items = results_items.items_sheet(scope, view, MOVED)
    assert {line[7] for line in items.rows[:-1]} == {"期间有变动，未计入"}


def test_a_county_that_was_not_there_has_no_round(scope: Scope) -> None:
    asked = replace(scope, basis="then", unit="yz0218", period=dt.date(2023, 8, 1))
    scheme, assessor = results.choose_scheme(asked)
    assert scheme is not None
    # It opened in July; in the round that was over then its county assessed the station before it.
    assert assessor == "yz02"
    end = results.last_round(scheme, asked.period)
    view = results.view_of(load.sight(asked), scheme.code, assessor, end)
    units = {row["unit"] for row in view.standings}
    assert "yz0291" in units
    assert "yz0218" not in units
