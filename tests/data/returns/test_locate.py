"""Is the table of a sheet found where people moved it, and refused where it cannot be told?"""

from collections.abc import Callable

import openpyxl

from data.checks.run import CheckedReturn
from data.returns.reading import Reading
from tests.data.returns.conftest import edited

Check = Callable[..., CheckedReturn]
CALLS = "接处警"


def transposed(book: openpyxl.Workbook) -> None:
    """Exchange rows and columns of the collection's table."""
    sheet = book[CALLS]
    for area in [str(merged) for merged in sheet.merged_cells.ranges]:
        sheet.unmerge_cells(area)
    table = [[sheet.cell(row, column).value for column in range(1, 21)] for row in range(5, 17)]
    sheet.delete_rows(5, 60)
    for right, row in enumerate(table):
        for down, value in enumerate(row):
            sheet.cell(5 + down, 1 + right).value = value


def test_a_collection_on_its_side_is_said_to_be_one(district: bytes, check: Check) -> None:
    checked = check(edited(district, transposed))
    errors = checked.findings.filter(checked.findings["severity"] == "mandatory")
    assert errors["rule"].to_list() == ["F05"]
    assert "are exchanged" in errors["message_en"][0]
    assert checked.facts.is_empty()
    assert not checked.may_submit


def test_a_label_without_a_unit_does_not_take_the_next_label_for_one(
    station: bytes, read: Callable[..., Reading]
) -> None:
    def unsaid(book: openpyxl.Workbook) -> None:
        del book["_hengjing"]
        book[CALLS]["A4"] = "填报单位："

    parts = read(edited(station, unsaid)).parts
    assert parts["unit_words"][0] == ""
    assert not parts["unit_known"][0]


def test_a_line_without_any_figure_is_its_units_line_and_no_heading(
    district: bytes, read: Callable[..., Reading]
) -> None:
    def emptied(book: openpyxl.Workbook) -> None:
        for column in range(3, 21):
            book[CALLS].cell(9, column).value = None

    reading = read(edited(district, emptied))
    (line,) = reading.lines.filter(reading.lines["unit"] == "yz0902").to_dicts()
    assert (line["cell"], line["filled"]) == ("A9", 0)
    assert line["required"] > 0
    assert not set(reading.notes["key"]) & {"heading", "subtotal"}


def test_the_only_sum_is_that_of_all_wherever_it_stands(
    district: bytes, read: Callable[..., Reading]
) -> None:
    def moved(book: openpyxl.Workbook) -> None:
        sheet = book[CALLS]
        for column in range(1, 21):
            unit, total = sheet.cell(11, column), sheet.cell(16, column)
            unit.value, total.value = total.value, unit.value
            if column > 2:
                unit.value = 5  # the template's formula has no result before it is opened

        sheet["A11"] = None

    reading = read(edited(district, moved))
    totals = reading.cells.filter("is_total")
    assert {cell[1:] for cell in totals["cell"]} == {"11"}
    assert set(totals["unit"]) == {"yz09"}
    assert "subtotal" not in reading.notes["key"]
