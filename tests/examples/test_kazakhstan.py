"""Do the ministry's regional workbooks become the published figures, and wrong ones findings?"""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from benchmarks.real import kazakhstan
from tests.examples.speaker import EXAMPLES, Speaker

HERE = Path(__file__).resolve().parent.parent.parent
EXAMPLE = EXAMPLES / "kazakhstan"
# All workbooks as published lie beside the repository where it is built.
FULL = HERE.parent / "shared" / "real" / "kz_regional_returns"
FOLDERS = [EXAMPLE, *([FULL] if FULL.is_dir() else [])]
FORM_1M, FORM_SNG1 = EXAMPLE / "form_1M", EXAMPLE / "form_SNG1"
AKMOLA = FORM_1M / "Akmola Region.XLSX"
AKMOLA_SNG1 = FORM_SNG1 / "Akmola region.XLSX"
# Half a unit of the last published digit.
ROUNDED = 0.00005 + 1e-9
# Column of the published table → indicator.
FIGURES = {
    "all_in_progress": "all_in_progress",
    "all_registered": "all_registered",
    "all_completed": "all_completed",
    "crimes_in_progress": "in_progress",
    "crimes_registered": "registered",
    "crimes_completed": "completed",
    "all_damage_kKZT": "all_damage",
    "all_recovered_kKZT": "all_recovered",
    "all_seized_kKZT": "all_seized",
    "crimes_damage_kKZT": "damage",
    "crimes_recovered_kKZT": "recovered",
    "crimes_seized_kKZT": "seized",
    "sng1_registered": "sng1_registered",
    "sng1_completed": "sng1_completed",
    "sng1_interrupted": "sng1_interrupted",
    "sng1_persons": "sng1_persons",
    "all_clearance_pct": "all_clearance_rate",
    "crimes_clearance_pct": "clearance_rate",
    "recovery_pct": "all_recovery_rate",
}


class Kazakhstan(Speaker):
    """A store with Kazakhstan's figures, spoken to through the command line."""

    def __init__(self, folder: Path) -> None:
        super().__init__(EXAMPLE / "definitions", folder / "kazakhstan.db")

    def load(self, *files: Path, form: str = "form_1m", **options: str) -> tuple[int, str, str]:
        options = {"period": "2023-12", **options}
        words = [word for key, value in options.items() for word in (f"--{key}", value)]
        return self.run("import", *files, "--form", form, *words)

    def figures(self, *indicators: str, period: str = "2023-12") -> dict[tuple[str, str], str]:
        asked = ("--level", "region", "--period", period, "--window", "year")
        rows = self.rows("figures", "--indicator", ",".join(indicators), *asked)
        return {(row["indicator"], row["unit"]): row["value"] for row in rows}


@pytest.fixture
def fresh(tmp_path: Path) -> Kazakhstan:
    return Kazakhstan(tmp_path)


