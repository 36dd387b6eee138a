"""Where on a sheet are the blocks of a kind of table, and which labels has each number?"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from data.returns.flat_book import Sheet
from data.returns.flat_table import address, cell_text
from data.returns.flat_words import Words, picked, plain, tidy
from data.returns.matrix_layout import Kind, Label

Grid = list[list[str | None]]
Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Area:
    """A block on a sheet: rows and columns from 1, both ends in; what its opening line names."""

    top: int
    left: int
    bottom: int
    right: int
    named: dict[str, str] = field(default_factory=dict)
    opening: Place | None = None


@dataclass(frozen=True, slots=True)
class Lacking:
    """A label line that a block should have and has not."""

    role: str
    wanted: str
    place: Place


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels of a block's body: of its rows, of its columns, and where each role stands.

    `rows` and `columns` map a line's number to its labels by role, with the place of each; `lines`
    are the columns in which labels of rows stand.
    """

    rows: dict[int, dict[str, tuple[str, Place]]]
    columns: dict[int, dict[str, tuple[str, Place]]]
    value: int | None
    anchors: dict[str, Place]
    start: int
    lines: tuple[int, ...] = ()


def grid_of(sheet: Sheet) -> Grid:
    """Return the cells of a sheet as text, blank ones as None."""
    return [[cell_text(cell) for cell in row] for row in sheet.rows]


def at(grid: Grid, row: int, column: int) -> str | None:
    """Return a cell by its row and column from 1; beyond the sheet there is nothing."""
    if 1 <= row <= len(grid) and 1 <= column <= len(grid[row - 1]):
        return grid[row - 1][column - 1]
    return None


def is_text(sheet: Sheet, row: int, column: int) -> bool:
    """Return whether a workbook stores a cell as text; a csv stores all its cells so."""
    if sheet.name is None or row > len(sheet.rows) or column > len(sheet.rows[row - 1]):
        return False
    return isinstance(sheet.rows[row - 1][column - 1], str)


def find_areas(grid: Grid, kind: Kind) -> list[Area]:
    """Return the blocks of a sheet; without an opening text the sheet is one block."""
    width = max((len(row) for row in grid), default=0)
    if kind.begins is None:
        return [Area(1, 1, _last(1, len(grid), kind), width)] if width else []
    openings = []
    for number, row in enumerate(grid, start=1):
        for column, cell in enumerate(row, start=1):
            found = kind.begins.search(tidy(cell)) if cell else None
            if found:
                openings.append((number, column, found.groupdict()))
                if not kind.is_across:
                    break
    return list(_areas(openings, len(grid), width, kind)) if openings else []


def _areas(
    openings: list[tuple[int, int, dict[str, str]]], height: int, width: int, kind: Kind
) -> Iterator[Area]:
    bands = sorted({row for row, _, _ in openings})
    ends = dict(zip(bands, [*(row - 1 for row in bands[1:]), height], strict=True))
    for place, (row, column, named) in enumerate(openings):
        left, right = 1, width
        if kind.is_across:
            left = column
            after = openings[place + 1] if place + 1 < len(openings) else None
            right = after[1] - 1 if after and after[0] == row else width
        said = {role: text.strip() for role, text in named.items() if text}
        yield Area(row, left, _last(row, ends[row], kind), right, said, (row, column))


def _last(top: int, bottom: int, kind: Kind) -> int:
    return min(bottom, top + kind.last_row - 1) if kind.last_row else bottom


