"""Does a return go its whole way in the browser: asked, explained, sent back, mended, seen?"""

import io
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from playwright.sync_api import Locator, Page, expect

from data.catalog import Catalog, load_catalog
from data.demo.generate import generate_world
from data.returns.answers import ANSWER_HEAD, FINDINGS_SHEET
from data.returns.findings_sheet import HEAD_ROW
from data.returns.read import read_workbook
from data.returns.template import write_template
from data.texts import text
from data.units import tree
from tests.browser.conftest import Watch
from tests.browser.test_pages import grave_violations, settle

STATION, DISTRICT = "yz0411", "yz04"
CLERK, LEADER = "huangnitang_statistician", "city_leader"
COUNTY, CITY = "yunlu_reviewer", "city_reviewer"
MONTH = date(2024, 10, 1)
FORMS = ("M01", "M04")
SLOW_MS = 90_000
#: What the checks ask about: a loss and a number of visits far above what the station usually has.
STRANGE = {"fraud_loss_amount": 806.4, "fraud_dissuade_visits": 5000.0}
ON_THE_PAGE, IN_THE_BOOK = "本月一起投资类案件，已核对立案文书。", "专项行动集中上门，已核对台账。"
WHY = "电诈与追赃：损失金额请与反诈中心核对。"
Open = Callable[..., tuple[Page, Watch]]


def own_figures(catalog: Catalog) -> pl.DataFrame:
    """Return what the late station would have filed: the bureau's world before it was left out."""
    world = generate_world(catalog)
    row, column = world.rows(STATION), world.month(MONTH.year, MONTH.month)
    rows = [
        (STATION, code, float(values[row, column].item()))
        for code, values in world.values.items()
        if "station" in catalog.measures[code].filers
    ]
    frame = pl.DataFrame(rows, schema=["unit", "measure", "value"], orient="row")
    return frame.filter(pl.col("value").is_not_nan())


@pytest.fixture
def books(tmp_path: Path) -> dict[str, Path]:
    """Return the station's workbook three times: faulty, asked about, and right."""
    catalog = load_catalog()
    units, values = tree(catalog), own_figures(catalog)
    made = {name: tmp_path / f"{name}.xlsx" for name in ("right", "asked", "faulty")}
    write_template(catalog, units, FORMS, STATION, MONTH, made["right"], values=values)
    cells = {
        row["measure"]: (row["sheet"], row["cell"])
        for row in read_workbook(made["right"], catalog, units).facts.iter_rows(named=True)
    }
    for name, changes in (("asked", STRANGE), ("faulty", STRANGE | {"calls_valid": "约60起"})):
        book = openpyxl.load_workbook(made["right"])
        for measure, value in changes.items():
            sheet, cell = cells[measure]
            book[sheet][cell] = value
        book.save(made[name])
    return made


def number_of_units(page: Page) -> tuple[int, int]:
    """Return how many units have reported, as the scope bar says it."""
    found = re.search(r"(\d+)/(\d+)", page.locator(".scope .state").inner_text())
    assert found is not None
    return int(found.group(1)), int(found.group(2))


def upload(desk: Page, book: Path) -> None:
    """Drop a workbook and wait until its verdict stands there."""
    desk.locator('input[type="file"]').set_input_files(book)
    expect(desk.locator(f'.file[data-file="{book.name}"]')).to_be_visible(timeout=SLOW_MS)
    expect(desk.locator(".verdict-head")).to_be_visible(timeout=SLOW_MS)
    settle(desk)


def submit_button(desk: Page) -> Locator:
    return desk.get_by_role("button", name=text("returns.page.submit", "zh"), exact=True)


def answer_in_the_book(desk: Page, target: Path) -> int:
    """Fetch the annotated copy and explain in it what is open; return how much that was."""
    name = text("returns.page.annotated", "zh")
    with desk.expect_download() as fetched:
        desk.get_by_role("button", name=name).click()
    book = openpyxl.load_workbook(io.BytesIO(Path(fetched.value.path()).read_bytes()))
    listed = book[FINDINGS_SHEET]
    column = {cell.value: cell.column for cell in listed[HEAD_ROW]}[ANSWER_HEAD]
    given = [row[column - 1] for row in listed.iter_rows(min_row=HEAD_ROW + 1)]
    assert ON_THE_PAGE in [cell.value for cell in given], "what was typed stands in the copy"
    left = [cell for cell in given if not cell.value]
    for cell in left:
        cell.value = IN_THE_BOOK
    book.save(target)
    return len(left)


