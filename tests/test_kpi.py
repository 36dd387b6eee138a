"""Does the command line keep its contract: streams, exit codes, one clear line, scope?"""

import argparse
import contextlib
import csv
import datetime as dt
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

import kpi
from data.catalog import load_catalog
from data.returns.template import write_template
from data.texts import text
from data.units import tree

ROOT = Path(__file__).resolve().parent.parent
# The demonstration bureau was reorganised: figures say on which structure they stand.
STANDS = text("hierarchy.stands.now", "en") + "\n"
OPENED = "Wanshou Police Station opened in 2024-03.\n"  # the one without a predecessor
HISTORY = """unit,period,measure,value
yz0101,2023-10,crim_recorded,10
yz0101,2024-10,crim_recorded,12
yz0101,2024-10,crim_cleared,5
yz0102,2023-10,crim_recorded,30
yz0102,2024-10,crim_recorded,27
yz0201,2024-10,crim_recorded,8
"""


def run(*arguments: object) -> tuple[int, str, str]:
    """Run a command and return its exit code, data and words."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = kpi.main(["--lang", "en", *map(str, arguments)])
        except SystemExit as error:
            code = int(error.code or 0)
    return code, out.getvalue(), err.getvalue()


def rows(out: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(out)))


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the address of a store that holds a little history of the default bureau."""
    folder = tmp_path_factory.mktemp("history")
    path = folder / "history.csv"
    path.write_text(HISTORY, encoding="utf-8")
    url = f"sqlite:///{folder / 'record.db'}"
    code, _, err = run("--store", url, "import", path, "--form", "M02")
    assert code == 0, err
    return url


def test_figures_print_the_columns_of_figures_in_order(history: str) -> None:
    code, out, err = run(
        "--store", history, "figures", "--indicator", "crim_recorded", "--period", "2024-10"
    )
    assert (code, err) == (0, STANDS)
    assert out.splitlines() == [
        "indicator,unit,period,window,numerator,denominator,value,due,reported,status,"
        "suppressed,definition",
        "crim_recorded,yz,2024-10,month,47.0,,47.0,136,3,provisional,false,1",
    ]


def test_comparisons_print_one_row_a_comparator(history: str) -> None:
    code, out, _ = run(
        "--store", history, "figures", "--indicator", "crim_recorded", "--unit", "yz0102,yz0101",
        "--period", "2024-10", "--compare", "yoy,mom",
    )  # fmt: skip
    found = rows(out)
    assert code == 0
    assert [(r["unit"], r["comparator"], r["change"]) for r in found] == [
        ("yz0102", "yoy", "-10.0"),
        ("yz0102", "mom", ""),
        ("yz0101", "yoy", "20.0"),
        ("yz0101", "mom", ""),
    ]
    assert list(found[0])[12:] == [
        "comparator", "base_period", "compared_value", "base_value", "compared_units", "change",
        "change_kind", "note", "lower", "upper", "reading",
    ]  # fmt: skip


def test_a_range_and_a_level_give_a_row_each(history: str) -> None:
    _, out, _ = run(
        "--store", history, "figures", "--indicator", "crim_recorded", "--level", "county",
        "--from", "2024-09", "--to", "2024-10", "--format", "json",
    )  # fmt: skip
    found = json.loads(out)
    assert len(found) == 18
    assert {r["period"] for r in found} == {"2024-09", "2024-10"}
    assert found[1]["value"] == 39
    assert found[0]["value"] is None


