"""Does every page show the right numbers, in both languages, on a laptop and on a phone?"""

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from data.access import OPERATOR
from data.catalog import load_catalog
from data.demo.build import RECORD
from data.store.database import open_store
from data.store.snapshot import read_facts
from metrics.cube import build_cube
from metrics.figures import compute_figures
from tests.browser.conftest import LAPTOP, PHONE, ROOT, Watch

PERIOD = "2024-10"
MONTH = dt.date(2024, 10, 1)
# page, who opens it, what else its address says
PAGES = {
    "overview": ("city_leader", ""),
    "indicator": ("city_leader", "&indicator=calls_theft"),
    "districts": ("city_leader", "&indicator=d_fast_share"),
    "wellbeing": ("city_leader", ""),
    "returns": ("hubinlu_statistician", ""),
    "review": ("yunlu_reviewer", ""),
    "coverage": ("city_leader", "&group=yz04"),
    "quality": ("city_reviewer", ""),
    "results": ("minghu_evaluator", ""),
    "catalogue": ("city_leader", ""),
    "units": ("city_leader", ""),
    "editions": ("city_leader", ""),
}
ENTRIES = re.compile(r'^        entry\(\s*"(\w+)"', re.MULTILINE)
SEEN = {"laptop": LAPTOP, "phone": PHONE}
# Parts of a page that were drawn anew come in from pale.
FADE_MS = 2_000
#: What axe-core found no fault with is not worked out in full: that halves its time.
ASKED = {"resultTypes": ["violations"]}
WAIT_MS = 30_000


def address(server: str, page: str, lang: str, more: str = "") -> str:
    person, extra = PAGES[page]
    return f"{server}/{page}?as={person}&period={PERIOD}&lang={lang}{extra}{more}"


def settle(page: Page) -> None:
    """Wait until the page's script is done and its charts are drawn."""
    expect(page.locator("h1").first).to_be_visible(timeout=WAIT_MS)
    expect(page.locator('[data-test-script-state="running"]')).to_have_count(0, timeout=WAIT_MS)
    # What the last run left out stands faded for a moment: pale, and about to go.
    expect(page.locator('[data-stale="true"]')).to_have_count(0, timeout=WAIT_MS)
    page.wait_for_load_state("networkidle")


def grave_violations(page: Page) -> list[str]:
    """Return what axe-core finds, minor faults apart, also once nothing fades in any more."""
    found = Axe().run(page, options=ASKED).response["violations"]
    if found:
        page.wait_for_timeout(FADE_MS)
        found = Axe().run(page, options=ASKED).response["violations"]
    return [
        f"{v['id']}: {v['help']} at {[n['target'] for n in v['nodes'][:3]]}"
        for v in found
        if v["impact"] in ("moderate", "serious", "critical")
    ]


def test_every_page_of_the_menu_is_walked() -> None:
    entries = ENTRIES.findall((ROOT / "dashboard.py").read_text(encoding="utf-8"))
    assert set(entries) == set(PAGES)


@pytest.mark.parametrize("screen", SEEN)
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole(
    server: str,
    open_page: Callable[..., tuple[Page, Watch]],
    name: str,
    lang: str,
    screen: str,
) -> None:
    page, watch = open_page(address(server, name, lang), SEEN[screen])
    settle(page)
    words = page.locator("body").inner_text()
    assert "Traceback" not in words
    assert page.locator('[data-testid="stException"]').count() == 0
    assert page.locator(".failed").count() == 0, "a part of the page could not be shown"
    has_chinese = re.search(r"[\u4e00-\u9fff]", page.locator("h1").first.inner_text())
    assert bool(has_chinese) == (lang == "zh")
    overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert overflow <= 1, "the page scrolls sideways"
    assert watch.errors == []
    assert watch.strangers == []
    assert grave_violations(page) == []


