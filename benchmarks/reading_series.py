"""Which made series is the reading of changes tried on, of which the truth is known?

Counts whose mean is about 3, 60 and 600 a month, shares of 8, 150 and 1,500 cases, and losses in
as many cases as are counted, as a station, a district and a city file them. Cases come in clusters
and the level of a month strays, so that counts vary more than chance alone: variance 1.3 μ +
(0.06 μ)². The loss in a case is lognormal, so that a few cases make most of the money. Each kind
has one cause: none, the season of the year, the Spring Festival with its moving days, or a step at
a known month.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from data.catalog import load_catalog
from data.definition_types import Calendar, Catalog, Parent, Text, Unit
from data.periods import months_between
from data.schema import FACTS, conform
from metrics.cube import Cube, build_cube

FIRST, LAST = dt.date(2019, 1, 1), dt.date(2024, 12, 1)
#: The year that is read; steps begin in April, after the festival.
YEAR_START, STEP_START = dt.date(2024, 1, 1), dt.date(2024, 4, 1)
SIZES = {"station": 3.0, "district": 60.0, "city": 600.0}
OF = {"station": 8.0, "district": 150.0, "city": 1500.0}
LEVEL = 0.7
#: Kinds without a change, by what moves them; and steps, as factors of counts and parts of shares.
STILL = ("stable", "seasonal", "festival")
STEPS = {
    "count": (1.25, 1.5, 2.0, 0.5),
    "share": (-0.1, -0.2, 0.1),
    "money": (1.5, 2.0, 0.5),
}
CLUSTER, STRAY, STRAY_SHARE = 1.3, 0.06, 0.03
SWING, SWING_SHARE = 0.25, 0.06
FESTIVAL, FESTIVAL_SHARE = -0.5, -0.15
#: The loss in one case: its median, and the spread of its logarithm (the mean is three times that).
LOSS, LOSS_SPREAD = 1.0, 1.5
COUNT, SHARE, MONEY = "calls_theft", "d_arrive_5min_rate", "rec_loss_amount"
HITS, CASES = "calls_arrived_5min", "calls_dispatch_urgent"
INDICATORS = {"count": COUNT, "share": SHARE, "money": MONEY}
PEAK = 7  # the busiest month, counted from January as 0
VINTAGE = dt.datetime(2025, 1, 6, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of series: its cause, its size, and by how much its level steps, 0 for not at all.

    Counts and money step by a factor, shares by a difference.
    """

    shape: str
    cause: str
    size: str
    step: float = 0.0

    @property
    def code(self) -> str:
        """The start of the codes of its units."""
        return f"{self.shape}-{self.cause}-{self.size}-{self.step:g}".replace(".", "_")


def kinds() -> Iterator[Kind]:
    """Yield the kinds of series that are tried."""
    for shape, steps in STEPS.items():
        for size in SIZES:
            yield from (Kind(shape, cause, size) for cause in STILL)
            yield from (Kind(shape, "step", size, step) for step in steps)


def make_cube(series: int, seed: int) -> tuple[Cube, dict[Kind, list[str]]]:
    """Return a cube in which each series of each kind is filed by a unit of its own."""
    units = {kind: [f"{kind.code}-{n:04}" for n in range(series)] for kind in kinds()}
    catalog = _catalog([unit for codes in units.values() for unit in codes])
    periods = months_between(FIRST, LAST)
    random = np.random.default_rng(seed)
    frames = []
    for kind, codes in units.items():
        for measure, values in draw(kind, periods, catalog.calendar, series, random).items():
            grid = pl.DataFrame({"unit": codes}).join(
                pl.DataFrame({"period": periods}), how="cross"
            )
            frames.append(
                grid.with_columns(
                    measure=pl.lit(measure), value=pl.Series(values.ravel().astype(float))
                )
            )
    blank = {"definition": 1, "status": "final", "submission": "s1", "sheet": "", "cell": ""}
    facts = pl.concat(frames).with_columns(
        *(pl.lit(value).alias(name) for name, value in blank.items()),
        vintage=pl.lit(VINTAGE),
    )
    return build_cube(conform(facts, FACTS), catalog), units


def draw(
    kind: Kind,
    periods: list[dt.date],
    calendar: Calendar,
    series: int,
    random: np.random.Generator,
) -> dict[str, np.ndarray]:
    """Return the values of the measures of many series of a kind: [series, month]."""
    season = np.cos((np.array([p.month - 1 for p in periods]) - PEAK) * 2 * np.pi / 12)
    festive = np.array([festival_share(p, calendar) for p in periods])
    season = season if kind.cause == "seasonal" else season * 0
    festive = festive if kind.cause == "festival" else festive * 0
    after = np.array([p >= STEP_START for p in periods]) & (kind.step != 0)
    shape = (series, len(periods))
    if kind.shape in ("count", "money"):
        level = (1 + SWING * season) * (1 + FESTIVAL * festive) * np.where(after, kind.step, 1.0)
        cases = counts(random, np.broadcast_to(SIZES[kind.size] * level, shape))
        return {COUNT: cases} if kind.shape == "count" else {MONEY: losses(random, cases)}
    level = LEVEL + SWING_SHARE * season + FESTIVAL_SHARE * festive + kind.step * after
    of = np.maximum(1, counts(random, np.full(shape, OF[kind.size])))
    strayed = random.normal(np.broadcast_to(level, shape), STRAY_SHARE)
    return {HITS: random.binomial(of, np.clip(strayed, 0.01, 0.99)), CASES: of}


def counts(random: np.random.Generator, mean: np.ndarray) -> np.ndarray:
    """Return counts of a mean that vary more than chance: by clusters, and by straying levels."""
    level = mean * random.gamma(1 / STRAY**2, STRAY**2, mean.shape)
    return random.negative_binomial(level / (CLUSTER - 1), 1 / CLUSTER)


def losses(random: np.random.Generator, cases: np.ndarray) -> np.ndarray:
    """Return what was lost in so many cases, each by itself, in 10,000 yuan to four decimals."""
    each = random.lognormal(np.log(LOSS), LOSS_SPREAD, int(cases.sum()))
    upto = np.concatenate([[0.0], np.cumsum(each)])
    ends = np.cumsum(cases.ravel())
    return np.round(upto[ends] - upto[ends - cases.ravel()], 4).reshape(cases.shape)


def festival_share(period: dt.date, calendar: Calendar) -> float:
    """Return the share of a month's days on which the festival is felt.

    >>> from data.catalog import load_catalog
    >>> round(festival_share(dt.date(2024, 2, 1), load_catalog().calendar), 2)  # 5 to 29 February
    0.86
    """
    day = calendar.festival_days[period.year]
    first = day - dt.timedelta(days=calendar.festival_before)
    last = day + dt.timedelta(days=calendar.festival_after)
    days = [period + dt.timedelta(days=n) for n in range(31)]
    days = [d for d in days if d.month == period.month]
    return sum(first <= d <= last for d in days) / len(days)


def _catalog(codes: list[str]) -> Catalog:
    """Return the default definitions on a bureau of these units alone."""
    full = load_catalog()
    named = ("root", *codes)
    units = tuple(
        Unit(
            code,
            "station" if place else "city",
            "",
            Text(code, code),
            Text(code, code),
            None,
            None,
            place,
        )
        for place, code in enumerate(named)
    )
    return replace(
        full,
        units=units,
        parents=tuple(Parent(code, "root", None, None) for code in codes),
        successions=(),
        bureau=replace(full.bureau, root="root"),
    )