def test_without_a_period_the_latest_month_is_shown(history: str) -> None:
    _, out, _ = run("--store", history, "figures", "--indicator", "crim_cleared")
    assert [r["period"] for r in rows(out)] == ["2024-10"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["figurs"], "did you mean 'figures'"),
        (["figures", "--indicator", "crim_recordd"], "did you mean 'crim_recorded'"),
        (["figures", "--indicator", "crim_recorded", "--unit", "yz011"], "did you mean 'yz0"),
        (["figures", "--indicator", "crim_recorded", "--level", "countie"], "'county'"),
        (["figures", "--indicator", "crim_recorded", "--period", "2024-13"], "2024-13"),
        (["figures", "--indicator", "crim_recorded", "--period", "soon"], "2024-10"),
        (["figures", "--indicator", "crim_recorded", "--from", "2024-10"], "--to"),
        (
            ["figures", "--indicator", "crim_recorded", "--from", "2024-10", "--to", "2024-01"],
            "later",
        ),
        (["figures", "--indicator", "crim_recorded", "--windw", "month"], "'--window'"),
        (["figures", "--indicator", "crim_recorded", "--window", "mont"], "'month'"),
        (["figures", "--indicator", "crim_recorded", "--compare", "yoyo"], "'yoy'"),
        (["figures", "--indicator", "crim_recorded", "--as-of", "2024"], "2024-11-05"),
        (["figures", "--indicator", "crim_recorded", "--basis", "matched"], "--compare"),
        (["figures", "--indicator", "crim_recorded", "--store", "x"], "before the verb"),
        (["figures", "--indicator", "d_crim_yoy", "--compare", "yoy"], "d_"),
        (["figures"], "--indicator"),
        (["figures", "--indicator", "crim_recorded", "--format", "xml"], "allowed: csv"),
        (["import", "absent.csv", "--form", "M02"], "absent.csv"),
        (["import", "absent.csv", "--form", "M2"], "'M02'"),
        (["import", "absent.csv"], "--form"),
        (["review", "1"], "--accept"),
        (["review", "99", "--accept"], "no submission 99"),
        (["lock", "--period", "1999-01"], "1999-01"),
        (["--as", "city_leadr", "returns"], "did you mean 'city_leader'"),
        (["--definitions", "nowhere", "returns"], "nowhere"),
        (["serve", "--port", "http"], "port"),
        ([], "VERB"),
    ],
)
def test_a_wrong_command_gets_one_line_and_exit_2(
    history: str, arguments: list[str], says: str
) -> None:
    code, out, err = run("--store", history, *arguments)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert says in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("sqlite:////nowhere/at/all.db", "kpi init"),
        ("record.db", "sqlite:///"),
        ("sqlite://", "sqlite:///"),
        ("mysql+nothing://host/x", "sqlite:///"),
        (f"sqlite:///{Path(__file__).resolve()}", "not a database"),
        (f"sqlite:///{ROOT}", "cannot read"),
    ],
)
def test_a_store_that_cannot_be_read_is_named(url: str, says: str) -> None:
    code, out, err = run("--store", url, "figures", "--indicator", "crim_recorded")
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert says in err


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("broken.xlsx", b"PK\x03\x04 this is no workbook"),
        ("broken.parquet", b"PAR1 nor is this a parquet file"),
        ("empty.csv", b""),
        ("binary.csv", bytes(range(256))),
        ("words.csv", "这里没有表格".encode("gb18030")),
        ("picture.png", b"\x89PNG"),
    ],
)
def test_a_broken_file_gets_one_line_and_exit_2(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    store = f"sqlite:///{tmp_path / 'record.db'}"
    code, out, err = run("--store", store, "import", path, "--form", "M02")
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert name in err


def test_an_import_is_dated_today_at_most(tmp_path: Path) -> None:
    path = tmp_path / "history.csv"
    path.write_text(HISTORY, encoding="utf-8")
    load = ("--store", f"sqlite:///{tmp_path / 'r.db'}", "import", path, "--form", "M02")
    tomorrow = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=2)
    code, _, err = run(*load, "--vintage", tomorrow)
    assert (code, "has not come yet" in err) == (2, True)
    today = dt.datetime.now(dt.UTC).date()
    assert run(*load, "--vintage", today)[0] == 0
    path.write_text(HISTORY.replace(",12", ",13"), encoding="utf-8")
    code, out, _ = run(*load)
    assert (code, rows(out)[0]["revised"]) == (0, "1")


def test_scope_binds_every_command(history: str) -> None:
    clerk = ("--store", history, "--as", "hubinlu_statistician")
    _, out, _ = run(*clerk, "figures", "--indicator", "crim_recorded", "--period", "2024-10")
    assert [(r["unit"], r["value"]) for r in rows(out)] == [("yz0101", "12.0")]
    code, _, err = run(*clerk, "figures", "--indicator", "crim_recorded", "--unit", "yz0102")
    assert code == 2
    assert "outside the scope" in err
    code, _, err = run(*clerk, "passport", "--indicator", "crim_recorded", "--unit", "yz",
                       "--period", "2024-10")  # fmt: skip
    assert code == 2
    county = ("--store", history, "--as", "minghu_leader")
    _, out, _ = run(*county, "figures", "--indicator", "crim_recorded", "--period", "2024-10")
    assert [(r["unit"], r["value"]) for r in rows(out)] == [("yz01", "39.0")]
    code, _, err = run(*county, "lock", "--period", "2024-10")
    assert code == 2


def test_words_come_in_chinese_too(history: str) -> None:
    code, _, err = run("--lang", "zh", "--store", history, "figures", "--indicator", "crim_recordd")
    assert code == 2
    assert "没有指标" in err


