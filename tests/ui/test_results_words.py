"""How rounds, methods and weights are put into words."""

import datetime as dt
from dataclasses import replace

import pytest

from data.catalog import load_catalog
from ui.results import choose_scheme, last_round
from ui.results_items import method_words
from ui.scope import Scope
from ui.wellbeing_view import short_names

OCTOBER = dt.date(2024, 10, 1)


def scope(unit: str = "yz01", lang: str = "zh", **extras: str) -> Scope:
    return Scope("minghu_evaluator", unit, OCTOBER, lang=lang, extras=extras)


@pytest.mark.parametrize(
    ("unit", "scheme", "assessor"),
    [
        ("yz", "county_monthly_operation", "yz"),
        ("yz01", "station_prevention_first", "yz01"),
        ("yz0103", "station_prevention_first", "yz01"),
    ],
)
def test_a_unit_shows_the_scheme_it_assesses_by_or_is_assessed_by(
    unit: str, scheme: str, assessor: str
) -> None:
    found, above = choose_scheme(scope(unit))
    assert found is not None
    assert (found.code, above) == (scheme, assessor)


def test_a_district_can_look_at_the_scheme_it_is_assessed_by() -> None:
    found, above = choose_scheme(scope("yz01", scheme="county_monthly_operation"))
    assert found is not None
    assert (found.code, above) == ("county_monthly_operation", "yz")


@pytest.mark.parametrize(
    ("kind", "period", "end"),
    [
        ("quarterly", "2024-10-01", "2024-09-01"),
        ("quarterly", "2024-09-01", "2024-09-01"),
        ("quarterly", "2024-02-01", "2023-12-01"),
        ("monthly", "2024-10-01", "2024-10-01"),
        ("yearly", "2024-10-01", "2023-12-01"),
    ],
)
def test_the_last_round_is_one_that_is_over(kind: str, period: str, end: str) -> None:
    scheme = replace(load_catalog().schemes["station_prevention_first"], round=kind)
    assert last_round(scheme, dt.date.fromisoformat(period)) == dt.date.fromisoformat(end)


def test_every_item_of_every_scheme_says_how_it_is_scored() -> None:
    for scheme in load_catalog().schemes.values():
        for item in scheme.items:
            for lang in ("zh", "en"):
                assert method_words(scope(lang=lang), item)
    first = load_catalog().schemes["station_prevention_first"].items[0]
    assert method_words(scope(), first) == "功效系数：满意值 −10，不允许值 10；基数不足 30 按缺数"


def test_dimensions_are_named_without_their_common_ending() -> None:
    codes = ["wb_health_score", "wb_life_score"]
    assert list(short_names(codes, "zh").values()) == ["健康", "生活"]
    assert list(short_names(codes, "en").values()) == ["Health", "Life"]
    assert list(short_names(codes[:1], "zh").values()) == ["健康维度得分"]
