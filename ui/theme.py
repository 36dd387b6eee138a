"""Which theme does the reader see, and how do its colours reach the page?

The theme is the one chosen in the app's own menu (or the system's). Colours become CSS variables
once per run, so that every piece of HTML only names a meaning (`var(--worse-text)`).
"""

from functools import cache
from pathlib import Path

import streamlit as st

from charts.palette import palette
from ui.html import Markup, Ready

STYLE = Path(__file__).with_name("style.css")


def theme_name() -> str:
    """Return `light` or `dark`, as the reader's browser reports it."""
    return "dark" if st.context.theme.type == "dark" else "light"


@cache
def style_sheet(theme: str) -> Markup:
    """Return the style element of a theme: its colours as variables, then the rules."""
    names = {key.replace("_", "-"): value for key, value in palette(theme).items()}
    variables = ";".join(f"--{key}:{value}" for key, value in names.items())
    rules = STYLE.read_text(encoding="utf-8")
    return Markup(f"<style>:root{{{variables};color-scheme:{theme}}}\n{rules}</style>")


def show_style(theme: str) -> None:
    """Send the style sheet; it takes no room on the page."""
    st.html(Ready(style_sheet(theme)))
