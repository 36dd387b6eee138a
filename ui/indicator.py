"""How is one indicator of one unit shown? Key figures, control chart, years, parts, passport."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import streamlit as st

from data.catalog import Indicator
from metrics.change_interval import change_interval, interval_words
from metrics.compare import compare_figures
from metrics.rounding import format_value
from metrics.series import as_shown, read_series
from metrics.structure import NOTES
from metrics.words import (
    base_short,
    change_short,
    range_words,
    reading_words,
    signal_words,
)
from ui import (
    indicator_breaks,
    indicator_festival,
    indicator_passport,
    indicator_tables,
    load,
    panel,
    structure,
)
from ui.frame import current_scope
from ui.html import Child, Markup, join, link, tag
from ui.indicator_stages import show_stages
from ui.indicator_twins import show_twins
from ui.indicator_xmr import show_xmr
from ui.indicator_years import show_years
from ui.scope import Scope, Sight, period_label
from ui.table import is_partial, status_flags

Row = dict[str, Any]
REAL = ("better", "worse", "up", "down")
MEANING = {1: "higher", -1: "lower", 0: "neutral"}


def show() -> None:
    """Show the indicator that the address names, for the unit and period in scope."""
    scope = current_scope()
    code = chosen(scope)
    item = load.indicator(code)
    if load.is_empty():
        panel.head(scope.t("ui.page.indicator"), item.name.get(scope.lang))
        panel.empty(scope.t("ui.panel.empty_store"), scope.t("ui.panel.empty_store_how"))
        return
    window = load.window_for(scope, item)
    rows = key_rows(load.sight(scope), code, scope.unit, scope.period, window, scope.basis)
    with panel.guard("indicator head", scope.lang):
        show_head(scope, item, "indicator", lambda: _told(scope, item, rows, window))
    with panel.guard("indicator structure", scope.lang):
        structure.show(scope, code, (scope.unit,), window, rows["figure"])
    with panel.guard("indicator breaks", scope.lang):
        indicator_breaks.show_breaks(scope, item, rows["figure"], window)
    with panel.guard("indicator charts", scope.lang):
        _charts(scope, item, rows)
    with panel.guard("indicator twins", scope.lang):
        show_twins(scope, item, window)
    with panel.guard("indicator stages", scope.lang):
        show_stages(scope, item)
    with panel.guard("indicator festival", scope.lang):
        indicator_festival.show_festival(scope, item, window)
    with panel.guard("indicator parts", scope.lang):
        indicator_tables.show_parts(scope, item, window)
    with panel.guard("indicator passport", scope.lang):
        indicator_passport.show_passport(scope, item, window)


def chosen(scope: Scope) -> str:
    """Return the indicator that the address names, or the first of the headline."""
    named = scope.extras.get("indicator", "")
    return named if named in load.catalog().indicators else load.headline()[0]


@load.cached
def key_rows(
    sight: Sight, code: str, unit: str, period: dt.date, window: str, basis: str
) -> dict[str, Row]:
    """Return the figure with its comparisons: yoy, mom, target, year to date, and its standing."""
    cube = load.cube_at(sight)
    item = cube.catalog.indicators[code]
    if item.kind == "yoy":
        return {"figure": load.figures(sight, (code,), (unit,), (period,), window).to_dicts()[0]}
    wanted = (
        ("yoy", "mom", "target") if window in ("month", "quarter", "half") else ("yoy", "target")
    )
    changes = compare_figures(cube, [code], [unit], [period], window, wanted, basis)
    shown = load.hide(changes, sight)
    rows: dict[str, Row] = {row["comparator"]: row for row in shown.to_dicts()}
    rows["figure"] = rows["yoy"]
    if "ytd" in item.windows and window != "ytd" and item.kind != "stock":
        year = compare_figures(cube, [code], [unit], [period], "ytd", ("yoy",), basis)
        rows["ytd"] = load.hide(year, sight).to_dicts()[0]
    if not rows["figure"]["suppressed"]:
        series = read_series(cube, [code], [unit], period, window)
        rows["standing"] = as_shown(series, changes, shown).to_dicts()[0]
    for name in ("yoy", "mom"):
        if name in rows:
            rows[name]["interval"] = change_interval(cube, rows[name], basis)
    return rows


def _told(scope: Scope, item: Indicator, rows: dict[str, Row], window: str) -> tuple[str, Markup]:
    """Return what is seen in one sentence, and the key figures."""
    return _title(scope, item, rows), panel.key_figures(_keys(scope, item, rows, window))


def show_head(
    scope: Scope, item: Indicator, page: str, told: Callable[[], tuple[str, Markup]]
) -> None:
    """Show what is looked at, what a page tells of it with a line below, and the choice of another.

    Args:
        scope: What is looked at.
        item: The indicator of the page.
        page: The page, which has a crumb of its own.
        told: Gives the page's sentence and the line; worked out once for equal views.
    """

    def words() -> tuple[str, str, Markup]:
        return _crumb(scope, item, page), *told()

    crumb, title, line = load.made(f"{page} head {item.code}", scope, "", words)
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with left:
        panel.head(crumb, title)
    with right:
        pick(scope, item.code)
    panel.show(line)


def _crumb(scope: Scope, item: Indicator, page: str) -> str:
    """Return what is looked at: category, code, unit, and which way is better."""
    return scope.t(
        f"{page}.crumb",
        category=load.category_name(item.category, scope.lang),
        code=item.code,
        unit=load.unit_title(scope.unit, scope.lang),
        way=scope.t(f"direction.{MEANING[item.direction]}"),
    )


def pick(scope: Scope, code: str, codes: tuple[str, ...] | None = None) -> None:
    """Show the choice of indicator; what is chosen goes into the address."""
    options = list(codes or load.indicator_order())
    names = load.indicator_labels(scope.lang)
    st.session_state["pick-indicator"] = code

    def choose() -> None:
        st.query_params["indicator"] = st.session_state["pick-indicator"]

    st.selectbox(
        scope.t("indicator.pick"),
        options,
        key="pick-indicator",
        format_func=names.__getitem__,
        on_change=choose,
        filter_mode="contains",
        label_visibility="collapsed",
    )


def _title(scope: Scope, item: Indicator, rows: dict[str, Row]) -> str:
    """Return what is seen, in a sentence."""
    t, lang, figure = scope.t, scope.lang, rows["figure"]
    name = item.name.get(lang)
    if figure["value"] is None:
        if figure["suppressed"]:
            return t("indicator.title_hidden", name=name)
        if figure.get("note") in NOTES:
            return t("indicator.title_note", name=name, note=t(f"words.note.{figure['note']}"))
        over = figure.get("note") == "break"
        return t("festival.title.straddles" if over else "indicator.title_none", name=name)
    value = format_value(figure["value"], item, lang, figure["numerator"], figure["denominator"])
    standing = rows.get("standing")
    if standing is None:
        return t("indicator.title_level", name=name, value=value)
    if scope.levels_only:
        return t("indicator.title_festival", name=name, value=value)
    reading = standing["reading"]
    if standing["signal"] != "none":
        words = {"signal": signal_words(standing, lang), "reading": reading_words(reading, lang)}
        if lang == "en":
            words["signal"] = words["signal"][:1].lower() + words["signal"][1:]
        return t("indicator.title_signal", name=name, **words)
    if reading == "not_significant":
        return t("indicator.title_steady", name=name)
    if reading == "short_history":
        return t("indicator.title_short", name=name)
    return t("indicator.title_level", name=name, value=value)


def _keys(
    scope: Scope, item: Indicator, rows: dict[str, Row], window: str
) -> list[tuple[Child, Child, Child]]:
    """Return the key figures: value, year on year, previous, year to date, normal range, target."""
    t, lang, figure = scope.t, scope.lang, rows["figure"]
    value = format_value(figure["value"], item, None, figure["numerator"], figure["denominator"])
    unit = tag("span", " ", item.unit.get(lang), cls="s mu")
    flags = [*status_flags(figure, lang), *structure.flags(figure, scope)]
    if not is_partial(figure) and figure["due"]:
        counts = {"reported": figure["reported"], "due": figure["due"]}
        flags = [tag("span", t("indicator.complete", **counts)), " ", *flags]
    source = link(t("indicator.passport.short"), indicator_passport.passport_href(scope, item.code))
    flags = [*flags, " ", source]
    keys: list[tuple[Child, Child, Child]] = [
        (period_label(scope.period, window, lang), join([value, unit]), join(flags))
    ]
    for name in ("yoy", "mom"):
        row = rows.get(name)
        if row is not None and row["change"] is not None and not scope.levels_only:
            told = change_short(row, item, lang)
            # A large figure that is no real change is not printed as if it were one.
            told = told if row["reading"] in REAL else tag("span", told, cls="mu")
            notes = [base_short(row, item, lang), *interval_words(row["interval"], lang)]
            keys.append((t(f"indicator.{name}"), told, " · ".join(notes)))
        elif row is not None and name == "yoy":
            keys.append((t("indicator.yoy"), "—", change_short(row, item, lang)))
    year = rows.get("ytd")
    if year is not None and year["value"] is not None:
        label = t(
            "indicator.ytd", year=scope.period.year, month=t(f"ui.month.m{scope.period.month}")
        )
        shown = format_value(year["value"], item, None, year["numerator"], year["denominator"])
        note = t("indicator.yoy_of", change=change_short(year, item, lang))
        keys.append((label, join([shown, unit]), note))
    standing = rows.get("standing")
    if standing is not None and standing["lower"] is not None:
        exact = standing["signal"] == "against_base" or window != "month"
        note = t("indicator.range_test" if exact else "indicator.range_note")
        words = range_words(standing["lower"], standing["upper"], item, lang)
        keys.append((t("indicator.range"), words, note))
    target = rows.get("target")
    if target is not None and target["base_value"] is not None:
        goal = format_value(target["base_value"], item, lang)
        keys.append((t("indicator.target"), goal, change_short(target, item, lang)))
    return keys


def _charts(scope: Scope, item: Indicator, rows: dict[str, Row]) -> None:
    """Show the control chart beside this year against last year."""
    if not load.has_history(item):
        panel.empty(scope.t("indicator.no_history"), scope.t("indicator.no_history_how"))
        return
    left, right = st.columns([656, 344])
    with left:
        show_xmr(scope, item, rows["figure"].get("note") or "none")
    with right:
        show_years(scope, item)
