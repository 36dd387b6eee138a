"""What do both layouts of a form share: head, foot, validation of inputs, protection?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from copy import copy
from typing import Any
from weakref import WeakKeyDictionary

from openpyxl.cell.cell import Cell
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from data.definition_types import Catalog, Measure
from data.returns import style
from data.returns.due import Sheet, due_date
from data.texts import text
from data.units import Tree

HEAD_ROWS = 4
#: A whole number in a cell is below this; Excel keeps fifteen digits.
LARGEST = 999_999_999_999
#: The looks that a workbook has already worked out; faces are the constants of `style`.
_LOOKS: WeakKeyDictionary[Workbook, dict[tuple, Any]] = WeakKeyDictionary()


def period_words(period: dt.date, lang: str) -> str:
    """Return a month as a form prints it.

    >>> period_words(dt.date(2024, 10, 1), "zh"), period_words(dt.date(2024, 10, 1), "en")
    ('2024年10月', '2024-10')
    """
    return f"{period.year}年{period.month}月" if lang == "zh" else f"{period:%Y-%m}"


def write_head(
    sheet: Worksheet,
    plan: Sheet,
    catalog: Catalog,
    tree: Tree,
    period: dt.date,
    width: int,
    lang: str,
) -> None:
    """Write title and head: form number, issuing body, filing unit, period, unit of measure."""
    unit = tree.unit(plan.unit)
    title = f"{catalog.bureau.name.get(lang)} {plan.form.name.get(lang)}"
    left = [
        text("returns.form.number", lang, value=plan.form.code, version=plan.form.version),
        text("returns.form.filer", lang, value=f"{unit.name.get(lang)}（{unit.code}）"),
        text("returns.form.measured_in", lang),
    ]
    right = [
        text("returns.form.issuer", lang, value=catalog.bureau.name.get(lang)),
        text("returns.form.period", lang, value=period_words(period, lang)),
        text("returns.form.due", lang, value=f"{due_date(plan.form, period):%Y-%m-%d}"),
    ]
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=width)
    _put(sheet, 1, 1, title, style.TITLE, style.CENTRE)
    sheet.row_dimensions[1].height = 30
    middle = max(2, (width + 1) // 2) if width > 3 else 1
    for number, (a, b) in enumerate(zip(left, right, strict=True), start=2):
        sheet.merge_cells(start_row=number, start_column=1, end_row=number, end_column=middle)
        _put(sheet, number, 1, a, style.BODY, style.LEFT)
        sheet.merge_cells(
            start_row=number, start_column=middle + 1, end_row=number, end_column=width
        )
        _put(sheet, number, middle + 1, b, style.BODY, style.LEFT)
        sheet.row_dimensions[number].height = 18


def write_foot(
    sheet: Worksheet, plan: Sheet, catalog: Catalog, row: int, width: int, lang: str
) -> None:
    """Write signatures and notes below the table; what people write there is never stored."""
    signatures = text("returns.form.signatures", lang)
    notes = [text("returns.form.note_fill", lang), text("returns.form.note_sign", lang)]
    if plan.form.note.get(lang):
        notes.insert(0, plan.form.note.get(lang))
    held = _relations(plan, catalog, lang)
    if held:
        notes.append(text("returns.form.relations", lang, value=held))
    for number, words in enumerate([signatures, *notes], start=row + 1):
        sheet.merge_cells(start_row=number, start_column=1, end_row=number, end_column=width)
        cell = _put(sheet, number, 1, words, style.BODY if number == row + 1 else style.SMALL)
        cell.alignment = style.LEFT
        columns = sum(
            sheet.column_dimensions[get_column_letter(c)].width or 9 for c in range(1, width + 1)
        )
        length = sum(2 if ord(c) > 255 else 1 for c in words)
        sheet.row_dimensions[number].height = 16 * max(1, -(-int(length * 0.95) // int(columns)))
        if number == row + 1:
            cell.protection = style.OPEN
            sheet.row_dimensions[number].height = 26


def _relations(plan: Sheet, catalog: Catalog, lang: str) -> str:
    """Return the binding rules among the measures of a sheet, in short."""
    here = {measure.code for measure in plan.measures}
    rules = [
        rule
        for rule in catalog.rules
        if rule.severity == "mandatory"
        and rule.measures
        and not rule.sets
        and here.issuperset(rule.measures)
    ]
    return "；".join(f"{rule.code} {rule.message.get(lang)}" for rule in rules)


def add_validation(sheet: Worksheet, measure: Measure, cells: str, lang: str) -> None:
    """Let input cells take numbers only, with words that say which."""
    least = 0.0 if measure.minimum is None else measure.minimum
    most = LARGEST if measure.maximum is None else measure.maximum
    is_whole = measure.decimals == 0
    kind = "whole" if is_whole else "decimal"
    rule = DataValidation(
        type=kind,
        operator="between",
        formula1=f"{least:g}",
        formula2=f"{most:.0f}",
        allow_blank=True,
    )
    rule.errorTitle = text("returns.form.error_title", lang)
    rule.error = text(
        f"returns.form.error_{kind}", lang, unit=measure.unit.get(lang), decimals=measure.decimals
    )
    rule.showErrorMessage = True
    rule.add(cells)
    sheet.add_data_validation(rule)


def put_input(cell: Cell, measure: Measure, value: float | None) -> None:
    """Make a cell an input: unlocked, tinted, formatted, filled where a value is known."""
    cell.value = None if value is None else _plain(value)
    pattern = style.number_format(measure)

    def dress() -> None:
        cell.font = style.NUMBER
        cell.fill = style.INPUT_FILL
        cell.border = style.GRID
        cell.alignment = style.RIGHT
        cell.number_format = pattern
        cell.protection = style.OPEN

    _dress(cell, ("input", pattern), dress)


def put_closed(cell: Cell) -> None:
    """Make a cell one that nobody owes: grey and locked."""

    def dress() -> None:
        cell.fill = style.GREY_FILL
        cell.border = style.GRID

    _dress(cell, ("closed",), dress)


def _dress(cell: Cell, look: tuple, dress: Callable[[], None]) -> None:
    """Give a cell a look; each look is worked out once a workbook, for that is the slow part."""
    known = _LOOKS.setdefault(cell.parent.parent, {})
    if look in known:
        cell._style = copy(known[look])
    else:
        dress()
        known[look] = copy(cell._style)


def put_head(cell: Cell, words: str | int, font: object = None) -> None:
    """Make a cell of the table's header."""
    cell.value = words
    face = font or style.HEAD

    def dress() -> None:
        cell.font = face
        cell.fill = style.HEAD_FILL
        cell.border = style.GRID
        cell.alignment = style.CENTRE

    _dress(cell, ("head", id(face)), dress)


def protect(sheet: Worksheet) -> None:
    """Lock everything but the inputs; without a password, a guard against slips."""
    sheet.protection.sheet = True
    sheet.protection.formatColumns = False
    sheet.protection.formatRows = False


def plain_number(value: float) -> float | int:
    """Return a whole number as an integer, so that Excel shows no decimals.

    >>> plain_number(12.0), plain_number(0.5)
    (12, 0.5)
    """
    return int(value) if float(value).is_integer() else value


_plain = plain_number


def _put(
    sheet: Worksheet, row: int, column: int, words: str, font: object, alignment: object = None
) -> Cell:
    cell = sheet.cell(row, column, words)
    cell.font = font
    if alignment is not None:
        cell.alignment = alignment
    return cell