def read_labels(grid: Grid, sheet: Sheet, area: Area, kind: Kind) -> Labels | list[Lacking]:
    """Return the labels of a block, or which of its label lines are not there."""
    lacking: list[Lacking] = []
    above = {x.role: _lines(grid, area, x, False, lacking) for x in kind.columns}
    beside = {x.role: _lines(grid, area, x, True, lacking) for x in kind.rows}
    if lacking:
        return lacking
    heads = [row for _, rows in above.values() for row in rows]
    heads += [row for row, _ in beside.values() if row]
    start = max(heads) + 1 if heads else area.top + (1 if kind.begins else 0)
    used = {column for _, columns in beside.values() for column in columns}
    bottom = _body_end(grid, area, start, kind)
    value = beside.pop("value", (0, ()))[1]
    places = [c for c in range(area.left, area.right + 1) if c not in used] if kind.columns else []
    columns: dict[int, dict[str, tuple[str, Place]]] = {}
    for label in kind.columns:
        rows = above[label.role][1]
        for column, (text, place) in _across(grid, sheet, label, rows, places).items():
            columns.setdefault(column, {})[label.role] = (text, place)
    rows_found: dict[int, dict[str, tuple[str, Place]]] = {}
    body = [row for row in range(start, bottom + 1) if any(_row(grid, row, area))]
    numbers = set(columns) | set(value)
    for label in kind.rows:
        if label.role in beside:
            lines = beside[label.role][1]
            for row, found in _down(grid, sheet, label, lines, body, numbers).items():
                rows_found.setdefault(row, {})[label.role] = found
    anchors = {role: (rows[0] if rows else start, min(columns, default=area.left))
               for role, (_, rows) in above.items()}  # fmt: skip
    anchors |= {role: (row or start, lines[0]) for role, (row, lines) in beside.items()}
    headings = {
        row
        for label in kind.rows
        if label.heads
        for row in body
        if _is_heading(grid, label, beside[label.role][1][0], row, numbers)
    }
    held = {row: rows_found.get(row, {}) for row in body if row not in headings}
    return Labels(held, columns, value[0] if value else None, anchors, start, tuple(sorted(used)))


def _row(grid: Grid, row: int, area: Area) -> list[str | None]:
    return grid[row - 1][area.left - 1 : area.right] if row <= len(grid) else []


def _lines(
    grid: Grid, area: Area, label: Label, is_column: bool, lacking: list[Lacking]
) -> tuple[int, tuple[int, ...]]:
    """Return the row of a label's anchor (0 without one) and its lines on the sheet."""
    first = area.left if is_column else area.top
    if label.anchor is None:
        return 0, tuple(first + line - 1 for line in label.lines)
    for row in range(area.top, area.bottom + 1):
        for column in range(area.left, area.right + 1):
            if label.anchor.match(at(grid, row, column)):
                line = column if is_column else row
                return (row if is_column else 0), (line + label.offset,)
    lacking.append(Lacking(label.role, label.anchor.written, area.opening or (area.top, area.left)))
    return 0, ()


def _body_end(grid: Grid, area: Area, start: int, kind: Kind) -> int:
    """Return the last row of a block's body: the one before the text that ends it."""
    if kind.ends is None:
        return area.bottom
    for row in range(start, area.bottom + 1):
        texts = [text for text in _row(grid, row, area) if text]
        if any(kind.ends.search(tidy(text)) for text in texts or [""]):
            return row - 1
    return area.bottom


def _across(
    grid: Grid, sheet: Sheet, label: Label, rows: tuple[int, ...], places: list[int]
) -> dict[int, tuple[str, Place]]:
    """Return the label above each column; upper lines are filled to the right."""
    lines = []
    for number, row in enumerate(rows):
        texts = {c: picked(label.pattern, at(grid, row, c)) for c in places}
        if label.fill and (number < len(rows) - 1 or len(rows) == 1):
            if label.fill == "merged":
                texts = {
                    c: text or picked(label.pattern, at(grid, *_corner(sheet, row, c)))
                    for c, text in texts.items()
                }
            else:
                texts = _filled(texts)
        lines.append(texts)
    found = _joined({c: [texts[c] for texts in lines] for c in places}, label,
                    {c: (rows[-1], c) for c in places})  # fmt: skip
    return _numbered(found) if label.is_numbered else found


