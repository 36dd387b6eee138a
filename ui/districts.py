"""How are units shown side by side? Funnel or ranges, dumbbell, small multiples, a table."""

from collections import Counter

import streamlit as st

from data.catalog import Indicator
from metrics.districts import Funnel, Sides
from ui import districts_tables, load, panel, structure
from ui.districts_charts import MOST_ROWS, drawn_sides, first_spec, years_spec
from ui.districts_sides import (
    REAL,
    Asked,
    is_special,
    levels_below,
    reading_of,
    sides_of,
    why_unread,
)
from ui.frame import current_scope
from ui.html import Child, Markup, icon, link, tag
from ui.indicator import chosen, show_head
from ui.scope import Scope, href, period_label
from ui.theme import theme_name

NAMED = 2
UNREAD = frozenset(("none", "short_history"))


def show() -> None:
    """Show one indicator over the units below the one in scope."""
    scope = current_scope()
    item = load.indicator(chosen(scope))
    if load.is_empty():
        panel.head(scope.t("ui.page.districts"), item.name.get(scope.lang))
        panel.empty(scope.t("ui.panel.empty_store"), scope.t("ui.panel.empty_store_how"))
        return
    levels = levels_below(load.sight(scope), scope.unit, scope.period)
    if not levels:
        name = load.unit_title(scope.unit, scope.lang)
        panel.head(scope.t("ui.page.districts"), scope.t("districts.alone", unit=name))
        panel.empty(scope.t("districts.alone", unit=name), scope.t("districts.alone_how"))
        return
    level = scope.extras.get("level", "")
    level = level if level in levels else next(iter(levels))
    window = load.window_for(scope, item)
    asked = Asked(load.sight(scope), item.code, scope.unit, levels[level], scope.period, window)
    sides = sides_of(asked)
    with panel.guard("districts head", scope.lang):
        show_head(
            scope,
            item,
            "districts",
            lambda: (_title(scope, item, sides), _line(scope, item, levels, level)),
        )
    if all(side.figure["value"] is None for side in sides.units):
        panel.empty(scope.t("districts.no_figures"), scope.t("ui.panel.none_here"))
        return
    with panel.guard("districts structure", scope.lang):
        structure.show(scope, item.code, (scope.unit, *levels[level]), window, sides.whole.figure)
    with panel.guard("districts charts", scope.lang):
        _charts(scope, item, sides, asked)
    with panel.guard("districts series", scope.lang):
        districts_tables.show_series(scope, item, levels[level])
    with panel.guard("districts table", scope.lang):
        districts_tables.show_table(scope, item, sides, window)


def _line(scope: Scope, item: Indicator, levels: dict[str, tuple[str, ...]], level: str) -> Markup:
    """Return the choice of level, and how the indicator may be used."""
    t, lang = scope.t, scope.lang
    links = []
    for code, units in levels.items():
        name = t("districts.level", level=load.level_name(units[0], lang), count=len(units))
        where = href("districts", scope, indicator=item.code, level=code)
        on = code == level
        links.append(link(name, where, cls="on" if on else "", aria_current=on and "true"))
    switch = tag("div", links, cls="seg", role="group", aria_label=t("districts.levels"))
    note = tag("span", icon("policy", 16), " ", load.policy_note(item, lang), cls="s mu")
    return tag("div", switch if len(levels) > 1 else None, note, cls="line", data_keep="1")


def _title(scope: Scope, item: Indicator, sides: Sides) -> str:
    """Return which units can be told apart, and how many are not judged and why."""
    left_out = Counter(why_unread(side, sides, item) for side in sides.units)
    judged = left_out.pop("", 0)
    said = _told_apart(scope, item, sides, judged)
    if not judged:
        return said
    if judged < len(sides.units) / 2:
        few = scope.t("districts.of_few", judged=judged, count=len(sides.units))
        return f"{few}{said}"
    return said + "".join(
        scope.t(f"districts.{why}", count=count) for why, count in sorted(left_out.items())
    )


def _told_apart(scope: Scope, item: Indicator, sides: Sides, judged: int) -> str:
    """Return which of the units judged can be told from the whole, or from their own past."""
    t, lang = scope.t, scope.lang
    special = [s for s in sides.units if is_special(s, sides, item)]
    names = t("districts.and").join(load.unit_title(s.unit, lang) for s in special)
    whole = load.unit_title(scope.unit, lang)
    counts = {"count": len(special), "rest": judged - len(special)}
    if sides.funnel is None:
        if not judged:
            return t("districts.no_ranges", name=item.name.get(lang))
        if not special:
            return t("districts.own_none")
        if len(special) <= NAMED:
            return t("districts.own_one", names=names)
        return t("districts.own_many", **counts)
    if sides.funnel.is_mixed:
        return t("districts.mixed", whole=whole)
    if not special:
        differ = sides.funnel.is_widened and sides.funnel.outside(plain=True)
        return t("districts.differ" if differ else "districts.none", whole=whole)
    if len(special) == 1:
        return t("districts.one", names=names, whole=whole)
    if len(special) <= NAMED + 1:
        return t("districts.few", names=names, whole=whole)
    return t("districts.many", whole=whole, **counts)


