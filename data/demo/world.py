"""Which units, months and rhythms does the demonstration bureau have?"""

import calendar
from dataclasses import dataclass, field
from datetime import date, timedelta
from zlib import crc32

import numpy as np

from data.catalog import Catalog
from data.units import tree

SEED = 20241111
FIRST, LAST = date(2019, 11, 1), date(2024, 10, 1)

# Valid calls of an ordinary month. The city has about 7,300.
COUNTY_CALLS = {
    "yz01": 1590,
    "yz02": 1269,
    "yz03": 1116,
    "yz04": 844,
    "yz05": 754,
    "yz06": 565,
    "yz07": 470,
    "yz08": 408,
    "yz09": 300,
}
OWN_SHARE = 0.03  # of a county's calls are taken by its own level (traffic, mostly)
GROUP_WEIGHT = {"A": 1.0, "B": 0.72, "C": 0.36}

Values = np.ndarray  # units x months


@dataclass(frozen=True, slots=True)
class World:
    """The leaves, the months, and the values made so far (measure -> units x months).

    `county` is the position of a unit's county (-1 for the city's own level), `size` its valid
    calls in an ordinary month, `opening` the position of its first month; what took others over is
    there from the start (`reorganised` gives the past back to those).
    """

    units: tuple[str, ...]
    counties: tuple[str, ...]
    months: tuple[date, ...]
    level: np.ndarray
    group: np.ndarray
    county: np.ndarray
    size: np.ndarray
    opening: np.ndarray
    festival: dict[int, date]
    seed: int = SEED
    values: dict[str, Values] = field(default_factory=dict)

    def rng(self, topic: str) -> np.random.Generator:
        """Return the topic's own generator, so that one topic never shifts another."""
        return np.random.default_rng([self.seed, crc32(topic.encode())])

    def is_level(self, *levels: str) -> np.ndarray:
        """Return which units are of these levels."""
        return np.isin(self.level, levels)

    def rows(self, *codes: str) -> np.ndarray:
        """Return the positions of these units."""
        return np.array([self.units.index(code) for code in codes])

    def month(self, year: int, month: int) -> int:
        """Return the position of a month."""
        return self.months.index(date(year, month, 1))

    @property
    def shape(self) -> tuple[int, int]:
        """Units and months."""
        return len(self.units), len(self.months)


def span_months(first: date, last: date) -> tuple[date, ...]:
    """Return the first days of the months from first to last.

    >>> [str(month) for month in span_months(date(2019, 12, 1), date(2020, 1, 1))]
    ['2019-12-01', '2020-01-01']
    """
    start, end = first.year * 12 + first.month - 1, last.year * 12 + last.month - 1
    return tuple(date(at // 12, at % 12 + 1, 1) for at in range(start, end + 1))


def build_world(catalog: Catalog, seed: int = SEED) -> World:
    """Return the empty world of the catalogue's units of today."""
    units = tree(catalog)
    parent, today = units.parents, set(units.leaves())
    leaves = [unit for unit in catalog.units if unit.code in today]
    heirs = {step.to_unit for step in catalog.successions}
    counties = tuple(COUNTY_CALLS)
    county = np.array(
        [counties.index(parent[u.code]) if parent[u.code] in counties else -1 for u in leaves]
    )
    months = span_months(FIRST, LAST)
    level = np.array([unit.level for unit in leaves])
    group = np.array([unit.group or "" for unit in leaves])
    return World(
        units=tuple(unit.code for unit in leaves),
        counties=counties,
        months=months,
        level=level,
        group=group,
        county=county,
        size=draw_sizes(level, group, county, np.random.default_rng(SEED)),
        opening=np.array(
            [
                months.index(u.opened) if u.opened in months and u.code not in heirs else 0
                for u in leaves
            ]
        ),
        festival=dict(catalog.calendar.festival_days),
        seed=seed,
    )


def draw_sizes(
    level: np.ndarray, group: np.ndarray, county: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Return each unit's valid calls in an ordinary month; a county's units sum to its own."""
    weight = np.array([GROUP_WEIGHT.get(code, 0.0) for code in group])
    weight *= rng.lognormal(0, 0.25, len(weight))
    size = np.zeros(len(weight))
    for position, calls in enumerate(COUNTY_CALLS.values()):
        stations = (county == position) & (level == "station")
        size[stations] = calls * (1 - OWN_SHARE) * weight[stations] / weight[stations].sum()
        size[(county == position) & (level == "county_own")] = calls * OWN_SHARE
    size[level == "city_own"] = 40.0
    return size


def share_in_festival(month: date, festival: dict[int, date]) -> float:
    """Return the share of a month's days from 5 before to 20 after the Spring Festival.

    >>> share_in_festival(date(2024, 2, 1), {2024: date(2024, 2, 10)})
    0.8620689655172413
    """
    if month.year not in festival:
        return 0.0
    first = festival[month.year] - timedelta(days=5)
    days = calendar.monthrange(month.year, month.month)[1]
    window = {first + timedelta(days=step) for step in range(26)}
    inside = sum(month + timedelta(days=step) in window for step in range(days))
    return inside / days


def month_rhythm(
    world: World, season: float = 0.03, dip: float = 0.18, trend: float = 0.015
) -> np.ndarray:
    """Return a factor a month: its days, the season (high in summer), the festival, the trend.

    The epidemic weeks of early 2020 and of December 2022 are in it; `trend` is the growth a year.
    """
    factors = []
    for position, month in enumerate(world.months):
        days = calendar.monthrange(month.year, month.month)[1] / 30.4375
        wave = 1 + season * np.cos(2 * np.pi * (month.month - 7.5) / 12)
        festival = 1 - dip * share_in_festival(month, world.festival)
        shock = {(2020, 2): 0.78, (2020, 3): 0.90, (2022, 12): 0.93}.get(
            (month.year, month.month), 1.0
        )
        growth = (1 + trend) ** ((position - 59) / 12)
        factors.append(days * wave * festival * shock * growth)
    return np.array(factors)


def draw_counts(rng: np.random.Generator, mean: np.ndarray, spread: float) -> Values:
    """Return over-dispersed counts: variance mean + mean squared / spread.

    >>> draw_counts(np.random.default_rng(1), np.array([0.0, 0.0]), 20).tolist()
    [0, 0]
    """
    mean = np.maximum(mean, 0)
    return rng.poisson(mean * rng.gamma(spread, 1 / spread, mean.shape))


def draw_part(rng: np.random.Generator, whole: Values, share: np.ndarray | float) -> Values:
    """Return how many of a whole, each with this chance: never more than the whole."""
    return rng.binomial(whole.astype(int), np.clip(share, 0.0, 1.0))


def draw_noise(rng: np.random.Generator, shape: tuple[int, ...], spread: float) -> np.ndarray:
    """Return factors around 1."""
    return rng.lognormal(-spread * spread / 2, spread, shape)
