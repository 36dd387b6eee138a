"""Do South Africa's station figures and published province totals come out of the command line?"""

import csv
import io
import re
from pathlib import Path

import polars as pl
import pytest

from data.catalog import load_catalog
from metrics.examples import all_examples, run_examples
from tests.examples.speaker import EXAMPLES, Speaker

HERE = Path(__file__).resolve().parent.parent.parent
EXAMPLE = EXAMPLES / "south_africa"
# The whole publication lies beside the repository where it is built; elsewhere the extract serves.
FULL = HERE.parent / "shared" / "real" / "saps_station"
TABLES = "expected_station_sum_vs_published_province.csv"
SOURCES = [(EXAMPLE / "stations_murder_sexual_crimes.parquet", EXAMPLE / TABLES, 180)]
if FULL.is_dir():
    SOURCES += [(FULL / "saps_station_fy_2003_04_to_2012_13.parquet", FULL / TABLES, 2610)]
BLOCKS = EXAMPLE / "nc_blocks.csv"
MARCHES = ",".join(f"{year}-03" for year in range(2004, 2014))
YEARS = ("--period", MARCHES, "--window", "year")


class SouthAfrica(Speaker):
    """A store with South Africa's figures, spoken to through the command line."""

    def __init__(self, folder: Path) -> None:
        super().__init__(EXAMPLE / "definitions", folder / "za.db")

    def load(self, *arguments: object) -> tuple[int, str, str]:
        return self.run("import", *arguments, "--form", "saps_station")

    def figures(self, *arguments: object) -> list[dict[str, str]]:
        return self.rows("figures", *arguments)

    def value(self, indicator: str, unit: str, period: str) -> str:
        asked = ("--indicator", indicator, "--unit", unit, "--period", period, "--window", "year")
        return self.figures(*asked)[0]["value"]


@pytest.fixture
def saps(tmp_path: Path) -> SouthAfrica:
    return SouthAfrica(tmp_path)


def codes() -> dict[str, str]:
    """Return the measures of stations by the published name of their crime."""
    measures = load_catalog(EXAMPLE / "definitions").measures.values()
    return {m.name.en.casefold(): m.code for m in measures if m.filers == ("station",)}


@pytest.mark.parametrize(
    ("stations", "table", "cells"), SOURCES, ids=["extract", "whole"][: len(SOURCES)]
)
def test_station_sums_published_totals_and_differences_are_reproduced(
    saps: SouthAfrica, stations: Path, table: Path, cells: int
) -> None:
    code, _, err = saps.load(stations)
    assert code == 0, err
    code, _, err = saps.load(table)
    assert code == 0, err
    with table.open(encoding="utf-8") as stream:
        wanted = list(csv.DictReader(stream))
    assert len(wanted) == cells
    by_name = codes()
    asked = {row["crime"]: f"diff_{by_name[row['crime'].strip().casefold()]}" for row in wanted}
    listed = ",".join(asked.values())
    found = {
        (row["indicator"], row["unit"], row["period"]): row
        for row in saps.figures("--indicator", listed, "--level", "province", *YEARS)
    }
    for row in wanted:
        here = found[asked[row["crime"]], row["province"], f"{int(row['fy_start']) + 1}-03"]
        published = [float(row[name]) for name in ("n", "published", "diff")]
        assert [float(here[x]) for x in ("numerator", "denominator", "value")] == published
        assert here["reported"] == here["due"]
    # Each published difference is asked about when the second file comes in, and no other.
    more = re.search(r"Questions besides: (\d+)", err)
    asked_about = err.count("? ") + (int(more[1]) if more else 0)
    assert asked_about == sum(row["diff"] != "0" for row in wanted)


def test_blocks_give_stations_and_keep_the_province_apart(saps: SouthAfrica) -> None:
    code, _, err = saps.load(BLOCKS)
    assert code == 0, err
    # Marks behind a name ([169] [P]) do not hide the station.
    assert saps.value("murder", "nc_galeshewe", "2004-03") == "41.0"
    # The province's own block, which is the first, stays apart from the six stations below it.
    assert saps.value("published_murder", "NC", "2004-03") == "431.0"
    stations = [float(saps.value("murder", code, "2004-03")) for code in STATIONS]
    assert saps.value("murder", "NC", "2004-03") == f"{sum(stations)}"
    assert 0 < sum(stations) < 431
    assert "add up to the figure published for the province" in err


STATIONS = [
    f"nc_{x}" for x in ("aggeneys", "augrabies", "galeshewe", "kakamas", "kimberley", "richmond")
]


def test_the_same_file_again_changes_nothing(saps: SouthAfrica) -> None:
    assert saps.load(BLOCKS)[0] == 0
    code, out, _ = saps.load(BLOCKS)
    report = next(csv.DictReader(io.StringIO(out)))
    assert (code, report["receipt"]) == (0, "")


