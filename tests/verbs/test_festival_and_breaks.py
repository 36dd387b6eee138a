"""Views of festival months, and figures counted again under a new definition, by command."""

import contextlib
import csv
import io
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import kpi
from data.catalog import BUILT_IN
from data.schema import CHANGES, FIGURES

Run = Callable[..., tuple[int, list[dict[str, str]], str]]
VERSIONS = """
[[calls_theft.versions]]
definition = {zh = "旧口径", en = "Old"}

[[calls_theft.versions]]
from = "2024-01"
change = {zh = "改按立案时间计", en = "counted by the day of the case"}

"""


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Return the command on an empty store, with a definition of thefts that changed in 2024."""
    folder = tmp_path / "definitions"
    shutil.copytree(BUILT_IN, folder)
    path = folder / "measures.toml"
    head, mark, rest = path.read_text(encoding="utf-8").partition("\n[calls_theft]\n")
    body, following, tail = rest.partition("\n[")
    path.write_text(head + mark + body + VERSIONS + following + tail, encoding="utf-8")
    base = ["--definitions", folder, "--store", f"sqlite:///{tmp_path / 'x.db'}", "--lang", "en"]

    def command(*arguments: object) -> tuple[int, list[dict[str, str]], str]:
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = kpi.main([*map(str, base), *map(str, arguments)])
        return code, list(csv.DictReader(io.StringIO(out.getvalue()))), err.getvalue()

    assert command("init")[0] == 0
    return command


def written(folder: Path, name: str, measure: str, values: dict[str, float]) -> Path:
    """Return a flat table of one station's months."""
    path = folder / name
    lines = [f"yz0101,{month},{value}" for month, value in values.items()]
    path.write_text("\n".join([f"unit,period,{measure}", *lines]) + "\n", encoding="utf-8")
    return path


THEFTS = {"2023-03": 40, "2023-05": 50, "2024-03": 66, "2024-05": 60}
QUESTION = ("figures", "--indicator", "calls_theft", "--unit", "yz0101")


def test_nothing_is_compared_across_a_definition_until_it_is_worked_out_again(
    run: Run, tmp_path: Path
) -> None:
    first = written(tmp_path, "first.csv", "calls_theft", THEFTS)
    assert run("import", first, "--form", "M01")[0] == 0
    code, (row,), said = run(*QUESTION, "--period", "2024-05", "--compare", "yoy")
    assert code == 0
    assert (row["note"], row["change"], row["definition"]) == ("break", "", "2")
    assert "definition version 2 began in 2024-01 (counted by the day of the case)" in said

    again = written(tmp_path, "again.csv", "calls_theft", {"2023-05": 48})
    code, (report,), said = run("import", again, "--form", "M01", "--definition", "2")
    assert (code, report["new"], report["revised"], report["withdrawn"]) == (0, "1", "0", "0")
    assert "stored under definition version 2" in said
    code, (row,), said = run(*QUESTION, "--period", "2024-05", "--compare", "yoy")
    assert (row["note"], row["base_value"], row["change"]) == ("none", "48.0", "25.0")
    assert "back-cast under it" in said

    assert run("import", again, "--form", "M01", "--definition", "2")[1][0]["unchanged"] == "1"
    code, cells, _ = run(
        "passport", "--indicator", "calls_theft", "--unit", "yz0101", "--period", "2023-05"
    )
    assert [(cell["value"], cell["file"], cell["definition"]) for cell in cells] == [
        ("48.0", "again.csv", "2")
    ]


def test_a_window_over_the_break_is_not_added_up_and_it_is_said(run: Run, tmp_path: Path) -> None:
    months = {"2023-11": 5, "2023-12": 6, "2024-01": 7, "2024-02": 8}
    assert run("import", written(tmp_path, "a.csv", "calls_theft", months), "--form", "M01")[0] == 0
    code, (row,), said = run(*QUESTION, "--period", "2024-02", "--window", "ytd")
    assert (row["value"], row["definition"]) == ("15.0", "2")
    assert "definition" not in said
    code, (row,), said = run(*QUESTION, "--period", "2024-10", "--window", "rolling12")
    assert (code, row["value"]) == (0, "")
    assert "a window over that month is not added up" in said


@pytest.mark.parametrize(
    ("version", "said"),
    [("two", "expected the number of a definition version"), ("3", "it has: 1, 2")],
)
def test_a_definition_that_does_not_exist_is_refused(
    run: Run, tmp_path: Path, version: str, said: str
) -> None:
    path = written(tmp_path, "a.csv", "calls_theft", {"2023-05": 48})
    code, rows, words = run("import", path, "--form", "M01", "--definition", version)
    assert (code, rows) == (2, [])
    assert said in words


def test_a_view_prints_the_columns_of_figures_or_of_changes(run: Run, tmp_path: Path) -> None:
    valid = {"2023-01": 88, "2023-02": 110, "2024-01": 132, "2024-02": 108}
    path = written(tmp_path, "v.csv", "calls_valid", valid)
    assert run("import", path, "--form", "M01")[0] == 0
    asked = ("figures", "--indicator", "calls_valid", "--unit", "yz0101", "--period", "2024-02")
    code, (row,), _ = run(*asked, "--view", "joined")
    assert (code, list(row)) == (0, list(FIGURES))
    assert (row["period"], row["window"], row["value"]) == ("2024-02", "jan_feb", "240.0")
    code, (row,), _ = run(*asked, "--view", "joined", "--compare", "yoy")
    assert list(row) == list(CHANGES)
    assert float(row["change"]) == pytest.approx(42 / 198 * 100)
    code, (row,), _ = run(*asked, "--view", "working_days", "--compare", "yoy")
    assert float(row["change"]) == pytest.approx((108 / 18) / (110 / 20) * 100 - 100)
    code, (row,), said = run(*asked, "--view", "aligned", "--compare", "yoy")
    assert (row["value"], row["note"]) == ("", "festival")
    assert "too few complete Januaries to Marches" in said
    code, rows, said = run(*asked, "--view", "joind")
    assert (code, rows) == (2, [])
    assert "did you mean 'joined'" in said


def test_a_march_with_other_festival_days_is_marked(run: Run, tmp_path: Path) -> None:
    months = {"2022-03": 70, "2023-03": 80, "2024-03": 90}
    path = written(tmp_path, "m.csv", "calls_valid", months)
    assert run("import", path, "--form", "M01")[0] == 0
    asked = ("figures", "--indicator", "calls_valid", "--unit", "yz0101", "--compare", "yoy")
    assert "hold different days of the festival" in run(*asked, "--period", "2024-03")[2]
    assert "hold different days of the festival" not in run(*asked, "--period", "2023-03")[2]
    said = run(*asked, "--period", "2031-02", "--view", "joined")[2]
    assert "does not list the festival of 2030, 2031" not in said
    assert "does not list the festival of 2031 (listed: 2010–2030)" in said


def test_a_figure_that_is_carried_forward_says_of_which_month_it_is(
    run: Run, tmp_path: Path
) -> None:
    people = written(tmp_path, "p.csv", "population", {"2023-12": 52000})
    assert run("import", people, "--form", "A01")[0] == 0
    asked = ("--indicator", "population", "--unit", "yz0101", "--period", "2024-05")
    for verb in ("figures", "passport"):
        code, rows, said = run(verb, *asked)
        assert (code, rows[0]["value"]) == (0, "52000.0")
        assert "is of 2023-12, carried forward" in said
