"""Does a flat table read the same however it is laid out, and does every fault have its cell?"""

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from data.catalog import load_catalog
from data.definition_types import Catalog, Form
from data.returns.flat import FlatFile, read_flat
from data.returns.flat_table import FileError
from data.units import tree

OCTOBER = dt.date(2024, 10, 1)
EXPECTED = {
    ("crim_recorded", "yz0101", "2024-09"): 11.0,
    ("crim_recorded", "yz0101", "2024-10"): 12.0,
    ("crim_recorded", "yz0102", "2024-10"): 1234.0,
}


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


@pytest.fixture(scope="module")
def form(catalog: Catalog) -> Form:
    return catalog.forms["M02"]


def values(found: FlatFile) -> dict[tuple[str, str, str], float]:
    return {
        (row["measure"], row["unit"], f"{row['period']:%Y-%m}"): row["value"]
        for row in found.facts.iter_rows(named=True)
    }


def text_file(folder: Path, content: str, encoding: str = "utf-8") -> Path:
    path = folder / "table.csv"
    path.write_text(content, encoding=encoding)
    return path


def workbook(folder: Path, rows: list[list[Any]]) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Data"
    for row in rows:
        sheet.append(row)
    book.save(folder / "table.xlsx")
    return folder / "table.xlsx"


def severities(found: FlatFile) -> list[str]:
    return [s for s in found.findings["severity"] if s != "info"]


LONG = """unit,period,measure,value
yz0101,2024-09,crim_recorded,11
yz0101,2024-10,crim_recorded,12
yz0102,2024-10,crim_recorded,"1,234"
"""
CHINESE = """云泽市公安局刑事案件历史数据

单位,报告期,指标,数值
湖滨路派出所,2024年9月,刑事立案数,11
湖滨路所,2024年10月,crim_recorded,１２
东门派出所,2024年10月,刑事立案数,1234
"""
MEASURES = """unit_code;month;crim_recorded;remark
yz0101;2024-09;11;
yz0101;Oct-24;12;late
yz0102;202410;1234;
"""
MONTHS = """unit\tmeasure\t2024-09\t2024-10
yz0101\tcrim_recorded\t11\t12
yz0102\tcrim_recorded\t\t1234
"""
SPLIT = """unit,year,month,measure,value
yz0101,2024,9,crim_recorded,11
yz0101,2024,10,crim_recorded,12
yz0102,2024,10,crim_recorded,1234
"""


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (LONG, "utf-8"),
        (LONG, "utf-8-sig"),
        (CHINESE, "gb18030"),
        (CHINESE, "utf-8"),
        (MEASURES, "utf-8"),
        (MONTHS, "utf-8"),
        (SPLIT, "utf-8"),
    ],
)
def test_every_layout_reads_alike(
    tmp_path: Path, catalog: Catalog, form: Form, content: str, encoding: str
) -> None:
    name = catalog.measures["crim_recorded"].name.zh
    content = content.replace("刑事立案数", name)
    found = read_flat(text_file(tmp_path, content, encoding), form, catalog)
    assert severities(found) == []
    assert values(found) == EXPECTED


@pytest.mark.parametrize("written", ["558,5", "12,34", "1.303", "12 34", "1.303.000"])
def test_a_comma_or_point_that_may_mean_two_things_is_refused(
    tmp_path: Path, catalog: Catalog, form: Form, written: str
) -> None:
    content = LONG.replace("1,234", written)
    found = read_flat(text_file(tmp_path, content, "utf-8"), form, catalog)
    assert severities(found) == ["mandatory"]


def test_a_workbook_keeps_its_addresses(tmp_path: Path, catalog: Catalog, form: Form) -> None:
    path = workbook(
        tmp_path,
        [
            ["Criminal cases"],
            [],
            [None, "Unit", "Period", "Measure", "Value"],
            [None, "yz0101", dt.date(2024, 9, 1), "crim_recorded", 11],
            [None, "yz0101", dt.datetime(2024, 10, 1), "crim_recorded", 12],
            [],
            [None, "yz0102", "2024-10", "crim_recorded", "1,234"],
        ],
    )
    found = read_flat(path, form, catalog)
    assert values(found) == EXPECTED
    assert found.facts.select("sheet", "cell").rows() == [
        ("Data", "E4"),
        ("Data", "E5"),
        ("Data", "E7"),
    ]


def test_parquet_counts_its_rows_below_a_header(
    tmp_path: Path, catalog: Catalog, form: Form
) -> None:
    frame = pl.read_csv(LONG.replace('"1,234"', "1234").encode(), try_parse_dates=True)
    frame.write_parquet(tmp_path / "table.parquet")
    found = read_flat(tmp_path / "table.parquet", form, catalog)
    assert values(found) == EXPECTED
    assert found.facts["cell"].to_list() == ["D2", "D3", "D4"]


