"""Does the choice of basis and day work in a real browser, by mouse and by keyboard?"""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import LAPTOP, PHONE, Watch
from tests.browser.test_pages import WAIT_MS, grave_violations, settle

Open = Callable[..., tuple[Page, Watch]]
STATED = {
    "zh": ("按当时区划", "截至 2024年10月22日 的数据"),
    "en": ("As it was then", "As known on"),
}
PAGES = {
    "overview": "as=city_leader&unit=yz02",
    "indicator": "as=city_leader&unit=yz02&indicator=calls_theft&all=1",
    "districts": "as=city_leader&unit=yz&indicator=d_fast_share",
    "wellbeing": "as=city_leader&unit=yz",
    "results": "as=minghu_evaluator&unit=yz01",
}
THEN = "period=2024-09&basis=then&as_of=2024-10-22"


def is_whole(page: Page, watch: Watch) -> None:
    """Hold a page to what every page owes: whole, clean, nothing from elsewhere."""
    assert "Traceback" not in page.locator("body").inner_text()
    assert page.locator('[data-testid="stException"]').count() == 0
    assert page.locator(".failed").count() == 0
    overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert overflow <= 1, "the page scrolls sideways"
    assert watch.errors == []
    assert watch.strangers == []
    assert grave_violations(page) == []


@pytest.mark.parametrize(("lang", "screen"), [("zh", LAPTOP), ("en", PHONE)], ids=["zh", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_every_page_of_figures_states_its_basis_and_day(
    server: str, open_page: Open, name: str, lang: str, screen: dict
) -> None:
    page, watch = open_page(f"{server}/{name}?{PAGES[name]}&{THEN}&lang={lang}", screen)
    settle(page)
    statement = page.locator(".notice.stand")
    for words in STATED[lang]:
        expect(statement).to_contain_text(words)
    expect(page.locator(".state")).to_contain_text("2024-10-22")
    is_whole(page, watch)
    statement.get_by_role("link").click()
    expect(page).not_to_have_url(re.compile("as_of|basis"))
    expect(statement).to_have_count(0, timeout=WAIT_MS)


def test_a_day_is_chosen_from_the_approvals_or_typed(server: str, open_page: Open) -> None:
    page, watch = open_page(f"{server}/overview?as=city_leader&unit=yz&period=2024-06&lang=en")
    settle(page)
    page.locator("details.menu.right summary").click()
    page.locator("details.menu.right .days a").first.click()
    expect(page).to_have_url(re.compile(r"as_of=2024-\d\d-\d\d"))
    expect(page.locator(".notice.stand")).to_contain_text("As known on", timeout=WAIT_MS)
    settle(page)
    page.locator("details.menu.right summary").click()
    page.locator("details.menu.right input[type=date]").fill("2024-08-01")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("as_of=2024-08-01"))
    expect(page.locator(".notice.stand")).to_contain_text("1 August 2024", timeout=WAIT_MS)
    page.go_back()
    expect(page).not_to_have_url(re.compile("as_of=2024-08-01"))
    assert watch.errors == []


def test_the_basis_is_chosen_by_keyboard_and_the_unit_list_follows(
    server: str, open_page: Open
) -> None:
    page, _ = open_page(f"{server}/overview?as=city_leader&unit=yz02&period=2023-05&lang=zh")
    settle(page)
    summary = page.locator("details.menu summary", has_text="现行区划")
    summary.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("basis=then"))
    expect(page.locator(".notice.stand")).to_contain_text("按当时区划", timeout=WAIT_MS)
    settle(page)
    picker = page.locator(".scope details.menu").first
    picker.locator("summary").click()
    expect(picker.locator(".list")).to_contain_text("高新所")
    expect(picker.locator(".list")).not_to_contain_text("科技园所")


@pytest.mark.parametrize("page_name", ["returns", "review"])
def test_the_record_has_no_basis(server: str, open_page: Open, page_name: str) -> None:
    person = {"returns": "hubinlu_statistician", "review": "city_reviewer"}[page_name]
    page, watch = open_page(f"{server}/{page_name}?as={person}&lang=zh&{THEN}")
    settle(page)
    assert page.locator(".notice.stand").count() == 0
    assert page.locator("details.menu.right").count() == 0
    assert watch.errors == []
