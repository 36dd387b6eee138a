"""How is a grid of units shown, by month or by form? Districts first, an opened one in its place.

Every cell is a link with a symbol and words: a reader who sees no colour, or nothing at all, learns
the same.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from reports.tables import Field, Sheet
from ui import load, panel
from ui.clock import now
from ui.coverage_data import STANDINGS, Locked, Part, by_group, by_unit
from ui.html import Child, Markup, icon, join, link, tag
from ui.numbers import share, shown
from ui.scope import Scope, here, period_label
from ui.table import DASH, Column, Row, table

PAGE = "coverage"
# Standing → symbol and the class of its colour; each symbol has a word beside it or in the legend.
MARKS = {
    "missing": ("error", "worse"),
    "returned": ("undo", "worse"),
    "asked": ("contact_support", "accent"),
    "partial": ("incomplete_circle", "mu"),
    "due": ("schedule", "mu"),
    "pending": ("hourglass_top", "accent"),
    "late": ("alarm", "up"),
    "ontime": ("check_circle", "better"),
    "imported": ("input", "mu"),
}
#: Standings whose cells say how many forms stand so.
COUNTED = frozenset({"missing", "returned", "asked", "partial", "due", "late"})
Folded = Mapping[tuple[str, Any], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a grid: a unit, how deep it stands, and whether others can be opened below it."""

    unit: str
    depth: int
    is_leaf: bool
    can_open: bool = False
    is_open: bool = False


def lines_of(scope: Scope, part: Part) -> list[Line]:
    """Return the lines: the unit in scope, those right below it, and those below the opened one.

    A unit that was closed since stands where it hung last, as long as it owed something.
    """
    tree, owing = load.tree(), set(part.rows["unit"])

    def below(unit: str) -> list[str]:
        near = [child for child in tree.subtree(unit, gone=True) if tree.parent(child) == unit]
        return [child for child in near if owing.intersection(tree.subtree(child, gone=True))]

    top = scope.unit
    if not below(top):
        return [Line(top, 0, is_leaf=True)]
    found = [Line(top, 0, is_leaf=False)]
    for child in below(top):
        can_open = bool(below(child))
        is_open = can_open and scope.extras.get("group") == child
        found.append(Line(child, 1, not can_open, can_open, is_open))
        if is_open:
            found += [Line(unit, 2, not below(unit)) for unit in below(child)]
    return found


def folded(part: Part, rows: pl.DataFrame, lines: Sequence[Line], key: str) -> Folded:
    """Return what stands in the cells of the lines, by unit and month or form."""
    leaves = by_unit(rows, key)
    found: dict[tuple[str, Any], Mapping[str, Any]] = {
        (row["unit"], row[key]): row for row in leaves.iter_rows(named=True)
    }
    for depth in {line.depth for line in lines if not line.is_leaf}:
        groups = {
            unit: line.unit
            for line in lines
            if line.depth == depth and not line.is_leaf
            for unit in load.tree().subtree(line.unit, gone=True)
        }
        for row in by_group(leaves, groups, key).iter_rows(named=True):
            found[row["group"], row[key]] = row
    return found


def show_months(scope: Scope, part: Part, locks: Mapping[dt.date, Locked]) -> None:
    """Show units by month: how each stood, with the way to the month of a unit."""
    t = scope.t
    first, last = (period_label(m, "month", scope.lang) for m in (part.months[0], part.months[-1]))
    title = t("coverage.months.title", count=len(part.months))
    panel.section(
        title,
        t("coverage.months.note", first=first, last=last),
        sheet=lambda: months_sheet(scope, part),
        name=f"coverage-{scope.unit}-{scope.period:%Y-%m}",
        lang=scope.lang,
    )

    def body() -> Markup:
        lines = lines_of(scope, part)
        cells = folded(part, part.rows, lines, "period")
        columns = [Column("unit", t("ui.frame.unit"))]
        columns += [
            Column(f"{month:%Y-%m}", _month_head(scope, part, month, locks.get(month)))
            for month in part.months
        ]
        body = []
        for line in lines:
            row: dict[str, Child] = {"unit": name_cell(scope, line)}
            classes = {}
            for month in part.months:
                key = f"{month:%Y-%m}"
                found = cells.get((line.unit, month))
                row[key], classes[key] = month_cell(scope, line, month, found)
            body.append(Row(row, _kind(scope, line), classes))
        grid = table(title, columns, body, cls="cv by-month")
        return join([legend(scope), grid, _imported_note(scope, part)])

    panel.show(load.made(f"coverage months {part.stamp}", scope, "", body))
    panel.explain("coverage")


