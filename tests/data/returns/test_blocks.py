"""Are the numbers of block-like workbooks read with all their labels, and nothing but them?"""

import csv
import datetime as dt
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.definition_types import Catalog
from data.returns.flat import FlatFile, read_flat
from tests.data.returns.small_bureau import bureau

YEAR = dt.date(2023, 12, 1)


def workbook(path: Path, title: str | None = None, **sheets: list[list[Any]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.properties.title = title
    book.save(path)
    return path


def text_file(path: Path, rows: list[list[Any]], encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream).writerows(rows)
    return path


def read(catalog: Catalog, path: Path, unit: str | None = None, period: dt.date | None = None):
    return read_flat(path, catalog.forms["f"], catalog, unit, period)


def values(found: FlatFile) -> dict[tuple[str, str, str], float]:
    assert faults(found) == []
    return {
        (row["measure"], row["unit"], f"{row['period']:%Y-%m}"): row["value"]
        for row in found.facts.iter_rows(named=True)
    }


def faults(found: FlatFile, *severities: str) -> list[tuple[str, str | None, str | None]]:
    wanted = severities or ("mandatory",)
    rows = found.findings.iter_rows(named=True)
    return [(r["rule"], r["sheet"], r["cell"]) for r in rows if r["severity"] in wanted]


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


BLOCKS = """
dash = "zero"
skip = {crime = ["Source"]}
[[options.select]]
measure = "murder"
crime = ["Murder", "/^murders?$/"]
group = "/contact/"
[[options.select]]
measure = "theft"
crime = "/^theft/"
optional = true
[[options.tables]]
begins = "/^Crime in (?P<unit>.+?) +for/"
ends = "/^Note|^$/"
[options.tables.columns]
period = {beside = "Crime Category"}
[options.tables.rows]
crime = {under = "Crime Category"}
group = {heads = "A"}
"""


def block(unit: str, *rows: list[Any]) -> list[list[Any]]:
    head = ["Crime Category", "April 2003 to March 2004", "2004/05"]
    return [[f"Crime in  {unit}  for April"], [], head, ["CONTACT CRIME"], *rows, [], ["Note 1"]]


def test_blocks_repeat_down_a_sheet(tmp_path: Path) -> None:
    catalog = bureau(tmp_path / "d", BLOCKS, year_start=4)
    rows = block("Aba (N)", ["Murder", "1,431", "-"], ["Theft of cars*", "12 *", "…"])
    rows += block("台北市", ["murders", 3, "４"])
    found = read(catalog, text_file(tmp_path / "x.csv", rows))
    assert values(found) == {
        ("murder", "aba", "2004-03"): 1431,
        ("murder", "aba", "2005-03"): 0,
        ("theft", "aba", "2004-03"): 12,
        ("murder", "taipei", "2004-03"): 3,
        ("murder", "taipei", "2005-03"): 4,
    }


def test_an_unknown_block_or_month_stops_at_its_own_cell(tmp_path: Path) -> None:
    catalog = bureau(tmp_path / "d", BLOCKS, year_start=4)
    rows = block("Nowhere", ["Murder", 1, 2]) + block("Aba (N)", ["Murder", 1, 2])
    rows[9][1] = "some day"
    found = read(catalog, text_file(tmp_path / "x.csv", rows))
    assert faults(found) == [("flat_unit", None, "A1"), ("flat_period", None, "B10")]


def test_a_file_without_any_block_says_what_was_looked_for(tmp_path: Path) -> None:
    catalog = bureau(tmp_path / "d", BLOCKS)
    found = read(catalog, text_file(tmp_path / "x.csv", [["nothing"], ["of", "this"]]))
    assert faults(found) == [("flat_no_block", None, None)]


def test_a_measure_that_no_row_names_is_missing(tmp_path: Path) -> None:
    catalog = bureau(tmp_path / "d", BLOCKS, year_start=4)
    rows = block("Aba (N)", ["Manslaughter", 1, 2], ["Theft", 1, 2])
    found = read(catalog, text_file(tmp_path / "x.csv", rows))
    assert faults(found) == [("flat_no_measure", None, None)]


def test_a_control_total_goes_to_the_unit_that_publishes_it(tmp_path: Path) -> None:
    options = BLOCKS.replace('crime = ["Murder", "/^murders?$/"]', 'crime = "Murder"\narea = "x"')
    options = options.replace(
        'group = {heads = "A"}', 'group = {heads = "A"}\narea = {column = "D"}'
    )
    options += '[[options.select]]\nmeasure = "murder_published"\ncrime = "Murder"\narea = "all"\n'
    catalog = bureau(tmp_path / "d", options, year_start=4)
    rows = block("North", ["Murder", 7, 8, "all"]) + block("Aba (N)", ["Murder", 1, 2, "x"])
    found = read(catalog, text_file(tmp_path / "x.csv", rows))
    assert values(found)["murder_published", "north_published", "2004-03"] == 7
    # A number of a unit above that nobody files is left out, and that is said.
    rows = block("North", ["Murder", 7, 8, "x"]) + block("Aba (N)", ["Murder", 1, 2, "all"])
    found = read(catalog, text_file(tmp_path / "x.csv", rows))
    assert "flat_sum" in [rule for rule, _, _ in faults(found, "info")]
    assert "north" not in found.facts["unit"].to_list()


ACROSS = """
[[options.tables]]
begins = "/^Station (?P<unit>.+)$/"
across = true
[options.tables.columns]
measure = {row = 2}
[options.tables.rows]
period = {column = "A"}
"""


def test_blocks_stand_side_by_side(tmp_path: Path) -> None:
    catalog = bureau(tmp_path / "d", ACROSS)
    rows = [
        ["Station Aba", None, None, None, "Station 臺北市", None, None],
        ["year", "Murder", "Theft", None, "year", "Theft", "Murder"],
        [2022, 1, 2, None, 2022, 30, 40],
        [2023, 5, 6, None, 2023, 70, 80],
    ]
    found = read(catalog, workbook(tmp_path / "x.xlsx", None, S=rows))
    assert values(found)["theft", "taipei", "2022-12"] == 30
    assert values(found)["murder", "taipei", "2023-12"] == 80
    assert values(found)["theft", "aba", "2023-12"] == 6
    assert found.facts.height == 8


MERGED = """
calendar_years = "roc"
[[options.tables]]
[options.tables.columns]
theme = {rows = [2, 3], fill = "merged", join = " / "}
[options.tables.rows]
unit = {column = "A", fill = "down"}
period = {column = "B"}
[[options.select]]
measure = "murder"
theme = "殺人 / 發生數"
[[options.select]]
measure = "theft"
theme = "竊盜 / 發生數"
"""


def test_merged_headers_and_years_of_the_republic(tmp_path: Path) -> None:
    catalog = bureau(tmp_path / "d", MERGED)
    rows = [
        ["表1"],
        ["機關別", "年別", "殺　人", None, None, "竊盜", None],
        [None, None, "發 生 數", "破獲數", None, "發生數", "破獲數"],
        ["台北市", "104", 3, 2, 0.0, 300, 200],
        [None, "民國105年", 4, 3, 0.0, 400, 300],
        ["Aba", "106年", 5, 5, 0.0, "－", "－"],
    ]
    path = workbook(tmp_path / "x.xlsx", None, S=rows)
    book = openpyxl.load_workbook(path)
    book["S"].merge_cells("C2:D2")
    book["S"].merge_cells("F2:G2")
    book.save(path)
    assert values(read(catalog, path)) == {
        ("murder", "taipei", "2015-12"): 3,
        ("murder", "taipei", "2016-12"): 4,
        ("murder", "aba", "2017-12"): 5,
        ("theft", "taipei", "2015-12"): 300,
        ("theft", "taipei", "2016-12"): 400,
    }


EVENTS = """
calendar_years = "roc"
skip = {type = ["案類", "type", "毒品"]}
[[options.select]]
measure = "murder"
type = "殺人"
[[options.select]]
measure = "theft"
type = "/竊盜$/"
optional = true
[[options.tables]]
count = true
[options.tables.rows]
type = {column = "A"}
year = {column = "B"}
month = {column = "C", pattern = "/^(\\\\d{1,2})\\\\d\\\\d$/"}
unit = {column = "D"}
"""


def test_events_are_counted_by_month_and_unit(tmp_path: Path) -> None:
    catalog = bureau(tmp_path / "d", EVENTS, frequency="M")
    head = [["type", "oc_year", "oc_data", "oc_county"], ["案類", "發生年度", "發生日期", "縣市"]]
    first = [
        ["殺人", 105, 101, "台北市"],
        ["殺人", 105, 131, "臺北市"],
        ["住宅竊盜", 105, 215, "台北市"],
        ["機車竊盜", 105, 229, "台北市"],
    ]
    later = [["殺人", 105, 1231, "Aba"], ["殺人", 105, 101, "Aba"], ["毒品", 105, 101, "Aba"]]
    found = read(catalog, workbook(tmp_path / "x.xlsx", None, Q1=head + first, Q4=later))
    assert values(found) == {
        ("murder", "taipei", "2016-01"): 2,
        ("theft", "taipei", "2016-02"): 2,
        ("murder", "aba", "2016-12"): 1,
        ("murder", "aba", "2016-01"): 1,
    }


def test_an_event_of_an_unknown_month_stops_the_import(tmp_path: Path) -> None:
    catalog = bureau(tmp_path / "d", EVENTS, frequency="M")
    rows = [["殺人", 105, 101, "Aba"], ["殺人", 105, 1401, "Aba"]]
    found = read(catalog, workbook(tmp_path / "x.xlsx", None, Q1=rows))
    assert faults(found) == [("flat_period", "Q1", "C2")]


SOURCES = """
[[options.tables]]
when = [{sheet = "/20/"}]
[options.tables.rows]
measure = {column = "A"}
value = {column = "B"}
[options.tables.given]
%s
"""


@pytest.mark.parametrize(
    ("given", "frequency", "month"),
    [
        ('unit = {word = "aba"}\nperiod = {sheet = "/\\\\d{4}Q\\\\d/"}', "Q", "2024-09"),
        ('unit = {right_of = "Unit:"}\nperiod = {found = "/as of (.+)$/"}', "M", "2024-10"),
        ('unit = {cell = "C1", pattern = "/for (.+)/"}\nperiod = {file = "/(20\\\\d\\\\d)/"}', "A",
         "2021-12"),
    ],
)  # fmt: skip
def test_what_is_said_once_holds_for_every_number(
    tmp_path: Path, given: str, frequency: str, month: str
) -> None:
    catalog = bureau(tmp_path / "d", SOURCES % given, frequency)
    rows = [["Unit:", "Aba", "for Aba"], ["as of October 2024"], ["Murder", 5], ["Theft", 6]]
    found = read(catalog, workbook(tmp_path / "out2021.xlsx", None, **{"2024Q3": rows}))
    assert values(found) == {("murder", "aba", month): 5, ("theft", "aba", month): 6}


def test_a_year_may_sit_in_a_month_of_its_own(tmp_path: Path) -> None:
    given = 'unit = {word = "aba"}\nperiod = {file = "/(20\\\\d\\\\d)/"}'
    catalog = bureau(tmp_path / "d", "year_month = 10\n" + SOURCES % given)
    path = workbook(tmp_path / "out2021.xlsx", None, **{"2024Q3": [["Murder", 5]]})
    assert values(read(catalog, path)) == {("murder", "aba", "2021-10"): 5}


def test_a_row_of_zeros_may_say_nothing(tmp_path: Path) -> None:
    options = 'all_zero = "missing"\n' + ACROSS.replace("across = true", "")
    catalog = bureau(tmp_path / "d", options)
    rows = [["Station Aba"], ["y", "Murder", "Theft"], [2022, 0, 0], [2023, 0, 3]]
    found = read(catalog, workbook(tmp_path / "x.xlsx", None, S=rows))
    assert values(found) == {("murder", "aba", "2023-12"): 0, ("theft", "aba", "2023-12"): 3}


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


def test_two_numbers_for_one_cell_stop_the_import(tmp_path: Path) -> None:
    catalog = bureau(tmp_path / "d", ACROSS.replace("across = true", ""))
    rows = [["Station Aba"], ["y", "Murder", "Murder"], [2022, 1, 2]]
    found = read(catalog, workbook(tmp_path / "x.xlsx", None, S=rows))
    assert faults(found) == [("flat_twice", "S", "B3")]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ("", r"f.toml: options: a form with layout matrix needs \[\[options.tables\]\]"),
        ("tables = [{sheet = ['A']}]", "unknown key 'sheet'. Did you mean 'sheets'"),
        ("tables = [{rows = {unit = {colum = 'A'}}}]", "Did you mean 'column'"),
        ("tables = [{rows = {unit = {column = 1}}}]", "expected the letters of a column"),
        ("tables = [{columns = {unit = {row = 0}}}]", "expected the number of a row from 1"),
        ("tables = [{columns = {unit = {row = 1, fill = 'down'}}}]", "unknown word 'down'"),
        ("tables = [{columns = {unit = {row = 1, rows = [2]}}}]", "say just one of row, rows"),
        ("tables = [{begins = '/(/', columns = {unit = {row = 1}}}]", "not a regular expression"),
        ("tables = [{columns = {unit = {row = 1}}, across = true}]", "begins"),
        ("tables = [{rows = {unit = {column = 'A'}}}]", "say where the numbers are"),
        ("tables = [{count = true, columns = {unit = {row = 1}}}]", "a table of events"),
        ("tables = [{columns = {unit = {row = 1}}, given = {unit = {tile = '/x/'}}}]", "'tile'"),
        ("tables = [{columns = {unit = {row = 1}}}]\nselect = [{measure = 'theft', crim = 'x'}]",
         "the role 'crim' has no label in tables"),
        ("tables = [{columns = {unit = {row = 1}}, select = [{measure = 'thef', unit = 'x'}]}]",
         "Did you mean 'theft'"),
        ("tables = [{columns = {unit = {row = 1}}}]\nencoding = 'big-5'", "Did you mean 'big5'"),
    ],
)  # fmt: skip
def test_a_wrong_definition_stops_at_load(tmp_path: Path, options: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        bureau(tmp_path / "d", options)
