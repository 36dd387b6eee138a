"""Is a file that was cut refused, or at least asked about, before its figures are believed?"""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from data.catalog import load_catalog
from data.definition_types import Catalog, Form
from data.returns.flat import FlatFile, read_flat
from data.returns.flat_table import FileError
from tests.data.returns.small_bureau import bureau

HEAD = "unit,period,measure,value\n"
ROWS = [f"yz01{number:02d},2024-10,crim_recorded,{number}5\n" for number in range(1, 5)]


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


@pytest.fixture(scope="module")
def form(catalog: Catalog) -> Form:
    return catalog.forms["M02"]


def read(folder: Path, content: str, catalog: Catalog, form: Form) -> FlatFile:
    path = folder / "table.csv"
    path.write_bytes(content.encode())
    return read_flat(path, form, catalog)


def said(found: FlatFile) -> list[tuple[str, str, str | None]]:
    rows = found.findings.filter(pl.col("severity") != "info")
    return list(rows.select("severity", "rule", "cell").iter_rows())


@pytest.mark.parametrize(
    ("end", "rule", "cell"),
    [
        ("yz0105", "flat_cut_row", "A6"),
        ("yz0105,2024-10,crim_rec", "flat_cut_row", "C6"),
        ("yz0105,2024-10,crim_recorded\n", "flat_cut_row", "C6"),
    ],
)
def test_a_file_cut_within_its_last_row_is_refused(
    tmp_path: Path, catalog: Catalog, form: Form, end: str, rule: str, cell: str
) -> None:
    found = read(tmp_path, HEAD + "".join(ROWS) + end, catalog, form)
    assert ("mandatory", rule, cell) in said(found)


def test_a_last_value_without_its_line_end_is_asked_about(
    tmp_path: Path, catalog: Catalog, form: Form
) -> None:
    whole = HEAD + "".join(ROWS)
    assert said(read(tmp_path, whole, catalog, form)) == []
    # 45 may have been 457.
    cut = read(tmp_path, whole.removesuffix("\n"), catalog, form)
    assert said(cut) == [("query", "flat_open_end", "D5")]
    assert "its last value is '45'" in cut.findings["message_en"][0]


def test_a_row_within_that_has_too_few_fields_is_refused_unless_the_form_allows_it(
    tmp_path: Path, catalog: Catalog, form: Form
) -> None:
    short = [*ROWS[:2], "yz0103,2024-10,crim_recorded\n", ROWS[3]]
    found = read(tmp_path, HEAD + "".join(short), catalog, form)
    assert said(found) == [("mandatory", "flat_short_row", "C4")]
    allowed = replace(form, layout_options={"short_rows": "blank"})
    assert said(read(tmp_path, HEAD + "".join(short), catalog, allowed)) == []


def test_notes_below_a_blank_row_and_blank_headings_at_the_end_are_no_fault(
    tmp_path: Path, catalog: Catalog, form: Form
) -> None:
    content = "unit,period,measure,value,,\n" + "".join(ROWS) + "\nSource: bureau\nas of May\n"
    found = read(tmp_path, content, catalog, form)
    assert said(found) == []
    assert found.facts.height == 4


def test_a_quotation_that_never_ends_is_refused(
    tmp_path: Path, catalog: Catalog, form: Form
) -> None:
    with pytest.raises(FileError, match="begins in row 3"):
        read(tmp_path, HEAD + ROWS[0] + '"' + "".join(ROWS[1:]), catalog, form)
    # A mark within a field is read as it stands.
    content = HEAD.replace("unit", "a,unit") + '"5"-inch,yz0101,2024-10,crim_recorded,15\n'
    assert read(tmp_path, content, catalog, form).facts["value"].to_list() == [15]


BLOCKS = """[[options.tables]]
[options.tables.columns]
period = {row = 1}
[options.tables.rows]
unit = {column = "A"}
[options.tables.given]
measure = {word = "murder"}
"""


