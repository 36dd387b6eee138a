"""What stands round every page? The menu of the person's role, the scope bar, the person switch.

Everything here is a link: the address is the only state, so a pasted link opens the same view, and
the browser's back button does what it says.
"""

import datetime as dt
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import streamlit as st

from data.texts import text
from ui import load, panel, stand
from ui.front import front_words
from ui.html import Child, Markup, icon, join, link, tag
from ui.scope import (
    BASES,
    LANGUAGES,
    WINDOWS,
    Scope,
    here,
    href,
    language_of,
    period_label,
    query_of,
    read_scope,
    step,
)
from ui.theme import show_style, theme_name

GROUPS = ("leadership", "statistics", "evaluation", "reference")
LOGO = "balance"
# A picture of our own: a Material icon here would be fetched from another host.
FAVICON = Path(__file__).with_name("logo.svg")


@dataclass(frozen=True, slots=True)
class Entry:
    """A page: its name in the address, its file, its place in the menu, who has it there.

    `also` are roles that may open it by a link without having it in their menu; those of
    `first_for` begin here. A page that shows no figures of a basis and day (my returns: the record
    as it is) has no choice of them.
    """

    name: str
    file: Path
    group: str
    icon: str
    roles: frozenset[str]
    also: frozenset[str] = frozenset()
    first_for: frozenset[str] = frozenset()
    has_figures: bool = True


def run(entries: Sequence[Entry]) -> None:
    """Show the frame and the page that the address names."""
    st.set_page_config(
        page_icon=str(FAVICON),
        layout="wide",
        initial_sidebar_state=208,
    )
    load.begin_run()
    lang = language_of(st.context.locale or st.context.headers.get("Accept-Language"))
    asked = st.query_params.to_dict()  # each look into the parameters themselves takes a lock
    scope = read_scope(asked, load.allowed(), st.session_state.get("scope"), lang)
    viewer = load.viewer(scope.person)
    own = load.own_units(viewer)
    if scope.unit not in own:
        scope = read_scope(asked | {"unit": own[0]}, load.allowed(), None, lang)
    st.session_state["scope"] = scope
    usable = [e for e in entries if viewer.role in e.roles | e.also]
    pages = {e.name: _page(e, scope.lang) for e in usable}
    first = [e for e in usable if viewer.role in e.first_for]
    start = (first or [e for e in usable if viewer.role in e.roles] or usable)[0]
    home = st.Page(
        lambda: st.switch_page(pages[start.name], query_params=query_of(scope)),
        title=text("ui.frame.product", scope.lang),
        url_path="home",
        default=True,
    )
    chosen = st.navigation([home, *pages.values()], position="hidden")
    if chosen is home:  # it only leads on: what would be shown here is shown there
        chosen.run()
        return
    show_style(theme_name())
    current = next((name for name, page in pages.items() if page == chosen), start.name)
    with st.sidebar:
        side = load.made(
            f"side {current}", scope, "", lambda: _side(usable, viewer.role, current, scope)
        )
        panel.show(side)
    dated = any(e.name == current and e.has_figures for e in usable)
    seen = scope if dated else replace(scope, basis="now", as_of=None)
    load.begin_page(stand.stand_words(scope) if dated else "")
    with panel.guard("scope bar", scope.lang):
        name = f"bar {current}"
        panel.show(load.made(name, scope, "", lambda: _scope_bar(scope, seen, current, dated)))
        panel.show(stand.statement(scope, current) if dated else None)
    with panel.guard(f"page {current}", scope.lang):
        if not (dated and stand.show_missing(scope, current)):
            chosen.run()


def current_scope() -> Scope:
    """Return the scope of this run; `run` has read it before any page is shown."""
    return st.session_state["scope"]


def _page(entry: Entry, lang: str) -> st.Page:  # type: ignore[valid-type]
    """Return a page of the app; each run has its own, for a run says which may be called."""
    return copy(_page_made(entry, lang))


@cache
def _page_made(entry: Entry, lang: str) -> st.Page:  # type: ignore[valid-type]
    """Make a page with its title in a language once: its file is looked up on disk."""
    title = text(f"ui.page.{entry.name}", lang)
    return st.Page(
        entry.file,
        title=text("ui.frame.title", lang, page=title),
        url_path=entry.name,
    )


def _side(usable: Sequence[Entry], role: str, current: str, scope: Scope) -> Markup:
    """Return the sidebar: brand, menu, person."""
    return join([_brand(scope), _menu(usable, role, current, scope), _person(scope, current)])


