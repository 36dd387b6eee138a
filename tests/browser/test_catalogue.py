"""Can a reader find an indicator in the catalogue and read the whole of its entry?"""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import LAPTOP, PHONE

WAIT_MS = 30_000


def test_search_category_entry_and_back(server: str, open_page: Callable) -> None:
    page, watch = open_page(f"{server}/catalogue?as=city_leader&lang=zh")
    expect(page.locator("h1")).to_have_text(
        "259 项指标：184 项填报，75 项由填报数算出", timeout=WAIT_MS
    )
    page.get_by_label("搜索名称、代码或定义").fill("破案率")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("项指标（共 259 项）", timeout=WAIT_MS)
    assert "q=" in page.url
    page.get_by_role("link", name="现行命案破案率").click()
    expect(page.locator("h1")).to_have_text("现行命案破案率", timeout=WAIT_MS)
    expect(page.get_by_text("禁止计分、排名", exact=False).first).to_be_visible()
    expect(page.get_by_text("两个单位、两个月先合计后相除").first).to_be_visible()
    assert "indicator=d_homicide_clear_rate" in page.url
    page.get_by_role("link", name="返回目录").click()
    expect(page.locator("h1")).to_contain_text("259 项指标", timeout=WAIT_MS)
    assert watch.errors == []
    assert watch.strangers == []


@pytest.mark.parametrize("viewport", [LAPTOP, PHONE])
def test_a_link_to_an_entry_opens_it_in_english(
    server: str, open_page: Callable, viewport: dict[str, int]
) -> None:
    address = f"{server}/catalogue?as=city_leader&lang=en&indicator=d_dispute_resolve_rate"
    page, watch = open_page(address, viewport)
    expect(page.locator("h1")).to_have_text("Dispute resolution rate", timeout=WAIT_MS)
    expect(page.get_by_text("98 %, from 2021-01")).to_be_visible()
    expect(page.get_by_text("Result for District a in 2024-05 (quarter): 98 %")).to_be_visible()
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= viewport["width"]
    assert watch.errors == []


def test_an_unknown_code_says_what_to_do(server: str, open_page: Callable) -> None:
    page, _ = open_page(f"{server}/catalogue?as=city_leader&lang=en&indicator=d_nothing")
    expect(page.get_by_text("The catalogue has no “d_nothing”")).to_be_visible(timeout=WAIT_MS)
    expect(page.get_by_role("link", name="Back to the list")).to_be_visible()
