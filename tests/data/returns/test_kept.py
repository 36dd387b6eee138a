"""What does the record keep of a workbook: its cells as written, and nobody's name?"""

import datetime as dt
import io
import logging
from collections.abc import Callable
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from openpyxl.comments import Comment
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from data.access import Viewer, viewer_for
from data.catalog import load_catalog
from data.checks.run import CheckedReturn, check_return
from data.checks.worker import Worker
from data.definition_types import Catalog
from data.returns.annotate import annotate
from data.returns.answers import ANSWER_HEAD, FINDINGS_SHEET
from data.returns.findings_sheet import HEAD_ROW
from data.returns.read import read_workbook
from data.returns.route import review_levels
from data.returns.template import write_template
from data.said import RefusedError
from data.schema import FACTS, empty
from data.store.database import Store, open_store
from data.store.record import (
    answer,
    cells_of,
    confirm,
    extend,
    findings_of,
    lock,
    review,
    submissions,
    submit_all,
    unlock,
)
from data.store.snapshot import read_facts
from data.units import Tree, tree
from tests.data.returns.conftest import FORMS, PERIOD, edited, sound_values

LONDON = Path(__file__).resolve().parents[3] / "data" / "examples" / "london" / "definitions"
#: Made-up people in places where people write themselves: the foot, beside it, another sheet.
PERSONAL = {
    "A40": "单位负责人：欧阳艾红　填表人：诸葛小明　联系电话：0515-88881234",
    "B42": "审核人：司徒建国",
    "D43": "13800138000",
    "A44": "身份证号 110101199003078515",
}
TRACES = ("欧阳艾红", "诸葛小明", "88881234", "司徒建国", "13800138000", "110101199003078515")
#: Sentences that somebody may type: refused, each for what it holds.
REFUSED = {
    "phone": "已与报警人核实，电话 13800138000",
    "id": "证件 110101199003078515 已核对",
    "name": "审核人：司徒建国已核对台账",
}


def checked(
    catalog: Catalog, units: Tree, worker: Worker, unit: str, stations: tuple[str, ...]
) -> CheckedReturn:
    """Return the verdict on a workbook with a number written as a clerk might, and with names."""
    made, saved = io.BytesIO(), io.BytesIO()
    write_template(catalog, units, FORMS, unit, PERIOD, made, values=sound_values(stations))
    book = openpyxl.load_workbook(made)
    sheet = book[book.sheetnames[0]]
    for place, words in PERSONAL.items():
        sheet[place] = words
    if unit in stations:
        sheet["D8"] = "１３８"
        hide_people(book)
    book.save(saved)
    name = "接处警 诸葛小明 13800138000 110101199003078515.xlsx"
    reading = read_workbook(saved.getvalue(), catalog, units, name=name)
    return check_return(reading, catalog, units, empty(FACTS), worker)


def hide_people(book: openpyxl.Workbook) -> None:
    """Write people wherever a workbook has room for words."""
    sheet = book[book.sheetnames[0]]
    sheet["A4"] = "填表人：诸葛小明"
    sheet["D9"].comment = Comment("问司徒建国 13800138000", "欧阳艾红")
    sheet["G5"], sheet["G8"] = "备注", "见附表"
    sheet.oddHeader.center.text, sheet.oddFooter.left.text = "欧阳艾红", "110101199003078515"
    ask = DataValidation(type="whole", operator="greaterThanOrEqual", formula1="0")
    ask.promptTitle, ask.prompt = "诸葛小明", "有疑问请拨 13800138000"
    ask.add("D8")
    sheet.add_data_validation(ask)
    book.defined_names["欧阳艾红"] = DefinedName("欧阳艾红", attr_text='"13800138000"')
    for name in ("creator", "lastModifiedBy", "title", "subject", "keywords", "description"):
        setattr(book.properties, name, "司徒建国 110101199003078515")
    book.create_sheet("通讯录")["A1"] = "诸葛小明 13800138000"
    hidden = book.create_sheet("诸葛小明 13800138000")
    hidden["A1"], hidden.sheet_state = "司徒建国 110101199003078515", "veryHidden"
    other = book[book.sheetnames[1]]
    other.title = "治安行政案件 欧阳艾红"
    book["_hengjing"]["A3"] = other.title


