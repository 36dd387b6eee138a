"""What do people do to a template before they send it back? Each edit is named after its file."""

import datetime as dt
from collections.abc import Callable

from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.styles import Border, Side
from openpyxl.worksheet.worksheet import Worksheet

CALLS, ORDER = "接处警", "治安行政案件"
Edit = Callable[[Workbook], None]
STATION: dict[str, Edit] = {}
DISTRICT: dict[str, Edit] = {}


def station(edit: Edit) -> Edit:
    """Keep an edit of the station's workbook under its name."""
    STATION[edit.__name__] = edit
    return edit


def district(edit: Edit) -> Edit:
    """Keep an edit of the district's workbook under its name."""
    DISTRICT[edit.__name__] = edit
    return edit


def put(sheet: str, **cells: object) -> Edit:
    """Return the edit that writes values into cells."""

    def edit(book: Workbook) -> None:
        for place, value in cells.items():
            book[sheet][place] = value

    return edit


def formatted(sheet: str, place: str, value: object, pattern: str) -> Edit:
    """Return the edit that writes a value and its number format."""

    def edit(book: Workbook) -> None:
        book[sheet][place] = value
        book[sheet][place].number_format = pattern

    return edit


STATION |= {
    "sound": lambda book: None,
    "full_width": put(CALLS, D7="１６８", D8="１３８", D21="１５２．５"),
    "several_numbers": put(CALLS, D16="9①", D18="4\n1", D19="1 7", D20="29²"),
    "thousands": put(ORDER, D13="1,420", D15="1.25"),
    "spaces": put(CALLS, D7=" 168", D8="1 3 8", D9="30\u3000", D10="\u00a012", D11="31\u200b"),
    "units_of_measure": put(
        CALLS, D7="168起", D8="138 起", D9="30（起）", D21="152.5分钟", D16="9件"
    ),
    "ten_thousand_yuan": put(ORDER, D15="1.25万元"),
    "yuan": put(ORDER, D15="12500元"),
    "yuan_with_sign": put(ORDER, D15="￥12,500.00"),
    "hours": put(ORDER, D13="7小时"),
    "apostrophe": put(CALLS, D16="'9"),
    "other_unit": put(CALLS, D16="9人"),
    "two_numbers": put(CALLS, D16="9起2人"),
    "chinese_numeral": put(CALLS, D16="九"),
    "about": put(CALLS, D16="约9"),
    "dash": put(CALLS, D16="—"),
    "nothing_word": put(CALLS, D16="无"),
    "blank_is_not_zero": put(CALLS, D16=None, D18=0),
    "date_from_dash": formatted(CALLS, "D16", dt.datetime(2024, 3, 5), 'm"月"d"日"'),
    "date_format_over_a_number": formatted(CALLS, "D16", 9, "yyyy/m/d"),
    "percent_format": formatted(CALLS, "D16", 0.09, "0%"),
    "shown_in_ten_thousands": formatted(ORDER, "D15", 12500, '0!.0000,"万"'),
    "error_text": put(CALLS, D16="#DIV/0!"),
    "formula_never_opened": put(CALLS, D16="=4+5"),
    "negative": put(CALLS, D16=-9),
    "half_a_call": put(CALLS, D16=8.5),
    "formulas": put(
        CALLS,
        D7="=SUM(D8:D9)",
        D9="=10+20",
        D16="=9/1",
        D18='=IF(D17>0,4,"")',
        D19="=TEXT(17,0)",
    ),
    "old_version": put(CALLS, A2="表　　号：M01（第 9 版）"),
    "no_such_month": put(CALLS, D3="报 告 期：2024年13月"),
    "month_as_a_date": put(CALLS, D3="报 告 期：2024.10"),
    "ten_months": put(CALLS, D3="报 告 期：2024年1-10月"),
    "month_cut_off": put(CALLS, D3="报 告 期：2024.1"),
    "two_months_named": put(CALLS, D3="报 告 期：2024年9月26日至10月25日"),
    "column_of_last_month": put(CALLS, D5="9月"),
    "column_by_place": put(CALLS, D5="实际完成"),
    "labels_exchanged": put(CALLS, A7="有效警情数", A8="接警总数"),
    "copied_from_another": put(CALLS, A3="填报单位：东门派出所"),
    "id_numbers": put(CALLS, G5="备注", G9="11010519491231002X"),
    "telephones": put(CALLS, G9=13800138000),
    "landline": put(CALLS, G9="0515-88881234"),
}  # fmt: skip
DISTRICT |= {"district_sound": lambda book: None}


