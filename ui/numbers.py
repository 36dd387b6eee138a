"""How is a plain number printed on a page? Rounded once, with a true minus, nothing for none."""

from metrics.rounding import format_number, round_half_up


def shown(value: float | None, decimals: int = 0, sign: bool = False) -> str:
    """Return a number with thousands separators; an empty text where there is none.

    >>> shown(1162.0), shown(-18.65, 1), shown(2.25, 1, sign=True), shown(None)
    ('1,162', '−18.7', '+2.3', '')
    """
    rounded = round_half_up(value, decimals=decimals)
    return "" if rounded is None else format_number(rounded, signed=sign)
