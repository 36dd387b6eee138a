"""Do the commands for editions keep, list and check them, and tell later changes apart?"""

import contextlib
import csv
import io
import shutil
from pathlib import Path

import polars as pl
import pytest

import kpi

EXAMPLE = Path(__file__).resolve().parents[2] / "data" / "examples" / "rio"


class Rio:
    """Two editions of Rio's figures in a store, with definitions that a test may change."""

    def __init__(self, folder: Path) -> None:
        self.definitions = folder / "definitions"
        self.store = f"sqlite:///{folder / 'rio.db'}"
        shutil.copytree(EXAMPLE / "definitions", self.definitions)

    def run(self, *arguments: object) -> tuple[int, list[dict[str, str]], str]:
        base = ["--definitions", self.definitions, "--store", self.store, "--lang", "en"]
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = kpi.main([str(word) for word in (*base, *arguments)])
        return code, list(csv.DictReader(io.StringIO(out.getvalue()))), err.getvalue()

    def load(self, path: Path, day: str) -> None:
        code, _, err = self.run("import", path, "--form", "isp_municipality", "--vintage", day)
        assert code == 0, err

    def make(self, name: str, period: str, day: str) -> tuple[int, list[dict[str, str]], str]:
        return self.run("edition", "make", name, "--period", period, "--as-of", day)

    def verdicts(self) -> tuple[int, list[str]]:
        code, rows, _ = self.run("edition", "verify")
        return code, [row["verdict"] for row in rows]


@pytest.fixture
def rio(tmp_path: Path) -> Rio:
    found = Rio(tmp_path)
    for day, period in (("2024-08-30", "2024-07"), ("2024-09-20", "2024-08")):
        found.load(EXAMPLE / "vintages" / f"municipio_2024_{day}.parquet", day)
        assert found.make(f"ISP {day}", period, day)[0] == 0
    return found


def test_editions_say_what_they_revised_and_come_out_the_same(rio: Rio) -> None:
    code, rows, _ = rio.run("edition", "list")
    assert code == 0
    assert [row["edition"] for row in rows] == ["ISP 2024-09-20", "ISP 2024-08-30"]
    # 165 figures and 276 phases changed in the months up to July; three of them were final.
    assert (rows[0]["revised"], rows[0]["new"], rows[0]["after_lock"]) == ("441", "0", "3")
    assert rows[0]["previous"] == "ISP 2024-08-30"
    assert len(rows[0]["hash"]) == 64
    assert rio.verdicts() == (0, ["sound", "sound"])
    code, cells, said = rio.run("edition", "show", rows[0]["hash"][:8])
    assert (code, len(cells)) == (0, 441)
    assert "What changed since 'ISP 2024-08-30'" in said
    first = next(row for row in cells if row["measure"] == "hom_doloso")
    assert (first["unit"], first["period"], first["before"], first["value"]) == (
        "3305802", "2024-01", "5.0", "4.0"
    )  # fmt: skip
    _, figures, _ = rio.run("edition", "show", "ISP 2024-09-20", "--figures")
    state = next(row for row in figures if row["indicator"] == "hom_doloso")
    assert (state["unit"], state["period"], state["before"], state["value"]) == (
        "rio_de_janeiro_state", "2024-01", "255.0", "254.0"
    )  # fmt: skip


def test_a_later_publication_leaves_an_edition_as_it_is(rio: Rio) -> None:
    rio.load(EXAMPLE / "vintages" / "municipio_2024_2024-12-20.parquet", "2024-12-20")
    code, rows, _ = rio.run("edition", "verify", "ISP 2024-09-20")
    assert (code, rows[0]["verdict"], rows[0]["hash"]) == (0, "sound", rows[0]["found"])
    assert rows[0]["revised_since"] == "325"


def test_changed_definitions_are_told_apart_from_changed_data(rio: Rio) -> None:
    units = rio.definitions / "units.csv"
    text = units.read_text(encoding="utf-8")
    units.write_text(text.replace(",Macaé,", ",Macae,", 1), encoding="utf-8")
    assert rio.verdicts() == (0, ["definitions_same", "definitions_same"])
    parents = rio.definitions / "unit_parents.csv"
    text = parents.read_text(encoding="utf-8")
    parents.write_text(text.replace("3302403,interior", "3302403,capital"), encoding="utf-8")
    code, rows, said = rio.run("edition", "verify", "ISP 2024-08-30")
    assert (code, rows[0]["verdict"]) == (0, "structure")
    assert int(rows[0]["indicators_differ"]) > 20
    assert "hom_doloso" in said
    assert "the units' structure (places, successions, shares) was changed since" in said
    measures = rio.definitions / "measures.toml"
    text = measures.read_text(encoding="utf-8")
    measures.write_text(text.replace('"ytd", "year", "rolling12"]', '"ytd"]', 1), encoding="utf-8")
    code, rows, _ = rio.run("edition", "verify", "ISP 2024-08-30")
    assert (code, rows[0]["verdict"]) == (0, "definitions")


def test_an_edition_is_made_and_checked_on_its_basis(rio: Rio) -> None:
    asked = ("edition", "make", "ISP then", "--period", "2024-08", "--as-of", "2024-09-20")
    code, rows, said = rio.run(*asked, "--basis", "then")
    assert (code, rows[0]["basis"], rows[0]["previous"]) == (0, "then", "")
    assert "units as they were" in said
    code, rows, _ = rio.run("edition", "list")
    assert [row["basis"] for row in rows] == ["then", "now", "now"]
    assert len({row["hash"] for row in rows}) == 3
    code, rows, _ = rio.run("edition", "verify", "ISP then")
    assert (code, rows[0]["basis"], rows[0]["verdict"]) == (0, "then", "sound")
    code, _, said = rio.run(*asked[:2], "Another", *asked[3:], "--basis", "matched")
    assert code == 2
    assert "--basis matched says which units a comparison keeps" in said


def test_the_same_edition_made_twice_has_two_hashes(rio: Rio) -> None:
    """A salt that only the record knows is in each, so that no hash can be tried out."""
    for name in ("one", "other"):
        assert rio.make(name, "2024-08", "2024-09-20")[0] == 0
    _, rows, _ = rio.run("edition", "list")
    assert rows[0]["figures"] == rows[1]["figures"]
    assert rows[0]["hash"] != rows[1]["hash"]
    assert rio.verdicts() == (0, ["sound"] * 4)


def test_figures_dated_before_an_edition_that_come_in_after_it_are_found(
    rio: Rio, tmp_path: Path
) -> None:
    one = pl.read_parquet(EXAMPLE / "municipio_2014-01_2024-11.parquet").filter(ano=2023)
    one.write_parquet(tmp_path / "2023.parquet")
    rio.load(tmp_path / "2023.parquet", "2024-08-01")
    code, verdicts = rio.verdicts()
    assert (code, verdicts) == (1, ["dated_back", "dated_back"])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("make", "ISP 2024-08-30", "--period", "2024-07"), "never change"),
        (("make", "New", "--period", "2019-01"), "nothing of 2019-01"),
        (("make", "New", "--period", "2024-07", "--as-of", "2024-08-30"), "cannot stand before"),
        (("make", "New", "--period", "2024-07", "--as-of", "2999-01-01"), "2999-01-01"),
        (("show", "ISP 2024-09-21"), "did you mean 'ISP 2024-09-20'"),
        (("verify", "abc"), "there is no edition 'abc'"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    rio: Rio, arguments: tuple[str, ...], says: str
) -> None:
    code, rows, err = rio.run("edition", *arguments)
    assert (code, rows) == (2, [])
    assert says in err
    assert err.count("\n") == 1
