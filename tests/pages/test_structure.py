"""Pages say who was not there all the time, and call such a change neither better nor worse."""

import csv
import datetime as dt
import io

import pytest

from reports.tables import csv_bytes
from tests.pages.test_basis import Open, body, open_home, open_page  # noqa: F401 fixtures
from ui import districts, districts_tables, load, structure
from ui.districts_sides import reading_of
from ui.scope import Scope, Sight

JUNE = {"period": "2024-06", "window": "ytd", "basis": "then"}
LOST = {
    "zh": "青梧分局 2024-04 起划出开发区派出所，前后辖区不同，变化不作判读。",
    "en": "Qingwu lost Kaifaqu in 2024-04: not the same area before and after",
}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("page", ["overview", "indicator", "districts", "wellbeing"])
def test_a_county_that_lost_a_station(open_page: Open, page: str, lang: str) -> None:  # noqa: F811
    said = body(open_page(page, unit="yz02", lang=lang, indicator="calls_theft", **JUNE))
    assert LOST[lang] in said
    now = body(open_page(page, unit="yz02", lang=lang, indicator="calls_theft", period="2024-06"))
    assert LOST[lang] not in now


def test_a_station_that_is_three_months_old(open_page: Open) -> None:  # noqa: F811
    asked = {"unit": "yz0218", "indicator": "calls_theft", "basis": "then"}
    said = body(open_page("indicator", period="2023-09", window="ytd", **asked))
    assert "科技园派出所 2023-07 起设立，本期 9 个月中只含 3 个月。" in said
    assert "新设" in said
    rolling = body(open_page("indicator", period="2023-12", window="rolling12", **asked))
    assert "本期只有 6 个月，不满 12 个月，不列近12个月数。" in rolling


def test_a_station_that_is_gone_says_since_when(open_home: Open) -> None:  # noqa: F811
    gone = body(open_home(unit="yz0591", period="2021-03", basis="then"))
    assert "码头街派出所 2021-01 起撤销，本期已无此单位。" in gone


def test_the_matched_basis_says_how_many_it_compares(open_page: Open) -> None:  # noqa: F811
    said = body(open_page("overview", unit="yz02", period="2023-09", window="ytd", basis="matched"))
    assert "本期已报的 22 个单位中比较 19 个，其余在两期之间有变动，不参与比较。" in said
    moved = {"unit": "yz0315", "period": "2024-06", "basis": "matched"}
    said = body(open_page("indicator", indicator="calls_theft", **moved))
    assert "本期已报的 1 个单位中比较 0 个" in said


def test_nobody_is_called_better_for_losing_a_station_and_the_sheet_says_so(
    open_page: Open,  # noqa: F811
) -> None:
    open_page("districts", indicator="calls_theft", **JUNE)
    june, item = dt.date(2024, 6, 1), load.indicator("calls_theft")
    scope = Scope("city_leader", "yz", june, "ytd", "then")
    units = districts.levels_below(load.sight(scope), "yz", june)["county"]
    sight = Sight("", "then", None)
    sides = districts.sides_of(districts.Asked(sight, item.code, "yz", units, june, "ytd"))
    noted = {s.unit: reading_of(s, item) for s in sides.units if s.figure["note"] == "structure"}
    assert noted == {"yz02": "none", "yz03": "none"}
    assert structure.lines(scope, item.code, ("yz", *units), "ytd")[0] == LOST["zh"]
    sheet = districts_tables._sheet(scope, item, sides, ["yoy"], "ytd")
    lines = list(csv.reader(io.StringIO(csv_bytes(sheet).decode("utf-8-sig"))))
    marks = {line[0]: line[-1] for line in lines if len(line) > 6}
    assert marks["青梧分局"] == "辖区有变"
    assert any(LOST["zh"] in " ".join(line) for line in lines)
