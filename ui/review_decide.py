"""How is a return decided on: accepted, sent back with a reason that quotes cells, or many at once?

A decision is taken in the button's callback, before the page is made anew: what another reviewer
decided meanwhile would have taken the button away. The rules stand below the page; what they refuse
is said in one line.
"""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from data.said import SpokenError, say
from data.store.record import Receipt, review, steps_of, submissions
from data.store.stages import step_of
from ui import load, panel
from ui.clock import moment, now
from ui.html import Markup, icon, link, tag
from ui.review_items import Item
from ui.review_queue import level_word
from ui.scope import Scope, here
from ui.table import Column, Row, table

DECIDED = "review-decided"
BATCH = "batch"
LONGEST = 500
# What the address says of one return; the next one starts anew.
OF_ONE = ("receipt", "page", "order")


def reason_key(receipt: str) -> str:
    """Return under which key the session holds the reason for a return."""
    return f"reason-{receipt}"


def quoted(reason: str, words: str, longest: int = LONGEST) -> str:
    r"""Return a reason with a cell quoted on a line of its own, once, if there is room.

    >>> quoted("请核对。", "刑事!D12：写的是 138。")
    '请核对。\n刑事!D12：写的是 138。'
    >>> quoted("刑事!D12：写的是 138。", "刑事!D12：写的是 138。")
    '刑事!D12：写的是 138。'
    """
    if words in reason:
        return reason
    longer = f"{reason.rstrip()}\n{words}" if reason.strip() else words
    return longer if len(longer) <= longest else reason


def quote(receipt: str, words: str) -> None:
    """Put a cell into the reason that is being written."""
    key = reason_key(receipt)
    st.session_state[key] = quoted(st.session_state.get(key) or "", words)


def show_decision(scope: Scope, item: Item, after: str) -> None:
    """Show the way to accept, or to send back with a reason; then comes the return `after`."""
    key = reason_key(item.receipt)
    if item.may_help:
        words = scope.t("review.help", level=level_word(scope, item.stage))
        panel.show(tag("div", icon("info", 16), " ", words, cls="s mu"))
    with st.container(horizontal=True, vertical_alignment="bottom", key="decide-row"):
        st.text_area(
            scope.t("review.reason"),
            key=key,
            height=68,
            max_chars=LONGEST,
            placeholder=scope.t("review.reason_hint"),
        )
        st.button(
            scope.t("review.send_back"),
            icon=":material/undo:",
            key=f"back-{item.receipt}",
            on_click=_decide,
            args=(scope, item, False, after),
        )
        st.button(
            scope.t("review.accept"),
            type="primary",
            icon=":material/task_alt:",
            key=f"accept-{item.receipt}",
            on_click=_decide,
            args=(scope, item, True, after),
        )


def _decide(scope: Scope, item: Item, is_accepted: bool, after: str) -> None:
    """Decide, and go on with the next return; what was refused is kept to be said."""
    reason = st.session_state.get(reason_key(item.receipt)) or ""
    if not is_accepted and not reason.strip():
        st.session_state[DECIDED] = [("refused", item, scope.t("review.reason_needed"))]
        return
    done = _judge(scope, item, is_accepted, reason)
    st.session_state[DECIDED] = [done]
    if done[0] != "refused":
        st.session_state.pop(reason_key(item.receipt), None)
        _go_on(after)


def _judge(scope: Scope, item: Item, is_accepted: bool, reason: str) -> tuple[str, Item, str]:
    """Return what became of a return: a state, or refused with the reason in words."""
    store, viewer = load.store(), load.viewer(scope.person)
    try:
        receipt: Receipt = review(store, viewer, item.row["id"], is_accepted, reason, now())
    except SpokenError as error:
        said = _meanwhile(scope, item)
        return ("meanwhile", item, said) if said else ("refused", item, say(error, scope.lang))
    return receipt.state, item, receipt.waits_for or ""


def _meanwhile(scope: Scope, item: Item) -> str:
    """Return what somebody else did to a return since the page was made; empty for nothing."""
    store, viewer = load.store(), load.viewer(scope.person)
    rows = submissions(store, viewer, item.row["period"]).rows(named=True)
    row = next((row for row in rows if row["id"] == item.row["id"]), None)
    if row is None:
        return scope.t("review.meanwhile.gone", name=name_of(scope, item))
    is_same = (row["state"], row["waits_for"]) == (item.row["state"], item.row["waits_for"])
    if is_same and step_of(row["state"], "accept"):
        return ""
    if row["state"] == "replaced":
        return scope.t("review.meanwhile.replaced", name=name_of(scope, item))
    steps = steps_of(store, viewer, row["id"]).rows(named=True)
    last: dict[str, Any] = steps[-1] if steps else {"by": row["reviewer"], "at": row["reviewed_at"]}
    return scope.t(
        "review.meanwhile.decided",
        name=name_of(scope, item),
        who=load.person_name(last["by"], scope.lang),
        when=moment(last["at"]),
        state=scope.t(f"returns.state.{row['state']}"),
    )


