"""Which groups of a funnel lie outside what chance, or chance and their usual spread, explain?

Proportions (PR), rates (RC) and standardised ratios (SR) with limits as FunnelPlotR computes them,
plain and widened additively by the variance between groups; and the same with two of its limits
put right: CQC ratios are compared on their own scale, and a rate's limits vary with its expected
count, as its numerator does. The pages judge by the same limits (`metrics.funnel`).

Source: Spiegelhalter 2005 and 2012; DerSimonian and Laird 1986 for the variance between groups.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

TYPES = ("PR", "RC", "SR")
METHODS = ("SHMI", "CQC")
#: Two-sided 95 % and 99.8 %, in the digits that are customary for funnels.
Z = {"95": 1.959964, "99": 3.090232}
#: One-sided tails of the exact Poisson limits.
TAIL = {"95": 0.025, "99": 0.001}
LIMIT_COLUMNS = (
    *("OD95LCL", "OD95UCL", "OD99LCL", "OD99UCL"),
    *("LCL95", "UCL95", "LCL99", "UCL99"),
)
FUNNEL_POINTS = pl.Schema(
    {
        "config": pl.String,
        "group": pl.String,
        "numerator": pl.Float64,
        "denominator": pl.Float64,
        "rr": pl.Float64,
        "Y": pl.Float64,
        "s": pl.Float64,
        "target_transformed": pl.Float64,
        "Uzscore": pl.Float64,
        "winsorised": pl.Int64,
        "truncated": pl.Int64,
        "Wuzscore": pl.Float64,
        **dict.fromkeys(LIMIT_COLUMNS, pl.Float64),
        "outlier": pl.Int64,
    }
)


@dataclass(frozen=True, slots=True)
class Funnel:
    """How a funnel is drawn; `limit` is "95" or "99" (99.8 %) and decides who is outside.

    `counted` says that the denominator of a rate is a count of cases of its own and no population:
    the corrected limits then vary with both.
    """

    kind: str
    method: str = "SHMI"
    adjusted: bool = False
    trim: float = 0.1
    limit: str = "99"
    multiplier: float = 1.0
    corrected: bool = False
    counted: bool = False

    @property
    def is_truncated(self) -> bool:
        """Whether outer groups are left out of the spread, not drawn in."""
        return self.kind == "SR" and self.method == "SHMI"

    def name(self, dataset: str) -> str:
        """Return the name of the configuration.

        >>> Funnel("SR", adjusted=True).name("deaths")
        'deaths__od__SHMI__trim0.1__lim99__x1'
        """
        parts = [dataset, "od" if self.adjusted else "noOD"]
        parts.append(self.method if self.kind == "SR" else "na")
        words = [*parts, f"trim{self.trim:g}", f"lim{self.limit}", f"x{self.multiplier:g}"]
        words += ["corrected"] * self.corrected + ["counted"] * self.counted
        return "__".join(words)


@dataclass(frozen=True, slots=True)
class Spread:
    """How far groups differ: φ the mean square of z, τ² the variance between them, of n kept."""

    target: float
    phi: float
    tau2: float
    kept: int


def funnel_points(
    groups: pl.DataFrame, funnel: Funnel, dataset: str = "", centre: float | None = None
) -> tuple[pl.DataFrame, Spread]:
    """Return FUNNEL_POINTS with how far the groups spread about all of them, or about a centre.

    Needs: `group, numerator, denominator`, one row a group, denominators above zero, numerators
    not negative and, of proportions, at most the denominator. Rows: in the order given. Without
    adjustment φ and τ² are 0.

    >>> table = pl.DataFrame({"group": ["a", "b"], "numerator": [9, 30], "denominator": [90, 90]})
    >>> found, spread = funnel_points(table, Funnel("PR"))
    >>> round(spread.target, 4), found["outlier"].to_list()
    (0.2167, [0, 0])
    """
    num = groups["numerator"].cast(pl.Float64).to_numpy()
    den = groups["denominator"].cast(pl.Float64).to_numpy()
    ratio = num / den
    den = shown_denominator(den, funnel)
    target = 1.0 if funnel.kind == "SR" else float(num.sum() / den.sum())
    target = target if centre is None else centre
    y, s, at = transformed(num, den, target, funnel)
    z = (y - at) / s
    weighed, drawn = drawn_in(z, funnel)
    spread = _spread(weighed, s, target) if funnel.adjusted else Spread(target, 0.0, 0.0, 0)
    limits: dict[str, np.ndarray] = {}
    for level in Z:
        wide = adjusted_limits(den, target, Z[level], spread.tau2, funnel)
        limits[f"OD{level}LCL"], limits[f"OD{level}UCL"] = wide
        limits[f"LCL{level}"], limits[f"UCL{level}"] = plain_limits(den, target, level, funnel)
    judging = limit_names(funnel.limit, widened=funnel.adjusted and spread.phi > 1)
    low, high = (limits[name] for name in judging)
    flags = drawn.astype(int).tolist()
    nothing = [None] * len(flags)
    columns = {
        "config": [funnel.name(dataset)] * len(flags),
        "group": groups["group"].cast(pl.String).to_list(),
        "numerator": num,
        "denominator": den,
        "rr": ratio,
        "Y": y,
        "s": _shown_error(s, den, funnel),
        "target_transformed": np.full(len(flags), at),
        "Uzscore": z,
        "winsorised": nothing if funnel.is_truncated else flags,
        "truncated": flags if funnel.is_truncated else nothing,
        "Wuzscore": [None if np.isnan(value) else value for value in weighed.tolist()],
        **{name: limits[name] * funnel.multiplier for name in LIMIT_COLUMNS},
        "outlier": ((ratio < low) | (ratio > high)).astype(int).tolist(),
    }
    return pl.DataFrame(columns, schema=FUNNEL_POINTS), spread


def limit_names(level: str, *, widened: bool) -> tuple[str, str]:
    """Return the columns of the lower and the upper limit of a level.

    >>> limit_names("95", widened=True), limit_names("99", widened=False)
    (('OD95LCL', 'OD95UCL'), ('LCL99', 'UCL99'))
    """
    if widened:
        return f"OD{level}LCL", f"OD{level}UCL"
    return f"LCL{level}", f"UCL{level}"


def shown_denominator(den: np.ndarray, funnel: Funnel) -> np.ndarray:
    """Return the denominators that a funnel works with: of SHMI rounded to two decimals.

    As R does, the nearer of the two beside the number that a computer holds, which for 2.675 is a
    little less than that; of two equally near ones the even.

    >>> shown_denominator(np.array([4.217, 2.675, 4.215]), Funnel("SR")).tolist()
    [4.22, 2.67, 4.22]
    """
    if not funnel.is_truncated:
        return den
    whole = np.floor(den * 100)
    down, up = whole / 100, np.ceil(den * 100) / 100
    below, above = den - down, up - den
    return np.where((above < below) | ((above == below) & (whole % 2 == 1)), up, down)


def _shown_error(s: np.ndarray, den: np.ndarray, funnel: Funnel) -> np.ndarray:
    """Return the standard error that limits are drawn with, which of a rate is not that of z."""
    is_of_limits = funnel.kind == "RC" and not funnel.corrected
    return 1 / (2 * np.sqrt(den)) if is_of_limits else s


def transformed(
    num: np.ndarray, den: np.ndarray, target: float, funnel: Funnel
) -> tuple[np.ndarray, np.ndarray, float]:
    """Return the ratios on a scale of even spread, their standard errors, and the target there."""
    if funnel.kind == "PR":
        return np.arcsin(np.sqrt(num / den)), 1 / (2 * np.sqrt(den)), float(np.arcsin(target**0.5))
    if funnel.kind == "RC":
        y = np.log((num + 0.5) / (den + 0.5))
        cases = num / (num + 0.5) ** 2
        if funnel.corrected:  # a group without a case is not known without error, but least of all
            cases = np.where(num > 0, cases, 1 / 0.5)
        s = np.sqrt(cases + den / (den + 0.5) ** 2)
        return y, s, float(np.log(target))
    if funnel.method == "CQC":
        return np.sqrt(num / den), 1 / (2 * np.sqrt(den)), 1.0
    with np.errstate(divide="ignore"):  # none at all lies infinitely low, and is left out
        return np.log(num / den), 1 / np.sqrt(den), 0.0


def drawn_in(z: np.ndarray, funnel: Funnel) -> tuple[np.ndarray, np.ndarray]:
    """Return the z-scores that set the spread, and which were drawn in or left out (NaN).

    Winsorised at the quantiles `trim` and 1 − `trim`, which those on a quantile count as drawn in
    to; for SHMI truncated by rank, equal ones by their mean rank, and what lies infinitely low, a
    group without any case, never sets a spread.
    """
    if funnel.is_truncated:
        parts = 1 / funnel.trim
        rank = pl.Series(z).rank("average").to_numpy()
        place = np.floor(rank * parts / (len(z) + 1))
        out = (place <= 0) | (place >= parts - 1) | ~np.isfinite(z)
        return np.where(out, np.nan, z), out
    low, high = np.quantile(z, [funnel.trim, 1 - funnel.trim])
    return np.clip(z, low, high), (z <= low) | (z >= high)


def _spread(weighed: np.ndarray, s: np.ndarray, target: float) -> Spread:
    kept = ~np.isnan(weighed)
    n = int(kept.sum())
    if n < 2:
        return Spread(target, 0.0, 0.0, n)
    total = float((weighed[kept] ** 2).sum())
    w = 1 / s[kept] ** 2
    below = w.sum() - (w**2).sum() / w.sum()
    tau2 = 0.0 if total < n - 1 else float((total - (n - 1)) / below)
    return Spread(target, total / n, tau2, n)


def adjusted_limits(
    den: np.ndarray, target: float, z: float, tau2: float, funnel: Funnel
) -> tuple[np.ndarray, np.ndarray]:
    """Return the limits z errors off at each denominator, with the variance between groups."""
    half = z * np.sqrt(chance_variance(den, target, funnel) + tau2)
    if funnel.kind == "PR":
        middle = np.arcsin(np.sqrt(target))
        low, high = np.maximum(middle - half, 0.0), np.minimum(middle + half, np.pi / 2)
        return np.sin(low) ** 2, np.sin(high) ** 2
    if funnel.kind == "RC":
        return target * np.exp(-half), target * np.exp(half)
    if funnel.method == "CQC":
        if funnel.corrected:
            return np.maximum(1 - half, 0.0) ** 2, (1 + half) ** 2
        return 1 - half, 1 + half
    return np.exp(-half), np.exp(half)


def chance_variance(den: np.ndarray, target: float, funnel: Funnel) -> np.ndarray:
    """Return the variance that chance alone gives the limits, on their scale.

    >>> chance_variance(np.array([4.0]), 0.5, Funnel("RC", corrected=True)).tolist()
    [0.5]
    """
    if funnel.kind == "SR" and funnel.method == "SHMI":
        return 1 / den
    if funnel.kind == "RC" and funnel.corrected:
        return 1 / (target * den) + (1 / den if funnel.counted else 0.0)
    return 1 / (4 * den)


def plain_limits(
    den: np.ndarray, target: float, level: str, funnel: Funnel
) -> tuple[np.ndarray, np.ndarray]:
    """Return the limits that chance alone sets: of standardised ratios exact Poisson limits."""
    if funnel.kind != "SR":
        return adjusted_limits(den, target, Z[level], 0.0, funnel)
    from scipy.special import gammaincinv

    tail = TAIL[level]
    # A chi-square quantile with 2k degrees of freedom is twice a gamma quantile of shape k.
    return gammaincinv(den, tail) / den, gammaincinv(den + 1, 1 - tail) / den
