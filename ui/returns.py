"""How are My returns shown? What is due, the template, the upload, and what became of it."""

import datetime as dt
import io
from collections import Counter

import streamlit as st

from data.returns.desk import Duty, duties, filing_unit
from data.returns.template import write_template
from ui import load, panel, returns_verdict
from ui.clock import moment, today
from ui.frame import current_scope
from ui.html import Child, Markup, icon, join, tag
from ui.scope import Scope, period_label
from ui.table import Column, Row, icon_word, table

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
WEEKEND = (5, 6)
LAST_DAY = 15
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


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
    checked = returns_verdict.held(scope, unit)
    _head(scope, unit, owed, checked.counts if checked else None)
    if not owed:
        panel.empty(scope.t("returns.page.nothing"), scope.t("returns.page.nothing_how"))
        return
    with panel.guard("due strip", scope.lang):
        panel.show(_strip(scope, owed))
        _show_sent_back(scope, owed)
    left, right = st.columns([380, 620], gap="small")
    with left:
        states = returns_verdict.form_states(checked)
        with panel.guard("forms due", scope.lang), st.container(key="card-due"):
            panel.show(_forms(scope, owed, states))
            _template_button(scope, unit, owed)
        with panel.guard("upload", scope.lang), st.container(key="card-upload"):
            file = returns_verdict.uploader(scope, unit)
        with panel.guard("receipt", scope.lang):
            _receipts(scope, owed)
    with right, panel.guard("verdict", scope.lang):
        returns_verdict.show(scope, unit, file)


def duties_of(scope: Scope, unit: str) -> list[Duty]:
    """Return what a unit owes in the month in scope."""
    return duties(
        load.store(),
        load.viewer(scope.person),
        load.catalog(),
        load.tree(),
        load.facts_of(scope.person),
        unit,
        scope.period,
        today(),
    )


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
            who = person_name(scope, duty.submission["reviewer"])
            reason = duty.submission["reason"]
            words = scope.t("returns.page.sent_back", name=name, who=who, reason=reason)
            panel.notice(words, "undo")


def _strip(scope: Scope, owed: list[Duty]) -> Markup:
    """Return the days of the filing month with what is due, sent, and today."""
    first = owed[0].due.replace(day=1)
    last = max(LAST_DAY, *(duty.due.day for duty in owed))
    days = [first + dt.timedelta(days=n) for n in range(last)]
    cells = []
    for day in days:
        due = [duty for duty in owed if duty.due == day]
        open_forms = [duty for duty in due if duty.is_open]
        content: Child = None
        if due:
            names = _names(open_forms or due)
            symbol = "schedule" if open_forms else "check_circle"
            cls = "worse" if open_forms else "better"
            content = tag("span", icon(symbol, 14), names, cls=f"rd {cls}")
        cls = "today" if day == today() else "off" if day.weekday() in WEEKEND else ""
        word = scope.t("returns.page.today") if day == today() else _weekday(scope, day)
        head = [tag("b", day.day), " ", tag("span", word, cls="mu")]
        cells.append(tag("li", tag("div", head, cls="s"), content, cls=cls))
    label = scope.t("returns.page.strip", month=f"{first:%Y-%m}")
    columns = f"grid-template-columns:repeat({last},minmax(44px,1fr))"
    days_of_month = tag("ol", cells, cls="strip", style=columns)
    # Narrow screens scroll it sideways: the keyboard must be able to do so too.
    return tag(
        "div", days_of_month, cls="scroll card", tabindex="0", role="region", aria_label=label
    )


def _names(owed: list[Duty]) -> str:
    """Return the codes of forms briefly: the first and how many more."""
    codes = [duty.form.code for duty in owed]
    return codes[0] if len(codes) == 1 else f"{codes[0]}–{codes[-1]}"


def _weekday(scope: Scope, day: dt.date) -> str:
    return scope.t(f"returns.weekday.d{day.weekday()}")


