"""How are units shown side by side? Funnel or ranges, dumbbell, small multiples, a table."""

import datetime as dt
from typing import Any

import polars as pl
import streamlit as st

from charts.districts import chart_dumbbell, chart_funnel, chart_ranges
from data.catalog import Indicator
from metrics.districts import Side, Sides, read_sides
from metrics.rounding import format_value
from metrics.structure import NO_CHANGE, NOTES
from metrics.words import change_short
from ui import districts_tables, load, panel, structure
from ui.chart import ready_spec
from ui.frame import current_scope
from ui.html import Child, icon, link, tag
from ui.indicator import MEANING, chosen, pick
from ui.scope import Scope, Sight, href, period_label
from ui.theme import theme_name

REAL = ("better", "worse", "up", "down")
NAMED = 2
MOST_ROWS = 40


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
    key = (item.code, scope.unit, levels[level], scope.period, window, scope.basis)
    sides = sides_of(load.sight(scope), *key)
    with panel.guard("districts head", scope.lang):
        _head(scope, item, sides, levels, level)
    if all(side.figure["value"] is None for side in sides.units):
        panel.empty(scope.t("districts.no_figures"), scope.t("ui.panel.none_here"))
        return
    with panel.guard("districts structure", scope.lang):
        structure.show(scope, item.code, (scope.unit, *levels[level]), window, sides.whole.figure)
    with panel.guard("districts charts", scope.lang):
        _charts(scope, item, sides, key)
    with panel.guard("districts series", scope.lang):
        districts_tables.show_series(scope, item, levels[level])
    with panel.guard("districts table", scope.lang):
        districts_tables.show_table(scope, item, sides, window)


@load.cached
def levels_below(sight: Sight, unit: str, period: dt.date) -> dict[str, tuple[str, ...]]:
    """Return the units under a unit by level: those right below first; own levels are left out."""
    tree, seen = load.tree_in(sight, period), load.visible_at(sight, period)
    found: dict[str, tuple[str, ...]] = {}
    for code in tree.subtree(unit):
        if code == unit or code not in seen or tree.is_own(code) or tree.is_pooled(code):
            continue
        level = tree.level(code)
        found[level] = (*found.get(level, ()), code)
    return found


@load.cached
def sides_of(
    sight: Sight,
    code: str,
    unit: str,
    units: tuple[str, ...],
    period: dt.date,
    window: str,
    basis: str,
) -> Sides:
    """Return the units beside each other; a change indicator has only its values."""
    cube = load.cube_at(sight)
    if load.indicator(code).kind == "yoy":
        rows = load.figures(sight, (code,), (unit, *units), (period,), window).to_dicts()
        blank = {"compared_value": None, "base_value": None, "change": None, "change_kind": "none"}
        sides = [Side(r["unit"], r | blank, {}, None, None, "") for r in rows]
        return Sides(sides[0], tuple(sides[1:]), None)
    return read_sides(cube, code, unit, units, period, window, basis, lambda r: load.hide(r, sight))


def reading_of(side: Side, item: Indicator) -> str:
    """Return the reading of a unit: by the funnel where there is one, else by its own history."""
    if side.verdict:
        if side.verdict in ("inside", "small"):
            return "not_significant" if side.verdict == "inside" else "none"
        up = side.verdict.startswith("high")
        if item.direction == 0:
            return "up" if up else "down"
        return "better" if up == (item.direction > 0) else "worse"
    return side.standing["reading"] if side.standing else "none"


def _head(
    scope: Scope,
    item: Indicator,
    sides: Sides,
    levels: dict[str, tuple[str, ...]],
    level: str,
) -> None:
    """Show what can be told apart, the choice of indicator and level, and the use policy."""
    t, lang = scope.t, scope.lang
    crumb = t(
        "districts.crumb",
        category=load.category_name(item.category, lang),
        code=item.code,
        unit=load.unit_title(scope.unit, lang),
        way=t(f"direction.{MEANING[item.direction]}"),
    )
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with left:
        panel.head(crumb, _title(scope, item, sides))
    with right:
        pick(scope, item.code)
    links = []
    for code, units in levels.items():
        name = t("districts.level", level=load.level_name(units[0], lang), count=len(units))
        where = href("districts", scope, indicator=item.code, level=code)
        on = code == level
        links.append(link(name, where, cls="on" if on else "", aria_current=on and "true"))
    switch = tag("div", links, cls="seg", role="group", aria_label=t("districts.levels"))
    note = tag("span", icon("policy", 16), " ", load.policy_note(item, lang), cls="s mu")
    panel.show(tag("div", switch if len(levels) > 1 else None, note, cls="line", data_keep="1"))


