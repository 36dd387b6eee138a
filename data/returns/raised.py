"""What does a text say of which a part stands raised, as the mark of a footnote does?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

_DIGITS = str.maketrans(dict(zip("0123456789０１２３４５６７８９", "⁰¹²³⁴⁵⁶⁷⁸⁹" * 2, strict=True)))


class Run(NamedTuple):
    """A stretch of a text in one kind of writing, raised (or lowered) or on the line."""

    words: str
    is_raised: bool = False


def joined(runs: Sequence[Run]) -> str:
    """Return a text as it is seen: raised digits behind others stay apart from them.

    Read as plain digits, 12 with the mark of the second footnote would be 122.

    >>> joined([Run("12"), Run("2", is_raised=True)]), joined([Run("12", is_raised=True)])
    ('12²', '12')
    """
    is_mixed = len({run.is_raised for run in runs if run.words.strip()}) > 1
    return "".join(
        run.words.translate(_DIGITS) if is_mixed and run.is_raised else run.words for run in runs
    )