@station
def text_column(book: Workbook) -> None:
    """A whole column as text, with the green corners."""
    for row in range(7, 25):
        cell = book[CALLS].cell(row, 4)
        cell.value, cell.number_format = str(cell.value), "@"


@station
def raised_digits(book: Workbook) -> None:
    """Marks of footnotes, raised behind the figures."""
    raised, lowered = InlineFont(vertAlign="superscript"), InlineFont(vertAlign="subscript")
    sheet = book[CALLS]
    sheet["D16"] = CellRichText("9", TextBlock(raised, "2"))
    sheet["D18"] = CellRichText(TextBlock(InlineFont(b=True), "4"), TextBlock(raised, "①"))
    sheet["D19"] = CellRichText(TextBlock(lowered, "1"), "17")
    sheet["D20"] = CellRichText(TextBlock(raised, "2"), TextBlock(raised, "9"))
    sheet["D22"] = CellRichText(TextBlock(InlineFont(b=True), "3"), "3")


@station
def moved(book: Workbook) -> None:
    """Two lines for a longer title, a column for numbers of lines."""
    sheet = book[CALLS]
    areas = [str(area) for area in sheet.merged_cells.ranges]
    for area in areas:
        sheet.unmerge_cells(area)
    sheet.insert_rows(1, 2)
    sheet.insert_cols(1)
    sheet["A7"] = "序号"
    for row in range(9, 27):
        sheet.cell(row, 1).value = row - 8
    sheet.merge_cells("B3:G3")


@station
def columns_swapped(book: Workbook) -> None:
    """The year to date before the month, with last month's sums in it."""
    sheet = book[CALLS]
    for row in range(5, 25):
        month, year = sheet.cell(row, 4).value, sheet.cell(row, 5).value
        sheet.cell(row, 4).value, sheet.cell(row, 5).value = year, month


@station
def lines_in_another_order(book: Workbook) -> None:
    """The lines sorted by somebody: the last one first."""
    sheet = book[CALLS]
    rows = [[sheet.cell(row, column).value for column in range(1, 5)] for row in range(7, 25)]
    for row, values in zip(range(7, 25), [rows[-1], *rows[:-1]], strict=True):
        for column, value in enumerate(values, start=1):
            sheet.cell(row, column).value = value


@station
def codes_deleted(book: Workbook) -> None:
    """The column of codes emptied and the hidden sheet thrown away."""
    del book["_hengjing"]
    for sheet in book:
        for row in range(7, 25):
            if sheet.cell(row, 4).value is not None:
                sheet.cell(row, 3).value = None


@station
def rows_merged_by_group(book: Workbook) -> None:
    """Names in two levels: a merged heading at the left of its lines, no codes."""
    codes_deleted(book)
    sheet = book[CALLS]
    for row, words in ((10, "刑事类"), (11, "治安类"), (12, "交通类"), (13, "纠纷类")):
        sheet.cell(row, 2).value = words
    sheet["A10"] = "警情数"
    sheet.merge_cells("A10:A13")


@station
def values_merged(book: Workbook) -> None:
    """One number over two lines."""
    book[CALLS].merge_cells("D18:D19")


@station
def value_merged_with_its_neighbours(book: Workbook) -> None:
    """A number across its own and the empty columns."""
    book[CALLS].merge_cells("D16:F16")


@station
def hidden_rows(book: Workbook) -> None:
    """Lines folded away."""
    sheet = book[CALLS]
    sheet.row_dimensions[12].hidden = sheet.row_dimensions[13].hidden = True


@station
def hidden_sheet(book: Workbook) -> None:
    """The second form hidden."""
    book[ORDER].sheet_state = "hidden"


@station
def other_sheets(book: Workbook) -> None:
    """A cover, a scratch sheet, an empty one."""
    cover = book.create_sheet("封面", 0)
    cover["B4"] = "湖滨路派出所 2024 年 10 月报表"
    scratch = book.create_sheet("Sheet3")
    scratch["A1"], scratch["A2"] = "草稿", 12345
    book.create_sheet("Sheet4")


