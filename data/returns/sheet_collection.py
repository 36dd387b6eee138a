"""How is a collection form laid out: a row a unit, a column a measure?"""

from __future__ import annotations

from itertools import accumulate

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from data.returns import style
from data.returns.due import Sheet
from data.returns.form_inputs import (
    add_validation,
    mark_relations,
    mark_unusual,
    name_inputs,
)
from data.returns.form_kit import Kit
from data.returns.form_words import label_of, period_words, title_of
from data.returns.frame_parts import (
    HEAD_ROWS,
    as_code,
    foot_points,
    merge,
    plain_number,
    protect,
    put,
    write_foot,
    write_head,
    write_over,
)
from data.returns.page_blocks import (
    Blocks,
    column_blocks,
    fitting_scale,
    row_pages,
    set_breaks,
    set_page_numbers,
    set_paper,
)
from data.texts import text

#: Row of the names, then of the units of measure, then of the codes.
NAME_ROW = HEAD_ROWS + 1
FIRST_ROW = NAME_ROW + 3
FIRST_COLUMN = 3
UNIT_WIDTHS = {"zh": (10, 20), "en": (10, 24)}
WIDTH = {"zh": 11.0, "en": 12.0}
#: The head needs so many columns, however few the table has.
_LEAST_WIDTH = 7


def fill_collection(sheet: Worksheet, plan: Sheet, kit: Kit) -> None:
    """Fill a sheet with the collection layout of a form."""
    lang = kit.lang
    blocks = column_blocks(UNIT_WIDTHS[lang], WIDTH[lang], len(plan.measures))
    set_widths(sheet, plan, lang)
    first = min(len(plan.measures), blocks.sizes[0])
    width = max(FIRST_COLUMN + first - 1, _LEAST_WIDTH)
    # The names of units are repeated on each page: nothing but theirs stands over them.
    start = FIRST_COLUMN if len(blocks.sizes) > 1 else 1
    write_head(sheet, plan, kit, left=2, right=width - 2, width=width, first=start)
    _write_captions(sheet, plan, kit, blocks)
    write_header(sheet, plan, kit)
    last = FIRST_ROW + len(plan.units) - 1
    is_summed = not kit.tree.is_leaf(plan.unit) and len(plan.units) > 1
    _write_rows(sheet, plan, kit, is_summed=is_summed)
    _write_limits(sheet, plan, kit, last)
    if is_summed:
        write_total(sheet, plan, kit, last + 1, FIRST_ROW, last)
    end = last + is_summed
    write_foot(sheet, plan, kit, end, width, start)
    sheet.freeze_panes = sheet.cell(FIRST_ROW, FIRST_COLUMN)
    set_pages(sheet, plan, blocks, end - FIRST_ROW + 1, foot_points(sheet, end))
    set_page_numbers(sheet, _footer(plan, kit), lang, style.faces(lang).small.name)
    protect(sheet, f"{get_column_letter(FIRST_COLUMN)}{FIRST_ROW}")


def set_widths(sheet: Worksheet, plan: Sheet, lang: str) -> None:
    """Set the widths of the columns of units and measures."""
    for letter, width in zip("AB", UNIT_WIDTHS[lang], strict=True):
        sheet.column_dimensions[letter].width = width
    for column in range(FIRST_COLUMN, max(FIRST_COLUMN + len(plan.measures), _LEAST_WIDTH + 1)):
        sheet.column_dimensions[get_column_letter(column)].width = WIDTH[lang]


def set_pages(sheet: Worksheet, plan: Sheet, blocks: Blocks, rows: int, foot: float) -> None:
    """Make the sheet print on A4: blocks of columns, each with the units, header on each page."""
    points = {row: sheet.row_dimensions[row].height or style.LINE_POINTS for row in range(1, 8)}
    above = sum(points[row] for row in range(1, NAME_ROW))
    head = sum(points[row] for row in range(NAME_ROW, FIRST_ROW))
    scale = fitting_scale(rows, style.ROW_POINTS, above, head, foot, blocks.scale)
    set_paper(sheet, is_wide=True, scale=scale)
    ends = row_pages(rows, style.ROW_POINTS, above, head, foot, scale)
    set_breaks(sheet, blocks, FIRST_COLUMN, FIRST_ROW, ends)
    sheet.print_title_rows = f"{NAME_ROW}:{NAME_ROW + 2}"
    sheet.print_title_cols = "A:B"


