"""Does `kpi release` print what everybody outside may read, the same for whoever asks?"""

import contextlib
import csv
import io
from pathlib import Path

import pytest

import kpi
from data.catalog import load_catalog
from data.demo.build import RECORD

ASKED = ("--indicator", "tra_deaths", "--from", "2023-01", "--to", "2023-12")


@pytest.fixture(scope="module")
def store(demo_folder: Path) -> str:
    return f"sqlite:///{demo_folder / RECORD}"


def run(store: str, *arguments: str, person: str = "") -> tuple[list[dict[str, str]], str]:
    out, err = io.StringIO(), io.StringIO()
    who = ("--as", person) if person else ()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = kpi.main(["--store", store, "--lang", "en", *who, *arguments, "--format", "csv"])
    assert code == 0, err.getvalue()
    return list(csv.DictReader(io.StringIO(out.getvalue()))), err.getvalue()


def test_a_table_holds_what_is_declared_and_the_figures_of_the_record(store: str) -> None:
    found, said = run(store, "release", *ASKED)
    months = {row["unit"]: set() for row in found}
    for row in found:
        months[row["unit"]].add((row["from"], row["to"]))
        assert bool(row["value"]) == (row["suppressed"] == "false")
    assert ("2023-05", "2023-05") in months["yz"]
    assert ("2023-05", "2023-05") not in months["yz01"], "counties release quarters"
    assert months["yz01"] >= {("2023-04", "2023-06"), ("2023-01", "2023-09")}
    assert months["yz01-own"] == {("2023-01", "2023-12")}
    years = {r["unit"]: r for r in found if (r["from"], r["to"]) == ("2023-01", "2023-12")}
    asked = ("--indicator", "tra_deaths", "--period", "2023-12", "--window", "year")
    figures, _ = run(store, "figures", *asked, "--unit", ",".join(years))
    shown = [row for row in figures if years[row["unit"]]["value"]]
    assert "yz" in {row["unit"] for row in shown}
    for row in shown:
        assert float(years[row["unit"]]["value"]) == float(row["value"])
    for row in figures:
        if 0 < float(row["value"] or 0) < 5:
            assert years[row["unit"]]["suppressed"] == "true"
    hidden = sum(row["suppressed"] == "true" for row in found)
    assert f"tra_deaths: {len(found)} cells released outside, {hidden} of them hidden" in said


def test_it_is_the_same_for_whoever_asks(store: str) -> None:
    chief = next(p.user for p in load_catalog().bureau.people if p.unit == "yz01")
    assert run(store, "release", *ASKED, person=chief) == run(store, "release", *ASKED)


def test_a_chief_still_sees_the_own_road_deaths(store: str) -> None:
    chief = next(p.user for p in load_catalog().bureau.people if p.unit == "yz01")
    for window in ("month", "quarter", "ytd", "year", "rolling12"):
        asked = ("--indicator", "tra_deaths", "--period", "2023-11", "--window", window)
        mine, _ = run(store, "figures", *asked, "--unit", "yz01,yz01-own", person=chief)
        whole, _ = run(store, "figures", *asked, "--unit", "yz01,yz01-own")
        assert [row["value"] for row in mine] == [row["value"] for row in whole]
        assert {row["suppressed"] for row in mine} == {"false"}


def test_a_measure_without_a_table_is_refused(store: str) -> None:
    err = io.StringIO()
    with contextlib.redirect_stderr(err):
        code = kpi.main(["--store", store, "--lang", "en", "release", "--indicator", "calls_valid"])
    assert code == 2
    assert "calls_valid is no small count and has no released table" in err.getvalue()
