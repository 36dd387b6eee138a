"""How does an uploaded return get its verdict, its explanations, and on its way?"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from data.checks.run import CheckedReturn
from data.returns.book import SUFFIXES
from data.said import SpokenError, say
from data.store.record import Receipt, submit_all
from data.store.source import Source
from ui import load, panel
from ui.checking import check_file
from ui.clock import now
from ui.html import Child, Markup, icon, tag
from ui.returns_copies import show_copies
from ui.returns_correction import ask_why
from ui.returns_draft import Draft, Upload, draft_of, drop_draft, key_of, with_upload
from ui.returns_effect import show_effect, weighed_of
from ui.returns_findings import finding_row, show_findings
from ui.scope import Scope
from ui.table import Column, Row, table

__all__ = ["check", "finding_row", "show", "show_below", "uploader"]

SENT, TURN = "returns-sent", "returns-turn"
KILO = 1024


@dataclass(frozen=True, slots=True)
class Drop:
    """What lies on the page: the draft, the file that waits for its verdict, where it is shown."""

    draft: Draft
    waiting: tuple[str, bytes, tuple[Any, ...]] | None
    place: Any
    is_kept: bool


def uploader(scope: Scope, unit: str) -> Drop:
    """Show where a workbook is dropped; return what lies there."""
    draft = draft_of(key_of(scope, unit))
    key = f"upload-{unit}-{scope.period:%Y-%m}-{st.session_state.get(TURN, 0)}"

    def changed() -> None:
        if st.session_state.get(key) is None:
            draft.upload = None
        st.session_state.pop(SENT, None)

    panel.show(
        tag("h2", scope.t("returns.page.drop")),
        tag("div", scope.t("returns.page.drop_note"), cls="s mu"),
    )
    file = st.file_uploader(
        scope.t("returns.page.drop"),
        type=[suffix[1:] for suffix in SUFFIXES],
        key=key,
        label_visibility="collapsed",
        on_change=changed,
    )
    waiting = None
    if file is not None:
        waiting = _waiting(draft, file.name, file.getvalue())
    elif draft.upload is not None:
        waiting = _waiting(draft, draft.upload.name, draft.upload.content)
    return Drop(draft, waiting, st.container(), file is None)


def _waiting(draft: Draft, name: str, content: bytes) -> tuple[str, bytes, tuple] | None:
    """Return a file that is to be checked; one with its verdict for this record keeps that."""
    basis = (Source.of_bytes(name, content).sha256, load.version())
    if draft.upload is None or draft.upload.basis != basis:
        return name, content, basis
    return None


def check(scope: Scope, unit: str, drop: Drop) -> CheckedReturn | None:
    """Return the verdict on the file that lies there; one that waits is checked now.

    How far that is is told meanwhile; a check that fails leaves the draft as it was.
    """
    if drop.waiting is not None:
        name, content, basis = drop.waiting
        place = st.empty()
        try:
            with place:
                checked, seconds = check_file(scope, unit, name, content)
        except SpokenError as error:
            panel.empty(scope.t("returns.page.not_checked"), say(error, scope.lang))
            return None
        place.empty()
        name = checked.reading.source.name
        with_upload(drop.draft, Upload(name, content, basis, checked, seconds))
        st.session_state.pop(SENT, None)
    if drop.draft.upload is not None:
        with drop.place:
            _show_file(scope, unit, drop.draft.upload, is_kept=drop.is_kept)
    return drop.draft.checked()


def _show_file(scope: Scope, unit: str, upload: Upload, *, is_kept: bool) -> None:
    """Show the file with its size, and of one kept from before the way to take it away."""
    reading = upload.checked.reading
    about = scope.t(
        "desk.file.about",
        size=_size(len(upload.content)),
        sheets=reading.parts.height,
        cells=f"{upload.checked.counts['cells']:,}",
        seconds=f"{upload.seconds:.1f}",
    )
    name = tag("div", upload.name, cls="ell") if is_kept else None
    words = tag("div", name, tag("div", about, cls="s mu"))
    panel.show(tag("div", icon("attach_file", 18, "mu"), words, cls="file", data_file=upload.name))
    if is_kept:

        def drop() -> None:
            drop_draft(key_of(scope, unit))

        label = scope.t("desk.file.drop")
        st.button(label, icon=":material/close:", type="tertiary", key="drop-file", on_click=drop)
    panel.show(tag("div", scope.t("desk.file.draft"), cls="s mu"))


def _size(count: int) -> str:
    """Return a size of a file in words.

    >>> _size(48_640), _size(3_355_443)
    ('48 KB', '3.2 MB')
    """
    return f"{count / KILO**2:.1f} MB" if count >= KILO**2 else f"{max(1, round(count / KILO))} KB"


def form_states(checked: CheckedReturn | None) -> dict[str, str]:
    """Return the state of each form of an uploaded workbook: to correct, to explain, ready."""
    if checked is None:
        return {}
    forms = dict(checked.reading.parts.select("sheet", "form").iter_rows())
    filled = set(checked.facts["measure"].unique())
    known = load.catalog().forms
    found = {code: "ready" for code in checked.reading.forms if filled & set(known[code].measures)}
    for row in checked.findings.iter_rows(named=True):
        form = forms.get(row["sheet"], "")
        if form in found and row["severity"] == "mandatory":
            found[form] = "to_correct"
        elif found.get(form) == "ready" and row["severity"] == "query" and not row["answer"]:
            found[form] = "to_explain"
    return found


def show(scope: Scope, unit: str, drop: Drop, checked: CheckedReturn | None) -> None:
    """Show the verdict on the uploaded file, or what became of the one before."""
    draft = drop.draft
    if draft.upload is None or checked is None:
        if drop.waiting is None:
            _show_sent(scope)
        return
    if checked.reading.refusal is not None:
        key, values = checked.reading.refusal
        panel.empty(scope.t("returns.page.refused"), scope.t(key, **values))
        return
    rows = checked.findings.rows(named=True)
    with st.container(key="card-verdict"):
        panel.show(_summary(scope, checked.counts))
        show_findings(scope, unit, draft, rows)
        _show_way_on(scope, unit, checked, draft)


def _summary(scope: Scope, counts: Mapping[str, int]) -> Markup:
    """Return the head of the verdict: errors, questions, cells passed."""
    said: list[Child] = [tag("h2", scope.t("returns.verdict.title"))]
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


def _show_way_on(scope: Scope, unit: str, checked: CheckedReturn, draft: Draft) -> None:
    """Show the copies to fetch, and the button that files the return."""
    reason, why = _reason(scope, checked), None
    if not reason:
        why = ask_why(scope, unit, weighed_of(scope, draft, checked))
        reason = scope.t("returns.page.left_why") if why == "" else ""
    with st.container(horizontal=True, vertical_alignment="center", key="way-on"):
        show_copies(scope, checked, draft.upload)
        st.html(tag("div", reason, cls="s mu right"), width="stretch")
        pressed = st.button(
            scope.t("returns.page.submit"), type="primary", disabled=bool(reason), key="submit"
        )
    if checked.counts["errors"]:
        panel.show(tag("div", scope.t("desk.find.again"), cls="s mu"))
    if pressed:
        _submit(scope, unit, checked, why or "")


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
    drop_draft(key_of(scope, unit))
    st.rerun()


def show_below(scope: Scope, unit: str, draft: Draft, checked: CheckedReturn | None) -> None:
    """Show, below the verdict, what the return would do to the figures."""
    if checked is not None and checked.reading.refusal is None and checked.facts.height:
        with panel.guard("effect", scope.lang):
            show_effect(scope, unit, draft, checked)


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
