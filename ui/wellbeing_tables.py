"""How are the tables beside the survey shown: workload, response rules, units, silent units?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

import streamlit as st

from data.catalog import Indicator
from metrics.rounding import format_value
from metrics.words import change_short
from reports.tables import Field, Sheet
from ui import load, panel, structure
from ui.html import Child, Markup, icon, join, link, tag
from ui.indicator_passport import passport_href
from ui.numbers import shown
from ui.scope import Scope, href, period_label
from ui.table import Column, Row, icon_word, reading_badge, table

if TYPE_CHECKING:
    from ui.wellbeing import WaveView

USE_ICON = {"caution": "info", "query": "contact_support", "level_only": "visibility_off"}
USE_ICON |= {"hidden": "visibility_off", "missing": "remove"}
PLACE = {"above": "better", "below": "worse"}


def show_first(scope: Scope, view: WaveView, chart: Callable[[], None]) -> None:
    """Show the chart, with the workload and what a response rate allows beside it."""
    if view.rows[0]["mean"] is None:
        return
    left, right = st.columns([648, 352])
    with left:
        chart()
    with right:
        panel.show(_work(scope, view), _uses(scope))


def _work(scope: Scope, view: WaveView) -> Markup | None:
    """Return the card of workload figures of the same quarter."""
    if not view.work:
        return None
    t, lang = scope.t, scope.lang
    columns = [
        Column("name", t("wellbeing.work_indicator"), cls="wrap"),
        Column("now", t("wellbeing.work_now"), number=True, cls="b"),
        Column("then", t("wellbeing.work_then"), number=True, cls="mu"),
        Column("change", t("wellbeing.work_change"), number=True),
        Column("reading", t("wellbeing.work_reading"), cls="s"),
    ]
    rows = []
    for row in view.work:
        item = load.indicator(row["indicator"])
        where = href(
            "indicator", scope, indicator=item.code, unit=view.unit, period=view.period,
            window="quarter",
        )  # fmt: skip
        name = join(
            [
                link(item.name.get(lang), where),
                tag("span", f"（{item.unit.get(lang)}）", cls="s mu"),
            ]
        )
        rows.append(
            Row(
                {
                    "name": name,
                    "now": format_value(
                        row["value"], item, None, row["numerator"], row["denominator"]
                    ),
                    "then": shown(row["base_value"], item.decimals),
                    "change": _work_change(row, item, lang),
                    "reading": reading_badge(
                        row["reading"],
                        t(f"wellbeing.work_{row['reading']}"),
                        (row["change"] or 0) > 0,
                    ),
                }
            )
        )
    title = t("wellbeing.work_title")
    quarter = period_label(view.period, "wave", lang)
    head = tag("h2", title, tag("span", quarter, cls="s mu"), style="padding:12px 16px 0")
    body = table(f"{title} {quarter}", columns, rows, cls="tight dense", card=False)
    return tag("div", head, body, cls="card", style="margin-bottom:16px")


def _work_change(row: dict[str, Any], item: Indicator, lang: str) -> str:
    """Return a change in a narrow column: percentage points without their name."""
    if row["change_kind"] == "pp" and row["change"] is not None:
        return shown(row["change"], 1, sign=True)
    return change_short(row, item, lang)


def _uses(scope: Scope) -> Markup:
    """Return the card that says what a response rate allows."""
    limit = load.catalog().bureau.small_n
    lines: list[Child] = []
    for name in ("publish", "caution", "level", "query", "small"):
        values = {"limit": limit} if name == "small" else {}
        lines.append(tag("b", scope.t(f"wellbeing.use_{name}", **values), cls="nw"))
        lines.append(tag("span", scope.t(f"wellbeing.use_{name}_what"), cls="mu"))
    grid = "display:grid;grid-template-columns:max-content 1fr;gap:6px 12px;margin-top:8px"
    return tag(
        "div",
        tag("h2", scope.t("wellbeing.use_title")),
        tag("div", lines, cls="s", style=grid),
        cls="card pad",
    )


def show_units(scope: Scope, view: WaveView) -> None:
    """Show the units in official order with response, scores, interval and comparison."""
    from ui.wellbeing import dimension_names

    t = scope.t
    names = dimension_names(view, scope.lang)
    codes = [score.mean for score in view.survey.dimensions]
    index = view.survey.index.mean if view.survey.index else codes[0]
    shown_rows = [row for row in view.units if row["n"] is not None]
    if not shown_rows:
        return
    title = t("wellbeing.table_title")
    panel.section(
        title,
        t("wellbeing.table_note"),
        sheet=lambda: units_sheet(scope, view, names),
        name=f"wellbeing-{view.unit}-{view.period:%Y-%m}",
        lang=scope.lang,
    )
    columns = [
        Column("unit", t("common.unit")),
        Column("n", t("wellbeing.col_answers"), number=True),
        Column("bar", t("wellbeing.col_rate"), cls="hide-phone"),
        Column("rate", t("wellbeing.col_percent"), number=True),
        Column("use", t("wellbeing.col_use")),
        *(Column(code, names[code], number=True) for code in codes if code != index),
        Column(index, t("wellbeing.col_index"), number=True, cls="b"),
        Column("margin", t("wellbeing.col_margin"), number=True, cls="mu"),
        Column("position", t("wellbeing.col_position")),
    ]
    rows = [_unit_row(scope, view, row, codes, index) for row in shown_rows]
    panel.show(table(title, columns, rows, cls="tight"))


def _unit_row(
    scope: Scope, view: WaveView, row: dict[str, Any], codes: list[str], index: str
) -> Row:
    """Return one unit; a unit with units below it leads on to them."""
    is_whole = row["unit"] == view.unit
    tree = view.tree
    name: Child = load.unit_title(row["unit"], scope.lang)
    if is_whole:
        name = load.unit_name(row["unit"], scope.lang)
    if not is_whole and tree.children(row["unit"]):
        name = link(name, href("wellbeing", scope, unit=row["unit"]))
    answers = join([shown(row["n"], 0), tag("span", f" / {shown(row['invited'], 0)}", cls="mu")])
    use = row["use"]
    word = scope.t(f"wellbeing.is_{use}")
    said = (
        icon_word(USE_ICON[use], word, "mu") if use in USE_ICON else tag("span", word, cls="s mu")
    )
    margin = row["margin"]
    return Row(
        {
            "unit": name,
            "n": answers,
            "bar": None if row["rate"] is None else _bar(row["rate"], use),
            "rate": row["rate"] and shown(100 * row["rate"], 1),
            "use": Markup("&nbsp;") if is_whole else said,
            **{code: _score(scope, view, row, code) for code in (*codes, index)},
            "margin": "" if margin is None else f"±{shown(margin, 1)}",
            "position": Markup("&nbsp;") if is_whole else _position(scope, row["position"]),
        },
        kind="total" if is_whole else "",
    )


def _score(scope: Scope, view: WaveView, row: dict[str, Any], code: str) -> Child:
    """Return a score that leads to where it comes from."""
    if row[code] is None:
        return None
    asked = {"unit": row["unit"], "period": view.period, "window": "wave"}
    return link(shown(row[code], 1), passport_href(scope, code, **asked))


def _bar(rate: float, use: str) -> Markup:
    """Return the response rate as a bar with lines at 40 and 60 percent."""
    colour = "seq2" if use == "publish" else "missing"
    lines = [
        tag(
            "i",
            style=f"position:absolute;left:{at}%;top:-3px;bottom:-3px;width:1px;"
            "background:var(--ink);opacity:.5",
        )
        for at in (40, 60)
    ]
    width = f"{min(100 * rate, 100):.1f}%"
    fill = f"height:12px;width:{width};background:var(--{colour});border-radius:2px"
    box = "position:relative;height:12px;width:112px;background:var(--band);border-radius:2px"
    return tag("div", tag("div", style=fill), lines, style=box, aria_hidden="true")


def _position(scope: Scope, position: str) -> Markup:
    """Return how a unit stands against the others."""
    word = scope.t(f"wellbeing.{position}")
    if position in PLACE:
        return reading_badge(PLACE[position], word, position == "above")
    if position == "same":
        return reading_badge("not_significant", word)
    return icon_word("contact_support" if position == "query" else "remove", word, "mu")


def units_sheet(scope: Scope, view: WaveView, names: dict[str, str]) -> Sheet:
    """Return the table of units as a sheet that keeps its marks."""
    t = scope.t
    codes = [score.mean for score in view.survey.scores]
    fields = [
        Field(t("common.unit")),
        Field(t("wellbeing.col_answered"), 0),
        Field(t("wellbeing.col_invited"), 0),
        Field(f"{t('wellbeing.col_rate')} %", 1),
        Field(t("wellbeing.col_use")),
        *(Field(names[code], 1) for code in codes),
        Field(f"{t('wellbeing.col_margin')} ±", 1),
        Field(t("wellbeing.col_position")),
    ]
    rows = [
        [
            load.unit_title(row["unit"], scope.lang),
            row["n"],
            row["invited"],
            None if row["rate"] is None else 100 * row["rate"],
            t(f"wellbeing.is_{row['use']}"),
            *(row[code] for code in codes),
            row["margin"],
            t(f"wellbeing.{row['position']}"),
        ]
        for row in view.units
    ]
    about = load.sheet_about(scope, period_label(view.period, "wave", scope.lang))
    at = replace(scope, period=view.period)
    units = [row["unit"] for row in view.units]
    said = structure.lines(at, view.survey.responded, units, "quarter")
    notes = [t("wellbeing.how_2"), t("wellbeing.how_3"), *said, t("ui.panel.internal")]
    return Sheet(t("wellbeing.table_title"), about, fields, rows, notes)


def show_hidden(scope: Scope, view: WaveView) -> None:
    """Show which units the wave is silent about, why, and where their answers went."""
    t = scope.t
    limit = load.catalog().bureau.small_n
    if not limit:
        return
    title = t("wellbeing.hidden_title")
    panel.section(title, t("wellbeing.hidden_note", limit=limit))
    if not view.hidden:
        panel.show(tag("div", t("wellbeing.hidden_none"), cls="mu"))
        return
    columns = [
        Column("unit", t("common.unit"), cls="wrap"),
        Column("reason", t("wellbeing.col_reason")),
        Column("goes", t("wellbeing.col_goes"), cls="mu"),
    ]
    rows = [_hidden_row(scope, view, group) for group in _groups(view)]
    panel.show(table(title, columns, rows))


def _groups(view: WaveView) -> list[list[dict[str, Any]]]:
    """Return the silent units, those that went into the same pool together."""
    tree = view.tree

    def key(row: dict[str, Any]) -> tuple:
        alone = row["unit"] if row["reason"] != "unlisted" else ""
        return (tree.parent(row["unit"]), row["reason"], row["goes_to"] or "", alone)

    return [list(group) for _, group in groupby(view.hidden, key=key)]


def _hidden_row(scope: Scope, view: WaveView, group: list[dict[str, Any]]) -> Row:
    """Return one line for the silent units of a group."""
    t, lang = scope.t, scope.lang
    limit = load.catalog().bureau.small_n
    first = group[0]
    parent = view.tree.parent(first["unit"]) or first["unit"]
    names = t("wellbeing.comma").join(load.unit_name(row["unit"], lang) for row in group)
    unit = t("wellbeing.pair", above=load.unit_title(parent, lang), unit=names)
    if first["reason"] == "unlisted":
        reason = t("wellbeing.unlisted", count=len(group), limit=limit)
    else:
        values = {"n": shown(first["n"], 0)}
        values |= {"limit": limit} if first["reason"] == "small" else {}
        reason = t(f"wellbeing.{first['reason']}", **values)
    return Row(
        {
            "unit": unit,
            "reason": tag("span", icon("visibility_off", 16), reason, cls="rd"),
            "goes": _goes(scope, view, first, limit),
        }
    )


def _goes(scope: Scope, view: WaveView, row: dict[str, Any], limit: int) -> str:
    """Return where the answers of a silent unit went."""
    if row["reason"] == "structure":
        return scope.t("wellbeing.goes_now")
    if row["goes_to"] is None:
        return scope.t("wellbeing.goes_total")
    values = {"unit": load.unit_title(row["goes_to"], scope.lang), "n": shown(row["goes_to_n"], 0)}
    if view.tree.is_pooled(row["goes_to"]):
        return scope.t("wellbeing.goes_pool", **values)
    return scope.t("wellbeing.goes_own", **values, limit=limit)
