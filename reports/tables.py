"""How does a table leave the product? As a sheet that a spreadsheet program opens cleanly.

A `Sheet` owes its reader a title, the unit of measure, the scope, the coverage and its notes, and
every row its status marks. Text that a spreadsheet would take for a formula is escaped, Chinese
survives in CSV by a byte order mark, numbers stay numbers and a missing one stays empty.
"""

import csv
import datetime as dt
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Value = str | int | float | dt.date | None
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
# Characters that no sheet name may hold.
NOT_IN_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\", "-"))


@dataclass(frozen=True, slots=True)
class Field:
    """A column: its header, and for numbers how many decimals are shown."""

    label: str
    decimals: int | None = None
    width: int = 0


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with what its reader must know; `about` are (label, text) lines above it."""

    title: str
    about: Sequence[tuple[str, str]]
    fields: Sequence[Field]
    rows: Sequence[Sequence[Value]]
    notes: Sequence[str] = ()


def escape_formula(value: Value) -> Value:
    """Return the value as a spreadsheet may hold it: text never becomes a formula.

    >>> escape_formula("=1+1"), escape_formula("-5%"), escape_formula(-5.0)
    ("'=1+1", "'-5%", -5.0)
    """
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    return value


def csv_bytes(sheet: Sheet) -> bytes:
    """Return the sheet as CSV that opens with its Chinese in any spreadsheet program."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([escape_formula(sheet.title)])
    writer.writerows([escape_formula(cell) for cell in line] for line in sheet.about)
    writer.writerow([])
    writer.writerow([escape_formula(field.label) for field in sheet.fields])
    for row in sheet.rows:
        writer.writerow([_written(value) for value in row])
    if sheet.notes:
        writer.writerow([])
    writer.writerows([escape_formula(note)] for note in sheet.notes)
    return out.getvalue().encode("utf-8-sig")


def xlsx_bytes(sheets: Iterable[Sheet]) -> bytes:
    """Return the sheets as one workbook: frozen header, numbers as numbers, widths that fit."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    names: set[str] = set()
    for sheet in sheets:
        _fill(book.create_sheet(_name(sheet.title, names)), sheet)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _fill(page, sheet: Sheet) -> None:
    """Write a sheet's lines, header, rows and notes."""
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

    muted = Font(color="5B6675")
    page.append([escape_formula(sheet.title)])
    page["A1"].font = Font(bold=True, size=14)
    for line in sheet.about:
        page.append([escape_formula(cell) for cell in line])
        for cell in page[page.max_row]:
            cell.font = muted
    page.append([])
    page.append([escape_formula(field.label) for field in sheet.fields])
    head = page.max_row
    line = Border(bottom=Side(style="thin", color="C9D2DE"))
    for cell, field in zip(page[head], sheet.fields, strict=True):
        cell.font, cell.border = Font(bold=True), line
        cell.fill = PatternFill("solid", fgColor="F6F8FB")
        side = "left" if field.decimals is None else "right"
        cell.alignment = Alignment(horizontal=side, wrap_text=True, vertical="bottom")
    for row in sheet.rows:
        page.append([_clean(value) for value in row])
        for cell, field in zip(page[page.max_row], sheet.fields, strict=True):
            if isinstance(cell.value, str):
                cell.data_type = "s"
            elif field.decimals is not None:
                cell.number_format = "#,##0" + (
                    "." + "0" * field.decimals if field.decimals else ""
                )
            elif isinstance(cell.value, dt.date):
                cell.number_format = "yyyy-mm-dd"
    page.append([])  # an empty row adds no cells: the last row of figures keeps its own font
    for note in sheet.notes:
        page.append([escape_formula(note)])
        page.cell(page.max_row, 1).font = muted
    page.freeze_panes = page.cell(head + 1, 2)
    _fit(page, sheet)


def _fit(page, sheet: Sheet) -> None:
    """Set column widths from what stands in the table; a Chinese character counts two."""
    from openpyxl.utils import get_column_letter

    for i, field in enumerate(sheet.fields):
        texts = [field.label, *(str(row[i]) for row in sheet.rows if row[i] is not None)]
        widest = max(sum(2 if ord(c) > 0x2E80 else 1 for c in text) for text in texts)
        page.column_dimensions[get_column_letter(i + 1)].width = field.width or min(
            max(widest + 2, 9), 48
        )


def _clean(value: Value) -> Value:
    """Return a workbook cell: no formula from text, no dust of floating point in numbers.

    >>> _clean(202.6399999999999), _clean("=1")
    (202.64, "'=1")
    """
    return float(f"{value:.12g}") if isinstance(value, float) else escape_formula(value)


def _written(value: Value) -> Value:
    """Return a CSV cell: numbers as they are, not rounded; missing ones empty.

    >>> _written(193.0), _written(-20.24793388429752), _written(None)
    ('193', '-20.2479338843', '')
    """
    if value is None:
        return ""
    return f"{value:.12g}" if isinstance(value, float) else escape_formula(value)


def _name(title: str, used: set[str]) -> str:
    """Return a sheet name that the format allows and that no other sheet has.

    >>> _name("同比/环比", set())
    '同比-环比'
    """
    base = title.translate(NOT_IN_NAMES)[:28] or "1"
    name, count = base, 1
    while name in used:
        count += 1
        name = f"{base}-{count}"
    used.add(name)
    return name
