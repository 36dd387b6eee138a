"""Does `kpi analyse spc` read what people have, and refuse the rest in one line that helps?"""

from pathlib import Path

import pytest

from tests.verbs.test_analyse import rows_of, run

MONTHS = [f"{year}-{month:02}" for year in (2022, 2023, 2024) for month in range(1, 13)]


def spc(folder: Path, written: str | bytes, *options: object) -> tuple[int, str, str]:
    table = folder / "points.csv"
    table.write_bytes(written if isinstance(written, bytes) else written.encode())
    return run("spc", "--input", table, *options)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("between", [",", ";", "\t"])
def test_any_encoding_and_separator(tmp_path: Path, encoding: str, between: str) -> None:
    lines = [["series", "x", "y"], ["盗窃", "2024-01", "10"], ["盗窃", "2024-02", "12"]]
    written = "\r\n".join(between.join(line) for line in lines).encode(encoding)
    code, out, err = spc(tmp_path, written)
    assert code == 0
    assert [(row["series"], row["y"], row["mr"]) for row in rows_of(out)] == [
        ("盗窃", "10.0", ""), ("盗窃", "12.0", "2.0"),
    ]  # fmt: skip
    assert "盗窃" in err


def test_blank_lines_spare_columns_and_spaces_are_no_matter(tmp_path: Path) -> None:
    written = 'series , x,y,note\n\n a ,2024-02, 3 ,"late, but sound"\n,,,\na,2024-01,5\n'
    code, out, _ = spc(tmp_path, written)
    assert code == 0
    assert [(row["x"], row["y"]) for row in rows_of(out)] == [
        ("2024-01", "5.0"),
        ("2024-02", "3.0"),
    ]


@pytest.mark.parametrize(
    ("places", "ordered"),
    [
        (["10", "9", "-1"], ["-1", "9", "10"]),
        (["2024-10-05", "2024-9-30", "2024-10-04"], ["2024-9-30", "2024-10-04", "2024-10-05"]),
        (["2024/2", "2023/12", "2024/1"], ["2023/12", "2024/1", "2024/2"]),
        (["2024-01-01 12:00:00", "2024-01-01T06:00"], ["2024-01-01T06:00", "2024-01-01 12:00:00"]),
        (["1e3", "20.5", "3"], ["3", "20.5", "1e3"]),
        (["2023年12月", "2024年1月5日", "2023年2月"], ["2023年2月", "2023年12月", "2024年1月5日"]),
        (["2024-Q1", "2023-Q4", "2023Q2"], ["2023Q2", "2023-Q4", "2024-Q1"]),
        (["2024-W01", "2023-W52", "2023-12-20"], ["2023-12-20", "2023-W52", "2024-W01"]),
    ],
)  # fmt: skip
def test_points_stand_in_the_order_of_their_days_or_numbers(
    tmp_path: Path, places: list[str], ordered: list[str]
) -> None:
    code, out, _ = spc(tmp_path, "series,x,y\n" + "".join(f"a,{x},1\n" for x in places))
    assert code == 0
    assert [row["x"] for row in rows_of(out)] == ordered


def test_each_series_has_its_own_kind_of_places(tmp_path: Path) -> None:
    code, out, _ = spc(tmp_path, "series,x,y\na,2024-01,1\nb,2,1\na,2024-02,2\nb,1,2\n")
    assert code == 0
    assert [row["x"] for row in rows_of(out)] == ["2024-01", "2024-02", "1", "2"]


@pytest.mark.parametrize("written", ["1", "", "5,5,5,5,5,5,5,5,5,5,5,5,5,5,5", "1e299,-1e299,1e299",
                                     "1e-300,2e-300", "NA,NA", "3,,,,,4"])  # fmt: skip
