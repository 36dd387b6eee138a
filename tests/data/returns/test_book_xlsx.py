"""Does the quick reader of xlsx see what openpyxl sees, and what openpyxl leaves out?"""

import datetime as dt
import io
import zipfile
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.returns.book import read_pages
from data.returns.cells import Cell
from tests.data.returns.by_openpyxl import pages_by_openpyxl
from tests.data.returns.repack import repacked

ROOT = Path(__file__).resolve().parents[3]
FOLDERS = (ROOT / "tests", ROOT / "data" / "examples")
#: openpyxl does not know the date format that this one is about.
WPS = "date_of_wps.xlsx"
WORKBOOKS = sorted(p for folder in FOLDERS for p in folder.rglob("*.xlsx") if p.name != WPS)
#: Under these formats the number behind what is shown is in doubt; openpyxl hands it over.
LOOKS = {"percent", "scaled"}
SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def saved(book: openpyxl.Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def changed(content: bytes, part: str, old: str, new: str) -> bytes:
    """Return a workbook with one text of one part replaced; the text must be there."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy,
    ):
        assert part in source.namelist()
        for name in source.namelist():
            data = source.read(name).decode("utf-8") if name == part else source.read(name)
            if name == part:
                assert old in data
                data = data.replace(old, new)
            copy.writestr(name, data)
    return target.getvalue()


def assert_equal(content: bytes) -> None:
    expected = pages_by_openpyxl(content)
    pages = {page.name: (page.is_hidden, page.cells) for page in read_pages(content)}
    assert pages.keys() == expected.keys()
    for name, (is_hidden, grid) in expected.items():
        assert pages[name][0] == is_hidden
        # Of a date openpyxl hands over the day, not the number behind it.
        mine = {
            place: replace(cell, hint="") if cell.kind == "date" else cell
            for place, cell in pages[name][1].items()
            if cell.fault not in LOOKS
        }
        assert mine == {k: c for k, c in grid.items() if pages[name][1][k].fault not in LOOKS}


@pytest.mark.parametrize("path", WORKBOOKS, ids=lambda path: path.name)
def test_every_workbook_kept_here_is_read_as_openpyxl_reads_it(path: Path) -> None:
    assert_equal(path.read_bytes())


def test_the_templates_are_read_as_openpyxl_reads_them(station: bytes, district: bytes) -> None:
    assert_equal(station)
    assert_equal(district)


def to_the_second(moment: dt.datetime) -> dt.datetime:
    return moment.replace(microsecond=0)


SIGNS = st.characters(exclude_categories=("Cs", "Cc", "Co"), exclude_characters="\ufffe\uffff")
CONTENT = st.one_of(
    st.integers(-(10**15), 10**15),
    st.floats(-1e12, 1e12, allow_nan=False),
    st.text(SIGNS, max_size=12),
    st.booleans(),
    st.datetimes(dt.datetime(1950, 1, 1), dt.datetime(2100, 1, 1)).map(to_the_second),
    st.sampled_from(["#DIV/0!", "#N/A", "=A1+1", "12起", " 1，234 ", "_x000D_", "&<>'\""]),
)  # fmt: skip


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    cells=st.dictionaries(
        st.tuples(st.integers(1, 40), st.integers(1, 30)), CONTENT, min_size=1, max_size=20
    )
)
def test_any_workbook_is_read_as_openpyxl_reads_it(cells: dict[tuple[int, int], object]) -> None:
    book = openpyxl.Workbook()
    for place, value in cells.items():
        # An escaped sign is one sign to Excel, seven to openpyxl.
        if value != "_x000D_":
            book.active.cell(*place, value)
    assert_equal(saved(book))


def test_hidden_rows_and_columns_and_merged_areas_are_told() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet["B3"] = 1
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["B"].hidden = True
    sheet.merge_cells("A1:C2")
    book.create_sheet("away").sheet_state = "veryHidden"
    first, second = read_pages(saved(book))
    assert (first.hidden_rows, first.hidden_columns) == ({3}, {2})
    assert first.merges == ((1, 1, 2, 3),)
    assert (first.is_hidden, second.is_hidden) == (False, True)


@pytest.mark.parametrize(
    ("pattern", "value", "text", "fault"),
    [
        ("0.00%", 0.85, "85%", "percent"),
        ('0!.0,"万"', 35000, "35000", "scaled"),
        ("#,##0,", 35000, "35000", "scaled"),
        ("#,##0.00", 35000, "35000", ""),
        ('0"起"', 12, "12", ""),
        ("yyyy-mm-dd", 45356, "2024-03-05", "date"),
        ("yyyy-mm-dd", 138, "1900-05-17", "date"),
    ],
)
def test_a_number_is_read_with_what_its_format_shows(
    pattern: str, value: float, text: str, fault: str
) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = value
    book.active["A1"].number_format = pattern
    cell = read_pages(saved(book))[0].cells[(1, 1)]
    assert (cell.text, cell.fault) == (text, fault)


@pytest.mark.parametrize("number", [31, 57, 58])
def test_the_date_formats_of_chinese_programs_are_dates(number: int) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = 45356
    book.active["A1"].number_format = "0.00"
    content = saved(book)
    content = changed(content, "xl/styles.xml", 'numFmtId="2"', f'numFmtId="{number}"')
    assert read_pages(content)[0].cells[(1, 1)] == Cell("2024-03-05", "date", fault="date")


def sheet(rows: str) -> bytes:
    """Return a workbook whose only sheet has these rows of XML."""
    body = f"<sheetData>{rows}</sheetData>"
    content = saved(openpyxl.Workbook())
    return changed(content, "xl/worksheets/sheet1.xml", "<sheetData></sheetData>", body)


def with_shared_texts(content: bytes, texts: str) -> bytes:
    """Return a workbook with texts that its cells refer to by number, as Excel saves them."""
    relation = f'<Relationship Id="rIdS" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    part = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/>'
    for name, end, added in (
        ("xl/_rels/workbook.xml.rels", "</Relationships>", relation),
        ("[Content_Types].xml", "</Types>", part),
    ):
        content = changed(content, name, end, added + end)
    return repacked(content, add={"xl/sharedStrings.xml": f'<sst xmlns="{SPACE}">{texts}</sst>'})


def only(rows: str) -> dict[tuple[int, int], Cell]:
    return read_pages(sheet(rows))[0].cells


def test_cells_without_an_address_follow_each_other() -> None:
    cells = only("<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>")
    assert {place: cell.value for place, cell in cells.items()} == {(1, 1): 1, (1, 2): 2, (2, 1): 3}


def test_reading_aids_above_a_text_are_left_out() -> None:
    cells = only(
        '<row r="1"><c r="A1" t="inlineStr"><is><t>警情</t><rPh sb="0"><t>jing</t></rPh></is></c>'
        '<c r="B1" t="inlineStr"><is><r><t>接</t></r><r><t>警</t></r></is></c></row>'
    )
    assert [cell.text for cell in cells.values()] == ["警情", "接警"]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ('<c r="A1" t="str"><f>D7</f><v></v></c>', ("=D7", None, "formula_blank")),
        ('<c r="A1"><f>D7</f><v></v></c>', ("=D7", None, "formula")),
        ('<c r="A1"><f>D7</f><v>4.000000000000001</v></c>', ("=D7", 4.0, "")),
        ('<c r="A1" t="e"><f>D7/0</f><v>#DIV/0!</v></c>', ("#DIV/0!", None, "error")),
        ('<c r="A1" t="str"><f>D7</f><v>１２</v></c>', ("=D7", 12.0, "")),
        ('<c r="A1" t="b"><v>1</v></c>', ("TRUE", None, "word")),
        ('<c r="A1" t="d"><v>2024-03-05</v></c>', ("2024-03-05", None, "date")),
    ],
)
def test_kinds_of_cells(cell: str, expected: tuple[str, float | None, str]) -> None:
    (found,) = only(f'<row r="1">{cell}</row>').values()
    assert (found.text, found.value, found.fault) == expected


def test_a_shared_formula_is_written_out_for_its_own_cell() -> None:
    cells = only(
        '<row r="1"><c r="C1"><f t="shared" ref="C1:C2" si="0">A1+$B$1</f><v>3</v></c></row>'
        '<row r="2"><c r="C2"><f t="shared" si="0"/><v>5</v></c></row>'
    )
    assert [cell.text for cell in cells.values()] == ["=A1+$B$1", "=A2+$B$1"]


def test_a_sheet_that_writes_its_names_with_a_prefix_is_read() -> None:
    content = sheet("")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        plain = archive.read("xl/worksheets/sheet1.xml").decode()
    cells = '<x:c r="B2"><x:v>7</x:v></x:c><c r="C2"><v>8</v></c>'
    prefixed = (
        f'<x:worksheet xmlns:x="{SPACE}" xmlns="urn:other"><x:sheetData>'
        f'<x:row r="2">{cells}</x:row></x:sheetData>'
        '<x:mergeCells><x:mergeCell ref="A1:C1"/></x:mergeCells></x:worksheet>'
    )
    (page,) = read_pages(changed(content, "xl/worksheets/sheet1.xml", plain, prefixed))
    assert {place: cell.value for place, cell in page.cells.items()} == {(2, 2): 7}
    assert page.merges == ((1, 1, 1, 3),)


def test_a_sheet_that_names_its_namespace_twice_is_read_by_the_name_it_uses() -> None:
    content = sheet('<row r="2"><c r="B2"><v>7</v></c></row>')
    content = changed(
        content, "xl/worksheets/sheet1.xml", "<worksheet", f'<worksheet xmlns:x="{SPACE}"'
    )
    assert {place: cell.value for place, cell in read_pages(content)[0].cells.items()} == {
        (2, 2): 7
    }
    assert_equal(content)


def test_raised_digits_in_shared_texts_stay_apart_from_the_figure_before_them() -> None:
    high = '<rPr><vertAlign val="superscript"/></rPr>'
    texts = (
        f"<r><t>12</t></r><r>{high}<t>2</t></r>",
        f"<r>{high}<t>12</t></r><r>{high}<t>2</t></r>",
        '<r><rPr><vertAlign val="baseline"/></rPr><t>12</t></r><r><t>2</t></r>',
        "<t>122</t>",  # the next text begins on the line again
    )
    rows = "".join(
        f'<row r="{n + 1}"><c r="A{n + 1}" t="s"><v>{n}</v></c></row>' for n in range(len(texts))
    )
    content = with_shared_texts(sheet(rows), "".join(f"<si>{text}</si>" for text in texts))
    cells = read_pages(content)[0].cells
    said = [(cell.text, cell.value, cell.fault) for cell in cells.values()]
    assert said == [("12²", None, "several"), *[("122", 122, "")] * 3]
    assert_equal(content)


def test_the_strict_namespace_are_read() -> None:
    content = sheet('<row r="1"><c r="A1"><v>7</v></c></row>')
    strict = "http://purl.oclc.org/ooxml/spreadsheetml/main"
    content = changed(
        content,
        "xl/worksheets/sheet1.xml",
        "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
        strict,
    )
    assert read_pages(content)[0].cells[(1, 1)].value == 7


def test_dates_count_from_1904_where_the_workbook_says_so() -> None:
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.MAC_EPOCH
    book.active["A1"] = dt.datetime(2024, 3, 5)
    assert read_pages(saved(book))[0].cells[(1, 1)].text == "2024-03-05"
