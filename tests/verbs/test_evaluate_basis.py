"""A round of the demonstration bureau on each basis, as the command line prints and says it."""

import contextlib
import csv
import io
import shutil
from pathlib import Path

import pytest

import kpi
from data.catalog import BUILT_IN
from data.demo.build import RECORD

# yz0315 moved from yz02 to yz03 in April 2024; yz0114 opened in March; yz0291 was split in 2023.
STATIONS = ("--scheme", "station_prevention_first")
COUNTIES = ("--scheme", "county_monthly_operation")


@pytest.fixture(scope="module")
def store(demo_folder: Path) -> str:
    return f"sqlite:///{demo_folder / RECORD}"


def run(
    store: str, *arguments: str, lang: str = "en", user: str = ""
) -> tuple[int, list[dict[str, str]], str]:
    base = ["--store", store, "--lang", lang, *(["--as", user] if user else [])]
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = kpi.main([*base, "evaluate", *arguments, "--format", "csv"])
    return code, list(csv.DictReader(io.StringIO(out.getvalue()))), err.getvalue()


def test_the_default_is_now_and_the_basis_is_stated(store: str) -> None:
    asked = (*STATIONS, "--round", "2024Q1", "--standings")
    code, plain, said = run(store, *asked)
    assert code == 0
    assert "Basis: today's units." in said
    assert run(store, *asked, "--basis", "now") == (0, plain, said)
    assert {row["unit"]: row["assessor"] for row in plain}["yz0315"] == "yz03"


def test_then_groups_by_the_assessor_of_the_round_s_end(store: str) -> None:
    asked = (*STATIONS, "--round", "2024Q1", "--standings", "--basis", "then")
    code, rows, said = run(store, *asked)
    assert code == 0
    assert "Basis: units as they were in 2024-03" in said
    found = {row["unit"]: row for row in rows}
    assert found["yz0315"]["assessor"] == "yz02"
    # Its successors have no last year of their own: 8 + 7 + 5 + 4 of the weight look back.
    assert found["yz0218"]["reason"] == "not_rated"
    assert float(found["yz0218"]["missing_weight"]) >= 24
    _, before, _ = run(store, *STATIONS, "--round", "2023Q2", "--standings", "--basis", "then")
    assert {"yz0291"} == {row["unit"] for row in before} - set(found)


@pytest.mark.parametrize(
    ("lang", "since", "why"),
    [
        ("en", "from 2022-10 to 2024-09", "Left out: Kaifaqu Police Station (yz0315): 2024-04 "),
        (
            "zh",
            "2022-10 至 2024-09",
            "未计入：开发区派出所（yz0315）：2024-04 开发区派出所由青梧分局改隶锦溪分局",
        ),
    ],
)
def test_matched_lists_what_it_leaves_out(store: str, lang: str, since: str, why: str) -> None:
    asked = (*STATIONS, "--round", "2024Q3", "--basis", "matched")
    code, rows, said = run(store, *asked, "--standings", lang=lang)
    assert code == 0
    assert len(rows) == 126
    assert since in said
    assert why in said
    out = {row["unit"]: row for row in rows if row["reason"] == "changed"}
    assert set(out) == {"yz0114", "yz0218", "yz0219", "yz0315"}
    assert all(
        row["left_out_zh"] and row["left_out_en"] and not row["score"] for row in out.values()
    )
    assert "122" in said.splitlines()[0]


def test_items_of_units_left_out_are_there_without_numbers(store: str) -> None:
    code, rows, _ = run(store, *COUNTIES, "--round", "2024-10", "--basis", "matched")
    assert code == 0
    out = [row for row in rows if row["note"] == "changed"]
    assert {row["unit"] for row in out} == {"yz01", "yz02", "yz03"}
    assert len(out) == 3 * len({row["item"] for row in out})
    assert not any(row["value"] or row["score"] or row["points"] for row in out)


def test_a_day_and_a_basis_go_together(store: str) -> None:
    asked = (*COUNTIES, "--round", "2024-10", "--basis", "then")
    now = run(store, *asked)
    assert run(store, *asked, "--as-of", "2024-11-30") == now
    code, early, _ = run(store, *asked, "--as-of", "2024-11-02")
    assert code == 0
    assert sum(bool(row["value"]) for row in early) < sum(bool(row["value"]) for row in now[1])


def test_people_see_their_own_on_every_basis(store: str) -> None:
    asked = (*STATIONS, "--round", "2024Q3", "--standings")
    for basis in ("now", "then", "matched"):
        code, rows, said = run(store, *asked, "--basis", basis, user="minghu_evaluator")
        assert code == 0
        assert {row["assessor"] for row in rows} == {"yz01"}
        assert "yz0315" not in said


def test_an_unknown_basis_is_refused_with_the_nearest(store: str) -> None:
    code, rows, said = run(store, *STATIONS, "--round", "2024Q3", "--basis", "matchd")
    assert (code, rows) == (2, [])
    assert "did you mean 'matched'" in said


@pytest.fixture(scope="module")
def surveyed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return definitions whose station scheme holds a wellbeing score, which the rules refuse.

    Small are all under 16 answers: of those under 10 the provider files none.
    """
    folder = tmp_path_factory.mktemp("surveyed") / "definitions"
    shutil.copytree(BUILT_IN, folder)
    (scheme,) = (folder / "schemes").glob("station_prevention_first*")
    written = scheme.read_text(encoding="utf-8")
    item = 'indicator = "d_service_sat_rate"\n'
    assert item in written
    head, tail = written.split(item)
    tail = tail.replace("params = {good = 99,", 'params = {window = "wave", good = 99,', 1)
    changed = f'{head}indicator = "wb_overall_score"\n{tail}'
    scheme.write_text(changed, encoding="utf-8")
    bureau = folder / "bureau.toml"
    written = bureau.read_text(encoding="utf-8")
    assert "small_n = 10" in written
    bureau.write_text(written.replace("small_n = 10", "small_n = 16"), encoding="utf-8")
    return str(folder)


@pytest.mark.parametrize("more", [(), ("--basis", "then", "--as-of", "2024-11-30")])
def test_an_item_that_figures_hide_is_hidden_in_a_round(
    store: str, surveyed: str, more: tuple[str, ...]
) -> None:
    def printed(*asked: str) -> list[dict[str, str]]:
        out, err = io.StringIO(), io.StringIO()
        base = ("--store", store, "--lang", "en", "--definitions", surveyed)
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            assert kpi.main([*base, *asked, *more, "--format", "csv"]) == 0, err.getvalue()
        return list(csv.DictReader(io.StringIO(out.getvalue())))

    code = "wb_overall_score"
    rows = printed("evaluate", *STATIONS, "--round", "2024Q3")
    items = {row["unit"]: row for row in rows if row["item"] == code}
    shown = printed(
        "figures", "--indicator", code, "--level", "station", "--period", "2024-09",
        "--window", "wave",
    )  # fmt: skip
    hidden = {row["unit"] for row in shown if row["suppressed"] == "true"}
    assert hidden
    assert {unit for unit, row in items.items() if row["note"] == "hidden"} == hidden
    assert not any(items[unit]["value"] or items[unit]["score"] for unit in hidden)
    assert {row["unit"]: row["value"] for row in shown} == {u: r["value"] for u, r in items.items()}