def _footer(plan: Sheet, kit: Kit) -> str:
    name = kit.tree.unit(plan.unit).name.get(kit.lang)
    month = period_words(kit.period, kit.lang)
    return f"{plan.form.code} {title_of(plan, kit.lang)}　{name}　{month}"


def _write_captions(sheet: Worksheet, plan: Sheet, kit: Kit, blocks: Blocks) -> None:
    """Say over each further block of columns what it goes on with."""
    starts = accumulate(blocks.sizes[:-1], initial=FIRST_COLUMN)
    for number, (start, size) in enumerate(zip(starts, blocks.sizes, strict=True)):
        if number == 0:
            continue
        words = text("returns.form.continued", kit.lang, number=number)
        month = period_words(kit.period, kit.lang)
        for row, said, kind in (
            (1, title_of(plan, kit.lang) + words, "title"),
            (4, f"{plan.form.code}　{month}", "centre"),
        ):
            worn = style.plain_look(kit.lang, kind)
            write_over(sheet, row, start, start + size - 1, said, worn)


def write_header(sheet: Worksheet, plan: Sheet, kit: Kit, *, has_codes: bool = True) -> None:
    """Write names, units of measure and codes over the columns; notes say what is counted."""
    lang = kit.lang
    for column, key in ((1, "unit_code"), (2, "unit_name")):
        edges = "l" if column == 1 else ""
        top = style.look(lang, "head", f"t{edges}")
        put(sheet.cell(NAME_ROW, column), text(f"returns.column.{key}", lang), top)
        for below in (1, 2):
            put(sheet.cell(NAME_ROW + below, column), None, style.look(lang, "head", edges))
        merge(sheet, NAME_ROW, column, NAME_ROW + 2, column)
    lines = 1
    codes = kit.codes(plan.form)
    for column, measure in enumerate(plan.measures, start=FIRST_COLUMN):
        edges = "r" if column == FIRST_COLUMN + len(plan.measures) - 1 else ""
        label, _ = label_of(measure, lang)
        cell = put(sheet.cell(NAME_ROW, column), label, style.look(lang, "head", f"t{edges}"))
        under = style.look(lang, "under_head", edges)
        put(sheet.cell(NAME_ROW + 1, column), measure.unit.get(lang), under)
        code = codes[measure.code]
        lowest = sheet.cell(NAME_ROW + 2, column)
        if has_codes:
            cell.comment = kit.note(plan.form, measure)
            code_look = style.look(lang, "under_head", edges, as_code(code))
            put(lowest, measure.code, code_look)
        else:
            put(lowest, code, under)
        lines = max(lines, style.lines_of(label, WIDTH[lang] + 0.5))
    sheet.row_dimensions[NAME_ROW].height = style.LINE_POINTS * max(2, lines) + 6
    for below in (1, 2):
        sheet.row_dimensions[NAME_ROW + below].height = 17


def write_names(
    sheet: Worksheet, plan: Sheet, kit: Kit, first_row: int, *, is_summed: bool
) -> None:
    """Write code and name of each unit at the left."""
    lang = kit.lang
    last = first_row + len(plan.units) - 1
    for row, unit in enumerate(plan.units, start=first_row):
        end = "b" if row == last and not is_summed else ""
        put(sheet.cell(row, 1), unit, style.look(lang, "code", f"l{end}"))
        name = kit.tree.unit(unit).name.get(lang)
        put(sheet.cell(row, 2), name, style.look(lang, "measure", end, indent=1))
        lines = style.lines_of(name, UNIT_WIDTHS[lang][1] + 1)
        sheet.row_dimensions[row].height = max(style.ROW_POINTS, style.LINE_POINTS * lines)


def _write_rows(sheet: Worksheet, plan: Sheet, kit: Kit, *, is_summed: bool) -> None:
    write_names(sheet, plan, kit, FIRST_ROW, is_summed=is_summed)
    lang, last = kit.lang, FIRST_ROW + len(plan.units) - 1
    right = FIRST_COLUMN + len(plan.measures) - 1
    formats = [style.number_format(measure) for measure in plan.measures]
    values, expected = kit.values, plan.expected
    for row, unit in enumerate(plan.units, start=FIRST_ROW):
        end = "b" if row == last and not is_summed else ""
        columns = zip(plan.measures, formats, strict=True)
        for column, (measure, pattern) in enumerate(columns, start=FIRST_COLUMN):
            edges = f"{end}r" if column == right else end
            pair = (unit, measure.code)
            cell = sheet.cell(row, column)
            if pair in expected:
                value = values.get(pair)
                style.wear(cell, style.look(lang, "input", edges, pattern))
                if value is not None:
                    cell.value = plain_number(value)
            else:
                style.wear(cell, style.look(lang, "closed", edges))


