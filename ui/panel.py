"""What does every page consist of? Heads, sections, cards, tables, charts, empty and error states.

Guide for a page (`pages/x.py` stays thin: it calls one function of `ui/x.py`):

    from ui import panel, load
    from ui.frame import current_scope

    def show() -> None:
        scope = current_scope()                      # unit, period, window, lang, t("key", ...)
        panel.head("队伍状态 · 第三季度", "全市幸福指数 66.8，比上年升 0.6", "lead sentence")
        with panel.guard("dimensions", scope.lang):  # an error here is logged, the page lives on
            panel.section("各单位六维得分", "机构序列，不排名", sheet=make_sheet, name="wellbeing")
            panel.show(table("各单位六维得分", columns, rows))

* HTML is built with `ui.html.tag` only (it escapes) and shown with `panel.show`.
* Tables: `ui.table` (Column, Row, table, marked, reading_badge, flag, status_flags, icon_word).
* A chart in a card: `panel.chart_card(title, subtitle, spec, alt, key, legend=…)` with a
  finished Vega-Lite dict (make it in a `charts/` function, cache it with `load.cached`). Its key
  names the texts `explain.<key>.shows|read|do`; a picture made of HTML adds `panel.explain(key)`.
* Two cards side by side: `left, right = st.columns([656, 344])`, then `with left:`.
* Sparklines: `ui.spark.sparkline(Spark(...), alt, theme)`; the theme is `theme.theme_name()`.
* Links: `ui.html.link(label, href("indicator", scope, indicator=code))`, href from `ui.scope`.
* Every figure leads to its cells: `ui.indicator_passport.passport_href(scope, code, unit=...)`.
* Downloads: give `section` a `sheet=` (a function returning `reports.tables.Sheet`) and `name=`.
* Nothing to show: `panel.empty(title, what_to_do)`. Words: `data/texts/<page>.toml`, zh and en.
"""

import logging
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import streamlit as st

from data.texts import text
from reports.tables import Sheet
from ui import load
from ui.download import download_buttons
from ui.explain import explained
from ui.html import Child, Markup, Ready, icon, join, tag

log = logging.getLogger("hengjing.page")


def show(*parts: Child) -> None:
    """Show pieces of HTML as one element; nothing is shown for nothing."""
    content = join(parts)
    if content:
        st.html(Ready(content))


def head(crumb: Child, title: str, lead: Child = None) -> None:
    """Show the page's head: a muted line, the title that says what is seen, a sentence or two."""
    show(
        tag("div", crumb, cls="s mu"),
        tag("h1", title),
        tag("div", lead, cls="lead") if lead else None,
    )


def section(
    title: str,
    note: Child = None,
    action: Child = None,
    sheet: Callable[[], Sheet] | None = None,
    name: str = "",
    lang: str = "zh",
) -> None:
    """Show a section's title with a note; at the right a link, or the downloads of its table."""
    heading = tag("h2", title, tag("span", note, cls="s mu") if note else None)
    if sheet is None:
        show(tag("div", heading, action, cls="hd"))
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key=f"hd-{name}"):
        st.html(Ready(heading), width="stretch")
        download_buttons(sheet, name, lang)


def chart_card(
    title: str,
    subtitle: Child,
    spec: dict[str, Any],
    alt: str,
    key: str,
    legend: Child = None,
) -> None:
    """Show a chart in a card: title says what is seen, `alt` says it to who cannot see it.

    Under the subtitle's own words stands on which units and which data it is drawn; below the
    chart what it shows, how it is read and what to do, by its key.
    """
    with st.container(key=f"card-{key}"):
        stand = load.stand()
        notes = [tag("div", line, cls="s mu") for line in (subtitle, stand) if line]
        show(tag("h2", title), tag("div", notes, style="margin:2px 0 0"))
        st.vega_lite_chart(spec, width="stretch", theme=None, key=f"chart-{key}", alt=alt)
        show(tag("div", legend, cls="lg") if legend else None, explained(key, _lang()))


def explain(name: str) -> None:
    """Show what a picture made of HTML shows, how it is read and what to do."""
    show(explained(name, _lang()))


def _lang() -> str:
    """Return the language of this run, from the scope that the frame keeps for every page."""
    lang: str = st.session_state["scope"].lang
    return lang


def how_to_read(lines: Sequence[str], lang: str, is_open: bool = False) -> None:
    """Show how a chart is read, folded away until it is asked for."""
    columns = tag("div", [tag("div", line) for line in lines], cls="cols")
    show(
        tag(
            "details",
            tag("summary", text("ui.panel.how", lang)),
            columns,
            cls="how",
            open=is_open,
        )
    )


def key_figures(items: Sequence[tuple[Child, Child, Child]]) -> Markup:
    """Return a row of key figures: what it is, the value, a note under it."""
    boxes = [
        tag(
            "div",
            tag("div", label, cls="s mu"),
            tag("div", value, cls="v"),
            tag("div", note, cls="s mu nw"),
        )
        for label, value, note in items
    ]
    return tag("div", boxes, cls="keys")


def legend_item(kind: str, colour: str, word: str) -> Markup:
    """Return a legend entry; kind is a mark's shape: box, dot, diamond, ring, band, line, dash."""
    style = f"background:var(--{colour})" if kind in ("box", "dot", "diamond") else None
    return tag("span", tag("i", cls=kind, style=style), word)


def empty(title: str, what_to_do: Child) -> None:
    """Show that there is nothing here, and what to do about it."""
    show(tag("div", tag("b", title), what_to_do, cls="empty"))


def notice(content: Child, symbol: str = "policy") -> None:
    """Show a rule or a caution that the reader must know for this page."""
    show(tag("div", icon(symbol, 18), tag("div", content), cls="notice"))


@contextmanager
def guard(name: str, lang: str) -> Iterator[None]:
    """Keep an error within its part of the page: it is logged, the reader sees a plain sentence."""
    try:
        yield
    except Exception:
        code = uuid.uuid4().hex[:8]
        log.exception("part '%s' of a page failed (%s)", name, code)
        words = text("ui.panel.error_what", lang, code=code)
        show(tag("div", tag("b", text("ui.panel.error", lang)), words, cls="empty failed"))
