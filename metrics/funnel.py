"""Which units differ from the whole by more than chance explains? A funnel, not a league table.

The limits are those of `metrics.funnel_limits`, on the scale of the corrected ones; how many
errors off a unit is named, and how far units differ, says `metrics.funnel_decision`. Three kinds:

* `share`: every case of the numerator is one of the denominator (calls answered in time);
* `rate`: cases against something that does not vary by chance (people, vehicles, officers);
* `pair`: cases against other cases (clearances, old ones among them, against recorded cases: over
  100 % is possible), where both sides vary.

Where units differ by more than chance, φ > 1, the limits are widened by the variance between them:
then being outside means to be unusual among units that differ anyway. A unit of few cases is called
outside only if chance, worked out exactly, says so too: limits on a transformed scale do not hold
for a handful of cases, and nought would always lie below a limit that is never nought.

The 95 % and 99.8 % limits of one unit are drawn as is the custom, and name nobody.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from data.totals import is_part
from metrics.chance import Z95, wilson
from metrics.cube import Cube
from metrics.funnel_decision import limit_of, spread_of, tail_of
from metrics.funnel_limits import (
    TAIL,
    Funnel,
    Spread,
    Z,
    adjusted_limits,
    chance_variance,
    transformed,
)
from metrics.funnel_tail import MANY, PAIR, RATE, SHARE, exact_tail
from metrics.plan import Plan

KINDS = {
    SHARE: Funnel("PR", corrected=True),
    RATE: Funnel("RC", corrected=True),
    PAIR: Funnel("RC", corrected=True, counted=True),
}
#: What is counted one by one: minutes and money are not cases and have no limits of chance.
CASES = frozenset(("count", "person"))
#: Fewer units than these tell neither a level nor how far they differ.
LEAST_UNITS = 3
#: The limits of a curve: those that decide, one unit's own, and those of chance alone.
CURVE = tuple(
    f"{side}{name}" for name in ("", "95", "998", "_plain") for side in ("lower", "upper")
)


@dataclass(frozen=True, slots=True)
class Judged:
    """How the units of a funnel stand.

    `centre` is the share or rate of all of them together, unscaled. `verdicts`: `high` or `low`
    beyond the limits that decide, `high95` or `low95` only beyond the 95 % of one unit, `inside`,
    `small`; `plain` the same by chance alone.
    """

    kind: str
    centre: float
    spread: Spread
    verdicts: dict[str, str]
    plain: dict[str, str]

    @property
    def is_widened(self) -> bool:
        """Whether units differ by more than chance, so that the limits are widened."""
        return self.spread.phi > 1

    @property
    def limit(self) -> float:
        """How many errors off its level a unit is named."""
        return limit_of(len(self.plain))


def kind_of(cube: Cube, plan: Plan) -> str | None:
    """Return which kind of funnel an indicator has; None where it counts no cases.

    What a rule bounds is a share. Without such a rule a percentage is taken for one as long as no
    filing unit ever reported more in the numerator than in the denominator.
    """
    item = plan.indicator
    if item.kind not in ("ratio", "annualised") or plan.shape not in ("ratio", "annualised"):
        return None
    measures = cube.catalog.measures
    sides = {role: [i.measure for i in plan.inputs if i.role == role] for role in ("num", "den")}
    if any(measures[code].value_type not in CASES for code in plan.measures):
        return None
    if is_part(cube.catalog, sides["num"], sides["den"]):
        return SHARE
    if any(not i.is_flow for i in plan.inputs if i.role == "den"):
        return RATE
    is_share = item.value_type == "percent" and not _exceeds(cube, sides["num"], sides["den"])
    return SHARE if is_share else PAIR


def _exceeds(cube: Cube, some: list[str], of: list[str]) -> bool:
    """Return whether any leaf ever filed more of some measures than of others in a month."""
    key = ("exceeds", tuple(some), tuple(of))
    if key not in cube.memo:
        less, more = (_summed(cube, codes) for codes in (some, of))
        cube.memo[key] = bool((less > more).any())  # nothing is more than a missing figure
    return cube.memo[key]


def _summed(cube: Cube, codes: list[str]) -> np.ndarray:
    """Return the sum of measures by leaf and month, NaN where any is missing."""
    places = [cube.index.get(code, len(cube.index)) for code in codes]
    return sum(cube.values[place] / cube.divisor[place] for place in places)


def judge_funnel(points: pl.DataFrame, kind: str, minimum: float = 0.0) -> Judged | None:
    """Return how units stand against what chance and their usual spread explain.

    Needs: `unit, numerator, denominator`, one row a unit. Units under the minimum denominator
    count in the level but set no spread and are `small`; those without figures have no verdict.
    None where there is nothing to judge: too few units, no case at all, or every case.
    """
    known = points.drop_nulls(["numerator", "denominator"]).filter(pl.col("denominator") > 0)
    total = float(known["denominator"].sum())
    centre = float(known["numerator"].sum()) / total if total else 0.0
    big = known.filter(pl.col("denominator") >= minimum)
    if kind == SHARE and (known["numerator"] > known["denominator"]).any():
        kind = PAIR  # a slip in the figures: no share is larger than all
    if big.height < LEAST_UNITS or not centre > 0 or (kind == SHARE and centre >= 1):
        return None
    num, den = big["numerator"].to_numpy(), big["denominator"].to_numpy()
    y, _, at = transformed(num, den, centre, KINDS[kind])
    spread = spread_of(y - at, chance_variance(den, centre, KINDS[kind]), centre)
    verdicts, plain = (
        dict(zip(big["unit"], _verdicts(num, den, centre, tau2, kind), strict=True))
        for tau2 in (spread.tau2, 0.0)
    )
    small = known.filter(pl.col("denominator") < minimum)["unit"]
    return Judged(kind, centre, spread, verdicts | dict.fromkeys(small, "small"), plain)


def _verdicts(num: np.ndarray, den: np.ndarray, centre: float, tau2: float, kind: str) -> list[str]:
    """Return where each unit lies: beyond the limits that decide, beyond its own, or inside."""
    found, tails = ["inside"] * len(num), _tails(num, den, centre, tau2, kind)
    edges = (("95", Z["95"], TAIL["95"]), ("", limit_of(len(num)), tail_of(len(num))))
    for name, z, rare in edges:
        low, high = adjusted_limits(den, centre, z, tau2, KINDS[kind])
        for side, beyond in (("low", num / den < low), ("high", num / den > high)):
            for place in np.flatnonzero(beyond & (tails < rare)):
                found[place] = f"{side}{name}"
    return found


def _tails(num: np.ndarray, den: np.ndarray, centre: float, tau2: float, kind: str) -> np.ndarray:
    """Return the exact chance of each unit outside; 0 where limits are exact enough."""
    tails = np.zeros(len(num))
    low, high = adjusted_limits(den, centre, Z["95"], tau2, KINDS[kind])
    for place in np.flatnonzero((num / den < low) | (num / den > high)):
        part, size = float(num[place]), float(den[place])
        least = [part, centre * size]
        if kind == SHARE:
            least += [size - part, size - centre * size]
        if min(least) < MANY:
            tails[place] = exact_tail(part, size, centre, kind, tau2)
    return tails


def interval(part: float, size: float, kind: str) -> tuple[float, float]:
    """Return the 95 % interval of one unit's share or rate by chance alone, unscaled.

    A share: Wilson 1927. A rate: Byar's limits of a Poisson count (Breslow and Day 1987). Of a
    pair the logarithm has the variance 1/a + 1/b (half a case more on each side).

    >>> [round(edge, 3) for edge in interval(10, 100, "rate")]
    [0.048, 0.184]
    >>> [round(edge, 3) for edge in interval(0, 100, "rate")]
    [0.0, 0.037]
    >>> [round(edge, 2) for edge in interval(30, 20, "pair")]
    [0.85, 2.6]
    """
    if kind == SHARE:
        return wilson(part, size)
    if kind == PAIR:
        half = Z95 * (1 / (part + 0.5) + 1 / (size + 0.5)) ** 0.5
        middle = (part + 0.5) / (size + 0.5)
        return float(middle * np.exp(-half)), float(middle * np.exp(half))
    more = part + 1
    low = part * (1 - 1 / (9 * part) - Z95 / (3 * part**0.5)) ** 3 if part else 0.0
    return max(low, 0.0) / size, more * (1 - 1 / (9 * more) + Z95 / (3 * more**0.5)) ** 3 / size


def funnel_curve(judged: Judged, largest: float, steps: int = 100) -> pl.DataFrame:
    """Return the limits at sizes from small to the largest: `size` and the columns of CURVE.

    Unscaled; all but the last two are widened where units differ by more than chance.
    """
    first = max(largest / 200, 1.0)
    size = first + (largest - first) * np.arange(steps + 1) / steps
    columns = {"size": size}
    funnel, tau2 = KINDS[judged.kind], judged.spread.tau2
    for name, z, variance in (
        ("", judged.limit, tau2),
        ("95", Z["95"], tau2),
        ("998", Z["99"], tau2),
        ("_plain", judged.limit, 0.0),
    ):
        low, high = adjusted_limits(size, judged.centre, z, variance, funnel)
        columns[f"lower{name}"], columns[f"upper{name}"] = low, high
    return pl.DataFrame(columns).select("size", *CURVE)
