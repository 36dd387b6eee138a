"""Do rows typed for a station go their whole way, and is a return sent back with the cell named?"""

import contextlib
import datetime as dt
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from playwright.sync_api import Locator, Page, expect

from data.access import OPERATOR
from data.catalog import load_catalog
from data.returns.due import sheets_of
from data.returns.read import read_workbook
from data.returns.template import write_template
from data.store.database import Store, open_store
from data.store.record import extensions, steps_of, submissions
from data.store.snapshot import read_facts
from data.texts import text
from data.units import tree
from tests.browser.conftest import PHONE, Watch, running_server, store_url
from tests.browser.test_pages import grave_violations, settle

OCTOBER = dt.date(2024, 10, 1)
DISTRICT, STATION, FORM, MEASURE = "yz01", "yz0101", "M03", "adm_first_warning"
SLOW_MS = 90_000
Opener = Callable[..., tuple[Page, Watch]]


@dataclass(frozen=True)
class Bureau:
    """A copy of the demonstration that all tests here change, and where it is served."""

    server: str
    store: Store


@pytest.fixture(scope="module")
def bureau(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bureau]:
    folder = tmp_path_factory.mktemp("reviewed") / "demonstration"
    shutil.copytree(demo_folder, folder)
    with running_server(store_url(folder), folder / "server.log") as server:
        yield Bureau(server, open_store(store_url(folder)))
    shutil.rmtree(folder)


def said(key: str, **values: object) -> str:
    return text(key, "zh", **values)


def corrected_workbook(store: Store, to: Path) -> tuple[str, float, int]:
    """Write the district's form with one more in one cell of a station.

    Returns where, what stood there, and how many cells are the station's to confirm.
    """
    catalog = load_catalog()
    units = tree(catalog)
    facts = read_facts(store, OPERATOR)
    here = facts.filter(
        pl.col("period") == OCTOBER, pl.col("unit").is_in(list(units.leaves(DISTRICT)))
    )
    write_template(
        catalog,
        units,
        [FORM],
        DISTRICT,
        OCTOBER,
        to,
        facts,
        here.select("unit", "measure", "value"),
    )
    read = read_workbook(to, catalog, units).facts
    row = read.filter(unit=STATION, measure=MEASURE).row(0, named=True)
    book = openpyxl.load_workbook(to)
    book[row["sheet"]][row["cell"]] = row["value"] + 1
    book.save(to)
    sheets = sheets_of(catalog, units, catalog.forms[FORM], STATION, OCTOBER)
    own = {code for sheet in sheets for unit, code in sheet.expected if unit == STATION}
    return f"{row['sheet']}!{row['cell']}", row["value"], len(own)


def go(open_page: Opener, bureau: Bureau, page: str, person: str, more: str = "") -> Page:
    found, _ = open_page(f"{bureau.server}/{page}?as={person}&period=2024-10&lang=zh{more}")
    settle(found)
    return found


def press(page: Page, name: str, *, then: str) -> None:
    """Press a button and wait for the line that answers it."""
    page.get_by_role("button", name=name, exact=True).click()
    answer = page.locator('.notice[role="status"]')
    expect(answer).to_contain_text(re.compile(then), timeout=SLOW_MS)
    settle(page)


def quote_first_cell(page: Page, reason: Locator) -> None:
    """Choose the first cell offered, again if the list was drawn anew and closed meanwhile."""
    quote = page.get_by_role("combobox", name=said("review.quote_cell"))
    for _ in range(4):
        quote.press("ArrowDown")
        expect(page.get_by_role("option").first).to_be_visible()
        quote.press("Enter")
        with contextlib.suppress(AssertionError):
            expect(reason).not_to_have_value("", timeout=SLOW_MS / 4)
            return


