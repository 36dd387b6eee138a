"""How is a collection form laid out: a row a unit, a column a measure?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from data.definition_types import Catalog
from data.returns import style
from data.returns.due import Sheet
from data.returns.frame_parts import (
    HEAD_ROWS,
    add_validation,
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

#: Row of the names, then of the units of measure, then of the codes.
NAME_ROW = HEAD_ROWS + 1
FIRST_ROW = NAME_ROW + 3
FIRST_COLUMN = 3


def fill_collection(
    sheet: Worksheet,
    plan: Sheet,
    catalog: Catalog,
    tree: Tree,
    period: dt.date,
    prior: Prior,
    values: Mapping[tuple[str, str], float],
    lang: str,
) -> None:
    """Fill a sheet with the collection layout of a form."""
    width = max(FIRST_COLUMN + len(plan.measures) - 1, 6)
    sheet.column_dimensions["A"].width = 12
    sheet.column_dimensions["B"].width = 24
    for column in range(FIRST_COLUMN, width + 1):
        sheet.column_dimensions[get_column_letter(column)].width = 11.5
    write_head(sheet, plan, catalog, tree, period, width, lang)
    _write_header(sheet, plan, lang)
    last = FIRST_ROW + len(plan.units) - 1
    for row, unit in enumerate(plan.units, start=FIRST_ROW):
        for column, words in ((1, unit), (2, tree.unit(unit).name.get(lang))):
            cell = sheet.cell(row, column, words)
            cell.font = style.CODE if column == 1 else style.BODY
            cell.border, cell.alignment = style.GRID, style.LEFT
        for column, measure in enumerate(plan.measures, start=FIRST_COLUMN):
            cell = sheet.cell(row, column)
            if (unit, measure.code) in plan.expected:
                put_input(cell, measure, values.get((unit, measure.code)))
            else:
                put_closed(cell)
        sheet.row_dimensions[row].height = 18
    for column, measure in enumerate(plan.measures, start=FIRST_COLUMN):
        letter = get_column_letter(column)
        add_validation(sheet, measure, f"{letter}{FIRST_ROW}:{letter}{last}", lang)
    foot = last + 1
    if not tree.is_leaf(plan.unit) and len(plan.units) > 1:
        _write_total(sheet, plan, last, lang)
        foot += 1
    write_foot(sheet, plan, catalog, foot, width, lang)
    sheet.freeze_panes = sheet.cell(FIRST_ROW, FIRST_COLUMN)
    style.set_page(sheet, is_wide=True, header_rows=f"{NAME_ROW}:{NAME_ROW + 2}")
    protect(sheet)


def _write_header(sheet: Worksheet, plan: Sheet, lang: str) -> None:
    for column, key in ((1, "unit_code"), (2, "unit_name")):
        put_head(sheet.cell(NAME_ROW, column), text(f"returns.column.{key}", lang))
        for below in (1, 2):
            put_head(sheet.cell(NAME_ROW + below, column), "")
        sheet.merge_cells(
            start_row=NAME_ROW, start_column=column, end_row=NAME_ROW + 2, end_column=column
        )
    for column, measure in enumerate(plan.measures, start=FIRST_COLUMN):
        label = measure.label.get(lang) or measure.name.get(lang)
        put_head(sheet.cell(NAME_ROW, column), label)
        put_head(sheet.cell(NAME_ROW + 1, column), measure.unit.get(lang), style.SMALL)
        put_head(sheet.cell(NAME_ROW + 2, column), measure.code, style.CODE)
    sheet.row_dimensions[NAME_ROW].height = 58
    sheet.row_dimensions[NAME_ROW + 2].height = 36


def _write_total(sheet: Worksheet, plan: Sheet, last: int, lang: str) -> None:
    """Write the row that adds up the units; what is not a sum stays grey."""
    row = last + 1
    for column, words in ((1, plan.unit), (2, text("returns.form.total", lang))):
        cell = sheet.cell(row, column, words)
        cell.font = style.CODE if column == 1 else style.HEAD
        cell.border, cell.alignment, cell.fill = style.GRID, style.LEFT, style.SUM_FILL
    for column, measure in enumerate(plan.measures, start=FIRST_COLUMN):
        cell = sheet.cell(row, column)
        put_closed(cell)
        if measure.roll != "sum":
            continue
        letter = get_column_letter(column)
        cell.value = f"=SUM({letter}{FIRST_ROW}:{letter}{last})"
        cell.fill, cell.font, cell.alignment = style.SUM_FILL, style.HEAD, style.RIGHT
        cell.number_format = style.number_format(measure)
    sheet.row_dimensions[row].height = 20
