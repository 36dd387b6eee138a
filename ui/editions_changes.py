"""What changed between two editions: figures of the unit in scope, and cell by cell?"""

from dataclasses import replace

import polars as pl

from data.store.editions import Edition
from metrics.rounding import format_value
from reports.tables import Field, Sheet
from ui import load, panel
from ui.clock import moment
from ui.editions_data import basis_link, cells_seen, figures_between, locks, sight_of
from ui.html import Child, Markup, icon, link, tag
from ui.numbers import shown
from ui.scope import Scope, href
from ui.table import DASH, Column, Row, table

# More than these would not be read on a page; the download has all.
MOST_FIGURES, MOST_CELLS = 20, 30


def show_changes(scope: Scope, found: tuple[Edition, ...], chosen: Edition) -> None:
    """Show what the chosen edition gave differently from the one before it."""
    t = scope.t
    older = next((item for item in found if item.name == chosen.previous), None)
    if older is None:
        panel.section(t("editions.changes"))
        panel.empty(t("editions.no_previous"), t("editions.no_previous_how"))
        return
    cells = cells_seen(older.name, chosen.name, scope.unit, scope.person)
    stands = t(f"basis.{chosen.hashes.basis}")
    panel.section(
        t("editions.changes"),
        t("editions.changes_note", older=older.name, newer=chosen.name, basis=stands),
        sheet=lambda: _sheet(scope, older, chosen, cells),
        name="edition-changes",
        lang=scope.lang,
    )
    if not cells.height:
        panel.empty(t("editions.no_changes"), t("editions.no_changes_how", older=older.name))
        return
    seen = replace(scope, basis=chosen.hashes.basis, as_of=None)
    is_there = scope.unit in load.tree_of(seen).units
    units = load.row_units(seen) if is_there else (scope.unit,)
    figures = figures_between(older.name, chosen.name, units, sight_of(scope, chosen))
    if figures.height:
        panel.show(_figures_table(scope, figures, chosen))
        if figures.height > MOST_FIGURES:
            more = t("editions.more_figures", shown=MOST_FIGURES, count=shown(figures.height))
            panel.show(tag("div", more, cls="s mu"))
    panel.show(_cells_table(scope, cells))
    if cells.height > MOST_CELLS:
        more = t("editions.more_cells", shown=MOST_CELLS, count=shown(cells.height))
        panel.show(tag("div", more, cls="s mu"))


def _figures_table(scope: Scope, figures: pl.DataFrame, chosen: Edition) -> Markup:
    t, lang = scope.t, scope.lang
    columns = [
        Column("name", t("editions.column.indicator")),
        Column("unit", t("editions.column.unit")),
        Column("period", t("editions.column.period")),
        Column("before", t("editions.column.before"), number=True),
        Column("value", t("editions.column.value"), number=True),
        Column("change", t("editions.column.change"), number=True),
    ]
    rows = []
    for row in figures.head(MOST_FIGURES).iter_rows(named=True):
        item = load.indicator(row["indicator"])
        asked = {"indicator": item.code, "unit": row["unit"], "period": row["period"]}
        address = href("indicator", scope, **asked, basis=basis_link(chosen))
        both = row["value"] is not None and row["before"] is not None
        change = load.signed(row["value"] - row["before"], item.decimals) if both else DASH
        cells: dict[str, Child] = {
            "name": link(item.name.get(lang), address),
            "unit": load.unit_title(row["unit"], lang),
            "period": f"{row['period']:%Y-%m}",
            "before": _number(row["before"], row["indicator"], lang),
            "value": tag("span", _number(row["value"], row["indicator"], lang), cls="b"),
            "change": change,
        }
        rows.append(Row(cells))
    return table(t("editions.figures"), columns, rows, cls="dense", show_caption=True)


def _number(value: float | None, code: str, lang: str) -> str:
    return DASH if value is None else format_value(value, load.indicator(code), lang)


def _cells_table(scope: Scope, cells: pl.DataFrame) -> Markup:
    t, lang = scope.t, scope.lang
    columns = [
        Column("name", t("editions.column.cell")),
        Column("unit", t("editions.column.unit")),
        Column("period", t("editions.column.period")),
        Column("before", t("editions.column.before"), number=True),
        Column("value", t("editions.column.value"), number=True),
        Column("when", t("editions.column.when")),
        Column("receipt", t("editions.column.receipt")),
    ]
    locked_at = locks(scope.as_of)
    rows = []
    latest = cells.sort("vintage", descending=True).head(MOST_CELLS)
    for row in latest.iter_rows(named=True):
        locked = locked_at.get(row["period"])
        is_late = locked is not None and row["vintage"] > locked
        when: list[Child] = [moment(row["vintage"])]
        if is_late:
            late = t("editions.late")
            when.append(tag("span", icon("lock_open", 14), " ", late, cls="rd worse"))
        rows.append(
            Row(
                {
                    "name": load.indicator(row["measure"]).name.get(lang),
                    "unit": load.unit_title(row["unit"], lang),
                    "period": f"{row['period']:%Y-%m}",
                    "before": _number(row["before"], row["measure"], lang),
                    "value": tag("span", _number(row["value"], row["measure"], lang), cls="b"),
                    "when": [[part, " "] for part in when],
                    "receipt": tag("code", row["submission"], cls="s"),
                }
            )
        )
    return table(t("editions.cells"), columns, rows, cls="dense", show_caption=True)


def _sheet(scope: Scope, older: Edition, newer: Edition, cells: pl.DataFrame) -> Sheet:
    """Return all changed cells as a table to take along."""
    t, lang = scope.t, scope.lang
    about = [
        (t("editions.chosen"), f"{older.name} → {newer.name}"),
        (t("editions.column.hash"), newer.hashes.figures_hash),
        (t("ui.sheet.scope"), load.unit_title(scope.unit, lang)),
        (t("ui.frame.basis"), t(f"ui.basis.{newer.hashes.basis}")),
    ]
    names = ("cell", "unit", "period", "before", "value", "when", "receipt")
    fields = [Field(t(f"editions.column.{name}")) for name in names]
    rows = [
        [
            load.indicator(row["measure"]).name.get(lang),
            load.unit_title(row["unit"], lang),
            f"{row['period']:%Y-%m}",
            row["before"],
            row["value"],
            moment(row["vintage"]),
            row["submission"],
        ]
        for row in cells.iter_rows(named=True)
    ]
    return Sheet(t("editions.changes"), about, fields, rows)
