"""How is a long list of findings read and answered: by sheet, part by part, alike ones at once?"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from data.checks.findings import finding_id
from data.periods import add_months
from data.store.source import SHORTEST_ANSWER
from ui import load, panel
from ui.html import Child, Markup, icon, tag
from ui.returns_draft import Draft
from ui.returns_owed import asked_of
from ui.scope import Scope, period_label

#: So many findings are shown at a time, and so many boxes; every one of them can be reached.
MOST_SHOWN, MOST_BOXES = 20, 10
#: Questions are remembered for so many months.
MONTHS_BACK = 12
LONGEST = 500
FINDING_ICON = {
    "mandatory": ("error", "worse"),
    "query": ("contact_support", "accent"),
    "info": ("info", "mu"),
}
KINDS = {"mandatory": "errors", "query": "queries", "info": "notes"}
Row = Mapping[str, Any]
Past = Mapping[tuple[str, str, str], tuple[dt.date, str]]


def show_findings(scope: Scope, unit: str, draft: Draft, rows: Sequence[Row]) -> None:
    """Show errors, questions with the boxes for their explanations, and notes."""
    months = (add_months(scope.period, -MONTHS_BACK), add_months(scope.period, -1))
    past = asked_of(scope.person, unit, *months)
    for severity, key in KINDS.items():
        mine = [row for row in rows if row["severity"] == severity]
        if not mine:
            continue
        panel.show(tag("h3", scope.t(f"desk.find.{key}", count=len(mine)), cls="verdict-group"))
        if severity == "query":
            _many_at_once(scope, draft, mine)
        part = _chosen_part(scope, mine, key, MOST_BOXES if severity == "query" else MOST_SHOWN)
        if severity != "query":
            panel.show([finding_row(scope, row, _before(scope, row, past)) for row in part])
            continue
        boxes: set[str] = set()
        for row in part:
            with st.container(key=f"question-{_box_key(row)}-{len(boxes)}", gap="small"):
                panel.show(finding_row(scope, row, _before(scope, row, past)))
                if _box_key(row) not in boxes:
                    boxes.add(_box_key(row))
                    _answer_box(scope, draft, row)


def _chosen_part(scope: Scope, rows: Sequence[Row], key: str, most: int) -> Sequence[Row]:
    """Return the findings to show; of many the reader chooses sheet and part."""
    if len(rows) <= most:
        return rows
    counts: dict[str, int] = {}
    for row in rows:
        counts[row["sheet"]] = counts.get(row["sheet"], 0) + 1
    with st.container(horizontal=True, key=f"find-{key}"):
        sheet = ""
        if len(counts) > 1:
            sheet = st.selectbox(
                scope.t("desk.find.sheet"),
                ["", *counts],
                format_func=lambda name: _sheet_words(scope, name, counts),
                key=f"find-sheet-{key}",
            )
        kept = [row for row in rows if sheet in ("", row["sheet"])]
        starts = list(range(0, len(kept), most))
        start = 0
        if len(starts) > 1:
            start = st.selectbox(
                scope.t("desk.find.part"),
                starts,
                format_func=lambda first: scope.t(
                    "desk.find.span",
                    first=first + 1,
                    last=min(first + most, len(kept)),
                    total=len(kept),
                ),
                key=f"find-part-{key}-{sheet}",
            )
    return kept[start : start + most]


def _sheet_words(scope: Scope, sheet: str, counts: Mapping[str, int]) -> str:
    if not sheet:
        return scope.t("desk.find.all_sheets", count=sum(counts.values()))
    return scope.t("desk.find.of_sheet", sheet=sheet, count=counts[sheet])


def _answer_box(scope: Scope, draft: Draft, row: Row) -> None:
    """Show the box for the explanation of a question; what is typed is kept at once."""
    name = finding_id(row)
    key = _box_key(row)
    # Asked as a key: looking for it with `in` would gather all the state of the session.
    if st.session_state.get(key) is None:
        st.session_state[key] = draft.typed.get(name, row["answer"] or "")

    def keep() -> None:
        draft.typed[name] = st.session_state[key]

    words = st.text_area(
        scope.t("returns.page.answer", cell=f"{row['sheet']}!{row['cell']}"),
        key=key,
        height=68,
        max_chars=LONGEST,
        placeholder=scope.t("returns.page.answer_hint", least=SHORTEST_ANSWER),
        label_visibility="collapsed",
        on_change=keep,
    ).strip()
    if 0 < len(words) < SHORTEST_ANSWER:
        left = SHORTEST_ANSWER - len(words)
        short = tag("span", scope.t("desk.find.short", count=left), cls="s rd worse")
        panel.show(tag("div", short, cls="beside-box"))


def _box_key(row: Row) -> str:
    """Return the key of a box: two findings of one name at two cells have a box each."""
    return f"answer-box-{finding_id(row)}-{row['cell']}"


def _many_at_once(scope: Scope, draft: Draft, rows: Sequence[Row]) -> None:
    """Offer one explanation for all unanswered questions of a rule."""
    open_rows: dict[str, list[Row]] = {}
    for row in rows:
        if not row["answer"]:
            open_rows.setdefault(row["rule"], []).append(row)
    alike = {rule: found for rule, found in open_rows.items() if len(found) > 1}
    if not alike:
        return

    def fill() -> None:
        words = st.session_state["many-words"].strip()
        if len(words) < SHORTEST_ANSWER:
            return
        for row in alike.get(st.session_state["many-rule"], ()):
            draft.typed[finding_id(row)] = words
            st.session_state[_box_key(row)] = words
        st.session_state["many-words"] = ""

    with st.expander(scope.t("desk.find.many"), icon=":material/edit_note:"):
        rule = st.selectbox(
            scope.t("desk.find.rule"),
            list(alike),
            format_func=lambda code: _rule_words(scope, code, alike),
            key="many-rule",
        )
        st.text_area(scope.t("desk.find.words"), key="many-words", height=68, max_chars=LONGEST)
        count = len(alike.get(rule, ()))
        st.button(scope.t("desk.find.fill", count=count), key="many-fill", on_click=fill)


def _rule_words(scope: Scope, code: str, alike: Mapping[str, Sequence[Row]]) -> str:
    """Return a rule with what it asks in general, and how often it is open."""
    rules = {rule.code: rule.message.get(scope.lang) for rule in load.catalog().rules}
    name = f"{code} {rules[code]}" if code in rules else code
    return scope.t("desk.find.of_rule", rule=name, count=len(alike.get(code, ())))


def _before(scope: Scope, row: Row, past: Past) -> Child:
    """Return when the same was asked before, and what was answered then."""
    found = past.get((row["rule"], row["unit"] or "", row["measure"] or ""))
    if found is None or row["severity"] == "info":
        return None
    month = period_label(found[0], "month", scope.lang)
    key = "before" if found[1] else "before_error"
    words = scope.t(f"desk.find.{key}", month=month, answer=found[1])
    return tag("div", icon("history", 14), " ", words, cls="s mu")


def finding_row(scope: Scope, row: Row, below: Child = None) -> Markup:
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
