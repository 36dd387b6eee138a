"""Do the People Survey's published figures come out of the command line, from six layouts?"""

import csv
import io
import shutil
from pathlib import Path

import openpyxl
import pytest

from tests.examples.speaker import EXAMPLES, Speaker

EXAMPLE = EXAMPLES / "csps"
DEFINITIONS = EXAMPLE / "definitions"
WAVES = (2009, 2012, 2013, 2014, 2015, 2016)
HALF = 0.5 + 1e-9


class Survey(Speaker):
    """A store with the survey's figures, spoken to through the command line."""

    def __init__(self, folder: Path, definitions: Path = DEFINITIONS) -> None:
        super().__init__(definitions, folder / "csps.db")

    def load(self, *paths: Path) -> tuple[int, str]:
        code, _, err = self.run("import", *paths, "--form", "people_survey")
        return code, err

    def figures(self, indicators: str, year: int, *more: str) -> dict[tuple[str, str], dict]:
        asked = ("--indicator", indicators, "--period", f"{year}-12", "--window", "year")
        rows = self.rows("figures", *asked, *more)
        return {(r["indicator"], r["unit"]): r for r in rows}


def workbook(year: int) -> Path:
    return EXAMPLE / f"csps{year}_allorganisations_extract.xlsx"


@pytest.fixture(scope="module")
def survey(tmp_path_factory: pytest.TempPathFactory) -> Survey:
    found = Survey(tmp_path_factory.mktemp("csps"))
    code, err = found.load(*map(workbook, WAVES))
    assert code == 0, err
    return found


@pytest.fixture
def empty(tmp_path: Path) -> Survey:
    return Survey(tmp_path)


def expected(name: str) -> list[dict[str, str]]:
    with (EXAMPLE / name).open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def units() -> dict[str, str]:
    """Return the codes of organisations by their names and other spellings."""
    found = {}
    for name, column in (("units.csv", "name_en"), ("unit_aliases.csv", "alias")):
        with (DEFINITIONS / name).open(encoding="utf-8") as stream:
            for row in csv.DictReader(stream):
                found.setdefault(row[column], row.get("code") or row["unit"])
    return found


def test_changes_of_engagement_from_2014_to_2015(survey: Survey) -> None:
    found = survey.figures("engagement_index", 2015, "--level", "organisation", "--compare", "yoy")
    groups = survey.figures("engagement_index", 2015, "--level", "group", "--compare", "yoy")
    rows, code = expected("expected_engagement_change_2014_2015.csv"), units()
    assert len(rows) == 83
    for row in rows:
        here = (found | groups)["engagement_index", code[row["organisation"]]]
        assert float(here["value"]) == float(row["2015"])
        assert float(here["base_value"]) == float(row["2014"])
        assert float(here["change"]) == float(row["change_pts"])
        assert here["change_kind"] == "points"


def test_the_benchmark_is_the_median_of_the_organisations(survey: Survey) -> None:
    """Printed percentages give the published median, or half a point from it."""
    organisations = {2009: 94, 2012: 97, 2013: 98, 2014: 101, 2015: 96, 2016: 98}
    for row in expected("expected_median_vs_published_benchmark.csv"):
        if int(row["year"]) not in WAVES:
            continue
        published = survey.figures("engagement_index", int(row["year"]))
        (benchmark,) = (here["value"] for here in published.values())
        assert float(benchmark) == float(row["published_benchmark"])
    for year, count in organisations.items():
        asked = ("--level", "organisation", "--compare", "peers")
        found = survey.figures("engagement_index", year, *asked)
        benchmark = survey.figures("engagement_index", year)["engagement_index", "civil_service"]
        held = [here for here in found.values() if here["value"]]
        assert len(held) == count
        for here in held:
            assert here["compared_units"] == str(count)
            assert abs(float(here["base_value"]) - float(benchmark["value"])) <= HALF
            away = float(here["value"]) - float(here["base_value"])
            assert float(here["change"]) == pytest.approx(away)


