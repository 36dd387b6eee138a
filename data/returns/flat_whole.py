"""Is a text file whole, or was it cut within a row?

A csv says nowhere how many rows it should have. What it can say is said here: a row with fewer
fields than headings, and a last row without its line end. A cut exactly between two rows is told by
`data.returns.flat_absent`, from the units that have no row.
"""

from collections.abc import Collection, Sequence
from pathlib import Path

from data.returns.flat_findings import Found
from data.returns.flat_table import TEXTS, address
from data.returns.flat_text import ends_open

MOST_SHOWN = 40


def short_rows(
    short: Sequence[tuple[int, int]], width: int, last: int, sheet: str | None = None
) -> list[Found]:
    """Return what is wrong with rows that have fewer fields than headings, given as (row, fields).

    The last row of the file was cut; rows before it are said once, with how many are alike.

    >>> [found.key for found in short_rows([(3, 2), (5, 1), (9, 2)], 4, last=9)]
    ['short_row', 'cut_row']
    """
    found = []
    between = [item for item in short if item[0] != last]
    cut = [item for item in short if item[0] == last]
    for key, rows in (("short_row", between), ("cut_row", cut)):
        for row, fields in rows[:1]:
            values = {"row": row, "found": fields, "width": width, "count": len(rows)}
            place = {"sheet": sheet, "cell": address(row, max(fields, 1))}
            found.append(Found("mandatory", key, values, key, place))
    return found


def open_end(path: Path, rows: Sequence[Sequence[str]], found: Collection[Found]) -> list[Found]:
    """Return the question whether the last value is whole, where the last row has no line end."""
    if path.suffix.lower() not in TEXTS or any(item.key == "cut_row" for item in found):
        return []
    filled = [(n, row) for n, row in enumerate(rows, 1) if any(cell.strip() for cell in row)]
    if not filled or not ends_open(path):
        return []
    number, row = filled[-1]
    values = {"row": number, "value": row[-1].strip()[-MOST_SHOWN:]}
    return [Found("query", "open_end", values, "open_end", {"cell": address(number, len(row))})]
