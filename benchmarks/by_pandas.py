"""The city's question as a pandas user would answer it: wide frames, month × (measure, leaf)."""

import numpy as np
import pandas as pd

from benchmarks.city import WINDOWS, City

YEAR = 12


def load(city: City) -> pd.DataFrame:
    """Return the facts as a wide frame: a row a month, a column per measure and leaf."""
    long = city.facts.select("measure", "unit", "period", "value").to_pandas()
    wide = long.pivot_table(index="period", columns=["measure", "unit"], values="value")
    return wide.sort_index(axis=1)


def answer(wide: pd.DataFrame, city: City) -> dict[str, np.ndarray]:
    """Return value, compared and base value as window → [part, indicator, unit, period]."""
    filed = wide.notna()
    full = wide.fillna(0.0)
    found = {}
    for window in WINDOWS:
        sums, there, complete = _window(full, filed, wide, city, window)
        both = complete & complete.shift(YEAR, fill_value=False)
        kept, before = sums.where(both, 0.0), sums.shift(YEAR).where(both, 0.0)
        parts = [
            _figures(_units(sums, city), _units(there.astype(float), city), city),
            _figures(_units(kept, city), _units(both.astype(float), city), city),
            _figures(_units(before, city), _units(both.astype(float), city), city),
        ]
        found[window] = np.stack(parts)
    return found


def _window(
    full: pd.DataFrame, filed: pd.DataFrame, wide: pd.DataFrame, city: City, window: str
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return window totals, whether anything was filed, and whether everything was."""
    if window == "month":
        return full, filed, filed
    index = pd.DatetimeIndex(wide.index)
    flags = filed.astype(float)
    if window == "rolling12":
        sums, number = full.rolling(YEAR).sum(), flags.rolling(YEAR).sum()
        length = pd.Series(YEAR, index=wide.index)
    else:
        keys = [index.year, index.quarter] if window == "quarter" else [index.year]
        sums, number = full.groupby(keys).cumsum(), flags.groupby(keys).cumsum()
        into = (index.month - 1) % (3 if window == "quarter" else YEAR) + 1
        length = pd.Series(into, index=wide.index)
    there, complete = number > 0, number.eq(length, axis=0)
    stocks = wide.columns.get_level_values(0).isin(city.stocks)
    for mine, month in ((sums, full), (there, filed), (complete, filed)):
        mine.loc[:, stocks] = month.loc[:, stocks]
    return sums, there, complete


def _units(leaves: pd.DataFrame, city: City) -> pd.DataFrame:
    """Return sums of leaves, counties and the city: a row per measure and unit."""
    tall = leaves.T
    county = tall.index.get_level_values(1).map(city.county_of)
    by_county = tall.groupby([tall.index.get_level_values(0), county]).sum()
    whole = tall.groupby(level=0).sum()
    whole.index = pd.MultiIndex.from_arrays([whole.index, ["city"] * len(whole)])
    return pd.concat([tall, by_county, whole])


def _figures(totals: pd.DataFrame, there: pd.DataFrame, city: City) -> np.ndarray:
    """Return the indicators' values as [indicator, unit, period]."""
    totals = totals.where(there > 0)
    order = pd.MultiIndex.from_product([[*city.counts, *city.stocks], city.units])
    plain = totals.reindex(order).to_numpy()
    tops = pd.MultiIndex.from_product([[top for _, top, _ in city.shares], city.units])
    bases = pd.MultiIndex.from_product([[base for _, _, base in city.shares], city.units])
    base = totals.reindex(bases).to_numpy()
    shares = totals.reindex(tops).to_numpy() * 100 / np.where(base == 0, np.nan, base)
    shape = (len(city.indicators), len(city.units), len(city.periods))
    return np.concatenate([plain, shares]).reshape(shape)
