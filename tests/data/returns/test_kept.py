"""What does the record keep of a workbook: its cells as written, and nobody's name?"""

import io
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from data.access import Viewer, viewer_for
from data.catalog import load_catalog
from data.checks.run import CheckedReturn, check_return
from data.checks.worker import Worker
from data.definition_types import Catalog
from data.returns.read import read_workbook
from data.returns.route import review_levels
from data.returns.template import write_template
from data.schema import FACTS, empty
from data.store.database import open_store
from data.store.record import cells_of, confirm, review, submissions, submit_all
from data.units import Tree, tree
from tests.data.returns.conftest import FORMS, PERIOD, sound_values

LONDON = Path(__file__).resolve().parents[3] / "data" / "examples" / "london" / "definitions"
#: Made-up people in places where people write themselves: the foot, beside it, another sheet.
PERSONAL = {
    "A40": "单位负责人：欧阳艾红　填表人：诸葛小明　联系电话：0515-88881234",
    "B42": "审核人：司徒建国",
    "D43": "13800138000",
    "A44": "身份证号 110101199003078515",
}
TRACES = ("欧阳艾红", "诸葛小明", "88881234", "司徒建国", "13800138000", "110101199003078515")


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
    book.create_sheet("通讯录")["A1"] = "诸葛小明 13800138000"
    book.save(saved)
    reading = read_workbook(saved.getvalue(), catalog, units, name="return.xlsx")
    return check_return(reading, catalog, units, empty(FACTS), worker)


def test_no_name_number_or_telephone_of_a_file_reaches_the_store(
    catalog: Catalog, units: Tree, worker: Worker, tmp_path: Path
) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'record.db'}")
    store.init("Asia/Shanghai")
    found = checked(catalog, units, worker, "yz0101", ("yz0101",))
    assert found.counts["errors"] == 0, found.findings["message_en"].to_list()
    clerk = viewer_for(catalog, "hubinlu_statistician")
    receipts = submit_all(store, clerk, found.by_form(catalog))
    assert {receipt.state for receipt in receipts} == {"submitted"}
    for user in ("minghu_reviewer", "city_reviewer"):
        for receipt in receipts:
            review(store, viewer_for(catalog, user), receipt.number, accept=True)
    cells = cells_of(store, clerk, receipts[0].number)
    assert cells.filter(pl.col("written").is_not_null()).select("cell", "written").rows() == [
        ("D8", "１３８")
    ]
    store.engine.dispose()
    for path in tmp_path.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            for trace in TRACES:
                for code in ("utf-8", "utf-16-le", "gb18030"):
                    assert trace.encode(code) not in content, (path.name, trace)


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
