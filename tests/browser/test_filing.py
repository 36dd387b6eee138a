"""Does a return go its whole way in the browser: faulty, mended, submitted, accepted, seen?"""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import polars as pl
from playwright.sync_api import Page, expect

from data.catalog import Catalog, load_catalog
from data.demo.generate import generate_world
from data.returns.due import forms_due
from data.returns.read import read_workbook
from data.returns.template import write_template
from data.texts import text
from data.units import tree
from tests.browser.conftest import Watch
from tests.browser.test_pages import settle

STATION, DISTRICT = "yz0411", "yz04"
CLERK, LEADER = "huangnitang_statistician", "city_leader"
REVIEWERS = ("yunlu_reviewer", "city_reviewer")
MONTH = date(2024, 10, 1)
SLOW_MS = 90_000


def own_figures(catalog: Catalog) -> pl.DataFrame:
    """Return what the late station would have filed: the bureau's world before it was left out."""
    world = generate_world(catalog)
    row, column = world.rows(STATION), world.month(MONTH.year, MONTH.month)
    rows = [
        (STATION, code, float(values[row, column].item()))
        for code, values in world.values.items()
        if STATION and "station" in catalog.measures[code].filers
    ]
    frame = pl.DataFrame(rows, schema=["unit", "measure", "value"], orient="row")
    return frame.filter(pl.col("value").is_not_nan())


def write_return(catalog: Catalog, folder: Path) -> tuple[Path, Path]:
    """Write the station's return twice: with three faults, and right."""
    units = tree(catalog)
    forms = [form.code for form, _ in forms_due(catalog, units, STATION, MONTH)]
    good, faulty = folder / "return.xlsx", folder / "faulty.xlsx"
    values = own_figures(catalog)
    write_template(catalog, units, forms, STATION, MONTH, good, values=values)
    cells = {
        row["measure"]: (row["sheet"], row["cell"])
        for row in read_workbook(good, catalog, units).facts.iter_rows(named=True)
    }
    book = openpyxl.load_workbook(good)
    for measure, wrong in (("crim_recorded", "约12起"), ("calls_valid", 9999), ("svc_online", -3)):
        sheet, cell = cells[measure]
        book[sheet][cell] = wrong
    book.save(faulty)
    return faulty, good


def number_of_units(page: Page) -> tuple[int, int]:
    """Return how many units have reported, as the scope bar says it."""
    found = re.search(r"(\d+)/(\d+)", page.locator("body").inner_text())
    assert found is not None
    return int(found.group(1)), int(found.group(2))


def test_a_faulty_return_is_mended_submitted_accepted_and_moves_the_overview(
    server_of_copy: str,
    tmp_path: Path,
    open_page: Callable[..., tuple[Page, Watch]],
) -> None:
    faulty, good = write_return(load_catalog(), tmp_path)
    overview = f"{server_of_copy}/overview?as={LEADER}&period=2024-10&lang=zh"
    before, _ = open_page(overview)
    settle(before)
    reported, due = number_of_units(before)

    desk, watch = open_page(f"{server_of_copy}/returns?as={CLERK}&period=2024-10&lang=zh")
    settle(desk)
    submit = desk.get_by_role("button", name=text("returns.page.submit", "zh"), exact=True)
    desk.locator('input[type="file"]').set_input_files(faulty)
    verdict = desk.locator(".finding")
    expect(verdict.first).to_be_visible(timeout=SLOW_MS)
    words = desk.locator("body").inner_text()
    assert "约12起" in words
    assert "9,999" in words or "9999" in words
    assert "R02" in words
    expect(submit).to_be_disabled()

    desk.locator('input[type="file"]').set_input_files(good)
    expect(desk.get_by_text("约12起")).to_have_count(0, timeout=SLOW_MS)
    settle(desk)
    answers = desk.locator('textarea[maxlength="500"]')
    for place in range(answers.count()):
        answers.nth(place).fill("已与台账逐项核对，数据属实。")
        answers.nth(place).press("Control+Enter")
        settle(desk)
    expect(submit).to_be_enabled(timeout=SLOW_MS)
    submit.click()
    expect(desk.get_by_text(re.compile(r"HJ-\d+")).first).to_be_visible(timeout=SLOW_MS)
    assert watch.errors == []

    still, _ = open_page(overview)
    settle(still)
    assert number_of_units(still) == (reported, due), "nothing counts before it is accepted"

    for reviewer in REVIEWERS:
        judge, _ = open_page(
            f"{server_of_copy}/review?as={reviewer}&unit={STATION}&period=2024-10&lang=zh"
        )
        settle(judge)
        accept_all(judge)
        after, _ = open_page(overview)
        settle(after)
        is_last = reviewer == REVIEWERS[-1]
        assert number_of_units(after) == (reported + is_last, due)


def accept_all(judge: Page) -> None:
    """Accept every return that waits for the reviewer."""
    accept = judge.get_by_role("button", name=text("review.accept", "zh"))
    title = judge.locator("h1").first
    for _ in range(20):
        if accept.count() == 0:
            break
        words = title.inner_text()
        accept.first.click()
        # The title counts what waits: until it moves, the page still shows what was decided.
        expect(title).not_to_have_text(words, timeout=SLOW_MS)
        settle(judge)
