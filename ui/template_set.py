"""How does a district fetch the forms of all its units at once? One archive, a workbook a unit."""

import streamlit as st

from data.returns.template_set import forms_by_hand
from ui import aside, load
from ui.scope import Scope

ZIP = "application/zip"


def show_each(scope: Scope, unit: str) -> None:
    """Offer the forms of every filing unit right below a unit; nothing where there are none.

    Of a unit with districts below it they are not offered: each district fetches its own.
    """
    tree = load.tree()
    below = tree.children(unit)
    if not below or any(tree.children(child) for child in below):
        return
    if not forms_by_hand(load.catalog()):
        return

    st.download_button(
        scope.t("returns.page.templates_each"),
        data=lambda: aside.templates(scope, unit),
        file_name=f"{load.unit_title(unit, scope.lang)}_{scope.period:%Y-%m}.zip",
        mime=ZIP,
        icon=":material/folder_zip:",
        type="tertiary",
        key=f"templates-{unit}-{scope.period:%Y-%m}",
        help=scope.t("returns.page.templates_each_how"),
        on_click="ignore",
    )