def _brand(scope: Scope) -> Markup:
    """Return the product's mark with the bureau's name."""
    return tag(
        "div",
        tag("div", icon(LOGO, 20), cls="logo"),
        tag(
            "div",
            tag("div", scope.t("ui.frame.product"), cls="b"),
            tag("div", load.catalog().bureau.name.get(scope.lang), cls="s mu"),
        ),
        cls="brand",
    )


def _menu(entries: Sequence[Entry], role: str, current: str, scope: Scope) -> Markup:
    """Return the menu: the pages of this role by group."""
    parts: list[Child] = []
    for group in GROUPS:
        mine = [e for e in entries if e.group == group and role in e.roles]
        if not mine:
            continue
        parts.append(tag("div", scope.t(f"ui.group.{group}"), cls="menu-group"))
        for entry in mine:
            label = join([icon(entry.icon, 20), tag("span", scope.t(f"ui.page.{entry.name}"))])
            on = entry.name == current
            where = href(entry.name, scope)
            parts.append(link(label, where, cls="on" if on else "", aria_current=on and "page"))
    return tag("nav", parts, cls="menu-links", aria_label=scope.t("ui.frame.menu"))


def _person(scope: Scope, current: str) -> Markup:
    """Return the person at the foot of the sidebar; in a demonstration others can be taken on."""
    lang = scope.lang
    people = load.people()
    me = people[scope.person]
    face = join(
        [
            icon("account_tree", 20, "mu"),
            tag(
                "span",
                tag("span", me[0].get(lang)),
                tag("span", me[1].get(lang), cls="mu"),
                cls="s",
            ),
        ]
    )
    others = [
        link(
            join([name.get(lang), tag("span", role.get(lang), cls="s mu")]),
            href("./", scope, **{"as": code, "unit": unit}),
            cls="on" if code == scope.person else "",
        )
        for code, (name, role, unit) in people.items()
    ]
    return tag(
        "details",
        tag("summary", face, icon("unfold_more", 16, "mu"), aria_label=scope.t("ui.frame.person")),
        tag("div", tag("div", scope.t("ui.frame.person"), cls="menu-group"), others, cls="list up"),
        cls="menu who",
    )


def _scope_bar(scope: Scope, seen: Scope, page: str, dated: bool) -> Markup:
    """Return the bar: unit, period, window, basis, language, and the state of what is seen.

    `seen` is the scope as the page uses it: one without figures of a basis and day (not `dated`)
    stands on what holds today, and has no choice of them.
    """
    window = [(w, scope.t(f"ui.window.{w}"), w == scope.window) for w in WINDOWS]
    basis = [(b, scope.t(f"ui.basis.{b}"), b == scope.basis) for b in BASES]
    extra = [_choice(scope, page, "window", scope.t(f"ui.window.{scope.shown_window}"), window)]
    *state, when = load.state(seen, with_units=dated)
    if dated:
        extra.append(_choice(scope, page, "basis", scope.t(f"ui.basis.{scope.basis}"), basis))
        when = stand.day_menu(scope, page, str(when))
    more = tag(
        "details",
        tag("summary", icon("filter_alt", 16), scope.t("ui.frame.more"), cls="ctl"),
        tag(
            "div",
            _list(scope, page, "window", window),
            _list(scope, page, "basis", basis) if dated else None,
            cls="list",
        ),
        cls="menu only-phone",
    )
    return tag(
        "div",
        _unit_picker(scope, seen, page),
        _stepper(scope, page),
        tag("div", extra, cls="extra"),
        more,
        _languages(scope, page),
        tag("div", join([*state, when], " · "), cls="state"),
        cls="scope",
        data_lang="zh-CN" if scope.lang == "zh" else "en",
        data_words=front_words(scope.lang),
        data_keep="1",
    )


def _choice(
    scope: Scope, page: str, key: str, label: str, options: list[tuple[str, str, bool]]
) -> Markup:
    """Return a folded list of choices for one part of the scope."""
    name = scope.t(f"ui.frame.{key}")
    summary = tag(
        "summary", tag("span", name, cls="vh"), label, icon("keyboard_arrow_down", 16), cls="ctl"
    )
    return tag("details", summary, _list(scope, page, key, options), cls="menu")


def _list(scope: Scope, page: str, key: str, options: list[tuple[str, str, bool]]) -> Markup:
    """Return the choices as links."""
    links = [
        link(
            label,
            here(page, scope, **{key: value}),
            cls="on" if on else "",
            aria_current=on and "true",
        )
        for value, label, on in options
    ]
    return tag("div", links, cls="list")


