"""How is shown what the checks ask: rule by month, unit by rule, and where one keeps asking?"""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from metrics.quality import QUERY
from reports.tables import Field, Sheet
from ui import load, panel
from ui.html import Child, Markup, join, link, tag
from ui.numbers import share, shown
from ui.quality_data import (
    Part,
    beyond_expected,
    false_rates,
    filed_by,
    rule_words,
    rules_table,
)
from ui.scope import Scope, here
from ui.table import DASH, Column, Row, icon_word, table

PAGE = "quality"
# Rules beside each other, hot spots and units below each other that one can still read.
MOST_RULES, MOST_SPOTS, MOST_UNITS = 10, 10, 12
# From which share of the largest number on a cell is darker.
STEPS = ((0.66, "h3"), (0.33, "h2"), (0.0, "h1"))


def heat(count: int, most: int) -> str:
    """Return the class of a cell's ground: the number says how many, the ground only helps.

    >>> heat(0, 9), heat(1, 9), heat(4, 9), heat(9, 9)
    ('', 'h1', 'h2', 'h3')
    """
    if not count or not most:
        return ""
    return next(name for least, name in STEPS if count / most >= least)


def rule_label(scope: Scope, code: str, wide: bool = True, cls: str = "rw") -> Markup:
    """Return a rule with its words; chosen, it narrows what stands below to it."""
    chosen = scope.extras.get("q") == code
    where = here(PAGE, scope, q=None if chosen else code)
    words = rule_words(scope, code)
    name = link(
        tag("b", code), where, title=words, data_keep="1", aria_current="true" if chosen else None
    )
    return join([name, " ", tag("span", words, cls=cls)]) if wide else name


def kind_words(scope: Scope, severity: str) -> Markup:
    """Return what a rule wants of whom it speaks to: symbol and word."""
    symbol = {"mandatory": "error", QUERY: "contact_support"}.get(severity, "info")
    return icon_word(symbol, scope.t(f"quality.severity.{severity}"))


def show_rules(scope: Scope, part: Part) -> None:
    """Show the rules that asked, month by month, with how often sound figures are asked about."""
    t = scope.t
    found = part.rules
    title = t("quality.rules.title")
    if found.is_empty():
        panel.section(title)
        panel.notice(t("quality.rules.none", count=len(part.months)), "task_alt")
        return
    panel.section(
        title,
        t("quality.rules.note", filed=shown(part.filed)),
        sheet=lambda: rules_sheet(scope, part, found),
        name=f"quality-rules-{scope.unit}-{scope.period:%Y-%m}",
        lang=scope.lang,
    )
    name = f"quality rules {part.stamp}"
    panel.show(load.made(name, scope, "", lambda: _rules(scope, part, found, title)))
    panel.explain("quality-rules")


def month_counts(part: Part) -> dict[tuple[str, Any], int]:
    """Return how often each rule spoke in each month."""
    counted = part.findings.group_by("rule", "severity", "period").len()
    return {(rule + kind, period): count for rule, kind, period, count in counted.rows()}


def _rules(scope: Scope, part: Part, found: pl.DataFrame, title: str) -> Markup:
    t = scope.t
    counts = month_counts(part)
    filed = sorted(set(part.returns["period"]) | {period for _, period in counts})
    most = max(counts.values(), default=0)
    rates = false_rates()
    columns = [
        Column("rule", t("quality.rules.rule"), cls="wrap rule"),
        Column("kind", t("quality.rules.kind")),
        Column("findings", t("quality.rules.findings"), number=True),
        Column("share", t("quality.rules.share"), unit="%", number=True),
        Column("answered", t("quality.rules.answered"), unit="%", number=True),
    ]
    if rates:
        columns.append(Column("false", t("quality.rules.false"), unit="%", number=True))
        columns.append(Column("more", t("quality.rules.against")))
    columns += [
        Column(f"{month:%Y-%m}", _month(scope, month, filed[0]), cls="hc") for month in filed
    ]
    rows = []
    for row in found.iter_rows(named=True):
        code = row["rule"]
        rate, of = rates.get(code), filed_by(part, code)
        cells: dict[str, Child] = {
            "rule": rule_label(scope, code),
            "kind": kind_words(scope, row["severity"]),
            "findings": tag("b", shown(row["findings"])),
            "share": share(min(row["returns"], of), of),
            "answered": share(row["answered"], row["findings"])
            if row["severity"] == QUERY
            else None,
            "false": shown(100 * rate.share, 1) if rate is not None else None,
            "more": _more(scope, beyond_expected(row["returns"], of, rate)),
        }
        classes = {}
        for month in filed:
            count = counts.get((code + row["severity"], month), 0)
            cells[f"{month:%Y-%m}"] = shown(count) if count else tag("span", "0", cls="mu")
            classes[f"{month:%Y-%m}"] = heat(count, most)
        rows.append(Row(cells, "sel" if scope.extras.get("q") == code else "", classes))
    notes = [tag("div", t("quality.rules.false_note"), cls="s mu under")] if rates else []
    return join([table(title, columns, rows, cls="heat"), *notes])