@station
def columns_named_by_month(book: Workbook) -> None:
    """September beside October, each under its name."""
    sheet = book[CALLS]
    sheet["D5"], sheet["E5"], sheet["F5"] = "9月", "2024年10月", "去年10月"
    for row in range(7, 25):
        sheet.cell(row, 5).value = sheet.cell(row, 4).value
        sheet.cell(row, 4).value = 1


@station
def table_twice(book: Workbook) -> None:
    """September's table below October's."""
    sheet = book[CALLS]
    for row in range(5, 25):
        for column in range(1, 5):
            sheet.cell(row + 30, column).value = sheet.cell(row, column).value


@station
def remarks(book: Workbook) -> None:
    """A column of remarks and one of last month's figures beside the table."""
    sheet = book[CALLS]
    sheet["G5"], sheet["H5"] = "备注", "上月"
    sheet["G8"], sheet["H7"], sheet["H8"] = "含转警", 160, 131


@station
def two_months_side_by_side(book: Workbook) -> None:
    """The clerk keeps September in a second column of the same heading."""
    sheet = book[CALLS]
    sheet["G5"] = "本月"
    for row in range(7, 25):
        sheet.cell(row, 7).value = 1


@station
def signed(book: Workbook) -> None:
    """Names and telephones wherever people write them, none of it in the table."""
    sheet = book[CALLS]
    sheet["A26"] = (
        "单位负责人：张建国　统计负责人（审核人）：李红　填表人：欧阳雪　联系电话：13800138000"
    )
    sheet["A4"] = "填表人：欧阳雪"
    sheet["D8"].comment = Comment("问张建国 13900139000", "李红")
    book[ORDER].unmerge_cells("A18:F18")
    book[ORDER]["A18"], book[ORDER]["B18"] = "填表人：", "王小明"
    book.properties.creator = "张建国"
    book.properties.lastModifiedBy = "13800138000"
    sheet.title = "接处警 张建国"
    book["_hengjing"]["A2"] = sheet.title


@station
def names_in_the_table(book: Workbook) -> None:
    """A column of officers' names without any heading."""
    for row, name in zip(range(7, 12), ("张建国", "李红", "王小明", "赵磊", "陈静"), strict=True):
        book[CALLS].cell(row, 7).value = name


@station
def heading_of_names(book: Workbook) -> None:
    """A column headed with who handled it."""
    book[CALLS]["G5"], book[CALLS]["G7"] = "办案民警", "艾某"


@station
def mixture(book: Workbook) -> None:
    """A little of everything, for the files of other programs."""
    sheet = book[CALLS]
    sheet["D7"], sheet["D8"], sheet["D9"] = "１６８", "138起", "=10+20"
    sheet["D16"], sheet["D18"] = "=1/0", None
    sheet["D24"] = dt.datetime(2024, 3, 5)
    sheet["D24"].number_format = "yyyy-mm-dd"
    sheet.row_dimensions[12].hidden = True
    sheet["D21"].comment = Comment("张建国 13800138000", "x")
    book[ORDER]["D15"] = "12500元"
    book[ORDER].sheet_state = "hidden"


def without_codes(sheet: Worksheet) -> None:
    sheet.parent.remove(sheet.parent["_hengjing"])
    for column in range(3, 21):
        sheet.cell(7, column).value = None


@district
def headings_in_two_levels(book: Workbook) -> None:
    """No codes; the calls of each kind under one merged heading, a diagonal corner."""
    sheet = book[CALLS]
    without_codes(sheet)
    for column in range(6, 10):
        words = sheet.cell(5, column).value.removesuffix("警情数")
        sheet.cell(6, column).value = words
        sheet.cell(5, column).value = None
    sheet["F5"] = "警情数"
    sheet.merge_cells("F5:I5")
    sheet.unmerge_cells("B5:B7")
    sheet["B5"] = "　　　指标\n单位"
    line = Side(style="thin")
    sheet["B5"].border = Border(diagonal=line, diagonalDown=True)
    sheet.merge_cells("B5:B6")
    for column in (3, 4, 5, *range(10, 21)):
        sheet.cell(6, column).value = sheet.cell(5, column).value
        sheet.cell(5, column).value = None


@district
def units_by_name_only(book: Workbook) -> None:
    """The codes of the units deleted, a number of lines instead."""
    sheet = book[CALLS]
    sheet.unmerge_cells("A5:A7")
    sheet["A5"] = "序号"
    for number, row in enumerate(range(8, 16), start=1):
        sheet.cell(row, 1).value = number
    sheet["A16"] = None
    sheet["B16"] = "合　　计"


