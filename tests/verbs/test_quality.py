"""Does `kpi quality` tell how returns fared, to each their part, and count a month when asked?"""

import json
from pathlib import Path

import pytest

import kpi
from tests.verbs.conftest import Run, rows

MONTH = ("--period", "2024-10")


def test_by_unit_and_month(run: Run) -> None:
    code, out, _ = run("city_reviewer", "quality", *MONTH, "--unit", "yz04")
    assert code == 0
    found = {row["unit"]: row for row in rows(out)}
    assert set(found) == {f"yz04{n:02d}" for n in range(1, len(found))} | {"yz04-own"}
    missed = found["yz0411"]
    counts = [missed[name] for name in ("returns", "came", "ontime", "passed", "rate")]
    assert counts == ["7", "0", "0", "0", "0.0"]
    assert found["yz0401"]["ontime_rate"] == "100.0"


def test_each_return_with_its_days(run: Run) -> None:
    out = run("city_reviewer", "quality", *MONTH, "--unit", "yz0411", "--by", "returns")[1]
    found = {row["form"]: row for row in rows(out)}
    assert (found["M01"]["due"], found["M08"]["due"]) == ("2024-11-05", "2024-11-10")
    assert {row["came"] for row in found.values()} == {""}


def test_by_rule_over_some_months_and_as_json(run: Run) -> None:
    span = ("--from", "2024-08", "--to", "2024-09")
    out = run("city_reviewer", "quality", *span, "--by", "rule", "--format", "json")[1]
    found = json.loads(out)
    assert {row["period"] for row in found} == {"2024-08", "2024-09"}
    assert all(row["answered"] == row["findings"] for row in found if row["severity"] == "query")
    whole = rows(run("city_reviewer", "quality", "--by", "rule")[1])
    assert {row["period"] for row in whole} == {"2024-08", "2024-09", "2024-10"}


def test_how_long_it_took(run: Run) -> None:
    found = rows(run("city_reviewer", "quality", "--by", "resolution")[1])
    assert [row["period"] for row in found] == ["2024-08", "2024-09", "2024-10"]
    assert all(1 < float(row["median_days"]) < 5 for row in found)
    assert int(found[0]["sent_back"]) >= 1


def test_a_station_reads_its_own_history_and_no_other(run: Run) -> None:
    for by in ("unit", "returns", "rule", "history"):
        code, out, _ = run("hubinlu_statistician", "quality", "--by", by)
        assert code == 0
        assert {row["unit"] for row in rows(out) if "unit" in row} <= {"yz0101"}
    code, _, err = run("hubinlu_statistician", "quality", "--unit", "yz0102")
    assert (code, "yz0102" in err, err.count("\n")) == (2, True, 1)


def test_an_open_month_is_counted_once(run: Run) -> None:
    code, _, err = run("minghu_reviewer", "quality", *MONTH, "--record")
    assert (code, "minghu_reviewer" in err) == (2, True)
    before = rows(run("city_reviewer", "quality", *MONTH, "--unit", "yz0411")[1])
    code, _, err = run("city_reviewer", "quality", *MONTH, "--record")
    assert (code, "figures changed" in err) == (0, True)
    code, _, err = run("administrator", "quality", *MONTH, "--record")
    assert (code, "nothing was written" in err) == (0, True)
    asked = ("--indicator", "d_ontime_rate", "--unit", "yz0411", *MONTH)
    (figure,) = rows(run("city_reviewer", "figures", *asked)[1])
    assert (float(figure["value"]), figure["status"]) == (0, "provisional")
    assert rows(run("city_reviewer", "quality", *MONTH, "--unit", "yz0411")[1]) == before
    assert run("city_reviewer", "audit", "verify")[0] == 0


@pytest.mark.parametrize(
    "words",
    [
        ("--record",),
        ("--record", *MONTH, "--unit", "yz01"),
        ("--by", "rules"),
        ("--period", "2024-10", "--from", "2024-08"),
        ("--period", "soon"),
        ("--unit", "nowhere"),
    ],
)
def test_a_command_that_cannot_be_carried_out_says_why_in_a_line(
    run: Run, words: tuple[str, ...]
) -> None:
    code, out, err = run("city_reviewer", "quality", *words)
    assert (code, out, err.count("\n")) == (2, "", 1)


def test_a_store_in_which_nothing_was_filed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    assert kpi.main(["--store", url, "init"]) == 0
    capsys.readouterr()
    for lang, word in (("en", "imported"), ("zh", "导入")):
        assert kpi.main(["--store", url, "--lang", lang, "quality"]) == 2
        assert word in capsys.readouterr().err