def _more(scope: Scope, verdict: str) -> Child:
    """Return whether a rule asks beyond what it asks of sound figures."""
    if verdict == "unknown":
        return None
    symbol = "trending_up" if verdict == "more" else "airwave"
    return icon_word(
        symbol, scope.t(f"quality.rules.{verdict}"), "up" if verdict == "more" else "mu"
    )


def _month(scope: Scope, month: Any, first: Any) -> Markup:
    """Return a month's heading, its year where one begins."""
    year = month.year if month == first or month.month == 1 else "\u00a0"
    name = tag("span", scope.t(f"ui.month.m{month.month}"), cls="mo")
    return join([tag("span", year, cls="yr"), name])


def rules_sheet(scope: Scope, part: Part, found: pl.DataFrame) -> Sheet:
    """Return the rules with a column a month."""
    t = scope.t
    counts, rates = month_counts(part), false_rates()
    names = ("findings", "units", "returns")
    fields = [Field(t("quality.rules.rule")), Field(t("quality.rules.words"), width=60)]
    fields.append(Field(t("quality.rules.kind")))
    fields += [Field(t(f"quality.rules.{name}"), 0) for name in names]
    fields += [Field(t("quality.rules.share"), 1), Field(t("quality.rules.answered"), 1)]
    fields += [Field(t("quality.rules.false"), 2)]
    fields += [Field(f"{month:%Y-%m}", 0) for month in part.months]
    rows = []
    for row in found.iter_rows(named=True):
        rate, of = rates.get(row["rule"]), filed_by(part, row["rule"])
        rows.append(
            [
                row["rule"],
                rule_words(scope, row["rule"]),
                t(f"quality.severity.{row['severity']}"),
                *(row[name] for name in names),
                100 * min(row["returns"], of) / of if of else None,
                100 * row["answered"] / row["findings"],
                100 * rate.share if rate is not None else None,
                *(counts.get((row["rule"] + row["severity"], month), 0) for month in part.months),
            ]
        )
    about = [(t("ui.sheet.scope"), load.unit_title(scope.unit, scope.lang))]
    return Sheet(t("quality.rules.title"), about, fields, rows, [t("quality.rules.false_note")])


def show_units(scope: Scope, part: Part) -> None:
    """Show how often each rule asked the units right below the one in scope."""
    t, tree = scope.t, load.tree()
    owing = set(part.outcomes["unit"])
    below = [
        unit for unit in tree.children(scope.unit) if owing.intersection(tree.subtree(unit, True))
    ]
    asked = part.asked
    if not below or asked.is_empty():
        return
    title = t("quality.units.title")
    panel.section(title, t("quality.units.note"))

    def body() -> Markup:
        owner = {leaf: unit for unit in below for leaf in tree.subtree(unit, gone=True)}
        named = asked.with_columns(below=pl.col("unit").replace_strict(owner, default=scope.unit))
        codes = rules_table(asked)["rule"].to_list()
        counted = named.group_by("below", "rule").len().rows()
        counts = {(unit, rule): count for unit, rule, count in counted}
        of = [unit for unit in below if len(below) <= MOST_UNITS or unit in set(named["below"])]
        rest = len(below) - len(of)
        note = tag("div", t("quality.units.rest", count=rest), cls="s mu under") if rest else None
        return join([_matrix(scope, title, codes[:MOST_RULES], of, counts), note])

    panel.show(load.made(f"quality units {part.stamp}", scope, "", body))
    panel.explain("quality-units")


