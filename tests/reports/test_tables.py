import csv
import io

from openpyxl import load_workbook

from reports.tables import Field, Sheet, csv_bytes, escape_formula, xlsx_bytes

SHEET = Sheet(
    title="各单位对增减的贡献",
    about=[("计量单位", "起"), ("报送情况", "124/126")],
    fields=[Field("单位"), Field("10月", 0), Field("同比 %", 1), Field("标记")],
    rows=[
        ["明湖分局", 193.0, -20.2479, ""],
        ['=HYPERLINK("http://x")', None, None, "@缺报"],
    ],
    notes=["仅供内部工作研判"],
)


def rows_of(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))


def test_csv_opens_with_its_chinese() -> None:
    data = csv_bytes(SHEET)
    assert data.startswith(b"\xef\xbb\xbf")
    assert ["单位", "10月", "同比 %", "标记"] in rows_of(data)


def test_no_cell_is_taken_for_a_formula() -> None:
    assert [escape_formula(v) for v in ("=1", "+1", "-1", "@x", "\tx", "x", -1.0)] == [
        "'=1", "'+1", "'-1", "'@x", "'\tx", "x", -1.0,
    ]  # fmt: skip
    book = load_workbook(io.BytesIO(xlsx_bytes([SHEET])))
    for row in book.worksheets[0].iter_rows():
        for cell in row:
            assert cell.data_type != "f"
    assert "'=HYPERLINK" in csv_bytes(SHEET).decode("utf-8-sig")


def test_numbers_stay_numbers_and_missing_stays_empty() -> None:
    page = load_workbook(io.BytesIO(xlsx_bytes([SHEET]))).worksheets[0]
    header = next(r[0].row for r in page.iter_rows() if r[0].value == "单位")
    first, second = page[header + 1], page[header + 2]
    assert [c.value for c in first[:3]] == ["明湖分局", 193, -20.2479]
    assert first[2].number_format == "#,##0.0"
    assert second[1].value is None
    assert page.freeze_panes == f"B{header + 1}"
    assert rows_of(csv_bytes(SHEET))[5][:3] == ["明湖分局", "193", "-20.2479"]


def test_the_reader_is_told_title_unit_coverage_and_notes() -> None:
    lines = rows_of(csv_bytes(SHEET))
    assert lines[0] == ["各单位对增减的贡献"]
    assert ["报送情况", "124/126"] in lines
    assert lines[-1] == ["仅供内部工作研判"]


def test_sheets_of_one_book_have_their_own_names() -> None:
    book = load_workbook(io.BytesIO(xlsx_bytes([SHEET, SHEET])))
    assert book.sheetnames == ["各单位对增减的贡献", "各单位对增减的贡献-2"]


def test_the_last_row_of_figures_looks_like_the_others() -> None:
    fields = [Field("Unit"), Field("Calls", decimals=0)]
    sheet = Sheet("Calls", [("Scope", "City")], fields, [["A", 1], ["B", 2]], ["A note."])
    page = load_workbook(io.BytesIO(xlsx_bytes([sheet]))).active
    fonts = {row[0].value: row[0].font.color for row in page.iter_rows() if row[0].value}
    assert fonts["B"] == fonts["A"]
    assert fonts["A note."] != fonts["A"]
