"""Do Coverage and Data quality show what the record says, each person the own part of it?"""

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from playwright.sync_api import Page, expect

from data.access import viewer_for
from data.catalog import Catalog, load_catalog
from data.demo.build import RECORD
from data.returns.coverage import chase, coverage
from data.returns.quality import findings_over, outcomes
from data.store.database import Store, open_store
from data.units import Tree, tree
from metrics.quality import first_pass
from tests.browser.conftest import LAPTOP, PHONE, Watch
from tests.browser.test_basis import is_whole
from tests.browser.test_pages import WAIT_MS, settle
from ui.numbers import share, shown

Open = Callable[..., tuple[Page, Watch]]
OCTOBER, TODAY = dt.date(2024, 10, 1), dt.date(2024, 11, 11)
FIRST = dt.date(2023, 11, 1)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


@pytest.fixture(scope="module")
def units(catalog: Catalog) -> Tree:
    return tree(catalog)


@pytest.fixture(scope="module")
def store(demo_folder: Path) -> Store:
    return open_store(f"sqlite:///{demo_folder / RECORD}")


def opened(
    server: str, open_page: Open, page: str, person: str, lang: str, more: str = ""
) -> tuple:
    where = f"{server}/{page}?as={person}&period=2024-10&lang={lang}{more}"
    found, watch = open_page(where, PHONE if "phone" in more else LAPTOP)
    settle(found)
    expect(found.locator("details.how")).to_be_visible(timeout=WAIT_MS)
    return found, watch


def test_the_numbers_are_those_of_the_record(
    server: str, open_page: Open, store: Store, catalog: Catalog, units: Tree
) -> None:
    viewer = viewer_for(catalog, "city_leader")
    rows = coverage(store, viewer, catalog, units, OCTOBER, today=TODAY)
    owed, filled = int(rows["owed"].sum()), int(rows["filled"].sum())
    is_open = pl.col("state").is_in(["approved", "submitted", "reviewed"]).not_()
    is_short = (pl.col("state") == "approved") & (pl.col("filled") < pl.col("owed"))
    late = rows.filter(is_open | is_short)["unit"].n_unique()
    page, watch = opened(server, open_page, "coverage", "city_leader", "en")
    words = page.locator("body").inner_text()
    whole = rows["unit"].n_unique()
    assert f"{whole - late} of {whole} units complete" in page.locator("h1").first.inner_text()
    assert f"Of {owed:,} cells owed {filled:,} are filled ({share(filled, owed)}%)" in words
    judged = rows.filter(pl.col("on_time").is_not_null())
    assert f"{int(judged['on_time'].sum()):,} / {judged.height:,} returns due" in words
    calls = chase(store, viewer, catalog, units, OCTOBER, TODAY, "en")
    listed = page.get_by_role("region", name="Whom to call")
    for person in calls["person"].unique():
        expect(listed.get_by_text(person).first).to_be_visible()
    assert watch.errors == []


def test_a_district_opens_in_its_place(server: str, open_page: Open, units: Tree) -> None:
    page, watch = opened(server, open_page, "coverage", "city_leader", "zh")
    grid = page.locator("table.by-month")
    rows = grid.locator("tbody tr").count()
    switch = page.get_by_role("link", name="展开云麓分局所属单位").first
    expect(switch).to_have_attribute("aria-expanded", "false")
    switch.click()
    expect(page).to_have_url(re.compile("group=yz04"))
    below = [unit for unit in units.leaves("yz04") if not units.is_pooled(unit)]
    expect(grid.locator("tbody tr")).to_have_count(rows + len(below), timeout=WAIT_MS)
    expect(grid.get_by_text("黄泥塘派出所")).to_be_visible()
    again = page.get_by_role("link", name="收起云麓分局所属单位").first
    expect(again).to_have_attribute("aria-expanded", "true")
    is_whole(page, watch)


def test_a_cell_opens_that_month_of_that_unit(server: str, open_page: Open) -> None:
    page, _ = opened(server, open_page, "coverage", "city_leader", "zh")
    page.locator('table.by-month a[href*="unit=yz07"][href*="period=2024-09"]').first.click()
    expect(page).to_have_url(re.compile(r"unit=yz07.*period=2024-09"))
    expect(page.locator("h1").first).to_contain_text("2024年9月", timeout=WAIT_MS)


@pytest.mark.parametrize("name", ["coverage", "quality"])
def test_a_statistician_sees_the_own_unit_only(
    server: str, open_page: Open, units: Tree, name: str
) -> None:
    more = "&unit=yz&group=yz04"
    page, watch = opened(server, open_page, name, "hubinlu_statistician", "zh", more)
    words = page.locator(".stMain").inner_text()
    assert "湖滨路派出所" in words
    others = {units.unit(unit).name.zh for unit in units.leaves()} - {"湖滨路派出所"}
    assert not [other for other in others if other in words]
    is_whole(page, watch)


def test_an_evaluator_has_neither_page(server: str, open_page: Open) -> None:
    page, _ = open_page(f"{server}/coverage?as=minghu_evaluator&period=2024-10&lang=en")
    settle(page)
    menu = page.locator("nav.menu-links").inner_text()
    assert "Coverage" not in menu
    assert "Data quality" not in menu
    assert "cells owed" not in page.locator("body").inner_text()


def test_the_chase_list_is_fetched(server: str, open_page: Open) -> None:
    page, _ = opened(server, open_page, "coverage", "yunlu_reviewer", "en")
    card = page.locator(".st-key-hd-chase-yz04-2024-10")
    with page.expect_download() as fetched:
        card.get_by_role("button", name="CSV").click()
    text = Path(fetched.value.path()).read_text(encoding="utf-8-sig")
    assert "Huangnitang Police Station" in text
    assert "Huangnitang statistician" in text
    assert "Yunpan" not in text, "another district's station"


def test_quality_counts_what_the_record_holds(
    server: str, open_page: Open, store: Store, catalog: Catalog, units: Tree
) -> None:
    viewer = viewer_for(catalog, "city_reviewer")
    fates = outcomes(store, viewer, catalog, units, OCTOBER, today=TODAY)
    (month,) = first_pass(fates, ("period",)).rows(named=True)
    asked = findings_over(store, viewer, FIRST, OCTOBER).filter(severity="query")
    page, watch = opened(server, open_page, "quality", "city_reviewer", "en")
    words = page.locator("body").inner_text()
    passed = share(month["passed"], month["returns"])
    assert f"of {month['returns']:,} returns due {passed}% passed at once" in words
    assert f"{shown(month['ontime'])} / {shown(month['returns'])}" in words
    assert f"Questions in all: {asked.height:,}" in words
    rules = page.get_by_role("region", name="What the rules ask")
    for rule, count in asked.group_by("rule").len().rows():
        row = rules.locator("tbody tr", has_text=rule)
        assert re.search(rf"\b{count}\b", row.inner_text()), rule
    assert watch.errors == []


def test_a_rule_narrows_the_hot_spots_and_says_so(server: str, open_page: Open) -> None:
    page, watch = opened(server, open_page, "quality", "city_reviewer", "en")
    rules = page.get_by_role("region", name="What the rules ask")
    rules.get_by_role("link", name="R17", exact=True).click()
    expect(page).to_have_url(re.compile("q=R17"))
    expect(page.get_by_text("Only R17.")).to_be_visible(timeout=WAIT_MS)
    spots = page.get_by_role("region", name="Where the same is asked again and again")
    assert set(spots.locator("tbody td b").all_inner_texts()) == {"R17"}
    is_whole(page, watch)
