"""Which units differ from the whole by more than chance explains? A funnel, not a league table.

The limits are those of `metrics.funnel_limits`, the corrected ones, so that a page and
`kpi analyse funnel --overdispersion --corrected` say the same of the same figures. Three kinds:

* `share`: every case of the numerator is one of the denominator (calls answered in time);
* `rate`: cases against something that does not vary by chance (people, vehicles, officers);
* `pair`: cases against other cases (clearances, old ones among them, against recorded cases: over
  100 % is possible), where both sides vary.

Where units differ by more than chance, φ > 1, the limits are widened by the variance between them:
then being outside means to be unusual among units that differ anyway. A unit of few cases is called
outside only if chance, worked out exactly, says so too: limits on a transformed scale do not hold
for a handful of cases, and nought would always lie below a limit that is never nought.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from data.totals import is_part
from metrics.chance import Z95, binomial, log_factorials, normal_tail, wilson
from metrics.cube import Cube
from metrics.funnel_limits import (
    TAIL,
    Funnel,
    Spread,
    adjusted_limits,
    funnel_points,
    limit_names,
)
from metrics.plan import Plan

SHARE, RATE, PAIR = "share", "rate", "pair"
KINDS = {
    SHARE: Funnel("PR", adjusted=True, corrected=True),
    RATE: Funnel("RC", adjusted=True, corrected=True),
    PAIR: Funnel("RC", adjusted=True, corrected=True, counted=True),
}
#: What is counted one by one: minutes and money are not cases and have no limits of chance.
CASES = frozenset(("count", "person"))
#: From so many cases on, on both sides, the limits need no exact test beside them.
MANY = 200
#: Above so many the exact binomial would only cost time.
LARGE = 50_000
#: Fewer units than these tell neither a level nor how far they differ.
LEAST_UNITS = 3
CURVE = tuple(
    f"{side}{level}{kind}"
    for kind in ("", "_plain")
    for level in ("95", "998")
    for side in ("lower", "upper")
)
LEVELS = {"998": "99", "95": "95"}


@dataclass(frozen=True, slots=True)
class Judged:
    """How the units of a funnel stand.

    `centre` is the share or rate of all of them together, unscaled. `verdicts` say `inside`,
    `small`, `high95`, `high998`, `low95` or `low998`; `plain` the same by chance alone.
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
    funnel = KINDS[kind]
    groups = big.select("numerator", "denominator", group="unit")
    found, spread = funnel_points(groups, funnel, centre=centre)
    verdicts, plain = {}, {}
    for row in found.iter_rows(named=True):
        tail = _tail_beyond(row, centre, kind)
        plain[row["group"]] = _verdict(row, tail, widened=False)
        verdicts[row["group"]] = _verdict(row, tail, widened=spread.phi > 1)
    small = known.filter(pl.col("denominator") < minimum)["unit"]
    return Judged(kind, centre, spread, verdicts | dict.fromkeys(small, "small"), plain)


def _verdict(row: dict[str, Any], tail: float, *, widened: bool) -> str:
    """Return where a unit lies: beyond the farther limit, beyond the nearer, or inside."""
    for name, level in LEVELS.items():
        low, high = (row[column] for column in limit_names(level, widened=widened))
        if tail < TAIL[level] and not low <= row["rr"] <= high:
            return f"{'high' if row['rr'] > high else 'low'}{name}"
    return "inside"


def _tail_beyond(row: dict[str, Any], centre: float, kind: str) -> float:
    """Return the exact chance of a unit beyond the plain limits; 0 where they are exact enough."""
    part, size = row["numerator"], row["denominator"]
    least = [part, centre * size]
    if kind == SHARE:
        least += [size - part, size - centre * size]
    is_outside = not row["LCL95"] <= row["rr"] <= row["UCL95"]
    return exact_tail(part, size, centre, kind) if is_outside and min(least) < MANY else 0.0


def exact_tail(part: float, size: float, centre: float, kind: str) -> float:
    """Return the chance of so many cases or more, or of so few or fewer, whichever is smaller.

    A share is Binomial; a rate Poisson; of a pair the cases of both sides together are given, and
    how many of them are on the first side is Binomial.

    >>> round(exact_tail(0, 1, 1.0, "rate"), 4), round(exact_tail(0, 5, 0.5, "share"), 4)
    (0.3679, 0.0312)
    >>> round(exact_tail(0, 10, 0.5, "pair"), 4)
    0.0173
    """
    if kind != RATE and part + size > LARGE:
        if kind == SHARE and centre > 0.5:  # count what is not
            part, centre = size - part, 1 - centre
        kind = RATE  # of so many, few are Poisson
    seen = round(part)
    if kind == RATE:
        expected = centre * size
        if max(seen, expected) > LARGE:
            return normal_tail(abs(seen - expected) / expected**0.5) / 2
        top = int(max(seen, expected) + 12 * np.sqrt(max(seen, expected, 1.0)) + 20)
        counts = np.arange(top + 1)
        chances = np.exp(counts * np.log(expected) - expected - log_factorials(top))
    elif kind == PAIR:
        chances = binomial(seen + round(size), centre / (1 + centre))
    else:
        chances = binomial(max(round(size), seen), centre)
    return float(min(chances[: seen + 1].sum(), chances[seen:].sum()))


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

    Unscaled; the first four are those that judge, widened or not, the others those of chance.
    """
    first = max(largest / 200, 1.0)
    size = first + (largest - first) * np.arange(steps + 1) / steps
    columns = {"size": size}
    funnel, tau2 = KINDS[judged.kind], judged.spread.tau2 if judged.is_widened else 0.0
    for ending, variance in (("", tau2), ("_plain", 0.0)):
        for name, level in LEVELS.items():
            low, high = adjusted_limits(size, judged.centre, level, variance, funnel)
            columns[f"lower{name}{ending}"], columns[f"upper{name}{ending}"] = low, high
    return pl.DataFrame(columns).select("size", *CURVE)
