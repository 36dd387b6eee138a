"""The evaluation and wellbeing pages show what the kernel computes, and lead on by their links."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from data.access import OPERATOR
from data.catalog import load_catalog
from data.store.database import open_store
from data.store.snapshot import read_facts
from metrics.cube import Cube, build_cube
from metrics.evaluate import RoundResult, score_round
from metrics.survey import find_survey
from metrics.wellbeing import compare_units
from metrics.wellbeing_silent import list_suppressed
from tests.browser.conftest import Watch, store_url
from tests.browser.test_pages import grave_violations
from ui.numbers import shown

WAIT_MS = 30_000
SEPTEMBER = dt.date(2024, 9, 1)
RESULTS = "/results?as=minghu_evaluator&unit=yz01&period=2024-10&lang=zh"
WELLBEING = "/wellbeing?as=city_leader&unit=yz&period=2024-10&lang=zh"


@pytest.fixture(scope="module")
def cube(demo_folder: Path) -> Cube:
    return build_cube(read_facts(open_store(store_url(demo_folder)), OPERATOR), load_catalog())


@pytest.fixture(scope="module")
def quarter(cube: Cube) -> RoundResult:
    units = cube.tree.at_level("station", "yz01")
    return score_round(cube, cube.catalog, "station_prevention_first", "2024Q3", units=units)


def opened(open_page: Callable[..., tuple[Page, Watch]], address: str) -> Page:
    page, watch = open_page(address)
    expect(page.locator("h1").first).to_be_visible(timeout=WAIT_MS)
    expect(page.locator('[data-test-script-state="running"]')).to_have_count(0, timeout=WAIT_MS)
    assert watch.errors == []
    return page


def panel(page: Page, heading: str) -> str:
    """Return the words of the table named by its heading."""
    return page.get_by_role("region", name=heading).inner_text()


def test_every_rated_unit_shows_its_score_and_its_grade(
    server: str, open_page: Callable[..., tuple[Page, Watch]], quarter: RoundResult
) -> None:
    page = opened(open_page, server + RESULTS)
    table = panel(page, "得分与 95% 区间")
    group = quarter.standings.filter(group="A")
    assert group.height == 14
    for row in group.iter_rows(named=True):
        name = quarter_name(row["unit"])
        assert name in table
        assert row["score"] is None or shown(row["score"], 1) in table
    assert "2024-03 新设，缺数权重 " in table


def quarter_name(unit: str) -> str:
    names = {unit.code: unit.name.zh for unit in load_catalog().units}
    return names[unit]


def test_a_unit_leads_to_its_points_and_they_add_up(
    server: str, open_page: Callable[..., tuple[Page, Watch]], quarter: RoundResult
) -> None:
    page = opened(open_page, server + RESULTS)
    page.get_by_role("link", name="文昌派出所").click()
    expect(page.get_by_role("heading", name="文昌派出所得分由来")).to_be_visible(timeout=WAIT_MS)
    assert "station=yz0107" in page.url
    expect(page.get_by_role("region", name="文昌派出所得分由来")).to_be_visible(timeout=WAIT_MS)
    words = panel(page, "文昌派出所得分由来")
    mine = quarter.scores.filter(unit="yz0107")
    for row in mine.filter(mine["weight"] > 0).iter_rows(named=True):
        assert shown(row["points"], 2) in words
    score = quarter.standings.filter(unit="yz0107")["score"].item()
    assert mine["points"].sum() == pytest.approx(score, abs=1e-12)
    assert words.rstrip().endswith(shown(score, 1))


def test_the_other_group_is_a_link_away_and_reachable_by_keyboard(
    server: str, open_page: Callable[..., tuple[Page, Watch]]
) -> None:
    page = opened(open_page, server + RESULTS)
    other = page.get_by_role("link", name="城乡结合组 8")
    other.focus()
    page.keyboard.press("Enter")
    expect(page.locator("h1").first).to_contain_text("城乡结合组 8 个", timeout=WAIT_MS)
    assert "group=B" in page.url


def test_a_unit_that_matched_leaves_out_says_why_and_leads_back(
    server: str, open_page: Callable[..., tuple[Page, Watch]]
) -> None:
    page = opened(open_page, server + RESULTS + "&basis=matched")
    expect(page.locator("h1").first).to_contain_text("未计入 1", timeout=WAIT_MS)
    why = "2024-03 万寿派出所设立，归明湖分局"
    assert why in panel(page, "得分与 95% 区间")
    page.get_by_role("link", name="万寿派出所").click()
    expect(page.get_by_role("heading", name="万寿派出所得分由来")).to_be_visible(timeout=WAIT_MS)
    expect(page.locator(".empty")).to_contain_text(why, timeout=WAIT_MS)
    assert "basis=matched" in page.url
    assert grave_violations(page) == []
    page.get_by_role("link", name="按现行区划看这一期").click()
    expect(page.locator("h1").first).not_to_contain_text("未计入", timeout=WAIT_MS)
    assert "basis" not in page.url
    assert "station=yz0114" in page.url


def test_a_scheme_that_may_not_be_ranked_shows_official_order_without_ranks(
    server: str, open_page: Callable[..., tuple[Page, Watch]]
) -> None:
    address = server + "/results?as=city_evaluator&unit=yz&period=2024-10&lang=en"
    page = opened(open_page, address)
    expect(page.locator(".lead")).to_contain_text("no ranks and no bands, official order")
    table = panel(page, "Score with its 95 % interval")
    assert "Possible ranks" not in table
    places = [table.index(unit.short.en) for unit in load_catalog().units if unit.level == "county"]
    assert places == sorted(places)


def test_the_survey_shows_the_kernels_figures_and_its_silences(
    server: str, open_page: Callable[..., tuple[Page, Watch]], cube: Cube
) -> None:
    page = opened(open_page, server + WELLBEING)
    survey = find_survey(cube.catalog)
    table = panel(page, "各单位维度得分")
    for row in compare_units(cube, cube.tree, survey, "yz", SEPTEMBER).iter_rows(named=True):
        assert shown(row["n"], 0) in table
        assert shown(row["wb_overall_score"], 1) in table
        assert shown(row["margin"], 1) in table
    hidden = list_suppressed(cube, cube.tree, survey, "yz", SEPTEMBER)
    silent = panel(page, "不显示的单位")
    assert all(cube.tree.unit(unit).short.zh in silent for unit in hidden["unit"])


def test_a_district_leads_to_its_stations_and_a_small_one_stays_silent(
    server: str, open_page: Callable[..., tuple[Page, Watch]], cube: Cube
) -> None:
    page = opened(open_page, server + WELLBEING)
    page.get_by_role("region", name="各单位维度得分").get_by_role("link", name="沧浦县局").click()
    expect(page.locator("h1").first).to_contain_text("沧浦", timeout=WAIT_MS)
    table = page.get_by_role("region", name="各单位维度得分")
    expect(table).to_contain_text("小单位合并", timeout=WAIT_MS)
    hidden = list_suppressed(cube, cube.tree, find_survey(cube.catalog), "yz09", SEPTEMBER)
    unit = hidden["unit"][0]
    page = opened(open_page, server + WELLBEING.replace("unit=yz", f"unit={unit}"))
    expect(page.locator("h1").first).to_contain_text("本批不显示")
