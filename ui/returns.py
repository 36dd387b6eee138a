"""How are My returns shown? What is due, the template, the upload, and what became of it."""

import streamlit as st

from data.returns.desk import Duty, filing_unit
from ui import aside, load, panel, returns_confirm, returns_verdict
from ui.clock import today
from ui.download import XLSX
from ui.frame import current_scope
from ui.html import Child, Markup, icon, join, tag
from ui.returns_calendar import extension_words, show_calendar
from ui.returns_owed import duties_of, locked_forms, more_time
from ui.returns_receipts import show_receipts
from ui.scope import Scope, period_label
from ui.table import Column, Row, icon_word, table
from ui.template_set import show_each

STATE_ICON = {
    "returned": ("undo", "worse"),
    "overdue": ("error", "worse"),
    "due": ("schedule", ""),
    "partial": ("incomplete_circle", ""),
    "checked": ("contact_support", "accent"),
    "to_confirm": ("contact_support", "accent"),
    "confirming": ("hourglass_top", ""),
    "submitted": ("check_circle", "better"),
    "reviewed": ("check_circle", "better"),
    "approved": ("task_alt", "better"),
    "to_correct": ("error", "worse"),
    "to_explain": ("contact_support", "accent"),
    "ready": ("task_alt", "better"),
}


def show() -> None:
    """Show the returns of the unit in scope for the month in scope."""
    scope = current_scope()
    viewer = load.viewer(scope.person)
    unit = filing_unit(viewer, scope.unit, load.catalog())
    if unit is None:
        panel.head(scope.t("ui.page.returns"), scope.t("returns.page.reader"))
        panel.empty(scope.t("returns.page.reader"), scope.t("returns.page.reader_how"))
        return
    owed = duties_of(scope, unit)
    if not owed:
        _head(scope, unit, owed, None)
        panel.empty(scope.t("returns.page.nothing"), scope.t("returns.page.nothing_how"))
        return
    aside.start()
    # What depends on the verdict keeps its place until the verdict is there.
    head = st.container()
    with panel.guard("calendar", scope.lang):
        closed = locked_forms(tuple(duty.form.code for duty in owed), unit, scope.period)
        show_calendar(scope, unit, owed, is_locked=len(closed) == len(owed))
        _show_sent_back(scope, owed)
        if closed:
            forms = ("、" if scope.lang == "zh" else ", ").join(closed)
            panel.notice(scope.t("desk.day.locked_forms", forms=forms), "lock")
    returns_confirm.show(scope, unit)
    left, right = st.columns([346, 656], gap="small")
    with left:
        due = st.container(key="card-due")
        with st.container(key="card-upload"):
            drop = returns_verdict.uploader(scope, unit)
        with panel.guard("receipt", scope.lang):
            show_receipts(scope, unit)
    checked = None
    with right, panel.guard("check", scope.lang):
        checked = returns_verdict.check(scope, unit, drop)
    with head:
        _head(scope, unit, owed, checked.counts if checked else None)
    with due, panel.guard("forms due", scope.lang):
        _forms(scope, unit, owed, returns_verdict.form_states(checked))
    with right, panel.guard("verdict", scope.lang):
        returns_verdict.show(scope, unit, drop, checked)
    returns_verdict.show_below(scope, unit, drop.draft, checked)


def _head(scope: Scope, unit: str, owed: list[Duty], counts: object) -> None:
    """Show the title: what is left to do before which day."""
    month = period_label(scope.period, "month", scope.lang)
    crumb = " · ".join([scope.t("ui.page.returns"), load.unit_title(unit, scope.lang), month])
    waiting = [duty for duty in owed if duty.is_open]
    if isinstance(counts, dict) and (counts["errors"] or counts["questions"] > counts["answered"]):
        left = counts["questions"] - counts["answered"]
        title = scope.t("returns.page.title_open", month=month, errors=counts["errors"], left=left)
    elif not owed:
        title = scope.t("returns.page.title_nothing", month=month)
    elif not waiting:
        title = scope.t("returns.page.title_done", month=month, count=len(owed))
    else:
        late = [duty for duty in waiting if duty.days_left < 0]
        key = "title_late" if late else "title_due"
        next_day = min(duty.due for duty in waiting)
        values = {"count": len(late or waiting), "day": f"{next_day:%m-%d}"}
        title = scope.t(f"returns.page.{key}", month=month, **values)
    panel.head(crumb, title)


