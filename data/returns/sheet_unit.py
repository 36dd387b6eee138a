"""How is a unit form laid out: a row a measure, this month beside the year and last year?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from openpyxl.worksheet.worksheet import Worksheet

from data.definition_types import Catalog, Measure
from data.returns import style
from data.returns.due import Sheet, span_key
from data.returns.frame_parts import (
    HEAD_ROWS,
    add_validation,
    plain_number,
    protect,
    put_closed,
    put_head,
    put_input,
    write_foot,
    write_head,
)
from data.returns.prior import Prior
from data.texts import text
from data.units import Tree

_WIDTHS = (40, 10, 30, 14, 16, 16)
FIRST_ROW = HEAD_ROWS + 3


def fill_unit(
    sheet: Worksheet,
    plan: Sheet,
    catalog: Catalog,
    tree: Tree,
    period: dt.date,
    prior: Prior,
    values: Mapping[tuple[str, str], float],
    lang: str,
) -> None:
    """Fill a sheet with the unit layout of a form."""
    for letter, width in zip("ABCDEF", _WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    write_head(sheet, plan, catalog, tree, period, len(_WIDTHS), lang)
    keys = ["measure", "measured", "code", f"this_{span_key(plan.form)}", "ytd", "same_period"]
    for column, key in enumerate(keys, start=1):
        put_head(sheet.cell(HEAD_ROWS + 1, column), text(f"returns.column.{key}", lang))
        put_head(sheet.cell(HEAD_ROWS + 2, column), "甲乙丙123"[column - 1], style.SMALL)
    sheet.row_dimensions[HEAD_ROWS + 1].height = 22
    row = FIRST_ROW
    for measure in plan.measures:
        _write_row(sheet, row, plan.unit, measure, period, prior, values, lang)
        row += 1
    write_foot(sheet, plan, catalog, row, len(_WIDTHS), lang)
    sheet.freeze_panes = sheet.cell(FIRST_ROW, 4)
    style.set_page(sheet, is_wide=False, header_rows=f"1:{HEAD_ROWS + 2}")
    protect(sheet)


def _write_row(
    sheet: Worksheet,
    row: int,
    unit: str,
    measure: Measure,
    period: dt.date,
    prior: Prior,
    values: Mapping[tuple[str, str], float],
    lang: str,
) -> None:
    label = measure.label.get(lang) or measure.name.get(lang)
    is_part = label.startswith(("其中", "of which"))
    cells = [(label, style.BODY), (measure.unit.get(lang), style.BODY), (measure.code, style.CODE)]
    for column, (words, font) in enumerate(cells, start=1):
        cell = sheet.cell(row, column, words)
        cell.font, cell.border, cell.alignment = font, style.GRID, style.LEFT
    if is_part:
        sheet.cell(row, 1).alignment = style.INDENTED
    value = values.get((unit, measure.code))
    put_input(sheet.cell(row, 4), measure, value)
    add_validation(sheet, measure, f"D{row}", lang)
    before = prior.before(unit, measure, period) if measure.kind == "count" else None
    cell = sheet.cell(row, 5)
    put_closed(cell)
    if before is not None:
        cell.value = f'=IF(ISNUMBER(D{row}),D{row}+{plain_number(before)},"")'
    last = prior.last_year(unit, measure, period)
    put_closed(sheet.cell(row, 6))
    sheet.cell(row, 6).value = None if last is None else plain_number(last)
    for column in (5, 6):
        sheet.cell(row, column).number_format = style.number_format(measure)
        sheet.cell(row, column).font = style.BODY
        sheet.cell(row, column).alignment = style.RIGHT
    sheet.row_dimensions[row].height = 20
