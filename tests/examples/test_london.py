"""Do London's published figures come out of the command line, from a workbook nobody here wrote?"""

import csv
import datetime as dt
import io
from pathlib import Path

import polars as pl
import pytest

from tests.examples.speaker import EXAMPLES, Speaker

HERE = Path(__file__).resolve().parent.parent.parent
EXAMPLE = EXAMPLES / "london"
# The whole publication lies beside the repository where it is built; elsewhere the extract serves.
FULL = HERE.parent / "shared" / "real" / "mps_london"
SOURCES = [[EXAMPLE / "mps_dashboard_tno.parquet"]]
SOURCES += [sorted([*FULL.glob("*.xlsx"), *FULL.glob("*.parquet")])] if FULL.is_dir() else []
# Half a unit of the last published digit.
ROUNDED = 0.00005
# The published changes in points are differences of two rates that were rounded before.
TWICE_ROUNDED = 2 * ROUNDED + 1e-9


class London(Speaker):
    """A store with London's figures, spoken to through the command line."""

    def __init__(self, folder: Path) -> None:
        super().__init__(EXAMPLE / "definitions", folder / "london.db")

    def load(self, *files: Path) -> tuple[int, str, str]:
        return self.run("import", *files, "--form", "mps_dashboard")

    def figures(self, *arguments: object) -> list[dict[str, str]]:
        return self.rows("figures", *arguments)


@pytest.fixture
def london(tmp_path: Path) -> London:
    return London(tmp_path)


