"""How are the units shown: the tree of a month, what happened to it, one unit's history?"""

import datetime as dt

from data.access import may_see
from data.definition_types import Succession
from data.unit_history import Event, spells_of, timeline
from data.unit_words import told_event
from data.units import Tree
from reports.tables import Field, Sheet
from reports.units import tree_sheet
from ui import load, panel, units_changes
from ui.frame import current_scope
from ui.html import Child, Markup, icon, join, link, tag
from ui.scope import Scope, here, period_label
from ui.table import Column, Row, flag, table

PAGE = "units"
MOST_EVENTS = 30
EVENT_ICON = {
    "opened": "add_circle",
    "closed": "cancel",
    "moved": "swap_horiz",
    "split": "call_split",
    "merged": "call_merge",
    "succeeded": "redo",
    "handed": "call_split",
}


def show() -> None:
    """Show the units in scope in the month in scope, their changes, and how these are made."""
    scope = current_scope()
    events = events_of(load.sight(scope).unit)
    is_today = scope.extras.get("tree") == "today"
    tree = load.tree() if is_today else load.tree_then(scope.period)
    with panel.guard("units head", scope.lang):
        _head(scope, tree, events)
    with panel.guard("units tree", scope.lang):
        _show_tree(scope, tree, events, is_today)
    if scope.unit != load.catalog().bureau.root:
        with panel.guard("units history", scope.lang):
            panel.show(_history(scope))
    with panel.guard("units events", scope.lang):
        _show_events(scope, events)
    with panel.guard("units changes", scope.lang):
        units_changes.show(scope)


@load.cached
def events_of(top: str) -> tuple[Event, ...]:
    """Return the changes that concern the units under one, newest first; an empty one is all."""
    found = timeline(load.catalog())
    if top:
        below = set(load.own_units_of(top))
        found = tuple(e for e in found if {e.unit, *(unit for unit, _ in e.shares)} & below)
    return tuple(reversed(found))


def _names(lang: str) -> dict[str, str]:
    """Return how every unit is called."""
    return {unit.code: load.unit_title(unit.code, lang) for unit in load.catalog().units}


def _head(scope: Scope, tree: Tree, events: tuple[Event, ...]) -> None:
    """Show how many units there were, and the latest change."""
    t, lang = scope.t, scope.lang
    month = period_label(scope.period, "month", lang)
    below = tree.subtree(scope.unit) if scope.unit in tree.units else ()
    counts: dict[str, int] = {}
    for unit in below:
        if not tree.is_own(unit) and not tree.is_pooled(unit) and unit != scope.unit:
            level = load.level_name(unit, lang)
            counts[level] = counts.get(level, 0) + 1
    said = [t("units.page.count", level=level, count=n) for level, n in counts.items()]
    said = said or [load.level_name(scope.unit, lang)]
    when = t("units.page.today") if scope.extras.get("tree") == "today" else month
    unit = load.unit_title(scope.unit, lang)
    title = t("units.page.title", unit=unit, when=when, counts=t("units.page.comma").join(said))
    lead = t("units.page.lead_none")
    if events:
        latest = events[0]
        names = _names(lang)
        what, date = told_event(latest, names, lang), f"{latest.date:%Y-%m}"
        said_of = {"count": len(events), "date": date, "unit": names[latest.unit], "what": what}
        lead = t("units.page.lead", **said_of)
    panel.head(t("units.page.crumb", month=month), title, lead)


def _choice(scope: Scope, month: str, is_today: bool) -> Markup:
    """Return the choice between the tree of the month in scope and that of today."""
    links = [
        link(
            words,
            here(PAGE, scope, tree=value),
            cls="on" if on else "",
            aria_current=on and "true",
        )
        for words, value, on in (
            (month, None, not is_today),
            (scope.t("units.page.today"), "today", is_today),
        )
    ]
    label = scope.t("units.page.choice")
    seg = tag("div", links, cls="seg", role="group", aria_label=label)
    return tag("div", seg, cls="line", data_keep="1")


