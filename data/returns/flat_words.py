r"""When do two words of a published table mean the same, and does a cell say a wanted word?

Published tables vary width, case, spacing, dashes and footnote signs of the same label. Words are
compared plain. Where a definition says `"/…/"`, it is a regular expression over the tidied text.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from data.parse import Place, wrong

# Footnote signs that would become digits when they are widened.
MARKS = re.compile(r"[¹²³⁰-⁹*†‡§]+$|[¹²³⁰⁴-⁹†‡]")
# ... and those that stand behind a number, notes in brackets and `r` for revised among them.
FOOTNOTES = re.compile(
    r"[\s¹²³⁰⁴-⁹*†‡§]+$|(?<=\d)\s*(?:[(\[][a-z0-9]{1,2}[)\]]|\s[rpe])\s*$", re.IGNORECASE
)
DASHES = re.compile(r"[‐‑‒–—―−﹣－]")
QUOTES = re.compile(r"[’‘ʼ`´]")
_CJK = "⺀-〾㐀-鿿豈-﫿"
BETWEEN_CJK = re.compile(rf"(?<=[{_CJK}])\s+(?=[{_CJK}])")
BESIDE_CJK = re.compile(rf"(?<=[{_CJK}])\s+|\s+(?=[{_CJK}])")
# The two ways to write the first sign of Taiwan, Taipei and others.
VARIANTS = str.maketrans({"台": "臺"})


@lru_cache(maxsize=65_536)
def tidy(text: str) -> str:
    r"""Return text with one width, single spaces and no footnote signs; case stays.

    >>> tidy("機　關\n別"), tidy("台北市¹"), tidy("East–Kazakhstan  Region*")
    ('機關別', '臺北市', 'East-Kazakhstan Region')
    """
    text = QUOTES.sub("'", DASHES.sub("-", MARKS.sub("", text.strip())))
    folded = " ".join(unicodedata.normalize("NFKC", text).split())
    return BETWEEN_CJK.sub("", folded).translate(VARIANTS)


@lru_cache(maxsize=65_536)
def plain(text: str) -> str:
    r"""Return text for comparing: tidied, in one case, `and` for `&`, no space beside Chinese.

    >>> plain("  Barking &\nDagenham "), plain("Ｍonth_Year"), plain("發 生 數 (件)")
    ('barking and dagenham', 'month_year', '發生數(件)')
    """
    folded = " ".join(tidy(text).replace("&", " and ").casefold().split())
    return BESIDE_CJK.sub("", folded)


@dataclass(frozen=True, slots=True)
class Words:
    """What a cell may say: plain words, and patterns."""

    exact: frozenset[str]
    patterns: tuple[re.Pattern[str], ...] = ()
    written: str = ""

    def match(self, text: str | None) -> bool:
        """Return whether a text is one of the words."""
        if text is None:
            return False
        if plain(text) in self.exact:
            return True
        return any(pattern.search(tidy(text)) for pattern in self.patterns)


def words_of(value: Any, place: Place) -> Words:
    """Return the words of a definition: one, or a list; `"/…/"` among them are patterns.

    >>> words_of(["Murder", "/^theft/"], Place("x.toml")).match("THEFT  of cars")
    True
    """
    values = value if isinstance(value, list) else [value]
    exact, patterns = set(), []
    for item in values:
        if isinstance(item, int) and not isinstance(item, bool):
            item = str(item)
        if not isinstance(item, str):
            wrong(place, f"expected text or a list of texts, found {value!r}")
        if is_pattern(item):
            patterns.append(pattern_of(item, place))
        else:
            exact.add(plain(item))
    return Words(frozenset(exact), tuple(patterns), " | ".join(map(str, values)))


def is_pattern(text: str) -> bool:
    """Return whether a text of a definition stands for a regular expression."""
    return len(text) > 2 and text.startswith("/") and text.endswith("/")


def pattern_of(value: Any, place: Place) -> re.Pattern[str]:
    """Return a regular expression written `"/…/"`; one that is none raises."""
    if not isinstance(value, str) or not is_pattern(value):
        wrong(place, f"expected a pattern like '/…/', found {value!r}")
    # Signs that a tidied text never shows, such as № and full-width letters, are searched as shown.
    source = "".join(c if c.isascii() else re.escape(_shown(c)) for c in value[1:-1])
    try:
        return re.compile(source, re.IGNORECASE)
    except re.error as error:
        wrong(place, f"not a regular expression: {value} ({error})")


def _shown(sign: str) -> str:
    return unicodedata.normalize("NFKC", QUOTES.sub("'", DASHES.sub("-", sign))).translate(VARIANTS)


def picked(pattern: re.Pattern[str] | None, text: str | None) -> str | None:
    """Return what a pattern takes from a text: its group, else all of the text; None: no match.

    >>> picked(re.compile("of (.+?) for"), "Crime in  the City of Cape Town for 2004")
    'Cape Town'
    """
    if text is None:
        return None
    tidied = tidy(text)
    if pattern is None:
        return tidied or None
    found = pattern.search(tidied)
    if found is None:
        return None
    return (found[1] if pattern.groups else tidied) or None


def picked_match(pattern: re.Pattern[str] | None, text: str | None) -> str | None:
    """Return a pattern's group, else just the part that matched."""
    if text is None or pattern is None:
        return picked(pattern, text)
    found = pattern.search(tidy(text))
    if found is None:
        return None
    return (found[1] if pattern.groups else found[0]) or None


def any_match(words: Words, texts: Iterable[str | None]) -> bool:
    """Return whether any of the texts is one of the words."""
    return any(words.match(text) for text in texts)
