"""Does a process that is killed in the middle of an act leave the old state or the new one?

Each act runs in a process of its own that is killed, by SIGKILL, before its first statement, before
its second, and so on to its commits, until it runs through.
"""

import multiprocessing
import signal
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from data.access import OPERATOR
from data.store import audit
from data.store.database import Store
from data.store.record import confirmations, steps_of, submissions, submit
from data.store.snapshot import read_facts
from data.store.tables import METADATA
from data.store.verify import verify
from tests.data.store.acting import (
    ACTS,
    accept_at_once,
    act_and_die,
    confirm_all_at_once,
    file_many,
)
from tests.data.store.desk import TYPIST, bring, typed
from tests.data.store.samples import values

BEFORE = {
    **{"submit": "confirming", "answer": "checked", "confirm": "confirming"},
    **{"refuse": "confirming", "pass": "submitted", "accept": "reviewed"},
    **{"return": "submitted", "lock": "approved", "unlock": "approved", "count": "approved"},
    **{"correct": "approved", "import": "approved", "extend": "submitted"},
}
MOST = 80
FORKED = multiprocessing.get_context("forkserver")
# What every process would import for itself: hundreds of them live for a moment only.
DRIVERS = [
    "sqlalchemy.dialects.sqlite.pysqlite",
    "sqlalchemy.dialects.postgresql.psycopg",
    "psycopg",
]
FORKED.set_forkserver_preload(["tests.data.store.acting", *DRIVERS])


def run(target: object, *args: object) -> int | None:
    process = FORKED.Process(target=target, args=args)  # type: ignore[arg-type]
    process.start()
    process.join(120)
    return process.exitcode


def state(store: Store) -> dict[str, int]:
    """Return how many rows each table has, and how far the returns are."""
    with store.read() as connection:
        counts = {
            table.name: connection.execute(
                sa.select(sa.func.count()).select_from(table)
            ).scalar_one()
            for table in METADATA.sorted_tables
        }
    listed = submissions(store, OPERATOR)
    return counts | {f"{row[0]} {row[1]}": 1 for row in listed.select("receipt", "state").rows()}


def state_of(store: Store) -> str:
    """Return how far the latest return is."""
    return str(submissions(store, OPERATOR).filter(kind="return")["state"][0])


@pytest.fixture
def where(store: Store, tmp_path: Path) -> tuple[str, str]:
    """Give the address of the store and the place of its snapshot, for another process."""
    return store.url.render_as_string(hide_password=False), str(tmp_path / "snapshot")


@pytest.mark.parametrize("act", BEFORE)
def test_an_act_that_is_killed_leaves_the_old_state_or_the_new(
    store: Store, where: tuple[str, str], act: str
) -> None:
    number = bring(store, BEFORE[act]).number
    if act == "unlock":
        ACTS["lock"](store, number)
    old, killed = state(store), 0
    for fatal in range(1, MOST):
        code = run(act_and_die, *where, act, number, fatal)
        assert code in (0, -signal.SIGKILL)
        now = state(store)
        assert verify(store) == []
        if now != old or code == 0:
            break
        killed += 1
    assert now != old, "the act was done in the end"
    assert killed >= 4
    assert now["audit"] == old["audit"] + 1
    expected = {("cases", "a1", "2024-10"): 12, ("cases", "a2", "2024-10"): 4}
    is_counted = "approved" in (BEFORE[act], state_of(store))
    more = {"count": {("due", "a1", "2024-10"): 7}, "import": {("loss", "b1", "2024-09"): 3}}
    counted = (expected if is_counted else {}) | more.get(act, {})
    assert values(read_facts(store, OPERATOR)) == counted


def test_fifty_people_file_at_once_and_nothing_is_lost(
    store: Store, where: tuple[str, str]
) -> None:
    """Five processes of ten threads each, all at the same record."""
    processes = [
        FORKED.Process(target=file_many, args=(*where, 10 * place, 10)) for place in range(5)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
    assert [process.exitcode for process in processes] == [0] * 5
    listed = submissions(store, OPERATOR)
    assert sorted(listed["unit"]) == [f"u{person:02d}" for person in range(50)]
    assert listed["receipt"].n_unique() == 50
    assert set(listed["state"]) == {"submitted"}
    assert audit.length(store) == 50
    assert verify(store) == []
    again = [FORKED.Process(target=file_many, args=(*where, 0, 10)) for _ in range(2)]
    for process in again:
        process.start()
    for process in again:
        process.join(120)
    assert audit.length(store) == 50, "the same content again files nothing"


def test_fifty_stations_confirm_the_rows_of_one_return_at_once(
    store: Store, where: tuple[str, str]
) -> None:
    """Five processes of ten threads; the last one to confirm passes the return on, once."""
    units = [f"u{number:02d}" for number in range(50)]
    rows = "\n".join(f"cases {unit} 2024-10 {n} C{n + 3}" for n, unit in enumerate(units))
    typist = replace(TYPIST, scope=frozenset({"a", *units}), reach=frozenset({"a", *units}))
    number = submit(store, typist, typed(rows)).number
    parts = [units[start : start + 10] for start in range(0, 50, 10)]
    at_once([(confirm_all_at_once, (*where, number, part)) for part in parts])
    (row,) = submissions(store, OPERATOR).rows(named=True)
    assert (row["state"], row["waits_for"], row["unconfirmed"]) == ("submitted", "county", [])
    said = confirmations(store, OPERATOR, number)
    assert sorted(said["by"]) == [f"clerk_{unit}" for unit in units]
    assert audit.length(store) == 51
    assert verify(store) == []


def test_of_many_reviewers_at_once_one_accepts(store: Store, where: tuple[str, str]) -> None:
    number = bring(store, "reviewed").number
    names = [f"judge{place}" for place in range(6)]
    at_once([(accept_at_once, (*where, number, part)) for part in (names[:3], names[3:])])
    last = steps_of(store, OPERATOR, number).filter(level="city")
    assert last["decision"].to_list() == ["accept"]
    assert state_of(store) == "approved"
    assert values(read_facts(store, OPERATOR)) == {
        ("cases", "a1", "2024-10"): 12,
        ("cases", "a2", "2024-10"): 4,
    }
    assert verify(store) == []


def at_once(tasks: list[tuple[object, tuple[object, ...]]]) -> None:
    """Run each task in a process of its own, all at the same time, and see that none failed."""
    processes = [FORKED.Process(target=task, args=args) for task, args in tasks]  # type: ignore[arg-type]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
    assert [process.exitcode for process in processes] == [0] * len(tasks)
