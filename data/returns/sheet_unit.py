"""How is a unit form laid out: a row a measure, this month beside the year and last year?"""

from __future__ import annotations

from openpyxl.worksheet.worksheet import Worksheet

from data.definition_types import Measure
from data.returns import style
from data.returns.due import Sheet, span_key
from data.returns.form_inputs import (
    add_validation,
    mark_relations,
    mark_unusual,
    name_inputs,
)
from data.returns.form_kit import Kit
from data.returns.form_words import label_of, title_of
from data.returns.frame_parts import (
    HEAD_ROWS,
    as_code,
    plain_number,
    protect,
    put,
    write_foot,
    write_head,
)
from data.returns.page_blocks import set_page_numbers, set_paper
from data.returns.prior import Printed
from data.texts import text

_WIDTHS = {"zh": (33, 9, 6, 14, 15, 15), "en": (36, 14, 6, 13, 14, 14)}
#: Points that fit on one upright page when its width is filled.
_PAGE_POINTS = 800
FIRST_ROW = HEAD_ROWS + 3


def fill_unit(sheet: Worksheet, plan: Sheet, kit: Kit) -> None:
    """Fill a sheet with the unit layout of a form."""
    lang, widths = kit.lang, _WIDTHS[kit.lang]
    for letter, width in zip("ABCDEF", widths, strict=True):
        sheet.column_dimensions[letter].width = width
    write_head(sheet, plan, kit, left=1, right=5, width=6)
    _write_header(sheet, plan, lang)
    last = FIRST_ROW + len(plan.measures) - 1
    for row, measure in enumerate(plan.measures, start=FIRST_ROW):
        _write_row(sheet, row, plan, measure, kit, is_last=row == last)
    rows = {measure.code: row for row, measure in enumerate(plan.measures, start=FIRST_ROW)}
    held = [r for r in kit.relations(plan.form) if rows.keys() >= {*r.measures}]
    mark_relations(sheet, held, lambda m: f"$D${rows[m]}", lambda m: f"D{rows[m]}")
    name_inputs(sheet, f"{plan.form.code}_input", [f"$D${FIRST_ROW}:$D${last}"])
    write_foot(sheet, plan, kit, last, len(widths))
    sheet.freeze_panes = sheet.cell(FIRST_ROW, 4)
    set_paper(sheet, is_wide=False)
    sheet.print_title_rows = f"1:{HEAD_ROWS + 2}"
    heights = (sheet.row_dimensions[r].height or style.LINE_POINTS for r in range(1, sheet.max_row))
    if sum(heights) <= 1.15 * _PAGE_POINTS:
        sheet.page_setup.fitToHeight = 1
    name = f"{plan.form.code} {title_of(plan, lang)}"
    set_page_numbers(sheet, name, lang, style.faces(lang).small.name)
    protect(sheet, f"D{FIRST_ROW}")


def _write_header(sheet: Worksheet, plan: Sheet, lang: str) -> None:
    keys = ["measure", "measured", "code", f"this_{span_key(plan.form)}", "ytd", "same_period"]
    for column, key in enumerate(keys, start=1):
        edges = ("l" if column == 1 else "") + ("r" if column == len(keys) else "")
        words = text(f"returns.column.{key}", lang)
        put(sheet.cell(HEAD_ROWS + 1, column), words, style.look(lang, "head", "t" + edges))
        mark = "甲乙丙123" if lang == "zh" else "ABC123"
        worn = style.look(lang, "under_head", edges)
        put(sheet.cell(HEAD_ROWS + 2, column), mark[column - 1], worn)
    lines = max(
        style.lines_of(text(f"returns.column.{key}", lang), width)
        for key, width in zip(keys, _WIDTHS[lang], strict=True)
    )
    sheet.row_dimensions[HEAD_ROWS + 1].height = 11 + style.LINE_POINTS * lines
    sheet.row_dimensions[HEAD_ROWS + 2].height = 16


def _write_row(
    sheet: Worksheet, row: int, plan: Sheet, measure: Measure, kit: Kit, *, is_last: bool
) -> None:
    lang, unit = kit.lang, plan.unit
    end = "b" if is_last else ""
    label, indent = label_of(measure, lang)
    worn = style.look(lang, "measure", f"l{end}", indent=indent)
    put(sheet.cell(row, 1), label, worn).comment = kit.note(plan.form, measure)
    put(sheet.cell(row, 2), measure.unit.get(lang), style.look(lang, "plain", end))
    code = as_code(kit.codes(plan.form)[measure.code])
    put(sheet.cell(row, 3), measure.code, style.look(lang, "code", end, code))
    value = kit.values.get((unit, measure.code))
    worn = style.look(lang, "input", end, style.number_format(measure))
    put(sheet.cell(row, 4), None if value is None else plain_number(value), worn)
    held = kit.limits[measure.code]
    add_validation(sheet, measure, held, [f"D{row}"], f"D{row}", lang)
    mark_unusual(sheet, held, f"D{row}", f"D{row}", is_own=kit.tree.is_own(unit))
    before = kit.prior.before(unit, measure, kit.period) if measure.kind == "count" else None
    formula = None
    if before is not None:
        formula = f'=IF(ISNUMBER(D{row}),D{row}+{plain_number(before.value)},"")'
    elif measure.kind != "count":
        formula = text("returns.form.no_sum", lang)
    _print(sheet, row, 5, formula, before, measure, kit, end)
    last = kit.prior.last_year(unit, measure, kit.period)
    words = None if last is None else plain_number(last.value)
    _print(sheet, row, 6, words, last, measure, kit, f"r{end}")
    lines = style.lines_of(label, (sheet.column_dimensions["A"].width or 9) - indent)
    sheet.row_dimensions[row].height = max(style.ROW_POINTS, style.LINE_POINTS * lines + 4)


def _print(
    sheet: Worksheet,
    row: int,
    column: int,
    words: object,
    printed: Printed | None,
    measure: Measure,
    kit: Kit,
    edges: str,
) -> None:
    """Print an earlier figure, with a mark and a note where it was taken over from other units."""
    is_estimated = printed is not None and printed.is_estimated
    mark = text("returns.form.estimated", kit.lang) if is_estimated else ""
    worn = style.look(kit.lang, "printed", edges, style.number_format(measure, mark))
    cell = put(sheet.cell(row, column), words, worn)
    if printed is not None and printed.sources:
        cell.comment = kit.taken_over(printed)
