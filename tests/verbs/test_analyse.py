"""Does `kpi analyse` take any table, write the agreed columns, and say what is wrong with one?"""

import contextlib
import csv
import io
from pathlib import Path

import pytest

import kpi

REFERENCE = Path(__file__).resolve().parents[1] / "metrics" / "reference"


def run(*arguments: object, lang: str = "en") -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = kpi.main(["--lang", lang, "analyse", *map(str, arguments)])
    return code, out.getvalue(), err.getvalue()


def rows_of(printed: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(printed)))


def test_points_have_the_columns_and_words_of_the_reference() -> None:
    table, series = REFERENCE / "spc_points.csv", REFERENCE / "spc_series.csv"
    code, out, err = run("spc", "--input", table, "--series", series)
    expected = rows_of(table.read_text())
    assert code == 0
    found = rows_of(out)
    assert list(found[0]) == list(expected[0])
    labels = ("series", "x", "rebase_group", "special_cause_type", "special_cause_flag",
              "point_type", "short_group_warning")  # fmt: skip
    for mine, theirs in zip(found, expected, strict=True):
        assert [mine[name] for name in labels] == [theirs[name] for name in labels]
    assert "last_point_below_lpl_increase: the last point (2021-12-01, 20) is below" in err


def test_a_reading_a_series_in_chinese() -> None:
    table, series = REFERENCE / "spc_points.csv", REFERENCE / "spc_series.csv"
    code, out, err = run("spc", "--input", table, "--series", series, "--summary", lang="zh")
    assert code == 0
    icons = {row["series"]: row["variation_icon"] for row in rows_of(out)}
    assert icons["random_ar_05"] == "improvement_low"
    assert "random_ar_05:最近一点(2022-03-01,37.38)是 3 点中接近下限的 2 点之一" in err


def test_without_series_any_order_of_columns_and_rows(tmp_path: Path) -> None:
    table = tmp_path / "points.csv"
    table.write_text("y,note,x,series\n12,,10,b\n,,9,b\n11,,8,b\n", encoding="utf-8-sig")
    code, out, err = run("spc", "--input", table)
    found = rows_of(out)
    assert code == 0
    assert [(row["x"], row["y"], row["mr"]) for row in found] == [
        ("8", "11.0", ""), ("9", "", ""), ("10", "12.0", "1.0"),
    ]  # fmt: skip
    assert "2 points only" in err


def test_a_funnel_says_its_spread_and_who_is_outside() -> None:
    table = REFERENCE / "input_pr_overdispersed.csv"
    code, out, err = run("funnel", "--input", table, "--type", "PR", "--overdispersion",
                         "--limit", "95")  # fmt: skip
    assert code == 0
    assert len(rows_of(out)) == 60
    assert "phi = 4.899460116224" in err
    assert "outside the 95% limits: 5 (S33, S35, S36, S41, S59)" in err


def test_rows_of_one_group_are_pooled_and_no_denominator_is_said(tmp_path: Path) -> None:
    table = tmp_path / "groups.csv"
    table.write_text("group,numerator,denominator\na,1,10\na,2,20\nb,5,40\nc,0,0\nd,,7\n")
    code, out, err = run("funnel", "--input", table, "--type", "PR")
    assert code == 0
    found = [(row["group"], row["numerator"], row["denominator"]) for row in rows_of(out)]
    assert found == [("a", "3.0", "30.0"), ("b", "5.0", "40.0")]
    assert "c has no denominator" in err
    assert "d has no denominator" in err


@pytest.mark.parametrize(
    ("written", "options", "said"),
    [
        ("series,x\na,1\n", ["spc"], "lacks the columns y"),
        ("series,x,y\na,1,abc\n", ["spc"], "line 2, column y should be a number; found 'abc'"),
        ("series,x,y\na,May,1\n", ["spc"], "line 2, column x"),
        ("series,x,y\na,1,2\na,1,3\n", ["spc"], "line 3: a has 1 twice"),
        ("series,x,y\n", ["spc"], "no rows"),
        ("group,numerator,denominator\na,5,4\nb,1,9\n", ["funnel", "--type", "PR"], "--type RC"),
        ("group,numerator,denominator\na,-5,4\nb,1,9\n", ["funnel", "--type", "RC"], "negative"),
        ("group,numerator,denominator\na,1,4\n", ["funnel", "--type", "RC"], "needs two groups"),
        ("group,numerator,denominator\na,0,4\nb,0,9\n", ["funnel", "--type", "RC"], "zero"),
        ("group,numerator,denominator\na,1,4\nb,2,9\n", ["funnel", "--type", "XX"], "PR"),
        ("group,numerator,denominator\na,1,4\nb,2,9\n",
         ["funnel", "--type", "PR", "--trim", "0.7"], "--trim"),
    ],
)  # fmt: skip
def test_a_table_that_cannot_be_used_is_refused_in_one_line(
    tmp_path: Path, written: str, options: list[str], said: str
) -> None:
    table = tmp_path / "table.csv"
    table.write_text(written)
    code, out, err = run(options[0], "--input", table, *options[1:])
    assert code == 2
    assert out == ""
    assert said in err
    assert err.count("\n") == 1


def test_a_chart_that_cannot_be_is_refused(tmp_path: Path) -> None:
    table, series = tmp_path / "points.csv", tmp_path / "series.csv"
    table.write_text("series,x,y\na,2024-01,1\na,2024-02,2\n")
    for column, value in (("improvement_direction", "up"), ("fix_after_n_points", "5"),
                          ("rebase_dates", "May"), ("screen_outliers", "maybe")):  # fmt: skip
        series.write_text(f"series,{column}\na,{value}\n")
        code, _, err = run("spc", "--input", table, "--series", series)
        assert code == 2
        assert f"line 2, column {column}: '{value}'" in err
