"""Does a blank form look, say and print what an official form does, cell by cell?"""

import datetime as dt
import io
from dataclasses import replace
from typing import Any

import openpyxl
import polars as pl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from data.definition_types import Catalog, Text
from data.returns.template import write_template
from data.schema import FACTS, empty
from data.units import Tree
from tests.data.returns.conftest import PERIOD, SOUND, sound_values

MONTH = {"unit": pl.String, "measure": pl.String, "period": pl.Date, "value": pl.Float64}


def facts(*rows: tuple[str, str, str, float]) -> pl.DataFrame:
    """Return facts from unit, measure, month and value, all under the first definition."""
    written = [(u, m, dt.date(int(p[:4]), int(p[5:]), 1), float(v)) for u, m, p, v in rows]
    return pl.concat(
        [empty(FACTS), pl.DataFrame(written, schema=MONTH, orient="row")], how="diagonal"
    ).with_columns(definition=pl.lit(1, dtype=FACTS["definition"]))


def made(
    catalog: Catalog, units: Tree, forms: list[str], unit: str, month: dt.date, **more: Any
) -> openpyxl.Workbook:
    book = io.BytesIO()
    write_template(catalog, units, forms, unit, month, book, **more)
    return openpyxl.load_workbook(io.BytesIO(book.getvalue()))


def merged(sheet: Worksheet) -> set[str]:
    return {str(area) for area in sheet.merged_cells.ranges}


def test_the_head_of_a_unit_form_stands_as_in_official_tables(
    catalog: Catalog, units: Tree
) -> None:
    sheet = made(catalog, units, ["M01"], "yz0101", PERIOD)["接处警"]
    assert sheet["A1"].value == "接处警统计月报表"
    assert sheet["E2"].value == "表　　号：M01（第 1 版）"
    assert sheet["E3"].value == "制定机关：云泽市公安局"
    assert sheet["A4"].value == "填报单位：湖滨路派出所（yz0101）"
    assert sheet["B4"].value == "报告期：2024年10月"
    assert sheet["E4"].value == "计量单位：见表内"
    assert {"A1:F1", "E2:F2", "E3:F3", "B4:D4", "E4:F4"} <= merged(sheet)
    assert [sheet.cell(5, c).value for c in range(1, 7)] == [
        *("指标名称", "计量单位", "代码", "本月", "本年累计", "上年同期累计"),
    ]
    assert [sheet.cell(6, c).value for c in range(1, 7)] == list("甲乙丙123")
    assert [sheet.cell(7, c).value for c in (1, 2, 3)] == ["接警总数", "起", "calls_total"]
    assert sheet["C7"].number_format == ';;;"01"'
    assert sheet["A16"].value == "其中：盗窃类警情数"
    assert sheet["A16"].alignment.indent == 2


def test_the_foot_asks_for_signatures_and_says_how_the_lines_hang_together(
    catalog: Catalog, units: Tree
) -> None:
    sheet = made(catalog, units, ["M01"], "yz0101", PERIOD)["接处警"]
    foot = 25
    for label in ("单位负责人：", "统计负责人：", "填表人：", "联系电话：", "报出日期："):
        assert label in sheet.cell(foot, 1).value
    assert not sheet.cell(foot, 1).protection.locked
    notes = [sheet.cell(row, 1).value for row in range(foot + 1, sheet.max_row + 1)]
    assert notes[0] == "说明："
    assert notes[1] == "1. 报送日期及方式：2024年11月5日前，由填报单位在“我的报表”上传。"
    assert (
        "4. 审核关系：01＝02＋03；02＝04＋05＋06＋07＋08＋09；10≤04＋05；12≤13≤14≤11；16≤02；18≤17"
        in notes
    )


