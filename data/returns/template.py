"""What does a unit fill in: a workbook made from the form definitions, ready for its month?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import polars as pl
from openpyxl import Workbook

from data.definition_types import Catalog
from data.returns.due import Sheet, sheets_of
from data.returns.prior import Prior, prior_values
from data.returns.sheet_collection import fill_collection
from data.returns.sheet_unit import fill_unit
from data.said import SpokenError
from data.texts import text
from data.units import Tree

#: The hidden sheet that says what a workbook is; it survives a spreadsheet program.
META_SHEET = "_hengjing"
META_COLUMNS = ("sheet", "form", "version", "layout", "unit", "period")


def write_template(
    catalog: Catalog,
    tree: Tree,
    form_codes: Sequence[str],
    unit: str,
    period: dt.date,
    target: Path | str | IO[bytes],
    previous: pl.DataFrame | None = None,
    values: pl.DataFrame | None = None,
    lang: str = "zh",
) -> list[str]:
    """Write the workbook of a unit's forms for a month and return the forms that it holds.

    `previous` (FACTS of the store) fills the year to date and last year; `values` (unit, measure,
    value of this month) fills the form itself, as a unit would. A form of which the unit owes
    nothing that month is left out.
    """
    book = Workbook()
    book.remove(book.active)
    prior = prior_values(previous, period, catalog)
    filled = _by_pair(values)
    listed: list[tuple[str, Sheet]] = []
    for code in form_codes:
        for plan in sheets_of(catalog, tree, catalog.forms[code], unit, period):
            name = _sheet_name(plan, lang, [name for name, _ in listed])
            sheet = book.create_sheet(name)
            fill = fill_unit if plan.layout == "unit" else fill_collection
            fill(sheet, plan, catalog, tree, period, prior, filled, lang)
            listed.append((name, plan))
    if not listed:
        names = ", ".join(form_codes)
        raise SpokenError(
            key="returns.error.not_owed", unit=unit, forms=names, period=f"{period:%Y-%m}"
        )
    _write_meta(book, listed, period)
    book.properties.creator = catalog.bureau.name.get(lang)
    book.properties.title = f"{tree.unit(unit).name.get(lang)} {period:%Y-%m}"
    book.save(target)
    return list(dict.fromkeys(plan.form.code for _, plan in listed))


def _write_meta(book: Workbook, listed: list[tuple[str, Sheet]], period: dt.date) -> None:
    meta = book.create_sheet(META_SHEET)
    meta.append(list(META_COLUMNS))
    for name, plan in listed:
        form = plan.form
        meta.append([name, form.code, form.version, plan.layout, plan.unit, f"{period:%Y-%m}"])
    meta.sheet_state = "hidden"
    meta.protection.sheet = True


def _sheet_name(plan: Sheet, lang: str, taken: list[str]) -> str:
    """Return a sheet name that Excel takes: at most 31 characters, none of them special."""
    name = plan.form.sheet.get(lang)
    if plan.layout == "collection" and len(plan.units) > 1 and name in taken:
        name += text("returns.form.by_unit", lang)
    name = "".join(" " if c in "[]:*?/\\" else c for c in name)[:31]
    return name if name not in taken else f"{plan.form.code} {name}"[:31]


def _by_pair(values: pl.DataFrame | None) -> dict[tuple[str, str], float]:
    if values is None:
        return {}
    rows = values.select("unit", "measure", "value").drop_nulls().iter_rows()
    return {(unit, measure): value for unit, measure, value in rows}


__all__ = ["META_COLUMNS", "META_SHEET", "Prior", "write_template"]
