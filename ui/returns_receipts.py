"""How does a unit keep the proof of what it filed: every receipt of the month, as a document?"""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from reports.receipt import KINDS, level_name, receipt_bytes, receipt_sheets
from ui import load, panel
from ui.clock import moment
from ui.download import XLSX
from ui.html import icon, tag
from ui.returns_owed import returns_of
from ui.scope import Scope

MIME = {"pdf": "application/pdf", "html": "text/html", "xlsx": XLSX}


def show_receipts(scope: Scope, unit: str) -> None:
    """Show the latest receipt of the month, or the one that is chosen, with its documents."""
    mine = [row for row in returns_of(scope.person, scope.period) if row["unit"] == unit]
    if not mine:
        return
    by_number = {row["receipt"]: row for row in mine}
    with st.container(key="card-receipt"):
        title = scope.t("desk.receipt.month", count=len(mine))
        panel.show(tag("h2", icon("receipt_long", 18), " ", title))
        number = mine[0]["receipt"]
        if len(mine) > 1:
            number = st.selectbox(
                scope.t("desk.receipt.which"),
                list(by_number),
                format_func=lambda code: _one(scope, by_number[code]),
                key=f"receipt-{unit}-{scope.period:%Y-%m}",
                label_visibility="collapsed",
            )
        row = by_number[number]
        pairs = [
            [tag("dt", scope.t(f"returns.receipt.{key}")), tag("dd", words)]
            for key, words in _lines(scope, row)
        ]
        panel.show(tag("dl", pairs, cls="pp"))
        _buttons(scope, row)


def _one(scope: Scope, row: Mapping[str, Any]) -> str:
    form = f"{row['form']} {load.catalog().forms[row['form']].name.get(scope.lang)}"
    state = scope.t(f"returns.state.{row['state']}")
    return scope.t("desk.receipt.one", form=form, state=state)


def _lines(scope: Scope, row: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    """Return what the card says of a return: number, who and when, in time or not, how far."""
    lang = scope.lang
    name = load.catalog().forms[row["form"]].name.get(lang)
    timely = {None: "corrected", True: "late", False: "in_time"}[row["late"]]
    said = scope.t(f"desk.receipt.{timely}") if row["late"] is not None or row["why"] else ""
    state = scope.t(f"returns.state.{row['state']}")
    if row["waits_for"]:
        level = level_name(load.catalog(), row["waits_for"], lang)
        state = scope.t("desk.receipt.waits", level=level)
    sent = f"{moment(row['submitted_at'])} · {load.person_name(row['submitted_by'], lang)}"
    lines = [
        ("number", row["receipt"]),
        ("form", f"{row['form']} {name}"),
        ("sent", f"{sent} · {said}" if said else sent),
        ("content", scope.t("returns.page.figures", count=row["facts"])),
        ("file", f"SHA-256 {row['sha256'][:4]}…{row['sha256'][-4:]}"),
        ("state", state),
    ]
    if row["reviewed_at"]:
        judged = f"{moment(row['reviewed_at'])} · {load.person_name(row['reviewer'], lang)}"
        lines.append(("judged", judged))
    return [*lines, ("reason", row["reason"])] if row["reason"] else lines


def _buttons(scope: Scope, row: Mapping[str, Any]) -> None:
    """Offer the receipt as a document of each kind; it is made when it is asked for."""

    def make(kind: str) -> bytes:
        who = (load.store(), load.viewer(scope.person), load.catalog(), load.tree())
        sheets, _ = receipt_sheets(*who, row["receipt"], scope.lang)
        return receipt_bytes(sheets, kind, scope.lang)

    with st.container(horizontal=True, key="receipt-files"):
        for kind in KINDS:
            st.download_button(
                scope.t(f"desk.receipt.{kind}"),
                data=lambda kind=kind: make(kind),
                file_name=f"{row['receipt']}.{kind}",
                mime=MIME[kind],
                icon=":material/download:",
                type="tertiary",
                key=f"receipt-{kind}",
                on_click="ignore",
            )
