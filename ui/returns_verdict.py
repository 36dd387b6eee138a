"""How does an uploaded return get its verdict, its explanations, and on its way?"""

import io
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

import streamlit as st

from data.checks.findings import finding_id
from data.checks.run import SHORTEST_ANSWER, CheckedReturn, answer_findings, check_return
from data.checks.worker import shared_worker
from data.returns.annotate import annotate
from data.returns.book import SUFFIXES
from data.returns.read import read_workbook
from data.said import SpokenError, say
from data.store.record import Receipt, submit_all
from data.store.source import Source
from metrics.effect import Effect, read_effects
from metrics.rounding import format_value
from metrics.words import reading_words
from ui import load, panel
from ui.clock import now
from ui.html import Child, Markup, icon, join, tag
from ui.returns_correction import ask_why
from ui.scope import Scope, period_label
from ui.table import Column, Row, reading_badge, table

HELD, SENT, TURN = "returns-held", "returns-sent", "returns-turn"
# So many findings of a kind are shown; the annotated workbook has all of them.
MOST_SHOWN = 40
FINDING_ICON = {
    "mandatory": ("error", "worse"),
    "query": ("contact_support", "accent"),
    "info": ("info", "mu"),
}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def uploader(scope: Scope, unit: str) -> Any:
    """Show where a workbook is dropped and return the file that lies there."""
    panel.show(
        tag("h2", scope.t("returns.page.drop")),
        tag("div", scope.t("returns.page.drop_note"), cls="s mu"),
    )
    return st.file_uploader(
        scope.t("returns.page.drop"),
        type=[suffix[1:] for suffix in SUFFIXES],
        key=f"upload-{unit}-{scope.period:%Y-%m}-{st.session_state.get(TURN, 0)}",
        label_visibility="collapsed",
    )


def held(scope: Scope, unit: str) -> CheckedReturn | None:
    """Return the verdict that this session holds for a unit and month, with its answers."""
    kept = st.session_state.get(HELD)
    if kept is None or kept["place"] != (unit, scope.period):
        return None
    return answer_findings(kept["checked"], _answers(kept["checked"]))


def form_states(checked: CheckedReturn | None) -> dict[str, str]:
    """Return the state of each form of an uploaded workbook: to correct, to explain, ready."""
    if checked is None:
        return {}
    found = {}
    for part in checked.by_form(load.catalog()):
        rows = part.findings.rows(named=True)
        if any(row["severity"] == "mandatory" for row in rows):
            found[part.form.code] = "to_correct"
        elif any(row["severity"] == "query" and not row["answer"] for row in rows):
            found[part.form.code] = "to_explain"
        else:
            found[part.form.code] = "ready"
    return found


def show(scope: Scope, unit: str, file: Any) -> None:
    """Show the verdict on the uploaded file, or what became of the one before."""
    if file is None:
        st.session_state.pop(HELD, None)
        _show_sent(scope)
        return
    content = file.getvalue()
    try:
        kept = _check(scope, unit, file.name, content)
    except SpokenError as error:
        panel.empty(scope.t("returns.page.not_checked"), say(error, scope.lang))
        return
    checked = kept["checked"]
    if checked.reading.refusal is not None:
        key, values = checked.reading.refusal
        panel.empty(scope.t("returns.page.refused"), scope.t(key, **values))
        return
    _show_checked(scope, unit, checked, content, file.name)


def _check(scope: Scope, unit: str, name: str, content: bytes) -> dict[str, Any]:
    """Return the verdict on a file; the same file for the same record is checked once."""
    source = Source.of_bytes(name, content)
    key = (unit, scope.period, source.sha256, load.version())
    kept = st.session_state.get(HELD)
    if kept is not None and kept["key"] == key:
        return kept
    with st.status(scope.t("returns.step.reading"), expanded=True) as status:
        reading = read_workbook(
            content, load.catalog(), load.tree(), unit=unit, period=scope.period, name=name
        )
        st.write(
            scope.t("returns.step.read", sheets=reading.parts.height, cells=reading.raw.height)
        )
        worker = shared_worker()
        status.update(label=scope.t("returns.step.checking"))
        if not worker.ready:
            st.write(scope.t("returns.step.starting"))
        facts = load.facts_of(scope.person)
        checked = check_return(reading, load.catalog(), load.tree(), facts, worker)
        status.update(label=scope.t("returns.step.done"), state="complete", expanded=False)
    kept = {"key": key, "place": (unit, scope.period), "checked": checked}
    st.session_state[HELD] = kept
    st.session_state.pop(SENT, None)
    st.rerun()
    return kept


def _answers(checked: CheckedReturn) -> dict[str, str]:
    """Return the explanations typed so far, by finding."""
    typed = {}
    for row in checked.findings.iter_rows(named=True):
        name = finding_id(row)
        words = st.session_state.get(f"answer-{name}")
        if words is not None:
            typed[name] = words
    return typed


