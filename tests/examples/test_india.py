"""Do India's figures of stolen property come out, by definitions that a draft was turned into?"""

import contextlib
import csv
import io
from pathlib import Path

import pytest

import kpi
from data.catalog import load_catalog
from metrics.examples import all_examples, run_examples

HERE = Path(__file__).resolve().parent.parent.parent
EXAMPLE = HERE / "data" / "examples" / "india"
FULL = HERE.parent / "shared" / "real" / "india_property_recovered"
SOURCES = [(EXAMPLE / "property_four_states.csv", EXAMPLE)]
if FULL.is_dir():
    SOURCES += [(FULL / "10_Property_stolen_and_recovered.csv", FULL)]
YEARS = ("--period", ",".join(f"{year}-12" for year in range(2001, 2011)), "--window", "year")
PARTS = {
    "Cases_Property_Recovered": "cases_recovered",
    "Cases_Property_Stolen": "cases_stolen",
    "Value_of_Property_Recovered": "value_recovered",
    "Value_of_Property_Stolen": "value_stolen",
}
# Half a unit of the last published digit.
ROUNDED = 0.00005 + 1e-9


def run(store: str, *arguments: object) -> tuple[int, str, str]:
    base = ["--definitions", str(EXAMPLE / "definitions"), "--store", store, "--lang", "en"]
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = kpi.main([*base, *map(str, arguments)])
    return code, out.getvalue(), err.getvalue()


@pytest.fixture(scope="module", params=SOURCES, ids=["extract", "whole"][: len(SOURCES)])
def loaded(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Path, str]:
    file, tables = request.param
    store = f"sqlite:///{tmp_path_factory.mktemp('india') / 'india.db'}"
    code, _, err = run(store, "import", file, "--form", "ncrb_property")
    assert code == 0, err
    return store, tables, err


def figures(store: str, *arguments: object) -> dict[tuple[str, str, str], dict[str, str]]:
    code, out, err = run(store, "figures", *arguments, *YEARS, "--format", "csv")
    assert code == 0, err
    rows = csv.DictReader(io.StringIO(out))
    return {(row["indicator"], row["unit"], row["period"][:4]): row for row in rows}


def table(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def states() -> dict[str, str]:
    return {unit.name.en: unit.code for unit in load_catalog(EXAMPLE / "definitions").units}


def test_states_and_their_recovery_rates(loaded: tuple[str, Path, str]) -> None:
    store, tables, _ = loaded
    wanted = table(tables, "expected_state_year.csv")
    listed = ",".join([*(f"total_{code}" for code in PARTS.values()), "recovery_value_rate"])
    found = figures(store, "--indicator", listed, "--level", "state")
    codes = states()
    assert len(wanted) in (40, 349)
    for row in wanted:
        key = codes[row["Area_Name"]], row["Year"]
        for name, code in PARTS.items():
            assert float(found[f"total_{code}", *key]["value"]) == float(row[name])
        rate = found["recovery_value_rate", *key]["value"]
        published = row["recovery_value_pct"]
        is_same = abs(float(rate) - float(published)) <= ROUNDED if published else rate == ""
        assert is_same, key


def test_the_country(loaded: tuple[str, Path, str]) -> None:
    store, tables, _ = loaded
    rates = {"recovery_value_pct": "recovery_value_rate", "recovery_case_pct": "recovery_case_rate"}
    listed = ",".join([*(f"total_{code}" for code in PARTS.values()), *rates.values()])
    found = figures(store, "--indicator", listed)
    whole = "expected_national_year.csv"
    wanted = four_states() if tables == EXAMPLE else table(tables, whole)
    for row in wanted:
        for name, code in PARTS.items():
            value = found[f"total_{code}", "india", row["Year"]]["value"]
            assert float(value) == float(row[name])
        for name, code in rates.items():
            rate = float(found[code, "india", row["Year"]]["value"])
            assert abs(rate - float(row[name])) <= ROUNDED


def four_states() -> list[dict[str, str]]:
    """Return what the country comes to where only the states of the extract are loaded."""
    rows = table(EXAMPLE, "expected_state_year.csv")
    found = []
    for year in sorted({row["Year"] for row in rows}):
        sums = {
            name: sum(float(row[name]) for row in rows if row["Year"] == year) for name in PARTS
        }
        rates = {
            "recovery_value_pct": sums["Value_of_Property_Recovered"]
            / sums["Value_of_Property_Stolen"],
            "recovery_case_pct": sums["Cases_Property_Recovered"] / sums["Cases_Property_Stolen"],
        }
        shown = {name: str(100 * value) for name, value in rates.items()}
        found.append({"Year": year} | {k: str(v) for k, v in sums.items()} | shown)
    return found


def test_six_kinds_beside_the_printed_total(loaded: tuple[str, Path, str]) -> None:
    store, tables, err = loaded
    listed = ",".join(f"diff_{code}" for code in PARTS.values())
    found = figures(store, "--indicator", listed, "--level", "state")
    codes, blank = states(), 0
    for row in table(tables, "expected_sum_vs_total_rows.csv"):
        place = row["Area_Name"], row["Year"]
        for name, code in PARTS.items():
            here = found[f"diff_{code}", codes[row["Area_Name"]], row["Year"]]
            if place in (KINDS_MISSING, TOTAL_MISSING):
                # Six kinds of which some are not there are no sum, and no total is not zero.
                assert here["value"] == ""
                blank += 1
                continue
            assert float(here["numerator"]) == float(row[name])
            assert float(here["denominator"]) == float(row[f"{name}_total"])
            assert here["value"] == "0.0"
    assert blank in (4, 8)
    assert "? " not in err


KINDS_MISSING = ("Andaman & Nicobar Islands", "2001")
TOTAL_MISSING = ("Lakshadweep", "2007")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("Assam,2001", "Asam,2001", "'Asam' is not a known unit (did you mean 'Assam'?)"),
        ("Assam,2001", "Assam,20x1", "'20x1' is not a"),
        ("Assam,2001,Burglary - Property,3. Burglary,539.0",
         "Assam,2001,Burglary - Property,3. Burglary,-539", "-539 is below the least"),
        ("Value_of_Property_Stolen", "Value", "is the measure burglary_value_stolen"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named(tmp_path: Path, old: str, new: str, says: str) -> None:
    text = (EXAMPLE / "property_four_states.csv").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "edited.csv"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    code, out, err = run(
        f"sqlite:///{tmp_path / 'x.db'}", "import", path, "--form", "ncrb_property"
    )
    assert (code, out) == (1, "")
    assert says in err
    assert not (tmp_path / "x.db").exists()


def test_the_worked_examples_hold() -> None:
    catalog = load_catalog(EXAMPLE / "definitions")
    assert all(outcome.holds for outcome in run_examples(catalog, all_examples(catalog)))
