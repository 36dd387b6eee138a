"""How are the tables beside the survey shown: response rules, units, silent units?"""

from collections.abc import Callable
from dataclasses import replace
from itertools import groupby
from typing import Any

import streamlit as st

from reports.tables import Field, Sheet
from ui import load, panel, structure, wellbeing_context
from ui.html import Child, Markup, icon, join, link, tag
from ui.indicator_passport import passport_href
from ui.numbers import shown
from ui.scope import Scope, href
from ui.table import Column, Row, icon_word, reading_badge, table
from ui.wellbeing_view import WaveView, change_words, dimension_names, lead_of, wave_label

USE_ICON = {"caution": "info", "query": "contact_support", "level_only": "visibility_off"}
USE_ICON |= {"hidden": "visibility_off", "missing": "remove", "nobody": "remove", "unknown": "help"}
USE_ICON |= {"over_invited": "contact_support"}
PLACE = {"above": "better", "below": "worse"}


def show_first(scope: Scope, view: WaveView, chart: Callable[[], None]) -> None:
    """Show the chart, with the workload and what a response rate allows beside it."""
    if view.rows[0]["mean"] is None:
        return
    left, right = st.columns([648, 352])
    with left:
        chart()
        panel.show(wellbeing_context.scales_card(scope, view))
    with right:
        panel.show(wellbeing_context.work_card(scope, view), _uses(scope))


def _uses(scope: Scope) -> Markup:
    """Return the card that says what a response rate allows."""
    limit = load.catalog().bureau.small_n
    lines: list[Child] = []
    names = ("publish", "caution", "level", "query", "over", *(["small"] if limit else []))
    for name in names:
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


def shown_units(view: WaveView) -> tuple[str, ...]:
    """Return the units of the wave that are shown, the whole first."""
    lead = lead_of(view)
    return tuple(row["unit"] for row in view.units if row[lead] is not None) or (view.unit,)


def show_units(scope: Scope, view: WaveView) -> None:
    """Show the units in official order with response, scores, interval and comparison."""
    t = scope.t
    names = dimension_names(view, scope.lang)
    codes = [score.mean for score in view.survey.dimensions]
    index = lead_of(view)
    shown_rows = [row for row in view.units if row[index] is not None]
    if not shown_rows:
        return
    title = t("wellbeing.table_title")
    has_counts = any(row["n"] is not None for row in shown_rows)
    panel.section(
        title,
        t("wellbeing.table_note" if has_counts else "wellbeing.table_note_plain"),
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
    if not has_counts:
        counted = ("n", "margin", "position")
        columns = [column for column in columns if column.key not in counted]
    rows = [_unit_row(scope, view, row, codes, index) for row in shown_rows]
    panel.show(table(title, columns, rows, cls="tight"))
    panel.explain("wellbeing_units")


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
    answers = None
    if row["n"] is not None:
        asked = "?" if row["invited"] is None else shown(row["invited"], 0)
        answers = join([shown(row["n"], 0), tag("span", f" / {asked}", cls="mu")])
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
    asks = position in ("query", "over_invited")
    return icon_word("contact_support" if asks else "remove", word, "mu")


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
        Field(t("wellbeing.context_change"), 1),
        Field(t("wellbeing.col_change_read")),
        Field(t("wellbeing.col_position")),
        Field(t("wellbeing.col_note")),
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
            row["change"],
            change_words(scope, row),
            t(f"wellbeing.{row['position']}"),
            _note_words(scope, row),
        ]
        for row in view.units
    ]
    about = load.sheet_about(scope, wave_label(view, view.period, scope.lang))
    at = replace(scope, period=view.period)
    units = [row["unit"] for row in view.units]
    said = structure.lines(at, view.survey.lead, units, "quarter")
    notes = [*(t(f"wellbeing.how_{number}") for number in (2, 3, 4)), *said, t("ui.panel.internal")]
    return Sheet(t("wellbeing.table_title"), about, fields, rows, notes)


def _note_words(scope: Scope, row: dict[str, Any]) -> str:
    """Return what else must be known of a unit's scores."""
    limit = load.catalog().bureau.small_n
    said = [scope.t(f"wellbeing.note.{note}", limit=limit) for note in row["note"].split()]
    return scope.t("wellbeing.semicolon").join(said)


def show_hidden(scope: Scope, view: WaveView) -> None:
    """Show which units the wave is silent about, why, and where their answers went."""
    t = scope.t
    limit = load.catalog().bureau.small_n
    if not limit or not view.tree.children(view.unit):
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
        values = {"limit": limit} if first["reason"] == "small" else {}
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
    unit = load.unit_title(row["goes_to"], scope.lang)
    if row["goes_to_n"] is None:
        return scope.t("wellbeing.goes_pool_hidden", unit=unit)
    values = {"unit": unit, "n": shown(row["goes_to_n"], 0)}
    if view.tree.is_pooled(row["goes_to"]):
        return scope.t("wellbeing.goes_pool", **values)
    return scope.t("wellbeing.goes_own", **values, limit=limit)