def _show_checked(scope: Scope, unit: str, first: CheckedReturn, content: bytes, name: str) -> None:
    """Show the verdict in one card: counts, findings with their answers, the way on."""
    checked = answer_findings(first, _answers(first))
    rows = checked.findings.rows(named=True)
    with st.container(key="card-verdict"):
        panel.show(_summary(scope, checked.counts))
        _show_errors(scope, [row for row in rows if row["severity"] == "mandatory"])
        _show_queries(scope, [row for row in rows if row["severity"] == "query"])
        _show_notes(scope, [row for row in rows if row["severity"] == "info"])
        _show_way_on(scope, unit, checked, content, name)
    with panel.guard("effect", scope.lang):
        _show_effect(scope, unit, checked)


def _summary(scope: Scope, counts: Mapping[str, int]) -> Markup:
    """Return the head of the verdict: errors, questions, cells passed."""
    said = [tag("h2", scope.t("returns.verdict.title"))]
    if counts["errors"]:
        words = scope.t("returns.page.errors", count=counts["errors"])
        said.append(tag("span", icon("error", 18), words, cls="rd worse"))
    if counts["questions"]:
        words = scope.t(
            "returns.page.questions", count=counts["questions"], answered=counts["answered"]
        )
        said.append(tag("span", icon("contact_support", 18), words, cls="rd accent"))
    words = scope.t("returns.page.passed", count=counts["passed"])
    said.append(tag("span", icon("task_alt", 18), words, cls="rd better"))
    return tag("div", said, cls="line verdict-head", role="status")