def test_an_english_form_says_the_same_in_english(catalog: Catalog, units: Tree) -> None:
    sheet = made(catalog, units, ["Q01"], "yz0101", dt.date(2024, 9, 1), lang="en").worksheets[0]
    assert sheet["A1"].value == "Staff and training: quarterly return"
    assert sheet["E2"].value == "Form: Q01 (version 1)"
    assert sheet["A4"].value == "Filing unit: Hubinlu Police Station（yz0101）"
    assert sheet["B4"].value == "Period: 2024-09 (quarter 3)"
    assert sheet["D5"].value == "This quarter"
    foot = next(c.value for c in sheet["A"] if str(c.value).startswith("Head of unit:"))
    assert "Telephone:" in foot
    assert not any("\u4e00" <= letter <= "\u9fff" for row in sheet.values for word in row
                   if isinstance(word, str) for letter in word)  # fmt: skip


def test_number_and_term_of_validity_are_printed_where_the_form_has_them(
    catalog: Catalog, units: Tree
) -> None:
    form = replace(
        catalog.forms["M01"],
        approval=Text("某统备〔2024〕3号", "No. 3 of 2024"),
        valid_until=dt.date(2025, 12, 1),
    )
    known = replace(catalog, forms=catalog.forms | {"M01": form})
    sheet = made(known, units, ["M01"], "yz0101", PERIOD)["接处警"]
    assert sheet["E3"].value == "制定机关：云泽市公安局\n文　　号：某统备〔2024〕3号"
    assert sheet["E4"].value == "有效期至：2025年12月\n计量单位：见表内"
    assert sheet["A7"].value == "接警总数"


def test_a_form_that_is_called_a_form_needs_no_other_title(catalog: Catalog, units: Tree) -> None:
    form = replace(catalog.forms["M01"], name=Text("接处警情况表", "Calls return"))
    known = replace(catalog, forms=catalog.forms | {"M01": form})
    assert made(known, units, ["M01"], "yz0101", PERIOD)["接处警"]["A1"].value == "接处警情况表"
    english = made(known, units, ["M01"], "yz09", PERIOD, lang="en").worksheets[0]
    assert english["C1"].value == "Calls return (by unit)"


def test_earlier_months_and_last_year_come_from_the_record(catalog: Catalog, units: Tree) -> None:
    known = facts(
        *[("yz0101", "calls_total", f"2024-{m:02d}", 100 + m) for m in range(1, 10)],
        *[("yz0101", "calls_total", f"2023-{m:02d}", 90 + m) for m in range(1, 11)],
        ("yz0101", "calls_valid", "2024-09", 50.0),
    )
    sheet = made(catalog, units, ["M01"], "yz0101", PERIOD, previous=known)["接处警"]
    # 101 + ... + 109 = 945; 91 + ... + 100 = 955; of valid calls eight months are missing.
    assert sheet["E7"].value == '=IF(ISNUMBER(D7),D7+945,"")'
    assert sheet["F7"].value == 955
    assert (sheet["E8"].value, sheet["F8"].value) == (None, None)
    assert sheet["D7"].value is None
    assert (sheet["E7"].comment, sheet["F7"].comment) == (None, None)


def test_a_figure_at_a_point_in_time_is_not_added_up(catalog: Catalog, units: Tree) -> None:
    known = facts(("yz0101", "crim_open_end", "2023-10", 40.0))
    sheet = made(catalog, units, ["M02"], "yz0101", PERIOD, previous=known)["刑事案件"]
    row = next(c.row for c in sheet["C"] if c.value == "crim_open_end")
    assert sheet.cell(row, 5).value == "—"
    assert sheet.cell(row, 6).value == 40


#: One station was split in July 2023: 55 % of it became yz0218, 45 % yz0219.
SPLIT = facts(
    *[("yz0291", "calls_total", f"2023-{m:02d}", 100) for m in range(1, 7)],
    *[("yz0218", "calls_total", f"2023-{m:02d}", 50) for m in range(7, 13)],
    *[("yz0218", "calls_total", f"2024-{m:02d}", 60) for m in range(1, 9)],
)


