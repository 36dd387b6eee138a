"""Small workbooks and texts in blocks, and what the reader makes of them."""

import csv
import datetime as dt
from pathlib import Path
from typing import Any

import openpyxl

from data.definition_types import Catalog
from data.returns.flat import FlatFile, read_flat

YEAR = dt.date(2023, 12, 1)


def workbook(path: Path, title: str | None = None, **sheets: list[list[Any]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.properties.title = title
    book.save(path)
    return path


def text_file(path: Path, rows: list[list[Any]], encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream).writerows(rows)
    return path


def read(catalog: Catalog, path: Path, unit: str | None = None, period: dt.date | None = None):
    return read_flat(path, catalog.forms["f"], catalog, unit, period)


def values(found: FlatFile) -> dict[tuple[str, str, str], float]:
    assert faults(found) == []
    return {
        (row["measure"], row["unit"], f"{row['period']:%Y-%m}"): row["value"]
        for row in found.facts.iter_rows(named=True)
    }


def faults(found: FlatFile, *severities: str) -> list[tuple[str, str | None, str | None]]:
    wanted = severities or ("mandatory",)
    rows = found.findings.iter_rows(named=True)
    return [(r["rule"], r["sheet"], r["cell"]) for r in rows if r["severity"] in wanted]
