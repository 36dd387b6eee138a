"""What may a person take along of a verdict: the file marked, the list of findings, the report?"""

import streamlit as st

from data.checks.desk import shared_desk
from data.checks.run import CheckedReturn
from data.returns.annotate import copy_name
from ui import aside, load
from ui.download import XLSX
from ui.returns_draft import Upload
from ui.scope import Scope


def show_copies(scope: Scope, checked: CheckedReturn, upload: Upload) -> None:
    """Offer the annotated copy, the list of findings and the report; each is made when fetched."""
    lang, name = scope.lang, upload.name

    def annotated() -> bytes:
        return shared_desk().copy(upload.content, checked, load.catalog(), lang)

    st.download_button(
        scope.t("returns.page.annotated"),
        data=annotated,
        file_name=copy_name(name, scope.t("returns.page.annotated_name")),
        mime=XLSX,
        icon=":material/download:",
        key="annotated",
        on_click="ignore",
    )
    st.download_button(
        scope.t("desk.find.errors_book"),
        data=lambda: aside.findings_book(scope, checked, name),
        file_name=copy_name(name, scope.t("desk.find.errors_name")),
        mime=XLSX,
        icon=":material/list_alt:",
        type="tertiary",
        key="errors-book",
        on_click="ignore",
    )
    st.download_button(
        scope.t("desk.find.report"),
        data=lambda: aside.report(scope, checked),
        file_name=copy_name(name, scope.t("desk.find.report_name"), "html"),
        mime="text/html",
        icon=":material/fact_check:",
        type="tertiary",
        key="check-report",
        on_click="ignore",
    )
