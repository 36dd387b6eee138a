"""Which notes does a verdict carry about the liberties that the reader took with a workbook?"""

from __future__ import annotations

import re
from typing import Any

from data.checks.words import cell_ranges
from data.returns.reading import Reading
from data.texts import LANGUAGES, text

#: The note of every liberty; none of them stands in the way of anything.
CODE = "F07"
#: So many ranges of cells are named; the rest is counted.
_MOST_RANGES = 12
_CELL = re.compile(r"([A-Z]+)(\d+)")


def liberty_findings(reading: Reading) -> list[dict[str, Any]]:
    """Return a note for each liberty, with the cells, rows or columns that it concerns."""
    found = []
    for note in reading.notes.iter_rows(named=True):
        said: dict[str, str] = {}
        for lang in LANGUAGES:
            values = {
                "cells": _places(note["cells"], lang),
                "count": len(note["cells"]),
                "words": note["words"],
                "sheet": note["sheet"],
            }
            key = f"reader.note.{note['key']}"
            said[f"message_{lang}"] = text(f"{key}.message", lang, **values)
            said[f"fix_{lang}"] = text(f"{key}.fix", lang)
        found.append(
            {
                "rule": CODE,
                "severity": "info",
                "unit": note["unit"],
                "period": note["period"],
                "measure": note["measure"],
                "sheet": note["sheet"],
                "cell": note["cell"] if _CELL.fullmatch(note["cell"]) else "",
                "value": note["key"],
                **said,
                "answer": "",
            }
        )
    return found


def _places(cells: list[str], lang: str) -> str:
    """Return cells as ranges along their rows or columns, whichever says it shorter.

    >>> _places(["C9", "C8", "D8"], "en"), _places(["8", "9"], "en")
    ('C8:C9, D8', '8, 9')
    """
    if not all(_CELL.fullmatch(cell) for cell in cells):
        return _short("、" if lang == "zh" else ", ", cells, lang)
    by_row = sorted(cells, key=lambda cell: (_parts(cell)[1], *_parts(cell)[0]))
    by_column = sorted(cells, key=_parts)
    said = [cell_ranges(order, "en").split(", ") for order in (by_column, by_row)]
    return _short("、" if lang == "zh" else ", ", min(said, key=len), lang)


def _short(separator: str, ranges: list[str], lang: str) -> str:
    shown = separator.join(ranges[:_MOST_RANGES])
    more = len(ranges) - _MOST_RANGES
    return shown + (text("reader.more", lang, count=more) if more > 0 else "")


def _parts(cell: str) -> tuple[tuple[int, str], int]:
    found = _CELL.fullmatch(cell)
    column, row = (found[1], found[2]) if found else ("", "0")
    return (len(column), column), int(row)
