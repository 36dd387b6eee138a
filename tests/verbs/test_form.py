"""Does `kpi form draft` write a form that the next workbook of its kind is read by?"""

import contextlib
import io
import shutil
from pathlib import Path

import openpyxl

import kpi

HERE = Path(__file__).resolve().parent.parent.parent
KAZAKHSTAN = HERE / "data" / "examples" / "kazakhstan" / "definitions"


def run(*arguments: object) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = kpi.main(["--lang", "en", *map(str, arguments)])
    return code, out.getvalue(), err.getvalue()


def ministry_form(path: Path, region: str, cases: int) -> Path:
    """Write a coded form whose unit stands only in the document's title."""
    book = openpyxl.Workbook()
    book.properties.title = f"Form 9  {region} (summary)"
    sheet = book.active
    for row in (
        ["Form No. 9, year 2023", None, None, None],
        ["Indicator", "Code", "Registered", "Solved"],
        ["A", "B", 1, 2],
        ["Theft", 1, cases, 4],
        ["Fraud", 2, 7, cases + 1],
    ):
        sheet.append(row)
    book.save(path)
    return path


def test_a_draft_in_a_known_folder_reads_the_next_unit_too(tmp_path: Path) -> None:
    folder = tmp_path / "definitions"
    shutil.copytree(KAZAKHSTAN, folder)
    first = ministry_form(tmp_path / "a.xlsx", "Akmola Region", 10)
    target = folder / "forms" / "form_9.toml"
    code, out, err = run("--definitions", folder, "form", "draft", first, "-o", target)
    assert (code, out) == (0, ""), err
    assert "tables 1, measures 4" in err
    # The unit was known from the title, so it is no question.
    assert "The unit was not found" not in err
    proposed = (folder / "form_9.measures.toml").read_text(encoding="utf-8")
    with (folder / "measures.toml").open("a", encoding="utf-8") as stream:
        stream.write("\n" + proposed)
    code, _, err = run("--definitions", folder, "definitions", "check")
    assert code == 0, err
    second = ministry_form(tmp_path / "b.xlsx", "Kostanay Region", 20)
    store = f"sqlite:///{tmp_path / 'kz.db'}"
    base = ("--definitions", folder, "--store", store)
    code, _, err = run(*base, "import", first, second, "--form", "form_9")
    assert code == 0, err
    asked = ("figures", "--indicator", "theft_registered,fraud_solved", "--level", "region")
    code, out, err = run(
        *base, *asked, "--period", "2023-12", "--window", "year", "--format", "csv"
    )
    rows = [line.split(",") for line in out.splitlines() if line.split(",")[6]]
    values = {(row[0], row[1]): row[6] for row in rows[1:]}
    assert sorted(values.values()) == ["10.0", "11.0", "20.0", "21.0"]


def test_where_to_write_must_be_said_and_nothing_is_lost(tmp_path: Path) -> None:
    file = ministry_form(tmp_path / "a.xlsx", "Akmola Region", 10)
    code, _, err = run("form", "draft", file)
    assert code == 2
    assert "-o FORM.toml" in err
    assert run("form", "draft", file, "--new", tmp_path / "new")[0] == 0
    code, _, err = run("form", "draft", file, "--new", tmp_path / "new")
    assert code == 2
    assert "exists already" in err
    code, _, err = run("form", "draft", tmp_path / "none.xlsx", "--new", tmp_path / "other")
    assert code == 2
    assert err.count("\n") == 1


def test_a_form_of_the_folder_is_not_drafted_over(tmp_path: Path) -> None:
    file = ministry_form(tmp_path / "a.xlsx", "Akmola Region", 10)
    target = tmp_path / "form_1m.toml"
    code, _, err = run("--definitions", KAZAKHSTAN, "form", "draft", file, "-o", target)
    assert code == 2
    assert "form_1m exists already" in err
    assert not target.exists()
