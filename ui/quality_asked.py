"""How is shown what was asked and changed: integrity, one's own history, sizes of changes?"""

from collections.abc import Mapping
from typing import Any

import polars as pl

from data.access import MAY_REVIEW
from metrics.quality import own_history
from reports.tables import Field, Sheet
from ui import load, panel
from ui.html import Child, Markup, join, link, tag
from ui.numbers import share, shown
from ui.quality_data import Part, rule_of, rule_words
from ui.quality_rules import rule_label
from ui.scope import Scope, here, href
from ui.table import DASH, Column, Row, icon_word, table

PAGE = "quality"
MOST_ASKED, MOST_OWN = 20, 30


def integrity_questions(part: Part) -> pl.DataFrame:
    """Return the findings that ask how figures came about, the newest first."""
    codes = [rule.code for rule in load.catalog().rules if rule.integrity]
    found = part.asked.filter(pl.col("rule").is_in(codes))
    return found.sort("period", "unit", "rule", descending=[True, False, False])


def show_integrity(scope: Scope, part: Part) -> None:
    """Show the questions that ask how figures came about: to be looked into, no reproach."""
    t = scope.t
    found = integrity_questions(part)
    title = t("quality.integrity.title")
    if found.is_empty():
        panel.section(title)
        panel.notice(t("quality.integrity.none", count=len(part.months)), "task_alt")
        return
    panel.section(
        title,
        t("quality.integrity.note", count=shown(found.height)),
        sheet=lambda: _integrity_sheet(scope, found),
        name=f"quality-questions-{scope.unit}-{scope.period:%Y-%m}",
        lang=scope.lang,
    )
    panel.notice(t("quality.integrity.rule"), "contact_support")
    name = f"quality questions {part.stamp}"
    panel.show(load.made(name, scope, "", lambda: _questions(scope, part, found, title)))


def _questions(scope: Scope, part: Part, found: pl.DataFrame, title: str) -> Markup:
    t = scope.t
    columns = [
        Column("period", t("quality.column.period")),
        Column("unit", t("ui.frame.unit")),
        Column("rule", t("quality.integrity.question"), cls="wrap rule"),
        Column("measure", t("quality.integrity.measure")),
        Column("state", t("quality.integrity.state")),
    ]
    receipts = dict(part.returns.select("submission", "receipt").rows())
    rows = [
        Row(_question(scope, row, receipts)) for row in found.head(MOST_ASKED).iter_rows(named=True)
    ]
    more = t("quality.integrity.more", shown=MOST_ASKED, count=shown(found.height))
    rest = tag("div", more, cls="s mu") if found.height > MOST_ASKED else None
    return join([table(title, columns, rows), rest])


def _question(
    scope: Scope, row: Mapping[str, Any], receipts: Mapping[int, str]
) -> dict[str, Child]:
    t = scope.t
    key = "answered" if row["answered"] else "open"
    symbol = "chat" if row["answered"] else "contact_support"
    state: Child = icon_word(
        symbol, t(f"quality.integrity.{key}"), "" if row["answered"] else "accent"
    )
    receipt = receipts.get(row["submission"])
    if receipt and load.viewer(scope.person).role in MAY_REVIEW - {"statistician"}:
        where = href("review", scope, receipt=receipt, period=row["period"])
        state = link(state, where)
    return {
        "period": f"{row['period']:%Y-%m}",
        "unit": link(load.unit_title(row["unit"], scope.lang), here(PAGE, scope, unit=row["unit"])),
        "rule": [
            tag("b", row["rule"]),
            " ",
            tag("span", question_of(scope, row["rule"]), cls="rw"),
        ],
        "measure": measure_name(scope, row["measure"]),
        "state": state,
    }


def question_of(scope: Scope, code: str) -> str:
    """Return what a rule asks to be done: a question's way out, not its suspicion."""
    rule = rule_of(load.catalog(), code)
    return rule.fix.get(scope.lang) if rule is not None else rule_words(scope, code)


