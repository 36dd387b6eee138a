"""What does a returned workbook say, cell by cell, and whose return is it?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

from data.definition_types import Catalog, Form
from data.returns.absent import absent_rows
from data.returns.answers import FINDINGS_SHEET, is_findings, read_answers, without_links
from data.returns.book import read_pages
from data.returns.cells import Cell, plain
from data.returns.due import Sheet, sheets_of
from data.returns.found import FoundSheet
from data.returns.guard import UnreadableError
from data.returns.identity import Said, identify, is_comparison, read_meta
from data.returns.liberties import NOTES, page_notes
from data.returns.locate import Table, find_table, measure_index, unit_index
from data.returns.meta import META_SHEET
from data.returns.page import Page, address
from data.returns.personal import (
    STRUCK,
    is_personal,
    is_small,
    personal_cells,
    signed_cells,
    struck,
    without,
)
from data.returns.reading import CELLS, LINES, PARTS, Reading, said_by
from data.returns.tidy import cells_frame, tidy_cells, tidy_lines
from data.schema import RAW, empty
from data.store.source import Source
from data.units import Tree


def read_workbook(
    file: Path | str | bytes,
    catalog: Catalog,
    tree: Tree,
    form: str | None = None,
    unit: str | None = None,
    period: dt.date | None = None,
    name: str = "",
    today: dt.date | None = None,
) -> Reading:
    """Return what a workbook says; a file that cannot be read becomes a refusal, never an error.

    `form`, `unit` and `period` say what is expected; what the workbook says of itself is compared
    with them. `today` decides which months are still to come.
    """
    content = file if isinstance(file, bytes) else Path(file).read_bytes()
    shown = name or ("" if isinstance(file, bytes) else Path(file).name)
    source = Source.of_bytes(shown, content)
    reading = Reading(source, empty(RAW), empty(CELLS), empty(LINES), empty(PARTS))
    try:
        pages = read_pages(content, shown)
    except UnreadableError as error:
        reading.refusal = (error.key, error.values)
        return reading
    today = today or catalog.bureau.today or dt.datetime.now(tz=dt.UTC).date()
    asked = _Asked(form, unit, period, today)
    _read_pages(reading, pages, catalog, tree, asked)
    if not reading.parts.height:
        reading.refusal = ("returns.refused.no_form", {"forms": "、".join(catalog.forms)})
    return reading


class _Asked:
    """What the reader was told to expect."""

    def __init__(
        self, form: str | None, unit: str | None, period: dt.date | None, today: dt.date
    ) -> None:
        self.form, self.unit, self.period, self.today = form, unit, period, today


def _read_pages(
    reading: Reading, pages: list[Page], catalog: Catalog, tree: Tree, asked: _Asked
) -> None:
    meta = read_meta(pages)
    units = unit_index(catalog.units)
    kept: list[tuple[str, tuple[int, int], Cell]] = []
    parts: list[dict[str, object]] = []
    found_on: list[FoundSheet] = []
    lines, notes = [], []
    apart = (META_SHEET, FINDINGS_SHEET)
    signed = {page.name: signed_cells(page.cells) for page in pages if page.name not in apart}
    names = _signers((found for _, found in signed.values()), catalog)
    reading.source = replace(reading.source, name=struck(reading.source.name, names))
    seen: dict[tuple[str, str], set[tuple[str, str]]] = {}
    plans: dict[tuple[str, str], tuple[Sheet, ...]] = {}
    ignored: list[str] = []
    for page in pages:
        if page.name == META_SHEET or is_comparison(page, meta.get(page.name, {})):
            continue
        if is_findings(page):
            given = read_answers(page)
            # Numbers of persons stay in: whoever files such an explanation is told to reword it.
            longest = sorted(names, key=len, reverse=True)
            reading.answers |= {key: without(words, longest) for key, words in given.items()}
            continue
        without_links(page)
        said = identify(page, meta.get(page.name, {}), catalog.forms, units)
        left = signed[page.name][0]
        known = [*ignored, *(str(part["sheet"]) for part in parts)]
        page = replace(page, name=_shown(page.name, names, known))  # noqa: PLW2901
        found = _table(page, said, catalog, units, asked)
        if found is None:
            if page.cells:
                ignored.append(page.name)
            continue
        form, table = found
        unit = said.unit or ("" if said.unit_words else asked.unit or "")
        period = said.period or (None if said.period_words else asked.period)
        owed = _owed(catalog, tree, form, unit, period)
        marked = [] if table is None else _personal(page, table)
        parts.append(_part(page, said, form, unit, period, table, owed, asked, marked))
        # The other sheets of a workbook are for the same unit and month as its first.
        asked.unit = asked.unit or unit or None
        asked.period = asked.period or period
        kept += _kept(page, table, left, names, marked)
        if table is None or not owed or period is None:
            continue
        key = (form.code, unit)
        plans[key] = owed
        located = seen.setdefault(key, set())
        personal = bool(parts[-1]["personal_columns"])
        new = [] if personal else tidy_cells(page, table, unit, period, owed, tree, catalog)
        notes += page_notes(
            page,
            table,
            form,
            said,
            new,
            catalog,
            unit,
            period,
            is_personal=personal,
            is_first=len(parts) == 1,
        )
        located |= {(one.unit, one.measure) for one in new}
        found_on.append(FoundSheet(page.name, form.code, period, new))
        lines += tidy_lines(page, table, form, unit, owed, tree, new)
    absent, no_lines = absent_rows(plans, seen, parts)
    reading.parts = pl.DataFrame(parts, schema=PARTS, orient="row")
    reading.lines = pl.DataFrame(lines + no_lines, schema=LINES, orient="row")
    reading.cells = cells_frame(found_on)
    if absent:
        rows = pl.DataFrame(absent, schema=CELLS, orient="row")
        reading.cells = pl.concat([reading.cells, rows], rechunk=True)
    reading.raw = _raw(reading.source.name, kept)
    reading.notes = pl.DataFrame(notes, schema=NOTES, orient="row")
    reading.ignored = tuple(ignored)


def _signers(found: Iterable[frozenset[str]], catalog: Catalog) -> frozenset[str]:
    """Return who signed; what a form or a unit is called is nobody's name."""
    ours = [text for form in catalog.forms.values() for text in (form.sheet, form.name)]
    called = " ".join(f"{t.zh} {t.en}" for t in (*ours, *(unit.name for unit in catalog.units)))
    return frozenset(name for names in found for name in names if name not in called)