def _title(scope: Scope, item: Indicator, sides: Sides) -> str:
    """Return which units can be told apart, and how many are not read for their structure."""
    unread = sum(
        s.figure["value"] is not None and s.figure.get("note") in NOTES and not s.verdict
        for s in sides.units
    )
    said = _told_apart(scope, item, sides, unread)
    return said + scope.t("districts.unread", count=unread) if unread else said


def _told_apart(scope: Scope, item: Indicator, sides: Sides, unread: int) -> str:
    """Return which units can be told from the whole, or from their own past."""
    t, lang = scope.t, scope.lang
    special = [s for s in sides.units if reading_of(s, item) in REAL]
    names = t("districts.and").join(load.unit_title(s.unit, lang) for s in special)
    whole = load.unit_title(scope.unit, lang)
    counts = {"count": len(special), "rest": len(sides.units) - len(special) - unread}
    if sides.funnel is None:
        if not special:
            return t("districts.own_none")
        if len(special) <= NAMED:
            return t("districts.own_one", names=names)
        return t("districts.own_many", **counts)
    if not special:
        return t("districts.none", whole=whole)
    if len(special) == 1:
        return t("districts.one", names=names, whole=whole)
    if len(special) <= NAMED + 1:
        return t("districts.few", names=names, whole=whole)
    return t("districts.many", whole=whole, **counts)


def _charts(scope: Scope, item: Indicator, sides: Sides, key: tuple) -> None:
    """Show the funnel or the ranges, beside this year against last year."""
    t, lang = scope.t, scope.lang
    few = len(sides.units) <= MOST_ROWS
    period = period_label(scope.period, key[4], lang)
    words = {"unit": item.unit.get(lang), "count": len(sides.units), "period": period}
    if sides.funnel:
        words["count"] = sum(bool(side.verdict) for side in sides.units)
    if not few and sides.funnel is None:
        drawn = len(_drawn(sides, item))
        if not drawn:
            return
        words["count"] = t("districts.ranges.some", drawn=drawn, count=len(sides.units))
    wide, narrow = st.columns([632, 368]) if few else (st.container(), None)
    kind = "funnel" if sides.funnel else "ranges"
    sight = load.sight(scope)
    spec = first_spec(sight, *key, theme_name(), lang)
    title = t(f"districts.{kind}.title")
    note = t(f"districts.{kind}.note", **words)
    if sides.funnel and sides.funnel.phi > 1:
        phi = load.plain(sides.funnel.phi, 2)
        note = f"{note} · {t('districts.funnel.wide', phi=phi)}"
    alt = t(f"districts.{kind}.alt", name=item.name.get(lang), title=_title(scope, item, sides))
    with wide:
        panel.chart_card(title, note, spec, alt, kind, _legend(scope, item, kind))
    if narrow is not None and any(s.figure["base_value"] is not None for s in sides.units):
        with narrow:
            _years(scope, item, sides, key)
    keys = ("funnel", "wide", "act") if sides.funnel else ("ranges", "size", "act")
    panel.how_to_read([t(f"districts.how.{k}") for k in keys], lang)


def _years(scope: Scope, item: Indicator, sides: Sides, key: tuple) -> None:
    """Show last year and this year of each unit."""
    t, lang = scope.t, scope.lang
    moved = [s for s in sides.units if s.standing and s.standing["reading"] in REAL]
    names = t("districts.and").join(load.unit_name(s.unit, lang) for s in moved[:3])
    title = t("districts.years.title")
    if len(moved) <= 3:
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
    spec = years_spec(load.sight(scope), *key, theme_name(), lang)
    panel.chart_card(title, note, spec, alt, "dumbbell", legend)


def _legend(scope: Scope, item: Indicator, kind: str) -> list[Child]:
    """Return the legend of the first chart."""
    t = scope.t
    if kind == "ranges":
        marks = [("dot", "neutral", "neutral")]
        if item.direction:
            marks = [("dot", "better", "better"), ("diamond", "worse", "worse")]
        items: list[Child] = [
            panel.legend_item(k, c, t(f"indicator.chart.{w}")) for k, c, w in marks
        ]
        items.append(panel.legend_item("dot", "common", t("indicator.chart.common")))
        return [*items, panel.legend_item("box", "seq1", t("indicator.chart.band"))]
    return [
        panel.legend_item("diamond", "worse", t("districts.funnel.outside")),
        panel.legend_item("dot", "common", t("districts.funnel.inside")),
        panel.legend_item("ring", "common", t("districts.funnel.small")),
        panel.legend_item("line solid", "common", t("districts.funnel.l95")),
        panel.legend_item("line dashed", "common", t("districts.funnel.l998")),
        panel.legend_item("line dotted", "common", t("districts.funnel.plain")),
    ]