def _matrix(
    scope: Scope,
    title: str,
    codes: Sequence[str],
    below: Sequence[str],
    counts: Mapping[tuple[str, str], int],
) -> Markup:
    """Return units by rule; a number leads to the questions of that rule to that unit."""
    t = scope.t
    most = max(counts.values(), default=0)
    columns = [Column("unit", t("ui.frame.unit"))]
    columns += [Column("all", t("quality.units.all"), number=True)]
    columns += [Column(code, rule_label(scope, code, wide=False), cls="hc") for code in codes]
    rows = []
    for unit in below:
        name = load.unit_title(unit, scope.lang)
        total = sum(count for (of, _), count in counts.items() if of == unit)
        cells: dict[str, Child] = {
            "unit": link(name, here(PAGE, scope, unit=unit)),
            "all": tag("b", shown(total)) if total else "0",
        }
        classes = {}
        for code in codes:
            count = counts.get((unit, code), 0)
            where = here(PAGE, scope, unit=unit, q=code)
            words = t("quality.units.cell", unit=name, rule=code, count=count)
            cells[code] = (
                link(shown(count), where, title=words) if count else tag("span", "0", cls="mu")
            )
            classes[code] = heat(count, most)
        rows.append(Row(cells, "", classes))
    return table(title, columns, rows, cls="heat")


def show_hot_spots(scope: Scope, part: Part) -> None:
    """Show where the same rule keeps asking the same unit, the most lasting first."""
    t = scope.t
    if len(part.units) == 1:
        return
    rule = scope.extras.get("q")
    # Again and again is more than one month; of a chosen rule everybody is listed.
    found = part.spots.filter(pl.col("rule") == rule if rule else pl.col("months") > 1)
    if found.is_empty() and not rule:
        return
    title = t("quality.spots.title")
    note: Child = t("quality.spots.note")
    if rule:
        close = link(t("quality.spots.all"), here(PAGE, scope, q=None), data_keep="1", cls="ln")
        note = join([t("quality.spots.only", rule=rule), " ", close])
    panel.section(
        title,
        note,
        sheet=lambda: spots_sheet(scope, found),
        name=f"quality-spots-{scope.unit}-{scope.period:%Y-%m}",
        lang=scope.lang,
    )
    if found.is_empty():
        panel.notice(t("quality.spots.none", rule=rule), "task_alt")
        return
    name = f"quality spots {part.stamp}"
    panel.show(load.made(name, scope, "", lambda: _spots(scope, found, title)))


def _spots(scope: Scope, found: pl.DataFrame, title: str) -> Markup:
    t = scope.t
    columns = [
        Column("unit", t("ui.frame.unit")),
        Column("above", t("coverage.sheet.above")),
        Column("rule", t("quality.rules.rule")),
        Column("months", t("quality.spots.months"), number=True),
        Column("findings", t("quality.rules.findings"), number=True),
        Column("share", t("quality.spots.share"), unit="%", number=True),
        Column("answered", t("quality.rules.answered"), unit="%", number=True),
        Column("last", t("quality.spots.last")),
    ]
    rows = [Row(_spot(scope, row)) for row in found.head(MOST_SPOTS).iter_rows(named=True)]
    more = t("coverage.call.more", shown=MOST_SPOTS, count=shown(found.height))
    note = tag("div", more, cls="s mu") if found.height > MOST_SPOTS else None
    return join([table(title, columns, rows), note])


def _spot(scope: Scope, row: Mapping[str, Any]) -> dict[str, Child]:
    parent = load.tree().parent(row["unit"])
    return {
        "unit": link(load.unit_title(row["unit"], scope.lang), here(PAGE, scope, unit=row["unit"])),
        "above": load.unit_title(parent, scope.lang) if parent else None,
        "rule": rule_label(scope, row["rule"], cls="rw one"),
        "months": shown(row["months"]),
        "findings": shown(row["findings"]),
        "share": shown(row["share"]) or DASH,
        "answered": share(row["answered"], row["findings"]),
        "last": f"{row['last']:%Y-%m}",
    }


def spots_sheet(scope: Scope, found: pl.DataFrame) -> Sheet:
    """Return all hot spots as a table to take along."""
    t = scope.t
    fields = [Field(t("coverage.sheet.unit"), width=24), Field(t("quality.rules.rule"))]
    fields += [Field(t("quality.rules.words"), width=60), Field(t("quality.spots.months"), 0)]
    fields += [Field(t("quality.rules.findings"), 0), Field(t("quality.rules.returns"), 0)]
    fields += [Field(t("quality.spots.share"), 1), Field(t("quality.spots.last"))]
    rows = [
        [
            load.unit_title(row["unit"], scope.lang),
            row["rule"],
            rule_words(scope, row["rule"]),
            *(row[name] for name in ("months", "findings", "returns", "share")),
            f"{row['last']:%Y-%m}",
        ]
        for row in found.iter_rows(named=True)
    ]
    about = [(t("ui.sheet.scope"), load.unit_title(scope.unit, scope.lang))]
    return Sheet(t("quality.spots.title"), about, fields, rows)
