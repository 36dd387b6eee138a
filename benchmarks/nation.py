"""A nation of the size that the goals name: 40,000 stations, 100 measures, a file a month.

country → 31 provinces → 341 cities → 2,846 counties → 40,000 stations, as definitions on disk, and
flat monthly files of 4 million cells. Deterministic and synthetic; every number is a draw.
"""

import datetime as dt
from pathlib import Path

import numpy as np
import polars as pl

STATIONS, PROVINCES, CITIES, COUNTIES = 40_000, 31, 341, 2_846
MEASURES, SHARES = 100, 20
LEVELS = ("country", "province", "city", "county", "station")
MISSING = 0.01
SEED = 20241111

BUREAU = """
name = {zh = "全国(合成)", en = "Nation (synthetic)"}
root = "n"
timezone = "Asia/Shanghai"
minimum_base = 0
headline = ["share_00"]
matrix = ["share_00"]
"""
LEVEL = """
[[levels]]
code = "{code}"
name = {{zh = "{code}", en = "{code}"}}
"""
FORM = """
code = "monthly"
name = {{zh = "月报", en = "Monthly return"}}
layouts = ["flat"]
frequency = "M"
filers = ["station"]
file_replaces = "cells"
measures = {measures}

[options.columns]
unit = ["unit"]
period = ["period"]
"""
MEASURE = """
[{code}]
name = {{zh = "{code}", en = "{code}"}}
definition = {{zh = "合成", en = "Synthetic."}}
category = "work"
form = "monthly"
filers = ["station"]
unit = {{zh = "起", en = "cases"}}
value_type = "count"
kind = "count"
minimum = 0
windows = ["month", "quarter", "half", "ytd", "year", "rolling12"]
source = {{zh = "合成", en = "Synthetic"}}
"""
SHARE = """
[{code}]
name = {{zh = "{code}", en = "{code}"}}
definition = {{zh = "合成", en = "Synthetic."}}
kind = "ratio"
numerator = ["{top}"]
denominator = ["{base}"]
scale = 100
unit = {{zh = "%", en = "%"}}
value_type = "percent"
windows = ["month", "quarter", "half", "ytd", "year", "rolling12"]
source = {{zh = "合成", en = "Synthetic"}}

[[{code}.examples]]
name = {{zh = "先合后除", en = "Pooled, then divided"}}
unit = "n"
period = "2024-03"
window = "month"
facts = \"\"\"
unit     | period  | {top} | {base}
s00000   | 2024-03 | 1 | 4
s39999   | 2024-03 | 2 | 8
\"\"\"
expected = 25
"""


def measures() -> list[str]:
    """Return the codes of the measures."""
    return [f"m{n:02d}" for n in range(MEASURES)]


def units() -> pl.DataFrame:
    """Return the units, depth first: code, level, parent."""
    sizes = dict(zip(LEVELS[1:], (PROVINCES, CITIES, COUNTIES, STATIONS), strict=True))
    above, rows = ["n"], [pl.DataFrame({"unit": ["n"], "level": ["country"], "parent": [None]})]
    for level, size in sizes.items():
        width = len(str(size - 1))
        codes = [f"{level[0] if level != 'county' else 'k'}{n:0{width}d}" for n in range(size)]
        parents = [above[n * len(above) // size] for n in range(size)]
        rows.append(pl.DataFrame({"unit": codes, "level": level, "parent": parents}))
        above = codes
    return pl.concat(rows, how="vertical_relaxed")


def write_definitions(folder: Path) -> Path:
    """Write the nation's definitions and return their folder."""
    for name in ("forms", "indicators"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    levels = "".join(LEVEL.format(code=code) for code in LEVELS)
    category = '\n[categories]\nwork = {zh = "工作", en = "Work"}\n'
    _write(folder / "bureau.toml", BUREAU + levels + category)
    _write(folder / "measures.toml", "".join(MEASURE.format(code=code) for code in measures()))
    listed = "[" + ", ".join(f'"{code}"' for code in measures()) + "]"
    _write(folder / "forms" / "monthly.toml", FORM.format(measures=listed))
    pairs = list(zip(measures()[SHARES:], measures(), strict=False))[:SHARES]
    shares = [
        SHARE.format(code=f"share_{n:02d}", top=top, base=base)
        for n, (top, base) in enumerate(pairs)
    ]
    _write(folder / "indicators" / "shares.toml", "".join(shares))
    every = units()
    name = pl.col("unit")
    every.select(
        code=name, level="level", group=pl.lit(""), name_zh=name, name_en=name,
        short_zh=name, short_en=name, opened=pl.lit(""), closed=pl.lit(""),
    ).write_csv(folder / "units.csv")  # fmt: skip
    below = every.filter(pl.col("parent").is_not_null()).with_columns(empty=pl.lit(""))
    below.select("unit", "parent", pl.col("empty").alias("from"), to="empty").write_csv(
        folder / "unit_parents.csv"
    )
    return folder


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def month_values(month: dt.date) -> np.ndarray:
    """Return what the stations file for a month, NaN for a return that did not come."""
    random = np.random.default_rng([SEED, month.year, month.month])
    mean = 5 + np.arange(MEASURES) % 30
    found = random.poisson(mean, (STATIONS, MEASURES)).astype(float)
    found[random.random(STATIONS) < MISSING] = np.nan
    return found


def month_table(month: dt.date) -> pl.DataFrame:
    """Return a month's file: a row a station that filed, a column a measure."""
    values = month_values(month)
    table = pl.DataFrame(values, schema=measures()).fill_nan(None)
    stations = [f"s{n:05d}" for n in range(STATIONS)]
    table = table.insert_column(0, pl.Series("unit", stations))
    table = table.insert_column(1, pl.lit(f"{month:%Y-%m}").alias("period"))
    filed = pl.Series(~np.isnan(values[:, 0]))
    return table.filter(filed).with_columns(pl.col(measures()).cast(pl.Int64))


def month_facts(month: dt.date) -> pl.DataFrame:
    """Return a month's file as its reader hands it over: a row a station and measure."""
    return (
        month_table(month)
        .unpivot(on=measures(), index="unit", variable_name="measure")
        .select(
            "measure",
            pl.lit(1, pl.Int64).alias("definition"),
            "unit",
            pl.lit(month).alias("period"),
            pl.col("value").cast(pl.Float64),
            pl.lit(None, pl.String).alias("sheet"),
            pl.lit("C2").alias("cell"),
        )
    )
