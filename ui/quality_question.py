"""How is one integrity question shown in full, answered by its unit, and closed above it?

An act is done in its button's callback, before the page is made anew; what is refused is said in
one line.
"""

from collections.abc import Mapping
from typing import Any

import polars as pl
import streamlit as st

from data.said import SpokenError, say
from data.store.questions import (
    OUTCOMES,
    Subject,
    answer_question,
    close_question,
    may_answer,
    may_close,
)
from metrics.integrity_words import (
    about,
    base_rate,
    effect,
    listed_reasons,
    question_named,
    seen,
    seen_in,
)
from ui import load, panel
from ui.clock import moment, now
from ui.html import Child, Markup, icon, tag
from ui.scope import Scope

SAID, LONGEST = "question-said", 500
MOST_MONTHS = 12


def show_question(scope: Scope, row: Mapping[str, Any]) -> None:
    """Show one question: what was seen, what is usual, why it may be so, what was said to it."""
    with st.container(key="card-question"):
        panel.show(_in_full(scope, row))
        _show_acts(scope, row)


def _in_full(scope: Scope, row: Mapping[str, Any]) -> Markup:
    t, lang, catalog = scope.t, scope.lang, load.catalog()
    question = question_named(catalog, row["question"])
    unit = load.unit_title(row["unit"], lang)
    title = f"{question.name.get(lang)} · {unit} · {about(catalog, row, lang)}"
    lines: list[tuple[str, Child]] = [
        ("seen", seen(catalog, row, lang)),
        ("effect", f"{effect(catalog, row, lang)} · {base_rate(catalog, row, lang)}"),
    ]
    if names := seen_in(catalog, row, lang):
        lines.append(("parts", "、".join(names) if lang == "zh" else ", ".join(names)))
    if row["months"]:
        lines.append(("months", _months(scope, row)))
    lines += [("asks", question.asks.get(lang)), ("innocent", listed_reasons(catalog, row, lang))]
    if row["answer"]:
        said = f"{row['answer']} ({moment(row['answered_at'])})"
        lines.append(("answer", said))
    if row["outcome"]:
        end = t(f"integrity.outcome.{row['outcome']}")
        words = f" · {row['closing']}" if row["closing"] else ""
        lines.append(("closing", f"{end}{words} ({moment(row['closed_at'])})"))
    body = [
        tag("div", tag("dt", t(f"integrity.full.{name}")), tag("dd", words))
        for name, words in lines
    ]
    return tag("div", tag("h3", title), tag("dl", body, cls="question"))


def _months(scope: Scope, row: Mapping[str, Any]) -> str:
    """Return the months that speak for a question, the latest where they are many."""
    months = [f"{month:%Y-%m}" for month in row["months"]]
    if len(months) <= MOST_MONTHS:
        return " ".join(months)
    more = scope.t("integrity.full.more_months", count=len(months) - MOST_MONTHS)
    return f"{' '.join(months[-MOST_MONTHS:])} {more}"


def show_past(scope: Scope, rows: pl.DataFrame) -> None:
    """Show, folded away, what was answered and is not asked any more, and close what is open."""
    if rows.is_empty():
        return
    t, lang = scope.t, scope.lang
    lines = []
    for row in rows.iter_rows(named=True):
        known = [q for q in load.catalog().integrity.questions if q.code == row["question"]]
        name = known[0].name.get(lang) if known else row["question"]
        end = t(f"integrity.outcome.{row['outcome']}") if row["state"] == "closed" else ""
        said = [load.unit_title(row["unit"], lang), name, f"{row['evidence']:%Y-%m}"]
        said += [row["answer"] or "", end or t("integrity.state.answered")]
        lines.append(tag("div", " · ".join(part for part in said if part)))
    title = t("integrity.full.past", count=rows.height)
    panel.show(tag("details", tag("summary", title), lines, cls="fold"))
    for row in rows.filter(state="answered").iter_rows(named=True):
        if may_close(load.viewer(scope.person), row["unit"]):
            about_ = subject(row)
            st.button(
                t("integrity.full.past_close", unit=load.unit_title(row["unit"], lang)),
                key=f"past-{about_.key}",
                on_click=_close,
                args=(scope, about_, "", "corrected"),
            )


def subject(row: Mapping[str, Any]) -> Subject:
    """Return what a row asks about, with the leaf that files a bureau's own work."""
    filer = load.tree().own(row["unit"]) or row["unit"]
    return Subject(row["question"], row["unit"], row["measure"], row["evidence"], filer)


def _show_acts(scope: Scope, row: Mapping[str, Any]) -> None:
    """Show the way to answer, and the ways to close, to who may."""
    viewer, about_ = load.viewer(scope.person), subject(row)
    answers = may_answer(viewer, row["unit"], about_.filer) and row["state"] != "closed"
    closes = may_close(viewer, row["unit"]) and row["state"] == "answered"
    if not (answers or closes):
        panel.show(tag("div", icon("info", 16), " ", _why_not(scope, row), cls="s mu"))
        return
    key = f"words-{about_.key}"
    label = "integrity.full.words" if answers else "integrity.full.closing_words"
    st.text_area(
        scope.t(label),
        key=key,
        height=80,
        max_chars=LONGEST,
        placeholder=scope.t("integrity.full.hint"),
    )
    with st.container(horizontal=True, key="question-acts"):
        if answers:
            st.button(
                scope.t("integrity.full.do_answer"),
                key=f"answer-{about_.key}",
                type="primary",
                icon=":material/chat:",
                on_click=_answer,
                args=(scope, about_, key),
            )
        for outcome in OUTCOMES if closes else ():
            st.button(
                scope.t(f"integrity.full.do_{outcome}"),
                key=f"{outcome}-{about_.key}",
                on_click=_close,
                args=(scope, about_, key, outcome),
            )


def _why_not(scope: Scope, row: Mapping[str, Any]) -> str:
    """Return what the question waits for."""
    if row["state"] == "closed":
        return scope.t("integrity.full.is_closed")
    unit = load.unit_title(row["unit"], scope.lang)
    key = "waits_close" if row["state"] == "answered" else "waits_answer"
    return scope.t(f"integrity.full.{key}", unit=unit)


def _answer(scope: Scope, about_: Subject, key: str) -> None:
    words = st.session_state.get(key) or ""
    viewer = load.viewer(scope.person)
    try:
        answer_question(load.store(), viewer, about_, words, now())
    except SpokenError as error:
        st.session_state[SAID] = ("error", say(error, scope.lang))
    else:
        st.session_state[SAID] = ("check_circle", scope.t("integrity.full.answered"))
        st.session_state.pop(key, None)


def _close(scope: Scope, about_: Subject, key: str, outcome: str) -> None:
    words = st.session_state.get(key) or ""
    viewer = load.viewer(scope.person)
    try:
        close_question(load.store(), viewer, about_, outcome, words, now())
    except SpokenError as error:
        st.session_state[SAID] = ("error", say(error, scope.lang))
    else:
        end = scope.t(f"integrity.outcome.{outcome}")
        st.session_state[SAID] = ("check_circle", scope.t("integrity.full.closed", end=end))
        st.session_state.pop(key, None)


def show_said(scope: Scope) -> None:
    """Say once what became of what was just done."""
    said = st.session_state.pop(SAID, None)
    if said:
        symbol, words = said
        panel.show(tag("div", icon(symbol, 18), tag("div", words), cls="notice", role="status"))
