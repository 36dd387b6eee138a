"""Are repeated blocks, merged headers, lists of events and what is said once read right?"""

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.data.returns.block_files import faults, read, text_file, values, workbook
from tests.data.returns.small_bureau import bureau

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