@pytest.fixture(scope="module", params=SOURCES, ids=lambda files: f"{len(files)} files")
def published(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> London:
    found = London(tmp_path_factory.mktemp("published"))
    code, _, err = found.load(*request.param)
    assert code == 0, err
    return found


def expected(name: str) -> list[dict[str, str]]:
    with (EXAMPLE / name).open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def code_of(published: str) -> str:
    return published.lower().replace(" / ", "_").replace(" ", "_")


def number(text: str) -> float | None:
    return float(text) if text else None


def is_near(found: str, wanted: str, within: float = ROUNDED) -> bool:
    if not wanted:
        return not found
    return abs(float(found) - float(wanted)) <= within


def test_published_figures_are_reproduced(published: London) -> None:
    wanted = "recorded,cleared,clearance_rate"
    span = ("--from", "2021-08", "--to", "2024-03")

    found = published.figures("--indicator", wanted, "--level", "borough", *span)
    month = {(r["indicator"], r["unit"], r["period"]): r["value"] for r in found}
    rows = expected("expected_tno_borough_month.csv")
    assert len(rows) == 34 * 32
    for row in rows:
        key = (code_of(row["borough_snt"]), row["month"])
        assert number(month["recorded", *key]) == float(row["recorded"])
        assert number(month["cleared", *key]) == float(row["cleared"])
        assert is_near(month["clearance_rate", *key], row["clearance_pct"]), key

    found = published.figures("--indicator", wanted, *span, "--compare", "yoy")
    city = {(r["indicator"], r["period"]): r for r in found}
    for row in expected("expected_tno_london_month_yoy.csv"):
        for name in ("recorded", "cleared"):
            here = city[name, row["month"]]
            assert number(here["value"]) == float(row[name])
            assert number(here["base_value"]) == number(row[f"{name}_py"])
            assert is_near(here["change"], row[f"{name}_yoy_pct"])
            assert here["change_kind"] == ("pct" if row[f"{name}_py"] else "none")
        rate = city["clearance_rate", row["month"]]
        assert is_near(rate["value"], row["clearance_pct"])
        assert is_near(rate["base_value"], row["clearance_pct_py"])
        assert is_near(rate["change"], row["clearance_pp_change"], TWICE_ROUNDED)


def test_published_financial_years_are_reproduced(published: London) -> None:
    found = published.figures(
        "--indicator", "recorded,cleared,clearance_rate", "--level", "borough",
        "--period", "2023-03,2024-03", "--window", "year", "--compare", "yoy",
    )  # fmt: skip
    year = {(r["indicator"], r["unit"], r["period"]): r for r in found}
    for row in expected("expected_tno_borough_fy_fy2223_fy2324.csv"):
        unit = code_of(row["borough_snt"])
        for period, span in (("2023-03", "22-23"), ("2024-03", "23-24")):
            for name in ("recorded", "cleared"):
                assert number(year[name, unit, period]["value"]) == float(row[f"{name}_{span}"])
            rate = year["clearance_rate", unit, period]["value"]
            assert is_near(rate, row[f"clearance_pct_{span}"])
        for name in ("recorded", "cleared"):
            here = year[name, unit, "2024-03"]
            if row[f"{name}_yoy_pct"]:
                assert is_near(here["change"], row[f"{name}_yoy_pct"])
            else:
                assert (here["note"], here["change_kind"]) == ("zero_base", "abs")
        rate = year["clearance_rate", unit, "2024-03"]
        assert is_near(rate["change"], row["clearance_pp_change"], TWICE_ROUNDED)


def test_the_same_edition_again_writes_nothing(london: London) -> None:
    assert london.load(*SOURCES[0])[0] == 0
    code, out, err = london.load(*SOURCES[0])
    assert code == 0
    assert "nothing was written" in err
    assert next(csv.DictReader(io.StringIO(out)))["receipt"] == ""


def edition(path: Path, rows: list[dict]) -> Path:
    """Write rows as a csv edition with the workbook's headings, below a title line."""
    columns = ["Month_Year", "Area Type", "Borough_SNT", "Area name", "Crime Subtype", "Measure"]
    with path.open("w", encoding="gb18030", newline="") as stream:
        stream.write("MPS Monthly Crime Dashboard\n\n")
        writer = csv.DictWriter(stream, [*columns, "Count"])
        writer.writeheader()
        writer.writerows(rows)
    return path


def row(month: str, borough: str, count: object, **other: str) -> dict:
    return {
        "Month_Year": month,
        "Area Type": "Borough",
        "Borough_SNT": borough,
        "Area name": borough,
        "Crime Subtype": "TNO Victim Based",
        "Measure": "Offences",
        "Count": count,
    } | {name.replace("_", " "): value for name, value in other.items()}


def test_a_later_month_comes_in_by_the_same_definitions(london: London, tmp_path: Path) -> None:
    london.load(*SOURCES[0])
    outcome = {"Measure": "Positive Outcomes"}
    rows = [
        row("01/2025", "Camden", "1,204"),
        row("Jan-25", "Barnet", 10, Crime_Subtype="TNO Non  victim based"),
        row("2025-01-01", "kingston upon thames", 7),
        row("2025-01-01", "Camden", 30, **outcome),
        row("2025-01-01", "Camden - Bloomsbury", 900, Area_Type="Safer Neighbourhood Teams"),
    ]
    code, _, err = london.load(edition(tmp_path / "later.csv", rows))
    assert code == 0, err
    found = london.figures(
        "--indicator", "recorded,cleared", "--level", "borough", "--period", "2025-01"
    )
    values = {(r["indicator"], r["unit"]): float(r["value"]) for r in found}
    assert values["recorded", "camden"] == 1204
    assert values["recorded", "barnet"] == 10
    assert values["recorded", "kingston_upon_thames"] == 7
    assert values["recorded", "sutton"] == 0  # no row is no offence, in a month that is covered
    assert values["cleared", "camden"] == 30
    assert sum(value for (name, _), value in values.items() if name == "recorded") == 1221


def test_outcomes_that_are_not_out_yet_are_missing_not_zero(london: London, tmp_path: Path) -> None:
    london.load(edition(tmp_path / "offences.csv", [row("2025-02", "Camden", 5)]))
    found = london.figures("--indicator", "recorded,cleared", "--period", "2025-02")
    assert [r["value"] for r in found] == ["5.0", ""]


def test_a_revised_edition_is_a_new_vintage(london: London, tmp_path: Path) -> None:
    first = edition(tmp_path / "a.csv", [row("2025-01", "Camden", 5), row("2025-01", "Brent", 3)])
    second = edition(tmp_path / "b.csv", [row("2025-01", "Camden", 6)])
    code, _, _ = london.run("import", first, "--form", "mps_dashboard", "--vintage", "2025-02-10")
    assert code == 0
    code, out, _ = london.run(
        "import", second, "--form", "mps_dashboard", "--vintage", "2025-03-10"
    )
    report = next(csv.DictReader(io.StringIO(out)))
    assert (code, report["revised"], report["withdrawn"]) == (0, "2", "0")
    asked = ("--indicator", "recorded", "--unit", "camden,brent", "--period", "2025-01")
    assert [r["value"] for r in london.figures(*asked)] == ["6.0", "0.0"]
    known = london.figures(*asked, "--as-of", "2025-03-09")
    assert [r["value"] for r in known] == ["5.0", "3.0"]
    code, _, err = london.run("import", first, "--form", "mps_dashboard", "--vintage", "2025-01-10")
    assert code == 2
    assert "2025-03-10" in err


@pytest.mark.parametrize(
    ("wrong", "cell", "says"),
    [
        (row("2025-01", "Camdon", 5), "C5", "did you mean 'Camden'"),
        (row("2025-01", "Camden", "five"), "G5", "'five' is not a number"),
        (row("2025-01", "Camden", -5), "G5", "below the least"),
        (row("2025-13", "Camden", 5), "A5", "'2025-13' is not a month"),
    ],
)
def test_what_cannot_be_used_is_listed_and_nothing_is_stored(
    london: London, tmp_path: Path, wrong: dict, cell: str, says: str
) -> None:
    rows = [row("2025-01", "Brent", 3), wrong]
    code, out, err = london.load(edition(tmp_path / "wrong.csv", rows))
    assert (code, out) == (1, "")
    assert says in err
    assert f"✗ wrong.csv!{cell}:" in err
    assert not london.path.exists()


def test_two_different_rows_for_a_cell_are_a_finding(london: London, tmp_path: Path) -> None:
    rows = [row("2025-01", "Brent", 3), row("2025-01", "Brent", 4)]
    code, _, err = london.load(edition(tmp_path / "twice.csv", rows))
    assert code == 1
    assert "3, 4" in err
    # Rows for different kinds of place are parts of one area.
    parts = [
        row("2025-01", "Other / NK", 3, Area_name="N/K (Legacy Only)"),
        row("2025-01", "Other / NK", 4, Area_name=""),
    ]
    assert london.load(edition(tmp_path / "parts.csv", parts))[0] == 0
    (found,) = london.figures(
        "--indicator", "recorded", "--unit", "other_nk", "--period", "2025-01"
    )
    assert found["value"] == "7.0"


def test_a_missing_column_is_named(london: London, tmp_path: Path) -> None:
    path = edition(tmp_path / "cut.csv", [row("2025-01", "Brent", 3)])
    path.write_text(path.read_text(encoding="gb18030").replace("Borough_SNT", "Borough_SNTs"))
    code, _, err = london.load(path)
    assert code == 2
    assert "'Borough_SNT' (did you mean 'Borough_SNTs'?)" in err
    assert err.count("\n") == 1


def test_every_figure_leads_to_its_cells(london: London) -> None:
    london.load(*SOURCES[0])
    code, out, err = london.run(
        "passport", "--indicator", "clearance_rate", "--unit", "camden", "--period", "2024-03"
    )
    assert code == 0
    cells = list(csv.DictReader(io.StringIO(out)))
    frame = pl.read_parquet(SOURCES[0][0])
    totals = {"numerator": 0.0, "denominator": 0.0}
    for cell in cells:
        # The cell names the row of the file: row 1 holds the headings.
        line = frame.row(int(cell["cell"].lstrip("K")) - 2, named=True)
        assert (line["borough_snt"], line["month"]) == ("Camden", dt.date(2024, 3, 1))
        assert float(cell["value"]) == line["count"]
        totals[cell["role"]] += float(cell["value"])
    published = next(
        r
        for r in expected("expected_tno_borough_month.csv")
        if (r["borough_snt"], r["month"]) == ("Camden", "2024-03")
    )
    assert totals["numerator"] == float(published["cleared"])
    assert totals["denominator"] == float(published["recorded"])
    assert "Clearance rate · Camden · 2024-03" in err
