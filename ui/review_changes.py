"""What was asked and answered about a return, and which cells does it change?"""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
import streamlit as st

from data.store.record import differences, differences_between
from ui import load, panel
from ui.difference import difference_sheet, difference_table
from ui.html import Markup, icon, tag
from ui.returns_verdict import finding_row
from ui.review_decide import quote
from ui.review_items import Item
from ui.scope import Scope

# So many questions have a button to quote them; the others are folded away.
MOST_QUESTIONS = 40
MOST_DIFFERENCES = 30
LIBERTY = "F07"


def show_findings(
    scope: Scope, item: Item, findings: Sequence[Mapping[str, Any]], may_quote: bool
) -> None:
    """Show the questions with what the unit explained; each can be quoted into the reason."""
    asked = [row for row in findings if row["severity"] == "query"]
    if not asked:
        words = scope.t("review.no_findings")
        panel.show(tag("div", icon("task_alt", 16), " ", words, cls="s mu none"))
    else:
        panel.show(
            tag("h3", scope.t("review.findings", count=len(asked)), cls="s mu verdict-group")
        )
    for place, row in enumerate(asked[:MOST_QUESTIONS]):
        markup = finding_row(scope, row, _answer(scope, row))
        if not may_quote:
            panel.show(markup)
            continue
        with st.container(key=f"asked-{place}", gap=None):
            panel.show(markup)
            where = f"{row['sheet']}!{row['cell']}" if row["cell"] else row["sheet"]
            found = row[f"message_{scope.lang}"]
            words = scope.t("review.quoted", place=where, words=found)
            st.button(
                scope.t("review.quote"),
                key=f"quote-{item.receipt}-{place}",
                type="tertiary",
                icon=":material/format_quote:",
                on_click=quote,
                args=(item.receipt, words),
            )
    rest = asked[MOST_QUESTIONS:]
    if rest:
        more = scope.t("review.more_questions", count=len(rest))
        body = [finding_row(scope, row, _answer(scope, row)) for row in rest]
        panel.show(tag("details", tag("summary", more), body, cls="fold"))
    _show_notes(scope, findings)


def _answer(scope: Scope, row: Mapping[str, Any]) -> Markup:
    """Return what the unit explained."""
    said = row["answer"] or scope.t("review.no_answer")
    return tag("div", icon("chat", 14), " ", said, cls="answer")


def _show_notes(scope: Scope, findings: Sequence[Mapping[str, Any]]) -> None:
    """Show, folded away, how the file was read where that took a liberty, and other notes."""
    notes = [row for row in findings if row["severity"] == "info"]
    if not notes:
        return
    liberties = sum(row["rule"] == LIBERTY for row in notes)
    title = scope.t("review.notes", count=len(notes), liberties=liberties)
    body = [finding_row(scope, row) for row in notes]
    panel.show(tag("details", tag("summary", title), body, cls="fold"))


def show_differences(scope: Scope, item: Item, earlier: Sequence[Mapping[str, Any]]) -> None:
    """Show cell by cell what differs from what is approved, and from what was filed before."""
    store, viewer, t = load.store(), load.viewer(scope.person), scope.t
    approved = differences(store, viewer, item.row["id"])
    changed = approved.filter(pl.col("before").is_not_null())
    fresh = approved.height - changed.height
    if changed.height:
        note = t("review.diff.note", changed=changed.height, fresh=fresh)
        _show_difference(scope, item, "changed", t("review.diff.approved"), note, changed)
    elif item.row["why"] is not None:
        panel.show(tag("div", t("review.diff.none"), cls="s mu"))
    last = next((row for row in earlier if row["state"] != "approved"), None)
    if last is not None:
        found = differences_between(store, viewer, last["id"], item.row["id"])
        title = t("review.diff.filed", number=last["receipt"])
        state = t(f"returns.state.{last['state']}")
        note = t("review.diff.filed_note", state=state, count=found.height)
        _show_difference(scope, item, "filed", title, note, found)


def _show_difference(
    scope: Scope, item: Item, kind: str, title: str, note: str, found: pl.DataFrame
) -> None:
    """Show the first cells that differ; the download has them all."""
    if found.height > MOST_DIFFERENCES:
        sheet = difference_sheet(scope, title, found)
        panel.section(
            title, note, sheet=lambda: sheet, name=f"{kind}-{item.receipt}", lang=scope.lang
        )
    else:
        panel.section(title, note)
    if found.height:
        panel.show(difference_table(scope, title, found, item.row["unit"], MOST_DIFFERENCES))
    if found.height > MOST_DIFFERENCES:
        more = scope.t("review.diff.more", count=found.height - MOST_DIFFERENCES)
        panel.show(tag("div", more, cls="s mu"))
