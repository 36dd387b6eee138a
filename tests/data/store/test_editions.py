"""Are editions kept once and for all, in order, and vouched for by the log?"""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa

from data.access import OPERATOR, Viewer
from data.catalog import load_catalog
from data.said import RefusedError, say
from data.store.database import Store, StoreError, store_version
from data.store.editions import (
    Edition,
    Hashes,
    dated_back,
    editions,
    find_edition,
    is_logged,
    kept_structure,
    last_on,
    make_edition,
    previous_of,
)
from data.store.record import import_facts, lock
from data.store.tables import STRUCTURES
from data.store.verify import verify
from data.structure import structure_text
from tests.data.store.samples import FORM, day, facts, source

JANUARY = dt.date(2024, 1, 1)
HASHES = Hashes(2, "f" * 64, "a" * 64, {"cases": "0123456789abcdef"})
REVIEWER = Viewer("chen", "reviewer", "c", None)


def make(store: Store, name: str = "January", on: str = "2024-02-26", **other: object) -> Edition:
    given = {"viewer": REVIEWER, "version": store_version(store), "at": day(on)} | other
    given = {"hashes": HASHES, "catalog": load_catalog()} | given
    return make_edition(
        store, given["viewer"], name, JANUARY, day(on), given["hashes"], {"revised": 1},
        given["catalog"], given["version"], "first", given["at"],
    )  # fmt: skip


@pytest.fixture
def filled(store: Store) -> Store:
    import_facts(
        store, OPERATOR, facts("cases a1 2024-01 10 C3"), FORM, source(), day("2024-02-05")
    )
    return store


def test_an_edition_is_kept_with_its_hashes_and_logged(filled: Store) -> None:
    made = make(filled)
    assert (made.name, made.period, made.state) == ("January", JANUARY, "provisional")
    assert (made.as_of, made.made_by, made.note) == (day("2024-02-26"), "chen", "first")
    assert made.hashes == HASHES
    assert made.revised == {"revised": 1}
    assert editions(filled) == [made]
    assert is_logged(filled, made)
    assert verify(filled) == []


def test_basis_salt_and_structure_are_kept_with_it_and_each_structure_once(filled: Store) -> None:
    definitions = load_catalog()
    then = replace(HASHES, basis="then", salt="s" * 32)
    first = make(filled, "January then", hashes=then)
    second = make(filled, "February then", "2024-03-26", hashes=then)
    assert (first.hashes, second.hashes) == (then, then)
    assert first.definitions.digest == definitions.digest
    assert first.definitions.but_units == definitions.digest_but_units
    assert first.definitions.structure == second.definitions.structure
    assert kept_structure(filled, first) == structure_text(definitions)
    fewer = replace(definitions, successions=())
    third = make(filled, "March then", "2024-04-26", hashes=then, catalog=fewer)
    assert kept_structure(filled, third) == structure_text(fewer)
    with filled.read() as connection:
        assert connection.execute(sa.select(sa.func.count(STRUCTURES.c.id))).scalar_one() == 2
    assert all(is_logged(filled, item) for item in editions(filled))


def test_editions_of_each_basis_follow_their_own(filled: Store) -> None:
    then = replace(HASHES, basis="then")
    make(filled)
    assert make(filled, "January then", hashes=then).previous == ""
    assert make(filled, "February", "2024-03-26").previous == "January"
    assert make(filled, "February then", "2024-03-26", hashes=then).previous == "January then"
    assert last_on(editions(filled), "then") == find_edition(filled, "February then")
    assert last_on([], "now") is None


def test_figures_alone_have_no_matched_edition(filled: Store) -> None:
    with pytest.raises(StoreError) as caught:
        make(filled, hashes=replace(HASHES, basis="matched"))
    assert caught.value.key == "edition.error.basis"
    assert "matched" in say(caught.value, "zh")


