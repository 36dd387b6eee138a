"""Does a record of any age come to today's structure, whole or not at all?"""

import datetime as dt
from pathlib import Path

import pytest
import sqlalchemy as sa

from data.access import OPERATOR, Viewer
from data.said import say
from data.store import audit, migrations
from data.store.database import Store, StoreError, open_store, store_version
from data.store.editions import Definitions, Hashes, editions, is_logged, kept_structure
from data.store.filed import submissions
from data.store.loading import import_facts
from data.store.migrations import SCHEMA_VERSION
from data.store.record import answer, review, unlock
from data.store.snapshot import read_facts
from data.store.tables import METADATA
from data.store.verify import verify
from tests.data.store.samples import FORM, facts, source, values

VERSION_1 = Path(__file__).parent / "version_1"


@pytest.fixture
def old_store(empty_url: str) -> Store:
    """Return a record as the first version of the program left it, with three submissions."""
    store = open_store(empty_url)
    for name in (store.engine.dialect.name, "rows"):
        script = (VERSION_1 / f"{name}.sql").read_text("utf-8")
        with store.engine.connect() as connection, connection.begin():
            for statement in script.split(";\n"):
                if statement.strip():
                    connection.exec_driver_sql(whole(statement))
    if store.engine.dialect.name == "postgresql":
        with store.engine.connect() as connection, connection.begin():
            for table in ("cells", "findings", "locks"):  # rows.sql names the ids itself
                connection.exec_driver_sql(
                    f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), 100)"
                )
    return store


def whole(statement: str) -> str:
    """Return a statement with the end that belongs to its body."""
    return statement + ";" if statement.rstrip().upper().endswith("; END") else statement


def columns(store: Store) -> dict[str, set[tuple[str, bool]]]:
    """Return what each table of a record really has: its columns, and which may be empty."""
    with store.engine.connect() as connection:
        found = sa.inspect(connection)
        return {
            table: {(column["name"], column["nullable"]) for column in found.get_columns(table)}
            for table in found.get_table_names()
        }


def indexes(store: Store) -> set[str]:
    with store.engine.connect() as connection:
        found = sa.inspect(connection)
        return {
            str(index["name"])
            for table in found.get_table_names()
            for index in found.get_indexes(table)
            if not index["unique"]
        }


def test_the_steps_make_what_the_tables_say(store: Store) -> None:
    told = {
        table.name: {(column.name, bool(column.nullable)) for column in table.columns}
        for table in METADATA.sorted_tables
    }
    assert columns(store) == told
    named = {str(index.name) for table in METADATA.sorted_tables for index in table.indexes}
    assert indexes(store) == named
    assert store.structure() == SCHEMA_VERSION


def test_an_older_record_says_what_to_do_and_comes_up_to_date(old_store: Store) -> None:
    assert old_store.structure() == 1
    with pytest.raises(StoreError) as caught:
        store_version(old_store)
    for lang in ("zh", "en"):
        assert "kpi init" in say(caught.value, lang)
    assert old_store.init("UTC") is False
    assert (old_store.structure(), old_store.timezone) == (SCHEMA_VERSION, "Asia/Shanghai")
    assert columns(old_store).keys() == set(METADATA.tables)
    assert indexes(old_store) >= {"ix_submissions_return"}


def test_what_an_older_record_held_is_still_there_and_sound(old_store: Store) -> None:
    old_store.init()
    assert values(read_facts(old_store, OPERATOR)) == {
        ("cases", "a1", "2024-09"): 12,
        ("loss", "a2", "2024-09"): 0.1,
        ("cases", "a1", "2024-10"): 12,
    }
    assert submissions(old_store, OPERATOR)["state"].to_list() == ["checked", "approved"] + [
        "approved"
    ]
    import_facts(old_store, OPERATOR, facts("cases a1 2024-10 13 C3"), FORM, source())
    assert values(read_facts(old_store, OPERATOR))["cases", "a1", "2024-10"] == 13
    assert verify(old_store) == []