def test_a_unit_that_was_split_off_is_given_its_share_marked_as_an_estimate(
    catalog: Catalog, units: Tree
) -> None:
    sheet = made(catalog, units, ["M01"], "yz0218", dt.date(2024, 9, 1), previous=SPLIT)["接处警"]
    # January to June 0.55 × 600, July to September 3 × 50.
    assert sheet["F7"].value == 480
    assert sheet["F7"].number_format == '#,##0.0" 估"'
    said = "含单位调整前由原单位填报的数，按承接份额折算，是估计数：高新派出所的 55%。"
    assert sheet["F7"].comment.text == said
    # This year the station filed all months itself.
    assert sheet["E7"].value == '=IF(ISNUMBER(D7),D7+480,"")'
    assert sheet["E7"].comment is None


def test_in_the_year_of_the_split_the_year_to_date_holds_the_share_too(
    catalog: Catalog, units: Tree
) -> None:
    sheet = made(catalog, units, ["M01"], "yz0218", dt.date(2023, 9, 1), previous=SPLIT)["接处警"]
    # 0.55 × 600 + 2 × 50.
    assert sheet["E7"].value == '=IF(ISNUMBER(D7),D7+430,"")'
    assert sheet["E7"].number_format == '#,##0.0" 估"'
    assert sheet["F7"].value is None


def test_a_unit_that_took_over_whole_units_is_given_their_sum_without_a_mark(
    catalog: Catalog, units: Tree
) -> None:
    known = facts(
        *[("yz0591", "calls_total", f"2020-{m:02d}", 10) for m in range(1, 4)],
        *[("yz0592", "calls_total", f"2020-{m:02d}", 7) for m in range(1, 4)],
        ("yz0591", "calls_valid", "2020-01", 5.0),
    )
    sheet = made(catalog, units, ["M01"], "yz0507", dt.date(2021, 3, 1), previous=known)["接处警"]
    assert sheet["F7"].value == 51
    assert sheet["F7"].number_format == "#,##0_ "
    assert "估" not in sheet["F7"].comment.text
    assert sheet["F8"].value is None  # of one of the two nothing is known


def test_a_new_unit_adds_up_from_its_opening_on(catalog: Catalog, units: Tree) -> None:
    known = facts(*[("yz0114", "calls_total", f"2024-{m:02d}", 20) for m in range(3, 10)])
    assert units.unit("yz0114").opened == dt.date(2024, 3, 1)
    sheet = made(catalog, units, ["M01"], "yz0114", PERIOD, previous=known)["接处警"]
    assert sheet["E7"].value == '=IF(ISNUMBER(D7),D7+140,"")'
    assert sheet["F7"].value is None


def test_the_sheet_of_comparison_has_each_figure_where_the_form_has_its_cell(
    catalog: Catalog, units: Tree
) -> None:
    known = facts(
        ("yz0901", "calls_total", "2024-09", 31), ("yz0902", "calls_total", "2024-09", 32),
        ("yz0902", "calls_valid", "2023-10", 44),
    )  # fmt: skip
    book = made(catalog, units, ["M01"], "yz09", PERIOD, previous=known)
    assert book.sheetnames == ["接处警", "接处警对照", "_hengjing"]
    form, beside = book["接处警"], book["接处警对照"]
    assert [form.cell(r, 1).value for r in (8, 9)] == ["yz0901", "yz0902"]
    assert (beside["A8"].value, beside["C8"].value, beside["C9"].value) == ("yz0901", 31, 32)
    assert (form["C8"].value, form["C9"].value) == (None, None)
    assert beside["C16"].value == '=IF(COUNT(C8:C15)=0,"",SUM(C8:C15))'
    assert beside["A18"].value == "上年同期：2023年10月"
    assert (beside["A20"].value, beside["D20"].value) == ("yz0902", 44)
    assert beside["C8"].protection.locked
    assert beside.protection.sheet