def test_the_engagement_index_of_2016_is_read_from_the_workbook(survey: Survey) -> None:
    """The tidy extraction lacks it; the workbook has one line of headings more that year."""
    found = survey.figures("engagement_index,theme_leadership", 2016, "--level", "organisation")
    assert float(found["engagement_index", "attgen"]["value"]) == 74
    assert float(found["theme_leadership", "crnprs"]["value"]) == 43
    assert float(found["engagement_index", "estyn"]["value"]) == 76


def test_columns_are_found_by_their_headings(survey: Survey) -> None:
    found = survey.figures("response_rate,w01,w02,w03,w04", 2015, "--unit", "attgen")
    value = {key[0]: float(row["value"]) for key, row in found.items()}
    assert value == {"response_rate": 97, "w01": 72, "w02": 79, "w03": 62, "w04": 47}
    found = survey.figures("w01,response_rate", 2009, "--unit", "attgen")
    assert [row["value"] for row in found.values()] == ["", ""]  # not asked in 2009


def test_aggregates_are_not_organisations(survey: Survey) -> None:
    organisations = survey.figures("engagement_index", 2016, "--level", "organisation")
    codes = {key[1] for key in organisations}
    assert codes.isdisjoint({"csbnch", "hofgrp", "jstgrp", "statgp"})
    groups = survey.figures("engagement_index", 2016, "--level", "group")
    value = {key[1]: row["value"] for key, row in groups.items() if row["value"]}
    assert value == {"g_home": "53.0", "g_justice": "54.0", "g_statistics": "60.0"}


def test_a_name_means_the_unit_that_bore_it_then(survey: Survey) -> None:
    """The Statistics Authority and the ONS: one return in 2009 and 2015, an aggregate in 2016."""
    value = {}
    for year in (2009, 2015, 2016):
        found = survey.figures("engagement_index", year, "--unit", "statgp_2009,statgp_2015,statgp")
        value[year] = [row["value"] for row in found.values()]
    assert value == {2009: ["55.0", "", ""], 2015: ["", "54.0", ""], 2016: ["", "", "60.0"]}


def test_two_units_cannot_bear_a_name_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "definitions"
    shutil.copytree(DEFINITIONS, folder)
    with (folder / "unit_aliases.csv").open("a", encoding="utf-8") as stream:
        stream.write("metoff,Survey of Britain\nordsrv,Survey of Britain\n")
    code, _, err = Survey(tmp_path, folder).run("definitions", "check")
    assert code != 0
    assert "already stands for unit 'metoff'" in err


def test_the_same_workbooks_again_write_nothing(survey: Survey) -> None:
    code, err = survey.load(workbook(2014))
    assert code == 0
    assert "nothing was written" in err


def tidy(path: Path, *rows: str) -> Path:
    head = "year,dept_group,organisation,org_code,measure,value,is_aggregate,question_measure"
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return path


def test_a_wave_of_the_tidy_file_is_read_by_the_same_form(empty: Survey, tmp_path: Path) -> None:
    path = tidy(
        tmp_path / "org_year_measure.csv",
        '2010,"Defence, Ministry of",Defence Support Group,,engagement_index,49.0,true,x',
        "2010,,Civil Service 2010 benchmark (median),,engagement_index,56.0,true,x",
        "2011,Defence,Dstl,,engagement_index,62.0,false,x",
    )
    assert empty.run("import", path, "--form", "people_survey", "--period", "2010-12")[0] == 0
    found = empty.figures("engagement_index", 2010, "--unit", "civil_service,defsup")
    assert [row["value"] for row in found.values()] == ["56.0", "49.0"]
    assert empty.figures("engagement_index", 2011, "--unit", "dstl")[
        "engagement_index", "dstl"
    ]["value"] == ""  # fmt: skip