def _unit_picker(scope: Scope, shown: Scope, page: str) -> Markup:
    """Return the unit with its breadcrumb; the list leads up, down and to the neighbours."""
    tree, units = load.tree_of(shown), load.visible_units(load.sight(shown), shown.period)
    if scope.unit not in units:
        return _absent_unit(scope, page, units)
    seen = set(units)
    trail = [*reversed([u for u in tree.ancestors(scope.unit) if u in seen]), scope.unit]
    below = [u for u in tree.children(scope.unit) if u in seen and not tree.is_pooled(u)]
    parent = tree.parent(scope.unit)
    beside = [] if below or parent is None else [u for u in tree.children(parent) if u in seen]
    names = [load.unit_name(u, scope.lang) for u in trail]
    if below and len(trail) == 1:
        names.append(scope.t("ui.frame.all", level=load.level_name(below[0], scope.lang)))
    crumb = join([tag("span", n, cls="nw") for n in names[-2:]], " › ")
    entries: list[Child] = []
    for i, unit in enumerate(trail):
        entries.append(_unit_link(scope, page, unit, i))
    for unit in below or beside:
        if unit != scope.unit:
            entries.append(_unit_link(scope, page, unit, len(trail) - (0 if below else 1)))
    return _unit_menu(scope, crumb, entries)


def _absent_unit(scope: Scope, page: str, units: Sequence[str]) -> Markup:
    """Return the picker of a view in which the unit in scope does not exist: the way to others."""
    tree = load.tree_of(scope)
    top = units[:1]
    below = [u for unit in top for u in tree.children(unit) if u in set(units)]
    entries = [_unit_link(scope, page, u, 0) for u in top]
    entries += [_unit_link(scope, page, u, 1) for u in below if not tree.is_pooled(u)]
    crumb = tag("span", load.unit_name(scope.unit, scope.lang), cls="nw mu")
    return _unit_menu(scope, crumb, entries)


def _unit_menu(scope: Scope, crumb: Markup, entries: Sequence[Child]) -> Markup:
    """Return the folded list of units under the name of the one in scope."""
    summary = tag(
        "summary",
        icon("apartment", 16),
        tag("span", scope.t("ui.frame.unit"), cls="vh"),
        crumb,
        icon("keyboard_arrow_down", 16),
        cls="ctl",
    )
    return tag("details", summary, tag("div", entries, cls="list tall"), cls="menu")


def _unit_link(scope: Scope, page: str, unit: str, depth: int) -> Markup:
    """Return a unit of the picker, indented by its depth."""
    on = unit == scope.unit
    return link(
        load.unit_name(unit, scope.lang),
        here(page, scope, unit=unit),
        cls="on" if on else "",
        aria_current=on and "true",
        style=f"padding-left:{8 + 12 * depth}px",
    )


def _stepper(scope: Scope, page: str) -> Markup:
    """Return the period with a step earlier and later; the list has all of them by year."""
    periods = load.allowed().periods
    parts = []
    for by, symbol, word in ((-1, "chevron_left", "earlier"), (1, "chevron_right", "later")):
        to = step(scope, periods, by)
        name = scope.t(f"ui.frame.{word}")
        inner = join([icon(symbol, 18), tag("span", name, cls="vh")])
        parts.append(
            tag("span", inner, cls="arrow off", aria_disabled="true")
            if to == scope.period
            else link(inner, here(page, scope, period=f"{to:%Y-%m}"), cls="arrow")
        )
    years: dict[int, list[dt.date]] = {}
    for period in reversed(periods):
        years.setdefault(period.year, []).append(period)
    lists = [
        tag(
            "div",
            tag("div", scope.t("ui.frame.year", year=year), cls="menu-group"),
            tag("div", [_month_link(scope, page, p) for p in reversed(months)], cls="months"),
        )
        for year, months in years.items()
    ]
    label = period_label(scope.period, scope.shown_window, scope.lang)
    summary = tag("summary", tag("span", scope.t("ui.frame.period"), cls="vh"), label)
    middle = tag("details", summary, tag("div", lists, cls="list tall"), cls="menu")
    return tag("div", parts[0], middle, parts[1], cls="ctl stepper")


def _month_link(scope: Scope, page: str, period: dt.date) -> Markup:
    """Return a month of the period list."""
    on = period == scope.period
    label = scope.t(f"ui.month.m{period.month}")
    where = here(page, scope, period=f"{period:%Y-%m}")
    return link(label, where, cls="on" if on else "", aria_current=on and "true")


def _languages(scope: Scope, page: str) -> Markup:
    """Return the language switch."""
    words = {"zh": ("中", "zh-CN"), "en": ("EN", "en")}
    links = [
        link(
            words[code][0],
            here(page, scope, lang=code),
            cls="on" if code == scope.lang else "",
            lang=words[code][1],
            aria_current=code == scope.lang and "true",
        )
        for code in LANGUAGES
    ]
    return tag("div", links, cls="seg", role="group", aria_label=scope.t("ui.frame.language"))
