"""What does the product say, in which language?

Every sentence a person sees stands in `data/texts/*.toml` as `key = {zh = "...", en = "..."}`;
tables inside a file make dotted keys (`[returns]` and `due` give `returns.due`).
"""

import string
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from data.parse import Near, Place, nearest, read_toml, wrong

FOLDER = Path(__file__).parent / "texts"
LANGUAGES = ("zh", "en")


def text(key: str, lang: str, /, **values: Any) -> str:
    """Return the text of a key in a language, its placeholders filled.

    >>> text("xmr.partial", "en", reported=124, due=126)
    'Partial 124/126'
    >>> print(text("cli.error.unit", "zh", unit="yz1", hint=nearest("yz1", ["yz01"])))
    没有单位 'yz1'（是不是“yz01”？）。
    """
    known = all_texts()
    if key not in known:
        msg = f"no text '{key}' in data/texts{nearest(key, known)}"
        raise ValueError(msg)
    if lang not in LANGUAGES:
        msg = f"unknown language '{lang}'; allowed: {', '.join(LANGUAGES)}"
        raise ValueError(msg)
    template = known[key][lang]
    values = {name: _spoken(value, lang) for name, value in values.items()}
    try:
        return template.format(**values) if values or "{" in template else template
    except KeyError as error:
        msg = f"text '{key}' needs the value {error}"
        raise ValueError(msg) from None


def _spoken(value: Any, lang: str) -> Any:
    """Return a value as a language says it: a nearest word in words, a tuple from its parts."""
    if isinstance(value, Near):
        return all_texts()["common.did_you_mean"][lang].format(word=value.word)
    if isinstance(value, tuple):
        return "".join(str(_spoken(part, lang)) for part in value)
    return value


def has_text(key: str) -> bool:
    """Return whether a key has a text.

    >>> has_text("common.unit"), has_text("common.perhaps")
    (True, False)
    """
    return key in all_texts()


@cache
def all_texts() -> dict[str, dict[str, str]]:
    """Return every text by its dotted key; a key without both languages raises."""
    return read_texts(FOLDER)


def read_texts(folder: Path) -> dict[str, dict[str, str]]:
    """Return the texts of a folder; a repeated key or unequal placeholders raise."""
    found: dict[str, dict[str, str]] = {}
    for path in sorted(folder.glob("*.toml")):
        for key, entry in _entries(read_toml(path, path.name), ""):
            place = Place(path.name, key)
            if key in found:
                wrong(place, "this key is already used in another text file")
            if set(entry) != set(LANGUAGES) or not all(isinstance(v, str) for v in entry.values()):
                wrong(place, "expected exactly one text for each of zh and en")
            if placeholders(entry["zh"]) != placeholders(entry["en"]):
                wrong(place, "the placeholders of zh and en differ")
            found[key] = entry
    return found


def placeholders(template: str) -> set[str]:
    """Return the names of the placeholders of a text.

    >>> sorted(placeholders("{due} of {total:,}"))
    ['due', 'total']
    """
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def _entries(table: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the texts of a table with their dotted keys."""
    for key, value in table.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict) and ("zh" in value or "en" in value):
            yield name, value
        elif isinstance(value, dict):
            yield from _entries(value, f"{name}.")
        else:
            wrong(Place("data/texts", name), 'expected {zh = "...", en = "..."}')
