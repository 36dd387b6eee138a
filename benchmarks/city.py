"""A city of the size that the goals name: 200 units, 170 measures, 60 months, 1.9 million facts.

Deterministic and synthetic. 110 counts, 20 stocks and 40 numerators over the first 40 counts make
170 indicators. About one return in fifty is missing, whole.
"""

import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from data.catalog import load_catalog
from data.definition_types import Catalog, Parent, Text, Unit
from data.periods import months_between
from data.schema import FACTS

COUNTIES, STATIONS = 13, 186
COUNTS, STOCKS, SHARES = 110, 20, 40
FIRST, LAST = dt.date(2019, 11, 1), dt.date(2024, 10, 1)
WINDOWS = ("month", "quarter", "ytd", "rolling12")
MISSING = 0.02
SEED = 20241111


@dataclass(frozen=True, slots=True)
class City:
    """The definitions, the facts, and the lists that every competitor works from."""

    catalog: Catalog
    facts: pl.DataFrame
    units: tuple[str, ...]
    leaves: tuple[str, ...]
    county_of: dict[str, str]
    periods: list[dt.date]
    counts: list[str]
    stocks: list[str]
    shares: list[tuple[str, str, str]]

    @property
    def indicators(self) -> list[str]:
        """Every indicator that is asked for."""
        return [*self.counts, *self.stocks, *(code for code, _, _ in self.shares)]


def make_city(facts: Path | None = None) -> City:
    """Return the city; its facts are read from a file if one is given."""
    counties = [f"k{n:02d}" for n in range(COUNTIES)]
    leaves = [f"{counties[n % COUNTIES]}s{n // COUNTIES:02d}" for n in range(STATIONS)]
    leaves.sort()
    county_of = {leaf: leaf[:3] for leaf in leaves}
    levels = {"city": "city"} | dict.fromkeys(counties, "county") | dict.fromkeys(leaves, "station")
    units = tuple(
        Unit(code, level, "", Text(code, code), Text(code, code), None, None, place)
        for place, (code, level) in enumerate(levels.items())
    )
    parents = [Parent(county, "city", None, None) for county in counties]
    parents += [Parent(leaf, county, None, None) for leaf, county in county_of.items()]
    counts = [f"count_{n:03d}" for n in range(COUNTS)]
    stocks = [f"stock_{n:03d}" for n in range(STOCKS)]
    parts = [f"part_{n:03d}" for n in range(SHARES)]
    shares = [(f"share_{n:03d}", parts[n], counts[n]) for n in range(SHARES)]
    catalog = _definitions(units, tuple(parents), counts + parts, stocks, shares)
    periods = months_between(FIRST, LAST)
    made = pl.read_parquet(facts) if facts else _facts(leaves, periods, counts, stocks, parts)
    return City(
        catalog, made, tuple(levels), tuple(leaves), county_of, periods, counts, stocks, shares
    )


def _definitions(
    units: tuple[Unit, ...],
    parents: tuple[Parent, ...],
    flows: list[str],
    stocks: list[str],
    shares: list[tuple[str, str, str]],
) -> Catalog:
    """Return a catalogue of the measures and indicators, shaped like entries of the default one."""
    full = load_catalog()
    flow, stock = full.measures["calls_theft"], full.measures["crim_open_end"]
    shown = {"flow": full.indicators["calls_theft"], "stock": full.indicators["crim_open_end"]}
    share = full.indicators["d_arrive_5min_rate"]
    measures = {code: replace(flow, code=code, value_of=("station",)) for code in flows}
    measures |= {code: replace(stock, code=code, value_of=("station",)) for code in stocks}
    indicators = {
        code: replace(shown["stock" if code in stocks else "flow"], code=code, numerator=(code,))
        for code in measures
    }
    indicators |= {
        code: replace(share, code=code, numerator=(top,), denominator=(base,), targets=())
        for code, top, base in shares
    }
    return replace(
        full,
        units=units,
        parents=parents,
        successions=(),
        measures=measures,
        indicators=indicators,
        bureau=replace(full.bureau, root="city"),
        calendar=replace(full.calendar, festival="none"),
    )


def _facts(
    leaves: list[str],
    periods: list[dt.date],
    counts: list[str],
    stocks: list[str],
    parts: list[str],
) -> pl.DataFrame:
    """Return the facts as the snapshot holds them."""
    random = np.random.default_rng(SEED)
    shape = (len(leaves), len(periods))
    filed = random.random(shape) >= MISSING
    grid = pl.DataFrame({"unit": leaves}).join(pl.DataFrame({"period": periods}), how="cross")
    values = {code: random.poisson(20 + n % 30, shape) for n, code in enumerate(counts + stocks)}
    values |= {code: random.binomial(values[counts[n]], 0.9) for n, code in enumerate(parts)}
    frames = [
        grid.with_columns(
            measure=pl.lit(code), value=pl.Series(value.ravel().astype(float))
        ).filter(pl.Series(filed.ravel()))
        for code, value in values.items()
    ]
    when = dt.datetime(2024, 11, 6, tzinfo=dt.UTC)
    return (
        pl.concat(frames)
        .with_columns(
            definition=pl.lit(1, pl.Int64),
            status=pl.lit("final"),
            vintage=pl.lit(when).cast(FACTS["vintage"]),
            submission=pl.lit("s"),
            sheet=pl.lit(""),
            cell=pl.lit(""),
        )
        .select(pl.col(name).cast(kind) for name, kind in FACTS.items())
    )
