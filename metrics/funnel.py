"""Which units differ from the whole by more than chance explains? A funnel, not a league table.

Source: Spiegelhalter (2005), Funnel plots for comparing institutional performance; limits on a
variance-stabilising scale (arcsine for proportions, square root for rates), over-dispersion φ from
winsorised z-scores, multiplicative.
"""

from math import asin, sin, sqrt

import polars as pl

Z95 = 1.959963984540054
Z998 = 3.090232306167813
TRIM = 0.1
FUNNEL = pl.Schema(
    {
        "unit": pl.String,
        "numerator": pl.Float64,
        "denominator": pl.Float64,
        "value": pl.Float64,
        "z": pl.Float64,
        "verdict": pl.String,
    }
)
CURVE = ("lower95", "upper95", "lower998", "upper998", "lower_plain", "upper_plain")


def is_proportion(points: pl.DataFrame) -> bool:
    """Return whether every numerator is part of its denominator.

    >>> is_proportion(pl.DataFrame({"numerator": [5.0], "denominator": [9.0]}))
    True
    """
    return bool((points["numerator"] <= points["denominator"]).all())


def limits(
    centre: float, size: float, z: float, proportion: bool, phi: float = 1.0
) -> tuple[float, float]:
    """Return the lower and upper limit of a share (or rate) at a size.

    >>> low, high = limits(0.5, 100.0, Z95, proportion=True)
    >>> round(low, 4), round(high, 4)
    (0.4026, 0.5974)
    """
    half = z * sqrt(phi) / (2 * sqrt(size))
    if proportion:
        middle = asin(sqrt(min(max(centre, 0.0), 1.0)))
        low, high = max(middle - half, 0.0), min(middle + half, 1.5707963267948966)
        return sin(low) ** 2, sin(high) ** 2
    middle = sqrt(centre)
    return max(middle - half, 0.0) ** 2, (middle + half) ** 2


def score(value: float, centre: float, size: float, proportion: bool) -> float:
    """Return how many standard errors a share (or rate) lies from the centre.

    >>> round(score(0.6, 0.5, 100.0, proportion=True), 2)
    2.01
    """
    if proportion:
        return (asin(sqrt(min(value, 1.0))) - asin(sqrt(centre))) * 2 * sqrt(size)
    return (sqrt(value) - sqrt(centre)) * 2 * sqrt(size)


def overdispersion(scores: list[float]) -> float:
    """Return φ: the mean square of the z-scores, the outer tenth on each side drawn in; at least 1.

    The tenths are interpolated, so that one extreme unit among few does not hide itself.

    >>> overdispersion([2.0, -2.0, 2.0, -2.0])
    4.0
    >>> overdispersion([0.1, -0.1])
    1.0
    """
    if len(scores) < 3:
        return 1.0
    low, high = quantile(scores, TRIM), quantile(scores, 1 - TRIM)
    squares = [min(max(z, low), high) ** 2 for z in scores]
    return max(sum(squares) / len(squares), 1.0)


def quantile(values: list[float], share: float) -> float:
    """Return the value below which a share of the values lies, interpolated.

    >>> quantile([0.0, 10.0, 20.0, 30.0, 40.0], 0.1)
    4.0
    """
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def judge_funnel(
    points: pl.DataFrame, minimum: float = 0.0
) -> tuple[pl.DataFrame, float, float, bool]:
    """Return FUNNEL with the centre (a plain share), φ, and whether it is a proportion.

    Needs: `unit, numerator, denominator`, one row a unit. Units under the minimum denominator take
    no part in φ and get the verdict `small`; others are `inside`, `high95`, `high998`, `low95` or
    `low998`. Rows: in the order given.
    """
    known = points.drop_nulls(["numerator", "denominator"]).filter(pl.col("denominator") > 0)
    big = known.filter(pl.col("denominator") >= minimum)
    proportion = is_proportion(known)
    total = float(big["denominator"].sum())
    centre = float(big["numerator"].sum()) / total if total else 0.0
    scores: dict[str, float] = {}
    for unit, part, size in big.select("unit", "numerator", "denominator").iter_rows():
        scores[unit] = score(part / size, centre, size, proportion)
    phi = overdispersion(list(scores.values()))
    rows = []
    for unit, part, size in points.select("unit", "numerator", "denominator").iter_rows():
        value = part / size if part is not None and size else None
        z = scores.get(unit)
        rows.append((unit, part, size, value, z, "small" if z is None else verdict(z, phi)))
    return pl.DataFrame(rows, schema=FUNNEL, orient="row"), centre, phi, proportion


def verdict(z: float, phi: float) -> str:
    """Return where a z-score lies after widening by φ.

    >>> verdict(2.5, 1.0), verdict(2.5, 4.0), verdict(-4.0, 1.0)
    ('high95', 'inside', 'low998')
    """
    scaled = z / sqrt(phi)
    if abs(scaled) <= Z95:
        return "inside"
    side = "high" if scaled > 0 else "low"
    return f"{side}998" if abs(scaled) > Z998 else f"{side}95"


def funnel_curve(
    centre: float, phi: float, proportion: bool, largest: float, steps: int = 100
) -> pl.DataFrame:
    """Return the limits at sizes from small to the largest: `size` and the columns of CURVE."""
    first = max(largest / 200, 1.0)
    rows = []
    for i in range(steps + 1):
        size = first + (largest - first) * i / steps
        wide = limits(centre, size, Z95, proportion, phi)
        wider = limits(centre, size, Z998, proportion, phi)
        rows.append((size, *wide, *wider, *limits(centre, size, Z95, proportion)))
    return pl.DataFrame(rows, schema=["size", *CURVE], orient="row")
