"""Why is an approved figure corrected? Asked for beside the button, only where one is."""

import streamlit as st

from data.store.record import Checked, corrected_forms
from ui import load
from ui.scope import Scope


def ask_why(scope: Scope, returns: list[Checked]) -> str | None:
    """Return the reason typed for a correction; None where nothing approved is changed."""
    forms = corrected_forms(load.store(), returns)
    if not forms:
        return None
    label = scope.t("returns.page.why", forms=", ".join(forms))
    return st.text_input(
        label, key="why", max_chars=200, placeholder=scope.t("returns.page.why_hint")
    ).strip()
