"""What does a sound workbook hold, as the kinds of faults need to know it?"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from pathlib import Path

import polars as pl
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from benchmarks.clean_returns import Bureau
from benchmarks.fault_kinds import Page, Place, Spot
from data.checks.sets import STEPS
from data.periods import add_months
from data.returns.reading import Reading
from data.texts import LANGUAGES, text

_MONTH = re.compile(r"(\d{4})\s*年\s*(\d{1,2})\s*月")


def page_of(
    bureau: Bureau, path: Path, reading: Reading, period: dt.date, past: pl.DataFrame
) -> Page:
    """Return the page of a sound workbook."""
    known = {(u, m, p): v for m, u, p, v in past.iter_rows()}
    steps = {code: STEPS.get(m.frequency, 1) for code, m in bureau.catalog.measures.items()}
    spots: list[Spot] = []
    totals: list[Spot] = []
    for row in reading.cells.filter(pl.col("value").is_not_null()).iter_rows(named=True):
        if not (row["is_due"] or row["is_total"]):
            continue
        measure = bureau.catalog.measures[row["measure"]]
        spot = Spot(
            row["unit"],
            row["measure"],
            row["sheet"],
            row["cell"],
            row["value"],
            measure.value_type,
            known.get((row["unit"], row["measure"], add_months(period, -steps[measure.code]))),
            row["is_required"],
        )
        (totals if row["is_total"] else spots).append(spot)
    book = load_workbook(path)
    units = bureau.tree(period)
    inside = {spot.unit for spot in spots} | set(units.ancestors(reading.unit))
    others = tuple(unit for unit in units.leaves() if unit not in inside)
    return Page(
        tuple(spots),
        tuple(totals),
        _printed(book, spots),
        _codes(book, reading),
        _heads(book, reading),
        period.month,
        others,
    )


def _printed(book: Workbook, spots: list[Spot]) -> dict[Place, Place]:
    """Return the cell of the year to date beside each figure, on the forms that print it."""
    titles = {text("returns.column.ytd", lang) for lang in LANGUAGES}
    found: dict[Place, Place] = {}
    for sheet in book.worksheets:
        columns = [c.column_letter for row in sheet.iter_rows() for c in row if c.value in titles]
        if not columns:
            continue
        for spot in spots:
            row = re.sub(r"\D", "", spot.cell)
            if spot.sheet == sheet.title and sheet[f"{columns[0]}{row}"].value is not None:
                found[spot.place] = (sheet.title, f"{columns[0]}{row}")
    return found


def _codes(
    book: Workbook, reading: Reading
) -> Mapping[tuple[str, str], tuple[tuple[str, str], ...]]:
    """Return the cells that say whose a line is, where units stand below each other."""
    found = {}
    for line in reading.lines.iter_rows(named=True):
        place = re.fullmatch(r"([A-Z]+)(\d+)", line["cell"] or "")
        if place is None or line["sheet"] not in book.sheetnames:
            continue
        code = book[line["sheet"]][line["cell"]]
        if str(code.value) != line["unit"]:
            continue
        name = book[line["sheet"]].cell(code.row, code.column + 1)
        cells = [(code.coordinate, str(code.value)), (name.coordinate, str(name.value))]
        found[line["sheet"], line["unit"]] = tuple(cells)
    return found


def _heads(book: Workbook, reading: Reading) -> dict[str, tuple[str, str]]:
    """Return the cell of the month in each sheet's head, with the words of the month before."""
    found = {}
    for part in reading.parts.iter_rows(named=True):
        cell = part["period_cell"]
        if not cell or part["sheet"] not in book.sheetnames:
            continue
        words = str(book[part["sheet"]][cell].value)
        match = _MONTH.search(words)
        if match:
            before = add_months(dt.date(int(match[1]), int(match[2]), 1), -1)
            said = f"{before.year}年{before.month}月"
            found[part["sheet"]] = (cell, words[: match.start()] + said + words[match.end() :])
    return found