def test_one_point_equal_points_and_huge_ones_have_rows_and_a_reading(
    tmp_path: Path, written: str
) -> None:
    rows = "".join(f"a,{n},{y}\n" for n, y in enumerate(written.split(",")))
    for kind in ("xmr", "auto"):
        code, out, err = spc(tmp_path, f"series,x,y\n{rows}", "--chart", kind)
        assert code == 0
        assert len(rows_of(out)) == rows.count("\n")
        assert err.startswith("a: ")
        assert "inf" not in out
        assert "nan" not in out.lower()


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("", "no rows"),
        ("\n\n", "no rows"),
        ("series,x,y\na,2024-13,1\n", "line 2, column x should be a day"),
        ("series,x,y\na,2024-02-30,1\n", "line 2, column x should be a day"),
        ("series,x,y\na,,1\n", "line 2, column x"),
        ("series,x,y\na,2024-01,1\na,5,1\n", "line 3: the x of a are days here"),
        ("series,x,y\na,2024-01,1\na,2024-1-01,2\n", "line 3: a has 2024-1-01 twice"),
        ("series,x,y\na,1,1\na,1.0,2\n", "line 3: a has 1.0 twice"),
        ("series,x,y\n,1,1\n", "line 2, column series is empty"),
        ("series,x,y\na,1,12%\n", "line 2, column y should be a number; found '12%'"),
        ("series,x,y\na,1,inf\n", "line 2, column y"),
        ("series,x,y\na,1,1e400\n", "line 2, column y"),
        ("series,x,y\na,1,1_000\n", "line 2, column y"),
        ("series,x,y\n\na,1,1\n\nb,1,x\n", "line 5, column y"),
        ("series,x,y\na,1,1,000\n", "line 2 has 4 cells, the header 3"),
        ('series,x,y\na,1,"1\n', "not a csv"),
        ("series,x,y,y\na,1,1,2\n", "column y twice"),
        ("a\x00b,x,y\n1,2,3\n", "lacks the columns series"),
        ("series,x,y,n\na,1,1,-2\n", "column n may not be negative"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_in_one_line(
    tmp_path: Path, written: str, said: str
) -> None:
    code, out, err = spc(tmp_path, written)
    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1
    code, _, told = run("spc", "--input", tmp_path / "points.csv", lang="zh")
    assert (code, told.count("\n")) == (2, 1)
    assert told != err


def test_a_workbook_a_folder_and_no_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "book.xlsx").write_bytes(b"PK\x03\x04" + bytes(range(256)) * 20)
    for name in ("book.xlsx", ".", "none.csv"):
        code, out, err = run("spc", "--input", tmp_path / name)
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert ("is a workbook" in err) == (name == "book.xlsx")


def test_why_a_series_has_no_limits_is_said_as_it_is(tmp_path: Path) -> None:
    series = tmp_path / "series.csv"
    series.write_text("series,rebase_dates\na,2024-03\n")
    points = "a,2024-01,5\na,2024-02,6\na,2024-03,7\nb,2024-01,\nc,2024-01,4\n"
    _, _, err = spc(tmp_path, f"series,x,y\n{points}", "--series", series)
    assert "a: the last point (2024-03, 7) stands alone in its stretch" in err
    assert "b: no point has a figure" in err
    assert "c: the last point (2024-01, 4) stands alone" in err
    _, _, err = spc(tmp_path, few([1, 0, 2]), "--chart", "c")
    assert "points with a figure: 3. Each is held against twelve or more before it" in err


def test_limits_that_screening_drew_onto_the_mean_are_told(tmp_path: Path) -> None:
    _, out, err = spc(tmp_path, few([50] * 23 + [51]))
    assert {row["lpl"] == row["upl"] for row in rows_of(out)} == {True}
    assert "every move was screened out" in err
    _, _, err = spc(tmp_path, few([50] * 24))
    assert "screened" not in err


def test_a_number_that_nobody_could_read_is_written_short(tmp_path: Path) -> None:
    _, _, err = spc(tmp_path, few([4e299, 5e299, 4e299]))
    assert "(2022-03, 4e+299)" in err


def test_series_that_have_no_points_are_told_and_left_out(tmp_path: Path) -> None:
    series = tmp_path / "series.csv"
    series.write_text("series,target\na,5\nold,6\n")
    code, out, err = spc(tmp_path, "series,x,y\na,1,1\na,2,2\nb,1,1\n", "--series", series)
    assert code == 0
    assert [row["target"] for row in rows_of(out)] == ["5.0", "5.0", ""]
    assert "not used: 1 (old)" in err


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("a,neutral\na,increase", "line 3: a stands there twice"),
        ("a,sideways", "column improvement_direction: 'sideways'"),
    ],
)
def test_a_table_of_series_that_contradicts_itself_is_refused(
    tmp_path: Path, written: str, said: str
) -> None:
    series = tmp_path / "series.csv"
    series.write_text(f"series,improvement_direction\n{written}\n")
    code, _, err = spc(tmp_path, "series,x,y\na,1,1\na,2,2\n", "--series", series)
    assert code == 2
    assert said in err


