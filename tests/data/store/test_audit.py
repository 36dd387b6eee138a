"""Does the audit notice and name whatever somebody changed in the record behind its back?"""

import argparse
import datetime as dt
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

import kpi
from data.access import OPERATOR
from data.store import audit
from data.store.database import Store, open_store
from data.store.loading import import_facts
from data.store.record import answer, confirm, extend, lock, review, submit, unlock
from data.store.replay import read_detail
from data.store.verify import verify
from data.texts import text
from tests.conftest import TEMPLATE
from tests.data.store.desk import FIRST, HEAD, JUDGE, SECOND, SENT, TYPED, TYPIST, bring, typed
from tests.data.store.samples import FORM, checked, day, facts, source
from tests.postgres import Server

OCTOBER = dt.date(2024, 10, 1)
#: The receipts of the returns below, in the order of time.
FIRST_FILED, CORRECTION = "HJ-20241103-000002", "HJ-20241107-000003"
STATION = "HJ-20241108-000004"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def copies(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[Path], AbstractContextManager[str]]]:
    """Make the record below once in each kind of database, and give copies of it."""
    folder = tmp_path_factory.mktemp("audit")
    if request.param == "sqlite":
        path = folder / "record.db"
        fill(f"sqlite:///{path}")

        @contextmanager
        def copied(target: Path) -> Iterator[str]:
            yield f"sqlite:///{shutil.copy(path, target)}"

        yield copied
        return
    server: Server = request.getfixturevalue("postgres_server")
    with pytest.MonkeyPatch.context() as patch, server.database(TEMPLATE) as url:
        patch.setenv("KPI_SNAPSHOT", str(folder / "snapshot"))
        fill(url)
        name = url.split("@/")[1].split("?")[0]
        yield lambda _: server.database(name)