def _forms(scope: Scope, owed: list[Duty], states: dict[str, str]) -> Markup:
    """Return the forms that are owed with their day and state."""
    columns = [
        Column("form", scope.t("returns.page.form")),
        Column("due", scope.t("returns.page.due"), number=True),
        Column("left", scope.t("returns.page.left"), number=True),
        Column("state", scope.t("returns.page.state")),
    ]
    rows = []
    for duty in owed:
        state = states.get(duty.form.code, duty.state) if duty.is_open else duty.state
        symbol, cls = STATE_ICON[state]
        word = scope.t(f"returns.state.{state}")
        if state == "partial":
            word = f"{word} {duty.known}/{duty.cells}"
        late = "days_late" if duty.days_left < 0 else "days"
        days = scope.t(f"returns.page.{late}", days=abs(duty.days_left))
        left: Child = days if duty.is_open else None
        rows.append(
            Row(
                {
                    "form": f"{duty.form.code} {duty.form.name.get(scope.lang)}",
                    "due": f"{duty.due:%m-%d}",
                    "left": left,
                    "state": icon_word(symbol, word, cls),
                }
            )
        )
    caption = scope.t("returns.page.forms")
    return join([tag("h2", caption), table(caption, columns, rows, cls="tight", card=False)])


def _template_button(scope: Scope, unit: str, owed: list[Duty]) -> None:
    """Offer the workbook of the unit's forms, with what the record knows already filled in."""

    def make() -> bytes:
        book = io.BytesIO()
        write_template(
            load.catalog(),
            load.tree(),
            [duty.form.code for duty in owed],
            unit,
            scope.period,
            book,
            previous=load.facts_of(scope.person),
            lang=scope.lang,
        )
        return book.getvalue()

    st.download_button(
        scope.t("returns.page.template"),
        data=make,
        file_name=f"{load.unit_title(unit, scope.lang)}_{scope.period:%Y-%m}.xlsx",
        mime=XLSX,
        icon=":material/download:",
        key=f"template-{unit}-{scope.period:%Y-%m}",
        on_click="ignore",
        width="stretch",
    )


def _receipts(scope: Scope, owed: list[Duty]) -> None:
    """Show the latest receipt, with the others of the month counted by state."""
    rows = [duty.submission for duty in owed if duty.submission]
    if not rows:
        return
    row = max(rows, key=lambda r: r["id"])
    name = load.catalog().forms[row["form"]].name.get(scope.lang)
    lines = [
        ("number", row["receipt"]),
        ("form", f"{row['form']} {name}"),
        ("sent", f"{moment(row['submitted_at'])} · {person_name(scope, row['submitted_by'])}"),
        ("content", scope.t("returns.page.figures", count=row["facts"])),
        ("file", f"SHA-256 {row['sha256'][:4]}…{row['sha256'][-4:]}"),
        ("state", scope.t(f"returns.state.{row['state']}")),
    ]
    if row["reviewed_at"]:
        lines.append(
            ("judged", f"{moment(row['reviewed_at'])} · {person_name(scope, row['reviewer'])}")
        )
    if row["reason"]:
        lines.append(("reason", row["reason"]))
    pairs = [
        [tag("dt", scope.t(f"returns.receipt.{key}")), tag("dd", words)] for key, words in lines
    ]
    count = Counter(r["state"] for r in rows)
    others = " · ".join(
        f"{scope.t(f'returns.state.{state}')} {number}" for state, number in count.items()
    )
    with st.container(key="card-receipt"):
        panel.show(
            tag("h2", icon("receipt_long", 18), " ", scope.t("returns.receipt.title")),
            tag("dl", pairs, cls="pp"),
            tag("div", others, cls="s mu") if len(rows) > 1 else None,
        )
        written = "\n".join(f"{scope.t(f'returns.receipt.{key}')}: {words}" for key, words in lines)
        st.download_button(
            scope.t("returns.receipt.download"),
            data=f"\ufeff{written}\n",
            file_name=f"{row['receipt']}.txt",
            mime="text/plain",
            icon=":material/download:",
            type="tertiary",
            key=f"receipt-{row['receipt']}",
            on_click="ignore",
        )


def person_name(scope: Scope, user: str | None) -> str:
    """Return the name of a person; a name that nobody has stands as it is."""
    found = load.people().get(user or "")
    return found[0].get(scope.lang) if found else (user or "")
