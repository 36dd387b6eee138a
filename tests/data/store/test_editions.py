"""Are editions kept once and for all, in order, and vouched for by the log?"""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa

from data.access import OPERATOR, Viewer
from data.said import RefusedError, say
from data.store import audit
from data.store.database import Store, StoreError, store_version
from data.store.editions import (
    Edition,
    Hashes,
    dated_back,
    editions,
    find_edition,
    is_logged,
    make_edition,
    previous_of,
)
from data.store.loading import import_facts, lock
from tests.data.store.samples import FORM, day, facts, source

JANUARY = dt.date(2024, 1, 1)
HASHES = Hashes(2, "f" * 64, "a" * 64, {"cases": "0123456789abcdef"})
REVIEWER = Viewer("chen", "reviewer", "c", None)


def make(store: Store, name: str = "January", on: str = "2024-02-26", **other: object) -> Edition:
    given = {"viewer": REVIEWER, "version": store_version(store), "at": day(on)} | other
    return make_edition(
        store, given["viewer"], name, JANUARY, day(on), HASHES, {"revised": 1}, "digest",
        given["version"], "first", given["at"],
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
    assert audit.verify(filled) == []


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
    for act in ("UPDATE editions SET note = 'x'", "DELETE FROM editions"):
        with pytest.raises(sa.exc.IntegrityError, match="editions only grows"):
            run_sql(act)


def test_a_record_that_was_tampered_with_is_not_vouched_for(
    filled: Store, run_sql: Callable[..., None]
) -> None:
    make(filled)
    if filled.path is not None:
        run_sql("DROP TRIGGER editions_no_update")
    else:
        run_sql("ALTER TABLE editions DISABLE TRIGGER ALL")
    run_sql(f"UPDATE editions SET figures_hash = '{'e' * 64}'")
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
