"""Does the log notice when somebody has changed the record behind its back?"""

import pytest

from data.access import OPERATOR, Viewer
from data.store import audit
from data.store.database import Store
from data.store.loading import import_facts
from data.store.record import review, submit
from tests.data.store.samples import FORM, checked, facts, source

CLERK = Viewer("wu", "statistician", "a1", frozenset({"a1"}))


@pytest.fixture
def busy(store: Store) -> Store:
    table = "cases a1 2024-09 12 C3\nloss a2 2024-09 0.1 C4"
    import_facts(store, OPERATOR, facts(table), FORM, source())
    receipt = submit(store, CLERK, checked("cases a1 2024-10 12 C3", "a1"))
    review(store, OPERATOR, receipt.number, accept=True)
    return store


def tamper(store: Store, statement: str) -> None:
    """Change the record as an intruder would: drop the guard first."""
    where = " ON {table}" if store.path is None else ""
    with store.engine.connect() as connection, connection.begin():
        for table in ("facts", "audit"):
            for act in ("update", "delete"):
                drop = f"DROP TRIGGER {table}_no_{act}" + where.format(table=table)
                connection.exec_driver_sql(drop)
        connection.exec_driver_sql(statement)


def test_an_untouched_record_is_sound(busy: Store) -> None:
    assert audit.verify(busy) == []
    assert audit.length(busy) == 3


def test_numbers_that_a_database_writes_in_its_own_way_stay_sound(store: Store) -> None:
    table = "loss a1 2024-09 -0.0\nloss a2 2024-09 1e-7\nloss a3 2024-09 12345678901.2345"
    import_facts(store, OPERATOR, facts(table), FORM, source())
    assert audit.verify(store) == []


@pytest.mark.parametrize(
    ("statement", "key"),
    [
        ("UPDATE facts SET value = 11 WHERE id = 1", "store.audit.facts"),
        ("DELETE FROM facts WHERE id = 3", "store.audit.facts"),
        ("INSERT INTO facts SELECT 9, measure, definition, unit, period, 5, submission, sheet, "
         "cell FROM facts WHERE id = 1", "store.audit.extra"),
        ("UPDATE audit SET actor = 'li' WHERE id = 2", "store.audit.changed"),
        ("DELETE FROM audit WHERE id = 2", "store.audit.broken"),
        ("UPDATE audit SET hash = 'x' WHERE id = 1", "store.audit.changed"),
        ("DELETE FROM audit WHERE id = 3", "store.audit.unlogged"),
    ],
)  # fmt: skip
def test_tampering_is_found(busy: Store, statement: str, key: str) -> None:
    tamper(busy, statement)
    assert key in [fault["key"] for fault in audit.verify(busy)]
