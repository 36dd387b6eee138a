"""How is a proposal written as TOML, whatever signs the workbook holds?

Texts of an unknown workbook are quoted here and nowhere else: in values, in patterns, in comments.
"""

import json
import re
import textwrap
from collections.abc import Iterable, Mapping
from typing import Any

from data.returns.flat_words import is_pattern, tidy

WIDTH = 96
_SPECIAL = re.compile(r"([.^$*+?{}\[\]\\|()])")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_BARE = re.compile(r"[A-Za-z0-9_-]+")


def quoted(text: str) -> str:
    r"""Return a text as a TOML string.

    >>> print(quoted('a "b"\n\\'), quoted("\x7f"))
    "a \"b\"\n\\" "\u007F"
    """
    written = json.dumps(text.encode("utf-8", "replace").decode("utf-8"), ensure_ascii=False)
    return written.replace("\x7f", "\\u007F")


def key_of(text: str) -> str:
    """Return a TOML key, quoted where it must be.

    >>> key_of("unit"), key_of("a b")
    ('unit', '"a b"')
    """
    return text if _BARE.fullmatch(text) else quoted(text)


def value_of(value: Any) -> str:
    """Return a value as TOML: text, number, yes or no, list or inline table.

    >>> value_of({"columns": ["A", "C"], "row": 7, "optional": True})
    '{columns = ["A", "C"], row = 7, optional = true}'
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{key_of(key)} = {value_of(item)}" for key, item in value.items())
        return f"{{{pairs}}}"
    return f"[{', '.join(value_of(item) for item in value)}]"


def line(key: str, value: Any) -> str:
    """Return a key with its value; a long list has a line an entry."""
    written = f"{key_of(key)} = {value_of(value)}"
    if isinstance(value, list) and len(written) > WIDTH:
        rows = "".join(f"    {value_of(item)},\n" for item in value)
        return f"{key_of(key)} = [\n{rows}]"
    return written


def comment(text: str) -> str:
    r"""Return a text as lines of comment; nothing in it can end the comment.

    >>> print(comment("a\nkey = 1"))
    # a key = 1
    """
    plain = _CONTROL.sub(" ", text)
    rows = textwrap.wrap(" ".join(plain.split()), WIDTH - 2, break_long_words=False) or [""]
    return "\n".join(f"# {row}".rstrip() for row in rows)


def comments(texts: Iterable[str]) -> list[str]:
    """Return each text as lines of comment."""
    return [comment(text) for text in texts]


def literal(text: str) -> str:
    r"""Return a regular expression that finds a text as the reader sees it.

    >>> literal("Total (2016)")
    'Total \\(2016\\)'
    """
    return _SPECIAL.sub(r"\\\1", _CONTROL.sub(" ", tidy(text)))


def word(label: str) -> str:
    """Return a label as a select may hold it: one that looks like a pattern is made one.

    >>> word("Murder"), word("/x/")
    ('Murder', '/^/x/$/')
    """
    return f"/^{literal(label)}$/" if is_pattern(label) else label
