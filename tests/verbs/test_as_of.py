"""Does every command that shows figures show them as known on the day that is asked?"""

import contextlib
import csv
import io
from pathlib import Path

import pytest

import kpi
from data.demo.build import RECORD

# The demonstration's corrected cell: Minghu's theft calls of October were two too many at first,
# accepted on 6 November and corrected on the 7th.
CELL = ("--indicator", "calls_theft", "--unit", "yz0104", "--period", "2024-10")


@pytest.fixture(scope="module")
def store(demo_folder: Path) -> str:
    return f"sqlite:///{demo_folder / RECORD}"


def run(store: str, *arguments: str) -> list[dict[str, str]]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = kpi.main(["--store", store, "--lang", "en", *arguments, "--format", "csv"])
    assert code == 0, err.getvalue()
    return list(csv.DictReader(io.StringIO(out.getvalue())))


def value(store: str, *more: str) -> float | None:
    (row,) = run(store, "figures", *CELL, *more)
    return float(row["value"]) if row["value"] else None


def test_figures_as_of_before_and_after_a_correction(store: str) -> None:
    now = value(store)
    assert now is not None
    assert value(store, "--as-of", "2024-11-07") == now
    assert value(store, "--as-of", "2024-11-06") == now + 2
    assert value(store, "--as-of", "2024-10-31") is None


def test_a_passport_adds_up_to_the_figure_of_its_day(store: str) -> None:
    for day in ("2024-11-06", "2024-11-07"):
        cells = run(store, "passport", *CELL, "--as-of", day)
        current = [row for row in cells if row["role"] == "numerator"]
        assert value(store, "--as-of", day) in {float(row["value"]) for row in current}


def test_revisions_name_the_step_and_stop_at_the_day(store: str) -> None:
    now = value(store)
    assert now is not None
    found = run(store, "revisions", *CELL)
    assert [(row["vintage"], row["stage"], row["revision"]) for row in found] == [
        ("2024-11-06", "first", ""),
        ("2024-11-07", "revision", "-2.0"),
    ]
    assert len(run(store, "revisions", *CELL, "--as-of", "2024-11-06")) == 1


def test_a_round_is_scored_from_what_was_known(store: str) -> None:
    asked = ("evaluate", "--scheme", "county_monthly_operation", "--round", "2024-10")
    now = run(store, *asked)
    assert run(store, *asked, "--as-of", "2024-11-30") == now
    early = run(store, *asked, "--as-of", "2024-11-02")
    assert sum(bool(row["value"]) for row in early) < sum(bool(row["value"]) for row in now)
