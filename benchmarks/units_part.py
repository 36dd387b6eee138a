"""How often does a page of units beside each other name one wrongly, and whom does it see?

`python -m benchmarks.units_part [--quick] [--charts 400] [--seed 1]` draws units of which the truth
is known and judges each chart of them by the function that the Districts page calls. Beside it
stand the 95 % limits, the widened 99.8 % limits as they are published (`kpi analyse funnel
--overdispersion --corrected`), and the league table, which always has a last. The last line
printed is what was measured; `python -m benchmarks.run units` writes docs/reading-benchmark.md.
"""

import sys
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from benchmarks.timing import simulate
from metrics.districts import Funnel as Shown
from metrics.funnel import KINDS, judge_funnel
from metrics.funnel_limits import funnel_points
from metrics.funnel_tail import PAIR, RATE, SHARE

CHARTS, QUICK = 400, 20
UNITS = (3, 5, 9, 20, 50, 126)
#: Cases of a unit, or its size: from, to, evenly on a logarithmic scale.
SMALLEST, LARGEST = 20, 2000
LEVELS = {SHARE: (0.05, 0.5, 0.95), RATE: (0.05, 0.5), PAIR: (0.5, 0.95)}
#: Standard deviation between units: of a share in those of a single case, of a rate in parts.
SPREAD = 0.2
#: One unit of several of one size is so many times the others, whose share this is.
LEVEL, FACTORS, ODD_SIZES, ODD_UNITS = 0.4, (0.5, 1.5, 2.0), (50, 200, 1000), (5, 9, 20, 126)
Chart = tuple[np.ndarray, np.ndarray]


def main(arguments: list[str] | None = None) -> int:
    """Measure and print what was found, for a person and as one line of JSON."""
    return simulate(__doc__, measure, "charts", CHARTS, QUICK, arguments)


def measure(charts: int, seed: int) -> dict[str, Any]:
    """Return how often alike units are named, and how often an odd one is."""
    rng = np.random.default_rng(seed)
    alike = [
        {"kind": kind, "units": units, "spread": spread, **found}
        for spread in (0.0, SPREAD)
        for kind in (SHARE, RATE, PAIR)
        for units in UNITS
        for found in [wrongly(rng, charts, kind, units, spread)]
    ]
    odd = [
        {"units": units, "spread": spread, "factor": factor, "size": size, **found}
        for spread in (0.0, SPREAD)
        for factor in FACTORS
        for size in ODD_SIZES
        for units in ODD_UNITS
        for found in [seen(rng, charts // 2, units, spread, factor, size)]
    ]
    return {"charts": charts, "seed": seed, "alike": alike, "odd": odd}


def wrongly(
    rng: np.random.Generator, charts: int, kind: str, units: int, spread: float
) -> dict[str, Any]:
    """Return the share of charts of alike units on which any is named, by rule; over all levels."""
    found: dict[str, list[float]] = {"ours": [], "plain95": [], "published": []}
    for level in LEVELS[kind]:
        named = [names(*draw(rng, kind, level, units, spread), kind) for _ in range(charts)]
        for rule, each in found.items():
            each.append(float(np.mean([one[rule].any() for one in named])))
    rates = {rule: float(np.mean(each)) for rule, each in found.items()}
    count = charts * len(LEVELS[kind])
    error = (rates["ours"] * (1 - rates["ours"]) / count) ** 0.5
    return {**rates, "error": error, "worst": max(found["ours"]), "count": count}


def draw(rng: np.random.Generator, kind: str, level: float, units: int, spread: float) -> Chart:
    """Return numerators and denominators of units that differ by chance, or by a spread too."""
    size = np.exp(rng.uniform(np.log(SMALLEST), np.log(LARGEST), units)).round()
    if kind == SHARE:
        shares = np.full(units, level)
        if spread:
            cases = 1 / spread**2 - 1
            shares = rng.beta(level * cases, (1 - level) * cases, units)
        return rng.binomial(size.astype(int), shares).astype(float), size
    rates = level * (rng.gamma(1 / spread**2, spread**2, units) if spread else np.ones(units))
    den = rng.poisson(size).astype(float) if kind == PAIR else size
    return rng.poisson(rates * size).astype(float), np.maximum(den, 1.0)


def names(num: np.ndarray, den: np.ndarray, kind: str) -> dict[str, np.ndarray]:
    """Return which units each rule names: ours, the 95 % limits, and the published widened ones."""
    nobody = np.zeros(len(num), dtype=bool)
    points = pl.DataFrame({"unit": range(len(num)), "numerator": num, "denominator": den})
    judged = judge_funnel(points, kind)
    if judged is None:  # not a case, or nothing but cases
        return {"ours": nobody, "plain95": nobody, "published": nobody}
    funnel = replace(KINDS[judged.kind], adjusted=True)
    limits, _ = funnel_points(points.rename({"unit": "group"}), funnel, centre=judged.centre)
    shown = Shown(
        judged.kind, 1, judged.centre, judged.spread.phi, limits, judged.verdicts, judged.plain
    )
    plain = ((pl.col("rr") < pl.col("LCL95")) | (pl.col("rr") > pl.col("UCL95"))).alias("plain")
    return {
        "ours": np.array([shown.is_apart(verdict) for verdict in judged.verdicts.values()]),
        "plain95": limits.select(plain)["plain"].to_numpy(),
        "published": limits["outlier"].to_numpy() == 1,
    }


def seen(
    rng: np.random.Generator, charts: int, units: int, spread: float, factor: float, size: int
) -> dict[str, float]:
    """Return how often the first unit, so many times the others, is named, and others are."""
    sizes = np.full(units, size)
    found, others, last = 0, 0, 0
    for _ in range(charts):
        cases = 1 / spread**2 - 1 if spread else 0.0
        shares = np.full(units, LEVEL)
        if spread:
            shares = rng.beta(LEVEL * cases, (1 - LEVEL) * cases, units)
        shares[0] = LEVEL * factor
        num = rng.binomial(sizes, shares).astype(float)
        ours = names(num, sizes.astype(float), SHARE)["ours"]
        found += bool(ours[0])
        others += bool(ours[1:].any())
        edge = num.min() if factor < 1 else num.max()
        last += num[0] == edge
    return {"named": found / charts, "others": others / charts, "league": last / charts}


if __name__ == "__main__":
    sys.exit(main())
