"""Do South Africa's station figures and published province totals come out of the command line?

Imports the tidy table of all stations, the two province files as published, and the table of
province totals for the provinces whose own file is not there.
"""

import csv
import io
import re
import shutil
from pathlib import Path

import polars as pl

from benchmarks.real.command import ask
from benchmarks.real.outcome import Outcome
from data.catalog import load_catalog

ROOT = Path(__file__).resolve().parent.parent.parent
DEFINITIONS = ROOT / "data" / "examples" / "south_africa" / "definitions"
FORM = "saps_station"
SOURCE = "south_africa"
TOTALS = "expected_station_sum_vs_published_province.csv"
STATIONS = "saps_station_fy_2003_04_to_2012_13.parquet"
MARCHES = ",".join(f"{year}-03" for year in range(2004, 2014))
YEARS = ("--period", MARCHES, "--window", "year")


def run(folder: Path, work: Path) -> list[Outcome]:
    """Return one outcome a published table."""
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    blocks = sorted((folder / "source_blocks").glob("*.csv"))
    store = f"sqlite:///{work / 'za.db'}"
    rows = pl.read_parquet(folder / STATIONS).height
    asked = 0
    for files in ([folder / STATIONS], blocks, [folder / TOTALS]):
        _, said = command(store, "import", *files, "--form", FORM)
        asked += questions(said)
    apart = f"sqlite:///{work / 'blocks.db'}"
    _, said = command(apart, "import", *blocks, "--form", FORM)
    return [
        _totals(store, folder, rows, asked),
        _blocks(apart, folder, blocks, questions(said)),
        _stations(apart, folder, blocks),
    ]


def command(store: str, *arguments: object) -> tuple[list[dict[str, str]], str]:
    """Return the rows that a command prints, and what it says."""
    out, said = ask(DEFINITIONS, store, *arguments)
    return list(csv.DictReader(io.StringIO(out))), said


def questions(said: str) -> int:
    """Return how many questions a command put: those it wrote out and those it only counted."""
    more = re.search(r"Questions besides: (\d+)", said)
    return said.count("? ") + (int(more[1]) if more else 0)


def crimes() -> dict[str, str]:
    """Return the measures of stations by the published name of their crime."""
    measures = load_catalog(DEFINITIONS).measures.values()
    stations = [m for m in measures if m.form == FORM and m.filers == ("station",)]
    return {m.name.en: m.code for m in stations}


def _totals(store: str, folder: Path, rows: int, asked: int) -> Outcome:
    """Return how n, published and diff of every province, crime and year compare."""
    found = _differences(store)
    checked = equal = 0
    for row in csv.DictReader((folder / TOTALS).open(encoding="utf-8")):
        here = found[crimes()[row["crime"].strip()], row["province"], row["fy_start"]]
        for name, side in (("n", "numerator"), ("published", "denominator"), ("diff", "value")):
            checked += 1
            equal += here[side] != "" and float(here[side]) == float(row[name])
    what = f"{TOTALS}: station sum, published total, difference"
    return Outcome(SOURCE, what, rows, asked, checked, equal, _rest(checked - equal))


def _differences(store: str) -> dict[tuple[str, str, str], dict[str, str]]:
    codes = list(crimes().values())
    listed = ",".join(f"diff_{code}" for code in codes)
    found, _ = command(store, "figures", "--indicator", listed, "--level", "province", *YEARS)
    return {
        (row["indicator"].removeprefix("diff_"), row["unit"], str(int(row["period"][:4]) - 1)): row
        for row in found
    }


def _blocks(store: str, folder: Path, blocks: list[Path], asked: int) -> Outcome:
    """Return how the blocks alone compare with the same table, for their provinces."""
    found = _differences(store)
    provinces = {path.stem.upper() for path in blocks}
    checked = equal = 0
    for row in csv.DictReader((folder / TOTALS).open(encoding="utf-8")):
        if row["province"] not in provinces:
            continue
        here = found[crimes()[row["crime"].strip()], row["province"], row["fy_start"]]
        for name, side in (("n", "numerator"), ("published", "denominator"), ("diff", "value")):
            checked += 1
            equal += here[side] != "" and float(here[side]) == float(row[name])
    lines = sum(path.read_text(encoding="utf-8").count("\n") for path in blocks)
    what = f"{TOTALS}: {' and '.join(sorted(provinces))} from the files as published"
    return Outcome(SOURCE, what, lines, asked, checked, equal, _rest(checked - equal))


def _stations(store: str, folder: Path, blocks: list[Path]) -> Outcome:
    """Return how every station of the blocks compares with the tidy table."""
    codes = crimes()
    provinces = [path.stem.upper() for path in blocks]
    listed = ",".join(codes.values())
    found, _ = command(store, "figures", "--indicator", listed, "--level", "station", *YEARS)
    values = {(r["indicator"], r["unit"], r["period"]): r["value"] for r in found if r["value"]}
    names = {alias.name: alias.unit for alias in load_catalog(DEFINITIONS).aliases}
    tidy = pl.read_parquet(folder / STATIONS).filter(pl.col("province").is_in(provinces))
    equal = 0
    for station, province, crime, year, number in tidy.iter_rows():
        key = (codes[crime.strip()], names[f"{station} ({province})"], f"{year + 1}-03")
        equal += values.get(key) == f"{float(number)}"
    what = f"{STATIONS}: stations of the files as published"
    return Outcome(SOURCE, what, tidy.height, 0, tidy.height, equal, _rest(tidy.height - equal))


def _rest(unequal: int) -> dict[str, int]:
    return {"not explained": unequal} if unequal else {}
