"""Do `kpi units …` list, check and carry out changes of the hierarchy?"""

from pathlib import Path

import pytest

from data.catalog import BUILT_IN, check_definitions
from data.store.database import open_store
from data.store.verify import verify
from kpi import main
from tests.data.test_unit_changes import HEAD, SPLIT
from tests.data.unit_small import small_definitions


@pytest.fixture
def place(tmp_path: Path) -> Path:
    small_definitions(tmp_path / "definitions")
    return tmp_path


def run(place: Path, *words: str, lang: str = "en") -> int:
    store = f"sqlite:///{place / 'record.sqlite'}"
    folder = str(place / "definitions")
    return main(["--lang", lang, "--store", store, "--definitions", folder, "units", *words])


def table(place: Path, rows: str) -> str:
    path = place / "changes.csv"
    path.write_text(HEAD + rows, encoding="utf-8")
    return str(path)


def test_units_of_today_and_of_a_month(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(place, "list", "--period", "2023-02") == 0
    early = capsys.readouterr().out.splitlines()
    assert [line.split(",")[0] for line in early[1:]] == ["c", "d1", "a", "b", "d2", "e"]
    assert run(place, "list") == 0
    assert "f,borough,B,d2,丁所,Station F,2023-03," in capsys.readouterr().out


def test_checked_applied_and_told(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = table(place, SPLIT)
    assert run(place, "check", file) == 0
    assert "2024-04,split,a,a1,0.6,,0,," in capsys.readouterr().out
    assert run(place, "apply", file) == 0
    assert "Changes applied: 2" in capsys.readouterr().err
    assert run(place, "history", "a") == 0
    said = capsys.readouterr()
    assert "2024-04,split,a,a2,0.4,," in said.out
    assert verify(open_store(f"sqlite:///{place / 'record.sqlite'}")) == []
    assert run(place, "apply", file) == 1, "a second time there is nothing left to split"
    assert "closed in 2024-04" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("lang", "words"), [("zh", "使各行之和正好是 1"), ("en", "sum to exactly 1")]
)
def test_findings_are_told_by_cell_and_nothing_is_written(
    place: Path, capsys: pytest.CaptureFixture[str], lang: str, words: str
) -> None:
    file = table(place, "2024-04,split,a,b,0.5,,,,,,,,\n2024-04,split,a,e,0.4,,,,,,,,\n")
    before = (place / "definitions" / "unit_successions.csv").read_bytes()
    assert run(place, "apply", file, lang=lang) == 1
    said = capsys.readouterr()
    assert "E2" in said.err
    assert words in said.err
    assert (place / "definitions" / "unit_successions.csv").read_bytes() == before


def test_into_another_folder(place: Path) -> None:
    before = (place / "definitions" / "units.csv").read_bytes()
    assert run(place, "apply", table(place, SPLIT), "-o", str(place / "next")) == 0
    assert (place / "definitions" / "units.csv").read_bytes() == before
    assert check_definitions(place / "next") == []


def test_the_built_in_folder_is_left_alone(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = table(place, "2024-04,rename,yz0101,,,,,,新名所,,,,\n")
    before = (BUILT_IN / "units.csv").read_bytes()
    store = f"sqlite:///{place / 'record.sqlite'}"
    assert main(["--lang", "en", "--store", store, "units", "apply", file]) == 2
    assert "never changed in place" in capsys.readouterr().err
    assert (BUILT_IN / "units.csv").read_bytes() == before


@pytest.mark.parametrize("name", ["t.xlsx", "t.csv"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_template_is_read_back_as_an_empty_table(
    place: Path, capsys: pytest.CaptureFixture[str], name: str, lang: str
) -> None:
    assert run(place, "template", "-o", str(place / name), lang=lang) == 0
    assert run(place, "check", str(place / name)) == 1
    assert "holds no change" in capsys.readouterr().err


def test_what_is_no_table_is_refused_in_one_line(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = place / "x.xlsx"
    path.write_bytes(b"not a workbook")
    assert run(place, "check", str(path)) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert run(place, "check", str(place / "none.csv")) == 2
    assert run(place, "template", "-o", str(place / "t.docx")) == 2