@pytest.fixture
def changed(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that copies a workbook, changes it, and says where the copy is."""

    def change(source: Path, name: str = "", title: str | None = None, **cells: object) -> Path:
        book = openpyxl.load_workbook(source)
        for place, value in cells.items():
            sheet, cell = place.split("_")
            book[sheet][cell] = value
        if title is not None:
            book.properties.title = title
        target = tmp_path / (name or source.name)
        book.save(target)
        return target

    return change


def expected() -> list[dict[str, str]]:
    with (EXAMPLE / "expected_units.csv").open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def code_of(unit: str) -> str:
    return unit.lower().replace(" ", "_").replace("-", "_")


def test_published_figures_are_reproduced(fresh: Kazakhstan) -> None:
    assert fresh.load(*FORM_1M.iterdir())[0] == 0
    assert fresh.load(*FORM_SNG1.iterdir(), form="form_sng1")[0] == 0
    found = fresh.figures(*FIGURES.values())
    rows = [row for row in expected() if code_of(row["unit"]) in ("akmola_region", "ulytau_region")]
    assert len(rows) == 2
    for row in rows:
        for column, indicator in FIGURES.items():
            value = float(found[indicator, code_of(row["unit"])])
            assert abs(value - float(row[column])) <= ROUNDED, (row["unit"], column)


def test_recovery_is_that_of_crimes(fresh: Kazakhstan) -> None:
    fresh.load(AKMOLA)
    # 3,998,418.357 of 9,492,616.046 thousand tenge, row 3 of R4.
    rate = float(fresh.figures("recovery_rate")["recovery_rate", "akmola_region"])
    assert rate == pytest.approx(42.1214, abs=ROUNDED)


@pytest.mark.parametrize("folder", FOLDERS, ids=["extract", "published"][: len(FOLDERS)])
def test_every_workbook_gives_every_figure(folder: Path, tmp_path: Path) -> None:
    files = len(list((folder / "form_1M").iterdir()))
    figures, again = kazakhstan.run(folder, tmp_path / "work")
    assert (figures.checked, figures.equal, figures.findings) == (files * 19, files * 19, 0)
    assert (again.checked, again.equal) == (2 * files, 2 * files)


def test_the_regions_are_added_up(fresh: Kazakhstan) -> None:
    fresh.load(*FORM_1M.iterdir())
    code, out, _ = fresh.run(
        "figures", "--indicator", "registered,clearance_rate", "--level", "country",
        "--period", "2023-12", "--window", "year",
    )  # fmt: skip
    assert code == 0
    registered, rate = csv.DictReader(io.StringIO(out))
    assert float(registered["value"]) == 4535 + 727
    assert (registered["due"], registered["reported"]) == ("20", "2")
    assert float(rate["value"]) == pytest.approx((2713 + 151) / (4535 + 727) * 100)


def test_the_same_workbooks_again_change_nothing(fresh: Kazakhstan) -> None:
    fresh.load(*FORM_1M.iterdir())
    before = fresh.run("audit", "verify")
    code, out, err = fresh.load(*FORM_1M.iterdir())
    assert code == 0
    assert [row["receipt"] for row in csv.DictReader(io.StringIO(out))] == ["", ""]
    assert "nothing was written" in err
    assert fresh.run("audit", "verify") == before


def test_another_year_comes_in_by_the_same_definitions(
    fresh: Kazakhstan, changed: Callable[..., Path]
) -> None:
    fresh.load(AKMOLA)
    later = changed(AKMOLA, R1_F9=5000, R1_F7=5782)
    assert fresh.load(later, period="2024-12")[0] == 0
    assert fresh.figures("registered", period="2024-12")["registered", "akmola_region"] == "5000.0"
    assert fresh.figures("registered")["registered", "akmola_region"] == "4535.0"


def test_another_region_is_known_by_its_title_alone(
    fresh: Kazakhstan, changed: Callable[..., Path]
) -> None:
    title = "1-M  область Жетісу (Свод)"
    other = changed(AKMOLA, "return (3).xlsx", title)
    code, _, err = fresh.load(other)
    assert code == 0, err
    assert fresh.figures("registered")["registered", "zhetysu_region"] == "4535.0"


@pytest.mark.parametrize("name", ["Jetisu region.XLSX", "Zhetysu Region.xlsx"])
def test_another_region_is_known_by_its_file_name_alone(
    fresh: Kazakhstan, changed: Callable[..., Path], name: str
) -> None:
    assert fresh.load(changed(AKMOLA, name, title=""))[0] == 0
    assert fresh.figures("registered")["registered", "zhetysu_region"] == "4535.0"


def test_all_regions_are_known_under_every_spelling(
    fresh: Kazakhstan, changed: Callable[..., Path]
) -> None:
    with (EXAMPLE / "definitions" / "unit_aliases.csv").open(encoding="utf-8") as stream:
        aliases = list(csv.DictReader(stream))
    with (EXAMPLE / "definitions" / "units.csv").open(encoding="utf-8") as stream:
        regions = {row["code"] for row in csv.DictReader(stream)} - {"kazakhstan"}
    assert len(regions) == 20
    assert {row["unit"] for row in aliases} == regions


@pytest.mark.parametrize(
    ("change", "says"),
    [
        # What the number's own cell says.
        ({"R1_F9": "н/д"}, "!R1!F9: 'н/д' is not a number"),
        ({"R1_F9": "#DIV/0!"}, "!R1!F9: '#DIV/0!' is not a number"),
        ({"R1_F9": "=F7+F8"}, "!R1!F9: '=F7+F8' is not a number"),
        ({"R1_F9": "4535"}, "!R1!F9: '4535' is a number kept as text"),
        ({"R1_J9": None}, "!R1!J9: this cell is blank"),
        ({"R4_K9": -5}, "!R4!K9: -5 is below the least possible value 0"),
        # Codes and headings that moved.
        ({"R1_D9": 33}, "!R1!D6: there is no '3' (row)"),
        ({"R1_J6": 66}, "!R1!E6: there is no '6' (col)"),
        ({"R1_B9": "тяжкие"}, "!R1!C9: '/преступлени/' (name) should stand here"),
        ({"R1_F4": "Количество лиц"}, "there is no '/зарегистрированных в ЕРДР/' (heading)"),
        ({"R4_D6": None}, "!R4!A1: the heading 'Б' (col) is not there"),
        # What the sheets and the title say of themselves.
        ({"R1_A2": "Форма отчета № 2-М"}, "!R1: nothing on the sheet says"),
        ({"R4_A1": "Раздел 4 (в тенге)"}, "!R4: nothing on the sheet says"),
        ({"title": "1-M  Гренландия (Свод)"}, "'Гренландия' in the document title is not a known"),
        ({"title": "2-M  Акмолинская область (Свод)"}, "the document title says '2-M"),
        ({"title": "1-M  Алматы (Свод)"}, "says 'Akmola Region', but the document title says 'А"),
        ({"name": "Almaty.XLSX"}, "the file name says 'Almaty', but the document title says"),
        # Totals that no longer add up.
        ({"R1_F9": 4553}, "!R1!F7: "),
        ({"R4_E9": 1}, "!R4!E7: "),
    ],
)
def test_a_damaged_workbook_is_refused_by_cell_and_nothing_is_stored(
    fresh: Kazakhstan, changed: Callable[..., Path], change: dict, says: str
) -> None:
    wrong = changed(AKMOLA, **change)
    code, out, err = fresh.load(FORM_1M / "Ulytau Region.XLSX", wrong)
    assert (code, out) == (1, "")
    assert says in err
    assert wrong.name in err
    assert not fresh.path.exists()


def test_a_region_that_contradicts_the_command_line_is_refused(fresh: Kazakhstan) -> None:
    code, _, err = fresh.load(AKMOLA, unit="almaty_region")
    assert code == 1
    assert "the file is about akmola_region, not about the chosen unit almaty_region" in err
    assert fresh.load(AKMOLA, unit="akmola_region")[0] == 0


def test_without_title_and_known_name_the_command_line_names_the_region(
    fresh: Kazakhstan, changed: Callable[..., Path]
) -> None:
    nameless = changed(AKMOLA, "book.xlsx", title="")
    code, _, err = fresh.load(nameless)
    assert code == 1
    assert "nothing says which unit this is" in err
    assert fresh.load(nameless, unit="akmola_region")[0] == 0


def test_without_a_period_nothing_is_stored(fresh: Kazakhstan) -> None:
    code, _, err = fresh.run("import", AKMOLA, "--form", "form_1m")
    assert code == 1
    assert "nothing says which period this is" in err
    assert not fresh.path.exists()


def test_a_year_is_refused_in_a_month_within_it(fresh: Kazakhstan) -> None:
    # Stored in July and in December, one year would count twice.
    code, _, err = fresh.run("import", AKMOLA, "--form", "form_1m", "--period", "2023-07")
    assert code == 1
    # Once, for all measures of the form.
    assert err.count("2023-07 is not the last month of one; this one ends in 2023-12") == 1
    assert not fresh.path.exists()


@pytest.mark.parametrize(
    ("file", "form"), [(AKMOLA, "form_sng1"), (AKMOLA_SNG1, "form_1m")], ids=["1-M", "SNG-1"]
)
def test_the_wrong_form_is_refused(fresh: Kazakhstan, file: Path, form: str) -> None:
    code, _, err = fresh.load(file, form=form)
    assert code == 1
    assert "nothing on the sheet says" in err
    assert not fresh.path.exists()


def test_a_missing_sheet_is_named_with_those_that_are_there(
    fresh: Kazakhstan, tmp_path: Path
) -> None:
    book = openpyxl.load_workbook(AKMOLA)
    book["R4"].title = "R04"
    book.save(tmp_path / "Akmola Region.XLSX")
    code, _, err = fresh.load(tmp_path / "Akmola Region.XLSX")
    assert code == 1
    assert "there is no sheet 'R4'. Sheets there are: R1, R04." in err


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"R1_E7": 4553}, "!R1!E7: "),
        ({"R1_G7": 2731}, "!R1!G7: "),
    ],
)
def test_the_two_forms_must_state_the_same_totals(
    fresh: Kazakhstan, changed: Callable[..., Path], change: dict, says: str
) -> None:
    wrong = changed(AKMOLA_SNG1, **change)
    assert fresh.load(AKMOLA)[0] == 0
    code, _, err = fresh.load(wrong, form="form_sng1")
    assert code == 1
    assert says in err
    assert "sng1" not in fresh.run("figures", "--indicator", "registered")[1]
    assert set(fresh.figures("sng1_registered").values()) == {""}
    # The whole return is taken, and the same year later on.
    assert fresh.load(AKMOLA_SNG1, form="form_sng1")[0] == 0


def test_the_two_forms_are_compared_whichever_comes_first(
    fresh: Kazakhstan, changed: Callable[..., Path]
) -> None:
    wrong = changed(AKMOLA_SNG1, R1_E7=4553)
    assert fresh.load(wrong, form="form_sng1")[0] == 0
    code, _, err = fresh.load(AKMOLA)
    assert code == 1
    assert "Akmola Region.XLSX!R1!F9: " in err
    assert "4,553" in err
    # Corrected, both are in.
    assert fresh.load(AKMOLA_SNG1, form="form_sng1")[0] == 0
    assert fresh.load(AKMOLA)[0] == 0


def test_every_figure_leads_to_its_cells(fresh: Kazakhstan) -> None:
    fresh.load(AKMOLA)
    code, out, _ = fresh.run(
        "passport", "--indicator", "clearance_rate", "--unit", "akmola_region",
        "--period", "2023-12", "--window", "year",
    )  # fmt: skip
    assert code == 0
    cells = {row["role"]: (row["sheet"], row["cell"]) for row in csv.DictReader(io.StringIO(out))}
    assert cells == {"numerator": ("R1", "J9"), "denominator": ("R1", "F9")}


def test_a_check_lists_everything_and_stores_nothing(fresh: Kazakhstan) -> None:
    code, out, err = fresh.run(
        "check", AKMOLA, "--form", "form_1m", "--period", "2023-12", "--format", "csv"
    )
    assert code == 0, err
    assert {row["severity"] for row in csv.DictReader(io.StringIO(out))} == {"info"}
    assert not fresh.path.exists()
