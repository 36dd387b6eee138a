"""How does a return form look on paper and on screen: fonts, fills, borders, page set-up?"""

from __future__ import annotations

from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.worksheet.worksheet import Worksheet

from data.definition_types import Measure

INK, MUTED, LINE, ACCENT = "1B2430", "5B6675", "AEB9C7", "1F4E8C"
_FACE = "Microsoft YaHei"

TITLE = Font(name=_FACE, size=16, bold=True, color=INK)
BODY = Font(name=_FACE, size=10, color=INK)
HEAD = Font(name=_FACE, size=10, bold=True, color=INK)
SMALL = Font(name=_FACE, size=9, color=MUTED)
NUMBER = Font(name=_FACE, size=11, color=INK)
CODE = Font(name="Consolas", size=8, color=MUTED)

HEAD_FILL = PatternFill("solid", fgColor="E9EFF7")
INPUT_FILL = PatternFill("solid", fgColor="FFFBEA")
GREY_FILL = PatternFill("solid", fgColor="EDF0F4")
SUM_FILL = PatternFill("solid", fgColor="F6F8FB")
ERROR_FILL = PatternFill("solid", fgColor="FCEBDF")
QUERY_FILL = PatternFill("solid", fgColor="E4F0F8")

_THIN = Side(style="thin", color=LINE)
GRID = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
LEFT = Alignment(horizontal="left", vertical="center", wrap_text=True)
CENTRE = Alignment(horizontal="center", vertical="center", wrap_text=True)
RIGHT = Alignment(horizontal="right", vertical="center")
INDENTED = Alignment(horizontal="left", vertical="center", wrap_text=True, indent=2)
OPEN = Protection(locked=False)


def number_format(measure: Measure) -> str:
    """Return how a measure's numbers are shown: whole, with cents, or as written."""
    if measure.decimals == 0:
        return "#,##0"
    return "#,##0.00##" if measure.decimals > 2 else "#,##0.0#"


def set_page(sheet: Worksheet, *, is_wide: bool, header_rows: str) -> None:
    """Make a sheet print on A4 in full width, its header on each page."""
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.orientation = "landscape" if is_wide else "portrait"
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = header_rows
    sheet.print_options.horizontalCentered = True
    sheet.page_margins.left = sheet.page_margins.right = 0.5
    sheet.page_margins.top = sheet.page_margins.bottom = 0.6
    sheet.oddFooter.center.text = "&P / &N"
    sheet.sheet_view.showGridLines = False
