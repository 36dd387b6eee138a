"""Does the desk give the same verdict beside the pages, keep order, and survive what goes wrong?"""

import datetime as dt
import io
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from data.catalog import load_catalog
from data.checks.desk import Desk
from data.checks.past import recall_facts
from data.checks.run import CheckedReturn, check_return
from data.checks.worker import WorkerError
from data.periods import add_months
from data.returns.annotate import annotate
from data.returns.read import read_workbook
from data.returns.template import write_template
from data.units import tree as tree_of

CATALOG = load_catalog()
TREE = tree_of(CATALOG)
PERIOD = dt.date(2024, 10, 1)
ASKED: dict[str, Any] = {"name": "return.xlsx", "unit": "yz09", "period": PERIOD}
VALUES = {"calls_total": 168.0, "calls_valid": 130.0, "calls_invalid": 30.0, "calls_theft": 9.0}


def facts() -> pl.DataFrame:
    """Return a year of figures of the district's stations, so that rules over time have a say."""
    return pl.DataFrame(
        [
            (code, 1, unit, add_months(PERIOD, -back), 2.0)
            for unit in TREE.leaves("yz09")
            for code in VALUES
            for back in range(1, 13)
        ],
        schema={"measure": pl.String, "definition": pl.Int64, "unit": pl.String}
        | {"period": pl.Date, "value": pl.Float64},
        orient="row",
    )


HISTORY = facts()
RECALL = recall_facts(HISTORY, CATALOG)


@pytest.fixture(scope="module")
def content() -> bytes:
    """A collection workbook with liberties, faults and broken rules."""
    rows = [(unit, code, value) for unit in TREE.leaves("yz09") for code, value in VALUES.items()]
    values = pl.DataFrame(rows, schema=["unit", "measure", "value"], orient="row")
    file = io.BytesIO()
    write_template(CATALOG, TREE, ["M01"], "yz09", PERIOD, file, values=values)
    book = openpyxl.load_workbook(file)
    sheet = book.worksheets[0]
    place = next(cell for row in sheet.iter_rows() for cell in row if cell.value == 168)
    place.value = "１６８起"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    found = Desk(1)
    found.start()
    yield found
    found.stop()


def verdict(desk: Desk, content: bytes, progress: Any = None) -> CheckedReturn:
    return desk.verdict(content, CATALOG, RECALL, progress, **ASKED)


def test_the_verdict_is_that_of_this_process_and_every_step_is_told(
    desk: Desk, content: bytes
) -> None:
    desk.warm(CATALOG)
    steps: list[tuple[str, dict[str, Any]]] = []
    found = verdict(desk, content, lambda step, values: steps.append((step, values)))
    reading = read_workbook(content, CATALOG, TREE, **ASKED)
    expected = check_return(reading, CATALOG, TREE, HISTORY, desk.workers[0])
    assert [step for step, _ in steps] == ["reading", "read", "checking", "rules"]
    assert steps[1][1] == {"sheets": reading.parts.height, "cells": reading.raw.height}
    assert found.findings.equals(expected.findings)
    assert {"R01", "R49"} <= set(found.findings["rule"])
    assert found.facts.equals(expected.facts)
    assert found.counts == expected.counts
    assert found.is_complete
    formulas = reading.raw.filter(pl.col("kind") == "formula")
    assert found.reading.raw.equals(formulas), "of the raw cells the copy needs no others"
    for name in ("cells", "lines", "parts", "notes"):
        assert getattr(found.reading, name).equals(getattr(reading, name)), name
    assert (found.reading.source, found.reading.ignored) == (reading.source, reading.ignored)


def test_a_refusal_comes_back_in_its_own_words(desk: Desk) -> None:
    found = verdict(desk, b"PK nothing of the kind")
    assert found.reading.refusal == ("returns.refused.not_a_workbook", {})
    assert not found.may_submit


def test_the_marked_copy_is_made_beside_the_pages(desk: Desk, content: bytes) -> None:
    found = verdict(desk, content)
    copy = openpyxl.load_workbook(io.BytesIO(desk.copy(content, found, CATALOG, "en")))
    own = io.BytesIO()
    annotate(content, found, CATALOG, own, "en")
    expected = openpyxl.load_workbook(own)
    assert copy.sheetnames == expected.sheetnames
    for sheet in expected:
        assert list(copy[sheet.title].values) == list(sheet.values)


def test_who_comes_second_hears_the_place_in_the_queue(desk: Desk, content: bytes) -> None:
    second: list[tuple[str, dict[str, Any]]] = []
    other: list[CheckedReturn] = []

    def upload() -> None:
        other.append(verdict(desk, content, lambda *told: second.append(told)))

    thread = threading.Thread(target=upload)
    begun = threading.Event()

    def first(step: str, _: dict[str, Any]) -> None:
        if not begun.is_set():
            begun.set()
            thread.start()
            while not second:
                thread.join(0.01)

    mine = verdict(desk, content, first)
    thread.join(60)
    assert second[0] == ("waiting", {"place": 1})
    assert second[-1][0] == "rules"
    assert other[0].findings.equals(mine.findings)


def test_who_leaves_half_way_leaves_the_process_ready_for_the_next(
    desk: Desk, content: bytes
) -> None:
    class GoneError(Exception):
        pass

    def leave(step: str, _: dict[str, Any]) -> None:
        if step == "read":
            raise GoneError

    before = desk.workers[0].pid
    with pytest.raises(GoneError):
        verdict(desk, content, leave)
    assert verdict(desk, content).counts["cells"] > 0
    assert desk.workers[0].pid == before


def test_no_return_may_take_all_the_memory(desk: Desk) -> None:
    assert desk.workers[0].wait()
    limits = Path(f"/proc/{desk.workers[0].pid}/limits").read_text()
    most = next(line.split()[3] for line in limits.splitlines() if line.startswith("Max data"))
    assert 2**30 < int(most) < 4 * 2**30


def test_a_process_that_dies_on_the_way_is_started_again_once(desk: Desk, content: bytes) -> None:
    killed: list[int] = []

    def kill(step: str, _: dict[str, Any]) -> None:
        pid = desk.workers[0].pid
        if step == "read" and pid and (not killed or is_deadly):
            killed.append(pid)
            os.kill(pid, signal.SIGKILL)

    is_deadly = False
    assert verdict(desk, content, kill).counts["cells"] > 0
    assert desk.workers[0].pid not in killed
    is_deadly = True
    with pytest.raises(WorkerError) as caught:
        verdict(desk, content, kill)
    assert caught.value.key == "returns.error.worker"
    assert len(killed) == 3


def test_a_check_without_end_is_stopped_and_said_so(desk: Desk, content: bytes) -> None:
    assert desk.workers[0].wait()
    desk.workers[0].answer_seconds = 0.01
    with pytest.raises(WorkerError) as caught:
        verdict(desk, content)
    assert caught.value.key == "returns.error.slow"
    assert not desk.workers[0].ready
