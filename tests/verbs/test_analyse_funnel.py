"""Does `kpi analyse funnel` take any table of groups, and refuse what is none in one line?"""

import contextlib
import csv
import io
import json
import warnings
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import kpi

REFERENCE = Path(__file__).resolve().parents[1] / "metrics" / "reference"
HEAD = "group,numerator,denominator\n"


def run(table: Path, *options: str, lang: str = "en") -> tuple[int, list[dict[str, str]], str]:
    out, err = io.StringIO(), io.StringIO()
    arguments = ["--lang", lang, "analyse", "funnel", "--input", str(table), *options]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = kpi.main(arguments)
    return code, list(csv.DictReader(io.StringIO(out.getvalue()))), err.getvalue()


def test_the_peers_form_and_the_corrected_one_differ_where_the_peer_is_wrong() -> None:
    table = REFERENCE / "input_rc_counts.csv"
    code, peer, err = run(table, "--type", "RC", "--overdispersion")
    assert (code, sum(int(r["outlier"]) for r in peer)) == (0, 2)
    assert "outside the 99.8% limits: 2 (S15, S58)" in err
    assert "3.7 times as far apart as chance" in err
    _, plain, _ = run(table, "--type", "RC")
    assert sum(int(r["outlier"]) for r in plain) == 48
    _, right, _ = run(table, "--type", "RC", "--overdispersion", "--corrected")
    assert (right[0]["OD99LCL"], right[0]["config"]) != (peer[0]["OD99LCL"], peer[0]["config"])
    assert right[0]["Uzscore"] == peer[0]["Uzscore"]
    _, both, _ = run(table, "--type", "RC", "--overdispersion", "--corrected", "--counted")
    assert all(
        float(b["OD99LCL"]) < float(r["OD99LCL"]) and float(b["OD99UCL"]) > float(r["OD99UCL"])
        for b, r in zip(both, right, strict=True)
    )


def test_ratios_are_standardised_by_the_mix_of_cases(tmp_path: Path) -> None:
    """Town a has hard cases only and clears them as everywhere: 10 of 100 is what is expected."""
    table = tmp_path / "cases.csv"
    table.write_text(
        "group,crime,numerator,denominator\n"
        "a,fraud,10,100\nb,fraud,10,100\nb,theft,150,300\nc,theft,150,300\n"
    )
    code, rows, err = run(table, "--type", "SR", "--standardise", "crime")
    assert code == 0, err
    assert [(r["group"], r["numerator"], r["denominator"]) for r in rows] == [
        ("a", "10.0", "10.0"), ("b", "160.0", "160.0"), ("c", "150.0", "150.0"),
    ]  # fmt: skip
    assert [r["rr"] for r in rows] == ["1.0", "1.0", "1.0"]
    _, rows, _ = run(table, "--type", "PR", "--limit", "95")
    assert [r["outlier"] for r in rows] == ["1", "0", "1"]  # the mix alone, taken for good and bad


def test_one_group_has_an_expected_value_and_nothing_else_to_stand_against(tmp_path: Path) -> None:
    table = tmp_path / "one.csv"
    table.write_text(HEAD + "a,0,5\n")
    code, rows, _ = run(table, "--type", "SR", "--limit", "95")
    assert (code, rows[0]["rr"], rows[0]["outlier"]) == (0, "0.0", "1")
    assert run(table, "--type", "PR")[0] == 2


def test_a_handful_outside_the_limits_is_said_to_be_chance(tmp_path: Path) -> None:
    """None of 0.49 expected (chance 0.61) is below any limit; none of 20 (2 in a milliard) is."""
    table = tmp_path / "few.csv"
    table.write_text(HEAD + "a,0,100\nb,0,4080\nc,70,10000\nd,50,10300\n")
    code, rows, err = run(table, "--type", "RC", "--corrected")
    assert (code, [r["group"] for r in rows if r["outlier"] == "1"]) == (0, ["a", "b"])
    assert "1 of these with too few cases" in err
    assert err.rstrip().endswith("may explain them: a.")
    assert "without --overdispersion" in err
    _, _, err = run(REFERENCE / "input_rc_counts.csv", "--type", "RC")
    assert "too few cases" not in err  # 48 outside, and none of them small
    _, _, err = run(table, "--type", "RC", "--corrected", "--overdispersion", lang="zh")
    assert "其中 1 组案件太少" in err
    assert "未加 --overdispersion" not in err


