"""How does a district fetch the forms of all its units at once? One archive, a workbook a unit."""

import streamlit as st

from data.periods import add_months
from data.returns.template_set import district_templates, forms_by_hand
from data.store.snapshot import read_facts
from ui import load
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
    forms = forms_by_hand(load.catalog())
    if not forms:
        return

    def make() -> bytes:
        viewer = load.viewer(scope.person)
        months = (add_months(scope.period, -24), add_months(scope.period, -1))
        known = read_facts(load.store(), viewer, months=months)
        return district_templates(
            viewer, load.catalog(), tree, forms, unit, scope.period, known, lang=scope.lang
        )

    st.download_button(
        scope.t("returns.page.templates_each"),
        data=make,
        file_name=f"{load.unit_title(unit, scope.lang)}_{scope.period:%Y-%m}.zip",
        mime=ZIP,
        icon=":material/folder_zip:",
        type="tertiary",
        key=f"templates-{unit}-{scope.period:%Y-%m}",
        help=scope.t("returns.page.templates_each_how"),
        on_click="ignore",
    )
