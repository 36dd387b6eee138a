"""Does what the product counts enter the record once, with its lock, and only where it changed?"""

import datetime as dt

import polars as pl
import pytest

from data.access import OPERATOR, Viewer
from data.said import RefusedError
from data.store import audit
from data.store.counting import Count, record_counts
from data.store.database import Store, StoreError
from data.store.lineage import read_lineage
from data.store.record import import_facts, lock, submissions, unlock
from data.store.snapshot import read_facts
from data.store.verify import verify
from tests.data.store.desk import HEAD, JUDGE, LEADER, TYPIST, bring
from tests.data.store.samples import FORM, day, facts, source, values

OCTOBER = dt.date(2024, 10, 1)
COUNTED = "due a1 2024-10 7\ndue a2 2024-10 7\nontime a1 2024-10 6\nontime a2 2024-10 7"
LOCKED = day("2024-11-25")


def gives(table: str) -> Count:
    """Return what counts a month as the table has it."""
    return lambda moment: facts(table)


def known(store: Store, as_of: str | None = None) -> dict[tuple[str, str], float]:
    """Return what the record says of the counts, as known at the end of a day."""
    end = dt.date.fromisoformat(as_of) if as_of else None
    found = values(read_facts(store, OPERATOR, ["due", "ontime"], as_of=end))
    return {key[:2]: value for key, value in found.items()}


def test_counts_enter_with_the_lock_and_are_final(store: Store) -> None:
    bring(store, "approved")
    before = audit.length(store)
    assert lock(store, HEAD, OCTOBER, LOCKED, count=gives(COUNTED), definitions="d1") == 1
    wanted = {("due", "a1"): 7, ("due", "a2"): 7, ("ontime", "a1"): 6, ("ontime", "a2"): 7}
    assert known(store) == wanted
    assert set(read_facts(store, OPERATOR, ["due"])["status"]) == {"final"}
    (row,) = submissions(store, OPERATOR).filter(kind="system").rows(named=True)
    told = {name: row[name] for name in ("file", "form", "version", "state", "submitted_by")}
    assert told == {"file": "system", "form": "system", "version": 1, "state": "approved",
                    "submitted_by": "sun"}  # fmt: skip
    assert (row["vintage"], row["facts"], row["definitions"]) == (LOCKED, 4, "d1")
    assert audit.length(store) == before + 2, "the count, then the lock"
    assert verify(store) == []


def test_counted_anew_only_what_changed_has_a_new_vintage(store: Store) -> None:
    bring(store, "approved")
    lock(store, HEAD, OCTOBER, LOCKED, count=gives(COUNTED))
    unlock(store, HEAD, OCTOBER, "a late case", day("2024-12-01"))
    again = COUNTED.replace("ontime a1 2024-10 6", "ontime a1 2024-10 5")
    assert lock(store, HEAD, OCTOBER, day("2024-12-02"), count=gives(again)) == 1
    assert known(store, "2024-11-30")["ontime", "a1"] == 6
    assert known(store)["ontime", "a1"] == 5
    history = read_lineage(store, OPERATOR, ["due", "ontime"])
    assert history.height == 5
    last = history.filter(pl.col("value") == 5).row(0, named=True)
    assert (last["file"], last["version"], last["reviewer"]) == ("system", 2, "sun")
    before = audit.length(store)
    lock(store, HEAD, OCTOBER, day("2024-12-03"), count=gives(again))
    assert audit.length(store) == before + 1, "locked again, nothing counted differently"
    assert verify(store) == []


def test_what_is_not_counted_any_more_is_withdrawn_and_imports_are_left_alone(
    store: Store,
) -> None:
    import_facts(store, OPERATOR, facts("due b1 2024-10 4"), FORM, source(), day("2024-11-20"))
    record_counts(store, OPERATOR, OCTOBER, gives(COUNTED), at=LOCKED)
    fewer = COUNTED.replace("due a2 2024-10 7\n", "")
    assert record_counts(store, OPERATOR, OCTOBER, gives(fewer), at=day("2024-11-26")) == 1
    found = known(store)
    assert ("due", "a2") not in found
    assert found["due", "b1"] == 4
    assert ("due", "a2") in known(store, "2024-11-25")
    assert record_counts(store, OPERATOR, OCTOBER, gives(""), at=day("2024-11-26")) == 3
    assert known(store) == {("due", "b1"): 4}
    replaced = "due b1 2024-10 5\n" + fewer
    assert record_counts(store, OPERATOR, OCTOBER, gives(replaced), at=day("2024-11-27")) == 4
    assert known(store)["due", "b1"] == 5
    assert verify(store) == []


def test_nothing_is_counted_with_the_lock_of_a_form_or_a_unit(store: Store) -> None:
    bring(store, "approved")
    lock(store, HEAD, OCTOBER, LOCKED, form="M02", count=gives(COUNTED))
    lock(store, HEAD, OCTOBER, LOCKED, units=["a1"], count=gives(COUNTED))
    assert known(store) == {}


def test_a_count_that_fails_leaves_the_month_open(store: Store) -> None:
    bring(store, "approved")
    before = audit.length(store)

    def fail(moment: dt.datetime) -> pl.DataFrame:
        raise StoreError(key="store.error.no_reason")

    with pytest.raises(StoreError):
        lock(store, HEAD, OCTOBER, LOCKED, count=fail)
    assert audit.length(store) == before
    assert set(read_facts(store, OPERATOR)["status"]) == {"provisional"}


def test_the_same_count_twice_writes_nothing(store: Store) -> None:
    assert record_counts(store, OPERATOR, OCTOBER, gives(COUNTED), at=LOCKED) == 4
    before, version = audit.length(store), store.meta("version")
    assert record_counts(store, OPERATOR, OCTOBER, gives(COUNTED)) == 0
    assert (audit.length(store), store.meta("version")) == (before, version)


@pytest.mark.parametrize("viewer", [JUDGE, LEADER, TYPIST])
def test_who_does_not_run_the_bureau_s_record_may_not_count(store: Store, viewer: Viewer) -> None:
    with pytest.raises(RefusedError, match=viewer.name):
        record_counts(store, viewer, OCTOBER, gives(COUNTED))
    assert known(store) == {}


def test_an_administrator_may(store: Store) -> None:
    keeper = Viewer("chen", "administrator", "root", None)
    assert record_counts(store, keeper, OCTOBER, gives(COUNTED)) == 4