def _write_limits(sheet: Worksheet, plan: Sheet, kit: Kit, last: int) -> None:
    """Let the inputs of each column take what its measure takes, and name them all."""
    stretches = _stretches(plan, kit)
    letters: dict[str, str] = {}
    for column, measure in enumerate(plan.measures, start=FIRST_COLUMN):
        letter = letters[measure.code] = get_column_letter(column)
        held = kit.limits[measure.code]
        owed = stretches[measure.code]
        joined = [f"{letter}{top}:{letter}{bottom}" for top, bottom in _joined(owed)]
        add_validation(sheet, measure, held, joined, f"{letter}{owed[0][0]}", kit.lang)
        for top, bottom, is_own in owed:
            area = f"{letter}{top}:{letter}{bottom}"
            mark_unusual(sheet, held, area, f"{letter}{top}", is_own=is_own)
    held_here = [r for r in kit.relations(plan.form) if letters.keys() >= {*r.measures}]
    mark_relations(
        sheet,
        held_here,
        lambda m: f"{letters[m]}{FIRST_ROW}",
        lambda m: f"{letters[m]}{FIRST_ROW}:{letters[m]}{last}",
    )
    left, right = get_column_letter(FIRST_COLUMN), letters[plan.measures[-1].code]
    area = f"${left}${FIRST_ROW}:${right}${last}"
    name_inputs(sheet, f"{plan.form.code}_by_unit_input", [area])


def _stretches(plan: Sheet, kit: Kit) -> dict[str, list[tuple[int, int, bool]]]:
    """Return for each measure the stretches of rows that are owed, own levels apart."""
    found: dict[str, list[tuple[int, int, bool]]] = {m.code: [] for m in plan.measures}
    owns = [kit.tree.is_own(unit) for unit in plan.units]
    for code, stretches in found.items():
        for number, unit in enumerate(plan.units):
            if (unit, code) not in plan.expected:
                continue
            row = FIRST_ROW + number
            if stretches and stretches[-1][1] == row - 1 and stretches[-1][2] == owns[number]:
                stretches[-1] = (stretches[-1][0], row, owns[number])
            else:
                stretches.append((row, row, owns[number]))
    return found


def _joined(stretches: list[tuple[int, int, bool]]) -> list[tuple[int, int]]:
    """Return stretches of rows with those that touch made one.

    >>> _joined([(8, 14, False), (15, 15, True), (18, 19, False)])
    [(8, 15), (18, 19)]
    """
    found: list[tuple[int, int]] = []
    for top, bottom, _ in stretches:
        if found and found[-1][1] == top - 1:
            found[-1] = (found[-1][0], bottom)
        else:
            found.append((top, bottom))
    return found


def write_total(sheet: Worksheet, plan: Sheet, kit: Kit, row: int, first: int, last: int) -> None:
    """Write the row that adds up the units; what is not a sum stays grey."""
    lang = kit.lang
    put(sheet.cell(row, 1), plan.unit, style.look(lang, "sum_name", "lb"))
    total = text("returns.form.total", lang)
    put(sheet.cell(row, 2), total, style.look(lang, "sum_name", "b", indent=1))
    right = FIRST_COLUMN + len(plan.measures) - 1
    for column, measure in enumerate(plan.measures, start=FIRST_COLUMN):
        edges = "br" if column == right else "b"
        cell = sheet.cell(row, column)
        if measure.roll != "sum":
            put(cell, None, style.look(lang, "closed", edges))
            continue
        letter = get_column_letter(column)
        worn = style.look(lang, "sum", edges, style.number_format(measure))
        area = f"{letter}{first}:{letter}{last}"
        put(cell, f'=IF(COUNT({area})=0,"",SUM({area}))', worn)
    sheet.row_dimensions[row].height = style.ROW_POINTS + 1