def opened(sheet: Worksheet, after: int, count: int) -> None:
    """Make room for rows, keeping what the foot has merged and the sums in step."""
    areas = [str(area) for area in sheet.merged_cells.ranges]
    for area in areas:
        sheet.unmerge_cells(area)
    sheet.insert_rows(after + 1, count)


@district
def subtotals_and_blank_rows(book: Workbook) -> None:
    """A subtotal in the middle, an empty row after it."""
    sheet = book[CALLS]
    opened(sheet, 11, 2)
    sheet["B12"] = "小　计"
    for column in range(3, 21):
        sheet.cell(12, column).value = 4 * sheet.cell(8, column).value
        sheet.cell(18, column).value = 8 * sheet.cell(8, column).value


@district
def sum_in_the_middle(book: Workbook) -> None:
    """The sum of a group that is called like the whole."""
    subtotals_and_blank_rows(book)
    book[CALLS]["B12"] = "合　计"


@district
def codes_emptied(book: Workbook) -> None:
    """The line of codes emptied: the units of measure stand right above the figures."""
    for column in range(3, 21):
        book[CALLS].cell(7, column).value = None


@district
def names_numbered(book: Workbook) -> None:
    """Codes in brackets behind the names, numbers before them."""
    sheet = book[CALLS]
    for number, row in enumerate(range(8, 16), start=1):
        code, name = sheet.cell(row, 1).value, sheet.cell(row, 2).value
        sheet.cell(row, 2).value = (
            f"{number}、{name}（{code}）" if number % 2 else f"{number}. {name}"
        )
        sheet.cell(row, 1).value = None


@district
def groups_beside_names(book: Workbook) -> None:
    """Groups of units, merged, where the codes were."""
    sheet = book[CALLS]
    for row in range(8, 16):
        sheet.cell(row, 1).value = None
    sheet["A8"], sheet["A12"] = "城区", "乡镇"
    sheet.merge_cells("A8:A11")
    sheet.merge_cells("A12:A15")


@district
def name_with_its_bureau(book: Workbook) -> None:
    """The bureau's name before a station's, and no code."""
    total(book)
    sheet = book[CALLS]
    sheet["A12"], sheet["B12"] = None, f"沧浦县公安局{sheet['B12'].value}"


@district
def heading_repeated(book: Workbook) -> None:
    """The heading again where the second printed page begins."""
    sheet = book[CALLS]
    opened(sheet, 11, 3)
    for row in (5, 6, 7):
        for column in range(1, 21):
            sheet.cell(row + 7, column).value = sheet.cell(row, column).value
    for column in range(3, 21):
        sheet.cell(19, column).value = 8 * sheet.cell(8, column).value


@district
def hidden_columns(book: Workbook) -> None:
    """Two measures folded away."""
    for letter in ("F", "G"):
        book[CALLS].column_dimensions[letter].hidden = True
    total(book)


def total(book: Workbook) -> None:
    """Write the sums as numbers, as a program that has opened the file would save them."""
    sheet = book[CALLS]
    for column in range(3, 21):
        sheet.cell(16, column).value = 8 * sheet.cell(8, column).value


@district
def station_left_out(book: Workbook) -> None:
    """A station's line deleted."""
    total(book)
    sheet = book[CALLS]
    for column in range(1, 21):
        sheet.cell(12, column).value = None
        if column > 2:
            sheet.cell(16, column).value = 7 * sheet.cell(8, column).value


@district
def unknown_station(book: Workbook) -> None:
    """A station that nobody knows."""
    total(book)
    book[CALLS]["A12"], book[CALLS]["B12"] = "yz0999", "盐糖派出所"


@district
def station_of_another_district(book: Workbook) -> None:
    """A line of the neighbours."""
    total(book)
    book[CALLS]["A12"], book[CALLS]["B12"] = "yz0101", "湖滨路派出所"


@district
def station_twice(book: Workbook) -> None:
    """The same station in two lines."""
    total(book)
    book[CALLS]["A12"], book[CALLS]["B12"] = "yz0904", "芦洲派出所"


@district
def district_messy(book: Workbook) -> None:
    """For the old format: text, units, hidden columns, a subtotal."""
    hidden_columns(book)
    sheet = book[CALLS]
    sheet["C8"], sheet["D9"], sheet["M8"] = "168起", "１３８", "  33"
