"""Can a leader click a number down to its cell, and read what happened to it?"""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import LAPTOP, PHONE
from tests.browser.test_pages import grave_violations, settle

WAIT_MS = 30_000
WORDS = {
    "zh": ("桥北派出所", "这个数的来历：桥北派出所 · 盗窃类警情数 · 2024-10", "订正理由"),
    "en": ("Qiaobei", "Where this number comes from: Qiaobei · Theft calls · 2024-10", "Reason of"),
}


@pytest.mark.parametrize(("lang", "viewport"), [("zh", LAPTOP), ("en", PHONE)])
def test_a_number_leads_to_its_cell_and_to_what_happened_to_it(
    server: str, open_page: Callable, lang: str, viewport: dict[str, int]
) -> None:
    """From the districts' table to the passport, and from a row of it to the trail of its cell."""
    unit, title, reason = WORDS[lang]
    address = f"{server}/districts?as=city_leader&period=2024-10&indicator=calls_theft&lang={lang}"
    page, watch = open_page(address, viewport)
    settle(page)
    page.locator('a[href*="unit=yz01&"][href*="#passport"]').first.click()
    expect(page.locator("#passport")).to_be_in_viewport(timeout=WAIT_MS)
    settle(page)
    row = page.locator("tr", has=page.get_by_role("link", name="接处警!L11")).filter(has_text=unit)
    row.get_by_role("link", name="接处警!L11").click()
    trail = page.locator("#trail")
    expect(trail).to_contain_text(title, timeout=WAIT_MS)
    expect(trail.locator("ol.trail")).to_be_in_viewport(timeout=WAIT_MS)
    expect(trail).to_contain_text(reason)
    expect(trail).to_contain_text("与台账复核发现该格填报有误")
    assert "cell=" in page.url
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= viewport["width"]
    assert watch.errors == []
    assert grave_violations(page) == []
