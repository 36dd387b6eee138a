"""Is a file that was cut between two rows asked about, and a file that is whole left alone?"""

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from data.catalog import load_catalog
from data.checks.absent import absent_findings
from data.definition_types import Catalog
from data.returns.flat import read_flat
from data.schema import FACTS
from data.units import tree

MONTHS = ("2024-07", "2024-08", "2024-09", "2024-10")


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


@pytest.fixture(scope="module")
def stations(catalog: Catalog) -> list[str]:
    units, month = tree(catalog), dt.date(2024, 7, 1)
    return [code for code in units.at_level("station") if units.is_open(code, month)]


def lines(units: list[str], months: tuple[str, ...] = MONTHS) -> list[str]:
    return [f"{unit},{month},crim_recorded,5\n" for month in months for unit in units]


def asked(
    folder: Path,
    catalog: Catalog,
    rows: list[str],
    before: list[str] | None = None,
    top: str | None = None,
) -> list[tuple[str, str]]:
    """Return rule and sentence of what is asked of a file, after another was imported."""

    def facts(content: list[str]) -> pl.DataFrame:
        path = folder / "table.csv"
        path.write_text("unit,period,measure,value\n" + "".join(content))
        return read_flat(path, catalog.forms["M02"], catalog, top).facts

    history = pl.DataFrame(schema=FACTS)
    if before is not None:
        vintage = pl.lit(dt.datetime(2024, 8, 1, tzinfo=dt.UTC)).cast(FACTS["vintage"])
        stored = facts(before).with_columns(
            vintage=vintage, submission=pl.lit("R1"), status=pl.lit("final")
        )
        history = stored.select(FACTS.names())
    found = absent_findings(facts(rows), history, catalog, tree(catalog), top)
    assert set(found["severity"]) <= {"query"}
    return list(found.select("rule", "message_en").iter_rows())


def test_a_whole_file_and_one_district_are_not_asked_about(
    tmp_path: Path, catalog: Catalog, stations: list[str]
) -> None:
    assert asked(tmp_path, catalog, lines(stations)) == []
    assert asked(tmp_path, catalog, lines(stations[:5])) == []
    assert asked(tmp_path, catalog, lines(stations[:5]), before=lines(stations[:5])) == []
    district = list(tree(catalog).leaves("yz01"))
    assert asked(tmp_path, catalog, lines(district), before=lines(stations)) == []
    assert asked(tmp_path, catalog, lines(district), before=lines(stations), top="yz01") == []


def test_the_last_month_of_a_file_that_was_cut_is_named(
    tmp_path: Path, catalog: Catalog, stations: list[str]
) -> None:
    (month,) = asked(tmp_path, catalog, lines(stations)[:-6])
    count, last = len(stations), tree(catalog).unit(stations[-7]).short.en
    assert month[0] == "flat_absent_month"
    assert f"2024-10 has rows of {count - 6} of {count} units" in month[1]
    assert f"The file ends in row {4 * count - 5}, {last}." in month[1]


def test_rows_that_were_lost_in_the_middle_are_named(
    tmp_path: Path, catalog: Catalog, stations: list[str]
) -> None:
    rows, count = lines(stations), len(stations)
    (month,) = asked(tmp_path, catalog, rows[: count + 3] + rows[count + 5 :])
    assert f"2024-08 has rows of {count - 2} of {count} units" in month[1]


def test_units_of_the_import_before_are_missed(
    tmp_path: Path, catalog: Catalog, stations: list[str]
) -> None:
    before = lines(stations[:9], MONTHS[:3])
    (units,) = asked(tmp_path, catalog, lines(stations[:7], MONTHS[3:]), before)
    assert units[0] == "flat_absent_before"
    assert "of 9 units that this form was imported for before, 7 have rows here" in units[1]


def test_units_that_are_due_are_missed_where_most_are_there(
    tmp_path: Path, catalog: Catalog, stations: list[str]
) -> None:
    (units,) = asked(tmp_path, catalog, lines(stations[:-2], MONTHS[3:]))
    assert units[0] == "flat_absent_due"
    assert f"{len(stations) - 2} have rows here" in units[1]