def edited(tmp_path: Path, *changes: tuple[str, str]) -> Path:
    """Return a copy of the blocks in which texts are replaced once each."""
    text = BLOCKS.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = tmp_path / "edited.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_later_edition_restates_a_year_and_the_old_one_stays_known(
    saps: SouthAfrica, tmp_path: Path
) -> None:
    assert saps.load(BLOCKS, "--vintage", "2013-09-19")[0] == 0
    text = BLOCKS.read_text(encoding="utf-8")
    # The ten years that begin a year later: the first of the old edition falls away.
    years = [f"April {year} to March {year + 1}" for year in range(2003, 2014)]
    for old, new in reversed(list(zip(years, years[1:], strict=False))):
        text = text.replace(old, new)
    later = tmp_path / "later.csv"
    later.write_text(text.replace("2003/2004 - 2012/2013", "2004/2005 - 2013/2014"))
    code, _, err = saps.load(later, "--vintage", "2014-09-19")
    assert code == 0, err
    assert saps.value("murder", "nc_galeshewe", "2014-03") == saps_number("Galeshewe", 10)
    now = saps.value("murder", "nc_galeshewe", "2005-03")
    asked = ("--indicator", "murder", "--unit", "nc_galeshewe", "--period", "2005-03")
    then = saps.figures(*asked, "--window", "year", "--as-of", "2014-01-01")[0]["value"]
    assert (now, then) == (saps_number("Galeshewe", 1), saps_number("Galeshewe", 2))


def saps_number(station: str, column: int) -> str:
    """Return the murders of a station's block as the file prints them."""
    lines = BLOCKS.read_text(encoding="utf-8").splitlines()
    start = next(n for n, line in enumerate(lines) if f"Crime in  {station} " in line)
    line = next(line for line in lines[start:] if line.startswith("Murder,"))
    return f"{float(line.split(',')[column])}"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("Kakamas (NC)", "Kakamass (NC)"), "'Kakamass (NC)' is not a known unit"),
        (("Kakamas (NC)", "Kakamas (EC)"), "'Kakamas (EC)' is not a known unit"),
        (("Murder,431", "Murder,4x1"), "B9: '4x1' is not a number"),
        (("Murder,431", "Murder,-431"), "B9: -431 is below the least"),
        (("Murder,431", "Murders,431"), "Murder"),
        (("April 2012 to March 2013", "April 2012 to Smarch 2013"), "K7: 'April 2012 to Smarch"),
        (("Crime Research and Statistics", "Something else"), "edited.csv"),
    ],
)
def test_what_cannot_be_read_is_named_and_nothing_is_stored(
    saps: SouthAfrica, tmp_path: Path, change: tuple[str, str], says: str
) -> None:
    code, out, err = saps.load(edited(tmp_path, change))
    assert code == 1
    assert out == ""
    assert says in err
    assert not saps.path.exists()


def test_stations_of_one_name_in_two_provinces_stay_apart(
    saps: SouthAfrica, tmp_path: Path
) -> None:
    rows = {"station": ["Richmond", "Richmond"], "province": ["NC", "KZN"]}
    frame = pl.DataFrame(rows | {"crime": ["Murder", "Murder"], "fy_start": [2003, 2003]})
    path = tmp_path / "two.parquet"
    frame.with_columns(n=pl.Series([1, 20])).write_parquet(path)
    assert saps.load(path)[0] == 0
    assert saps.value("murder", "nc_richmond", "2004-03") == "1.0"
    assert saps.value("murder", "kzn_richmond", "2004-03") == "20.0"


def test_a_rate_exists_only_near_the_census(saps: SouthAfrica, tmp_path: Path) -> None:
    path = EXAMPLE / "police_stations_2022_nc.csv"
    code, _, err = saps.run("import", path, "--form", "saps_population", "--period", "2022-03")
    assert code == 0, err
    later = edited(tmp_path, ("April 2012 to March 2013", "April 2021 to March 2022"))
    text = later.read_text(encoding="utf-8").replace(
        "April 2012 to March 2013", "April 2021 to March 2022"
    )
    later.write_text(text, encoding="utf-8")
    assert saps.load(later)[0] == 0
    people = float(saps.value("population", "nc_galeshewe", "2022-03"))
    murders = float(saps_number("Galeshewe", 10))
    rate = float(saps.value("murder_rate", "nc_galeshewe", "2022-03"))
    assert rate == pytest.approx(murders / people * 100_000)
    assert saps.value("murder_rate", "nc_galeshewe", "2012-03") == ""


def test_the_worked_examples_hold() -> None:
    catalog = load_catalog(EXAMPLE / "definitions")
    outcomes = run_examples(catalog, all_examples(catalog))
    assert [outcome for outcome in outcomes if not outcome.holds] == []
    assert len(outcomes) > 30
