"""Which lines of labels surround the numbers of a table, and which of them say something?

Left of the numbers: units, months, row codes and what is left over. Above them: the header rows,
some of them months or units, or the row that numbers the columns.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from data.returns.draft_grid import Sheet, is_nothing, said
from data.returns.draft_roles import (
    CODE,
    CODE_WORDS,
    MONTH,
    NAME_WORDS,
    OTHER,
    PERIOD,
    UNIT,
    YEAR,
    YEAR_WORDS,
    Axis,
    Known,
    is_determined,
    judge_axis,
)
from data.returns.draft_tables import Block

CJK = re.compile(r"[㐀-鿿]")
LATIN = re.compile(r"[A-Za-z]")
#: A column with more different words than this is a remark or a name, not a kind of figure.
MOST_WORDS = 400
#: A column of names is taken for units if there are so many of them, beside so many figures.
LEAST_UNITS, LEAST_FIGURES = 8, 3
#: Of a list of units so many names at least are different.
MOST_NAMES = 0.9


@dataclass(frozen=True)
class Line:
    """One line of labels: a column left of the numbers, or a row above them (from 0).

    `also`: columns whose words belong to the label too, as a county to its town.
    """

    place: int
    axis: Axis
    fill: bool = False
    pattern: str = ""
    also: tuple[int, ...] = ()


@dataclass(frozen=True)
class Axes:
    """The label lines of a table by what they are for; `dropped` says what was left out and why.

    `rows` are the data rows, `numbers` the columns of figures. `events`: no figures at all, every
    row is one event.
    """

    rows: tuple[int, ...]
    numbers: tuple[int, ...]
    left: tuple[Line, ...]
    above: tuple[Line, ...]
    codes_above: Line | None
    dropped: tuple[tuple[str, str], ...]
    events: bool = False
    guessed: str = ""

    def at_left(self, *roles: str) -> list[Line]:
        """Return the label columns of some roles."""
        return [line for line in self.left if line.axis.role in roles]


def find_axes(block: Block, known: Known) -> Axes:
    """Return the label lines of a table."""
    sheet = block.sheet
    rows = [row for part in (block, *block.same) for row in part.data_rows()]
    left, numbers = _left(block, rows, known)
    dropped: list[tuple[str, str]] = []
    follow = [c for c in numbers if _numbers_labels(sheet, c, rows, left)]
    # The only figures of a table are figures, though they may run as its labels do.
    for column in follow if len(follow) < len(numbers) else follow[1:]:
        numbers.remove(column)
        dropped.append((heading_of(block, column) or f"{column + 1}", "follows"))
    left, guessed = _with_guess(left, numbers, len(rows))
    every = left
    named = _with_named_units(left, rows) if numbers else left
    left = _joined_units(_useful(named, rows, dropped), every, dropped)
    events = _are_events(sheet, left, numbers, rows)
    codes = None
    if block.code_row is not None:
        labels = [said(sheet.cell(block.code_row, column)) for column in numbers]
        codes = Line(block.code_row, Axis(CODE, tuple(labels), ""))
    above = tuple(
        _above(sheet, row, numbers, known, row == _last_words(block))
        for row in block.headers
        if row != block.code_row
    )
    above = tuple(line for line in above if line.axis.distinct)
    return Axes(
        tuple(rows), () if events else tuple(numbers), tuple(left), above, codes, tuple(dropped),
        events, guessed,
    )  # fmt: skip


def _joined_units(
    lines: list[Line], every: list[Line], dropped: list[tuple[str, str]]
) -> list[Line]:
    """Return the lines with a second column of units joined to the first where names recur.

    A station's name may stand in two provinces: only both columns together tell the rows apart.
    """
    units = [line for line in lines if line.axis.role == UNIT]
    if not units or units[0].fill or not _repeats([line.axis.labels for line in lines]):
        return lines
    unit = units[0]
    for other in every:
        heading = other.axis.heading or f"{other.place + 1}"
        if other.axis.role != UNIT or (heading, "unit") not in dropped:
            continue
        both = sorted((unit, other), key=lambda line: line.place)
        texts = zip(*(line.axis.labels for line in both), strict=True)
        labels = tuple(" ".join(text for text in pair if text) for pair in texts)
        joined = replace(unit, axis=replace(unit.axis, labels=labels), place=both[0].place,
                         also=(both[1].place,))  # fmt: skip
        found = [joined if line is unit else line for line in lines]
        if not _repeats([line.axis.labels for line in found]):
            dropped.remove((heading, "unit"))
            return found
    return lines


def _repeats(columns: Sequence[Sequence[str]]) -> bool:
    """Return whether two rows have all labels alike."""
    keys = list(zip(*columns, strict=True))
    return len(set(keys)) < len(keys)


def _numbers_labels(sheet: Sheet, column: int, rows: Sequence[int], lines: Sequence[Line]) -> bool:
    """Return whether a column of numbers only counts through the labels of another column."""
    values = [sheet.number(row, column) for row in rows]
    distinct = sorted({value for value in values if value is not None})
    first = distinct[0] if distinct else -1
    if first not in (0, 1) or distinct != [first + n for n in range(len(distinct))]:
        return False
    texts = [str(value) for value in values]
    return any(
        len(line.axis.distinct) == len(distinct) < len(rows)
        and is_determined(line.axis.labels, texts)
        for line in lines
    )


def _with_guess(lines: list[Line], numbers: Sequence[int], count: int) -> tuple[list[Line], str]:
    """Return the label columns with one taken for the units, where none is known to be them.

    In a long table of many figures it is the column that stands once a period.
    """
    times = [line for line in lines if line.axis.role in (PERIOD, YEAR, MONTH)]
    if not times or len(numbers) < LEAST_FIGURES or any(x.axis.role == UNIT for x in lines):
        return lines, ""
    for line in sorted(lines, key=lambda line: line.axis.role == CODE):
        keys = list(zip(line.axis.labels, *(time.axis.labels for time in times), strict=True))
        if line in times or len(line.axis.distinct) < LEAST_UNITS or len(set(keys)) < count:
            continue
        unit = replace(line, axis=replace(line.axis, role=UNIT))
        return [unit if other is line else other for other in lines], line.axis.heading
    return lines, ""


def heading_of(block: Block, column: int) -> str:
    """Return what the header rows say above a column, the nearest words to its left included."""
    found = []
    for row in block.headers:
        if row == block.code_row:
            continue
        text = said(block.sheet.cell(row, column))
        if text and text not in found:
            found.append(text)
    return " ".join(found)


def _last_words(block: Block) -> int:
    rows = [row for row in block.headers if row != block.code_row]
    return rows[-1] if rows else -1


def _left(block: Block, rows: list[int], known: Known) -> tuple[list[Line], list[int]]:
    """Return the label columns, numbers that are codes or years among them, and the figures."""
    sheet = block.sheet
    labels: list[Line] = []
    numbers: list[int] = []
    for column in sorted((*block.labels, *block.numbers)):
        heading = heading_of(block, column)
        is_word = column in block.labels
        texts = [said(sheet.cell(row, column)) for row in rows]
        axis = judge_axis(texts, heading, known)
        if not is_word and not _is_label(block, column, axis, texts, heading, bool(numbers)):
            numbers.append(column)
            continue
        if not axis.distinct:
            continue
        labels.append(Line(column, axis, fill=is_merged(texts), pattern=axis.pattern))
    return labels, numbers


def is_merged(texts: Sequence[str]) -> bool:
    """Return whether blanks stand for the label above them, as below a merged cell.

    Where a label is repeated from row to row, a blank is a blank.

    >>> is_merged(["a", "", "", "b", ""]), is_merged(["a", "a", "", "b"]), is_merged(["a", "b"])
    (True, False, False)
    """
    is_repeated = any(a and a == b for a, b in zip(texts, texts[1:], strict=False))
    return any(not text for text in texts) and not is_repeated


def _is_label(
    block: Block, column: int, axis: Axis, texts: Sequence[str], heading: str, has_figures: bool
) -> bool:
    """Return whether a column of numbers names rows instead of counting something."""
    if block.code_row is not None:
        code = said(block.sheet.cell(block.code_row, column))
        return bool(code) and not code.isdigit()
    if axis.role == UNIT:
        return axis.known > 0
    if axis.role == YEAR:
        return bool(YEAR_WORDS.search(heading)) or (not has_figures and not heading)
    if axis.role in (PERIOD, MONTH):
        return True
    is_whole = all(text.lstrip("-").isdigit() for text in texts if text)
    if axis.role == CODE:
        is_unique = len(set(texts)) == len(texts)
        return is_whole and (bool(CODE_WORDS.search(heading)) or (is_unique and not has_figures))
    return is_whole and bool(re.search(r"_id$|^id$|_cod$|\bcode?$|代[码碼]$", heading, re.I))


def _useful(lines: list[Line], rows: Sequence[int], dropped: list[tuple[str, str]]) -> list[Line]:
    """Return the label columns that tell something: not constant, not following from another."""
    kept: list[Line] = []
    for line in lines:
        name = line.axis.heading or f"{line.place + 1}"
        if line.axis.role == OTHER and len(line.axis.distinct) == 1 and len(rows) > 1:
            dropped.append((name, "constant"))
        elif line.axis.role == OTHER and len(line.axis.distinct) > max(MOST_WORDS, len(rows) // 3):
            dropped.append((name, "remarks"))
        else:
            kept.append(line)
    kept = _one_period(_one_unit(kept, dropped), dropped)
    months = [line for line in kept if line.axis.role in (PERIOD, YEAR, MONTH)]
    fixed = [line for line in kept if line.axis.role == UNIT]
    fixed += [line for line in months if line.axis.role == PERIOD][:1] or months
    is_list = any(
        len(line.axis.distinct) > max(LEAST_UNITS, len(rows) * MOST_NAMES) for line in fixed
    )
    for line in [line for line in kept if line not in fixed]:
        others = [other for other in kept if other is not line]
        # Where every unit has one row, what else is said in words describes the unit.
        if _follows(line, others, fixed) or (is_list and line.axis.role == OTHER):
            dropped.append((line.axis.heading or f"{line.place + 1}", "follows"))
            kept.remove(line)
    return kept


def _with_named_units(lines: list[Line], rows: Sequence[int]) -> list[Line]:
    """Return the lines; a column of names that hardly repeat is of units, whatever groups them."""
    if any(line.axis.known for line in lines) or len(rows) < LEAST_UNITS:
        return lines
    for line in lines:
        is_named = line.axis.role == OTHER and NAME_WORDS.search(line.axis.heading)
        if is_named and len(line.axis.distinct) > len(rows) * MOST_NAMES:
            unit = replace(line, axis=replace(line.axis, role=UNIT))
            return [unit if other is line else other for other in lines]
    return lines


def _one_unit(lines: list[Line], dropped: list[tuple[str, str]]) -> list[Line]:
    """Return the lines with one column of units: the one that the definitions know best."""
    units = [line for line in lines if line.axis.role == UNIT]
    if len(units) < 2:
        return lines
    best = max(units, key=lambda line: (line.axis.known, len(line.axis.distinct)))
    for line in units:
        if line is not best:
            dropped.append((line.axis.heading or f"{line.place + 1}", "unit"))
    return [line for line in lines if line is best or line not in units]


def _one_period(lines: list[Line], dropped: list[tuple[str, str]]) -> list[Line]:
    """Return the lines with one column of whole periods: the one with the most of them."""
    periods = [line for line in lines if line.axis.role == PERIOD]
    if len(periods) < 2:
        return lines
    best = max(periods, key=lambda line: len(line.axis.distinct))
    for line in periods:
        if line is not best:
            dropped.append((line.axis.heading or f"{line.place + 1}", "period"))
    return [line for line in lines if line is best or line not in periods]


def _follows(line: Line, others: list[Line], fixed: list[Line]) -> bool:
    """Return whether a column tells nothing that another does not: a region beside its town."""
    if line.fill and line.axis.role == OTHER:
        return False
    for other in others:
        repeats = len(other.axis.distinct) < len(other.axis.labels)
        if other.fill or not is_determined(other.axis.labels, line.axis.labels):
            continue
        is_same = len(other.axis.distinct) == len(line.axis.distinct)
        if other in fixed and (repeats or line.axis.role != OTHER):
            return True
        if is_same and other.place < line.place and other.axis.role in (line.axis.role, CODE):
            return other.axis.role != CODE
        if not is_same and repeats and other not in fixed and line.axis.role == OTHER:
            return True
    return False


def _are_events(sheet: Sheet, left: list[Line], numbers: list[int], rows: list[int]) -> bool:
    """Return whether the rows are events: a day, a kind, a place, and nothing counted."""
    if numbers or len(rows) < 20:
        return False
    keys = {tuple(line.axis.labels[number] for line in left) for number in range(len(rows))}
    return len(keys) < len(rows)


def _above(sheet: Sheet, row: int, numbers: Sequence[int], known: Known, is_last: bool) -> Line:
    """Return a header row over the figures, filled to the right unless it is the last."""
    texts = [said(sheet.cell(row, column)) for column in numbers]
    pattern = ""
    if (
        not is_last
        and any(map(CJK.search, texts))
        and any(LATIN.search(t) and not CJK.search(t) for t in texts)
    ):
        # The same words again in another language: they head nothing of their own.
        pattern = "/([㐀-鿿].*)/"
        texts = [text if CJK.search(text) else "" for text in texts]
    fill = not is_last and any(not text for text in texts)
    if fill:
        texts = filled(texts)
    if all(is_nothing(text) for text in texts):
        texts = []
    return Line(row, judge_axis(texts, "", known), fill, pattern)


def filled(texts: Sequence[str]) -> list[str]:
    """Return labels with each blank one taken from its neighbour before.

    >>> filled(["a", "", "b", ""])
    ['a', 'a', 'b', 'b']
    """
    found: list[str] = []
    for text in texts:
        found.append(text or (found[-1] if found else ""))
    return found