@load.cached
def first_spec(
    sight: Sight,
    code: str,
    unit: str,
    units: tuple[str, ...],
    period: dt.date,
    window: str,
    basis: str,
    theme: str,
    lang: str,
) -> dict[str, Any]:
    """Return the finished funnel, or the ranges where a funnel does not fit."""
    sides = sides_of(sight, code, unit, units, period, window, basis)
    item = load.indicator(code)
    if sides.funnel is None:
        frame = _range_frame(sides, item, lang)
        height = _height(frame.height)
        return ready_spec(chart_ranges(frame, item.decimals, theme, lang, height))
    rows = [
        {
            "label": load.unit_name(s.unit, lang),
            "size": s.figure["denominator"],
            "value": s.figure["value"],
            "reading": reading_of(s, item).replace("none", "not_significant"),
            "small": s.verdict == "small",
        }
        for s in sides.units
        if s.figure["value"] is not None and s.verdict  # who cannot be judged is in the table only
    ]
    goal = load.target_of(code, period)
    target = None
    if goal is not None:
        said = load.say("districts.funnel.target", lang, value=format_value(goal, item, lang))
        target = (goal, said)
    centre = sides.funnel.centre
    words = {"unit": load.unit_name(unit, lang), "value": format_value(centre, item, lang)}
    whole = (centre, load.say("districts.funnel.whole", lang, **words))
    axis = load.parts_name(item, lang)
    points = pl.DataFrame(rows)
    curve = sides.funnel.curve
    return ready_spec(chart_funnel(points, curve, whole, item.decimals, theme, lang, axis, target))


def _height(rows: int) -> int:
    """Return the height of a chart with so many rows.

    >>> _height(9), _height(22)
    (344, 496)
    """
    return 344 if rows <= 10 else 12 + 22 * rows


def _drawn(sides: Sides, item: Indicator) -> list[Side]:
    """Return the units that the ranges chart has room for: of many only those that moved."""
    if len(sides.units) <= MOST_ROWS:
        return list(sides.units)
    return [side for side in sides.units if reading_of(side, item) in REAL][:MOST_ROWS]


def _range_frame(sides: Sides, item: Indicator, lang: str) -> pl.DataFrame:
    """Return the rows of the ranges chart."""
    rows = []
    for side in _drawn(sides, item):
        standing = side.standing or {}
        rows.append(
            {
                "label": load.unit_name(side.unit, lang),
                "value": side.figure["value"],
                "lower": standing.get("lower"),
                "upper": standing.get("upper"),
                "reading": reading_of(side, item).replace("none", "not_significant"),
            }
        )
    kinds = {"label": pl.String, "reading": pl.String}
    kinds |= dict.fromkeys(("value", "lower", "upper"), pl.Float64)
    return pl.DataFrame(rows, schema_overrides=kinds)


@load.cached
def years_spec(
    sight: Sight,
    code: str,
    unit: str,
    units: tuple[str, ...],
    period: dt.date,
    window: str,
    basis: str,
    theme: str,
    lang: str,
) -> dict[str, Any]:
    """Return the finished dumbbell of last year and this year."""
    item = load.indicator(code)
    sides = sides_of(sight, code, unit, units, period, window, basis)
    rows = []
    for side in sides.units:
        row = side.figure
        small = row["note"] == "small_base"
        is_alone = row["note"] in NO_CHANGE or (small and item.kind == "ratio")
        now = row["compared_value"] if row["compared_value"] is not None else row["value"]
        words = load.say("words.note.small_base", lang) if small else change_short(row, item, lang)
        reading = side.standing["reading"] if side.standing else "not_significant"
        rows.append(
            {
                "label": load.unit_name(side.unit, lang),
                "value": now,
                "base": None if is_alone else row["base_value"],
                "words": words.removesuffix(" 个百分点").removesuffix(" pp"),
                "reading": reading if reading in REAL else "not_significant",
            }
        )
    kinds = {"value": pl.Float64, "base": pl.Float64}
    frame = pl.DataFrame(rows, schema_overrides=kinds)
    height = _height(frame.height)
    goal = load.target_of(code, period)
    return ready_spec(chart_dumbbell(frame, item.decimals, theme, lang, goal, height))
