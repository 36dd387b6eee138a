"""What may a person take along of a verdict: the file marked, the list of findings, the report?"""

import io

import streamlit as st

from data.checks.run import CheckedReturn
from data.returns.annotate import annotate, copy_name
from reports.check_report import report_html, return_report
from reports.findings_book import Checkup, findings_bytes
from ui import load
from ui.download import XLSX
from ui.returns_draft import Upload
from ui.scope import Scope


def show_copies(scope: Scope, checked: CheckedReturn, upload: Upload) -> None:
    """Offer the annotated copy, the list of findings and the report; each is made when fetched."""
    lang, name = scope.lang, upload.name

    def annotated() -> bytes:
        copy = io.BytesIO()
        annotate(upload.content, checked, load.catalog(), copy, lang)
        return copy.getvalue()

    def errors() -> bytes:
        checkup = Checkup(name, checked.findings.rows(named=True), checked.counts)
        return findings_bytes(checkup, load.catalog(), load.tree(), lang)

    def report() -> bytes:
        history = load.facts_of(scope.person)
        made = return_report(checked, load.catalog(), load.tree(), history)
        return report_html(made, load.catalog(), load.tree(), lang).encode("utf-8")

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
        data=errors,
        file_name=copy_name(name, scope.t("desk.find.errors_name")),
        mime=XLSX,
        icon=":material/list_alt:",
        type="tertiary",
        key="errors-book",
        on_click="ignore",
    )
    st.download_button(
        scope.t("desk.find.report"),
        data=report,
        file_name=copy_name(name, scope.t("desk.find.report_name"), "html"),
        mime="text/html",
        icon=":material/fact_check:",
        type="tertiary",
        key="check-report",
        on_click="ignore",
    )
