"""My returns and Review as scripts: upload, verdict, explanation, submission, decision."""

import datetime as dt
import io
import re
from collections.abc import Callable
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from data.access import OPERATOR
from data.catalog import load_catalog
from data.returns.template import write_template
from data.store.database import open_store
from data.store.record import import_facts, submissions
from data.store.snapshot import read_facts
from data.store.source import Source
from data.units import tree
from tests.data.returns.conftest import FORMS, PERIOD, sound_values

ROOT = Path(__file__).resolve().parents[2]
CLERK = {"as": "hubinlu_statistician", "unit": "yz0101"}
JUDGE = {"as": "minghu_reviewer", "unit": "yz01"}
CITY = {"as": "city_reviewer", "unit": "yz01"}
Open = Callable[..., AppTest]


def words(app: AppTest) -> str:
    """Return what the page's own HTML says, without its markup."""
    made = " ".join(element.proto.body for element in app.get("html"))
    made = re.sub(r"<style>.*?</style>", "", made, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", made))


@pytest.fixture
def open_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Open a page on an empty record of the demonstration bureau."""
    url = f"sqlite:///{tmp_path / 'record.db'}"
    monkeypatch.setenv("KPI_STORE", url)
    open_store(url).init("Asia/Shanghai")

    def open_(page: str, **query: str) -> AppTest:
        app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=120)
        for key, value in ({"lang": "zh", "period": "2024-10"} | query).items():
            app.query_params[key] = value
        app.run()
        app.switch_page(f"pages/{page}.py").run()
        assert not app.exception
        assert 'class="empty failed"' not in " ".join(e.proto.body for e in app.get("html"))
        return app

    return open_


def workbook(faults: dict[str, object]) -> bytes:
    """Return the return of one station with cells of its first sheet changed."""
    catalog, made, saved = load_catalog(), io.BytesIO(), io.BytesIO()
    values = sound_values()
    write_template(catalog, tree(catalog), FORMS, "yz0101", PERIOD, made, values=values)
    book = openpyxl.load_workbook(made)
    for place, value in faults.items():
        sheet, cell = place.split("!")
        book[sheet][cell] = value
    book.save(saved)
    return saved.getvalue()


def upload(app: AppTest, content: bytes) -> AppTest:
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return app.file_uploader[0].set_value(("return.xlsx", content, kind)).run()


def submit_button(app: AppTest) -> object:
    return next(button for button in app.button if button.key == "submit")


@pytest.mark.parametrize(("lang", "said"), [("zh", "应报报表"), ("en", "Returns due")])
def test_what_is_due_is_shown_in_both_languages(open_page: Open, lang: str, said: str) -> None:
    app = open_page("returns", lang=lang, **CLERK)
    shown = words(app)
    assert said in shown
    for code in ("M01", "M02", "M03", "M04", "M05", "M07", "M08"):
        assert code in shown
    assert "None" not in shown


def test_a_leader_has_no_such_page(open_page: Open) -> None:
    with pytest.raises(ValueError, match="Could not find a navigation page"):
        open_page("returns", **{"as": "city_leader"})


def test_a_return_is_mended_explained_submitted_and_accepted(open_page: Open) -> None:
    app = open_page("returns", **CLERK)
    upload(app, workbook({"接处警!D8": "约138起", "治安行政案件!D16": 5000}))
    shown = words(app)
    assert "有效警情数写的是“约138起”，是约数" in shown
    assert submit_button(app).disabled
    assert "改好" in shown

    app.file_uploader[0].clear().run()
    upload(app, workbook({"治安行政案件!D16": 5000}))
    assert submit_button(app).disabled
    (answer,) = app.text_area
    answer.set_value("集中整治行动期间拘留较多").run()
    assert not submit_button(app).disabled
    submit_button(app).click().run()
    assert not app.exception
    assert re.search(r"2 张报表已提交", words(app))
    store = open_store()
    assert read_facts(store, OPERATOR).is_empty()

    numbers = submissions(store, OPERATOR)["receipt"].to_list()
    assert "2 张报表等您审核" in words(open_page("review", **JUDGE))
    for number in numbers:
        judge = open_page("review", **JUDGE, receipt=number)
        next(b for b in judge.button if b.label == "通过").click().run()
        assert "本级已通过" in words(judge)
    assert read_facts(store, OPERATOR).is_empty(), "the city has not accepted yet"
    assert "2 张报表等您审核" in words(open_page("review", **CITY))
    for number in numbers:
        city = open_page("review", **CITY, receipt=number)
        next(b for b in city.button if b.label == "通过").click().run()
        assert "数据已进入汇总" in words(city)
    facts = read_facts(store, OPERATOR)
    assert facts.filter(measure="calls_valid")["value"].to_list() == [138.0]
    assert set(facts["period"]) == {dt.date(2024, 10, 1)}
    shown = [words(open_page("review", **JUDGE, receipt=number)) for number in numbers]
    assert any("集中整治行动期间拘留较多" in page for page in shown)


def test_a_return_is_sent_back_only_with_a_reason(open_page: Open) -> None:
    app = open_page("returns", **CLERK)
    upload(app, workbook({}))
    submit_button(app).click().run()
    judge = open_page("review", **JUDGE)
    back = next(b for b in judge.button if b.label == "退回")
    back.click().run()
    assert "退回须写明理由" in words(judge)
    judge.text_area[0].set_value("接警总数请与 110 系统核对")
    next(b for b in judge.button if b.label == "退回").click().run()
    assert "已退回" in words(judge)
    assert "接警总数请与 110 系统核对" in words(open_page("returns", **CLERK))


def test_a_correction_asks_for_its_reason(open_page: Open) -> None:
    app = open_page("returns", **CLERK)
    store, catalog = open_store(), load_catalog()
    values = sound_values().filter(pl.col("measure") == "calls_theft")
    approved = values.select(
        "measure", "unit", value=pl.col("value") + 1, definition=pl.lit(1, pl.Int64),
        period=pl.lit(PERIOD), sheet=pl.lit(""), cell=pl.lit(""),
    )  # fmt: skip
    form = catalog.forms["M01"]
    import_facts(store, OPERATOR, approved, form, Source.of_bytes("history.csv", b""))
    upload(app, workbook({}))
    assert submit_button(app).disabled
    assert "写明订正理由后可提交" in words(app)
    app.text_input(key="why").set_value("盗窃警情复核后核减一起").run()
    submit_button(app).click().run()
    assert "张报表已提交" in words(app)
    listed = submissions(store, OPERATOR).filter(kind="return", form="M01")
    assert listed["why"].to_list() == ["盗窃警情复核后核减一起"]


def test_a_file_that_is_no_workbook_is_refused_in_words(open_page: Open) -> None:
    app = open_page("returns", **CLERK)
    upload(app, b"unit,value\n")
    assert "这不是工作簿" in words(app)


def test_the_month_after_the_last_figures_can_be_filed(open_page: Open) -> None:
    open_page("returns", **CLERK)
    store, catalog = open_store(), load_catalog()
    september = sound_values().select(
        "measure",
        "unit",
        "value",
        definition=pl.lit(1, pl.Int64),
        period=pl.lit(dt.date(2024, 9, 1)),
        sheet=pl.lit(""),
        cell=pl.lit(""),
    )
    form, source = catalog.forms["M01"], Source.of_bytes("history.csv", b"")
    import_facts(store, OPERATOR, september, form, source)
    app = open_page("returns", **CLERK)
    assert "2024年10月有 7 张报表" in words(app)
    for page in ("overview", "indicator"):
        assert "2024年10月" in words(open_page(page, **CLERK))
    overview = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=120)
    overview.query_params["as"] = "city_leader"
    overview.query_params["lang"] = "zh"
    assert "2024年9月" in words(overview.run())


def test_what_was_typed_outlasts_a_reload_and_goes_with_the_submission(open_page: Open) -> None:
    app = open_page("returns", **CLERK)
    upload(app, workbook({"治安行政案件!D16": 5000}))
    (answer,) = app.text_area
    answer.set_value("集中整治行动期间拘留较多").run()
    again = open_page("returns", **CLERK)
    (kept,) = again.text_area
    assert kept.value == "集中整治行动期间拘留较多"
    assert "return.xlsx" in words(again)
    submit_button(again).click().run()
    assert "2 张报表已提交" in words(again)
    assert open_page("returns", **CLERK).text_area == []


def test_one_explanation_answers_alike_questions(open_page: Open) -> None:
    app = open_page("returns", **CLERK)
    upload(
        app, workbook({"治安行政案件!D16": 5000, "治安行政案件!D7": 4000, "治安行政案件!D8": 4000})
    )
    alike = next(b for b in app.button if b.key == "many-fill")
    count = int(re.findall(r"\d+", alike.label)[0])
    assert count >= 2
    app.text_area(key="many-words").set_value("专项行动期间，已与台账核对").run()
    next(b for b in app.button if b.key == "many-fill").click().run()
    filled = [box.value for box in app.text_area if box.key != "many-words"]
    assert filled.count("专项行动期间，已与台账核对") == count


def test_each_receipt_of_the_month_can_be_fetched(open_page: Open) -> None:
    app = open_page("returns", **CLERK)
    upload(app, workbook({}))
    submit_button(app).click().run()
    again = open_page("returns", **CLERK)
    shown = words(again)
    assert "本月回执（2）" in shown
    assert re.search(r"HJ-\d{8}-\d+", shown)
    numbers = submissions(open_store(), OPERATOR)["receipt"].to_list()
    choice = next(box for box in again.selectbox if (box.key or "").startswith("receipt-"))
    assert len(choice.options) == len(numbers) == 2
