"""How are integrity questions shown? A list some at a time, and one of them in full.

Questions, never accusations: each stands with what would be usual, with the good reasons, and with
how many of the list chance alone may have put. In full: `ui.quality_question`.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
import streamlit as st

from data.access import Viewer
from metrics.integrity import Run
from metrics.integrity_run import known, past
from metrics.integrity_state import STATES
from metrics.integrity_words import (
    about,
    base_rate,
    effect,
    family_words,
    question_named,
    reasons,
    run_words,
    seen,
)
from reports.tables import Field, Sheet
from ui import load, panel
from ui.html import Child, Markup, join, link, tag
from ui.numbers import shown
from ui.quality_question import show_past, show_question, show_said
from ui.quality_run import run_now
from ui.review_figures import page_in
from ui.scope import Scope, here
from ui.table import Column, Row, icon_word, table

PAGE, SIZE = "quality", 10
#: So long the page waits itself; then it goes on and looks again every second.
PATIENCE, AGAIN = 0.2, 1.0
SYMBOL = {"open": "contact_support", "again": "update", "answered": "chat", "closed": "task_alt"}


def show_questions(scope: Scope) -> None:
    """Show what the figures of many months ask of the units in scope."""
    title = scope.t("integrity.page.title")
    run = run_now(PATIENCE)
    if run is None:
        panel.section(title)
        panel.notice(scope.t("integrity.page.working"), "hourglass_empty")
        _wait()
        return
    show_said(scope)
    rows = rows_of(scope, run)
    gone = _within(scope, past(load.store(), load.catalog(), load.tree(), viewer_of(scope), run))
    if rows.is_empty():
        panel.section(title)
        panel.notice(join([_count(scope, run), " ", scope.t("integrity.page.none")]), "task_alt")
        show_past(scope, gone)
        return
    panel.section(
        title,
        scope.t("integrity.page.note", count=shown(rows.height)),
        sheet=lambda: _sheet(scope, run, rows),
        name=f"integrity-{scope.unit}",
        lang=scope.lang,
    )
    panel.notice(join([scope.t("integrity.page.rule"), " ", _count(scope, run)]), "contact_support")
    listed = rows.to_dicts()
    chosen = chosen_of(scope, listed)
    page = page_of(scope, listed, chosen)
    panel.show(_list(scope, listed, page, chosen))
    panel.explain("integrity")
    show_question(scope, chosen)
    show_past(scope, gone)


@st.fragment(run_every=AGAIN)
def _wait() -> None:
    """Look every second whether the run is there; then the page is shown anew."""
    if run_now() is not None:
        st.rerun()


def rows_of(scope: Scope, run: Run) -> pl.DataFrame:
    """Return the questions to the unit in scope and those below it, within the viewer's sight."""
    return _within(scope, known(load.store(), load.catalog(), load.tree(), viewer_of(scope), run))


def viewer_of(scope: Scope) -> Viewer:
    """Return who looks."""
    return load.viewer(scope.person)


