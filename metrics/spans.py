"""Which stretch of months does each asked period stand for, and is it whole?

Everything is month numbers in arrays, one entry a period, so that a page's sixty months cost as
much as one.
"""

from dataclasses import dataclass

import numpy as np

from data.periods import BLOCK

TO_DATE = ("ytd", "year")


@dataclass(frozen=True, slots=True)
class Spans:
    """The windows of some periods: first and last month number, and whether they can be filled.

    `end` lies before `asked` where a year to date ends with its last completed span.
    """

    window: str
    asked: np.ndarray
    start: np.ndarray
    end: np.ndarray
    valid: np.ndarray

    @property
    def months(self) -> np.ndarray:
        """How many months each window has."""
        return self.end - self.start + 1


def window_spans(window: str, asked: np.ndarray, year_start: int, span: int) -> Spans:
    """Return the windows that end at the asked month numbers, for flows of a span in months.

    A flow of lower frequency needs windows of whole spans; a year to date takes the spans that
    are complete.
    """
    since = asked - (year_start - 1)
    valid = np.ones(len(asked), dtype=bool)
    if window in BLOCK:
        length = since % BLOCK[window] + 1
    elif window == "rolling12":
        length = np.full(len(asked), 12)
    elif window == "jan_feb":
        length = np.full(len(asked), 2)
        valid = asked % 12 == 1
    else:  # wave: the span that was surveyed
        length = np.full(len(asked), span)
    start = asked - length + 1
    into = since % span + 1
    end = np.where(into == span, asked, asked - into) if window in TO_DATE else asked
    if window in TO_DATE:
        valid = valid & (end >= start)
    else:
        valid = valid & (into == span) & ((start - (year_start - 1)) % span == 0)
    return Spans(window, asked, start, np.maximum(end, start), valid)
