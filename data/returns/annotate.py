"""What does a unit get back: its own workbook, each finding marked where it stands?"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from openpyxl import load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from data.checks.findings import finding_id
from data.checks.run import CheckedReturn
from data.returns import style
from data.returns.answers import ANSWER_HEAD, FINDINGS_SHEET, ID_HEAD
from data.returns.book import read_pages
from data.returns.guard import UnreadableError, is_xlsx
from data.returns.plain_copy import plain_copy, plain_text
from data.texts import text

_WIDTHS = (14, 9, 22, 8, 56, 52, 40)
LINE_POINTS = 15
_CELL = re.compile(r"[A-Z]{1,3}[1-9][0-9]{0,6}")
_FILLS = {"mandatory": style.ERROR_FILL, "query": style.QUERY_FILL, "info": style.GREY_FILL}
HEAD_ROW = 4


def annotate(
    content: bytes, checked: CheckedReturn, target: Path | IO[bytes], lang: str = "zh"
) -> None:
    """Write a copy of a workbook with its findings: a first sheet of them, cells marked.

    An explanation written into the copy counts when the copy is uploaded.
    """
    if checked.reading.refusal is not None:
        key, values = checked.reading.refusal
        raise UnreadableError(key=key, **values)
    book = _book(content, checked.reading.source.name)
    if FINDINGS_SHEET in book.sheetnames:
        del book[FINDINGS_SHEET]
    rows = checked.findings.rows(named=True)
    _mark(book, rows, lang)
    _list(book.create_sheet(FINDINGS_SHEET, 0), rows, checked, lang)
    book.active = 0
    for sheet in book.worksheets[1:]:
        sheet.sheet_view.tabSelected = False
    book.save(target)


def _book(content: bytes, name: str) -> Workbook:
    """Return the workbook itself, or what it says where it is no xlsx."""
    if not is_xlsx(content):
        return plain_copy(read_pages(content, name))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return load_workbook(io.BytesIO(content))


def _mark(book: Workbook, rows: list[dict[str, Any]], lang: str) -> None:
    """Colour the cells of findings and say in a comment what was found."""
    said: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        if row["sheet"] in book.sheetnames and _CELL.fullmatch(row["cell"] or ""):
            said.setdefault((row["sheet"], row["cell"]), []).append(row)
    for (name, place), found in said.items():
        cell = book[name][place]
        words = "\n".join(f"{r['rule']} {r[f'message_{lang}']}\n{r[f'fix_{lang}']}" for r in found)
        if type(cell).__name__ == "MergedCell":
            continue
        cell.fill = _FILLS[found[0]["severity"]]
        cell.comment = Comment(words, text("common.product", lang), width=360, height=140)


def _list(sheet: Worksheet, rows: list[dict[str, Any]], checked: CheckedReturn, lang: str) -> None:
    for number, width in enumerate(_WIDTHS):
        sheet.column_dimensions["ABCDEFG"[number]].width = width
    counts: Mapping[str, int] = checked.counts
    sheet["A1"] = text("returns.verdict.title", lang)
    sheet["A1"].font = style.TITLE
    sheet["A2"] = text("returns.verdict.summary", lang, **counts)
    sheet["A2"].font = style.BODY
    heads = [
        ID_HEAD,
        text("returns.verdict.severity", lang),
        text("returns.verdict.place", lang),
        text("returns.verdict.rule", lang),
        text("returns.verdict.found", lang),
        text("returns.verdict.fix", lang),
        ANSWER_HEAD,
    ]
    for column, words in enumerate(heads, start=1):
        cell = sheet.cell(HEAD_ROW, column, words)
        cell.font, cell.fill, cell.border, cell.alignment = (
            style.HEAD,
            style.HEAD_FILL,
            style.GRID,
            style.CENTRE,
        )
    for number, row in enumerate(rows, start=HEAD_ROW + 1):
        values = [
            finding_id(row),
            text(f"returns.severity.{row['severity']}", lang),
            f"{row['sheet']}!{row['cell']}",
            row["rule"],
            row[f"message_{lang}"],
            row[f"fix_{lang}"],
            row["answer"] or "",
        ]
        for column, words in enumerate(values, start=1):
            cell = sheet.cell(number, column, plain_text(words))
            cell.font, cell.border = style.BODY, style.GRID
            cell.alignment = Alignment(vertical="top", wrap_text=True)
        # Not every program grows a row with its wrapped text.
        lines = max(_lines(words, width) for words, width in zip(values, _WIDTHS, strict=True))
        sheet.row_dimensions[number].height = LINE_POINTS * lines
        sheet.cell(number, 2).fill = _FILLS[row["severity"]]
        if row["severity"] == "query":
            sheet.cell(number, 7).fill = style.INPUT_FILL
    sheet.freeze_panes = sheet.cell(HEAD_ROW + 1, 1)
    style.set_page(sheet, is_wide=True, header_rows=f"{HEAD_ROW}:{HEAD_ROW}")


def _lines(words: object, width: int) -> int:
    """Return how many lines a text takes in a column; a Chinese character is two wide.

    >>> _lines("核对三格：接警总数", 10), _lines("short", 10), _lines("", 10)
    (3, 1, 1)
    """
    wide = sum(2 if ord(letter) > 0x2E80 else 1 for letter in str(words))
    return max(1, -(-wide // max(width - 2, 1)))