def _show_errors(scope: Scope, rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        return
    panel.show(_group(scope, "returns.severity.mandatory"))
    panel.show([finding_row(scope, row) for row in rows[:MOST_SHOWN]], _more(scope, rows))


def _show_queries(scope: Scope, rows: Sequence[Mapping[str, Any]]) -> None:
    """Show each question with the box for its explanation."""
    if not rows:
        return
    panel.show(_group(scope, "returns.page.queries"))
    seen: set[str] = set()
    for row in rows[:MOST_SHOWN]:
        name = finding_id(row)
        panel.show(finding_row(scope, row))
        if name in seen:
            continue
        seen.add(name)
        with st.container(key=f"answer-box-{name}"):
            st.text_area(
                scope.t("returns.page.answer", cell=f"{row['sheet']}!{row['cell']}"),
                value=row["answer"] or "",
                key=f"answer-{name}",
                height=68,
                max_chars=500,
                placeholder=scope.t("returns.page.answer_hint", least=SHORTEST_ANSWER),
                label_visibility="collapsed",
            )
    panel.show(_more(scope, rows))


def _show_notes(scope: Scope, rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        return
    panel.show(_group(scope, "returns.severity.info"))
    panel.show([finding_row(scope, row) for row in rows[:MOST_SHOWN]], _more(scope, rows))


def _group(scope: Scope, key: str) -> Markup:
    return tag("h3", scope.t(key), cls="s mu verdict-group")


def _more(scope: Scope, rows: Sequence[Mapping[str, Any]]) -> Child:
    left = len(rows) - MOST_SHOWN
    return tag("div", scope.t("returns.page.more", count=left), cls="s mu") if left > 0 else None


def finding_row(scope: Scope, row: Mapping[str, Any], below: Child = None) -> Markup:
    """Return one finding: where, what was found, what to do, by which rule; more `below` it."""
    symbol, cls = FINDING_ICON[row["severity"]]
    measure = load.catalog().measures.get(row["measure"] or "")
    form = measure.form if measure else ""
    place = f"{row['sheet']}!{row['cell']}" if row["cell"] else row["sheet"]
    return tag(
        "div",
        tag("div", icon(symbol, 18, cls), tag("b", place), cls="place"),
        tag(
            "div",
            tag("div", row[f"message_{scope.lang}"]),
            tag("div", row[f"fix_{scope.lang}"], cls="s mu"),
            below,
        ),
        tag("div", " · ".join(part for part in (form, row["rule"]) if part), cls="s mu nw"),
        cls="finding",
    )


def _show_way_on(
    scope: Scope, unit: str, checked: CheckedReturn, content: bytes, name: str
) -> None:
    """Show the annotated copy to fetch, and the button that files the return."""
    reason, why = _reason(scope, checked), None
    if not reason:
        why = ask_why(scope, checked.by_form(load.catalog()))
        reason = scope.t("returns.page.left_why") if why == "" else ""
    with st.container(horizontal=True, vertical_alignment="center", key="way-on"):
        st.download_button(
            scope.t("returns.page.annotated"),
            data=lambda: _annotated(checked, content, scope.lang),
            file_name=f"{PurePath(name).stem}_{scope.t('returns.page.annotated_name')}.xlsx",
            mime=XLSX,
            icon=":material/download:",
            key="annotated",
            on_click="ignore",
        )
        st.html(tag("div", reason, cls="s mu right"), width="stretch")
        pressed = st.button(
            scope.t("returns.page.submit"), type="primary", disabled=bool(reason), key="submit"
        )
    if pressed:
        _submit(scope, unit, checked, why or "")


def _annotated(checked: CheckedReturn, content: bytes, lang: str) -> bytes:
    copy = io.BytesIO()
    annotate(content, checked, copy, lang)
    return copy.getvalue()


def _reason(scope: Scope, checked: CheckedReturn) -> str:
    """Return why the return cannot be filed yet; empty when it can."""
    counts = checked.counts
    left = counts["questions"] - counts["answered"]
    if not checked.is_complete:
        return scope.t("returns.page.left_incomplete")
    if counts["errors"] and left:
        return scope.t("returns.page.left_both", errors=counts["errors"], left=left)
    if counts["errors"]:
        return scope.t("returns.page.left_errors", errors=counts["errors"])
    if left:
        return scope.t("returns.page.left_questions", left=left)
    return "" if checked.may_submit else scope.t("returns.page.left_empty")


def _submit(scope: Scope, unit: str, checked: CheckedReturn, why: str) -> None:
    """File the return, form by form, all or none, and show its receipts."""
    catalog = load.catalog()
    try:
        receipts = submit_all(
            load.store(),
            load.viewer(scope.person),
            checked.by_form(catalog),
            at=now(),
            definitions=catalog.digest,
            reason=why,
        )
    except SpokenError as error:
        panel.notice(say(error, scope.lang), "error")
        return
    st.session_state[SENT] = {"place": (unit, scope.period), "receipts": receipts}
    st.session_state[TURN] = st.session_state.get(TURN, 0) + 1
    st.session_state.pop(HELD, None)
    st.rerun()


def _show_sent(scope: Scope) -> None:
    """Show what was just filed, or what to do first."""
    sent = st.session_state.get(SENT)
    if sent is None or sent["place"][1] != scope.period:
        panel.empty(scope.t("returns.page.no_file"), scope.t("returns.page.no_file_how"))
        return
    receipts: list[Receipt] = sent["receipts"]
    columns = [
        Column("number", scope.t("returns.receipt.number")),
        Column("form", scope.t("returns.page.form")),
        Column("facts", scope.t("returns.receipt.content"), number=True),
        Column("state", scope.t("returns.page.state")),
    ]
    rows = [
        Row(
            {
                "number": receipt.number,
                "form": f"{receipt.form} {load.catalog().forms[receipt.form].name.get(scope.lang)}",
                "facts": f"{receipt.facts:,}",
                "state": scope.t(
                    "returns.state.repeat"
                    if receipt.is_repeat
                    else f"returns.state.{receipt.state}"
                ),
            }
        )
        for receipt in receipts
    ]
    with st.container(key="card-sent"):
        panel.show(
            tag(
                "div",
                tag("span", icon("check_circle", 18), cls="rd better"),
                tag("h2", scope.t("returns.page.sent", count=len(receipts))),
                cls="line",
                role="status",
            ),
            tag("div", scope.t("returns.page.sent_note"), cls="s mu"),
            table(scope.t("returns.receipt.title"), columns, rows, card=False),
        )


def _show_effect(scope: Scope, unit: str, checked: CheckedReturn) -> None:
    """Show what the return would do to the unit's headline figures."""
    effects = read_effects(
        load.facts_of(scope.person),
        checked.facts,
        load.catalog(),
        load.tree(),
        load.headline(),
        unit,
        scope.period,
    )
    if not effects:
        return
    month = period_label(scope.period, "month", scope.lang)
    title = scope.t("returns.effect.title", unit=load.unit_title(unit, scope.lang), month=month)
    columns = [
        Column("name", scope.t("returns.effect.name")),
        Column("before", scope.t("returns.effect.before"), number=True),
        Column("after", scope.t("returns.effect.after"), number=True),
        Column("range", scope.t("returns.effect.range"), number=True),
        Column("reading", scope.t("returns.effect.reading")),
    ]
    rows = [Row(_effect_cells(scope, effect)) for effect in effects]
    panel.section(title, scope.t("returns.effect.note"))
    panel.show(table(title, columns, rows))


def _effect_cells(scope: Scope, effect: Effect) -> dict[str, Child]:
    item = load.indicator(effect.indicator)
    limits = ""
    if effect.lower is not None and effect.upper is not None:
        limits = f"{format_value(effect.lower, item)} – {format_value(effect.upper, item)}"
    unit = item.unit.get(scope.lang)
    bracket = f"（{unit}）" if scope.lang == "zh" else f" ({unit})"
    before = join(
        [
            format_value(effect.before, item),
            " ",
            tag("span", f"{effect.reported_before}/{effect.due}", cls="s mu"),
        ]
    )
    after = join(
        [
            tag("b", format_value(effect.after, item)),
            " ",
            tag("span", f"{effect.reported_after}/{effect.due}", cls="s mu"),
        ]
    )
    return {
        "name": f"{item.name.get(scope.lang)}{bracket}",
        "before": before if effect.before is not None else None,
        "after": after,
        "range": limits,
        "reading": reading_badge(effect.reading, reading_words(effect.reading, scope.lang)),
    }