def test_error_and_formula_cells_are_never_taken_for_blank(
    tmp_path: Path, catalog: Catalog, form: Form
) -> None:
    path = workbook(
        tmp_path,
        [
            ["unit", "period", "measure", "value"],
            ["yz0101", "2024-10", "crim_recorded", "=6*2"],
            ["yz0102", "2024-10", "crim_recorded", "#DIV/0!"],
        ],
    )
    found = read_flat(path, form, catalog)
    assert found.facts.height == 0
    wrong = found.findings.filter(pl.col("severity") == "mandatory").select("cell", "value").rows()
    assert ("D2", "=6*2") in wrong
    assert ("D3", "#DIV/0!") in wrong


@pytest.mark.parametrize(
    ("line", "cell", "rule", "severity"),
    [
        ("yz9999,2024-10,crim_recorded,5", "A5", "flat_unit", "mandatory"),
        ("yz0101,autumn,crim_recorded,5", "B5", "flat_period", "mandatory"),
        ("yz0101,2024-10,crim_recorded,-5", "D5", "flat_minimum", "mandatory"),
        ("yz0103,2024-10,crim_recorded,many", "D5", "flat_text", "mandatory"),
        ("yz0103,2024-10,crim_recorded,2.5", "D5", "flat_decimals", "query"),
        ("yz0101,2024-10,crim_recorded,13", "D3", "flat_twice", "mandatory"),
        ("yz0101,2024-10,weather,13", "D5", "flat_measure", "info"),
    ],
)
def test_every_fault_has_its_cell(
    tmp_path: Path, catalog: Catalog, form: Form, line: str, cell: str, rule: str, severity: str
) -> None:
    found = read_flat(text_file(tmp_path, LONG + line + "\n"), form, catalog)
    (fault,) = found.findings.filter(rule=rule).iter_rows(named=True)
    assert (fault["cell"], fault["severity"]) == (cell, severity)
    assert fault["message_zh"]
    assert fault["message_en"]


def test_blank_is_neither_nought_nor_a_fault(tmp_path: Path, catalog: Catalog, form: Form) -> None:
    lines = "".join(f"yz01{n:02d},2024-10,crim_cleared,{v}\n" for n, v in ((3, ""), (4, "-")))
    found = read_flat(text_file(tmp_path, LONG + lines), form, catalog)
    assert severities(found) == []
    assert values(found) == EXPECTED


def test_a_unit_and_a_month_can_be_chosen(tmp_path: Path, catalog: Catalog, form: Form) -> None:
    path = text_file(tmp_path, LONG)
    found = read_flat(path, form, catalog, unit="yz0101", period=OCTOBER)
    assert values(found) == {("crim_recorded", "yz0101", "2024-10"): 12}
    assert found.findings["rule"].to_list() == ["flat_other"]
    # Where the file names neither, they are what it lacks.
    bare = text_file(tmp_path, "measure,value\ncrim_recorded,12\n")
    assert values(read_flat(bare, form, catalog, "yz0101", OCTOBER)) == values(found)


def test_a_header_that_lacks_a_column_is_named(
    tmp_path: Path, catalog: Catalog, form: Form
) -> None:
    path = text_file(tmp_path, LONG.replace("unit,period", "units,period"))
    with pytest.raises(FileError, match="did you mean 'units'"):
        read_flat(path, form, catalog)


def test_a_row_longer_than_its_header_is_refused(
    tmp_path: Path, catalog: Catalog, form: Form
) -> None:
    # 1,234 without quotes in a file parted by commas would be read as 1.
    path = text_file(tmp_path, LONG.replace('"1,234"', "1,234"))
    with pytest.raises(FileError, match="has 5 fields in row 4 but only 4 headings"):
        read_flat(path, form, catalog)


def test_a_heading_spelt_anew_is_asked_about(tmp_path: Path, catalog: Catalog, form: Form) -> None:
    content = "unit,month,crim_recorded,cases cleared,remark\nyz0101,2024-10,12,7,late\n"
    found = read_flat(text_file(tmp_path, content), form, catalog).findings
    (asked,) = found.filter(pl.col("rule") == "flat_heading").iter_rows(named=True)
    assert (asked["severity"], asked["cell"], asked["value"]) == ("query", "D1", "cases cleared")
    assert "have no column, such as: " in asked["message_en"]
    # A remark is no number, and a heading that the form knows is no question.
    content = "unit,month,crim_recorded,remark\nyz0101,2024-10,12,late\n"
    found = read_flat(text_file(tmp_path, content), form, catalog).findings
    assert not found.height


