"""Does a template come back as it was filled, and is each fault found at its cell?"""

import datetime as dt
import io
from collections.abc import Callable
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from data.checks.findings import finding_id
from data.checks.run import CheckedReturn, answer_findings, check_return
from data.definition_types import Catalog
from data.returns.due import sheets_of
from data.returns.reading import Reading
from data.returns.template import write_template
from data.said import SpokenError
from data.schema import FACTS, RAW, empty
from data.units import Tree
from tests.data.returns.conftest import FORMS, PERIOD, SOUND, Edit, edited, sound_values

Check = Callable[..., CheckedReturn]
Read = Callable[..., Reading]


def put(sheet: str, cell: str, value: object) -> Edit:
    """Return the edit that writes a value into a cell."""

    def edit(book: openpyxl.Workbook) -> None:
        book[sheet][cell] = value

    return edit


def found(checked: CheckedReturn) -> list[tuple[str, str, str, str]]:
    """Return rule, severity, sheet and cell of each finding."""
    return checked.findings.select("rule", "severity", "sheet", "cell").rows()


def test_a_sound_return_has_no_findings_and_may_be_submitted(station: bytes, check: Check) -> None:
    checked = check(station)
    assert found(checked) == []
    assert checked.counts["cells"] == checked.counts["passed"] == len(SOUND)
    assert checked.may_submit


@pytest.mark.parametrize("unit", ["yz0101", "yz01-own", "yz09", "yz-own"])
@pytest.mark.parametrize("period", [dt.date(2024, 9, 1), dt.date(2024, 10, 1)])
def test_what_is_filled_in_is_what_is_read(
    unit: str, period: dt.date, catalog: Catalog, units: Tree, read: Read
) -> None:
    pairs = sorted(
        {
            p
            for form in catalog.forms.values()  # those that are filed by choice, too
            for s in sheets_of(catalog, units, form, unit, period)
            for p in s.expected
        }
    )
    values = pl.DataFrame(
        [(u, m, float(n % 997)) for n, (u, m) in enumerate(pairs)],
        schema=["unit", "measure", "value"],
        orient="row",
    )
    book = io.BytesIO()
    write_template(catalog, units, list(catalog.forms), unit, period, book, values=values)
    cells = read(book.getvalue()).cells.filter("is_due")
    assert cells.select("unit", "measure", "value").sort("unit", "measure").equals(values)
    assert set(cells["period"]) == {period}


