"""Does `kpi check` take a return as xlsx, xls, ods and csv, and answer what is none?"""

import contextlib
import csv
import io
from pathlib import Path

import openpyxl
import pytest

import kpi

MESSY = Path(__file__).resolve().parents[1] / "data" / "returns" / "messy"


def run(*arguments: object) -> tuple[int, list[dict[str, str]], str]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = kpi.main([str(word) for word in ("--lang", "en", *arguments)])
    return code, list(csv.DictReader(io.StringIO(out.getvalue()))), err.getvalue()


@pytest.mark.parametrize("name", ["gb18030.csv", "tabs.txt", "sound.xls", "sound.ods"])
@pytest.mark.parametrize("options", [(), ("--form", "M01,")], ids=["no form named", "form named"])
def test_a_return_of_any_kind_is_checked(
    name: str, options: tuple[str, ...], tmp_path: Path
) -> None:
    store = ("--store", f"sqlite:///{tmp_path}/none.db")
    named = [word.rstrip(",") for word in options]
    code, found, said = run(*store, "check", MESSY / name, *named, "--format", "csv")
    hard = [(row["rule"], row["sheet"]) for row in found if row["severity"] == "mandatory"]
    # With a form named, the workbook's other form is not the one that was asked for.
    is_book = name.startswith("sound")
    assert hard == ([("R51", "治安行政案件")] if named and is_book else [])
    assert code == (1 if hard else 0)
    assert f"Figures read: {28 if is_book else 18};" in said


def test_the_marked_copy_of_an_xls_is_an_xlsx(tmp_path: Path) -> None:
    store, target = ("--store", f"sqlite:///{tmp_path}/none.db"), tmp_path / "marked.xlsx"
    code, _, _ = run(*store, "check", MESSY / "messy.xls", "-o", target)
    assert code == 1
    book = openpyxl.load_workbook(target)
    assert book.worksheets[1]["D16"].comment is not None
    assert book["接处警"]["D7"].value == "１６８"


@pytest.mark.parametrize(
    ("name", "words"),
    [("macros.xlsm", "has macros"), ("web_page.xls", "web page"), ("not_ours.xlsx", "no return")],
)
def test_what_is_no_return_is_answered_in_one_line(name: str, words: str, tmp_path: Path) -> None:
    code, found, said = run("--store", f"sqlite:///{tmp_path}/none.db", "check", MESSY / name)
    assert code != 0
    assert found == []
    assert words in said
    assert said.count("\n") == 1
