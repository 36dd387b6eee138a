"""Where in a sheet do tables stand: titles, header rows, a row of column codes, body, footnotes?

A row that holds numbers is body; what stands above it, level with it, is its header. The same
header again further down begins the next block of the same kind.
"""

import re
from dataclasses import dataclass, field, replace

from data.returns.draft_grid import Sheet, is_nothing, said

NOTE = re.compile(
    r"^(?:注|註|备注|備註|附註|附注|說明|说明|资料来源|資料來源|notes?\b|sources?\b|footnotes?\b"
    r"|примечани|источник|fontes?\b|notas?\b|quelle|[*†‡§])",
    re.IGNORECASE,
)
UNIT_NOTE = re.compile(r"(?:单位|單位|units?|ед\.? *изм\w*|unidade)\s*[:：]", re.IGNORECASE)
YEARS = range(1900, 2200)
LONG_TITLE = 30
# Header rows above the body are looked for no further up.
MOST_HEADERS = 8
#: A list of words is a list of events only if it is so long.
LEAST_LIST = 20


@dataclass(frozen=True)
class Block:
    """A table's place in its sheet; rows count from 0, `end` is the row after the last one.

    `headers` from the top down; `code_row` is the one that numbers the columns. `labels` and
    `numbers` are the columns left of, and with, the numbers. `starts` lists where blocks of the
    same kind begin, `ended` whether a blank row closes each.
    """

    sheet: Sheet
    titles: tuple[int, ...]
    headers: tuple[int, ...]
    code_row: int | None
    start: int
    end: int
    labels: tuple[int, ...]
    numbers: tuple[int, ...]
    notes: int | None = None
    same: list["Block"] = field(default_factory=list)

    @property
    def signature(self) -> tuple[str, ...]:
        """What the header says, to know the same table again."""
        return tuple(said(text) for row in self.headers for text in self.sheet.rows[row])

    def data_rows(self) -> list[int]:
        """Return the rows that hold a number under some heading; of a list of words, all rows."""
        if not self.numbers:
            return [r for r in range(self.start, self.end) if not self.sheet.is_blank(r)]
        columns = set(self.numbers)
        return [
            row
            for row in range(self.start, self.end)
            if any(self.sheet.number(row, column) is not None for column in columns)
        ]


def find_blocks(sheet: Sheet) -> list[Block]:
    """Return the tables of a sheet from the top down; blocks of one kind are gathered in one."""
    found: list[Block] = []
    row, floor = 0, 0
    while row < len(sheet.rows):
        block = _block(sheet, row, floor)
        if block is None:
            row += 1
            continue
        row = floor = block.end
        kin = next((other for other in found if other.signature == block.signature), None)
        if kin is None or not block.headers:
            found.append(block)
        else:
            kin.same.append(block)
    if not found and (listed := _list(sheet)):
        return [listed]
    return [replace(block, notes=_notes(block)) for block in found]


def _list(sheet: Sheet) -> Block | None:
    """Return a sheet that has words alone as one list below its first row, if it is long enough."""
    if len(sheet.rows) < LEAST_LIST or sheet.width < 2 or len(sheet.words(0)) < sheet.width:
        return None
    columns = tuple(range(sheet.width))
    return Block(sheet, (), (0,), None, 1, len(sheet.rows), columns, ())


def _row_numbers(sheet: Sheet, row: int) -> list[float]:
    found = (sheet.number(row, column) for column in sheet.numbers(row))
    return [number for number in found if number is not None]


def is_code_row(sheet: Sheet, row: int) -> bool:
    """Return whether a row numbers the columns: 1 2 3 ... with at most a letter beside."""
    numbers = _row_numbers(sheet, row)
    if len(numbers) < 2 or numbers[0] not in (0, 1):
        # A table of one column is numbered too: A, B, 1.
        letters = [said(sheet.cell(row, c)) for c in sheet.words(row)]
        return numbers == [1] and bool(letters) and all(len(text) == 1 for text in letters)
    is_counting = all(b == a + 1 for a, b in zip(numbers, numbers[1:], strict=False))
    words = [said(sheet.cell(row, c)) for c in sheet.words(row)]
    return is_counting and len(numbers) + len(words) >= 3 and all(len(w) <= 2 for w in words)


def is_year_row(sheet: Sheet, row: int) -> bool:
    """Return whether the numbers of a row are years that head columns."""
    years = _row_numbers(sheet, row)
    if len(years) < 2 or not all(y in YEARS for y in years):
        return False
    steps = {b - a for a, b in zip(years, years[1:], strict=False)}
    return len(steps) == 1 and steps <= {-1, 0, 1, 5, 10}


