"""The survey on the command line: what is printed, to whom, and what is never printed."""

import contextlib
import csv
import io
import json
import math
from pathlib import Path

import pytest

import kpi
from data.demo.build import RECORD

HEAD = (
    "unit,period,dimension,weight,mean,sd,n,invited,response,band,lower,upper,base_period,"
    "base_mean,change,tellable,reading,note"
)


@pytest.fixture(scope="module")
def store(demo_folder: Path) -> str:
    return f"sqlite:///{demo_folder / RECORD}"


def run(store: str, *arguments: str, lang: str = "en", user: str = "") -> tuple[int, str, str]:
    base = ["--store", store, "--lang", lang, *(["--as", user] if user else [])]
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = kpi.main([*base, *arguments])
    return code, out.getvalue(), err.getvalue()


def rows(store: str, *arguments: str, user: str = "") -> list[dict[str, str]]:
    code, out, err = run(store, *arguments, "--format", "csv", user=user)
    assert code == 0, err
    return list(csv.DictReader(io.StringIO(out)))


def test_each_dimension_has_a_line_with_its_interval_and_its_change(store: str) -> None:
    code, out, said = run(store, "wellbeing", "--unit", "yz", "--period", "2024-10")
    assert code == 0
    assert out.splitlines()[0] == HEAD
    found = list(csv.DictReader(io.StringIO(out)))
    assert [row["dimension"] for row in found] == [
        "wb_overall_score", "wb_health_score", "wb_education_score", "wb_reward_score",
        "wb_rights_score", "wb_life_score", "wb_support_score",
    ]  # fmt: skip
    assert {(row["period"], row["base_period"]) for row in found} == {("2024-09", "2023-09")}
    for row in found:
        mean, sd, n, invited = (float(row[name]) for name in ("mean", "sd", "n", "invited"))
        error = sd / math.sqrt(n) * math.sqrt((invited - n) / (invited - 1))
        # t(2264; 0.975) = 1.961
        assert float(row["upper"]) - mean == pytest.approx(1.961 * error, rel=1e-4)
        assert float(row["response"]) == pytest.approx(100 * n / invited)
        assert (row["reading"] != "not_significant") == (row["tellable"] == "true")
    assert "1.96 standard errors" in said


def test_the_wave_is_the_last_up_to_the_month_and_without_one_the_last(store: str) -> None:
    latest = rows(store, "wellbeing")
    assert {(row["unit"], row["period"]) for row in latest} == {("yz", "2024-09")}
    waves = rows(store, "wellbeing", "--from", "2024-04", "--to", "2024-10")
    assert list(dict.fromkeys(row["period"] for row in waves)) == ["2024-03", "2024-06", "2024-09"]


def test_what_the_response_does_not_carry_is_not_compared(store: str) -> None:
    found = rows(store, "wellbeing", "--level", "county", "--period", "2024-09")
    index = {row["unit"]: row for row in found if row["dimension"] == "wb_overall_score"}
    assert {unit: row["band"] for unit, row in index.items() if row["band"] != "publish"} == {
        "yz06": "caution", "yz08": "query", "yz09": "level_only",
    }  # fmt: skip
    for unit, why in (("yz08", "query"), ("yz09", "level_only")):
        assert [index[unit][name] for name in ("change", "tellable", "note")] == ["", "", why]
    figures = rows(
        store, "figures", "--indicator", "wb_overall_score", "--unit", ",".join(index),
        "--period", "2024-09", "--window", "wave", "--compare", "yoy",
    )  # fmt: skip
    for row in figures:
        assert (row["change"], row["reading"]) == (
            index[row["unit"]]["change"],
            index[row["unit"]]["reading"],
        )
        assert (row["note"] == "response") == (row["unit"] in ("yz08", "yz09"))


def test_of_a_unit_that_is_not_shown_nothing_is_printed(store: str) -> None:
    found = rows(store, "wellbeing", "--unit", "yz0214", "--period", "2024-09")
    kept = {name for row in found for name, value in row.items() if value}
    assert kept == {"unit", "period", "dimension", "weight", "band", "reading", "note"}
    assert {(row["band"], row["note"]) for row in found} == {("hidden", "hidden")}


def test_the_command_line_can_pin_no_small_unit(store: str) -> None:
    """All that is printed of a district's units together leaves ten answers or more unknown."""
    code, out, _ = run(
        store, "wellbeing", "--unit", "yz02," + ",".join(below("yz02")), "--period", "2024-09",
        "--format", "json",
    )  # fmt: skip
    assert code == 0
    index = {row["unit"]: row for row in json.loads(out) if row["dimension"] == "wb_overall_score"}
    whole = index.pop("yz02")["n"]
    told = [row["n"] for row in index.values() if row["n"] is not None]
    assert min(told) >= 10
    assert whole - sum(told) == 0 or whole - sum(told) >= 10


def below(unit: str) -> list[str]:
    from data.catalog import load_catalog
    from data.units import tree

    return list(tree(load_catalog()).children(unit))


def test_who_may_not_see_a_unit_is_refused(store: str) -> None:
    code, _, said = run(store, "wellbeing", "--unit", "yz02", user="minghu_leader")
    assert code == 2
    assert "yz02" in said
    own = rows(store, "wellbeing", "--period", "2024-09", user="minghu_leader")
    assert {row["unit"] for row in own} == {"yz01"}


def test_a_wave_is_told_as_it_was_known_on_a_day(store: str) -> None:
    early = rows(store, "wellbeing", "--period", "2024-10", "--as-of", "2024-07-22")
    assert {row["period"] for row in early} == {"2024-06"}
    assert rows(store, "wellbeing", "--period", "2024-06") == early
    code, out, said = run(store, "wellbeing", "--as-of", "2010-01-01")
    assert (code, out) == (2, "")
    assert "no survey wave" in said


def test_on_the_units_of_the_time_only_what_those_of_today_do_not_give_away_is_told(
    store: str,
) -> None:
    """Yz0315 changed districts in April 2024: both would tell it by their difference."""
    asked = ("wellbeing", "--unit", "yz,yz01,yz02,yz03", "--period", "2024-03")
    now, then = rows(store, *asked), rows(store, *asked, "--basis", "then")
    assert {row["unit"] for row in now if row["mean"]} == {"yz", "yz01", "yz02", "yz03"}
    shown = [row for row in then if row["mean"]]
    assert {row["unit"] for row in shown} == {"yz", "yz01"}
    assert [float(row["mean"]) for row in shown] == pytest.approx(
        [float(row["mean"]) for row in now if row["unit"] in ("yz", "yz01")]
    )
    code, out, said = run(store, *asked, "--basis", "matched")
    assert (code, out) == (2, "")
    assert "now or then" in said


def test_before_the_first_wave_there_is_a_sentence(store: str) -> None:
    code, out, said = run(store, "wellbeing", "--period", "2010-01", lang="zh")
    assert (code, out) == (2, "")
    assert "还没有测评批次" in said
    code, out, said = run(store, "wellbeing", "--unit", "yz", "--format", "csv", lang="zh")
    assert "1.96" in said
