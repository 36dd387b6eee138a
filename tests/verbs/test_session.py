"""What a command makes of words that say nothing, say two things, or lie beyond the calendar."""

import contextlib
import csv
import io
import shutil
from pathlib import Path

import pytest

import kpi
from data.catalog import BUILT_IN

FILED = """\
unit,period,calls_theft
yz0101,2024-06,12
yz0102,2024-06,9
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a record, and definitions in which two stations bear one name."""
    folder = tmp_path_factory.mktemp("words")
    shutil.copytree(BUILT_IN, folder / "definitions")
    units = folder / "definitions" / "units.csv"
    said = units.read_text(encoding="utf-8")
    units.write_text(said.replace("Dongmen Police Station", "Hubinlu Police Station"), "utf-8")
    table = folder / "M01.csv"
    table.write_text(FILED, encoding="utf-8")
    assert run(folder, "init")[0] == 0
    assert run(folder, "import", str(table), "--form", "M01")[0] == 0
    return folder


def run(place: Path, *words: str) -> tuple[int, list[dict[str, str]], str]:
    base = ["--lang", "en", "--definitions", str(place / "definitions")]
    base += ["--store", f"sqlite:///{place / 'record.db'}"]
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = kpi.main([*base, *words])
        except SystemExit as error:
            code = int(error.code or 0)
    return code, list(csv.DictReader(io.StringIO(out.getvalue()))), err.getvalue()


FIGURES = ("figures", "--indicator", "calls_theft", "--period", "2024-06", "--format", "csv")


@pytest.mark.parametrize(
    "given",
    [
        ("--unit", ""), ("--unit=",), ("--unit", ","), ("--level", ""), ("--as-of", ""),
        ("--compare", " , "), ("--indicator", ""), ("--indicator", ","), ("--window", ""),
    ],
)  # fmt: skip
def test_an_option_that_is_given_nothing_is_refused(place: Path, given: tuple[str, ...]) -> None:
    # A script whose variable is empty must not get the whole city, or today, instead.
    code, found, err = run(place, *FIGURES, *given)
    assert (code, found) == (2, [])
    assert f"{given[0].rstrip('=')} is given nothing" in err


def test_what_is_asked_twice_is_answered_once(place: Path) -> None:
    twice = ("--indicator", "calls_theft,calls_theft", "--period", "2024-06,2024-06")
    code, found, _ = run(place, "figures", *twice, "--unit", "yz0101", "--compare", "yoy,yoy")
    assert (code, [row["value"] for row in found]) == (0, ["12.0"])


def test_a_name_that_two_units_bear_is_not_taken_for_either(place: Path) -> None:
    code, found, err = run(place, *FIGURES, "--unit", "Hubinlu Police Station")
    assert (code, found) == (2, [])
    assert "several units are called 'Hubinlu Police Station': yz0101, yz0102" in err
    assert run(place, *FIGURES, "--unit", "yz0102")[1][0]["value"] == "9.0"


def test_the_last_day_of_the_calendar_is_a_day(place: Path) -> None:
    code, found, err = run(place, *FIGURES, "--unit", "yz0101", "--as-of", "9999-12-31")
    assert (code, [row["value"] for row in found]) == (0, ["12.0"]), err


@pytest.mark.parametrize(
    "paging", [("--limit", "-5"), ("--limit", "0"), ("--offset", "-1"), ("--offset", "9" * 20)]
)
def test_pages_of_a_passport_are_counted_from_nought(place: Path, paging: tuple[str, str]) -> None:
    asked = ("passport", "--indicator", "calls_theft", "--period", "2024-06", *paging)
    code, found, err = run(place, *asked)
    assert (code, found) == (2, [])
    assert "--offset is a whole number from 0" in err


def test_a_passport_without_an_indicator_is_refused_in_words(place: Path) -> None:
    code, _, err = run(place, "passport", "--indicator", ",", "--period", "2024-06")
    assert (code, err) == (
        2,
        "kpi: --indicator is given nothing; leave it out if it is not meant.\n",
    )