def measure_name(scope: Scope, code: str | None) -> str:
    """Return a measure's name; a finding without one is about the whole return."""
    found = load.catalog().measures.get(code or "")
    return found.name.get(scope.lang) if found else scope.t("quality.whole_return")


def _integrity_sheet(scope: Scope, found: pl.DataFrame) -> Sheet:
    t = scope.t
    fields = [Field(t("quality.column.period")), Field(t("coverage.sheet.unit"), width=24)]
    fields += [Field(t("quality.rules.rule")), Field(t("quality.integrity.question"), width=60)]
    fields += [Field(t("quality.integrity.measure"), width=24), Field(t("quality.integrity.state"))]
    rows = [
        [
            f"{row['period']:%Y-%m}",
            load.unit_title(row["unit"], scope.lang),
            row["rule"],
            question_of(scope, row["rule"]),
            measure_name(scope, row["measure"]),
            t(f"quality.integrity.{'answered' if row['answered'] else 'open'}"),
        ]
        for row in found.iter_rows(named=True)
    ]
    about = [(t("ui.sheet.scope"), load.unit_title(scope.unit, scope.lang))]
    title = t("quality.integrity.title")
    return Sheet(title, about, fields, rows, [t("quality.integrity.rule")])


def show_history(scope: Scope, part: Part) -> None:
    """Show a single unit what it is asked about again and again, and how that ended."""
    t = scope.t
    if len(part.units) != 1:
        return
    found = own_history(part.findings, part.changes)
    title = t("quality.history.title")
    if found.is_empty():
        panel.section(title)
        panel.notice(t("quality.history.none", count=len(part.months)), "task_alt")
        return
    panel.section(title, t("quality.history.note"))
    columns = [
        Column("measure", t("quality.integrity.measure")),
        Column("rule", t("quality.rules.rule"), cls="wrap rule"),
        Column("months", t("quality.spots.months"), number=True),
        Column("span", t("quality.history.span")),
        Column("findings", t("quality.rules.findings"), number=True),
        Column("answered", t("quality.history.answered"), number=True),
        Column("changed", t("quality.history.changed"), number=True),
    ]
    rows = [Row(_own(scope, row)) for row in found.head(MOST_OWN).iter_rows(named=True)]
    panel.show(table(title, columns, rows))


def _own(scope: Scope, row: Mapping[str, Any]) -> dict[str, Child]:
    first, last = (f"{row[name]:%Y-%m}" for name in ("first", "last"))
    is_asked = row["rule"] != "changed"
    return {
        "measure": measure_name(scope, row["measure"]),
        "rule": rule_label(scope, row["rule"]) if is_asked else scope.t("quality.history.silent"),
        "months": shown(row["months"]),
        "span": first if first == last else f"{first} – {last}",
        "findings": shown(row["findings"]) if is_asked else DASH,
        "answered": shown(row["answered"]) if is_asked else DASH,
        "changed": shown(row["changed"]),
    }


def show_changes(scope: Scope, part: Part) -> None:
    """Show how far figures moved between one file and the next, and where revisions stand."""
    t = scope.t
    title = t("quality.changes.title")
    way = link(t("quality.changes.editions"), href("editions", scope), cls="s")
    panel.section(title, t("quality.changes.note"), way)
    found = part.sizes
    if found.is_empty():
        panel.notice(t("quality.changes.none", count=len(part.months)), "task_alt")
        return
    columns = [
        Column("how", t("quality.changes.how")),
        Column("figures", t("quality.changes.figures"), number=True),
        Column("returns", t("quality.changes.returns"), number=True),
        Column("ups", t("quality.changes.ups"), unit="%", number=True),
        Column("median", t("quality.changes.median"), unit="%", number=True),
    ]
    rows = [
        Row(
            {
                "how": t(f"quality.changes.{row['how']}"),
                "figures": shown(row["figures"]),
                "returns": shown(row["returns"]),
                "ups": share(row["ups"], row["figures"]),
                "median": shown(row["median_pct"], 1) or DASH,
            }
        )
        for row in found.iter_rows(named=True)
    ]
    panel.show(table(title, columns, rows))