def test_sheets_in_percent_are_told_from_sheets_in_fractions(empty: Survey, tmp_path: Path) -> None:
    path = tmp_path / "csps2010.xlsx"
    book = openpyxl.load_workbook(workbook(2014))
    for sheet in book.worksheets[1:]:
        for row in sheet.iter_rows(min_row=5):
            for cell in row:
                if isinstance(cell.value, int | float):
                    cell.value = round(cell.value * 100)
    book.worksheets[1]["E8"] = "79%"
    book.worksheets[1]["E9"] = "n<10"
    book.save(path)
    code, err = empty.load(path)
    assert code == 0, err
    found = empty.figures("engagement_index,w04", 2010, "--unit", "civil_service,attgen,crnprs")
    value = [found["engagement_index", unit]["value"] for unit in ("civil_service", "attgen")]
    assert value == ["59.0", "79.0"]
    assert found["engagement_index", "crnprs"]["value"] == ""  # withheld is not zero
    assert found["w04", "crnprs"]["value"] == "42.0"


@pytest.mark.parametrize(
    ("sheet", "cell", "value", "says"),
    [
        (1, "A9", "Crown Prosecution Servise", "A9: 'Crown Prosecution Servise' is not a known"),
        (1, "E9", "fifty", "E9: 'fifty' is not a number"),
        (1, "E9", "#DIV/0!", "E9: "),
        (1, "E9", -0.5, "E9: "),
        (1, "E9", 53, "E9: "),
        (1, "E2", "Engagement", "employee engagement"),
        (1, "K3", "Learning", "theme_learning"),
        (2, "C3", "A01", "B01"),
    ],
)
def test_a_damaged_workbook_is_refused_at_its_cell(
    empty: Survey, tmp_path: Path, sheet: int, cell: str, value: object, says: str
) -> None:
    path = tmp_path / "csps2014.xlsx"
    shutil.copyfile(workbook(2014), path)
    book = openpyxl.load_workbook(path)
    book.worksheets[sheet][cell] = value
    book.save(path)
    code, err = empty.load(path)
    assert (code, says in err) == (1, True), err
    assert not empty.path.exists()


def test_a_missing_sheet_is_named(empty: Survey, tmp_path: Path) -> None:
    path = tmp_path / "csps2014.xlsx"
    shutil.copyfile(workbook(2014), path)
    book = openpyxl.load_workbook(path)
    del book["Table 2.1 Question scores"]
    book.save(path)
    code, err = empty.load(path, workbook(2015))
    assert code == 1
    assert "Table 2" in err
    assert "Table 1 EEI and Theme Scores" in err
    assert not empty.path.exists()  # nor is the sound workbook beside it imported


@pytest.mark.parametrize(
    ("name", "says"),
    [("csps_allorganisations.xlsx", "csps_allorganisations.xlsx"), ("csps2015.xlsx", "2016")],
)
def test_a_wave_that_is_unsaid_or_contradicted_is_refused(
    empty: Survey, tmp_path: Path, name: str, says: str
) -> None:
    path = tmp_path / name
    shutil.copyfile(workbook(2016 if name == "csps2015.xlsx" else 2014), path)
    code, err = empty.load(path)
    assert code == 1
    assert says in err
    assert not empty.path.exists()


def test_a_response_above_100_is_asked_about_at_its_cell_and_kept(empty: Survey) -> None:
    code, said = empty.load(workbook(2014))
    assert code == 0
    (line,) = [line for line in said.splitlines() if "More than 100 % answered" in line]
    assert "Table 1 EEI and Theme Scores!C141: Vehicle Certification Agency" in line
    found = empty.figures("response_rate", 2014, "--unit", "vehcrt")
    assert found["response_rate", "vehcrt"]["value"] == "101.0"