def test_nothing_about_a_person_reaches_store_snapshot_or_log(
    catalog: Catalog,
    units: Tree,
    worker: Worker,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    store = open_store(f"sqlite:///{tmp_path / 'record.db'}")
    store.init("Asia/Shanghai")
    found = checked(catalog, units, worker, "yz0101", ("yz0101",))
    assert found.counts["errors"] == 0, found.findings["message_en"].to_list()
    assert found.reading.source.name == "接处警 *** *** ***.xlsx"
    clerk = viewer_for(catalog, "hubinlu_statistician")
    returns = found.by_form(catalog)
    assert len(returns) == len(FORMS)
    for kind, words in REFUSED.items():
        with pytest.raises(RefusedError) as caught:
            submit_all(store, clerk, returns, reason=words)
        assert caught.value.key == f"store.refused.personal_{kind}"
    receipts = submit_all(store, clerk, returns)
    assert {receipt.state for receipt in receipts} <= {"submitted", "checked"}
    for receipt in receipts:
        if receipt.state == "checked":
            explain(store, clerk, receipt.number)
    county, city = (viewer_for(catalog, u) for u in ("minghu_reviewer", "city_reviewer"))
    for words in REFUSED.values():
        for accept in (True, False):
            with pytest.raises(RefusedError):
                review(store, county, receipts[0].number, accept, words)
        with pytest.raises(RefusedError):
            extend(store, county, "M01", "yz0101", PERIOD, dt.date(2030, 1, 1), words, PERIOD)
    for judge in (county, city):
        for receipt in receipts:
            review(store, judge, receipt.number, accept=True)
    lock(store, city, PERIOD)
    for words in REFUSED.values():
        with pytest.raises(RefusedError):
            unlock(store, city, PERIOD, words)
    cells = cells_of(store, clerk, receipts[0].number)
    assert cells.filter(pl.col("written").is_not_null()).select("cell", "written").rows() == [
        ("D8", "１３８")
    ]
    assert read_facts(store, clerk).height == sum(receipt.facts for receipt in receipts)
    store.engine.dispose()
    kept = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert any(path.suffix == ".parquet" for path in kept)
    said = capfd.readouterr()
    kept[tmp_path / "log"] = (caplog.text + said.out + said.err).encode()
    for path, content in kept.items():
        for trace in TRACES:
            for code in ("utf-8", "utf-16-le", "gb18030"):
                assert trace.encode(code) not in content, (path.name, trace)


def explain(store: Store, clerk: Viewer, number: str) -> None:
    """Explain every question, first in words that are refused."""
    asked = findings_of(store, clerk, number).filter(severity="query")
    for sheet, cell in asked.select("sheet", "cell").unique().rows():
        for words in REFUSED.values():
            with pytest.raises(RefusedError):
                answer(store, clerk, number, f"{sheet}!{cell}", words)
        answer(store, clerk, number, f"{sheet}!{cell}", "已与台账逐项核对")


@pytest.mark.parametrize(("kind", "words"), REFUSED.items())
def test_an_explanation_about_a_person_in_the_workbook_is_sent_back_with_its_cell(
    kind: str,
    words: str,
    station: bytes,
    check: Callable[..., CheckedReturn],
    catalog: Catalog,
    tmp_path: Path,
) -> None:
    def spoil(book: openpyxl.Workbook) -> None:
        book["治安行政案件"]["D16"] = 5000

    copy = io.BytesIO()
    content = edited(station, spoil)
    annotate(content, check(content), catalog, copy)
    book = openpyxl.load_workbook(copy)
    sheet = book[FINDINGS_SHEET]
    heads = {cell.value: cell.column for cell in sheet[HEAD_ROW]}
    sheet.cell(HEAD_ROW + 1, heads[ANSWER_HEAD]).value = words
    saved = io.BytesIO()
    book.save(saved)
    again = check(saved.getvalue())
    store = open_store(f"sqlite:///{tmp_path / 'record.db'}")
    store.init("Asia/Shanghai")
    clerk = viewer_for(catalog, "hubinlu_statistician")
    with pytest.raises(RefusedError) as caught:
        submit_all(store, clerk, again.by_form(catalog))
    assert caught.value.key == f"store.refused.personal_{kind}_at"
    for lang in ("zh", "en"):
        assert "治安行政案件!D16" in caught.value.say(lang)
    assert submissions(store, clerk).is_empty()
    store.engine.dispose()


def test_a_district_s_workbook_asks_each_station_and_nobody_else(
    catalog: Catalog, units: Tree, worker: Worker, tmp_path: Path
) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'record.db'}")
    store.init("Asia/Shanghai")
    stations = ("yz0101", "yz0102")
    found = checked(catalog, units, worker, "yz01", stations)
    first = found.by_form(catalog)[0]
    assert set(first.facts["filer"].drop_nulls()) == set(stations)
    district = viewer_for(catalog, "minghu_statistician")
    open_queries = found.findings.filter(pl.col("severity") == "query").height
    (receipt, *_) = submit_all(store, district, [first])
    assert receipt.state == ("checked" if open_queries else "confirming")
    clerk = viewer_for(catalog, "hubinlu_statistician")
    (seen,) = submissions(store, clerk).rows(named=True)
    assert set(cells_of(store, clerk, seen["receipt"])["unit"]) == {"yz0101"}
    if receipt.state == "confirming":
        assert confirm(store, clerk, receipt.number).unconfirmed == 1
    store.engine.dispose()


@pytest.mark.parametrize(
    ("unit", "levels"),
    [
        ("yz0101", ("county", "city")),
        ("yz01-own", ("county", "city")),
        ("yz01", ("county", "city")),
        ("yz-own", ("city",)),
    ],
)
def test_a_return_passes_the_levels_above_it(
    catalog: Catalog, units: Tree, unit: str, levels: tuple[str, ...]
) -> None:
    assert review_levels(catalog, units, unit) == levels


def test_a_bureau_that_names_no_levels_takes_one_acceptance() -> None:
    london = load_catalog(LONDON)
    leaf = tree(london).leaves()[0]
    assert review_levels(london, tree(london), leaf) == ()


def test_a_viewer_judges_for_the_own_level_and_those_below(catalog: Catalog) -> None:
    county: Viewer = viewer_for(catalog, "minghu_reviewer")
    assert {"county", "station"} <= county.judges
    assert "city" not in county.judges
