"""How is the chosen month shown form by form: which one is missing, when was it due, how late?"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import polars as pl

from data.access import MAY_FILE, MAY_REVIEW
from data.returns.due import due_date
from reports.tables import Field, Sheet
from ui import load, panel
from ui.coverage_data import STANDINGS, Part
from ui.coverage_grid import MARKS, Line, about, cell, folded, lines_of, name_cell
from ui.html import Child, Markup, join, link, tag
from ui.numbers import share, shown
from ui.scope import Scope, here, href, period_label
from ui.table import DASH, Column, Row, flag, icon_word, table

PAGE = "coverage"


def show_forms(scope: Scope, part: Part) -> None:
    """Show the chosen month: units by form, or of a single unit each form with all its days."""
    t = scope.t
    rows = part.of_month(scope.period)
    month = period_label(scope.period, "month", scope.lang)
    title = t("coverage.forms.title", month=month)
    panel.section(
        title,
        t("coverage.forms.note"),
        sheet=lambda: forms_sheet(scope, part),
        name=f"coverage-forms-{scope.unit}-{scope.period:%Y-%m}",
        lang=scope.lang,
    )
    is_alone = part.units == (scope.unit,)
    make = _forms_of_one if is_alone else _forms_of_many
    name = f"coverage forms {part.stamp}"
    panel.show(load.made(name, scope, "", lambda: make(scope, part, rows, title)))
    panel.explain("forms")


def _forms_of_many(scope: Scope, part: Part, rows: pl.DataFrame, title: str) -> Markup:
    """Return units by form."""
    lines = lines_of(scope, part)
    cells = folded(part, rows, lines, "form")
    owed = set(rows["form"])
    forms = [code for code in load.catalog().forms if code in owed]
    columns = [Column("unit", scope.t("ui.frame.unit"))]
    columns += [Column(code, _form_head(scope, code)) for code in forms]
    body = []
    for line in lines:
        row: dict[str, Child] = {"unit": name_cell(scope, line)}
        classes = {}
        for code in forms:
            row[code], classes[code] = _form_cell(scope, line, code, cells.get((line.unit, code)))
        kind = "total" if line.depth == 0 else "sub" if line.depth == 2 else ""
        body.append(Row(row, kind, classes))
    return table(title, columns, body, cls="cv by-form")


def _form_head(scope: Scope, code: str) -> Markup:
    """Return a form's heading: its code, its name, its day."""
    form = load.catalog().forms[code]
    day = scope.t("coverage.forms.by", day=f"{due_date(form, scope.period):%m-%d}")
    name = form.name.get(scope.lang)
    return join([tag("b", code), tag("span", name, cls="nm"), tag("span", day, cls="nm")])


def _form_cell(
    scope: Scope, line: Line, code: str, row: Mapping[str, Any] | None
) -> tuple[Child, str]:
    if row is None:
        return tag("span", DASH, cls="mu"), ""
    under: Child = None
    if line.is_leaf:
        under = [tag("span", words, cls="un") for words in days_of(scope, code, row)]
    where = here(PAGE, scope, unit=line.unit, group=None)
    form = load.catalog().forms[code]
    return cell(scope, line, row, where, f"{code} {form.name.get(scope.lang)}", under)


def days_of(scope: Scope, code: str, row: Mapping[str, Any]) -> list[str]:
    """Return how many days late a form is, and until when its unit was given more time."""
    said = []
    if row["late_days"]:
        said.append(scope.t("coverage.forms.days", days=row["late_days"]))
    if is_extended(code, scope.period, row["due"]):
        said.append(scope.t("coverage.forms.until", day=f"{row['due']:%m-%d}"))
    return said


def is_extended(code: str, period: dt.date, due: dt.date) -> bool:
    """Return whether a unit was given more time than the form gives everybody."""
    return due > due_date(load.catalog().forms[code], period)


