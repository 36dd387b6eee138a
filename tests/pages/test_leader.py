"""Can a leader who leaves the statistics aside still not be misled by a page?"""

import contextlib
import io
import re
from pathlib import Path

import pytest

import kpi
from tests.pages.test_pages import Open, open_page, run, words

__all__ = ["open_page"]

PAGES = ["overview", "indicator", "districts", "wellbeing", "coverage", "quality", "editions"]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("page", PAGES)
def test_every_chart_of_a_page_says_what_to_do(open_page: Open, page: str, lang: str) -> None:
    app = open_page(page, lang=lang)
    made = " ".join(element.proto.body for element in app.get("html"))
    drawn = len(app.get("vega_lite_chart"))
    told = made.count('<details class="explain">')
    assert told >= max(drawn, 1)
    assert drawn >= 2 or page != "indicator"
    assert made.count("<dt>") >= 3 * told


def test_a_good_total_does_not_hide_a_concern_below(open_page: Open) -> None:
    said = words(open_page("overview"))
    assert re.search(
        r"下级单位中最需关注： 云麓分局 电信网络诈骗损失金额 1,296.9 万元 ，同比上升", said
    )
    assert "下级单位中最需关注" not in words(open_page("overview", period="2024-01"))


def test_a_change_that_is_none_is_printed_quietly(open_page: Open) -> None:
    made = " ".join(e.proto.body for e in open_page("overview").get("html"))
    tiles = re.findall(
        r'<a class="card tile".*?</a>|<a [^>]*class="card tile".*?</a>', made, re.DOTALL
    )
    assert len(tiles) == 8
    for tile in tiles:
        is_real = re.search(r'class="rd (better|worse|up|down)"', tile) is not None
        assert ('class="s ch mu"' in tile) == (not is_real)


def test_a_clearance_rate_stands_beside_the_cases_themselves(open_page: Open) -> None:
    said = words(open_page("indicator", indicator="d_crim_clear_rate", unit="yz"))
    assert "两种看法：本期破案率与同批破案率" in said
    assert "同批案件十二个月破案率" in said
    assert "未满，2024-12 起可看" in said
    over = words(open_page("indicator", indicator="d_crim_clear_rate", unit="yz05"))
    assert re.search(
        r"2024年10月刑事案件破案率超过 100%：破案 \d+ 起中有 \d+ 起是往年立案的积案", over
    )


def test_other_indicators_have_no_twin_and_no_stages(open_page: Open) -> None:
    said = words(open_page("indicator", indicator="calls_theft"))
    assert "两种看法" not in said
    assert "资金各环节" not in said


@pytest.mark.parametrize("code", ["rec_seized_amount", "d_returned_rate", "rec_averted_amount"])
def test_every_amount_and_rate_of_a_chain_shows_all_its_stages(open_page: Open, code: str) -> None:
    said = words(open_page("indicator", indicator=code))
    for name in (
        "侵财案件涉案损失金额",
        "追赃金额",
        "发还群众财物金额",
        "挽回经济损失金额 （另列）",
    ):
        assert name in said
    assert "各环节不是一回事，不相加" in said


def test_a_station_without_an_antifraud_centre_has_no_rate_of_what_it_does_not_file(
    open_page: Open,
) -> None:
    said = words(open_page("indicator", indicator="fraud_loss_amount", unit="yz0101", lang="en"))
    assert re.search(r"Payments stopped against losses — — —", said)


def test_where_no_cohort_is_filed_only_the_rate_of_the_period_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = f"sqlite:///{tmp_path / 'x.db'}"
    months = [f"{year}-{month:02d}" for year in (2022, 2023, 2024) for month in range(1, 11)]
    rows = [f"yz0101,{month},50,60,25,35" for month in months]
    head = "unit,period,crim_recorded,crim_cleared,crim_cleared_current,crim_cleared_backlog"
    file = tmp_path / "M02.csv"
    file.write_text("\n".join([head, *rows]), encoding="utf-8")
    monkeypatch.setenv("KPI_STORE", store)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        assert kpi.main(["--store", store, "init"]) == 0
        assert kpi.main(["--store", store, "import", str(file), "--form", "M02"]) == 0
    query = {"lang": "zh", "period": "2024-10", "unit": "yz0101", "as": "city_leader"}
    app = run(**query, indicator="d_crim_clear_rate")
    app.run()
    app.switch_page("pages/indicator.py").run()
    assert not app.exception
    said = words(app).split("各单位对增减")[0]
    assert "没有填报同批案件数（选填表 M09）" in said
    assert "2024年10月刑事案件破案率超过 100%：破案 60 起中有 35 起是往年立案的积案" in said
    assert "同批案件三个月破案率" not in said
    assert "同批案件：越往后破得越多" not in said
