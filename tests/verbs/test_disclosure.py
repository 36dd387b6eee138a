"""Does `kpi analyse disclosure` take any table with totals and say what it costs to hide in it?"""

import contextlib
import csv
import io
import json
from pathlib import Path

import pytest

import kpi

REFERENCE = Path(__file__).resolve().parents[1] / "metrics" / "reference"
EXAMPLES = json.loads((REFERENCE / "suppression_examples.json").read_text(encoding="utf-8"))


def run(*arguments: object, lang: str = "en") -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = kpi.main(["--lang", lang, "analyse", "disclosure", *map(str, arguments)])
    return code, out.getvalue(), err.getvalue()


def written(folder: Path, text: str) -> Path:
    path = folder / "table.csv"
    path.write_text(text, encoding="utf-8")
    return path


def example(folder: Path, name: str) -> Path:
    rows = EXAMPLES[name]["table"]
    lines = [",".join(["unit", *(f"o{at}" for at in range(len(rows[0]) - 1)), "Total"])]
    for at, row in enumerate(rows):
        label = "Total" if at == len(rows) - 1 else f"s{at}"
        lines.append(",".join([label, *(f"{value:g}" for value in row)]))
    return written(folder, "\n".join(lines))


def statuses(printed: str) -> dict[tuple[str, str], str]:
    return {(r["row"], r["column"]): r["status"] for r in csv.DictReader(io.StringIO(printed))}


def test_the_reference_s_stations(tmp_path: Path) -> None:
    path = example(tmp_path, "stations_5x4_threshold5")
    code, out, err = run("--input", path, "--format", "csv")
    assert code == 0
    found = statuses(out)
    assert [cell for cell, status in found.items() if status == "U"] == [
        ("s0", "o1"), ("s1", "o0"), ("s2", "o2"), ("s4", "o1"),
    ]  # fmt: skip
    assert [cell for cell, status in found.items() if status == "M"] == [
        ("s0", "o0"), ("s1", "o2"), ("s2", "o1"), ("s4", "o0"),
    ]  # fmt: skip
    rows = {(r["row"], r["column"]): r for r in csv.DictReader(io.StringIO(out))}
    small = rows["s0", "o1"]
    assert (small["value"], small["published"]) == ("3.0", "")
    assert (float(small["lower"]), float(small["upper"])) == (0, 14)
    assert "4; hidden besides so that they do not follow: 4 (their sum 36)" in err
    assert "Were only the small cells hidden, 4 of them would follow exactly" in err


def test_a_cell_named_by_hand_is_hidden(tmp_path: Path) -> None:
    path = example(tmp_path, "classic_3x3_point_protection")
    code, out, _ = run("--input", path, "--threshold", 0, "--primary", "s1:o2", "--format", "csv")
    assert code == 0
    hidden = {cell for cell, status in statuses(out).items() if status in "UM"}
    assert hidden == {("s1", "o2"), ("s1", "o0"), ("s2", "o0"), ("s2", "o2")}


def test_totals_may_stand_first_be_unnamed_or_be_absent(tmp_path: Path) -> None:
    first = "单位,合计,甲,乙\n合计,40,13,27\n一所,17,3,14\n二所,23,10,13\n"
    code, out, err = run("--input", written(tmp_path, first), "--format", "csv", lang="zh")
    assert code == 0
    assert list(statuses(out))[:2] == [("合计", "合计"), ("合计", "甲")]
    assert statuses(out)["一所", "甲"] == "U"
    assert sum(status == "M" for status in statuses(out).values()) == 3
    assert "合计:行 合计,列 合计" in err
    unnamed = "u,a,b,x\np,3,14,17\nq,10,13,23\nr,13,27,40\n"
    assert sum(s == "M" for s in statuses(run("--input", written(tmp_path, unnamed))[1]).values())
    absent = "u,a,b\np,3,14\nq,10,13\nr,20,21\n"
    code, out, err = run("--input", written(tmp_path, absent), "--format", "csv")
    assert list(statuses(out).values()).count("M") == 0
    assert "totals: row none, column none" in err


def test_one_row_a_cell(tmp_path: Path) -> None:
    long = "row,column,value\n" + "".join(
        f"{row},{column},{value}\n"
        for row, values in (("p", (3, 14, 17)), ("q", (10, 13, 23)), ("Total", (13, 27, 40)))
        for column, value in zip(("a", "b", "Total"), values, strict=True)
    )
    code, out, _ = run("--input", written(tmp_path, long), "--format", "csv")
    assert code == 0
    assert statuses(out)["p", "a"] == "U"
    assert list(statuses(out).values()).count("M") == 3


def test_nothing_small_and_noughts(tmp_path: Path) -> None:
    code, out, err = run("--input", written(tmp_path, "u,a,b\np,30,\nq,10,13\n"), "--format", "csv")
    assert code == 0
    assert statuses(out)["p", "b"] == "E"
    assert "No cell is below 5" in err


@pytest.mark.parametrize(
    ("table", "options", "said"),
    [
        ("u,a,Total\np,3,4\nTotal,3,4\n", [], "'Total' says 4.0 at p, the other cells sum to 3.0"),
        ("u,a,b\np,x,4\nq,3,4\n", [], "line 2, column a should be a number; found 'x'"),
        ("u,a,b\np,-1,4\nq,3,4\n", [], "line 2, column a may not be negative"),
        ("u,a,b\np,1,4\np,3,4\n", [], "line 3: p × b stands there twice"),
        ("u,a,a\np,1,4\nq,3,4\n", [], "has the column a twice"),
        ("u,a,b\n", [], "has no rows"),
        ("u,a\np,4\n", [], "needs more than one cell"),
        ("u,a,b\np,1,4\nq,3,4\n", ["--primary", "p:c"], "--primary p:c names no cell"),
        ("u,a,b\np,0,4\nq,3,4\n", ["--primary", "p:a"], "is a nought"),
        ("u,a,b\np,0,4\nq,3,4\n", ["--threshold", "nan"], "--threshold is 0 or more"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    tmp_path: Path, table: str, options: list[str], said: str
) -> None:
    code, out, err = run("--input", written(tmp_path, table), *options)
    assert (code, out) == (2, "")
    assert said in err
    assert len(err.strip().splitlines()) == 1


def test_subtotals_are_sums_too(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A, Q1 would follow from its half year and its second quarter; the solver keeps silent."""
    lines = ["row,Q1,Q2,H1,Q3,Q4,H2,Total", "A,3,10,13,8,9,17,30"]
    lines += ["B,20,7,27,4,11,15,42", "C,23,17,40,12,20,32,72"]
    code, out, err = run("--input", written(tmp_path, "\n".join(lines)), "--format", "csv")
    assert code == 0
    assert "totals: row C, column H1, H2, Total." in err
    assert "Nobody who sees all other cells can tell a hidden one." in err
    assert capfd.readouterr().out == ""
    found = statuses(out)
    assert "S" not in {found["A", "Q1"], found["A", "Q2"], found["B", "Q1"], found["B", "Q2"]}


def test_a_table_of_three_dimensions_is_refused(tmp_path: Path) -> None:
    code, _, err = run(
        "--input", written(tmp_path, "row,column,level,value\nx,a,l1,3\nx,b,l1,10\n")
    )
    assert code != 0
    assert "level besides row, column and value; only tables of two dimensions" in err
