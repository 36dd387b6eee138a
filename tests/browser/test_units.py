"""Are the units maintained in a real browser: template, findings by cell, effect, applied?"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from data.catalog import BUILT_IN, load_catalog
from data.units import tree
from tests.browser.conftest import LAPTOP, PHONE, ROOT, Watch, free_port, store_url
from tests.browser.conftest import wait_until_healthy as wait_until_up
from tests.browser.test_basis import is_whole
from tests.browser.test_pages import settle

Open = Callable[..., tuple[Page, Watch]]
HEAD = "date,kind,unit,to_unit,share,parent,level,group,name_zh,name_en,short_zh,short_en,reason\n"
GOOD = HEAD + "2024-11,move,yz0302,,,yz04,,,,,,,Decision 9/2024\n"
BAD = HEAD + "2024-11-05,move,yz0302,,,yz04,,,,,,,\n2024-11,split,yz0303,yz0304,0.5,,,,,,,,\n"
SLOW_MS = 90_000


@pytest.fixture
def own_server(demo_copy: Path, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Serve a copy of the demonstration on a copy of the definitions, which may be changed."""
    folder = tmp_path / "definitions"
    shutil.copytree(BUILT_IN, folder)
    port, log = free_port(), tmp_path / "server.log"
    settings = {"KPI_STORE": store_url(demo_copy), "KPI_DEFINITIONS": str(folder)}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "ui.server", "--host", "127.0.0.1", "--port", str(port)],
            cwd=ROOT,
            env=os.environ | settings,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until_up(address, process, log)
        yield address, folder
    finally:
        process.terminate()
        process.wait(timeout=20)


def upload(page: Page, text: str) -> None:
    file = {"name": "changes.csv", "mimeType": "text/csv", "buffer": text.encode()}
    page.locator('input[type="file"]').set_input_files(file)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("lang", "screen", "person", "unit"),
    [("zh", LAPTOP, "administrator", "yz"), ("en", PHONE, "city_leader", "yz0315")],
)
def test_the_page_is_whole(
    server: str, open_page: Open, lang: str, screen: dict, person: str, unit: str
) -> None:
    where = f"{server}/units?as={person}&unit={unit}&period=2024-03&lang={lang}"
    page, watch = open_page(where, screen)
    settle(page)
    uploads = 1 if person == "administrator" else 0
    expect(page.locator("text=/Maintenance|维护/").first).to_be_visible(timeout=SLOW_MS)
    expect(page.locator('input[type="file"]')).to_have_count(uploads, timeout=SLOW_MS)
    is_whole(page, watch)


def test_findings_by_cell_then_effect_then_applied(
    own_server: tuple[str, Path], open_page: Open
) -> None:
    address, folder = own_server
    page, watch = open_page(f"{address}/units?as=administrator&unit=yz&period=2024-10&lang=en")
    settle(page)
    upload(page, BAD)
    found = page.locator(".finding")
    expect(found).to_have_count(2, timeout=SLOW_MS)
    expect(found.first).to_contain_text("changes.csv!A2")
    expect(found.last).to_contain_text("E3")
    assert page.get_by_role("button", name="Apply").count() == 0
    upload(page, GOOD)
    apply = page.get_by_role("button", name="Apply")
    expect(apply).to_be_enabled(timeout=SLOW_MS)
    expect(page.locator("body")).to_contain_text("all the same as before")
    with page.expect_download() as fetched:
        page.get_by_role("button", name="Download the three changed files").click()
    assert fetched.value.suggested_filename == "units.zip"
    apply.click()
    expect(page.locator(".notice")).to_contain_text("1 changes applied", timeout=SLOW_MS)
    assert tree(load_catalog(folder)).parent("yz0302") == "yz04"
    page.goto(f"{address}/overview?as=city_leader&unit=yz04&period=2024-10&lang=zh")
    settle(page)
    expect(page.locator("table.mx")).to_contain_text("溪口派出所")
    assert watch.errors == []
    assert watch.strangers == []


def test_what_came_with_the_product_cannot_be_applied_to(server: str, open_page: Open) -> None:
    page, _ = open_page(f"{server}/units?as=administrator&unit=yz&period=2024-10&lang=en")
    settle(page)
    upload(page, GOOD)
    apply = page.get_by_role("button", name="Apply")
    expect(apply).to_be_disabled(timeout=SLOW_MS)
    expect(page.locator("body")).to_contain_text("not changed in place")