def wellbeing(survey: Survey, year: int, units: str) -> dict[tuple[str, str], dict[str, str]]:
    """Return what `kpi wellbeing` prints, by unit and dimension."""
    asked = ("wellbeing", "--unit", units, "--period", f"{year}-12", "--format", "csv")
    code, out, err = survey.run(*asked)
    assert code == 0, err
    return {(r["unit"], r["dimension"]): r for r in csv.DictReader(io.StringIO(out))}


def test_a_published_survey_has_levels_and_changes_and_claims_no_more(survey: Survey) -> None:
    found = wellbeing(survey, 2015, "civil_service,attgen,hmcpsi,vehcrt")
    assert [dimension for unit, dimension in found if unit == "attgen"] == [
        "engagement_index", "w01", "w02", "w03", "w04",
    ]  # fmt: skip
    row = found["civil_service", "engagement_index"]
    assert (row["mean"], row["base_mean"], row["change"]) == ("58.0", "59.0", "-1.0")
    assert (row["lower"], row["tellable"], row["reading"]) == ("", "", "none")
    assert row["note"] == "no_counts no_interval"
    # 100 % answered: was it free? And of 101 % a year before nothing can be said.
    bands = {unit: found[unit, "w01"]["band"] for unit in ("attgen", "hmcpsi", "vehcrt")}
    assert bands == {"attgen": "publish", "hmcpsi": "query", "vehcrt": "publish"}
    row = found["vehcrt", "engagement_index"]
    assert (row["mean"], row["base_mean"], row["change"]) == ("62.0", "64.0", "")
    assert row["note"] == "no_counts base_over_invited"


def w04(survey: Survey) -> dict[int, tuple[str, str, str, str]]:
    """Return value, base, change and note of the benchmark's W04 from 2016 on."""
    found = {}
    for year in (2016, 2017, 2018):
        row = survey.figures("w04", year, "--compare", "yoy")["w04", "civil_service"]
        found[year] = (row["value"], row["base_value"], row["change"], row["note"])
    return found


def test_w04_was_turned_round_and_is_not_compared_across_the_turn(empty: Survey) -> None:
    """Low anxiety (0 to 3) until 2017, high anxiety (6 to 10) from 2018 on."""
    assert empty.load(workbook(2015), workbook(2016))[0] == 0
    for year in (2017, 2018):
        path = EXAMPLE / "w04_benchmark_2016_2018.csv"
        assert (
            empty.run("import", path, "--form", "people_survey", "--period", f"{year}-12")[0] == 0
        )
    assert w04(empty) == {
        2016: ("50.0", "50.0", "0.0", "none"),
        2017: ("49.0", "50.0", "-1.0", "none"),
        2018: ("32.401", "49.0", "", "break"),
    }
    row = wellbeing(empty, 2018, "civil_service")["civil_service", "w04"]
    assert (row["mean"], row["base_mean"], row["change"]) == ("32.401", "49.0", "")
    assert "break" in row["note"].split()


def test_w04_counted_again_is_compared_under_the_new_definition(empty: Survey) -> None:
    assert empty.load(workbook(2015), workbook(2016))[0] == 0
    published = EXAMPLE / "w04_benchmark_2016_2018.csv"
    again = EXAMPLE / "w04_benchmark_2016_2017_again.csv"
    form = ("--form", "people_survey")
    for year in (2017, 2018):
        assert empty.run("import", published, *form, "--period", f"{year}-12")[0] == 0
    for year in (2016, 2017):
        asked = ("import", again, *form, "--definition", "2", "--period", f"{year}-12")
        assert empty.run(*asked)[0] == 0
    found = w04(empty)
    # 31.575 − 29.989 and 32.401 − 31.575; a rise of high anxiety, where low anxiety fell by one.
    assert found[2017][:2] == ("31.575", "29.989")
    assert float(found[2017][2]) == pytest.approx(1.586)
    assert found[2018][:2] == ("32.401", "31.575")
    assert float(found[2018][2]) == pytest.approx(0.826)