def _shown(name: str, names: Collection[str], known: Collection[str]) -> str:
    """Return the name of a sheet without persons, unlike those of the sheets before it.

    >>> _shown("接处警 张三", ["张三"], ["接处警 ***"])
    '接处警 *** (2)'
    """
    shown = struck(name, names)
    number = 1 + sum(other == shown or other.startswith(f"{shown} (") for other in known)
    return shown if number == 1 or shown == name else f"{shown} ({number})"


def _table(
    page: Page, said: Said, catalog: Catalog, units: Mapping[str, str], asked: _Asked
) -> tuple[Form, Table | None] | None:
    """Return the form of a sheet and its table; None where the sheet is no return."""
    code = said.form
    if not code and asked.form in catalog.forms:
        code = asked.form or ""
    if code:
        form = catalog.forms[code]
        index = measure_index(catalog.measures[m] for m in form.measures)
        period = said.period or asked.period
        table = find_table(page.cells, index, units, said.layout, page.merges, period)
        return (form, table) if table is not None or said.form else None
    best: tuple[int, Form, Table] | None = None
    written = {plain(cell.text) for cell in page.cells.values() if cell.kind == "text"}
    for form in catalog.forms.values():
        codes = {code: code for code in form.measures if code in written}
        # One word that happens to be a code makes no return of somebody else's table.
        if len(codes) < min(2, len(form.measures)):
            continue
        table = find_table(page.cells, codes, units, period=said.period or asked.period)
        if table is not None and (best is None or len(table.measures) > best[0]):
            best = (len(table.measures), form, table)
    return (best[1], best[2]) if best else None


def _owed(
    catalog: Catalog, tree: Tree, form: Form, unit: str, period: dt.date | None
) -> tuple[Sheet, ...]:
    if not unit or period is None or unit not in tree.units:
        return ()
    return sheets_of(catalog, tree, form, unit, period)