def _imported_note(scope: Scope, part: Part) -> Markup | None:
    """Return which months came as files of history: then nobody filed, in time or late."""
    filed = set(part.rows.filter(pl.col("receipt").is_not_null())["period"])
    came = part.rows.filter(standing="imported")["period"].unique().sort()
    before = [month for month in came if month not in filed]
    if not before or not filed:
        return None
    first, last = (period_label(day, "month", scope.lang) for day in (before[0], before[-1]))
    key = "some_imported" if first != last else "one_imported"
    return tag("div", scope.t(f"coverage.{key}", first=first, last=last), cls="s mu under")


def _kind(scope: Scope, line: Line) -> str:
    return "total" if line.depth == 0 and not line.is_leaf else "sub" if line.depth == 2 else ""


def name_cell(scope: Scope, line: Line) -> Markup:
    """Return a line's unit: a link to it, and the switch that opens those below it.

    Who opens a unit stays where the grid is; who chooses one begins at the top of its page.
    """
    name = load.unit_title(line.unit, scope.lang)
    where = here(PAGE, scope, unit=line.unit, group=None)
    label = name if line.unit == scope.unit else link(name, where)
    if not line.can_open:
        return tag("div", label, cls=f"u d{line.depth}")
    key = "close" if line.is_open else "open"
    symbol = "keyboard_arrow_down" if line.is_open else "chevron_right"
    words = scope.t(f"coverage.grid.{key}", unit=name)
    switch = link(
        icon(symbol, 18),
        here(PAGE, scope, group=None if line.is_open else line.unit),
        aria_label=words,
        title=words,
        aria_expanded="true" if line.is_open else "false",
        data_keep="1",
        cls="sw",
    )
    return tag("div", switch, label, cls=f"u d{line.depth}")


def _month_head(scope: Scope, part: Part, month: dt.date, lock: Locked | None) -> Markup:
    """Return a month's heading: its year where one begins, the lock, the way to choose it."""
    is_first = month == part.months[0] or month.month == 1
    year = tag("span", month.year if is_first else "\u00a0", cls="yr")
    name = scope.t(f"ui.month.m{month.month}")
    mark: Child = None
    if lock is not None and lock.is_whole:
        said = tag("span", scope.t("coverage.lock.locked"), cls="vh")
        mark = join([icon("lock", 12), said])
    chosen = month == scope.period
    words = [year, tag("span", name, mark, cls="mo")]
    where = here(PAGE, scope, period=month)
    return link(words, where, aria_current="true" if chosen else None, cls="on" if chosen else "")


def month_cell(
    scope: Scope, line: Line, month: dt.date, row: Mapping[str, Any] | None
) -> tuple[Child, str]:
    """Return the cell of a unit and month, and the class of its ground."""
    if row is None:
        return tag("span", DASH, cls="mu"), ""
    where = here(PAGE, scope, unit=line.unit, period=month, group=None)
    when = period_label(month, "month", scope.lang)
    return cell(scope, line, row, where, when)


def cell(
    scope: Scope, line: Line, row: Mapping[str, Any], where: str, when: str, under: Child = None
) -> tuple[Markup, str]:
    """Return a cell of a grid: symbol and words of the worst standing, and how full it is."""
    standing = STANDINGS[row["rank"]]
    symbol, colour = MARKS[standing]
    word = scope.t(f"coverage.short.{standing}")
    words: list[Child] = [word]
    if not line.is_leaf:
        is_whole = row["done"] == row["units"]
        said = shown(row["units"]) if is_whole else f"{row['done']}/{row['units']}"
        words = [said, tag("span", " ", word, cls="vh")]
    elif under is None and standing in COUNTED and row["worst"] < row["forms"]:
        some = scope.t("coverage.grid.some", count=row["worst"], forms=row["forms"])
        under = tag("span", some, cls="un")
    top = tag("span", icon(symbol, 14, colour), tag("span", words), cls="st")
    hint = hint_of(scope, line, row, when)
    bar = meter(row) if not line.is_leaf or row["approved"] < row["owed"] else None
    ground = standing if standing in ("missing", "returned") else ""
    return link([top, under, bar], where, title=hint), ground