def _charts(scope: Scope, item: Indicator, sides: Sides, asked: Asked) -> None:
    """Show the funnel or the ranges, beside this year against last year."""
    t, lang = scope.t, scope.lang
    few = len(sides.units) <= MOST_ROWS
    period = period_label(scope.period, asked.window, lang)
    words = {"unit": item.unit.get(lang), "count": len(sides.units), "period": period}
    if sides.funnel:
        words["count"] = len(sides.funnel.verdicts)
    if not few and sides.funnel is None:
        drawn = len(drawn_sides(sides, item))
        if not drawn:
            return
        words["count"] = t("districts.ranges.some", drawn=drawn, count=len(sides.units))
    wide, narrow = st.columns([632, 368]) if few else (st.container(), None)
    kind = "funnel" if sides.funnel else "ranges"
    spec = first_spec(asked, theme_name(), lang)
    bare = kind == "ranges" and not sides.has_ranges
    title = t("districts.ranges.title_bare" if bare else f"districts.{kind}.title")
    note = t("districts.ranges.note_bare" if bare else f"districts.{kind}.note", **words)
    if sides.funnel:
        note = f"{note} · {_spread_words(scope, sides.funnel)}"
    alt = t(f"districts.{kind}.alt", name=item.name.get(lang), title=_title(scope, item, sides))
    with wide:
        panel.chart_card(title, note, spec, alt, kind, _legend(scope, item, sides))
    if narrow is not None and any(s.figure["base_value"] is not None for s in sides.units):
        with narrow:
            _years(scope, item, sides, asked)


def _spread_words(scope: Scope, funnel: Funnel) -> str:
    """Return how far the units differ, in words, and what the limits make of it."""
    t, phi, times = scope.t, load.plain(funnel.phi, 1), load.plain(funnel.times, 1)
    kind = t(f"districts.funnel.kind.{funnel.kind}")
    if not funnel.is_widened or times == load.plain(1.0, 1):
        return f"{kind} · {t('districts.funnel.narrow', phi=phi)}"
    words = {
        "phi": phi,
        "times": times,
        "plain": funnel.outside(plain=True),
        "outside": funnel.outside(),
    }
    return f"{kind} · {t('districts.funnel.wide', **words)}"


def _years(scope: Scope, item: Indicator, sides: Sides, asked: Asked) -> None:
    """Show last year and this year of each unit."""
    t, lang = scope.t, scope.lang
    read = [s.standing["reading"] for s in sides.units if s.standing]
    moved = [s for s in sides.units if s.standing and s.standing["reading"] in REAL]
    names = t("districts.and").join(load.unit_name(s.unit, lang) for s in moved[:3])
    title = t("districts.years.title")
    if len(moved) <= 3 and not UNREAD.issuperset(read):
        title = (
            t("districts.years.title_one", names=names)
            if moved
            else t("districts.years.title_none")
        )
    kinds = {s.figure["change_kind"] for s in sides.units}
    kind = next((k for k in ("pp", "points", "pct") if k in kinds), "pct")
    note = t("districts.years.note", unit=item.unit.get(lang), kind=t(f"indicator.years.{kind}"))
    legend = [
        panel.legend_item("ring", "common", t("districts.years.before")),
        panel.legend_item("dot", "common", t("districts.years.now")),
    ]
    if load.target_of(item.code, scope.period) is not None:
        legend.append(panel.legend_item("dash", "accent", t("indicator.chart.target")))
    alt = t("districts.years.alt", name=item.name.get(lang), title=title)
    spec = years_spec(asked, theme_name(), lang)
    panel.chart_card(title, note, spec, alt, "dumbbell", legend)


def _legend(scope: Scope, item: Indicator, sides: Sides) -> list[Child]:
    """Return the legend of the first chart."""
    t = scope.t
    if sides.funnel is None and not sides.has_ranges:
        return [panel.legend_item("dot", "common", t("districts.years.now"))]
    if sides.funnel is None:
        marks = [("dot", "neutral", "neutral")]
        if item.direction:
            marks = [("dot", "better", "better"), ("diamond", "worse", "worse")]
        items: list[Child] = [
            panel.legend_item(k, c, t(f"indicator.chart.{w}")) for k, c, w in marks
        ]
        items.append(panel.legend_item("dot", "common", t("indicator.chart.common")))
        return [*items, panel.legend_item("box", "seq1", t("indicator.chart.band"))]
    plain = panel.legend_item("line dotted", "common", t("districts.funnel.plain"))
    read = {reading_of(side, item) for side in sides.units if side.is_apart}
    marks = {"better": "dot", "worse": "diamond"} if item.direction else {"neutral": "dot"}
    outside = [
        panel.legend_item(shape, colour, t(f"districts.funnel.{colour}"))
        for colour, shape in marks.items()
        if colour in read or (read and not item.direction)
    ]
    has_small = "small" in sides.funnel.verdicts.values()
    return [
        *outside,
        panel.legend_item("dot", "common", t("districts.funnel.inside")),
        *[panel.legend_item("ring", "common", t("districts.funnel.small"))] * has_small,
        panel.legend_item("edged", "common", t("districts.funnel.band")),
        panel.legend_item("line dashed", "common", t("districts.funnel.customary")),
        *[plain] * sides.funnel.is_widened,
    ]