def _go_on(after: str) -> None:
    """Turn the address to the next return."""
    for part in OF_ONE:
        if part in st.query_params:
            del st.query_params[part]
    if after:
        st.query_params["receipt"] = after


def name_of(scope: Scope, item: Item) -> str:
    """Return how a return is called: its form and unit."""
    return f"{item.row['form']} {load.unit_name(item.row['unit'], scope.lang)}"


def show_decided(scope: Scope) -> None:
    """Say once what became of what was just decided."""
    done: list[tuple[str, Item, str]] = st.session_state.pop(DECIDED, [])
    if len(done) == 1:
        panel.show(_notice(scope, *done[0]))
    elif done:
        _show_summary(scope, done)


def _notice(scope: Scope, state: str, item: Item, words: str) -> Markup:
    """Return one line about one decision, with a link to what was decided."""
    symbol = {"refused": "error", "meanwhile": "info"}.get(state, "check_circle")
    said = words if state in ("refused", "meanwhile") else _outcome(scope, state, item, words)
    where = here("review", scope, receipt=item.receipt, page=None)
    seen = None if state == "refused" else link(scope.t("review.see"), where)
    return tag("div", icon(symbol, 18), tag("div", said, " ", seen), cls="notice", role="status")


def _outcome(scope: Scope, state: str, item: Item, waits_for: str) -> str:
    values = {"name": name_of(scope, item), "number": item.receipt}
    if state == "approved":
        return scope.t("review.accepted", **values)
    if state == "returned":
        return scope.t("review.sent_back", **values)
    return scope.t("review.passed", level=level_word(scope, waits_for), **values)


def _show_summary(scope: Scope, done: Sequence[tuple[str, Item, str]]) -> None:
    """Show what became of several returns: how many were accepted, and why others were not."""
    good = [entry for entry in done if entry[0] not in ("refused", "meanwhile")]
    left = [entry for entry in done if entry[0] in ("refused", "meanwhile")]
    key = "review.batch.partly" if left else "review.batch.done"
    said = scope.t(key, count=len(good), left=len(left))
    symbol = "info" if left else "check_circle"
    panel.show(tag("div", icon(symbol, 18), tag("div", said), cls="notice", role="status"))
    if left:
        columns = [
            Column("name", scope.t("review.return")),
            Column("why", scope.t("review.batch.why"), cls="wrap"),
        ]
        rows = [Row({"name": name_of(scope, item), "why": words}) for _, item, words in left]
        panel.show(table(scope.t("review.batch.left"), columns, rows))


def show_batch(scope: Scope, items: Sequence[Item]) -> None:
    """Show the sound returns by unit, to be accepted together; what is unticked stays."""
    units: dict[str, list[Item]] = {}
    for item in items:
        units.setdefault(item.row["unit"], []).append(item)
    with st.container(key="card-batch"):
        panel.show(
            tag("h2", scope.t("review.batch.title", count=len(items))),
            tag("div", scope.t("review.batch.note"), cls="s mu"),
        )
        ticked: list[Item] = []
        for unit, mine in units.items():
            codes = " ".join(item.row["form"] for item in mine)
            label = scope.t(
                "review.batch.unit", unit=load.unit_title(unit, scope.lang), forms=codes
            )
            if st.checkbox(label, value=True, key=f"batch-{unit}-{scope.period:%Y-%m}"):
                ticked += mine
        with st.container(horizontal=True, horizontal_alignment="right", key="decide-buttons"):
            st.button(
                scope.t("review.batch.accept", count=len(ticked)),
                type="primary",
                icon=":material/done_all:",
                disabled=not ticked,
                key="batch-accept",
                on_click=_decide_all,
                args=(scope, ticked),
            )


def _decide_all(scope: Scope, items: Sequence[Item]) -> None:
    """Accept one return after the other; each is settled by itself, and none stops the others."""
    st.session_state[DECIDED] = [_judge(scope, item, True, "") for item in items]
    _go_on("")