def judge(
    open_page: Open, server: str, reviewer: str, accepted: tuple[str, ...], refused: str = ""
) -> None:
    """Decide on the station's returns that wait for a reviewer; that of one form goes back."""
    where = f"{server}/review?as={reviewer}&unit={STATION}&period=2024-10&lang=zh"
    page, watch = open_page(where)
    settle(page)
    for form in (*accepted, *([refused] if refused else [])):
        page.locator(".queue a", has_text=form).first.click()
        expect(page.locator(".st-key-card-return h2").first).to_contain_text(form, timeout=SLOW_MS)
        settle(page)
        key = "send_back" if form == refused else "accept"
        if form == refused:
            page.get_by_label(text("review.reason", "zh")).fill(WHY)
            page.keyboard.press("Control+Enter")
            settle(page)
        page.get_by_role("button", name=text(f"review.{key}", "zh"), exact=True).click()
        said = page.locator('.notice[role="status"]')
        expect(said).to_contain_text(re.compile(f"{form}.*(通过|退回)"), timeout=SLOW_MS)
        settle(page)
    assert watch.errors == []
    page.close()


def test_a_return_is_explained_sent_back_corrected_and_moves_the_overview(
    server_of_copy: str, tmp_path: Path, books: dict[str, Path], open_page: Open
) -> None:
    overview = f"{server_of_copy}/overview?as={LEADER}&period=2024-10&lang=zh"
    seen, _ = open_page(overview)
    settle(seen)
    reported, due = number_of_units(seen)

    desk, watch = open_page(f"{server_of_copy}/returns?as={CLERK}&period=2024-10&lang=zh")
    settle(desk)
    upload(desk, books["faulty"])
    assert "约60起" in desk.locator(".st-key-card-verdict").inner_text()
    expect(submit_button(desk)).to_be_disabled(timeout=SLOW_MS)

    upload(desk, books["asked"])
    boxes = desk.locator('[class*="st-key-answer-box"] textarea')
    asked = boxes.count()
    assert asked >= 2
    boxes.first.fill(ON_THE_PAGE)
    boxes.first.press("Control+Enter")
    settle(desk)
    expect(submit_button(desk)).to_be_disabled(timeout=SLOW_MS)
    assert text("desk.effect.title_own", "zh", unit="黄泥塘派出所", month="2024年10月") in (
        desk.locator("body").inner_text()
    )
    assert grave_violations(desk) == []

    desk.reload()
    settle(desk)
    expect(desk.locator(".verdict-head")).to_be_visible(timeout=SLOW_MS)
    expect(boxes.first).to_have_value(ON_THE_PAGE, timeout=SLOW_MS)

    annotated = tmp_path / "annotated.xlsx"
    assert answer_in_the_book(desk, annotated) == asked - 1
    upload(desk, annotated)
    expect(submit_button(desk)).to_be_enabled(timeout=SLOW_MS)
    submit_button(desk).click()
    expect(desk.locator(".st-key-card-sent")).to_contain_text(
        re.compile(r"HJ-\d+"), timeout=SLOW_MS
    )
    settle(desk)

    judge(open_page, server_of_copy, COUNTY, ("M01",), refused="M04")
    desk.reload()
    settle(desk)
    expect(desk.locator(".notice").filter(has_text=WHY)).to_be_visible(timeout=SLOW_MS)

    upload(desk, books["right"])
    expect(submit_button(desk)).to_be_enabled(timeout=SLOW_MS)
    submit_button(desk).click()
    expect(desk.locator(".st-key-card-sent")).to_contain_text(
        re.compile(r"HJ-\d+"), timeout=SLOW_MS
    )
    assert watch.errors == []

    judge(open_page, server_of_copy, COUNTY, ("M04",))
    seen.reload()
    settle(seen)
    assert number_of_units(seen) == (reported, due), "nothing counts before the city has accepted"
    judge(open_page, server_of_copy, CITY, FORMS)
    seen.reload()
    settle(seen)
    assert number_of_units(seen) == (reported + 1, due)
