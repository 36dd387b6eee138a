"""How does a reader take a table along? Two quiet buttons; the file is made when one is pressed."""

from collections.abc import Callable

import streamlit as st

from data.texts import text
from reports.tables import Sheet, csv_bytes, xlsx_bytes

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def download_buttons(sheet: Callable[[], Sheet], name: str, lang: str) -> None:
    """Show the downloads of a table as Excel and CSV; `name` is the file's name and the key."""
    st.download_button(
        text("ui.panel.xlsx", lang),
        data=lambda: xlsx_bytes([sheet()]),
        file_name=f"{name}.xlsx",
        mime=XLSX,
        icon=":material/download:",
        type="tertiary",
        key=f"xlsx-{name}",
        on_click="ignore",
    )
    st.download_button(
        text("ui.panel.csv", lang),
        data=lambda: csv_bytes(sheet()),
        file_name=f"{name}.csv",
        mime="text/csv",
        icon=":material/download:",
        type="tertiary",
        key=f"csv-{name}",
        on_click="ignore",
    )
