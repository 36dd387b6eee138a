"""How is the catalogue of indicators shown: a list to search, and the whole of one entry?"""

from collections.abc import Callable

import streamlit as st

from data.catalog import Catalog, Indicator
from data.definition_words import direction_words, formula_words, shown_policy
from reports.tables import Field, Sheet
from ui import load, panel
from ui.catalogue_entry import show_entry
from ui.frame import current_scope
from ui.html import Child, Markup, icon, join, link, small, tag
from ui.scope import Scope, href
from ui.table import Column, Row, flag, table


def show() -> None:
    """Show the list, or the entry of the indicator that the address names."""
    scope = current_scope()
    code = scope.extras.get("indicator")
    if code is None:
        with panel.guard("catalogue", scope.lang):
            _show_list(scope, load.catalog())
    else:
        with panel.guard("catalogue entry", scope.lang):
            show_entry(scope, load.catalog(), code)


def find_indicators(catalog: Catalog, query: str, category: str = "") -> list[Indicator]:
    """Return the indicators of a category whose words hold every word of the query.

    >>> from data.catalog import load_catalog
    >>> [item.code for item in find_indicators(load_catalog(), "5分钟 率")]
    ['d_arrive_5min_rate']
    """
    words = query.lower().split()
    order = list(catalog.bureau.categories)
    found = [
        item
        for item in catalog.indicators.values()
        if (not category or item.category == category)
        and all(word in _searched(item) for word in words)
    ]
    return sorted(found, key=lambda item: (order.index(item.category), item.order))


def _searched(item: Indicator) -> str:
    """Return the text of an indicator that a search looks through."""
    parts = (item.code, item.name.zh, item.name.en, item.definition.zh, item.definition.en)
    return "\n".join(parts).lower()


def _show_list(scope: Scope, catalog: Catalog) -> None:
    """Show the search box, the category, and the list of what was found."""
    category = scope.extras.get("group", "")
    category = category if category in catalog.bureau.categories else ""
    place = st.container(key="catalogue-head")
    with st.container(horizontal=True, vertical_alignment="bottom", key="catalogue-find"):
        query = st.text_input(
            scope.t("catalogue.search"),
            value=scope.extras.get("q", ""),
            placeholder=scope.t("catalogue.search_hint"),
            key="catalogue-query",
            max_chars=80,
            width=320,
        )
        panel.show(_categories(scope, catalog, query, category))
    _remember(query, scope)
    found = find_indicators(catalog, query, category)
    with place:
        _list_head(scope, catalog, len(found), bool(query or category))
    if not found:
        panel.empty(scope.t("catalogue.nothing", query=query), scope.t("catalogue.nothing_how"))
        return
    panel.section(
        scope.t("catalogue.list"),
        scope.t("catalogue.list_note"),
        sheet=lambda: _sheet(scope, catalog, found),
        name="catalogue",
        lang=scope.lang,
    )
    panel.show(_list_table(scope, catalog, found))


def _remember(query: str, scope: Scope) -> None:
    """Keep what is searched for in the address."""
    if query != scope.extras.get("q", ""):
        if query:
            st.query_params["q"] = query
        else:
            st.query_params.pop("q", None)


def _list_head(scope: Scope, catalog: Catalog, found: int, is_narrowed: bool) -> None:
    """Show what the list holds."""
    count, derived = len(catalog.indicators), len(catalog.derived())
    title = (
        scope.t("catalogue.title_found", found=found, count=count)
        if is_narrowed
        else scope.t(
            "catalogue.title", count=count, measures=len(catalog.measures), derived=derived
        )
    )
    crumb = scope.t("catalogue.crumb", digest=catalog.digest[:8])
    panel.head(crumb, title, scope.t("catalogue.lead"))


