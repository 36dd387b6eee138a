"""Does `kpi template` write what was asked for, and nothing over what is there?"""

import zipfile
from pathlib import Path

import openpyxl
import pytest

from tests.test_kpi import run


@pytest.fixture
def store(tmp_path: Path) -> tuple[str, str]:
    return "--store", f"sqlite:///{tmp_path / 'none.db'}"


def test_one_workbook_with_all_forms_that_are_due(tmp_path: Path, store: tuple[str, str]) -> None:
    path = tmp_path / "all.xlsx"
    asked = ("template", "--form", "all", "--unit", "yz0101", "--period", "2024-10", "-o", path)
    code, out, err = run(*store, *asked)
    assert (code, out) == (0, "")
    assert err == f"{path} written (forms M01, M02, M03, M04, M05, M07, M08).\n"
    assert openpyxl.load_workbook(path).sheetnames[0] == "Calls"


def test_each_unit_below_in_an_archive_or_a_folder(tmp_path: Path, store: tuple[str, str]) -> None:
    asked = ("template", "--form", "M01", "--unit", "yz09", "--each", "--period", "2024-10")
    packed, folder = tmp_path / "yz09.zip", tmp_path / "yz09"
    code, _, err = run(*store, *asked, "-o", packed)
    assert (code, err) == (0, f"8 workbooks written: {packed}\n")
    code, _, err = run(*store, *asked, "-o", folder)
    assert code == 0
    with zipfile.ZipFile(packed) as archive:
        assert sorted(archive.namelist()) == sorted(path.name for path in folder.iterdir())
    first = sorted(folder.iterdir())[0]
    first.write_bytes(b"filled in")
    code, _, err = run(*store, *asked, "-o", folder)
    assert code == 2
    assert "already holds" in err
    assert first.read_bytes() == b"filled in"


def test_a_person_gets_the_own_units_only(tmp_path: Path, store: tuple[str, str]) -> None:
    asked = ("template", "--form", "M01", "--unit", "yz02", "--each", "--period", "2024-10")
    code, _, err = run(*store, "--as", "minghu_reviewer", *asked, "-o", tmp_path / "x.zip")
    assert code == 2
    assert err == "kpi: yz02 is outside the scope of minghu_reviewer.\n"
    assert list(tmp_path.glob("*.zip")) == []


def test_a_draft_is_carried_over_and_what_does_not_belong_is_counted(
    tmp_path: Path, store: tuple[str, str]
) -> None:
    draft, again = tmp_path / "draft.xlsx", tmp_path / "again.xlsx"
    base = ("template", "--unit", "yz0101", "--period", "2024-10")
    assert run(*store, *base, "--form", "M01,M03", "-o", draft)[0] == 0
    book = openpyxl.load_workbook(draft)
    book["Calls"]["D7"], book["Calls"]["D8"] = 93, 55
    book.worksheets[1]["D7"] = 4
    book.save(draft)
    code, _, err = run(*store, *base, "--form", "M01", "--fill", draft, "-o", again)
    assert code == 0
    assert "2 figures filled in; 1 are not of this unit, month or form" in err
    sheet = openpyxl.load_workbook(again)["Calls"]
    assert [sheet[f"D{row}"].value for row in (7, 8, 9)] == [93, 55, None]
    each = ("--each", "--form", "M01", "--fill", draft, "-o", tmp_path / "x.zip")
    code, _, err = run(*store, *base, *each)
    assert code == 2
    assert "--fill takes a file for one workbook only" in err
