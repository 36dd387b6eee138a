"""Are questions listed within sight, answered by the unit and closed above it, as commands?"""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import kpi
from data.access import OPERATOR
from data.catalog import load_catalog
from data.periods import months_between, parse_period
from data.store.database import open_store
from data.store.facts import LOADED
from data.store.record import import_facts
from data.store.verify import verify
from tests.data.store.samples import source

CODES = ("calls_help", "calls_traffic", "calls_dispute", "calls_public_order", "calls_other")
UNITS = ("yz0101", "yz0102", "yz0103", "yz0201", "yz0202")
KEY = "copied_month:yz0101:M01:2024-10"
Run = Callable[..., tuple[int, list[dict[str, str]], str]]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs a command on a record in which one month was copied."""
    months = months_between(parse_period("2021-11"), parse_period("2024-10"))
    draw = np.random.default_rng(5)
    rows = []
    for code in CODES:
        for unit in UNITS:
            values = draw.poisson(40, len(months)).astype(float)
            if unit == "yz0101":
                values[-1] = values[-2]
            rows += [
                (code, 1, unit, month, value, None, None)
                for month, value in zip(months, values, strict=True)
            ]
    url = f"sqlite:///{tmp_path / 'record.db'}"
    store = open_store(url)
    store.init("Asia/Shanghai")
    form = load_catalog().forms["M01"]
    facts = pl.DataFrame(rows, schema=LOADED, orient="row")
    import_facts(store, OPERATOR, facts, form, source())
    store.engine.dispose()

    def command(user: str, *words: str, lang: str = "en") -> tuple[int, list[dict[str, str]], str]:
        person = ["--as", user] if user else []
        code = kpi.main([*person, "--store", url, "--lang", lang, "integrity", *words])
        out, said = capsys.readouterr()
        return code, list(csv.DictReader(io.StringIO(out))), said

    command.url = url  # type: ignore[attr-defined]
    return command


def test_a_question_goes_from_open_to_closed(run: Run) -> None:
    code, rows, said = run("")
    assert (code, [row["key"] for row in rows]) == (0, [KEY])
    row = rows[0]
    assert (row["state"], row["n"], row["observed"]) == ("open", "5", "1.0")
    assert float(row["p"]) < float(row["q"]) < 0.05
    assert row["parts"].split("|")[0] == "lag1"
    assert "no more than 5% are by chance alone" in said
    assert "Benjamini and Yekutieli" in said
    code, _, said = run("minghu_reviewer", "close", KEY, "--outcome", "explained")
    assert (code, "no answer of the unit yet" in said) == (2, True)
    _, rows, _ = run("minghu_statistician", "answer", KEY, "the interface sent September again")
    assert (rows[0]["state"], rows[0]["answer"]) == (
        "answered",
        "the interface sent September again",
    )
    code, _, said = run("minghu_statistician", "close", KEY, "--outcome", "explained")
    assert (code, "minghu_statistician" in said) == (2, True)
    _, rows, _ = run("minghu_reviewer", "close", KEY, "ledger seen", "--outcome", "corrected")
    assert (rows[0]["state"], rows[0]["outcome"], rows[0]["closing"]) == (
        "closed",
        "corrected",
        "ledger seen",
    )
    assert verify(open_store(run.url)) == []  # type: ignore[attr-defined]


def test_nobody_sees_or_answers_what_is_out_of_sight(run: Run) -> None:
    seen = {user: len(run(user)[1]) for user in ("city_leader", "minghu_leader", "yunlu_reviewer")}
    assert seen == {"city_leader": 1, "minghu_leader": 1, "yunlu_reviewer": 0}
    assert [row["key"] for row in run("hubinlu_statistician")[1]] == [KEY]
    code, _, said = run("yunlu_reviewer", "close", KEY, "--outcome", "explained")
    assert (code, "outside your scope" in said) == (2, True)
    code, rows, said = run("city_evaluator")
    assert (code, rows, "no evaluation uses them" in said) == (2, [], True)
    code, _, said = run("minghu_leader", "answer", KEY, "it was like that")
    assert (code, "minghu_leader" in said) == (2, True)


def test_what_was_corrected_is_asked_no_more_and_can_still_be_closed(run: Run) -> None:
    assert run("", "--past")[1] == []
    run("minghu_statistician", "answer", KEY, "September was sent again; mended")
    store = open_store(run.url)  # type: ignore[attr-defined]
    month = parse_period("2024-10")
    rows = [(code, 1, "yz0101", month, 11.0 + at, None, None) for at, code in enumerate(CODES)]
    facts = pl.DataFrame(rows, schema=LOADED, orient="row")
    import_facts(store, OPERATOR, facts, load_catalog().forms["M01"], source("mended.csv"))
    store.engine.dispose()
    assert run("")[1] == []
    _, rows_, _ = run("", "--past")
    assert [(row["unit"], row["state"]) for row in rows_] == [("yz0101", "answered")]
    assert run("yunlu_reviewer", "--past")[1] == []
    _, rows_, _ = run("minghu_reviewer", "close", KEY, "--outcome", "corrected")
    assert [(row["state"], row["outcome"]) for row in rows_] == [("closed", "corrected")]


def test_questions_are_narrowed_by_unit_level_and_month(run: Run) -> None:
    asked = {
        words: len(run("", *words)[1])
        for words in (
            ("--unit", "yz01"),
            ("--unit", "yz02"),
            ("--level", "station"),
            ("--level", "county"),
            ("--from", "2024-10"),
            ("--from", "2024-11"),
            ("--to", "2024-09"),
        )
    }
    assert list(asked.values()) == [1, 0, 1, 0, 1, 0, 0]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--unit", "yz01", "--level", "station"), "not both"),
        (("--to", "2024"), "2024"),
        (("answer", "heaping:yz0101:all:2024-10", "words enough"), "there is no question"),
        (("close", KEY.replace("M01", "M02"), "--outcome", "explained"), "did you mean"),
        (("answer", KEY, "张三13812345678"), "telephone"),
        (("answer", KEY, "ok"), "at least"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(run: Run, words: tuple, said: str) -> None:
    code, rows, told = run("", *words)
    assert (code, rows) == (2, [])
    assert said in told
    assert told.count("\n") == 1


def test_the_sentences_come_in_the_readers_language(run: Run) -> None:
    _, rows, said = run("", lang="zh")
    assert "5 个可比项目中 5 个与上月完全相同" in rows[0]["seen"]
    assert rows[0]["innocent"].startswith("常见的正当原因")
    assert "核查" in rows[0]["asks"]
    assert "错误发现率" in said