CALLS, ORDER = "接处警", "治安行政案件"
#: What is written where, and which finding that makes at which cell of the sheet.
STATION_FAULTS = [
    ("a unit of something else", CALLS, "D8", "138人", "R47", "mandatory", "D8"),
    ("two numbers in a cell", CALLS, "D8", "138起3人", "R47", "mandatory", "D8"),
    ("a word", CALLS, "D14", "很多", "R47", "mandatory", "D14"),
    ("a dash for nothing", CALLS, "D15", "—", "R47", "mandatory", "D15"),
    ("about", CALLS, "D23", "约60", "R47", "mandatory", "D23"),
    ("blank", CALLS, "D16", None, "R47", "mandatory", "D16"),
    ("an error value", CALLS, "D16", "#DIV/0!", "R47", "mandatory", "D16"),
    ("a formula never opened", CALLS, "D16", "=4+5", "R47", "mandatory", "D16"),
    ("a date", CALLS, "D16", dt.date(2024, 3, 5), "R47", "mandatory", "D16"),
    ("a negative number", CALLS, "D16", -1, "R47", "mandatory", "D16"),
    ("half a call", CALLS, "D16", 8.5, "R47", "mandatory", "D16"),
    ("five decimals of money", ORDER, "D15", 1.23456, "R47", "mandatory", "D15"),
    ("a sum that does not add up", CALLS, "D9", 31, "R01", "mandatory", "D7"),
    ("parts that do not add up", CALLS, "D15", 9, "R02", "mandatory", "D8"),
    ("more arrivals than dispatches", CALLS, "D20", 36, "R04", "mandatory", "D20"),
    ("a part above its whole", ORDER, "D7", 40, "R13", "mandatory", "D7"),
    ("minutes without cases", ORDER, "D13", 9000, "R22", "query", "D13"),
    ("above the usual limit", ORDER, "D16", 5000, "F01", "query", "D16"),
    ("a name column", CALLS, "G5", "姓名", "R52", "mandatory", "G5"),
    ("an ID number", CALLS, "G9", "11010519491231002X", "R52", "mandatory", "G9"),
    ("a telephone number", CALLS, "G9", 13800138000, "R52", "mandatory", "G9"),
    ("an unknown code", CALLS, "C10", "calls_crimnal", "F05", "mandatory", "C10"),
    ("another unit in the head", CALLS, "A4", "填报单位：东门派出所", "R51", "mandatory", "A4"),
    ("an unknown unit", CALLS, "A4", "填报单位：湖宾路派出所", "R51", "mandatory", "A4"),
    ("a month that is no month", CALLS, "B4", "报告期：2024年13月", "R51", "mandatory", "B4"),
    ("an old version of the form", CALLS, "E2", "表号：M01（第 9 版）", "R51", "mandatory", "E2"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("sheet", "cell", "value", "rule", "severity", "place"),
    [pytest.param(*fault, id=name) for name, *fault in STATION_FAULTS],
)
def test_each_fault_is_found_at_its_cell(
    sheet: str,
    cell: str,
    value: object,
    rule: str,
    severity: str,
    place: str,
    station: bytes,
    check: Check,
) -> None:
    checked = check(edited(station, put(sheet, cell, value)))
    expected = (rule, severity, sheet, place)
    assert expected in found(checked)
    assert not checked.may_submit
    row = checked.findings.row(found(checked).index(expected), named=True)
    assert all(row[f"{what}_{lang}"] for what in ("message", "fix") for lang in ("zh", "en"))


def test_the_unit_of_something_else_is_answered_with_the_unit_of_the_form(
    station: bytes, check: Check
) -> None:
    checked = check(edited(station, put("治安行政案件", "D16", "12起")))
    (row,) = checked.findings.iter_rows(named=True)
    assert row["message_zh"] == "行政拘留人数写的是“12起”，与表上的计量单位（人）不一致。"
    assert row["fix_en"] == "Write the plain number in the form's unit (people)."


@pytest.mark.parametrize(
    ("cell", "written", "value", "keys"),
    [
        ("D8", "138起", 138.0, ["unit"]),
        ("D8", "138 件", 138.0, ["unit"]),
        ("D15", "12500元", 1.25, ["unit", "scaled"]),
        ("D15", "1.25万元", 1.25, ["unit"]),
        ("D15", "￥12,500", 1.25, ["unit", "scaled"]),
    ],
)
def test_a_number_with_its_unit_is_taken_and_said(
    cell: str, written: str, value: float, keys: list[str], station: bytes, check: Check
) -> None:
    sheet = CALLS if cell == "D8" else ORDER
    checked = check(edited(station, put(sheet, cell, written)))
    notes = checked.findings.filter(rule="F07")
    assert notes.height == checked.findings.height
    assert sorted(notes["value"]) == sorted(keys)
    assert set(notes["cell"]) == {cell}
    taken = checked.facts.filter(sheet=sheet, cell=cell)["value"].item()
    assert taken == value
    assert checked.may_submit


@pytest.mark.parametrize(
    ("written", "liberty"),
    [
        (" 138 ", "number_as_text spaces"),
        ("１３８", "number_as_text full_width"),
        ("'138", "number_as_text"),
        ("138", "number_as_text"),
        ("138.0", "number_as_text"),
    ],
)
def test_numbers_as_text_are_taken_and_the_liberty_is_noted(
    written: str, liberty: str, station: bytes, check: Check
) -> None:
    checked = check(edited(station, put("接处警", "D8", written)))
    assert checked.findings["value"].to_list() == liberty.split()
    assert set(found(checked)) == {("F07", "info", "接处警", "D8")}
    cell = checked.reading.raw.filter(sheet="接处警", cell="D8").row(0, named=True)
    assert (cell["value"], cell["kind"], cell["liberty"]) == (138.0, "text", liberty)


def test_thousands_separators_are_taken(station: bytes, read: Read) -> None:
    reading = read(edited(station, put("接处警", "D7", "12,345.50")))
    assert reading.cells.filter(cell="D7", sheet="接处警")["value"].item() == 12345.5


def test_rows_and_columns_may_move(station: bytes, check: Check) -> None:
    def move(book: openpyxl.Workbook) -> None:
        sheet = book["接处警"]
        # The library moves cells but not what is merged over them.
        for merged in list(sheet.merged_cells.ranges):
            sheet.unmerge_cells(str(merged))
        sheet.insert_rows(6, 2)
        sheet.insert_cols(2)

    checked = check(edited(station, move))
    assert found(checked) == []
    assert checked.facts.filter(measure="calls_valid")["cell"].item() == "E10"


def test_a_workbook_without_its_hidden_sheet_and_codes_is_read_by_its_names(
    station: bytes, check: Check
) -> None:
    def strip(book: openpyxl.Workbook) -> None:
        del book["_hengjing"]
        for sheet in book:
            for row in range(7, 40):
                if sheet.cell(row, 4).value is not None:
                    sheet.cell(row, 3).value = None

    checked = check(edited(station, strip))
    assert {f[0] for f in found(checked)} == {"F07"}
    assert set(checked.findings["value"]) == {"by_name"}
    assert checked.facts.height == len(SOUND)


def test_a_missing_line_of_the_form_is_named(station: bytes, check: Check) -> None:
    checked = check(edited(station, lambda book: book["接处警"].delete_rows(10)))
    row = checked.findings.filter(measure="calls_criminal").row(0, named=True)
    assert (row["rule"], row["severity"]) == ("R47", "mandatory")
    assert "找不到" in row["message_zh"]


def test_a_form_left_wholly_blank_is_a_note_and_is_not_submitted(
    station: bytes, check: Check, catalog: Catalog
) -> None:
    def wipe(book: openpyxl.Workbook) -> None:
        for row in range(7, 17):
            book["治安行政案件"].cell(row, 4).value = None

    checked = check(edited(station, wipe))
    assert found(checked) == [("F02", "info", "治安行政案件", "A7")]
    assert [part.form.code for part in checked.by_form(catalog)] == ["M01"]


def test_a_station_that_did_not_report_is_a_question(district: bytes, check: Check) -> None:
    def wipe(book: openpyxl.Workbook) -> None:
        for column in range(3, 21):
            book["接处警"].cell(9, column).value = None

    def zero_sum(book: openpyxl.Workbook) -> None:
        wipe(book)
        for column in range(3, 21):
            book["接处警"].cell(16, column).value = None

    checked = check(edited(district, zero_sum))
    assert [f[:2] for f in found(checked)] == [("F02", "query")]
    unit = checked.findings["unit"].item()
    assert unit not in set(checked.facts["unit"])
    answered = answer_findings(
        checked, {finding_id(checked.findings.row(0, named=True)): "该所系统故障，次日补报"}
    )
    assert answered.may_submit


def test_a_total_that_is_not_the_sum_is_found_in_the_total_row(
    district: bytes, check: Check
) -> None:
    sound = check(district)
    assert found(sound) == []
    checked = check(edited(district, put("接处警", "D16", 1)))
    assert ("R46", "mandatory", "接处警", "D16") in found(checked)


def test_a_line_of_another_district_is_refused(district: bytes, check: Check) -> None:
    def swap(book: openpyxl.Workbook) -> None:
        book["接处警"]["A8"] = "yz0101"
        book["接处警"]["B8"] = "湖滨路派出所"

    assert ("R51", "mandatory", "接处警", "A8") in found(check(edited(district, swap)))


def test_the_same_unit_twice_is_refused(district: bytes, check: Check) -> None:
    def double(book: openpyxl.Workbook) -> None:
        book["接处警"]["A9"] = book["接处警"]["A8"].value
        book["接处警"]["B9"] = book["接处警"]["B8"].value

    rules = {f[0] for f in found(check(edited(district, double)))}
    assert "F04" in rules


def test_asking_for_another_unit_form_or_month_is_answered(station: bytes, check: Check) -> None:
    for asked in ({"unit": "yz0102"}, {"form": "M02"}, {"period": dt.date(2024, 9, 1)}):
        assert {f[0] for f in found(check(station, **asked))} == {"R51"}


def test_sheets_of_two_months_are_not_one_return(station: bytes, check: Check) -> None:
    def mix(book: openpyxl.Workbook) -> None:
        del book["_hengjing"]
        book["治安行政案件"]["D3"] = "报告期：2024年8月"

    assert ("R51", "mandatory", "治安行政案件", "D3") in found(check(edited(station, mix)))


def test_a_form_that_is_not_owed_makes_no_template(catalog: Catalog, units: Tree) -> None:
    with pytest.raises(SpokenError, match="yz0101 owes nothing of M06 for 2024-10"):
        write_template(catalog, units, ["M06"], "yz0101", PERIOD, io.BytesIO())


def test_a_future_month_is_refused(catalog: Catalog, units: Tree, check: Check) -> None:
    book = io.BytesIO()
    month = dt.date(2024, 12, 1)
    write_template(catalog, units, FORMS, "yz0101", month, book, values=sound_values())
    assert {f[0] for f in found(check(book.getvalue()))} == {"R51"}


def test_names_in_the_foot_are_neither_refused_nor_kept(station: bytes, check: Check) -> None:
    def sign(book: openpyxl.Workbook) -> None:
        sheet = book["接处警"]
        foot = next(
            r for r in range(20, 40) if str(sheet.cell(r, 1).value).startswith("单位负责人")
        )
        sheet.cell(foot, 1).value = "单位负责人：张三　填表人：李四　联系电话：13800138000"

    checked = check(edited(station, sign))
    assert found(checked) == []
    kept = " ".join(checked.reading.raw["text"])
    assert "张三" not in kept
    assert "13800138000" not in kept


def test_personal_data_never_reaches_a_frame(station: bytes, check: Check) -> None:
    checked = check(edited(station, put("接处警", "G9", "11010519491231002X")))
    for frame in (checked.reading.raw, checked.findings, checked.facts):
        assert "11010519491231002X" not in frame.write_csv()


def test_without_the_worker_the_form_findings_are_missing_and_nothing_may_be_submitted(
    station: bytes, read: Read, check: Check, catalog: Catalog, units: Tree
) -> None:
    def spoil(book: openpyxl.Workbook) -> None:
        book["接处警"]["D8"] = "138起"
        book["接处警"]["D16"] = None
        book["接处警"]["D15"] = -1
        book["接处警"]["A2"] = "表号：M01（第 9 版）"
        book["治安行政案件"]["D16"] = 5000
        book["治安行政案件"]["D7"] = 40

    content = edited(station, spoil)
    complete = check(content)
    bare = check_return(read(content), catalog, units, empty(FACTS), None)
    assert {"R47", "R51", "F01", "R13"} <= set(complete.findings["rule"])
    assert {"R47", "R51", "F01"}.isdisjoint(bare.findings["rule"])
    assert "R13" in set(bare.findings["rule"])
    assert complete.is_complete
    assert not bare.is_complete
    assert not bare.may_submit


def test_a_printed_year_to_date_that_is_out_of_date_is_a_question(
    catalog: Catalog, units: Tree, check: Check
) -> None:
    rows = [("calls_total", 1, "yz0101", dt.date(2024, month, 1), 165.0) for month in range(1, 10)]
    history = pl.DataFrame(rows, schema=FACTS.names()[:5], orient="row")
    book = io.BytesIO()
    write_template(
        catalog, units, FORMS, "yz0101", PERIOD, book, previous=history, values=sound_values()
    )
    full = history.with_columns(
        [pl.lit(None, FACTS[name]).alias(name) for name in FACTS.names()[5:]]
    )
    assert openpyxl.load_workbook(book)["接处警"]["E7"].value == '=IF(ISNUMBER(D7),D7+1485,"")'
    assert found(check(book.getvalue(), full)) == []
    stale = edited(book.getvalue(), put("接处警", "E7", 999))
    assert found(check(stale, full)) == [("R44", "query", "接处警", "D7")]


def test_findings_keep_their_name_when_the_file_comes_again(station: bytes, check: Check) -> None:
    content = edited(station, put("治安行政案件", "D16", 5000))
    first = check(content)
    (row,) = first.findings.iter_rows(named=True)
    given = {finding_id(row): "集中整治行动期间拘留较多"}
    again = answer_findings(check(edited(content, put("接处警", "A1", "x"))), given)
    assert again.findings["answer"].to_list() == ["集中整治行动期间拘留较多"]
    assert again.may_submit
    short = answer_findings(first, {finding_id(row): "属实"})
    assert not short.may_submit


def test_every_cell_read_is_kept_with_its_address(station: bytes, read: Read) -> None:
    raw = read(station).raw
    assert raw.schema == RAW
    cell = raw.filter(sheet="接处警", cell="D8").row(0, named=True)
    assert (cell["row"], cell["col"], cell["value"], cell["kind"]) == (8, 4, 138.0, "number")


def test_a_workbook_saved_by_another_program_is_read_alike(check: Check) -> None:
    # The sound return, opened and saved by LibreOffice; calls_theft was the formula =4+5.
    saved = Path(__file__).with_name("saved_by_libreoffice.xlsx").read_bytes()
    checked = check(saved)
    assert found(checked) == [("F07", "info", "接处警", "D16")]
    assert checked.findings["value"].item() == "formula"
    assert dict(checked.facts.select("measure", "value").iter_rows()) == SOUND
    cell = checked.reading.cells.filter(sheet="接处警", cell="D16").row(0, named=True)
    assert (cell["kind"], cell["value"]) == ("formula", 9.0)
    assert checked.reading.parts["form_current"].all()
