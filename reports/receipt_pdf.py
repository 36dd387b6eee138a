"""How does a receipt become a PDF that prints anywhere, made without any network?

Typst sets it (one wheel, no other program); the Chinese font is the machine's own, and embedded.
"""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from data.said import SpokenError
from reports.tables import Sheet

TEMPLATE = Path(__file__).with_name("receipt.typ")
#: Families with simplified Chinese, the first that the machine has is taken.
FONTS = (
    *("Noto Sans CJK SC", "Source Han Sans SC", "Noto Sans SC", "PingFang SC", "Microsoft YaHei"),
    *("WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "SimSun", "SimHei"),
    *("Noto Serif CJK SC", "Source Han Serif SC", "FangSong", "KaiTi"),
)


@cache
def chinese_font() -> str:
    """Return the family in which a PDF is set; empty where the machine has none."""
    import typst

    known = set(typst.Fonts().families())
    return next((name for name in FONTS if name in known), "")


def receipt_pdf(sheets: Sequence[Sheet], lang: str) -> bytes:
    """Return a receipt as a PDF; without a Chinese font on the machine it is refused in words."""
    import typst

    font = chinese_font()
    if not font:
        raise SpokenError(key="returns.document.no_font")
    head, *tables = sheets
    said = {
        "lang": lang,
        "fonts": [font],
        "title": head.title,
        "foot": next((words for _, words in head.about), ""),
        "pairs": [[label, words] for label, words in head.about],
        "parts": [_part(sheet) for sheet in tables if sheet.rows],
        "notes": list(head.notes),
    }
    inputs = {"receipt": json.dumps(said, ensure_ascii=False)}
    return typst.compile(TEMPLATE.read_bytes(), format="pdf", sys_inputs=inputs)


def _part(sheet: Sheet) -> dict[str, object]:
    return {
        "title": sheet.title,
        "heads": [field.label for field in sheet.fields],
        "widths": [field.width or 12 for field in sheet.fields],
        "rows": [[_breakable(value) for value in row] for row in sheet.rows],
    }


def _breakable(value: object) -> str:
    """Return a value as words; a long name without spaces may break behind its underscores."""
    return "" if value is None else str(value).replace("_", "_\u200b")
