"""Do London's published offences and outcomes come out of the command line?"""

import csv
import io
from pathlib import Path

from benchmarks.real.command import ask
from benchmarks.real.outcome import Outcome

ROOT = Path(__file__).resolve().parent.parent.parent
DEFINITIONS = ROOT / "data" / "examples" / "london" / "definitions"
CODES = "recorded,cleared,clearance_rate"
MONTHS = ("--from", "2021-08", "--to", "2024-03")
YEARS = {"22-23": "2023-03", "23-24": "2024-03"}
# Half a unit of the last published digit; a change in points is a difference of two such rates.
ROUNDED = 0.00005 + 1e-9


def run(folder: Path, work: Path) -> list[Outcome]:
    """Return one outcome a published table, from the workbook and the Parquet copy together."""
    work.mkdir(parents=True, exist_ok=True)
    store = f"sqlite:///{work / 'london.db'}"
    files = sorted([*folder.glob("*.xlsx"), *folder.glob("*.parquet")])
    printed, said = ask(DEFINITIONS, store, "import", *files, "--form", "mps_dashboard")
    cells = sum(int(row["facts"]) for row in csv.DictReader(io.StringIO(printed)))
    counts = (cells, sum(line.startswith(("✗", "?")) for line in said.splitlines()))
    return [
        _months(store, folder, counts),
        _city(store, folder, counts),
        _years(store, folder, counts),
    ]


def figures(store: str, *arguments: str) -> dict[tuple[str, str, str], dict[str, str]]:
    """Return figures by indicator, unit and month."""
    printed, _ = ask(DEFINITIONS, store, "figures", "--indicator", CODES, *arguments)
    rows = csv.DictReader(io.StringIO(printed))
    return {(row["indicator"], row["unit"], row["period"]): row for row in rows}


def unit_of(published: str) -> str:
    """Return the code of an area.

    >>> unit_of("Other / NK")
    'other_nk'
    """
    return published.lower().replace(" / ", "_").replace(" ", "_")


def _months(store: str, folder: Path, counts: tuple[int, int]) -> Outcome:
    name = "expected_tno_borough_month.csv"
    found = figures(store, "--level", "borough", *MONTHS)
    pairs = []
    for row in _rows(folder / name):
        key = (unit_of(row["borough_snt"]), row["month"])
        pairs += [(found[code, *key]["value"], row[code]) for code in ("recorded", "cleared")]
        pairs += [(found["clearance_rate", *key]["value"], row["clearance_pct"])]
    return _outcome(name, counts, pairs)


def _city(store: str, folder: Path, counts: tuple[int, int]) -> Outcome:
    name = "expected_tno_london_month_yoy.csv"
    found = figures(store, *MONTHS, "--compare", "yoy")
    city = {(code, month): row for (code, _, month), row in found.items()}
    pairs = []
    for row in _rows(folder / name):
        for code in ("recorded", "cleared"):
            here = city[code, row["month"]]
            pairs += [(here["value"], row[code]), (here["base_value"], row[f"{code}_py"])]
            pairs += [(here["change"], row[f"{code}_yoy_pct"])]
        rate = city["clearance_rate", row["month"]]
        pairs += [(rate["value"], row["clearance_pct"])]
        pairs += [(rate["base_value"], row["clearance_pct_py"])]
        pairs += [(rate["change"], row["clearance_pp_change"])]
    return _outcome(name, counts, pairs)


def _years(store: str, folder: Path, counts: tuple[int, int]) -> Outcome:
    name = "expected_tno_borough_fy_fy2223_fy2324.csv"
    asked = ("--level", "borough", "--period", ",".join(YEARS.values()), "--window", "year")
    found = figures(store, *asked, "--compare", "yoy")
    pairs = []
    for row in _rows(folder / name):
        unit = unit_of(row["borough_snt"])
        for span, month in YEARS.items():
            pairs += [
                (found[code, unit, month]["value"], row[f"{code}_{span}"])
                for code in ("recorded", "cleared")
            ]
            rate = found["clearance_rate", unit, month]["value"]
            pairs += [(rate, row[f"clearance_pct_{span}"])]
        last = YEARS["23-24"]
        for code in ("recorded", "cleared"):
            change = found[code, unit, last]
            is_pct = change["change_kind"] == "pct"
            pairs += [(change["change"] if is_pct else "", row[f"{code}_yoy_pct"])]
        change = found["clearance_rate", unit, last]["change"]
        pairs += [(change, row["clearance_pp_change"])]
    return _outcome(name, counts, pairs)


def _outcome(name: str, counts: tuple[int, int], pairs: list[tuple[str, str]]) -> Outcome:
    equal = sum(_agrees(value, published) for value, published in pairs)
    rest = len(pairs) - equal
    reasons = {"not explained": rest} if rest else {}
    return Outcome("london", name, *counts, len(pairs), equal, reasons)


def _agrees(value: str, published: str) -> bool:
    if not value or not published:
        return value == published
    # Differences in points are published from rates that were rounded before.
    return abs(float(value) - float(published)) <= 2 * ROUNDED


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