def test_an_edition_after_the_lock_is_final(filled: Store) -> None:
    lock(filled, OPERATOR, JANUARY, day("2024-02-25"))
    assert make(filled).state == "final"


def test_editions_follow_each_other(filled: Store) -> None:
    first, second = make(filled), make(filled, "February", "2024-03-26")
    assert (first.previous, second.previous) == ("", "January")
    assert previous_of(filled, second) == first
    assert previous_of(filled, first) is None
    assert find_edition(filled, " january ") == first
    with pytest.raises(StoreError, match="Febuary") as caught:
        find_edition(filled, "Febuary")
    assert "February" in say(caught.value, "en")


@pytest.mark.parametrize(
    ("name", "on", "key"),
    [
        ("January", "2024-03-26", "edition.error.twice"),
        ("Before", "2024-02-20", "edition.error.order"),
        (" ", "2024-03-26", "edition.error.name"),
        ("x" * 81, "2024-03-26", "edition.error.name"),
    ],
)
def test_what_cannot_be_an_edition_is_refused(filled: Store, name: str, on: str, key: str) -> None:
    make(filled)
    with pytest.raises(StoreError) as caught:
        make(filled, name, on)
    assert caught.value.key == key
    assert len(editions(filled)) == 1


def test_nothing_is_kept_if_figures_came_in_while_it_was_computed(filled: Store) -> None:
    with pytest.raises(StoreError) as caught:
        make(filled, version=store_version(filled) - 1)
    assert caught.value.key == "edition.error.changed"
    assert editions(filled) == []


@pytest.mark.parametrize(
    "viewer",
    [
        Viewer("li", "leader", "c", None),
        Viewer("zhao", "reviewer", "a", frozenset({"a", "a1"})),
        Viewer("wu", "statistician", "c", None),
    ],
)
def test_only_a_reviewer_of_the_whole_bureau_makes_one(filled: Store, viewer: Viewer) -> None:
    with pytest.raises(RefusedError):
        make(filled, viewer=viewer)
    assert editions(filled) == []


def test_an_edition_is_never_changed_or_deleted(
    filled: Store, run_sql: Callable[..., None]
) -> None:
    make(filled)
    for table in ("editions", "structures"):
        for act in (f"UPDATE {table} SET id = 9", f"DELETE FROM {table}"):
            with pytest.raises(sa.exc.IntegrityError, match=f"{table} only grows"):
                run_sql(act)


@pytest.mark.parametrize(
    "act",
    [
        "UPDATE editions SET figures_hash = 'e'",
        "UPDATE editions SET basis = 'then'",
        "UPDATE editions SET salt = ''",
        "UPDATE editions SET structure = ''",
        "UPDATE editions SET definitions = 'e'",
        "UPDATE editions SET definitions_but_units = 'e'",
        "UPDATE structures SET content = '{}'",
    ],
)
def test_a_record_that_was_tampered_with_is_not_vouched_for(
    filled: Store, run_sql: Callable[..., None], act: str
) -> None:
    make(filled, hashes=replace(HASHES, salt="s"))
    table = act.split()[1]
    if filled.path is not None:
        run_sql(f"DROP TRIGGER {table}_no_update")
    else:
        run_sql(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
    run_sql(act)
    (found,) = editions(filled)
    assert not is_logged(filled, found)


def test_cells_that_come_later_but_are_dated_before_are_counted(filled: Store) -> None:
    made = make(filled)
    other = facts("loss a1 2024-01 3 E3\nloss a1 2024-03 3 E3")
    assert dated_back(filled, made) == 0
    import_facts(
        filled, OPERATOR, facts("cases a1 2024-01 11 C3"), FORM, source(), day("2024-03-05")
    )
    assert dated_back(filled, made) == 0
    late = replace(FORM, code="M09")
    import_facts(filled, OPERATOR, other, late, source("late"), day("2024-02-10"))
    assert dated_back(filled, made) == 1