def _within(scope: Scope, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of the unit in scope and those below it."""
    tree = load.tree()
    if scope.unit == tree.root or not tree.units.get(scope.unit):
        return rows
    inside = {*tree.subtree(scope.unit, gone=True)}
    parent = tree.parent(scope.unit)
    if tree.is_own(scope.unit) and parent:
        inside.add(parent)  # a bureau's own level answers for the bureau
    return rows.filter(pl.col("unit").is_in(sorted(inside)))


def mark_of(key: str) -> str:
    """Return a short name of a question for the address.

    >>> mark_of("heaping:yz0101:all:2024-10")
    '617649c686'
    """
    return hashlib.sha256(key.encode()).hexdigest()[:10]


def chosen_of(scope: Scope, rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return the question that the address names, or the first."""
    asked = scope.extras.get("question")
    return next((row for row in rows if mark_of(row["key"]) == asked), rows[0])


def page_of(scope: Scope, rows: Sequence[Mapping[str, Any]], chosen: Mapping[str, Any]) -> int:
    """Return the page of the list that the address asks for, or the one of the chosen question."""
    pages = -(-len(rows) // SIZE)
    asked = scope.extras.get("page", "")
    if asked or "question" not in scope.extras:
        return page_in(asked or "1", pages)
    return next(at for at, row in enumerate(rows) if row["key"] == chosen["key"]) // SIZE + 1


def _count(scope: Scope, run: Run) -> str:
    """Return how many tests were made, and how many questions are expected by chance."""
    parts = (run_words(run, scope.lang), family_words(run, scope.lang))
    return scope.t("coverage.space").join(parts)


def _list(
    scope: Scope, rows: Sequence[Mapping[str, Any]], page: int, chosen: Mapping[str, Any]
) -> Markup:
    t = scope.t
    columns = [
        Column("question", t("quality.integrity.question"), cls="wrap rule"),
        Column("unit", t("ui.frame.unit")),
        Column("about", t("integrity.page.about"), cls="wrap"),
        Column("effect", t("integrity.page.effect"), cls="wrap"),
        Column("q", "q", number=True),
        Column("state", t("quality.integrity.state")),
    ]
    part = rows[(page - 1) * SIZE : page * SIZE]
    body = [
        Row(_cells(scope, row, page), "sel" if row["key"] == chosen["key"] else "") for row in part
    ]
    return join([table(t("integrity.page.title"), columns, body), _steps(scope, len(rows), page)])


def _cells(scope: Scope, row: Mapping[str, Any], page: int) -> dict[str, Child]:
    catalog, lang = load.catalog(), scope.lang
    question = question_named(catalog, row["question"])
    where = here(PAGE, scope, question=mark_of(row["key"]), page=str(page))
    name = link(tag("b", question.name.get(lang)), where, data_keep="1")
    unit = here(PAGE, scope, unit=row["unit"], question=None, page=None)
    return {
        "question": name,
        "unit": link(load.unit_title(row["unit"], lang), unit),
        "about": about(catalog, row, lang),
        "effect": effect(catalog, row, lang),
        "q": q_words(row["q"]),
        "state": state_words(scope, row),
    }


def state_words(scope: Scope, row: Mapping[str, Any]) -> Markup:
    """Return how far a question is: symbol and word."""
    state = row["state"] if row["state"] in STATES else "open"
    word: Child = scope.t(f"integrity.state.{state}")
    if state == "closed" and row["outcome"]:
        word = scope.t(f"integrity.outcome.{row['outcome']}")
    return icon_word(SYMBOL[state], word, "accent" if state in ("open", "again") else "")


def q_words(q: float) -> str:
    """Return a q-value as it is read: small ones as a bound.

    >>> q_words(0.0123), q_words(0.00002)
    ('0.012', '< 0.001')
    """
    return "< 0.001" if q < 0.001 else f"{q:.3f}"


def _steps(scope: Scope, total: int, page: int) -> Markup | None:
    """Return the steps through the pages; nothing for one page."""
    pages = -(-total // SIZE)
    if pages < 2:
        return None
    first, last = (page - 1) * SIZE + 1, min(page * SIZE, total)
    said = scope.t("review.pages", first=first, last=last, total=f"{total:,}")
    ways = [
        link(scope.t(f"integrity.page.{name}"), here(PAGE, scope, page=str(at)), cls="btn")
        for name, at in (("before", page - 1), ("after", page + 1))
        if 1 <= at <= pages
    ]
    return tag("div", said, " ", join(ways, " "), cls="s mu", style="padding:8px 0")


def _sheet(scope: Scope, run: Run, rows: pl.DataFrame) -> Sheet:
    """Return all questions as a table to take along."""
    t, lang, catalog = scope.t, scope.lang, load.catalog()
    names = ("question", "unit", "about", "seen", "effect", "base", "q", "state", "innocent")
    widths = {"seen": 60, "innocent": 60, "unit": 24, "effect": 30, "about": 24, "base": 20}
    fields = [Field(t(f"integrity.sheet.{name}"), width=widths.get(name, 16)) for name in names]
    body = [
        [
            question_named(catalog, row["question"]).name.get(lang),
            load.unit_title(row["unit"], lang),
            about(catalog, row, lang),
            seen(catalog, row, lang),
            effect(catalog, row, lang),
            base_rate(catalog, row, lang),
            q_words(row["q"]),
            t(f"integrity.state.{row['state']}"),
            reasons(catalog, row, lang),
        ]
        for row in rows.iter_rows(named=True)
    ]
    lines = [(t("ui.sheet.scope"), load.unit_title(scope.unit, lang))]
    notes = [t("integrity.page.rule"), run_words(run, lang), family_words(run, lang)]
    return Sheet(t("integrity.page.title"), lines, fields, body, notes)
