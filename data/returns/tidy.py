"""Which cells of a table does the unit owe, and what did it write there?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from data.definition_types import Catalog, Form
from data.periods import add_months, months_into
from data.returns.cells import EMPTY, Cell
from data.returns.due import Sheet
from data.returns.liberties import merged_over
from data.returns.lines import Line
from data.returns.locate import Table
from data.returns.measured import in_unit
from data.returns.page import Area, Page, address
from data.returns.prior import is_reshaped
from data.units import Tree


def tidy_cells(
    page: Page,
    table: Table,
    form: Form,
    unit: str,
    period: dt.date,
    owed: tuple[Sheet, ...],
    tree: Tree,
    catalog: Catalog,
) -> list[dict[str, Any]]:
    """Return a row (CELLS) for each cell that is owed, and for each that holds more than that."""
    expected = frozenset().union(*(plan.expected for plan in owed))
    required = frozenset().union(*(plan.required for plan in owed))
    if table.layout == "unit":
        column = table.columns["value"]
        places = [(unit, m, row, column, False) for m, row in table.measures.items()]
    else:
        places = [
            (whose, m, line.row, column, is_total)
            for line in table.lines
            if (whose := _whose(line, unit, tree)) is not None
            for is_total in (not tree.is_leaf(whose),)
            for m, column in table.measures.items()
        ]
    found = []
    printed = _comparable(catalog, unit, period) if table.layout == "unit" else frozenset()
    merged = merged_over(page.merges, ((row, column) for _, _, row, column, _ in places))
    for filer, code, row, column, is_total in places:
        cell, measure = page.cells.get((row, column), EMPTY), catalog.measures[code]
        if cell.fault:
            cell = in_unit(cell, measure)
        if measure.choices:
            cell = _of_list(cell, measure.choices)
        if (row, column) in merged:
            cell = _under_merge(page, cell, (row, column), *merged[(row, column)])
        is_due = (filer, code) in expected
        if not is_due and (cell.kind == "empty" or (is_total and cell.value is None)):
            continue
        if is_total and measure.roll not in ("sum", "none"):
            continue
        found.append(
            {
                "sheet": page.name,
                "cell": address(row, column),
                "form": form.code,
                "unit": filer,
                "measure": code,
                "period": period,
                "text": cell.text,
                "kind": cell.kind,
                "fault": cell.fault,
                "hint": cell.hint,
                "liberty": cell.liberty,
                "value": cell.value,
                "decimals_found": cell.decimals,
                "is_due": is_due,
                "is_required": (filer, code) in required,
                "is_total": is_total,
                "reported_ytd": _printed(page, table, row, "ytd", printed) if printed else None,
                "reported_same_period": (
                    _printed(page, table, row, "same", printed) if printed else None
                ),
            }
        )
    return found


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
    cells: list[dict[str, Any]],
) -> list[dict[str, Any]]:
    """Return a row (LINES) for each unit that the table names, and for each it cannot name."""
    filled: dict[str, int] = {}
    required: dict[str, int] = {}
    for row in cells:
        if row["is_required"]:
            owner = str(row["unit"])
            required[owner] = required.get(owner, 0) + 1
            filled[owner] = filled.get(owner, 0) + (row["kind"] != "empty")
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
                "required": 0 if is_total else required.get(whose or "", 0),
                "filled": filled.get(whose or "", 0),
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
    cell = page.cells.get((row, column), EMPTY)
    return cell.value