def _numbered(labels: dict[int, tuple[str, Place]]) -> dict[int, tuple[str, Place]]:
    """Return labels with their number from the left, where headings of groups are not in place.

    >>> list(_numbered({2: ("cases", (1, 2)), 3: ("rate", (1, 3)), 5: ("cases", (1, 5))}).values())
    [('cases #1', (1, 2)), ('rate #1', (1, 3)), ('cases #2', (1, 5))]
    """
    met: dict[str, int] = {}
    found = {}
    for column, (text, place) in labels.items():
        met[plain(text)] = met.get(plain(text), 0) + 1
        found[column] = (f"{text} #{met[plain(text)]}", place)
    return found


def _down(
    grid: Grid,
    sheet: Sheet,
    label: Label,
    columns: tuple[int, ...],
    body: list[int],
    numbers: set[int],
) -> dict[int, tuple[str, Place]]:
    """Return the label left of each row; outer columns are filled down."""
    if label.heads:
        return _headings(grid, label, columns[0], body, numbers)
    lines = []
    for number, column in enumerate(columns):
        texts = {r: picked(label.pattern, at(grid, r, column)) for r in body}
        if label.role in ("period", "year", "month") and not label.fill:
            # A date that does not fit is no date: it stays, marked, to be refused at its cell.
            texts = {r: text or _unfit(at(grid, r, column)) for r, text in texts.items()}
        if label.fill and (number < len(columns) - 1 or len(columns) == 1):
            if label.fill == "merged":
                texts = {
                    r: text or picked(label.pattern, at(grid, *_corner(sheet, r, column)))
                    for r, text in texts.items()
                }
            else:
                texts = _filled(texts)
        lines.append(texts)
    return _joined({r: [texts[r] for texts in lines] for r in body}, label,
                   {r: (r, columns[-1]) for r in body})  # fmt: skip


def _headings(
    grid: Grid, label: Label, column: int, body: list[int], numbers: set[int]
) -> dict[int, tuple[str, Place]]:
    """Return for each row the last text above it in a row that has no number."""
    found: dict[int, tuple[str, Place]] = {}
    current: tuple[str, Place] | None = None
    for row in body:
        if _is_heading(grid, label, column, row, numbers):
            current = (picked(label.pattern, at(grid, row, column)) or "", (row, column))
        elif current:
            found[row] = current
    return found


def _unfit(text: str | None) -> str | None:
    return f"«{text}»" if text else None


def _is_heading(grid: Grid, label: Label, column: int, row: int, numbers: set[int]) -> bool:
    """Return whether a row has a heading and no number: such a row is none of the table's."""
    has_text = picked(label.pattern, at(grid, row, column)) is not None
    return has_text and not any(at(grid, row, c) for c in numbers)


def _filled(texts: dict[int, str | None]) -> dict[int, str | None]:
    last, found = None, {}
    for line, text in texts.items():
        last = text or last
        found[line] = last
    return found


def _corner(sheet: Sheet, row: int, column: int) -> Place:
    """Return the first cell of the merged area that a cell lies in; else the cell itself."""
    for top, left, bottom, right in sheet.merges:
        if top <= row <= bottom and left <= column <= right:
            return top, left
    return row, column


def _joined(
    texts: dict[int, list[str | None]], label: Label, places: dict[int, Place]
) -> dict[int, tuple[str, Place]]:
    found = {}
    for line, parts in texts.items():
        known = list(dict.fromkeys(part for part in parts if part))
        if known:
            found[line] = (label.join.join(known), places[line])
    return found


def right_of(grid: Grid, words: Words) -> tuple[str | None, Place] | None:
    """Return the first filled cell to the right of a cell that says one of the words."""
    for number, row in enumerate(grid, start=1):
        for column, cell in enumerate(row, start=1):
            if words.match(cell):
                for later in range(column + 1, len(row) + 1):
                    if row[later - 1]:
                        return row[later - 1], (number, later)
                return None, (number, column)
    return None


def place_name(place: Place) -> str:
    """Return the address of a cell by row and column from 1.

    >>> place_name((9, 6))
    'F9'
    """
    return address(*place)
