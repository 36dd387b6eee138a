"""Can a reader see what was published when, what changed since, and the pages as of an edition?"""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from data.demo.build import RECORD
from data.store.database import open_store
from data.store.editions import Edition, editions
from tests.browser.conftest import LAPTOP, PHONE, running_server, store_url
from tests.browser.test_pages import WAIT_MS, grave_violations, settle

OPEN = Callable[..., tuple]


@pytest.fixture(scope="module")
def kept(demo_folder: Path) -> list[Edition]:
    return editions(open_store(f"sqlite:///{demo_folder / RECORD}"))


def whole(page: Page) -> None:
    """Wait until the last part of the page is there."""
    settle(page)
    expect(page.locator("details.how")).to_be_visible(timeout=WAIT_MS)


def test_the_list_names_every_edition_with_its_hash(
    server: str, open_page: OPEN, kept: list[Edition]
) -> None:
    page, watch = open_page(f"{server}/editions?as=city_reviewer&lang=zh")
    whole(page)
    words = page.locator("body").inner_text()
    assert len(kept) >= 5
    for edition in kept:
        assert edition.name in words
        assert edition.hashes.figures_hash[:12] in words
    assert "锁定后" in words
    assert watch.errors == []


def test_a_name_shows_what_that_edition_changed(
    server: str, open_page: OPEN, kept: list[Edition]
) -> None:
    moved = next(item for item in reversed(kept) if item.revised.get("revised"))
    page, _ = open_page(f"{server}/editions?as=city_reviewer&lang=en")
    whole(page)
    page.get_by_role("link", name=moved.name, exact=True).click()
    expect(page).to_have_url(re.compile(f"edition={moved.name}"))
    whole(page)
    expect(page.get_by_text("Cells that changed, the latest first")).to_be_visible()
    cells = page.get_by_role("region", name="Cells that changed, the latest first")
    assert cells.locator("tbody tr").count() == sum(
        moved.revised[name] for name in ("new", "revised", "withdrawn")
    )


def test_an_edition_opens_the_pages_as_they_were_known_then(
    server: str, open_page: OPEN, kept: list[Edition]
) -> None:
    page, watch = open_page(f"{server}/editions?as=city_leader&lang=en")
    whole(page)
    row = page.get_by_role("row").filter(has_text=kept[0].hashes.figures_hash[:12])
    row.get_by_role("link", name="Open").click()
    expect(page).to_have_url(re.compile(r"/overview\?.*as_of=2024-"))
    assert f"period={kept[0].name}" in page.url
    settle(page)
    assert page.locator(".failed").count() == 0
    assert watch.errors == []


def test_an_edition_is_checked_when_asked(
    server: str, open_page: OPEN, kept: list[Edition]
) -> None:
    page, _ = open_page(f"{server}/editions?as=city_reviewer&lang=en")
    whole(page)
    page.get_by_role("button", name="Compute again and check").click()
    verdict = f"{kept[-1].name}: computed again, every figure is the same."
    expect(page.get_by_text(verdict)).to_be_visible(timeout=WAIT_MS)


@pytest.mark.parametrize("viewport", [LAPTOP, PHONE])
def test_the_page_is_whole_in_the_dark(
    server: str, open_page: OPEN, viewport: dict[str, int]
) -> None:
    page, watch = open_page(
        f"{server}/editions?as=city_reviewer&lang=en&indicator=crim_recorded",
        viewport,
        color_scheme="dark",
    )
    whole(page)
    assert page.locator(".failed").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    assert grave_violations(page) == []
    assert watch.errors == []


def test_a_record_without_editions_says_what_to_do(open_page: OPEN, tmp_path: Path) -> None:
    open_store(store_url(tmp_path)).init("Asia/Shanghai")
    with running_server(store_url(tmp_path), tmp_path / "server.log") as server:
        page, watch = open_page(f"{server}/editions?as=city_reviewer&lang=en")
        settle(page)
        expect(page.locator(".empty")).to_be_visible(timeout=WAIT_MS)
        assert page.locator(".failed").count() == 0
        assert watch.errors == []
