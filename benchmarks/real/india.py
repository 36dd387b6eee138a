"""Do India's figures of stolen and recovered property come out of the command line?

The definitions began as the proposal of `kpi form draft`; see docs/how-to/new-form.md.
"""

import csv
import io
import shutil
from pathlib import Path

from benchmarks.real.command import ask
from benchmarks.real.outcome import Outcome
from data.catalog import load_catalog

ROOT = Path(__file__).resolve().parent.parent.parent
DEFINITIONS = ROOT / "data" / "examples" / "india" / "definitions"
FORM = "ncrb_property"
SOURCE = "india"
FILE = "10_Property_stolen_and_recovered.csv"
PARTS = {
    "Cases_Property_Recovered": "cases_recovered",
    "Cases_Property_Stolen": "cases_stolen",
    "Value_of_Property_Recovered": "value_recovered",
    "Value_of_Property_Stolen": "value_stolen",
}
RATES = {"recovery_value_pct": "recovery_value_rate", "recovery_case_pct": "recovery_case_rate"}
YEARS = ("--period", ",".join(f"{year}-12" for year in range(2001, 2011)), "--window", "year")
# The published tables round to four digits.
ROUNDED = 0.00005 + 1e-9
NO_SUM = "a kind has no row in the source, so the six kinds have no sum"


def run(folder: Path, work: Path) -> list[Outcome]:
    """Return one outcome a published table."""
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    store = f"sqlite:///{work / 'india.db'}"
    _, said = command(store, "import", folder / FILE, "--form", FORM)
    rows = len(read(folder / FILE))
    asked = said.count("? ")
    return [
        _totals(store, folder, "expected_national_year.csv", rows, asked),
        _totals(store, folder, "expected_state_year.csv", rows, asked),
        _sums(store, folder, rows, asked),
    ]


def command(store: str, *arguments: object) -> tuple[list[dict[str, str]], str]:
    """Return the rows that a command prints, and what it says."""
    out, said = ask(DEFINITIONS, store, *arguments)
    return list(csv.DictReader(io.StringIO(out))), said


def read(path: Path) -> list[dict[str, str]]:
    """Return the rows of a csv file."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def figures(store: str, codes: list[str], *where: str) -> dict[tuple[str, str, str], dict]:
    """Return the yearly figures by indicator, unit and year."""
    found, _ = command(store, "figures", "--indicator", ",".join(codes), *where, *YEARS)
    return {(row["indicator"], row["unit"], row["period"][:4]): row for row in found}


def _totals(store: str, folder: Path, name: str, rows: int, asked: int) -> Outcome:
    """Return how the printed totals and the rates of states, or of the country, compare."""
    is_state = name == "expected_state_year.csv"
    codes = [*(f"total_{part}" for part in PARTS.values()), *RATES.values()]
    found = figures(store, codes, *(("--level", "state") if is_state else ()))
    units = {unit.name.en: unit.code for unit in load_catalog(DEFINITIONS).units}
    checked = equal = 0
    for row in read(folder / name):
        place = units[row["Area_Name"]] if is_state else "india"
        columns = {column: f"total_{part}" for column, part in PARTS.items()} | RATES
        for column, code in columns.items():
            if column not in row:
                continue
            value = found[code, place, row["Year"]]["value"]
            checked += 1
            equal += _agrees(value, row[column])
    return Outcome(SOURCE, name, rows, asked, checked, equal, _rest(checked - equal, 0))


def _sums(store: str, folder: Path, rows: int, asked: int) -> Outcome:
    """Return how the sums of the six kinds and the printed totals compare."""
    name = "expected_sum_vs_total_rows.csv"
    codes = [f"{kind}_{part}" for kind in ("sum", "total") for part in PARTS.values()]
    found = figures(store, codes, "--level", "state")
    units = {unit.name.en: unit.code for unit in load_catalog(DEFINITIONS).units}
    checked = equal = without = 0
    for row in read(folder / name):
        for column, part in PARTS.items():
            key = (units[row["Area_Name"]], row["Year"])
            sum_here = found[f"sum_{part}", *key]["value"]
            total = found[f"total_{part}", *key]["value"]
            checked += 2
            equal += _agrees(total, row[f"{column}_total"])
            is_same = _agrees(sum_here, row[column])
            equal += is_same
            without += not is_same and not sum_here
    return Outcome(SOURCE, name, rows, asked, checked, equal, _rest(checked - equal, without))


def _agrees(value: str, published: str) -> bool:
    if not value or not published:
        return value == published
    return abs(float(value) - float(published)) <= ROUNDED


def _rest(unequal: int, without: int) -> dict[str, int]:
    found = {NO_SUM: without, "not explained": unequal - without}
    return {reason: count for reason, count in found.items() if count}
