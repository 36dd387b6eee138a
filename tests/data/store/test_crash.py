"""Does a process that is killed in the middle of an act leave the old state or the new one?

Each act runs in a process of its own that is killed, by SIGKILL, before its first statement, before
its second, and so on to its commits, until it runs through.
"""

import multiprocessing
import signal
from pathlib import Path

import pytest
import sqlalchemy as sa

from data.access import OPERATOR
from data.store import audit
from data.store.database import Store
from data.store.record import submissions
from data.store.snapshot import read_facts
from data.store.tables import METADATA
from data.store.verify import verify
from tests.data.store.acting import ACTS, act_and_die, file_many
from tests.data.store.desk import bring
from tests.data.store.samples import values

BEFORE = {
    **{"submit": "confirming", "answer": "checked", "confirm": "confirming"},
    **{"refuse": "confirming", "pass": "submitted", "accept": "reviewed"},
    **{"return": "submitted", "lock": "approved", "unlock": "approved", "count": "approved"},
}
MOST = 80
FORKED = multiprocessing.get_context("forkserver")
FORKED.set_forkserver_preload(["tests.data.store.acting"])


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
    counted = expected if act in ("accept", "lock", "unlock", "count") else {}
    counted = counted | ({("due", "a1", "2024-10"): 7} if act == "count" else {})
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
