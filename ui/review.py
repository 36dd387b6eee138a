"""How is Review shown? The queue, one return beside earlier figures, and the decision."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from data.definition_types import Form, Measure
from data.periods import add_months
from data.returns.compared import Comparison, compare_return
from data.said import SpokenError, say
from data.store.record import cells_of, findings_of, review, submissions
from metrics.rounding import format_value
from ui import load, panel
from ui.clock import moment, now
from ui.frame import current_scope
from ui.html import Child, Markup, icon, join, link, tag
from ui.returns import STATE_ICON, person_name
from ui.returns_verdict import MOST_SHOWN, finding_row
from ui.scope import Scope, href, period_label
from ui.table import Column, Row, icon_word, table

DECIDED = "review-decided"
# A return of many units is long: so many of its figures are shown, the most changed first.
MOST_FIGURES = 60


def show() -> None:
    """Show the returns that wait for the viewer, and the one that is chosen."""
    scope = current_scope()
    viewer = load.viewer(scope.person)
    rows = submissions(load.store(), viewer, scope.period).rows(named=True)
    rows = [r for r in rows if r["kind"] == "return" and r["state"] != "replaced"]
    waiting = [row for row in rows if row["may_review"]]
    month = period_label(scope.period, "month", scope.lang)
    crumb = " · ".join([scope.t("ui.page.review"), load.unit_title(scope.unit, scope.lang), month])
    key = "title" if waiting else "title_none"
    panel.head(crumb, scope.t(f"review.{key}", month=month, count=len(waiting)))
    _show_decided(scope)
    if not rows:
        panel.empty(scope.t("review.nothing"), scope.t("review.nothing_how"))
        return
    chosen = _chosen(scope, rows, waiting)
    left, right = st.columns([380, 620], gap="small")
    with left, panel.guard("queue", scope.lang):
        _show_queue(scope, waiting, rows, chosen)
    with right, panel.guard("return", scope.lang):
        if chosen is None:
            panel.empty(scope.t("review.choose"), scope.t("review.choose_how"))
        else:
            _show_return(scope, chosen, chosen in waiting)


def _chosen(
    scope: Scope, rows: Sequence[Mapping[str, Any]], waiting: Sequence[Mapping[str, Any]]
) -> Mapping[str, Any] | None:
    """Return the submission that the address names, else the first that waits."""
    wanted = scope.extras.get("form")
    found = next((row for row in rows if row["receipt"] == wanted), None)
    return found or (waiting[-1] if waiting else None)


def _show_queue(
    scope: Scope,
    waiting: Sequence[Mapping[str, Any]],
    rows: Sequence[Mapping[str, Any]],
    chosen: Mapping[str, Any] | None,
) -> None:
    """Show what waits, the oldest first, and what has been decided."""
    done = [row for row in rows if row not in waiting][:MOST_SHOWN]
    for title, listed in (("review.waiting", list(reversed(waiting))), ("review.done", done)):
        if not listed:
            continue
        columns = [
            Column("return", scope.t("review.return")),
            Column("state", scope.t("returns.page.state")),
        ]
        body = [
            Row(
                {"return": _queue_link(scope, row), "state": _state(scope, row)},
                kind="sel" if chosen and row["id"] == chosen["id"] else "",
            )
            for row in listed
        ]
        with st.container(key=f"card-{title.replace('.', '-')}"):
            caption = scope.t(title, count=len(listed))
            panel.show(
                tag("h2", caption), table(caption, columns, body, cls="tight tall", card=False)
            )


def _queue_link(scope: Scope, row: Mapping[str, Any]) -> Markup:
    label = [
        tag("div", f"{row['form']} {load.unit_name(row['unit'], scope.lang)}"),
        tag("div", moment(row["submitted_at"]), cls="s mu"),
    ]
    return link(label, href("review", scope, form=row["receipt"]))


def _state(scope: Scope, row: Mapping[str, Any]) -> Markup:
    symbol, cls = STATE_ICON[row["state"]]
    return icon_word(symbol, scope.t(f"returns.state.{row['state']}"), cls)


def _show_return(scope: Scope, row: Mapping[str, Any], may_decide: bool) -> None:
    """Show one return: who sent it, findings and answers, its figures beside earlier ones."""
    viewer = load.viewer(scope.person)
    form = load.catalog().forms[row["form"]]
    findings = findings_of(load.store(), viewer, row["id"]).rows(named=True)
    cells = cells_of(load.store(), viewer, row["id"])
    with st.container(key="card-return"):
        panel.show(_head(scope, row, form))
        _show_findings(scope, findings)
        if may_decide:
            _show_decision(scope, row)
    found = compare_return(
        cells, load.facts_of(scope.person), load.catalog(), row["period"], MOST_FIGURES
    )
    _show_figures(scope, row, found)


def _head(scope: Scope, row: Mapping[str, Any], form: Form) -> Markup:
    """Return who sent what, when, in which version."""
    unit = load.unit_title(row["unit"], scope.lang)
    lines = [
        ("number", f"{row['receipt']} · {scope.t('review.version', version=row['version'])}"),
        ("sent", f"{moment(row['submitted_at'])} · {person_name(scope, row['submitted_by'])}"),
        ("file", f"{row['file']} · SHA-256 {row['sha256'][:4]}…{row['sha256'][-4:]}"),
        ("content", scope.t("returns.page.figures", count=row["facts"])),
    ]
    if row["reviewed_at"]:
        judged = f"{moment(row['reviewed_at'])} · {person_name(scope, row['reviewer'])}"
        lines.append(("judged", judged))
    if row["reason"]:
        lines.append(("reason", row["reason"]))
    pairs = [
        [tag("dt", scope.t(f"returns.receipt.{key}")), tag("dd", words)] for key, words in lines
    ]
    title = f"{unit} · {form.code} {form.name.get(scope.lang)}"
    return join(
        [tag("div", tag("h2", title), _state(scope, row), cls="line"), tag("dl", pairs, cls="pp")]
    )


def _show_findings(scope: Scope, findings: Sequence[Mapping[str, Any]]) -> None:
    """Show the questions with what the unit explained."""
    asked = [row for row in findings if row["severity"] == "query"]
    if not asked:
        panel.show(tag("div", icon("task_alt", 16), " ", scope.t("review.no_findings"), cls="s mu"))
        return
    panel.show(tag("h3", scope.t("review.findings", count=len(asked)), cls="verdict-group"))
    for row in asked[:MOST_SHOWN]:
        said = row["answer"] or scope.t("review.no_answer")
        answer = tag("div", icon("chat", 14), " ", said, cls="answer")
        panel.show(finding_row(scope, row, answer))


def _show_decision(scope: Scope, row: Mapping[str, Any]) -> None:
    """Show the way to accept, or to send back with a reason."""
    with st.form(f"decide-{row['receipt']}", border=False):
        reason = st.text_area(
            scope.t("review.reason"),
            key=f"reason-{row['receipt']}",
            height=68,
            max_chars=500,
            placeholder=scope.t("review.reason_hint"),
        )
        with st.container(horizontal=True, horizontal_alignment="right"):
            back = st.form_submit_button(scope.t("review.send_back"), icon=":material/undo:")
            accept = st.form_submit_button(
                scope.t("review.accept"), type="primary", icon=":material/task_alt:"
            )
    if back and not reason.strip():
        panel.notice(scope.t("review.reason_needed"), "error")
    elif back or accept:
        _decide(scope, row, accept, reason)


def _decide(scope: Scope, row: Mapping[str, Any], is_accepted: bool, reason: str) -> None:
    viewer = load.viewer(scope.person)
    try:
        receipt = review(load.store(), viewer, row["id"], is_accepted, reason, now())
    except SpokenError as error:
        panel.notice(say(error, scope.lang), "error")
        return
    st.session_state[DECIDED] = receipt
    st.rerun()


def _show_decided(scope: Scope) -> None:
    """Say once what was just decided."""
    receipt = st.session_state.pop(DECIDED, None)
    if receipt is None:
        return
    keys = {"approved": "review.accepted", "reviewed": "review.passed"}
    key = keys.get(receipt.state, "review.sent_back")
    name = f"{receipt.form} {load.unit_name(receipt.unit, scope.lang)}"
    panel.show(
        tag(
            "div",
            icon("check_circle", 18),
            tag("div", scope.t(key, name=name, number=receipt.number)),
            cls="notice",
            role="status",
        )
    )


def _show_figures(scope: Scope, row: Mapping[str, Any], found: Comparison) -> None:
    """Show the figures beside the month before, the same month of last year, and the record."""
    period = row["period"]
    many = len({item.unit for item in found.rows}) > 1
    columns = [Column("measure", scope.t("returns.column.measure"))]
    if many:
        columns.append(Column("unit", scope.t("ui.frame.unit")))
    columns += [
        Column("now", period_label(period, "month", scope.lang), number=True),
        Column("before", period_label(add_months(period, -1), "month", scope.lang), number=True),
        Column("year", period_label(add_months(period, -12), "month", scope.lang), number=True),
        Column("record", scope.t("review.record"), number=True),
    ]
    rows = [_figure_row(scope, item, many) for item in found.rows]
    title = scope.t("review.figures")
    note = scope.t("review.figures_note", shown=len(found.rows), total=found.total)
    panel.section(title, note)
    panel.show(table(title, columns, rows, cls="dense"))


def _figure_row(scope: Scope, item: Any, many: bool) -> Row:
    measure: Measure = load.catalog().measures[item.measure]
    indicator = load.indicator(item.measure)

    def shown(value: float | None) -> Child:
        return None if value is None else format_value(value, indicator)

    record = shown(item.record) if item.record is not None else scope.t("review.new")
    is_revised = item.record is not None and item.record != item.value
    unit = measure.unit.get(scope.lang)
    cells: dict[str, Child] = {
        "measure": join([measure.name.get(scope.lang), " ", tag("span", unit, cls="s mu")]),
        "now": tag("b", shown(item.value)),
        "before": shown(item.before),
        "year": shown(item.last_year),
        "record": tag("b", record) if is_revised else record,
    }
    if many:
        cells["unit"] = load.unit_name(item.unit, scope.lang)
    return Row(cells)
