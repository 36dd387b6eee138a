"""What does a unit fill in: a workbook made from the form definitions, ready for its month?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

import polars as pl
from openpyxl import Workbook

from data.definition_types import Catalog
from data.returns import style
from data.returns.due import Sheet, sheets_of
from data.returns.form_kit import Kit, make_kit
from data.returns.meta import COMPARISON, META_COLUMNS, META_SHEET
from data.returns.prior import Prior, prior_values
from data.returns.sheet_collection import fill_collection
from data.returns.sheet_comparison import fill_comparison, has_comparison
from data.returns.sheet_unit import fill_unit
from data.said import SpokenError
from data.texts import text
from data.units import Tree

#: Characters that no sheet may bear in its name, and the length of the longest name.
_NOT_IN_NAMES, _LONGEST = "[]:*?/\\", 31


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
    forms = [catalog.forms[code] for code in form_codes]
    plans = [plan for form in forms for plan in sheets_of(catalog, tree, form, unit, period)]
    if not plans:
        names = ", ".join(form_codes)
        raise SpokenError(
            key="returns.error.not_owed", unit=unit, forms=names, period=f"{period:%Y-%m}"
        )
    listed = {whose for plan in plans for whose in plan.units}
    prior = prior_values(previous, period, catalog, listed)
    kit = make_kit(catalog, tree, period, lang, prior, by_pair(values))
    return write_book(kit, plans, target)


def write_book(kit: Kit, plans: Sequence[Sheet], target: Path | str | IO[bytes]) -> list[str]:
    """Write the workbook of one unit's sheets and return its forms."""
    unit = plans[0].unit
    book = Workbook()
    style.set_standard(book)
    book.remove(book.active)
    listed = list(_fill_sheets(book, plans, kit))
    _write_meta(book, listed, kit.period)
    book.properties.creator = kit.catalog.bureau.name.get(kit.lang)
    book.properties.title = f"{kit.tree.unit(unit).name.get(kit.lang)} {kit.period:%Y-%m}"
    book.save(target)
    return list(dict.fromkeys(plan.form.code for plan in plans))


def _fill_sheets(
    book: Workbook, plans: Sequence[Sheet], kit: Kit
) -> Iterator[tuple[str, Sheet, str]]:
    """Fill a sheet for each plan, then the sheets to compare with; yield name, plan and layout."""
    taken: list[str] = []
    compared: list[tuple[str, Sheet]] = []
    for plan in plans:
        name = _sheet_name(plan, kit.lang, taken)
        taken.append(name)
        fill = fill_unit if plan.layout == "unit" else fill_collection
        fill(book.create_sheet(name), plan, kit)
        yield name, plan, plan.layout
        if plan.layout == "collection" and has_comparison(plan, kit):
            compared.append((name, plan))
    for name, plan in compared:
        mark = text("returns.form.beside", kit.lang)
        beside = _unlike(f"{name[: _LONGEST - len(mark)]}{mark}", plan, taken)
        taken.append(beside)
        sheet = book.create_sheet(beside)
        sheet.sheet_properties.tabColor = style.MUTED
        fill_comparison(sheet, plan, kit)
        yield beside, plan, COMPARISON


def _write_meta(book: Workbook, listed: list[tuple[str, Sheet, str]], period: dt.date) -> None:
    meta = book.create_sheet(META_SHEET)
    meta.append(list(META_COLUMNS))
    for name, plan, layout in listed:
        form = plan.form
        meta.append([name, form.code, form.version, layout, plan.unit, f"{period:%Y-%m}"])
    meta.sheet_state = "hidden"
    meta.protection.sheet = True


def _sheet_name(plan: Sheet, lang: str, taken: list[str]) -> str:
    """Return a sheet name that Excel takes: at most 31 characters, none of them special."""
    name = plan.form.sheet.get(lang)
    if plan.layout == "collection" and len(plan.units) > 1 and name in taken:
        name += text("returns.form.by_unit", lang)
    name = "".join(" " if c in _NOT_IN_NAMES else c for c in name)[:_LONGEST]
    return _unlike(name, plan, taken)


def _unlike(name: str, plan: Sheet, taken: list[str]) -> str:
    return name if name not in taken else f"{plan.form.code} {name}"[:_LONGEST]


def by_pair(values: pl.DataFrame | None) -> dict[tuple[str, str], float]:
    """Return values by unit and measure; what is blank stays blank."""
    if values is None:
        return {}
    rows = values.select("unit", "measure", "value").drop_nulls().iter_rows()
    return {(unit, measure): value for unit, measure, value in rows}


__all__ = ["META_COLUMNS", "META_SHEET", "Prior", "by_pair", "write_book", "write_template"]
