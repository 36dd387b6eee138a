"""Does `kpi check --report` keep the outcome of a check as a page that opens offline?"""

from pathlib import Path

import pytest

import kpi

MESSY = Path(__file__).parent.parent / "data" / "returns" / "messy"


def run(folder: Path, *arguments: str) -> int:
    return kpi.main(["--store", f"sqlite:///{folder / 'none.db'}", "--lang", "en", *arguments])


def table(folder: Path) -> str:
    """Write October of one station: 10 cleared, though 7 and 2 are; nothing on withdrawn cases."""
    path = folder / "october.csv"
    path.write_text(
        "unit,period,crim_recorded,crim_cleared,crim_cleared_current,crim_cleared_backlog\n"
        "yz0101,2024-10,12,10,7,2\n",
        encoding="utf-8",
    )
    return str(path)


def test_the_report_of_a_flat_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "report.html"
    assert run(tmp_path, "check", table(tmp_path), "--form", "M02", "--report", str(page)) == 0
    words = page.read_text(encoding="utf-8")
    assert "No errors; 1 to explain" in words
    assert "Criminal cases cleared 10" in words
    assert "<b>R07</b>" in words
    # R14 (cold homicides) and R16 (categories) lack their figures; R49 is not asked of history.
    assert "not asked of a flat table" in words
    assert str(page) in capsys.readouterr().err


@pytest.mark.parametrize("option", [("--effect",), ("-o", "copy.xlsx")])
def test_what_a_flat_table_has_not_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: tuple[str, ...]
) -> None:
    given = [str(tmp_path / word) if word.endswith(".xlsx") else word for word in option]
    assert run(tmp_path, "check", table(tmp_path), "--form", "M02", *given) == 0
    assert f"{option[0]} is for the workbook of a return" in capsys.readouterr().err
    assert not (tmp_path / "copy.xlsx").exists()


def test_a_report_is_a_page_in_a_folder_that_exists(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, said in (("report.pdf", ".html"), ("none/report.html", "no folder")):
        given = ("check", table(tmp_path), "--form", "M02", "--report", str(tmp_path / name))
        assert run(tmp_path, *given) == 2
        assert said in capsys.readouterr().err


def test_the_report_of_a_return(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "report.html"
    file = sorted(MESSY.glob("*.xlsx"))[0]
    code = run(tmp_path, "check", str(file), "--report", str(page))
    words = page.read_text(encoding="utf-8")
    assert file.name in words
    assert ("to correct before this can be filed" in words) is (code == 1)
    assert "Which rules ran" in words
    assert "too few earlier months are on record" in words
    assert capsys.readouterr().out.startswith("rule,severity,")
