"""The command line says who was not there all the time, beside notes that any program can read."""

from pathlib import Path

import pytest

from tests.verbs.test_basis import Bureau

# On the built-in units: yz0291 was split into yz0218 and yz0219 in July 2023, yz0315 moved from
# yz02 to yz03 in April 2024.
UNITS = {
    "yz0201": ("2022-01", "2024-06"),
    "yz0218": ("2023-07", "2024-06"),
    "yz0219": ("2023-07", "2024-06"),
    "yz0291": ("2022-01", "2023-06"),
    "yz0301": ("2022-01", "2024-06"),
    "yz0315": ("2022-01", "2024-06"),
}


def month_list(first: str, last: str) -> list[str]:
    """Return the months from one to another."""
    start, end = (int(word[:4]) * 12 + int(word[5:]) - 1 for word in (first, last))
    return [f"{at // 12}-{at % 12 + 1:02}" for at in range(start, end + 1)]


@pytest.fixture(scope="module")
def bureau(tmp_path_factory: pytest.TempPathFactory) -> Bureau:
    folder: Path = tmp_path_factory.mktemp("structure")
    found = Bureau(folder)
    lines = ["unit,period,calls_theft"]
    lines += [f"{unit},{month},60" for unit, life in UNITS.items() for month in month_list(*life)]
    file = folder / "M01_history.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert found.run("init")[0] == 0
    code, _, err = found.run("import", str(file), "--form", "M01")
    assert code == 0, err
    return found


def ask(bureau: Bureau, *arguments: str) -> tuple[list[dict[str, str]], str]:
    """Return the rows and what was said beside them."""
    asked = ("figures", "--indicator", "calls_theft", "--format", "csv", "--basis", "then")
    code, rows, err = bureau.run(*asked, *arguments)
    assert code == 0, err
    return rows, err


def test_a_closed_station_is_not_down(bureau: Bureau) -> None:
    asked = ("--unit", "yz0291", "--period", "2023-09", "--window", "ytd")
    (row,), err = ask(bureau, *asked, "--compare", "yoy")
    assert (row["value"], row["base_value"], row["note"]) == ("360.0", "540.0", "closed")
    assert (row["change"], row["change_kind"], row["reading"]) == ("", "none", "none")
    said = "closed in 2023-07: this period holds 6 of its 9 months."
    assert said in err
    (plain,), err = ask(bureau, *asked)
    assert plain["value"] == "360.0"
    assert said in err


def test_a_young_station_has_no_rolling_year_and_the_command_says_why(bureau: Bureau) -> None:
    asked = ("--unit", "yz0218", "--period", "2023-12", "--window", "rolling12")
    (row,), err = ask(bureau, *asked)
    assert (row["value"], row["due"], row["reported"], row["status"]) == ("", "1", "1", "missing")
    assert "opened in 2023-07: this period holds 6 months of it, rolling years need twelve." in err


def test_districts_that_a_station_left_and_came_to(bureau: Bureau) -> None:
    asked = ("--unit", "yz02,yz03,yz0315,yz", "--period", "2024-06", "--compare", "yoy")
    rows, err = ask(bureau, *asked)
    assert [row["note"] for row in rows] == ["structure", "structure", "none", "partial"]
    assert {row["reading"] for row in rows[:2]} == {"short_history"}
    assert err.count("in 2024-04: not the same area before and after") == 2
    now = bureau.run("figures", "--indicator", "calls_theft", "--format", "csv", *asked)
    assert {row["note"] for row in now[1]} <= {"none", "partial"}
    assert "2024-04" not in now[2]
