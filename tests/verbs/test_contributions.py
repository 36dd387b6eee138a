"""Changes taken apart on the command line: what is printed, for whom, and what is refused."""

import contextlib
import csv
import io
import json
import shutil

import pytest

import kpi
from data.catalog import BUILT_IN

FILED = """\
unit,period,calls_total,calls_valid,calls_invalid
yz0101,2023-10,100,70,30
yz0102,2023-10,60,50,10
yz0201,2023-10,80,60,20
yz0101,2024-10,130,95,35
yz0102,2024-10,60,45,15
yz0201,2024-10,70,60,10
"""
PERSON = """
[[person]]
user = "minhu"
role = "leader"
unit = "yz01"
name = {zh = "甲", en = "A"}
"""


@pytest.fixture(scope="module")
def bureau(tmp_path_factory: pytest.TempPathFactory):
    """Return a function that runs a command on a store of a few calls."""
    folder = tmp_path_factory.mktemp("calls")
    definitions = folder / "definitions"
    shutil.copytree(BUILT_IN, definitions)
    people = definitions / "people.toml"
    people.write_text(people.read_text(encoding="utf-8") + PERSON, encoding="utf-8")

    def run(*arguments: str, user: str = "", lang: str = "en") -> tuple[int, str, str]:
        base = ["--definitions", str(definitions), "--store", f"sqlite:///{folder / 'r.db'}"]
        base += ["--lang", lang, *(["--as", user] if user else [])]
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = kpi.main([*base, *arguments])
        return code, out.getvalue(), err.getvalue()

    def imported(name: str, rows: list[str]) -> tuple[int, str, str]:
        (folder / name).write_text("\n".join(rows), encoding="utf-8")
        return run("import", str(folder / name), "--form", "M01")

    run.imported = imported
    code, _, err = imported("calls.csv", FILED.splitlines())
    assert code == 0, err
    return run


def rows_of(printed: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(printed)))


def asked(*more: str, code: str = "calls_total") -> list[str]:
    return ["contributions", "--indicator", code, "--period", "2024-10", "--format", "csv", *more]


def test_the_lines_of_a_count_add_up(bureau) -> None:
    code, out, err = bureau(*asked())
    assert code == 0, err
    rows = rows_of(out)
    assert [(r["part"], r["role"], r["contribution"]) for r in rows] == [
        ("yz", "whole", "20.0"), ("yz01", "part", "30.0"), ("yz02", "part", "-10.0"),
    ]  # fmt: skip
    assert [r["rate_effect"] for r in rows] == ["", "", ""]
    assert "changed by +20" in err
    assert "3 filing units" in err


def test_usual_variation_is_said_to_need_no_cause(bureau) -> None:
    rows = ["unit,period,calls_total,calls_valid,calls_invalid"]
    for at in range(24):  # 100 to 106 calls a month, 300 in the last
        total = 300 if at == 23 else 100 + at * 5 % 7
        rows.append(f"yz0301,{2022 + at // 12}-{at % 12 + 1:02},{total},{total - 30},30")
    assert bureau.imported("history.csv", rows)[0] == 0
    asked_there = asked("--unit", "yz0301", "--by", "categories")
    november, december = (
        ["2023-" + month if word == "2024-10" else word for word in asked_there]
        for month in ("11", "12")
    )
    assert "no cause need be sought" in bureau(*november)[2]
    err = bureau(*december)[2]
    assert "changed by +194" in err
    assert "no cause" not in err


def test_a_rate_by_units_has_two_effects(bureau) -> None:
    code, out, err = bureau(*asked("--unit", "yz01", code="d_valid_call_share"))
    assert code == 0, err
    whole, *lines = rows_of(out)
    # 140 of 190 against 120 of 160.
    assert float(whole["contribution"]) == pytest.approx((140 / 190 - 120 / 160) * 100)
    assert whole["numerator"] == "140.0"
    for effect in ("rate_effect", "mix_effect", "contribution"):
        total = sum(float(r[effect]) for r in lines)
        assert total == pytest.approx(float(whole[effect]), abs=1e-12)
    assert "its own rate" in err


def test_categories_come_from_the_rules(bureau) -> None:
    code, out, _ = bureau(*asked("--by", "categories"))
    assert code == 0
    found = {r["part"]: r["contribution"] for r in rows_of(out)}
    assert found == {"yz": "20.0", "calls_valid": "20.0", "calls_invalid": "0.0"}


def test_json_and_chinese(bureau) -> None:
    options = ["contributions", "--indicator", "calls_total", "--period", "2024-10"]
    code, out, err = bureau(*options, "--format", "json", lang="zh")
    assert code == 0
    assert json.loads(out)[1]["contribution"] == 30
    assert "云泽市公安局变化 +20，" in err


def test_what_cannot_be_taken_apart_says_why(bureau) -> None:
    code, out, err = bureau(*asked("--unit", "yz0101"))
    assert (code, len(rows_of(out))) == (0, 1)
    assert "no units below" in err
    code, out, err = bureau(*asked("--compare", "mom"))
    assert (code, rows_of(out)[0]["contribution"]) == (0, "")
    assert "cannot be compared" in err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (asked("--by", "unit"), "units"),
        (asked("--compare", "target"), "yoy, mom"),
        (asked(code="calls_total,calls_valid"), "one indicator"),
        (asked(code="calls_totl"), "calls_total"),
        (asked(code="d_crim_recorded_yoy"), "itself a change"),
        (asked("--window", "decade"), "--window"),
    ],
)
def test_a_wrong_question_is_refused_in_one_line(bureau, options, said) -> None:
    code, out, err = bureau(*options)
    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1


def test_nobody_sees_another_units_parts(bureau) -> None:
    code, out, _ = bureau(*asked(), user="minhu")
    assert code == 0
    assert [r["part"] for r in rows_of(out)] == ["yz01", "yz0101", "yz0102"]
    code, out, err = bureau(*asked("--unit", "yz"), user="minhu")
    assert (code, out) == (2, "")
    assert "yz" in err
