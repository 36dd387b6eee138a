"""What other processes do in the tests: one act that dies on its way, or many acts at once."""

import contextlib
import datetime as dt
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from threading import Barrier, Thread
from typing import Any

import sqlalchemy as sa

from data.access import OPERATOR, Viewer
from data.said import SpokenError
from data.store.counting import record_counts
from data.store.database import Store, open_store
from data.store.record import (
    answer,
    confirm,
    extend,
    import_facts,
    lock,
    review,
    submit,
    unlock,
)
from tests.data.store.desk import FIRST, HEAD, JUDGE, TYPED, TYPIST, typed
from tests.data.store.samples import FORM, checked, facts, source

OCTOBER = dt.date(2024, 10, 1)

ACTS: dict[str, Callable[[Store, str], Any]] = {
    "submit": lambda store, _: submit(store, TYPIST, typed(TYPED.replace("4 C4", "5 C4"))),
    "answer": lambda store, number: answer(store, TYPIST, number, "C3", "seen in the ledger"),
    "confirm": lambda store, number: confirm(store, FIRST, number),
    "refuse": lambda store, number: confirm(store, FIRST, number, accept=False, reason="no"),
    "pass": lambda store, number: review(store, JUDGE, number, accept=True),
    "accept": lambda store, number: review(store, HEAD, number, accept=True),
    "return": lambda store, number: review(store, JUDGE, number, False, "two are missing"),
    "correct": lambda store, _: submit(
        store, TYPIST, typed(TYPED.replace("4 C4", "5 C4")), reason="one came late"
    ),
    "import": lambda store, _: import_facts(
        store, OPERATOR, facts("loss b1 2024-09 3 D3"), FORM, source("history.csv")
    ),
    "extend": lambda store, _: extend(
        store, JUDGE, "M02", "a1", OCTOBER, dt.date(2024, 11, 9), "the line was down", OCTOBER
    ),
    "lock": lambda store, _: lock(store, OPERATOR, OCTOBER),
    "count": lambda store, _: record_counts(
        store, OPERATOR, OCTOBER, lambda _: facts("due a1 2024-10 7")
    ),
    "unlock": lambda store, _: unlock(store, OPERATOR, OCTOBER, "late cases"),
}


def confirm_all_at_once(url: str, snapshot: str, number: str, units: list[str]) -> None:
    """Let the clerks of some units confirm their rows of one return at the same moment."""
    os.environ["KPI_SNAPSHOT"] = snapshot
    store = open_store(url)
    _together([lambda unit=unit: confirm(store, clerk_of(unit), number) for unit in units])


def accept_at_once(url: str, snapshot: str, number: str, judges: list[str]) -> None:
    """Let several reviewers of the city accept the same return at the same moment."""
    os.environ["KPI_SNAPSHOT"] = snapshot
    store = open_store(url)

    def accept(name: str) -> None:
        with contextlib.suppress(SpokenError):
            review(store, replace(HEAD, name=name), number, accept=True)

    _together([lambda name=name: accept(name) for name in judges])


def clerk_of(unit: str) -> Viewer:
    return Viewer(f"clerk_{unit}", "statistician", unit)


def _together(acts: list[Callable[[], Any]]) -> None:
    """Do things in a thread each, all starting at once; the first error is raised."""
    start, failed = Barrier(len(acts)), []

    def run(act: Callable[[], Any]) -> None:
        start.wait()
        try:
            act()
        except Exception as error:  # noqa: BLE001 - a thread has nobody to raise to
            failed.append(error)

    threads = [Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]


def act_and_die(url: str, snapshot: str, act: str, number: str, fatal: int) -> None:
    """Do something and be killed before the statement, or the commit, of this number."""
    os.environ["KPI_SNAPSHOT"] = snapshot
    store, seen = open_store(url), 0

    def count(*_: Any) -> None:
        nonlocal seen
        seen += 1
        if seen == fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    store.exists()
    sa.event.listen(store.engine, "before_cursor_execute", count)
    sa.event.listen(store.engine, "commit", count)
    ACTS[act](store, number)


def file_many(url: str, snapshot: str, first: int, people: int) -> None:
    """Let so many people file their unit's return at the same moment."""
    os.environ["KPI_SNAPSHOT"] = snapshot
    store = open_store(url)

    def file(person: int) -> None:
        unit = f"u{person:02d}"
        clerk = Viewer(f"clerk{person:02d}", "statistician", unit)
        submit(store, clerk, checked(f"cases {unit} 2024-10 {person} C3", unit))

    _together([lambda person=first + place: file(person) for place in range(people)])