def _show_tree(scope: Scope, tree: Tree, events: tuple[Event, ...], is_today: bool) -> None:
    """Show who belonged to whom under the unit in scope."""
    t, lang = scope.t, scope.lang
    month = period_label(scope.period, "month", lang)
    panel.show(_choice(scope, month, is_today))
    if scope.unit not in tree.units or (is_today and scope.unit in tree.gone):
        name = load.unit_title(scope.unit, lang)
        title = t(
            "units.page.absent", unit=name, month=t("units.page.today") if is_today else month
        )
        panel.empty(title, t("units.page.absent_how"))
        return
    if not tree.children(scope.unit):
        return
    title = t("units.page.tree_today") if is_today else t("units.page.tree", month=month)
    levels = {level.code: level.name for level in load.catalog().bureau.levels}
    panel.section(
        title,
        t("units.page.tree_note"),
        sheet=lambda: tree_sheet(_part(tree, scope.unit), levels, title, lang),
        name=f"units-{scope.unit}-{scope.period:%Y-%m}",
        lang=lang,
    )

    def body() -> Markup:
        marks = _marks(scope, events)
        below = tree.children(scope.unit)
        inner = [unit for unit in below if tree.children(unit)]
        leaves = [unit for unit in below if not tree.children(unit)]
        parts: list[Child] = [_branch(scope, tree, unit, marks, not leaves) for unit in inner]
        if leaves:
            parts.append(tag("div", [_leaf(scope, unit, marks) for unit in leaves], cls="leaves"))
        return tag("div", parts, cls="card pad tree")

    panel.show(load.made("unit tree", scope, "", body))


def _part(tree: Tree, top: str) -> Tree:
    """Return a unit and what is below it as a tree of their own."""
    kept = set(tree.subtree(top))
    units = {code: unit for code, unit in tree.units.items() if code in kept}
    above = {code: parent for code, parent in tree.parents.items() if code in kept}
    return Tree(units, above, tree.own_levels, tree.pooled_levels, top)


def _marks(scope: Scope, events: tuple[Event, ...]) -> dict[str, list[str]]:
    """Return what each unit bears as a mark: new, moved here, closed; up to the month in scope."""
    t, names = scope.t, _names(scope.lang)
    found: dict[str, list[str]] = {}
    for event in events:
        date = f"{event.date:%Y-%m}"
        if event.date > scope.period:
            continue
        if event.kind == "opened":
            found.setdefault(event.unit, []).append(t("units.page.new", date=date))
        if event.kind == "moved":
            values = {"date": date, "was": names.get(event.was or "", "")}
            found.setdefault(event.unit, []).append(t("units.page.came", **values))
    for unit in load.catalog().units:
        if unit.opened and unit.opened <= scope.period and unit.code not in found:
            found[unit.code] = [t("units.page.new", date=f"{unit.opened:%Y-%m}")]
        if unit.closed:
            ends = t("units.page.ends", date=f"{unit.closed:%Y-%m}")
            found.setdefault(unit.code, []).append(ends)
    return found


def _branch(
    scope: Scope, tree: Tree, unit: str, marks: dict[str, list[str]], is_open: bool
) -> Markup:
    """Return a unit with those below it, folded unless there are few."""
    below = tree.children(unit)
    count = tag("span", scope.t("units.page.below", count=len(below)), cls="s mu")
    head = [tag("b", load.unit_title(unit, scope.lang)), tag("span", unit, cls="s mu"), count]
    flags = [flag(words) for words in marks.get(unit, ())]
    inner: list[Child] = []
    for child in below:
        if tree.children(child):
            inner.append(_branch(scope, tree, child, marks, False))
        else:
            inner.append(_leaf(scope, child, marks))
    few = is_open and len(tree.children(tree.parent(unit) or unit)) <= 3
    changed = any(marks.get(child) for child in below)
    return tag(
        "details",
        tag("summary", head, flags, icon("history", 14, "mu") if changed else None),
        tag("div", inner, cls="leaves"),
        open=few,
    )


def _leaf(scope: Scope, unit: str, marks: dict[str, list[str]]) -> Markup:
    """Return a unit with nothing below it; it leads to its history."""
    name = link(load.unit_title(unit, scope.lang), here(PAGE, scope, unit=unit))
    flags = [flag(words) for words in marks.get(unit, ())]
    return tag("div", name, " ", tag("span", unit, cls="s mu"), " ", flags)


