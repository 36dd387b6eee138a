"""Does the catalogue page find what is searched for and show the whole of an entry?"""

import datetime as dt

import pytest

from data.catalog import load_catalog
from ui import catalogue, catalogue_entry
from ui.scope import Scope

CATALOG = load_catalog()


def scope(lang: str = "zh", **extras: str) -> Scope:
    return Scope("city_leader", "yz", dt.date(2024, 10, 1), lang=lang, extras=extras)


@pytest.mark.parametrize(
    ("query", "category", "codes"),
    [
        ("盗窃类", "", ["calls_theft", "d_calls_theft_yoy", "d_calls_theft_mom"]),
        ("theft calls", "calls", ["calls_theft", "d_calls_theft_yoy", "d_calls_theft_mom"]),
        ("D_ONLINE", "", ["d_online_share"]),
        ("没有这样的指标", "", []),
        ("", "public", ["pub_survey_n", "pub_safety_score", "pub_satisfaction_score"]),
    ],
)
def test_search_looks_through_codes_names_and_definitions(
    query: str, category: str, codes: list[str]
) -> None:
    assert [x.code for x in catalogue.find_indicators(CATALOG, query, category)] == codes


def test_everything_is_listed_in_the_order_of_the_categories() -> None:
    found = catalogue.find_indicators(CATALOG, "")
    assert len(found) == 259
    order = list(CATALOG.bureau.categories)
    places = [order.index(item.category) for item in found]
    assert places == sorted(places)


def test_the_list_links_to_each_entry_and_marks_its_policy() -> None:
    found = catalogue.find_indicators(CATALOG, "破案率", "criminal")
    html = str(catalogue._list_table(scope(), CATALOG, found))
    assert "catalogue?as=city_leader&amp;unit=yz" in html
    assert "indicator=d_crim_clear_rate" in html
    assert html.count("可比较") >= 3
    assert '<span class="flag">X</span>' in html


def test_the_category_list_counts_what_was_found() -> None:
    html = str(catalogue._categories(scope("en", q="theft"), CATALOG, "theft", "calls"))
    assert "Calls and response (3)" in html
    assert "group=calls" in html
    assert "q=theft" in html


def test_an_entry_says_how_it_is_computed_and_filed() -> None:
    said = dict(catalogue_entry._method(scope("en"), CATALOG, CATALOG.indicators["calls_theft"]))
    assert said["form"] == "M01 Calls · Station, District (own level)"
    assert said["roll"].startswith("a parent is the sum of its units")
    assert "overview headlines" in said["used"]
    derived = CATALOG.indicators["d_dispute_resolve_rate"]
    formula = str(dict(catalogue_entry._method(scope(), CATALOG, derived))["formula"])
    assert "矛盾纠纷化解数 ÷ （矛盾纠纷化解数 + 期末未化解纠纷数）" in formula
    assert "indicator=dis_pending_end" in formula


def test_a_worked_example_names_its_units_and_measures() -> None:
    item = CATALOG.indicators["d_dispute_resolve_rate"]
    html = str(catalogue_entry._example(scope(), CATALOG, item, item.examples[0]))
    assert "县（分）局 a 在 2024-05（季度）的结果：98 %" in html
    assert "派出所 a1" in html
    assert "期末未化解纠纷数" in html


def test_the_sheet_has_a_row_for_each_indicator_in_the_readers_language() -> None:
    found = catalogue.find_indicators(CATALOG, "", "traffic")
    sheet = catalogue._sheet(scope("en"), CATALOG, found)
    assert len(sheet.rows) == len(found) == 10
    assert [field.label for field in sheet.fields][:3] == ["Code", "Name", "Category"]
    assert sheet.rows[0][:3] == ["tra_accidents", "Road accidents", "Road traffic"]