def test_an_edition_from_before_bases_stands_on_now_and_is_still_vouched_for(
    old_store: Store,
) -> None:
    """A record at step 3 with an edition: afterwards it is the one it was, on today's units."""
    with old_store.engine.connect() as connection, connection.begin():
        for number in (2, 3):
            migrations.STEPS[number - 1](connection)
        migrations.run(
            connection,
            "UPDATE meta SET value = '3' WHERE key = 'schema_version'",
            "INSERT INTO editions (name, period, as_of, state, definitions, figures, "
            "figures_hash, facts_hash, last_fact, parts, revised, note, made_by, made_at) VALUES "
            "('October', 202410, '2024-11-26T00:00:00.000000Z', 'final', 'd', 2, 'f', 'a', 3, "
            """'{"cases": "0123"}', '{}', 'first', 'chen', '2024-11-26T00:00:00.000000Z')""",
        )
        said = {"as_of": "2024-11-26T00:00:00.000000Z", "definitions": "d", "period": 202410}
        hashes = {"figures_hash": "f", "facts_hash": "a", "previous": None, "note": "first"}
        moment = dt.datetime(2024, 11, 26, tzinfo=dt.UTC)
        chen = Viewer("chen", "reviewer", "", None)
        audit.append(connection, chen, "edition", "October", moment, **said, **hashes)
    assert old_store.init() is False
    (found,) = editions(old_store)
    assert found.hashes == Hashes(2, "f", "a", {"cases": "0123"}, "now", "")
    assert found.definitions == Definitions("d")
    assert kept_structure(old_store, found) == ""
    assert is_logged(old_store, found)
    assert verify(old_store) == []


@pytest.mark.parametrize("table", ["facts", "audit", "cells", "locks"])
def test_an_older_record_still_refuses_changes(old_store: Store, table: str) -> None:
    old_store.init()
    for act in (f"UPDATE {table} SET id = 99", f"DELETE FROM {table}"):
        with (
            pytest.raises(sa.exc.IntegrityError, match=f"{table} only grows"),
            old_store.engine.connect() as connection,
            connection.begin(),
        ):
            connection.exec_driver_sql(act)


def test_a_step_that_fails_leaves_the_record_as_it_was(
    old_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half_done(connection: sa.Connection) -> None:
        migrations.run(connection, "CREATE TABLE half (id {number})")
        migrations.run(connection, "CREATE TABLE half (id {number})")

    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, half_done))
    monkeypatch.setattr(migrations, "SCHEMA_VERSION", SCHEMA_VERSION + 1)
    before = columns(old_store), indexes(old_store)
    with pytest.raises(StoreError, match="half"):
        old_store.init()
    assert (columns(old_store), indexes(old_store)) == before
    assert old_store.structure() == 1


def test_a_step_added_later_reaches_a_record_of_today(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def one_more(connection: sa.Connection) -> None:
        migrations.run(connection, "CREATE TABLE notes (id {number}, words VARCHAR NOT NULL)")
        migrations.guard(connection, "notes")

    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, one_more))
    monkeypatch.setattr(migrations, "SCHEMA_VERSION", SCHEMA_VERSION + 1)
    monkeypatch.setattr("data.store.database.SCHEMA_VERSION", SCHEMA_VERSION + 1)
    assert store.init() is False
    assert store.structure() == SCHEMA_VERSION + 1
    assert "notes" in columns(store)


def test_what_waited_in_an_older_record_waits_for_one_acceptance_as_before(
    old_store: Store,
) -> None:
    old_store.init()
    waiting, approved = submissions(old_store, OPERATOR).filter(kind="return").rows(named=True)
    assert (waiting["state"], waiting["steps"], waiting["late"]) == ("checked", [], None)
    assert (approved["ready_at"], waiting["ready_at"]) == (approved["submitted_at"], None)
    answer(old_store, OPERATOR, waiting["receipt"], "C3", "seen in the ledger")
    judge = Viewer("zhao", "reviewer", "a", frozenset({"a", "a1"}), judges=frozenset({"county"}))
    with pytest.raises(StoreError, match="2024-11"):
        unlock(old_store, OPERATOR, dt.date(2024, 11, 1), "late cases")
    assert review(old_store, judge, waiting["receipt"], accept=True).state == "approved"
    unlock(old_store, OPERATOR, dt.date(2024, 9, 1), "late cases")
    assert verify(old_store) == []
