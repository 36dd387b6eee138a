"""In which digits is a bare number shown, one that is no figure of an indicator?

Figures and changes have their words in `metrics.words`; this is for counts, shares and intervals.
"""

from metrics.rounding import format_number, round_half_up


def shown(value: float | None, decimals: int, sign: bool = False) -> str:
    """Return a number with thousands separators and a true minus; empty for none.

    >>> shown(1162.0, 0), shown(-18.65, 1), shown(2.25, 1, sign=True), shown(None, 1)
    ('1,162', '−18.7', '+2.3', '')
    """
    if value is None:
        return ""
    return format_number(round_half_up(value, decimals=decimals), signed=sign)