def test_parts_of_a_cell_are_added_and_absence_is_zero_only_where_covered(
    tmp_path: Path, catalog: Catalog, form: Form
) -> None:
    measure = replace(catalog.measures["crim_recorded"], absent="zero", value_of=("station",))
    measures = catalog.measures | {"crim_recorded": measure}
    catalog = replace(catalog, measures=measures)
    form = replace(
        form,
        file_replaces="scope",
        layout_options={
            "columns": {"kind": ["kind"], "place": ["street"]},
            "select": [{"measure": "crim_recorded", "kind": "Case"}],
            "covered_by": ["kind"],
            "parts": ["place"],
            "absent_units": "all",
        },
    )
    content = (
        "unit,period,kind,street,value\n"
        "yz0101,2024-10,case,east,3\n"
        "yz0101,2024-10,Case,west,4\n"
        "yz0102,2024-09,other,east,9\n"
    )
    found = read_flat(text_file(tmp_path, content), form, catalog)
    facts = {(r["unit"], r["period"].month): r for r in found.facts.iter_rows(named=True)}
    assert facts["yz0101", 10]["value"] == 7
    assert facts["yz0101", 10]["cell"] == "E2+E3"
    assert (facts["yz0102", 10]["value"], facts["yz0102", 10]["cell"]) == (0, None)
    assert {month for _, month in facts} == {10}
    units, month = tree(catalog), dt.date(2024, 10, 1)
    stations = [code for code in units.at_level("station") if units.is_open(code, month)]
    assert len(facts) == len(stations) == found.scope.height


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"keep": {"area": ["x"]}}, "the role 'area' has no heading"),
        ({"select": [{"measure": "crim_recordd", "kind": "x"}]}, "Did you mean 'crim_recorded'"),
        ({"unit_names": {"Hubin": "yz010"}}, "unknown unit 'yz010'"),
        ({"absent_units": "every"}, "unknown word 'every'"),
    ],
)
def test_a_wrong_option_is_refused_by_name(
    tmp_path: Path, catalog: Catalog, form: Form, options: dict, says: str
) -> None:
    form = replace(form, layout_options=options)
    with pytest.raises(ValueError, match=says):
        read_flat(text_file(tmp_path, LONG), form, catalog)


def test_a_form_without_a_flat_layout_is_refused(
    tmp_path: Path, catalog: Catalog, form: Form
) -> None:
    with pytest.raises(FileError, match="no flat layout"):
        read_flat(text_file(tmp_path, LONG), replace(form, layouts=("unit",)), catalog)


@pytest.mark.parametrize("written", ["01/10/2024", "10/01/2024", "31/10/2024", "2024/10/31"])
def test_a_day_names_its_month_in_either_order(
    tmp_path: Path, catalog: Catalog, form: Form, written: str
) -> None:
    path = text_file(tmp_path, f"unit,period,measure,value\nyz0101,{written},crim_recorded,5\n")
    assert values(read_flat(path, form, catalog)) == {("crim_recorded", "yz0101", "2024-10"): 5}


def test_a_day_in_doubt_is_asked_about(tmp_path: Path, catalog: Catalog, form: Form) -> None:
    path = text_file(tmp_path, "unit,period,measure,value\nyz0101,05/06/2024,crim_recorded,5\n")
    assert severities(read_flat(path, form, catalog))[0] == "mandatory"


@pytest.mark.parametrize("value", [float("nan"), None])
def test_a_missing_number_of_a_parquet_file_is_blank(
    tmp_path: Path, catalog: Catalog, form: Form, value: float | None
) -> None:
    frame = pl.DataFrame(
        {
            "unit": ["yz0101", "yz0102"],
            "period": [OCTOBER, OCTOBER],
            "measure": ["crim_recorded", "crim_recorded"],
            "value": [5.0, value],
        }
    )
    frame.write_parquet(tmp_path / "table.parquet")
    found = read_flat(tmp_path / "table.parquet", form, catalog)
    assert severities(found) == []
    assert values(found) == {("crim_recorded", "yz0101", "2024-10"): 5}


def test_only_the_columns_that_are_lacking_are_named_and_hints_are_in_the_language(
    tmp_path: Path, catalog: Catalog, form: Form
) -> None:
    form = replace(form, layout_options={"columns": {"phase": ["fase"]}, "keep": {"phase": ["3"]}})
    path = text_file(tmp_path, "unit;year;month;crim_recorded;phase\nyz0101;2024;10;5;3\n")
    with pytest.raises(FileError) as refusal:
        read_flat(path, form, catalog)
    assert refusal.value.say("en").endswith("Columns not found: 'fase' (did you mean 'phase'?).")
    assert refusal.value.say("zh").endswith("缺少的列:'fase'（是不是“phase”？）。")
    found = read_flat(
        text_file(tmp_path, LONG.replace("yz0101", "yz101")),
        replace(form, layout_options={}),
        catalog,
    )
    (fault,) = found.findings.filter(rule="flat_unit").iter_rows(named=True)
    assert "（是不是“yz0101”？）" in fault["message_zh"]
    assert "did you mean" not in fault["message_zh"]
    assert " (did you mean 'yz0101'?)" in fault["message_en"]
