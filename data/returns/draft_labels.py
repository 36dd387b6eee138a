"""How does a form definition point at the label lines of a table, and what do the labels read as?

The labels are put together here just as the reader puts them together, so that what is proposed is
what will be found.
"""

from collections.abc import Sequence
from typing import Any

from data.returns.draft_axes import CJK, Axes, Line, filled
from data.returns.draft_grid import Sheet, said
from data.returns.draft_roles import CODE, MONTH, OTHER, PERIOD, UNIT, YEAR
from data.returns.draft_tables import Block
from data.returns.draft_toml import word
from data.returns.flat_table import column_letters

JOIN = " / "


def column_place(block: Block, line: Line) -> dict[str, Any]:
    """Return where a label column stands: under its heading if that is clear, else by letter."""
    headers = [row for row in block.headers if row != block.code_row]
    heading = said(block.sheet.cell(headers[-1], line.place)) if headers else ""
    same = [
        (row, column)
        for row in range(len(block.sheet.rows))
        for column in ([line.place] if row > 400 else range(block.sheet.width))
        if said(block.sheet.cell(row, column)) == heading
    ]
    is_clear = heading and len(headers) == 1 and block.code_row is None and not block.same
    if line.also:
        places = [column_letters(place) for place in (line.place, *line.also)]
        return {"columns": places, "join": " "}
    found: dict[str, Any] = {"column": column_letters(line.place)}
    if is_clear and len(same) == 1:
        found = {"under": word(heading)}
    if line.fill:
        found["fill"] = "down"
    if line.pattern:
        found["pattern"] = line.pattern
    return found


def time_roles(block: Block, axes: Axes) -> dict[str, dict[str, Any]]:
    """Return the label columns of units and months by role."""
    found: dict[str, dict[str, Any]] = {}
    for line in axes.left:
        role = line.axis.role
        if role == YEAR and not axes.at_left(MONTH):
            role = PERIOD
        if role in (UNIT, PERIOD, YEAR, MONTH):
            found.setdefault(role, column_place(block, line))
    return found


def row_labels(block: Block, axes: Axes) -> tuple[dict[str, Any] | None, list[str], list[str]]:
    """Return where the rows' own labels stand, the labels row by row, and the names row by row.

    A column of codes is the label where there is one; the words beside it are the names.
    """
    words = axes.at_left(OTHER)
    codes = axes.at_left(CODE)
    names = _joined_rows(words, len(axes.rows))
    if codes:
        labels = list(codes[0].axis.labels)
        found = [name or label for name, label in zip(names, labels, strict=True)]
        return column_place(block, codes[0]), labels, found
    if not words:
        return None, ["" for _ in axes.rows], ["" for _ in axes.rows]
    if len(words) == 1:
        return column_place(block, words[0]), names, names
    place: dict[str, Any] = {"columns": [column_letters(line.place) for line in words]}
    place["join"] = JOIN
    if any(line.fill for line in words[:-1]):
        place["fill"] = "down"
    return place, names, names


def _joined_rows(lines: Sequence[Line], count: int) -> list[str]:
    parts = []
    for number, line in enumerate(lines):
        texts = list(line.axis.labels)
        fills = any(other.fill for other in lines[:-1]) if len(lines) > 1 else line.fill
        if fills and (number < len(lines) - 1 or len(lines) == 1):
            texts = filled(texts)
        parts.append(texts)
    return [
        JOIN.join(dict.fromkeys(texts[row] for texts in parts if texts[row]))
        for row in range(count)
    ]


def column_labels(
    block: Block, axes: Axes, origin: int
) -> tuple[dict[str, Any] | None, list[str], list[str]]:
    """Return where the labels above the figures stand, the labels and names column by column.

    `origin` is the row from which rows are counted, the block's first.
    """
    lines = [line for line in axes.above if line.axis.role not in (PERIOD, YEAR, UNIT)]
    names = _names_above(block.sheet, lines, axes.numbers)
    if axes.codes_above is not None:
        labels = list(axes.codes_above.axis.labels)
        found = [name or label for name, label in zip(names, labels, strict=True)]
        return {"row": axes.codes_above.place - origin + 1}, labels, found
    if not lines:
        return None, ["" for _ in axes.numbers], ["" for _ in axes.numbers]
    place: dict[str, Any]
    if len(lines) == 1:
        place = {"row": lines[0].place - origin + 1}
        if lines[0].fill:
            place["fill"] = "right"
    else:
        place = {"rows": [line.place - origin + 1 for line in lines], "join": JOIN}
        if any(line.fill for line in lines[:-1]):
            place["fill"] = "right"
    pattern = next((line.pattern for line in lines if line.pattern), "")
    if pattern and all(CJK.search(text) for line in lines[-1:] for text in line.axis.distinct):
        place["pattern"] = pattern
    elif pattern:
        # The translation cannot be told apart from headings without a word of Chinese.
        names = _names_above(block.sheet, lines, axes.numbers, with_pattern=False)
    return place, names, names


def _names_above(
    sheet: Sheet, lines: Sequence[Line], numbers: Sequence[int], with_pattern: bool = True
) -> list[str]:
    parts = []
    for number, line in enumerate(lines):
        texts = [said(sheet.cell(line.place, column)) for column in numbers]
        if line.pattern and with_pattern:
            texts = [_from_cjk(text) for text in texts]
        if line.fill and (number < len(lines) - 1 or len(lines) == 1):
            texts = filled(texts)
        parts.append(texts)
    if any(line.pattern for line in lines) and with_pattern and parts:
        parts[-1] = [_from_cjk(text) for text in parts[-1]]
    return [
        JOIN.join(dict.fromkeys(texts[place] for texts in parts if texts[place]))
        for place in range(len(numbers))
    ]


def _from_cjk(text: str) -> str:
    found = CJK.search(text)
    return text[found.start() :] if found else ""


def span_roles(axes: Axes, origin: int) -> dict[str, dict[str, Any]]:
    """Return the header rows that name months or units, by role."""
    found: dict[str, dict[str, Any]] = {}
    for line in axes.above:
        role = PERIOD if line.axis.role in (PERIOD, YEAR) else line.axis.role
        if role in (PERIOD, UNIT) and role not in found:
            found[role] = {"row": line.place - origin + 1}
            if line.fill:
                found[role]["fill"] = "right"
    return found
