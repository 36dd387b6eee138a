"""How are changes of the units uploaded, looked at by cell and by effect, and applied?"""

import io
import zipfile
from functools import partial
from typing import Any

import streamlit as st

from data.access import OPERATOR
from data.catalog import Catalog
from data.said import SpokenError, say
from data.store.snapshot import read_facts
from data.store.source import Source
from data.unit_changes_desk import Verdict, judge_changes
from data.unit_changes_draft import catalog_of, draft_of
from data.unit_changes_write import apply_changes, changed_tables, is_built_in, may_apply
from data.units import tree as tree_of
from metrics.unit_effect import UnitEffect, read_effect
from reports.units import template_bytes
from ui import load, panel
from ui.clock import now, today
from ui.html import Child, Markup, icon, join, tag
from ui.returns_verdict import finding_row
from ui.scope import Scope
from ui.table import Column, Row, table

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HELD, DONE, TURN = "units-held", "units-done", "units-turn"
MOST_SHOWN = 60


def show(scope: Scope) -> None:
    """Show the template, and to an administrator the upload with what comes of it."""
    t = scope.t
    panel.section(t("units.page.maintain"), t("units.page.maintain_note"))
    is_admin = may_apply(load.viewer(scope.person))
    with st.container(key="card-units-upload"):
        _templates(scope)
        if not is_admin:
            panel.show(tag("div", t("units.page.reader"), cls="s mu"))
            return
        file = st.file_uploader(
            t("units.page.drop"),
            type=["xlsx", "csv"],
            key=f"units-file-{st.session_state.get(TURN, 0)}",
            help=None,
        )
        panel.show(tag("div", t("units.page.drop_note"), cls="s mu"))
    if file is None:
        st.session_state.pop(HELD, None)
        _show_done(scope)
        return
    st.session_state.pop(DONE, None)
    try:
        with st.spinner(t("units.page.checking")):
            verdict, effect = _judged(file.name, file.getvalue())
    except SpokenError as error:
        panel.empty(t("units.page.refused"), say(error, scope.lang))
        return
    _show_verdict(scope, verdict, file.name)
    if effect is not None:
        _show_effect(scope, verdict, effect)
        _show_way_on(scope, verdict, effect, file.name)


def _templates(scope: Scope) -> None:
    """Show the downloads of the template."""
    with st.container(horizontal=True, gap="small"):
        for kind, mime in (("xlsx", XLSX), ("csv", "text/csv")):
            st.download_button(
                scope.t(f"units.page.template_{kind}"),
                data=partial(template_bytes, load.catalog(), scope.lang, kind),
                file_name=f"unit_changes.{kind}",
                mime=mime,
                icon=":material/download:",
                type="tertiary",
                key=f"units-template-{kind}",
                on_click="ignore",
            )


def _judged(name: str, content: bytes) -> tuple[Verdict, UnitEffect | None]:
    """Return the verdict on a file and its effect; the same file is judged once a session."""
    key = (Source.of_bytes(name, content).sha256, load.version())
    kept = st.session_state.get(HELD)
    if kept is not None and kept[0] == key:
        return kept[1:]
    facts = read_facts(load.store(), OPERATOR)
    verdict = judge_changes(load.catalog(), content, name, facts, today())
    effect = None
    if verdict.is_sound:
        effect = read_effect(load.catalog(), verdict.checked, facts, verdict.filed)
    st.session_state[HELD] = (key, verdict, effect)
    return verdict, effect


def _show_verdict(scope: Scope, verdict: Verdict, name: str) -> None:
    """Show what is wrong by cell, or that all can be applied."""
    t = scope.t
    asks = len(verdict.findings) - verdict.errors
    said: list[Child] = [tag("h2", t("units.page.verdict"))]
    if verdict.errors:
        words = t("units.page.errors", count=verdict.errors)
        said.append(tag("span", icon("error", 18), words, cls="rd worse"))
    else:
        words = t("units.page.sound", count=len(verdict.checked.changes))
        said.append(tag("span", icon("task_alt", 18), words, cls="rd better"))
    if asks:
        words = t("units.page.questions", count=asks)
        said.append(tag("span", icon("contact_support", 18), words, cls="rd accent"))
    with st.container(key="card-units-verdict"):
        panel.show(tag("div", said, cls="line verdict-head", role="status"))
        # A text file has no sheets: its findings are called by its own name.
        rows = [row | {"sheet": row["sheet"] or name} for row in verdict.findings]
        panel.show([finding_row(scope, row) for row in rows[:MOST_SHOWN]])
        if verdict.errors:
            panel.show(tag("div", t("units.page.no_reason"), cls="s mu"))