def test_a_block_of_a_text_file_that_was_cut_is_refused(tmp_path: Path) -> None:
    catalog = bureau(tmp_path / "d", BLOCKS)
    whole = ",2014,2015\nAba (N),1,2\nTaipei City,3,4\n"

    def read_block(content: str) -> FlatFile:
        return read(tmp_path, content, catalog, catalog.forms["f"])

    assert said(read_block(whole)) == []
    assert said(read_block(whole + "Source: police\n")) == [("mandatory", "flat_unit", "A4")]
    assert ("mandatory", "flat_cut_row", "B3") in said(read_block(whole.removesuffix(",4\n")))
    assert ("mandatory", "flat_short_row", "B2") in said(read_block(whole.replace("1,2", "1")))
    assert ("mandatory", "flat_cut_row", "A3") in said(read_block(whole.removesuffix(",3,4\n")))


@pytest.mark.parametrize(
    ("month", "expected"),
    [
        ("2024-10", []),
        ("2024-11", [("query", "flat_running", "D2")]),
        ("2024-12", [("mandatory", "flat_future", "D2")]),
        ("2029-12", [("mandatory", "flat_future", "D2")]),
    ],
)
def test_a_month_that_has_not_begun_has_no_figures(
    tmp_path: Path,
    catalog: Catalog,
    form: Form,
    month: str,
    expected: list[tuple[str, str, str]],
) -> None:
    path = tmp_path / "table.csv"
    path.write_text(HEAD + ROWS[0].replace("2024-10", month))
    day = dt.date(2024, 11, 22)
    assert said(read_flat(path, form, catalog, today=day)) == expected
    path.write_text(HEAD.replace("period,", "") + "yz0101,crim_recorded,5\n")
    period = dt.date.fromisoformat(f"{month}-01")
    found = said(read_flat(path, form, catalog, period=period, today=day))
    assert [rule for _, rule, _ in found] == [rule for _, rule, _ in expected]


def test_blank_columns_of_months_to_come_are_no_fault(
    tmp_path: Path, catalog: Catalog, form: Form
) -> None:
    path = tmp_path / "table.csv"
    path.write_text("unit,measure,2024-10,2024-11,2024-12\nyz0101,crim_recorded,5,,\n")
    found = read_flat(path, form, catalog, today=dt.date(2024, 11, 2))
    assert said(found) == []
    assert found.scope["period"].unique().to_list() == [dt.date(2024, 10, 1), dt.date(2024, 11, 1)]


CRIMES = ("Murder", "Theft", "Arson", "Fraud", "Rape")
CODED = """[[options.tables]]
begins = "/^Crime in (?P<unit>.+)$/"
ends = "/^$/"
[options.tables.columns]
period = {beside = "Crime"}
[options.tables.rows]
crime = {column = "A"}
""" + "".join(
    f'[[options.tables.select]]\nmeasure = "murder"\ncrime = "{crime}"\n' for crime in CRIMES
)


def test_a_blank_row_in_a_block_is_said_once(tmp_path: Path) -> None:
    catalog = bureau(tmp_path / "d", CODED)
    rows = [f"{crime},{number}\n" for number, crime in enumerate(CRIMES)]
    head = "Crime in Aba (N),\nCrime,2014\n"

    def lacking(content: list[str]) -> list[tuple[str, str | None, str]]:
        found = read(tmp_path, head + "".join(content), catalog, catalog.forms["f"]).findings
        found = found.filter(pl.col("rule").str.starts_with("flat_no_label"))
        return list(found.select("rule", "cell", "message_en").iter_rows())

    ((rule, cell, words),) = lacking([rows[0], ",\n", *rows[1:]])
    assert (rule, cell) == ("flat_no_labels", "A3")
    assert "ends in row 3 lacks 4 labels (crime), such as: Theft, Arson, Fraud" in words
    # A few are named one by one.
    assert [rule for rule, _, _ in lacking([*rows[:3], ",\n", *rows[3:]])] == ["flat_no_label"] * 2
