"""What do both layouts of a form share: head, foot, protection?

The head stands as in every official table: the title over all, number and issuer at the right one
below the other, the filing unit at the left just above the table, the period between them.
"""

from __future__ import annotations

from openpyxl.cell.cell import Cell
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.views import Selection
from openpyxl.worksheet.worksheet import Worksheet

from data.returns import style
from data.returns.due import Sheet
from data.returns.form_kit import Kit
from data.returns.form_words import measured_in, notes_of, period_words, title_of
from data.texts import text

HEAD_ROWS = 4
_TITLE_POINTS, _LINE_POINTS = 36, 17
#: So many times the digits of the standard face go into a line of notes.
_SMALL_FITS = {"zh": 1.08, "en": 1.25}


def write_head(
    sheet: Worksheet, plan: Sheet, kit: Kit, left: int, right: int, width: int, first: int = 1
) -> None:
    """Write title and head over the columns up to `width`.

    `left` is the last column of the filing unit, `right` the first one of the block at the right;
    the title begins in column `first`.
    """
    lang, form = kit.lang, plan.form
    unit = kit.tree.unit(plan.unit)
    worn = style.plain_look(lang, "left")
    title = style.plain_look(lang, "title")
    write_over(sheet, 1, first, width, title_of(plan, lang), title)
    sheet.row_dimensions[1].height = _TITLE_POINTS
    # What a form may lack stands on the line of what it has: the cells stay where they are.
    issued = [text("returns.form.issuer", lang, value=kit.catalog.bureau.name.get(lang))]
    if form.approval.get(lang):
        issued.append(text("returns.form.approval", lang, value=form.approval.get(lang)))
    last = [text("returns.form.measured_in", lang, value=measured_in(plan, lang))]
    if form.valid_until is not None:
        until = period_words(form.valid_until, lang)
        last.insert(0, text("returns.form.valid_until", lang, value=until))
    number = text("returns.form.number", lang, value=form.code, version=form.version)
    for row, words in ((2, number), (3, "\n".join(issued)), (4, "\n".join(last))):
        write_over(sheet, row, right, width, words, worn)
        room = _width(sheet, right, width)
        sheet.row_dimensions[row].height = _LINE_POINTS * style.lines_of(words, room + 2) + 2
    filer = text("returns.form.filer", lang, value=f"{unit.name.get(lang)}（{unit.code}）")
    write_over(sheet, 4, 1, left, filer, worn)
    period = period_words(kit.period, lang, form.frequency)
    period = text("returns.form.period", lang, value=period)
    write_over(sheet, 4, left + 1, right - 1, period, style.plain_look(lang, "centre"))
    needed = max(
        style.lines_of(filer, _width(sheet, 1, left) + 2),
        style.lines_of(period, _width(sheet, left + 1, right - 1) + 2),
    )
    height = sheet.row_dimensions[4].height or 0
    sheet.row_dimensions[4].height = max(height, _LINE_POINTS * needed + 2)


def write_foot(
    sheet: Worksheet, plan: Sheet, kit: Kit, row: int, width: int, first: int = 1
) -> None:
    """Write signatures and notes below the table; what people write there is never stored."""
    room = _width(sheet, first, width)
    signatures = text("returns.form.signatures", kit.lang)
    if plan.layout == "unit" or style.lines_of(signatures, 0.94 * room) > 1:
        signatures = text("returns.form.signatures_two", kit.lang)
    write_over(sheet, row + 1, first, width, signatures, style.plain_look(kit.lang, "signed"))
    sheet.row_dimensions[row + 1].height = 14 + 20 * (1 + signatures.count("\n"))
    heading = text("returns.form.notes", kit.lang)
    notes = notes_of(plan, kit.relations(plan.form), kit.period, kit.lang)
    for number, words in enumerate([heading, *notes], start=row + 2):
        write_over(sheet, number, first, width, words, style.plain_look(kit.lang, "note"))
        lines = style.lines_of(words, _SMALL_FITS[kit.lang] * room)
        sheet.row_dimensions[number].height = 14 * lines + 1


def foot_points(sheet: Worksheet, row: int) -> float:
    """Return how high the foot below a row is, in points."""
    heights = (sheet.row_dimensions[r].height for r in range(row + 1, sheet.max_row + 1))
    return sum(height or style.LINE_POINTS for height in heights)


def put(cell: Cell, value: object, worn: style.Look) -> Cell:
    """Write a value into a cell and dress it."""
    if value is not None:
        cell.value = value
    style.wear(cell, worn)
    return cell


def as_code(code: str) -> str:
    """Return the format that shows a line's printed code where the measure's own code stands.

    People read `01`, as on every official form; the reader finds lines by what stands in the cell.

    >>> as_code("01")
    ';;;"01"'
    """
    return f';;;"{code}"'


def protect(sheet: Worksheet, first_input: str) -> None:
    """Lock everything but the inputs; without a password, a guard against slips.

    Tab leads from input to input, and the first one waits when the sheet is opened.
    """
    sheet.protection.sheet = True
    sheet.protection.formatColumns = False
    sheet.protection.formatRows = False
    sheet.sheet_view.showGridLines = False
    view = sheet.sheet_view
    if view.pane is not None:
        view.selection = [
            Selection(pane=view.pane.activePane, activeCell=first_input, sqref=first_input)
        ]
    else:
        view.selection = [Selection(activeCell=first_input, sqref=first_input)]


def plain_number(value: float) -> float | int:
    """Return a whole number as an integer, so that Excel shows no decimals.

    >>> plain_number(12.0), plain_number(0.5)
    (12, 0.5)
    """
    return int(value) if float(value).is_integer() else value


def _width(sheet: Worksheet, first: int, last: int) -> float:
    columns = (get_column_letter(column) for column in range(first, last + 1))
    return sum(sheet.column_dimensions[letter].width or 9 for letter in columns)


def write_over(
    sheet: Worksheet, row: int, first: int, last: int, words: str, worn: style.Look
) -> Cell:
    """Write words over some columns of a row."""
    if last > first:
        merge(sheet, row, first, row, last)
    return put(sheet.cell(row, first), words, worn)


def merge(sheet: Worksheet, top: int, left: int, bottom: int, right: int) -> None:
    """Merge an area without dressing each of its cells anew, which takes most of the time."""
    letters = get_column_letter(left), get_column_letter(right)
    sheet.merged_cells.add(f"{letters[0]}{top}:{letters[1]}{bottom}")