def _block(sheet: Sheet, row: int, floor: int) -> Block | None:
    """Return the table whose first number stands in a row, or None."""
    if not sheet.numbers(row) or is_code_row(sheet, row) or is_year_row(sheet, row):
        return None
    headers = _headers(sheet, row, floor)
    if not headers:
        return None
    code_row = next((r for r in headers if is_code_row(sheet, r)), None)
    end = _end(sheet, row, headers)
    labels, numbers = _columns(sheet, row, end, headers)
    if not numbers:
        return None
    first = headers[0]
    titles = [r for r in range(max(floor, first - 10), first) if not sheet.is_blank(r)]
    return Block(sheet, tuple(titles), headers, code_row, row, end, labels, numbers)


def _headers(sheet: Sheet, body: int, floor: int) -> tuple[int, ...]:
    """Return the header rows above a body row, from the top down."""
    found: list[int] = []
    row = body - 1
    while row >= floor and body - row <= MOST_HEADERS:
        has_names = any(not is_code_row(sheet, r) for r in found)
        if sheet.is_blank(row):
            if has_names:
                break
        elif is_code_row(sheet, row) or is_year_row(sheet, row):
            found.append(row)
        elif sheet.numbers(row):
            break
        elif is_title(sheet, row, has_names):
            # A heading between header and numbers belongs to the body; a title ends the search.
            if found:
                break
        else:
            found.append(row)
        row -= 1
    return tuple(reversed(found))


def is_title(sheet: Sheet, row: int, has_header: bool) -> bool:
    """Return whether a row of words is a title, or says the unit of measure, and heads no column.

    A row of few words just above the numbers is a header if it is all there is.
    """
    texts = [said(sheet.cell(row, column)) for column in sheet.words(row)]
    if not texts:
        return True
    if any(UNIT_NOTE.search(text) for text in texts):
        return True
    if len(texts) == 1 and sheet.width > 2:
        return True
    return has_header and len(texts) <= 2 and any(len(text) > LONG_TITLE for text in texts)


def _end(sheet: Sheet, body: int, headers: tuple[int, ...]) -> int:
    """Return the row after a table's last: before the next header, without trailing words."""
    top = {said(text) for text in sheet.rows[headers[-1]] if text}
    numbers: set[int] = set()
    last = body
    for row in range(body, len(sheet.rows)):
        here = sheet.numbers(row)
        words = sheet.words(row)
        if not here and words and _is_header(sheet, row, words, numbers, top):
            break
        if row > body and here and (is_code_row(sheet, row) and len(here) >= 3):
            break
        if row > body and {said(text) for text in sheet.rows[row] if text} == top:
            break
        if here:
            numbers |= set(here)
            last = row
        elif _is_empty_data(sheet, row):
            last = row
    return last + 1


def _is_header(sheet: Sheet, row: int, words: list[int], numbers: set[int], top: set[str]) -> bool:
    """Return whether a row of words below a table's first rows is the header of the next."""
    above = [column for column in words if column in numbers]
    if len(numbers) >= 3 and len(above) * 2 >= len(numbers):
        return True
    return {said(sheet.cell(row, column)) for column in words} >= top and len(top) > 1


def _is_empty_data(sheet: Sheet, row: int) -> bool:
    """Return whether a row has a label and dashes where numbers belong."""
    texts = [text for text in sheet.rows[row] if text is not None]
    return len(texts) > 1 and any(is_nothing(text) for text in texts[1:])


def _columns(
    sheet: Sheet, start: int, end: int, headers: tuple[int, ...]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the columns that hold words, and those that hold numbers below a heading."""
    labels, numbers = [], []
    heads = {c for row in headers for c, text in enumerate(sheet.rows[row]) if text is not None}
    least = min(heads, default=0)
    for column in range(sheet.width):
        counted = worded = 0
        for row in range(start, end):
            if sheet.number(row, column) is not None:
                counted += 1
            elif (text := sheet.cell(row, column)) is not None and not is_nothing(text):
                worded += 1
        if counted and counted >= worded:
            if column >= least:
                numbers.append(column)
        elif worded:
            labels.append(column)
    return tuple(labels), tuple(numbers)


def _notes(block: Block) -> int | None:
    """Return the first row below a table that is a note or a source, if there is one."""
    last = block.same[-1] if block.same else block
    sheet = block.sheet
    for row in range(last.end, len(sheet.rows)):
        words = sheet.words(row)
        if not words:
            continue
        if NOTE.match(said(sheet.cell(row, words[0]))) or len(words) == 1:
            return row
        return None
    return None