def _categories(scope: Scope, catalog: Catalog, query: str, chosen: str) -> Markup:
    """Return the folded list of categories with how many of the found each holds."""
    kept = query or None
    links, label = [], ""
    for code in ("", *catalog.bureau.categories):
        count = len(find_indicators(catalog, query, code))
        name = catalog.bureau.categories[code].get(scope.lang) if code else ""
        words = (
            scope.t("catalogue.one_category", name=name, count=count)
            if code
            else scope.t("catalogue.all_categories", count=count)
        )
        on = code == chosen
        label = words if on else label
        where = href("catalogue", scope, q=kept, group=code or None)
        links.append(link(words, where, cls="on" if on else "", aria_current=on and "true"))
    summary = tag(
        "summary",
        tag("span", scope.t("catalogue.category"), cls="vh"),
        label,
        icon("keyboard_arrow_down", 16),
        cls="ctl",
    )
    return tag("details", summary, tag("div", links, cls="list tall"), cls="menu")


def _list_table(scope: Scope, catalog: Catalog, found: list[Indicator]) -> Markup:
    """Return the found indicators by category."""
    columns = [
        Column("name", scope.t("definitions.field.name"), cls="wrap"),
        Column("code", scope.t("definitions.field.code"), cls="hide-phone"),
        Column("unit", scope.t("definitions.field.unit")),
        Column("direction", scope.t("definitions.field.direction")),
        Column("policy", scope.t("definitions.field.policy")),
        Column("form", scope.t("definitions.field.form"), cls="hide-phone"),
    ]
    rows: list[Row] = []
    category = ""
    for item in found:
        if item.category != category:
            category = item.category
            name = catalog.bureau.categories[category].get(scope.lang)
            rows.append(Row({"name": name, **dict.fromkeys(_keys(columns), " ")}, kind="total"))
        rows.append(Row(_list_cells(scope, catalog, item)))
    return table(scope.t("catalogue.list"), columns, rows)


def _keys(columns: list[Column]) -> list[str]:
    """Return the keys of all columns but the first."""
    return [column.key for column in columns[1:]]


def _list_cells(scope: Scope, catalog: Catalog, item: Indicator) -> dict[str, Child]:
    """Return the cells of one indicator of the list."""
    form = catalog.measures[item.code].form if item.is_measure else ""
    filed = catalog.forms[form].code if form in catalog.forms else scope.t("catalogue.computed")
    return {
        "name": link(
            item.name.get(scope.lang),
            href("catalogue", scope, indicator=item.code),
            style="color:var(--accent)",
        ),
        "code": small(item.code),
        "unit": item.unit.get(scope.lang),
        "direction": small(direction_words(item.direction, scope.lang)),
        "policy": _policy_flag(scope, item),
        "form": small(filed),
    }


def _policy_flag(scope: Scope, item: Indicator) -> Markup:
    """Return the furthest use of an indicator with the flags that limit it."""
    flags = [flag(code) for code in sorted(item.flags)]
    word = scope.t(f"policy.{shown_policy(item)}")
    return join([tag("span", word, cls="s"), " ", *flags])


def _sheet(scope: Scope, catalog: Catalog, found: list[Indicator]) -> Sheet:
    """Return the found indicators as a sheet with one row each."""
    lang = scope.lang
    says: dict[str, Callable[[Indicator], str]] = {
        "code": lambda item: item.code,
        "name": lambda item: item.name.get(lang),
        "category": lambda item: catalog.bureau.categories[item.category].get(lang),
        "definition": lambda item: item.definition.get(lang),
        "formula": lambda item: formula_words(catalog, item, lang),
        "unit": lambda item: item.unit.get(lang),
        "direction": lambda item: direction_words(item.direction, lang),
        "policy": lambda item: scope.t(f"policy.{shown_policy(item)}"),
        "flags": lambda item: " ".join(sorted(item.flags)),
        "caveats": lambda item: item.caveats.get(lang),
        "source": lambda item: item.source.get(lang),
    }
    return Sheet(
        title=scope.t("ui.page.catalogue"),
        about=[(catalog.bureau.name.get(lang), scope.t("catalogue.digest", code=catalog.digest))],
        fields=[Field(scope.t(f"definitions.field.{key}")) for key in says],
        rows=[[say(item) for say in says.values()] for item in found],
    )