def test_without_a_record_there_is_nothing_to_compare_with(catalog: Catalog, units: Tree) -> None:
    assert made(catalog, units, ["M01"], "yz09", PERIOD).sheetnames == ["接处警", "_hengjing"]


def test_a_collection_form_prints_in_blocks_with_the_units_on_each_page(
    catalog: Catalog, units: Tree
) -> None:
    sheet = made(catalog, units, ["M01"], "yz", PERIOD)["接处警"]
    assert (sheet.print_title_rows, sheet.print_title_cols) == ("$5:$7", "$A:$B")
    # Eighteen measures in two blocks of nine: the first one ends with column K.
    assert [brk.id for brk in sheet.col_breaks.brk] == [11]
    assert sheet["L1"].value == "接处警统计月报表（分单位）（续表1）"
    assert "（分单位）" in sheet["C1"].value
    assert sheet.page_setup.orientation == "landscape"
    assert not sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.page_setup.scale >= 82
    ends = [0, *(brk.id - 7 for brk in sheet.row_breaks.brk), 137 + 1]
    rows = [b - a for a, b in zip(ends, ends[1:], strict=False)]
    assert max(rows) - min(rows) <= 8
    assert min(rows) >= 14


def test_inputs_alone_are_open_and_have_a_name(catalog: Catalog, units: Tree) -> None:
    book = made(catalog, units, ["M01", "M03"], "yz0101", PERIOD, values=sound_values())
    sheet = book["接处警"]
    assert sheet.protection.sheet
    inputs = {cell.coordinate for row in sheet.iter_rows() for cell in row
              if not cell.protection.locked}  # fmt: skip
    assert inputs == {f"D{row}" for row in range(7, 25)} | {f"{c}25" for c in "ABCDEF"}
    assert book.defined_names["M01_input"].attr_text == "'接处警'!$D$7:$D$24"
    assert sheet["D8"].value == SOUND["calls_valid"]
    assert (sheet.freeze_panes, sheet.sheet_view.selection[0].activeCell) == ("D7", "D7")


def test_a_note_says_what_is_counted_and_how_it_hangs_together(
    catalog: Catalog, units: Tree
) -> None:
    sheet = made(catalog, units, ["M01"], "yz0101", PERIOD)["接处警"]
    said = sheet["A8"].comment.text
    assert said.startswith("02 有效警情数（calls_valid）\n口径：须处置的报警")
    assert "计量单位：起" in said
    assert "审核关系：接警总数＝有效警情数＋无效警情数" in said


def test_no_text_of_a_box_is_longer_than_programs_take(catalog: Catalog, units: Tree) -> None:
    for lang in ("zh", "en"):
        book = made(catalog, units, list(catalog.forms), "yz", dt.date(2024, 12, 1), lang=lang)
        for sheet in book.worksheets[:-1]:
            assert len(sheet.title) <= 31
            for rule in sheet.data_validations.dataValidation:
                assert len(rule.promptTitle) <= 32
                assert len(rule.errorTitle) <= 32
                assert len(rule.prompt) <= 255
                assert len(rule.error) <= 255
                assert len(rule.formula1) <= 255
                assert rule.errorStyle == "stop"
                assert rule.allow_blank


@pytest.mark.parametrize(("unit", "form"), [("yz0101", "M01"), ("yz09", "M04")])
def test_no_cell_is_smaller_than_a_reader_can_read(
    unit: str, form: str, catalog: Catalog, units: Tree
) -> None:
    sheet = made(catalog, units, [form], unit, PERIOD).worksheets[0]
    sizes = {cell.font.size for row in sheet.iter_rows() for cell in row if cell.value is not None}
    assert min(sizes) >= 10
    table = {cell.font.size for row in sheet.iter_rows(8, 12) for cell in row}
    assert min(table) >= 11
