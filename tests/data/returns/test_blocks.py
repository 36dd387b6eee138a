"""Are the numbers of block-like workbooks read with all their labels, and nothing but them?"""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.data.returns.block_files import YEAR, faults, read, text_file, values, workbook
from tests.data.returns.small_bureau import bureau

CODES = """
[[options.tables]]
sheets = ["R1"]
[options.tables.columns]
col = {beside = "Code"}
[options.tables.rows]
row = {under = "Code"}
[options.tables.given]
unit = [{title = "/^Return of (.+)$/"}, {file = "/^(.+)[.]/", optional = true}]
[[options.tables.select]]
measure = "murder"
row = "3"
col = "2"
[[options.tables.select]]
measure = "theft"
row = "4"
col = "2"
scale = 100
"""
CODED = [
    ["Form R"],
    ["Offences", "Code", "cases", "cleared"],
    ["", "Code", 1, 2],
    ["murder", 3, 9, 5],
    ["theft", 4, 8, 0.58],
]


def test_row_and_column_codes_name_the_measure(tmp_path: Path) -> None:
    catalog = bureau(tmp_path / "d", CODES.replace('{beside = "Code"}', "{row = 3}"))
    path = workbook(tmp_path / "aba.xlsx", "Return of Aba (N)", R1=CODED, R2=[["other"]])
    found = read(catalog, path, period=YEAR)
    assert values(found) == {("murder", "aba", "2023-12"): 5, ("theft", "aba", "2023-12"): 58}
    assert found.facts["cell"].to_list() == ["D4", "D5"]
    assert faults(found, "info") == [("flat_unused", "R1", None)]


@pytest.mark.parametrize(
    ("name", "title", "unit", "fault"),
    [
        ("Aba (N).xlsx", None, None, None),
        ("book.xlsx", "Return of Aba police station", None, None),
        ("甲所.xlsx", "Return of ABA (n)", "north", None),
        ("book.xlsx", None, None, "flat_unsaid_unit"),
        ("book.xlsx", None, "aba", None),
        ("Taipei City.xlsx", "Return of Aba (N)", None, "flat_contrary"),
        ("Aba.xlsx", "Return of Nowhere", None, "flat_given_unit"),
        ("Aba.xlsx", "Something else", None, "flat_expects"),
        ("Aba.xlsx", "Return of Aba (N)", "taipei", "flat_other_unit"),
    ],
)
def test_title_file_name_and_command_line_must_agree(
    tmp_path: Path, name: str, title: str | None, unit: str | None, fault: str | None
) -> None:
    catalog = bureau(tmp_path / "d", CODES.replace('{beside = "Code"}', "{row = 3}"))
    found = read(catalog, workbook(tmp_path / name, title, R1=CODED), unit, YEAR)
    assert [rule for rule, _, _ in faults(found)] == ([fault] if fault else [])
    assert found.facts["unit"].unique().to_list() == ([] if fault else ["aba"])


@pytest.mark.parametrize(
    ("row", "column", "value", "fault", "cell"),
    [
        (4, 2, 33, "flat_no_label", "B2"),
        (3, 4, 22, "flat_no_label", "C3"),
        (4, 4, "many", "flat_text", "D4"),
        (4, 4, "#DIV/0!", "flat_text", "D4"),
        (4, 4, "=C4*2", "flat_text", "D4"),
        (4, 4, True, "flat_text", "D4"),
    ],
)
def test_what_is_not_there_or_no_number_is_named_by_cell(
    tmp_path: Path, row: int, column: int, value: Any, fault: str, cell: str
) -> None:
    catalog = bureau(tmp_path / "d", CODES.replace('{beside = "Code"}', "{row = 3}"))
    rows = [list(line) for line in CODED]
    rows[row - 1][column - 1] = value
    found = read(catalog, workbook(tmp_path / "Aba.xlsx", None, R1=rows), period=YEAR)
    assert faults(found)[0] == (fault, "R1", cell)


