"""How is a plain number printed on a page? Rounded once, with a true minus, nothing for none."""

from data.returns.cells import decimals_of
from metrics.rounding import format_number, round_half_up

#: Nothing is filed with more decimals than money in ten thousands.
_MOST_FILED = 4


def shown(value: float | None, decimals: int = 0, sign: bool = False) -> str:
    """Return a number with thousands separators; an empty text where there is none.

    >>> shown(1162.0), shown(-18.65, 1), shown(2.25, 1, sign=True), shown(None)
    ('1,162', '−18.7', '+2.3', '')
    """
    rounded = round_half_up(value, decimals=decimals)
    return "" if rounded is None else format_number(rounded, signed=sign)


def as_filed(value: float | None, decimals: int = 0, sign: bool = False) -> str:
    """Return a number with the decimals that it was filed with, and at least so many.

    Whoever compares a return with its workbook must find the very number that stands there.

    >>> as_filed(1.25, 1), as_filed(2.0, 1), as_filed(0.85, 1, sign=True), as_filed(None)
    ('1.25', '2.0', '+0.85', '')
    """
    written = 0 if value is None else decimals_of(f"{value:.12g}")
    return shown(value, max(decimals, min(written, _MOST_FILED)), sign)


def share(part: int, whole: int) -> str:
    """Return a share in per cent that says 100 only where nothing is missing, and 0 where all is.

    >>> share(1999, 2000), share(2000, 2000), share(1, 5000), share(0, 5000), share(0, 0)
    ('99.9', '100', '0.1', '0', '—')
    """
    if not whole:
        return "—"
    if part in (0, whole):
        return "100" if part else "0"
    tenths = min(max(round(1000 * part / whole), 1), 999)
    return f"{tenths / 10:.1f}"
