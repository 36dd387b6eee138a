"""Why is an approved figure corrected? Asked beside the button, with the cells it changes."""

import streamlit as st

from metrics.weigh import Weighed
from ui import panel
from ui.difference import difference_table
from ui.html import icon, tag
from ui.scope import Scope

# So many cells stand beside the button; the reviewer sees all of them.
MOST_SHOWN = 12


def ask_why(scope: Scope, unit: str, weighed: Weighed) -> str | None:
    """Return the reason typed for a correction; None where nothing approved is changed.

    Which cells would change, and by how much, is said before anything is filed.
    """
    forms = weighed.corrected
    if not forms:
        return None
    _show_changes(scope, unit, weighed)
    label = scope.t("returns.page.why", forms=", ".join(forms))
    return st.text_input(
        label, key="why", max_chars=200, placeholder=scope.t("returns.page.why_hint")
    ).strip()


def _show_changes(scope: Scope, unit: str, weighed: Weighed) -> None:
    """Show the approved cells that the return would change."""
    t, found = scope.t, weighed.changes
    forms = " ".join(weighed.corrected)
    if found.is_empty():
        words = t("correction.nothing", forms=forms)
        panel.show(tag("div", icon("info", 16), " ", words, cls="s mu"))
        return
    title = t("correction.title", forms=forms, count=found.height)
    head = tag("div", icon("edit_note", 18), tag("h2", title), cls="line")
    panel.show(head, tag("div", t("correction.note"), cls="s mu"))
    panel.show(difference_table(scope, title, found, unit, MOST_SHOWN, card=False))
    if found.height > MOST_SHOWN:
        more = t("correction.more", count=found.height - MOST_SHOWN)
        panel.show(tag("div", more, cls="s mu"))