def test_a_blank_cell_of_a_measure_is_asked_about(tmp_path: Path) -> None:
    catalog = bureau(tmp_path / "d", CODES.replace('{beside = "Code"}', "{row = 3}"))
    rows = [*CODED[:3], ["murder", 3, 9, None], CODED[4]]
    found = read(catalog, workbook(tmp_path / "Aba.xlsx", None, R1=rows), period=YEAR)
    assert faults(found, "query") == [("flat_blank", "R1", "D4")]
    assert values(found) == {("theft", "aba", "2023-12"): 58}
    strict = CODES.replace('sheets = ["R1"]', 'sheets = ["R1"]\nstrict = true')
    catalog = bureau(tmp_path / "d", strict.replace('{beside = "Code"}', "{row = 3}"))
    assert faults(read(catalog, tmp_path / "Aba.xlsx", period=YEAR)) == [("flat_gap", "R1", "D4")]


def test_a_number_kept_as_text_is_read_and_asked_about(tmp_path: Path) -> None:
    catalog = bureau(tmp_path / "d", CODES.replace('{beside = "Code"}', "{row = 3}"))
    rows = [*CODED[:3], ["murder", 3, 9, "5"], ["theft", 4, 8, "－"]]
    found = read(catalog, workbook(tmp_path / "Aba.xlsx", None, R1=rows), period=YEAR)
    assert faults(found, "query") == [("flat_as_text", "R1", "D4")]
    assert values(found) == {("murder", "aba", "2023-12"): 5}
    strict = CODES.replace('sheets = ["R1"]', 'sheets = ["R1"]\nstrict = true')
    catalog = bureau(tmp_path / "d", strict.replace('{beside = "Code"}', "{row = 3}"))
    found = read(catalog, tmp_path / "Aba.xlsx", period=YEAR)
    assert faults(found) == [("flat_as_text", "R1", "D4")]


def test_a_sheet_that_is_missing_is_named_with_those_there(tmp_path: Path) -> None:
    catalog = bureau(tmp_path / "d", CODES)
    found = read(catalog, workbook(tmp_path / "Aba.xlsx", None, R9=CODED), period=YEAR)
    assert faults(found) == [("flat_no_sheet", "R1", None)]
    assert "R9" in found.findings["message_en"][0]


def test_a_saved_formula_is_read_and_asked_about(tmp_path: Path) -> None:
    catalog = bureau(tmp_path / "d", CODES.replace('{beside = "Code"}', "{row = 3}"))
    path = workbook(tmp_path / "Aba.xlsx", None, R1=CODED)
    _with_saved_formula(path, "D4", "C4-4", "5")
    found = read(catalog, path, period=YEAR)
    assert faults(found, "query") == [("flat_formula", "R1", "D4")]
    assert values(found)["murder", "aba", "2023-12"] == 5


def _with_saved_formula(path: Path, cell: str, formula: str, result: str) -> None:
    """Write a formula with its result, as a spreadsheet program saves it."""
    import re
    import zipfile

    parts = {}
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            parts[name] = archive.read(name)
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    new = f'<c r="{cell}"><f>{formula}</f><v>{result}</v></c>'
    sheet, count = re.subn(rf'<c r="{cell}"[^>]*>.*?</c>', new, sheet)
    assert count == 1
    parts["xl/worksheets/sheet1.xml"] = sheet.encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(order=st.permutations(range(6)), columns=st.permutations(range(1, 5)))
def test_codes_are_found_wherever_they_stand(
    tmp_path: Path, order: list[int], columns: list[int]
) -> None:
    options = CODES.replace('{beside = "Code"}', '{beside = "Б"}').replace(
        '{under = "Code"}', '{under = "Б"}'
    )
    catalog = bureau(tmp_path / "d", options)
    head = ["А", "Б", *columns]
    body = [[f"row {code}", code, *(10 * code + column for column in columns)] for code in order]
    path = text_file(tmp_path / "Aba.csv", [["Form"], [], head, *body])
    known = values(read(catalog, path, None, YEAR)).items()
    assert {measure: value for (measure, _, _), value in known} == {"murder": 32, "theft": 4200}