@pytest.mark.parametrize("mark", ["2022-07", "2022-07-01", "2022/7", "2022-06-15"])
def test_a_stretch_begins_at_a_month_however_it_is_written(tmp_path: Path, mark: str) -> None:
    series = tmp_path / "series.csv"
    series.write_text(f"series,rebase_dates\na,{mark}\n")
    points = "".join(f"a,{month},{n}\n" for n, month in enumerate(MONTHS))
    code, out, _ = spc(tmp_path, f"series,x,y\n{points}", "--series", series)
    assert code == 0
    assert [row["x"] for row in rows_of(out) if row["rebase_group"] == "1"] == MONTHS[6:]


def test_days_do_not_rebase_a_series_of_numbers(tmp_path: Path) -> None:
    series = tmp_path / "series.csv"
    series.write_text("series,rebase_dates\na,2024-01\n")
    code, _, err = spc(tmp_path, "series,x,y\na,1,1\na,2,2\n", "--series", series)
    assert code == 2
    assert "column rebase_dates" in err


def few(values: list[object], name: str = "deaths") -> str:
    lines = [f"{name},{month},{y}\n" for month, y in zip(MONTHS, values, strict=False)]
    return "series,x,y\n" + "".join(lines)


def test_few_cases_are_charted_as_asked_and_the_agreed_columns_stay(tmp_path: Path) -> None:
    values = [1, 0, 2, 1, 1, 1] * 4 + [0] * 8
    code, out, err = spc(tmp_path, few(values))
    plain = rows_of(out)
    assert code == 0
    assert "XmR limits do not hold" in err
    code, out, err = spc(tmp_path, few(values), "--chart", "auto")
    found = rows_of(out)
    assert list(found[0])[: len(plain[0])] == list(plain[0])
    assert list(found[0])[len(plain[0]) :] == [
        "chart", "points", "cases", "expected", "chance", "dispersion",
    ]  # fmt: skip
    last = found[-1]
    assert (last["chart"], last["special_cause_type"]) == ("c", "8 Points Without A Case")
    assert last["lpl"] == "0.0"
    # 24 cases in the 730 days of 2022 and 2023, none in the 244 of 2024 up to August
    assert float(last["expected"]) == pytest.approx(24 * 244 / 730)
    assert float(last["chance"]) == pytest.approx(2 * (730 / 974) ** 24)
    assert "8 points up to 2024-08 without a case where about 8.02 would be usual" in err


def test_large_series_stay_on_their_xmr_chart(tmp_path: Path) -> None:
    values = [100 + n % 5 for n in range(30)]
    _, plain, _ = spc(tmp_path, few(values))
    code, out, err = spc(tmp_path, few(values), "--chart", "auto")
    assert code == 0
    assert "do not hold" not in err
    for mine, theirs in zip(rows_of(out), rows_of(plain), strict=True):
        assert {name: mine[name] for name in theirs} == theirs


def test_shares_of_few_have_limits_in_cases(tmp_path: Path) -> None:
    lines = [f"late,{month},{y},8\n" for month, y in zip(MONTHS, [1, 2, 0] * 9 + [6], strict=False)]
    written = "series,x,y,n\n" + "".join(lines)
    code, out, err = spc(tmp_path, written, "--chart", "auto", "--summary")
    assert code == 0
    assert "above what chance does in a single point (0 to 5 of the cases of a point" in err
    code, out, _ = spc(tmp_path, written, "--chart", "p")
    assert (rows_of(out)[-1]["chart"], rows_of(out)[-1]["upl"]) == ("p", "5.0")


@pytest.mark.parametrize(
    ("kind", "rows", "said"),
    [
        ("c", ["1.5", "2"], "no chart of counts"),
        ("c", ["-1", "2"], "no chart of counts"),
        ("p", ["1", "2"], "needs a column n"),
        ("g", ["1", "2"], "--chart"),
    ],
)
def test_a_chart_that_the_figures_do_not_allow_is_refused(
    tmp_path: Path, kind: str, rows: list[str], said: str
) -> None:
    code, out, err = spc(tmp_path, few(rows), "--chart", kind)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err
