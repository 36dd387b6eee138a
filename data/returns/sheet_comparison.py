"""What stands beside a collection form: the same table for the month before and for last year.

It stands on a sheet of its own, each unit in the row and each measure in the column where the form
has them, and is locked: the reader knows it and never counts it.
"""

from __future__ import annotations

import datetime as dt

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from data.periods import SPAN, add_months
from data.returns import style
from data.returns.due import Sheet
from data.returns.form_kit import Kit
from data.returns.form_words import period_words
from data.returns.frame_parts import plain_number, protect, put
from data.returns.page_blocks import column_blocks, set_page_numbers
from data.returns.sheet_collection import (
    FIRST_COLUMN,
    FIRST_ROW,
    NAME_ROW,
    UNIT_WIDTHS,
    WIDTH,
    set_pages,
    set_widths,
    write_header,
    write_names,
    write_total,
)
from data.texts import text


def has_comparison(plan: Sheet, kit: Kit) -> bool:
    """Return whether the store knows anything that a sheet of comparison could show."""
    return any(
        kit.prior.at(unit, measure, base) is not None
        for base in _bases(plan, kit)
        for unit in plan.units
        for measure in plan.measures
        if (unit, measure.code) in plan.expected
    )


def fill_comparison(sheet: Worksheet, plan: Sheet, kit: Kit) -> None:
    """Fill a sheet with the figures of the month before, and below them those of last year."""
    lang = kit.lang
    set_widths(sheet, plan, lang)
    title = text("returns.form.comparison", lang, name=plan.form.name.get(lang))
    for row, words, kind in (
        (1, title, "heading"),
        (2, text("returns.form.comparison_how", lang), "aside"),
        (4, _block_name(plan, kit, 0), "strong"),
    ):
        put(sheet.cell(row, 1), words, style.plain_look(lang, kind))
    sheet.row_dimensions[1].height = 30
    write_header(sheet, plan, kit, has_codes=False)
    is_summed = not kit.tree.is_leaf(plan.unit) and len(plan.units) > 1
    end = _fill_block(sheet, plan, kit, FIRST_ROW, 0, is_summed=is_summed)
    second = end + 3
    put(sheet.cell(second - 1, 1), _block_name(plan, kit, 1), style.plain_look(lang, "strong"))
    end = _fill_block(sheet, plan, kit, second, 1, is_summed=is_summed)
    sheet.freeze_panes = sheet.cell(FIRST_ROW, FIRST_COLUMN)
    blocks = column_blocks(UNIT_WIDTHS[lang], WIDTH[lang], len(plan.measures))
    set_pages(sheet, plan, blocks, end - FIRST_ROW + 1, 0)
    set_page_numbers(sheet, title, lang, style.faces(lang).small.name)
    protect(sheet, f"{get_column_letter(FIRST_COLUMN)}{NAME_ROW}")


def _bases(plan: Sheet, kit: Kit) -> tuple[dt.date, dt.date]:
    """Return the months to compare with: of the return before, and of last year."""
    return add_months(kit.period, -SPAN[plan.form.frequency]), add_months(kit.period, -12)


def _block_name(plan: Sheet, kit: Kit, number: int) -> str:
    key = ("before", "last_year")[number]
    month = period_words(_bases(plan, kit)[number], kit.lang, plan.form.frequency)
    return text(f"returns.form.comparison_{key}", kit.lang, period=month)


def _fill_block(
    sheet: Worksheet, plan: Sheet, kit: Kit, first: int, number: int, *, is_summed: bool
) -> int:
    """Fill the rows of one month and return the last of them."""
    base = _bases(plan, kit)[number]
    last = first + len(plan.units) - 1
    write_names(sheet, plan, kit, first, is_summed=is_summed)
    right = FIRST_COLUMN + len(plan.measures) - 1
    estimated = text("returns.form.estimated", kit.lang)
    formats = [style.number_format(measure) for measure in plan.measures]
    at, expected, lang = kit.prior.at, plan.expected, kit.lang
    for row, unit in enumerate(plan.units, start=first):
        end = "b" if row == last and not is_summed else ""
        taken = None
        columns = zip(plan.measures, formats, strict=True)
        for column, (measure, usual) in enumerate(columns, start=FIRST_COLUMN):
            edges, pattern = f"{end}r" if column == right else end, usual
            cell = sheet.cell(row, column)
            printed = at(unit, measure, base) if (unit, measure.code) in expected else None
            if printed is not None:
                cell.value = plain_number(printed.value)
                taken = printed if printed.sources else taken
                if printed.is_estimated:
                    pattern = style.number_format(measure, estimated)
            style.wear(cell, style.look(lang, "printed", edges, pattern))
        if taken is not None:
            sheet.cell(row, 2).comment = kit.taken_over(taken)
    if is_summed:
        write_total(sheet, plan, kit, last + 1, first, last)
    return last + is_summed
