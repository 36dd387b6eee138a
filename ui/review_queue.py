"""How is the queue shown: its choices, whose turn it is, group by group?

A city may have a thousand returns a month: they are grouped by the unit right below the one in
scope, and only one group is unfolded. Everything that is chosen stands in the address.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from ui import load
from ui.html import Child, Markup, icon, join, link, tag
from ui.review_items import ANYBODY, ENDED, Item
from ui.scope import Scope, here
from ui.table import Column, Row, table

# With no more returns than these every group stands open.
FEW = 30
TURN_ICON = {
    "mine": ("rule", "accent"),
    "confirming": ("hourglass_top", "mu"),
    "checked": ("contact_support", "mu"),
    "returned": ("undo", "worse"),
    "approved": ("task_alt", "better"),
}


def filters(scope: Scope, items: Sequence[Item], level: str, form: str) -> Markup:
    """Return the choices above the queue: what it waits for, which form."""
    count = Counter(item.stage for item in items)
    mine = sum(item.mine for item in items)
    stages = [("mine", scope.t("review.stage.mine"), mine)]
    way = sum(item.is_waiting for item in items)
    stages.append(("way", scope.t("review.stage.way"), way))
    stages += [(key, stage_word(scope, key), number) for key, number in _in_order(count)]
    stages.append(("all", scope.t("review.stage.all"), len(items)))
    label = next((word for key, word, _ in stages if key == level), "")
    pages = [
        _menu(
            scope,
            "review.filter_stage",
            label,
            "level",
            [(k, w, n, k == level) for k, w, n in stages],
        )
    ]
    by_form = Counter(item.row["form"] for item in items)
    if len(by_form) > 1:
        options = [("", scope.t("review.every_form"), len(items), not form)]
        known = load.catalog().forms
        options += [
            (code, f"{code} {known[code].name.get(scope.lang)}", by_form[code], code == form)
            for code in known
            if code in by_form
        ]
        label = next(word for _, word, _, on in options if on)
        pages.append(_menu(scope, "review.filter_form", label, "form", options))
    return tag("div", pages, cls="line", data_keep="1")


def _in_order(count: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return the stages that there are in the order of a return's life."""
    levels = [ANYBODY, *(level.code for level in reversed(load.catalog().bureau.levels))]
    life = ["checked", "confirming", *levels, *ENDED]
    return [(key, count[key]) for key in life if count.get(key)]


def _menu(
    scope: Scope, name: str, label: str, part: str, options: Sequence[tuple[str, str, int, bool]]
) -> Markup:
    """Return a folded list of links, each with how many returns it leaves."""
    links = [
        link(
            [word, tag("span", f"{number:,}", cls="s mu")],
            here("review", scope, **{part: key or None, "receipt": None, "page": None}),
            cls="on" if on else "",
            aria_current=on and "true",
        )
        for key, word, number, on in options
    ]
    head = [tag("span", scope.t(name), cls="vh"), label, icon("keyboard_arrow_down", 16)]
    return tag(
        "details", tag("summary", head, cls="ctl"), tag("div", links, cls="list"), cls="menu counts"
    )


def stage_word(scope: Scope, stage: str) -> str:
    """Return what a return waits for in words: a level's review, a confirmation, nothing more."""
    if stage in ("checked", "confirming", ANYBODY, *ENDED):
        return scope.t(f"review.stage.{stage}")
    return scope.t("review.stage.level", level=level_word(scope, stage))


def level_word(scope: Scope, code: str) -> str:
    """Return the name of a review level; a code that the bureau no longer has stands as it is."""
    names = {level.code: level.name.get(scope.lang) for level in load.catalog().bureau.levels}
    return names.get(code, code)


def turn(scope: Scope, item: Item) -> Markup:
    """Return whose turn it is, as an icon with its words."""
    key = "mine" if item.mine else item.stage
    symbol, cls = TURN_ICON.get(key, ("hourglass_top", "mu"))
    words = scope.t("review.stage.mine") if item.mine else stage_word(scope, item.stage)
    return tag("span", icon(symbol, 16), words, cls=f"rd {cls}")