def _forms_of_one(scope: Scope, part: Part, rows: pl.DataFrame, title: str) -> Markup:
    """Return the forms of one unit with day, state, cells and receipt."""
    t = scope.t
    columns = [
        Column("form", t("returns.page.form")),
        Column("due", t("returns.page.due")),
        Column("days", t("coverage.forms.late"), number=True),
        Column("state", t("returns.page.state")),
        Column("cells", t("coverage.forms.cells"), number=True),
        Column("share", t("coverage.forms.share"), unit="%", number=True),
        Column("receipt", t("coverage.forms.receipt")),
    ]
    body = [Row(_one_cells(scope, row)) for row in rows.iter_rows(named=True)]
    return table(title, columns, body)


def _one_cells(scope: Scope, row: Mapping[str, Any]) -> dict[str, Child]:
    t = scope.t
    form = load.catalog().forms[row["form"]]
    symbol, colour = MARKS[row["standing"]]
    due: list[Child] = [f"{row['due']:%Y-%m-%d}"]
    if is_extended(row["form"], scope.period, row["due"]):
        due += [" ", flag(t("coverage.forms.extended"))]
    filled = f"{shown(row['filled'])} / {shown(row['owed'])}"
    if row["waiting"]:
        waiting = t("coverage.forms.waiting", count=shown(row["waiting"]))
        cells: Child = join([filled, tag("span", " ", waiting, cls="s mu")])
    else:
        cells = filled
    days = t("coverage.forms.days", days=row["late_days"]) if row["late_days"] else None
    return {
        "form": f"{form.code} {form.name.get(scope.lang)}",
        "due": join(due),
        "days": days,
        "state": icon_word(symbol, _state_words(scope, row), colour),
        "cells": cells,
        "share": share(row["filled"], row["owed"]),
        "receipt": receipt_link(scope, row["receipt"]),
    }


def _state_words(scope: Scope, row: Mapping[str, Any]) -> str:
    """Return the standing, and what exactly a return that is on its way waits for."""
    said = scope.t(f"coverage.standing.{row['standing']}")
    if row["standing"] in ("pending", "asked"):
        return scope.t(
            "coverage.forms.exactly", said=said, state=scope.t(f"returns.state.{row['state']}")
        )
    return said


def receipt_link(scope: Scope, receipt: str | None) -> Child:
    """Return a return's receipt; who reviews or files is led to where it is dealt with."""
    if not receipt:
        return None
    role = load.viewer(scope.person).role
    if role in MAY_REVIEW - {"statistician"}:
        return link(receipt, href("review", scope, receipt=receipt))
    if role in MAY_FILE:
        return link(receipt, href("returns", scope))
    return tag("span", receipt, cls="mu")


def forms_sheet(scope: Scope, part: Part) -> Sheet:
    """Return the chosen month with one form of one unit a row."""
    t, lang = scope.t, scope.lang
    fields = [Field(t("coverage.sheet.unit"), width=24), Field(t("returns.page.form"), width=22)]
    fields += [Field(t("returns.page.due"), width=12), Field(t("coverage.sheet.days"), 0)]
    fields += [Field(t(f"coverage.sheet.{name}"), 0) for name in ("owed", "approved", "waiting")]
    fields += [
        Field(t("coverage.sheet.state"), width=16),
        Field(t("coverage.forms.receipt"), width=24),
    ]
    rows = []
    for row in part.of_month(scope.period).iter_rows(named=True):
        form = load.catalog().forms[row["form"]]
        rows.append(
            [
                load.unit_title(row["unit"], lang),
                f"{form.code} {form.name.get(lang)}",
                row["due"],
                row["late_days"],
                *(row[name] for name in ("owed", "approved", "waiting")),
                t(f"coverage.standing.{STANDINGS[row['rank']]}"),
                row["receipt"],
            ]
        )
    month = period_label(scope.period, "month", lang)
    title = t("coverage.forms.title", month=month)
    return Sheet(title, about(scope), fields, rows, [t("coverage.sheet.note")])
