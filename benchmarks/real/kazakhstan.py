"""Do the figures of Kazakhstan's regional workbooks come out of the command line?

Imports the six workbooks of each form as published and compares every figure of
`expected_units.csv` with `kpi figures`; then each form once more, which must change nothing.
"""

import csv
import io
import shutil
from pathlib import Path

from benchmarks.real.command import ask
from benchmarks.real.outcome import Outcome

ROOT = Path(__file__).resolve().parent.parent.parent
DEFINITIONS = ROOT / "data" / "examples" / "kazakhstan" / "definitions"
PERIOD = "2023-12"
SOURCE = "kazakhstan"
FORMS = {"form_1m": "form_1M", "form_sng1": "form_SNG1"}
# Published column → indicator, where it is not the column's name.
INDICATORS = {
    "all_clearance_pct": "all_clearance_rate",
    "crimes_clearance_pct": "clearance_rate",
    "recovery_pct": "all_recovery_rate",
}
# The published rates round to four digits.
ROUNDED = 0.00005 + 1e-9


def indicator_of(column: str) -> str:
    """Return the indicator that a column of the expected table holds.

    >>> indicator_of("crimes_damage_kKZT"), indicator_of("recovery_pct")
    ('damage', 'all_recovery_rate')
    """
    return INDICATORS.get(column, column.removesuffix("_kKZT").removeprefix("crimes_"))


def run(folder: Path, work: Path) -> list[Outcome]:
    """Return one outcome for the figures and one for importing them again.

    Regions whose workbook is not in the folder are left out.
    """
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    store = f"sqlite:///{work / 'kazakhstan.db'}"
    cells, findings = _imported(store, folder)
    with (folder / "expected_units.csv").open(encoding="utf-8") as stream:
        expected = list(csv.DictReader(stream))
    columns = [name for name in expected[0] if name not in ("unit", "sng1_name", "title")]
    asked = ("--indicator", ",".join(dict.fromkeys(map(indicator_of, columns))))
    asked += ("--level", "region", "--period", PERIOD, "--window", "year")
    read = {_code(path.stem) for path in (folder / FORMS["form_1m"]).iterdir()}
    found = {(row["indicator"], row["unit"]): row for row in command(store, "figures", *asked)[0]}
    checked = equal = 0
    for row in expected:
        unit = _code(row["unit"])
        if unit not in read:
            continue
        for column in columns:
            value = found[indicator_of(column), unit]["value"]
            checked += 1
            equal += bool(value) and abs(float(value) - float(row[column])) <= ROUNDED
    reasons = {"not explained": checked - equal} if equal < checked else {}
    table = "expected_units.csv: both forms, by region"
    again = [row for form in FORMS for row in _load(store, folder, form)[0]]
    silent = sum(row["new"] == row["revised"] == row["withdrawn"] == "0" for row in again)
    return [
        Outcome(SOURCE, table, cells, findings, checked, equal, reasons),
        Outcome(SOURCE, "the same workbooks again change nothing", cells, 0, len(again), silent),
    ]


def _code(name: str) -> str:
    return name.lower().replace(" ", "_").replace("-", "_")


def _imported(store: str, folder: Path) -> tuple[int, int]:
    """Import both forms and return the figures read and the questions asked of them."""
    cells = findings = 0
    for form in FORMS:
        rows, said = _load(store, folder, form)
        cells += sum(int(row["facts"]) for row in rows)
        findings += sum(line.startswith(("✗", "?")) for line in said)
    return cells, findings


def _load(store: str, folder: Path, form: str) -> tuple[list[dict[str, str]], list[str]]:
    files = sorted((folder / FORMS[form]).iterdir())
    return command(store, "import", *files, "--form", form, "--period", PERIOD)


def command(store: str, *arguments: object) -> tuple[list[dict[str, str]], list[str]]:
    """Return what a command prints, as rows of text, and the lines that it says."""
    out, said = ask(DEFINITIONS, store, *arguments)
    return list(csv.DictReader(io.StringIO(out))), said.splitlines()