def _history(scope: Scope) -> Markup:
    """Return where a unit hung, from whom it took over, and to whom it passed."""
    t, lang, catalog = scope.t, scope.lang, load.catalog()
    names = _names(lang)
    unit = next(u for u in catalog.units if u.code == scope.unit)
    spells = spells_of(catalog.units, catalog.parents)[unit.code]
    hung = [
        tag("div", names.get(spell.parent or "", ""), " ", tag("span", span, cls="s mu"))
        for spell in spells
        if spell.parent
        for span in [_span(scope, spell.start, spell.end)]
    ]
    came = [_step(scope, s.from_unit, s) for s in catalog.successions if s.to_unit == unit.code]
    went = [_step(scope, s.to_unit, s) for s in catalog.successions if s.from_unit == unit.code]
    life = _days(scope, unit.opened, unit.closed)
    nothing = t("units.page.nothing")
    entries: list[tuple[str, Child]] = [
        ("life", life),
        ("belonged", hung or nothing),
        ("from", came or nothing),
        ("to", went or nothing),
    ]
    rows = [[tag("dt", t(f"units.page.{key}")), tag("dd", words)] for key, words in entries]
    title = t("units.page.history", unit=names[unit.code])
    return tag("div", tag("h2", title), tag("dl", rows, cls="pp wide"), cls="card pad")


def _step(scope: Scope, other: str, step: Succession) -> Markup:
    """Return one side of a handover: the other unit, the month, the share; it leads there."""
    share = f"{step.share:.4g}"
    name = link(load.unit_title(other, scope.lang), here(PAGE, scope, unit=other))
    seen = may_see(load.viewer(scope.person), other)
    said = [name if seen else load.unit_title(other, scope.lang), " "]
    return tag("div", said, tag("span", f"{step.date:%Y-%m} · {share}", cls="s mu"))


def _span(scope: Scope, start: int, end: int) -> str:
    """Return a stretch of month numbers in words."""
    first, last = (_month(number) for number in (start, end))
    return _between(scope, first, last)


def _days(scope: Scope, opened: dt.date | None, closed: dt.date | None) -> str:
    """Return a stretch between two days in words."""
    first, last = (f"{day:%Y-%m}" if day else "" for day in (opened, closed))
    return _between(scope, first, last)


def _between(scope: Scope, first: str, last: str) -> str:
    if first and last:
        return scope.t("units.page.between", start=first, end=last)
    if first:
        return scope.t("units.page.since", start=first)
    return scope.t("units.page.until", end=last) if last else scope.t("units.page.always")


def _month(number: int) -> str:
    """Return a month number as a month; nothing for one beyond every calendar.

    >>> _month(2024 * 12 + 2), _month(1 << 30)
    ('2024-03', '')
    """
    year, place = divmod(number, 12)
    return f"{year}-{place + 1:02d}" if 1000 <= year <= 9999 else ""


def _show_events(scope: Scope, events: tuple[Event, ...]) -> None:
    """Show what happened, newest first; a unit leads to its history."""
    t, lang = scope.t, scope.lang
    title = t("units.page.timeline")
    if not events:
        panel.section(title)
        panel.empty(t("units.page.timeline_none"), t("units.page.timeline_none_how"))
        return
    panel.section(
        title,
        t("units.page.timeline_note"),
        sheet=lambda: _events_sheet(scope, events),
        name="unit-changes",
        lang=lang,
    )
    names = _names(lang)
    columns = [
        Column("date", t("units.page.date")),
        Column("unit", t("units.page.unit")),
        Column("what", t("units.page.what"), cls="wrap"),
    ]
    rows = []
    seen = set(load.own_units(load.viewer(scope.person)))
    for event in events[:MOST_EVENTS]:
        name = names[event.unit]
        where = here(PAGE, scope, unit=event.unit)
        words = told_event(event, names, lang)
        mark = tag("span", icon(EVENT_ICON[event.kind], 16, "mu"), " ", words)
        cells: dict[str, Child] = {
            "date": f"{event.date:%Y-%m}",
            "unit": link(name, where) if event.unit in seen else name,
            "what": mark,
        }
        rows.append(Row(cells))
    more = len(events) - MOST_EVENTS
    note = tag("div", t("units.page.timeline_more", count=more), cls="s mu") if more > 0 else None
    panel.show(join([table(title, columns, rows), note]))


def _events_sheet(scope: Scope, events: tuple[Event, ...]) -> Sheet:
    """Return all changes as a sheet."""
    t, names = scope.t, _names(scope.lang)
    fields = [Field(t(f"units.page.{key}")) for key in ("date", "unit", "what")]
    rows = [[f"{e.date:%Y-%m}", names[e.unit], told_event(e, names, scope.lang)] for e in events]
    return Sheet(t("units.page.timeline"), [], fields, rows)