def test_typed_rows_are_confirmed_accepted_twice_and_count(
    bureau: Bureau, tmp_path: Path, open_page: Opener
) -> None:
    book = tmp_path / "district.xlsx"
    place, before, own = corrected_workbook(bureau.store, book)

    typist = go(open_page, bureau, "returns", "minghu_statistician", f"&unit={DISTRICT}")
    typist.locator('input[type="file"]').set_input_files(book)
    expect(typist.locator(".verdict-head")).to_be_visible(timeout=SLOW_MS)
    settle(typist)
    answers = typist.get_by_role("textbox", name=re.compile("^说明 "))
    for at in range(answers.count()):
        answers.nth(at).fill("已与台账逐项核对，数据属实。")
        answers.nth(at).press("Control+Enter")
        settle(typist)
    changes = typist.get_by_role("region", name=said("correction.title", forms=FORM, count=1))
    expect(changes).to_be_visible(timeout=SLOW_MS)
    assert place in changes.inner_text()
    assert "+1" in changes.inner_text()
    why = typist.get_by_label(said("returns.page.why", forms=FORM))
    why.fill("与台账复核，漏计一起。")
    why.press("Enter")
    settle(typist)
    submit = typist.get_by_role("button", name=said("returns.page.submit"), exact=True)
    expect(submit).to_be_enabled(timeout=SLOW_MS)
    submit.click()
    # The number of the return that is corrected stands on the page before: wait for the new one.
    sent = typist.locator(".st-key-card-sent")
    expect(sent).to_contain_text(re.compile(r"HJ-\d+"), timeout=SLOW_MS)
    settle(typist)

    early = go(open_page, bureau, "review", "minghu_reviewer", "&level=confirming")
    early.locator(".queue a", has_text=FORM).first.click()
    expect(early.locator(".way li.now")).to_contain_text("0 / 1", timeout=SLOW_MS)
    assert early.get_by_role("button", name=said("review.accept"), exact=True).count() == 0

    clerk = go(open_page, bureau, "returns", "hubinlu_statistician")
    card = clerk.locator('[class*="st-key-card-confirm"]')
    assert card.locator("tbody tr").count() == own
    assert f"{before:,.0f}" in card.locator("tr", has_text="首违警告").inner_text()
    assert grave_violations(clerk) == []
    press(clerk, said("confirm.one", form=FORM), then=said("confirm.confirmed", forms=FORM))
    assert card.count() == 0

    for reviewer in ("minghu_reviewer", "city_reviewer"):
        judge = go(open_page, bureau, "review", reviewer, f"&unit={DISTRICT}")
        assert place in judge.locator("body").inner_text()
        press(judge, said("review.accept"), then="通过（HJ-")
    facts = read_facts(bureau.store, OPERATOR)
    now = facts.filter(unit=STATION, measure=MEASURE, period=OCTOBER)["value"]
    assert now.to_list() == [before + 1]


def test_a_return_goes_back_with_its_cell_and_another_reviewer_is_told(
    bureau: Bureau, open_page: Opener
) -> None:
    store = bureau.store
    waiting = submissions(store, OPERATOR, OCTOBER).filter(waits_for="city").row(0, named=True)
    address = f"&receipt={waiting['receipt']}"
    first = go(open_page, bureau, "review", "city_reviewer", address)
    # A link may name a return of another unit than the one in scope.
    second = go(open_page, bureau, "review", "city_second_reviewer", f"{address}&unit=yz0101")

    expect(first.locator(".queue li.sel")).to_have_count(1)
    press(first, said("review.send_back"), then=said("review.reason_needed")[:12])
    reason = first.get_by_label(said("review.reason"))
    quote_first_cell(first, reason)
    expect(reason).to_have_value(re.compile(r"^[^!]+![A-Z]+\d+ .+：$"), timeout=SLOW_MS)
    settle(first)
    place = reason.input_value().split(" ")[0]
    reason.press_sequentially("请附台账。")
    press(first, said("review.send_back"), then=f"已退回（{waiting['receipt']}")
    step = steps_of(store, OPERATOR, waiting["id"]).row(-1, named=True)
    assert step["decision"] == "return"
    assert step["reason"].startswith(place)
    assert step["reason"].endswith("请附台账。")

    press(second, said("review.accept"), then="您不用再审")
    assert second.locator('[data-testid="stException"], .failed').count() == 0
    states = submissions(store, OPERATOR, OCTOBER).filter(id=waiting["id"])["state"].to_list()
    assert states == ["returned"]


def test_more_time_is_given_on_the_page_with_a_reason(bureau: Bureau, open_page: Opener) -> None:
    judge = go(open_page, bureau, "review", "yunlu_reviewer", "&unit=yz0411")
    judge.locator("summary", has_text=re.compile("延期与锁定")).click()
    give = said("review.time.give")
    expect(judge.get_by_role("button", name=give, exact=True)).to_be_enabled(timeout=SLOW_MS)
    settle(judge)
    press(judge, give, then=text("store.error.no_extension_reason", "zh")[:4])
    reason = judge.get_by_label(said("review.time.reason"))
    reason.fill("系统迁移，数据晚到。")
    # No Enter: what is typed counts when the button is pressed.
    press(judge, give, then="已延到")
    assert judge.get_by_role("button", name=said("review.time.do_lock"), exact=True).count() == 0
    assert grave_violations(judge) == []
    given = extensions(bureau.store, OPERATOR, OCTOBER)
    row = given.row(0, named=True)
    assert (row["form"], row["unit"], row["given_by"]) == ("M01", "yz0411", "yunlu_reviewer")
    # The day after today (2024-11-11) comes first among the days that are offered.
    assert (row["until"], row["reason"]) == (dt.date(2024, 11, 12), "系统迁移，数据晚到。")


def test_the_months_lock_is_the_citys_and_phones_show_all(
    bureau: Bureau, open_page: Opener
) -> None:
    page, watch = open_page(
        f"{bureau.server}/review?as=city_reviewer&period=2024-10&lang=en&level=all", PHONE
    )
    settle(page)
    page.locator("summary", has_text="More time and locks").click()
    button = page.get_by_role("button", name=text("review.time.do_lock", "en"), exact=True)
    expect(button).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 1
    assert watch.errors == []
    assert grave_violations(page) == []