def _part(
    page: Page,
    said: Said,
    form: Form,
    unit: str,
    period: dt.date | None,
    table: Table | None,
    owed: tuple[Sheet, ...],
    asked: _Asked,
    personal: list[tuple[int, int]],
) -> dict[str, object]:
    is_upright = table is None or table.layout != "unit" or _has_unit_form(owed)
    return {
        "sheet": page.name,
        "form": form.code,
        "form_cell": said.form_cell or "A1",
        "form_words": f"{form.code} {said.version or form.version}",
        "form_known": asked.form is None or asked.form == form.code,
        "form_current": said.version in (None, form.version, *form.reads),
        "unit": unit or None,
        "unit_cell": said.unit_cell or "A1",
        "unit_words": said.unit_words or unit,
        "unit_known": bool(unit),
        "unit_matches": not unit or asked.unit is None or asked.unit == unit,
        "period": period,
        "period_cell": said.period_cell or "A1",
        "period_words": said.period_words or (f"{period:%Y-%m}" if period else ""),
        "period_known": period is not None,
        "period_matches": period is None or asked.period is None or asked.period == period,
        "period_future": period is not None and period > asked.today,
        "head_agrees": not said.clash,
        "is_owed": bool(owed) or not unit or period is None,
        "has_table": table is not None,
        **_told("measures_known", "unknown", page, table.strange if table else []),
        **_told("measures_once", "twice", page, table.twice if table else []),
        **_told("labels_agree", "label", page, table.mislabelled if table else []),
        **_told("column_known", "column", page, table.elsewhen if table else []),
        "is_upright": is_upright,
        "personal_columns": len(personal),
        "personal_cell": address(*personal[0]) if personal else "",
    }


def _told(claim: str, what: str, page: Page, places: list[tuple[int, int]]) -> dict[str, object]:
    """Return whether a claim holds, and the first place where it does not."""
    return {
        claim: not places,
        f"{what}_words": page.cells[places[0]].text if places else "",
        f"{what}_cell": address(*places[0]) if places else "",
    }


def _has_unit_form(owed: tuple[Sheet, ...]) -> bool:
    """Return whether measures may stand in rows: not where each row must be a unit's."""
    return not owed or any(plan.layout == "unit" for plan in owed)


def _personal(page: Page, table: Table) -> list[tuple[int, int]]:
    return personal_cells(page.cells, table.first_row, table.last_row, named_columns=table.named)


def _kept(
    page: Page,
    table: Table | None,
    left: Mapping[tuple[int, int], str],
    names: Collection[str],
    marked: Collection[tuple[int, int]],
) -> list[tuple[str, tuple[int, int], Cell]]:
    """Return the cells of a sheet without its foot; what looks personal is struck out, never kept.

    `left` is what remains of the cells in which people sign, `names` who they are; `marked` cells
    look personal.
    """
    last = table.last_row if table is not None else 0
    longest = sorted(names, key=len, reverse=True)
    places = sorted([place for place in page.cells if place[0] <= last])
    written = [(place, page.cells[place]) for place in places]
    # Most cells are one and the same: what is kept of them is worked out once.
    shown = {key: _without(cell, longest) for key, cell in {id(c): c for _, c in written}.items()}
    changed = {
        place: replace(page.cells[place], text=words)
        for place, words in left.items()
        if place in page.cells and not is_personal(page.cells[place].text)
    }
    changed |= {place: replace(page.cells[place], text=STRUCK, value=None) for place in marked}
    return [
        (page.name, place, changed[place] if place in changed else shown[id(cell)])
        for place, cell in written
    ]


def _without(cell: Cell, names: Sequence[str]) -> Cell:
    """Return a cell without the names of those who signed, struck out if it is personal."""
    if is_small(cell):
        return cell
    if is_personal(cell.text):
        return replace(cell, text=STRUCK, value=None)
    words = without(cell.text, names)
    return cell if words == cell.text else replace(cell, text=words)


def _raw(file: str, kept: Sequence[tuple[str, tuple[int, int], Cell]]) -> pl.DataFrame:
    """Return RAW of the cells that are kept of a file."""
    columns = {
        "file": [file] * len(kept),
        "sheet": [sheet for sheet, _, _ in kept],
        "cell": [address(*place) for _, place, _ in kept],
        "row": [place[0] for _, place, _ in kept],
        "col": [place[1] for _, place, _ in kept],
    }
    frame = pl.DataFrame(columns, schema={name: RAW[name] for name in columns})
    return frame.hstack(said_by([cell for _, _, cell in kept])).select(list(RAW))
