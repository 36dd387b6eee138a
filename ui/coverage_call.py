"""How is the chase list shown: which unit, which forms, how late, and whom does one call?"""

from typing import Any

import polars as pl

from data.returns.coverage import to_call
from reports.chase import chase_sheet
from reports.tables import Sheet
from ui import load, panel
from ui.coverage_data import Part
from ui.coverage_grid import MARKS
from ui.html import Child, Markup, icon, link, tag
from ui.numbers import shown
from ui.scope import Scope, here, period_label
from ui.table import Column, Row, table

PAGE = "coverage"
# More units than these would not be called from a page; the download has all.
MOST_UNITS = 30
# A file in these states waits for whoever sent it, with the rows of all its units.
OF_A_FILE = ("returned", "checked")
STANDING = {"overdue": "missing", "checked": "asked", "confirming": "asked"}


def show_calls(scope: Scope, part: Part, is_locked: bool) -> None:
    """Show the units of the chosen month of which something is missing, the latest first."""
    t = scope.t
    found = calls_of(scope, part)
    month = period_label(scope.period, "month", scope.lang)
    title = t("coverage.call.title")
    if found.is_empty():
        said = t("coverage.call.none", month=month)
        panel.notice([tag("b", said), t("coverage.space"), t("coverage.call.none_how")], "task_alt")
        return
    units = found["unit"].n_unique()
    panel.section(
        title,
        t("coverage.call.note", units=shown(units), forms=shown(found.height)),
        sheet=lambda: _sheet(scope, found),
        name=f"chase-{scope.unit}-{scope.period:%Y-%m}",
        lang=scope.lang,
    )
    if is_locked:
        panel.notice(t("coverage.call.locked", month=month), "lock")
    name = f"coverage calls {part.stamp}"
    panel.show(load.made(name, scope, "", lambda: _table(scope, found, title)))
    if units > MOST_UNITS:
        more = t("coverage.call.more", shown=MOST_UNITS, count=shown(units))
        panel.show(tag("div", more, cls="s mu"))


def calls_of(scope: Scope, part: Part) -> pl.DataFrame:
    """Return the chase list of the chosen month as the viewer may see it."""
    viewer, rows = load.viewer(scope.person), part.of_month(scope.period)
    return to_call(rows, viewer, load.catalog(), load.tree(), scope.lang)


def _sheet(scope: Scope, found: pl.DataFrame) -> Sheet:
    month = f"{scope.period:%Y-%m}"
    return chase_sheet(found, load.catalog(), load.tree(), month, scope.lang)


def _table(scope: Scope, found: pl.DataFrame, title: str) -> Markup:
    t = scope.t
    columns = [
        Column("unit", t("returns.chase.unit")),
        Column("above", t("coverage.sheet.above")),
        Column("forms", t("coverage.call.forms"), cls="wrap"),
        Column("due", t("returns.chase.due")),
        Column("days", t("returns.chase.late_days"), number=True),
        Column("cells", t("coverage.call.blank"), number=True),
        Column("person", t("returns.chase.person")),
    ]
    rows = [_row(scope, units, rows) for units, rows in together(found)]
    return table(title, columns, rows[:MOST_UNITS])


def together(found: pl.DataFrame) -> list[tuple[list[str], list[dict[str, Any]]]]:
    """Return the units to call with what is open; those of one file that came together once.

    A file with the rows of many units that was sent back is one call, not many.
    """
    groups: dict[tuple, tuple[list[str], list[dict[str, Any]]]] = {}
    for (unit,), forms in found.group_by("unit", maintain_order=True):
        rows = forms.rows(named=True)
        files = tuple((row["state"], row["form"], row["receipt"]) for row in rows)
        key = files if all(row["state"] in OF_A_FILE for row in rows) else (unit,)
        groups.setdefault(key, ([], rows))[0].append(str(unit))
    return list(groups.values())


def _row(scope: Scope, units: list[str], rows: list[dict[str, Any]]) -> Row:
    t, lang, unit = scope.t, scope.lang, units[0]
    said: list[Child] = []
    for state in dict.fromkeys(row["state"] for row in rows):
        codes = " ".join(row["form"] for row in rows if row["state"] == state)
        symbol, colour = MARKS[STANDING.get(state, state)]
        word = t(f"returns.state.{state}")
        said.append(
            tag("div", icon(symbol, 14, colour), " ", word, " ", tag("span", codes, cls="mu"))
        )
    parent = load.tree().parent(unit)
    late = max(row["late_days"] for row in rows)
    blank = sum(row["owed"] - row["filled"] for row in rows)
    who = rows[0]["person"] or tag("span", t("coverage.call.above"), cls="mu")
    label = load.unit_title(unit, lang)
    is_many = len(units) > 1 and parent is not None
    if is_many and parent is not None:
        above = load.unit_title(parent, lang)
        label = t("coverage.call.together", unit=above, count=len(units))
    where = here(PAGE, scope, unit=parent if is_many else unit, group=None)
    return Row(
        {
            "unit": link(label, where),
            "above": load.unit_title(parent, lang) if parent else "",
            "forms": said,
            "due": f"{min(row['due'] for row in rows):%m-%d}",
            "days": shown(late) if late else None,
            "cells": shown(blank),
            "person": who,
        }
    )
