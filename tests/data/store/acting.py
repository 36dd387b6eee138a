"""What other processes do in the tests: one act that dies on its way, or many acts at once."""

import os
import signal
from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import sqlalchemy as sa

from data.access import OPERATOR, Viewer
from data.store.counting import record_counts
from data.store.database import Store, open_store
from data.store.record import answer, confirm, lock, review, submit, unlock
from tests.data.store.desk import FIRST, HEAD, JUDGE, TYPED, TYPIST, typed
from tests.data.store.samples import checked, day, facts

ACTS: dict[str, Callable[[Store, str], Any]] = {
    "submit": lambda store, _: submit(store, TYPIST, typed(TYPED.replace("4 C4", "5 C4"))),
    "answer": lambda store, number: answer(store, TYPIST, number, "C3", "seen in the ledger"),
    "confirm": lambda store, number: confirm(store, FIRST, number),
    "refuse": lambda store, number: confirm(store, FIRST, number, accept=False, reason="no"),
    "pass": lambda store, number: review(store, JUDGE, number, accept=True),
    "accept": lambda store, number: review(store, HEAD, number, accept=True),
    "return": lambda store, number: review(store, JUDGE, number, False, "two are missing"),
    "lock": lambda store, _: lock(store, OPERATOR, day("2024-10-01").date()),
    "count": lambda store, _: record_counts(
        store, OPERATOR, day("2024-10-01").date(), lambda _: facts("due a1 2024-10 7")
    ),
    "unlock": lambda store, _: unlock(store, OPERATOR, day("2024-10-01").date(), "late cases"),
}


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
    store, start, failed = open_store(url), Barrier(people), []

    def file(person: int) -> None:
        unit = f"u{person:02d}"
        clerk = Viewer(f"clerk{person:02d}", "statistician", unit)
        start.wait()
        try:
            submit(store, clerk, checked(f"cases {unit} 2024-10 {person} C3", unit))
        except Exception as error:  # noqa: BLE001 - a thread has nobody to raise to
            failed.append(error)

    threads = [Thread(target=file, args=(first + place,)) for place in range(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
