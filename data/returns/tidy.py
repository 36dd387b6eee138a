"""Which cells of a table does the unit owe, and what did it write there?"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from data.definition_types import Catalog, Form, Measure
from data.periods import add_months, months_into
from data.returns.cells import EMPTY, Cell
from data.returns.due import Sheet
from data.returns.found import Found, FoundSheet
from data.returns.liberties import merged_over
from data.returns.lines import Line
from data.returns.locate import Table
from data.returns.measured import in_unit
from data.returns.page import Area, Page, address
from data.returns.prior import is_reshaped
from data.returns.reading import CELLS, said_by
from data.schema import empty
from data.units import Tree


def tidy_cells(
    page: Page,
    table: Table,
    unit: str,
    period: dt.date,
    owed: tuple[Sheet, ...],
    tree: Tree,
    catalog: Catalog,
) -> list[Found]:
    """Return each cell that is owed, and each that holds more than that."""
    expected = frozenset().union(*(plan.expected for plan in owed))
    required = frozenset().union(*(plan.required for plan in owed))
    written, places = page.cells, _places(table, unit, tree, catalog)
    near = [m for m in page.merges if m[0] <= table.last_row and m[2] >= table.first_row]
    merged = merged_over(near, (place for _, _, place, _ in places)) if near else {}
    printed = _comparable(catalog, unit, period) if table.layout == "unit" else frozenset()
    found = []
    ytd = same = None
    for filer, measure, place, is_total in places:
        cell = written.get(place, EMPTY)
        if cell.fault:
            cell = in_unit(cell, measure)
        if measure.choices:
            cell = _of_list(cell, measure.choices)
        if merged and place in merged:
            cell = _under_merge(page, cell, place, *merged[place])
        pair = (filer, measure.code)
        is_due = pair in expected
        if not is_due and (cell.kind == "empty" or (is_total and cell.value is None)):
            continue
        if is_total and measure.roll not in ("sum", "none"):
            continue
        if printed:
            ytd = _printed(page, table, place[0], "ytd", printed)
            same = _printed(page, table, place[0], "same", printed)
        needed = pair in required
        found.append(Found(*pair, place, cell, is_due, needed, is_total, ytd, same))
    return found


def cells_frame(sheets: Sequence[FoundSheet]) -> pl.DataFrame:
    """Return CELLS, a row for each cell found."""
    found = [one for sheet in sheets for one in sheet.cells]
    if not found:
        return empty(CELLS)
    on = [number for number, sheet in enumerate(sheets) for _ in sheet.cells]
    heads = pl.DataFrame(
        [sheet[:3] for sheet in sheets],
        schema={name: CELLS[name] for name in ("sheet", "form", "period")},
        orient="row",
    )
    units, measures, places, cells, due, required, totals, ytd, same = zip(*found, strict=True)
    columns = {
        "cell": [address(*place) for place in places],
        "unit": units,
        "measure": measures,
        "is_due": due,
        "is_required": required,
        "is_total": totals,
        "reported_ytd": ytd,
        "reported_same_period": same,
    }
    frame = pl.DataFrame(columns, schema={name: CELLS[name] for name in columns})
    parts = [heads.select(pl.all().gather(on)), frame, said_by(cells)]
    return pl.concat(parts, how="horizontal").select(list(CELLS))


def _places(
    table: Table, unit: str, tree: Tree, catalog: Catalog
) -> list[tuple[str, Measure, tuple[int, int], bool]]:
    """Return each cell of a table's body: whose, of which measure, where, and is it of a total?"""
    measures = [(catalog.measures[code], at) for code, at in table.measures.items()]
    if table.layout == "unit":
        column = table.columns["value"]
        return [(unit, measure, (row, column), False) for measure, row in measures]
    return [
        (filer, measure, (line.row, column), is_total)
        for line in table.lines
        if (filer := _whose(line, unit, tree)) is not None
        for is_total in (not tree.is_leaf(filer),)
        for measure, column in measures
    ]


def _under_merge(page: Page, cell: Cell, place: tuple[int, int], area: Area, covered: int) -> Cell:
    """Return a cell under a merged area; a number over several figures belongs to none of them."""
    anchor = page.cells.get(area[:2], EMPTY)
    if anchor.kind == "empty":
        return cell
    if covered == 1 and place == area[:2]:
        return replace(cell, liberty=f"{cell.liberty} merged".strip())
    return Cell(anchor.text, anchor.kind, fault="merged")


def tidy_lines(
    page: Page,
    table: Table,
    form: Form,
    unit: str,
    owed: tuple[Sheet, ...],
    tree: Tree,
    cells: Sequence[Found],
) -> list[dict[str, Any]]:
    """Return a row (LINES) for each unit that the table names, and for each it cannot name."""
    needed = [one for one in cells if one.is_required]
    required = Counter(one.unit for one in needed)
    filled = Counter(one.unit for one in needed if one.cell.kind != "empty")
    within = {u for plan in owed for u in plan.units}
    is_unit = table.layout == "unit"
    found = []
    for line in [Line(table.first_row, unit, 1, unit)] if is_unit else table.lines:
        whose = _whose(line, unit, tree)
        is_total = whose is not None and not tree.is_leaf(whose)
        found.append(
            {
                "sheet": page.name,
                "form": form.code,
                "cell": address(line.row, line.column),
                "unit": whose,
                "unit_words": line.words,
                "unit_known": whose is not None,
                "parent_matches": whose is None or whose in within or _is_over(tree, whose, unit),
                "names_agree": not line.clash,
                "clash": line.clash,
                "required": 0 if is_total else required[whose or ""],
                "filled": filled[whose or ""],
            }
        )
    return found


def _whose(line: Line, unit: str, tree: Tree) -> str | None:
    """Return the unit of a line; a line of totals is the filing unit's own, if it has any below."""
    if line.unit == "":
        return unit if not tree.is_leaf(unit) else None
    return line.unit if line.unit in tree.units else None


def _is_over(tree: Tree, whose: str, unit: str) -> bool:
    """Return whether a line is a total of the filing unit or of one below it."""
    return not tree.is_leaf(whose) and tree.is_within(whose, unit)


def _of_list(cell: Cell, choices: Sequence[float]) -> Cell:
    """Return a cell, at fault where a closed list does not hold its number."""
    if cell.value is None or cell.value in choices:
        return cell
    listed = "、".join(f"{choice:g}" for choice in choices)
    return replace(cell, fault="choice", hint=listed)


def _comparable(catalog: Catalog, unit: str, period: dt.date) -> frozenset[str]:
    """Return which printed columns are the unit's own figures, which the record can be asked for.

    What was taken over from other units was worked out from theirs.
    """
    start = add_months(period, 1 - months_into(period, 12, catalog.bureau.year_start))
    found = {"ytd": start, "same": add_months(start, -12)}
    steps = catalog.successions
    return frozenset(role for role, since in found.items() if not is_reshaped(steps, unit, since))


def _printed(
    page: Page, table: Table, row: int, role: str, printed: frozenset[str]
) -> float | None:
    column = table.columns.get(role)
    if column is None or role not in printed:
        return None
    return page.cells.get((row, column), EMPTY).value
