"""How is Review shown? What waits and for whom, one return in full, and the decision."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from data.access import may_review
from data.store.record import findings_of, question_counts, submissions
from ui import load, panel
from ui.clock import today
from ui.frame import current_scope
from ui.html import Child, Markup, icon, link, tag
from ui.review_changes import show_differences, show_findings
from ui.review_decide import BATCH, show_batch, show_decided, show_decision
from ui.review_figures import show_figures
from ui.review_items import (
    Item,
    beside,
    chosen_of,
    following,
    form_in,
    level_in,
    narrowed,
    read_items,
)
from ui.review_queue import filters, queue, stage_word, standing
from ui.review_return import head, show_way
from ui.review_time import show_time
from ui.scope import Scope, here, period_label

Rows = Sequence[Mapping[str, Any]]


def show() -> None:
    """Show the returns of the unit in scope, and one of them in full."""
    scope = current_scope()
    viewer = load.viewer(scope.person)
    rows = submissions(load.store(), viewer, scope.period).rows(named=True)
    questions = question_counts(load.store(), viewer, scope.period)
    known = (questions, viewer, load.tree())
    forms, day = tuple(load.catalog().forms), today()
    every = read_items(rows, *known, load.tree().root, forms, day)
    items = read_items(rows, *known, scope.unit, forms, day)
    _head(scope, items, len(every) - len(items))
    if not items and chosen_of(scope, every, items) is None:
        show_decided(scope)
        key = "no_own" if every else "nothing"
        panel.empty(scope.t(f"review.{key}"), scope.t(f"review.{key}_how"))
    else:
        _show_desk(scope, rows, every, items)
    with panel.guard("time", scope.lang):
        show_time(scope)


def _show_desk(scope: Scope, rows: Rows, every: Sequence[Item], items: Sequence[Item]) -> None:
    """Show the queue at the left, at the right the return that is looked at."""
    level, form = level_in(scope, items), form_in(scope, items)
    listed = narrowed(items, level, form)
    is_batch = scope.extras.get("receipt") == BATCH
    chosen = None if is_batch else chosen_of(scope, every, listed)
    panel.show(_keys(scope, items))
    left, right = st.columns([300, 700], gap="small")
    with left, panel.guard("queue", scope.lang), st.container(key="card-queue"):
        panel.show(filters(scope, items, level, form))
        if listed:
            panel.show(queue(scope, listed, chosen, scope.unit))
        else:
            panel.empty(scope.t("review.none_left"), scope.t("review.none_left_how"))
        panel.show(_batch_link(scope, listed, is_batch))
    with right, panel.guard("return", scope.lang):
        seen = BATCH if is_batch else chosen.receipt if chosen else "-"
        panel.show(tag("div", data_place=seen, cls="place-mark"))
        show_decided(scope)
        if is_batch:
            show_batch(scope, [item for item in listed if item.is_sound])
        elif chosen is None:
            panel.section(scope.t("review.standing"), scope.t("review.choose"))
            panel.show(standing(scope, items))
        else:
            _show_return(scope, rows, listed, chosen)


def _head(scope: Scope, items: Sequence[Item], elsewhere: int) -> None:
    """Show the title: how many wait for the reader, and since when."""
    month = period_label(scope.period, "month", scope.lang)
    crumb = " · ".join([scope.t("ui.page.review"), load.unit_title(scope.unit, scope.lang), month])
    mine = [item for item in items if item.mine]
    way = [item for item in items if item.is_waiting]
    if mine:
        days = max(item.days for item in mine)
        key = "title" if days else "title_today"
        title = scope.t(f"review.{key}", month=month, count=len(mine), days=days)
    else:
        key = "title_way" if way else "title_none"
        title = scope.t(f"review.{key}", month=month, count=len(way))
    lead: Child = None
    if elsewhere:
        top = load.own_units(load.viewer(scope.person))[0]
        where = here("review", scope, unit=top, receipt=None, group=None)
        lead = [
            scope.t("review.elsewhere", count=elsewhere),
            " ",
            link(scope.t("review.see"), where),
        ]
    panel.head(crumb, title, lead)


def _keys(scope: Scope, items: Sequence[Item]) -> Markup:
    """Return how many wait for whom, in numbers."""
    t = scope.t
    mine = [item for item in items if item.mine]
    way = [item for item in items if item.is_waiting]
    late = sum(bool(item.row["late"]) for item in way)
    corrections = sum(item.row["why"] is not None for item in way)
    asked = sum(bool(item.questions) for item in mine)
    ended = len(items) - len(way)
    note = t("review.key.mine_note" if asked else "review.key.mine_sound", asked=asked)
    note = note if mine else ""
    figures = [
        (t("review.key.mine"), len(mine), note),
        (t("review.key.others"), len(way) - len(mine), t("review.key.others_note")),
        (t("review.key.corrections"), corrections, t("review.key.corrections_note")),
        (t("review.key.late"), late, t("review.key.late_note")),
        (t("review.key.ended"), ended, t("review.key.ended_note")),
    ]
    return tag("div", panel.key_figures(figures), cls="card pad")


def _batch_link(scope: Scope, listed: Sequence[Item], is_batch: bool) -> Child:
    """Return the way to accept what asks for no closer look all at once."""
    sound = sum(item.is_sound for item in listed)
    if sound < 2 or is_batch:
        return None
    words = [icon("done_all", 16), scope.t("review.batch.link", count=sound)]
    return link(words, here("review", scope, receipt=BATCH, page=None), cls="btn")


def _show_return(scope: Scope, rows: Rows, listed: Sequence[Item], item: Item) -> None:
    """Show one return: facts and way, questions, the decision, what it changes, its figures."""
    viewer, row = load.viewer(scope.person), item.row
    findings = findings_of(load.store(), viewer, row["id"]).rows(named=True)
    earlier = earlier_of(rows, row)
    may_decide = item.mine or item.may_help
    with st.container(key="card-return"):
        panel.show(head(scope, item, beside(listed, item)))
        show_way(scope, item, earlier)
        show_findings(scope, item, findings, may_decide)
    with panel.guard("differences", scope.lang):
        show_differences(scope, item, earlier)
    with panel.guard("figures", scope.lang):
        show_figures(scope, item, may_decide)
    if may_decide:
        with st.container(key="card-decide"):
            show_decision(scope, item, following(listed, item))
    elif item.is_waiting:
        panel.show(tag("div", icon("info", 16), " ", _not_yet(scope, item), cls="s mu"))


def _not_yet(scope: Scope, item: Item) -> str:
    """Return why the reader cannot judge a return that is on its way."""
    viewer = load.viewer(scope.person)
    waits_for = item.row["waits_for"]
    is_turn = item.stage not in ("checked", "confirming")
    if is_turn and may_review(viewer, item.row["unit"], waits_for):
        return scope.t("review.not_you")
    return scope.t("review.not_yet", stage=stage_word(scope, item.stage))


def earlier_of(rows: Rows, row: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return what was filed of the same return before it, the latest first."""
    key = ("form", "unit", "period")
    same = [other for other in rows if all(other[name] == row[name] for name in key)]
    return sorted(
        (other for other in same if other["id"] < row["id"]), key=lambda other: -other["id"]
    )
