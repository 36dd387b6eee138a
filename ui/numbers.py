"""How is a plain number printed on a page? Rounded once, with a true minus, nothing for none."""

from metrics.rounding import format_number, round_half_up


def shown(value: float | None, decimals: int = 0, sign: bool = False) -> str:
    """Return a number with thousands separators; an empty text where there is none.

    >>> shown(1162.0), shown(-18.65, 1), shown(2.25, 1, sign=True), shown(None)
    ('1,162', '−18.7', '+2.3', '')
    """
    rounded = round_half_up(value, decimals=decimals)
    return "" if rounded is None else format_number(rounded, signed=sign)


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
