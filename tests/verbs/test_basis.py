"""The bases on the command line: what each person sees of units that were split and moved."""

import contextlib
import csv
import io
import shutil
from pathlib import Path

import pytest

import kpi
from data.catalog import BUILT_IN

# yz0291 was split in July 2023 (55 % to yz0218, 45 % to yz0219); yz0315 moved from yz02 to yz03
# in April 2024.
FILED = """\
unit,period,calls_theft
yz0201,2023-06,40
yz0291,2023-06,20
yz0315,2023-06,10
yz0301,2023-06,30
yz0201,2024-06,44
yz0218,2024-06,12
yz0219,2024-06,9
yz0315,2024-06,11
yz0301,2024-06,33
"""
PERSON = """
[[person]]
user = "{user}"
role = "leader"
unit = "{unit}"
name = {{zh = "甲", en = "A"}}
"""


class Bureau:
    """A store of the demonstration's units, spoken to through the command line."""

    def __init__(self, folder: Path) -> None:
        self.definitions = folder / "definitions"
        shutil.copytree(BUILT_IN, self.definitions)
        people = self.definitions / "people.toml"
        added = PERSON.format(user="jinxi", unit="yz03") + PERSON.format(user="qingwu", unit="yz02")
        people.write_text(people.read_text(encoding="utf-8") + added, encoding="utf-8")
        self.store = f"sqlite:///{folder / 'record.db'}"

    def run(self, *arguments: str, user: str = "") -> tuple[int, list[dict[str, str]], str]:
        base = ["--definitions", str(self.definitions), "--store", self.store, "--lang", "en"]
        base += ["--as", user] if user else []
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = kpi.main([*base, *arguments])
        return code, list(csv.DictReader(io.StringIO(out.getvalue()))), err.getvalue()

    def values(self, *arguments: str, user: str = "") -> dict[str, str]:
        asked = ("figures", "--indicator", "calls_theft", "--format", "csv", *arguments)
        code, rows, err = self.run(*asked, user=user)
        assert code == 0, err
        return {row["unit"]: row["value"] for row in rows}


@pytest.fixture(scope="module")
def bureau(tmp_path_factory: pytest.TempPathFactory) -> Bureau:
    folder = tmp_path_factory.mktemp("bases")
    found = Bureau(folder)
    table = folder / "M01_history.csv"
    table.write_text(FILED, encoding="utf-8")
    assert found.run("init")[0] == 0
    code, _, err = found.run("import", str(table), "--form", "M01")
    assert code == 0, err
    return found


def test_figures_on_each_basis(bureau: Bureau) -> None:
    asked = ("--unit", "yz02,yz03,yz0218,yz0291", "--period", "2023-06")
    assert bureau.values(*asked) == {"yz02": "60.0", "yz03": "40.0", "yz0218": "11.0", "yz0291": ""}
    assert bureau.values(*asked, "--basis", "then") == {
        "yz02": "70.0", "yz03": "30.0", "yz0218": "", "yz0291": "20.0",
    }  # fmt: skip


def test_a_level_lists_the_units_of_the_time(bureau: Bureau) -> None:
    now = bureau.values("--level", "station", "--period", "2023-06")
    then = bureau.values("--level", "station", "--period", "2023-06", "--basis", "then")
    assert len(now) == 126
    assert set(now) - set(then) == {"yz0114", "yz0218", "yz0219"}
    assert set(then) - set(now) == {"yz0291"}


@pytest.mark.parametrize("basis", ["now", "then", "matched"])
def test_the_basis_is_always_stated(bureau: Bureau, basis: str) -> None:
    asked = ("figures", "--indicator", "calls_theft", "--period", "2024-06", "--basis", basis)
    code, _, err = bureau.run(*asked, "--compare", "yoy")
    assert code == 0
    said = {"now": "today's units", "then": "units as they were", "matched": "matched units"}
    assert f"Basis: {said[basis]}." in err


def test_matched_needs_a_comparison(bureau: Bureau) -> None:
    asked = ("figures", "--indicator", "calls_theft", "--period", "2024-06", "--basis", "matched")
    code, _, err = bureau.run(*asked)
    assert (code, err) == (
        2, "kpi: --basis matched needs --compare: it says which units a comparison keeps.\n",
    )  # fmt: skip


def test_comparisons_on_each_basis(bureau: Bureau) -> None:
    found = {}
    for basis in ("now", "then", "matched"):
        code, rows, err = bureau.run(
            "figures", "--indicator", "calls_theft", "--unit", "yz02", "--period", "2024-06",
            "--compare", "yoy", "--basis", basis, "--format", "csv",
        )  # fmt: skip
        assert code == 0, err
        names = ("compared_value", "base_value", "compared_units")
        found[basis] = tuple(rows[0][name] for name in names)
    assert found == {
        "now": ("65.0", "60.0", "3"),
        "then": ("65.0", "70.0", "5"),
        "matched": ("44.0", "40.0", "1"),
    }


def test_people_see_the_past_of_their_own(bureau: Bureau) -> None:
    asked = ("--period", "2023-06", "--unit")
    assert bureau.values(*asked, "yz03", user="jinxi") == {"yz03": "40.0"}
    assert bureau.values(*asked, "yz03", "--basis", "then", user="jinxi") == {"yz03": "30.0"}
    # yz0315 was Qingwu's in that month; its county is whole for its people as it was then.
    assert bureau.values(*asked, "yz02", "--basis", "then", user="qingwu") == {"yz02": "70.0"}
    assert bureau.values(*asked, "yz02", user="qingwu") == {"yz02": "60.0"}
    asked = ("--period", "2024-06", "--unit", "yz02", "--basis", "then")
    assert bureau.values(*asked, user="qingwu") == {"yz02": "65.0"}
    code, _, err = bureau.run(
        "figures", "--indicator", "calls_theft", "--unit", "yz0315", "--period", "2023-06",
        "--basis", "then", user="qingwu",
    )  # fmt: skip
    assert code == 2
    assert "yz0315" in err


def test_a_passport_names_the_predecessor_s_cell_and_its_share(bureau: Bureau) -> None:
    asked = ("passport", "--indicator", "calls_theft", "--unit", "yz0219", "--period", "2023-06")
    code, rows, err = bureau.run(*asked, "--format", "csv")
    assert code == 0
    assert [(row["unit"], row["value"], row["share"]) for row in rows] == [
        ("yz0291", "20.0", "0.45")
    ]
    assert "Value: 9.0 calls; due 1, reported 1; estimated" in err
    code, rows, _ = bureau.run(*asked, "--basis", "then", "--format", "csv")
    assert (code, rows) == (0, [])