def flags(scope: Scope, item: Item) -> list[Markup]:
    """Return what a reviewer should know before opening a return."""
    found = []
    if item.questions:
        found.append(tag("span", scope.t("review.questions", count=item.questions), cls="flag"))
    if item.row["why"] is not None:
        found.append(tag("span", scope.t("review.correction"), cls="flag strong"))
    elif item.row["version"] > 1:
        found.append(
            tag("span", scope.t("review.version", version=item.row["version"]), cls="flag")
        )
    if item.row["late"]:
        found.append(tag("span", scope.t("review.late"), cls="flag worse"))
    return found


def queue(scope: Scope, listed: Sequence[Item], chosen: Item | None, top: str) -> Markup:
    """Return the queue, group by group; of many groups one is unfolded."""
    groups: dict[str, list[Item]] = {}
    for item in listed:
        groups.setdefault(item.group, []).append(item)
    open_group = scope.extras.get("group") or (chosen.group if chosen else "")
    if open_group not in groups:
        open_group = next(iter(groups), "")
    is_short = len(listed) <= FEW
    parts = []
    for code, items in groups.items():
        is_open = is_short or code == open_group
        body = [_entry(scope, item, item is chosen, code) for item in items] if is_open else None
        parts.append(
            tag(
                "section",
                _group_head(scope, code, items, is_open, is_short),
                tag("ul", body) if body else None,
            )
        )
    label = scope.t("review.queue", unit=load.unit_title(top, scope.lang))
    return tag("div", parts, cls="queue scroll", tabindex="0", role="region", aria_label=label)


def _group_head(
    scope: Scope, code: str, items: Sequence[Item], is_open: bool, is_fixed: bool
) -> Markup:
    """Return a group's name with how many wait and how long; a folded one is opened by it."""
    waiting = [item for item in items if item.is_waiting]
    said = [scope.t("review.count", count=len(items))]
    if waiting:
        days = max(item.days for item in waiting)
        said.append(scope.t("review.oldest" if days else "review.oldest_today", days=days))
    name: Child = load.unit_title(code, scope.lang)
    if not is_fixed:
        symbol = "expand_more" if is_open else "chevron_right"
        name = link(
            [icon(symbol, 16), name],
            here("review", scope, group=code, receipt=None, page=None),
            aria_expanded="true" if is_open else "false",
        )
    return tag("h2", name, tag("span", " · ".join(said), cls="s mu nw"), data_keep="1")


def _entry(scope: Scope, item: Item, is_chosen: bool, group: str) -> Markup:
    """Return one return of the queue."""
    row = item.row
    form = load.catalog().forms.get(row["form"])
    name = f"{row['form']} {form.name.get(scope.lang)}" if form else row["form"]
    notes: list[Child] = []
    if row["unit"] != group:
        notes.append(load.unit_name(row["unit"], scope.lang))
    if item.is_waiting:
        notes.append(scope.t("review.since" if item.days else "review.since_today", days=item.days))
    else:
        notes.append(load.local(row["reviewed_at"] or row["submitted_at"]).strftime("%m-%d %H:%M"))
    label = [
        tag("span", name, cls="b"),
        tag("span", flags(scope, item), cls="marks"),
        tag("span", join(notes, " · "), cls="s mu"),
        turn(scope, item),
    ]
    where = here("review", scope, receipt=item.receipt, page=None, order=None)
    return tag(
        "li", link(label, where, aria_current=is_chosen and "true"), cls="sel" if is_chosen else ""
    )


def standing(scope: Scope, items: Sequence[Item]) -> Markup:
    """Return how many returns of each unit stand where, each number a way to them."""
    stages = [key for key, _ in _in_order(Counter(item.stage for item in items))]
    groups: dict[str, Counter[str]] = {}
    for item in items:
        groups.setdefault(item.group, Counter())[item.stage] += 1
    columns = [Column("unit", scope.t("ui.frame.unit"))]
    columns += [Column(key, stage_word(scope, key), number=True) for key in stages]
    rows = []
    for code, count in groups.items():
        cells: dict[str, Child] = {"unit": load.unit_title(code, scope.lang)}
        for key in stages:
            where = here("review", scope, level=key, group=code, receipt=None)
            cells[key] = (
                link(f"{count[key]:,}", where) if count[key] else tag("span", "0", cls="mu")
            )
        rows.append(Row(cells))
    return table(scope.t("review.standing"), columns, rows)