@pytest.fixture(scope="session")
def expected(demo_folder: Path) -> Callable[..., dict]:
    """Return the kernel's row of a figure, straight from the store."""
    catalog = load_catalog()
    store = open_store(f"sqlite:///{demo_folder / RECORD}")

    def row(indicator: str, unit: str = "yz") -> dict:
        inputs = catalog.indicators[indicator]
        needed = sorted(set(inputs.numerator) | set(inputs.denominator))
        cube = build_cube(read_facts(store, OPERATOR, measures=needed), catalog)
        return compute_figures(cube, [indicator], [unit], [MONTH], "month").row(0, named=True)

    return row


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_overview_shows_the_kernels_numbers(
    server: str,
    open_page: Callable[..., tuple[Page, Watch]],
    expected: Callable[..., dict],
    lang: str,
) -> None:
    page, _ = open_page(address(server, "overview", lang))
    settle(page)
    words = page.locator("body").inner_text()
    for count in ("calls_valid", "calls_theft", "crim_recorded"):
        assert f"{expected(count)['value']:,.0f}" in words, count
    assert f"{expected('calls_theft', 'yz01')['value']:,.0f}" in words
    calls = expected("calls_valid")
    assert calls["reported"] == calls["due"] - 2, "two stations are late in the demonstration"
    assert f"{calls['reported']}/{calls['due']}" in words


def test_a_value_of_the_matrix_opens_its_indicator(
    server: str, open_page: Callable[..., tuple[Page, Watch]], expected: Callable[..., dict]
) -> None:
    page, _ = open_page(address(server, "overview", "zh"))
    settle(page)
    link = page.locator('a[href*="indicator=calls_theft"][href*="unit=yz01"]').last
    link.click()
    expect(page).to_have_url(re.compile(r"/indicator\?.*unit=yz01"))
    settle(page)
    assert f"{expected('calls_theft', 'yz01')['value']:,.0f}" in page.locator("body").inner_text()


def test_a_pasted_link_opens_the_same_view(
    server: str, open_page: Callable[..., tuple[Page, Watch]]
) -> None:
    first, _ = open_page(address(server, "overview", "en", "&unit=yz04&window=ytd"))
    settle(first)
    again, _ = open_page(first.url)
    settle(again)
    assert first.locator("h1").first.inner_text() == again.locator("h1").first.inner_text()
    assert "unit=yz04" in again.url


def test_the_keyboard_reaches_menu_and_scope(
    server: str, open_page: Callable[..., tuple[Page, Watch]]
) -> None:
    page, _ = open_page(address(server, "overview", "en"))
    settle(page)
    reached = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.getAttribute('href') || ''"))
    assert any("indicator" in target for target in reached)
    assert any("lang=zh" in target for target in reached)


def test_dark_follows_the_readers_system(
    server: str, open_page: Callable[..., tuple[Page, Watch]]
) -> None:
    page, watch = open_page(address(server, "overview", "zh"), LAPTOP, color_scheme="dark")
    settle(page)
    colour = page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor")
    red = int(re.findall(r"\d+", colour)[0])
    assert red < 60, colour
    assert watch.errors == []
    assert grave_violations(page) == []


def test_the_front_ends_own_controls_speak_the_readers_language(
    server: str, open_page: Callable[..., tuple[Page, Watch]]
) -> None:
    page, watch = open_page(address(server, "returns", "zh"))
    settle(page)
    upload = page.get_by_test_id("stFileUploader").locator("button")
    expect(upload).to_have_text(re.compile("选择文件$"), timeout=WAIT_MS)
    page.get_by_role("button", name="界面设置").click()
    for choice in ("随系统", "浅色", "深色"):
        expect(page.get_by_role("menuitemradio", name=choice)).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("link", name="EN", exact=True).click()
    # The control is not drawn anew: what was put there gives way all the same.
    expect(upload).to_have_text(re.compile("Choose file$"), timeout=WAIT_MS)
    assert watch.errors == []


def test_a_charts_buttons_are_seen_by_whoever_comes_by_keyboard(
    server: str, open_page: Callable[..., tuple[Page, Watch]]
) -> None:
    page, _ = open_page(address(server, "districts", "zh"))
    settle(page)
    page.locator(".line .seg a").last.focus()
    page.keyboard.press("Tab")
    bar = page.get_by_test_id("stElementToolbar").first
    expect(bar).to_have_css("opacity", "1")
    expect(bar.locator("button").first).to_have_css("outline-style", "solid")
