"""Is a table of Taiwan's yearbook whose columns moved refused, where no heading would tell?"""

import csv
import datetime as dt
from pathlib import Path

import polars as pl

from data.catalog import load_catalog
from data.returns.flat import read_flat

EXAMPLE = Path(__file__).resolve().parent.parent.parent / "data" / "examples" / "taiwan"
COUNTIES = EXAMPLE / "主要警政統計指標2V.csv"
PERIOD = dt.date(2023, 12, 1)


def test_groups_in_another_order_are_refused(tmp_path: Path) -> None:
    catalog = load_catalog(EXAMPLE / "definitions")
    with COUNTIES.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    path = tmp_path / "112年.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([row[0], *row[:0:-1]] for row in rows)
    form = catalog.forms["key_indicators_county"]
    found = read_flat(path, form, catalog).findings.filter(pl.col("severity") == "mandatory")
    assert "flat_expects_found" in found["rule"].to_list()
    # As published they are read.
    assert read_flat(COUNTIES, form, catalog, period=PERIOD).facts.height == 361
