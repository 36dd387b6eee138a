"""A small bureau of two districts and four stations, to change and to look at afterwards."""

import datetime as dt
import shutil
from pathlib import Path

import polars as pl

from data.catalog import BUILT_IN
from data.schema import FACTS, conform

UNITS = """\
code,level,group,name_zh,name_en,short_zh,short_en,opened,closed
c,city,,全市,City,,,,
d1,district,,东分局,East District,,,,
a,borough,A,甲所,Station A,甲,A,,
b,borough,A,乙所,Station B,乙,B,,
d2,district,,西分局,West District,,,,
e,borough,B,"丙,所",Station E,丙,E,,
f,borough,B,丁所,Station F,丁,F,2023-03-01,
"""
PARENTS = """\
unit,parent,from,to
d1,c,2010-01-01,
d2,c,2010-01-01,
a,d1,2010-01-01,
b,d1,2010-01-01,
e,d2,2010-01-01,
f,d2,2023-03-01,
"""
STEPS = "from_unit,to_unit,date,share\n"
TODAY = dt.date(2024, 11, 11)
FILED = 24


def small_definitions(folder: Path) -> Path:
    """Write the definitions of the small bureau."""
    shutil.copytree(BUILT_IN.parent / "examples" / "london" / "definitions", folder)
    bureau = (folder / "bureau.toml").read_text(encoding="utf-8")
    district = (
        '[[levels]]\ncode = "district"\nname = {zh = "分局", en = "District"}\n\n[categories]'
    )
    bureau = bureau.replace('root = "london"', 'root = "c"').replace("[categories]", district)
    (folder / "bureau.toml").write_text(bureau, encoding="utf-8")
    for name, text in (
        ("units.csv", UNITS),
        ("unit_parents.csv", PARENTS),
        ("unit_successions.csv", STEPS),
    ):
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def small_facts(through: dt.date = dt.date(2024, 10, 1)) -> pl.DataFrame:
    """Return facts of the four stations from January 2023: a 10, b 20, e 30, f 40 a month."""
    rows = []
    for unit, value in (("a", 10.0), ("b", 20.0), ("e", 30.0), ("f", 40.0)):
        month = dt.date(2023, 3 if unit == "f" else 1, 1)
        while month <= through:
            rows.append({"measure": "offences_victim", "unit": unit, "period": month})
            rows[-1] |= {"value": value, "definition": 1, "status": "provisional"}
            month = dt.date(month.year + month.month // 12, month.month % 12 + 1, 1)
    vintage = dt.datetime(2024, 11, 6, tzinfo=dt.UTC)
    frame = pl.DataFrame(rows).with_columns(
        vintage=pl.lit(vintage), submission=pl.lit("1"), sheet=pl.lit(""), cell=pl.lit("")
    )
    return conform(frame, FACTS)