@pytest.fixture
def busy(
    copies: Callable[[Path], AbstractContextManager[str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Store]:
    monkeypatch.setenv("KPI_SNAPSHOT", str(tmp_path / "snapshot"))
    with copies(tmp_path) as url:
        store = open_store(url)
        yield store
        store.engine.dispose()


def fill(url: str) -> None:
    """Fill a record: history, a district's return and correction, a lock, a station's return."""
    store = open_store(url)
    store.init("Asia/Shanghai")
    history = "cases a1 2024-09 12 C3\nloss a2 2024-09 0.1 C4\ncases a2 2024-10 4 C9"
    import_facts(store, OPERATOR, facts(history), FORM, source(), day("2024-11-01"))
    number = submit(store, TYPIST, typed(queries=("C3",)), SENT, reason="seen again").number
    answer(store, TYPIST, number, "M02!C3", "seen in the ledger", day("2024-11-04"))
    confirm(store, FIRST, number, at=day("2024-11-04"))
    review(store, JUDGE, number, accept=True, at=day("2024-11-05"))
    review(store, HEAD, number, accept=True, at=day("2024-11-06"))
    extend(store, JUDGE, "M02", "a1", OCTOBER, dt.date(2024, 11, 9), "line down", SENT.date())
    more = typed(TYPED.replace("12", "13"))
    number = submit(store, TYPIST, more, day("2024-11-07"), reason="one came late").number
    confirm(store, FIRST, number, at=day("2024-11-07"))
    review(store, JUDGE, number, accept=False, reason="one more is missing", at=day("2024-11-07"))
    own = checked("cases a1 2024-11 7 C3", "a1", ("C3",))
    submit(store, FIRST, own, day("2024-11-08"))
    lock(store, HEAD, OCTOBER, day("2024-11-09"))
    unlock(store, HEAD, OCTOBER, "late cases", day("2024-11-10"))
    store.engine.dispose()


GUARDED = ("facts", "audit", "cells", "answers", "locks", "steps", "confirmations", "extensions")


def tamper(store: Store, statement: str) -> None:
    """Change the record as an intruder would: drop the guard first."""
    where = " ON {table}" if store.path is None else ""
    with store.engine.connect() as connection, connection.begin():
        for table in GUARDED:
            for act in ("update", "delete"):
                drop = f"DROP TRIGGER {table}_no_{act}" + where.format(table=table)
                connection.exec_driver_sql(drop)
        connection.exec_driver_sql(statement)


def test_an_untouched_record_is_sound(busy: Store) -> None:
    assert verify(busy) == []
    assert audit.length(busy) == 13


def test_numbers_that_a_database_writes_in_its_own_way_stay_sound(store: Store) -> None:
    table = "loss a1 2024-09 -0.0\nloss a2 2024-09 1e-7\nloss a3 2024-09 12345678901.2345"
    import_facts(store, OPERATOR, facts(table), FORM, source())
    assert verify(store) == []


OF_FIRST, OF_CORRECTION, OF_STATION = "submission = 2", "submission = 3", "submission = 4"
TAMPERED = [
    # the log itself
    ("UPDATE audit SET actor = 'li' WHERE id = 2", "changed", FIRST_FILED),
    ("UPDATE audit SET hash = 'x' WHERE id = 1", "changed", ""),
    ("UPDATE audit SET detail = 'x' WHERE id = 3", "changed", FIRST_FILED),
    ("DELETE FROM audit WHERE id = 2", "broken", FIRST_FILED),
    ("DELETE FROM audit WHERE id = 13", "row", "202410 open"),
    ("DELETE FROM audit WHERE id = 6", "column", FIRST_FILED),
    # facts
    ("UPDATE facts SET value = 11 WHERE id = 1", "facts", ""),
    ("UPDATE facts SET value = 11 WHERE id = 4", "cell_fact", FIRST_FILED),
    ("UPDATE facts SET submission = 3 WHERE id = 4", "facts", FIRST_FILED),
    ("DELETE FROM facts WHERE id = 3", "facts", ""),
    ("INSERT INTO facts SELECT 9, measure, definition, unit, period, 5, submission, sheet, "
     "cell FROM facts WHERE id = 4", "extra", FIRST_FILED),
    ("UPDATE codes SET code = 'thefts' WHERE code = 'cases'", "codes", ""),
    # what was filed
    ("UPDATE submissions SET file = 'other.xlsx' WHERE id = 2", "registered", FIRST_FILED),
    ("UPDATE submissions SET file = 'other.xlsx' WHERE id = 1", "registered", ""),
    ("UPDATE submissions SET due = '2024-12-31' WHERE id = 4", "registered", STATION),
    ("UPDATE submissions SET route = 'city' WHERE id = 3", "registered", CORRECTION),
    ("UPDATE submissions SET version = 3 WHERE id = 3", "column", CORRECTION),
    ("UPDATE submissions SET receipt = 'HJ-20241108-000009' WHERE id = 4", "gone", STATION),
    ("UPDATE submissions SET why = 'none' WHERE id = 3", "column", CORRECTION),
    (f"UPDATE cells SET value = 14 WHERE {OF_CORRECTION} AND unit = 'a1'", "cells", CORRECTION),
    (f"UPDATE cells SET cell = 'C7' WHERE {OF_FIRST} AND unit = 'a1'", "cell_fact", FIRST_FILED),
    (f"UPDATE cells SET written = '7起' WHERE {OF_STATION}", "cells", STATION),
    (f"UPDATE cells SET value = 5 WHERE {OF_FIRST} AND unit = 'a2'", "no_fact", FIRST_FILED),
    (f"DELETE FROM cells WHERE {OF_STATION}", "cells", STATION),
    (f"UPDATE findings SET message_en = 'fine' WHERE {OF_STATION}", "findings", STATION),
    (f"UPDATE findings SET answer = 'fine, I say' WHERE {OF_STATION}", "findings", STATION),
    # where it stands, and who decided
    ("UPDATE submissions SET state = 'approved' WHERE id = 4", "column", STATION),
    ("UPDATE submissions SET state = 'submitted', waits_for = 'county' WHERE id = 3",
     "column", CORRECTION),
    ("UPDATE submissions SET ready_at = '2024-11-01T00:00:00.000000Z' WHERE id = 2",
     "column", FIRST_FILED),
    ("UPDATE submissions SET reviewer = 'zhou' WHERE id = 2", "column", FIRST_FILED),
    ("UPDATE submissions SET vintage = '2024-11-01T00:00:00.000000Z' WHERE id = 2",
     "column", FIRST_FILED),
    ("DELETE FROM submissions WHERE id = 4", "gone", STATION),
    (f"DELETE FROM steps WHERE {OF_FIRST} AND level = 'county'", "gone", FIRST_FILED),
    (f"UPDATE steps SET decided_by = 'zhou' WHERE {OF_FIRST} AND level = 'city'", "row",
     FIRST_FILED),
    (f"UPDATE steps SET level = 'city' WHERE {OF_CORRECTION}", "differs", CORRECTION),
    (f"UPDATE steps SET reason = 'well done' WHERE {OF_CORRECTION}", "differs", CORRECTION),
    ("INSERT INTO steps (id, submission, level, decision, decided_by, decided_at) VALUES "
     "(99, 4, 'county', 'accept', 'zhao', '2024-11-09T00:00:00.000000Z')", "row", STATION),
    (f"DELETE FROM confirmations WHERE {OF_FIRST} AND decision = 'confirmed'", "gone",
     FIRST_FILED),
    (f"DELETE FROM confirmations WHERE {OF_CORRECTION} AND decision = 'asked'", "asked",
     CORRECTION),
    (f"UPDATE confirmations SET decided_by = 'qian' WHERE {OF_FIRST} AND decision = 'confirmed'",
     "differs", FIRST_FILED),
    (f"UPDATE answers SET answer = 'all is well' WHERE {OF_FIRST}", "differs", FIRST_FILED),
    (f"DELETE FROM answers WHERE {OF_FIRST}", "gone", FIRST_FILED),
    ("INSERT INTO answers (id, submission, sheet, cell, answer, answered_by, answered_at) VALUES "
     "(99, 4, 'M02', 'C3', 'all is well', 'wu', '2024-11-09T00:00:00.000000Z')", "row", STATION),
    # locks and more time
    ("DELETE FROM locks WHERE act = 'lock'", "gone", "2024-10"),
    ("UPDATE locks SET unit = 'a1' WHERE act = 'open'", "gone", "2024-10"),
    ("UPDATE locks SET reason = 'no cause' WHERE act = 'open'", "differs", "2024-10"),
    ("INSERT INTO locks (id, period, locked_by, locked_at, act) VALUES "
     "(99, 202411, 'sun', '2024-12-09T00:00:00.000000Z', 'lock')", "row", "202411 lock"),
    ("UPDATE extensions SET until = '2024-12-31'", "differs", "M02 a1"),
    ("DELETE FROM extensions", "gone", "M02 a1"),
]  # fmt: skip


@pytest.mark.parametrize(("statement", "kind", "subject"), TAMPERED)
def test_tampering_is_found_and_named(busy: Store, statement: str, kind: str, subject: str) -> None:
    tamper(busy, statement.replace("%", "%%") if busy.path is None else statement)
    faults = [f for f in verify(busy) if f["key"] == f"store.audit.{kind}"]
    assert faults
    assert any(str(fault["subject"]).startswith(subject) for fault in faults), faults
    for fault in faults:
        for lang in ("zh", "en"):
            said = {name: value for name, value in fault.items() if name != "key"}
            words = text(fault["key"], lang, **said)
            assert "{" not in words
            assert str(fault["subject"]) in words


def test_an_answer_changed_after_the_approval_is_found_by_the_command(
    busy: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    url = busy.url.render_as_string(hide_password=False)
    assert kpi.main(["--store", url, "audit", "verify"]) == 0
    tamper(busy, "UPDATE answers SET answer = 'all is well' WHERE submission = 2")
    capsys.readouterr()
    for lang, wanted in (("en", "explanation in row"), ("zh", "说明第")):
        assert kpi.main(["--store", url, "--lang", lang, "audit", "verify"]) == 1
        said = capsys.readouterr().err
        assert wanted in said
        assert FIRST_FILED in said


def test_a_return_from_before_hashes_were_kept_is_held_to_what_its_entry_says(
    busy: Store,
) -> None:
    """The log of an older record has no hashes of cells; the hash of what they say is enough."""
    tamper(busy, "SELECT 1")
    with busy.engine.connect() as connection, connection.begin():
        rows = connection.exec_driver_sql("SELECT * FROM audit ORDER BY id").mappings().all()
        previous = audit.START
        for row in rows:
            detail = read_detail(row["detail"])
            for name in ("registered", "cells", "findings", "asked", "codes", "decided"):
                detail.pop(name, None)
            entry = {**row, "detail": json.dumps(detail), "previous": previous}
            entry.pop("hash")
            previous = audit.entry_hash(entry)
            values = argparse.Namespace(**entry, hash=previous)
            connection.exec_driver_sql(
                "UPDATE audit SET detail = '{}', previous = '{}', hash = '{}' WHERE id = {}".format(
                    values.detail.replace("'", "''"), values.previous, values.hash, values.id
                )
            )
    assert verify(busy) == []
    with busy.engine.connect() as connection, connection.begin():
        connection.exec_driver_sql("UPDATE cells SET value = 14 WHERE submission = 3")
        connection.exec_driver_sql("UPDATE submissions SET state = 'approved' WHERE id = 4")
    assert {f["key"] for f in verify(busy)} >= {"store.audit.cells", "store.audit.column"}


def test_rows_of_a_unit_that_confirmed_before_need_no_second_confirmation(store: Store) -> None:
    bring(store, "approved")
    again = typed(TYPED.replace("4 C4", "5 C4"))
    number = submit(store, TYPIST, again, reason="one came late").number
    confirm(store, SECOND, number)
    review(store, JUDGE, number, accept=True)
    review(store, HEAD, number, accept=True)
    assert verify(store) == [], "one cell changed, the other stands as it was approved"
