"""Whose return is a sheet: which form, unit and month does it say, in its head and hidden sheet?"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass

from data.definition_types import Form
from data.returns import months
from data.returns.cells import clean, plain
from data.returns.meta import COMPARISON, COMPARISON_TITLES, META_COLUMNS, META_SHEET
from data.returns.page import Grid, Page, address

_HEAD_ROWS = 12
_FORM = re.compile(r"(?:^|[^\w])(?:表号|form):([\w-]+?)(?:\((?:第|version)(\d+)版?\))?$")
_UNIT = re.compile(r"^(?:填报单位|filingunit):(.*)$")
_PERIOD = re.compile(r"^(?:报告期|period):(.*)$")
_MONTH = re.compile(r"\d{4}\s*(?:年|-|/|\.)\s*\d{1,2}")
_LABEL = re.compile(r"\D+:")
#: A program makes 2024.1 of October as well as of January.
_CUT_OFF = re.compile(r"\d{4}\.1")


@dataclass(frozen=True, slots=True)
class Said:
    """What a sheet says of itself and the cells where it says so; empty where it does not."""

    form: str = ""
    form_cell: str = ""
    version: int | None = None
    layout: str | None = None
    unit: str = ""
    unit_words: str = ""
    unit_cell: str = ""
    period: dt.date | None = None
    period_words: str = ""
    period_cell: str = ""
    clash: str = ""


def read_meta(pages: list[Page]) -> dict[str, dict[str, str]]:
    """Return what the hidden sheet says, by sheet name; empty for a workbook made by hand."""
    for page in pages:
        if page.name != META_SHEET:
            continue
        rows = sorted({row for row, _ in page.cells})
        found = {}
        for row in rows[1:]:
            entry = {
                name: page.cells[(row, column)].text if (row, column) in page.cells else ""
                for column, name in enumerate(META_COLUMNS, start=1)
            }
            found[entry["sheet"]] = entry
        return found
    return {}


def identify(
    page: Page,
    meta: Mapping[str, str],
    forms: Mapping[str, Form],
    units: Mapping[str, str],
) -> Said:
    """Return whose return a sheet is: what its head says, then what its hidden sheet says."""
    head = _head(page.cells)
    form, version, form_cell = _form(head, page, meta, forms)
    unit_words, unit_cell = _after(head, page.cells, _UNIT)
    unit = _unit(unit_words, units)
    period_words, period_cell = _after(head, page.cells, _PERIOD)
    period = read_month(period_words)
    hidden_unit = meta.get("unit", "") if meta.get("unit", "") in units.values() else ""
    hidden_period = read_month(meta.get("period", ""))
    clash = ""
    if unit and hidden_unit and unit != hidden_unit:
        clash = "unit"
    elif period and hidden_period and period != hidden_period:
        clash = "period"
    return Said(
        form=form,
        form_cell=form_cell,
        version=version,
        layout=meta.get("layout") or None,
        unit=unit or ("" if unit_words else hidden_unit),
        unit_words=unit_words,
        unit_cell=unit_cell,
        period=period or (None if period_words else hidden_period),
        period_words=period_words,
        period_cell=period_cell,
        clash=clash,
    )


def is_comparison(page: Page, meta: Mapping[str, str]) -> bool:
    """Return whether a sheet only shows earlier figures beside a form: it is never counted."""
    if meta.get("layout") == COMPARISON:
        return True
    first = page.cells.get((1, 1))
    return first is not None and first.text.startswith(COMPARISON_TITLES)


def read_month(words: str) -> dt.date | None:
    """Return the month that a head names; None where it names none, or more than one.

    >>> read_month("2024年10月"), read_month("截至2024年10月"), read_month("2024-13")
    (datetime.date(2024, 10, 1), datetime.date(2024, 10, 1), None)
    >>> read_month("2024年1-10月"), read_month("2024.1")
    (None, None)
    """
    written = clean(words)
    if _CUT_OFF.fullmatch(written):
        return None
    found = _MONTH.search(written)
    return months.read_month(written[found.start() :] if found else written)


def _head(grid: Grid) -> dict[tuple[int, int], str]:
    said = {
        place: plain(cell.text)
        for place, cell in grid.items()
        if place[0] <= _HEAD_ROWS and cell.kind in ("text", "date")
    }
    return dict(sorted(said.items()))


def _form(
    head: Mapping[tuple[int, int], str],
    page: Page,
    meta: Mapping[str, str],
    forms: Mapping[str, Form],
) -> tuple[str, int | None, str]:
    """Return form, version and cell: from the head, the hidden sheet, or the sheet's name."""
    by_code = {plain(code): code for code in forms}
    for place, words in head.items():
        found = _FORM.search(words)
        if found and found[1] in by_code:
            return by_code[found[1]], int(found[2]) if found[2] else None, address(*place)
    if meta.get("form") in forms:
        version = meta.get("version", "")
        return meta["form"], int(version) if version.isdecimal() else None, ""
    title = plain(page.name)
    for code, form in forms.items():
        if title in {plain(code), *(plain(t) for t in (form.sheet.zh, form.sheet.en))}:
            return code, None, ""
    return "", None, ""


def _after(
    head: Mapping[tuple[int, int], str], grid: Grid, pattern: re.Pattern[str]
) -> tuple[str, str]:
    """Return what stands after a label, in its own cell or in the next one to the right."""
    for (row, column), words in head.items():
        found = pattern.match(words)
        if not found:
            continue
        if found[1]:
            written = clean(grid[(row, column)].text)
            return written.partition(":")[2].strip(), address(row, column)
        right = [c for (r, c) in grid if r == row and c > column]
        beside = clean(grid[(row, min(right))].text) if right else ""
        # The next label says nothing about this one.
        if beside and not _LABEL.match(beside):
            return beside, address(row, min(right))
    return "", ""


def _unit(words: str, units: Mapping[str, str]) -> str:
    """Return the unit that a head names, by the code in brackets or by the name before them."""
    if not words:
        return ""
    code = re.search(r"\(([^()]+)\)\s*$", words)
    name = re.sub(r"\([^()]*\)\s*$", "", words)
    by_name = units.get(plain(name), "") or units.get(plain(words), "")
    by_code = units.get(plain(code[1]), "") if code else ""
    # A changed name beside an old code is what a copied workbook looks like: the name counts.
    return by_name or by_code
