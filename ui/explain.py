"""In which words is a chart explained?

Beside each chart, and each picture made of HTML, stands what it shows, how it is read, and what to
do; the words are `explain.<chart>.shows|read|do` in `data/texts`.
"""

from functools import cache

from data.texts import text
from ui.html import Markup, tag

EXPLAINED = ("shows", "read", "do")


@cache
def explained(name: str, lang: str) -> Markup:
    """Return what a chart shows, how it is read and what to do next, folded until asked for."""
    pairs = [
        (tag("dt", text(f"explain.{part}", lang)), tag("dd", text(f"explain.{name}.{part}", lang)))
        for part in EXPLAINED
    ]
    summary = tag("summary", text("explain.summary", lang))
    return tag("details", summary, tag("dl", [tag("div", *pair) for pair in pairs]), cls="explain")