def _show_effect(scope: Scope, verdict: Verdict, effect: UnitEffect) -> None:
    """Show each change with the figures behind it, totals compared, the tree before and after."""
    t = scope.t
    key = "effect_bad" if effect.unequal else "effect_note"
    values = {"totals": effect.totals, "unequal": effect.unequal}
    panel.section(t("units.page.effect"), t(f"units.page.{key}", **values))
    columns = [
        Column("date", t("units.page.date")),
        Column("kind", t("units.page.kind")),
        Column("unit", t("units.page.unit")),
        Column("to", t("units.page.to_unit")),
        Column("share", t("units.page.share"), number=True),
        Column("facts", t("units.page.facts"), number=True),
        Column("span", t("units.page.span"), cls="mu"),
    ]
    names = _names(scope, verdict)
    rows = []
    for moved in effect.moved:
        change = moved.change
        goes = change.to_unit or change.parent
        rows.append(
            Row(
                {
                    "date": f"{change.date:%Y-%m}",
                    "kind": t(f"units.kind.{change.kind}"),
                    "unit": names.get(change.unit, change.unit),
                    "to": names.get(goes, goes),
                    "share": f"{change.share:.4g}" if change.share is not None else None,
                    "facts": f"{moved.facts:,}" if moved.facts else None,
                    "span": _span(moved),
                }
            )
        )
    words = t("units.page.no_affected")
    if effect.affected:
        listed = [names.get(unit, unit) for unit in effect.affected]
        shown = t("units.page.comma").join(listed[:12]) + (" …" if len(listed) > 12 else "")
        words = t("units.page.affected", count=len(listed), names=shown)
    panel.show(table(t("units.page.effect"), columns, rows), tag("div", words, cls="s mu under"))
    panel.show(_trees(scope, verdict, names))


def _span(moved: Any) -> str | None:
    return f"{moved.first:%Y-%m} – {moved.last:%Y-%m}" if moved.first else None


def _names(scope: Scope, verdict: Verdict) -> dict[str, str]:
    """Return how every unit is called, those that the changes bring in too."""
    lang = scope.lang
    units = verdict.checked.draft.units.values()
    return {u.code: (u.name.zh if lang == "zh" else u.short.en or u.name.en) for u in units}


def _trees(scope: Scope, verdict: Verdict, names: dict[str, str]) -> Markup | None:
    """Return the units whose children change, with these before and after."""
    catalog: Catalog = load.catalog()
    before, after = tree_of(catalog), tree_of(catalog_of(catalog, verdict.checked.draft))
    rows = []
    for unit in verdict.checked.draft.units:
        old = before.children(unit) if unit in before.units else ()
        new = after.children(unit) if unit in after.units else ()
        if set(old) == set(new):
            continue
        gone = [tag("s", names.get(u, u)) for u in old if u not in new]
        came = [tag("b", names.get(u, u)) for u in new if u not in old]
        comma = scope.t("units.page.comma")
        rows.append(
            Row(
                {
                    "unit": names.get(unit, unit),
                    "before": join([f"{len(old)} ", tag("span", join(gone, comma), cls="s mu")]),
                    "after": join([f"{len(new)} ", tag("span", join(came, comma), cls="s")]),
                }
            )
        )
    if not rows:
        return None
    columns = [
        Column("unit", scope.t("units.page.unit")),
        Column("before", scope.t("units.page.before"), cls="wrap"),
        Column("after", scope.t("units.page.after"), cls="wrap"),
    ]
    return table(scope.t("units.page.tree_effect"), columns, rows, show_caption=True)


def _show_way_on(scope: Scope, verdict: Verdict, effect: UnitEffect, name: str) -> None:
    """Show the changed files to fetch, and the button that applies the changes."""
    t = scope.t
    catalog = load.catalog()
    fixed = is_built_in(catalog.folder)
    with st.container(horizontal=True, vertical_alignment="center", key="units-way-on"):
        st.download_button(
            t("units.page.download"),
            data=lambda: _files(catalog, verdict),
            file_name="units.zip",
            mime="application/zip",
            icon=":material/download:",
            key="units-files",
            on_click="ignore",
        )
        words = t("units.page.built_in") if fixed else ""
        st.html(tag("div", words, cls="s mu right"), width="stretch")
        pressed = st.button(
            t("units.page.apply"),
            type="primary",
            disabled=fixed or bool(effect.unequal),
            key="units-apply",
        )
    if pressed:
        _apply(scope, verdict, name)


def _files(catalog: Catalog, verdict: Verdict) -> bytes:
    """Return the three changed files in one archive."""
    texts = changed_tables(catalog.folder, draft_of(catalog), verdict.checked.draft)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in texts.items():
            archive.writestr(name, text.encode("utf-8"))
    return out.getvalue()


def _apply(scope: Scope, verdict: Verdict, name: str) -> None:
    """Carry the changes out; every page shows the new units from the next run on."""
    viewer = load.viewer(scope.person)
    try:
        folder = apply_changes(load.catalog(), verdict.checked, load.store(), viewer, now(), name)
    except SpokenError as error:
        panel.empty(scope.t("units.page.refused"), say(error, scope.lang))
        return
    st.session_state[DONE] = (len(verdict.checked.changes), folder.name)
    st.session_state[TURN] = st.session_state.get(TURN, 0) + 1
    st.session_state.pop(HELD, None)
    st.rerun()


def _show_done(scope: Scope) -> None:
    """Show what was applied last."""
    done = st.session_state.get(DONE)
    if done is None:
        return
    count, folder = done
    title = tag("b", scope.t("units.page.applied", count=count))
    how = scope.t("units.page.applied_how", folder=folder)
    panel.notice(join([title, tag("div", how)]), "task_alt")