def meter(row: Mapping[str, Any]) -> Markup:
    """Return a thin bar of the cells owed: approved, on their way, and what is missing."""
    owed = max(row["owed"], 1)
    parts = [
        tag("i", style=f"width:{100 * row[name] / owed:.4g}%", cls=name)
        for name in ("approved", "waiting")
        if row[name]
    ]
    return tag("span", parts, cls="meter", aria_hidden="true")


def hint_of(scope: Scope, line: Line, row: Mapping[str, Any], when: str) -> str:
    """Return a cell in words: whose, when, how many forms or units, how full, what is open."""
    t = scope.t
    standing = STANDINGS[row["rank"]]
    filled = row["approved"] + row["waiting"]
    values = {
        "unit": load.unit_title(line.unit, scope.lang),
        "when": when,
        "done": shown(row["done_forms"] if line.is_leaf else row["done"]),
        "owed": shown(row["forms"] if line.is_leaf else row["units"]),
        "share": share(filled, row["owed"]),
        "word": t(f"coverage.standing.{standing}"),
        "count": shown(row["worst"]),
    }
    return t("coverage.grid.hint_form" if line.is_leaf else "coverage.grid.hint_unit", **values)


def legend(scope: Scope) -> Markup:
    """Return what symbols and bars mean."""
    t = scope.t
    marks = [
        tag("span", icon(MARKS[name][0], 14, MARKS[name][1]), " ", t(f"coverage.standing.{name}"))
        for name in reversed(STANDINGS)
    ]
    marks += [
        tag("span", tag("i", cls="cell approved"), t("coverage.legend.approved")),
        tag("span", tag("i", cls="cell waiting"), t("coverage.legend.waiting")),
        tag("span", tag("i", cls="cell"), t("coverage.legend.blank")),
    ]
    return tag("div", marks, cls="lg cv-legend")


def months_sheet(scope: Scope, part: Part) -> Sheet:
    """Return every filing unit and month with its counts, one a row."""
    t, lang = scope.t, scope.lang
    words = [Field(t("coverage.sheet.unit"), width=24), Field(t("coverage.sheet.above"), width=20)]
    words.append(Field(t("coverage.sheet.month")))
    names = ("forms", "done", "late", "days", "owed", "approved", "waiting")
    fields = [*words, *(Field(t(f"coverage.sheet.{name}"), 0) for name in names)]
    fields += [Field(t("coverage.sheet.share"), 1), Field(t("coverage.sheet.state"), width=16)]
    rows = []
    for row in by_unit(part.rows, "period").iter_rows(named=True):
        parent = load.tree().parent(row["unit"])
        filled = row["approved"] + row["waiting"]
        rows.append(
            [
                load.unit_title(row["unit"], lang),
                load.unit_title(parent, lang) if parent else "",
                f"{row['period']:%Y-%m}",
                *(row[key] for key in ("forms", "done_forms", "late_forms", "late_days")),
                *(row[key] for key in ("owed", "approved", "waiting")),
                100 * filled / row["owed"] if row["owed"] else None,
                t(f"coverage.standing.{STANDINGS[row['rank']]}"),
            ]
        )
    return Sheet(t("coverage.months.sheet"), about(scope), fields, rows, [t("coverage.sheet.note")])


def about(scope: Scope) -> list[tuple[str, str]]:
    """Return the lines above a downloaded table: whose returns, up to which month, as of when."""
    month = period_label(scope.period, "month", scope.lang)
    unit = load.unit_title(scope.unit, scope.lang)
    return [
        (scope.t("ui.sheet.scope"), f"{unit} · {month}"),
        (scope.t("ui.sheet.made"), f"{now():%Y-%m-%d %H:%M}"),
    ]
