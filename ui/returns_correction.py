"""Why is an approved figure corrected? Asked beside the button, with the cells it changes."""

import streamlit as st

from data.store.record import Checked, corrected_forms, would_change
from ui import load, panel
from ui.difference import difference_table
from ui.html import icon, tag
from ui.scope import Scope

# So many cells stand beside the button; the reviewer sees all of them.
MOST_SHOWN = 12


def ask_why(scope: Scope, returns: list[Checked]) -> str | None:
    """Return the reason typed for a correction; None where nothing approved is changed.

    Which cells would change, and by how much, is said before anything is filed.
    """
    forms = corrected_forms(load.store(), returns)
    if not forms:
        return None
    _show_changes(scope, [checked for checked in returns if checked.form.code in forms])
    label = scope.t("returns.page.why", forms=", ".join(forms))
    return st.text_input(
        label, key="why", max_chars=200, placeholder=scope.t("returns.page.why_hint")
    ).strip()


def _show_changes(scope: Scope, returns: list[Checked]) -> None:
    """Show the approved cells that these returns would change."""
    t = scope.t
    found = would_change(load.store(), returns)
    forms = " ".join(checked.form.code for checked in returns)
    if found.is_empty():
        words = t("correction.nothing", forms=forms)
        panel.show(tag("div", icon("info", 16), " ", words, cls="s mu"))
        return
    title = t("correction.title", forms=forms, count=found.height)
    head = tag("div", icon("edit_note", 18), tag("h2", title), cls="line")
    panel.show(head, tag("div", t("correction.note"), cls="s mu"))
    panel.show(difference_table(scope, title, found, returns[0].unit, MOST_SHOWN, card=False))
    if found.height > MOST_SHOWN:
        more = t("correction.more", count=found.height - MOST_SHOWN)
        panel.show(tag("div", more, cls="s mu"))