def test_output_that_nobody_reads_any_more_is_no_error(history: str) -> None:
    command = [sys.executable, str(ROOT / "kpi.py"), "--store", history, "figures", "--indicator"]
    command += ["crim_recorded", "--level", "station", "--from", "2015-01", "--to", "2024-10"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read().decode() in ("", f"{OPENED}{STANDS}")
        assert process.wait(60) == 0


def test_figures_start_without_the_page_and_check_libraries() -> None:
    heavy = {"streamlit", "great_expectations", "pandas", "openpyxl"}
    code = f"import sys, kpi, verbs.figures; print(sorted({heavy} & set(sys.modules)))"
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "[]"


def test_definitions_are_checked(tmp_path: Path) -> None:
    code, _, err = run("definitions", "check")
    assert (code, "is sound" in err) == (0, True)
    london = ROOT / "data" / "examples" / "london" / "definitions"
    assert run("definitions", "check", london)[0] == 0
    for path in london.rglob("*"):
        if path.is_file():
            target = tmp_path / path.relative_to(london)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    broken = tmp_path / "indicators" / "crime.toml"
    broken.write_text(broken.read_text("utf-8").replace("expected = 20", "expected = 21"), "utf-8")
    code, _, err = run("definitions", "check", tmp_path)
    assert code == 1
    assert "clearance_rate" in err


def test_people_are_listed() -> None:
    _, out, _ = run("user", "list")
    assert {
        "user": "city_leader",
        "role": "leader",
        "unit": "yz",
        "name": "City leadership",
    } in rows(out)


def filled(path: Path, **values: float) -> Path:
    """Write the return of a station for a month, filled in as a clerk would."""
    catalog = load_catalog()
    written = dict.fromkeys(catalog.forms["M02"].measures, 0.0) | values
    frame = pl.DataFrame(
        [("yz0101", measure, value) for measure, value in written.items()],
        schema={"unit": pl.String, "measure": pl.String, "value": pl.Float64},
        orient="row",
    )
    period = dt.date(2024, 10, 1)
    write_template(catalog, tree(catalog), ["M02"], "yz0101", period, path, None, frame, "en")
    return path


def test_a_return_goes_from_workbook_to_figure(tmp_path: Path, empty_url: str) -> None:
    store = ("--store", empty_url)
    clerk, reviewer = (*store, "--as", "hubinlu_statistician"), (*store, "--as", "minghu_reviewer")
    assert run(*store, "init")[0] == 0
    sound = {"crim_recorded": 12.0, "crim_property_recorded": 8.0, "crim_open_end": 20.0}
    sound |= {"crim_cleared": 5.0, "crim_cleared_current": 4.0, "crim_cleared_backlog": 1.0}
    faulty = filled(tmp_path / "faulty.xlsx", **sound | {"crim_cleared_backlog": 3.0})
    code, out, err = run(*clerk, "check", faulty)
    assert code == 1
    assert "mandatory" in [r["severity"] for r in rows(out)]
    code, out, err = run(*clerk, "submit", faulty)
    assert (code, out) == (1, "")
    assert "nothing was submitted" in err

    good = filled(tmp_path / "good.xlsx", **sound)
    code, out, err = run(*clerk, "submit", good)
    assert code == 0, err
    (receipt,) = rows(out)
    assert receipt["unit"] == "yz0101"
    for query in rows(run(*clerk, "returns", receipt["number"])[1]):
        if query["severity"] == "query":
            why = ("answer", receipt["number"], "--cell", query["cell"], "checked with the ledger")
            assert run(*clerk, *why)[0] == 0
    (listed,) = rows(run(*reviewer, "returns", "--period", "2024-10")[1])
    assert listed["state"] == "submitted"
    asked = (
        *store,
        "figures",
        "--indicator",
        "crim_recorded",
        "--unit",
        "yz01",
        "--period",
        "2024-10",
    )
    assert rows(run(*asked)[1])[0]["value"] == ""

    code, _, err = run(*clerk, "review", receipt["number"], "--accept")
    assert code == 2
    code, out, err = run(*reviewer, "review", receipt["number"], "--accept")
    (passed,) = rows(out)
    assert (code, passed["state"], passed["waits_for"]) == (0, "reviewed", "city")
    assert "City" in err
    assert rows(run(*asked)[1])[0]["value"] == "", "nothing counts before the last level"
    assert "level city" in run(*reviewer, "review", receipt["number"], "--accept")[2]
    city = (*store, "--as", "city_reviewer")
    assert run(*city, "review", receipt["number"], "--accept")[0] == 0
    assert rows(run(*asked)[1])[0]["value"] == "12.0"
    code, out, err = run(*clerk, "submit", good)
    assert (code, "received before" in err) == (0, True)

    code, out, err = run(
        *store, "passport", "--indicator", "crim_recorded", "--unit", "yz01", "--period", "2024-10"
    )
    (cell,) = rows(out)
    assert (cell["file"], cell["submission"]) == ("good.xlsx", receipt["number"])
    assert (cell["submitted_by"], cell["reviewer"]) == ("hubinlu_statistician", "city_reviewer")
    assert cell["cell"]
    assert run(*store, "lock", "--period", "2024-10")[0] == 0
    assert rows(run(*asked)[1])[0]["status"] == "final"
    assert run(*store, "audit", "verify")[0] == 0


def test_the_store_can_be_named_by_the_environment(
    history: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "KPI_STORE", history)
    assert run("figures", "--indicator", "crim_recorded")[0] == 0


def test_every_verb_is_documented() -> None:
    page = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
    parser = kpi.build_parser("en")
    (verbs,) = (action for action in parser._actions if action.dest == "==SUPPRESS==")
    for name in verbs.choices:
        assert f"`kpi {name}" in page, f"docs/command-line.md does not tell of kpi {name}"


def parsers_below(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """Return a parser and those of every verb below it."""
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                yield from parsers_below(below)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_verb_tells_its_options(lang: str) -> None:
    told = [parser.format_help() for parser in parsers_below(kpi.build_parser(lang))]
    assert len(told) > 30
    assert any("99.8 %" in words or "99.8%" in words for words in told)
