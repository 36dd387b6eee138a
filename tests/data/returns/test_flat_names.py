"""Whose is a number whose unit is named like another, was not there, or is no word of ours?"""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from data.catalog import load_catalog
from data.definition_types import Catalog, Text
from data.returns.flat import FlatFile, read_flat

MAY, JULY = dt.date(2024, 5, 1), dt.date(2024, 7, 1)
HEAD = "unit,period,measure,value\n"


def renamed(catalog: Catalog, **life: tuple[dt.date | None, dt.date | None]) -> Catalog:
    """Return definitions in which some stations bear the name 新所; each with (opened, closed)."""
    units = tuple(
        replace(
            unit, name=Text("新所", "New Station"), short=Text("新", "New"),
            opened=life[unit.code][0], closed=life[unit.code][1],
        ) if unit.code in life else unit
        for unit in catalog.units
    )  # fmt: skip
    return replace(catalog, units=units)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


def read(folder: Path, content: str, catalog: Catalog) -> FlatFile:
    path = folder / "table.csv"
    path.write_text(HEAD + content, encoding="utf-8")
    return read_flat(path, catalog.forms["M02"], catalog)


def said(found: FlatFile, severity: str) -> list[tuple[str, str | None]]:
    return found.findings.filter(pl.col("severity") == severity).select("rule", "cell").rows()


def test_a_name_that_two_units_bear_at_once_is_refused(tmp_path: Path, catalog: Catalog) -> None:
    twins = renamed(catalog, yz0101=(None, None), yz0102=(None, None))
    found = read(tmp_path, "新所,2024-06,crim_recorded,5\nyz0102,2024-06,crim_recorded,6\n", twins)
    assert said(found, "mandatory") == [("flat_same_name", "A2")]
    (row,) = found.findings.filter(pl.col("severity") == "mandatory").to_dicts()
    assert row["message_en"] == "'新所' is the name of several units: yz0101, yz0102; rows: 1."


def test_a_name_of_a_closed_unit_and_of_its_namesake_goes_by_the_month(
    tmp_path: Path, catalog: Catalog
) -> None:
    again = renamed(catalog, yz0101=(None, MAY), yz0102=(JULY, None))
    rows = "新所,2024-04,crim_recorded,5\nNew Station,2024-07,crim_recorded,6\n"
    found = read(tmp_path, rows, again)
    assert found.facts.select("unit", "value").rows() == [("yz0101", 5), ("yz0102", 6)]
    assert said(found, "mandatory") == []
    assert not [rule for rule, _ in said(found, "query") if rule.startswith("flat_not_")]


def test_a_month_in_which_the_unit_was_not_there_is_asked_about(
    tmp_path: Path, catalog: Catalog
) -> None:
    life = renamed(catalog, yz0101=(None, MAY), yz0102=(JULY, None))
    rows = "yz0101,2024-04,crim_recorded,5\nyz0101,2024-05,crim_recorded,7\n"
    found = read(tmp_path, rows + "yz0102,2024-06,crim_recorded,6\n", life)
    asked = [item for item in said(found, "query") if item[0].startswith("flat_not_")]
    assert asked == [("flat_not_closed", "D3"), ("flat_not_opened", "D4")]


def test_a_file_of_nothing_but_strange_measures_is_told_so(
    tmp_path: Path, catalog: Catalog
) -> None:
    found = read(tmp_path, "yz0101,2024-06,crim_recorde,5\n", catalog)
    assert [rule for rule, _ in said(found, "mandatory")] == ["flat_empty"]
    assert [rule for rule, _ in said(found, "info")] == ["flat_measure"]


def test_totals_of_a_district_are_not_taken_for_its_own_level(
    tmp_path: Path, catalog: Catalog
) -> None:
    rows = "yz0101,2024-06,crim_recorded,10\nyz0102,2024-06,crim_recorded,20\n"
    more = "yz0101,2024-07,crim_recorded,5\nyz01,2024-07,crim_recorded,5\n"
    twice = read(tmp_path, f"yz01,2024-06,crim_recorded,30\n{rows}{more}", catalog)
    assert ("flat_total", "D2") in said(twice, "mandatory")
    once = read(tmp_path, f"yz01,2024-06,crim_recorded,30\n{rows}", catalog)
    assert ("flat_total", "D2") in said(once, "query"), "one alone may be so by chance"
    own = read(tmp_path, f"yz01,2024-06,crim_recorded,4\n{rows}", catalog)
    assert not [rule for rule, _ in said(own, "query") if rule == "flat_total"]
    assert own.facts.filter(unit="yz01-own")["value"].to_list() == [4]
    by_code = f"yz01-own,2024-06,crim_recorded,30\nyz01-own,2024-07,crim_recorded,5\n{rows}"
    assert said(read(tmp_path, by_code, catalog), "mandatory") == []
    alone = read(tmp_path, "yz01,2024-06,crim_recorded,3\nyz01,2024-07,crim_recorded,4\n", catalog)
    assert said(alone, "mandatory") == []