def test_the_tail_of_a_handful_is_as_wide_as_the_limits(tmp_path: Path) -> None:
    # None where 7.8 are expected: by chance alone 4 in 10,000, where groups differ so, 5 in 100.
    table = tmp_path / "spread.csv"
    rows = ["a,3,50000", "b,12,60000", "c,0,40000", "d,7,55000", "e,30,61000"]
    table.write_text(HEAD + "\n".join(rows), encoding="utf-8")
    asked = ("--type", "RC", "--corrected")
    assert "may explain them: a." in run(table, *asked)[2]
    err = run(table, *asked, "--overdispersion")[2]
    assert "outside the 99.8% limits: 1 (c)" in err
    assert "may explain them: c." in err


def test_json_has_no_word_for_infinity(tmp_path: Path) -> None:
    table = tmp_path / "none.csv"
    table.write_text(HEAD + "a,0,5\nb,4,5\nc,6,5\n")
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
        options = ["--type", "SR", "--overdispersion", "--format", "json"]
        assert kpi.main(["analyse", "funnel", "--input", str(table), *options]) == 0
    rows = json.loads(out.getvalue(), parse_constant=lambda word: pytest.fail(word))
    assert rows[0]["Uzscore"] is None


@pytest.mark.parametrize(
    ("written", "options", "said"),
    [
        (HEAD + "a,1,4\n,2,9\n", ["PR"], "line 3, column group is empty"),
        (HEAD + "a,1,4\nb,2,1e18\n", ["RC"], "line 3, column denominator"),
        (HEAD + "a,1,4\nb,2,1e-9\n", ["RC"], "line 3, column denominator"),
        (HEAD + "a,1,4\nb,2,-9\n", ["RC"], "may not be negative"),
        (HEAD + "a,inf,4\nb,2,9\n", ["RC"], "should be a number"),
        (HEAD + "a,1,0\nb,2,0\n", ["RC"], "needs two groups"),
        (HEAD + "a,1,0.004\nb,2,0.001\n", ["SR"], "needs two groups"),
        (HEAD, ["PR"], "no rows"),
        ("", ["PR"], "no rows"),
        ("a;b\n1;2\n", ["PR"], "lacks the columns group, numerator, denominator"),
        (HEAD + "a,1,4\nb,2,9\n", ["PR", "--counted"], "--counted goes with"),
        (HEAD + "a,1,4\nb,2,9\n", ["PR", "--standardise", "x"], "--type SR"),
        (HEAD + "a,1,4\nb,2,9\n", ["SR", "--standardise", "crime"], "lacks the columns crime"),
        (HEAD + "a,1,4\nb,2,9\n", ["SR", "--trim", "0"], "--trim"),
        (HEAD + "a,1,4\nb,2,9\n", ["PR", "--trim", "nan"], "--trim"),
        (HEAD + "a,1,4\nb,2,9\n", ["PR", "--multiplier", "1e300"], "--multiplier"),
        (HEAD + "a,1,4\nb,2,9\n", ["PR", "--limit", "99.8"], "--limit"),
        ("group,k,numerator,denominator\na,x,1,0\nb,y,2,9\n", ["SR", "--standardise", "k"],
         "x has numerators and no denominator"),
    ],
)  # fmt: skip
def test_what_is_no_table_of_groups_is_refused_in_one_line(
    tmp_path: Path, written: str, options: list[str], said: str
) -> None:
    table = tmp_path / "table.csv"
    table.write_text(written)
    code, rows, err = run(table, "--type", *options)
    assert (code, rows) == (2, [])
    assert said in err
    assert err.count("\n") == 1


CELLS = st.sampled_from(
    ["", "0", "1", "7", "250", "1e9", "0.001", "-1", "NA", "x", '"', "１", "=1+1"]
)


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.one_of(
        st.binary(max_size=60),
        st.lists(st.tuples(st.sampled_from("abc,"), CELLS, CELLS), max_size=8).map(
            lambda rows: (HEAD + "\n".join(map(",".join, rows))).encode()
        ),
    ),
    st.sampled_from(["PR", "RC", "SR"]),
    st.sampled_from([[], ["--overdispersion"], ["--overdispersion", "--corrected"]]),
    st.sampled_from([[], ["--sr-method", "CQC", "--limit", "95"]]),
)
def test_no_table_whatever_ends_in_an_error_of_the_program(
    tmp_path: Path, written: bytes, kind: str, more: list[str], method: list[str]
) -> None:
    table = tmp_path / "any.csv"
    table.write_bytes(written)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        code, rows, err = run(table, "--type", kind, *more, *method)
    assert code in (0, 2), err
    assert "internal" not in err
    if code == 2:
        assert rows == []
        assert err.count("\n") == 1
    else:
        assert rows
        assert not {row[name] for row in rows for name in ("LCL99", "UCL99", "rr")} & {"NaN", "nan"}
