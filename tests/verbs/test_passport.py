"""Does the command name the cells behind any figure, and what happened to them?"""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest

import kpi
from data.demo.build import RECORD

Run = Callable[..., tuple[list[dict[str, str]], str]]
CONTRACT = (
    *("role", "measure", "unit", "period", "value", "file", "sheet", "cell", "submission"),
    *("version", "submitted_by", "reviewer", "vintage", "earlier", "share", "definition"),
)
#: A theft count that its district filed as 16 and corrected to 14.
CORRECTED = ("--indicator", "calls_theft", "--unit", "yz0104", "--period", "2024-10")


@pytest.fixture
def run(demo_folder: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def run_(*words: str, user: str = "city_leader", lang: str = "en"):
        store = f"sqlite:///{demo_folder / RECORD}"
        asked = ["--lang", lang, "--store", store, "--as", user, "passport", *words]
        assert kpi.main([*asked, "--format", "csv"]) == 0
        out, err = capsys.readouterr()
        return list(csv.DictReader(io.StringIO(out))), err

    return run_


def test_the_columns_of_the_contract_stay_and_more_follow(run: Run) -> None:
    (row,), said = run(*CORRECTED)
    assert tuple(row)[: len(CONTRACT)] == CONTRACT
    assert (row["value"], row["cell"], row["version"], row["kind"]) == (
        "14.0",
        "L11",
        "2",
        "return",
    )
    assert row["earlier"] == "16 @ 2024-11-06"
    assert row["confirmed_by"] == "qiaobei_statistician"
    assert row["steps"] == "county minghu_reviewer 2024-11-06; city city_reviewer 2024-11-07"
    assert row["why"].startswith("与台账复核")
    assert "Version: v1" in said


def test_in_detail_it_is_the_life_of_each_cell(run: Run) -> None:
    events, said = run(*CORRECTED, "--detail", lang="zh")
    assert [event["event"] for event in events] == [
        *("filed", "confirmed", "accepted", "accepted", "in_force"),
        *("filed", "corrects", "confirmed", "accepted", "accepted", "in_force"),
    ]
    assert [event["value"] for event in events if event["value"]] == ["16.0"] * 2 + ["14.0"] * 2
    assert {event["version"] for event in events} == {"1", "2"}
    assert "口径:v1" in said


def test_questions_and_their_answers_are_told(run: Run) -> None:
    asked = ("--indicator", "crim_cleared", "--unit", "yz0104", "--period", "2024-08")
    events, _ = run(*asked, "--detail")
    told = {event["event"]: event["words"] for event in events}
    assert told["asked"].startswith("R17 ")
    assert told["answered"].startswith("本月集中破获往年积案")


def test_a_rate_over_a_window_of_a_district_names_both_its_parts(run: Run) -> None:
    asked = ("--indicator", "d_crim_clear_rate", "--unit", "yz01", "--period", "2024-10")
    rows, said = run(*asked, "--window", "quarter", "--limit", "5")
    assert {row["role"] for row in rows} == {"numerator"}
    assert all(row["sheet"] == "刑事案件" and row["steps"] for row in rows)
    assert "5 of 46 cells listed" in said


@pytest.mark.parametrize(
    ("indicator", "unit", "period", "expected"),
    [
        ("adm_fine_amount", "yz0101", "2024-03", ("M03_2024-03.csv", "I4", "1.0", "1")),
        ("fraud_dissuade_visits", "yz0101", "2024-02", ("M04_back-cast.csv", "C1039", "1.0", "2")),
        ("calls_valid", "yz0218", "2023-06", ("M01_2023.csv", "", "0.55", "1")),
    ],
)
def test_history_back_casts_and_predecessors_name_their_file(
    run: Run, indicator: str, unit: str, period: str, expected: tuple[str, ...]
) -> None:
    rows, _ = run("--indicator", indicator, "--unit", unit, "--period", period)
    row = rows[0]
    file, cell, share, definition = expected
    assert (row["file"], row["kind"], row["definition"]) == (file, "import", definition)
    assert (row["steps"], row["written"], row["submitted_by"]) == ("", "", "operator")
    assert row["unit"] == ("yz0291" if share == "0.55" else unit)
    assert cell in ("", row["cell"])
    assert share in ("", row["share"])
    events, _ = run("--indicator", indicator, "--unit", unit, "--period", period, "--detail")
    assert [event["event"] for event in events][:2] == ["imported", "in_force"]


def test_a_leader_of_a_district_sees_no_cell_of_another(run: Run) -> None:
    rows, _ = run(
        *("--indicator", "calls_valid", "--unit", "yz01", "--period", "2024-10"),
        user="minghu_leader",
    )
    assert {row["unit"][:4] for row in rows} == {"yz01"}
