"""How do whole months of the demonstration bureau go through template, reader and checks?

What a unit would have filed is written into its own workbook, the results of the formulas are put
in as a spreadsheet program saves them, and the file is read and checked as an upload is, against
the approved figures of the months before.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
from openpyxl import load_workbook
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from data.catalog import load_catalog
from data.checks.run import CheckedReturn, check_return
from data.checks.worker import Worker
from data.definition_types import Catalog
from data.demo.generate import generate_facts
from data.periods import add_months
from data.returns.due import sheets_of
from data.returns.read import read_workbook
from data.returns.reading import Reading
from data.returns.template import write_template
from data.units import Tree, tree_at

#: So many months back are kept at hand: three years of seasons and the twelve months before.
MONTHS_BACK = 49
_YEAR_TO_DATE = re.compile(r'=IF\(ISNUMBER\(([A-Z]+\d+)\),\1\+([\d.]+),""\)')
_TOTAL = re.compile(r'=IF\(COUNT\((?P<area>[A-Z0-9:,]+)\)=0,"",SUM\((?P=area)\)\)')


@dataclass(slots=True)
class Bureau:
    """The demonstration bureau with all that it files, and the process of the form checks."""

    folder: Path
    catalog: Catalog = field(default_factory=load_catalog)
    worker: Worker = field(default_factory=Worker)
    facts: pl.DataFrame = field(init=False)
    months: dict[dt.date, pl.DataFrame] = field(init=False)

    def __post_init__(self) -> None:
        """Make the facts and start the worker."""
        self.worker.start()
        self.facts = generate_facts(self.catalog)
        self.months = {
            key[0]: rows for key, rows in self.facts.partition_by("period", as_dict=True).items()
        }

    @property
    def last(self) -> dt.date:
        """The last month that units filed."""
        return max(self.months)

    def tree(self, period: dt.date) -> Tree:
        """Return who belongs to whom in a month."""
        return tree_at(self.catalog, period)

    def past(self, units: tuple[str, ...], period: dt.date) -> pl.DataFrame:
        """Return what was approved of some units before a month."""
        wanted = [add_months(period, -back) for back in range(MONTHS_BACK, 0, -1)]
        parts = [self.months[month] for month in wanted if month in self.months]
        rare = [c for c, m in self.catalog.measures.items() if m.frequency != "M"]
        older = self.facts.filter(pl.col("period") < wanted[0], pl.col("measure").is_in(rare))
        return pl.concat([older, *parts]).filter(pl.col("unit").is_in(list(units)))

    def filers(self, period: dt.date) -> list[str]:
        """Return who files for all: each district for its stations, the city's own level itself."""
        units = self.tree(period)
        root = self.catalog.bureau.root
        districts = [u for u in units.children(root) if not units.is_leaf(u)]
        own = units.own(root)
        return [*districts, *([own] if own else [])]

    def stations(self, period: dt.date) -> list[str]:
        """Return the leaves that are open in a month."""
        units = self.tree(period)
        return [u for u in units.leaves() if units.is_open(u, period) and not units.is_pooled(u)]


def reach(units: Tree, filer: str) -> tuple[str, ...]:
    """Return the units that a filer's workbook may speak of."""
    top = units.parent(filer) if units.is_own(filer) else filer
    return units.leaves(top)


def write_return(bureau: Bureau, filer: str, period: dt.date) -> tuple[Path, pl.DataFrame] | None:
    """Write the filled workbook of a filer; return it with the history, None where nothing is due.

    Forms that are filed by choice are filed, too.
    Stations whose return never came are left out of the values, so their lines stay blank.
    """
    units = bureau.tree(period)
    catalog = bureau.catalog
    forms = [f.code for f in catalog.forms.values() if sheets_of(catalog, units, f, filer, period)]
    if not forms:
        return None
    past = bureau.past(reach(units, filer), period)
    path = bureau.folder / f"{filer}_{period:%Y-%m}.xlsx"
    values = bureau.months[period]
    write_template(catalog, units, forms, filer, period, path, past, values)
    book = load_workbook(path)
    put_results(book)
    book.save(path)
    return path, past


def put_results(book: Workbook) -> None:
    """Put the results in place of the template's formulas, as a saved workbook holds them."""
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if not (isinstance(cell.value, str) and cell.value.startswith("=")):
                    continue
                if match := _YEAR_TO_DATE.fullmatch(cell.value):
                    value = sheet[match[1]].value
                    is_number = isinstance(value, int | float)
                    cell.value = round(value + float(match[2]), 6) if is_number else None
                elif match := _TOTAL.fullmatch(cell.value):
                    parts = _numbers(sheet, match["area"])
                    cell.value = round(sum(parts), 6) if parts else None
                else:
                    msg = f"{sheet.title}!{cell.coordinate}: no result is known for {cell.value}"
                    raise ValueError(msg)


def _numbers(sheet: Worksheet, area: str) -> list[float]:
    """Return the numbers of an area, or of several joined by commas."""
    cells = [cell for part in area.split(",") for row in sheet[part] for cell in row]
    return [cell.value for cell in cells if isinstance(cell.value, int | float)]


def check_file(
    bureau: Bureau, path: Path, period: dt.date, past: pl.DataFrame
) -> tuple[Reading, CheckedReturn]:
    """Read and check a workbook as an upload is."""
    units = bureau.tree(period)
    reading = read_workbook(path, bureau.catalog, units)
    return reading, check_return(reading, bureau.catalog, units, past, bureau.worker)


def clean_months(bureau: Bureau, count: int) -> Iterator[dt.date]:
    """Give the last so many months of the demonstration, oldest first."""
    for back in range(count - 1, -1, -1):
        yield add_months(bureau.last, -back)
