"""What do the front end's own controls say, in the reader's language?

Streamlit's browser part brings English words for its controls that no option changes. Pages send
pairs of its words and ours with the frame, and `nav.js` puts ours in their place, in those
controls only.
"""

import json
from functools import cache

from data.texts import LANGUAGES, text

#: Words of Streamlit 1.67 by the text that takes their place; what stands in braces is kept.
THEIRS = {
    "upload": "Upload",
    "uploading": "Uploading...",
    "drop_file": "Drag and drop a file here",
    "add_files": "Add files",
    "remove": "Remove {name}",
    "too_large": "File must be {size} or smaller.",
    "wrong_kind": "{kind} files are not allowed.",
    "wrong_kind_unknown": "This type of files are not allowed.",
    "file": "file upload",
    "menu": "Main menu",
    "theme": "Theme",
    "theme_system": "System",
    "theme_light": "Light",
    "theme_dark": "Dark",
    "version": "Copy version to clipboard",
    "print": "Print",
    "sidebar": "Sidebar",
    "collapse": "Collapse sidebar",
    "expand": "Expand sidebar",
    "skip": "Skip to main content",
    "open": "Open",
    "close": "Close",
    "choose": "Choose an option",
    "no_results": "No results",
    "clear": "Clear value",
    "search": "Search",
    "show_data": "Show data: {name}",
    "show_chart": "Show chart: {name}",
    "as_picture": "Download as PNG: {name}",
    "copy_chart": "Copy Vega-Lite spec: {name}",
    "fullscreen": "Fullscreen: {name}",
    "leave_fullscreen": "Close fullscreen: {name}",
    "show_data_here": "Show data",
    "show_chart_here": "Show chart",
    "as_picture_here": "Download as PNG",
    "copy_chart_here": "Copy Vega-Lite spec",
    "fullscreen_here": "Fullscreen",
    "leave_fullscreen_here": "Close fullscreen",
    "apply": "Press Enter to apply",
    "apply_area": "Press Ctrl+Enter to apply",
    "lost": "Connection error",
    "lost_how": "Is Streamlit still running? If you accidentally stopped Streamlit, "
    "just restart it in your terminal:",
}

#: What a control names of its own.
KEPT = {name: f"{{{name}}}" for name in ("name", "size", "kind")}


@cache
def front_words(lang: str) -> str:
    """Return pairs of words as JSON: what may stand in a control, and what shall stand there.

    Words of the other language are among the former: a control keeps them when the language is
    changed, since the front end does not draw it anew.

    >>> pairs = json.loads(front_words("zh"))
    >>> ["Upload", "选择文件"] in pairs, ["Choose file", "选择文件"] in pairs
    (True, True)
    """
    pairs = []
    for key, theirs in THEIRS.items():
        ours = text(f"front.{key}", lang, **KEPT)
        others = (text(f"front.{key}", other, **KEPT) for other in LANGUAGES if other != lang)
        pairs += [[word, ours] for word in (theirs, *others) if word != ours]
    return json.dumps(pairs, ensure_ascii=False)
