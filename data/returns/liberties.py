"""Which liberties were taken with a workbook, and what of it was not read? Everything is listed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

import polars as pl

from data.definition_types import Catalog, Form
from data.returns.cells import clean, plain
from data.returns.found import Found
from data.returns.identity import Said
from data.returns.locate import Table
from data.returns.page import Area, Page, address
from data.returns.personal import struck
from data.texts import LANGUAGES, text

_CELLS: Any = pl.List(pl.String)
#: One row a liberty: what it was (`reader.note.*`), the cells, rows or columns it concerns.
NOTES: pl.Schema = pl.Schema(
    {
        "sheet": pl.String,
        "cell": pl.String,
        "unit": pl.String,
        "measure": pl.String,
        "period": pl.Date,
        "key": pl.String,
        "cells": _CELLS,
        "words": pl.String,
    }
)
#: Liberties with the writing of a number, in the order in which they are told.
WRITTEN = ("number_as_text", "full_width", "spaces", "thousands", "unit", "formula")
#: In these files every number is a text.
_ALL_TEXT = frozenset({"csv"})
_HEADING_ROWS = 4
_MOST_CONVERTED = 200
_NUMBERED = frozenset({"序号", "编号", "行次", "no.", "no", "#"})
Note = dict[str, Any]


def page_notes(
    page: Page,
    table: Table | None,
    form: Form,
    said: Said,
    cells: Iterable[Found],
    catalog: Catalog,
    unit: str,
    period: dt.date | None,
    *,
    is_first: bool = True,
    is_personal: bool = False,
) -> list[Note]:
    """Return a row (NOTES) for each liberty taken with a sheet.

    The kind of file is told with its first return only.
    """

    def note(key: str, cells: list[str], words: str = "", **more: Any) -> Note:
        first = cells[0] if cells else ""
        base = {"sheet": page.name, "cell": first, "unit": unit or None, "measure": None}
        return {**base, "period": period, "key": key, "cells": cells, "words": words, **more}

    found = []
    if page.origin and is_first:
        found.append(note(page.origin, [], page.encoding))
    if page.is_hidden:
        found.append(note("hidden_sheet", []))
    if said.version is not None and said.version in form.reads:
        found.append(note("old_version", [said.form_cell or "A1"], str(said.version)))
    if table is None:
        return found
    held = [one for one in cells if one.cell.liberty]
    for key, places in _written(page, held).items():
        found.append(note(key, places))
    for one in [h for h in held if "scaled" in h.cell.liberty.split()][:_MOST_CONVERTED]:
        measured = catalog.measures[one.measure].unit
        words = f"{one.cell.text} → {one.cell.value:.12g} {measured.zh}"
        here = {"unit": one.unit, "measure": one.measure}
        found.append(note("scaled", [address(*one.place)], words, **here))
    merged = [address(*one.place) for one in held if "merged" in one.cell.liberty.split()]
    if merged:
        found.append(note("merged", merged))
    for key, places in _of_table(page, table, form).items():
        # Of a sheet refused for what is personal, no heading is repeated.
        if places and not (key == "unread" and is_personal):
            found.append(note(key, places))
    if table.by_name:
        found.append(note("by_name", []))
    if table.by_place and not table.elsewhen:
        found.append(note("by_place", [_headed(page, table, table.columns["value"])]))
    return found


def _written(page: Page, held: Iterable[Found]) -> dict[str, list[str]]:
    """Return the cells of each liberty with the writing of a number."""
    found: dict[str, list[str]] = {}
    for one in held:
        for key in one.cell.liberty.split():
            if key in WRITTEN and not one.is_total:
                found.setdefault(key, []).append(address(*one.place))
    if page.origin in _ALL_TEXT:
        found.pop("number_as_text", None)
    return {key: found[key] for key in WRITTEN if key in found}


def _of_table(page: Page, table: Table, form: Form) -> dict[str, list[str]]:
    """Return what was hidden, left out or moved on a sheet: rows by number, columns by letter."""
    body = range(table.first_row, table.last_row + 1)
    if table.layout == "unit":
        rows, columns = set(table.measures.values()), {table.columns["value"]}
    else:
        rows, columns = {line.row for line in table.lines}, set(table.measures.values())
    skipped = {
        why: [str(row) for row in sorted(table.skipped) if table.skipped[row] == why]
        for why in ("subtotal", "heading")
    }
    roles = [table.columns[r] for r in ("value", "ytd", "same") if r in table.columns]
    order = [m for m in sorted(table.measures, key=table.measures.__getitem__)]
    return {
        "hidden_rows": [str(row) for row in sorted(rows & page.hidden_rows)],
        "hidden_columns": [letters(column) for column in sorted(columns & page.hidden_columns)],
        "former": [address(*place) for place in table.former],
        **skipped,
        "moved": _moved(order, form.measures),
        "moved_columns": [letters(c) for c in roles] if roles != sorted(roles) else [],
        "unread": _unread(page, table, body),
    }


def _moved(order: list[str], official: Iterable[str]) -> list[str]:
    """Return the measures whose order differs from the form's; none where all stand as printed.

    >>> _moved(["b", "a"], ["a", "b", "c"]), _moved(["a", "c"], ["a", "b", "c"])
    (['b', 'a'], [])
    """
    expected = [code for code in official if code in order]
    return [a for a, b in zip(order, expected, strict=True) if a != b]


def _unread(page: Page, table: Table, body: range) -> list[str]:
    """Return the columns beside the table that hold something, each with its heading."""
    if table.layout == "unit":
        known = {*table.columns.values(), *table.named}
    else:
        known = {*table.measures.values(), *table.named}
    filled = {
        column
        for (row, column), cell in page.cells.items()
        if column not in known and row in body and cell.kind != "empty"
    }
    found = []
    for column in sorted(filled):
        heads = _heads(page, table, column)
        if any(plain(head) in _headings() | _NUMBERED for head in heads):
            continue
        found.append(_headed(page, table, column))
    return found


def _heads(page: Page, table: Table, column: int) -> list[str]:
    """Return what stands above a column of a table."""
    rows = range(max(1, table.first_row - _HEADING_ROWS), table.first_row)
    return [clean(page.cells[(r, column)].text) for r in rows if (r, column) in page.cells]


def _headed(page: Page, table: Table, column: int) -> str:
    """Return the letters of a column with its heading."""
    heads = _heads(page, table, column)
    head = struck(next((h for h in reversed(heads) if ":" not in h and not h.isdecimal()), ""))
    return f"{letters(column)}（{head[:20]}）" if head else letters(column)


def _headings() -> frozenset[str]:
    """Return the headings of a template that stand over no number."""
    keys = ("measure", "measured", "code", "unit_code", "unit_name", "ytd", "same_period")
    return frozenset(
        plain(text(f"returns.column.{key}", lang)) for key in keys for lang in LANGUAGES
    )


def letters(column: int) -> str:
    """Return the letters of a column.

    >>> letters(28)
    'AB'
    """
    return address(1, column)[:-1]


def merged_over(
    merges: Iterable[Area], places: Iterable[tuple[int, int]]
) -> dict[tuple[int, int], tuple[Area, int]]:
    """Return for each given place under a merged area that area, and how many places it covers.

    >>> merged_over([(8, 4, 9, 4)], [(8, 4), (9, 4), (10, 4)])
    {(8, 4): ((8, 4, 9, 4), 2), (9, 4): ((8, 4, 9, 4), 2)}
    """
    held = list(places)
    first = min((row for row, _ in held), default=0)
    last = max((row for row, _ in held), default=0)
    near = [area for area in merges if area[0] <= last and area[2] >= first]
    if not near:
        return {}
    by_row: dict[int, list[int]] = {}
    for row, column in held:
        by_row.setdefault(row, []).append(column)
    # Areas of a sound file never overlap: one that keeps us longer is damaged.
    patience = 100_000 + 20 * sum(map(len, by_row.values()))
    found: dict[tuple[int, int], tuple[Area, int]] = {}
    for area in near:
        top, left, bottom, right = area
        rows = [r for r in range(max(top, first), min(bottom, last) + 1) if r in by_row]
        under = [(r, c) for r in rows for c in by_row[r] if left <= c <= right]
        found |= {place: (area, len(under)) for place in under}
        patience -= sum(len(by_row[r]) for r in rows)
        if patience < 0:
            break
    return found