def _show_sent_back(scope: Scope, owed: list[Duty]) -> None:
    """Show the reason of each return that was sent back, before anything else."""
    for duty in owed:
        if duty.state == "returned" and duty.submission:
            name = f"{duty.form.code} {duty.form.name.get(scope.lang)}"
            who = load.person_name(duty.submission["reviewer"], scope.lang)
            reason = duty.submission["reason"]
            words = scope.t("returns.page.sent_back", name=name, who=who, reason=reason)
            panel.notice(words, "undo")


def _forms(scope: Scope, unit: str, owed: list[Duty], states: dict[str, str]) -> None:
    """Show the forms that are owed with their day and state, and the workbook to fill in."""

    def listed() -> Markup:
        columns = [
            Column("form", scope.t("returns.page.form"), cls="form"),
            Column("due", scope.t("returns.page.due"), number=True),
            Column("left", scope.t("returns.page.left"), number=True, cls="hide-phone"),
            Column("state", scope.t("returns.page.state")),
        ]
        rows = [_form_row(scope, duty, states) for duty in owed]
        return join(
            [
                table(caption, columns, rows, cls="tight dues", card=False),
                _extensions(scope, unit, owed),
            ]
        )

    caption = scope.t("returns.page.forms")
    with st.container(horizontal=True, vertical_alignment="center", key="due-head"):
        st.html(tag("h2", caption), width="stretch")
        _template_button(scope, unit, owed)
    panel.show(load.told(f"due {unit} {today()} {sorted(states.items())}", scope, listed))
    show_each(scope, unit)


def _form_row(scope: Scope, duty: Duty, states: dict[str, str]) -> Row:
    state = states.get(duty.form.code, duty.state) if duty.is_open else duty.state
    symbol, cls = STATE_ICON[state]
    word = scope.t(f"returns.state.{state}")
    if state == "partial":
        word = f"{word} {duty.known}/{duty.cells}"
    late = "days_late" if duty.days_left < 0 else "days"
    days = scope.t(f"returns.page.{late}", days=abs(duty.days_left))
    left: Child = days if duty.is_open else None
    name = f"{duty.form.code} {duty.form.name.get(scope.lang)}"
    return Row(
        {
            "form": tag("span", name, title=name, cls="ell"),
            "due": f"{duty.due:%m-%d}",
            "left": left,
            "state": icon_word(symbol, word, cls),
        }
    )


def _extensions(scope: Scope, unit: str, owed: list[Duty]) -> Markup | None:
    """Return which forms were given more time, and why."""
    reasons = more_time(scope.person, unit, scope.period)
    lines = [
        tag(
            "div",
            icon("more_time", 14),
            f" {duty.form.code} ",
            extension_words(scope, duty, reasons[duty.form.code]),
        )
        for duty in owed
        if duty.form.code in reasons
    ]
    return tag("div", lines, cls="s mu") if lines else None


def _template_button(scope: Scope, unit: str, owed: list[Duty]) -> None:
    """Offer the workbook of the unit's forms, with what the record knows already filled in."""
    forms = [duty.form.code for duty in owed]
    st.download_button(
        scope.t("returns.page.template"),
        data=lambda: aside.template(scope, unit, forms),
        file_name=f"{load.unit_title(unit, scope.lang)}_{scope.period:%Y-%m}.xlsx",
        mime=XLSX,
        icon=":material/download:",
        type="tertiary",
        key=f"template-{unit}-{scope.period:%Y-%m}",
        on_click="ignore",
    )
